"""Integers that do not fit their type, which only the plugin sees: to a checker all of them are `int`."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: ERA001 - comments quote the checkers

from collections.abc import Mapping, Sequence
from typing import Final, Generic, TypeVar

from wasmbind import Array, AscClass, AscModule, AscRecord, Uint8Array, export, i8, i32, i64, string, u8, u32, u64

T = TypeVar("T")
LARGE: Final = 300


class Box(AscClass, Generic[T]):
    value: T

    def __init__(self, value: T) -> None: ...
    def swap(self, value: T) -> T: ...


class Pixel(AscClass):
    red: u8
    others: Array[u8]

    def __init__(self, red: u8) -> None: ...
    def __getitem__(self, index: u8) -> i32: ...
    def __add__(self, more: i8) -> "Pixel": ...
    @property
    def depth(self) -> i8: ...
    @depth.setter
    def depth(self, value: i8) -> None: ...
    @staticmethod
    def grey(level: u8) -> "Pixel": ...


class Point(AscRecord):
    x: u8
    # plugin says: Default of "y" of "Point" is 256, which is no u8 (0 to 255) [wasmbind-range]
    y: u8 = 256


class Ranges(AscModule, wasm="ranges.wasm"):
    level: u8

    def small(self, a: u8, b: u8 = 1) -> u8: ...
    def signed(self, a: i8) -> i8: ...
    def wide(self, a: u32, b: u64 = ..., c: i64 = ...) -> u32: ...
    # plugin says: Default of "a" of "wrong" of "Ranges" is 300, which is no u8 (0 to 255) [wasmbind-range]
    def wrong(self, a: u8 = 300) -> u8: ...
    def bytes(self, values: Uint8Array) -> u32: ...
    def array(self, values: Array[u8]) -> u32: ...
    def copied(self, values: Sequence[u8]) -> u32: ...
    def counts(self, values: Mapping[string, u8]) -> u32: ...
    def box(self) -> Box[u8]: ...
    @export("renamed")
    def another(self, a: u8) -> u8: ...


def fitting(ranges: Ranges) -> None:
    """The ends of each range."""
    ranges.small(0, 255)
    ranges.signed(-128)
    ranges.wide(2**32 - 1, 2**64 - 1, -(2**63))
    # plugin says: nothing
    # mypy says: Argument 1 to "bytes" of "Ranges" has incompatible type "list[int]"; expected "Uint8Array"
    # [arg-type]
    # pyright says: Argument of type "list[int]" cannot be assigned to parameter "values" of type "Uint8Array" in
    # function "bytes" "list[int]" is not assignable to "Uint8Array" (reportArgumentType)
    ranges.bytes([0, 255])


def beyond(ranges: Ranges, pixel: Pixel, *, bright: bool) -> None:
    """What lies beyond them, as an argument."""
    # plugin says: Argument "a" to "small" of "Ranges" is 300, which is no u8 (0 to 255) [wasmbind-range]
    ranges.small(300)
    # plugin says: Argument "b" to "small" of "Ranges" is 256, which is no u8 (0 to 255) [wasmbind-range]
    ranges.small(1, 256)
    # plugin says: Argument "a" to "small" of "Ranges" is -1, which is no u8 (0 to 255) [wasmbind-range]
    ranges.small(-1)
    # plugin says: Argument "b" to "small" of "Ranges" is 1000, which is no u8 (0 to 255) [wasmbind-range]
    ranges.small(b=1000, a=1)
    # plugin says: Argument "a" to "small" of "Ranges" is 300, which is no u8 (0 to 255) [wasmbind-range]
    ranges.small(LARGE)
    # plugin says: Argument "a" to "small" of "Ranges" is 256, which is no u8 (0 to 255) [wasmbind-range]
    ranges.small(255 + 1)
    # plugin says: Argument "a" to "small" of "Ranges" is 999, which is no u8 (0 to 255) [wasmbind-range]
    ranges.small(1 if bright else 999)
    # plugin says: Argument "a" to "signed" of "Ranges" is 128, which is no i8 (-128 to 127) [wasmbind-range]
    ranges.signed(128)
    # plugin says: Argument "a" to "signed" of "Ranges" is -129, which is no i8 (-128 to 127) [wasmbind-range]
    ranges.signed(-129)
    # plugin says: Argument "a" to "wide" of "Ranges" is -1, which is no u32 (0 to 4294967295) [wasmbind-range]
    ranges.wide(-1)
    # plugin says: Argument "b" to "wide" of "Ranges" is 18446744073709551616, which is no u64 (0 to
    # 18446744073709551615) [wasmbind-range]
    ranges.wide(0, 1 << 64)
    # plugin says: Argument "c" to "wide" of "Ranges" is 9223372036854775808, which is no i64 (-9223372036854775808 to
    # 9223372036854775807) [wasmbind-range]
    ranges.wide(0, 0, 1 << 63)
    # plugin says: Argument "a" to "another" of "Ranges" is 256, which is no u8 (0 to 255) [wasmbind-range]
    ranges.another(256)
    # plugin says: Argument "values" to "bytes" of "Ranges" holds 256, which is no u8 (0 to 255) [wasmbind-range]
    # mypy says: Argument 1 to "bytes" of "Ranges" has incompatible type "list[int]"; expected "Uint8Array"
    # [arg-type]
    # pyright says: Argument of type "list[int]" cannot be assigned to parameter "values" of type "Uint8Array" in
    # function "bytes" "list[int]" is not assignable to "Uint8Array" (reportArgumentType)
    ranges.bytes([1, 256])
    # plugin says: Argument "values" to "array" of "Ranges" holds -1, which is no u8 (0 to 255) [wasmbind-range]
    # mypy says: Argument 1 to "array" of "Ranges" has incompatible type "list[int]"; expected "Array[int]"
    # [arg-type]
    # pyright says: Argument of type "list[int]" cannot be assigned to parameter "values" of type "Array[u8]" in
    # function "array" "list[int]" is not assignable to "Array[u8]" (reportArgumentType)
    ranges.array([-1])
    # plugin says: Argument "values" to "copied" of "Ranges" holds 300, which is no u8 (0 to 255) [wasmbind-range]
    ranges.copied((1, 2, 300))
    # plugin says: Argument "values" to "counts" of "Ranges" holds 256, which is no u8 (0 to 255) [wasmbind-range]
    ranges.counts({"a": 256})
    # plugin says: Argument "red" to "Pixel" is 256, which is no u8 (0 to 255) [wasmbind-range]
    ranges[Pixel](256)
    # plugin says: Argument "level" to "grey" of "Pixel" is 256, which is no u8 (0 to 255) [wasmbind-range]
    Pixel.grey(256)
    # plugin says: Argument 1 to "__getitem__" of "Pixel" is 256, which is no u8 (0 to 255) [wasmbind-range]
    assert pixel[256]
    # plugin says: Argument 1 to "__add__" of "Pixel" is 128, which is no i8 (-128 to 127) [wasmbind-range]
    assert (pixel + 128).red
    # plugin says: Argument "value" to "Box" is 256, which is no u8 (0 to 255) [wasmbind-range]
    ranges[Box[u8]](256)
    # plugin says: Argument "value" to "swap" of "Box" is 256, which is no u8 (0 to 255) [wasmbind-range]
    ranges.box().swap(256)
    # plugin says: Argument "value" to "append" of "Array" is 256, which is no u8 (0 to 255) [wasmbind-range]
    pixel.others.append(256)
    # plugin says: Argument "x" to "Point" is 256, which is no u8 (0 to 255) [wasmbind-range]
    ranges[Point](x=256)


def assigned(ranges: Ranges, pixel: Pixel) -> None:
    """What is assigned to fields, globals and properties."""
    # plugin says: Value of "red" of "Pixel" is 256, which is no u8 (0 to 255) [wasmbind-range]
    pixel.red = 256
    # plugin says: Value of "level" of "Ranges" is 300, which is no u8 (0 to 255) [wasmbind-range]
    # plugin says: Value of "red" of "Pixel" is -1, which is no u8 (0 to 255) [wasmbind-range]
    pixel.red, ranges.level = -1, 300
    # plugin says: Value of "others" of "Pixel" holds 256, which is no u8 (0 to 255) [wasmbind-range]
    pixel.others = [256]
    # plugin says: Value of "depth" of "Pixel" is 128, which is no i8 (-128 to 127) [wasmbind-range]
    pixel.depth = 128
    # plugin says: Value of "value" of "Box" is 256, which is no u8 (0 to 255) [wasmbind-range]
    ranges.box().value = 256
