"""Integer literals in calls and assignments, compared with what the parameter or field is declared to be."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import AssignmentStmt, CallExpr, MemberExpr, TupleExpr
from mypy.types import CallableType, Instance, get_proper_type

from wasmbind._mypy.integers import check_range
from wasmbind._mypy.statements import all_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mypy.nodes import ArgKind, Expression, Lvalue, MypyFile, Statement
    from mypy.plugin import AttributeContext, FunctionContext, FunctionSigContext, MethodSigContext
    from mypy.types import FunctionLike, Type

__all__ = ["Assignments", "check_call", "check_construction"]


def check_call(ctx: MethodSigContext | FunctionSigContext) -> FunctionLike:
    """Report the arguments of a call that do not fit, and leave its signature as it is."""
    signature = ctx.default_signature
    if isinstance(signature, CallableType):
        function = '" of "'.join((signature.name or "function").replace('"', "").split(" of "))
        call = ctx.context
        unpacked = _unpacked(call.args, call.arg_kinds) if isinstance(call, CallExpr) else frozenset[int]()
        given = [[each for each in group if id(each) not in unpacked] for group in ctx.args]
        _check_arguments(signature.arg_types, signature.arg_names, given, f'"{function}"', ctx.api)
    return signature


def check_construction(ctx: FunctionContext) -> Type:
    """The same for the call of a class, by whatever expression; its type stays what it is."""
    made = get_proper_type(ctx.default_return_type)
    if not isinstance(made, Instance):
        return ctx.default_return_type
    found = made.type.get_method("__init__")
    signature = found.type if found is not None else None
    if found is None or not isinstance(signature, CallableType) or not found.info:
        return ctx.default_return_type
    base = map_instance_to_supertype(made, found.info)
    declared = [expand_type_by_instance(each, base) for each in signature.arg_types[1:]]
    unpacked = _unpacked(chain.from_iterable(ctx.args), chain.from_iterable(ctx.arg_kinds))
    given = [[each for each in group if id(each) not in unpacked] for group in ctx.args]
    _check_arguments(declared, signature.arg_names[1:], given, f'"{made.type.name}"', ctx.api)
    return ctx.default_return_type


def _unpacked(arguments: Iterable[Expression], kinds: Iterable[ArgKind]) -> frozenset[int]:
    """The arguments behind `*` and `**`, by identity: nothing tells which of their items goes where."""
    return frozenset(id(each) for each, kind in zip(arguments, kinds, strict=True) if kind.is_star())


def _check_arguments(
    declared: Sequence[Type],
    names: Sequence[str | None],
    given: Sequence[Sequence[Expression]],
    function: str,
    api: Any,
) -> None:
    """Check each argument.

    Args:
        declared: the types of the parameters.
        names: their names.
        given: what each of them is given.
        function: what is called, as mypy shows it.
        api: mypy's checker; `Any` because the plugin interface does not tell which module it is in.
    """
    for number, (type_, name, expressions) in enumerate(zip(declared, names, given, strict=False), 1):
        for expression in expressions:
            shown = f'"{name}"' if name and not name.startswith("__") else str(number)
            check_range(expression, type_, api.tree.fullname, f"Argument {shown} to {function}", api)


def _assigned(lvalue: Lvalue | Expression, value: Expression) -> Iterator[tuple[int, Expression]]:
    """The attributes that an assignment sets, by identity, each with its value."""
    if isinstance(lvalue, MemberExpr):
        yield id(lvalue), value
    elif isinstance(lvalue, TupleExpr) and isinstance(value, TupleExpr) and len(lvalue.items) == len(value.items):
        for inner, part in zip(lvalue.items, value.items, strict=True):
            yield from _assigned(inner, part)


class Assignments:
    """What is assigned to which attribute: mypy tells plugins that an attribute is assigned, and not what.

    The attributes of the file that is being checked are found when the first of them is one of ours.
    """

    def __init__(self) -> None:
        self._statements: list[Statement] | None = None
        self._values: dict[int, Expression] = {}

    def check(self, ctx: AttributeContext, name: str) -> Type:
        """Report what does not fit the field that it is assigned to; the field's type stays what it is.

        Args:
            ctx: the attribute.
            name: its name.
        """
        if ctx.is_lvalue:
            api: Any = ctx.api
            value = self._value_of(ctx.context, api.tree)
            owner = get_proper_type(ctx.type)
            if value is not None and isinstance(owner, Instance):
                who = f'Value of "{name}" of "{owner.type.name}"'
                check_range(value, ctx.default_attr_type, api.tree.fullname, who, api)
        return ctx.default_attr_type

    def _value_of(self, lvalue: object, tree: MypyFile) -> Expression | None:
        if self._statements is not tree.defs:
            found = [each for each in all_statements(tree.defs) if isinstance(each, AssignmentStmt)]
            pairs = [_assigned(lvalue, each.rvalue) for each in found for lvalue in each.lvalues]
            self._statements, self._values = tree.defs, dict(chain.from_iterable(pairs))
        return self._values.get(id(lvalue))
