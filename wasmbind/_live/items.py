"""Elements of arrays and buffers, one or many at a time: every case that generated code leaves out.

An element may be read and written while somebody else is inside the instance, so all of this works as the owner.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.base import element_path
from wasmbind._codecs.buffers import raw_bytes
from wasmbind._layout import VIEWS
from wasmbind._ownership import Suspension, owned
from wasmbind.errors import LowerError, LowerTypeError, LowerValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wasmbind._live.sequences import LiveSequence
    from wasmbind._runtime import Runtime

__all__ = [
    "Elements",
    "elements_of",
    "load_item",
    "load_slice",
    "permute",
    "refuse_resizing",
    "store_item",
    "store_slice",
    "whole_index",
]


class Elements:
    """Where the elements of one sequence lie just now. Any call into the module may change that.

    Attributes:
        start: the address of the first element.
        length: the number of elements.
    """

    __slots__ = ("_codec", "_ptr", "_runtime", "length", "start")

    def __init__(self, sequence: LiveSequence[Any]) -> None:
        runtime, ptr = sequence._asc_runtime, sequence._asc_ptr
        self._runtime, self._ptr, self._codec = runtime, ptr, sequence.__asc_codec__.element
        self.start, self.length = place_of(runtime, ptr, sequence.__asc_kind__, 1 << self._codec.shift)
        runtime.check(self.start, self.length << self._codec.shift, f"the elements of {sequence.__asc_codec__.name}")

    @property
    def view(self) -> memoryview[Any]:
        """The elements as memory has them."""
        first = self.start >> self._codec.shift
        found: memoryview[Any] = getattr(self._runtime, f"mem_{self._codec.view}")[first : first + self.length]
        return found

    def lift(self, index: int, suspension: Suspension) -> Any:
        """The Python value of an element."""
        runtime, codec = self._runtime, self._codec
        if not d.is_reference(codec.descriptor):
            return codec.lift(runtime, self.view[index])
        slot = runtime.reserve()
        suspension.slots.append(slot)
        runtime.mem_u32[slot] = found = runtime.mem_u32[(self.start >> 2) + index]
        return codec.lift(runtime, found)

    def store(self, index: int, raw: Any) -> None:
        """Set an element; something has to hold a reference meanwhile."""
        if d.is_reference(self._codec.descriptor):
            self._runtime.write_reference(self._ptr, self.start + 4 * index - self._ptr, raw)
        else:
            self.view[index] = raw


def place_of(runtime: Runtime, ptr: int, kind: str, size: int) -> tuple[int, int]:
    """The address of the first element of a sequence and the number of elements, as the module has them.

    Args:
        runtime: the instance.
        ptr: the address of the object.
        kind: the AssemblyScript class.
        size: bytes of an element.
    """
    memory, word = runtime.mem_u32, ptr >> 2
    if kind == "Array":
        return memory[word + 1], memory[word + 3]
    if kind in d.TYPED_ARRAYS or kind == "DataView":
        return memory[word + 1], memory[word + 2] // size
    return ptr, memory[word - 1] // size


def elements_of(sequence: LiveSequence[Any], function: Callable[[Elements, Suspension], Any]) -> Any:
    """Call a function with the elements of a sequence, as the only one inside the instance.

    Raises:
        InstanceError: the instance is closed or poisoned.
        LiftError: the elements lie outside memory.
    """
    return owned(sequence._asc_runtime, lambda suspension: function(Elements(sequence), suspension))


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
    return elements_of(
        sequence, lambda elements, suspension: elements.lift(_normal(sequence, at, elements.length), suspension)
    )


def load_slice(sequence: LiveSequence[Any], index: slice) -> list[Any]:
    """The elements of a slice, as a list."""
    codec = sequence.__asc_codec__.element
    start, stop, step = index.indices(len(sequence))
    if d.is_reference(codec.descriptor):
        return [load_item(sequence, at) for at in range(start, stop, step)]

    def work(elements: Elements, _: Suspension) -> list[Any]:
        found: list[Any] = elements.view[index].tolist()
        return found

    raw = elements_of(sequence, work)
    if isinstance(codec.descriptor, (d.Integer, d.Float)):
        numbers: list[Any] = raw
        return numbers
    runtime = sequence._asc_runtime
    return [codec.lift(runtime, number) for number in raw]


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
    runtime = sequence._asc_runtime
    codec = sequence.__asc_codec__.element

    def work(suspension: Suspension) -> None:
        path = element_path(sequence.__asc_codec__.name, at)
        _normal(sequence, at, Elements(sequence).length, "assignment index")
        suspension.slots.append(runtime.reserve())
        raw = codec.lower(runtime, value, suspension.slots[0], path)
        # The value's own code may have run, and changed the sequence.
        elements = Elements(sequence)
        elements.store(_normal(sequence, at, elements.length, "assignment index"), raw)

    owned(runtime, work)


def store_slice(sequence: LiveSequence[Any], index: slice, values: Sequence[Any]) -> None:
    """Set as many elements as there are values; nothing is set if one of them does not fit.

    Args:
        sequence: the sequence.
        index: where.
        values: any, or a buffer that `collected` has found to hold such elements.

    Raises:
        LowerError: there are more or fewer values than elements, or one is not of the elements' type.
    """
    runtime = sequence._asc_runtime
    codec = sequence.__asc_codec__

    def work(suspension: Suspension) -> None:
        raws: Any = values
        if not isinstance(values, memoryview):
            raws = [_lowered(runtime, codec, value, at, suspension) for at, value in enumerate(values)]
        elements = Elements(sequence)
        places = range(*index.indices(elements.length))
        if len(places) != len(raws):
            problem = f"{len(raws)} values for {len(places)} elements; {sequence._fixed_length()}"  # noqa: SLF001 - the same
            raise LowerValueError(codec.name, codec.name, LowerError.NO_VALUE, problem)
        if d.is_reference(codec.element.descriptor):
            for at, raw in zip(places, raws, strict=True):
                elements.store(at, raw)
        else:
            elements.view[index] = packed(VIEWS[codec.element.view][0], raws)

    owned(runtime, work)


def permute(sequence: LiveSequence[Any], order: Callable[[list[Any]], Sequence[int]], *, lift: bool = True) -> None:
    """Put the elements into another order.

    Args:
        sequence: the sequence.
        order: gives the indices in their new order for the values.
        lift: whether `order` looks at the values, and not only at their number.

    Raises:
        ValueError: the number of elements changed meanwhile.
    """
    places = order(sequence.tolist() if lift else [None] * len(sequence))

    def work(elements: Elements, _: Suspension) -> None:
        if elements.length != len(places):
            raise ValueError(f"{type(sequence).__name__} modified during sort")
        view = elements.view
        raws = view.tolist()
        # A black object keeps the children that it has, so the collector need not know.
        view[:] = packed(view.format, [raws[at] for at in places])

    elements_of(sequence, work)


def packed(format_: str, numbers: Sequence[Any]) -> memoryview[Any]:
    """Numbers one after the other, as memory has them."""
    from array import array  # noqa: PLC0415 - only slices need it

    found = array(format_)
    if isinstance(numbers, memoryview):
        found.frombytes(raw_bytes(numbers))
    else:
        found.extend(numbers)
    return memoryview(found)


def _lowered(runtime: Runtime, codec: Any, value: Any, at: int, suspension: Suspension) -> Any:
    slot = 0
    if codec.element.allocates:
        slot = runtime.reserve()
        suspension.slots.append(slot)
    return codec.element.lower(runtime, value, slot, element_path(codec.name, at))


def refuse_resizing(sequence: LiveSequence[Any], method: str, value: Any = LowerError.NO_VALUE) -> LowerTypeError:
    """The error for changing the length of a sequence whose length is fixed.

    Args:
        sequence: the sequence.
        method: the name of the method that would.
        value: its last argument.
    """
    name = sequence.__asc_codec__.name
    path, lacks = {"__delitem__": (f"del {name}[...]", "del"), "__iadd__": (f"{name} += ...", "+=")}.get(
        method, (f"{name}.{method}", f"{method}()")
    )
    return LowerTypeError(path, name, value, f"{sequence._fixed_length()}, so it has no {lacks}")  # noqa: SLF001 - its other half
