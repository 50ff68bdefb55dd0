"""What is said of declarations that are wrong, whole, against a text that somebody has read.

After a change that is meant, `WASMBIND_UPDATE_GOLDEN=1 python -m pytest tests/integration/test_wrong_declarations.py`
writes the file anew; read the difference before you commit it.
"""

import os
import re
from pathlib import Path

import pytest

from tests.integration.wrong_module import Wrong
from wasmbind import BindError

GOLDEN = Path(__file__).parent / "golden" / "wrong_declarations.txt"
SOURCE = Path(__file__).with_name("wrong_module.py")


@pytest.fixture(scope="module")
def error() -> BindError:
    """The one error for all of it."""
    with pytest.raises(BindError) as caught:
        Wrong()
    return caught.value


def line_of(where: str) -> int:
    """The line of a place `file:line`."""
    return int(where.rpartition(":")[2])


def shown(error: BindError) -> str:
    """The message, with what is declared in place of line numbers, which change with every edit."""
    lines = SOURCE.read_text(encoding="utf-8").splitlines()

    def declared(found: re.Match[str]) -> str:
        number = int(found[1])
        while lines[number - 1].strip().startswith("@"):
            number += 1
        return lines[number - 1].strip()

    return re.sub(r"\S*wrong_module\.py:(\d+)", declared, str(error)) + "\n"


def test_text(error: BindError) -> None:
    """Every mistake is reported, in the words that somebody has read and kept."""
    if os.environ.get("WASMBIND_UPDATE_GOLDEN"):
        GOLDEN.write_text(shown(error), encoding="utf-8")
    assert shown(error) == GOLDEN.read_text(encoding="utf-8")


def test_every_mistake_is_found(error: BindError) -> None:
    """Each declaration with a comment that says what is wrong with it has a mismatch of its own."""
    places = {line_of(each.where) for each in error.mismatches if each.where is not None}
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    missing = []
    for number, line in enumerate(lines, 1):
        if not re.search(r"(: .*|\.\.\.)  # \w", line):
            continue
        first = number
        while lines[first - 2].strip().startswith("@"):
            first -= 1
        if places.isdisjoint(range(first, number + 1)):
            missing.append(line.strip())
    assert missing == []


def test_no_mismatch_is_told_twice(error: BindError) -> None:
    """No two mismatches are the same."""
    assert len(set(error.mismatches)) == len(error.mismatches)


def test_every_mismatch_has_a_fix_and_a_place(error: BindError) -> None:
    """Each says what to do, and where, but for members of enums, whose places nobody knows."""
    assert [each for each in error.mismatches if not each.fix] == []
    lost = {each.who for each in error.mismatches if each.where is None}
    assert {who.partition(".")[0] for who in lost} <= {"Level", "Color"}
