"""A module that imports a function of every type, and the declarations for it."""

# mypy: disable-error-code="empty-body"

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import pytest

from tests.compiling import Compiler, compile_asc
from wasmbind import (
    Array,
    ArrayBuffer,
    AscClass,
    AscModule,
    Float64Array,
    Map,
    Set,
    f32,
    f64,
    host,
    i8,
    i16,
    i32,
    i64,
    isize,
    string,
    u8,
    u16,
    u32,
    u64,
    usize,
)

T = TypeVar("T")

#: AssemblyScript's type by the name of the import.
_TYPES = {
    **{
        name: name
        for name in ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "isize", "usize", "f32", "f64", "bool"]
    },
    "color": "Color",
    "text": "string",
    "maybe_text": "string | null",
    "line": "Line",
    "maybe_line": "Line | null",
    "numbers": "Array<f64>",
    "texts": "Array<string>",
    "nested": "Array<Array<i32>>",
    "maybe_numbers": "Array<f64> | null",
    "table": "Map<string, f64>",
    "tags": "Set<i32>",
    "data": "ArrayBuffer",
    "lines": "Array<Line>",
    "samples": "Float64Array",
    "buffer": "ArrayBuffer",
    "index": "Map<string, i32>",
    "words": "Set<string>",
    "function": "(a: i32) => i32",
}
SOURCE = (
    """
export enum Color { Red = 0, Green = 5 }
export class Line { constructor(public s: string) {} }
@external("env", "note") declare function note(): void;
@external("env", "mix") declare function mix(a: i8, b: u64, c: string, d: f32, e: bool, f: Line, g: f64): string;
@external("env", "pair") declare function pair(a: Line, b: Line, c: string): Line;
"""
    + "\n".join(
        f'@external("env", "{name}") declare function host_{name}(v: {type_}): {type_};\n'
        f"export function through_{name}(v: {type_}): {type_} {{ return host_{name}(v); }}"
        for name, type_ in _TYPES.items()
    )
    + """
export function through_note(): void { note(); }
export function through_mix(): string { return mix(-8, u64.MAX_VALUE, "c", 0.5, true, new Line("f"), -0.0); }
export function through_pairs(count: i32): i32 {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const text = "a" + i.toString();
    // The arguments are referred to by nothing but the call, and the result by nothing but the host.
    found += i32(pair(new Line(text), new Line("b" + i.toString()), "c" + i.toString()).s == text + "b" + i.toString());
  }
  return found;
}
export function adder(by: i32): (a: i32) => i32 { return by == 1 ? plusOne : plusTwo; }
function plusOne(a: i32): i32 { return a + 1; }
function plusTwo(a: i32): i32 { return a + 2; }
export function fail(): void { throw new Error("no"); }
export function trap(): i32 { return load<i32>(-1); }
export function null_line(): Line { return host_line(changetype<Line>(0)); }
export function null_text(): string { return host_text(changetype<string>(0)); }
export function wrong_line(): Line { return host_line(changetype<Line>("a text")); }
export function wrong_address(at: usize): Line { return host_line(changetype<Line>(at)); }
export function wrong_color(): Color { return host_color(<Color>77); }
export function wrong_texts(): string[] {
  const texts = new Array<string>(2);
  texts[0] = "x";
  return host_texts(texts);
}
"""
)


@dataclass(frozen=True)
class Build:
    """A way to compile; a source of a binary."""

    compiler: Compiler = "modern"
    transform: bool = False
    options: tuple[str, ...] = ()
    source: str = SOURCE

    def read_bytes(self) -> bytes:
        """The binary."""
        table = () if self.transform else ("--exportTable",)
        return compile_asc(
            self.source, *table, *self.options, compiler=self.compiler, transform=self.transform
        ).read_bytes()

    def __str__(self) -> str:
        """What it is called among the tests."""
        kind = "transform" if self.transform else "stock"
        return "-".join([self.compiler, kind, *(option.removeprefix("--") for option in self.options)])


STOCK, TRANSFORMED = Build(), Build(transform=True)
BUILDS = [
    STOCK,
    TRANSFORMED,
    Build("classic"),
    Build("oldest", transform=True),
    Build("modern", transform=True, options=("-O3",)),
]
everywhere = pytest.mark.parametrize("build", BUILDS, ids=str)


class Color(enum.IntEnum):
    Red = 0
    Green = 5


class Line(AscClass):
    s: string


class Hosts(AscModule):
    """Each host function notes what it gets, and gives that back unless the test has said what else."""

    seen: ClassVar[object] = None
    answers: ClassVar[Mapping[str, Any]] = {}

    def through_i8(self, v: i8) -> i8: ...
    def through_u8(self, v: u8) -> u8: ...
    def through_i16(self, v: i16) -> i16: ...
    def through_u16(self, v: u16) -> u16: ...
    def through_i32(self, v: i32) -> i32: ...
    def through_u32(self, v: u32) -> u32: ...
    def through_i64(self, v: i64) -> i64: ...
    def through_u64(self, v: u64) -> u64: ...
    def through_isize(self, v: isize) -> isize: ...
    def through_usize(self, v: usize) -> usize: ...
    def through_f32(self, v: f32) -> f32: ...
    def through_f64(self, v: f64) -> f64: ...
    def through_bool(self, v: bool) -> bool: ...
    def through_color(self, v: Color) -> Color: ...
    def through_text(self, v: string) -> string: ...
    def through_maybe_text(self, v: string | None) -> string | None: ...
    def through_line(self, v: Line) -> Line: ...
    def through_maybe_line(self, v: Line | None) -> Line | None: ...
    def through_numbers(self, v: list[f64]) -> list[f64]: ...
    def through_texts(self, v: list[string]) -> list[string]: ...
    def through_nested(self, v: list[list[i32]]) -> list[list[i32]]: ...
    def through_maybe_numbers(self, v: list[f64] | None) -> list[f64] | None: ...
    def through_table(self, v: dict[string, f64]) -> dict[string, f64]: ...
    def through_tags(self, v: set[i32]) -> set[i32]: ...
    def through_data(self, v: bytes) -> bytes: ...
    def through_lines(self, v: Array[Line]) -> Array[Line]: ...
    def through_samples(self, v: Float64Array) -> Float64Array: ...
    def through_buffer(self, v: ArrayBuffer) -> ArrayBuffer: ...
    def through_index(self, v: Map[string, i32]) -> Map[string, i32]: ...
    def through_words(self, v: Set[string]) -> Set[string]: ...
    def through_function(self, v: Callable[[i32], i32]) -> Callable[[i32], i32]: ...
    def through_note(self) -> None: ...
    def through_mix(self) -> string: ...
    def through_pairs(self, count: i32) -> i32: ...
    def adder(self, by: i32) -> Callable[[i32], i32]: ...
    def fail(self) -> None: ...
    def trap(self) -> i32: ...
    def null_line(self) -> Line: ...
    def null_text(self) -> string: ...
    def wrong_line(self) -> Line: ...
    def wrong_address(self, at: usize) -> Line: ...
    def wrong_color(self) -> Color: ...
    def wrong_texts(self) -> list[string]: ...

    def give(self, **answers: Any) -> None:
        """Say what host functions give from now on, instead of what they get."""
        vars(self)["answers"] = answers

    def answer(self, name: str, value: T) -> T:
        vars(self)["seen"] = value
        answer: T = self.answers.get(name, value)
        return answer

    @host("env")
    def note(self) -> None:
        self.answer("note", "noted")

    @host("env", "mix")
    def mixed(self, a: i8, b: u64, c: string, d: f32, e: bool, f: Line, g: f64) -> string:
        self.answer("mix", (a, b, c, d, e, f.s, g))
        return f"{a} {b} {c} {d} {e} {f.s} {g}"

    @host("env")
    def pair(self, a: Line, b: Line, c: string) -> Line:
        a.s += b.s
        return self.answer("pair", a) if c else b

    @host("env", "i8")
    def on_i8(self, v: i8) -> i8:
        return self.answer("i8", v)

    @host("env", "u8")
    def on_u8(self, v: u8) -> u8:
        return self.answer("u8", v)

    @host("env", "i16")
    def on_i16(self, v: i16) -> i16:
        return self.answer("i16", v)

    @host("env", "u16")
    def on_u16(self, v: u16) -> u16:
        return self.answer("u16", v)

    @host("env", "i32")
    def on_i32(self, v: i32) -> i32:
        return self.answer("i32", v)

    @host("env", "u32")
    def on_u32(self, v: u32) -> u32:
        return self.answer("u32", v)

    @host("env", "i64")
    def on_i64(self, v: i64) -> i64:
        return self.answer("i64", v)

    @host("env", "u64")
    def on_u64(self, v: u64) -> u64:
        return self.answer("u64", v)

    @host("env", "isize")
    def on_isize(self, v: isize) -> isize:
        return self.answer("isize", v)

    @host("env", "usize")
    def on_usize(self, v: usize) -> usize:
        return self.answer("usize", v)

    @host("env", "f32")
    def on_f32(self, v: f32) -> f32:
        return self.answer("f32", v)

    @host("env", "f64")
    def on_f64(self, v: f64) -> f64:
        return self.answer("f64", v)

    @host("env", "bool")
    def on_bool(self, v: bool) -> bool:
        return self.answer("bool", v)

    @host("env", "color")
    def on_color(self, v: Color) -> Color:
        return self.answer("color", v)

    @host("env", "text")
    def on_text(self, v: string) -> string:
        return self.answer("text", v)

    @host("env", "maybe_text")
    def on_maybe_text(self, v: string | None) -> string | None:
        return self.answer("maybe_text", v)

    @host("env", "line")
    def on_line(self, v: Line) -> Line:
        return self.answer("line", v)

    @host("env", "maybe_line")
    def on_maybe_line(self, v: Line | None) -> Line | None:
        return self.answer("maybe_line", v)

    @host("env", "numbers")
    def on_numbers(self, v: Sequence[f64]) -> list[f64]:
        return self.answer("numbers", list(v))

    @host("env", "texts")
    def on_texts(self, v: list[string]) -> list[string]:
        return self.answer("texts", v)

    @host("env", "nested")
    def on_nested(self, v: list[list[i32]]) -> list[list[i32]]:
        return self.answer("nested", v)

    @host("env", "maybe_numbers")
    def on_maybe_numbers(self, v: list[f64] | None) -> list[f64] | None:
        return self.answer("maybe_numbers", v)

    @host("env", "table")
    def on_table(self, v: dict[string, f64]) -> dict[string, f64]:
        return self.answer("table", v)

    @host("env", "tags")
    def on_tags(self, v: set[i32]) -> set[i32]:
        return self.answer("tags", v)

    @host("env", "data")
    def on_data(self, v: bytes) -> bytes:
        return self.answer("data", v)

    @host("env", "lines")
    def on_lines(self, v: Array[Line]) -> Array[Line]:
        return self.answer("lines", v)

    @host("env", "samples")
    def on_samples(self, v: Float64Array) -> Float64Array:
        return self.answer("samples", v)

    @host("env", "buffer")
    def on_buffer(self, v: ArrayBuffer) -> ArrayBuffer:
        return self.answer("buffer", v)

    @host("env", "index")
    def on_index(self, v: Map[string, i32]) -> Map[string, i32]:
        return self.answer("index", v)

    @host("env", "words")
    def on_words(self, v: Set[string]) -> Set[string]:
        return self.answer("words", v)

    @host("env", "function")
    def on_function(self, v: Callable[[i32], i32]) -> Callable[[i32], i32]:
        return self.answer("function", v)


def hosts_class(build: Build) -> type[Hosts]:
    """The declarations for a build."""
    made: type[Hosts] = type("Hosts", (Hosts,), {"__module__": __name__}, wasm=build)
    return made
