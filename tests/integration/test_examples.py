"""The examples: what they print, and that their committed binaries are those of the sources beside them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiling import ROOT, compile_asc

EXAMPLES = ROOT / "examples"

QUICKSTART = """\
hello, michael
1.0 2.0
line 1 19 Line(s='a longer line')
notes: 2 lines, 19 characters
['line 1', 'appended', 'a longer line'] Line(s='a longer line')
the line is longer than 20
notes+empty True
Map({'to': 2, 'be': 3, 'or': 1, 'not': 1}) False
"""

NEWSROOM = """\
glossary
  wasmbind.console: paragraph 0: 2 words so far
  wasmbind.console: paragraph 1: 2 words so far
  explained: 'Most plug-ins are AS (AssemblyScript) compiled to wasm (WebAssembly)\\nYes', tags ['AS', 'wasm']
shout
  threw 'there is no word 1'
    newsroom.py:87, in main: publish(plugin)
    newsroom.py:66, in publish: text[number] = each(paragraph, number)
    shout.ts:15, in shout: words[1] = new Emphasis(words).of(1);
    shout.ts:8, in Emphasis#of: if (index >= this.words.length) throw new RangeError(`there is no word ${index}`);
endless
  went beyond its timeout
    newsroom.py:87, in main: publish(plugin)
    newsroom.py:68, in publish: verdict = plugin.review(article)
    endless.ts:8, in review: while (length != 1) length = length % 2 ? 3 * length + 2 : length / 2; // "+ 2" \
should have been "+ 1"
hungry
  went beyond its memory
    newsroom.py:87, in main: publish(plugin)
    newsroom.py:68, in publish: verdict = plugin.review(article)
nosy
  refused: Nosy import os.send, an import of a function (i32, i32) -> void
  refused: Nosy import os.readFile, an import of a function (i32) -> i32
"""


DYNAMIC = """\
File, Line, count, helloworld
hello, michael
1.0 2.0
File(lines=Array([Line(s='line 1'), Line(s='a longer line')]), size=19, name='notes', limit=20) a longer line True
2
['zero', 'two'] Array<Line>
"""


@pytest.mark.parametrize(
    ("file", "printed"),
    [("quickstart.py", QUICKSTART), ("dynamic.py", DYNAMIC), ("plugins/newsroom.py", NEWSROOM)],
)
def test_examples_print_what_their_modules_answer(tmp_path: Path, file: str, printed: str) -> None:
    """An example runs without Node.js, from any folder, with warnings as errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / file)],
        cwd=tmp_path,
        env={**os.environ, "PATH": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == (printed, "", 0)


PLUGINS = [("glossary", False), ("shout", True), ("endless", True), ("hungry", False), ("nosy", False)]


@pytest.mark.parametrize(
    ("name", "has_map", "options"),
    [("quickstart", True, ["-O2"]), *((f"plugins/{name}", has_map, ["-O2", "--debug"]) for name, has_map in PLUGINS)],
)
def test_binaries_are_those_of_their_sources(name: str, has_map: bool, options: list[str]) -> None:
    """A committed binary is, byte for byte, what the pinned compiler makes of the source beside it."""
    made = compile_asc(EXAMPLES / f"{name}.ts", *options, "--sourceMap", transform=True)
    remade = f"compile it again, in its folder: wasmbind build {Path(name).name}.ts -- {' '.join(options)}"
    assert (EXAMPLES / f"{name}.wasm").read_bytes() == made.read_bytes(), remade
    kept = EXAMPLES / f"{name}.wasm.map"
    assert kept.exists() == has_map
    if has_map:
        assert json.loads(kept.read_bytes()) == json.loads(made.with_suffix(".wasm.map").read_bytes()), remade
