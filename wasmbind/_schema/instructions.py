"""The instructions of a function body (core specification, chapter 5.4), for those who look for a few of them.

Bytes of code cannot be searched for opcodes: an immediate may be the same byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from wasmbind._schema.format import BinaryFormatError, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "BLOCKS",
    "CALL",
    "CALL_INDIRECT",
    "END",
    "GLOBAL_GET",
    "GLOBAL_SET",
    "I32_CONST",
    "I32_LOAD",
    "I32_SUB",
    "LOCAL_GET",
    "NOP",
    "Instruction",
    "instructions",
]

BLOCKS: Final = frozenset({0x02, 0x03, 0x04, 0x06})
NOP: Final = 0x01
END: Final = 0x0B
CALL: Final = 0x10
CALL_INDIRECT: Final = 0x11
LOCAL_GET: Final = 0x20
GLOBAL_GET: Final = 0x23
GLOBAL_SET: Final = 0x24
I32_LOAD: Final = 0x28
I32_CONST: Final = 0x41
I32_SUB: Final = 0x6B

_HEAP_TYPE: Final = 0xD0
_INDEX: Final = frozenset(
    {0x07, 0x08, 0x09, 0x0C, 0x0D, 0x10, 0x12, 0x14, 0x15, 0x18, *range(0x20, 0x27), 0x3F, 0x40, 0xD2}
)
_TWO_INDICES: Final = frozenset({0x11, 0x13})
_MEMORY_ACCESS: Final = range(0x28, 0x3F)
_PLAIN: Final = frozenset({0x00, 0x01, 0x05, 0x0A, 0x0B, 0x0F, 0x19, 0x1A, 0x1B, *range(0x45, 0xC5), 0xD1, 0xD3, 0xD4})
_BYTES: Final = {0x43: 4, 0x44: 8}
_BITS: Final = {0x41: 32, 0x42: 64}
#: How many indices follow the second number of an instruction that begins with 0xfc.
_NUMERIC_INDICES: Final = (0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1)
#: What follows the second number of one that begins with 0xfd: an offset, sixteen bytes, a lane, or offset and lane.
_VECTOR_ACCESS, _VECTOR_BYTES, _VECTOR_LANE = frozenset({*range(12), 92, 93}), (12, 13), range(21, 35)
_VECTOR_ACCESS_LANE: Final = range(84, 92)
_FENCE: Final = 3
_NAMES_MEMORY: Final = 1 << 6


class Instruction(NamedTuple):
    """An instruction.

    Attributes:
        opcode: its first byte.
        value: the first of its immediates: an index, a constant, or the offset of an access to memory; 0 if it has none
            that matters here.
    """

    opcode: int
    value: int


def instructions(code: bytes) -> Iterator[Instruction]:
    """The instructions of a function.

    Args:
        code: a body, its locals first; empty for a function that has none.

    Raises:
        BinaryFormatError: it is malformed, or has instructions that AssemblyScript does not know.
    """
    if not code:
        return
    reader = Reader(code)
    for _ in reader.vector():
        reader.unsigned()
        reader.value_type()
    while reader.at < reader.end:
        opcode = reader.byte()
        yield Instruction(opcode, _immediate(reader, opcode))


def _immediate(reader: Reader, opcode: int) -> int:
    """Read what belongs to an instruction."""
    if opcode in _PLAIN:
        return 0
    if opcode in _INDEX:
        return reader.unsigned()
    if opcode in _BITS:
        return reader.signed(_BITS[opcode])
    if opcode in _MEMORY_ACCESS:
        return _offset(reader)
    if opcode in BLOCKS or opcode == _HEAP_TYPE:
        return reader.signed(33)
    if opcode in _BYTES:
        reader.take(_BYTES[opcode])
        return 0
    if opcode in _TWO_INDICES:
        first = reader.unsigned()
        reader.unsigned()
        return first
    return _rare(reader, opcode)


def _rare(reader: Reader, opcode: int) -> int:
    match opcode:
        case 0x0E:  # br_table
            for _ in reader.vector():
                reader.unsigned()
            return reader.unsigned()
        case 0x1C:  # select with types
            for _ in reader.vector():
                reader.value_type()
        case 0xFC:
            number = reader.unsigned()
            if number >= len(_NUMERIC_INDICES):
                raise BinaryFormatError(f"instruction 0xfc {number} is unknown")
            for _ in range(_NUMERIC_INDICES[number]):
                reader.unsigned()
        case 0xFD:
            _vector(reader, reader.unsigned())
        case 0xFE:
            if reader.unsigned() == _FENCE:
                reader.byte()
            else:
                _offset(reader)
        case _:
            raise BinaryFormatError(f"instruction {opcode:#x} is unknown")
    return 0


def _vector(reader: Reader, number: int) -> None:
    """Read what belongs to an instruction for v128."""
    if number in _VECTOR_ACCESS:
        _offset(reader)
    elif number in _VECTOR_BYTES:
        reader.take(16)
    elif number in _VECTOR_LANE:
        reader.byte()
    elif number in _VECTOR_ACCESS_LANE:
        _offset(reader)
        reader.byte()


def _offset(reader: Reader) -> int:
    """The offset of an access to memory."""
    if reader.unsigned() & _NAMES_MEMORY:
        reader.unsigned()
    return reader.unsigned(64)
