"""Operators and constants: of types, small numbers, short strings and paths, and of nothing that could grow."""

from __future__ import annotations

import ast
import enum
import operator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from wasmbind._scopes import UnresolvedError
from wasmbind._static.values import weight_within

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["binary", "compare", "unary"]

#: Results have no more bits, strings no more characters: constants of declarations are far below.
_MOST_BITS: Final = 128
_MOST_TEXT: Final = 4096

_BINARY: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift,
    ast.Mod: operator.mod,
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
    ast.RShift: operator.rshift,
    ast.Sub: operator.sub,
}
_UNARY: Final[dict[type[ast.unaryop], Callable[[Any], Any]]] = {
    ast.Invert: operator.invert,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_COMPARE: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.NotEq: operator.ne,
}
_PLAIN: Final = (bool, int, float, str, bytes, type(None))
#: Values that `|` does not make a type of; of text it makes Python's own error.
_NO_TYPES: Final = {bool, int, float, bytes, tuple, list, dict}


def _is_small(value: object) -> bool:
    return isinstance(value, int) and value.bit_length() <= _MOST_BITS


def _plain(value: object) -> Any:
    """The number that an enum's member is."""
    return int(value) if isinstance(value, enum.IntEnum) else value


def binary(operation: ast.operator, left: Any, right: Any) -> object:
    """The result of an operator between two values.

    Raises:
        UnresolvedError: it is none that types, small numbers, strings and paths have here.
        TypeError: the types have no such operator.
    """
    if isinstance(operation, ast.Div) and isinstance(left, PurePath) and isinstance(right, (str, PurePath)):
        if len(str(left)) + len(str(right)) <= _MOST_TEXT:
            return left / right
        raise UnresolvedError("it computes a value")
    left, right = _plain(left), _plain(right)
    if _is_small(left) and _is_small(right):
        return _integer(operation, left, right)
    if isinstance(operation, ast.Add) and isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) <= _MOST_TEXT:
            return left + right
    elif (
        isinstance(operation, ast.BitOr) and not {type(left), type(right)} & _NO_TYPES and weight_within((left, right))
    ):
        return left | right
    raise UnresolvedError("it computes a value")


def _integer(operation: ast.operator, left: int, right: int) -> object:
    apply = _BINARY.get(type(operation))
    bits = right * (left.bit_length() if isinstance(operation, ast.Pow) else 1)
    if apply is None or (isinstance(operation, (ast.LShift, ast.Pow)) and not 0 <= bits <= _MOST_BITS):
        raise UnresolvedError("it computes a value")
    try:
        return apply(left, right)
    except ArithmeticError as error:
        raise UnresolvedError(str(error)) from None


def unary(operation: ast.unaryop, value: Any) -> object:
    """The result of an operator on one value.

    Raises:
        UnresolvedError: it is none of a number.
    """
    value = _plain(value)
    if isinstance(operation, ast.Not) and isinstance(value, _PLAIN):
        return not value
    apply = _UNARY.get(type(operation))
    if apply is None or not isinstance(value, (int, float)):
        raise UnresolvedError("it computes a value")
    return apply(value)


def _is_comparable(value: object) -> bool:
    return isinstance(value, _PLAIN) or (isinstance(value, tuple) and all(isinstance(each, _PLAIN) for each in value))


def compare(operation: ast.cmpop, left: Any, right: Any) -> bool:
    """The result of comparing numbers, strings, or `sys.version_info`.

    Raises:
        UnresolvedError: they are something else.
    """
    apply = _COMPARE.get(type(operation))
    if apply is None or not all(_is_comparable(each) for each in (left, right)):
        raise UnresolvedError("it computes a value")
    try:
        return bool(apply(left, right))
    except TypeError as error:
        raise UnresolvedError(str(error)) from None
