"""Classes as sources define them, made by wasmbind's own metaclasses."""

from __future__ import annotations

import ast
import enum
import types
import typing
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from wasmbind._annotations import is_declared_class
from wasmbind._modules import AscModule
from wasmbind._scopes import Scope, UnresolvedError
from wasmbind._static.annotations import AnnotationScope, annotation_text
from wasmbind._static.bodies import Body
from wasmbind._static.functions import UNKNOWN_DEFAULT, inert
from wasmbind._static.names import Names
from wasmbind._static.overlooked import is_declared
from wasmbind._static.values import Unknown, is_plain
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from wasmbind._static.source import Source

__all__ = ["ClassMaker"]

#: Python calls these by itself when a class is made or used; no class gets them from a source.
_HOOKS: Final = frozenset({"__class_getitem__", "__init_subclass__", "__new__", "__set_name__", "__slots__"})
#: What decides about the values of an enum's members.
_ENUM_HOOKS: Final = frozenset({"__init__", "__new__", "_generate_next_value_", "_missing_"})
_OPTIONS: Final = frozenset({"classes", "name", "namespace", "rename", "start", "wasm"})
_NO_BINARY: Final = Unknown("wasm= cannot be known without running code")


class ClassMaker:
    """Makes the classes of one source."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def make(self, node: ast.ClassDef, outer: Body) -> object:
        """The class of a class statement; `Unknown` where it is not known what it derives from.

        Raises:
            DeclarationError: wasmbind refuses it.
            UnresolvedError: nobody knows what it is.
            Exception: Python refuses it, as a base or a member does not fit.
        """
        variables = self._source.type_variables(node)
        around = Names(outer.names) if variables else outer.names
        for name, variable in variables.items():
            around.bind(name, variable)
        head = Body(around, self._source.modules, self._source)
        bases = tuple(head.value(base) for base in node.bases)
        if variables and not any(typing.get_origin(base) is typing.Generic for base in bases):
            bases = (*bases, typing.Generic[tuple(variables.values())])  # type: ignore[index]  # made of any number
        resolved = types.resolve_bases(bases)
        qualname = f"{outer.qualname}{node.name}"
        namespace: dict[str, Any] = {"__module__": self._source.name, "__qualname__": qualname}
        if resolved is not bases:
            namespace["__orig_bases__"] = bases
        declares = any(map(is_declared, resolved))
        names = Names(around, is_class=True)
        body = Body(names, self._source.modules, self._source, f"{qualname}.", declares=declares)
        body.read(node.body)
        if declares:
            cls = self._declared(node, head, body, resolved, namespace)
        elif any(isinstance(base, enum.EnumType) for base in resolved):
            cls = self._enum(node, body, resolved, qualname)
        else:
            metaclass = types.prepare_class(node.name, resolved)[0]
            cls = metaclass(node.name, resolved, namespace)
        self._source.bodies[cls] = body.names
        return cls

    def _declared(
        self, node: ast.ClassDef, head: Body, body: Body, bases: tuple[Any, ...], namespace: dict[str, Any]
    ) -> type[Any]:
        who = node.name
        options, names = self._options(node, head)
        scope = AnnotationScope(body.names, names, self._source.modules)
        for name, value in body.values.items():
            if name in _HOOKS or name.startswith(("__asc_", "_asc_")):
                continue
            if name in body.annotations:
                namespace[name] = value if is_plain(value) else UNKNOWN_DEFAULT
            elif isinstance(value, Unknown):
                continue
            else:
                namespace[name] = inert(value)
        annotations: dict[str, Any] = {}
        for name, written in body.annotations.items():
            try:
                annotations[name] = self.annotation(written.annotation, body)
            except UnresolvedError as error:
                self._source.leave_out(written, f"{who}.{name}", str(error))
        namespace |= {"__annotations__": annotations, "__asc_place__": (self._source.filename, node.lineno)}
        namespace.setdefault("__doc__", ast.get_docstring(node, clean=False))
        metaclass: Any = types.prepare_class(node.name, bases)[0]
        cls: Any = metaclass(node.name, bases, namespace, **options)
        cls.__asc_scope__ = Scope({}, owner=cls, evaluate=scope)
        is_module = issubclass(cls, AscModule)
        (self._source.module_classes if is_module else self._source.object_classes).append(cls)
        found: type[Any] = cls
        return found

    def _options(self, node: ast.ClassDef, head: Body) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The options of a declared class, and the names that `namespace=` gives, None where nobody knows them."""
        options: dict[str, Any] = {}
        for keyword in node.keywords:
            name = keyword.arg
            if name is None:
                raise UnresolvedError("its class options cannot be known without running it")
            if name not in _OPTIONS:
                continue
            try:
                options[name] = self._classes(keyword.value, head) if name == "classes" else head.value(keyword.value)
            except DeclarationError:
                raise
            except Exception as error:
                if name == "namespace":
                    options[name] = None
                elif name == "wasm":
                    options[name] = _NO_BINARY
                else:
                    raise UnresolvedError(f"{name}= cannot be known without running it") from error
        names = options.pop("namespace", {})
        for name in ("name", "rename", "start"):
            if not isinstance(options.get(name), (str, NoneType)):
                raise UnresolvedError(f"{name}= is no string")
        return options, names if isinstance(names, dict) else None

    def _classes(self, node: ast.expr, head: Body) -> list[type]:
        """The classes that `classes=` lists, without those that are not known."""
        if not isinstance(node, (ast.List, ast.Tuple)):
            return [each for each in head.value(node) if is_declared_class(each)]
        found: list[type] = []
        for each in node.elts:
            try:
                found.append(_checked(head.value(each)))
            except DeclarationError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the class is not known
                self._source.leave_out(each, ast.unparse(each), str(error))
        return found

    def _enum(self, node: ast.ClassDef, body: Body, bases: tuple[Any, ...], qualname: str) -> type[Any]:
        metaclass: Any = types.prepare_class(node.name, bases)[0]
        namespace = metaclass.__prepare__(node.name, bases)
        namespace["__module__"], namespace["__qualname__"] = self._source.name, qualname
        for name, value in body.values.items():
            if name in _ENUM_HOOKS:
                raise UnresolvedError(f"{name} decides about its members")
            if name.startswith("_"):
                continue
            if isinstance(value, (int, str, float, enum.auto)):
                namespace[name] = value
            elif isinstance(value, Unknown) and not value.is_function:
                raise UnresolvedError(f"its member {name} cannot be known without running it: {value.reason}")
        cls: Any = metaclass(node.name, bases, namespace)
        asc_name = body.values.get("__asc_name__")
        if isinstance(asc_name, str):
            cls.__asc_name__ = asc_name
        cls.__asc_place__ = (self._source.filename, node.lineno)
        found: type[Any] = cls
        return found

    def annotation(self, node: ast.expr, body: Body) -> object:
        """What Python keeps of an annotation: its value, or text where the source says so.

        Raises:
            UnresolvedError: it is no annotation of a declaration.
        """
        if not self._source.is_lazy:
            try:
                return body.value(node)
            except Exception:  # noqa: BLE001 - what cannot be known now may be known when the class is needed
                return annotation_text(node)
        return annotation_text(node)


def _checked(cls: Any) -> type[Any]:
    """A value, if it is a class that a module can have."""
    if is_declared_class(cls):
        found: type[Any] = cls
        return found
    raise UnresolvedError("it is no class of a module")
