"""Where values lie in memory: the fields of an object, the entries of a Map or Set.

AssemblyScript places fields in declaration order after those of the base class, each at the next multiple of
its own size, and adds no padding at the end (`Resolver#resolveClass`, compiler `src/resolver.ts`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wasmbind import _descriptors as d

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "EMPTY",
    "UNCONSTRUCTED",
    "VIEWS",
    "EntryLayout",
    "Layout",
    "Storage",
    "compute_entry_layout",
    "compute_layout",
    "size_of",
    "storage_of",
    "view_of",
]


@dataclass(frozen=True, slots=True)
class Layout:
    """Size and field offsets of a class, in bytes."""

    size: int
    offsets: Mapping[str, int]


EMPTY = Layout(0, {})

#: The address of an object whose constructor has not run: outside any 32-bit memory.
UNCONSTRUCTED: Final = 1 << 40
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


@dataclass(frozen=True, slots=True)
class Storage:
    """How a key, a value or an element lies in memory, which is all that collections need to know of its type.

    Attributes:
        view: a key of `VIEWS`; `u32` for references.
        is_managed: it is a reference, which the collector visits.
        is_text: it is a reference to a string, which collections compare and hash by its text.
    """

    view: str
    is_managed: bool = False
    is_text: bool = False

    @property
    def size(self) -> int:
        """The size in bytes, which is also the alignment."""
        return VIEWS[self.view][1]

    @property
    def wasm(self) -> str:
        """The WebAssembly type that carries it."""
        if self.view in ("f32", "f64"):
            return self.view
        return "i64" if self.size == VIEWS["i64"][1] else "i32"


def storage_of(descriptor: d.Descriptor) -> Storage:
    """How values of a type lie in memory."""
    inner = descriptor.inner if isinstance(descriptor, d.Nullable) else descriptor
    return Storage(view_of(descriptor), d.is_reference(descriptor), isinstance(inner, d.String))


@dataclass(frozen=True, slots=True)
class EntryLayout:
    """Where the parts of a Map's or Set's entry lie, in bytes from its start, where the key lies.

    Attributes:
        value: the offset of the value; that of `next` where there is none.
        next: the offset of the address of the next entry of the bucket, whose lowest bit marks a deleted entry.
        stride: the distance of one entry from the next.
    """

    value: int
    next: int
    stride: int


def compute_entry_layout(key: Storage, value: Storage | None) -> EntryLayout:
    """Lay out the entries of a Map, or of a Set, which has no values (`std/assembly/map.ts`, `set.ts`)."""
    sizes = [key.size, *([value.size] if value is not None else []), 4]
    offsets, end = [], 0
    for size in sizes:
        offset = -(-end // size) * size
        offsets.append(offset)
        end = offset + size
    widest = max(sizes)
    return EntryLayout(offsets[1], offsets[-1], -(-end // widest) * widest)
