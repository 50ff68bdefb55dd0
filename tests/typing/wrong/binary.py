"""Declarations that differ from the binary beside them, which `binary.ts` is the source of."""

# mypy: disable-error-code="empty-body"
# ruff: noqa: ERA001 - comments quote the checkers

import enum

from wasmbind import Array, AscClass, AscModule, Float64Array, f64, host, i32, i64, string


class Color(enum.IntEnum):
    Red = 0
    # plugin says: Color.Green: declared 2, found 1 [wasmbind-mismatch]
    Green = 2


class Line(AscClass):
    # plugin says: Line.text: declared i32, found string [wasmbind-mismatch]
    text: i32
    # plugin says: Line.size: declared after 'text', found before 'text' in AssemblyScript [wasmbind-mismatch]
    # plugin says: Line.size: declared f64, found i32 [wasmbind-mismatch]
    size: f64

    # plugin says: Line.__init__: declared (text: string, size: i32) -> void, found (text: string) -> void
    # [wasmbind-mismatch]
    def __init__(self, text: string, size: i32) -> None: ...
    # plugin says: Line.longer -> result: declared i32, found bool [wasmbind-mismatch]
    def longer(self, by: i32) -> i32: ...
    # plugin says: Line.shorter: declared method (by: i32) -> bool, found no member 'shorter' of Line
    # [wasmbind-mismatch]
    def shorter(self, by: i32) -> bool: ...


class Binary(AscModule, wasm="binary.wasm"):
    # plugin says: Binary.counter: declared i64, found i32 [wasmbind-mismatch]
    counter: i64

    # plugin says: Binary.LIMIT: declared i32, found f64 [wasmbind-mismatch]
    @property
    def LIMIT(self) -> i32: ...
    # plugin says: Binary.add -> result: declared f64, found i32 [wasmbind-mismatch]
    def add(self, a: i32, b: i32) -> f64: ...
    # plugin says: Binary.greet(name): declared i32, found string [wasmbind-mismatch]
    def greet(self, name: i32) -> string: ...
    # plugin says: Binary.first -> result: declared Line, found Line | null [wasmbind-mismatch]
    def first(self, lines: Array[Line]) -> Line: ...
    def paint(self, color: Color) -> Color: ...
    # plugin says: Binary.total: declared (values: Float64Array, scale: f64) -> f64, found (values: Float64Array) ->
    # f64 [wasmbind-mismatch]
    def total(self, values: Float64Array, scale: f64) -> f64: ...
    # plugin says: Binary.absent: declared absent () -> void, found no export 'absent' [wasmbind-mismatch]
    def absent(self) -> None: ...
    @host("env", "absent")
    def unused(self) -> None: ...


class Meaningless(AscClass):
    # plugin says: Meaningless.size: int has no width [wasmbind-declaration]
    size: int
