"""Python names for AssemblyScript's: identifiers that nothing else in a declaration means, and quoted text."""

from __future__ import annotations

import enum
import keyword
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from wasmbind._names import camel_case

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping, Sequence

__all__ = [
    "RESERVED",
    "MemberNames",
    "class_identifier",
    "identifier",
    "member_identifier",
    "module_name",
    "name_problem",
    "quote",
    "snake_case",
    "wide",
]

#: What generated annotations and decorators are written with: no class or member may hide one of these names.
RESERVED: Final = frozenset(
    {
        "AbstractSet",
        "Annotated",
        "Any",
        "Array",
        "ArrayBuffer",
        "AscClass",
        "AscModule",
        "Callable",
        "DataView",
        "Date",
        "Final",
        "Float32Array",
        "Float64Array",
        "Int16Array",
        "Int32Array",
        "Int64Array",
        "Int8Array",
        "Map",
        "Mapping",
        "Name",
        "Opaque",
        "Self",
        "Sequence",
        "Set",
        "StaticArray",
        "Uint16Array",
        "Uint32Array",
        "Uint64Array",
        "Uint8Array",
        "Uint8ClampedArray",
        "bool",
        "bytes",
        "enum",
        "export",
        "f32",
        "f64",
        "float",
        "host",
        "i16",
        "i32",
        "i64",
        "i8",
        "isize",
        "object",
        "property",
        "self",
        "staticmethod",
        "string",
        "u16",
        "u32",
        "u64",
        "u8",
        "usize",
    }
)
#: What instances and classes of wasmbind have themselves.
_TAKEN: Final = frozenset({"active", "asc_construct", "close", "default", "mro", "runtime"})
#: What members of a Python enum have already.
_OF_ENUMS: Final = frozenset({*dir(enum.IntEnum), "mro", "name", "value"})
_HUMP = re.compile(r"([^\W_A-Z])([A-Z])|([A-Z])([A-Z][^\W\d_A-Z])")
#: Widths of characters, in columns, by their East Asian width class; others take one.
_DOUBLE: Final = "WF"


def wide(text: str) -> int:
    """How many columns a line takes."""
    return len(text) + sum(unicodedata.east_asian_width(char) in _DOUBLE for char in text if not char.isascii())


def quote(text: str) -> str:
    """A string literal as formatters write it: in double quotes, unless that takes more backslashes."""
    shown = ascii(text) if any(not char.isprintable() for char in text) else repr(text)
    if shown.startswith("'") and '"' not in text:
        return f'"{shown[1:-1]}"'
    return shown


def snake_case(name: str) -> str:
    """`addLine` as `add_line`; names in capitals stay."""
    if name.upper() == name:
        return name
    previous = None
    while previous != name:
        previous, name = name, _HUMP.sub(lambda found: f"{found[1] or found[3]}_{found[2] or found[4]}", name)
    return name.lower()


def identifier(name: str) -> str:
    """A public Python identifier that looks like a name, which may hold any character."""
    # Not by `\w`, which is also what only looks like a digit.
    allowed = [char if f"_{char}".isidentifier() else "_" for char in unicodedata.normalize("NFKC", name)]
    plain = "".join(allowed).lstrip("_") or "export"
    if not plain.isidentifier():
        plain = f"export_{plain}"
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def class_identifier(words: str) -> str:
    """The same for a class, whose first letter is a capital."""
    plain = identifier(words)
    return identifier(plain[0].upper() + plain[1:])


def member_identifier(name: str) -> str | None:
    """The Python name of an enum's member, None where it has none; a `_` stands behind what means something else."""
    if not name.isidentifier() or name.startswith("__") or (name.startswith("_") and name.endswith("_")):
        return None
    if unicodedata.normalize("NFKC", name) != name:
        return None
    return f"{name}_" if keyword.iskeyword(name) or name in _OF_ENUMS else name


def module_name(stem: str, taken: Collection[str] = ()) -> str:
    """The name of a module class for the name of its binary: `TextFiles` for `text-files`.

    Args:
        stem: the file's name without its suffix.
        taken: what else is declared beside it.
    """
    words = re.split(r"[\W_]+", stem)
    name = class_identifier("".join(word[:1].upper() + word[1:] for word in words) or "Module")
    while name in taken or name in RESERVED:
        name += "Module"
    return name


def name_problem(name: str) -> str | None:
    """Why the class of a module cannot have a name that somebody wants for it, None if it can."""
    plain = unicodedata.normalize("NFKC", name)  # as Python reads it
    if keyword.iskeyword(plain):
        return "is a keyword of Python"
    if not plain.isidentifier() or plain.startswith("_"):
        return "is no name for a class"
    if plain in RESERVED:
        return "is a name that declarations are written with"
    return None


class MemberNames:
    """Python names of the members of one class.

    Attributes:
        chosen: the Python name of each member, by its key.
    """

    def __init__(self, hidden: Collection[str], rename: str | None, inherited: Mapping[Hashable, str]) -> None:
        """Start with the names that a class inherits.

        Args:
            hidden: names of classes and enums, which no member may hide.
            rename: ``"snake"`` for snake_case names, which `rename="camel"` on the class turns back.
            inherited: those of the base classes.
        """
        self._hidden, self._rename = hidden, rename
        self.chosen: dict[Hashable, str] = dict(inherited)
        self._taken = {*inherited.values()}

    def choose(self, key: Hashable, name: str) -> str:
        """The Python name of a member, the same as in a base class that has it too.

        Args:
            key: what tells the member from others of its class and its bases.
            name: what it would be called.
        """
        if key not in self.chosen:
            plain = identifier(snake_case(name) if self._rename else name)
            while plain in self._taken or plain in RESERVED or plain in _TAKEN or plain in self._hidden:
                plain += "_"
            self.chosen[key] = plain
            self._taken.add(plain)
        return self.chosen[key]

    def says(self, python: str, name: str) -> bool:
        """Whether the Python name alone means the AssemblyScript name."""
        return (camel_case(python) if self._rename else python) == name

    def parameters(self, names: Sequence[str]) -> list[str]:
        """Python names of parameters, different from each other, and none like the AssemblyScript name of another."""
        places = {_plain(name): at for at, name in enumerate(names)}
        found: list[str] = []
        for at, name in enumerate(names):
            plain = identifier(snake_case(name) if self._rename else name)
            if plain == "self" or plain in found:
                plain += "_"
            while plain in found or places.get(_plain(plain), at) != at:
                plain = f"{plain.rstrip('_')}{at}"
            found.append(plain)
        return found


def _plain(name: str) -> str:
    """What names have in common that binding takes for the same."""
    return camel_case(name).strip("_")
