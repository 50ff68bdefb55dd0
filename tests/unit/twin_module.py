"""The module that `test_twins*.py` run on, generated and interpreted."""

# mypy: disable-error-code="empty-body"

import enum
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.compiling import Compiler, compile_asc
from wasmbind import AscClass, AscModule, _accessors, _install, f32, f64, i8, i16, i32, i64, string, u8, u16, u32, u64
from wasmbind._accessors import FieldPlan
from wasmbind._calls import CallPlan, call_slowly

SOURCE = """
export enum Color { Red, Green = 5 }
export class Line {
  s: string; next: Line | null = null; flag: bool; tiny: i8; word: u16; n: i32; u: u32; long: i64; ulong: u64;
  ratio: f32; exact: f64; color: Color; maybe: string | null = null; numbers: f64[] = []; words: string[] = [];
  constructor(s: string, n: i32 = 4) { if (s == "throw") throw new Error("no line"); this.s = s; this.n = n; }
  join(other: Line, by: string): string { return this.s + by + other.s; }
  add(n: i32 = 10): i32 { return this.n + n; }
  grow(): void { this.n++; }
  get size(): i32 { return this.s.length; }
  set size(value: i32) { this.s = this.s.substring(0, value); }
  static parse(text: string): Line { return new Line(text.trim()); }
}
export class Longer extends Line {
  constructor(s: string) { super(s + s); }
  grow(): void { this.n += 100; }
}
export let counter: i32 = 7;
export let name: string = "start";
export const LIMIT: f64 = 2.5;
export function int8(v: i8): i8 { return v; }
export function uint8(v: u8): u8 { return v; }
export function int16(v: i16): i16 { return v; }
export function uint16(v: u16): u16 { return v; }
export function int32(v: i32): i32 { return v; }
export function uint32(v: u32): u32 { return v; }
export function int64(v: i64): i64 { return v; }
export function uint64(v: u64): u64 { return v; }
export function float32(v: f32): f32 { return v; }
export function float64(v: f64): f64 { return v; }
export function boolean(v: bool): bool { return v; }
export function color(v: Color): Color { return v; }
export function strange(result: i32): i32 { return result; }
export function text(v: string): string { return v; }
export function maybeText(v: string | null): string | null { return v; }
export function line(v: Line): Line { return v; }
export function maybeLine(v: Line | null): Line | null { return v; }
export function numbers(v: f64[]): f64[] { return v; }
export function words(v: string[]): string[] { return v; }
export function lines(v: Line[]): Line[] { return v; }
export function bytes(v: u8[]): u8[] { return v; }
export function nested(v: string[][]): string[][] { return v; }
export function mix(a: i32, b: string, c: f64, d: bool): string {
  return a.toString() + b + c.toString() + d.toString();
}
export function optional(a: i32, b: i32 = 20, c: f64 = 0.5): f64 { return <f64>(a + b) + c; }
export function greet(a: string, b: string = "!"): string { return a + b; }
export function nullText(): string { return changetype<string>(0); }
export function nullLine(): Line { return changetype<Line>(0); }
export function notAString(): string { return changetype<string>([1.5]); }
export function notALine(): Line { return changetype<Line>("text".concat("s")); }
export function make(s: string): Line { return new Line(s); }
export function longer(): Line { return new Longer("ab"); }
export function nothing(): void {}
export function fail(message: string): i32 { throw new Error(message); }
export function divide(a: i32, b: i32): i32 { return a / b; }
"""


class Color(enum.IntEnum):
    Red = 0
    Green = 5


class Other(enum.IntEnum):
    Red = 0


class World(NamedTuple):
    """An instance, and classes bound to it."""

    module: Any
    Line: Any
    Longer: Any


def start(compiler: Compiler = "classic") -> World:
    """An instance of declarations made anew: members are generated once per class."""

    class Line(AscClass):
        s: string
        next: "Line | None"
        flag: bool
        tiny: i8
        word: u16
        n: i32
        u: u32
        long: i64
        ulong: u64
        ratio: f32
        exact: f64
        color: Color
        maybe: string | None
        numbers: list[f64]
        words: list[string]

        def __init__(self, s: string, n: i32 = ...) -> None: ...
        def join(self, other: "Line", by: string) -> string: ...
        def add(self, n: i32 = ...) -> i32: ...
        def grow(self) -> None: ...
        @property
        def size(self) -> i32: ...
        @size.setter
        def size(self, value: i32) -> None: ...
        @staticmethod
        def parse(text: string) -> "Line": ...

    class Longer(Line):
        def __init__(self, s: string) -> None: ...

    class Module(AscModule, wasm=compile_asc(SOURCE, compiler=compiler), classes=[Longer]):
        counter: i32
        name: string

        @property
        def LIMIT(self) -> f64: ...
        def int8(self, v: i8) -> i8: ...
        def uint8(self, v: u8) -> u8: ...
        def int16(self, v: i16) -> i16: ...
        def uint16(self, v: u16) -> u16: ...
        def int32(self, v: i32) -> i32: ...
        def uint32(self, v: u32) -> u32: ...
        def int64(self, v: i64) -> i64: ...
        def uint64(self, v: u64) -> u64: ...
        def float32(self, v: f32) -> f32: ...
        def float64(self, v: f64) -> f64: ...
        def boolean(self, v: bool) -> bool: ...
        def color(self, v: Color) -> Color: ...
        def strange(self, result: i32) -> Color: ...
        def text(self, v: string) -> string: ...
        def maybeText(self, v: string | None) -> string | None: ...
        def line(self, v: Line) -> Line: ...
        def maybeLine(self, v: Line | None) -> Line | None: ...
        def numbers(self, v: list[f64]) -> list[f64]: ...
        def words(self, v: list[string]) -> list[string]: ...
        def lines(self, v: list[Line]) -> list[Line]: ...
        def bytes(self, v: list[u8]) -> list[u8]: ...
        def nested(self, v: list[list[string]]) -> list[list[string]]: ...
        def mix(self, a: i32, b: string, c: f64, d: bool) -> string: ...
        def optional(self, a: i32, b: i32 = ..., c: f64 = ...) -> f64: ...
        def greet(self, a: string, b: string = ...) -> string: ...
        def nullText(self) -> string: ...
        def nullLine(self) -> Line: ...
        def notAString(self) -> string: ...
        def notALine(self) -> Line: ...
        def make(self, s: string) -> Line: ...
        def longer(self) -> Line: ...
        def nothing(self) -> None: ...
        def fail(self, message: string) -> i32: ...
        def divide(self, a: i32, b: i32) -> i32: ...

    module = Module()
    return World(module, module[Line], module[Longer])


# --- the two ways -------------------------------------------------------------------------------------------


def interpreted_call(plan: CallPlan) -> Callable[..., Any]:
    """A function of the same signature that takes the step-by-step path."""
    names = [value.name for value in plan.parameters]

    def call(self: Any, *arguments: Any, **named: Any) -> Any:
        given = {**dict(zip(names, arguments, strict=False)), **named}
        return call_slowly(plan, self, [given.get(value.name, value.default) for value in plan.parameters])

    return call


def interpreted_getter(plan: FieldPlan) -> Callable[[Any], Any]:
    """The getter that is not generated."""
    return _accessors.interpreted(plan)[0]


def interpreted_setter(plan: FieldPlan) -> Callable[[Any, Any], None]:
    """The setter that is not generated."""
    return _accessors.interpreted(plan)[1]


def interpret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let classes that are bound from now on take the step-by-step path."""
    monkeypatch.setattr(_install, "compile_call", interpreted_call)
    monkeypatch.setattr(_install, "compile_getter", interpreted_getter)
    monkeypatch.setattr(_install, "compile_setter", interpreted_setter)
