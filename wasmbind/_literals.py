"""Literals of AssemblyScript, such as the defaults of parameters, as values of Python."""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING, Final

from wasmbind import _descriptors as d
from wasmbind._matching import EXTERNREFS
from wasmbind._schema.schema import STRING, ClassType, EnumType, NamedType

if TYPE_CHECKING:
    from wasmbind._schema.schema import Schema

__all__ = ["literal_value"]

#: Up to here every integer is a float.
_EXACT: Final = 2**53
_UNKNOWN: Final = (False, None)
_WORDS: Final[dict[str, object]] = {"null": None, "NaN": math.nan}
_BOOL: Final = re.compile(r"((?:!\s*)*)(true|false)")
#: Python refuses to read integers of very many digits; AssemblyScript's have 64 bits.
_INTEGER: Final = re.compile(r"([-+]?)\s*(?!\S{129})(0x[0-9a-f_]+|0b[01_]+|0o[0-7_]+|0|[1-9][0-9_]*)", re.IGNORECASE)
_FLOAT: Final = re.compile(
    r"([-+]?)\s*((?:(?:0|[1-9][0-9_]*)(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9][0-9_]*)?|Infinity)"
)
_TEXT: Final = re.compile(r"""(["'`])((?:\\[\s\S]|(?!\1)[^\\\r])*)\1""")
_ESCAPE: Final = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))")
#: What single characters behind a backslash stand for; others for themselves. At the end of a line it goes on.
_ESCAPED: Final = {
    "0": "\0",
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    **dict.fromkeys(("\r\n", "\r", "\n", "\u2028", "\u2029"), ""),
}


def literal_value(schema: Schema, type_: int, text: str) -> tuple[bool, object]:
    """Whether a text is a literal that Python has a value for too, and the value.

    Args:
        schema: what the binary says.
        type_: index of the type that the literal is converted to.
        text: as it stands in the source.

    Returns:
        False and None for what has to be computed, or what wraps or overflows as a value of the type.
    """
    known, value = _parse(text)
    if not known:
        return _UNKNOWN
    found = schema.types[type_]
    name = found.name if isinstance(found, NamedType) else ""
    match value:
        case None:
            nullable = name in EXTERNREFS if isinstance(found, NamedType) else getattr(found, "nullable", False)
            return (True, None) if nullable else _UNKNOWN
        case str():
            is_text = isinstance(found, ClassType) and schema.classes[found.index].internal == STRING
            return (True, value) if is_text else _UNKNOWN
        case int() if isinstance(found, EnumType):
            return True, int(value)
        case int() if name == "bool":
            return (True, bool(value)) if value in (0, 1) else _UNKNOWN
        case int() if name in d.INTEGERS:
            return (True, int(value)) if d.INTEGERS[name].low <= value <= d.INTEGERS[name].high else _UNKNOWN
        case int() | float() if name in ("f32", "f64"):
            return _as_float(value, text, name)
        case _:
            return _UNKNOWN


def _as_float(value: float, text: str, name: str) -> tuple[bool, object]:
    """A number as a float, if it is one."""
    if isinstance(value, int) and (abs(value) > _EXACT or (value == 0 and text.startswith("-"))):
        return _UNKNOWN  # an integer has no -0, and a float has
    number = float(value)
    if name == "f32" and math.isfinite(number):
        try:
            struct.pack("<f", number)
        except OverflowError:
            return _UNKNOWN
    return True, number


def _parse(text: str) -> tuple[bool, object]:
    """Whether a text is a literal, and its value as what it looks like."""
    if text in _WORDS:
        return True, _WORDS[text]
    if found := _BOOL.fullmatch(text):
        return True, (found[2] == "true") ^ (found[1].count("!") % 2 == 1)
    if found := _INTEGER.fullmatch(text):
        value = int(found[2].replace("_", ""), 0)
        return (True, -value if found[1] == "-" else value) if value < 2**64 else _UNKNOWN
    if found := _FLOAT.fullmatch(text):
        number = float(found[2].replace("_", ""))
        return True, -number if found[1] == "-" else number
    if found := _TEXT.fullmatch(text):
        return _text(found[2], is_template=found[1] == "`")
    return _UNKNOWN


def _text(body: str, *, is_template: bool) -> tuple[bool, object]:
    """The value of what stands between quotes."""
    if is_template and "${" in _ESCAPE.sub("?", body):
        return _UNKNOWN
    try:
        value = _ESCAPE.sub(_unescaped, body)
        # Two units that make one character are one in Python; half a character is no text that Python could write.
        return True, value.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except (ValueError, OverflowError):
        return _UNKNOWN


def _unescaped(found: re.Match[str]) -> str:
    """What an escape sequence stands for.

    Raises:
        ValueError, OverflowError: it is none.
    """
    digits = found[1] or found[2] or found[3]
    if digits:
        return chr(int(digits, 16))
    if found[4] in ("u", "x"):
        raise ValueError(found[0])
    return _ESCAPED.get(found[4], found[4])
