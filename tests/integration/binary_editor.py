"""Takes a WebAssembly binary apart and puts it together again, changed: what those do who doctor one."""

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

from wasmbind._schema.format import Reader

FUNCTION, TABLE, MEMORY, GLOBAL = range(4)
_CUSTOM, _TYPES, _IMPORTS, _FUNCTIONS, _GLOBALS, _EXPORTS, _START, _DATA, _COUNT = 0, 1, 2, 3, 6, 7, 8, 11, 12
_I32_CONST, _END = 0x41, 0x0B
_SECTION = "wasmbind"


def unsigned(value: int) -> bytes:
    """An unsigned LEB128 number."""
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def signed(value: int) -> bytes:
    """A signed LEB128 number."""
    made = bytearray()
    while not -0x40 <= value < 0x40:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value & 0x7F])


@dataclass
class ExportEntry:
    """One export: its name, its kind, and the index of what it exports."""

    name: str
    kind: int
    index: int


@dataclass
class GlobalEntry:
    """One global that the module defines; `value` is None where it is not a plain i32 constant."""

    type: int
    mutable: bool
    value: int | None
    code: bytes


@dataclass
class Segment:
    """One data segment; `address` is None for one that is not put anywhere by itself."""

    address: int | None
    content: bytearray
    flags: bytes


class Editor:
    """A binary in parts that can be changed.

    Attributes:
        sections: the id and content of each section that is not among the other attributes, in order.
        exports, globals, segments: what is in those sections.
        types: the index of the type of each function, imported ones first.
        signatures: the bytes of each type.
        imported: how many globals are imported.
    """

    def __init__(self, binary: bytes) -> None:
        self.sections: list[tuple[int, bytes]] = []
        self.exports: list[ExportEntry] = []
        self.globals: list[GlobalEntry] = []
        self.segments: list[Segment] = []
        self.signatures: list[bytes] = []
        self.types: list[int] = []
        self.imported = 0
        reader = Reader(binary, 8)
        while reader.at < reader.end:
            kind, size = reader.byte(), reader.unsigned()
            self.sections.append((kind, binary[reader.at : reader.at + size]))
            self._read(kind, Reader(binary, reader.at, reader.at + size))
            reader.take(size)

    def _read(self, kind: int, reader: Reader) -> None:
        if kind == _TYPES:
            self.signatures = list(_signatures(reader))
        elif kind == _IMPORTS:
            for _ in reader.vector():
                reader.name()
                reader.name()
                found = reader.external()
                if isinstance(found, int):
                    self.types.append(found)
                self.imported += not isinstance(found, (int, tuple))
        elif kind == _FUNCTIONS:
            self.types += [reader.unsigned() for _ in reader.vector()]
        elif kind == _EXPORTS:
            self.exports = [ExportEntry(reader.name(), reader.byte(), reader.unsigned()) for _ in reader.vector()]
        elif kind == _GLOBALS:
            self.globals = [_read_global(reader) for _ in reader.vector()]
        elif kind == _DATA:
            self.segments = [_read_segment(reader) for _ in reader.vector()]

    def assemble(self) -> bytes:
        """The binary as it is now."""
        made = b"\0asm\1\0\0\0"
        for kind, content in self.sections:
            written = self._written(kind, content)
            made += bytes([kind]) + unsigned(len(written)) + written
        return made

    def _written(self, kind: int, content: bytes) -> bytes:
        if kind == _EXPORTS:
            entries = [_text(each.name) + bytes([each.kind]) + unsigned(each.index) for each in self.exports]
            return unsigned(len(entries)) + b"".join(entries)
        if kind == _GLOBALS:
            return unsigned(len(self.globals)) + b"".join(map(_write_global, self.globals))
        if kind == _COUNT:
            return unsigned(len(self.segments))
        if kind == _DATA:
            return unsigned(len(self.segments)) + b"".join(map(_write_segment, self.segments))
        return content

    # --- exports ---------------------------------------------------------------------------------------------

    def export(self, name: str) -> ExportEntry:
        """An export by name."""
        return next(each for each in self.exports if each.name == name)

    def rename(self, name: str, other: str) -> Self:
        """Export something under another name."""
        self.export(name).name = other
        return self

    def drop(self, *names: str) -> Self:
        """Export something no more."""
        self.exports = [each for each in self.exports if each.name not in names]
        return self

    def alias(self, name: str, other: str) -> Self:
        """Export something under a second name."""
        self.exports.append(replace(self.export(name), name=other))
        return self

    def swap(self, name: str, other: str) -> Self:
        """Let two exports take each other's place."""
        one, two = self.export(name), self.export(other)
        one.kind, two.kind, one.index, two.index = two.kind, one.kind, two.index, one.index
        return self

    def retarget(self, name: str, other: str) -> Self:
        """Let an export be what another one is."""
        one, two = self.export(name), self.export(other)
        one.kind, one.index = two.kind, two.index
        return self

    def same_type(self, name: str) -> list[str]:
        """The exported functions of the same type as one of them, itself among them."""
        wanted = self.signatures[self.types[self.export(name).index]]
        return [
            each.name
            for each in self.exports
            if each.kind == FUNCTION and self.signatures[self.types[each.index]] == wanted
        ]

    # --- globals and memory ----------------------------------------------------------------------------------

    def exported_global(self, name: str) -> GlobalEntry:
        """The global that is exported under a name."""
        return self.globals[self.export(name).index - self.imported]

    def set_global(self, name: str, value: int) -> Self:
        """Let an exported i32 constant be another."""
        self.exported_global(name).value = value
        return self

    def word(self, address: int) -> int:
        """A word of the memory that the module starts with."""
        segment, at = self._place(address)
        return int(struct.unpack_from("<I", segment.content, at)[0])

    def set_word(self, address: int, value: int) -> Self:
        """Change a word of the memory that the module starts with."""
        segment, at = self._place(address)
        struct.pack_into("<I", segment.content, at, value & 0xFFFFFFFF)
        return self

    def _place(self, address: int) -> tuple[Segment, int]:
        for segment in self.segments:
            if segment.address is not None and segment.address <= address < segment.address + len(segment.content):
                at = address - segment.address
                segment.content.extend(bytes(max(0, at + 4 - len(segment.content))))
                return segment, at
        # asc leaves out what is zero.
        self.segments.append(Segment(address, bytearray(4), b""))
        return self.segments[-1], 0

    def static_texts(self, string_id: int) -> dict[str, int]:
        """The address of every string that lies in a data segment from the beginning, by its text."""
        found: dict[str, int] = {}
        for segment in self.segments:
            if segment.address is not None:
                for at in range(0, len(segment.content) - 8, 4):
                    rt_id, size = struct.unpack_from("<II", segment.content, at)
                    text = bytes(segment.content[at + 8 : at + 8 + size])
                    if rt_id == string_id and 0 < size <= 200 and not size % 2 and len(text) == size:
                        found.setdefault(text.decode("utf-16-le", "replace"), segment.address + at + 8)
        return found

    # --- the schema ------------------------------------------------------------------------------------------

    def edit_schema(self, change: Callable[[dict[str, Any]], object]) -> Self:
        """Change what the section `wasmbind` says."""
        for place, (kind, content) in enumerate(self.sections):
            reader = Reader(content)
            if kind == _CUSTOM and reader.name() == _SECTION:
                schema = json.loads(content[reader.at :])
                change(schema)
                self.sections[place] = kind, _text(_SECTION) + json.dumps(schema).encode()
        return self

    def drop_start(self) -> Self:
        """Let nothing run by itself."""
        self.sections = [(kind, content) for kind, content in self.sections if kind != _START]
        return self


def _text(name: str) -> bytes:
    encoded = name.encode()
    return unsigned(len(encoded)) + encoded


def _signatures(reader: Reader) -> Iterator[bytes]:
    for _ in reader.vector():
        start = reader.at
        reader.byte()
        for _ in range(2):
            for _ in reader.vector():
                reader.value_type()
        yield reader.data[start : reader.at]


def _read_global(reader: Reader) -> GlobalEntry:
    kind, mutable, start = reader.byte(), bool(reader.byte()), reader.at
    value = None
    if reader.data[start] == _I32_CONST:
        reader.byte()
        value = reader.signed(32)
        assert reader.byte() == _END
        return GlobalEntry(kind, mutable, value, b"")
    match reader.byte():
        case 0x42:
            reader.signed(64)
        case 0x43:
            reader.take(4)
        case 0x44:
            reader.take(8)
        case opcode:
            assert opcode == 0x23, hex(opcode)
            reader.unsigned()
    assert reader.byte() == _END
    return GlobalEntry(kind, mutable, None, reader.data[start : reader.at])


def _write_global(found: GlobalEntry) -> bytes:
    code = found.code if found.value is None else bytes([_I32_CONST]) + signed(found.value) + bytes([_END])
    return bytes([found.type, found.mutable]) + code


def _read_segment(reader: Reader) -> Segment:
    flags = reader.unsigned()
    address = None
    if flags == 0:
        assert reader.byte() == _I32_CONST
        address = reader.signed(32)
        assert reader.byte() == _END
    return Segment(address, bytearray(reader.take(reader.unsigned())), unsigned(flags))


def _write_segment(segment: Segment) -> bytes:
    head = segment.flags
    if segment.address is not None:
        head = b"\0" + bytes([_I32_CONST]) + signed(segment.address) + bytes([_END])
    return head + unsigned(len(segment.content)) + bytes(segment.content)
