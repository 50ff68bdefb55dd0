"""What expressions of a source stand for, and which are left alone."""

import enum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest

from tests.unit.static_sources import load, value
from wasmbind import Name, Opaque, f64, i32, string
from wasmbind._scopes import UnresolvedError
from wasmbind._static.libraries import library_member


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1", 1),
        ("-1", -1),
        ("~5", ~5),
        ("not 1", False),
        ("1 << 3 | 1", 9),
        ("2 ** 10 - 1", 1023),
        ("7 // 2 + 7 % 4", 6),
        ("'a' + 'b'", "ab"),
        ("1 < 2", True),
        ("(1, 'x', None)", (1, "x", None)),
        ("[i32, string]", [i32, string]),
        ("{'a': 1}", {"a": 1}),
        ("...", ...),
        ("string | None", string | None),
        ("list[i32]", list[i32]),
        ("dict[string, list[f64]]", dict[string, list[f64]]),
        ("Annotated[i32, Name('from')]", Annotated[i32, Name("from")]),
        ("Annotated[i32, Name(name='from')]", Annotated[i32, Name("from")]),
        ("Opaque[int]", Opaque[int]),
    ],
)
def test_known(tmp_path: Path, expression: str, expected: object) -> None:
    """Constants, operators on small values, and types stand for what they are when they run."""
    found = value(tmp_path, expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "expression",
    [
        "print('x')",
        "open('x')",
        "__import__('os')",
        "eval('1')",
        "(lambda: 1)()",
        "[x for x in range(3)]",
        "f'{1}'",
        "1 if True else 2",
        "2 ** 10 ** 10",
        "1 << 10 ** 9",
        "9 ** 99",
        "(-2) ** -1",
        "1 // 0",
        "1 < 'x'",
        "1 in (1, 2)",
        "-'x'",
        "'a' * 10",
        "b'a' + b'b'",
        "i32.__init__",
        "list[i32].__class__",
        "().__class__",
        "{1: 2}",
        "{**{}}",
        "Name(*['a'])",
        "Name(**{'name': 'a'})",
        "Name(1)",
        "missing.name",
        "'text'.upper()",
        "TypeVar()",
        "(1)[0]",
        "None[i32]",
        "i32[i32]",
        "enum.Enum.mro()",
        "AscClass.asc_construct()",
        "AscModule()",
    ],
)
def test_not_known(tmp_path: Path, expression: str) -> None:
    """Whatever would run code, grow or look inside objects stands for nothing that is known."""
    with pytest.raises(UnresolvedError):
        value(tmp_path, expression)


def test_undefined_name(tmp_path: Path) -> None:
    """A name that nothing binds is not known either, and says so."""
    with pytest.raises(UnresolvedError, match="'nowhere' is not defined"):
        value(tmp_path, "nowhere")


def test_opaque_takes_whatever_type(tmp_path: Path) -> None:
    """What an opaque value is to Python does not matter, so it need not be known."""
    module = load(tmp_path, "import numpy\nvalue = Opaque[numpy.ndarray]\nweak = WeakOpaque[numpy.ndarray]\n")
    opaque: Any = module.member("value")
    assert get_origin(opaque) is Annotated
    assert get_args(opaque)[0].__name__ == "numpy.ndarray"
    assert opaque.__metadata__ == getattr(Opaque, "__metadata__")  # noqa: B009 - of an alias, which no checker knows


def test_live_types_are_told_by_their_kind(tmp_path: Path) -> None:
    """The stand-ins of live types take type arguments and know which class of AssemblyScript they are."""
    alias: Any = value(tmp_path, "Array[Map[string, f64]]")
    assert get_origin(alias).__asc_kind__ == "Array"
    assert get_origin(get_args(alias)[0]).__asc_kind__ == "Map"
    assert get_args(get_args(alias)[0]) == (string, f64)


def test_members_of_enums_and_classes(tmp_path: Path) -> None:
    """Attributes lead to members of enums, their values, and nested classes."""
    module = load(
        tmp_path,
        """
        class Color(enum.IntEnum):
            Red = 1
        class Outer(AscClass):
            class Inner(AscClass): ...
            LIMIT = 5
        class Derived(Outer): ...
        member, number, name = Color.Red, 0, ""
        red = Color.Red
        number = Color.Red.value
        name = Color.Red.name
        inner = Derived.Inner
        limit = Outer.LIMIT
        """,
    )
    assert isinstance(module.member("red"), enum.IntEnum)
    assert (module.member("number"), module.member("name"), module.member("limit")) == (1, "Red", 5)
    assert module.member("inner").__qualname__ == "Outer.Inner"


def test_too_long_types(tmp_path: Path) -> None:
    """A type that doubles with every line ends as something that is not known, and soon."""
    lines = ["a0 = dict[string, i32]", *(f"a{i} = dict[a{i - 1}, a{i - 1}]" for i in range(1, 60))]
    unions = ["b0 = string | None", *(f"b{i} = b{i - 1} | list[b{i - 1}]" for i in range(1, 60))]
    module = load(tmp_path, "\n".join([*lines, *unions]))
    assert "a5" in module.names
    assert "a59" not in module.names
    assert "b59" not in module.names


def test_libraries_have_what_they_have() -> None:
    """Names of known libraries are the real ones; others are not looked for."""
    assert library_member("typing", "Annotated") is Annotated
    assert library_member("enum", "IntEnum") is enum.IntEnum
    with pytest.raises(UnresolvedError, match=r"subprocess\.run"):
        library_member("subprocess", "run")
