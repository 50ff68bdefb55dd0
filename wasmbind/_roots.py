"""The root table: how Python keeps AssemblyScript objects alive.

A *root slot* is a word of memory that the collector visits because it lies inside a pinned object. Pinned
objects are scanned when marking starts and once more, atomically, before the sweep (`visitRoots` in
`std/assembly/rt/itcms.ts`), so writing a pointer into a slot needs no barrier, no call and no bookkeeping of
double pins, and writing 0 lets the object go. Slots are numbered by their word in memory: `u32[slot]`.

The pinned objects are arrays of references where the module has such a class. Every module has
`ArrayBufferView`, whose one reference field is as good a slot; those are used where there is no such array.
Only objects fresh from `__new` are ever pinned: pinning the object that the incremental marker stands on makes
the collector of asc 0.18 to 0.28 loop forever.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, TypeVar

from wasmbind import _descriptors as d
from wasmbind._layout import span_of
from wasmbind._schema import rtti as flags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._heap import Heap

__all__ = ["ARRAY_SIZE", "VIEW_SIZE", "Handle", "Roots", "root_class"]

T = TypeVar("T")

ARRAY_SIZE, VIEW_SIZE = span_of("Array").least, span_of("DataView").least
_FIRST_CHUNK, _LARGEST_CHUNK = 64, 4096
_VIEWS_PER_CHUNK = 16


class Handle(weakref.ref[T]):
    """The weak reference behind a Python object that stands for an AssemblyScript object.

    Attributes:
        ptr: the address of the object.
        slot: the root slot that keeps it alive, 0 once given back.
    """

    __slots__ = ("ptr", "slot")
    ptr: int
    slot: int


def root_class(rtti: flags.Rtti) -> tuple[str, int]:
    """The class that root slots are made of: its kind and run-time id."""
    for rt_id, word in enumerate(rtti.flags):
        managed = word & flags.MANAGED and not word & (flags.SET | flags.MAP)
        if managed and word & flags.STATIC_ARRAY:
            return "static array", rt_id
    arrays = rtti.arrays.get(flags.element_flags(d.STRING), [])
    # Among several one may be a subclass of an array, whose visitor reads fields that a plain array has not.
    return ("array", arrays[0]) if len(arrays) == 1 else ("view", rtti.view_id)


class Roots:
    """Hands out root slots and makes more of them.

    Attributes:
        free: the slots that nobody has.
        pins: the addresses of the objects that wasmbind has pinned for good.
    """

    __slots__ = ("_class", "_next", "free", "pins", "rtti")

    def __init__(self, rtti: flags.Rtti) -> None:
        self.rtti = rtti
        self.free: list[int] = []
        self.pins: set[int] = set()
        self._class = root_class(rtti)
        self._next = _FIRST_CHUNK

    def grow(self, heap: Heap) -> None:
        """Add a chunk of free slots; calls into wasm.

        Raises:
            AbortError: memory is exhausted.
        """
        kind, rt_id = self._class
        if kind == "static array":
            chunk = self.pinned(heap, 4 * self._next, rt_id)
            slots: Iterable[int] = range(chunk >> 2, (chunk >> 2) + self._next)
        elif kind == "array":
            size = 4 * self._next
            buffer = self.pinned(heap, size, self.rtti.buffer_id)
            array = self.pinned(heap, ARRAY_SIZE, rt_id)
            heap.write_words(array, (buffer, buffer, size, self._next))
            slots = range(buffer >> 2, (buffer >> 2) + self._next)
        else:
            slots = [self.pinned(heap, VIEW_SIZE, rt_id) >> 2 for _ in range(_VIEWS_PER_CHUNK)]
        self._next = min(2 * self._next, _LARGEST_CHUNK)
        self.free.extend(reversed(list(slots)))

    def pinned(self, heap: Heap, size: int, rt_id: int) -> int:
        """The address of a new object, pinned for good and filled with zeros, as the minimal runtime does not."""
        with heap.native.interruption.exempt():
            if heap.scratch:  # so the heap glue is there
                ptr = heap.invoke_glue("new_pinned", size, rt_id)
                self.pins.add(ptr)
                heap.check(ptr, size, "a new object")
                return ptr
            # The first are made before anybody else knows the instance: nothing can collect them before the pin.
            ptr = heap.invoke("__new", size, rt_id)
            heap.fill(ptr, size)
            heap.invoke("__pin", ptr)
            self.pins.add(ptr)
            return ptr
