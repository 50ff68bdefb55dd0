"""Whether a number is the address of an object, as the object's own header proves it.

`_object_glue` does the same in WebAssembly, for results that have to be held before Python sees them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._layout import ID_WORD, NEXT_WORD, SIZE_WORD

if TYPE_CHECKING:
    from wasmbind._runtime import Runtime

__all__ = ["count_of", "proven_id"]

#: Where the parts of a header stand, in words from the object's address.
_BLOCK, _PREVIOUS = -5, -3
#: The first where the header is shorter, up to asc 0.16.
_OLD_BLOCK = -4
#: The header, and what of it the size of the block counts.
_HEADER, _COUNTED = 20, 16
#: Objects lie at multiples of 16, and none below this.
_ALIGNMENT, _LOWEST = 15, 32
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
    if runtime.rtti is None or ptr < _LOWEST or ptr & _ALIGNMENT or (ptr >= runtime.size and not runtime.refresh()):
        return None
    try:
        return _prove(runtime, ptr)
    except IndexError:
        # The end of its block or its neighbours may lie where memory has grown to.
        if not runtime.refresh():
            return None
    try:
        return _prove(runtime, ptr)
    except IndexError:
        return None


def count_of(runtime: Runtime, ptr: int) -> int:
    """How many references are counted of the object at an address, which is proven.

    Args:
        runtime: an instance of a module that counts them.
        ptr: the address.
    """
    word: int = runtime.binding.abi.count_word
    return runtime.mem_u32[(ptr >> 2) + word] & _COUNT


def _prove(runtime: Runtime, ptr: int) -> int | None:
    """The same, as far as the views of memory reach.

    Raises:
        IndexError: the object or what its header refers to ends outside them.
    """
    words, word, rtti = runtime.mem_u32, ptr >> 2, runtime.rtti
    assert rtti is not None
    rt_id, size = words[word + ID_WORD], words[word + SIZE_WORD]
    if rt_id >= len(rtti.flags):
        return None
    if ptr >= runtime.size or ptr + size > runtime.size:
        raise IndexError
    if not rtti.counted:
        proven = _is_used(runtime, ptr, size) and _is_listed(runtime, ptr)
    elif not count_of(runtime, ptr):
        return None
    elif runtime.binding.abi.header != _HEADER:
        proven = _has_block_of_old(words, word, size)
    else:
        proven = not words[word + _PREVIOUS] and _is_used(runtime, ptr, size)
    return rt_id if proven else None


def _is_used(runtime: Runtime, ptr: int, size: int) -> bool:
    """Whether a block of the memory manager lies there that is not free and large enough."""
    block = runtime.mem_u32[(ptr >> 2) + _BLOCK]
    length = block & ~_FLAGS
    if block & _BLOCK_BITS != _USED or length < size + _COUNTED:
        return False
    if ptr - _COUNTED + length > runtime.size:
        raise IndexError
    return True


def _is_listed(runtime: Runtime, ptr: int) -> bool:
    """Whether it is in a list of the collector, or in none where objects are in none, such as static ones."""
    words, word, mine = runtime.mem_u32, ptr >> 2, ptr - _HEADER
    following, previous = words[word + NEXT_WORD] & ~_FLAGS, words[word + _PREVIOUS]
    if not following:
        return not previous and ptr < runtime.unlisted
    if previous & _FLAGS:
        return False
    if max(following, previous) + _HEADER > runtime.size:
        raise IndexError
    return words[(following >> 2) + 2] == mine and words[(previous >> 2) + 1] & ~_FLAGS == mine


def _has_block_of_old(words: memoryview[int], word: int, size: int) -> bool:
    """Whether its block is large enough, up to asc 0.16; static data have their size in place of the block's."""
    block = words[word + _OLD_BLOCK]
    return block == size or (not block & _BLOCK_BITS and block & ~_FLAGS >= size)
