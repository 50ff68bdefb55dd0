"""A module whose start code and functions call the host, which calls back."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable
from typing import Any, ClassVar

from tests.compiling import compile_asc
from wasmbind import AscClass, AscModule, host, i32, string

SOURCE = """
@external("env", "began") declare function began(name: string, line: Line): Line;
@external("env", "step") declare function step(depth: i32, line: Line): string;
export class Line { next: Line | null = null; constructor(public s: string) {} }
export const first: Line = began("start", new Line("made by the start"));
export function go(depth: i32): string {
  const mine = new Line("at " + depth.toString());
  const found = step(depth, new Line(depth.toString()));
  return found + mine.s.slice(3) + " ";
}
export function each(count: i32, f: (i: i32) => i32): i32 {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += f(i);
  return sum;
}
export function text(s: string): string { return s + "!"; }
export function fail(): void { throw new Error("no"); }
export function churn(count: i32): void { for (let i = 0; i < count; i++) new StaticArray<u64>(16).fill(-1); }
export function trap(): i32 { return load<i32>(-1); }
"""


class Line(AscClass):
    next: "Line | None"
    s: string

    def __init__(self, s: string) -> None: ...


def _given(_module: Any, _name: str, line: Line) -> Line:
    return line


def _shown(_module: Any, _depth: int, line: Line) -> str:
    return line.s


class Nesting(AscModule, wasm=compile_asc(SOURCE, transform=True)):
    """What the host functions do, a test says before it makes an instance."""

    on_begin: ClassVar[Callable[[Any, str, Line], Line]] = staticmethod(_given)
    on_step: ClassVar[Callable[[Any, int, Line], str]] = staticmethod(_shown)

    @property
    def first(self) -> Line: ...
    def go(self, depth: i32) -> string: ...
    def each(self, count: i32, f: Callable[[i32], i32]) -> i32: ...
    def text(self, s: string) -> string: ...
    def fail(self) -> None: ...
    def trap(self) -> i32: ...
    def churn(self, count: i32) -> None: ...

    @host("env")
    def began(self, name: string, line: Line) -> Line:
        return type(self).on_begin(self, name, line)

    @host("env")
    def step(self, depth: i32, line: Line) -> string:
        return type(self).on_step(self, depth, line)


def nesting(
    step: Callable[[Any, int, Line], str] | None = None, begin: Callable[[Any, str, Line], Line] | None = None
) -> type[Nesting]:
    """The class, with what its host functions do."""
    given: dict[str, Any] = {"on_step": step, "on_begin": begin}
    body = {name: staticmethod(function) for name, function in given.items() if function is not None}
    return type("Nesting", (Nesting,), {"__module__": __name__, **body})
