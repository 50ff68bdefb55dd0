"""Single elements of arrays and buffers: every case that generated code leaves out.

An element may be read and written while somebody else is inside the instance, so all of this works as the owner.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._codecs.base import element_path
from wasmbind._layout import span_of
from wasmbind._ownership import Suspension, owned
from wasmbind.errors import LiftError, LowerError, LowerTypeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._live.sequences import LiveSequence

__all__ = [
    "PATIENCE",
    "Elements",
    "assign_references",
    "disturbed",
    "length_of",
    "load_item",
    "refuse_resizing",
    "store_item",
    "whole_index",
]


#: How often something is tried again because somebody called into the module meanwhile.
PATIENCE: Final = 64
_WORD: Final = 0xFFFFFFFF


class Elements:
    """Where the elements of one sequence lie just now.

    Whoever calls into the module may change that: another thread where the caller does not own the instance, else a
    signal handler or finaliser. So what is found here is used in one go, after a look at `runtime.nestings`.

    Attributes:
        length: the number of elements.
        first: the place of the first one in `memory`.
        memory: the view of memory that holds them.
    """

    __slots__ = ("first", "length", "memory")

    def __init__(self, sequence: LiveSequence[Any]) -> None:
        runtime, codec = sequence._asc_runtime, sequence.__asc_codec__
        shift = codec.element.shift
        start, self.length = span_of(sequence.__asc_kind__).find(runtime.mem_u32, sequence._asc_ptr, shift)
        runtime.check(start, self.length << shift, f"the elements of {codec.name}")
        self.first = start >> shift
        self.memory: memoryview[Any] = getattr(runtime, f"mem_{codec.element.view}")

    def at(self, index: slice) -> slice:
        """The places in `memory` of a slice of the elements."""
        places = range(*index.indices(self.length))
        if not places:
            return slice(0, 0)
        last = self.first + places[-1] + (1 if places.step > 0 else -1)
        return slice(self.first + places.start, last if last >= 0 else None, places.step)


def disturbed(sequence: LiveSequence[Any]) -> LiftError:
    """The error for a sequence that somebody changes again and again while it is used."""
    runtime, name = sequence._asc_runtime, sequence.__asc_codec__.name
    return LiftError(f"{runtime.name}: {name} changes while it is used", sequence._asc_ptr)


def length_of(sequence: LiveSequence[Any]) -> int:
    """The number of elements.

    Raises:
        LiftError: memory does not hold so many.
    """
    return owned(sequence._asc_runtime, lambda _: Elements(sequence).length)


def whole_index(sequence: LiveSequence[Any], index: Any) -> int:
    """An index as an int.

    Raises:
        TypeError: it is none.
    """
    try:
        return operator.index(index)
    except TypeError:
        name, given = type(sequence).__name__, type(index).__name__
        raise TypeError(f"{name} indices must be integers or slices, not {given}") from None


def _normal(sequence: LiveSequence[Any], index: int, length: int, what: str = "index") -> int:
    """An index from the start.

    Raises:
        IndexError: it is out of range.
    """
    found = index + length if index < 0 else index
    if not 0 <= found < length:
        raise IndexError(f"{type(sequence).__name__} {what} out of range: {index}, length {length}")
    return found


def load_item(sequence: LiveSequence[Any], index: Any) -> Any:
    """An element, or with a slice a list of them.

    Raises:
        IndexError: the index is out of range.
        LiftError: memory does not hold such a value.
    """
    if isinstance(index, slice):
        return sequence._load_slice(index)  # noqa: SLF001 - each kind of sequence has its own
    at = whole_index(sequence, index)
    runtime, codec = sequence._asc_runtime, sequence.__asc_codec__.element
    is_reference = d.is_reference(codec.descriptor)

    def work(suspension: Suspension) -> Any:
        slot = 0
        if is_reference:
            slot = runtime.reserve()
            suspension.slots.append(slot)
        for _attempt in range(PATIENCE):
            seen = runtime.nestings
            elements = Elements(sequence)
            place, memory = elements.first + _normal(sequence, at, elements.length), elements.memory
            if runtime.nestings == seen:
                # Nothing from this test to the hold lets anybody in.
                found = memory[place]
                if is_reference:
                    memory[slot] = found
                return codec.lift(runtime, found)
        raise disturbed(sequence)

    return owned(runtime, work)


def store_item(sequence: LiveSequence[Any], index: Any, value: Any) -> None:
    """Set an element, or with a slice several.

    Raises:
        IndexError: the index is out of range.
        LowerError: the value is not of the elements' type.
    """
    if isinstance(index, slice):
        sequence._assign(index, value)  # noqa: SLF001 - each kind of sequence has its own
        return
    at = whole_index(sequence, index)
    runtime, codec = sequence._asc_runtime, sequence.__asc_codec__
    what, path = "assignment index", element_path(codec.name, at)

    def work(suspension: Suspension) -> None:
        _normal(sequence, at, Elements(sequence).length, what)
        slot = runtime.reserve()
        suspension.slots.append(slot)
        raw = codec.element.lower(runtime, value, slot, path)
        if d.is_reference(codec.element.descriptor):
            # The glue takes it from where it is held.
            runtime.mem_u32[slot] = raw
            assign_references(
                sequence, lambda length: range(found := _normal(sequence, at, length, what), found + 1), slot << 2
            )
            return
        for _attempt in range(PATIENCE):
            seen = runtime.nestings
            elements = Elements(sequence)
            place, memory = elements.first + _normal(sequence, at, elements.length, what), elements.memory
            if runtime.nestings == seen:
                # Nothing from this test to the write lets anybody in.
                memory[place] = raw
                return
        raise disturbed(sequence)

    owned(runtime, work)


def assign_references(sequence: LiveSequence[Any], places: Callable[[int], range], source: int) -> None:
    """Set elements to references that something else holds. The caller owns the instance.

    Args:
        sequence: the sequence.
        places: gives the indices for the number of elements.
        source: the address of the first reference; the others follow it.
    """
    runtime, ptr = sequence._asc_runtime, sequence._asc_ptr
    for _attempt in range(PATIENCE):
        found = places(Elements(sequence).length)
        first, step = (found.start, found.step) if found else (0, 1)
        # The glue finds the elements itself, and tells if there are less by now.
        if runtime.run_member(type(sequence), "assign", ptr, first & _WORD, step & _WORD, len(found), source):
            return
    raise disturbed(sequence)


def refuse_resizing(sequence: LiveSequence[Any], method: str) -> LowerTypeError:
    """The error for changing the length of a sequence whose length is fixed.

    Args:
        sequence: the sequence.
        method: the name of the method that would.
    """
    name = sequence.__asc_codec__.name
    path, lacks = {"__delitem__": (f"del {name}[...]", "del"), "__iadd__": (f"{name} += ...", "+=")}.get(
        method, (f"{name}.{method}", f"{method}()")
    )
    # No value is to blame.
    return LowerTypeError(path, name, LowerError.NO_VALUE, f"{sequence._fixed_length()}, so it has no {lacks}")  # noqa: SLF001 - its other half
