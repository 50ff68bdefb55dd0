"""Declarations: which functions are declared, under which names, and with which mistakes."""

# mypy: disable-error-code="empty-body, no-untyped-def"

import inspect
import os
from typing import Annotated, ClassVar, Final

import pytest

from wasmbind import AscClass, AscModule, AscRecord, Name, export, f64, i32, string
from wasmbind import _descriptors as d
from wasmbind._declarations import (
    OMITTED,
    Function,
    read_declaration,
)
from wasmbind._places import locate
from wasmbind._stubs import is_field, own_annotations
from wasmbind.errors import DeclarationError

I32 = d.INTEGERS["i32"]


def functions_of(cls: type) -> dict[tuple[str, str], Function]:
    """The declared functions by Python name and kind."""
    return {(function.name, function.kind): function for function in read_declaration(cls).functions}


class Everything(AscClass):
    name: string
    size: Annotated[i32, Name("length")]
    kind: ClassVar[str] = "class"
    limit: Final = 3
    quoted: "ClassVar[int]"

    def __init__(self, name: string) -> None: ...
    def addLine(self, line: string) -> f64: ...
    @export("addLine")
    def add(self, line: string) -> f64: ...
    @property
    def count(self) -> i32: ...
    @count.setter
    def count(self, value: i32) -> None: ...
    @property
    @export("theEnd")
    def end(self) -> i32: ...
    @staticmethod
    def parse(text: string) -> "Everything": ...
    @staticmethod
    @export("make")
    def create() -> "Everything": ...
    def shout(self) -> str:
        return self.name.upper()

    @property
    def doubled(self) -> int:
        return 2 * self.count


def test_kinds_and_exports() -> None:
    """Each kind of member is told apart, and exported under its own name unless it says otherwise."""
    found = {key: function.export for key, function in functions_of(Everything).items()}
    assert found == {
        ("__init__", "constructor"): "__init__",
        ("addLine", "method"): "addLine",
        ("add", "method"): "addLine",
        ("count", "getter"): "count",
        ("count", "setter"): "count",
        ("end", "getter"): "theEnd",
        ("parse", "static"): "parse",
        ("create", "static"): "make",
    }


def test_fields() -> None:
    """Annotated names are fields with their AssemblyScript names; ClassVar and Final are Python's own."""
    found = {field.name: (field.export, field.type) for field in read_declaration(Everything).fields}
    assert found == {"name": ("name", d.STRING), "size": ("length", I32)}


def test_parameters_and_results() -> None:
    """`self` is no parameter; constructors and setters have no result; statics keep their first parameter."""
    functions = functions_of(Everything)
    init, parse = functions["__init__", "constructor"], functions["parse", "static"]
    assert ([p.name for p in init.parameters], init.result) == (["name"], d.VOID)
    assert ([p.name for p in parse.parameters], parse.result) == (["text"], d.ObjectOf(Everything))
    setter = functions["count", "setter"]
    assert ([p.type for p in setter.parameters], setter.result) == ([I32], d.VOID)


def test_takes_this() -> None:
    """Methods, constructors and accessors get `this`; statics and functions of modules do not."""
    assert {name for (name, _), function in functions_of(Everything).items() if not function.takes_this} == {
        "parse",
        "create",
    }


def test_who_and_where() -> None:
    """A function knows its qualified name and its line, relative to the working directory."""
    function = functions_of(Everything)["addLine", "method"]
    assert function.who == "Everything.addLine"
    file, _, line = function.where.rpartition(":")
    assert file == os.path.relpath(__file__)
    declared = inspect.getsource(inspect.getmodule(test_who_and_where) or pytest.fail("no module"))
    assert "def addLine" in declared.splitlines()[int(line) - 1]


def test_types_lists_everything_mentioned() -> None:
    """The types of a class are those of its fields, parameters and results."""
    assert set(read_declaration(Everything).types()) == {
        d.STRING,
        I32,
        d.F64,
        d.VOID,
        d.ObjectOf(Everything),
    }


class Files(AscModule):
    counter: i32

    def add(self, a: i32, b: i32) -> i32: ...
    @property
    def LIMIT(self) -> f64: ...


def test_module_members() -> None:
    """In a module functions are functions and properties are globals."""
    functions = functions_of(Files)
    assert set(functions) == {("add", "function"), ("LIMIT", "getter")}
    assert [p.name for p in functions["add", "function"].parameters] == ["a", "b"]
    limit = functions["LIMIT", "getter"]
    assert (limit.is_global, limit.takes_this) == (True, False)


class Renamed(AscClass, name="assembly/index/Renamed", rename="camel"):
    first_line: string
    last_line: Annotated[string, Name("last_line")]

    def add_line(self, the_line: string) -> None: ...
    @export("add_many")
    def add_more(self) -> None: ...


def test_rename_camel() -> None:
    """`rename="camel"` applies to members without a name of their own; parameters keep theirs."""
    declaration = read_declaration(Renamed)
    assert declaration.export == "assembly/index/Renamed"
    assert [field.export for field in declaration.fields] == ["firstLine", "last_line"]
    assert [function.export for function in declaration.functions] == ["addLine", "add_many"]
    assert declaration.functions[0].parameters[0].name == "the_line"


def test_rename_is_inherited() -> None:
    """A derived class renames like its base."""

    class Derived(Renamed):
        another_field: i32

    assert [field.export for field in read_declaration(Derived).fields] == ["anotherField"]


def test_unknown_rename() -> None:
    """Another `rename` is refused when the class is written."""
    with pytest.raises(DeclarationError, match=r"rename='snake' is unknown"):

        class Wrong(AscClass, rename="snake"):  # pyright: ignore[reportUnusedClass]
            pass


class Defaults(AscModule):
    def opt(self, a: i32, b: i32 = 7, c: i32 = ..., d: string = ...) -> i32: ...
    def empty(self, a: string = "", b: bool = False) -> None: ...


def test_defaults() -> None:
    """`= ...` is AssemblyScript's default, any other is passed from Python, falsy ones included."""
    opt, empty = read_declaration(Defaults).functions
    assert [(p.optional, p.default) for p in opt.parameters] == [
        (False, OMITTED),
        (False, 7),
        (True, OMITTED),
        (True, OMITTED),
    ]
    assert [(p.optional, p.default) for p in empty.parameters] == [(False, ""), (False, False)]
    assert repr(OMITTED) == "..."


class Point(AscRecord):
    x: f64
    y: f64 = 0.0
    label: string = ...  # type: ignore[assignment]  # AssemblyScript's initialiser


def test_record_defaults() -> None:
    """The defaults of a record's fields are kept, and are no class attributes."""
    found = {field.name: field.default for field in read_declaration(Point).fields}
    assert found == {"x": OMITTED, "y": 0.0, "label": ...}
    assert "y" not in vars(Point)


@pytest.mark.parametrize(
    ("name", "annotation", "expected"),
    [
        ("x", i32, True),
        ("x", "i32", True),
        ("_private", "i32", True),
        ("__dunder__", i32, False),
        ("_asc_ptr", i32, False),
        ("x", ClassVar[int], False),
        ("x", ClassVar, False),
        ("x", Final, False),
        ("x", Final[int], False),
        ("x", "ClassVar[int]", False),
        ("x", "typing.ClassVar[int]", False),
        ("x", "'ClassVar[int]'", False),
        ("x", "Final", False),
        ("x", "typing.Final[int]", False),
        ("x", "FinalResult", True),
        ("x", "ClassVariant", True),
        ("x", "t.ClassVar[int]", False),
    ],
)
def test_is_field(name: str, annotation: object, expected: bool) -> None:
    """Only ClassVar, Final, dunder and wasmbind's own names are no fields."""
    assert is_field(name, annotation) == expected


def test_own_annotations_are_unevaluated_and_own() -> None:
    """The annotations of a class are those of its body, without those of its bases."""

    class Derived(Everything):
        z: "Missing"  # type: ignore[name-defined]  # noqa: F821 - never evaluated

    assert own_annotations(Derived) == {"z": "Missing"}


def test_locate() -> None:
    """A field is found by its line; a name that is not annotated by that of its class."""
    found, first = inspect.getsourcelines(Point)
    file = os.path.relpath(__file__)
    assert locate(Point, "y") == f"{file}:{first + 2}"
    assert locate(Point, "other") == f"{file}:{first}"
    assert len(found) >= 3
    assert locate(type("Made", (), {}), "x") is None
