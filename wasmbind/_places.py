"""Where in the source a declaration stands, for messages."""

from __future__ import annotations

import ast
import linecache
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import types

__all__ = ["locate", "place_of"]


def _place(filename: str, line: int) -> str:
    inside = filename.startswith(os.getcwd() + os.sep)  # noqa: PTH109 - a string is all that is needed
    return f"{os.path.relpath(filename) if inside else filename}:{line}"


def place_of(function: types.FunctionType) -> str:
    """`file:line` of a function."""
    return _place(function.__code__.co_filename, function.__code__.co_firstlineno)


def locate(cls: type[Any], name: str) -> str | None:
    """`file:line` of a field or property in the body of a declared class, else of the class; None if nobody knows."""
    place: tuple[str, int] | None = getattr(cls, "__asc_place__", None)
    if place is None:
        return None
    filename, line = place
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except SyntaxError:
        return _place(filename, line)
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    body = next((node.body for node in classes if node.lineno == line), [])
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return _place(filename, node.lineno)
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return _place(filename, min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]))
    return _place(filename, line)
