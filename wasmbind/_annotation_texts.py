"""Annotations in words: as their author wrote them, and what to write instead of those that mean nothing."""

from __future__ import annotations

import collections.abc
import enum
import types
import typing
from typing import Any

from wasmbind import _descriptors as d

__all__ = ["DICTS", "LISTS", "SETS", "SUPPORTED", "advice", "letters", "metadata", "show_annotation", "shown_letters"]

SUPPORTED = (
    "i8 … i64, u8 … u64, f32, f64, bool, string, X | None, an AscClass, an IntEnum, list[T], dict[K, V], set[T],"
    " bytes, Date, Callable[[A], R], Opaque[T] or a live type such as Array[T]"
)
#: What stands for by-value collections.
LISTS: tuple[Any, ...] = (list, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
DICTS: tuple[Any, ...] = (dict, collections.abc.Mapping)
SETS: tuple[Any, ...] = (set, collections.abc.Set)
_LIVE_INSTEAD = {
    collections.abc.MutableSequence: "Array[T] for a live array",
    collections.abc.MutableMapping: "Map[K, V] for a live map",
    collections.abc.MutableSet: "Set[T] for a live set",
    frozenset: "set[T]",
    bytearray: "bytes, or ArrayBuffer for a live buffer",
    memoryview: "bytes, or ArrayBuffer for a live buffer",
}


def metadata(annotation: object) -> tuple[object, ...]:
    """What `Annotated` adds to a type."""
    return getattr(annotation, "__metadata__", ())


def show_annotation(annotation: object) -> str:
    """The annotation as its author wrote it, as far as that can be told."""
    for item in metadata(annotation):
        if isinstance(item, d.OpaqueOf):
            return f"{d.describe(item)}[{show_annotation(typing.get_args(annotation)[0])}]"
    for item in metadata(annotation):
        if isinstance(item, (d.Integer, d.Float, d.String, d.Date)):
            return d.describe(item)
    arguments = typing.get_args(annotation)
    if isinstance(annotation, list):
        return f"[{', '.join(map(show_annotation, annotation))}]"
    if annotation is ...:
        return "..."
    if annotation in (None, types.NoneType):
        return "None"
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return " | ".join(map(show_annotation, arguments))
    name = getattr(annotation, "__name__", None) or str(annotation).replace("typing.", "")
    return f"{name}[{', '.join(map(show_annotation, arguments))}]" if arguments else name


def letters(origin: Any) -> str:
    """The letters that stand for the type arguments of a collection, "" if it takes none."""
    if origin in DICTS or getattr(origin, "__asc_kind__", "") == "Map":
        return "KV"
    kind = getattr(origin, "__asc_kind__", None)
    return "T" * (origin in (*LISTS, *SETS) or kind in ("Array", "StaticArray", "Set"))


def shown_letters(written: str) -> str:
    """`[K, V]` for `KV`."""
    return f"[{', '.join(written)}]" if written else ""


def advice(annotation: Any) -> tuple[str, str]:
    """What is wrong with an annotation that has no AssemblyScript counterpart, and what to write instead."""
    shown = show_annotation(annotation)
    if annotation is int:
        return ("int has no width", "write i32, or i8, i16, i64, u8, u16, u32, u64")
    if annotation in (object, Any):
        return (f"{shown} is no AssemblyScript type", f"name the type: {SUPPORTED}")
    origin = typing.get_origin(annotation) or annotation
    for live, instead in _LIVE_INSTEAD.items():
        if origin is live:
            return (f"{shown} has no AssemblyScript counterpart", f"write {instead}")
    if origin is collections.abc.Callable:
        return (f"{shown} does not say what it takes", "write Callable[[A, B], R], such as Callable[[i32], string]")
    if origin is tuple:
        return (f"{shown} has no element type", "write tuple[T, T] or tuple[T, ...], such as tuple[f64, f64]")
    if isinstance(origin, type) and hasattr(origin, "__asc_kind__") and "__asc_kind__" not in origin.__dict__:
        fix = f"declare it as a class of the module: `class {shown}(AscClass)`, with the members that it inherits"
        return (f"{shown} derives from {origin.__asc_kind__}, which no declaration can", fix)
    written = letters(origin)
    if written:
        lacks = "element type" if written == "T" else "key and value types"
        example = "i32" if written == "T" else "string, i32"
        return (f"{shown} has no {lacks}", f"write {shown}{shown_letters(written)}, such as {shown}[{example}]")
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return (f"{shown} is an Enum", "derive it from enum.IntEnum: AssemblyScript enums are i32")
    if isinstance(annotation, type):
        return (
            f"{shown} has no AssemblyScript counterpart",
            f"derive it from AscClass if it is a class of the module; otherwise use {SUPPORTED}",
        )
    return (f"{shown} has no AssemblyScript counterpart", f"use {SUPPORTED}")
