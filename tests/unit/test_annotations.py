"""Annotations become descriptors, wherever and however they are written, or say what to write instead."""

import collections.abc
import enum
import typing
from typing import Annotated, Any, Optional

import pytest

from wasmbind import Array, AscClass, Float64Array, Map, Name, Set, StaticArray, i32, string, types
from wasmbind import _descriptors as d
from wasmbind._annotations import is_declared_class, resolve_annotation
from wasmbind._scopes import Scope
from wasmbind.errors import DeclarationError


class Line(AscClass):
    s: string


class Color(enum.IntEnum):
    Red = 0


class Mode(enum.Enum):
    On = "on"


class Plain:
    pass


class Index(Map[string, i32]):
    pass


I32 = d.INTEGERS["i32"]
LINE = d.ObjectOf(Line)
SUPPORTED = (
    "i8 … i64, u8 … u64, f32, f64, bool, string, X | None, an AscClass, an IntEnum, list[T], dict[K, V], set[T],"
    " bytes, Date, Callable[[A], R], Opaque[T] or a live type such as Array[T]"
)
DERIVE = f"derive it from AscClass if it is a class of the module; otherwise use {SUPPORTED}"
ONE_TYPE = "declare the one type that AssemblyScript declares, or `X | None` for `X | null`"
INT = "write i32, or i8, i16, i64, u8, u16, u32, u64"
LIVE = {cls.__name__: cls for cls in (Array, Float64Array, Map, Set, StaticArray)}
SCOPE = Scope({**vars(types), **vars(typing), **globals(), **LIVE})

# What stands in a declaration, and what it means.
MEANINGS: list[tuple[str, d.Descriptor]] = [
    *((name, integer) for name, integer in d.INTEGERS.items()),
    ("f32", d.F32),
    ("f64", d.F64),
    ("float", d.F64),
    ("bool", d.BOOL),
    ("string", d.STRING),
    ("str", d.STRING),
    ("None", d.VOID),
    ("Color", d.Enumeration(Color)),
    ("Line", LINE),
    ("'Line'", LINE),
    ("Line | None", d.Nullable(LINE)),
    ("None | Line", d.Nullable(LINE)),
    ("Optional[Line]", d.Nullable(LINE)),
    ("Union[Line, None]", d.Nullable(LINE)),
    ("string | None", d.Nullable(d.STRING)),
    ("str | None", d.Nullable(d.STRING)),
    ("Optional['Line']", d.Nullable(LINE)),
    ("list[f64]", d.ListOf(d.F64)),
    ("list[Line]", d.ListOf(LINE)),
    ("list['Line']", d.ListOf(LINE)),
    ("list[Line | None]", d.ListOf(d.Nullable(LINE))),
    ("list[list[string]]", d.ListOf(d.ListOf(d.STRING))),
    ("list[string] | None", d.Nullable(d.ListOf(d.STRING))),
    ("list[Color]", d.ListOf(d.Enumeration(Color))),
    ("List[i32]", d.ListOf(I32)),
    ("Sequence[i32]", d.ListOf(I32)),
    ("Iterable[i32]", d.ListOf(I32)),
    ("collections.abc.Sequence[i32]", d.ListOf(I32)),
    ("collections.abc.Iterable[i32]", d.ListOf(I32)),
    ("Collection[i32]", d.ListOf(I32)),
    ("dict[str, i32]", d.DictOf(d.STRING, I32)),
    ("Mapping[Color, Line | None]", d.DictOf(d.Enumeration(Color), d.Nullable(LINE))),
    ("dict[string, list[Line]]", d.DictOf(d.STRING, d.ListOf(LINE))),
    ("set[Line]", d.SetOf(LINE)),
    ("collections.abc.Set[i32]", d.SetOf(I32)),
    ("bytes", d.Bytes()),
    ("bytes | None", d.Nullable(d.Bytes())),
    ("tuple[f64, f64]", d.TupleOf(d.F64, 2)),
    ("tuple[string, ...]", d.TupleOf(d.STRING, None)),
    ("Array[i32]", d.Collection("Array", (I32,))),
    ("Array['Line'] | None", d.Nullable(d.Collection("Array", (LINE,)))),
    ("StaticArray[list[f64]]", d.Collection("StaticArray", (d.ListOf(d.F64),))),
    ("Map[string, Array[Line]]", d.Collection("Map", (d.STRING, d.Collection("Array", (LINE,))))),
    ("Set[string]", d.Collection("Set", (d.STRING,))),
    ("Float64Array", d.Collection("Float64Array")),
    ("list[Float64Array]", d.ListOf(d.Collection("Float64Array"))),
    ("Annotated[i32, 'a note of the user']", I32),
    ("Annotated[Line | None, 'a note of the user']", d.Nullable(LINE)),
    ("list[Annotated[string, 'a note of the user']]", d.ListOf(d.STRING)),
]

# What stands in a declaration and means nothing to AssemblyScript: the problem and the fix.
MISTAKES: list[tuple[str, str, str]] = [
    ("int", "int has no width", INT),
    ("list[int]", "int has no width", INT),
    ("Annotated[int, 'a note of the user']", "int has no width", INT),
    ("object", "object is no AssemblyScript type", f"name the type: {SUPPORTED}"),
    ("Any", "Any is no AssemblyScript type", f"name the type: {SUPPORTED}"),
    ("list[Any]", "Any is no AssemblyScript type", f"name the type: {SUPPORTED}"),
    ("i32 | None", "i32 | None cannot be null: only references can, i32 is a number", "write i32"),
    ("Optional[f64]", "f64 | None cannot be null: only references can, f64 is a number", "write f64"),
    ("float | None", "float | None cannot be null: only references can, f64 is a number", "write float"),
    ("bool | None", "bool | None cannot be null: only references can, bool is a number", "write bool"),
    ("Color | None", "Color | None cannot be null: only references can, Color is a number", "write Color"),
    ("list[i32 | None]", "i32 | None cannot be null: only references can, i32 is a number", "write i32"),
    ("str | int", "str | int has several types, an AssemblyScript value has one", ONE_TYPE),
    ("i32 | string", "i32 | string has several types, an AssemblyScript value has one", ONE_TYPE),
    ("Line | str | None", "Line | str | None has several types, an AssemblyScript value has one", ONE_TYPE),
    ("list", "list has no element type", "write list[T], such as list[i32]"),
    ("List", "List has no element type", "write List[T], such as List[i32]"),
    ("Sequence", "Sequence has no element type", "write Sequence[T], such as Sequence[i32]"),
    ("Iterable", "Iterable has no element type", "write Iterable[T], such as Iterable[i32]"),
    (
        "collections.abc.Sequence",
        "Sequence has no element type",
        "write Sequence[T], such as Sequence[i32]",
    ),
    (
        "list[None]",
        "list[None] has elements that are nothing",
        "give it an AssemblyScript type, such as i32",
    ),
    ("dict[str, int]", "int has no width", "write i32, or i8, i16, i64, u8, u16, u32, u64"),
    ("dict", "dict has no key and value types", "write dict[K, V], such as dict[string, i32]"),
    ("set", "set has no element type", "write set[T], such as set[i32]"),
    ("tuple", "tuple has no element type", "write tuple[T, T] or tuple[T, ...], such as tuple[f64, f64]"),
    (
        "tuple[i32, f64]",
        "tuple[i32, f64] has elements of several types, an AssemblyScript array of one",
        "write tuple[T, T] with one type T, or declare a class with these fields",
    ),
    ("set[None]", "set[None] has elements that are nothing", "give it an AssemblyScript type, such as i32"),
    (
        "dict[list[i32], i32]",
        "dict[list[i32], i32] has keys of type Array<i32>, which are compared by address",
        "use numbers, strings or objects of a declared class as keys",
    ),
    (
        "Map[Array[i32], i32]",
        "Map[Array[i32], i32] has keys of type Array<i32>, which are compared by address",
        "use numbers, strings or objects of a declared class as keys",
    ),
    (
        "Index",
        "Index derives from Map, which no declaration can",
        "declare it as a class of the module: `class Index(AscClass)`, with the members that it inherits",
    ),
    ("Array", "Array has no element type", "write Array[T], such as Array[i32]"),
    ("Map", "Map has no key and value types", "write Map[K, V], such as Map[string, i32]"),
    ("Map[string]", "Map[string] has 1 type arguments", "write Map[K, V]"),
    ("Float64Array[f64]", "Float64Array[f64] has 1 type arguments", "write Float64Array"),
    (
        "MutableSequence[i32]",
        "MutableSequence[i32] has no AssemblyScript counterpart",
        "write Array[T] for a live array",
    ),
    ("bytearray", "bytearray has no AssemblyScript counterpart", "write bytes, or ArrayBuffer for a live buffer"),
    ("complex", "complex has no AssemblyScript counterpart", DERIVE),
    ("Plain", "Plain has no AssemblyScript counterpart", DERIVE),
    ("AscClass", "AscClass has no AssemblyScript counterpart", DERIVE),
    ("Mode", "Mode is an Enum", "derive it from enum.IntEnum: AssemblyScript enums are i32"),
    ("Literal[1]", "Literal[1] has no AssemblyScript counterpart", f"use {SUPPORTED}"),
    (
        "Missing",
        "the annotation 'Missing' uses the name 'Missing', which is not defined",
        "import it outside `if TYPE_CHECKING:`, or give it as `namespace={...}` on the class",
    ),
    (
        "list[Missing]",
        "the annotation 'list[Missing]' uses the name 'Missing', which is not defined",
        "import it outside `if TYPE_CHECKING:`, or give it as `namespace={...}` on the class",
    ),
    (
        "1 / 0",
        "the annotation '1 / 0' cannot be evaluated: division by zero",
        f"use {SUPPORTED}",
    ),
]


def evaluated(text: str) -> object:
    """The annotation as it stands in `__annotations__` without `from __future__ import annotations`."""
    hints = {"value": text}
    holder = type("Holder", (), {"__annotations__": hints})
    return typing.get_type_hints(holder, SCOPE.globals, include_extras=True)["value"]


@pytest.mark.parametrize(("text", "expected"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_meaning(text: str, expected: d.Descriptor) -> None:
    """Each supported annotation means the same as a string and evaluated."""
    assert resolve_annotation(text, SCOPE, "A.b").type == expected
    assert resolve_annotation(evaluated(text), SCOPE, "A.b").type == expected


@pytest.mark.parametrize(("text", "problem", "fix"), MISTAKES, ids=[text for text, *_ in MISTAKES])
def test_mistake(text: str, problem: str, fix: str) -> None:
    """Every other annotation is a DeclarationError that says who, what is wrong, where, and what to write."""
    with pytest.raises(DeclarationError) as caught:
        resolve_annotation(text, SCOPE, "Files.sum(values)", "app.py:3")
    error = caught.value
    assert (error.who, error.problem, error.fix, error.where) == ("Files.sum(values)", problem, fix, "app.py:3")
    assert str(error) == f"Files.sum(values): {problem}\n  declared at  app.py:3\n  fix          {fix}"


@pytest.mark.parametrize("text", ["list[", "i32 +", "", "def"])
def test_text_that_is_no_expression(text: str) -> None:
    """What does not even parse is a DeclarationError that quotes it."""
    with pytest.raises(DeclarationError) as caught:
        resolve_annotation(text, SCOPE, "A.b")
    assert caught.value.problem.startswith(f"the annotation {text!r} cannot be evaluated: ")
    assert caught.value.fix == f"use {SUPPORTED}"


@pytest.mark.parametrize("annotation", [3, (), [i32], "3", b"x"])
def test_what_is_no_type(annotation: object) -> None:
    """Values that are no types are refused as such."""
    with pytest.raises(DeclarationError):
        resolve_annotation(annotation, SCOPE, "A.b")


def test_name_gives_the_assemblyscript_name() -> None:
    """`Name` in an annotation renames the member and leaves the type."""
    found = resolve_annotation(Annotated[i32, Name("from")], SCOPE, "A.b")
    assert (found.type, found.name) == (I32, "from")
    text = resolve_annotation("Annotated[Line | None, Name('of')]", SCOPE, "A.b")
    assert (text.type, text.name) == (d.Nullable(LINE), "of")
    assert resolve_annotation(i32, SCOPE, "A.b").name is None


def test_forward_reference_object() -> None:
    """A ForwardRef, as `Optional["Line"]` makes one, is evaluated like its text."""
    assert resolve_annotation(typing.ForwardRef("Line"), SCOPE, "A.b").type == LINE
    assert resolve_annotation(Optional["Line"], SCOPE, "A.b").type == d.Nullable(LINE)


def test_undefined_forward_reference_shows_its_name() -> None:
    """The message of a bad ForwardRef shows what the user wrote, not the object."""
    with pytest.raises(DeclarationError, match="the annotation 'Missing' uses the name 'Missing'"):
        resolve_annotation(typing.ForwardRef("Missing"), SCOPE, "A.b")


def test_namespace_wins() -> None:
    """Names that were given explicitly win over locals and globals."""
    scope = Scope({"T": bool}, [], {"T": str})
    assert resolve_annotation("T", scope, "A.b").type == d.STRING
    assert resolve_annotation("T", Scope({"T": bool}), "A.b").type == d.BOOL


def test_type_variables_stand_for_no_type_outside_of_generic_classes() -> None:
    """A TypeVar that nothing gives a type is refused."""
    with pytest.raises(DeclarationError, match="stands for no type here") as caught:
        resolve_annotation(typing.TypeVar("variable"), SCOPE, "A.b")
    assert caught.value.fix == "give the generic class a type, such as Box[i32]"


def test_new_types_are_no_types_of_a_module() -> None:
    """A NewType and Self are refused with the list of what is supported."""
    for annotation in (typing.NewType("alias", int), typing.Self, typing.Never):
        with pytest.raises(DeclarationError) as caught:
            resolve_annotation(annotation, SCOPE, "A.b")
        assert caught.value.fix == f"use {SUPPORTED}"


@pytest.mark.parametrize("value", [AscClass, Plain, i32, None, "Line", Any])
def test_is_declared_class_refuses_the_rest(value: object) -> None:
    """Only subclasses of AscClass are declared classes; AscClass itself belongs to no module."""
    assert is_declared_class(Line)
    assert not is_declared_class(value)


def test_abstract_sequence_from_collections() -> None:
    """`collections.abc.Sequence[T]`, evaluated, is a list as well."""
    assert resolve_annotation(collections.abc.Sequence[i32], SCOPE, "A.b").type == d.ListOf(I32)
