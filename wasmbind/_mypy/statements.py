"""The statements of a file or class body, in whatever they are nested.

mypy's own visitors cannot be derived from where mypy is compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mypy.nodes import (
    Block,
    ClassDef,
    Decorator,
    ForStmt,
    FuncDef,
    IfStmt,
    MatchStmt,
    OverloadedFuncDef,
    TryStmt,
    WhileStmt,
    WithStmt,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mypy.nodes import Statement

__all__ = ["all_statements", "own_statements"]


def own_statements(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The statements, and those under their conditions, loops and the like, in place of these."""
    for statement in statements:
        blocks = _branches(statement)
        if not blocks:
            yield statement
        for block in blocks:
            yield from own_statements(block.body)


def all_statements(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The same, with those of all classes and functions in it."""
    for statement in own_statements(statements):
        yield statement
        for block in _bodies(statement):
            yield from all_statements(block.body)


def _branches(statement: Statement) -> list[Block]:
    """The blocks of a statement that run where it stands."""
    found: list[Block | None] = []
    match statement:
        case Block():
            found = [statement]
        case IfStmt():
            found = [*statement.body, statement.else_body]
        case WhileStmt() | ForStmt():
            found = [statement.body, statement.else_body]
        case WithStmt():
            found = [statement.body]
        case TryStmt():
            found = [statement.body, *statement.handlers, statement.else_body, statement.finally_body]
        case MatchStmt():
            found = list(statement.bodies)
        case _:
            pass
    return [block for block in found if block is not None]


def _bodies(statement: Statement) -> list[Block]:
    """The bodies of the classes and functions that a statement defines."""
    match statement:
        case ClassDef():
            return [statement.defs]
        case FuncDef():
            return [statement.body]
        case Decorator():
            return [statement.func.body]
        case OverloadedFuncDef():
            return [body for item in statement.items for body in _bodies(item)]
        case _:
            return []
