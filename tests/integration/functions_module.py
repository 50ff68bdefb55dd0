"""A module that takes, keeps, gives and calls function values in every place that a type may stand in."""

# mypy: disable-error-code="empty-body"

import enum
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import pytest

from tests.integration.hosts_module import Build
from wasmbind import AscClass, AscModule, Map, f32, f64, host, i8, i32, string, u32, u64, usize

SOURCE = """
type Op = (a: i32) => i32;
export enum Color { Red = 0, Green = 5 }
type ColorOp = (c: Color) => i32;
export class Line { constructor(public s: string) {} }
export class Holder {
  maybe: Op | null = null;
  always: Op = plusOne;
  constructor() {}
  call(a: i32): i32 {
    const f = this.maybe;
    return f ? f(a) : -1;
  }
}
export let current: Op = plusOne;
export let nothing: Op | null = null;
const kept = new Array<Op | null>();
const byName = new Map<string, Op>();

@external("env", "give") declare function give(f: Op, n: i32): Op;

function plusOne(a: i32): i32 { return a + 1; }
function optional(a: i32, b: i32 = 7): i32 { return a * 100 + b; }
function twice(f: Op): i32 { return f(1) + f(2); }
function both(a: i32, b: i32): i32 { return a + b; }

export function each(n: i32, f: Op): i32 {
  let t = 0;
  for (let i = 0; i < n; i++) t += f(i);
  return t;
}
export function mixed(f: (a: i8, b: u64, c: f32, d: bool, e: string, l: Line) => f64): f64 {
  return f(-8, u64.MAX_VALUE, 0.5, true, "text", new Line("line"));
}
export function show(f: (a: i32, l: Line) => string): string { return f(3, new Line("x")) + "!"; }
export function tell(f: () => void): void { f(); }
export function lists(f: (v: i32[]) => i32[]): i32[] { return f([1, 2, 3]); }
export function maybes(f: (s: string | null) => string | null): string | null { return f(null); }
export function apply(f: (g: Op) => i32): i32 { return f(plusOne); }
export function applied(): (g: Op) => i32 { return twice; }
export function plus(): Op { return plusOne; }
export function adder(): (a: i32, b: i32) => i32 { return both; }
export function optionals(): (a: i32, b: i32) => i32 { return optional; }
export function same(f: Op): Op { return f; }
export function is_same(f: Op, g: Op): bool { return f == g; }
export function maybe(f: Op | null): i32 { return f ? f(5) : -1; }
export function maybe_back(f: Op | null): Op | null { return f; }
export function all(fs: Op[]): i32 {
  let t = 0;
  for (let i = 0; i < fs.length; i++) { const f = fs[i]; t += f(10); }
  return t;
}
export function some(): Op[] { return [plusOne, current]; }
export function mapped(m: Map<string, Op>): i32 { const f = m.get("a"); return f(1); }
export function names(): Map<string, Op> { return byName; }
export function by_host(f: Op, n: i32): Op { return give(f, n); }

export function put(at: i32, f: Op): void { while (kept.length <= at) kept.push(null); kept[at] = f; }
export function clear_at(at: i32): void { kept[at] = null; }
export function run(at: i32, a: i32): i32 { const f = kept[at]; return f ? f(a) : -1; }
export function look(at: i32): Op | null { return at < kept.length ? kept[at] : null; }
export function name_it(name: string, f: Op): void { byName.set(name, f); }
export function forget(name: string): void { byName.delete(name); }
export function color_op(f: ColorOp): ColorOp { return f; }
export function wrong(at: usize): Op { return changetype<Op>(at); }
export function nonsense(index: u32): Op {
  const f = __new(8, load<u32>(changetype<usize>(plusOne) - 8));
  store<u32>(f, index);
  store<u32>(f, 0, 4);
  return changetype<Op>(f);
}
export function not_a_function(): Op { return changetype<Op>(new Line("no")); }
export function null_function(): Op { return changetype<Op>(0); }
export function call_current(a: i32): i32 { return current(a); }
export function churn(count: i32): void { for (let i = 0; i < count; i++) new StaticArray<u64>(16).fill(-1); }
"""
STOCK, TRANSFORMED = Build(source=SOURCE), Build(source=SOURCE, transform=True)
RUNTIMES = [
    replace(build, options=("--runtime", runtime))
    for build in (STOCK, TRANSFORMED)
    for runtime in ("incremental", "minimal", "stub")
]
BUILDS = [
    *RUNTIMES,
    Build("classic", source=SOURCE),
    Build("oldest", transform=True, source=SOURCE),
    Build("modern", transform=True, options=("-O3",), source=SOURCE),
]
#: Those that tell which function objects die.
TELLING = [build for build in BUILDS if build.transform and "stub" not in build.options]
everywhere = pytest.mark.parametrize("build", BUILDS, ids=str)

Op: TypeAlias = Callable[[i32], i32]


class Color(enum.IntEnum):
    Red = 0
    Green = 5


class Line(AscClass):
    s: string


class Holder(AscClass):
    """Without a schema nobody can make one."""

    maybe: Op | None
    always: Op

    def __init__(self) -> None: ...
    def call(self, a: i32) -> i32: ...


class Functions(AscModule):
    current: Op
    nothing: Op | None

    def each(self, n: i32, f: Op) -> i32: ...
    def mixed(self, f: Callable[[i8, u64, f32, bool, string, Line], f64]) -> f64: ...
    def show(self, f: Callable[[i32, Line], string]) -> string: ...
    def tell(self, f: Callable[[], None]) -> None: ...
    def lists(self, f: Callable[[list[i32]], list[i32]]) -> list[i32]: ...
    def maybes(self, f: Callable[[string | None], string | None]) -> string | None: ...
    def apply(self, f: Callable[[Op], i32]) -> i32: ...
    def applied(self) -> Callable[[Op], i32]: ...
    def plus(self) -> Op: ...
    def adder(self) -> Callable[[i32, i32], i32]: ...
    def optionals(self) -> Callable[[i32, i32], i32]: ...
    def same(self, f: Op) -> Op: ...
    def is_same(self, f: Op, g: Op) -> bool: ...
    def maybe(self, f: Op | None) -> i32: ...
    def maybe_back(self, f: Op | None) -> Op | None: ...
    def all(self, fs: list[Op]) -> i32: ...
    def some(self) -> list[Op]: ...
    def mapped(self, m: dict[string, Op]) -> i32: ...
    def names(self) -> Map[string, Op]: ...
    def by_host(self, f: Op, n: i32) -> Op: ...
    def put(self, at: i32, f: Op) -> None: ...
    def clear_at(self, at: i32) -> None: ...
    def run(self, at: i32, a: i32) -> i32: ...
    def look(self, at: i32) -> Op | None: ...
    def name_it(self, name: string, f: Op) -> None: ...
    def forget(self, name: string) -> None: ...
    def color_op(self, f: Callable[[i32], i32]) -> Callable[[Color], i32]: ...
    def wrong(self, at: usize) -> Op: ...
    def nonsense(self, index: u32) -> Op: ...
    def not_a_function(self) -> Op: ...
    def null_function(self) -> Op: ...
    def call_current(self, a: i32) -> i32: ...
    def churn(self, count: i32) -> None: ...

    @host("env")
    def give(self, f: Op, n: i32) -> Op:
        """Give a function that adds to what it gets from another."""
        return lambda a: f(a) + n if n else f(a)


def functions_class(build: Build) -> type[Functions]:
    """The declarations for a build."""
    made: type[Functions] = type("Functions", (Functions,), {"__module__": __name__}, wasm=build)
    return made
