"""Docstrings from doc comments."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wasmbind._generate.docs import WIDTH, docstring_lines

#: What formatters and Python read as something else.
PARTS = [*'ab "\\\n\t@`.{}*-:é中\u200b\u2028\x0c\r ', "@param x ", "@returns ", '"""', "\n\n", "    ", " long words "]


def docstring(text: str) -> str | None:
    """What Python has for the docstring of a comment."""
    body = "".join(f"    {line}\n" for line in [*docstring_lines(text, 4), "..."])
    function = ast.parse(f"def f():\n{body}").body[0]
    assert isinstance(function, ast.FunctionDef)
    return ast.get_docstring(function)


def test_plain() -> None:
    """A sentence stays one."""
    assert docstring_lines("Adds two numbers.", 4) == ['"""Adds two numbers."""']


def test_nothing() -> None:
    """A comment that says nothing makes no docstring."""
    assert docstring_lines(" \n ", 4) == []
    assert docstring_lines("@wasmbindSkip", 4) == []


def test_paragraphs() -> None:
    """Paragraphs and the indentation of their lines stay."""
    assert docstring("One.\n\nTwo:\n  - three") == "One.\n\nTwo:\n  - three"


def test_tags() -> None:
    """Parameters, results and errors come under headings, parameters by their Python names."""
    text = (
        "Adds.\n@param {i32} aB - the first,\n  or not\n@param c\n@returns {i32} the sum\n@throws RangeError\n@since 1"
    )
    names = {"aB": "a_b", "c": "c"}
    shown = "\n".join(docstring_lines(text, 4, names))
    assert shown == (
        '"""Adds.\n@since 1\n\nArgs:\n    a_b: the first,\n      or not\n    c\n\n'
        'Returns:\n    the sum\n\nRaises:\n    RangeError\n"""'
    )


def test_tags_alone() -> None:
    """Without a text before them, tags have no headings."""
    assert docstring("@param a the first\n@returns the sum") == "a: the first\nReturns: the sum"


def test_links() -> None:
    """Links are what they show."""
    assert (
        docstring("See {@link File#size}, {@link Box|boxes} and {@link A the A}.") == "See File#size, boxes and the A."
    )


@pytest.mark.parametrize("text", ['"quoted"', "ends with \\", '"""', 'ends "', '\\"', "\\\\\\"])
def test_quotes_and_backslashes(text: str) -> None:
    """Nothing that a comment says ends its docstring, and all of it is there."""
    assert (docstring(text) or "").rstrip(" ") == text


def test_long_lines() -> None:
    """Lines are broken at spaces, before a formatter would want it."""
    lines = docstring_lines("word " * 60, 8)
    assert len(lines) > 2
    assert max(map(len, lines)) <= WIDTH - 8


def test_formatters_leave_docstrings_alone(tmp_path: Path) -> None:
    """Whatever a comment says, its docstring is Python, and formatted."""
    comments: list[str] = []

    @settings(max_examples=300, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.sampled_from(PARTS), max_size=40).map("".join))
    def collect(text: str) -> None:
        docstring(text)
        comments.append(text)

    collect()
    program = "# Docstrings.\n"
    for number, text in enumerate(comments):
        lines = docstring_lines(text, 4)
        if lines:
            body = "".join(f"    {line}\n" if line else "\n" for line in [*lines, "..."])
            program += f"\n\ndef f{number}() -> None:\n{body}"
    file = tmp_path / "docstrings.py"
    file.write_text(program, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout == ""
    assert done.returncode == 0
