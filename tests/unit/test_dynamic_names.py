"""What exports are called in Python, and how types given to a module are read."""

import typing
from typing import Any

import pytest

from wasmbind import Array, DeclarationError, OpaqueValue, f64, i32, string
from wasmbind import _descriptors as d
from wasmbind._dynamic.declaring import python_name
from wasmbind._dynamic.hints import Hints, parts_of
from wasmbind._dynamic.objects import Shown


@pytest.mark.parametrize(
    ("name", "taken", "python"),
    [
        ("add", set(), "add"),
        ("add", {"add"}, "add_"),
        ("add", {"add", "add_"}, "add__"),
        ("lambda", set(), "lambda_"),
        ("_hidden", set(), "_hidden"),
        ("__get", set(), "__get"),
        ("__init__", set(), "__init___"),
        ("set:x", set(), "set_x"),
        ("Map<~lib/string/String,i32>", set(), "Map__lib_string_String_i32_"),
        ("", set(), "export"),
        ("2d", set(), "export_2d"),
        ("\xb5", set(), "\u03bc"),
        ("\U0001e8c7", set(), "export"),
    ],
)
def test_python_names(name: str, taken: set[str], python: str) -> None:
    """A name stays what it is if it can."""
    assert python_name(name, taken) == python


#: As code of old has them.
LIST: Any = typing.List  # noqa: UP006 - see above
DICT: Any = typing.Dict  # noqa: UP006 - see above


@pytest.fixture
def hints() -> Hints:
    """A reader that knows some names."""
    return Hints("test", {"string": string, "i32": i32, "List": LIST, "Array": Array, "Any": Any})


@pytest.mark.parametrize(
    ("hint", "carrier", "found"),
    [
        (str, "i32", d.STRING),
        (string, "i32", d.STRING),
        ("string", "i32", d.STRING),
        (bytes, "i32", d.Bytes()),
        (bool, "i32", d.BOOL),
        (int, "i32", d.INTEGERS["i32"]),
        (int, "i64", d.INTEGERS["i64"]),
        (float, "f32", d.F32),
        (float, "f64", d.F64),
        (f64, "f64", d.F64),
        (OpaqueValue, "i32", d.OpaqueOf()),
        (list[str], "i32", d.ListOf(d.STRING)),
        (LIST[str], "i32", d.ListOf(d.STRING)),
        ("List[string]", "i32", d.ListOf(d.STRING)),
        (LIST["string"], "i32", d.ListOf(d.STRING)),
        (Array[i32], "i32", d.Collection("Array", (d.INTEGERS["i32"],))),
        ("Array[string]", "i32", d.Collection("Array", (d.STRING,))),
        (str | None, "i32", d.Nullable(d.STRING)),
        (list, "i32", d.Untyped(list)),
        (LIST, "i32", d.Untyped(LIST)),
        (list[int], "i32", d.Untyped(list[int])),
        (DICT[str, int], "i32", d.Untyped(DICT[str, int])),
        (list[int] | None, "i32", d.Nullable(d.Untyped(list[int]))),
        (Any, "i32", d.Untyped(Shown.RESULT)),
        (object, "i32", d.Untyped(Shown.RESULT)),
    ],
    ids=str,
)
def test_types(hints: Hints, hint: Any, carrier: str, found: d.Descriptor) -> None:
    """Types that leave something open are left to the object; all others are what declarations make of them."""
    assert hints.descriptor(hint, carrier, "f") == found


@pytest.mark.parametrize(
    ("hint", "carrier"), [(int, "f64"), (float, "i32"), (int, "void"), ("Nothing", "i32"), (7, "i32")]
)
def test_no_types(hints: Hints, hint: Any, carrier: str) -> None:
    """What is no type, or another one than WebAssembly has, is refused."""
    with pytest.raises(DeclarationError):
        hints.descriptor(hint, carrier, "f")


def test_names_are_learnt(hints: Hints) -> None:
    """A class is known by its name once it has been made."""
    hints.learn({"Words": list[str]})
    assert hints.descriptor("Words", "i32", "f") == d.ListOf(d.STRING)


@pytest.mark.parametrize(
    ("hint", "parts"),
    [(list, (list, ())), (LIST, (list, ())), (list[int], (list, (int,))), (tuple[str, ...], (tuple, (str,)))],
    ids=str,
)
def test_parts(hint: Any, parts: tuple[Any, tuple[Any, ...]]) -> None:
    """A type and its arguments."""
    assert parts_of(hint) == parts
