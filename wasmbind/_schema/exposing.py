"""Makes a binary export what its host has to reach, and reads it.

Three things a binary may keep to itself although hardly anything can be done without them:

- its start function. A start section runs while the module is being instantiated: before the host can reach its
  memory, hence before an imported function can read a string, and an instance that fails there takes its memory with
  it. Without the section, and with the function exported, the same code runs right after that, as a call.
- its memory, with asc's ``--noExportMemory``.
- a function table that it imports. Without ``--exportTable`` the host would know it only from the other side. A table
  of the module's own stays what it is: the compiler relies on nobody else putting functions into it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from wasmbind._schema.binary import BinaryFormatError, Reader, read_binary
from wasmbind._schema.starts import find_guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmbind._schema.model import Binary

__all__ = ["START", "expose", "read_exposed"]

#: The name under which a start function is exported. Being empty, it makes the export exactly as long as the start
#: section was, so that all that follows stays where it is.
START: Final = ""

_IMPORTS, _MEMORIES, _EXPORTS, _START = 2, 5, 7, 8
#: The one section that stands before the exports and has a larger number.
_TAGS: Final = 13
_TABLE, _MEMORY = 1, 2
_HEADER: Final = 8


def read_exposed(given: bytes, name: str) -> tuple[Binary, bytes]:
    """Parse what is bound in place of a binary.

    Args:
        given: the whole binary.
        name: what to call it in messages.

    Returns:
        What is in it, and its bytes.

    Raises:
        BinaryFormatError: the bytes are not a module.
        SchemaError: they carry a schema that cannot be used.
    """
    data, is_deferred = expose(given)
    binary = read_binary(data, name)
    guarded = () if is_deferred or binary.starts else find_guarded(data, binary)
    return dataclasses.replace(binary, shift=len(data) - len(given), is_deferred=is_deferred, guarded=guarded), data


def expose(data: bytes) -> tuple[bytes, bool]:
    """Export what the host has to reach: a start function as `START`, a memory and an imported table by these names.

    Args:
        data: a binary.

    Returns:
        The changed binary, or the same if there is nothing to do or it is malformed, and whether its start function is
        exported now. What is exported under one of the names already stays what it is.
    """
    try:
        sections = list(_sections(data))
        found = {kind: Reader(data, start, end) for kind, _, start, end in sections}
        wanted = dict(_wanted(found))
        count, entries = 0, b""
        if _EXPORTS in found:
            exports = found[_EXPORTS]
            count, first = exports.unsigned(), exports.at
            for _ in range(count):
                wanted.pop(exports.name(), None)
                exports.byte()
                exports.unsigned()
            entries = data[first : exports.end]
    except BinaryFormatError:
        return data, False
    if not wanted:
        return data, False
    entries += b"".join(_leb(len(name)) + name.encode() + entry for name, entry in wanted.items())
    section = _leb(count + len(wanted)) + entries
    return _with_exports(data, sections, section, drops_start=START in wanted), START in wanted


def _with_exports(
    data: bytes, sections: list[tuple[int, int, int, int]], exports: bytes, *, drops_start: bool
) -> bytes:
    """The binary with another export section, which comes right before the first of those that follow it."""
    made, placed = bytearray(data[:_HEADER]), False
    for kind, begin, _, end in [*sections, (_START, len(data), len(data), len(data))]:
        if not placed and kind >= _EXPORTS and kind != _TAGS:
            made += bytes([_EXPORTS]) + _leb(len(exports)) + exports
            placed = True
        if kind != _EXPORTS and not (drops_start and kind == _START):
            made += data[begin:end]
    return bytes(made)


def _wanted(found: dict[int, Reader]) -> Iterator[tuple[str, bytes]]:
    """Name, and kind and index, of everything that is to be exported."""
    if _START in found:
        yield START, b"\0" + _rest(found[_START])
    imported = set(_imported(found[_IMPORTS])) if _IMPORTS in found else set[str]()
    if imported - {"table", "tag"} or (_MEMORIES in found and found[_MEMORIES].unsigned()):
        yield "memory", bytes([_MEMORY, 0])
    if "table" in imported:
        yield "table", bytes([_TABLE, 0])


def _rest(reader: Reader) -> bytes:
    return reader.data[reader.at : reader.end]


def _imported(reader: Reader) -> Iterator[str]:
    """What kinds of memories and tables, and whatever else is neither a function nor a global, are imported."""
    for _ in range(reader.unsigned()):
        reader.name()
        reader.name()
        found = reader.external()
        if isinstance(found, tuple):
            yield found[0]


def _sections(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """The id of each section, where it begins, where its content does, and where it ends."""
    reader = Reader(data, min(_HEADER, len(data)))
    while reader.at < reader.end:
        begin, kind = reader.at, reader.byte()
        size = reader.unsigned()
        start = reader.at
        reader.take(size)
        yield kind, begin, start, reader.at


def _leb(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])
