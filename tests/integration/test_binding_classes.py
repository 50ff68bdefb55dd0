"""Classes of binaries that export their members: constructors, methods, accessors, statics, inheritance."""

# mypy: disable-error-code="empty-body"

import pytest

from tests.integration.lazy_binary import LazyBinary
from wasmbind import (
    AscClass,
    AscModule,
    DeclarationError,
    InstanceError,
    LiftError,
    export,
    f64,
    i32,
    python,
    string,
)

SHAPES = LazyBinary(
    "shapes.wasm",
    """
export class Shape {
  label: string = "shape";
  next: Shape | null = null;
  readonly sides: i32 = 3;
  static made: i32 = 0;
  constructor(public size: f64) { Shape.made++; }
  area(): f64 { return 0; }
  get double(): f64 { return this.area() * 2; }
  get scale(): f64 { return this.size / 10; }
  set scale(value: f64) { this.size = value * 10; }
  grow(by: f64, times: i32 = 2): f64 { return this.size += by * times; }
  isLarger(other: Shape): bool { return this.area() > other.area(); }
  static count(): i32 { return Shape.made; }
  static unit(size: f64 = 1): Shape { return new Square(size); }
}
export class Square extends Shape {
  corners: i32 = 4;
  area(): f64 { return this.size * this.size; }
}
export class Rounded extends Square {
  radius: f64 = 0.5;
  constructor(size: f64, radius: f64) { super(size); this.radius = radius; }
  area(): f64 { return super.area() - this.radius; }
  get double(): f64 { return -1; }
}
class Unnamed extends Square {
  area(): f64 { return 99; }
}
export class Point { x: f64 = 1.5; }
export class Pixel extends Point { depth: i32 = 8; }
export function rounded(size: f64): Shape { return new Rounded(size, 1); }
export function unnamed(size: f64): Shape { return new Unnamed(size); }
export function area(shape: Shape): f64 { return shape.area(); }
export function pixel(): Point { return new Pixel(); }
export function nothing(): Shape { return changetype<Shape>(0); }
""",
    compiler="classic",
)


class Shape(AscClass):
    """A shape, as AssemblyScript has it."""

    label: string
    next: "Shape | None"
    sides: i32
    size: f64

    def __init__(self, size: f64) -> None: ...
    def area(self) -> f64:
        """The area."""
        raise NotImplementedError

    @property
    def double(self) -> f64: ...
    @property
    def scale(self) -> f64: ...
    @scale.setter
    def scale(self, value: f64) -> None: ...
    def grow(self, by: f64, times: i32 = ...) -> f64: ...
    @export("grow")
    def grow_by_default(self, by: f64, times: i32 = 5) -> f64: ...
    def isLarger(self, other: "Shape") -> bool: ...
    @staticmethod
    def count() -> i32: ...
    @staticmethod
    def unit(size: f64 = ...) -> "Shape": ...

    def describe(self) -> str:
        return f"{self.label} of {self.area():g}"


class Square(Shape):
    corners: i32


class Rounded(Square):
    radius: f64

    def __init__(self, size: f64, radius: f64) -> None: ...


class View(Square):
    """Declares nothing of AssemblyScript's: a Python view of Square."""

    def __init__(self, size: f64, label: str = "view") -> None:
        super().__init__(size)
        self.label = label

    @python
    def ignored(self) -> None: ...

    @property
    def perimeter(self) -> float:
        return self.size * self.corners


class Point(AscClass):
    x: f64


class Pixel(Point):
    depth: i32


class Shapes(AscModule, wasm=SHAPES, classes=[Rounded, Pixel]):
    def rounded(self, size: f64) -> Shape: ...
    def unnamed(self, size: f64) -> Shape: ...
    def area(self, shape: Shape) -> f64: ...
    def pixel(self) -> Point: ...
    def nothing(self) -> Shape: ...
    @export("nothing")
    def maybe(self) -> Shape | None: ...
    @export("rounded")
    def as_square(self, size: f64) -> Square: ...
    @export("rounded")
    def as_point(self, size: f64) -> Point: ...


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    """One instance for all tests of the file."""
    return Shapes()


def test_constructor_fields_and_methods(shapes: Shapes) -> None:
    """A constructor runs AssemblyScript's initialisers; fields and methods work on what it made."""
    shape = shapes[Shape](3)
    assert (shape.label, shape.next, shape.sides, shape.size) == ("shape", None, 3, 3.0)
    assert shapes[Square](3).area() == 9.0
    assert shapes[Rounded](3, radius=0.25).area() == 8.75


def test_fields_are_written_through_setters(shapes: Shapes) -> None:
    """Assigning a field is seen by AssemblyScript; null is None both ways."""
    first, second = shapes[Square](2), shapes[Shape](1)
    first.size, first.label, first.next = 4, "mine", second
    assert shapes.area(first) == 16.0
    assert first.label == "mine"
    assert first.next is second
    first.next = None
    assert first.next is None


def test_readonly_fields_refuse_assignment(shapes: Shapes) -> None:
    """A `readonly` field, for which the binary exports no setter, is a read-only attribute."""
    shape = shapes[Shape](1)
    with pytest.raises(AttributeError):
        shape.sides = 4
    assert shape.sides == 3


def test_accessors(shapes: Shapes) -> None:
    """Properties bind to AssemblyScript's getters and setters."""
    square = shapes[Square](2)
    assert square.double == 8.0
    square.scale = 0.5
    assert (square.scale, square.size) == (0.5, 5.0)
    with pytest.raises(AttributeError):
        square.double = 1  # type: ignore[misc]  # the point of the test


def test_statics(shapes: Shapes) -> None:
    """A static is called on the bound class, or on the bare class inside a block; subclasses have it too."""
    before = shapes[Shape].count()
    with shapes.active():
        assert isinstance(Shape.unit(2), Square)
        assert Square.count() == before + 1
    assert shapes[Square].unit().size == 1.0
    assert shapes[Shape](1).count() == before + 3


def test_optional_parameters(shapes: Shapes) -> None:
    """`= ...` leaves the default to AssemblyScript; arguments go by position and by name."""
    shape = shapes[Shape](0)
    assert shape.grow(1) == 2.0
    assert shape.grow(1, 3) == 5.0
    assert shape.grow(by=1, times=1) == 6.0


def test_one_export_under_two_names(shapes: Shapes) -> None:
    """`@export` gives an export a second name, with its own defaults: Python's are passed like arguments."""
    shape = shapes[Shape](0)
    assert shape.grow(1) == 2.0
    assert shape.grow_by_default(1) == 7.0
    assert shape.grow(1) == 9.0


def test_overridden_methods_are_dispatched_on_the_object(shapes: Shapes) -> None:
    """A method declared on the base runs the body of the object's own class, getters included."""
    made = shapes.rounded(4)
    assert made.area() == 15.0
    assert made.double == -1.0
    assert shapes[Shape](4).isLarger(made) is False
    assert made.isLarger(shapes[Shape](4)) is True


def test_undeclared_subclass_is_lifted_as_nearest_declared_base(shapes: Shapes) -> None:
    """An object of a class that neither Python nor the exports know is its nearest declared base."""
    hidden = shapes.unnamed(4)
    assert type(hidden) is Square
    assert hidden.corners == 4
    assert shapes.area(hidden) == 99.0


def test_exported_subclass_that_python_does_not_declare() -> None:
    """Virtual dispatch reaches overrides of exported subclasses that Python does not declare."""

    class Shape(AscClass):
        def area(self) -> f64: ...
        @property
        def double(self) -> f64: ...

    class Shapes(AscModule, wasm=SHAPES):
        def rounded(self, size: f64) -> Shape: ...

    with Shapes() as shapes:
        shape = shapes.rounded(3)
        assert type(shape) is Shape
        assert (shape.area(), shape.double) == (8.0, -1.0)


def test_override_in_a_class_that_is_not_exported(shapes: Shapes) -> None:
    """The body that runs is the most derived one that the binary exports, even of a class in between."""
    hidden = shapes.unnamed(4)
    assert hidden.area() == shapes[Square](4).area() == 16.0


def test_results_are_lifted_as_most_derived_class(shapes: Shapes) -> None:
    """A result declared as a base comes as the most derived declared class of the object."""
    assert type(shapes.rounded(2)) is Rounded
    assert type(shapes.pixel()) is Pixel
    assert type(shapes.as_square(2)) is Rounded


def test_result_of_another_class_is_refused(shapes: Shapes) -> None:
    """A result that is not of the declared class is an error, not a misread object."""
    with pytest.raises(LiftError, match=r"Shapes: Point expected, found Rounded"):
        shapes.as_point(1)


def test_null_results(shapes: Shapes) -> None:
    """Null is None where that is declared and an error that says so elsewhere."""
    assert shapes.maybe() is None
    with pytest.raises(LiftError, match=r"null found where `Shape` is declared; declare `Shape \| None`"):
        shapes.nothing()


def test_python_view_of_a_class(shapes: Shapes) -> None:
    """A subclass that declares nothing is Python's own: its methods and constructor are Python."""
    view = shapes[View](3, label="seen")
    assert (view.label, view.perimeter, view.area(), view.describe()) == ("seen", 12.0, 9.0, "seen of 9")
    assert view.ignored() is None
    assert shapes.area(view) == 9.0
    holder = shapes[Shape](1)
    holder.next = view
    assert holder.next is view


def test_view_that_forgets_the_constructor() -> None:
    """A Python `__init__` that does not call the constructor is told so."""

    class Forgetful(Square):
        def __init__(self) -> None:
            self.__class__.__name__.upper()

    class Early(Square):
        def __init__(self) -> None:
            self.size = 2

    shapes = Shapes()
    with pytest.raises(DeclarationError, match=r"call super\(\).__init__\(...\) in it"):
        shapes[Forgetful]()
    with pytest.raises(InstanceError, match=r"not constructed yet: call super\(\).__init__"):
        shapes[Early]()


def test_class_docstrings_and_names_survive(shapes: Shapes) -> None:
    """A bound method keeps its docstring and says in `repr` what it is."""
    assert shapes[Shape](1).area.__doc__ == "The area."
    assert Shape.area.__qualname__ == "Shape.area"
    assert Shape.area.__module__ == __name__
