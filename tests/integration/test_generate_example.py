"""The example module: generate its declarations, check a program that uses them, run it; nothing is edited."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiling import ASSEMBLY, ROOT, find_node

PYRIGHT = ASSEMBLY / "node_modules" / "pyright" / "index.js"
PROGRAM = '''
"""Uses the generated declarations."""

from typing import assert_type

from declared import File, Line, Quickstart


def main() -> None:
    with Quickstart() as module:
        print(module.helloworld("michael"))
        file = File("notes", 20)
        print(file.addLine(Line("line 1")), file.addLine(Line("a longer line")))
        print(file.lines[0].s, file.size, file.longest, file.limit)
        file.lines.append(Line("appended"))
        assert_type(file.lines[0], Line)
        assert_type(file.longest, Line | None)
        file.lines = [Line("only")]
        print(file.lines, (file + module[File]("empty")).name)
        words = module.count("to be or not to be")
        words["be"] += 1
        print(words["be"], words.has("never"), words.size)


main()
'''
PRINTED = """\
hello, michael
1.0 2.0
line 1 19 Line(s='a longer line') 20
Array([Line(s='only')]) notes+empty
3 False 4
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the binary, its declarations, and the program."""
    folder = tmp_path_factory.mktemp("example")
    (folder / "quickstart.wasm").write_bytes((ROOT / "examples" / "quickstart.wasm").read_bytes())
    command = [sys.executable, "-m", "wasmbind", "generate", "quickstart.wasm", "-o", "declared.py"]
    subprocess.run(command, cwd=folder, check=True)
    (folder / "program.py").write_text(PROGRAM.lstrip(), encoding="utf-8")
    return folder


def run(folder: Path, *command: str) -> tuple[int, str]:
    """The exit status of a program, and what it prints."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout + done.stderr


def test_it_runs(folder: Path) -> None:
    """The program does what it says, with warnings as errors."""
    assert run(folder, sys.executable, "-W", "error", "program.py") == (0, PRINTED)


def test_mypy(folder: Path) -> None:
    """By mypy --strict nothing is found in either file."""
    cache = ("--config-file=", "--cache-dir", str(ROOT / ".cache" / "mypy-generated"))
    status, printed = run(folder, sys.executable, "-m", "mypy", *cache, "--strict", "program.py", "declared.py")
    assert (status, printed) == (0, "Success: no issues found in 2 source files\n")


def test_pyright(folder: Path) -> None:
    """Pyright finds nothing in either file, in its strict mode."""
    settings = {"include": ["*.py"], "extraPaths": [str(ROOT)], "typeCheckingMode": "strict"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    options = ("--pythonpath", sys.executable, "--outputjson", "--project", ".")
    assert json.loads(run(folder, find_node(), str(PYRIGHT), *options)[1])["generalDiagnostics"] == []


def test_check(folder: Path) -> None:
    """`wasmbind check` finds nothing."""
    assert run(folder, sys.executable, "-m", "wasmbind", "check", "declared.py")[0] == 0
