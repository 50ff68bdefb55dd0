"""What parametrisations of generic classes declare, and where the names in them come from."""

# mypy: disable-error-code="empty-body"

import gc
import sys
import textwrap
import types
import weakref
from typing import Any, Generic

import pytest

from tests.unit.generic_classes import I32, Box, K, Line, Pair, T, V, field, function, made
from wasmbind import AscClass, DeclarationError, f64, i32, string
from wasmbind import _descriptors as d
from wasmbind._classes import reach
from wasmbind._declared import declaration_of, declared_bases

# --- declarations --------------------------------------------------------------------------------------------


def test_members_have_the_arguments() -> None:
    """Each parametrisation declares the template's members with its types in place of the variables."""
    for argument, type_ in [(i32, I32), (string, d.STRING), (Line, d.ObjectOf(Line)), (bool, d.BOOL)]:
        cls = made(Box, argument)
        own = d.ObjectOf(cls)
        assert field(cls, "value") == type_
        assert field(cls, "next") == d.Nullable(own)
        assert function(cls, "get").result == type_
        assert function(cls, "__init__").parameters[0].type == type_
        assert [parameter.type for parameter in function(cls, "exchange").parameters] == [own, d.ListOf(type_)]
        assert function(cls, "exchange").result == d.ListOf(own)
        assert function(cls, "exchange").export == "swap"
        assert (function(cls, "best").kind, function(cls, "best").result) == ("getter", type_)
        assert (function(cls, "of").kind, function(cls, "of").result) == ("static", own)


def test_names() -> None:
    """The AssemblyScript name is the template's, with the arguments; messages say the Python name."""
    assert declaration_of(made(Pair, i32, string)).export == "assembly/index/Pair<i32,string>"
    assert function(made(Box, i32), "get").who == "Box[i32].get"
    assert made(Box, made(Pair, i32, Line)).__name__ == "Box[Pair[i32, Line]]"


def test_nested_arguments() -> None:
    """An argument may be a parametrisation, a list or something nullable."""
    assert field(made(Box, made(Box, f64)), "value") == d.ObjectOf(made(Box, f64))
    assert field(made(Box, list[string]), "value") == d.ListOf(d.STRING)
    assert field(made(Box, Line | None), "value") == d.Nullable(d.ObjectOf(Line))


class Nested(AscClass, Generic[K, V]):
    pairs: list[Pair[K, Box[V]]]
    swapped: Pair[V, K]
    fixed: Pair[K, i32]
    either: Box[K] | None


def test_variables_inside_of_arguments() -> None:
    """`Pair[K, Box[V]]` in a generic class means the parametrisation for its own arguments."""
    cls = made(Nested, i32, Line)
    assert field(cls, "pairs") == d.ListOf(d.ObjectOf(made(Pair, i32, made(Box, Line))))
    assert field(cls, "swapped") == d.ObjectOf(made(Pair, Line, i32))
    assert field(cls, "fixed") == d.ObjectOf(made(Pair, i32, i32))
    assert field(cls, "either") == d.Nullable(d.ObjectOf(made(Box, i32)))


class Forward(AscClass):
    late: "Box[Late]"
    later: Box["Late"]
    maybe: "Pair[string, Late] | None"
    many: list["Box[Late]"]


class Late(AscClass):
    back: Box[Forward]


def test_forward_references() -> None:
    """Arguments may be strings, and annotations with arguments too."""
    assert field(Forward, "late") == d.ObjectOf(made(Box, Late))
    assert field(Forward, "later") == field(Forward, "late")
    assert field(Forward, "maybe") == d.Nullable(d.ObjectOf(made(Pair, string, Late)))
    assert field(Forward, "many") == d.ListOf(d.ObjectOf(made(Box, Late)))
    assert field(Late, "back") == d.ObjectOf(made(Box, Forward))


# --- scopes --------------------------------------------------------------------------------------------------


def test_classes_in_functions() -> None:
    """Generic classes inside of a function find its names, in each of their parametrisations."""

    class Item(AscClass):
        size: i32

    class Holder(AscClass, Generic[T]):
        item: "Item"
        value: T
        self: "Holder[T] | None"
        other: "Holder[Item] | None"

    numbers, items = made(Holder, i32), made(Holder, Item)
    for cls, type_ in [(numbers, I32), (items, d.ObjectOf(Item))]:
        assert (field(cls, "item"), field(cls, "value")) == (d.ObjectOf(Item), type_)
        assert field(cls, "self") == d.Nullable(d.ObjectOf(cls))
        assert field(cls, "other") == d.Nullable(d.ObjectOf(items))


def _template_of_a_function() -> tuple[Any, Any]:
    class Item(AscClass):
        size: i32

    class Holder(AscClass, Generic[T]):
        item: "Item"
        value: T

    return Holder, Item


def test_classes_of_functions_that_returned() -> None:
    """A second parametrisation finds the names of a function that has returned, after the first was read."""
    holder, item = _template_of_a_function()
    assert field(made(holder, i32), "item") == d.ObjectOf(item)
    assert field(made(holder, string), "item") == d.ObjectOf(item)
    assert field(made(holder, string), "value") == d.STRING


def test_frames_are_let_go() -> None:
    """The locals of a function live no longer than the generic classes in it."""

    class Large:
        pass

    def make() -> tuple[Any, weakref.ref[Large]]:
        large = Large()

        class Holder(AscClass, Generic[T]):
            value: T

        cls = made(Holder, i32)
        declaration_of(cls)
        return cls, weakref.ref(large)

    cls, large = make()
    assert field(cls, "value") == I32
    del cls
    gc.collect()
    assert large() is None


class Endless(AscClass, Generic[T]):
    deeper: "Endless[Endless[T]] | None"


def test_endless_types() -> None:
    """A class that needs itself ever deeper, as AssemblyScript has none, is refused and not followed for ever."""
    with pytest.raises(DeclarationError, match="Endless"):
        reach([], [made(Endless, i32)])


MODERN = """
from wasmbind import AscClass, AscRecord, i32, string

class Box[T](AscClass):
    value: T
    next: "Box[T] | None"
    def __init__(self, value: T) -> None: ...
    def get(self) -> T: ...

class Pair[K, V](AscClass):
    first: K
    second: Box[V]

class Crate[T](Box[T]):
    label: T

class Point[T](AscRecord):
    x: T
    y: T = ...

def local():
    class Item(AscClass):
        size: i32

    class Holder[T](AscClass):
        item: "Item"
        value: T

    return Holder[i32], Holder[Item], Item
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is new in Python 3.12")
def test_type_parameter_syntax() -> None:
    """`class Box[T](AscClass)` is the same as deriving from `Generic[T]`."""
    module = types.ModuleType("modern")
    sys.modules["modern"] = module
    try:
        exec(textwrap.dedent(MODERN), module.__dict__)  # noqa: S102 - syntax that older Pythons cannot read
        box, pair, crate, point = (getattr(module, name) for name in ("Box", "Pair", "Crate", "Point"))
        cls = made(box, i32)
        assert cls is made(box, i32)
        assert (field(cls, "value"), field(cls, "next")) == (I32, d.Nullable(d.ObjectOf(cls)))
        assert function(cls, "get").result == I32
        assert field(made(pair, i32, string), "second") == d.ObjectOf(made(box, string))
        assert declared_bases(made(crate, i32)) == [made(crate, i32), made(box, i32)]
        assert [found.name for found in declaration_of(made(point, f64)).fields] == ["x", "y"]
        numbers, items, item = module.local()
        assert (field(numbers, "item"), field(items, "value")) == (d.ObjectOf(item), d.ObjectOf(item))
        with pytest.raises(DeclarationError, match="is generic and has no type arguments"):
            box(1)
    finally:
        del sys.modules["modern"]
