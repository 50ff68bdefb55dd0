"""From run-time type information to types: what a class of a binary without a schema is, by its flags alone."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._annotation_texts import DICTS, SETS
from wasmbind._dynamic.hints import COPIED, parts_of
from wasmbind._dynamic.objects import Shown
from wasmbind._schema import rtti as flags
from wasmbind.errors import LiftError

if TYPE_CHECKING:
    from wasmbind._dynamic.hints import Hints
    from wasmbind._schema.rtti import Rtti

__all__ = ["KEY_SHIFT", "element_of", "kind_of", "type_by_flags"]

#: Where the flags of a value stand, and those of a Map's key above them.
_SIZES: Final = flags.ALIGN_SHIFT
KEY_SHIFT: Final = flags.KEY_SHIFT
_KINDS: Final = {flags.STATIC_ARRAY: "StaticArray", flags.MAP: "Map", flags.SET: "Set"}
#: What is no collection of elements that a type could name.
_PLAIN: Final = frozenset({"string", "ArrayBuffer"})
#: Typed arrays by the bits, sign and kind of their elements.
_TYPED: Final = {
    (8, True, False): "Int8Array",
    (8, False, False): "Uint8Array",
    (16, True, False): "Int16Array",
    (16, False, False): "Uint16Array",
    (32, True, False): "Int32Array",
    (32, False, False): "Uint32Array",
    (64, True, False): "Int64Array",
    (64, False, False): "Uint64Array",
    (32, True, True): "Float32Array",
    (64, True, True): "Float64Array",
}


def kind_of(rtti: Rtti, rt_id: int) -> str | None:
    """The class of AssemblyScript's library that a run-time id is; None where the flags do not tell one."""
    if rt_id == rtti.string_id:
        return "string"
    if rt_id == rtti.buffer_id:
        return "ArrayBuffer"
    kind = rtti.kind_of(rt_id)
    if kind & flags.ARRAY:
        return "Array"
    if kind in _KINDS:
        return _KINDS[kind]
    if kind != flags.VIEW:
        return None
    word = rtti.flags[rt_id]
    return _TYPED.get((_bits(word), bool(word & flags.SIGNED), bool(word & flags.FLOAT)))


def _bits(word: int) -> int:
    """The size of a value in bits, 0 where the flags have none."""
    return next((8 << log for log in range(4) if word & (1 << (_SIZES + log))), 0)


def element_of(word: int, hint: Any, hints: Hints, who: str) -> d.Descriptor:
    """The type of elements, keys or values.

    Args:
        word: their flags.
        hint: the type that somebody expects, or how objects are shown.
        hints: what reads the type.
        who: what has it, for errors.

    Raises:
        LiftError: the flags say something else.
    """
    if hint in (Any, object):
        hint = Shown.OBJECT
    if word & flags.MANAGED:
        if isinstance(hint, Shown):
            return d.Untyped(hint)
        return hints.descriptor(hint, "i32", who)
    bits, signed, is_float = _bits(word), bool(word & flags.SIGNED), bool(word & flags.FLOAT)
    found: d.Descriptor = (
        (d.F32 if bits == d.F32.bits else d.F64) if is_float else d.INTEGERS[f"{'i' if signed else 'u'}{bits}"]
    )
    if isinstance(hint, Shown) or hint is (float if is_float else int):
        return found
    if hint is float or hint is int:
        raise LiftError(f"{who}: {hint.__name__} expected, found elements of type {d.describe(found)}")
    if (isinstance(hint, type) and issubclass(hint, (bool, enum.IntEnum))) or not isinstance(hint, type):
        return hints.descriptor(hint, "i64" if bits == d.F64.bits else "i32", who)
    raise LiftError(f"{who}: {hint.__name__} expected, found elements of type {d.describe(found)}")


def type_by_flags(rtti: Rtti, rt_id: int, hint: Any, hints: Hints, who: str) -> d.Descriptor | None:
    """The type of a collection; None if the run-time id is none.

    Args:
        rtti: the type table.
        rt_id: the run-time id.
        hint: how objects are shown, or a type that leaves open what the elements are.
        hints: what reads the type.
        who: what is read, for errors.

    Raises:
        LiftError: the type is of another kind.
    """
    kind = kind_of(rtti, rt_id)
    if kind is None:
        return None
    origin, arguments = (None, ()) if isinstance(hint, Shown) else parts_of(hint)
    live = getattr(origin, "__asc_kind__", None)
    wanted = {"Map": DICTS, "Set": SETS}.get(kind, tuple(each for each in COPIED if each not in (*DICTS, *SETS)))
    if origin is not None and (live != kind if live is not None else origin not in wanted or kind in _PLAIN):
        raise LiftError(f"{who}: {hints.show(hint)} expected, found {rtti.show_kind(rt_id)}")
    if kind == "string":
        return d.STRING
    if kind == "ArrayBuffer":
        return d.Bytes()
    shown = hint if isinstance(hint, Shown) else Shown.OBJECT
    if shown in (Shown.RESULT, Shown.WRAPPED):
        shown = Shown.OBJECT if shown is Shown.RESULT else Shown.HANDLE
    words = [rtti.flags[rt_id]] if kind != "Map" else [rtti.flags[rt_id] >> KEY_SHIFT, rtti.flags[rt_id]]
    given = [*arguments, *[shown] * len(words)][: len(words)]
    parts = [element_of(word, each, hints, who) for word, each in zip(words, given, strict=True)]
    if origin is None or live is not None:
        return d.Collection(kind, () if kind in d.TYPED_ARRAYS else tuple(parts))
    if kind == "Map":
        return d.DictOf(*parts)
    if kind == "Set":
        return d.SetOf(*parts)
    return d.TupleOf(parts[0], None) if origin is tuple else d.ListOf(parts[0])
