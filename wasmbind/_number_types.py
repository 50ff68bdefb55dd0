"""AssemblyScript's number types: immutable data, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BOOL", "F32", "F64", "INTEGERS", "TYPED_ARRAYS", "Boolean", "Float", "Integer"]


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
#: The element type of every typed array.
TYPED_ARRAYS: dict[str, Integer | Float] = {
    "Int8Array": INTEGERS["i8"],
    "Uint8Array": INTEGERS["u8"],
    "Uint8ClampedArray": INTEGERS["u8"],
    "Int16Array": INTEGERS["i16"],
    "Uint16Array": INTEGERS["u16"],
    "Int32Array": INTEGERS["i32"],
    "Uint32Array": INTEGERS["u32"],
    "Int64Array": INTEGERS["i64"],
    "Uint64Array": INTEGERS["u64"],
    "Float32Array": F32,
    "Float64Array": F64,
}
BOOL = Boolean()
