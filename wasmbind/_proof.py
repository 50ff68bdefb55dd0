"""Whether a number is the address of an object, as the object's own header proves it.

`_object_glue` does the same in WebAssembly, for results that have to be held before Python sees them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._layout import ID_WORD, SIZE_WORD

if TYPE_CHECKING:
    from wasmbind._runtime import Runtime

__all__ = ["proven_id"]

#: Where the parts of a header stand, in words from the object's address.
_BLOCK, _NEXT, _PREVIOUS = -5, -4, -3
#: The first where the header is shorter, up to asc 0.16.
_OLD_BLOCK = -4
#: The header, and what of it the size of the block counts.
_HEADER, _COUNTED = 20, 16
_ALIGNMENT: Final = 15
#: Of the word of the memory manager: the block is free; where it ends, within 16 bytes; and what it must be.
_BLOCK_BITS, _USED = 13, 12
_FLAGS: Final = 3
#: Of the word that counts references.
_COUNT: Final = 0x0FFFFFFF


def proven_id(runtime: Runtime, ptr: int) -> int | None:
    """The run-time id of the object at an address; None where no object lies there.

    Args:
        runtime: the instance, whose type table has been read. The caller owns it.
        ptr: any number.
    """
    rtti = runtime.rtti
    if rtti is None or ptr < 2 * _ALIGNMENT or ptr & _ALIGNMENT or (ptr >= runtime.size and not runtime.refresh()):
        return None
    words, word = runtime.mem_u32, ptr >> 2
    try:
        rt_id, size = words[word + ID_WORD], words[word + SIZE_WORD]
        if rt_id >= len(rtti.flags) or ptr + size > runtime.size:
            return None
        if not rtti.counted:
            proven = _is_used(runtime, ptr, size) and _is_listed(words, ptr)
        elif not words[word + runtime.binding.abi.count_word] & _COUNT:
            return None
        elif runtime.binding.abi.header == _HEADER:
            proven = not words[word + _PREVIOUS] and _is_used(runtime, ptr, size)
        else:
            proven = _has_block_of_old(words, word, size)
    except IndexError:
        return None
    return rt_id if proven else None


def _is_used(runtime: Runtime, ptr: int, size: int) -> bool:
    """Whether a block of the memory manager lies there that is not free and large enough."""
    block = runtime.mem_u32[(ptr >> 2) + _BLOCK]
    length = block & ~_FLAGS
    return block & _BLOCK_BITS == _USED and length >= size + _COUNTED and ptr - _COUNTED + length <= runtime.size


def _is_listed(words: memoryview[int], ptr: int) -> bool:
    """Whether it is in a list of the collector, or in none as static data are and what a runtime never frees."""
    word, mine = ptr >> 2, ptr - _HEADER
    following, previous = words[word + _NEXT] & ~_FLAGS, words[word + _PREVIOUS]
    if not following:
        return not previous
    return words[(following >> 2) + 2] == mine and words[(previous >> 2) + 1] & ~_FLAGS == mine


def _has_block_of_old(words: memoryview[int], word: int, size: int) -> bool:
    """Whether its block is large enough, up to asc 0.16; static data have their size in place of the block's."""
    block = words[word + _OLD_BLOCK]
    return block == size or (not block & _BLOCK_BITS and block & ~_FLAGS >= size)
