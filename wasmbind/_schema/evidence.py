"""What the code and the static data of a binary tell where its exports and its type table tell nothing.

Versions of the compiler that export the same and have the same type table may still differ, in what a function value is
and in how Map and Set hash. Nothing here is guessed: what nothing tells is None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from wasmbind._schema import rtti as flags
from wasmbind._schema.bodies import Bodies
from wasmbind._schema.format import BinaryFormatError, SectionId, sections
from wasmbind._schema.instructions import (
    BLOCKS,
    CALL_INDIRECT,
    END,
    GLOBAL_SET,
    I32_CONST,
    I32_LOAD,
    LOCAL_GET,
    NOP,
    instructions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wasmbind._schema.rtti import Rtti

__all__ = [
    "FunctionValue",
    "Hash",
    "StaticObject",
    "announced_global",
    "called_values",
    "corroborates",
    "has_function_object",
    "hash_in",
    "is_setter",
    "misfit",
    "static_objects",
]

#: What a function value is: an object, whose first word is an index into the function table, or that index.
FunctionValue = Literal["object", "index"]
#: How Map and Set hash their keys.
Hash = Literal["xxhash", "fnv"]

_MOST_CLASSES: Final = 1 << 16
_COUNT: Final = 0x0FFFFFFF
#: Bytes of the headers up to asc 0.16 and since.
_SHORT: Final = 16
#: What becomes of a block of the memory manager: its size, without its own word, is a multiple of 16 less 4.
_OVERHEAD, _BLOCK_WORD, _ALIGNMENT = 16, 4, 15
#: A function object: the index of the function and a word that is never used.
_FUNCTION_SIZE: Final = 8


# --- static data -------------------------------------------------------------------------------------------------


class StaticObject(NamedTuple):
    """An object that the compiler has put into memory.

    Attributes:
        ptr: its address.
        id: its run-time id.
        size: its bytes.
    """

    ptr: int
    id: int
    size: int


def static_objects(words: Sequence[int], header: int) -> Iterator[StaticObject]:
    """The static objects that are not empty.

    Args:
        words: memory as u32 from its beginning up to the type table, which the compiler puts after them.
        header: bytes of the header of an object.
    """
    at, end = 8, len(words)
    while at < end:
        size = words[at - 1]
        if 0 < size <= 4 * (end - at) and words[at - 2] < _MOST_CLASSES and _is_header(words, at, size, header):
            yield StaticObject(4 * at, words[at - 2], size)
            at += (size + _ALIGNMENT & ~_ALIGNMENT if header == _SHORT else _block(size) - _OVERHEAD + _BLOCK_WORD) >> 2
        at += 4


def _block(size: int) -> int:
    """What the memory manager would say of the size of an object's block."""
    return (size + _OVERHEAD + _BLOCK_WORD + _ALIGNMENT & ~_ALIGNMENT) - _BLOCK_WORD


def _is_header(words: Sequence[int], at: int, size: int, header: int) -> bool:
    """Whether what stands before a word is the header of a static object; where references are counted, it has one."""
    if header == _SHORT:
        return words[at - 4] == size and bool(words[at - 3] & _COUNT)
    return words[at - 5] == _block(size) and words[at - 4] in (0, 1) and not words[at - 3]


def misfit(objects: Iterable[StaticObject], types: Rtti) -> str | None:
    """What static objects have that no object of their class has, by the type table; None where all fit.

    The compiler makes strings, buffers, arrays and functions static, and nothing else.
    """
    elements = {word >> flags.ALIGN_SHIFT & flags.SIZE_BITS for word in types.arrays}
    for found in objects:
        word = types.flags_of(found.id)
        kind = types.kind_of(found.id)
        problem = None
        if word is None:
            problem = "the type table has no such class"
        elif found.id in (types.buffer_id - 1, types.view_id) or kind & (flags.SET | flags.MAP):
            problem = "by the type table no such object is static"
        elif found.id == types.string_id and found.size % 2:
            problem = "by the type table it is a string"
        elif found.id == types.buffer_id and not any(size and not found.size % size for size in elements):
            problem = "by the type table it is the buffer of an array, and no array has such elements"
        if problem is not None:
            return f"memory has a static object of run-time id {found.id} and {found.size} bytes, and {problem}"
    return None


def corroborates(objects: Iterable[StaticObject], types: Rtti) -> bool:
    """Whether there is a static object of which the type table tells more than that there is such a class."""
    return any(found.id == types.string_id or types.kind_of(found.id) for found in objects)


def has_function_object(objects: Iterable[StaticObject], words: Sequence[int], types: Rtti) -> bool:
    """Whether there is a static function object, as there is of each function that is used as a value.

    Args:
        objects: the static objects.
        words: memory as u32, from its beginning.
        types: the type table. The class of a function value says nothing about itself there.
    """
    return any(
        size == _FUNCTION_SIZE
        and rt_id > types.view_id
        and not (types.flags_of(rt_id) or 0) & ~flags.POINTER_FREE
        and words[ptr >> 2]
        and not words[(ptr >> 2) + 1]
        for ptr, rt_id, size in objects
    )


# --- code --------------------------------------------------------------------------------------------------------


def called_values(data: bytes) -> FunctionValue | None:
    """What a function value is, by how values are called.

    One that is an object is called by what `i32.load` finds in it at offset 0. Optimised code may do the same with a
    field of another object, so that the load proves something only in code that is not: there the object is what a
    block gives that begins by setting the number of arguments.

    Args:
        data: the binary; empty if nobody has it.
    """
    proven = called = False
    try:
        bodies = Bodies(data)
        for index in range(bodies.count):
            for loads, announces in _indirect_calls(bodies.code(index)):
                if not loads:
                    return "index"
                proven, called = announces and (proven or not called), True
    except BinaryFormatError:
        return None
    return "object" if proven else None


def _indirect_calls(code: bytes) -> Iterator[tuple[bool, bool]]:
    """Of each indirect call: whether it is by what is loaded at offset 0, and whether from what such a block gives."""
    if CALL_INDIRECT not in code:
        return
    found, begun, begins = list(instructions(code)), [0], dict[int, int]()
    for at, each in enumerate(found):
        if each.opcode in BLOCKS:
            begun.append(at)
        elif each.opcode == END:
            if not begun:
                raise BinaryFormatError("a function has more ends than blocks")
            begins[at] = begun.pop()
        elif each.opcode == CALL_INDIRECT and at > 0:
            block = begins.get(at - 2)
            first = [] if block is None else [item.opcode for item in found[block + 1 : block + 3]]
            yield found[at - 1] == (I32_LOAD, 0), first == [I32_CONST, GLOBAL_SET]


def is_setter(data: bytes, name: str) -> bool:
    """Whether an exported function does nothing but set a global to its argument, as far as somebody has the bytes.

    The optimiser leaves out even that where nobody reads the global.

    Args:
        data: the binary; empty if nobody has it.
        name: the export.
    """
    if not data:
        return True
    try:
        bodies = Bodies(data)
        code = bodies.code(bodies.exported[name])  # nothing for an imported one, which may do anything
        return bool(code) and (
            announced_global(code) is not None or all(each.opcode in (NOP, END) for each in instructions(code))
        )
    except BinaryFormatError:  # an instruction that no setter has
        return False


def announced_global(code: bytes) -> int | None:
    """The global that a setter of the number of arguments sets, None if it does anything else."""
    found = list(instructions(code))
    if [each.opcode for each in found] != [LOCAL_GET, GLOBAL_SET, END] or found[0].value:
        return None
    return found[1].value


#: `i32.const` with the prime of FNV-1a, and with two of xxHash32 that each of its hashes takes in.
_FNV: Final = b"\x41\x93\x83\x80\x08"
_XXHASH: Final = (b"\x41\xbd\xdc\xca\x95\x7c", b"\x41\xaf\xd6\xd3\xbe\x02")


def hash_in(data: bytes) -> Hash | None:
    """How Map and Set hash, by the primes in the code; None where those of both hashes are there.

    Where none is, nothing in the module hashes.

    Args:
        data: the binary; empty if nobody has it.
    """
    if not data:
        return None
    code = next((data[body.at : body.end] for kind, _, body in sections(data) if kind == SectionId.CODE), b"")
    if _FNV not in code:
        return "xxhash"
    return None if any(prime in code for prime in _XXHASH) else "fnv"
