"""Functions as sources define them: with their real code, which tells declarations, and never called."""

from __future__ import annotations

import ast
import types
from typing import TYPE_CHECKING, Any

from wasmbind._scopes import UnresolvedError
from wasmbind._static.calls import decorate
from wasmbind._static.values import is_plain
from wasmbind._stubs import is_stub, python, runs_in_pieces, stubs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FunctionMaker", "FunctionNode", "inert"]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


class _UnknownDefault:
    """The value of a parameter or field that nobody knows."""

    def __repr__(self) -> str:
        return "<not known>"


UNKNOWN_DEFAULT = _UnknownDefault()


@python
def _body(*_: object, **__: object) -> None:
    """Stands for a Python function of the source, whose code no class gets."""


def inert(value: Any) -> Any:
    """The value of a class attribute without code of the source that could be run: Python functions become empty.

    Declarations stay as they are, because their bodies do nothing, and so do host functions, which nothing here calls.
    """
    match value:
        case types.FunctionType():
            return value if _is_harmless(value) else _body
        case staticmethod() | classmethod():
            return value if _is_harmless(value.__func__) else type(value)(_body)
        case property():
            accessors = (inert(each) if each is not None else None for each in (value.fget, value.fset, value.fdel))
            return property(*accessors)
        case _:
            return value if _is_harmless(getattr(value, "__wrapped__", value)) else _body


def _is_harmless(value: Any) -> bool:
    if not isinstance(value, types.FunctionType):
        return isinstance(value, type) or is_plain(value)
    return is_stub(value) or hasattr(value, "__asc_host__") or runs_in_pieces(value)


class FunctionMaker:
    """Makes the functions of one source."""

    def __init__(self, codes: Callable[[], Mapping[tuple[str, int], types.CodeType]], module: str) -> None:
        """Take code from the compiled source.

        Args:
            codes: the code of all functions, by name and first line.
            module: the name of the module.
        """
        self._codes = codes
        self._globals: dict[str, Any] = {"__name__": module, "__builtins__": {}}

    def make(
        self,
        node: FunctionNode,
        qualname: str,
        value: Callable[[ast.expr], Any],
        annotation: Callable[[ast.expr], Any],
    ) -> Any:
        """What a definition leaves in the body of a class, decorators included.

        Args:
            node: the definition.
            qualname: its qualified name.
            value: finds the value of a default or a decorator.
            annotation: what is kept of an annotation.

        Raises:
            UnresolvedError: nobody knows what a decorator or a default makes of it.
            DeclarationError: a decorator of wasmbind's refuses it.
        """
        function = self._plain(node, value)
        function.__qualname__ = qualname
        function.__annotations__ = {name: annotation(each) for name, each in _annotations(node)}
        made: Any = function
        for decorator in reversed(node.decorator_list):
            made = decorate(value(decorator), made)
        if _has_unknown_default(function) and _declarations(made):
            raise UnresolvedError("a default of it cannot be known without running it")
        return made

    def _plain(self, node: FunctionNode, value: Callable[[ast.expr], Any]) -> types.FunctionType:
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        code = self._codes().get((node.name, first))
        if code is None:
            raise UnresolvedError("the compiler leaves it out")
        cells = tuple(types.CellType() for _ in code.co_freevars)
        defaults = tuple(_default(default, value) for default in node.args.defaults)
        function = types.FunctionType(code, self._globals, node.name, defaults, cells)
        pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        named = {argument.arg: _default(default, value) for argument, default in pairs if default is not None}
        function.__kwdefaults__ = named
        return function


def _default(node: ast.expr, value: Callable[[ast.expr], Any]) -> Any:
    try:
        found = value(node)
    except Exception:  # noqa: BLE001 - whatever it is: it matters only where it declares something
        return UNKNOWN_DEFAULT
    return found if is_plain(found) else UNKNOWN_DEFAULT


def _has_unknown_default(function: types.FunctionType) -> bool:
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return any(default is UNKNOWN_DEFAULT for default in defaults)


def _declarations(value: Any) -> list[types.FunctionType]:
    """The functions in a class attribute that declare something."""
    return [value] if hasattr(value, "__asc_host__") else stubs_of(value)


def _annotations(node: FunctionNode) -> list[tuple[str, ast.expr]]:
    """The annotations of a function, in Python's order."""
    given = node.args
    parameters = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    found = [(each.arg, each.annotation) for each in parameters if each is not None and each.annotation is not None]
    return [*found, ("return", node.returns)] if node.returns is not None else found
