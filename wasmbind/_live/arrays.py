"""`Array` and `StaticArray`."""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import TYPE_CHECKING, Any, TypeVar

from wasmbind._live.items import store_slice, whole_index
from wasmbind._live.sequences import FixedSequence, LiveSequence
from wasmbind._ownership import Suspension, owned

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self


__all__ = ["Array", "StaticArray"]

T = TypeVar("T")


class Array(LiveSequence[T], MutableSequence[T]):
    """A live AssemblyScript `Array<T>`: a mutable sequence that grows.

    Where one is declared for a parameter or a field, a Python list is taken too, and copied into a new array.
    `module[Array[T]](values)` makes one. Slices are lists.

    Raises:
        IndexError: an index is out of range.
        LowerError: a value is not of the elements' type; the error names the index.
        InstanceError: the instance is closed or poisoned.
    """

    __slots__ = ()
    __asc_kind__ = "Array"

    if TYPE_CHECKING:

        def __init__(self, values: Iterable[T] = (), /) -> None: ...
        def __set__(self, obj: Any, value: Self | Iterable[T]) -> None: ...
        def append(self, value: T) -> None:
            """Add an element at the end."""
            ...

    def insert(self, index: int, value: T) -> None:
        """Add an element before an index, which is cut to the length."""
        at = whole_index(self, index)
        self._splice(slice(at, at), [value])

    def extend(self, values: Iterable[T]) -> None:
        """Add elements at the end; none is added if one of them does not fit."""
        self._splice(slice(1 << 32, None), values)

    def __iadd__(self, values: Iterable[T]) -> Self:
        self.extend(values)
        return self

    def pop(self, index: int = -1) -> T:
        """Remove an element, the last one if nothing else is said, and return it."""
        if not len(self):
            raise IndexError(f"pop from empty {type(self).__name__}")
        value = self[index]
        del self[index]
        return value

    def clear(self) -> None:
        """Remove all elements."""
        self._splice(slice(None), ())

    def __delitem__(self, index: int | slice) -> None:
        if not isinstance(index, slice):
            at = whole_index(self, index)
            if not -len(self) <= at < len(self):
                raise IndexError(f"{type(self).__name__} index out of range: {at}, length {len(self)}")
            self._splice(slice(at, at + 1 if at != -1 else None), ())
        elif index.step in (None, 1):
            self._splice(index, ())
        else:
            gone = set(range(*index.indices(len(self))))
            self._splice(slice(None), [value for at, value in enumerate(self.tolist()) if at not in gone])

    def _assign(self, index: slice, values: Iterable[Any]) -> None:
        if index.step in (None, 1):
            self._splice(index, values)
        else:
            store_slice(self, index, self._collected(values))

    def _fixed_length(self) -> str:
        return "a slice with a step keeps its length"

    def _splice(self, index: slice, values: Iterable[Any]) -> None:
        """Put any number of values in place of the elements of a slice without a step."""
        runtime, codec = self._asc_runtime, self.__asc_codec__
        # Their own code runs before anything is allocated.
        maker: Any = codec.maker
        given = values if isinstance(values, (list, tuple)) else maker.collected(values, codec.name)

        def work(suspension: Suspension) -> None:
            source, count = 0, len(given)
            if count:
                suspension.slots.append(runtime.reserve())
                allocation = runtime.allocation(codec, codec.name)
                made = maker.make(runtime, given, suspension.slots[0], codec.name, allocation)
                source, count = runtime.mem_u32[(made >> 2) + 1], runtime.mem_u32[(made >> 2) + 3]
            start, stop, _ = index.indices(runtime.mem_u32[(self._asc_ptr >> 2) + 3])
            removed = max(stop - start, 0)
            runtime.run_member(type(self), "splice", self._asc_ptr, start, removed, source, count)

        owned(runtime, work)


class StaticArray(FixedSequence[T]):
    """A live AssemblyScript `StaticArray<T>`: a sequence of fixed length whose elements can be set.

    Where one is declared for a parameter or a field, a Python list is taken too, and copied into a new array.
    `module[StaticArray[T]](values)` makes one.

    Raises:
        IndexError: an index is out of range.
        LowerError: a value is not of the elements' type, or the length would have to change.
        InstanceError: the instance is closed or poisoned.
    """

    __slots__ = ()
    __asc_kind__ = "StaticArray"

    if TYPE_CHECKING:

        def __init__(self, values: Iterable[T] = (), /) -> None: ...
        def __set__(self, obj: Any, value: Self | Iterable[T]) -> None: ...
