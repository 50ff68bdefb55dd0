"""Conversions between Python names, AssemblyScript names and identifiers for generated code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import enum

__all__ = ["OPERATORS", "camel_case", "closest", "enum_name", "link_name"]

#: Python's special methods for AssemblyScript's operators (`OperatorKind`, src/program.ts).
OPERATORS = {
    "__add__": "+",
    "__sub__": "-",
    "__mul__": "*",
    "__truediv__": "/",
    "__mod__": "%",
    "__pow__": "**",
    "__and__": "&",
    "__or__": "|",
    "__xor__": "^",
    "__lshift__": "<<",
    "__rshift__": ">>",
    "__eq__": "==",
    "__ne__": "!=",
    "__lt__": "<",
    "__le__": "<=",
    "__gt__": ">",
    "__ge__": ">=",
    "__getitem__": "[]",
    "__setitem__": "[]=",
    "__pos__": "prefix +",
    "__neg__": "prefix -",
    "__invert__": "prefix ~",
}

_HUMP = re.compile(r"_+([^\W_])")


def camel_case(name: str) -> str:
    """`add_line` as `addLine`; leading and trailing underscores stay."""
    head = len(name) - len(name.lstrip("_"))
    tail = len(name.rstrip("_"))
    return (
        name[:head] + _HUMP.sub(lambda match: match[1].upper(), name[head:tail]) + (name[tail:] if tail > head else "")
    )


def enum_name(cls: type[enum.IntEnum]) -> str:
    """The AssemblyScript name of a Python enum, which may say it: `__asc_name__ = "ui.Color"` in its body."""
    name: str = cls.__dict__.get("__asc_name__", cls.__name__)
    return name


def link_name(export: str) -> str:
    """An identifier for an export name, different for different names: `File#addLine` as `link_File_23addLine`.

    Characters that no identifier can hold become `_` and their hexadecimal code; `_` itself is doubled.
    """
    encoded = "".join(
        "__" if char == "_" else char if char.isascii() and char.isalnum() else f"_{ord(char):x}_" for char in export
    )
    return f"link_{encoded}"


def closest(name: str, candidates: list[str]) -> str | None:
    """The candidate most like `name`, ignoring case and underscores first, or None."""
    from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error message

    def plain(text: str) -> str:
        return text.replace("_", "").lower()

    for candidate in candidates:
        if plain(candidate) == plain(name):
            return candidate
    matches = get_close_matches(name, candidates, n=1)
    return matches[0] if matches else None
