"""Both type checkers: the right programs pass, the wrong ones get exactly the errors that their comments say.

In `wrong/` the comments above a wrong line say what each checker reports there, with the rule at the end::

    # mypy says: Argument 1 to "add" of "Calls" has incompatible type "str"; expected "int" [arg-type]
    # pyright says: Argument of type "Literal['1']" cannot be assigned to parameter "a" of type "int" in
    # function "add" "Literal['1']" is not assignable to "int" (reportArgumentType)
    calls.add("1", 2)

A message may go on in the next comment line; where it is broken does not matter.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from tests.compiling import ASSEMBLY, ROOT, find_node

Checker = Literal["mypy", "pyright"]

HERE = Path(__file__).resolve().parent
RIGHT = sorted(HERE.glob("right_*.py"))
WRONG = sorted((HERE / "wrong").glob("*.py"))
PYRIGHT = ASSEMBLY / "node_modules" / "pyright" / "index.js"
SAYS = re.compile(r"# (mypy|pyright) says: (.*)")
FEWEST_WRONG_LINES = 40


class Finding(NamedTuple):
    """An error, the file and line it stands on, and its message with single spaces."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def finding(file: str, line: int, message: str) -> Finding:
    """A finding; line breaks and indentation inside a message are left to each checker's printer."""
    return Finding(Path(file).name, line, " ".join(message.split()))


def expected(checker: Checker, file: Path) -> Iterator[Finding]:
    """What the comments of a wrong program say that a checker finds in it."""
    speaker = ""
    said: dict[str, list[str]] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        opening = SAYS.fullmatch(text)
        if opening:
            speaker = opening[1]
            said.setdefault(speaker, []).append(opening[2])
        elif text.startswith("#") and speaker:
            said[speaker][-1] += text[1:]
        elif text:
            yield from (finding(file.name, number, message) for message in said.get(checker, []))
            speaker, said = "", {}


def run(*command: str) -> str:
    """What a checker prints; that it finds errors is its business."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode in (0, 1), f"{command[0]} failed:\n{done.stdout}{done.stderr}"
    return done.stdout


def run_mypy(files: list[Path]) -> Iterator[Finding]:
    """Every error that mypy --strict, with the project's configuration, finds in the files themselves."""
    named = {str(file.relative_to(ROOT)): file for file in files}
    for line in run(sys.executable, "-m", "mypy", "--strict", "--output=json", *named).splitlines():
        found: dict[str, Any] = json.loads(line)
        if found["severity"] == "error" and found["file"] in named:
            yield finding(found["file"], found["line"], f"{found['message']} [{found['code']}]")


def run_pyright(files: list[Path], folder: Path) -> Iterator[Finding]:
    """Every error that pyright finds in the files, in its standard mode.

    The project's own configuration leaves the wrong programs out, so there is one for this run.
    """
    configuration = folder / "pyrightconfig.json"
    include = [os.path.relpath(file, folder) for file in files]  # pyright takes relative paths only
    settings = {"include": include, "extraPaths": [str(ROOT)], "pythonVersion": "3.11"}
    configuration.write_text(json.dumps(settings), encoding="utf-8")
    options = ("--outputjson", "--pythonpath", sys.executable, "--project", str(configuration))
    for found in json.loads(run(find_node(), str(PYRIGHT), *options))["generalDiagnostics"]:
        line = found["range"]["start"]["line"] + 1
        yield finding(found["file"], line, f"{found['message']} ({found.get('rule', 'error')})")


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """What each checker reports for all programs, in one run each."""
    files = [*RIGHT, *WRONG]
    return {
        "mypy": sorted(run_mypy(files)),
        "pyright": sorted(run_pyright(files, tmp_path_factory.mktemp("pyright"))),
    }


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
@pytest.mark.parametrize("file", RIGHT, ids=lambda file: file.stem)
def test_right_programs_pass(checker: Checker, file: Path, reported: dict[str, list[Finding]]) -> None:
    """A right program is right to both checkers, every `assert_type` in it included."""
    assert [str(found) for found in reported[checker] if found.file == file.name] == []


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
@pytest.mark.parametrize("file", WRONG, ids=lambda file: file.stem)
def test_wrong_programs_are_told(checker: Checker, file: Path, reported: dict[str, list[Finding]]) -> None:
    """A wrong program gets the errors that its comments say, word for word, on their lines, and no other."""
    found = [str(item) for item in reported[checker] if item.file == file.name]
    assert found == [str(item) for item in sorted(expected(checker, file))]


@pytest.mark.parametrize("file", WRONG, ids=lambda file: file.stem)
def test_both_checkers_report_every_wrong_line(file: Path) -> None:
    """No wrong line is left to one checker alone."""
    lines = [{item.line for item in expected(checker, file)} for checker in ("mypy", "pyright")]
    assert lines[0] == lines[1] != set()


def test_enough_is_wrong() -> None:
    """The comments are found where they stand, in all files."""
    assert sum(1 for file in WRONG for _ in expected("mypy", file)) >= FEWEST_WRONG_LINES
