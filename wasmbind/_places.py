"""Where in the source a declaration stands, for messages."""

from __future__ import annotations

import ast
import functools
import linecache
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import types

__all__ = ["locate", "place_of", "shown_file"]


def shown_file(filename: str) -> str:
    """A file as messages name it: relative to the working directory if it is below that."""
    inside = filename.startswith(os.getcwd() + os.sep)  # noqa: PTH109 - a string is all that is needed
    return os.path.relpath(filename) if inside else filename


def _place(filename: str, line: int) -> str:
    return f"{shown_file(filename)}:{line}"


def place_of(function: types.FunctionType) -> str:
    """`file:line` of a function."""
    return _place(function.__code__.co_filename, function.__code__.co_firstlineno)


@functools.lru_cache(maxsize=2)
def _class_bodies(text: str) -> dict[int, list[ast.stmt]]:
    """The body of each class of a source, by its line; a source may be asked for once for each mismatch in it."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return {}
    return {node.lineno: node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def locate(cls: type[Any], name: str) -> str | None:
    """`file:line` of a field or property in the body of a declared class, else of the class; None if nobody knows."""
    place: tuple[str, int] | None = getattr(cls, "__asc_place__", None)
    if place is None:
        return None
    filename, line = place
    for node in _class_bodies("".join(linecache.getlines(filename))).get(line, ()):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return _place(filename, node.lineno)
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return _place(filename, min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]))
    return _place(filename, line)
