"""What Map and Set have in common: entries in the order of insertion, found by hash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wasmbind._live.entries import lift_entries
from wasmbind._ownership import owned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmbind._live.base import Live
    from wasmbind._live.entries import Entries

__all__ = ["clear", "columns_of", "iterate", "last_entry", "size_of"]

_OFFSET_WORD, _COUNT_WORD = 4, 5
#: How many entries an iteration reads at first, and at most.
_FEWEST: Final = 8
_MOST: Final = 1024


def size_of(collection: Live) -> int:
    """The number of entries."""
    return collection._asc_runtime.mem_u32[(collection._asc_ptr >> 2) + _COUNT_WORD]


def columns_of(collection: Live) -> list[list[Any]]:
    """The keys and, of a Map, the values, read together.

    Raises:
        LiftError: memory does not hold such entries.
    """
    return _read(collection, slice(None)).columns


def _read(collection: Live, places: slice) -> Entries:
    runtime, ptr = collection._asc_runtime, collection._asc_ptr
    codec = collection.__asc_codec__
    return owned(runtime, lambda _: lift_entries(runtime, ptr, codec.arguments, codec.name, places))


def iterate(collection: Live, column: int | None) -> Iterator[Any]:
    """Iterate over keys, values or pairs, as long as nothing is added or removed. Some are read ahead.

    Args:
        collection: the Map or Set.
        column: 0 for the keys, 1 for the values, None for pairs.

    Raises:
        RuntimeError: the number of entries changed, or they were moved.
    """
    size, home = size_of(collection), None
    at, most = 0, _FEWEST
    while True:
        found = _read(collection, slice(at, at + most))
        if home is not None and found.home != home:
            raise RuntimeError(f"{type(collection).__name__} changed during iteration")
        home, at, most = found.home, found.end, min(4 * most, _MOST)
        items = zip(*found.columns, strict=True) if column is None else found.columns[column]
        for item in items:
            _check_size(collection, size)
            yield item
        _check_size(collection, size)
        if at >= _offset_of(collection):
            return


def _offset_of(collection: Live) -> int:
    """The number of entries, deleted ones included."""
    return collection._asc_runtime.mem_u32[(collection._asc_ptr >> 2) + _OFFSET_WORD]


def _check_size(collection: Live, size: int) -> None:
    if size_of(collection) != size:
        raise RuntimeError(f"{type(collection).__name__} changed size during iteration")


def last_entry(collection: Live) -> list[Any]:
    """The key and, of a Map, the value that were added last; empty if there are none."""
    end, most = _offset_of(collection), 1
    while end > 0:
        columns = _read(collection, slice(max(end - most, 0), end)).columns
        if columns[0]:
            return [column[-1] for column in columns]
        end, most = end - most, 2 * most
    return []


def clear(collection: Live) -> None:
    """Remove all entries."""
    runtime, ptr = collection._asc_runtime, collection._asc_ptr
    owned(runtime, lambda _: runtime.run_member(type(collection), "clear", ptr))
