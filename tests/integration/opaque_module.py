"""A module that carries Python objects around in every way, and its declarations."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

import pytest

from tests.compiling import Compiler, compile_asc
from tests.unit.twin_module import interpret
from wasmbind import (
    Array,
    AscClass,
    AscModule,
    AscRecord,
    Map,
    Opaque,
    Set,
    WeakOpaque,
    _natives,
    host,
    i32,
    string,
    u8,
    u64,
)

M = TypeVar("M", bound=AscModule)

NUMBERS = """
export function passI8(v: i8): i8 { return v; }
export function passU8(v: u8): u8 { return v; }
export function passI16(v: i16): i16 { return v; }
export function passU16(v: u16): u16 { return v; }
export function passI32(v: i32): i32 { return v; }
export function passU32(v: u32): u32 { return v; }
export function passIsize(v: isize): isize { return v; }
export function passUsize(v: usize): usize { return v; }
export function passI64(v: i64): i64 { return v; }
export function passU64(v: u64): u64 { return v; }
export function weakly(v: usize): usize { return v; }
export function weaklyWide(v: u64): u64 { return v; }
export function same(a: usize, b: u64, c: i32): bool { return u64(a) == b && i32(a) == c; }
export function forged(v: i32): i32 { return v; }
export function forgedWide(v: u64): u64 { return v; }
export function second(a: f64, b: usize, c: string, d: u64, e: string): u64 { return c == e ? d : 0; }
export function chosen(v: usize, other: usize = 0): usize { return other ? other : v; }
export let small: usize = 0;
export let large: u64 = 0;
let kept: usize = 0;
export function keep(v: usize): void { kept = v; }
export function give(): usize { return kept; }
export function boom(v: usize): void { throw new Error("boom"); }

@external("env", "first") declare function first(a: usize, b: u64, c: f64): usize;
@external("env", "wide") declare function wide(v: u64): u64;
@external("env", "tiny") declare function tiny(v: u8): u8;
export function throughFirst(a: usize, b: u64): usize { return first(a, b, 0.5); }
export function throughWide(v: u64): u64 { return wide(v); }
export function throughTiny(v: u8): u8 { return tiny(v); }
"""
OBJECTS = """
export class Box {
  value: usize = 0;
  wide: u64 = 0;
  items: Array<i32> = [];
  named: Map<string, i32> = new Map();
  constructor(value: usize) { this.value = value; }
  swap(value: usize): usize { const before = this.value; this.value = value; return before; }
  get shown(): u64 { return u64(this.value); }
  set shown(value: u64) { this.value = usize(value); }
  static of(value: u64): Box { return new Box(usize(value)); }
}
export class Pair { a: usize = 0; b: i32 = 0; }
export function pair(): Pair { return new Pair(); }
export function items(v: Array<i32>): Array<i32> { return v.slice().reverse(); }
export function wideItems(v: Array<u64>): Array<u64> { return v.slice().reverse(); }
export function tinyItems(v: Array<u8>): Array<u8> { return v; }
export function nested(v: Array<Array<i32>>): Array<Array<i32>> { return v; }
export function byName(v: Map<string, i32>): Map<string, i32> { return v; }
export function byObject(v: Map<i32, string>): Map<i32, string> { return v; }
export function members(v: Set<i32>): Set<i32> { return v; }
export function liveList(): Array<i32> { return []; }
export function liveMap(): Map<string, i32> { return new Map(); }
export function liveSet(): Set<i32> { return new Set(); }
"""
FUNCTIONS = """
export function apply(f: (v: i32) => i32, v: i32): i32 { return f(v); }
export function identity(): (v: i32) => i32 { return (v: i32): i32 => v; }
"""
REFERENCES = """
let keptRef: externref = null;
let others: StaticArray<i32> = new StaticArray<i32>(1);
export let shared: externref = null;
export function keepRef(v: externref): void { keptRef = v; }
export function giveRef(): externref { return keptRef; }
export function passRef(v: externref): externref { return v; }
export function lastRef(a: externref, n: i32, b: externref, s: string, c: externref): externref {
  keptRef = n == 0 ? a : n == 1 ? b : c;
  return keptRef;
}
export function manyRefs(a: externref, b: externref, c: externref, d: externref, e: externref, f: externref,
    g: externref, h: externref, i: externref, j: externref, n: i32): externref {
  return n == 0 ? a : n == 1 ? b : n == 2 ? c : n == 3 ? d : n == 4 ? e : n == 5 ? f : n == 6 ? g : n == 7 ? h :
    n == 8 ? i : j;
}
@external("env", "hostRef") declare function hostRef(a: externref, n: i32, b: externref): externref;
export function throughRef(a: externref, n: i32, b: externref): externref { return hostRef(a, n, b); }
export function deep(v: externref, n: i32): externref { return n ? hostRef(v, n - 1, v) : v; }
"""


class Thing:
    """What is carried around."""

    other: Any
    seen: Any

    def __init__(self, name: str = "thing") -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


class Numbers(AscModule, rename="camel"):
    """Objects as integers of every width; works on any binary."""

    small: Opaque[Thing] | None
    large: Opaque[Thing] | None

    def pass_i8(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def pass_u8(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def pass_i16(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def pass_u16(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def pass_i32(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def pass_u32(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def pass_isize(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def pass_usize(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def pass_i64(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def pass_u64(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def weakly(self, v: WeakOpaque[Any] | None) -> WeakOpaque[Any] | None: ...
    def weakly_wide(self, v: WeakOpaque[Any]) -> WeakOpaque[Any]: ...
    def same(self, a: Opaque[Any], b: Opaque[Any], c: Opaque[Any]) -> bool: ...
    def forged(self, v: i32) -> Opaque[Any] | None: ...
    def forged_wide(self, v: u64) -> Opaque[Any]: ...
    def second(self, a: float, b: Opaque[Any], c: string, d: Opaque[Any] | None, e: str) -> Opaque[Any] | None: ...
    def chosen(self, v: Opaque[Any], other: Opaque[Any] | None = ...) -> Opaque[Any]: ...
    def keep(self, v: Opaque[Any] | None) -> None: ...
    def give(self) -> Opaque[Any] | None: ...
    def boom(self, v: Opaque[Any]) -> None: ...
    def through_first(self, a: Opaque[Any], b: Opaque[Any]) -> Opaque[Any]: ...
    def through_wide(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def through_tiny(self, v: Opaque[Any]) -> Opaque[Any]: ...

    @host("env", "first")
    def first(self, a: Opaque[Any], b: Opaque[Any], c: float) -> Opaque[Any]:
        """The first argument, with what came noted on it."""
        a.seen = (self, b, c)
        return a

    @host("env", "wide")
    def wide(self, v: Opaque[Any]) -> Opaque[Any]:
        """Another object."""
        return v.other

    @host("env", "tiny")
    def tiny(self, v: Opaque[Any]) -> Opaque[Any]:
        """Another object."""
        return v.other


class Box(AscClass):
    """An object with handles in its fields."""

    value: Opaque[Any] | None
    wide: Annotated[Opaque[Any], u64] | None
    items: Array[Opaque[Any]]
    named: Map[string, Opaque[Any] | None]

    def __init__(self, value: Opaque[Any] | None) -> None: ...
    def swap(self, value: Opaque[Any] | None) -> Opaque[Any] | None: ...
    @property
    def shown(self) -> Opaque[Any] | None: ...
    @shown.setter
    def shown(self, value: Opaque[Any] | None) -> None: ...
    @staticmethod
    def of(value: Opaque[Any]) -> "Box": ...


class Pair(AscRecord):
    """A record of two handles."""

    a: WeakOpaque[Any] | None = None
    b: Opaque[Any] | None = None


class Objects(AscModule, rename="camel"):
    """Handles in memory."""

    def pair(self) -> Pair: ...
    def items(self, v: list[Opaque[Any]]) -> list[Opaque[Any]]: ...
    def wide_items(self, v: tuple[Annotated[Opaque[Any], u64], ...]) -> list[Annotated[Opaque[Any], u64]]: ...
    def tiny_items(self, v: list[Annotated[Opaque[Any], u8]]) -> list[Annotated[Opaque[Any], u8]]: ...
    def nested(self, v: list[list[Opaque[Any]]]) -> list[list[Opaque[Any]]]: ...
    def by_name(self, v: dict[string, Opaque[Any]]) -> dict[string, Opaque[Any]]: ...
    def by_object(self, v: dict[Opaque[Any], string]) -> dict[Opaque[Any], string]: ...
    def members(self, v: set[Opaque[Any]]) -> set[Opaque[Any]]: ...
    def live_list(self) -> Array[Opaque[Any]]: ...
    def live_map(self) -> Map[string, Opaque[Any]]: ...
    def live_set(self) -> Set[Opaque[Any]]: ...


class Functions(AscModule):
    """Handles that function values get and give."""

    def apply(self, f: Callable[[Opaque[Any]], Opaque[Any]], v: Opaque[Any]) -> Opaque[Any]: ...
    def identity(self) -> Callable[[Opaque[Any]], Opaque[Any]]: ...


class References(AscModule, rename="camel"):
    """Objects as `externref`."""

    shared: Opaque[Any] | None

    def keep_ref(self, v: Opaque[Any] | None) -> None: ...
    def give_ref(self) -> Opaque[Any] | None: ...
    def pass_ref(self, v: Opaque[Any]) -> Opaque[Any]: ...
    def last_ref(
        self, a: Opaque[Any], n: i32, b: Opaque[Any] | None, s: string, c: Opaque[Any]
    ) -> Opaque[Any] | None: ...
    def many_refs(
        self,
        a: Opaque[Any],
        b: Opaque[Any],
        c: Opaque[Any],
        d: Opaque[Any],
        e: Opaque[Any],
        f: Opaque[Any],
        g: Opaque[Any],
        h: Opaque[Any],
        i: Opaque[Any],
        j: Opaque[Any],
        n: i32,
    ) -> Opaque[Any]: ...
    def through_ref(self, a: Opaque[Any], n: i32, b: Opaque[Any] | None) -> Opaque[Any] | None: ...
    def deep(self, v: Opaque[Any], n: i32) -> Opaque[Any]: ...

    @host("env", "hostRef")
    def host_ref(self, a: Opaque[Any], n: i32, b: Opaque[Any] | None) -> Opaque[Any] | None:
        """One of the arguments, or the result of a call with it."""
        if b is a:
            return self.deep(a, n)
        return a if n else b


class WeakReferences(AscModule, rename="camel"):
    """The same, without keeping the objects alive."""

    def keep_ref(self, v: WeakOpaque[Any] | None) -> None: ...
    def give_ref(self) -> WeakOpaque[Any] | None: ...


def with_binary(declaration: type[M], wasm: Path, classes: Sequence[type] = ()) -> type[M]:
    """A declaration with a binary, and classes that it does not mention."""
    metaclass: Any = type(declaration)
    made: type[M] = metaclass("Files", (declaration,), {}, wasm=wasm, classes=classes)
    return made


def with_binary_of(other: Any, declaration: type[M], classes: Sequence[type] = ()) -> type[M]:
    """A declaration with the binary of another one."""
    return with_binary(declaration, other.__asc_wasm__, classes)


#: How members are called.
PATHS = ("generated", "interpreted", "public")


def take_path(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let classes that are bound from now on be called in one of these ways."""
    if path == "interpreted":
        interpret(monkeypatch)
    if path == "public":
        monkeypatch.setattr(_natives, "_native_class", _natives.PublicNative)


class Build(NamedTuple):
    """How the module is compiled."""

    compiler: Compiler
    transform: bool = False
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.compiler, "transformed" if self.transform else "stock", *self.options))

    def bind(self, declaration: type[M], source: str, *options: str) -> type[M]:
        """A declaration with this binary."""
        path = compile_asc(source, *self.options, *options, compiler=self.compiler, transform=self.transform)
        return with_binary(declaration, path)


STOCK = (Build("modern"), Build("classic"), Build("oldest"))
TRANSFORMED = (Build("modern", transform=True), Build("oldest", transform=True, options=("-O3",)))
BUILDS = (*STOCK, *TRANSFORMED)
