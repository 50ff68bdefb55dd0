"""Class bodies: which functions are declarations, what they take, and their defaults.

mypy calls plugins for a class while its functions are not analysed yet, and once more afterwards, but that only for
decorated classes. So a declared class gets a decorator that does nothing, and whose name brings mypy back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    ARG_POS,
    GDEF,
    AssignmentStmt,
    Decorator,
    EllipsisExpr,
    FuncDef,
    MemberExpr,
    NameExpr,
    OverloadedFuncDef,
    RefExpr,
    TempNode,
    Var,
)
from mypy.semanal import is_trivial_body
from mypy.types import CallableType, Instance

from wasmbind._mypy.acceptance import accept_python_values
from wasmbind._mypy.integers import check_range
from wasmbind._mypy.names import PYTHON, is_declared
from wasmbind._mypy.statements import own_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy.nodes import Block
    from mypy.plugin import ClassDefContext

__all__ = ["MARKER", "call_again", "complete"]

#: The full name of the decorator.
MARKER: Final = "wasmbind.mypy.<declared>"
_NAME: Final = "<declared>"


def call_again(ctx: ClassDefContext) -> None:
    """Have `complete` called for a declared class when its functions are analysed."""
    defn = ctx.cls
    marker = next((each for each in defn.decorators if isinstance(each, MemberExpr) and each.name == _NAME), None)
    if marker is None:
        marker = MemberExpr(EllipsisExpr(), _NAME)
        marker.set_line(defn)
        marker.expr.set_line(defn)
        defn.decorators.insert(0, marker)  # the outermost: it gets what the others make of the class
    anything = ctx.api.named_type("builtins.object")
    identity = CallableType([anything], [ARG_POS], [None], anything, ctx.api.named_type("builtins.function"))
    # As a reference to something that is defined, which is all that mypy wants to know of it.
    marker.fullname, marker.node, marker.kind = MARKER, Var(_NAME, identity), GDEF


def complete(ctx: ClassDefContext) -> None:
    """Let declarations have no body and take Python's equivalents of live collections; check the defaults."""
    info = ctx.cls.info
    if not is_declared(info):
        return
    for function, decorated in _functions(ctx.cls.defs):
        _check_defaults(function, ctx)
        if not _is_declaration(function, decorated):
            continue
        # As if it stood under TYPE_CHECKING, where mypy asks for no body.
        function.is_mypy_only = True
        _widen(function, decorated)
    for statement in own_statements(ctx.cls.defs.body):
        if isinstance(statement, AssignmentStmt) and not isinstance(statement.rvalue, TempNode):
            _check_field(statement, ctx)


def _functions(block: Block) -> Iterator[tuple[FuncDef, Decorator | None]]:
    """The functions of a class body, each with what decorators stand around it."""
    for statement in own_statements(block.body):
        items = statement.items if isinstance(statement, OverloadedFuncDef) else [statement]
        for item in items:
            if isinstance(item, Decorator):
                yield item.func, item
            elif isinstance(item, FuncDef):
                yield item, None


def _is_declaration(function: FuncDef, decorated: Decorator | None) -> bool:
    """Whether the body says nothing, as `wasmbind._stubs` sees it."""
    if function.is_coroutine or function.is_generator or not is_trivial_body(function.body):
        return False
    marks = decorated.original_decorators if decorated is not None else []
    return not any(isinstance(mark, RefExpr) and mark.fullname == PYTHON for mark in marks)


def _widen(function: FuncDef, decorated: Decorator | None) -> None:
    if isinstance(function.type, CallableType):
        function.type = _widened(function.type, function)
    if decorated is not None and isinstance(decorated.var.type, CallableType):
        decorated.var.type = _widened(decorated.var.type, function)


def _widened(signature: CallableType, function: FuncDef) -> CallableType:
    own = 0 if function.is_static else 1
    kept, declared = signature.arg_types[:own], signature.arg_types[own:]
    return signature.copy_modified(arg_types=[*kept, *(accept_python_values(each) for each in declared)])


def _check_defaults(function: FuncDef, ctx: ClassDefContext) -> None:
    if not isinstance(function.type, CallableType):
        return
    for argument, declared in zip(function.arguments, function.type.arg_types, strict=False):
        if argument.initializer is not None:
            who = f'Default of "{argument.variable.name}" of "{function.name}" of "{ctx.cls.name}"'
            check_range(argument.initializer, declared, ctx.cls.info.module_name, who, ctx.api)


def _check_field(statement: AssignmentStmt, ctx: ClassDefContext) -> None:
    for lvalue in statement.lvalues:
        if isinstance(lvalue, NameExpr) and isinstance(lvalue.node, Var) and isinstance(lvalue.node.type, Instance):
            who = f'Default of "{lvalue.name}" of "{ctx.cls.name}"'
            check_range(statement.rvalue, lvalue.node.type, ctx.cls.info.module_name, who, ctx.api)
