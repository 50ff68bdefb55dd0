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

    from wasmbind._schema.model import ValueType

__all__ = [
    "COMPARTMENT",
    "COMPARTMENTS",
    "EMPTY",
    "ID_WORD",
    "NEXT_WORD",
    "OBJECT_MAXSIZE",
    "SIZE_WORD",
    "UNCONSTRUCTED",
    "VIEWS",
    "EntryLayout",
    "Layout",
    "Span",
    "Storage",
    "compute_entry_layout",
    "compute_layout",
    "size_of",
    "span_of",
    "storage_of",
    "view_of",
]


@dataclass(frozen=True, slots=True)
class Layout:
    """Size and field offsets of a class, in bytes."""

    size: int
    offsets: Mapping[str, int]


EMPTY = Layout(0, {})

#: Text that the glue makes strings of is staged in so many compartments of so many bytes.
COMPARTMENT: Final = 1024
COMPARTMENTS: Final = 8
#: The address of an object whose constructor has not run: outside any 32-bit memory.
UNCONSTRUCTED: Final = 1 << 40
#: Bytes of the largest object that AssemblyScript allocates (`OBJECT_MAXSIZE`, std/assembly/rt/common.ts).
OBJECT_MAXSIZE: Final = (1 << 30) - 32
#: Where the run-time id and the size of an object stand, in words from its address.
ID_WORD, SIZE_WORD = -2, -1
#: Where it says which object follows it in its list of the collector, from asc 0.18 on.
NEXT_WORD: Final = -4
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


#: The WebAssembly types of the views that are not carried by an i32.
_CARRIERS: Final[dict[str, ValueType]] = {"i64": "i64", "u64": "i64", "f32": "f32", "f64": "f64"}


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
        case d.OpaqueOf(width=d.Integer(bits=bits)) | d.Nullable(inner=d.OpaqueOf(width=d.Integer(bits=bits))):
            return f"u{bits}"  # handles are never negative
        case d.Dynamic(carrier=carrier):
            return "u64" if carrier == "i64" else "u32"
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
    def wasm(self) -> ValueType:
        """The WebAssembly type that carries it."""
        return _CARRIERS.get(self.view, "i32")


def storage_of(descriptor: d.Descriptor) -> Storage:
    """How values of a type lie in memory."""
    inner = descriptor.inner if isinstance(descriptor, d.Nullable) else descriptor
    return Storage(view_of(descriptor), d.is_reference(descriptor), isinstance(inner, d.String))


@dataclass(frozen=True, slots=True)
class Span:
    """Where the objects of a class have their elements: what lies one after the other in memory.

    Attributes:
        inline: they are the object's own payload; else its first word is the address of their buffer, and the one at
            `start` that of the first of them.
        start: where the object has the address of its first element, in words from its own, unless `inline`.
        count: where the object has their number, in words from its address.
        counted: that is the number of elements, not of bytes.
        least: the bytes that an object of the class has at least.
    """

    inline: bool
    count: int
    counted: bool
    least: int
    start: int = 1

    def find(self, memory: memoryview[int], ptr: int, shift: int) -> tuple[int, int]:
        """The address of the first element and the number of elements, as the module has them; nothing is checked.

        Args:
            memory: memory as u32.
            ptr: the address of the object.
            shift: 2 ** shift bytes are one element.

        Raises:
            IndexError: the object lies outside memory.
        """
        word = ptr >> 2
        count = memory[word + self.count]
        return ptr if self.inline else memory[word + self.start], count if self.counted else count >> shift


_SPANS: Final = {
    "Array": Span(inline=False, count=3, counted=True, least=16),
    **dict.fromkeys(("ArrayBuffer", "StaticArray"), Span(inline=True, count=SIZE_WORD, counted=False, least=0)),
    **dict.fromkeys(("DataView", *d.TYPED_ARRAYS), Span(inline=False, count=2, counted=False, least=12)),
}


def span_of(kind: str) -> Span:
    """Where elements lie in a class: `Array`, `StaticArray`, `ArrayBuffer`, `DataView` or a typed array."""
    return _SPANS[kind]


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
