"""Where in the source a declaration stands, for messages."""

from __future__ import annotations

import ast
import functools
import linecache
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import enum
    import types
    from collections.abc import Iterator

__all__ = ["locate", "locate_member", "place_of", "shown_file"]


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
def _classes(text: str) -> list[tuple[str, ast.ClassDef]]:
    """The classes of a source by their qualified names; a source may be asked for once for each mismatch in it."""
    try:
        return list(_classes_in(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _classes_in(tree: ast.Module) -> Iterator[tuple[str, ast.ClassDef]]:
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        prefix, node = waiting.pop()
        if isinstance(node, ast.ClassDef):
            yield f"{prefix}{node.name}", node
            prefix += f"{node.name}."
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            prefix += f"{node.name}.<locals>."
        waiting.extend((prefix, child) for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr))


def _class_at(filename: str, line: int) -> list[ast.stmt]:
    """The body of the class in a line of a file, empty if nobody knows."""
    found = _classes("".join(linecache.getlines(filename)))
    return next((node.body for _, node in found if node.lineno == line), [])


def locate(cls: type[Any], name: str) -> str | None:
    """`file:line` of a field or property in the body of a declared class, else of the class; None if nobody knows."""
    place: tuple[str, int] | None = getattr(cls, "__asc_place__", None)
    if place is None:
        return None
    filename, line = place
    for node in _class_at(filename, line):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return _place(filename, node.lineno)
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return _place(filename, min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]))
    return _place(filename, line)


def locate_member(cls: type[enum.Enum], name: str) -> str | None:
    """`file:line` of a member of an enum, else of the enum; None if nobody knows."""
    place: tuple[str, int] | None = getattr(cls, "__asc_place__", None)
    if place is not None:
        filename, line = place
    else:
        filename = getattr(sys.modules.get(cls.__module__), "__file__", None) or ""
        classes = [
            node
            for qualname, node in _classes("".join(linecache.getlines(filename)))
            if qualname == cls.__qualname__ and set(cls.__members__) <= {*_assigned(node.body)}
        ]
        if len(classes) != 1:  # none is in the source, or which of them it is depends on what has run
            return None
        line = classes[0].lineno
    return _place(filename, _assigned(_class_at(filename, line)).get(name, line))


def _assigned(body: list[ast.stmt]) -> dict[str, int]:
    """The lines of the names that the body of an enum assigns to."""
    lines: dict[str, int] = {}
    for node in body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        lines.update((target.id, node.lineno) for target in targets if isinstance(target, ast.Name))
    return lines
