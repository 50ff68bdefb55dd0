"""Where fields lie in memory.

AssemblyScript places fields in declaration order after those of the base class, each at the next multiple of
its own size, and adds no padding at the end (`Resolver#resolveClass`, compiler `src/resolver.ts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wasmbind import _descriptors as d

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["EMPTY", "VIEWS", "Layout", "compute_layout", "size_of", "view_of"]


@dataclass(frozen=True, slots=True)
class Layout:
    """Size and field offsets of a class, in bytes."""

    size: int
    offsets: Mapping[str, int]


EMPTY = Layout(0, {})

#: How a value lies in memory: the name of a view of memory, its `struct` format and its size in bytes.
VIEWS = {
    "i8": ("b", 1),
    "u8": ("B", 1),
    "i16": ("h", 2),
    "u16": ("H", 2),
    "i32": ("i", 4),
    "u32": ("I", 4),
    "i64": ("q", 8),
    "u64": ("Q", 8),
    "f32": ("f", 4),
    "f64": ("d", 8),
}


def view_of(descriptor: d.Descriptor) -> str:
    """The view of memory, a key of `VIEWS`, through which values of the type are read and written."""
    match descriptor:
        case d.Integer(bits=bits, signed=signed):
            return f"{'i' if signed else 'u'}{bits}"
        case d.Float(name=name):
            return name
        case d.Boolean():
            return "u8"
        case d.Enumeration():
            return "i32"
        case d.Void():
            raise ValueError("void has no place in memory")
        case _:
            return "u32"


def size_of(descriptor: d.Descriptor) -> int:
    """The size of a value in memory, in bytes, which is also its alignment."""
    return VIEWS[view_of(descriptor)][1]


def compute_layout(fields: Iterable[tuple[str, d.Descriptor]], base: Layout = EMPTY) -> Layout:
    """Place `fields` after those of `base`."""
    offsets = dict(base.offsets)
    end = base.size
    for name, descriptor in fields:
        size = size_of(descriptor)
        offset = -(-end // size) * size
        offsets[name] = offset
        end = offset + size
    return Layout(end, offsets)
