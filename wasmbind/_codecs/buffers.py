"""Bytes, and what arrays share with them: the buffer of a Python value, and the room for it in memory.

Numbers that already lie one after the other are copied as they are: those of `bytes`, of an array or an ndarray,
and of a live array, whose view is its memory.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._codecs.base import ReferenceCodec, null_found
from wasmbind._layout import OBJECT_MAXSIZE, span_of
from wasmbind._ownership import at_rest, owned
from wasmbind._schema import rtti as flags
from wasmbind.errors import LiftError, LowerTypeError, LowerValueError

if TYPE_CHECKING:
    from wasmbind._codecs.base import Allocation, Raw, Site
    from wasmbind._ownership import Suspension
    from wasmbind._runtime import Runtime

__all__ = ["BytesCodec", "CopyCodec", "buffer_of", "find_elements", "new_room", "number_format", "raw_bytes"]

#: Where elements lie, by the flag of their collection in the type table; old compilers flag an Array as a view too.
_SPANS: Final = {
    flags.STATIC_ARRAY: span_of("StaticArray"),
    flags.ARRAY: span_of("Array"),
    flags.ARRAY | flags.VIEW: span_of("Array"),
    flags.VIEW: span_of("Uint8Array"),
}
#: What the letters of buffer formats stand for, together with the size of an element.
_FORMATS: Final = {**dict.fromkeys("bhilqn", "i"), **dict.fromkeys("BHILQN", "u"), "f": "f", "d": "f", "?": "?"}


def buffer_of(value: Any) -> memoryview[Any] | None:
    """The value's own buffer, if it has one; that of a live array is its memory in the module."""
    kind = type(value)
    try:
        # Before Python 3.12 a class cannot offer a buffer, so live collections are asked for theirs.
        if hasattr(kind, "__asc_kind__"):
            return value.view() if hasattr(kind, "view") else None
        return memoryview(value)
    except (TypeError, ValueError, BufferError):  # of what NumPy cannot show, such as dates, ValueError
        return None


def raw_bytes(view: memoryview[Any]) -> memoryview[int] | bytes:
    """The bytes of a buffer without gaps, copied only where a view cannot show them."""
    try:
        return view.cast("B")
    except (TypeError, ValueError):  # it is empty, or of a format as ctypes writes it
        return view.tobytes()


def number_format(view: memoryview[Any]) -> tuple[str, int] | None:
    """What a buffer holds one after the other: the kind of number, see `_FORMATS`, and its size; None if neither."""
    kind = _FORMATS.get(view.format.lstrip("@=<"))
    return (kind, view.itemsize) if kind is not None and view.ndim == 1 and view.c_contiguous else None


def new_room(
    runtime: Runtime, allocation: Allocation, length: int, size: int, slot: int, *, zeroed: bool
) -> tuple[int, int]:
    """Make an object for a number of elements. The caller owns the instance.

    Args:
        runtime: the instance.
        allocation: the class to make.
        length: the number of elements.
        size: bytes of an element.
        slot: the root slot that keeps the object alive.
        zeroed: whether the elements have to be 0, which some runtimes leave to us.

    Returns:
        The addresses of the object and of its first element.

    Raises:
        AbortError: memory is exhausted.
    """
    if not allocation.size:
        ptr = runtime.new(length * size, allocation.rt_id, slot)
        if zeroed:
            runtime.fill(ptr, length * size)
        return ptr, ptr
    stored = length if allocation.kind == "Array" else 0
    ptr = runtime.invoke_glue("new_array", slot, allocation.size, allocation.rt_id, length * size, stored, zeroed)
    runtime.check(ptr, allocation.size, "a new object")
    start = span_of(allocation.kind).find(runtime.mem_u32, ptr, 0)[0]
    runtime.check(start, length * size, "the elements of a new object")
    return ptr, start


def find_elements(runtime: Runtime, ptr: int, name: str, size: int, element: int) -> tuple[int, int]:
    """Address of the first element and number of elements, of an Array, StaticArray or typed array.

    Args:
        runtime: the instance.
        ptr: the address of the object.
        name: the declared type.
        size: bytes of an element.
        element: the `element_flags` of the elements.

    Raises:
        LiftError: the object is no such array, or its elements lie outside memory.
    """
    rt_id, rt_size = runtime.header(ptr, name)
    rtti = runtime.rtti
    assert rtti is not None
    span = _SPANS.get(rtti.kind_of(rt_id))
    if span is None or not rtti.holds(rt_id, element):
        raise LiftError(f"{runtime.name}: {name} expected, found an object of run-time id {rt_id}", ptr)
    if rt_size < span.least:
        raise LiftError(f"{runtime.name}: an array of {rt_size} bytes is no array", ptr)
    start, length = span.find(runtime.mem_u32, ptr, size.bit_length() - 1)
    if start % size:
        raise LiftError(f"{runtime.name}: the elements of {name} are misaligned", start)
    runtime.check(start, length * size, f"the elements of {name}")
    return start, length


class CopyCodec(ReferenceCodec):
    """A type whose values are copied: lowered into a new object, lifted out of one."""

    by_value = allocates = True

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        return self.make(runtime, value, slot, path, runtime.allocation(self, path))

    def make(self, runtime: Runtime, values: Any, slot: int, path: str, allocation: Allocation) -> int:
        """Copy Python values into a new object of a class. The caller owns the instance.

        Args:
            runtime: the instance.
            values: any Python object.
            slot: the root slot that keeps the new object alive.
            path: what the values are, for errors.
            allocation: the class.

        Raises:
            LowerError: the values do not fit; the error names the index.
            AbortError: memory is exhausted.
        """
        raise NotImplementedError

    def load(self, runtime: Runtime, ptr: int, offset: int) -> Any:
        def work(suspension: Suspension) -> Any:
            suspension.slots.append(runtime.reserve())
            runtime.check(ptr + offset, 4, f"a field of type {self.name}")
            # Held while it is lifted: what runs between two elements may assign the field.
            runtime.mem_u32[suspension.slots[0]] = raw = runtime.mem_u32[(ptr + offset) >> 2]
            return self.lift(runtime, raw)

        return owned(runtime, work)

    def count_bytes(self, length: int, size: int, path: str) -> int:
        """The bytes of a number of elements.

        Raises:
            LowerValueError: more than AssemblyScript allocates.
        """
        if length * size > OBJECT_MAXSIZE:
            raise LowerValueError(path, self.name, length, f"{length} elements are more than AssemblyScript allocates")
        return length * size


class BytesCodec(CopyCodec):
    """`bytes`: an `ArrayBuffer`, or an array of `u8` of any kind."""

    def __init__(self, descriptor: d.Descriptor, site: Site | None = None) -> None:
        super().__init__(descriptor, site)
        self._flags = flags.element_flags(d.INTEGERS["u8"])

    def collected(self, values: Any, path: str) -> memoryview[Any]:
        """The bytes of a value, one after the other.

        Raises:
            LowerTypeError: it has none.
        """
        view = buffer_of(values)
        if view is None and hasattr(type(values), "__asc_kind__") and hasattr(values, "tolist"):
            # Where no view can be had of a live array, its elements can.
            with contextlib.suppress(TypeError, ValueError):
                view = memoryview(bytes(values.tolist()))
        if view is None or view.itemsize != 1:
            wider = "" if view is None else f", not elements of {view.itemsize} bytes"
            raise LowerTypeError(path, self.name, values, f"{self.name} expects bytes{wider}")
        return view if view.ndim == 1 and view.c_contiguous else memoryview(view.tobytes())

    def make(self, runtime: Runtime, values: Any, slot: int, path: str, allocation: Allocation) -> int:
        data = at_rest(runtime, self.collected, values, path)
        size = self.count_bytes(len(data), 1, path)
        ptr, start = new_room(runtime, allocation, size, 1, slot, zeroed=False)
        runtime.mem_u8[start : start + size] = raw_bytes(data)
        return ptr

    def lift(self, runtime: Runtime, raw: Raw) -> bytes:
        if not raw:
            raise null_found(runtime, self.name)
        rt_id, start = runtime.header(raw, self.name)[0], raw
        if rt_id == runtime.buffer_id:
            size = runtime.header(raw, self.name)[1]
        else:
            start, size = find_elements(runtime, raw, self.name, 1, self._flags)
        return bytes(runtime.mem_u8[start : start + size])
