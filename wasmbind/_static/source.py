"""One source file, read statement by statement."""

from __future__ import annotations

import ast
import functools
import sys
import typing
import warnings
from typing import TYPE_CHECKING, Any, Final

from wasmbind._source import compile_definitions
from wasmbind._static.bodies import Body
from wasmbind._static.classes import ClassMaker
from wasmbind._static.functions import FunctionMaker, FunctionNode
from wasmbind._static.names import Names
from wasmbind._static.overlooked import looks_declared, members, overlooked
from wasmbind._static.values import LeftOut, Unknown
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    import types
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from wasmbind._static.expressions import Modules

__all__ = ["Source"]

#: From here on Python keeps no annotation as it is written.
_LAZY_SINCE: Final = (3, 14)


class Source:
    """One source file: what stands in it, as far as that is known without running it.

    Attributes:
        name: the name of the module.
        filename: its file, as Python would name it.
        names: what its names stand for.
        is_lazy: whether annotations are evaluated when they are needed, and not where they stand.
        modules: what other modules and classes have.
        module_classes, object_classes: the classes of `AscModule` and of `AscClass` that it defines.
        left_out: what it declares that is not known.
        errors: what wasmbind refuses, and the lines of that.
    """

    def __init__(self, path: Path, name: str, modules: Modules, bodies: dict[type, Names]) -> None:
        """Start with nothing read.

        Args:
            path: the file.
            name: the name of its module.
            modules: what other modules and classes have.
            bodies: the names of the bodies of classes, of all sources.
        """
        self.path, self.name, self.modules, self.bodies = path, name, modules, bodies
        self.filename = str(path)
        self.names = Names()
        self.is_package = path.stem == "__init__"
        self.is_lazy = sys.version_info >= _LAZY_SINCE
        self.module_classes: list[type] = []
        self.object_classes: list[type] = []
        self.left_out: list[LeftOut] = []
        self.errors: list[tuple[int, DeclarationError]] = []
        self._tree = ast.Module([], [])
        self._refused: Exception | None = None
        self._classes = ClassMaker(self)
        self._functions = FunctionMaker(self._codes, name)
        for known, value in (("__file__", self.filename), ("__name__", name), ("__package__", self.package)):
            self.names.bind(known, value)

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    def read(self) -> None:
        """Read the file.

        Raises:
            OSError: it cannot be read.
            SyntaxError: it is not valid Python.
            ValueError: it is no text.
            RecursionError: it is nested too deeply.
            MemoryError: the same.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._tree = ast.parse(self.path.read_bytes(), self.filename)
        self.is_lazy = self.is_lazy or any(map(_postpones_annotations, self._tree.body))
        Body(self.names, self.modules, self).read(self._tree.body)
        # Loaders keep many sources, of which only what they declare is needed from here on.
        self._tree = ast.Module([], [])
        self.__dict__.pop("_compiled", None)
        if self._refused is not None:
            for found in (self.module_classes, self.object_classes, self.left_out, self.errors):
                found.clear()
            raise self._refused

    @functools.cached_property
    def _compiled(self) -> dict[tuple[str, int], types.CodeType]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return compile_definitions(self._tree, self.filename)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                self._refused = error.with_traceback(None)
                return {}

    def _codes(self) -> dict[tuple[str, int], types.CodeType]:
        return self._compiled

    def refuse(self, node: ast.AST, error: DeclarationError) -> None:
        """Note that wasmbind refuses something."""
        self.errors.append((getattr(node, "lineno", 1), error))

    def leave_out(self, node: ast.AST, who: str, reason: str) -> None:
        """Note that something is not known."""
        self.left_out.append(LeftOut(getattr(node, "lineno", 1), who, reason))

    # --- what the statements of bodies ask for ------------------------------------------------------------------

    def define_class(self, node: ast.ClassDef, body: Body) -> object:
        """The class of a class statement; `Unknown` where nobody knows what it is, or wasmbind refuses it."""
        try:
            return self._classes.make(node, body)
        except DeclarationError as error:
            self.refuse(node, error)
            return Unknown(f"{node.name} is refused", declares=True)
        except Exception as error:  # noqa: BLE001 - whatever Python or a type raises, the class is not known
            reason = str(error)
        declares = looks_declared(node, body)
        if declares:
            self.leave_out(node, node.name, reason)
        return Unknown(f"{node.name} is not known: {reason}", declares=declares)

    def overlook(self, statements: Sequence[ast.stmt], body: Body, reason: str, qualname: str = "") -> None:
        """Note what statements declare that are not read.

        Args:
            statements: the statements.
            body: what they stand in.
            reason: why they are not read.
            qualname: what the qualified names of what they define begin with, where that is not the body's.
        """
        for node, who in overlooked(statements, body, qualname or body.qualname):
            self.leave_out(node, who, reason)
        if body.declares and not qualname:
            for member, name in members(statements):
                self.leave_out(member, f"{body.qualname}{name}", reason)

    def define_function(self, node: FunctionNode, body: Body) -> object:
        """The function of a definition, with its decorators; `Unknown` outside of declared classes."""
        qualname = f"{body.qualname}{node.name}"
        self.overlook(node.body, body, "it is made when a function runs", f"{qualname}.<locals>.")
        if not body.declares:
            return Unknown(f"{node.name} is a function", is_function=True)
        try:
            return self._functions.make(
                node, qualname, body.value, lambda annotation: self._classes.annotation(annotation, body)
            )
        except DeclarationError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a decorator raises, the function is not known
            self.leave_out(node, qualname, str(error))
            return Unknown(str(error))

    def type_variables(self, node: ast.AST) -> dict[str, object]:
        """The type variables that a statement declares in brackets."""
        kinds: dict[str, Any] = {"ParamSpec": typing.ParamSpec, "TypeVarTuple": typing.TypeVarTuple}
        parameters: Iterable[Any] = getattr(node, "type_params", ())
        return {each.name: kinds.get(type(each).__name__, typing.TypeVar)(each.name) for each in parameters}

    def imported(self, module: str, level: int) -> str:
        """The whole name of a module that an import names, perhaps relative to this one."""
        if not level:
            return module
        above = self.package.split(".")
        kept = above[: len(above) - level + 1]
        return ".".join([*kept, *([module] if module else [])])

    def exported(self, module: str) -> Iterable[str] | None:
        """The names that `from module import *` binds, None where nobody knows."""
        return self.modules.exported(module)


def _postpones_annotations(node: ast.stmt) -> bool:
    if not isinstance(node, ast.ImportFrom) or node.module != "__future__":
        return False
    return any(alias.name == "annotations" for alias in node.names)
