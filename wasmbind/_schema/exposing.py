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

from wasmbind._schema.binary import read_binary
from wasmbind._schema.format import HEADER, BinaryFormatError, ExternalKind, Reader, SectionId, leb, sections
from wasmbind._schema.starts import find_guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmbind._schema.model import Binary

__all__ = ["START", "expose", "read_exposed"]

#: The name under which a start function is exported. Being empty, it makes the export exactly as long as the start
#: section was, so that all that follows stays where it is.
START: Final = ""


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
        places = [(kind, begin, body) for kind, begin, body in sections(data)]
        found = {kind: Reader(data, body.at, body.end) for kind, _, body in places}
        wanted = dict(_wanted(found))
        count, entries = 0, b""
        if SectionId.EXPORT in found:
            exports = found[SectionId.EXPORT]
            for name, _, _ in Reader(data, exports.at, exports.end).exports():
                wanted.pop(name, None)
            count, entries = exports.unsigned(), _rest(exports)
    except BinaryFormatError:
        return data, False
    if not wanted:
        return data, False
    entries += b"".join(leb(len(name)) + name.encode() + entry for name, entry in wanted.items())
    section = leb(count + len(wanted)) + entries
    return _with_exports(data, places, section, drops_start=START in wanted), START in wanted


def _with_exports(data: bytes, places: list[tuple[int, int, Reader]], exports: bytes, *, drops_start: bool) -> bytes:
    """The binary with another export section, which comes right before the first of those that follow it."""
    made, placed = bytearray(data[:HEADER]), False
    end = (int(SectionId.START), len(data), Reader(data, len(data)))
    for kind, begin, body in [*places, end]:
        # The section of tags stands before the exports although its number is larger.
        if not placed and kind >= SectionId.EXPORT and kind != SectionId.TAG:
            made += bytes([SectionId.EXPORT]) + leb(len(exports)) + exports
            placed = True
        if kind != SectionId.EXPORT and not (drops_start and kind == SectionId.START):
            made += data[begin : body.end]
    return bytes(made)


def _wanted(found: dict[int, Reader]) -> Iterator[tuple[str, bytes]]:
    """Name, and kind and index, of everything that is to be exported."""
    if SectionId.START in found:
        yield START, bytes([ExternalKind.FUNCTION]) + _rest(found[SectionId.START])
    imports = found[SectionId.IMPORT].imports() if SectionId.IMPORT in found else ()
    imported = {each[0] for _, _, each in imports if isinstance(each, tuple)}
    if imported - {"table", "tag"} or (SectionId.MEMORY in found and found[SectionId.MEMORY].unsigned()):
        yield "memory", bytes([ExternalKind.MEMORY, 0])
    if "table" in imported:
        yield "table", bytes([ExternalKind.TABLE, 0])


def _rest(reader: Reader) -> bytes:
    return reader.data[reader.at : reader.end]
