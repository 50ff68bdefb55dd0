"""The few functions that declarations call outside of functions: these are called, and no others."""

from __future__ import annotations

import abc
import enum
import functools
import types
import typing
from typing import TYPE_CHECKING, Any, Final

from wasmbind._scopes import UnresolvedError
from wasmbind._static.paths import PATH_FUNCTIONS, are_paths
from wasmbind._static.values import weight_within
from wasmbind._stubs import export, host, python
from wasmbind.types import Name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["call", "decorate"]

_MOST_ARGUMENTS: Final = 100
_VARIABLES: Final[tuple[Any, ...]] = (typing.TypeVar, typing.ParamSpec, typing.TypeVarTuple)
#: None of these runs what it is given; `lru_cache` and the like keep a function for later.
_CALLED: Final[frozenset[Any]] = frozenset({Name, enum.auto, export, host, functools.lru_cache, typing.NewType})
_DECORATORS: Final[frozenset[Any]] = frozenset(
    {classmethod, functools.cache, functools.cached_property, functools.lru_cache, property, python, staticmethod}
)
#: Decorators that leave a function as it is, but for a note on it.
_NOTES: Final[frozenset[Any]] = frozenset(
    {
        abc.abstractmethod,
        typing.final,
        typing.no_type_check,
        typing.overload,
        typing.runtime_checkable,
        *(getattr(typing, name) for name in ("override",) if hasattr(typing, name)),
    }
)


def call(function: Any, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> object:
    """The result of calling a function.

    Raises:
        UnresolvedError: it is none that may be called.
        Exception: what the function raises.
    """
    if isinstance(function, type) and function in _VARIABLES and arguments:
        # Bounds do not matter, and to be checked they would have to be known.
        return function(str(arguments[0]))
    if not weight_within((*arguments, *keywords.values()), _MOST_ARGUMENTS):
        raise UnresolvedError("it is too long")
    if _is_one_of(function, PATH_FUNCTIONS) and are_paths(arguments):
        return PATH_FUNCTIONS[function](*arguments)
    if function is Name and not all(isinstance(each, str) for each in (*arguments, *keywords.values())):
        raise UnresolvedError("Name() takes a string")
    if _is_one_of(function, _CALLED):
        return function(*arguments, **keywords)
    raise UnresolvedError("it calls a function")


def decorate(decorator: Any, value: object) -> object:
    """What a decorator makes of a function or of what other decorators have made of it.

    Raises:
        UnresolvedError: nobody knows.
        DeclarationError: one of wasmbind's refuses.
    """
    if _is_one_of(decorator, _NOTES):
        return value
    is_ours = isinstance(decorator, types.FunctionType) and decorator.__module__ == export.__module__
    is_accessor = isinstance(getattr(decorator, "__self__", None), property)
    is_cache = isinstance(decorator, types.FunctionType) and decorator.__module__ == functools.__name__
    if is_ours or is_accessor or is_cache or _is_one_of(decorator, _DECORATORS):
        found: object = decorator(value)
        return found
    raise UnresolvedError("a decorator may have made anything of it")


def _is_one_of(value: Any, known: Mapping[Any, Callable[..., Any]] | frozenset[Any]) -> bool:
    # Functions and classes have their addresses as hashes; those of other values may take forever.
    return (isinstance(value, type) or callable(value)) and not typing.get_args(value) and value in known
