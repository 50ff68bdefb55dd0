"""The parts of a binary that binding has no use for: sections and their sizes, memories, tables, data segments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wasmbind._schema.binary import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Limits", "Section", "Segment", "Structure", "read_structure", "without_section"]

_HEADER: Final = 8
_CUSTOM, _IMPORTS, _FUNCTIONS, _TABLES, _MEMORIES, _EXPORTS, _START, _CODE, _DATA = 0, 2, 3, 4, 5, 7, 8, 10, 11
_NAMES = (
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count",
    "tag",
)
#: Sections that are vectors, so that the first number in them says how many items they have.
_COUNTED = frozenset({1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 13})
#: What may be imported or exported, by the number that stands for it.
_FUNCTION, _TABLE, _MEMORY, _GLOBAL, _TAG = range(5)


@dataclass(frozen=True, slots=True)
class Section:
    """A section.

    Attributes:
        name: its kind, or the name of a custom section.
        custom: whether it is one.
        size: its bytes in the file, with its header.
        items: how many there are in it, where it is a list.
    """

    name: str
    custom: bool
    size: int
    items: int | None


@dataclass(frozen=True, slots=True)
class Limits:
    """A memory in pages of 64 KiB, or a table in elements.

    Attributes:
        least: its size at the start.
        most: what it may grow to, None without a bound.
        kind: of a memory, ``"32-bit"``, ``"64-bit"`` and ``"shared"`` ones; of a table, the type of its elements.
        imported: module and name, None if it is the module's own.
        exports: the names that it is exported by.
    """

    least: int
    most: int | None
    kind: str
    imported: tuple[str, str] | None
    exports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes that stand in memory from the start; `address` is None where that is not known without running code."""

    address: int | None
    content: bytes


@dataclass(slots=True)
class Structure:
    """What a binary is made of.

    Attributes:
        start: the index of the start function, None without one.
        imported_functions: how many functions are imported; own ones have the indices from there on.
        exported_functions: the names of exported functions by index.
    """

    sections: list[Section] = field(default_factory=list)
    memories: list[Limits] = field(default_factory=list)
    tables: list[Limits] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    start: int | None = None
    imported_functions: int = 0
    exported_functions: dict[int, list[str]] = field(default_factory=dict)


def read_structure(data: bytes) -> Structure:
    """Read a binary that `read_binary` has taken.

    Raises:
        BinaryFormatError: its other sections are malformed.
    """
    return _Parser(data).parse()


def without_section(data: bytes, name: str) -> bytes:
    """The binary without the custom sections of a name."""
    reader = Reader(data, _HEADER)
    kept = [data[:_HEADER]]
    while reader.at < reader.end:
        begin, kind = reader.at, reader.byte()
        size = reader.unsigned()
        body = Reader(data, reader.at, reader.at + size)
        reader.take(size)
        if kind != _CUSTOM or body.name() != name:
            kept.append(data[begin : reader.at])
    return b"".join(kept)


class _Parser:
    def __init__(self, data: bytes) -> None:
        self.data, self.found = data, Structure()
        self._exports: dict[tuple[int, int], list[str]] = {}

    def parse(self) -> Structure:
        readers: dict[int, Callable[[Reader], None]] = {
            _IMPORTS: self._imports,
            _TABLES: self._tables,
            _MEMORIES: self._memories,
            _EXPORTS: self._export,
            _START: self._start,
            _DATA: self._segments,
        }
        reader = Reader(self.data, _HEADER)
        while reader.at < reader.end:
            begin, kind = reader.at, reader.byte()
            size = reader.unsigned()
            body = Reader(self.data, reader.at, reader.at + size)
            reader.take(size)
            name = body.name() if kind == _CUSTOM else _NAMES[kind] if kind < len(_NAMES) else f"section {kind}"
            items = Reader(self.data, body.at, body.end).unsigned() if kind in _COUNTED else None
            self.found.sections.append(Section(name, kind == _CUSTOM, reader.at - begin, items))
            if kind in readers:
                readers[kind](body)
        for kind, owned in ((_MEMORY, self.found.memories), (_TABLE, self.found.tables)):
            owned[:] = [
                Limits(each.least, each.most, each.kind, each.imported, tuple(self._exports.get((kind, index), ())))
                for index, each in enumerate(owned)
            ]
        self.found.exported_functions = {
            index: names for (kind, index), names in self._exports.items() if kind == _FUNCTION
        }
        return self.found

    def _imports(self, reader: Reader) -> None:
        for _ in reader.vector():
            key, kind = (reader.name(), reader.name()), reader.byte()
            if kind == _FUNCTION:
                reader.unsigned()
                self.found.imported_functions += 1
            elif kind == _TABLE:
                self.found.tables.append(_table(reader, key))
            elif kind == _MEMORY:
                self.found.memories.append(_memory(reader, key))
            elif kind == _GLOBAL:
                reader.value_type()
                reader.byte()
            else:  # a tag: read_binary refuses what is unknown
                reader.byte()
                reader.unsigned()

    def _tables(self, reader: Reader) -> None:
        for _ in reader.vector():
            has_initial = reader.data[reader.at : reader.at + 1] == b"\x40"  # its elements begin as an expression says
            if has_initial:
                reader.take(2)
            self.found.tables.append(_table(reader, None))
            if has_initial:
                _constant(reader)

    def _memories(self, reader: Reader) -> None:
        for _ in reader.vector():
            self.found.memories.append(_memory(reader, None))

    def _export(self, reader: Reader) -> None:
        for _ in reader.vector():
            name, kind, index = reader.name(), reader.byte(), reader.unsigned()
            self._exports.setdefault((kind, index), []).append(name)

    def _start(self, reader: Reader) -> None:
        self.found.start = reader.unsigned()

    def _segments(self, reader: Reader) -> None:
        for _ in reader.vector():
            flags = reader.unsigned()
            if flags == 2:  # noqa: PLR2004 - active, in a memory that is named
                reader.unsigned()
            address = _constant(reader) if flags != 1 else None
            self.found.segments.append(Segment(address, reader.take(reader.unsigned())))


def _memory(reader: Reader, imported: tuple[str, str] | None) -> Limits:
    flags, least, most = _limits(reader)
    kind = "64-bit" if flags & 4 else "shared" if flags & 2 else "32-bit"
    return Limits(least, most, kind, imported)


def _table(reader: Reader, imported: tuple[str, str] | None) -> Limits:
    kind = reader.value_type()
    _, least, most = _limits(reader)
    return Limits(least, most, kind, imported)


def _limits(reader: Reader) -> tuple[int, int, int | None]:
    flags, least = reader.byte(), reader.unsigned(64)
    most = reader.unsigned(64) if flags & 1 else None
    if flags & 8:  # the size of a page
        reader.unsigned()
    return flags, least, most


def _constant(reader: Reader) -> int | None:
    """The value of an initialiser that is one `i32.const`, else None."""
    value, steps = None, 0
    while (opcode := reader.byte()) != 0x0B:  # noqa: PLR2004 - `end`, here and below numbers of the specification
        steps += 1
        value = reader.signed(32) if opcode == 0x41 else None  # noqa: PLR2004 - see above
        if opcode == 0x42:  # noqa: PLR2004 - see above
            reader.signed(64)
        elif opcode in (0x23, 0xD2):
            reader.unsigned()
        elif opcode == 0xD0:  # noqa: PLR2004 - see above
            reader.signed(33)
    return value & 0xFFFF_FFFF if steps == 1 and value is not None else None
