"""Reads what a Python class declares: its fields and functions, with resolved types.

Nothing here knows of a binary. Annotations are resolved once per class, when it is first bound.
"""

from __future__ import annotations

import inspect
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from wasmbind import _descriptors as d
from wasmbind._annotations import Resolved, evaluate, resolve_annotation
from wasmbind._names import camel_case
from wasmbind._places import locate, place_of
from wasmbind._stubs import (
    function_annotations,
    has_no_body,
    is_field,
    is_stub,
    own_annotations,
    returns_nothing,
    runs_in_pieces,
)
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmbind._scopes import Scope

__all__ = [
    "COMPARISONS",
    "OMITTED",
    "ClassDeclaration",
    "Field",
    "Function",
    "Host",
    "Kind",
    "Parameter",
    "read_declaration",
    "read_host",
]

Kind: TypeAlias = Literal["function", "method", "static", "constructor", "getter", "setter", "host"]


class _Omitted:
    def __repr__(self) -> str:
        return "..."


#: The value of an optional parameter that the caller left out.
OMITTED: Final = _Omitted()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a declared function.

    Attributes:
        optional: AssemblyScript has a default for it, declared as ``= ...``.
        default: a Python default that is passed like any argument, else `OMITTED`.
    """

    name: str
    type: d.Descriptor
    optional: bool = False
    default: object = OMITTED


@dataclass(frozen=True, slots=True)
class Function:
    """A declared function, method, constructor or accessor; for `guarded` see `CallShape`."""

    owner: type[Any]
    name: str
    export: str
    kind: Kind
    parameters: tuple[Parameter, ...]
    result: d.Descriptor
    where: str
    guarded: bool = False

    @property
    def who(self) -> str:
        """`File.addLine`, for messages."""
        return f"{self.owner.__name__}.{self.name}"

    @property
    def takes_this(self) -> bool:
        """Whether the WebAssembly function has `this` as its first parameter."""
        return self.kind in ("method", "constructor", "getter", "setter") and not self.is_global

    @property
    def is_global(self) -> bool:
        """Whether it stands for a global of the module."""
        return self.kind in ("getter", "setter") and not hasattr(self.owner, "__asc_fields__")


@dataclass(frozen=True, slots=True)
class Field:
    """A declared field of a class, or a global of a module, which a property may declare."""

    owner: type[Any]
    name: str
    export: str
    type: d.Descriptor
    default: object = OMITTED
    is_property: bool = False

    @property
    def who(self) -> str:
        """`File.size`, for messages."""
        return f"{self.owner.__name__}.{self.name}"


@dataclass(frozen=True, slots=True)
class Host:
    """A Python function that the module imports.

    Attributes:
        function: its types; `name` is the Python name.
        module, name: the import.
        is_method: it gets the module's object as `self`.
        has_body: it does something, and does not only declare the types.
    """

    function: Function
    module: str
    name: str
    is_method: bool = True
    has_body: bool = True


@dataclass(frozen=True, slots=True)
class ClassDeclaration:
    """What one Python class declares by itself, without its bases."""

    cls: type[Any]
    export: str
    fields: tuple[Field, ...]
    functions: tuple[Function, ...]
    hosts: tuple[Host, ...] = ()

    def types(self) -> Iterator[d.Descriptor]:
        """Every type that a member mentions."""
        for field in self.fields:
            yield field.type
        for function in (*self.functions, *(host.function for host in self.hosts)):
            yield function.result
            for parameter in function.parameters:
                yield parameter.type


#: The methods that answer for objects of any class.
COMPARISONS = frozenset({"__eq__", "__ne__"})


def read_declaration(cls: type[Any]) -> ClassDeclaration:
    """Resolve everything that `cls` itself declares.

    Raises:
        DeclarationError: an annotation is missing or has no AssemblyScript counterpart.
    """
    scope: Scope = cls.__dict__["__asc_scope__"]
    written: type[Any] = cls.__dict__.get("__asc_template__", cls)
    arguments: tuple[Any, ...] = cls.__dict__.get("__asc_arguments__", ())
    if any(isinstance(argument, str) for argument in arguments):
        # `class Num(Comparable["Num"])`: a base cannot name the class any other way.
        cls.__asc_arguments__ = tuple(evaluate(argument, scope, cls.__name__) for argument in arguments)
        scope.variables = dict(zip(scope.variables, cls.__asc_arguments__, strict=True))
    rename: str | None = getattr(cls, "__asc_rename__", None)

    def as_name(name: str) -> str:
        return camel_case(name) if rename == "camel" else name

    fields: list[Field] = []
    if not hasattr(cls, "__asc_fields__"):
        _check_reserved(cls)
    for name, annotation in own_annotations(written).items():
        if not is_field(name, annotation):
            continue
        who = f"{cls.__name__}.{name}"
        resolved = _resolve_field(cls, annotation, scope, who, name)
        if resolved.type == d.VOID:
            raise DeclarationError(who, "a field cannot be None", fix="give it a type", where=locate(cls, name))
        default = cls.__asc_defaults__.get(name, OMITTED)
        if default is not OMITTED and not hasattr(cls, "__asc_record__"):
            fix = "remove it: AssemblyScript initialises it; derive from AscRecord for defaults of a constructor"
            raise DeclarationError(who, "has a value, which nothing would use", fix=fix, where=locate(cls, name))
        fields.append(Field(cls, name, resolved.name or as_name(name), resolved.type, default))
    functions = [
        _read_function(cls, function, name, as_name(name), kind, scope)
        for name, value in cls.__asc_stubs__.items()
        for function, kind in _kinds(cls, name, value)
    ]
    hosts = [
        read_host(cls, value, scope, f"{cls.__name__}.{name}", value.__asc_host__, is_method=True)
        for name, value in cls.__asc_hosts__.items()
    ]
    return ClassDeclaration(cls, cls.__asc_name__, tuple(fields), tuple(functions), tuple(hosts))


def _resolve_field(cls: type[Any], annotation: object, scope: Scope, who: str, name: str) -> Resolved:
    try:
        return resolve_annotation(annotation, scope, who)
    except DeclarationError as error:
        fix = error.fix
        if not hasattr(cls, "__asc_fields__"):
            fix = f"{fix}; for an attribute of Python's own, assign it in __init__ and do not annotate it in the class"
        raise DeclarationError(who, error.problem, fix=fix, where=error.where or locate(cls, name)) from None


#: What AscModule itself is made of.
_RESERVED = frozenset({"active", "close", "default", "runtime"})


def _check_reserved(cls: type[Any]) -> None:
    """Refuse declarations under the names of AscModule's own members."""
    for name in _RESERVED.intersection([*cls.__asc_stubs__, *own_annotations(cls)]):
        fix = f'give it another Python name: @export("{name}") on a function, Annotated[T, Name("{name}")] on a global'
        raise DeclarationError(f"{cls.__name__}.{name}", f"{name!r} is a member of AscModule itself", fix=fix)


def _kinds(cls: type[Any], name: str, value: Any) -> Iterator[tuple[types.FunctionType, Kind]]:
    in_class = hasattr(cls, "__asc_fields__")
    match value:
        case property():
            for function, kind in ((value.fget, "getter"), (value.fset, "setter")):
                if isinstance(function, types.FunctionType) and is_stub(function):
                    yield function, kind  # type: ignore[misc]  # the literals above are Kinds
        case staticmethod(__func__=types.FunctionType() as function):
            if not in_class:
                fix = "declare it without @staticmethod, with `self` as the first parameter"
                problem = "a function of a module needs an instance of it"
                raise DeclarationError(f"{cls.__name__}.{name}", problem, fix=fix, where=place_of(function))
            yield function, "static"
        case classmethod(__func__=types.FunctionType() as function):
            raise DeclarationError(
                f"{cls.__name__}.{name}",
                "AssemblyScript has no class methods",
                fix="declare an AssemblyScript static with @staticmethod",
                where=place_of(function),
            )
        case types.FunctionType():
            yield value, ("constructor" if name == "__init__" else "method") if in_class else "function"
        case _:
            pass


def _read_function(
    cls: type[Any], function: types.FunctionType, name: str, default_export: str, kind: Kind, scope: Scope
) -> Function:
    who, where = f"{cls.__name__}.{name}", place_of(function)
    own_export: str = getattr(function, "__asc_export__", default_export)
    is_static = kind == "static" or isinstance(cls.__asc_stubs__[name], staticmethod)
    parameters = _read_parameters(cls, function, scope, who, takes_self=not is_static)
    if kind in ("constructor", "setter"):
        result: d.Descriptor = d.VOID
    else:
        result = _read_result(function, scope, who)
    return Function(cls, name, own_export, kind, tuple(parameters), result, where)


def read_host(
    cls: type[Any], function: types.FunctionType, scope: Scope, who: str, key: tuple[str, str], *, is_method: bool
) -> Host:
    """Resolve the types of a Python function that a module imports.

    Args:
        cls: the module's class.
        function: the function.
        scope: where the names in its annotations are looked up.
        who: what it is called in errors.
        key: module and name of the import.
        is_method: whether its first parameter is the module's object.

    Raises:
        DeclarationError: an annotation is missing or has no AssemblyScript counterpart.
    """
    if runs_in_pieces(function):
        problem, fix = "is asynchronous or a generator, and AssemblyScript cannot wait", "return the result"
        raise DeclarationError(who, problem, fix=fix, where=place_of(function))
    parameters = _read_parameters(cls, function, scope, who, takes_self=is_method)
    result = _read_result(function, scope, who)
    read = Function(cls, function.__name__, key[1], "host", tuple(parameters), result, place_of(function))
    has_body = not has_no_body(function) or hasattr(function, "__asc_python__") or returns_nothing(function)
    return Host(read, *key, is_method, has_body)


def _read_result(function: types.FunctionType, scope: Scope, who: str) -> d.Descriptor:
    hints, where = function_annotations(function), place_of(function)
    if "return" not in hints:
        raise DeclarationError(who, "has no return annotation", fix="annotate it, `-> None` for void", where=where)
    return resolve_annotation(hints["return"], scope, f"{who} -> result", where).type


def _read_parameters(
    cls: type[Any], function: types.FunctionType, scope: Scope, who: str, *, takes_self: bool
) -> list[Parameter]:
    where, name = place_of(function), function.__name__
    hints = function_annotations(function)
    signature = list(inspect.signature(function).parameters.values())
    if takes_self:
        if not signature or signature[0].name in hints:
            raise DeclarationError(who, "has no self", fix="write `self` as the first parameter", where=where)
        signature = signature[1:]
    parameters = []
    for parameter in signature:
        path = f"{who}({parameter.name})"
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.KEYWORD_ONLY):
            raise DeclarationError(
                path,
                f"{_STARS.get(parameter.kind, '')}{parameter.name} is not a positional parameter",
                fix="declare each AssemblyScript parameter by name, in order",
                where=where,
            )
        if parameter.name not in hints:
            raise DeclarationError(path, "has no annotation", fix="annotate it, such as `: i32`", where=where)
        hint = hints[parameter.name]
        # Python wants `other: object` there, and AssemblyScript's operator takes an object of the class.
        compares = name in COMPARISONS and hint in (object, "object")
        type_ = d.ObjectOf(cls) if compares else resolve_annotation(hint, scope, path, where).type
        if type_ == d.VOID:
            raise DeclarationError(path, "a parameter cannot be None", fix="give it a type", where=where)
        optional = parameter.default is ...
        missing = optional or parameter.default is parameter.empty
        default = OMITTED if missing else parameter.default
        parameters.append(Parameter(parameter.name, type_, optional, default))
    _check_order(who, where, parameters)
    return parameters


_STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def _check_order(who: str, where: str, parameters: list[Parameter]) -> None:
    seen: Parameter | None = None
    for parameter in parameters:
        if parameter.optional:
            seen = parameter
        elif seen is not None and parameter.default is not OMITTED:
            raise DeclarationError(
                f"{who}({parameter.name})",
                f"has a Python default after {seen.name}, whose default is AssemblyScript's",
                fix="use `= ...` for every parameter that AssemblyScript has a default for",
                where=where,
            )
