"""Counts the objects in the memory of a module that counts references, and how often each is counted.

Its memory manager (`std/assembly/rt/tlsf.ts`) has one block after the other, up to one without content.
"""

from collections import Counter
from typing import Any

__all__ = ["count_at", "count_of", "used_blocks"]

_FREE, _TAGS = 1, 3
_COUNT = (1 << 28) - 1


def _header(runtime: Any) -> int:
    found: int = runtime.binding.abi.header
    return found


def used_blocks(runtime: Any) -> Counter[int]:
    """The objects that are not free, by run-time id; -1 for the runtime's own blocks, which are no objects."""
    runtime.refresh()
    classes = len(runtime.rtti.flags)
    memory, header = runtime.mem_u32, _header(runtime)
    overhead = header if header == 16 else 4  # up to asc 0.16 the object's header is the block's
    block, found = runtime.staging - header, Counter[int]()
    while True:
        word = memory[block >> 2]
        size = word & ~_TAGS
        if not size:
            return found
        if not word & _FREE:
            rt_id = memory[(block + header - 8) >> 2]
            found[rt_id if rt_id < classes else -1] += 1
        block += overhead + size


def count_of(obj: Any) -> int:
    """How often an object is counted."""
    return count_at(obj._asc_runtime, obj._asc_ptr)


def count_at(runtime: Any, ptr: int) -> int:
    """How often the object at an address is counted, or was when it was freed."""
    word: int = runtime.mem_u32[(ptr >> 2) + runtime.binding.abi.count_word]
    return word & _COUNT
