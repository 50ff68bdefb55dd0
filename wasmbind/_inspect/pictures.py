"""Where the fields of a class lie, byte by byte, with the bytes that nothing uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from wasmbind._schema.schema import NamedType, simple_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmbind._schema.schema import Schema, SchemaClass

__all__ = ["Row", "bytes_of_row", "is_library", "picture"]

#: The bytes of a type by its name; everything else is a pointer, a number of 4 bytes or an enum.
_SIZES: Final = {"i8": 1, "u8": 1, "bool": 1, "i16": 2, "u16": 2, "i64": 8, "u64": 8, "f64": 8, "v128": 16}
_LIBRARY: Final = "~lib/"

Kind = Literal["field", "padding", "library"]


@dataclass(frozen=True, slots=True)
class Row:
    """Some bytes of an object.

    Attributes:
        kind: whether they are a field, padding, or what a class of the standard library keeps to itself.
        type: AssemblyScript's spelling of a field's type.
        name: the field, or the class of the library.
        owner: the base class that a field is inherited from, None for the class's own.
        overlaps: whether a field begins before the one in front of it has ended.
    """

    offset: int
    size: int
    kind: Kind
    type: str = ""
    name: str = ""
    owner: str | None = None
    access: str = "public"
    readonly: bool = False
    overlaps: bool = False


def is_library(cls: SchemaClass) -> bool:
    """Whether a class is one of the standard library."""
    return cls.internal.startswith(_LIBRARY)


def picture(schema: Schema, cls: SchemaClass) -> list[Row]:
    """All bytes of an object of a class, from the first on."""
    rows: list[Row] = []
    end = 0
    for part in reversed(list(schema.bases(cls.index))):
        for field in sorted(part.fields.values(), key=lambda field: field.offset):
            rows += _gap(part, end, field.offset)
            entry = schema.types[field.type]
            size = _SIZES.get(entry.name, 4) if isinstance(entry, NamedType) else 4
            rows.append(
                Row(
                    field.offset,
                    size,
                    "field",
                    schema.show(field.type),
                    field.name,
                    None if part is cls else schema.show_class(part.index),
                    field.access,
                    field.readonly,
                    overlaps=field.offset < end,
                )
            )
            end = max(end, field.offset + size)
        rows += _gap(part, end, part.size)
        end = max(end, part.size)
    return rows


def _gap(part: SchemaClass, start: int, end: int) -> Iterator[Row]:
    """Yield the bytes between two places, if there are any."""
    if start < end:
        if is_library(part):
            yield Row(start, end - start, "library", name=simple_name(part.internal))
        else:
            yield Row(start, end - start, "padding")


def bytes_of_row(row: Row, width: int) -> str:
    """The bytes in a line of memory, one character each: `#` is used, `.` is padding, `+` stands for more lines."""
    place = row.offset % width
    shown = min(row.size, width - place)
    mark = "." if row.kind == "padding" else "#"
    text = f"{' ' * place}{mark * shown}"
    return text if shown == row.size else f"{text[:-1]}+"
