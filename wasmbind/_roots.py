"""The root table: how Python keeps AssemblyScript objects alive.

A *root slot* is a word of memory that the collector visits because it lies inside a pinned object. Pinned
objects are scanned when marking starts and once more, atomically, before the sweep (`visitRoots` in
`std/assembly/rt/itcms.ts`), so writing a pointer into a slot needs no barrier, no call and no bookkeeping of
double pins, and writing 0 lets the object go. Slots are numbered by their word in memory: `u32[slot]`.

The pinned objects are arrays of references where the module has such a class. Every module has
`ArrayBufferView`, whose one reference field is as good a slot; those are used where there is no such array.
Only objects fresh from `__new` are ever pinned: pinning the object that the incremental marker stands on makes
the collector of asc 0.18 to 0.28 loop forever.

Where references are counted nobody visits slots: they lie in buffers, and the adaptor counts what they hold.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, TypeVar

from wasmbind import _descriptors as d
from wasmbind._adaptor_glue import ALLOCATE, KEEP, OWED, RESULT, ROOM, SLOTS, SLOTS_HEADER
from wasmbind._layout import span_of
from wasmbind._memory import HEADER, ID_WORD, MISALIGNED, SIZE_WORD
from wasmbind._ring_glue import LARGEST_ROOM, LEAST_ROOM
from wasmbind._schema import rtti as flags
from wasmbind.errors import AbortError, InstanceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._heap import Heap
    from wasmbind._pins import Pin

__all__ = ["ARRAY_SIZE", "VIEW_SIZE", "Handle", "Roots", "root_class"]

T = TypeVar("T")

ARRAY_SIZE, VIEW_SIZE = span_of("Array").least, span_of("DataView").least
_FIRST_CHUNK, _LARGEST_CHUNK = 64, 4096
_VIEWS_PER_CHUNK = 16
#: Bytes of memory for each possible root of a ring that there is room for; making it takes eight of them.
_SHARE = 128
#: Where an object says which one follows it in its list, and in the lowest bits its colour. Lists are rings, which the
#: start function makes, that of pinned objects maybe last; an object that was pinned before is followed by nothing, or
#: by itself.
_NEXT_WORD, _PINNED = -4, 3
#: Where references are counted, up to asc 0.16 the memory manager's word, with the size of the block; in 0.17 the
#: count, which is 0 at first.
_APART_WORD = -4


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
    if rtti.counted:
        return "buffer", rtti.buffer_id
    for rt_id, word in enumerate(rtti.flags):
        managed = word & flags.MANAGED and not word & (flags.SET | flags.MAP)
        if managed and word & flags.STATIC_ARRAY:
            return "static array", rt_id
    arrays = rtti.arrays.get(flags.element_flags(d.STRING), [])
    # Among several one may be a subclass of an array, whose visitor reads fields that a plain array has not.
    return ("array", arrays[0]) if len(arrays) == 1 else ("view", rtti.view_id)


def _check_header(heap: Heap, ptr: int, size: int, rt_id: int) -> None:
    """Make sure that a new object has the header of the interface that the binary seems to follow.

    Raises:
        RttiError: it has not, and nothing may be written there.
    """
    abi = heap.binding.abi
    problem = f"a new object of run-time id {rt_id} and {size} bytes is at {ptr:#x}"
    heap.refresh()
    if ptr < HEADER or ptr & MISALIGNED or ptr + size > heap.size:
        raise flags.RttiError(f"{problem}, where no object can lie")
    found = heap.mem_u32[(ptr >> 2) + ID_WORD], heap.mem_u32[(ptr >> 2) + SIZE_WORD]
    if found != (rt_id, size):
        raise flags.RttiError(f"{problem}, but its header says {found[0]} and {found[1]}")
    if heap.counts and bool(heap.mem_u32[(ptr >> 2) + _APART_WORD]) != (abi.header == -4 * _APART_WORD):
        raise flags.RttiError(f"{problem}, and its header is not one of {abi.header} bytes, as asc {abi.asc} makes")


def _check_count(heap: Heap, ptr: int) -> None:
    """Make sure that what is to count references has counted one.

    Raises:
        RttiError: it has not.
    """
    abi = heap.binding.abi
    count = heap.mem_u32[(ptr >> 2) + abi.count_word]
    # With `--runtime stub` asc 0.17 counts nothing.
    if count != 1 and (count or abi.header == -4 * _APART_WORD):
        raise flags.RttiError(f"__retain has made the count of the new object at {ptr:#x} {count} instead of 1")


def _first_pinned(heap: Heap, size: int, rt_id: int) -> int:
    """The same as `Roots.pinned` before anybody else knows the instance: nothing can collect it before the pin.

    Raises:
        RttiError: the exports do not allocate and pin objects of the interface that the binary seems to follow.
        InstanceError: a start function has called too early what led here.
    """
    ptr = heap.invoke(ALLOCATE if heap.counts else "__new", size, rt_id)
    _check_header(heap, ptr, size, rt_id)
    kept = heap.invoke(KEEP if heap.counts else "__pin", ptr)
    if kept != ptr:
        raise flags.RttiError(f"pinning the object at {ptr:#x} gave {kept:#x} instead of its address")
    if heap.counts:
        _check_count(heap, ptr)
    heap.fill(ptr, size)
    if heap.starting and not heap.counts and heap.mem_u32[(ptr >> 2) + _NEXT_WORD] in _alone(ptr):
        raise _not_set_up(heap)
    return ptr


def _alone(ptr: int) -> tuple[int, int]:
    """What follows an object that was pinned before there was a list of pinned objects."""
    return _PINNED, ptr - HEADER | _PINNED


def _not_set_up(heap: Heap) -> InstanceError:
    """The error for holding an object in a host function that a start function has called too early."""
    return InstanceError(
        "missing",
        f"{heap.name}: a host function was to make or hold an object before the start function had set up the"
        " runtime; write `new ArrayBuffer(0); __collect();` at the top of the entry file",
    )


class Roots:
    """Hands out root slots and makes more of them.

    Attributes:
        free: the slots that nobody has.
        blocks: where references are counted, the first slot of each block, and how many slots it has.
        pins: the addresses of the objects that wasmbind has pinned for good.
        left: the objects that were being filled when the instance was poisoned.
    """

    __slots__ = ("_class", "_next", "blocks", "free", "left", "pins", "rtti")

    def __init__(self, rtti: flags.Rtti) -> None:
        self.rtti = rtti
        self.free: list[int] = []
        self.blocks: list[tuple[int, int]] = []
        self.pins: set[int] = set()
        self.left: list[Pin] = []
        self._class = root_class(rtti)
        self._next = _FIRST_CHUNK

    def grow(self, heap: Heap) -> None:
        """Add a chunk of free slots; calls into wasm.

        Raises:
            AbortError: memory is exhausted.
        """
        kind, rt_id = self._class
        # A finaliser may need slots while this makes some, and come here again.
        count, self._next = self._next, min(2 * self._next, _LARGEST_CHUNK)
        if kind == "buffer":
            block = self.pinned(heap, SLOTS_HEADER + 8 * count, rt_id)
            heap.invoke(SLOTS, block, count)
            first = (block + SLOTS_HEADER) >> 2
            slots: Iterable[int] = range(first, first + count)
            self.blocks.append((first, count))
        elif kind == "static array":
            chunk = self.pinned(heap, 4 * count, rt_id)
            slots = range(chunk >> 2, (chunk >> 2) + count)
        elif kind == "array":
            size = 4 * count
            buffer = self.pinned(heap, size, self.rtti.buffer_id)
            array = self.pinned(heap, ARRAY_SIZE, rt_id)
            heap.write_words(array, (buffer, buffer, size, count))
            slots = range(buffer >> 2, (buffer >> 2) + count)
        else:
            slots = [self.pinned(heap, VIEW_SIZE, rt_id) >> 2 for _ in range(_VIEWS_PER_CHUNK)]
        self.free.extend(reversed(list(slots)))

    def counted(self, heap: Heap, ptr: int) -> int:
        """How often an object is counted for wasmbind, where references are counted. The caller owns the instance."""
        owed = heap.invoke(OWED, ptr)
        shadows = [heap.mem_u32[first + count : first + 2 * count] for first, count in self.blocks]
        return owed + sum(block.tolist().count(ptr) for block in shadows)

    def introduce(self, heap: Heap, result: int) -> int:
        """Tell the adaptor the address of the result slot, and have it make room for possible roots of rings.

        Room takes a small part of the memory that is left.

        Returns:
            The slot.
        """
        heap.invoke(RESULT, result)
        count = min(LARGEST_ROOM, heap.room // _SHARE)
        in_rings = [rt_id for rt_id, word in enumerate(self.rtti.flags) if not word & flags.POINTER_FREE]
        if in_rings and count >= LEAST_ROOM:
            with heap.native.exempt():
                heap.invoke(ROOM, count, in_rings[0])
            heap.refresh()
        return result >> 2

    def pinned(self, heap: Heap, size: int, rt_id: int) -> int:
        """The address of a new object, pinned for good and filled with zeros, as the minimal runtime does not."""
        with heap.native.exempt():
            if heap.scratch:  # so the heap glue is there
                ptr = heap.invoke_glue("new_pinned", size, rt_id)
                self.pins.add(ptr)
                heap.check(ptr, size, "a new object")
                return ptr
            try:
                ptr = _first_pinned(heap, size, rt_id)
            except (AbortError, flags.RttiError) as error:
                raise (_not_set_up(heap) if heap.starting else error) from None
            self.pins.add(ptr)
            return ptr
