"""Generic classes: `Box[i32]` of `class Box(AscClass, Generic[T])`.

A *template* is a generic class without type arguments. It declares nothing to any binary; each of its
parametrisations is a real subclass, made once, that declares the template's members with its arguments in place
of the type variables, and derives from the parametrised bases of the template.
"""

from __future__ import annotations

import re
import threading
import types
import typing
from typing import TYPE_CHECKING, Any

from wasmbind._annotations import (
    is_declared_class,
    is_template,
    resolve_annotation,
    show_annotation,
    substitute,
)
from wasmbind._stubs import function_annotations, own_annotations, stubs_of
from wasmbind.errors import DeclarationError
from wasmbind.types import f64, string

if TYPE_CHECKING:
    from weakref import WeakValueDictionary

    from wasmbind import _descriptors as d
    from wasmbind._scopes import Scope

__all__ = ["arguments_of", "calling_template", "check_bases", "has_variables", "name_itself", "parametrise", "settle"]

_lock = threading.RLock()
_NAME = re.compile(r"[^\W\d]\w*")
#: Python's own names of types that have an AssemblyScript one.
_SAME: dict[Any, Any] = {str: string, float: f64}
#: A class that mentions itself ever deeper has no end: AssemblyScript compiles of it what is called.
_DEEPEST = 16
_UNIONS = (typing.Union, types.UnionType)


def parametrise(template: Any, arguments: Any) -> Any:
    """The class `template[arguments]`.

    Raises:
        DeclarationError: the class is not generic, or takes another number of arguments.
    """
    given = tuple(map(_normal, arguments if isinstance(arguments, tuple) else (arguments,)))
    variables = getattr(template, "__parameters__", ())
    name = template.__name__
    if not variables:
        fix = f"derive {name} from typing.Generic[T] as well, or write {name}"
        raise DeclarationError(f"{name}[...]", f"{name} is not generic", fix=fix)
    if len(given) != len(variables):
        shown = ", ".join(map(str, variables))
        raise DeclarationError(f"{name}[...]", f"takes {len(variables)} types, {len(given)} given", fix=f"give {shown}")
    made: WeakValueDictionary[Any, Any] = template.__dict__["__asc_parametrised__"]
    key = tuple(map(_key, given))
    with _lock:
        found = made.get(key)
        if found is None:
            found = made[key] = _make(template, given)
    return found


def _key(argument: Any) -> Any:
    """What equal arguments have in common. It keeps no class alive; the class that is made of the arguments does."""
    arguments = typing.get_args(argument)
    if isinstance(argument, type):
        return id(argument)
    if typing.get_origin(argument) in (None, typing.Annotated):
        return argument
    return typing.get_origin(argument), *map(_key, arguments)


def _normal(argument: Any) -> Any:
    """The same type in its one spelling: AssemblyScript's names, and generic classes that are made."""
    origin: Any = typing.get_origin(argument)
    if origin is None or origin is typing.Annotated:
        return _SAME.get(argument, argument)
    arguments = tuple(map(_normal, typing.get_args(argument)))
    if is_declared_class(origin):
        return origin[arguments]
    return typing.Union[arguments] if origin in _UNIONS else origin[arguments]  # noqa: UP007 - made of any number


def _make(template: Any, arguments: tuple[Any, ...]) -> Any:
    variables = dict(zip(template.__parameters__, arguments, strict=True))
    depth = 1 + max(map(_depth, arguments))
    if depth > _DEEPEST:
        fix = "leave out the member that is of a deeper type, or declare it on classes that name their types"
        raise DeclarationError(template.__name__, f"is nested more than {_DEEPEST} times in itself", fix=fix)
    scope: Scope = template.__dict__["__asc_scope__"]
    body = {
        **template.__asc_stubs__,
        "__doc__": template.__doc__,
        "__module__": template.__module__,
        "__qualname__": f"{template.__qualname__}[{', '.join(map(_show, arguments))}]",
        "__asc_depth__": depth,
        "__asc_place__": template.__asc_place__,
        "__asc_template__": template,
    }
    if template.__dict__.get("__hash__", True) is None:
        body["__hash__"] = None
    name = f"{template.__name__}[{', '.join(map(_show, arguments))}]"
    asc_name = f"{template.__asc_name__}<{','.join(map(_asc_name, arguments))}>"
    cls = type(template)(name, (template, *_bases(template, variables)), body, name=asc_name)
    cls.__asc_scope__ = scope.parametrised(cls, variables)
    cls.__asc_defaults__ = template.__asc_defaults__
    cls.__asc_arguments__ = arguments
    return cls


def _depth(argument: Any) -> int:
    """How many classes a type argument is nested in."""
    inner = max(map(_depth, typing.get_args(argument)), default=0)
    return max(inner, getattr(argument, "__asc_depth__", 0))


def _bases(template: Any, variables: dict[Any, Any]) -> list[Any]:
    """The generic bases of a template, with the same arguments."""
    found: list[Any] = []
    for written in template.__dict__.get("__orig_bases__", ()):
        origin: Any = typing.get_origin(written)
        if is_declared_class(origin):
            found.append(origin[tuple(substitute(each, variables) for each in typing.get_args(written))])
    return found


def arguments_of(cls: Any) -> tuple[d.Descriptor, ...]:
    """The type arguments of a parametrisation, resolved.

    Raises:
        DeclarationError: one has no AssemblyScript counterpart.
    """
    scope: Scope = cls.__dict__["__asc_scope__"]
    arguments: tuple[Any, ...] = cls.__dict__.get("__asc_arguments__", ())
    return tuple(resolve_annotation(argument, scope, cls.__name__).type for argument in arguments)


def settle(template: Any) -> None:
    """Let go of the frames that the names in a template's annotations come from, once those names are known."""
    stubs = [stub for value in template.__asc_stubs__.values() for stub in stubs_of(value)]
    annotations = [own_annotations(template), *map(function_annotations, stubs)]
    mentioned = {name for each in annotations for name in _NAME.findall(repr(list(each.values())))}
    template.__dict__["__asc_scope__"].settle(mentioned)


def check_bases(cls: Any) -> None:
    """Refuse a class that derives from a template without giving it types.

    Raises:
        DeclarationError: it does.
    """
    if "__asc_template__" in cls.__dict__:
        return
    written = {typing.get_origin(base) for base in cls.__dict__.get("__orig_bases__", ())}
    for base in cls.__bases__:
        if is_template(base) and is_declared_class(base) and base not in written:
            name = base.__name__
            fix = f"derive it from {name}[T], such as {name}[i32]"
            raise DeclarationError(cls.__name__, f"derives from {name}, which is generic, without a type", fix=fix)


def name_itself(cls: Any) -> None:
    """Let a class stand for its own name in the type arguments of its bases: `class Num(Comparable["Num"])`.

    A base cannot name the class any other way, and it is to be the same class as `Comparable[Num]` from then on.
    """
    for base in cls.__bases__:
        given = base.__dict__.get("__asc_arguments__", ())
        if cls.__name__ not in given:
            continue
        base.__asc_arguments__ = tuple(cls if argument == cls.__name__ else argument for argument in given)
        scope: Scope = base.__dict__["__asc_scope__"]
        scope.variables = dict(zip(scope.variables, base.__asc_arguments__, strict=True))
        made = base.__dict__["__asc_template__"].__dict__["__asc_parametrised__"]
        with _lock:
            made.pop(tuple(map(_key, given)), None)
            made[tuple(map(_key, base.__asc_arguments__))] = base


def has_variables(arguments: Any) -> bool:
    """Whether type variables are among the arguments, as in `Box[T]` inside of another generic class."""
    items = arguments if isinstance(arguments, tuple) else (arguments,)
    return any(isinstance(item, typing.TypeVar) or getattr(item, "__parameters__", ()) for item in items)


def _show(argument: Any) -> str:
    return argument if isinstance(argument, str) else show_annotation(argument)


def _asc_name(argument: Any) -> str:
    """The argument with AssemblyScript's names of classes: what a class is called must tell it from all others."""
    arguments = typing.get_args(argument)
    if typing.get_origin(argument) in (None, typing.Annotated) or not arguments:
        return getattr(argument, "__asc_name__", None) or _show(argument)
    shown = [_asc_name(each) for each in arguments]
    return "|".join(shown) if typing.get_origin(argument) in _UNIONS else f"Array<{shown[0]}>"


def calling_template(template: Any) -> DeclarationError:
    """The error for constructing an object of a template."""
    name = template.__name__
    return DeclarationError(name, "is generic and has no type arguments", fix=f"write {name}[T], such as {name}[i32]")
