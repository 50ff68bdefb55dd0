"""Binaries with a schema: classes declared in part, members declared as something else, and what is hidden."""

# mypy: disable-error-code="empty-body"

import types
from typing import Any

import pytest

from tests.integration.library_module import LIBRARY
from tests.integration.mismatches import facts
from wasmbind import (
    AscClass,
    AscModule,
    AscRecord,
    BindError,
    DeclarationError,
    InstanceError,
    LowerTypeError,
    asdict,
    export,
    f32,
    f64,
    i8,
    i32,
    i64,
    string,
    u16,
    u32,
    u64,
)

# --- parts ---------------------------------------------------------------------------------------------------

#: Members that can be declared each by itself, and what they are of a new entry.
PARTS: dict[str, tuple[Any, Any]] = {
    "flag": (bool, True),
    "small": (i8, -3),
    "ratio": (f32, 1.5),
    "id": (u32, 2**32 - 1),
    "wide": (u64, 2**64 - 1),
    "parts": (list[string], ["a", "b"]),
    "half": (u16, 65535),
    "title": (string, "zero"),
    "size": (i32, 3),
    "length": (i32, 4),
}


@pytest.mark.parametrize("chosen", range(0, 1 << len(PARTS), 37))
def test_any_part_of_a_class(chosen: int) -> None:
    """Whichever members are declared, each is what it is; accessors may be declared as fields."""
    names = [name for at, name in enumerate(PARTS) if chosen >> at & 1]
    annotations = {name: PARTS[name][0] for name in names}
    body = {"__annotations__": annotations, "__module__": __name__, "__qualname__": "Entry"}
    partial: Any = types.new_class("Entry", (AscClass,), {}, lambda space: space.update(body))

    class Library(AscModule, wasm=LIBRARY, namespace={"Partial": partial}):
        # `namespace` gives the name, which no checker knows.
        def make(self, kind: i32) -> "Partial": ...  # type: ignore[name-defined]  # noqa: F821  # pyright: ignore[reportUndefinedVariable]

    made: Any = Library().make(0)
    assert {name: getattr(made, name) for name in names} == {name: PARTS[name][1] for name in names}


def test_accessors_declared_as_fields() -> None:
    """An annotation may stand for an accessor: with a setter it can be assigned, without one it cannot."""

    class Entry(AscClass):
        size: i32
        length: i32

    class Library(AscModule, wasm=LIBRARY):
        def make(self, kind: i32) -> Entry: ...

    entry = Library().make(0)
    entry.size = 5
    assert (entry.size, entry.length) == (10, 4)
    with pytest.raises(AttributeError):
        entry.length = 5


def test_fields_declared_as_accessors() -> None:
    """A property may stand for a field: with its setter where it is not `readonly`."""

    class Entry(AscClass):
        @property
        def title(self) -> string: ...
        @title.setter
        def title(self, value: string) -> None: ...
        @property
        def id(self) -> u32: ...
        @export("get:half")
        def half(self) -> u16: ...

    class Library(AscModule, wasm=LIBRARY):
        def make(self, kind: i32) -> Entry: ...

    entry = Library().make(0)
    entry.title = "new"
    assert (entry.title, entry.id, entry.half()) == ("new", 2**32 - 1, 65535)


def test_setter_without_a_getter() -> None:
    """A setter alone can be declared as a method."""

    class Entry(AscClass):
        @export("set:only")
        def put(self, value: i32) -> None: ...
        @property
        def size(self) -> i32: ...

    class Library(AscModule, wasm=LIBRARY):
        def make(self, kind: i32) -> Entry: ...

    entry = Library().make(0)
    entry.put(77)
    assert entry.size == 77


def test_export_above_property() -> None:
    """`@export` has to stand below `@property`, and says so."""
    with pytest.raises(DeclarationError, match="property"):

        class Entry(AscClass):  # pyright: ignore[reportUnusedClass]  # the statement raises
            @export("title")  # type: ignore[prop-decorator]  # the point of the test
            @property
            def name(self) -> string: ...


def test_names() -> None:
    """`name=` takes the exported or the internal name, `rename` and `@export` rename members."""

    class Thing(AscClass, name="Entry", rename="camel"):
        title: string

        @export("describe")
        def shown(self, prefix: string = ...) -> string: ...

    class Other(AscClass, name="assembly/inline/Unreached"):
        value: i32

    class Internal(AscClass, name="inline/Unreached"):
        value: i32

        def __init__(self) -> None: ...
        @export("twice")
        def doubled(self) -> i32: ...

    class Library(AscModule, wasm=LIBRARY):
        def make(self, kind: i32) -> Thing: ...

    library = Library()
    assert (library.make(0).title, library.make(0).shown()) == ("zero", "entry zero 3")
    assert library[Internal]().doubled() == 10
    assert facts(Library, Other) == [
        (
            "Other",
            "the class assembly/inline/Unreached",
            "no class of that name",
            "did you mean 'Unreached'?",
        )
    ]


def test_classes_that_nothing_reaches() -> None:
    """`module[Cls]` binds a class that the module's own declarations do not lead to."""

    class Unreached(AscClass):
        value: i32

        def __init__(self) -> None: ...
        def twice(self) -> i32: ...

    class Missing(AscClass):
        value: i32

    class Library(AscModule, wasm=LIBRARY):
        pass

    library = Library()
    made = library[Unreached]()
    made.value = 21
    assert made.twice() == 42
    assert facts(Library, Unreached, Missing)[0][:3] == ("Missing", "the class Missing", "no class of that name")


# --- what AssemblyScript hides -------------------------------------------------------------------------------


def test_private_and_protected_members() -> None:
    """Hidden fields, methods and accessors are refused, each by what it is."""

    class Entry(AscClass):
        hidden: i64
        guarded: string
        inner: i32

        def secret(self) -> i32: ...
        def guard(self) -> i32: ...
        @property
        @export("hidden")
        def shown(self) -> i64: ...

    class Library(AscModule, wasm=LIBRARY, classes=[Entry]):
        pass

    fix = "make it public in AssemblyScript, or remove the declaration"
    assert facts(Library) == [
        ("Entry.hidden", "i64", "a private field, which is not exported", fix),
        ("Entry.guarded", "string", "a protected field, which is not exported", fix),
        ("Entry.inner", "i32", "a private accessor, which is not exported", fix),
        ("Entry.secret", "method () -> i32", "a private member, which is not exported", fix),
        ("Entry.guard", "method () -> i32", "a protected member, which is not exported", fix),
        ("Entry.shown", "getter () -> i64", "a private member, which is not exported", fix),
    ]


def test_private_constructors() -> None:
    """A class with a private constructor is declared without `__init__`; its objects come from statics."""

    class Sealed(AscClass):
        n: i32

        @staticmethod
        def make() -> "Sealed": ...

    class Open(AscClass, name="Sealed"):
        def __init__(self, n: i32) -> None: ...

    class Made(AscRecord, name="Sealed"):
        n: i32

    class Library(AscModule, wasm=LIBRARY):
        pass

    library = Library()
    assert library[Sealed].make().n == 4
    with pytest.raises(DeclarationError, match="it declares no __init__"):
        library[Sealed]()  # type: ignore[call-arg]  # the point of the test
    fix = "remove __init__, and construct it in AssemblyScript"
    assert facts(Library, Open) == [("Open.__init__", "constructor (n: i32) -> void", "a private constructor", fix)]
    with pytest.raises(BindError, match=r"Made\.__init__: declared a constructor, found a private constructor"):
        library[Made](1)


# --- records and views ---------------------------------------------------------------------------------------


def test_records() -> None:
    """A record runs AssemblyScript's initialisers, then sets what is given; fields may be left out altogether."""

    class Point(AscRecord):
        x: f64
        label: string = ...  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # AssemblyScript's own

    class Points(AscModule, wasm=LIBRARY):
        def norm(self, p: Point) -> string: ...

    points = Points()
    assert points.norm(points[Point](3)) == "p13.0"
    assert points.norm(points[Point](1, "b")) == "b5.0"
    assert asdict(points[Point](x=0, label="c")) == {"x": 0.0, "label": "c"}
    with pytest.raises(LowerTypeError, match="the field 'x' is missing"):
        points[Point]()  # type: ignore[call-arg]  # the point of the test


def test_fields_in_another_order() -> None:
    """Order decides where fields lie without a schema, so with one it has to be right as well."""

    class Point(AscRecord):
        label: string
        x: f64

    class Points(AscModule, wasm=LIBRARY, classes=[Point]):
        pass

    fix = "keep AssemblyScript's order, 'x' above 'label': it is what places fields without a schema"
    assert facts(Points) == [("Point.x", "after 'label'", "before 'label' in AssemblyScript", fix)]


def test_record_of_a_class_whose_constructor_takes_arguments() -> None:
    """A record cannot be made by a constructor with parameters, which is told when binding."""

    class Entry(AscRecord):
        title: string

    class Library(AscModule, wasm=LIBRARY, classes=[Entry]):
        pass

    fix = "declare __init__ with these parameters"
    shown = "(title: string, size: i32 = 3) -> void"
    assert facts(Library) == [("Entry.__init__", "a record, constructed without arguments", shown, fix)]


def test_views() -> None:
    """A subclass that declares nothing of AssemblyScript's is Python's own, with its base's members."""

    class Entry(AscClass):
        title: string

        def __init__(self, title: string, size: i32 = ...) -> None: ...
        def describe(self, prefix: string = ...) -> string: ...

    class Loud(Entry):
        def __init__(self, title: str) -> None:
            super().__init__(title + "!", 1)

        def shout(self) -> str:
            return self.describe().upper()

    class Louder(Loud):
        @property
        def text(self) -> str:
            return self.shout() * 2

    class Library(AscModule, wasm=LIBRARY):
        def read(self, entry: Entry) -> string: ...

    library = Library()
    view = library[Louder]("hi")
    assert (view.title, view.shout(), view.text) == ("hi!", "ENTRY HI! 1", "ENTRY HI! 1" * 2)
    assert "hi!" in library.read(view)


# --- instances -----------------------------------------------------------------------------------------------


def test_instances_are_apart() -> None:
    """Objects of one instance are no arguments of another, and each instance has its own data."""

    class Entry(AscClass):
        title: string

        def __init__(self, title: string, size: i32 = ...) -> None: ...
        def link(self, other: "Entry | None") -> "Entry | None": ...

    class Library(AscModule, wasm=LIBRARY):
        def read(self, entry: Entry) -> string: ...

    first, second = Library(), Library()
    one, two = first[Entry]("one"), second[Entry]("two")
    assert (one.title, two.title) == ("one", "two")
    with pytest.raises(InstanceError) as caught:
        second.read(one)
    assert caught.value.reason == "foreign"
    with pytest.raises(InstanceError):
        one.link(two)
    first.close()
    assert "two" in second.read(two)
