"""What sources may import without anything of a file being read: wasmbind, and parts of the standard library."""

from __future__ import annotations

import abc
import builtins
import collections.abc
import datetime as dt
import enum
import functools
import importlib
import importlib.resources
import os
import os.path
import pathlib
import sys
import types
import typing
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _declarative, _limits, _modules, _stubs, errors
from wasmbind import types as asc_types
from wasmbind._scopes import UnresolvedError
from wasmbind._static.live_types import LIVE_TYPES
from wasmbind._static.values import CHECKING, ModuleRef, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["builtin", "is_library", "library_member", "library_names"]


def _public(module: Any) -> dict[str, Any]:
    return {name: getattr(module, name) for name in module.__all__ if hasattr(module, name)}


_TYPING: Final = {**_public(typing), "TYPE_CHECKING": CHECKING}
#: By module, what its names stand for. Nothing here runs code of a user when it is called or given type arguments.
_LIBRARIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "abc": {name: getattr(abc, name) for name in ("ABC", "ABCMeta", "abstractmethod")},
    "collections": {"abc": ModuleRef("collections.abc")},
    "collections.abc": _public(collections.abc),
    "datetime": {"datetime": dt.datetime},
    "enum": {name: getattr(enum, name) for name in enum.__all__},
    "functools": {
        "cache": functools.cache,
        "cached_property": functools.cached_property,
        "lru_cache": functools.lru_cache,
    },
    "importlib": {"resources": ModuleRef("importlib.resources")},
    "importlib.resources": {"files": importlib.resources.files},
    "os": {"path": ModuleRef("os.path"), "fspath": os.fspath},
    "os.path": {name: getattr(os.path, name) for name in ("abspath", "dirname", "join", "realpath")},
    "pathlib": {name: getattr(pathlib, name) for name in ("Path", "PurePath", "PosixPath", "WindowsPath")},
    "sys": {"platform": sys.platform, "version_info": tuple(sys.version_info)},
    "types": {name: getattr(types, name) for name in ("GenericAlias", "NoneType", "UnionType")},
    "typing": _TYPING,
    "typing_extensions": _TYPING,
    "wasmbind": {
        **LIVE_TYPES,
        **_public(asc_types),
        **_public(errors),
        "AscClass": _declarative.AscClass,
        "AscModule": _modules.AscModule,
        "AscRecord": _declarative.AscRecord,
        "Limits": _limits.Limits,
        "errors": ModuleRef("wasmbind.errors"),
        "export": _stubs.export,
        "host": _stubs.host,
        "python": _stubs.python,
        "types": ModuleRef("wasmbind.types"),
    },
    "wasmbind.errors": _public(errors),
    "wasmbind.types": _public(asc_types),
}
_BUILTINS: Final = {
    name: value
    for name, value in vars(builtins).items()
    if isinstance(value, type) or value in (None, True, False, ..., NotImplemented)
}


def builtin(name: str) -> object:
    """What a built-in name stands for; `Unknown` for one that is no type.

    Raises:
        KeyError: there is no such name.
    """
    found: object = _BUILTINS.get(name)
    if name in _BUILTINS:
        return found
    vars(builtins)[name]
    return Unknown(f"the built-in {name} is no type")


def is_library(module: str) -> bool:
    """Whether a module is known without its source, or never looked for: whatever there is of it is not known."""
    top = module.partition(".")[0]
    return module in _LIBRARIES or top == "wasmbind" or top in sys.stdlib_module_names


def library_member(module: str, name: str) -> object:
    """What a name of a library module stands for.

    Raises:
        UnresolvedError: nobody knows.
    """
    members = _LIBRARIES.get(module, {})
    if name in members:
        found: object = members[name]
        return found
    raise UnresolvedError(f"what {module}.{name} is cannot be known without running it")


def library_names(module: str) -> list[str] | None:
    """The names that `from module import *` binds; None where nobody knows."""
    return list(_LIBRARIES[module]) if module in _LIBRARIES else None
