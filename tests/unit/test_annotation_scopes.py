"""Where the names in annotations come from: modules, functions, classes, and namespaces given by hand."""

# mypy: disable-error-code="empty-body"

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Annotated, ClassVar, Optional

import pytest

from wasmbind import AscClass, AscModule, Name, f64, i32, string
from wasmbind import _descriptors as d
from wasmbind._classes import reach
from wasmbind._declarations import read_declaration
from wasmbind._declared import declaration_of
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.compiling import CompileError as Unseen  # any class: only the name matters


def field_types(cls: type) -> dict[str, d.Descriptor]:
    """The resolved types of the fields that a class declares."""
    return {field.name: field.type for field in read_declaration(cls).fields}


class Node(AscClass):
    next: Node | None
    later: Optional[Later]  # noqa: UP045 - users write it
    count: i32
    origin: Annotated[f64, Name("from")]
    shared: ClassVar[int]

    def tail(self) -> Later: ...


class Later(AscClass):
    first: Node


def test_forward_and_circular_references() -> None:
    """Classes refer to themselves and to classes below them, as all annotations here are strings."""
    assert field_types(Node) == {
        "next": d.Nullable(d.ObjectOf(Node)),
        "later": d.Nullable(d.ObjectOf(Later)),
        "count": d.INTEGERS["i32"],
        "origin": d.F64,
    }
    assert field_types(Later) == {"first": d.ObjectOf(Node)}
    assert read_declaration(Node).functions[0].result == d.ObjectOf(Later)


def test_circles_are_reached_once() -> None:
    """Walking the types of a circle ends, with each class once."""
    classes, enums = reach([d.ListOf(d.Nullable(d.ObjectOf(Later)))], [])
    assert sorted(cls.__name__ for cls in classes) == ["Later", "Node"]
    assert enums == []


class Lost(AscClass):
    value: Unseen


class Found(AscClass, namespace={"Unseen": Node}):
    value: Unseen
    values: list[Unseen | None]


def test_type_checking_name_needs_a_namespace() -> None:
    """A name that only type checkers import is reported with what to do."""
    with pytest.raises(DeclarationError) as caught:
        read_declaration(Lost)
    assert caught.value.who == "Lost.value"
    assert caught.value.problem == "the annotation 'Unseen' uses the name 'Unseen', which is not defined"
    assert "namespace={...}" in (caught.value.fix or "")


def test_type_checking_name_from_the_namespace() -> None:
    """With `namespace=` the same name resolves."""
    assert field_types(Found) == {
        "value": d.ObjectOf(Node),
        "values": d.ListOf(d.Nullable(d.ObjectOf(Node))),
    }


class Summing(AscModule):
    def sum(self, values: Sequence[f64]) -> f64: ...


def test_type_checking_sequence_is_reported() -> None:
    """A standard name that is only imported for type checkers is reported for the parameter."""
    with pytest.raises(DeclarationError, match="'Sequence', which is not defined") as caught:
        read_declaration(Summing)
    assert caught.value.who == "Summing.sum(values)"
    assert caught.value.where is not None


def make_local() -> tuple[type, type]:
    """Two classes that know each other only inside this function, the first defined before the second."""

    class Inner(AscClass):
        other: Other | None
        text: string

    class Other(AscClass):
        inner: Inner

    return Inner, Other


def test_function_local_classes() -> None:
    """Classes of a function find each other after it has returned, also the one that was defined later."""
    inner, other = make_local()
    assert field_types(inner) == {"other": d.Nullable(d.ObjectOf(other)), "text": d.STRING}
    assert field_types(other) == {"inner": d.ObjectOf(inner)}


def test_local_classes_of_two_calls_stay_apart() -> None:
    """Each call of the function has its own names."""
    first, second = make_local(), make_local()
    assert field_types(first[0])["other"] == d.Nullable(d.ObjectOf(first[1]))
    assert field_types(second[0])["other"] == d.Nullable(d.ObjectOf(second[1]))


def test_locals_shadow_globals() -> None:
    """A local class hides one of the module with the same name."""

    class Node(AscClass):
        value: i32

    class User(AscClass):
        node: Node

    assert field_types(User) == {"node": d.ObjectOf(Node)}


def test_parameters_of_the_function_are_seen() -> None:
    """A type that came as an argument can be named."""

    def make(element: type) -> type:
        class Holder(AscClass):
            value: element  # type: ignore[valid-type]  # what the test shows

        return Holder

    assert field_types(make(Node)) == {"value": d.ObjectOf(Node)}


class Outer(AscClass):
    class Part(AscClass):  # noqa: D106 - only its name matters
        size: i32

    part: Part


def test_names_of_the_class_body_are_seen() -> None:
    """A class nested in a class body is a name for the annotations of the body, as it is without quotes."""
    assert field_types(Outer) == {"part": d.ObjectOf(Outer.Part)}


def test_frames_are_dropped_once_resolved() -> None:
    """A class does not keep the locals of the function around it alive after its first binding."""

    class Big:
        pass

    def make() -> tuple[type, weakref.ref[Big]]:
        big = Big()

        class Inner(AscClass):
            value: i32

        return Inner, weakref.ref(big)

    cls, reference = make()
    declaration_of(cls)
    gc.collect()
    assert reference() is None


def test_annotations_stay_unread_until_bound() -> None:
    """A class statement resolves nothing: mistakes show when the class is bound, once and again."""

    class Wrong(AscClass):
        value: NoSuchName  # type: ignore[name-defined]  # noqa: F821 - what the test shows

    for _ in range(2):
        with pytest.raises(DeclarationError, match="NoSuchName"):
            declaration_of(Wrong)


def test_a_name_defined_later_resolves() -> None:
    """What is missing at one try may be there at the next."""

    class Early(AscClass):
        value: Late | None

    with pytest.raises(DeclarationError, match="Late"):
        declaration_of(Early)

    class Late(AscClass):
        value: i32

    assert declaration_of(Early).fields[0].type == d.Nullable(d.ObjectOf(Late))


def test_inherited_annotations_belong_to_the_base() -> None:
    """A derived class declares only its own fields."""

    class Derived(Later):
        extra: i32

    assert field_types(Derived) == {"extra": d.INTEGERS["i32"]}
