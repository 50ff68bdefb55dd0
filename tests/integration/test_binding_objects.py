"""Objects of declared classes in Python: records, identity, `repr`, `asdict`, `isinstance`."""

# mypy: disable-error-code="empty-body"

import pytest

from tests.integration.lazy_binary import LazyBinary
from wasmbind import (
    AscClass,
    AscModule,
    AscRecord,
    DeclarationError,
    InstanceError,
    LowerTypeError,
    asdict,
    f64,
    i32,
    string,
)

SHAPES = LazyBinary(
    "objects.wasm",
    """
export class Shape {
  next: Shape | null = null;
  constructor(public size: f64) {}
}
export class Square extends Shape { corners: i32 = 4; }
export class Rounded extends Square {}
export class Point { x: f64 = 1.5; y: f64 = 2.5; tag: string = "p"; }
export class Pixel extends Point { depth: i32 = 8; }
export function sum(point: Point): f64 { return point.x + point.y; }
export function group(shape: Shape): Shape[] { return [shape, shape]; }
""",
    compiler="classic",
)


class Shape(AscClass):
    next: "Shape | None"
    size: f64

    def __init__(self, size: f64) -> None: ...


class Square(Shape):
    corners: i32


class Rounded(Square, name="Rounded"): ...


class Point(AscRecord):
    x: f64 = ...  # type: ignore[assignment]  # AssemblyScript's own initialiser
    y: f64 = 0.5
    tag: string = "made"


class Pixel(Point):
    depth: i32 = ...  # type: ignore[assignment]  # AssemblyScript's own initialiser


class Shapes(AscModule, wasm=SHAPES, classes=[Rounded, Pixel]):
    def sum(self, point: Point) -> f64: ...
    def group(self, shape: Shape) -> list[Shape]: ...


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    """One instance for all tests of the file."""
    return Shapes()


def test_identity(shapes: Shapes) -> None:
    """The same AssemblyScript object is the same Python object while one is alive."""
    first, second = shapes[Shape](1), shapes[Shape](1)
    first.next = second
    assert first.next is second
    assert first != second
    assert len({first, second, first.next}) == 2
    one, other = shapes.group(first)
    assert one is other is first


def test_record_without_arguments_keeps_the_initialisers(shapes: Shapes) -> None:
    """A field with the default `...` is AssemblyScript's, one with another default is Python's."""
    point = shapes[Point]()
    assert repr(point) == "Point(x=1.5, y=0.5, tag='made')"
    assert shapes.sum(point) == 2.0


def test_record_by_position_and_keyword(shapes: Shapes) -> None:
    """A record takes its fields in order or by name, those of bases first."""
    assert repr(shapes[Point](3, tag="t")) == "Point(x=3.0, y=0.5, tag='t')"
    assert repr(shapes[Pixel](1, 2, "t", 3)) == "Pixel(x=1.0, y=2.0, tag='t', depth=3)"
    assert shapes[Pixel](y=7).depth == 8


def test_record_refuses_wrong_fields(shapes: Shapes) -> None:
    """Unknown, repeated, superfluous and ill-typed fields are TypeErrors that name the field."""
    point = shapes[Point]
    with pytest.raises(LowerTypeError, match=r"Point\(z\): has no field 'z'"):
        point(z=1)  # type: ignore[call-arg]  # the point of the test
    with pytest.raises(LowerTypeError, match=r"Point\(x\): is given twice"):
        point(1, x=2)  # type: ignore[misc]  # the point of the test
    with pytest.raises(LowerTypeError, match=r"takes 3 fields \(x, y, tag\), 4 given"):
        point(1, 2, "t", 4)  # type: ignore[call-arg]  # the point of the test
    with pytest.raises(LowerTypeError, match=r"Point\.y: f64 expects a float"):
        point(y="2")  # type: ignore[arg-type]  # the point of the test


def test_asdict_copies_deeply_and_keeps_cycles(shapes: Shapes) -> None:
    """`asdict` copies an object with all it refers to; the same object is the same dict."""
    first, second = shapes[Shape](1), shapes[Square](2)
    first.next, second.next = second, first
    copied = asdict(first)
    inner = copied["next"]
    assert inner["next"] is copied
    assert {**inner, "next": None} == {"next": None, "size": 2.0, "corners": 4}


def test_asdict_takes_objects_only() -> None:
    """What is no object of a declared class is a TypeError."""
    with pytest.raises(TypeError, match=r"asdict\(\) expects an object of an AscClass, got dict"):
        asdict({})


def test_repr_of_a_cycle_and_of_a_closed_instance() -> None:
    """`repr` shows the fields, cuts cycles, and says when the instance is closed."""
    with Shapes() as shapes:
        square = shapes[Square](2)
        square.next = square
        assert repr(square) == "Square(next=..., size=2.0, corners=4)"
    assert repr(square) == "<Square of a closed instance>"


def test_isinstance_with_a_bound_class(shapes: Shapes) -> None:
    """`isinstance(obj, module[Cls])` asks for the class and for the instance."""
    square = shapes[Square](1)
    assert isinstance(square, shapes[Shape])
    assert not isinstance(square, shapes[Rounded])
    assert issubclass(Rounded, shapes[Shape])
    with Shapes() as other:
        assert not isinstance(square, other[Square])
        assert isinstance(square, Square)


def test_constructing_an_object_again_is_refused(shapes: Shapes) -> None:
    """A second call of `__init__` cannot make a Python object stand for another AssemblyScript object."""
    holder, shape = shapes[Shape](1), shapes[Shape](2)
    holder.next = shape
    with pytest.raises(InstanceError):
        shape.__init__(9)  # type: ignore[misc]  # the point of the test
    assert holder.next is shape
    assert shape.size == 2.0


def test_two_assemblyscript_bases() -> None:
    """A class that derives from two AssemblyScript classes, which no object can be of, is refused."""

    def use() -> object:
        class Both(Square, Point): ...

        return Shapes()[Both](1)

    with pytest.raises(DeclarationError, match="Both"):
        use()
