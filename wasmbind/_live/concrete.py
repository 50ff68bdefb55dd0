"""Concrete classes: the live class of one descriptor, with methods generated for its element types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from wasmbind import _descriptors as d
from wasmbind._calls import CallPlan, Value
from wasmbind._codecs.arrays import ListCodec
from wasmbind._codecs.buffers import BytesCodec
from wasmbind._codecs.scalars import IntegerCodec, VoidCodec
from wasmbind._emit import compile_call
from wasmbind._live import arrays, maps, sets, typed_arrays
from wasmbind._live.base import Live, LiveCodec
from wasmbind._live.buffers import ArrayBuffer, BufferPart
from wasmbind._live.copies import DictCodec, SetCodec
from wasmbind._live.dataviews import DataView, DataViewCodec
from wasmbind._live.elements import element_functions
from wasmbind._live.entries import EntryCodec, PresenceCodec
from wasmbind._live.made import Made
from wasmbind._live.views import Viewed, window_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._codecs.base import Codec
    from wasmbind._codecs.buffers import CopyCodec

__all__ = ["concrete_class"]

_GENERAL: dict[str, type[Live]] = {
    found.__asc_kind__: found
    for found in (
        arrays.Array,
        arrays.StaticArray,
        ArrayBuffer,
        DataView,
        maps.Map,
        sets.Set,
        *(getattr(typed_arrays, name) for name in d.TYPED_ARRAYS),
    )
}
_BUFFER: Final = d.Collection("ArrayBuffer")
_made: Final = Made[Live]()


def concrete_class(descriptor: d.Collection, codec_for: Callable[[d.Descriptor], Codec]) -> type[Live]:
    """The class of the Python objects for a live type; made once.

    Args:
        descriptor: the live type.
        codec_for: gives the codecs of its elements.
    """
    return _made.find(descriptor, lambda: _make(descriptor, codec_for))


def _make(descriptor: d.Collection, codec_for: Callable[[d.Descriptor], Codec]) -> type[Live]:
    keyed = descriptor.kind in ("Map", "Set")
    parts = descriptor.arguments or (d.element_of(descriptor),)
    codecs = tuple(map(codec_for, parts))
    title = d.describe(descriptor)
    plans = _entry_plans(title, codecs) if keyed else _append_plans(descriptor.kind, title, codecs[0])
    general = _GENERAL[descriptor.kind]
    body: dict[str, Any] = {
        "__slots__": (),
        "__module__": general.__module__,
        "__doc__": general.__doc__,
        "__asc_plans__": plans,
        **({} if keyed or general is DataView else element_functions(descriptor.kind, codecs[0], title)),
        **{plan.name: compile_call(plan) for plan in plans},
    }
    metaclass: Any = type(general)
    made: type[Live] = metaclass(_python_name(general, descriptor), (general,), body)
    made.__asc_codec__ = LiveCodec(descriptor, made, codecs, _maker(descriptor, codecs, made))
    if issubclass(made, Viewed):
        made.__asc_window__ = window_of(descriptor.kind, codecs[0])
    if issubclass(made, BufferPart):
        made.__asc_buffer__ = cast("type[ArrayBuffer]", concrete_class(_BUFFER, codec_for))
        if issubclass(made, DataView):
            made.__asc_codec__.maker = DataViewCodec(descriptor, made.__asc_buffer__.__asc_codec__)
    return made


def _maker(descriptor: d.Collection, codecs: tuple[Codec, ...], cls: type[Live]) -> CopyCodec:
    """The codec that makes such a collection of Python's."""
    match descriptor.kind:
        case "Map":
            return DictCodec(descriptor, codecs, None, cls)
        case "Set":
            return SetCodec(descriptor, codecs, None, cls)
        case "ArrayBuffer" | "DataView":
            return BytesCodec(descriptor)
        case _:
            return ListCodec(descriptor, codecs[0], None)


def _python_name(general: type[Live], descriptor: d.Collection) -> str:
    arguments = ", ".join(map(d.describe, descriptor.arguments))
    return f"{general.__name__}[{arguments}]" if arguments else general.__name__


def _append_plans(kind: str, title: str, element: Codec) -> tuple[CallPlan, ...]:
    if kind != "Array":
        return ()
    value = Value("value", element, f"{title}.append(value)")
    index = Value("index", IntegerCodec(d.INTEGERS["i32"]), f"{title}.pop(index)")
    return (
        CallPlan("append", f"{title}.append", "append", "object", (value,), VoidCodec(), collection=True),
        CallPlan("_take", f"{title}.pop", "take", "object", (index,), EntryCodec(element), collection=True),
    )


def _entry_plans(title: str, codecs: tuple[Codec, ...]) -> tuple[CallPlan, ...]:
    """The members of a Map, of a key and a value, or of a Set."""

    def plan(name: str, export: str, parameters: tuple[Value, ...], result: Codec) -> CallPlan:
        return CallPlan(name, f"{title}.{name}", export, "object", parameters, result, collection=True)

    key = Value("key", codecs[0], f"{title}[key]")
    shared = (plan("_has", "find", (key,), PresenceCodec()), plan("_delete", "remove", (key,), PresenceCodec()))
    if len(codecs) == 1:
        return (*shared, plan("add", "add", (Value("value", codecs[0], f"{title}.add(value)"),), VoidCodec()))
    value, entry = Value("value", codecs[1], f"{title}[key] = value"), EntryCodec(codecs[1])
    return (
        *shared,
        plan("_find", "get", (key,), entry),
        plan("_set", "set", (key, value), VoidCodec()),
        plan("_insert", "insert", (key, value), entry),
        plan("_pop", "pop", (key,), entry),
    )
