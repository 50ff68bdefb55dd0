"""What calls, properties, globals and enums are to a type checker."""

# mypy: disable-error-code="empty-body"

import enum
from collections.abc import Iterable, Sequence
from typing import Annotated, assert_type

from wasmbind import AscModule, Name, export, f32, f64, i8, i32, i64, isize, string, u8, u16, u32, u64, usize


class Color(enum.IntEnum):
    Red = 0
    Green = 5


class Calls(AscModule, wasm="calls.wasm", rename="camel"):
    counter: i32
    title: string
    origin: Annotated[i32, Name("from")]

    @property
    def limit(self) -> f64: ...
    @property
    def scale(self) -> f64: ...
    @scale.setter
    def scale(self, value: f64) -> None: ...
    def small(self, a: i8, b: u8, c: u16) -> i8: ...
    def large(self, a: i64, b: u64, c: u32, d: isize, e: usize) -> u64: ...
    def real(self, a: f32, b: f64, c: float) -> f32: ...
    def flag(self, a: bool) -> bool: ...
    def text(self, a: string, b: str) -> string: ...
    def nothing(self) -> None: ...
    def find(self, name: string) -> string | None: ...
    def maybe(self, name: string | None) -> bool: ...
    def add(self, a: i32, b: i32 = ..., c: i32 = ...) -> i32: ...
    def words(self, text: string) -> list[string]: ...
    def matrix(self, rows: list[list[f64]]) -> list[list[f64]]: ...
    def total(self, values: Sequence[f64]) -> f64: ...
    def count(self, values: Iterable[i32]) -> i32: ...
    def paint(self, c: Color) -> Color: ...
    @export("raise")
    def raise_(self, by: i32) -> i32: ...

    def doubled(self, value: int) -> int:
        """Python's own."""
        return self.add(value, value)


def scalars(calls: Calls) -> None:
    assert_type(calls.small(1, 2, 3), int)
    assert_type(calls.large(1, 2, 3, 4, 5), int)
    assert_type(calls.real(1, 2.5, 3), float)
    assert_type(calls.flag(a=True), bool)
    assert_type(calls.text("a", b="b"), str)
    assert_type(calls.find("x"), str | None)
    assert_type(calls.maybe(None), bool)
    assert_type(calls.raise_(1), int)
    calls.nothing()


def optional_arguments(calls: Calls) -> None:
    assert_type(calls.add(1), int)
    assert_type(calls.add(1, 2), int)
    assert_type(calls.add(a=1, b=2, c=3), int)
    assert_type(calls.doubled(2), int)


def lists(calls: Calls) -> None:
    assert_type(calls.words("a b"), list[str])
    assert_type(calls.words("a b")[0].upper(), str)
    assert_type(calls.matrix([[1.0], []]), list[list[float]])
    assert_type(calls.total([1, 2.5]), float)
    assert_type(calls.total((1.0, 2.5)), float)
    assert_type(calls.total(range(3)), float)
    assert_type(calls.count({1, 2}), int)
    assert_type(calls.count(len(word) for word in calls.words("a b")), int)


def enums(calls: Calls) -> None:
    assert_type(calls.paint(Color.Red), Color)
    assert_type(calls.paint(Color.Red) + 1, int)


def globals_and_properties(calls: Calls) -> None:
    assert_type(calls.counter, int)
    assert_type(calls.title, str)
    assert_type(calls.origin, int)
    assert_type(calls.limit, float)
    calls.counter += 1
    calls.title = "title"
    calls.origin = 3
    calls.scale = calls.limit
    assert_type(calls.scale, float)
