"""AssemblyScript's run-time type information, read from linear memory.

The table at `__rtti_base` holds a count and one entry per managed class (`std/assembly/shared/typeinfo.ts`).
Entries are 8 bytes (flags, base id) up to asc 0.22 and 4 bytes (flags) since; `Object` got id 0 in 0.23. Up to
asc 0.9 there was no flag for `StaticArray`, so that all flags after it stood one bit lower. All of that is told from
the table itself, never from a version: a wrong id corrupts the collector.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

from wasmbind import _descriptors as d
from wasmbind._layout import size_of

__all__ = ["Rtti", "RttiError", "element_flags", "read_rtti", "static_string_id"]

VIEW, ARRAY, STATIC_ARRAY, SET, MAP, POINTER_FREE = 1, 2, 4, 8, 0x10, 0x20
ALIGN_SHIFT, SIZE_BITS = 6, 0x1F
SIGNED, FLOAT, NULLABLE, MANAGED = 1 << 11, 1 << 12, 1 << 13, 1 << 14
#: What the table tells about the keys of a Map stands above what it tells about its values.
KEY_SHIFT = 9
_ELEMENT_MASK = (SIZE_BITS << ALIGN_SHIFT) | SIGNED | FLOAT | MANAGED
_KIND_MASK = VIEW | ARRAY | STATIC_ARRAY | SET | MAP
#: No module has this many classes; a larger count is not a table.
_MOST_CLASSES = 1 << 14
#: Classes that one may derive from.
_MOST_BASES = 256


#: What is in nearly every binary with a runtime as a static string: a message of its allocator, or a file of its own.
_KNOWN_TEXTS = tuple(text.encode("utf-16-le") for text in ("Allocation too large", "~lib/rt/"))

#: Bytes of the run-time id and the size, which stand right before an object.
_HEADER_WORDS = 8


class RttiError(ValueError):
    """The memory at `__rtti_base` is not a type table that wasmbind knows."""


@dataclass(frozen=True, slots=True)
class Rtti:
    """The classes of a module by run-time id.

    Attributes:
        flags: one word per id.
        bases: the id of each class's base where the table tells it (up to asc 0.22), 0 for none, else empty.
        arrays: the ids of the `Array` classes, in ascending order, by the `element_flags` of what they hold.
        buffer_id, string_id, view_id: ids of `ArrayBuffer`, `String` and `ArrayBufferView`.
        counted: whether it is of a runtime that counts references, up to asc 0.17: `POINTER_FREE` says there that
            objects of a class cannot be part of a cycle, which is true of `ArrayBufferView` too.
        lowered: whether the flags stood one bit lower, as up to asc 0.9; `flags` has them where they stand since.
    """

    flags: tuple[int, ...]
    bases: tuple[int, ...]
    arrays: dict[int, list[int]]
    buffer_id: int
    string_id: int
    view_id: int
    counted: bool = False
    lowered: bool = False

    def flags_of(self, rt_id: int) -> int | None:
        """The flags of a class, or None if there is no such class."""
        return self.flags[rt_id] if 0 <= rt_id < len(self.flags) else None

    def kind_of(self, rt_id: int) -> int:
        """Which of `VIEW`, `ARRAY`, `STATIC_ARRAY`, `SET`, `MAP` the class is, as flag bits."""
        return (self.flags_of(rt_id) or 0) & _KIND_MASK

    def show_kind(self, rt_id: int) -> str:
        """The kind of a class, as a message says it."""
        names = {ARRAY: "an Array", STATIC_ARRAY: "a StaticArray", VIEW: "a typed array", MAP: "a Map", SET: "a Set"}
        other = {self.buffer_id: "an ArrayBuffer", self.string_id: "a string"}.get(rt_id, "another object")
        return names.get(self.kind_of(rt_id), other)

    def holds(self, rt_id: int, element: int) -> bool:
        """Whether the class is a list-like of elements with these `element_flags`."""
        return (self.flags_of(rt_id) or 0) & _ELEMENT_MASK == element

    def has_keys(self, rt_id: int, key: int) -> bool:
        """Whether the class is a Map of keys with these `element_flags`."""
        return ((self.flags_of(rt_id) or 0) >> KEY_SHIFT) & _ELEMENT_MASK == key

    def base_of(self, rt_id: int) -> int | None:
        """The base of a class; None where it has none, or the table tells no bases.

        The table has 0 for none, the id of `ArrayBuffer`, which nothing can derive from.
        """
        return (self.bases[rt_id] or None) if 0 <= rt_id < len(self.bases) else None

    def ancestry(self, rt_id: int) -> Iterator[int]:
        """The class and its bases, most derived first, as far as the table tells."""
        seen: set[int] = set()
        found: int | None = rt_id
        while found is not None and found not in seen:
            yield found
            seen.add(found)
            found = self.base_of(found)

    def descends(self, rt_id: int, ancestor: int) -> bool:
        """Whether `rt_id` is `ancestor` or derives from it, as far as the table tells."""
        return ancestor in self.ancestry(rt_id)


def element_flags(element: d.Descriptor) -> int:
    """The value bits that the compiler sets for elements of a type (`typeToRuntimeFlags`, `src/compiler.ts`)."""
    flags = 1 << (ALIGN_SHIFT + size_of(element).bit_length() - 1)
    match element:
        case d.Integer(signed=True) | d.Enumeration():
            flags |= SIGNED
        case d.Float():
            # The compiler counts a float as signed.
            flags |= FLOAT | SIGNED
        case d.OpaqueOf(width=width) | d.Nullable(inner=d.OpaqueOf(width=width)):
            flags |= SIGNED if width is None or width.signed else 0
        case _ if d.is_reference(element):
            flags |= MANAGED
        case _:
            pass
    return flags


def read_rtti(words: Sequence[int]) -> Rtti:
    """Read the table.

    Args:
        words: memory as u32 from `__rtti_base` on.

    Raises:
        RttiError: the words are no such table.
    """
    if len(words) < 5:
        raise RttiError("__rtti_base lies at the end of memory")
    count = words[0]
    if not 3 <= count < _MOST_CLASSES:
        raise RttiError(f"the type table claims {count} classes")
    # The first class is always without references, be it `Object`, whose word is then the second's, or `ArrayBuffer`.
    lowered = words[1] == POINTER_FREE >> 1
    stride = 2 if words[2] != words[1] or lowered else 1
    end = 1 + count * stride
    if end > len(words):
        raise RttiError(f"the type table claims {count} classes and ends outside memory")
    flags = tuple(_raised(word) if lowered else word for word in words[1:end:stride])
    bases = tuple(words[2 : end + 1 : stride]) if stride == 2 else ()
    if any(base >= count for base in bases):
        raise RttiError("the type table names base classes that it has not")
    first = 1 if stride == 1 and flags[2] == flags[0] else 0
    if count < first + 3:
        raise RttiError(f"the type table has {count} classes, too few for ArrayBuffer, String and ArrayBufferView")
    buffer_id, string_id, view_id = first, first + 1, first + 2
    counted = stride == 2 and flags[view_id] == POINTER_FREE
    free = flags[buffer_id] & flags[string_id] & POINTER_FREE
    if not free or (flags[view_id] & (POINTER_FREE | _KIND_MASK) and not counted) or (lowered and not counted):
        raise RttiError("the first classes of the type table are not ArrayBuffer, String and ArrayBufferView")
    _check_depths(bases)
    arrays: dict[int, list[int]] = {}
    for rt_id, word in enumerate(flags):
        if word & _KIND_MASK in (ARRAY, ARRAY | VIEW):
            arrays.setdefault(word & _ELEMENT_MASK, []).append(rt_id)
    return Rtti(flags, bases, arrays, buffer_id, string_id, view_id, counted, lowered)


def _check_depths(bases: tuple[int, ...]) -> None:
    """Refuse classes that derive from too many, or from themselves: a walk along the bases of each has to end soon."""
    depths = {0: 0}
    for rt_id in range(len(bases)):
        below, above = [], rt_id
        while above not in depths:
            below.append(above)
            above = bases[above]
            if len(below) + depths.get(above, 0) > _MOST_BASES:
                raise RttiError(f"the type table has a class that derives from more than {_MOST_BASES} others")
        for each in reversed(below):
            depths[each] = depths[bases[each]] + 1


def _raised(word: int) -> int:
    """Flags as they stand since asc 0.10."""
    below = STATIC_ARRAY - 1
    return word & below | (word & ~below) << 1


def static_string_id(memory: bytes) -> int | None:
    """The run-time id of the strings that the compiler has put into memory; None where none is found.

    Args:
        memory: its beginning, where static data lie.
    """
    for text in _KNOWN_TEXTS:
        at = memory.find(text)
        if at >= _HEADER_WORDS and not at & 3:
            rt_id, size = struct.unpack_from("<II", memory, at - _HEADER_WORDS)
            if len(text) <= size <= len(memory) - at:
                return int(rt_id)
    return None
