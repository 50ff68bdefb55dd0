"""From an annotation to a descriptor: the one place that evaluates annotations."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import types
import typing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ForwardRef

from wasmbind import _descriptors as d
from wasmbind._annotation_texts import (
    DICTS,
    LISTS,
    SETS,
    SUPPORTED,
    advice,
    letters,
    metadata,
    show_annotation,
    shown_letters,
)
from wasmbind._scopes import UnresolvedError
from wasmbind.errors import DeclarationError
from wasmbind.types import Name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wasmbind._scopes import Scope

__all__ = [
    "Resolved",
    "evaluate",
    "is_declared_class",
    "is_live_type",
    "is_template",
    "resolve_annotation",
    "show_annotation",
    "substitute",
]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A descriptor, and the AssemblyScript name if the annotation gave one."""

    type: d.Descriptor
    name: str | None


#: No alias stands for another one more often in a row.
_MOST_ALIASES = 20


def is_declared_class(annotation: object) -> bool:
    """Whether the annotation is an `AscClass` subclass (told apart by what its metaclass leaves on it)."""
    return (
        isinstance(annotation, type) and hasattr(annotation, "__asc_scope__") and hasattr(annotation, "__asc_fields__")
    )


def is_live_type(annotation: object) -> bool:
    """Whether it is a live type: `Array[i32]`, `Float64Array` (told by what their classes have)."""
    return hasattr(typing.get_origin(annotation) or annotation, "__asc_kind__")


def is_template(cls: type[Any]) -> bool:
    """Whether it is a generic class that lacks type arguments, `Box` of `Box[i32]`."""
    return bool(getattr(cls, "__parameters__", ()))


def resolve_annotation(annotation: object, scope: Scope, who: str, where: str | None = None) -> Resolved:
    """Resolve one annotation, evaluating strings and forward references.

    Args:
        annotation: as it stands in `__annotations__`.
        scope: where its names are looked up.
        who: the annotated thing, for errors.
        where: ``file:line`` of the declaration, for errors.

    Raises:
        DeclarationError: a name is undefined, or the type has no AssemblyScript counterpart.
    """
    site = _Site(scope, who, where)
    evaluated = substitute(_unaliased(_evaluate(annotation, site), site), scope.variables)
    name = next((item.name for item in metadata(evaluated) if isinstance(item, Name)), None)
    return Resolved(_translate(evaluated, site), name)


def evaluate(annotation: object, scope: Scope, who: str) -> object:
    """The type that an annotation means, itself unresolved.

    Raises:
        DeclarationError: a name is undefined.
    """
    return _evaluate(annotation, _Site(scope, who, None))


@dataclass(frozen=True, slots=True)
class _Site:
    """Where an annotation stands."""

    scope: Scope
    who: str
    where: str | None
    aliases: tuple[object, ...] = ()

    def wrong(self, problem: str, fix: str) -> DeclarationError:
        return DeclarationError(self.who, problem, fix=fix, where=self.where)

    def undefined(self, annotation: object, error: NameError) -> DeclarationError:
        return self.wrong(
            f"the annotation {annotation!r} uses the name {error.name!r}, which is not defined",
            self.scope.remedy,
        )


def _evaluate(annotation: object, site: _Site) -> object:
    shown = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    holder = type("annotation", (), {"__annotations__": {"value": annotation}})
    try:
        if site.scope.evaluate is not None:
            return site.scope.evaluate(annotation)
        return typing.get_type_hints(holder, site.scope.globals, site.scope.names(), include_extras=True)["value"]
    except NameError as error:
        raise site.undefined(shown, error) from None
    except UnresolvedError:
        raise
    except Exception as error:
        raise site.wrong(f"the annotation {shown!r} cannot be evaluated: {error}", f"use {SUPPORTED}") from error


def substitute(annotation: Any, variables: Mapping[Any, Any]) -> Any:
    """The annotation with type arguments in place of type variables, however deep they stand."""
    if isinstance(annotation, typing.TypeVar):
        return variables.get(annotation, annotation)
    alias: Any = None if isinstance(annotation, type) else annotation
    parameters = getattr(alias, "__parameters__", ())
    return alias[tuple(variables.get(each, each) for each in parameters)] if parameters else annotation


def _is_alias(annotation: object) -> bool:
    """Whether it is an alias of the statement `type X = ...`, perhaps with type arguments."""
    return type(typing.get_origin(annotation) or annotation).__name__ == "TypeAliasType"


def _unaliased(annotation: object, site: _Site) -> object:
    """What an alias stands for, which Python evaluates when it is asked for; other annotations as they are."""
    for _ in range(_MOST_ALIASES):
        if not _is_alias(annotation):
            return annotation
        alias: Any = typing.get_origin(annotation) or annotation
        try:
            value = alias.__value__
        except NameError as error:
            raise site.undefined(alias.__name__, error) from None
        variables = dict(zip(alias.__type_params__, typing.get_args(annotation), strict=False))
        annotation = substitute(_evaluate(value, site), variables)
    raise site.wrong(f"{show_annotation(annotation)} is made of itself", "name a class there")


def _translate(annotation: object, site: _Site) -> d.Descriptor:
    if not _is_alias(annotation):
        return _translate_type(annotation, site)
    if annotation in site.aliases:
        raise site.wrong(f"{show_annotation(annotation)} is made of itself", "name a class there")
    site = dataclasses.replace(site, aliases=(*site.aliases, annotation))
    return _translate_type(_unaliased(annotation, site), site)


def _translate_type(annotation: object, site: _Site) -> d.Descriptor:
    marked = _marked(annotation)
    if marked is not None:
        return marked
    if annotation is None:
        return d.VOID
    if typing.get_origin(annotation) is typing.Annotated:
        found, width = _translate(typing.get_args(annotation)[0], site), _width(annotation)
        if width is not None and isinstance(found, d.Nullable) and isinstance(found.inner, d.OpaqueOf):
            return d.Nullable(d.OpaqueOf(width, found.inner.weak))
        return found
    if annotation is typing.Self and is_declared_class(site.scope.owner):
        annotation = site.scope.owner
    if isinstance(annotation, type):
        return _translate_class(annotation, site)
    if isinstance(annotation, typing.TypeVar):
        raise site.wrong(f"{annotation} stands for no type here", "give the generic class a type, such as Box[i32]")
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if is_declared_class(origin):
        made: Any = origin
        return _translate_generic(made, arguments, site)
    if origin is typing.Union or origin is types.UnionType:
        return _translate_union(arguments, site)
    if origin is collections.abc.Callable and isinstance(arguments[0], list):
        return _translate_callable(arguments, annotation, site)
    if arguments and (origin in (*LISTS, *DICTS, *SETS, tuple) or hasattr(origin, "__asc_kind__")):
        return _translate_collection(annotation, site)
    raise site.wrong(*advice(annotation))


def _marked(annotation: object) -> d.Descriptor | None:
    """What one of our own aliases stands for."""
    items = metadata(annotation)
    opaque = next((item for item in items if isinstance(item, d.OpaqueOf)), None)
    if opaque is not None:
        return d.OpaqueOf(_width(annotation), opaque.weak)
    return next((item for item in items if isinstance(item, (d.Integer, d.Float, d.String, d.Date))), None)


def _width(annotation: object) -> d.Integer | None:
    """The integer type in `Annotated[Opaque[T], u64]`."""
    inner = [found for item in metadata(annotation) for found in metadata(item)]
    return next((found for found in inner if isinstance(found, d.Integer)), None)


def _translate_callable(arguments: tuple[Any, ...], annotation: object, site: _Site) -> d.Descriptor:
    """`Callable[[A, B], R]`."""
    shown = show_annotation(annotation)
    params = [_translate(each, site) for each in arguments[0]]
    if d.VOID in params:
        raise site.wrong(f"{shown} has a parameter that is nothing", "give it an AssemblyScript type, such as i32")
    return d.FunctionOf(tuple(params), _translate(arguments[1], site))


def _translate_collection(annotation: Any, site: _Site) -> d.Descriptor:
    """A collection with type arguments, by value or live."""
    origin: Any = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is tuple:
        return _translate_tuple(arguments, site)
    written = letters(origin)
    if len(arguments) != len(written):
        given, name = show_annotation(annotation), origin.__name__
        raise site.wrong(f"{given} has {len(arguments)} type arguments", f"write {name}{shown_letters(written)}")
    made = tuple(_translate_argument(argument, show_annotation(annotation), site) for argument in arguments)
    kind: str | None = getattr(origin, "__asc_kind__", None)
    if kind is not None:
        found: d.Descriptor = d.Collection(kind, made)
    else:
        found = d.ListOf(*made) if origin in LISTS else d.SetOf(*made) if origin in SETS else d.DictOf(*made)
    if isinstance(found, (d.DictOf, d.SetOf)) or kind in ("Map", "Set"):
        _check_key(made[0], annotation, site)
    return found


def _translate_argument(argument: object, shown: str, site: _Site) -> d.Descriptor:
    found = _translate(argument, site)
    if found == d.VOID:
        problem = f"{shown} has elements that are nothing"
        raise site.wrong(problem, "give it an AssemblyScript type, such as i32")
    return found


def _check_key(key: d.Descriptor, annotation: object, site: _Site) -> None:
    inner = key.inner if isinstance(key, d.Nullable) else key
    if d.is_reference(inner) and not isinstance(inner, (d.String, d.ObjectOf)):
        problem = f"{show_annotation(annotation)} has keys of type {d.describe(key)}, which are compared by address"
        raise site.wrong(problem, "use numbers, strings or objects of a declared class as keys")


def _translate_tuple(arguments: tuple[Any, ...], site: _Site) -> d.Descriptor:
    """`tuple[T, ...]`, or a tuple of so many elements of one type."""
    given = arguments[:-1] if arguments[-1] is ... else arguments
    shown = f"tuple[{', '.join('...' if argument is ... else show_annotation(argument) for argument in arguments)}]"
    elements = {_translate_argument(argument, shown, site): None for argument in given}
    if len(elements) != 1:
        fix = "write tuple[T, T] with one type T, or declare a class with these fields"
        raise site.wrong(f"{shown} has elements of several types, an AssemblyScript array of one", fix)
    return d.TupleOf(next(iter(elements)), None if arguments[-1] is ... else len(arguments))


def _translate_generic(template: Any, arguments: tuple[Any, ...], site: _Site) -> d.Descriptor:
    """`Box[T]` with arguments that Python did not give to the class itself."""
    made = template[arguments]
    if not isinstance(made, type):
        unknown = ", ".join(map(str, made.__parameters__))
        raise site.wrong(f"{unknown} stands for no type here", "give the generic class a type, such as Box[i32]")
    return _translate(made, site)


def _translate_class(cls: type[Any], site: _Site) -> d.Descriptor:
    plain = _PLAIN.get(cls)
    if plain is not None:
        return plain
    if is_declared_class(cls):
        return _translate_declared(cls, site)
    codec = cls.__dict__.get("__asc_codec__")
    if codec is not None:  # the class of a live object itself
        live: d.Descriptor = codec.descriptor
        return live
    kind: str | None = cls.__dict__.get("__asc_kind__")
    if kind is not None and not letters(cls):
        return d.Collection(kind)
    if issubclass(cls, enum.IntEnum) and cls is not enum.IntEnum:
        return _translate_enum(cls, site)
    raise site.wrong(*advice(cls))


def _translate_declared(cls: type[Any], site: _Site) -> d.Descriptor:
    if is_template(cls):
        name = cls.__name__
        raise site.wrong(f"{name} is generic and has no type arguments", f"write {name}[T], such as {name}[i32]")
    given: tuple[Any, ...] = cls.__dict__.get("__asc_arguments__", ())
    if given:
        # Box["Line"] is Box[Line], now that the name can be looked up.
        template: Any = cls.__dict__["__asc_template__"]
        cls = template[tuple(_evaluate(argument, site) for argument in given)]
    return d.ObjectOf(cls)


def _translate_enum(cls: type[enum.IntEnum], site: _Site) -> d.Descriptor:
    for member in cls:
        if not d.INTEGERS["i32"].low <= member.value <= d.INTEGERS["i32"].high:
            problem = f"{cls.__name__}.{member.name} is {member.value}, and an AssemblyScript enum is an i32"
            raise site.wrong(problem, "give it a value that fits")
    return d.Enumeration(cls)


_PLAIN: dict[type, d.Descriptor] = {
    bool: d.BOOL,
    bytes: d.Bytes(),
    datetime: d.Date(),
    float: d.F64,
    str: d.STRING,
    types.NoneType: d.VOID,
}


def _translate_union(arguments: tuple[object, ...], site: _Site) -> d.Descriptor:
    members = [argument for argument in arguments if argument is not types.NoneType]
    if len(members) != 1:
        shown = " | ".join(show_annotation(argument) for argument in arguments)
        raise site.wrong(
            f"{shown} has several types, an AssemblyScript value has one",
            "declare the one type that AssemblyScript declares, or `X | None` for `X | null`",
        )
    inner = _translate(members[0], site)
    if not isinstance(inner, (d.Integer, d.Float, d.Boolean, d.Void, d.Enumeration, d.Nullable, d.Dynamic)):
        return d.Nullable(inner)
    raise site.wrong(
        f"{show_annotation(members[0])} | None cannot be null: only references can, {d.describe(inner)} is a number",
        f"write {show_annotation(members[0])}",
    )
