"""The examples: what they print, and that their committed binaries are those of the sources beside them."""

import os
import subprocess
import sys
from pathlib import Path

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


def test_quickstart_prints_what_the_module_answers(tmp_path: Path) -> None:
    """The quickstart runs without Node.js, from any folder, with warnings as errors."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / "quickstart.py")],
        cwd=tmp_path,
        env={**os.environ, "PATH": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == (QUICKSTART, "", 0)


def test_quickstart_binary_is_that_of_its_source() -> None:
    """The committed binary is, byte for byte, what the pinned compiler makes of the source beside it."""
    made = compile_asc(EXAMPLES / "quickstart.ts", "-O2", "--sourceMap", transform=True)
    assert (EXAMPLES / "quickstart.wasm").read_bytes() == made.read_bytes(), (
        "compile it again, in examples/: wasmbind build quickstart.ts -- -O2"
    )
