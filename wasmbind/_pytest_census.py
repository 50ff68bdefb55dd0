"""Count the objects that are alive in a module, by class.

The collectors of asc 0.18 and later keep all objects in circular lists, whose links stand in the objects' headers
(`std/assembly/rt/itcms.ts` and `tcms.ts`). Right after a full collection one list has all that are alive but those that
are pinned; a new object is put into it, so it leads to all the others. Those that are pinned, by the module or by
wasmbind, are in a second list, to which wasmbind's staging area leads. What wasmbind has pinned for good is left out.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from wasmbind._memory import HEADER
from wasmbind._ownership import owned
from wasmbind.errors import BindError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmbind._ownership import Suspension
    from wasmbind._runtime import Runtime

__all__ = ["class_name", "count_objects"]

#: Where words of a header lie, in bytes from its start: the link to the next one, with the colour, and the class.
_NEXT, _ID = 4, 12
_COLOUR: Final = 3


def count_objects(runtime: Runtime) -> Counter[int] | None:
    """Collect garbage, and count what is left by run-time id; static objects are left out.

    Returns:
        None where that cannot be told: the binary exports no runtime, or its runtime has no collector, or counts.
    """
    if runtime.binary.function("__collect") is None or runtime.counts:
        return None
    try:
        runtime.binding.need_heap(runtime, runtime.name)
    except BindError:
        return None
    with runtime.native.exempt():  # a watch takes nothing from the fuel of a test
        runtime.collect()  # and what Python has let go of
        return owned(runtime, lambda suspension: _count(runtime, suspension))


def _count(runtime: Runtime, suspension: Suspension) -> Counter[int] | None:
    if not suspension.nested:
        runtime.clear_scratch()  # the last result is there until the next call
    runtime.invoke("__collect")
    new = runtime.invoke("__new", 0, runtime.buffer_id)
    statics = runtime.native.export("__rtti_base").value(runtime.native.store)  # the last of the static data
    runtime.refresh()  # it may have grown since somebody has looked
    memory, own = runtime.mem_u32, runtime.roots.pins
    found: Counter[int] = Counter()
    for ptr in (new, runtime.staging):
        for header in _others(memory, ptr - HEADER):
            if header is None:
                return None
            if header > statics and header + HEADER not in own:
                found[memory[(header + _ID) >> 2]] += 1
    return found


def _others(memory: memoryview[int], start: int) -> Iterator[int | None]:
    """Yield the headers that are in a list with another one; None at the end if it is no list."""
    header = start
    for _ in range(len(memory)):
        header = memory[(header + _NEXT) >> 2] & ~_COLOUR
        if header == start:
            return
        if not 0 < header <= memory.nbytes - HEADER:
            break  # the stub runtime has none
        yield header
    yield None


def class_name(runtime: Runtime, rt_id: int) -> str:
    """What to call the objects of a run-time id."""
    schema = runtime.binary.schema
    if schema is not None:
        for cls in schema.classes:
            if cls.id == rt_id:
                return schema.show_class(cls.index)
    for known in runtime.classes.values():
        if rt_id in known:
            return known[rt_id][0].__name__
    assert runtime.rtti is not None  # whoever has counted objects has read it
    return {runtime.string_id: "string", runtime.buffer_id: "ArrayBuffer"}.get(
        rt_id, f"{runtime.rtti.show_kind(rt_id).rpartition(' ')[2]} (class {rt_id})"
    )
