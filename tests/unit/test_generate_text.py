"""The shape of generated text, on both sides of the width that formatters allow."""

import subprocess
import sys
from pathlib import Path

import pytest

from wasmbind._generate.document import BEGIN, END
from wasmbind._generate.files import replace_block
from wasmbind._generate.text import ClassText, Item, comment, field_item, function_item
from wasmbind.errors import DeclarationError

#: Lengths of names that make lines of 80 to 100 columns.
LENGTHS = range(30, 60)


def classes() -> list[list[str]]:
    """Classes whose heads, fields, decorators and functions have every length around the limit."""
    made: list[list[str]] = []
    for length in LENGTHS:
        name, long = "n" * length, "x" * (length + 10)
        text = ClassText(f"class C{name}", ["AscClass", f'name="{name[:20]}"'], doc=f"{long} a word.")
        text.items += [
            field_item(f"a{name}", "Mapping[string, Array[i32]]", None),
            field_item(f"b{name}", "i32", f"{long} {long}"),
            field_item(f"c{name}", 'Annotated[i32, Name("x")]', None, "a note of its own"),
            function_item(f"d{name}", ["self", "a: i32", "b: i32 = ..."], "None"),
            function_item(f"e{name}", ["self", f"a: Callable[[{name}, {name}], i32]"], "None"),
            function_item(f"f{name}", ["self"], name, doc=['"""One."""']),
            function_item("g", ["self"], f"Callable[[{name}], {name}]"),
            function_item("h", [f"a{name}: i32"], "i64", decorators=["@staticmethod", f'@export("{long}")']),
            function_item("i", ["self", "a: i32"], "i32", notes=["", "i32 or less", ""]),
            function_item("j", ["self"], "i32", notes=["", f"{name} or less"]),
            function_item("k", [], name + name, decorators=["@staticmethod"]),
            Item(("@property", "def l(self) -> i32: ...")),
        ]
        text.omitted = comment(f"left out: {long} {long} {name}")
        made.append(text.lines())
    for count in range(12, 20):
        listed = ", ".join(f"Class{number}" for number in range(count))
        made.append(ClassText(f"class M{count}", ["AscModule", 'wasm="m.wasm"', f"classes=[{listed}]"]).lines())
    return made


def test_formatters_leave_it_alone(tmp_path: Path) -> None:
    """Whatever the lengths, the text is as a formatter would write it."""
    file = tmp_path / "text.py"
    lines = ["# Classes."]
    for block in classes():
        lines += ["", "", *block]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.stdout, done.returncode) == ("", 0)


def test_comments_stay_comments() -> None:
    """Line breaks and what else ends a line become spaces."""
    assert comment("left out: a\nimport os\r\u2028b\0c") == ["# left out: a import os b c"]
    assert all(line.startswith("# ") for line in comment("word " * 100))


BLOCK = f"{BEGIN.format(wasm='x.wasm')}\nnew\n{END}\n"


@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("a\n", "b\n"), ('"""x"""\r\n\r\n', "\r\nclass X: ..."), ("é", "")]
)
def test_only_the_block_is_replaced(before: str, after: str) -> None:
    """What stands around the block stays, with its line ends."""
    before = before if not before or before.endswith("\n") else before + "\n"
    existing = f"{before}{BEGIN.format(wasm='y.wasm')}\nold\nolder\n{END}\n{after}"
    assert replace_block(existing, f"head\n{BLOCK}tail\n", "x.py") == before + BLOCK + after


@pytest.mark.parametrize(
    ("existing", "problem"),
    [
        ("", "has no generated block"),
        (f"{END}\n", "has 0 lines that begin a generated block, and 1 that end one"),
        (BLOCK + BLOCK, "has 2 lines that begin a generated block, and 2 that end one"),
        (f"{END}\n{BEGIN.format(wasm='y')}\n", "has 1 lines that begin a generated block, and 1 that end one"),
        (f"    {BEGIN.format(wasm='y')}\n    {END}\n", "has no generated block"),
    ],
)
def test_what_is_no_block(existing: str, problem: str) -> None:
    """Files without exactly one whole block are refused."""
    with pytest.raises(DeclarationError, match=problem):
        replace_block(existing, BLOCK, "x.py")
