"""Parts of a description as plain text, for pipes and files: the same on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._inspect.parts import Part

__all__ = ["plain_text"]

_GAP = "  "
#: A longer cell moves what is behind it instead of making all rows as long.
_WIDEST = 100


def plain_text(parts: Iterable[Part]) -> str:
    """All parts, a blank line between them."""
    return "\n".join("".join(f"{line}\n" for line in [part.title, *_lines(part)]) for part in parts)


def _lines(part: Part) -> list[str]:
    rows = [*([part.header] if part.header else []), *part.rows]
    widths = [min(max(map(len, column)), _WIDEST) for column in zip(*rows, strict=True)]
    lines: list[str] = []
    for row in rows:
        cells = [
            cell.rjust(width) if place in part.numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"{_GAP}{_GAP.join(cells)}".rstrip())
    return lines
