"""Moves the start function of a binary to where it can be called like any other.

A start section runs while the module is being instantiated: before the host can reach its memory, hence before an
imported function can read a string, and an instance that fails there takes its memory with it. Without the section,
and with the function exported, the same code runs right after that, as a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["START", "defer_start"]

#: The name under which a deferred start function is exported. Being empty, it makes the export exactly as long as the
#: start section was, so that all that follows stays where it is.
START: Final = ""

_EXPORTS, _START = 7, 8
_HEADER: Final = 8


def defer_start(data: bytes) -> tuple[bytes, int]:
    """Export the start function instead of letting instantiation call it.

    Args:
        data: a binary.

    Returns:
        The changed binary, or the same if it has no start section, exports something of that name already or is
        malformed; and how many bytes later its code lies.
    """
    try:
        sections = list(_sections(data))
        found = {kind: data[start:end] for kind, _, start, end in sections}
        if _START not in found:
            return data, 0
        count, first = _unsigned(found[_EXPORTS], 0) if _EXPORTS in found else (0, 0)
        entries = found[_EXPORTS][first:] if _EXPORTS in found else b""
        if START in _names(entries, count):
            return data, 0
    except IndexError:
        return data, 0
    exports = _leb(count + 1) + entries + b"\0\0" + found[_START]
    made = bytearray(data[:_HEADER])
    for kind, begin, _, end in sections:
        if kind == _EXPORTS or (kind == _START and _EXPORTS not in found):
            made += bytes([_EXPORTS]) + _leb(len(exports)) + exports
        elif kind != _START:
            made += data[begin:end]
    return bytes(made), len(made) - len(data)


def _sections(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """The id of each section, where it begins, where its content does, and where it ends."""
    at = _HEADER
    while at < len(data):
        size, start = _unsigned(data, at + 1)
        if start + size > len(data):
            raise IndexError(at)
        yield data[at], at, start, start + size
        at = start + size


def _names(entries: bytes, count: int) -> Iterator[str]:
    """The names in an export section."""
    at = 0
    for _ in range(count):
        size, at = _unsigned(entries, at)
        yield entries[at : at + size].decode("utf-8", "replace")
        _, at = _unsigned(entries, at + size + 1)


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    """The LEB128 number at a place, and where it ends."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
        shift += 7


def _leb(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])
