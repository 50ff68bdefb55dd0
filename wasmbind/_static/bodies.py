"""What the statements of a body bind, in their order: a module's or a class's."""

from __future__ import annotations

import ast
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from wasmbind._scopes import UnresolvedError
from wasmbind._static.expressions import Expressions
from wasmbind._static.values import CHECKING, Deferred, ModuleRef, Unknown
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wasmbind._static.expressions import Modules
    from wasmbind._static.functions import FunctionNode
    from wasmbind._static.names import Names

__all__ = ["Body", "Definitions"]

#: Exceptions that say that a module is not there.
_NOT_THERE: Final = frozenset({"ImportError", "ModuleNotFoundError"})
_MAY_NOT_RUN: Final = "whether and how often it is made cannot be known without running it"
_OPPOSITES: Final[dict[str | None, Literal["checking", "running"] | None]] = {
    "checking": "running",
    "running": "checking",
    None: None,
}


class Definitions(Protocol):
    """What makes the classes and functions that a body defines, and imports for it."""

    def define_class(self, node: ast.ClassDef, body: Body) -> object:
        """The class of a class statement."""
        ...

    def define_function(self, node: FunctionNode, body: Body) -> object:
        """The function of a definition, with its decorators."""
        ...

    def refuse(self, node: ast.AST, error: DeclarationError) -> None:
        """Note that wasmbind refuses something."""
        ...

    def overlook(self, statements: Sequence[ast.stmt], body: Body, reason: str) -> None:
        """Note what statements declare that are not read."""
        ...

    def type_variables(self, node: ast.AST) -> dict[str, object]:
        """The type variables that a statement declares in brackets."""
        ...

    def imported(self, module: str, level: int) -> str:
        """The whole name of a module that an import names, perhaps relative to this one."""
        ...

    def exported(self, module: str) -> Iterable[str] | None:
        """The names that `from module import *` binds, None where nobody knows."""
        ...


class Body:
    """One body, while its statements are read.

    Attributes:
        names: what its names stand for.
        qualname: what the qualified names of what it defines begin with.
        declares: whether it is the body of a declared class.
        annotations: the annotated names of a class body, with their annotations.
        values: the attributes of the class, in order.
    """

    def __init__(
        self,
        names: Names,
        modules: Modules,
        definitions: Definitions,
        qualname: str = "",
        *,
        declares: bool = False,
    ) -> None:
        """Start with nothing read."""
        self.names, self.qualname, self.declares = names, qualname, declares
        self.annotations: dict[str, ast.AnnAssign] = {}
        self.values: dict[str, object] = {}
        self._modules, self._definitions = modules, definitions
        self._for_checkers = False

    def value(self, node: ast.expr) -> Any:
        """The value of an expression in the body, as it stands now."""
        return Expressions(self.names.find, self._modules).value(node)

    def inner(self) -> Body:
        """A body inside of it, which sees its names and binds others."""
        return Body(type(self.names)(self.names), self._modules, self._definitions)

    def read(self, statements: Sequence[ast.stmt]) -> None:
        """Bind what statements bind."""
        for statement in statements:
            self._read(statement)

    def bind(self, name: str, value: object) -> None:
        """Bind a name, and make it an attribute of the class."""
        self.names.bind(name, value, for_checkers=self._for_checkers)
        if not self._for_checkers:
            self.values[name] = value

    def _read(self, node: ast.stmt) -> None:
        match node:
            case ast.ClassDef():
                self.bind(node.name, self._definitions.define_class(node, self))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.bind(node.name, self._definitions.define_function(node, self))
            case ast.Import(names=names):
                for alias in names:
                    whole = alias.name if alias.asname else alias.name.partition(".")[0]
                    self.bind(alias.asname or whole, ModuleRef(whole))
            case ast.ImportFrom():
                self._import_from(node)
            case ast.Assign(targets=targets, value=value):
                found = self._assigned(value)
                for target in targets:
                    self._assign(target, found)
            case ast.AnnAssign(target=ast.Name(id=name)):
                self._annotate(name, node)
            case _ if type(node).__name__ == "TypeAlias":  # since Python 3.12
                self._type_alias(node)
            case _:
                self._read_compound(node)

    def _read_compound(self, node: ast.stmt) -> None:
        match node:
            case ast.If():
                self._branch(node)
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.With() | ast.AsyncWith():
                self._forget([node], but=node.body)
                self.read(node.body)
            case ast.Delete(targets=targets):
                for name in _bound_in(targets):
                    self.names.unbind(name)
                    self.values.pop(name, None)
            case _:
                self._overlook([node])

    # --- imports and assignments --------------------------------------------------------------------------------

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = self._definitions.imported(node.module or "", node.level)
        for alias in node.names:
            if alias.name != "*":
                self.bind(alias.asname or alias.name, self._imported(module, alias.name))
                continue
            names = self._definitions.exported(module)
            if names is None:
                self.names.incomplete = f"what `from {module} import *` gives cannot be known"
            for name in names or ():
                self.bind(name, self._imported(module, name))

    def _imported(self, module: str, name: str) -> Deferred:
        return Deferred(lambda: self._modules.member(module, name))

    def _assigned(self, node: ast.expr) -> object:
        try:
            return self.value(node)
        except DeclarationError as error:
            self._definitions.refuse(node, error)
            return Unknown("wasmbind refuses it")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no value that is known
            return Unknown(str(error))

    def _assign(self, target: ast.expr, value: object) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, value)
        else:
            self._forget([target])

    def _annotate(self, name: str, node: ast.AnnAssign) -> None:
        if not self._for_checkers:
            self.annotations[name] = node
        if node.value is not None:
            self.bind(name, self._assigned(node.value))

    def _type_alias(self, node: Any) -> None:
        names = type(self.names)(self.names)
        for name, variable in self._definitions.type_variables(node).items():
            names.bind(name, variable)
        self.bind(node.name.id, Deferred(lambda: Expressions(names.find, self._modules).value(node.value)))

    # --- statements that may or may not run ---------------------------------------------------------------------

    def _branch(self, node: ast.If) -> None:
        match self._condition(node.test):
            case "checking":
                self._read_both(node.body, node.orelse)
            case "running":
                self._read_both(node.orelse, node.body)
            case None if self.names.is_class:
                self._overlook([node])
            case None:
                before = dict(self.names.own)
                self.read(node.body)
                first = dict(self.names.own)
                self._reset(before)
                self.read(node.orelse)
                self._merge(before, first)
            case holds:
                self.read(node.body if holds else node.orelse)

    def _read_both(self, checked: Sequence[ast.stmt], run: Sequence[ast.stmt]) -> None:
        """Read what type checkers see, where the code that runs may have the same names by other statements."""
        outside = self._for_checkers
        before = set(self.names.own)
        self.read(run)
        running = set(self.names.own)
        self._for_checkers = True
        self.read(checked)
        self._for_checkers = outside
        if not outside:
            self.names.keep_for_run_time(before | running)

    def _reset(self, before: dict[str, object]) -> None:
        self.names.own.clear()
        self.names.own.update(before)

    def _merge(self, before: dict[str, object], first: dict[str, object]) -> None:
        """Keep what either way of a branch binds, where the other does not say otherwise."""
        own = self.names.own
        for name in {*first, *own}:
            one, other, old = first.get(name), own.get(name), before.get(name)
            if one is other:
                continue
            if name not in own or (other is old and name not in before):
                self.bind(name, one)
            elif name in first:
                self.bind(name, Unknown("it depends on a condition that is not known"))

    def _condition(self, node: ast.expr) -> bool | Literal["checking", "running"] | None:
        """Whether a condition holds: for all, for type checkers, or while the code runs; None where nobody knows."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self._condition(node.operand)
            return not inner if isinstance(inner, bool) else _OPPOSITES[inner]
        if isinstance(node, ast.BoolOp):
            parts = [self._condition(value) for value in node.values]
            decides = isinstance(node.op, ast.Or)
            if decides in parts:
                return decides
            return not decides if all(isinstance(part, bool) for part in parts) else None
        found = self._assigned(node)
        if found is CHECKING:
            return "checking"
        return bool(found) if isinstance(found, (bool, int, str)) else None

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        before = dict(self.names.own)
        self.read(node.body)
        for handler in node.handlers:
            if not _handles_imports(handler):
                self._definitions.overlook(handler.body, self, _MAY_NOT_RUN)
                continue
            found = dict(self.names.own)
            self._reset(before)
            self.read(handler.body)
            given = dict(self.names.own)
            self._reset(found)
            for name in _bound_in(handler.body):
                if name in given and not self._is_known(name):
                    self.bind(name, given[name])
        self.read(node.orelse)
        self.read(node.finalbody)

    def _is_known(self, name: str) -> bool:
        try:
            self.names.member(name)
        except (KeyError, NameError, UnresolvedError):
            return False
        return True

    def _overlook(self, nodes: Sequence[ast.stmt]) -> None:
        """Let statements be that may or may not run, or run again and again."""
        self._definitions.overlook(nodes, self, _MAY_NOT_RUN)
        self._forget(nodes)

    def _forget(self, nodes: Sequence[ast.AST], but: Sequence[ast.stmt] = ()) -> None:
        """Let all names that statements bind stand for what nobody knows."""
        kept = set(_bound_in(but))
        for name in _bound_in(nodes):
            if name not in kept:
                self.bind(name, Unknown("it changes while the code runs"))


def _handles_imports(handler: ast.ExceptHandler) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(each is None or getattr(each, "id", "") in _NOT_THERE for each in types)


def _bound_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The names that statements bind, without those inside of functions and classes."""
    waiting = deque(nodes)
    while waiting:
        node = waiting.popleft()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
            waiting.extend(node.body)
        elif not isinstance(node, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
