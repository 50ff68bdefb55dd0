"""Reads the sections of a WebAssembly binary (core specification, chapter 5, "Binary Format").

wasmtime-py could tell the same, but slower, and asking it for a signature that holds a v128 aborts the
process.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeAlias

from wasmbind._schema.model import Binary, Export, FunctionType, GlobalType, Import, OtherKind, Size, ValueType
from wasmbind._schema.nodes import SECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wasmbind._schema.schema import Schema

__all__ = ["BinaryFormatError", "Reader", "read_binary"]

_MAGIC = b"\0asm"
_VERSION = b"\1\0\0\0"
_COMPONENT_LAYER = b"\1\0"
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
            case 0:
                return self.unsigned()
            case 1:
                return "table", self.table()
            case 2:
                return self.memory()
            case 3:
                return GlobalType(self.value_type(), bool(self.byte()))
            case 4:
                self.byte()
                self.unsigned()
                return "tag", Size(0, None)
            case kind:
                raise BinaryFormatError(f"import kind {kind} is unknown")

    def vector(self) -> Iterator[int]:
        """The length of a vector, as something to iterate over; the items are the caller's to read."""
        count = self.unsigned()
        if count > self.end - self.at:
            raise BinaryFormatError(f"a vector at byte {self.at} claims {count} items")
        return iter(range(count))


def read_binary(data: bytes, name: str = "<bytes>") -> Binary:
    """Parse the parts of a module that binding needs.

    Args:
        data: the whole binary.
        name: what to call it in messages.

    Raises:
        BinaryFormatError: the bytes are not a module.
        SchemaError: they carry a schema that cannot be used.
    """
    if data[:4] != _MAGIC:
        raise BinaryFormatError("it does not start with the WebAssembly magic number")
    if data[4:8] != _VERSION:
        kind = "a component" if data[6:8] == _COMPONENT_LAYER else "no module of version 1"
        raise BinaryFormatError(f"it is {kind}")
    return _Parser(data, name).parse()


def _read_schema(written: bytes) -> Schema:
    from wasmbind._schema.reader import read_schema  # noqa: PLC0415 - slow to import, for binaries with a schema

    return read_schema(written)


class _Parser:
    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name = data, name
        self.types: list[FunctionType | None] = []
        self.imports: list[Import] = []
        self.functions: list[FunctionType] = []
        self.globals: list[GlobalType] = []
        self.memories: list[tuple[OtherKind, Size]] = []
        self.exports: dict[str, Export] = {}
        self.sections: dict[str, bytes] = {}
        self.starts = False

    def parse(self) -> Binary:
        handlers: dict[int, Callable[[Reader], None]] = {
            0: self._custom,
            1: self._types,
            2: self._imports,
            3: self._functions,
            5: self._memories,
            6: self._globals,
            7: self._exports,
        }
        reader = Reader(self.data, 8)
        while reader.at < reader.end:
            section = reader.byte()
            size = reader.unsigned()
            if reader.at + size > reader.end:
                raise BinaryFormatError(f"section {section} exceeds the file")
            body = Reader(self.data, reader.at, reader.at + size)
            reader.at += size
            self.starts |= section == 8
            if section in handlers:
                handlers[section](body)
        written = self.sections.get(SECTION)
        schema = None if written is None else _read_schema(written)
        return Binary(self.name, tuple(self.imports), self.exports, self.sections, self.starts, schema)

    def _custom(self, reader: Reader) -> None:
        name = reader.name()
        self.sections[name] = self.data[reader.at : reader.end]

    def _types(self, reader: Reader) -> None:
        for _ in reader.vector():
            form = reader.byte()
            if form != 0x60:  # a type of the GC proposal: asc makes none, and nothing after it can be read
                self.types.append(None)
                return
            params: tuple[ValueType, ...] = tuple([reader.value_type() for _ in reader.vector()])
            results: tuple[ValueType, ...] = tuple([reader.value_type() for _ in reader.vector()])
            self.types.append(FunctionType(params, results))

    def _type(self, index: int) -> FunctionType:
        found = self.types[index] if index < len(self.types) else None
        return found or FunctionType(("other",), ("other",))

    def _imports(self, reader: Reader) -> None:
        for _ in reader.vector():
            module, name, found = reader.name(), reader.name(), reader.external()
            if isinstance(found, int):
                self.functions.append(self._type(found))
                self.imports.append(Import(module, name, self.functions[-1]))
            elif isinstance(found, GlobalType):
                self.globals.append(found)
                self.imports.append(Import(module, name, found))
            else:
                self.imports.append(Import(module, name, *found))
                if found[0] not in ("table", "tag"):
                    self.memories.append(found)

    def _functions(self, reader: Reader) -> None:
        self.functions.extend(self._type(reader.unsigned()) for _ in reader.vector())

    def _memories(self, reader: Reader) -> None:
        self.memories.extend(reader.memory() for _ in reader.vector())

    def _globals(self, reader: Reader) -> None:
        for _ in reader.vector():
            type_, mutable = reader.value_type(), bool(reader.byte())
            value = self._constant(reader)
            self.globals.append(GlobalType(type_, mutable, value))

    def _constant(self, reader: Reader) -> int | float | None:
        """The value of an initialiser that is one constant, or None; leaves the reader behind it."""
        value: int | float | None = None
        steps = 0
        while (opcode := reader.byte()) != 0x0B:
            steps += 1
            match opcode:
                case 0x41:
                    value = reader.signed(32)
                case 0x42:
                    value = reader.signed(64)
                case 0x43:
                    value = struct.unpack("<f", reader.take(4))[0]
                case 0x44:
                    value = struct.unpack("<d", reader.take(8))[0]
                case 0x23 | 0xD2:  # global.get, ref.func
                    reader.unsigned()
                case 0xD0:  # ref.null
                    reader.signed(33)
                case 0xFD:  # v128.const
                    reader.unsigned()
                    reader.take(16)
                case 0x6A | 0x6B | 0x6C | 0x7C | 0x7D | 0x7E:  # extended constant arithmetic
                    pass
                case _:
                    raise BinaryFormatError(f"opcode {opcode:#x} in a constant expression is unknown")
        return value if steps == 1 else None

    def _exports(self, reader: Reader) -> None:
        for _ in reader.vector():
            name, kind, index = reader.name(), reader.byte(), reader.unsigned()
            match kind:
                case 0 if index < len(self.functions):
                    self.exports[name] = Export(name, self.functions[index])
                case 3 if index < len(self.globals):
                    self.exports[name] = Export(name, self.globals[index])
                case 1:
                    self.exports[name] = Export(name, "table")
                case 2 if index < len(self.memories):
                    self.exports[name] = Export(name, *self.memories[index])
                case 4:
                    self.exports[name] = Export(name, "tag")
                case _:
                    raise BinaryFormatError(f"export {name!r} names kind {kind}, index {index}")
