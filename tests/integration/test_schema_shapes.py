"""Binaries with a schema: shapes of classes that are rare, and what is said where one cannot be used."""

# mypy: disable-error-code="empty-body"

import gc
import math
import types
import weakref
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest

from tests.compilers import each_compiler
from tests.compiling import Compiler, compile_asc
from tests.integration.lazy_binary import LazyBinary
from tests.integration.mismatches import facts
from tests.integration.transformed import run_asc
from wasmbind import AscClass, AscModule, AscRecord, BindError, export, f64, i32, i64, string

T = TypeVar("T")

SHAPES = LazyBinary(
    "shapes.wasm",
    """
export class Line { n: i32 = 1; }
export class Box<T> { constructor(public value: T) {} }
export class Marked { n: i32 = 1; readonly mark: i32 = 5; }
export class Sealed { n: i32 = 1; private constructor() {} static make(): Sealed { return new Sealed(); } }
export class Limits { @inline static readonly MOST: i32 = 12; }
export function box(): Box<Line> { return new Box<Line>(new Line()); }
export function most(): i32 { return Limits.MOST; }
export function scale(by: f64 = NaN, most: f64 = Infinity, step: i32 = 0x10): f64 {
  return isNaN(by) ? most : by + step;
}
const nan: f64 = 4;
export function vary(by: f64 = nan): f64 { return by; }
""",
    transform=True,
)


# --- what keeps what alive -----------------------------------------------------------------------------------


class Local:
    """Something large that a function has in a local variable."""


class Box(AscClass, Generic[T]):
    value: T


def use_once(*, bind: bool) -> list["weakref.ref[Any]"]:
    """Declare classes in a function, bind them or not, and drop everything: what should go with them."""
    local = Local()

    class Line(AscClass):
        n: i32

    class Boxes(AscModule, wasm=SHAPES):
        def box(self) -> Box[Line]: ...

    if bind:
        assert Boxes().box().value.n == 1
    return [weakref.ref(each) for each in (local, Line, Boxes, Box[Line])]


def test_generic_classes_do_not_keep_their_arguments() -> None:
    """A parametrisation dies with its arguments, and what the function that made them had in its frame as well."""
    for bind in (True, False):
        found = use_once(bind=bind)
        gc.collect()
        assert [each() for each in found] == [None] * 4


def test_generic_classes_of_a_function_do_not_keep_its_frame() -> None:
    """Once the names in their annotations are resolved, only the classes themselves are kept."""

    def declare() -> tuple["weakref.ref[Local]", type[Any]]:
        local = Local()

        class Line(AscClass):
            n: i32

        class Box(AscClass, Generic[T]):
            value: T

        class Boxes(AscModule, wasm=SHAPES):
            def box(self) -> Box[Line]: ...

        assert Boxes().box().value.n == 1
        return weakref.ref(local), Boxes

    local, boxes = declare()
    gc.collect()
    assert local() is None
    assert boxes().box().value.n == 1


def test_classes_that_do_not_fit_are_forgotten() -> None:
    """A module keeps no class that it could not bind."""

    class Shapes(AscModule, wasm=SHAPES):
        pass

    shapes = Shapes()

    def fail() -> "weakref.ref[type[Any]]":
        class Line(AscClass):
            n: i64

        with pytest.raises(BindError):
            shapes[Line]
        return weakref.ref(Line)

    failed = fail()
    gc.collect()
    assert failed() is None


# --- records -------------------------------------------------------------------------------------------------


class Shapes(AscModule, wasm=SHAPES):
    pass


def test_records_with_readonly_fields() -> None:
    """A record sets all of its fields, so one that AssemblyScript alone sets has the default `...`."""

    class Wrong(AscRecord, name="Marked"):
        n: i32 = 0
        mark: i32 = 0

    class Marked(AscRecord):
        n: i32 = 0
        mark: i32 = ...  # type: ignore[assignment]  # left to AssemblyScript

    fix = "let AssemblyScript set it: `mark: ... = ...`"
    assert facts(Shapes, Wrong) == [("Wrong.mark", "a field that the record sets", "a readonly field", fix)]
    made = Shapes()[Marked](7)
    assert (made.n, made.mark) == (7, 5)


def test_records_that_python_cannot_construct() -> None:
    """The fix for a hidden constructor fits a record, which declares no `__init__` that could be removed."""

    class Sealed(AscRecord):
        n: i32 = 3

    class Declared(AscClass, name="Sealed"):
        n: i32

        def __init__(self) -> None: ...

    with pytest.raises(BindError) as caught:
        Shapes()[Sealed]()
    (found,) = caught.value.mismatches
    assert (found.found, found.fix) == (
        "a private constructor",
        "derive it from AscClass, and construct it in AssemblyScript",
    )
    assert facts(Shapes, Declared)[0][2:] == (
        "a private constructor",
        "remove __init__, and construct it in AssemblyScript",
    )


# --- constants and defaults ----------------------------------------------------------------------------------


def test_inlined_constants() -> None:
    """A static field that is nowhere in the binary is told with its value."""

    class Wrong(AscModule, wasm=SHAPES):
        @property
        @export("Limits.MOST")
        def most(self) -> i32: ...

    ((_, declared, found, fix),) = facts(Wrong)
    assert (declared, found) == ("i32", "a constant that AssemblyScript inlines, 12")
    assert fix == "write `most = 12` in Python"


def test_defaults_that_are_no_finite_numbers() -> None:
    """`NaN`, infinities and hexadecimal numbers are compared as values, and names of variables not at all."""

    class Right(AscModule, wasm=SHAPES):
        def scale(self, by: f64 = math.nan, most: f64 = math.inf, step: i32 = 16) -> f64: ...
        def vary(self, by: f64 = 4.0) -> f64: ...

    class Wrong(AscModule, wasm=SHAPES):
        def scale(self, by: f64 = 0.0, most: f64 = -math.inf, step: i32 = 17) -> f64: ...

    right = Right()
    assert (right.scale(), right.scale(1.0), right.vary()) == (math.inf, 17, 4)
    assert [(who, found) for who, _, found, _ in facts(Wrong)] == [
        ("Wrong.scale(by)", "NaN"),
        ("Wrong.scale(most)", "Infinity"),
        ("Wrong.scale(step)", "0x10"),
    ]


# --- bases ---------------------------------------------------------------------------------------------------

THINGS = """
export interface Named { describe(): string; }
export class Base { v: i32 = 3; constructor(v: i32) { this.v = v; } }
export class Thing extends Base implements Named {
  extra: i64 = 5;
  constructor(v: i32) { super(v); }
  describe(): string { return "thing"; }
}
export function thing(): Thing { return new Thing(4); }
export function describe(named: Named): string { return named.describe(); }
"""
PLAIN_THINGS = LazyBinary("plain.wasm", THINGS)
THINGS_WITH_SCHEMA = LazyBinary("things.wasm", THINGS, transform=True)


class Named(AscClass):
    def describe(self) -> string: ...


class Base(AscClass):
    v: i32

    def __init__(self, v: i32) -> None: ...


class Thing(Base, Named):
    extra: i64

    def __init__(self, v: i32) -> None: ...


@pytest.mark.parametrize("wasm", [THINGS_WITH_SCHEMA, PLAIN_THINGS], ids=lambda wasm: wasm.name)
def test_declared_interfaces_without_a_schema(wasm: LazyBinary) -> None:
    """A declaration with an interface among the bases serves builds with and without the transform."""

    class Things(AscModule, wasm=wasm):
        def thing(self) -> Thing: ...

    thing = Things().thing()
    assert (thing.v, thing.extra, isinstance(thing, Named)) == (4, 5, True)


def test_views_mixed_into_a_class() -> None:
    """A base that only adds to Python what another base declares is no second class of the module."""

    class Printable(Base):
        def show(self) -> str:
            return f"v={self.v}"

    class Fancy(Thing, Printable):
        pass

    class Things(AscModule, wasm=THINGS_WITH_SCHEMA):
        def describe(self, named: Named) -> string: ...

    things = Things()
    fancy = things[Fancy](6)
    assert (fancy.show(), fancy.extra, things.describe(fancy)) == ("v=6", 5, "thing")


def test_views_of_a_class_behind_an_interface() -> None:
    """A view stands for the class among its bases, also where an interface comes first."""

    class Bare(Base, name="Thing"):
        """Leaves out in Python that it implements an interface."""

    class View(Named, Bare):
        """Declares nothing."""

    class Things(AscModule, wasm=THINGS_WITH_SCHEMA):
        def describe(self, named: Named) -> string: ...

    things = Things()
    assert things.describe(things[View](8)) == "thing"


@pytest.mark.parametrize("bases", [(Base, Named), (Named, Base)], ids=["class first", "interface first"])
def test_views_that_claim_an_interface(bases: tuple[type[Any], ...]) -> None:
    """A view of a class that does not implement an interface cannot pass for one that does."""
    view = types.new_class("View", bases)

    class Things(AscModule, wasm=THINGS_WITH_SCHEMA):
        def describe(self, named: Named) -> string: ...

    assert [each[:2] for each in facts(Things, view)] == [("View", "a subclass of Named")]


# --- members -------------------------------------------------------------------------------------------------


@each_compiler
def test_accessors_that_were_left_out(compiler: Compiler, tmp_path: Path) -> None:
    """Declared as a property or as an annotation, an accessor that was left out is said to be that."""
    source = "export class A { n: i32 = 1; get x(): i32 { return 1; } set x(value: i32) {} }"
    result = run_asc(tmp_path, source, "--exportRuntime", compiler=compiler, skip="A#x")
    assert (result.returncode, result.stderr) == (0, "")

    class Accessor(AscClass, name="A"):
        n: i32

        @property
        def x(self) -> i32: ...

    class Field(AscClass, name="A"):
        n: i32
        x: i32

    class Module(AscModule, wasm=tmp_path / "main.wasm"):
        pass

    told = ("a member that was left out of the binary", "remove @wasmbindSkip or --skip, and build again")
    assert [each[2:] for each in (*facts(Module, Accessor), *facts(Module, Field))] == [told, told]


def test_accessors_over_fields_of_the_base() -> None:
    """Where an old compiler lets an accessor take a field's place, both ways to declare it call the accessor."""
    source = """
    export class A { x: i32 = 1; }
    export class B extends A { get x(): i32 { return 42; } set x(value: i32) {} }
    export function make(): B { return new B(); }
    export function read(b: B): i32 { return b.x; }
    """
    wasm = compile_asc(source, compiler="oldest", transform=True)

    class Field(AscClass, name="B"):
        x: i32

    class Accessor(AscClass, name="B"):
        @property
        def x(self) -> i32: ...

    class Module(AscModule, wasm=wasm, classes=[Accessor]):
        def make(self) -> Field: ...
        def read(self, b: Field) -> i32: ...

    module = Module()
    made = module.make()
    assert (made.x, module.read(made)) == (42, 42)

    class Other(AscModule, wasm=wasm):
        def make(self) -> Accessor: ...

    assert Other().make().x == 42
