"""Whether a module's runtime frees the elements of an array that grows.

AssemblyScript's arrays grow by `__renew`, which may give them another buffer. The incremental runtime leaves the
old one to the collector, and the stub runtime frees nothing. The minimal runtime frees it at once, whoever refers to
it (`std/assembly/rt/{itcms,stub,tcms}.ts`, the same from asc 0.18 to 0.28), so there a buffer cannot be held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._memory import HEADER
from wasmbind._ownership import owned

if TYPE_CHECKING:
    from wasmbind._runtime import Runtime

__all__ = ["frees_moved_buffers"]

#: The header of an object, in words from its address: the size of its block with tags, and the collector's links.
_BLOCK_WORD, _NEXT_WORD, _PREVIOUS_WORD = -5, -4, -3
#: Bytes of the header that count as part of the block.
_OVERHEAD: Final = HEADER - 4
_FREE, _TAGS = 1, 3
_FIRST_SIZE, _MOST_TRIES = 1 << 10, 10


def frees_moved_buffers(runtime: Runtime) -> bool:
    """Whether the runtime is one that does, looked at once for each instance.

    Raises:
        InstanceError: the instance is closed or poisoned.
    """
    if runtime.frees_moved is None:
        schema = runtime.binary.schema
        named = {"incremental": False, "stub": False, "minimal": True}.get(schema.runtime) if schema else None
        runtime.frees_moved = owned(runtime, lambda _: _try_out(runtime)) if named is None else named
    return runtime.frees_moved


def _try_out(runtime: Runtime) -> bool:
    """Tell the runtime by how it allocates: only the incremental one fills new objects with zeros.

    The free block after a new object is where the memory manager puts the next object of the same size, so that is
    where a word is left to be found. A collection in between may change that; then it is tried again with more, which
    in the end is new memory. An unknown runtime counts as one that frees.
    """
    for size in (_FIRST_SIZE << times for times in range(_MOST_TRIES)):
        ptr = runtime.invoke("__new", size, runtime.buffer_id)
        runtime.check(ptr, size, "a new object")
        memory, word = runtime.mem_u32, ptr >> 2
        if not memory[word + _NEXT_WORD] | memory[word + _PREVIOUS_WORD]:
            return False  # only the stub runtime has no lists of objects
        behind = ptr - _OVERHEAD + (memory[word + _BLOCK_WORD] & ~_TAGS)
        following = behind + HEADER
        if following + size > runtime.size or memory[behind >> 2] < _OVERHEAD + size:
            continue
        if memory[behind >> 2] & _FREE:
            memory[following >> 2] = 1
            if runtime.invoke("__new", size, runtime.buffer_id) == following:
                return runtime.mem_u32[following >> 2] != 0
    return True
