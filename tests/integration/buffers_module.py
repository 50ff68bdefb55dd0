"""The module whose buffers the tests of views and buffers watch, in every build."""

# mypy: disable-error-code="empty-body"

from __future__ import annotations

import functools
import gc
import types
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import pytest

import wasmbind
from tests.compiling import Compiler, compile_asc
from wasmbind import (
    Array,
    ArrayBuffer,
    AscClass,
    AscModule,
    DataView,
    Float64Array,
    Int32Array,
    StaticArray,
    f64,
    i32,
    string,
    u8,
)

__all__ = [
    "INCREMENTAL",
    "KINDS",
    "MINIMAL",
    "STUB",
    "Build",
    "Kind",
    "Plain",
    "address_of",
    "backing_of",
    "buffers",
    "everywhere",
    "held_slots",
    "incremental",
    "is_free",
    "scribble",
    "word",
]


class Color(IntEnum):
    Red = 0
    Green = 5


@dataclass(frozen=True)
class Kind:
    """A collection of numbers.

    Attributes:
        name: what its functions are called after.
        type: the type in AssemblyScript.
        live: the type in Python.
        element: the element type in AssemblyScript.
        annotation: the same in Python.
        format: the format of its views.
        dtype: what NumPy calls the elements.
    """

    name: str
    type: str
    live: Any
    element: str
    annotation: Any
    format: str
    dtype: str

    def value(self, index: int) -> Any:
        """The element that AssemblyScript puts at an index."""
        if self.element == "bool":
            return index % 2 == 1
        return float(index) if self.element[0] == "f" else 5 * (index & 1) if self.element == "Color" else index

    @property
    def other(self) -> Any:
        """A value that is none of the first."""
        if self.element == "Color":
            return Color.Green
        return True if self.element == "bool" else 99.5 if self.element[0] == "f" else 99


_ELEMENTS = {
    "i8": ("b", "int8"),
    "u8": ("B", "uint8"),
    "i16": ("h", "int16"),
    "u16": ("H", "uint16"),
    "i32": ("i", "int32"),
    "u32": ("I", "uint32"),
    "i64": ("q", "int64"),
    "u64": ("Q", "uint64"),
    "isize": ("i", "int32"),
    "usize": ("I", "uint32"),
    "f32": ("f", "float32"),
    "f64": ("d", "float64"),
    "bool": ("?", "bool"),
    "Color": ("i", "int32"),
}
_TYPED = {
    "Int8Array": "i8",
    "Uint8Array": "u8",
    "Uint8ClampedArray": "u8",
    "Int16Array": "i16",
    "Uint16Array": "u16",
    "Int32Array": "i32",
    "Uint32Array": "u32",
    "Int64Array": "i64",
    "Uint64Array": "u64",
    "Float32Array": "f32",
    "Float64Array": "f64",
}


def _annotation(element: str) -> Any:
    return {"bool": bool, "Color": Color}.get(element) or getattr(wasmbind, element)


def _kinds() -> list[Kind]:
    found = []
    for element, (format_, dtype) in _ELEMENTS.items():
        annotation = _annotation(element)
        for general in ("Array", "StaticArray"):
            live = getattr(wasmbind, general)[annotation]
            name = f"{general}_{element}"
            found.append(Kind(name, f"{general}<{element}>", live, element, annotation, format_, dtype))
    for typed, element in _TYPED.items():
        live = getattr(wasmbind, typed)
        found.append(Kind(typed, typed, live, element, _annotation(element), *_ELEMENTS[element]))
    return found


#: Every collection of numbers.
KINDS = _kinds()

_SOURCE = """
export enum Color { Red, Green = 5 }
function fill<S, T>(c: S, n: i32): S {
  for (let i = 0; i < n; i++) c[i] = <T>i;
  return c;
}

const hoard: StaticArray<u8>[] = [];
// Takes all memory that has become free, and writes over it.
export function scribble(size: i32, count: i32): void {
  for (let i = 0; i < count; i++) {
    const block = new StaticArray<u8>(size);
    memory.fill(changetype<usize>(block), 0x55, size);
    hoard.push(block);
  }
}
export function forget(): void { hoard.length = 0; }
export function churn(count: i32): void { for (let i = 0; i < count; i++) new ArrayBuffer(512); }
export function grow(mib: i32): void { hoard.push(new StaticArray<u8>(mib << 20)); }

export function numbers(n: i32): Array<f64> { return fill<Array<f64>, f64>(new Array<f64>(n), n); }
export function push(a: Array<f64>, n: i32): void { for (let i = 0; i < n; i++) a.push(<f64>a.length); }
export function pop(a: Array<f64>): f64 { return a.pop(); }
export function put(a: Array<f64>, i: i32, v: f64): void { a[i] = v; }
export function resize(a: Array<f64>, n: i32): void { a.length = n; }
export function texts(): string[] { return ["a", "bc"]; }

const CONSTANT: f64[] = [1.5, 2.5, 3.5];
const NOTHING: f64[] = [];
const FIXED: StaticArray<i32> = [1, 2, 3];
export function constant(): f64[] { return CONSTANT; }
export function nothing(): f64[] { return NOTHING; }
export function fixed(): StaticArray<i32> { return FIXED; }

export function ints(n: i32): Int32Array { return fill<Int32Array, i32>(new Int32Array(n), n); }
export function part(a: Int32Array, begin: i32, end: i32): Int32Array { return a.subarray(begin, end); }
export function doubles(n: i32): Float64Array { return fill<Float64Array, f64>(new Float64Array(n), n); }
export function odd(a: Int32Array): Int32Array { return a.filter(x => (x & 1) == 1); }

export function buffer(n: i32): ArrayBuffer {
  const b = new ArrayBuffer(n);
  for (let i = 0; i < n; i++) store<u8>(changetype<usize>(b) + i, <u8>i);
  return b;
}
export function byteAt(b: ArrayBuffer, i: i32): u8 { return load<u8>(changetype<usize>(b) + i); }
export function sum(b: ArrayBuffer): i32 {
  let s = 0;
  for (let i = 0; i < b.byteLength; i++) s += load<u8>(changetype<usize>(b) + i);
  return s;
}
export class Holder {
  data: ArrayBuffer = buffer(4);
  window: DataView = new DataView(buffer(4));
  maybe: ArrayBuffer | null = null;
}
export function holder(): Holder { return new Holder(); }

export function dataView(b: ArrayBuffer, offset: i32, length: i32): DataView {
  return new DataView(b, offset, length);
}
export function readF64(v: DataView, offset: i32, little: bool): f64 { return v.getFloat64(offset, little); }
export function viewLength(v: DataView): i32 { return v.byteLength; }
// A plain class of three words, as a DataView is one.
export class Plain { a: i32 = 8; b: i32 = 16; c: i32 = 24; }
export function plain(): Plain { return new Plain(); }

declare function during(a: Array<f64>): f64;
export function callOut(a: Array<f64>): f64 { const found = during(a); return found + a[0]; }
export function spin(a: Array<f64>, rounds: i32): void {
  for (let i = 0; i < rounds; i++) {
    a.push(<f64>a.length);
    if (a.length > 4096) a.length = 1;
  }
}
export function trap(): void { unreachable(); }
"""


def _functions(kind: Kind) -> str:
    value = {"bool": "(i & 1) == 1", "Color": "i & 1 ? Color.Green : Color.Red"}.get(kind.element, f"<{kind.element}>i")
    return f"""
export function new_{kind.name}(n: i32): {kind.type} {{
  const c = new {kind.type}(n);
  for (let i = 0; i < n; i++) c[i] = {value};
  return c;
}}
export function at_{kind.name}(c: {kind.type}, i: i32): {kind.element} {{ return c[i]; }}
export function set_{kind.name}(c: {kind.type}, i: i32, v: {kind.element}): void {{ c[i] = v; }}
"""


@dataclass(frozen=True)
class Build:
    """A way to compile; a source of a binary."""

    compiler: Compiler = "modern"
    transform: bool = False
    runtime: str = "incremental"

    def read_bytes(self) -> bytes:
        """The binary."""
        source = _SOURCE + "".join(map(_functions, KINDS))
        path = compile_asc(source, "--runtime", self.runtime, compiler=self.compiler, transform=self.transform)
        return path.read_bytes()

    def __str__(self) -> str:
        """What it is called among the tests."""
        return f"{self.compiler}-{'transform' if self.transform else 'stock'}-{self.runtime}"


INCREMENTAL = [Build(compiler, transform) for compiler in ("modern", "oldest") for transform in (False, True)]
MINIMAL = [Build(runtime="minimal"), Build(runtime="minimal", transform=True), Build("oldest", runtime="minimal")]
STUB = [Build(runtime="stub"), Build(runtime="stub", transform=True), Build("oldest", runtime="stub")]
incremental = pytest.mark.parametrize("build", INCREMENTAL, ids=str)
everywhere = pytest.mark.parametrize("build", [*INCREMENTAL, *MINIMAL, *STUB], ids=str)


class Plain(AscClass):
    a: i32
    b: i32
    c: i32


class Holder(AscClass):
    data: ArrayBuffer
    window: DataView
    maybe: ArrayBuffer | None


class Buffers(AscModule):
    def scribble(self, size: i32, count: i32) -> None: ...
    def forget(self) -> None: ...
    def churn(self, count: i32) -> None: ...
    def grow(self, mib: i32) -> None: ...
    def numbers(self, n: i32) -> Array[f64]: ...
    def push(self, a: Array[f64], n: i32) -> None: ...
    def pop(self, a: Array[f64]) -> f64: ...
    def put(self, a: Array[f64], i: i32, v: f64) -> None: ...
    def resize(self, a: Array[f64], n: i32) -> None: ...
    def texts(self) -> Array[string]: ...
    def constant(self) -> Array[f64]: ...
    def nothing(self) -> Array[f64]: ...
    def fixed(self) -> StaticArray[i32]: ...
    def ints(self, n: i32) -> Int32Array: ...
    def part(self, a: Int32Array, begin: i32, end: i32) -> Int32Array: ...
    def doubles(self, n: i32) -> Float64Array: ...
    def odd(self, a: Int32Array) -> Int32Array: ...
    def buffer(self, n: i32) -> ArrayBuffer: ...
    def byteAt(self, b: ArrayBuffer, i: i32) -> u8: ...
    def sum(self, b: ArrayBuffer) -> i32: ...
    def holder(self) -> Holder: ...
    def dataView(self, b: ArrayBuffer, offset: i32, length: i32) -> DataView: ...
    def readF64(self, v: DataView, offset: i32, little: bool) -> f64: ...
    def viewLength(self, v: DataView) -> i32: ...
    def callOut(self, a: Array[f64]) -> f64: ...
    def spin(self, a: Array[f64], rounds: i32) -> None: ...
    def trap(self) -> None: ...


def _declared(annotations: dict[str, Any]) -> Any:
    def new(self: Any, n: Any) -> Any: ...
    def at(self: Any, c: Any, i: Any) -> Any: ...
    def put(self: Any, c: Any, i: Any, v: Any) -> Any: ...

    function: Any = (new, at, put)[len(annotations) - 2]
    function.__annotations__ = annotations
    return function


@functools.cache
def _module_class(build: Build) -> Any:
    body: dict[str, Any] = {}
    for kind in KINDS:
        body[f"new_{kind.name}"] = _declared({"n": i32, "return": kind.live})
        body[f"at_{kind.name}"] = _declared({"c": kind.live, "i": i32, "return": kind.annotation})
        body[f"set_{kind.name}"] = _declared({"c": kind.live, "i": i32, "v": kind.annotation, "return": None})
    return types.new_class("Buffers", (Buffers,), {"wasm": build}, lambda namespace: namespace.update(body))


def buffers(build: Build, during: Callable[[int], float] = float) -> Any:
    """A new instance.

    Args:
        build: how it is compiled.
        during: a host function that `callOut` calls with the address of an array.
    """
    return _module_class(build)(imports={"inline": {"during": during}})


# --- what memory tells ---------------------------------------------------------------------------------------


def word(module: Any, at: int) -> int:
    """The u32 at an address."""
    module.runtime.refresh()
    found: int = module.runtime.memory.cast("I")[at >> 2]
    return found


def address_of(live: Any) -> int:
    """The address of the object behind a Python object."""
    ptr: int = live._asc_ptr
    return ptr


def backing_of(module: Any, live: Any) -> int:
    """The address of the buffer that the elements of an Array, typed array or DataView lie in."""
    return word(module, address_of(live))


def is_free(module: Any, ptr: int) -> bool:
    """Whether the memory of an object has been freed."""
    return bool(word(module, ptr - 20) & 1)


def scribble(module: Any, *sizes: int) -> None:
    """Collect everything, and have AssemblyScript write over what became free."""
    module.runtime.collect()
    module.runtime.collect()
    for size in sizes or (16, 48, 112, 240, 500, 1000, 2020, 4068, 8164):
        module.scribble(size, 64)


def held_slots(module: Any) -> int:
    """How many root slots hold something, once dead objects have been released."""
    gc.collect()
    module.forget()
    runtime = module.runtime
    return sum(1 for handle in runtime.live.values() if handle.slot)
