"""The values of expressions, found in their syntax trees: no expression is evaluated by Python."""

from __future__ import annotations

import ast
import enum
import importlib.resources
import typing
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Final

from wasmbind._scopes import UnresolvedError
from wasmbind._static.arithmetic import binary, compare, unary
from wasmbind._static.calls import call
from wasmbind._static.paths import path_attribute, path_method
from wasmbind._static.values import ModuleRef, weight_within
from wasmbind.types import Opaque, WeakOpaque

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wasmbind._static.names import Names

__all__ = ["Expressions", "Modules"]

#: What no expression of a declaration comes near; one that does was written to take forever.
MOST_STEPS: Final = 5000
DEEPEST: Final = 60
_NO_GENERICS: Final = (ModuleRef, PurePath, property, str, bytes, int, float, tuple, list, dict)
_COMPUTES: Final = "it computes a value"


class Modules(typing.Protocol):
    """What expressions ask about modules and classes of other bodies."""

    def member(self, module: str, name: str) -> object:
        """What a name of a module stands for."""
        ...

    def attribute(self, module: str, name: str) -> object:
        """What an attribute of a module stands for, which may itself be a module."""
        ...

    def exported(self, module: str) -> Iterable[str] | None:
        """The names that `from module import *` binds, None where nobody knows."""
        ...

    def folder(self, package: str) -> Path:
        """The folder of a package."""
        ...

    def names_of(self, cls: type[Any]) -> Names | None:
        """The names of the body of a class, None for one that no source defines."""
        ...


class Expressions:
    """Finds the values of the expressions of one body, or of annotations in it."""

    __slots__ = ("_depth", "_find", "_modules", "_steps")

    def __init__(self, find: Callable[[str], Any], modules: Modules) -> None:
        """Take names from somewhere.

        Args:
            find: what a name stands for; raises NameError and UnresolvedError.
            modules: what other modules and classes have.
        """
        self._find, self._modules = find, modules
        self._steps = self._depth = 0

    def value(self, node: ast.expr) -> Any:
        """The value of an expression.

        Raises:
            UnresolvedError: it cannot be known without running it.
            NameError: a name in it is not defined.
            Exception: whatever types raise for type arguments that they do not take.
        """
        self._steps += 1
        if self._steps > MOST_STEPS or self._depth > DEEPEST:
            raise UnresolvedError("it is too long")
        found = self._holder(node)
        if isinstance(found, ModuleRef):
            raise UnresolvedError(f"what {found.name} is cannot be known without running it")
        return found

    def _holder(self, node: ast.expr) -> Any:
        """The value of an expression, which may be a module."""
        self._depth += 1
        try:
            return self._value(node)
        finally:
            self._depth -= 1

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self._find(name)
            case ast.Attribute(value=holder, attr=name):
                return self._attribute(self._holder(holder), name)
            case ast.Subscript(value=holder, slice=arguments):
                return self._subscript(self.value(holder), arguments)
            case ast.Tuple(elts=items):
                return tuple(map(self.value, items))
            case ast.List(elts=items):
                return list(map(self.value, items))
            case ast.Dict(keys=keys, values=values):
                return {self._key(key): self.value(each) for key, each in zip(keys, values, strict=True)}
            case ast.BinOp(left=left, op=operation, right=right):
                return binary(operation, self.value(left), self.value(right))
            case ast.UnaryOp(op=operation, operand=operand):
                return unary(operation, self.value(operand))
            case ast.Compare(left=left, ops=[operation], comparators=[right]):
                return compare(operation, self.value(left), self.value(right))
            case ast.Call():
                return self._call(node)
            case _:
                raise UnresolvedError(_COMPUTES)

    def _key(self, node: ast.expr | None) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        raise UnresolvedError(_COMPUTES)

    def _attribute(self, holder: Any, name: str) -> object:
        if isinstance(holder, ModuleRef):
            return self._modules.attribute(holder.name, name)
        if isinstance(holder, PurePath):
            return path_attribute(holder, name)
        if isinstance(holder, property) and name in ("deleter", "getter", "setter"):
            found: object = getattr(holder, name)
            return found
        if isinstance(holder, enum.Enum) and name in ("name", "value"):
            return holder.name if name == "name" else holder.value
        for base in holder.__mro__ if isinstance(holder, type) else ():
            names = self._modules.names_of(base)
            if names is not None and issubclass(base, enum.Enum) and name in base.__members__:
                return base.__members__[name]
            if names is not None and name in names.own:
                return names.member(name)
        raise UnresolvedError(f"{name} of it cannot be known")

    def _subscript(self, holder: Any, written: ast.expr) -> object:
        if holder is None or isinstance(holder, _NO_GENERICS):
            raise UnresolvedError(_COMPUTES)
        try:
            arguments = self.value(written)
        except UnresolvedError:
            if holder not in (Opaque, WeakOpaque):
                raise
            arguments = type(ast.unparse(written), (), {})  # AssemblyScript never looks into it, whatever it is
        if not weight_within(arguments):
            raise UnresolvedError("it is too long")
        found: object = holder[arguments]
        return found

    def _call(self, node: ast.Call) -> object:
        keywords: dict[str, Any] = {}
        arguments = [self._holder(argument) for argument in node.args]
        for keyword in node.keywords:
            if keyword.arg is None:
                raise UnresolvedError(_COMPUTES)
            keywords[keyword.arg] = self.value(keyword.value)
        if isinstance(node.func, ast.Attribute):
            holder = self._holder(node.func.value)
            if isinstance(holder, PurePath):
                return path_method(holder, node.func.attr, arguments)
            function = self._attribute(holder, node.func.attr)
        else:
            function = self.value(node.func)
        if function is importlib.resources.files:
            package = arguments[0] if arguments else self._find("__package__")
            return self._modules.folder(package.name if isinstance(package, ModuleRef) else str(package))
        return call(function, arguments, keywords)
