"""A module with arrays of every kind, in every build, for tests of lists, tuples and bytes by value."""

# mypy: disable-error-code="empty-body"

from __future__ import annotations

import enum
from typing import Any

from tests.compiling import compile_asc
from wasmbind import AscClass, AscModule, f32, f64, i8, i16, i32, i64, string, u8, u16, u32, u64

# What every build has: arrays.
PLAIN = """
export enum Color { Red, Green = 5 }
export class Node { constructor(public serial: i32, public next: Node | null = null) {} }
export function node(serial: i32): Node { return new Node(serial); }
let top: Node | null = null;
export function chain(length: i32): void {
  top = null;
  for (let i = 0; i < length; i++) top = new Node(i, top);
}
export function churn(count: i32): void { for (let i = 0; i < count; i++) new StaticArray<u64>(64).fill(-1); }
let texts: (string | null)[] = [];
export function keep(v: (string | null)[]): void { texts = v; }
export function digestKept(): u32 { return digest(texts); }
export function digest(v: (string | null)[]): u32 {
  let found: u32 = 2166136261;
  for (let i = 0; i < v.length; i++) {
    const text = v[i];
    if (text === null) { found = (found ^ 0x10000) * 16777619; continue; }
    for (let j = 0; j < text.length; j++) found = (found ^ text.charCodeAt(j)) * 16777619;
    found = (found ^ 0x20000) * 16777619;
  }
  return found;
}
export function words(v: string[]): string[] { return v; }
export function maybeWords(v: (string | null)[]): (string | null)[] { return v; }
export function nodes(v: Node[]): Node[] { return v; }
export function maybeNodes(v: (Node | null)[]): (Node | null)[] { return v; }
export function lists(v: f64[][]): f64[][] { return v; }
export function colors(v: Color[]): Color[] { return v; }
export function bools(v: bool[]): bool[] { return v; }
export function trues(v: bool[]): i32 { let n = 0; for (let i = 0; i < v.length; i++) if (v[i] == true) n++; return n; }
""" + "\n".join(
    f"export function of_{t}(v: {t}[]): {t}[] {{ return v; }}"
    for t in ("i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64")
)
# What needs a schema to be told from arrays.
KINDS = """
export function fixed(v: StaticArray<i64>): StaticArray<i64> { return v; }
export function fixedWords(v: StaticArray<string>): StaticArray<string> { return v; }
export function fixedNodes(v: StaticArray<Node>): StaticArray<Node> { return v; }
export function fixedLists(v: StaticArray<StaticArray<i32>>): StaticArray<StaticArray<i32>> { return v; }
export function floats(v: Float32Array): Float32Array { return v; }
export function clamped(v: Uint8ClampedArray): Uint8ClampedArray { return v; }
export function sumOf(v: Float64Array): f64 { let s = 0.0; for (let i = 0; i < v.length; i++) s += v[i]; return s; }
export function byteView(v: Uint8Array): Uint8Array { return v; }
export function byteClamped(v: Uint8ClampedArray): Uint8ClampedArray { return v; }
export function byteArray(v: u8[]): u8[] { return v; }
export function byteFixed(v: StaticArray<u8>): StaticArray<u8> { return v; }
export function roomOf(v: u8[]): i32 { v.push(7); return v.length; }
"""
BYTES = """
export class Box { data: ArrayBuffer = new ArrayBuffer(0); pair: i32[] = [1, 2]; }
export function box(): Box { return new Box(); }
export function blob(v: ArrayBuffer): ArrayBuffer { return v; }
export function blobSize(v: ArrayBuffer): i32 { return v.byteLength; }
export function maybeBlob(v: ArrayBuffer | null): ArrayBuffer | null { return v; }
export function part(v: ArrayBuffer): Uint8Array { return Uint8Array.wrap(v, 1, 2); }
export function wide(): Uint16Array { return new Uint16Array(2); }
export function pair(v: i32[]): i32[] { return v; }
export function grown(v: i32[]): i32[] { v.push(3); return v; }
export function wordPair(v: string[]): string[] { return v; }
"""


class Color(enum.IntEnum):
    Red = 0
    Green = 5


class Node(AscClass):
    serial: i32
    next: Node | None


class Box(AscClass):
    data: bytes
    pair: tuple[i32, i32]


class Plain(AscModule):
    def node(self, serial: i32) -> Node: ...
    def chain(self, length: i32) -> None: ...
    def churn(self, count: i32) -> None: ...
    def keep(self, v: list[string | None]) -> None: ...
    def digestKept(self) -> u32: ...
    def digest(self, v: list[string | None]) -> u32: ...
    def words(self, v: list[string]) -> list[string]: ...
    def maybeWords(self, v: list[string | None]) -> list[string | None]: ...
    def nodes(self, v: list[Node]) -> list[Node]: ...
    def maybeNodes(self, v: list[Node | None]) -> list[Node | None]: ...
    def lists(self, v: list[list[f64]]) -> list[list[f64]]: ...
    def colors(self, v: list[Color]) -> list[Color]: ...
    def bools(self, v: list[bool]) -> list[bool]: ...
    def trues(self, v: list[bool]) -> i32: ...
    def of_i8(self, v: list[i8]) -> list[i8]: ...
    def of_u8(self, v: list[u8]) -> list[u8]: ...
    def of_i16(self, v: list[i16]) -> list[i16]: ...
    def of_u16(self, v: list[u16]) -> list[u16]: ...
    def of_i32(self, v: list[i32]) -> list[i32]: ...
    def of_u32(self, v: list[u32]) -> list[u32]: ...
    def of_i64(self, v: list[i64]) -> list[i64]: ...
    def of_u64(self, v: list[u64]) -> list[u64]: ...
    def of_f32(self, v: list[f32]) -> list[f32]: ...
    def of_f64(self, v: list[f64]) -> list[f64]: ...
    def box(self) -> Box: ...
    def blob(self, v: bytes) -> bytes: ...
    def blobSize(self, v: bytes) -> i32: ...
    def maybeBlob(self, v: bytes | None) -> bytes | None: ...
    def part(self, v: bytes) -> bytes: ...
    def pair(self, v: tuple[i32, i32]) -> tuple[i32, i32]: ...
    def grown(self, v: tuple[i32, ...]) -> tuple[i32, i32]: ...
    def wordPair(self, v: tuple[string, string]) -> tuple[string, ...]: ...


class Stock(Plain):
    def wide(self) -> bytes: ...


class Kinds(Plain):
    def fixed(self, v: list[i64]) -> list[i64]: ...
    def fixedWords(self, v: list[string]) -> list[string]: ...
    def fixedNodes(self, v: list[Node]) -> tuple[Node, ...]: ...
    def fixedLists(self, v: list[list[i32]]) -> list[list[i32]]: ...
    def floats(self, v: list[f32]) -> list[f32]: ...
    def clamped(self, v: list[u8]) -> list[u8]: ...
    def sumOf(self, v: list[f64]) -> f64: ...
    def byteView(self, v: bytes) -> bytes: ...
    def byteClamped(self, v: bytes) -> bytes: ...
    def byteArray(self, v: bytes) -> bytes: ...
    def byteFixed(self, v: bytes) -> bytes: ...
    def roomOf(self, v: bytes) -> i32: ...


STOCK = ["modern", "oldest", "classic", "minimal", "stub"]
SCHEMA = ["modern-schema", "oldest-schema"]


def start(name: str) -> Any:
    """An instance of a build."""
    compiler, _, schema = name.partition("-")
    options = ("--runtime", compiler) if compiler in ("minimal", "stub") else ()
    package: Any = compiler if not options else "modern"
    source = PLAIN + BYTES + (KINDS if schema else "")
    wasm = compile_asc(source, *options, compiler=package, transform=bool(schema))
    base: Any = Kinds if schema else Stock
    return type("Bound", (base,), {"__module__": __name__}, wasm=wasm)()


def collect(module: Any) -> None:
    """A full collection, and new objects where there is room."""
    module.churn(50)
    if module.runtime.binary.function("__collect"):
        module.runtime.collect()
    module.churn(50)
