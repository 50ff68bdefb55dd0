"""A module that can go beyond every limit, and what its tests share."""

# mypy: disable-error-code="empty-body"

import functools
from typing import Any

from tests.compiling import Compiler, compile_asc
from wasmbind import AscClass, AscModule, i32, string

SOURCE = """
@external("host", "ask") declare function ask(): i32;
export class Line { s: string; constructor(s: string) { this.s = s; } }
let turns: i32 = 0;
export function add(a: i32, b: i32): i32 { return a + b; }
export function forever(): void { while (true) turns++; }
export function spin(n: i32): i32 { let x = 0; for (let i = 0; i < n; i++) x = x * 31 + i; return x; }
export function recurse(n: i32): i32 { return n == 0 ? 0 : 1 + recurse(n - 1); }
export function echo(s: string): string { return s + "!"; }
export function line(s: string): Line { return new Line(s); }
export function eat(n: i32): i32 {
  const kept: ArrayBuffer[] = [];
  for (let i = 0; i < n; i++) kept.push(new ArrayBuffer(0x10000));
  return kept.length;
}
export function double_(n: i32): i32 { let s = "x"; for (let i = 0; i < n; i++) s += s; return s.length; }
export function grow(pages: i32): i32 { return memory.grow(pages); }
export function crash(): void { unreachable(); }
export function fail(): void { throw new Error("on purpose"); }
export function askOnce(): i32 { return ask(); }
export function askThenSpin(): i32 { const answer = ask(); while (true) turns++; return answer; }
"""
#: Bytes that the module itself has enough of.
ENOUGH = 10 << 16


class Line(AscClass):
    s: string


class Greedy(AscModule, wasm=b""):
    def add(self, a: i32, b: i32) -> i32: ...
    def forever(self) -> None: ...
    def spin(self, n: i32) -> i32: ...
    def recurse(self, n: i32) -> i32: ...
    def echo(self, s: string) -> string: ...
    def line(self, s: string) -> Line: ...
    def eat(self, n: i32) -> i32: ...
    def double_(self, n: i32) -> i32: ...
    def grow(self, pages: i32) -> i32: ...
    def crash(self) -> None: ...
    def fail(self) -> None: ...
    def askOnce(self) -> i32: ...
    def askThenSpin(self) -> i32: ...


@functools.cache
def greedy_class(*options: str, compiler: Compiler = "modern") -> type[Greedy]:
    """The class for a build of the module."""

    class Built(Greedy, wasm=compile_asc(SOURCE, *options, compiler=compiler)):
        pass

    return Built


def new_greedy(**options: Any) -> Greedy:
    """An instance; its host function answers 42."""
    imports = options.pop("imports", {"host": {"ask": lambda: 42}})
    return greedy_class("-O0", "--debug")(imports=imports, **options)
