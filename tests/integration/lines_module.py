"""A module with a class that Python constructs and an import, for tests of lifetimes, threads and interrupts."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable

from tests.compiling import compile_asc
from wasmbind import AscClass, AscModule, i32, string

SOURCE = """
@external("env", "call") declare function call(value: i32): i32;
export class Line {
  next: Line | null = null;
  constructor(public s: string) {}
  size(): i32 { return this.s.length; }
  static of(s: string): Line { return new Line(s); }
}
export let counter: i32 = 7;
export function echo(s: string): string { return s + "!"; }
export function add(a: i32, b: i32): i32 { return a + b; }
export function sum(values: i32[]): i32 {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
export function first(lines: Line[]): Line { return lines[0]; }
export function through(value: i32): i32 { return call(value); }
export function fail(): void { throw new Error("no"); }
export function trap(): i32 { return load<i32>(-1); }
"""


class Line(AscClass):
    s: string
    next: "Line | None"

    def __init__(self, s: string) -> None: ...
    def size(self) -> i32: ...
    @staticmethod
    def of(s: string) -> "Line": ...

    def twin(self) -> "Line":
        return Line(self.s)


class Lines(AscModule, wasm=compile_asc(SOURCE, compiler="classic")):
    counter: i32

    def echo(self, s: string) -> string: ...
    def add(self, a: i32, b: i32) -> i32: ...
    def sum(self, values: list[i32]) -> i32: ...
    def first(self, lines: list[Line]) -> Line: ...
    def through(self, value: i32) -> i32: ...
    def fail(self) -> None: ...
    def trap(self) -> i32: ...


def new_lines(call: Callable[[int], int] = lambda value: value + 1) -> Lines:
    """An instance, and what its import does."""
    return Lines(imports={"env": {"call": call}})
