"""Where the elements of arrays and buffers lie, and the generated functions that read and write one of them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.scalars import lift_enum
from wasmbind._layout import span_of
from wasmbind._live.items import length_of, load_item, store_item
from wasmbind._ownership import attend
from wasmbind._source import SourceWriter, compile_function

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._codecs.base import Codec

__all__ = ["element_functions", "element_sources"]


def _place(kind: str, shift: int) -> tuple[str, str]:
    """The expressions for the address of the first element and for the number of elements."""
    span = span_of(kind)
    start = "self._asc_ptr" if span.inline else f"memory[word + {span.start}]"
    count = f"memory[word + {span.count}]" if span.count >= 0 else f"memory[word - {-span.count}]"
    return start, count if span.counted or not shift else f"{count} >> {shift}"


def _element(kind: str, codec: Codec) -> str:
    """The place of element `index` in the view of memory that holds it."""
    start = _place(kind, codec.shift)[0]
    by_size = f"({start} >> {codec.shift})" if codec.shift else start
    return f"runtime.mem_{codec.view}[{by_size} + index]"


def _lifted(codec: Codec, raw: str) -> str:
    match codec.descriptor:
        case d.Boolean():
            return f"{raw} != 0"
        case d.Enumeration():
            return f"lift_enum(element_type, {raw})"
        case _ if codec.computed:
            return f"lift(runtime, {raw})"
        case _:
            return raw


def _length(kind: str, codec: Codec) -> str:
    """The source of `__len__`."""
    source = SourceWriter()
    with source.block("def __len__(self):"):
        source.line("runtime, word = self._asc_runtime, self._asc_ptr >> 2")
        source.line("memory = runtime.mem_u32")
        source.line(f"length = {_place(kind, codec.shift)[1]}")
        # Whoever asks may make room for as many.
        most = f"runtime.size >> {codec.shift}" if codec.shift else "runtime.size"
        source.line(f"return length if length <= {most} else length_of(self)")
    return str(source)


def _getter(kind: str, codec: Codec) -> str:
    """The source of `__getitem__`."""
    return _reference_getter(kind, codec) if d.is_reference(codec.descriptor) else _number_getter(kind, codec)


def _number_getter(kind: str, codec: Codec) -> str:
    source = SourceWriter()
    line = source.line
    with source.block("def __getitem__(self, index):"):
        line("runtime = self._asc_runtime")
        # Nothing between this test and the read lets another thread in, which could reallocate the elements.
        with source.block("if index.__class__ is int and runtime.owner is None:"):
            with source.block("try:"):
                line("memory, word = runtime.mem_u32, self._asc_ptr >> 2")
                with source.block(f"if 0 <= index < {_place(kind, codec.shift)[1]}:"):
                    line(f"return {_lifted(codec, _element(kind, codec))}")
            with source.block("except IndexError:"):
                line("pass")
        line("return load_item(self, index)")
    return str(source)


def _reference_getter(kind: str, codec: Codec) -> str:
    source = SourceWriter()
    line = source.line
    with source.block("def __getitem__(self, index):"):
        line("me, runtime = get_ident(), self._asc_runtime")
        with source.block("if index.__class__ is not int or runtime.owner is not None:"):
            line("return load_item(self, index)")
        line("runtime.owner = me")
        with source.block("try:"):
            line("memory, word, result = runtime.mem_u32, self._asc_ptr >> 2, runtime.scratch[0]")
            with source.block(f"if 0 <= index < {_place(kind, codec.shift)[1]}:"):
                line(f"found = {_element(kind, codec)}")
                line("memory[result] = found")
                line("return lift(runtime, found)")
        with source.block("except IndexError:"):
            line("pass")
        with source.block("finally:"):
            line("runtime.owner = runtime.idle")
            with source.block("if runtime.pending:"):
                line("attend(runtime)")
        line("return load_item(self, index)")
    return str(source)


def _setter(kind: str, codec: Codec) -> str | None:
    """The source of `__setitem__` for numbers; None where nothing is faster than `store_item`."""
    match codec.descriptor:
        case d.Integer():
            plain = "value.__class__ is int"
        case d.Float():
            plain = "(value.__class__ is float or value.__class__ is int)"
        case d.Boolean():
            plain = "(value is True or value is False)"
        case _:
            return None
    source = SourceWriter()
    line = source.line
    with source.block("def __setitem__(self, index, value):"):
        line("runtime = self._asc_runtime")
        # The same; and no value of another type may run code of its own between the test and the write.
        with source.block(f"if {plain} and index.__class__ is int and runtime.owner is None:"):
            with source.block("try:"):
                line("memory, word = runtime.mem_u32, self._asc_ptr >> 2")
                with source.block(f"if 0 <= index < {_place(kind, codec.shift)[1]}:"):
                    line(f"{_element(kind, codec)} = value")
                    line("return")
            with source.block("except (IndexError, ValueError, OverflowError):"):
                line("pass")
        line("store_item(self, index, value)")
    return str(source)


def _iterator(kind: str, codec: Codec) -> str | None:
    """The source of `__iter__` for numbers; None where nothing is faster than reading one by one."""
    if d.is_reference(codec.descriptor):
        return None
    start, length = _place(kind, codec.shift)
    by_size = f"({start} >> {codec.shift})" if codec.shift else start
    source = SourceWriter()
    line = source.line
    with source.block("def __iter__(self):"):
        line("runtime, word, index = self._asc_runtime, self._asc_ptr >> 2, 0")
        line(f"memory, elements = runtime.mem_u32, runtime.mem_{codec.view}")
        with source.block("while True:"):
            with source.block("try:"):
                # Nobody is inside and the instance has not ended; views of memory only ever end too early.
                with source.block("if runtime.owner is None:"):
                    with source.block(f"if index >= {length}:"):
                        line("return")
                    line(f"value = {_lifted(codec, f'elements[{by_size} + index]')}")
                with source.block("else:"):
                    line("value = load_item(self, index)")
            with source.block("except IndexError:"):
                with source.block("try:"):
                    line("value = load_item(self, index)")
                with source.block("except IndexError:"):
                    line("return")
                line(f"memory, elements = runtime.mem_u32, runtime.mem_{codec.view}")
            line("yield value")
            line("index += 1")
    return str(source)


def element_sources(kind: str, codec: Codec) -> dict[str, str]:
    """The sources of the generated methods of a concrete class, by their names.

    Args:
        kind: the AssemblyScript class.
        codec: the codec of the elements.
    """
    sources = {
        "__getitem__": _getter(kind, codec),
        "__iter__": _iterator(kind, codec),
        "__len__": _length(kind, codec),
        "__setitem__": _setter(kind, codec),
    }
    return {name: text for name, text in sources.items() if text is not None}


def element_functions(kind: str, codec: Codec, title: str) -> dict[str, Callable[..., Any]]:
    """The generated methods of a concrete class.

    Args:
        kind: the AssemblyScript class.
        codec: the codec of the elements.
        title: the class, for tracebacks.
    """
    names = {
        "IndexError": IndexError,
        "OverflowError": OverflowError,
        "ValueError": ValueError,
        "attend": attend,
        "element_type": codec.cls,
        "float": float,
        "get_ident": threading.get_ident,
        "int": int,
        "lift": codec.lift,
        "lift_enum": lift_enum,
        "length_of": length_of,
        "load_item": load_item,
        "store_item": store_item,
    }
    return {
        name: compile_function(name, text, names, f"{title}.{name}")
        for name, text in element_sources(kind, codec).items()
    }
