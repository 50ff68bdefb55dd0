"""The codecs of `list[T]` and `tuple[T, ...]`: an AssemblyScript array of any kind, copied.

Numbers move in bulk: one conversion, one copy. So do strings and handles of objects. Other references are lowered
one by one, while their array is pinned: pinned objects are scanned again before every sweep, so no write needs a
barrier.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._codecs.base import element_path, null_found
from wasmbind._codecs.buffers import CopyCodec, buffer_of, find_elements, new_room, number_format, raw_bytes
from wasmbind._codecs.numbers import pack_numbers
from wasmbind._codecs.strings import is_string
from wasmbind._codecs.texts import are_texts, lower_texts
from wasmbind._layout import VIEWS
from wasmbind._ownership import at_rest
from wasmbind._pins import Pin
from wasmbind._schema import rtti as flags
from wasmbind.errors import InstanceError, LiftError, LowerError, LowerTypeError, LowerValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wasmbind._codecs.base import Allocation, Codec, Raw, Site
    from wasmbind._runtime import Runtime

__all__ = ["ListCodec", "TupleCodec"]

#: 0 stays 0 and everything else becomes 1, as a bool is in memory.
_TRUTH: Final = bytes([0] + [1] * 255)


class ListCodec(CopyCodec):
    """A Python list of the values of one codec."""

    #: The number of elements, None for any.
    _length: int | None = None

    def __init__(self, descriptor: d.Descriptor, element: Codec, site: Site | None = None) -> None:
        super().__init__(descriptor, site)
        self.element = element
        inner = element.descriptor
        self._is_reference = d.is_reference(inner)
        self._is_text, self._is_nullable = is_string(inner), isinstance(inner, d.Nullable)
        self._is_plain = isinstance(inner, (d.Integer, d.Float))
        self._code, self._size = VIEWS[element.view]
        self._flags = flags.element_flags(inner)
        letter = element.view[0] if self._is_plain else "?" if isinstance(inner, d.Boolean) else "none"
        self._format = (letter, self._size)

    # --- lower ----------------------------------------------------------------------------------------------

    def make(self, runtime: Runtime, values: Any, slot: int, path: str, allocation: Allocation) -> int:
        found = values
        if type(values) is not list and type(values) is not tuple:
            found = at_rest(runtime, self.collected, values, path, runtime)
        if self._is_reference:
            return self._make_references(runtime, list(found), slot, path, allocation)
        numbers: Any = found
        self._count(found, path)
        if not isinstance(found, memoryview):
            numbers = at_rest(runtime, pack_numbers, runtime, self.element, found, path)
        data = raw_bytes(memoryview(numbers))
        ptr, start = new_room(runtime, allocation, len(numbers), self._size, slot, zeroed=False)
        runtime.mem_u8[start : start + len(data)] = data
        return ptr

    def collected(self, values: Any, path: str, runtime: Runtime | None = None) -> Sequence[Any]:
        """All values, so that nobody can change them: the caller's code runs here, before the first allocation.

        Args:
            values: any Python object.
            path: what it is, for errors.
            runtime: the instance, if the caller owns it.

        Returns:
            The value's own buffer, where it holds such numbers one after the other; else a list.

        Raises:
            LowerTypeError: it is no sequence and cannot be iterated over.
        """
        kind: Any = type(values)
        if not self._is_reference:
            view = buffer_of(values)
            if view is not None and number_format(view) == self._format:
                # Nothing cannot be cast.
                return view if self._is_plain or not view else memoryview(view.tobytes().translate(_TRUTH)).cast("?")
            if view is not None and "Z" in view.format:  # as NumPy writes it; each number would lose its other half
                raise LowerTypeError(path, self.name, values, f"{self.name} expects no complex numbers")
            if view is not None and view.ndim > 1:
                problem = f"{self.name} expects one dimension, not {view.ndim}"
                raise LowerTypeError(path, self.name, values, problem)
            if view is not None and view.ndim == 1 and not issubclass(kind, (bytes, bytearray)):
                self._count(view, path)
                try:
                    return view.tolist()
                except NotImplementedError:  # such as of a half or of the other byte order
                    pass
        if hasattr(kind, "__asc_kind__") and hasattr(kind, "tolist"):
            if values._asc_runtime is not runtime:
                return list(values.tolist())
            # What lifts on its own would have to suspend the caller.
            return list(values.__asc_codec__.maker.lift(runtime, values._asc_ptr))
        if issubclass(kind, (str, bytes, bytearray)):
            raise LowerTypeError(path, self.name, values, f"{self.name} expects a list or another sequence")
        iterable = hasattr(kind, "__iter__") or hasattr(kind, "__getitem__")
        if not iterable or getattr(values, "ndim", 1) == 0:
            raise LowerTypeError(path, self.name, values, f"{self.name} expects a list")
        return list(values)

    def _count(self, values: Sequence[Any], path: str) -> int:
        """The number of values.

        Raises:
            LowerValueError: not the declared number, or more than AssemblyScript allocates.
        """
        length = len(values)
        if self._length is not None and length != self._length:
            problem = f"{self._length} elements are declared, {length} given"
            raise LowerValueError(path, self.name, values, problem)
        self.count_bytes(length, self._size, path)
        return length

    def _make_references(self, runtime: Runtime, items: list[Any], slot: int, path: str, allocation: Allocation) -> int:
        length = self._count(items, path)
        # Where references are counted, releasing the pin counts what has been stored.
        if not items or not (self.element.allocates or runtime.counts):
            return self._make_handles(runtime, items, slot, path, allocation)
        # Slots come first: only an object that was made a moment ago may be pinned.
        pin = Pin(runtime.reserve(), runtime.reserve())
        try:
            ptr, start = new_room(runtime, allocation, length, 4, slot, zeroed=True)
            pin.put(runtime, ptr)
            if self._is_text and are_texts(items, nullable=self._is_nullable):
                lower_texts(runtime, items, start, pin.spare, path)
            else:
                lower = self.element.lower
                for index, item in enumerate(items):
                    raw = lower(runtime, item, pin.spare, element_path(path, index))
                    runtime.mem_u32[(start >> 2) + index] = raw
            pin.release(runtime)
        except BaseException:
            runtime.bury(pin)
            raise
        return ptr

    def _make_handles(self, runtime: Runtime, items: list[Any], slot: int, path: str, allocation: Allocation) -> int:
        """Lower objects that Python keeps alive, which takes no allocation and so no pin."""
        lower = self.element.lower
        try:
            raws = [lower(runtime, item, 0, path) for item in items]
        except (LowerError, InstanceError):
            for index, item in enumerate(items):
                lower(runtime, item, 0, element_path(path, index))
            raise
        ptr, start = new_room(runtime, allocation, len(raws), 4, slot, zeroed=True)
        # Nothing has visited the new array, so no write into it needs a barrier.
        struct.pack_into(f"<{len(raws)}I", runtime.mem_u8, start, *raws)
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
        slot, memory = runtime.reserve(), runtime.mem_u32
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
            memory[slot] = 0  # an interrupt may come at the start of the call, and after the end this is still memory
            runtime.give_back(slot)

    def _elements(self, runtime: Runtime, ptr: int) -> tuple[int, int]:
        """Address of the first element and number of elements.

        Raises:
            LiftError: there is no such array, or not of the declared length.
        """
        start, length = find_elements(runtime, ptr, self.name, self._size, self._flags)
        if self._length is not None and length != self._length:
            problem = f"{self.name}: {self._length} elements are declared, {length} found"
            raise LiftError(f"{runtime.name}: {problem}", ptr)
        return start, length


class TupleCodec(ListCodec):
    """A Python tuple of the values of one codec, of a fixed length if one is declared."""

    def __init__(self, descriptor: d.TupleOf, element: Codec, site: Site | None = None) -> None:
        super().__init__(descriptor, element, site)
        self._length = descriptor.length

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        return tuple(super().lift(runtime, raw))
