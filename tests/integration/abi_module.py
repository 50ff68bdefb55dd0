"""A program that every AssemblyScript since 0.9 compiles, and its declarations, for the tests of binary interfaces."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable
from pathlib import Path

from tests.compiling import Compiler, compile_asc
from wasmbind import (
    Array,
    AscClass,
    AscModule,
    Map,
    Set,
    f32,
    f64,
    host,
    i8,
    i16,
    i32,
    i64,
    string,
    u8,
    u16,
)

SOURCE = """
export class Item {
  n: i32; next: Item | null = null;
  constructor(n: i32) { this.n = n; }
  twice(): i32 { return this.n * 2; }
}
export class Base {
  flag: bool = true; small: i8 = -8; wide: i64 = -1; half: u16 = 65535; name: string; single: f32 = 0.5;
  item: Item | null = null; real: f64 = 2.5;
  constructor(name: string, half: u16 = 7) { this.name = name; this.half = half; }
  kind(): string { return "base"; }
  get title(): string { return this.name + "!"; }
  set title(value: string) { this.name = value; }
  static parse(text: string): Base { return new Base(text, 3); }
}
export class Derived extends Base {
  more: i32 = 9;
  constructor() { super("derived", 1); }
  kind(): string { return "derived"; }
}
export class Box {
  items: Item[] = []; names: string[] = []; numbers: f64[] = [];
  byName: Map<string, Item> = new Map<string, Item>(); byNumber: Map<i32, i32> = new Map<i32, i32>();
  byReal: Map<f64, i64> = new Map<f64, i64>(); byByte: Map<i8, string> = new Map<i8, string>();
  byItem: Map<Item, i32> = new Map<Item, i32>(); words: Set<string> = new Set<string>();
  halves: Set<i16> = new Set<i16>();
}
export const TITLE: string = "interfaces";
export let current: Item | null = null;
export let counter: i32 = 5;

export function hello(name: string): string { return "hello " + name; }
export function echo(text: string | null): string | null { return text; }
export function add(a: i32, b: i32 = 3): i32 { return a + b; }
export function keep(item: Item): Item { current = item; return item; }
export function adopt(derived: bool): Base { return derived ? changetype<Base>(new Derived()) : new Base("b", 1); }
export function nameOf(base: Base): string { return base.name; }
export function fail(text: string): string { if (text.length > 1) throw new Error(text); return text; }

export function join(texts: string[]): string {
  let r = ""; for (let i = 0; i < texts.length; i++) r += texts[i]; return r;
}
export function total(items: Item[]): i32 {
  let r = 0; for (let i = 0; i < items.length; i++) r += items[i].n; return r;
}
export function lengths(rows: string[][]): i32[] {
  let r: i32[] = []; for (let i = 0; i < rows.length; i++) r.push(rows[i].length); return r;
}
export function sum(values: f64[]): f64 {
  let r: f64 = 0; for (let i = 0; i < values.length; i++) r += values[i]; return r;
}
export function bytes(count: i32): Uint8Array {
  let r = new Uint8Array(count); for (let i = 0; i < count; i++) r[i] = <u8>i; return r;
}
export function items(count: i32): Item[] {
  let r: Item[] = []; for (let i = 0; i < count; i++) r.push(new Item(i)); return r;
}
export function get(map: Map<string, i32>, key: string): i32 { return map.has(key) ? map.get(key) : -1; }
export function textOf(map: Map<string, string>, key: string): string { return map.get(key); }
export function has(words: Set<string>, word: string): bool { return words.has(word); }
export function squares(count: i32): Map<i32, i32> {
  let r = new Map<i32, i32>(); for (let i = 0; i < count; i++) r.set(i, i * i); return r;
}

export function itemNamed(box: Box, name: string): i32 { return box.byName.has(name) ? box.byName.get(name).n : -1; }
export function numberAt(box: Box, key: i32): i32 { return box.byNumber.has(key) ? box.byNumber.get(key) : -1; }
export function realAt(box: Box, key: f64): i64 { return box.byReal.has(key) ? box.byReal.get(key) : -1; }
export function byteAt(box: Box, key: i8): string { return box.byByte.get(key); }
export function rankOf(box: Box, item: Item): i32 { return box.byItem.has(item) ? box.byItem.get(item) : -1; }
export function hasWord(box: Box, word: string): bool { return box.words.has(word); }
export function hasHalf(box: Box, half: i16): bool { return box.halves.has(half); }
export function totalOf(box: Box): i32 { return total(box.items); }
export function grow(box: Box, count: i32): void { for (let i = 0; i < count; i++) box.items.push(new Item(i)); }
export function put(box: Box, name: string, n: i32): void { box.byName.set(name, new Item(n)); }
export function litter(count: i32): i32 {
  let r = 0; for (let i = 0; i < count; i++) r += (i.toString() + "x").length; return r;
}
export function ring(): Item { let a = new Item(1); let b = new Item(2); a.next = b; b.next = a; return a; }

declare function find(name: string): Item | null;
declare function note(item: Item): void;
declare function shout(text: string): string;
export function ask(name: string): i32 { let found = find(name); return found ? (found as Item).n : -1; }
export function tell(n: i32): i32 { let item = new Item(n); note(item); return item.n; }
export function loud(text: string): string { return shout(text) + shout("b"); }
"""
#: asc 0.17 exports its collection of cycles only where the program uses it.
COLLECT = "export function collect(): void { __collect(); }\n"
FUNCTIONS = """
export function call(f: (a: i32) => i32, a: i32): i32 { return f(a); }
export function mapped(texts: string[], f: (s: string) => string): string[] {
  let r: string[] = []; for (let i = 0; i < texts.length; i++) r.push(f(texts[i])); return r;
}
export function made(f: (n: i32) => Item): i32 { let a = f(1); let b = f(2); return a.n + b.n; }
export function double(): (a: i32) => i32 { return (a: i32): i32 => a * 2; }
var kept: ((s: string) => string) | null = null;
export function store(f: (s: string) => string): void { kept = f; }
export function run(text: string): string { let f = kept; return f ? f(text) : "null"; }
"""


class Item(AscClass):
    n: i32
    next: "Item | None"

    def __init__(self, n: i32) -> None: ...
    def twice(self) -> i32: ...


class Base(AscClass):
    flag: bool
    small: i8
    wide: i64
    half: u16
    name: string
    single: f32
    item: "Item | None"
    real: f64

    def __init__(self, name: string, half: u16 = ...) -> None: ...
    def kind(self) -> string: ...
    @property
    def title(self) -> string: ...
    @title.setter
    def title(self, value: string) -> None: ...
    @staticmethod
    def parse(text: string) -> "Base": ...


class Derived(Base):
    more: i32

    def __init__(self) -> None: ...


class Box(AscClass):
    items: Array[Item]
    names: Array[string]
    numbers: Array[f64]
    byName: Map[string, Item]
    byNumber: Map[i32, i32]
    byReal: Map[f64, i64]
    byByte: Map[i8, string]
    byItem: Map[Item, i32]
    words: Set[string]
    halves: Set[i16]

    def __init__(self) -> None: ...


class Interfaces(AscModule, classes=[Derived]):
    """The declarations, without a binary."""

    counter: i32

    @property
    def TITLE(self) -> string: ...
    @property
    def current(self) -> Item | None: ...
    @current.setter
    def current(self, item: Item | None) -> None: ...
    def hello(self, name: string) -> string: ...
    def echo(self, text: string | None) -> string | None: ...
    def add(self, a: i32, b: i32 = ...) -> i32: ...
    def keep(self, item: Item) -> Item: ...
    def adopt(self, derived: bool) -> Base: ...
    def nameOf(self, base: Base) -> string: ...
    def fail(self, text: string) -> string: ...
    def join(self, texts: list[string]) -> string: ...
    def total(self, items: list[Item]) -> i32: ...
    def lengths(self, rows: list[list[string]]) -> list[i32]: ...
    def sum(self, values: list[f64]) -> f64: ...
    def bytes(self, count: i32) -> list[u8]: ...
    def items(self, count: i32) -> list[Item]: ...
    def get(self, texts: dict[string, i32], key: string) -> i32: ...
    def textOf(self, texts: dict[string, string], key: string) -> string: ...
    def has(self, words: set[string], word: string) -> bool: ...
    def squares(self, count: i32) -> dict[i32, i32]: ...
    def itemNamed(self, box: Box, name: string) -> i32: ...
    def numberAt(self, box: Box, key: i32) -> i32: ...
    def realAt(self, box: Box, key: f64) -> i64: ...
    def byteAt(self, box: Box, key: i8) -> string: ...
    def rankOf(self, box: Box, item: Item) -> i32: ...
    def hasWord(self, box: Box, word: string) -> bool: ...
    def hasHalf(self, box: Box, half: i16) -> bool: ...
    def totalOf(self, box: Box) -> i32: ...
    def grow(self, box: Box, count: i32) -> None: ...
    def put(self, box: Box, name: string, n: i32) -> None: ...
    def litter(self, count: i32) -> i32: ...
    def ring(self) -> Item: ...
    def ask(self, name: string) -> i32: ...
    def tell(self, n: i32) -> i32: ...
    def loud(self, text: string) -> string: ...

    @host("inline")
    def find(self, name: string) -> Item | None:
        if name == "current":
            return self.current
        return None if name == "none" else self[Item](len(name))

    @host("inline")
    def note(self, item: Item) -> None:
        noted.append(item)

    @host("inline")
    def shout(self, text: string) -> string:
        if text == "nested":
            return self.hello(text)
        if text == "raise":
            raise KeyError(text)
        return text.upper()


noted: list[Item] = []
"""The objects that `tell` has led to."""


class WithFunctions(Interfaces):
    """The same with function values."""

    def call(self, f: Callable[[i32], i32], a: i32) -> i32: ...
    def mapped(self, texts: list[string], f: Callable[[string], string]) -> list[string]: ...
    def made(self, f: Callable[[i32], Item]) -> i32: ...
    def double(self) -> Callable[[i32], i32]: ...
    def store(self, f: Callable[[string], string]) -> None: ...
    def run(self, text: string) -> string: ...


def interfaces(compiler: Compiler, *options: str, collects: bool = True) -> type[Interfaces]:
    """The module class of what a compiler makes of the program.

    Args:
        compiler: the compiler.
        options: its options.
        collects: whether the program collects garbage itself.
    """

    class Made(Interfaces, wasm=binary_of(compiler, *options, collects=collects)): ...

    return Made


def binary_of(compiler: Compiler, *options: str, collects: bool = True) -> Path:
    """What a compiler makes of the program."""
    return compile_asc(SOURCE + COLLECT * collects, *options, compiler=compiler, transform=_transforms(compiler))


def with_functions(compiler: Compiler, *options: str) -> type[WithFunctions]:
    """The same with function values."""
    wasm = compile_asc(
        SOURCE + COLLECT + FUNCTIONS, "--exportTable", *options, compiler=compiler, transform=_transforms(compiler)
    )

    class Made(WithFunctions, wasm=wasm): ...

    return Made


def _transforms(compiler: Compiler) -> bool:
    """Whether the members of classes are exported by wasmbind's transform only."""
    return compiler not in ("0.9", "0.10", "0.14", "0.16", "0.17", "0.18.2", "0.18", "0.19", "classic")
