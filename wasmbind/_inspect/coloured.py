"""Parts of a description as tables and colours, for terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich import box
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wasmbind._inspect.parts import Part

__all__ = ["tables"]

#: How the columns of a name look.
_STYLES: Final = {
    "AssemblyScript": "cyan",
    "class": "bold",
    "field": "bold",
    "in memory": "green",
    "name": "bold",
    "section": "bold",
    "type": "cyan",
}
#: How the characters of a picture are drawn on a terminal.
_BLOCKS: Final = str.maketrans({"#": "█", ".": "░", "+": "▓"})


def tables(parts: Iterable[Part]) -> Iterator[Table | Text]:
    """One table for each part, and the blank lines between. Texts of the binary are never read as markup."""
    for part in parts:
        table = Table(
            title=Text(part.title),
            title_style="bold",
            title_justify="left",
            box=box.SIMPLE_HEAD if part.header else None,
            show_header=bool(part.header),
            pad_edge=True,
        )
        for place, name in enumerate(part.header or ("", "")):
            style = _STYLES.get(name) if part.header else (None if place else "dim")
            table.add_column(
                name,
                justify="right" if place in part.numbers else "left",
                style=style,
                no_wrap=name in ("in memory", "offset", "bytes", "id"),
                overflow="fold",
            )
        for row in part.rows:
            cells = [
                cell.translate(_BLOCKS) if name == "in memory" else cell
                for name, cell in zip(part.header or ("", ""), row, strict=True)
            ]
            table.add_row(*map(Text, cells), style="dim" if row[-1] == "(padding)" else None)
        yield table
        if not part.header:  # the style of the others ends with one
            yield Text()
