"""Many elements of arrays and buffers at a time: slices, and other orders."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.numbers import pack_numbers
from wasmbind._layout import VIEWS, span_of
from wasmbind._live.items import PATIENCE, Elements, assign_references, disturbed, load_item
from wasmbind._ownership import Suspension, owned
from wasmbind.errors import LowerError, LowerValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wasmbind._live.sequences import LiveSequence

__all__ = ["load_numbers", "load_slice", "permute", "show_slice", "store_slice"]


def load_slice(sequence: LiveSequence[Any], index: slice) -> list[Any]:
    """The elements of a slice, as a list."""
    runtime, codec = sequence._asc_runtime, sequence.__asc_codec__.element
    if d.is_reference(codec.descriptor):
        return [load_item(sequence, at) for at in range(*index.indices(len(sequence)))]
    numbers: list[Any] = load_numbers(sequence, index).tolist()
    plain = isinstance(codec.descriptor, (d.Integer, d.Float))
    return numbers if plain else [codec.lift(runtime, number) for number in numbers]


def load_numbers(sequence: LiveSequence[Any], index: slice) -> memoryview[Any]:
    """A copy of a slice of numbers, as memory has them."""
    runtime = sequence._asc_runtime

    def work(_: Suspension) -> memoryview[Any]:
        for _attempt in range(PATIENCE):
            seen = runtime.nestings
            elements = Elements(sequence)
            found = copied(elements.memory.format, elements.memory[elements.at(index)])
            if runtime.nestings == seen:
                return found
        raise disturbed(sequence)

    return owned(runtime, work)


def store_slice(sequence: LiveSequence[Any], index: slice, values: Sequence[Any]) -> None:
    """Set as many elements as there are values; nothing is set if one of them does not fit.

    Args:
        sequence: the sequence.
        index: where.
        values: any, or a buffer that `collected` has found to hold such elements.

    Raises:
        LowerError: there are more or fewer values than elements, or one is not of the elements' type.
    """
    runtime, codec = sequence._asc_runtime, sequence.__asc_codec__
    maker: Any = codec.maker
    path = f"{codec.name}[{show_slice(index)}] = values"

    def places(length: int) -> range:
        found = range(*index.indices(length))
        if len(found) != len(values):
            problem = f"{len(values)} values for {len(found)} elements; {sequence._fixed_length()}"  # noqa: SLF001 - the same
            raise LowerValueError(path, codec.name, LowerError.NO_VALUE, problem)
        return found

    def store_references(suspension: Suspension) -> None:
        places(Elements(sequence).length)
        suspension.slots.append(runtime.reserve())
        # In an array of their own until all are there: then one call sets them.
        made = maker.make(runtime, values, suspension.slots[0], path, runtime.allocation(codec, path))
        source = span_of(sequence.__asc_kind__).find(runtime.mem_u32, made, codec.element.shift)[0]
        assign_references(sequence, places, source)

    def store_numbers(_: Suspension) -> None:
        if isinstance(values, memoryview):
            numbers = copied(VIEWS[codec.element.view][0], values)
        else:
            numbers = memoryview(pack_numbers(runtime, codec.element, values, path))
        for _attempt in range(PATIENCE):
            seen = runtime.nestings
            elements = Elements(sequence)
            places(elements.length)
            at, memory = elements.at(index), elements.memory
            if runtime.nestings == seen:
                # Nothing from this test to the write lets anybody in.
                memory[at] = numbers
                return
        raise disturbed(sequence)

    owned(runtime, store_references if d.is_reference(codec.element.descriptor) else store_numbers)


def show_slice(index: slice) -> str:
    """A slice as its author wrote it."""
    parts = ["" if part is None else str(part) for part in (index.start, index.stop, index.step)]
    return ":".join(parts if parts[2] else parts[:2])


def permute(sequence: LiveSequence[Any], order: Callable[[int], Sequence[int]]) -> None:
    """Put the elements into another order.

    Args:
        sequence: the sequence.
        order: gives the indices in their new order for the number of elements.

    Raises:
        ValueError: the number of elements is not what `order` expects.
    """
    runtime = sequence._asc_runtime

    def work(_: Suspension) -> None:
        for _attempt in range(PATIENCE):
            seen = runtime.nestings
            elements = Elements(sequence)
            at, memory = elements.at(slice(None)), elements.memory
            raws = memory[at].tolist()
            moved = memoryview(array(memory.format, [raws[index] for index in order(elements.length)]))
            if runtime.nestings == seen:
                # Nothing from this test to the write lets anybody in. A black object keeps the children that it has,
                # so the collector need not know.
                memory[at] = moved
                return
        raise disturbed(sequence)

    owned(runtime, work)


def copied(format_: str, numbers: memoryview[Any]) -> memoryview[Any]:
    """A copy of numbers, one after the other."""
    return memoryview(array(format_, numbers.tobytes()))
