"""A module whose arguments take all ways of cleaning up, and a count of the objects that are left in its heap."""

# mypy: disable-error-code="empty-body"

from typing import Any

from tests.compiling import Compiler, compile_asc
from wasmbind import Array, AscClass, AscModule, DataView, f64, i32, string

SOURCE = """
export class Line { next: Line | null = null; constructor(public s: string) {} }
const top = new Line("top");
top.next = new Line("below");
export function root(): Line { return top; }
export function make(s: string): Line { return new Line(s); }
export function pair(s: string): Line[] { return [new Line(s), new Line(s + s)]; }
export function lengths(v: string[]): i32 { let n = 0; for (let i = 0; i < v.length; i++) n += v[i].length; return n; }
export function sum(v: f64[][]): f64 {
  let n = 0.0;
  for (let i = 0; i < v.length; i++) for (let j = 0; j < v[i].length; j++) n += v[i][j];
  return n;
}
export function digits(v: Map<string, string>): i32 {
  const keys = v.keys();
  let n = 0;
  for (let i = 0; i < keys.length; i++) n += keys[i].length + v.get(keys[i]).length;
  return n;
}
export function inner(v: Map<i32, f64[]>): i32 { return v.size; }
export function join(v: Line[]): string { let s = ""; for (let i = 0; i < v.length; i++) s += v[i].s; return s; }
export function four(a: string[], b: string[], c: string[], d: string[]): string {
  return a.join("") + b.join("") + c.join("") + d.join("");
}
export function live(v: string[]): string[] { return v; }
export function view(v: DataView): i32 { return v.byteLength; }
export function churn(count: i32): void { for (let i = 0; i < count; i++) new StaticArray<u64>(16).fill(-1); }
"""


class Line(AscClass):
    next: "Line | None"
    s: string

    def __init__(self, s: string) -> None: ...


class Plain(AscModule):
    def root(self) -> Line: ...
    def make(self, s: string) -> Line: ...
    def pair(self, s: string) -> list[Line]: ...
    def lengths(self, v: list[string]) -> i32: ...
    def sum(self, v: list[list[f64]]) -> f64: ...
    def digits(self, v: dict[string, string]) -> i32: ...
    def inner(self, v: dict[i32, list[f64]]) -> i32: ...
    def join(self, v: list[Line]) -> string: ...
    def four(self, a: list[string], b: list[string], c: list[string], d: list[string]) -> string: ...
    def live(self, v: Array[string]) -> Array[string]: ...
    def view(self, v: DataView) -> i32: ...
    def churn(self, count: i32) -> None: ...


def start(*options: str, compiler: Compiler = "modern", transform: bool = False) -> Any:
    """An instance of a build."""
    wasm = compile_asc(SOURCE, *options, compiler=compiler, transform=transform)
    return type("Bound", (Plain,), {"__module__": __name__}, wasm=wasm)()


def count_objects(module: Any) -> int:
    """How many objects a full collection leaves, found by going through the blocks of the memory manager."""
    runtime = module.runtime
    module.churn(0)  # the end of a call deals with what an interrupted one left
    runtime.clear_scratch()
    runtime.collect()
    runtime.collect()
    runtime.refresh()
    words, found = runtime.memory.cast("I"), 0
    at = (runtime.staging - 20) >> 2  # the first object that Python made
    while at < len(words) and (size := words[at] & ~3):
        found += not words[at] & 1
        at += 1 + (size >> 2)
    return found
