"""Where in the source a declaration stands, for messages."""

from __future__ import annotations

import ast
import inspect
import os
import textwrap
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
    """`file:line` of an annotated name in a class body, read from its source; None where there is none."""
    cls = cls.__dict__.get("__asc_template__", cls)
    try:
        lines, first = inspect.getsourcelines(cls)
        filename = inspect.getsourcefile(cls)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return _place(filename or "<unknown>", first + node.lineno - 1)
    return _place(filename or "<unknown>", first)
