"""Reads source maps (revision 3, https://tc39.es/ecma426/) as asc writes them beside a binary.

A WebAssembly binary is one line to a source map, and the column in that line is the offset in the binary. Sources
are shown from `sourcesContent` alone: nothing here, or anywhere else in this package, opens a path or a URL that a
map names.

A map is data that anybody may have written. What does not hold together, or is larger than `MOST_BYTES`, is no map;
reading one takes time and memory in proportion to its size.
"""

from __future__ import annotations

import json
import unicodedata
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["MOST_BYTES", "Place", "SourceMap", "printable", "read_source_map"]

#: The largest map that is read, in bytes. asc's own library adds about 300 kB to a map.
MOST_BYTES: Final = 16 << 20
#: The most segments of a map: a binary of about 10 MB has as many.
_MOST_SEGMENTS: Final = 1 << 21
#: Above all lines and columns that a source has, and below what CPython takes as a line of code.
_MOST_LINES: Final = 1 << 24
_MOST_OFFSET: Final = 1 << 32
#: Characters of a line that are shown.
_WIDEST: Final = 2_000
#: Characters of a name that are shown.
_LONGEST_NAME: Final = 300
_DIGITS: Final = {
    digit: value for value, digit in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
#: 32 bits and a sign take seven digits of five bits.
_MOST_DIGITS: Final = 7
_DIGIT_BITS: Final = 5
_CONTINUES: Final = 1 << _DIGIT_BITS
_REVISION: Final = 3
_NOWHERE: Final = -1
#: Unicode categories of controls, formats, surrogates, line and paragraph separators.
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the sources an instruction comes from.

    Attributes:
        source: the index of the source in the map.
        line: 1-based.
        column: 0-based, in UTF-16 code units, as asc counts; None where only the line is known.
    """

    source: int
    line: int
    column: int | None


class SourceMap:
    """A map from offsets in a binary to places in its sources.

    Attributes:
        names: what the map calls each source, fit for printing.
    """

    def __init__(self, names: list[str], contents: list[str | None], mappings: str) -> None:
        """Read what `read_source_map` has taken apart.

        Raises:
            ValueError: the mappings do not hold together.
        """
        self.names = names
        self._contents = contents
        self._offsets, self._sources = array("I"), array("i")
        self._lines, self._columns = array("I"), array("I")
        self._read(mappings)

    def _read(self, mappings: str) -> None:
        if mappings.count(",") >= _MOST_SEGMENTS:
            raise ValueError("too many segments")
        read: dict[str, tuple[int, ...]] = {"": ()}  # a few thousand different ones make up the largest map
        offset = source = line = column = 0
        for segment in mappings.split(";", 1)[0].split(","):
            deltas = read.get(segment)
            if deltas is None:
                deltas = read[segment] = _read_segment(segment)
            if not deltas:
                continue
            if deltas[0] < 0:
                raise ValueError("segments out of order")
            offset += deltas[0]
            if len(deltas) > 1:
                source, line, column = source + deltas[1], line + deltas[2], column + deltas[3]
            if not (
                offset < _MOST_OFFSET
                and 0 <= source < max(len(self.names), 1)
                and 0 <= line < _MOST_LINES
                and 0 <= column < _MOST_LINES
            ):
                raise ValueError("a segment points outside")
            self._offsets.append(offset)
            self._sources.append(source if len(deltas) > 1 and self.names else _NOWHERE)
            self._lines.append(line)
            self._columns.append(column)

    def find(self, offset: int, first: int | None) -> Place | None:
        """The place of an instruction, None where the map has none.

        asc leaves many calls without a place of their own. Such a call has the line of the instruction before it,
        which computes its last argument.

        Args:
            offset: of the instruction, in bytes from the start of the binary.
            first: the offset at which its function begins, because what the map says of earlier ones is about other
                functions; None where that is not known.
        """
        nearest = index = bisect_right(self._offsets, offset) - 1
        while index >= 0 and (index == nearest if first is None else self._offsets[index] >= first):
            if self._sources[index] != _NOWHERE:
                column = self._columns[index] if index == nearest else None
                return Place(self._sources[index], self._lines[index] + 1, column)
            index -= 1
        return None

    def lines(self, source: int) -> list[str] | None:
        """The lines of a source, each with its end, fit for printing; None where the map has no text of it."""
        text = self._contents[source] if source < len(self._contents) else None
        if text is None:
            return None
        # asc counts lines by line feeds alone; str.splitlines would count form feeds and other characters.
        return [f"{printable(line[:_WIDEST].rstrip())}\n" for line in text.split("\n")]


def _read_segment(segment: str) -> tuple[int, ...]:
    """The numbers of a segment.

    Raises:
        ValueError: it has none of the lengths that segments have, or what is no digit.
    """
    numbers: list[int] = []
    value = shift = 0
    for char in segment:
        digit = _DIGITS.get(char)
        if digit is None or shift >= _DIGIT_BITS * _MOST_DIGITS:
            raise ValueError("no base 64 VLQ")
        value |= (digit % _CONTINUES) << shift
        shift += _DIGIT_BITS
        if digit < _CONTINUES:
            numbers.append(-(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    if shift or len(numbers) not in {1, 4, 5}:
        raise ValueError("no segment of 1, 4 or 5 numbers")
    return tuple(numbers)


def read_source_map(data: bytes) -> SourceMap | None:
    """A source map, None for what is no map or none of a WebAssembly binary.

    Args:
        data: the file.
    """
    if len(data) > MOST_BYTES:
        return None
    try:
        found: Any = json.loads(data)
        if not isinstance(found, dict) or found.get("version") != _REVISION:
            return None
        names, contents, mappings = found.get("sources"), found.get("sourcesContent"), found.get("mappings")
        if not (isinstance(names, list) and isinstance(mappings, str) and isinstance(contents, (list, type(None)))):
            return None
        return SourceMap(
            [printable(name[:_LONGEST_NAME]) if isinstance(name, str) else "" for name in names],
            [text if isinstance(text, str) else None for text in contents or ()],
            mappings,
        )
    except (ValueError, RecursionError, MemoryError):  # JSONDecodeError and UnicodeDecodeError are ValueErrors
        return None


def printable(text: str) -> str:
    """Text of the same length that does nothing to a terminal and that every encoding of Unicode can write.

    Control characters, surrogates, separators of lines, and marks that turn the direction of what follows, become
    U+FFFD.
    """
    if text.isprintable():
        return text
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if char != "\t" and unicodedata.category(char) in _UNPRINTABLE else char
        for char in text
    )
