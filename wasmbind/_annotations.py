"""From an annotation to a descriptor: the one place that evaluates annotations."""

from __future__ import annotations

import collections.abc
import enum
import inspect
import types
import typing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ForwardRef

from wasmbind import _descriptors as d
from wasmbind.errors import DeclarationError
from wasmbind.types import Name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Resolved",
    "Scope",
    "evaluate",
    "is_declared_class",
    "is_template",
    "resolve_annotation",
    "show_annotation",
    "substitute",
]

_SUPPORTED = "i8 … i64, u8 … u64, f32, f64, bool, string, X | None, an AscClass, an IntEnum, list[T] or Sequence[T]"
_LISTS = (list, collections.abc.Sequence, collections.abc.Iterable)
#: The name of the function that Python wraps around `class Box[T]` begins like this.
_TYPE_PARAMETERS = "<generic parameters of"


@dataclass(slots=True)
class Scope:
    """Where the names in annotations of one class are looked up.

    Attributes:
        namespace: names given explicitly, which win.
        frames: enclosing function and class bodies, innermost first; dropped once annotations are resolved.
        globals: the defining module's names.
        owner: the class itself, whose own names its annotations see first.
        variables: what stands for the type variables of a generic class.
    """

    globals: dict[str, Any]
    frames: list[types.FrameType] = field(default_factory=list)
    namespace: Mapping[str, Any] = field(default_factory=dict)
    owner: type[Any] | None = None
    variables: Mapping[Any, Any] = field(default_factory=dict)

    @classmethod
    def capture(cls, frame: types.FrameType, namespace: Mapping[str, Any] | None) -> Scope:
        """The scope of a class statement that runs in `frame`.

        A class body sees the function around it, which is the next frame outwards only while the bodies run.
        """
        frames: list[types.FrameType] = []
        current: types.FrameType | None = frame
        while current is not None and current.f_locals is not current.f_globals:
            frames.append(current)
            is_function = current.f_code.co_flags & inspect.CO_OPTIMIZED
            if is_function and not current.f_code.co_name.startswith(_TYPE_PARAMETERS):
                break
            current = current.f_back
        return cls(frame.f_globals, frames, namespace or {})

    def names(self) -> dict[str, Any]:
        """The local names as they stand now, innermost winning."""
        found: dict[str, Any] = {}
        for frame in reversed(self.frames):
            found.update(frame.f_locals)
        if self.owner is not None:
            found.update(vars(self.owner.__dict__.get("__asc_template__", self.owner)))
        found.update(self.namespace)
        return found

    def settle(self, mentioned: Iterable[str]) -> None:
        """Keep the names that annotations mention, as they stand now, and let go of the frames."""
        found = self.names()
        self.namespace = {name: found[name] for name in mentioned if name in found}
        self.frames.clear()


@dataclass(frozen=True, slots=True)
class Resolved:
    """A descriptor, and the AssemblyScript name if the annotation gave one."""

    type: d.Descriptor
    name: str | None


def is_declared_class(annotation: object) -> bool:
    """Whether the annotation is an `AscClass` subclass (told apart by what its metaclass leaves on it)."""
    return (
        isinstance(annotation, type) and hasattr(annotation, "__asc_scope__") and hasattr(annotation, "__asc_fields__")
    )


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
    evaluated = substitute(_evaluate(annotation, site), scope.variables)
    name = next((item.name for item in _metadata(evaluated) if isinstance(item, Name)), None)
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

    def wrong(self, problem: str, fix: str) -> DeclarationError:
        return DeclarationError(self.who, problem, fix=fix, where=self.where)


def _evaluate(annotation: object, site: _Site) -> object:
    shown = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    holder = type("annotation", (), {"__annotations__": {"value": annotation}})
    try:
        return typing.get_type_hints(holder, site.scope.globals, site.scope.names(), include_extras=True)["value"]
    except NameError as error:
        raise site.wrong(
            f"the annotation {shown!r} uses the name {error.name!r}, which is not defined",
            "import it outside `if TYPE_CHECKING:`, or give it as `namespace={...}` on the class",
        ) from None
    except Exception as error:
        raise site.wrong(f"the annotation {shown!r} cannot be evaluated: {error}", f"use {_SUPPORTED}") from error


def substitute(annotation: Any, variables: Mapping[Any, Any]) -> Any:
    """The annotation with type arguments in place of type variables, however deep they stand."""
    if isinstance(annotation, typing.TypeVar):
        return variables.get(annotation, annotation)
    alias: Any = None if isinstance(annotation, type) else annotation
    parameters = getattr(alias, "__parameters__", ())
    return alias[tuple(variables.get(each, each) for each in parameters)] if parameters else annotation


def _metadata(annotation: object) -> tuple[object, ...]:
    return getattr(annotation, "__metadata__", ())


def _translate(annotation: object, site: _Site) -> d.Descriptor:
    for item in _metadata(annotation):
        if isinstance(item, (d.Integer, d.Float, d.String)):
            return item
    if annotation is None:
        return d.VOID
    if typing.get_origin(annotation) is typing.Annotated:
        return _translate(typing.get_args(annotation)[0], site)
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
    if origin in _LISTS and arguments:
        element = _translate(arguments[0], site)
        if element == d.VOID:
            raise site.wrong("None is not an element type", "give the list an element type, such as list[i32]")
        return d.ListOf(element)
    raise _unsupported(annotation, site)


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
    if issubclass(cls, enum.IntEnum) and cls is not enum.IntEnum:
        return _translate_enum(cls, site)
    raise _unsupported(cls, site)


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
    if isinstance(inner, (d.String, d.ObjectOf, d.ListOf)):
        return d.Nullable(inner)
    raise site.wrong(
        f"{show_annotation(members[0])} | None cannot be null: only references can, {d.describe(inner)} is a number",
        f"write {show_annotation(members[0])}",
    )


def show_annotation(annotation: object) -> str:
    """The annotation as its author wrote it, as far as that can be told."""
    for item in _metadata(annotation):
        if isinstance(item, (d.Integer, d.Float, d.String)):
            return d.describe(item)
    arguments = typing.get_args(annotation)
    if annotation in (None, types.NoneType):
        return "None"
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return " | ".join(map(show_annotation, arguments))
    name = getattr(annotation, "__name__", None) or str(annotation).replace("typing.", "")
    return f"{name}[{', '.join(map(show_annotation, arguments))}]" if arguments else name


def _unsupported(annotation: Any, site: _Site) -> DeclarationError:
    shown = show_annotation(annotation)
    if annotation is int:
        return site.wrong("int has no width", "write i32, or i8, i16, i64, u8, u16, u32, u64")
    if annotation in (object, Any):
        return site.wrong(f"{shown} is no AssemblyScript type", f"name the type: {_SUPPORTED}")
    if annotation in (*_LISTS, typing.List, typing.Sequence, typing.Iterable):  # noqa: UP006 - users write it
        return site.wrong(f"{shown} has no element type", f"write {shown}[T], such as {shown}[i32]")
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return site.wrong(f"{shown} is an Enum", "derive it from enum.IntEnum: AssemblyScript enums are i32")
    if isinstance(annotation, type):
        return site.wrong(
            f"{shown} has no AssemblyScript counterpart",
            f"derive it from AscClass if it is a class of the module; otherwise use {_SUPPORTED}",
        )
    return site.wrong(f"{shown} has no AssemblyScript counterpart", f"use {_SUPPORTED}")
