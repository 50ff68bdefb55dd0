"""What `as_=` and `class_registry` say: Python types, classes of a module, and all annotations of declarations."""

from __future__ import annotations

import collections.abc
import types
import typing
import weakref
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._annotation_texts import DICTS, LISTS, SETS
from wasmbind._annotations import evaluate, resolve_annotation, show_annotation
from wasmbind._bound import BoundClass
from wasmbind._dynamic.bound import Either
from wasmbind._dynamic.objects import OpaqueValue, Shown
from wasmbind._scopes import Scope
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wasmbind._runtime import Runtime

__all__ = ["COPIED", "UNIONS", "Hints", "parts_of"]

#: What says that any object will do.
_ANY: Final = (Any, object)
#: Python's collections, which arrays, maps and sets are copied to.
COPIED: Final = (*LISTS, *DICTS, *SETS, tuple)
#: The Python types of numbers, which every number type of AssemblyScript fits that is one.
_INTEGERS: Final = {"i32": d.INTEGERS["i32"], "i64": d.INTEGERS["i64"]}
_FLOATS: Final = {"f32": d.F32, "f64": d.F64}
#: What helps against a name that is not defined.
_REMEDY: Final = "name a class that dir(module) shows or a type of wasmbind, or give the type itself"
#: Both spellings of `A | B`.
UNIONS: Final = (typing.Union, types.UnionType)


def parts_of(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type and its type arguments: `list` and `(str,)` for `list[str]`, `list` and `()` for `list` or `List`."""
    origin = typing.get_origin(hint) or hint
    return origin, tuple(each for each in typing.get_args(hint) if each is not ...)


def _is_loose(hint: Any) -> bool:
    """Whether the object has to say what a type leaves open: `list`, `list[int]`, `dict[str, Any]`."""
    if isinstance(hint, Shown) or hint in (int, float, *_ANY):
        return True
    if hint is None or isinstance(hint, typing.TypeVar):
        return False
    origin, arguments = parts_of(hint)
    if typing.get_origin(hint) is typing.Annotated or origin is collections.abc.Callable:
        return False
    return (origin in COPIED and not arguments) or any(map(_is_loose, arguments))


class Hints:
    """Reads the types of one module."""

    def __init__(self, name: str, space: Mapping[str, Any]) -> None:
        """Make a reader.

        Args:
            name: the module, for errors.
            space: the names that strings may use: the classes of the module, and the types of wasmbind.
        """
        self._name = name
        self._scope = Scope(dict(space), remedy=_REMEDY)
        self._owner: weakref.ref[Runtime] | None = None

    def among(self, names: Mapping[str, Any]) -> Hints:
        """A reader of other text, which knows the same names and some more."""
        return Hints(self._name, {**self._scope.globals, **names})

    def belong_to(self, runtime: Runtime) -> None:
        """Refuse the classes of all other instances from now on."""
        self._owner = weakref.ref(runtime)

    def learn(self, names: Mapping[str, Any]) -> None:
        """Know more names that strings may use; dotted ones are written as attributes."""
        for name, value in names.items():
            *words, last = name.split(".")
            holder = self._scope.globals
            for word in words:
                inner = holder.setdefault(word, _Names())
                holder = vars(inner) if isinstance(inner, _Names) else {}
            holder[last] = value

    def evaluate(self, hint: Any, who: str) -> Any:
        """A type with the classes themselves in place of names and of `module.File`.

        Raises:
            DeclarationError: a name is undefined.
        """
        if isinstance(hint, Shown):
            return hint
        found = self.unbound(hint, who)
        return evaluate(found, self._scope, who) if isinstance(found, str) or _has_names(found) else found

    def descriptor(self, hint: Any, carrier: str, who: str) -> d.Descriptor:
        """What a type is, of a value that WebAssembly carries as `carrier`.

        Args:
            hint: the type, evaluated or not.
            carrier: `i32`, `i64`, `f32` or `f64`.
            who: what has the type, for errors.

        Raises:
            DeclarationError: it has no AssemblyScript counterpart, or WebAssembly has something else there.
        """
        hint = self.evaluate(hint, who)
        if hint is OpaqueValue:
            return d.OpaqueOf()
        if hint in (int, float):
            numbers: dict[str, d.Integer] | dict[str, d.Float] = _INTEGERS if hint is int else _FLOATS
            if carrier not in numbers:
                problem = f"as_={hint.__name__}, and WebAssembly has {carrier} there"
                raise DeclarationError(who, problem, fix=f"leave out as_=, or convert it: {hint.__name__}(...)")
            return numbers[carrier]
        if typing.get_origin(hint) in UNIONS:
            members = [each for each in typing.get_args(hint) if each is not types.NoneType]
            if len(members) == 1 and _is_loose(members[0]) and members[0] not in (int, float):
                return d.Nullable(d.Untyped(members[0]))
        if isinstance(hint, Shown) or hint in _ANY:
            return d.Untyped(hint if isinstance(hint, Shown) else Shown.RESULT)
        if _is_loose(hint):
            return d.Untyped(hint)
        return resolve_annotation(hint, self._scope, who).type

    def show(self, hint: Any) -> str:
        """A type as a message says it."""
        return show_annotation(_unbound(hint, lambda bound: bound.declared))

    def unbound(self, hint: Any, who: str) -> Any:
        """A type with the classes in place of `module.File`, however deep they stand.

        Args:
            hint: the type.
            who: what has it, for errors.

        Raises:
            DeclarationError: a class is that of another instance.
        """

        def declared(bound: BoundClass) -> type[Any]:
            if self._owner is not None and bound._asc_runtime is not self._owner():
                name = bound.declared.__name__
                fix = f"write module.{name} with the Module whose result it is, or {name!r}"
                raise DeclarationError(who, f"as_={bound!r}, and that is a class of another instance", fix=fix)
            return bound.declared

        return _unbound(hint, declared)


class _Names(types.SimpleNamespace):
    """What a namespace of the module holds."""


def _unbound(hint: Any, declared: Callable[[BoundClass], type[Any]]) -> Any:
    if isinstance(hint, list):  # the parameters of a Callable
        return [_unbound(each, declared) for each in hint]
    if isinstance(hint, BoundClass):
        return declared(hint)
    if isinstance(hint, Either):
        return typing.Union[tuple(_unbound(each, declared) for each in hint.members)]  # noqa: UP007 - made of any number
    arguments = typing.get_args(hint)
    plain = tuple(_unbound(each, declared) for each in arguments)
    if plain == arguments and all(a is b for a, b in zip(plain, arguments, strict=True)):
        return hint
    origin: Any = typing.get_origin(hint)
    return typing.Union[plain] if origin in UNIONS else origin[plain]  # noqa: UP007 - made of any number


def _has_names(hint: Any) -> bool:
    return isinstance(hint, (str, typing.ForwardRef)) or any(map(_has_names, typing.get_args(hint)))
