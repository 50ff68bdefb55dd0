"""What Map and Set have in common: entries in the order of insertion, found by hash."""

from __future__ import annotations

import functools
import struct
from array import array
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._layout import VIEWS
from wasmbind._live.entries import (
    COUNT_WORD,
    ENTRIES_WORD,
    OFFSET_WORD,
    PATIENCE,
    layout_of,
    lift_entries,
    locate_entries,
    unsteady,
)
from wasmbind._ownership import owned
from wasmbind.errors import InstanceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wasmbind._codecs.base import Codec
    from wasmbind._layout import EntryLayout
    from wasmbind._live.base import Live
    from wasmbind._live.entries import Entries
    from wasmbind._ownership import Suspension
    from wasmbind._runtime import Runtime
    from wasmbind.errors import WasmbindError

__all__ = ["clear", "columns_of", "iterate", "reject_unless_absent", "size_of", "take_last"]

#: Bytes of the smallest entry.
_SMALLEST: Final = 8
#: How many entries an iteration reads at first, and at most.
_FEWEST: Final = 8
_MOST: Final = 1024


def size_of(collection: Live) -> int:
    """The number of entries.

    Raises:
        LiftError: there is no room for so many; `list()` would make room before it reads any.
    """
    runtime, word = collection._asc_runtime, collection._asc_ptr >> 2
    count = runtime.mem_u32[word + COUNT_WORD]
    if count * _SMALLEST > runtime.size:
        what = f"the entries of {collection.__asc_codec__.name}"
        runtime.check(runtime.mem_u32[word + ENTRIES_WORD], count * _SMALLEST, what)
    return count


def reject_unless_absent(error: WasmbindError) -> None:
    """Raise the error for a key again, unless it says that the key can be in no collection of its type.

    Neither a value of another type nor an object of another instance is ever a key.
    """
    if isinstance(error, InstanceError) and error.reason != "foreign":
        raise error


def columns_of(collection: Live) -> list[list[Any]]:
    """The keys and, of a Map, the values, read together.

    Raises:
        LiftError: memory does not hold such entries.
    """
    runtime, ptr, codec = collection._asc_runtime, collection._asc_ptr, collection.__asc_codec__
    return owned(runtime, lambda _: lift_entries(runtime, ptr, codec.arguments, codec.name)).columns


def _read_some(collection: Live, at: int, most: int) -> Entries:
    """Some entries from one on; deleted ones before the first are left out at once."""
    runtime, ptr, codec = collection._asc_runtime, collection._asc_ptr, collection.__asc_codec__

    def work(_: Suspension) -> Entries:
        start = at
        _start, offset, count = locate_entries(runtime, ptr, layout_of(codec.arguments), codec.name)
        if offset != count:
            start = runtime.run_member(type(collection), "first", ptr, at)
        return lift_entries(runtime, ptr, codec.arguments, codec.name, slice(start, start + most))

    return owned(runtime, work)


def iterate(collection: Live, column: int | None) -> Iterator[Any]:
    """Iterate over keys, values or pairs, as long as nothing is added or removed. Some are read ahead.

    Args:
        collection: the Map or Set.
        column: 0 for the keys, 1 for the values, None for pairs.

    Raises:
        RuntimeError: the number of entries changed, or they were moved.
    """
    size, home = size_of(collection), None
    at, mark, most = 0, b"", _FEWEST
    while True:
        found = _read_some(collection, at, most)
        if home is not None and (found.home != home or _mark_of(collection, home, at) != mark):
            raise RuntimeError(f"{type(collection).__name__} changed during iteration")
        home, at, most = found.home, found.end, min(4 * most, _MOST)
        mark = _mark_of(collection, home, at)
        items = zip(*found.columns, strict=True) if column is None else found.columns[column]
        for item in items:
            _check_size(collection, size)
            yield item
        _check_size(collection, size)
        if at >= _offset_of(collection):
            return


def _mark_of(collection: Live, home: int, end: int) -> bytes:
    """The key that lies before an index, of a deleted entry as well: another one once entries were moved together."""
    key, layout = collection.__asc_codec__.element, layout_of(collection.__asc_codec__.arguments)
    place = home + (end - 1) * layout.stride
    return bytes(collection._asc_runtime.mem_u8[place : place + (1 << key.shift)]) if end else b""


def _offset_of(collection: Live) -> int:
    """The number of entries, deleted ones included."""
    return collection._asc_runtime.mem_u32[(collection._asc_ptr >> 2) + OFFSET_WORD]


def _check_size(collection: Live, size: int) -> None:
    if size_of(collection) != size:
        raise RuntimeError(f"{type(collection).__name__} changed size during iteration")


def take_last(collection: Live) -> list[Any]:
    """Remove the entry that was added last; its key and, of a Map, its value. Empty if there is none.

    Lifting may run anybody's code, so the glue removes the entry only if it is still the last one, and as it was.

    Raises:
        LiftError: memory does not hold such an entry.
    """
    return owned(collection._asc_runtime, functools.partial(_take_last, collection))


def _take_last(collection: Live, suspension: Suspension) -> list[Any]:
    runtime, ptr, cls = collection._asc_runtime, collection._asc_ptr, type(collection)
    codecs, name = collection.__asc_codec__.arguments, collection.__asc_codec__.name
    layout = layout_of(codecs)
    for _ in codecs:
        suspension.slots.append(runtime.reserve())
    for _ in range(PATIENCE):
        if not locate_entries(runtime, ptr, layout, name)[2]:
            return []
        index = runtime.run_member(cls, "last", ptr)
        words = _hold_entry(runtime, ptr, index, codecs, layout, suspension.slots)
        if words is None:
            continue
        data = array("I", words).tobytes()
        raws = [
            struct.unpack_from(VIEWS[codec.view][0], data, place)[0]
            for codec, place in zip(codecs, (0, layout.value), strict=False)
        ]
        found = [codec.lift(runtime, raw) for codec, raw in zip(codecs, raws, strict=True)]
        if runtime.run_member(cls, "take", ptr, index, *words):
            return found
    raise unsteady(runtime, ptr, name)


def _hold_entry(
    runtime: Runtime, ptr: int, index: int, codecs: Sequence[Codec], layout: EntryLayout, slots: Sequence[int]
) -> list[int] | None:
    """The words of an entry, whose references root slots hold; None if it is no longer there."""
    holds_key, holds_value = d.is_reference(codecs[0].descriptor), d.is_reference(codecs[-1].descriptor)
    value, size, last = layout.value >> 2, layout.stride >> 2, len(codecs) - 1
    memory, word = runtime.mem_u32, ptr >> 2
    if index >= memory[word + OFFSET_WORD]:
        return None
    entry = (memory[word + ENTRIES_WORD] >> 2) + index * size
    if (entry + size) << 2 > runtime.size:
        runtime.refresh()
        return None
    # Nothing since the address was read lets anybody in, until the references are held.
    if holds_key:
        memory[slots[0]] = memory[entry]
    if holds_value:
        memory[slots[last]] = memory[entry + value * last]
    words: list[int] = memory[entry : entry + size].tolist()
    unchanged = not holds_key or words[0] == memory[slots[0]]
    return words if unchanged and (not holds_value or words[value * last] == memory[slots[last]]) else None


def clear(collection: Live) -> None:
    """Remove all entries."""
    runtime, ptr = collection._asc_runtime, collection._asc_ptr
    owned(runtime, lambda _: runtime.run_member(type(collection), "clear", ptr))
