"""What records, whose constructors are synthesised from their fields, are to a type checker."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable
from typing import assert_type

from wasmbind import AscModule, AscRecord, f64, i32, string


class Point(AscRecord):
    x: f64
    y: f64 = 0.0

    def length(self) -> f64: ...

    def flipped(self) -> "Point":
        """Python's own."""
        return Point(self.y, self.x)


class Pixel(Point):
    depth: i32 = 8
    tag: string = ""
    previous: "Point | None" = None


class Points(AscModule, wasm="points.wasm"):
    def origin(self) -> Point: ...
    def middle(self, points: list[Point]) -> Point | None: ...


def construction(points: Points) -> None:
    assert_type(points[Point](1), Point)
    assert_type(points[Point](1, 2.5), Point)
    assert_type(points[Point](x=1, y=2), Point)
    assert_type(points[Pixel](1, 2, 3, "tag"), Pixel)
    assert_type(points[Pixel](1, tag="t", previous=points.origin()), Pixel)
    with points.active():
        assert_type(Point(1, y=2), Point)
    make: Callable[[float], Point] = points[Point]
    assert_type(make(1), Point)


def members(points: Points) -> None:
    point = points.origin()
    assert_type(point.x, float)
    assert_type(point.length(), float)
    assert_type(point.flipped(), Point)
    assert_type(points[Pixel](1).depth, int)
    assert_type(points.middle([point, point.flipped()]), Point | None)
    point.y = 3


def hashing(points: Points) -> None:
    assert_type({points.origin(): 1}, dict[Point, int])
