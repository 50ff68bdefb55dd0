"""The type checkers: the right programs pass, the wrong ones get exactly the errors that their comments say.

In `wrong/` the comments above a wrong line say what each checker reports there, with the rule at the end::

    # mypy says: Argument 1 to "add" of "Calls" has incompatible type "str"; expected "int" [arg-type]
    # pyright says: Argument of type "Literal['1']" cannot be assigned to parameter "a" of type "int" in
    # function "add" "Literal['1']" is not assignable to "int" (reportArgumentType)
    calls.add("1", 2)

A message may go on in the next comment line; where it is broken does not matter. mypy with our plugin reports the same
as without, unless there is a `# plugin says:`; there `nothing` means that it lets the line pass.
"""

from pathlib import Path

import pytest

from tests.typing.speakers import (
    CHECKERS,
    RIGHT,
    WRONG,
    Checker,
    Finding,
    expected,
    run_mypy,
    run_plugin,
    run_pyright,
    wrong_lines,
)
from tests.typing.table import PAGE, render, written

FEWEST_WRONG_LINES = 40


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> dict[Checker, list[Finding]]:
    """What each checker reports for all programs, in one run each."""
    files = [*RIGHT, *WRONG]
    return {
        "plugin": sorted(run_plugin(files, "mypy-plugin")),
        "mypy": sorted(run_mypy(files)),
        "pyright": sorted(run_pyright(files, tmp_path_factory.mktemp("pyright"))),
    }


@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize("file", RIGHT, ids=lambda file: file.stem)
def test_right_programs_pass(checker: Checker, file: Path, reported: dict[Checker, list[Finding]]) -> None:
    """A right program is right to every checker, every `assert_type` in it included."""
    assert [str(found) for found in reported[checker] if found.file == file.name] == []


@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize("file", WRONG, ids=lambda file: file.stem)
def test_wrong_programs_are_told(checker: Checker, file: Path, reported: dict[Checker, list[Finding]]) -> None:
    """A wrong program gets the errors that its comments say, word for word, on their lines, and no other."""
    found = [str(item) for item in reported[checker] if item.file == file.name]
    assert found == [str(item) for item in sorted(expected(checker, file))]


@pytest.mark.parametrize("file", WRONG, ids=lambda file: file.stem)
def test_no_wrong_line_is_left_to_one_checker(file: Path) -> None:
    """Lines that mypy reports are reported by pyright and the other way round, apart from bodies of `...`."""
    for line in wrong_lines(file):
        mypy, pyright = line.said.get("mypy", []), line.said.get("pyright", [])
        assert mypy or not pyright, f"{line.file}:{line.number}"
        assert pyright or all("[empty-body]" in message for message in mypy), f"{line.file}:{line.number}"


def test_enough_is_wrong() -> None:
    """The comments are found where they stand, in all files."""
    for checker in CHECKERS:
        assert sum(1 for file in WRONG for _ in expected(checker, file)) >= FEWEST_WRONG_LINES


def test_the_page_shows_what_is_reported() -> None:
    """The table in the documentation is the one that the wrong programs make."""
    assert written(PAGE.read_text(encoding="utf-8")) == render(), "run `python -m tests.typing.table`"
