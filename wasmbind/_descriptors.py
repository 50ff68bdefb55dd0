"""What wasmbind knows about a type: immutable data, no behaviour.

A *descriptor* is what an annotation resolves to. Layout, codecs and generated code are functions of it.
"""

from __future__ import annotations

import enum  # noqa: TC003 - dataclass fields name it
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

__all__ = [
    "BOOL",
    "F32",
    "F64",
    "INTEGERS",
    "STRING",
    "VOID",
    "Boolean",
    "Descriptor",
    "Enumeration",
    "Float",
    "Integer",
    "ListOf",
    "Nullable",
    "ObjectOf",
    "String",
    "Void",
    "describe",
    "is_reference",
    "wasm_type",
]


@dataclass(frozen=True, slots=True)
class Integer:
    """An AssemblyScript integer type."""

    name: str
    bits: int
    signed: bool

    @property
    def low(self) -> int:
        """The smallest value."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """The largest value."""
        return (1 << (self.bits - self.signed)) - 1


@dataclass(frozen=True, slots=True)
class Float:
    """`f32` or `f64`."""

    name: str
    bits: int


@dataclass(frozen=True, slots=True)
class Boolean:
    """AssemblyScript `bool`: an i32 in a call, one byte in memory."""


@dataclass(frozen=True, slots=True)
class Void:
    """No value: the result of a function that returns nothing."""


@dataclass(frozen=True, slots=True)
class String:
    """AssemblyScript `string`: a reference to immutable UTF-16."""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """An AssemblyScript enum, declared as an `enum.IntEnum`: an i32."""

    cls: type[enum.IntEnum]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """A reference to an instance of a declared class."""

    cls: type[Any]


@dataclass(frozen=True, slots=True)
class ListOf:
    """An AssemblyScript array copied to and from a Python list."""

    element: Descriptor


@dataclass(frozen=True, slots=True)
class Nullable:
    """A reference that may be null."""

    inner: Reference


Reference: TypeAlias = String | ObjectOf | ListOf
Descriptor: TypeAlias = Integer | Float | Boolean | Void | Enumeration | Reference | Nullable

#: Every integer type by its AssemblyScript name. `isize` and `usize` are 32 bits wide on wasm32.
INTEGERS: dict[str, Integer] = {
    name: Integer(name, bits, signed)
    for name, bits, signed in [
        ("i8", 8, True),
        ("i16", 16, True),
        ("i32", 32, True),
        ("i64", 64, True),
        ("isize", 32, True),
        ("u8", 8, False),
        ("u16", 16, False),
        ("u32", 32, False),
        ("u64", 64, False),
        ("usize", 32, False),
    ]
}
F32 = Float("f32", 32)
F64 = Float("f64", 64)
BOOL = Boolean()
STRING = String()
VOID = Void()


def is_reference(descriptor: Descriptor) -> bool:
    """Whether a value of the type is a pointer to a managed object."""
    return isinstance(descriptor, (String, ObjectOf, ListOf, Nullable))


def wasm_type(descriptor: Descriptor) -> Literal["i32", "i64", "f32", "f64"] | None:
    """The WebAssembly value type that carries the type in calls: `i32`, `i64`, `f32`, `f64`, None for void."""
    match descriptor:
        case Void():
            return None
        case Integer(bits=64):
            return "i64"
        case Float(bits=bits):
            return "f64" if bits == F64.bits else "f32"
        case _:
            return "i32"


def describe(descriptor: Descriptor) -> str:
    """The type as AssemblyScript writes it."""
    match descriptor:
        case Integer(name=name) | Float(name=name):
            return name
        case Boolean():
            return "bool"
        case Void():
            return "void"
        case String():
            return "string"
        case Enumeration(cls=cls) | ObjectOf(cls=cls):
            return cls.__name__
        case ListOf(element=element):
            return f"Array<{describe(element)}>"
        case Nullable(inner=inner):
            return f"{describe(inner)} | null"
