"""The binary format of WebAssembly modules (core specification, chapter 5): a cursor over its items."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from wasmbind._schema.model import GlobalType, OtherKind, Size, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HEADER", "BinaryFormatError", "ExternalKind", "Reader", "SectionId", "leb", "sections"]

#: Bytes of the magic number and the version.
HEADER: Final = 8
_SEVEN_BITS: Final = 0x7F


class SectionId(IntEnum):
    """The kinds of sections."""

    CUSTOM = 0
    TYPE = 1
    IMPORT = 2
    FUNCTION = 3
    TABLE = 4
    MEMORY = 5
    GLOBAL = 6
    EXPORT = 7
    START = 8
    ELEMENT = 9
    CODE = 10
    DATA = 11
    DATA_COUNT = 12
    TAG = 13


class ExternalKind(IntEnum):
    """What may be imported or exported."""

    FUNCTION = 0
    TABLE = 1
    MEMORY = 2
    GLOBAL = 3
    TAG = 4


_VALUE_TYPES: dict[int, ValueType] = {
    0x7F: "i32",
    0x7E: "i64",
    0x7D: "f32",
    0x7C: "f64",
    0x7B: "v128",
    0x70: "funcref",
    0x6F: "externref",
}
#: What `Reader.external` gives.
External: TypeAlias = int | GlobalType | tuple[OtherKind, Size]


class BinaryFormatError(ValueError):
    """The bytes are not a WebAssembly module in the binary format."""

    @staticmethod
    def fix(file: str) -> str:
        """What to do about a file that is none.

        Args:
            file: the file, as messages name it.
        """
        if file.endswith(".ts"):
            return f"compile it, `wasmbind build {file}`, and give the .wasm"
        return "compile it again with asc" if file.endswith(".wasm") else "give a .wasm that asc has written"


class Reader:
    """A cursor over bytes."""

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self.data, self.at, self.end = data, start, len(data) if end is None else end

    def byte(self) -> int:
        """The next byte."""
        if self.at >= self.end:
            raise BinaryFormatError(f"the binary ends inside an item, at byte {self.at}")
        value = self.data[self.at]
        self.at += 1
        return value

    def take(self, size: int) -> bytes:
        """The next bytes."""
        if self.at + size > self.end:
            raise BinaryFormatError(f"an item of {size} bytes at byte {self.at} exceeds its section")
        self.at += size
        return self.data[self.at - size : self.at]

    def unsigned(self, bits: int = 32) -> int:
        """An unsigned LEB128 number."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
            if shift >= bits:
                raise BinaryFormatError(f"an integer at byte {self.at} has too many bytes")

    def signed(self, bits: int) -> int:
        """A signed LEB128 number."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value - (1 << shift) if byte & 0x40 else value
            if shift >= bits:
                raise BinaryFormatError(f"an integer at byte {self.at} has too many bytes")

    def name(self) -> str:
        """A name; what is no UTF-8 in it is replaced."""
        return self.take(self.unsigned()).decode("utf-8", "replace")

    def value_type(self) -> ValueType:
        """A value type."""
        code = self.byte()
        if code in (0x63, 0x64):  # (ref null ht), (ref ht): a heap type follows
            self.signed(33)
        return _VALUE_TYPES.get(code, "other")

    def memory(self) -> tuple[OtherKind, Size]:
        """A memory type."""
        flags, least, most = self._limits()
        return "64-bit memory" if flags & 4 else "shared memory" if flags & 2 else "memory", Size(least, most)

    def table(self) -> Size:
        """A table type."""
        element = self.value_type()
        _, least, most = self._limits()
        return Size(least, most, element)

    def _limits(self) -> tuple[int, int, int | None]:
        """Limits of a memory or table: their flags, the least and the greatest size."""
        flags = self.byte()
        least = self.unsigned(64)
        most = self.unsigned(64) if flags & 1 else None
        if flags & 8:
            self.unsigned()
        return flags, least, most

    def external(self) -> External:
        """What an import is: the index of the type of a function, and the type of anything else."""
        match self.byte():
            case ExternalKind.FUNCTION:
                return self.unsigned()
            case ExternalKind.TABLE:
                return "table", self.table()
            case ExternalKind.MEMORY:
                return self.memory()
            case ExternalKind.GLOBAL:
                return GlobalType(self.value_type(), bool(self.byte()))
            case ExternalKind.TAG:
                self.byte()
                self.unsigned()
                return "tag", Size(0, None)
            case kind:
                raise BinaryFormatError(f"import kind {kind} is unknown")

    def imports(self) -> Iterator[tuple[str, str, External]]:
        """The items of an import section: module, name and type."""
        for _ in self.vector():
            yield self.name(), self.name(), self.external()

    def exports(self) -> Iterator[tuple[str, int, int]]:
        """The items of an export section: name, kind and index."""
        for _ in self.vector():
            yield self.name(), self.byte(), self.unsigned()

    def constant(self) -> int | float | None:
        """The value of an initialiser that is one constant, or None."""
        value: int | float | None = None
        steps = 0
        while (opcode := self.byte()) != 0x0B:
            steps += 1
            match opcode:
                case 0x41:
                    value = self.signed(32)
                case 0x42:
                    value = self.signed(64)
                case 0x43:
                    value = struct.unpack("<f", self.take(4))[0]
                case 0x44:
                    value = struct.unpack("<d", self.take(8))[0]
                case 0x23 | 0xD2:  # global.get, ref.func
                    self.unsigned()
                case 0xD0:  # ref.null
                    self.signed(33)
                case 0xFD:  # v128.const
                    self.unsigned()
                    self.take(16)
                case 0x6A | 0x6B | 0x6C | 0x7C | 0x7D | 0x7E:  # extended constant arithmetic
                    pass
                case _:
                    raise BinaryFormatError(f"opcode {opcode:#x} in a constant expression is unknown")
        return value if steps == 1 else None

    def vector(self) -> Iterator[int]:
        """The length of a vector, as something to iterate over; the items are the caller's to read."""
        count = self.unsigned()
        if count > self.end - self.at:
            raise BinaryFormatError(f"a vector at byte {self.at} claims {count} items")
        return iter(range(count))


def sections(data: bytes) -> Iterator[tuple[int, int, Reader]]:
    """The sections of a binary in order: id, the byte where the section begins, and its content.

    Raises:
        BinaryFormatError: one exceeds the file.
    """
    reader = Reader(data, min(HEADER, len(data)))
    while reader.at < reader.end:
        begin, section, size = reader.at, reader.byte(), reader.unsigned()
        if reader.at + size > reader.end:
            raise BinaryFormatError(f"section {section} exceeds the file")
        body = Reader(data, reader.at, reader.at + size)
        reader.at += size
        yield section, begin, body


def leb(value: int) -> bytes:
    """An unsigned number in LEB128."""
    made = bytearray()
    while value > _SEVEN_BITS:
        made.append(value & _SEVEN_BITS | 0x80)
        value >>= 7
    return bytes([*made, value])
