"""The types that callers give to results, where a schema has told them already.

A type has to say the same, or less: `list[int]` for an `Array<i32>`, `int` for an enum. What a number becomes is a
conversion, what an object becomes another way of lifting it.
"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._annotation_texts import DICTS, LISTS, SETS
from wasmbind._codecs.scalars import lift_enum
from wasmbind._dynamic.hints import COPIED, UNIONS, parts_of
from wasmbind._dynamic.objects import OpaqueValue, Shown, WrappedNumber
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._dynamic.hints import Hints
    from wasmbind._runtime import Runtime

__all__ = ["conversion_of", "fits", "narrowed"]

#: What leaves a result what it is.
_ANY: Final = (Any, object, Shown.RESULT)
_LISTED: Final = frozenset({"Array", "StaticArray", *d.TYPED_ARRAYS})
_BYTES: Final = frozenset({"ArrayBuffer", "Uint8Array", "Uint8ClampedArray"})

Conversion: typing.TypeAlias = "Callable[[Runtime, Any], Any]"


def _refused(found: d.Descriptor, hint: Any, hints: Hints, who: str) -> DeclarationError:
    says = "nothing" if isinstance(found, d.Void) else d.describe(found)
    problem = f"as_={hints.show(hint)}, and the module says that it is {says}"
    return DeclarationError(who, problem, fix="leave out as_=: results have the types that the schema says")


# --- references ---------------------------------------------------------------------------------------------


def narrowed(found: d.Descriptor, hint: Any, hints: Hints, who: str) -> d.Descriptor:
    """How a reference is lifted as the type that somebody gives.

    Args:
        found: what the schema says of it.
        hint: the type, evaluated.
        hints: reads types.
        who: what has the type, for errors.

    Raises:
        DeclarationError: it is of another type.
    """
    if hint in _ANY:
        return found
    if hint is Shown.WRAPPED:
        return d.Untyped(hint)
    if hint is OpaqueValue:
        raise _refused(found, hint, hints, who)
    inner: Any = found.inner if isinstance(found, d.Nullable) else found
    if typing.get_origin(hint) in UNIONS:
        members = [each for each in typing.get_args(hint) if each is not type(None)]
        if len(members) == 1:
            made: Any = narrowed(inner, members[0], hints, who)
            return made if isinstance(made, d.Nullable) else d.Nullable(made)
    wanted = hints.descriptor(hint, "i32", who) if hint not in (int, float) else d.VOID
    if isinstance(wanted, d.Untyped):
        return _copied(inner, hint, hints, who)
    if not _is_same(inner, wanted.inner if isinstance(wanted, d.Nullable) else wanted):
        raise _refused(found, hint, hints, who)
    return wanted


def _copied(found: d.Descriptor, hint: Any, hints: Hints, who: str) -> d.Descriptor:
    """The same for a type that leaves something open: `list`, `dict[str, int]`."""
    origin, arguments = parts_of(hint)
    live = getattr(origin, "__asc_kind__", None)
    if live is None and origin not in COPIED:
        raise _refused(found, hint, hints, who)
    if isinstance(found, d.ObjectOf):
        return d.Untyped(hint)  # of a class that may derive from a collection
    if not isinstance(found, d.Collection):
        raise _refused(found, hint, hints, who)
    kinds = {live} if live else {"Map"} if origin in DICTS else {"Set"} if origin in SETS else _LISTED
    if found.kind not in kinds:
        raise _refused(found, hint, hints, who)
    parts = found.arguments or (d.element_of(found),)
    given = [*arguments, *[Any] * len(parts)][: len(parts)]
    made = [_part(part, each, hints, who) for part, each in zip(parts, given, strict=True)]
    if live is not None:
        return found
    if found.kind == "Map":
        return d.DictOf(*made)
    if found.kind == "Set":
        return d.SetOf(*made)
    if origin in LISTS:
        return d.ListOf(made[0])
    return d.TupleOf(made[0], None if ... in typing.get_args(hint) or not arguments else len(arguments))


def _part(found: d.Descriptor, hint: Any, hints: Hints, who: str) -> d.Descriptor:
    """The type of elements."""
    if d.is_reference(found) or hint in _ANY:
        return narrowed(found, hint, hints, who)
    if isinstance(found, {int: d.Integer, float: d.Float}.get(hint, d.Void)):
        return found
    wanted = hints.descriptor(hint, "i32", who) if hint not in (int, float) else d.VOID
    if not _is_same(found, wanted):
        raise _refused(found, hint, hints, who)
    return wanted


def _is_same(found: d.Descriptor, wanted: d.Descriptor) -> bool:
    """Whether a value in memory may be read as another type: it says the same, or is copied."""
    if found == wanted:
        return True
    match wanted:
        case d.Nullable(inner=inner):
            return _is_same(found.inner if isinstance(found, d.Nullable) else found, inner)
        case _ if isinstance(found, d.Nullable):
            return _is_same(found.inner, wanted)
        case d.ObjectOf():
            return isinstance(found, (d.ObjectOf, d.Collection))  # the object tells whether it derives from there
        case d.Collection(kind=kind, arguments=arguments):
            same = isinstance(found, d.Collection) and found.kind == kind
            return isinstance(found, d.ObjectOf) or (same and all(map(_is_same, d.parts(found), arguments)))
        case d.ListOf(element=element) | d.TupleOf(element=element):
            same = isinstance(found, d.Collection) and found.kind in _LISTED
            return isinstance(found, d.ObjectOf) or (same and _is_same(d.element_of(found), element))
        case d.DictOf() | d.SetOf():
            return _is_same(found, d.Collection("Map" if isinstance(wanted, d.DictOf) else "Set", d.parts(wanted)))
        case d.Bytes() if isinstance(found, d.Collection):
            return found.kind in _BYTES or (found.kind in _LISTED and d.element_of(found) == d.INTEGERS["u8"])
        case d.Integer() if isinstance(found, d.Integer):
            return (found.bits, found.signed) == (wanted.bits, wanted.signed)
        case d.Integer():
            return isinstance(found, d.Enumeration) and wanted == d.INTEGERS["i32"]
        case d.Enumeration():
            return found == d.INTEGERS["i32"]
        case _:
            return False


# --- numbers ------------------------------------------------------------------------------------------------


def conversion_of(found: d.Descriptor, hint: Any, hints: Hints, who: str) -> Conversion | None:
    """What makes the type that somebody gives of a number; None where it is of that type.

    Nothing is lost: an i32 fits an `IntEnum` and an i64, and no u32.

    Raises:
        DeclarationError: it is of another type.
    """
    if hint in _ANY:
        return None
    if hint is Shown.WRAPPED:
        is_word = d.wasm_type(found) == "i32" and not isinstance(found, d.OpaqueOf)
        return (lambda runtime, value: WrappedNumber(runtime, int(value))) if is_word else None
    carrier = d.wasm_type(found) or "void"
    if hint is int and isinstance(found, (d.Integer, d.Boolean, d.Enumeration)):
        return None if isinstance(found, d.Integer) else _as_int
    if hint in (int, float) and carrier == "void":
        raise _refused(found, hint, hints, who)
    return _converted(found, hints.descriptor(hint, carrier, who), _refused(found, hint, hints, who))


def _converted(found: d.Descriptor, wanted: d.Descriptor, refused: DeclarationError) -> Conversion | None:
    match found, wanted:
        case d.OpaqueOf() | d.Nullable(), d.OpaqueOf() | d.Nullable(inner=d.OpaqueOf()):
            return None
        case d.Integer(bits=bits), d.OpaqueOf():
            mask = (1 << bits) - 1
            return lambda runtime, value: runtime.opaque.resolve(value & mask, "OpaqueValue")
        case d.Integer(low=low, high=high), d.Integer() if wanted.low <= low and high <= wanted.high:
            return None
        case d.Boolean(), d.Integer():
            return _as_int
        case d.Enumeration(), d.Integer(signed=True) if wanted.bits >= d.INTEGERS["i32"].bits:
            return _as_int
        case d.Integer(), d.Enumeration(cls=cls):
            return lambda _, value: lift_enum(cls, value)
        case d.Float(), d.Float() if found.bits <= wanted.bits:
            return None
        case _ if found == wanted:
            return None
        case _:
            raise refused


def _as_int(_: Runtime, value: Any) -> int:
    return int(value)


# --- values -------------------------------------------------------------------------------------------------


_COPIES: Final[dict[type[Any], type[Any]]] = {
    d.String: str,
    d.Bytes: bytes,
    d.Float: float,
    d.Boolean: bool,
    d.ListOf: list,
    d.TupleOf: tuple,
    d.SetOf: set,
}


def fits(value: Any, wanted: d.Descriptor) -> bool:
    """Whether a value that has been copied is of a type."""
    match wanted:
        case d.Nullable(inner=inner):
            return value is None or fits(value, inner)
        case d.Untyped(hint=hint):
            origin = parts_of(hint)[0]
            return isinstance(origin, type) and isinstance(value, origin)
        case d.Integer(low=low, high=high):
            return type(value) is int and low <= value <= high
        case d.String() | d.Bytes() | d.Float() | d.Boolean():
            return isinstance(value, _COPIES[type(wanted)])
        case d.ListOf(element=element) | d.TupleOf(element=element) | d.SetOf(element=element):
            return isinstance(value, _COPIES[type(wanted)]) and all(fits(each, element) for each in value)
        case d.DictOf(key=key, value=each):
            return isinstance(value, dict) and fits([*value], d.ListOf(key)) and fits([*value.values()], d.ListOf(each))
        case d.ObjectOf(cls=cls):
            return isinstance(value, cls)
        case _:
            return False
