"""The parts of a binary that binding has no use for: sections and their sizes, memories, tables, data segments."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from wasmbind._schema.format import HEADER, ExternalKind, Reader, SectionId, sections

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._schema.model import OtherKind, Size

__all__ = ["Limits", "Section", "Segment", "Structure", "read_structure", "without_section"]

_KNOWN = frozenset(SectionId)
#: Sections that are vectors, so that the first number in them says how many items they have.
_COUNTED = _KNOWN - {SectionId.CUSTOM, SectionId.START, SectionId.DATA_COUNT}
#: The kinds of memories, by what `Reader.memory` calls them.
_MEMORY_KINDS: Final = {"memory": "32-bit", "64-bit memory": "64-bit", "shared memory": "shared"}


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
    kept = [data[:HEADER]]
    for kind, begin, body in sections(data):
        if kind != SectionId.CUSTOM or body.name() != name:
            kept.append(data[begin : body.end])
    return b"".join(kept)


class _Parser:
    def __init__(self, data: bytes) -> None:
        self.data, self.found = data, Structure()
        self._exports: dict[tuple[int, int], list[str]] = {}

    def parse(self) -> Structure:
        readers: dict[int, Callable[[Reader], None]] = {
            SectionId.IMPORT: self._imports,
            SectionId.TABLE: self._tables,
            SectionId.MEMORY: self._memories,
            SectionId.EXPORT: self._export,
            SectionId.START: self._start,
            SectionId.DATA: self._segments,
        }
        for kind, begin, body in sections(self.data):
            size, custom = body.end - begin, kind == SectionId.CUSTOM
            items = Reader(self.data, body.at, body.end).unsigned() if kind in _COUNTED else None
            name = body.name() if custom else _name(kind)
            self.found.sections.append(Section(name, custom, size, items))
            if kind in readers:
                readers[kind](body)
        for external, owned in ((ExternalKind.MEMORY, self.found.memories), (ExternalKind.TABLE, self.found.tables)):
            owned[:] = [
                replace(each, exports=tuple(self._exports.get((external, index), ())))
                for index, each in enumerate(owned)
            ]
        self.found.exported_functions = {
            index: names for (kind, index), names in self._exports.items() if kind == ExternalKind.FUNCTION
        }
        return self.found

    def _imports(self, reader: Reader) -> None:
        for module, name, found in reader.imports():
            if isinstance(found, int):
                self.found.imported_functions += 1
            elif isinstance(found, tuple) and found[0] == "table":
                self.found.tables.append(_table(found[1], (module, name)))
            elif isinstance(found, tuple) and found[0] in _MEMORY_KINDS:
                self.found.memories.append(_memory(found, (module, name)))

    def _tables(self, reader: Reader) -> None:
        for _ in reader.vector():
            has_initial = reader.data[reader.at : reader.at + 1] == b"\x40"  # its elements begin as an expression says
            if has_initial:
                reader.take(2)
            self.found.tables.append(_table(reader.table(), None))
            if has_initial:
                reader.constant()

    def _memories(self, reader: Reader) -> None:
        for _ in reader.vector():
            self.found.memories.append(_memory(reader.memory(), None))

    def _export(self, reader: Reader) -> None:
        for name, kind, index in reader.exports():
            self._exports.setdefault((kind, index), []).append(name)

    def _start(self, reader: Reader) -> None:
        self.found.start = reader.unsigned()

    def _segments(self, reader: Reader) -> None:
        for _ in reader.vector():
            flags = reader.unsigned()
            if flags == 2:  # noqa: PLR2004 - active, in a memory that is named
                reader.unsigned()
            value = reader.constant() if flags != 1 else None
            address = value & 0xFFFF_FFFF if isinstance(value, int) else None
            self.found.segments.append(Segment(address, reader.take(reader.unsigned())))


def _name(kind: int) -> str:
    return SectionId(kind).name.lower().replace("_", " ") if kind in _KNOWN else f"section {kind}"


def _memory(found: tuple[OtherKind, Size], imported: tuple[str, str] | None) -> Limits:
    kind, size = found
    return Limits(size.least, size.most, _MEMORY_KINDS[kind], imported)


def _table(size: Size, imported: tuple[str, str] | None) -> Limits:
    return Limits(size.least, size.most, str(size.element), imported)
