"""What declared operators are to a type checker: Python's own."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: PLW1641 - classes that compare are not hashable

from typing import assert_type

from wasmbind import AscClass, AscModule, export, f64, i32, string


class Vector(AscClass):
    x: f64
    y: f64

    def __init__(self, x: f64, y: f64) -> None: ...
    def __add__(self, other: "Vector") -> "Vector": ...
    def __mul__(self, factor: f64) -> "Vector": ...
    def __neg__(self) -> "Vector": ...
    def __eq__(self, other: object) -> bool: ...
    def __lt__(self, other: "Vector") -> bool: ...
    def __getitem__(self, index: i32) -> f64: ...
    def __setitem__(self, index: i32, value: f64) -> None: ...
    @export("dot")
    def __matmul__(self, other: "Vector") -> f64: ...

    def __rmul__(self, factor: float) -> "Vector":
        return self * factor

    def __len__(self) -> int:
        return 2


class Names(AscClass):
    def __getitem__(self, key: string) -> string | None: ...
    def __ne__(self, other: object) -> bool: ...


class Vectors(AscModule, wasm="vectors.wasm", classes=[Names]):
    def unit(self) -> Vector: ...


def arithmetic(vectors: Vectors) -> None:
    a, b = vectors[Vector](1, 2), vectors.unit()
    assert_type(a + b, Vector)
    assert_type(a * 2, Vector)
    assert_type(2 * a, Vector)
    assert_type(-a, Vector)
    assert_type(a @ b, float)
    a += b
    assert_type(a, Vector)


def comparisons(vectors: Vectors, names: Names, others: Names) -> None:
    a, b = vectors[Vector](1, 2), vectors.unit()
    assert_type(a == b, bool)
    assert_type(a != b, bool)
    assert_type(a < b, bool)
    assert_type(a > b, bool)
    assert_type(a in [a, b], bool)
    assert_type(sorted([a, b]), list[Vector])
    assert_type(names != others, bool)


def items(vector: Vector, names: Names) -> None:
    assert_type(vector[0], float)
    assert_type(len(vector), int)
    assert_type(names["key"], str | None)
    vector[1] = 2
    vector[0] = vector[1] + 0.5
