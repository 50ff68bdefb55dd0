"""Reads what binding needs of a WebAssembly binary.

wasmtime-py could tell the same, but slower, and asking it for a signature that holds a v128 aborts the
process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmbind._schema.format import BinaryFormatError, ExternalKind, Reader, SectionId, sections
from wasmbind._schema.model import Binary, Export, FunctionType, GlobalType, Import, OtherKind, Size, ValueType
from wasmbind._schema.nodes import SECTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._schema.schema import Schema

__all__ = ["read_binary"]

_MAGIC = b"\0asm"
_VERSION = b"\1\0\0\0"
_COMPONENT_LAYER = b"\1\0"


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
            SectionId.CUSTOM: self._custom,
            SectionId.TYPE: self._types,
            SectionId.IMPORT: self._imports,
            SectionId.FUNCTION: self._functions,
            SectionId.MEMORY: self._memories,
            SectionId.GLOBAL: self._globals,
            SectionId.EXPORT: self._exports,
        }
        for section, _, body in sections(self.data):
            self.starts |= section == SectionId.START
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
        for module, name, found in reader.imports():
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
            self.globals.append(GlobalType(type_, mutable, reader.constant()))

    def _exports(self, reader: Reader) -> None:
        for name, kind, index in reader.exports():
            match kind:
                case ExternalKind.FUNCTION if index < len(self.functions):
                    self.exports[name] = Export(name, self.functions[index])
                case ExternalKind.GLOBAL if index < len(self.globals):
                    self.exports[name] = Export(name, self.globals[index])
                case ExternalKind.TABLE:
                    self.exports[name] = Export(name, "table")
                case ExternalKind.MEMORY if index < len(self.memories):
                    self.exports[name] = Export(name, *self.memories[index])
                case ExternalKind.TAG:
                    self.exports[name] = Export(name, "tag")
                case _:
                    raise BinaryFormatError(f"export {name!r} names kind {kind}, index {index}")
