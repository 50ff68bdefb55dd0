"""Paths as sources write them, relative to their own file or to a package, and the file that `wasm=` names."""

from __future__ import annotations

import os
import os.path
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from wasmbind._scopes import UnresolvedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["PATH_FUNCTIONS", "are_paths", "binary_of", "path_attribute", "path_method"]

_LONGEST = 4096
#: Methods that lead to the same file: here a path stands for what is in it as well.
_SAME = frozenset({"absolute", "as_posix", "expanduser", "open", "read_bytes", "resolve"})
_OTHERS = frozenset({"joinpath", "with_name", "with_stem", "with_suffix"})
_ATTRIBUTES = frozenset({"name", "parent", "stem", "suffix"})


def _joined(*parts: Any) -> Any:
    return Path(*parts) if isinstance(parts[0], PurePath) else os.path.join(*parts)  # noqa: PTH118 - what it stands for


def _dirname(path: Any) -> str:
    return str(Path(path).parent)


def _same(path: Any) -> Any:
    return path


#: What functions of the standard library make of paths; nothing here looks at a disk.
PATH_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    Path: Path,
    PurePath: Path,
    str: str,
    os.fspath: str,
    os.path.abspath: _same,
    os.path.dirname: _dirname,
    os.path.join: _joined,
    os.path.realpath: _same,
}


def are_paths(values: Sequence[object]) -> bool:
    """Whether they are paths, not too long altogether."""
    return all(isinstance(each, (str, PurePath)) for each in values) and sum(map(len, map(str, values))) <= _LONGEST


def path_attribute(path: PurePath, name: str) -> object:
    """An attribute of a path.

    Raises:
        UnresolvedError: it is none of its names.
    """
    if name in _ATTRIBUTES:
        found: object = getattr(path, name)
        return found
    raise UnresolvedError(f"{name} of a path looks at the disk")


def path_method(path: PurePath, name: str, arguments: Sequence[object]) -> object:
    """The result of a method of a path.

    Raises:
        UnresolvedError: it is none that makes another path.
        ValueError: the path has no name to change.
    """
    if name in _SAME:
        return path
    if name in _OTHERS and are_paths([path, *arguments]):
        found: object = getattr(path, name)(*arguments)
        return found
    raise UnresolvedError(f"{name}() of a path looks at the disk")


def binary_of(cls: type[Any]) -> Path | None:
    """The file that `wasm=` of a module class names; None where that is not known without running code.

    Args:
        cls: a class that a `StaticLoader` made.
    """
    source: Any = getattr(cls, "__asc_wasm__", None)
    if not isinstance(source, (str, PurePath)):
        return None
    owner: Any = next(base for base in cls.__mro__ if "__asc_wasm__" in base.__dict__)
    return Path(owner.__asc_place__[0]).parent / source
