"""The codec of `list[T]`: an AssemblyScript array, copied.

Numbers move in bulk: one conversion, one copy. A list of references is filled while its array is pinned,
because pinned objects are scanned again before every sweep, so no write needs a barrier.
"""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.base import Codec, Raw, ReferenceCodec, null_found
from wasmbind._layout import VIEWS
from wasmbind._ownership import owned
from wasmbind._roots import ARRAY_SIZE, VIEW_SIZE
from wasmbind._schema import rtti as flags
from wasmbind.errors import LiftError, LowerError, LowerTypeError, LowerValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wasmbind._runtime import Runtime

__all__ = ["ListCodec"]

#: Bytes of an array object whose class may be derived from `Array`.
_ROOMY = 512
#: Bytes of the largest object that AssemblyScript allocates (`OBJECT_MAXSIZE`, std/assembly/rt/common.ts).
_LARGEST = (1 << 30) - 32
_DATA_START_WORD, _BYTE_LENGTH_WORD, _LENGTH_WORD = 1, 2, 3


class ListCodec(ReferenceCodec):
    """A Python list of the values of one codec."""

    descriptor: d.ListOf
    by_value = True

    def __init__(self, descriptor: d.ListOf, element: Codec) -> None:
        super().__init__(descriptor)
        self.element = element
        self._is_reference = d.is_reference(descriptor.element)
        self._is_plain = isinstance(element.descriptor, (d.Integer, d.Float))
        self._code, self._size = VIEWS[element.view]
        self._flags = flags.element_flags(descriptor.element)

    # --- lower ----------------------------------------------------------------------------------------------

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        if isinstance(value, (str, bytes, bytearray)):
            raise LowerTypeError(path, self.name, value, f"{self.name} expects a list or another sequence")
        array_class = runtime.arrays.get(self.descriptor) or self._array_class(runtime, path)
        if not self._is_reference:
            return self._lower_numbers(runtime, value, slot, path, array_class)
        return self._lower_references(runtime, self._items(value, path), slot, path, array_class)

    def _array_class(self, runtime: Runtime, path: str) -> tuple[int, int]:
        """The run-time id and the size of the array that a list becomes; found once per instance."""
        ids = runtime.binding.array_ids(self.descriptor, self._flags)
        if not ids:
            raise LowerError(
                path,
                self.name,
                LowerError.NO_VALUE,
                f"{runtime.name} contains no {self.name}, so it cannot be allocated; use one in the"
                " AssemblyScript source, such as in an exported function's signature",
            )
        # Among several classes the one chosen may be a subclass with fields of its own, which its visitor reads.
        found = runtime.arrays[self.descriptor] = ids[0], ARRAY_SIZE if len(ids) == 1 else _ROOMY
        return found

    def _lower_numbers(self, runtime: Runtime, value: Any, slot: int, path: str, array_class: tuple[int, int]) -> int:
        values = value if isinstance(value, (list, tuple)) else self._buffer(value)
        if values is None:
            values = self._items(value, path)
        length = len(values)
        size = self._bytes(length, path)
        buffer_slot = runtime.reserve()
        try:
            buffer = runtime.new(size, runtime.buffer_id, buffer_slot)
            if isinstance(values, memoryview):
                runtime.mem_u8[buffer : buffer + size] = values.cast("B") if length else b""
            else:
                self._pack(runtime, buffer, values, length, path)
            return self._new_array(runtime, buffer, length, slot, array_class)
        finally:
            runtime.give_back(buffer_slot)

    def _bytes(self, length: int, path: str) -> int:
        """The size of so many elements, in bytes."""
        if length * self._size > _LARGEST:
            raise LowerValueError(path, self.name, length, f"{length} elements are more than AssemblyScript allocates")
        return length * self._size

    def _pack(self, runtime: Runtime, buffer: int, values: Sequence[Any], length: int, path: str) -> None:
        """Store `length` numbers from `buffer` on; if one does not fit, say which."""
        if self._is_plain and self._code != "f":
            try:
                struct.pack_into(f"<{length}{self._code}", runtime.mem_u8, buffer, *values)
            except (struct.error, TypeError, OverflowError):
                pass
            else:
                return
        lower = self.element.lower
        # Unlike struct, array rounds to f32 as AssemblyScript does, to infinity if need be.
        numbers = array(self._code, [lower(runtime, item, 0, _inside(path, i)) for i, item in enumerate(values)])
        if len(numbers) != length:
            raise LowerTypeError(path, self.name, values, "the list changed while it was converted")
        runtime.mem_u8[buffer : buffer + length * self._size] = memoryview(numbers).cast("B") if length else b""

    def _buffer(self, value: Any) -> memoryview[Any] | None:
        """The value's own buffer, if it holds such numbers one after the other."""
        try:
            view = memoryview(value)
        except TypeError:
            return None
        same = view.format.lstrip("@=<") == self._code if view.format else False
        return view if same and view.ndim == 1 and view.c_contiguous and self._is_plain else None

    def _items(self, value: Any, path: str) -> list[Any]:
        """All items; the caller's code runs here, before the first allocation."""
        kind = type(value)
        if not hasattr(kind, "__iter__") and not hasattr(kind, "__getitem__"):
            raise LowerTypeError(path, self.name, value, f"{self.name} expects a list")
        return list(value)

    def _lower_references(
        self, runtime: Runtime, items: list[Any], slot: int, path: str, array_class: tuple[int, int]
    ) -> int:
        item_slot = runtime.reserve()
        pinned = 0
        try:
            buffer = runtime.new(self._bytes(len(items), path), runtime.buffer_id, item_slot)
            runtime.fill(buffer, 4 * len(items))
            ptr = self._new_array(runtime, buffer, len(items), slot, array_class)
            pinned = runtime.invoke("__pin", ptr)
            for index, item in enumerate(items):
                raw = self.element.lower(runtime, item, item_slot, _inside(path, index))
                runtime.mem_u32[(buffer >> 2) + index] = raw
            return ptr
        finally:
            if pinned and runtime.idle is None:
                runtime.invoke("__unpin", pinned)
            runtime.give_back(item_slot)

    def _new_array(self, runtime: Runtime, buffer: int, length: int, slot: int, array_class: tuple[int, int]) -> int:
        """A new array around a buffer. It is white until the next allocation, so it needs no barrier."""
        rt_id, size = array_class
        ptr = runtime.new(size, rt_id, slot)
        runtime.fill(ptr, size)
        runtime.write_words(ptr, (buffer, buffer, length * self._size, length))
        return ptr

    # --- lift -----------------------------------------------------------------------------------------------

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        if not raw:
            raise null_found(runtime, self.name)
        if self._is_reference:
            return self._lift_references(runtime, raw)
        start, length = self._elements(runtime, raw)
        numbers: Any = runtime.mem_u8[start : start + length * self._size]
        values = numbers.cast(self._code).tolist()
        return values if self._is_plain else [self.element.lift(runtime, value) for value in values]

    def _lift_references(self, runtime: Runtime, ptr: int) -> list[Any]:
        """Lift the elements, each held while it is lifted.

        Between two elements a finaliser or a signal handler may call into the instance and change the array, or
        collect what it no longer refers to; then the array is looked at again.
        """
        found: list[Any] = []
        lift = self.element.lift
        slot = runtime.reserve()
        try:
            seen, index, end = -1, 0, 0
            while True:
                if runtime.nestings != seen:
                    seen = runtime.nestings
                    start, length = self._elements(runtime, ptr)
                    index, end = (start >> 2) + len(found), (start >> 2) + length
                    continue
                if index >= end:
                    return found
                # Nothing between the test above and the hold lets anybody in.
                raw = runtime.mem_u32[index]
                runtime.mem_u32[slot] = raw
                index += 1
                found.append(lift(runtime, raw))
        finally:
            runtime.give_back(slot)

    def load(self, runtime: Runtime, ptr: int, offset: int) -> Any:
        return owned(runtime, lambda _: super(ListCodec, self).load(runtime, ptr, offset))

    def _elements(self, runtime: Runtime, ptr: int) -> tuple[int, int]:
        """Address of the first element and number of elements, of an Array, StaticArray or typed array."""
        rt_id, rt_size = runtime.header(ptr, self.name)
        rtti = runtime.rtti
        assert rtti is not None
        kind, word = rtti.kind_of(rt_id), ptr >> 2
        listlike = kind & (flags.ARRAY | flags.STATIC_ARRAY | flags.VIEW)
        if not listlike or not rtti.holds(rt_id, self._flags):
            raise LiftError(f"{runtime.name}: {self.name} expected, found an object of run-time id {rt_id}", ptr)
        if kind & flags.STATIC_ARRAY:
            return ptr, rt_size // self._size
        if rt_size < (ARRAY_SIZE if kind & flags.ARRAY else VIEW_SIZE):
            raise LiftError(f"{runtime.name}: an array of {rt_size} bytes is no array", ptr)
        memory = runtime.mem_u32
        start = memory[word + _DATA_START_WORD]
        length = memory[word + _LENGTH_WORD] if kind & flags.ARRAY else memory[word + _BYTE_LENGTH_WORD] // self._size
        if start % self._size:
            raise LiftError(f"{runtime.name}: the elements of {self.name} are misaligned", start)
        runtime.check(start, length * self._size, f"the elements of {self.name}")
        return start, length


def _inside(path: str, index: int) -> str:
    """The path of an element: `Files.sum(values)` and 3 give `Files.sum(values[3])`."""
    return f"{path[:-1]}[{index}])" if path.endswith(")") else f"{path}[{index}]"
