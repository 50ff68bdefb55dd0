"""The AssemblyScript types that annotations are written with.

To a type checker `i32` is `int`, `f64` is `float` and `string` is `str`; at run time each alias carries the
descriptor that tells wasmbind the width and the sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeAlias, TypeVar

from wasmbind import _descriptors as d

__all__ = [
    "Date",
    "Name",
    "Opaque",
    "WeakOpaque",
    "f32",
    "f64",
    "i8",
    "i16",
    "i32",
    "i64",
    "isize",
    "string",
    "u8",
    "u16",
    "u32",
    "u64",
    "usize",
]

# The lower-case names are AssemblyScript's own.
i8: TypeAlias = Annotated[int, d.INTEGERS["i8"]]
i16: TypeAlias = Annotated[int, d.INTEGERS["i16"]]
i32: TypeAlias = Annotated[int, d.INTEGERS["i32"]]
i64: TypeAlias = Annotated[int, d.INTEGERS["i64"]]
isize: TypeAlias = Annotated[int, d.INTEGERS["isize"]]
u8: TypeAlias = Annotated[int, d.INTEGERS["u8"]]
u16: TypeAlias = Annotated[int, d.INTEGERS["u16"]]
u32: TypeAlias = Annotated[int, d.INTEGERS["u32"]]
u64: TypeAlias = Annotated[int, d.INTEGERS["u64"]]
usize: TypeAlias = Annotated[int, d.INTEGERS["usize"]]
f32: TypeAlias = Annotated[float, d.F32]
f64: TypeAlias = Annotated[float, d.F64]
string: TypeAlias = Annotated[str, d.STRING]

#: A moment: `datetime` in UTC, in whole milliseconds.
Date: TypeAlias = Annotated[datetime, d.Date()]

T = TypeVar("T")

#: A Python object of type T that AssemblyScript carries around, as a number or an `externref`, and cannot look into.
#: It is kept alive until it is released.
Opaque: TypeAlias = Annotated[T, d.OpaqueOf()]
#: The same without keeping the object alive; a handle of an object that is gone is an error.
WeakOpaque: TypeAlias = Annotated[T, d.OpaqueOf(weak=True)]


@dataclass(frozen=True, slots=True)
class Name:
    """Gives a field or global another AssemblyScript name: `origin: Annotated[i32, Name("from")]`."""

    name: str
