"""AssemblyScript that does to Map and Set what glue does, for every type of key and some of value, as one module."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.compiling import Compiler, compile_asc
from wasmbind._layout import VIEWS, Storage

STRING, NODE = Storage("u32", is_managed=True, is_text=True), Storage("u32", is_managed=True)

_INTEGERS = {
    name: list(dict.fromkeys([low, high, *range(max(low, -20), 20)]))
    for name in ("i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64")
    for bits in [int(name[1:])]
    for low, high in [(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if name[0] == "i" else (0, 2**bits - 1)]
}
_FLOATS = [0.0, -0.0, math.nan, math.inf, -math.inf, 0.5, *map(float, range(1, 34))]
_SHORT = ["", "a", "ab", "abc", "grün", "\ud800", "x" * 7, "x" * 8, "y" * 8, "z" * 9, "\0" * 17]
_TEXTS = [*_SHORT, *(f"key {'of some length ' * (index % 4)}{index}" for index in range(30))]

#: What keys and values there are, by their type in AssemblyScript; objects are given by their serial numbers.
SAMPLES: dict[str, list[Any]] = {
    **_INTEGERS,
    "bool": [0, 1],
    "f32": _FLOATS,
    "f64": [*_FLOATS, 1e300],
    "string": _TEXTS,
    "string | null": [None, *_TEXTS],
    "Node": list(range(1, 40)),
    "Node | null": [None, *range(1, 40)],
}
KEYS = [name for name in SAMPLES if name != "Node | null"]
VALUES = ["i8", "f64", "string", "Node | null"]
STORAGES = {
    **{name: Storage(name) for name in VIEWS},
    "bool": Storage("u8"),
    "string": STRING,
    "string | null": STRING,
    "Node": NODE,
    "Node | null": NODE,
}


@dataclass(frozen=True)
class Shape:
    """A Map, or a Set, whose value is None."""

    key: str
    value: str | None

    @property
    def type(self) -> str:
        """What AssemblyScript calls it."""
        return f"Set<{self.key}>" if self.value is None else f"Map<{self.key},{self.value}>"

    @property
    def types(self) -> tuple[str, ...]:
        return (self.key,) if self.value is None else (self.key, self.value)

    def pairs(self, *indices: int) -> list[tuple[Any, ...]]:
        """The samples of these indices, from the start again where there are no more."""
        columns = [SAMPLES[type_] for type_ in self.types]
        return [tuple(column[index % len(column)] for column in columns) for index in indices]

    @property
    def setter(self) -> str:
        return "add" if self.value is None else "set"

    @property
    def storages(self) -> tuple[Storage, Storage | None]:
        return STORAGES[self.key], None if self.value is None else STORAGES[self.value]


SHAPES = [Shape(key, value) for key in KEYS for value in (*VALUES, None)]
WORDS, NUMBERS, TEXTS, NODES = Shape("string", "i8"), Shape("f64", None), Shape("string", "string"), Shape("Node", "i8")


def _members(index: int, shape: Shape) -> Iterator[str]:
    """What AssemblyScript does with one type."""
    yield f"export function make_{index}(): {shape.type} {{ return new {shape.type}(); }}"
    given = f"m: {shape.type}, k: {shape.key}"
    value = "" if shape.value is None else f", v: {shape.value}"
    put = "m.add(k)" if shape.value is None else "m.set(k, v)"
    yield f"export function {shape.setter}_{index}({given}{value}): void {{ {put}; }}"
    yield f"export function has_{index}({given}): bool {{ return m.has(k); }}"
    yield f"export function delete_{index}({given}): bool {{ return m.delete(k); }}"
    yield f"export function clear_{index}(m: {shape.type}): void {{ m.clear(); }}"
    if shape.value is not None:
        yield f"export function get_{index}({given}): {shape.value} {{ return m.get(k); }}"


SOURCE = "\n".join(
    [
        """
import { HASH } from "util/hash";
export class Node { constructor(public serial: i32, public next: Node | null = null) {} }
let top: Node | null = null;
export function chain(length: i32): void {
  top = null;
  for (let i = 0; i < length; i++) top = new Node(i, top);
}
export function node(serial: i32): Node { return new Node(serial); }
export function churn(count: i32): void { for (let i = 0; i < count; i++) new StaticArray<u64>(64).fill(-1); }
export function allocate(size: i32): void { new StaticArray<u8>(size).fill(255); }
export function roots(): StaticArray<Node | null> { return new StaticArray<Node | null>(256); }
export function bufferId(): u32 { return idof<ArrayBuffer>(); }
export function stringId(): u32 { return idof<string>(); }
""",
        *(
            f"export function hash_{index}(k: {key}): u32 {{ return HASH<{key}>(k); }}"
            for index, key in enumerate(KEYS)
        ),
        *(line for index, shape in enumerate(SHAPES) for line in _members(index, shape)),
    ]
)


@dataclass(frozen=True)
class Build:
    """A way to compile all of that."""

    compiler: Compiler = "modern"
    transform: bool = False
    runtime: str = "incremental"

    def __str__(self) -> str:
        parts = (self.compiler, "transform" * self.transform, self.runtime)
        return "-".join(part for part in parts if part)

    def read(self) -> bytes:
        options = ("--runtime", self.runtime)
        return compile_asc(SOURCE, *options, compiler=self.compiler, transform=self.transform).read_bytes()


STOCK, LINKING = Build(), Build(transform=True)
BUILDS = [STOCK, LINKING, Build("oldest"), Build("classic")]
each_build = pytest.mark.parametrize("build", BUILDS, ids=str)
each_marking = pytest.mark.parametrize("build", [STOCK, LINKING], ids=str)
