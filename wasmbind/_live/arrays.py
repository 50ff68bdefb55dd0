"""`Array` and `StaticArray`."""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from wasmbind._live.entries import MISSING
from wasmbind._live.items import PATIENCE, Elements, disturbed, whole_index
from wasmbind._live.sequences import FixedSequence, LiveSequence
from wasmbind._live.slices import show_slice, store_slice
from wasmbind._ownership import Suspension, owned
from wasmbind.errors import LowerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self


__all__ = ["Array", "StaticArray"]

T = TypeVar("T")
#: Behind the last element of any array.
_END: Final = 1 << 31


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
        def __get__(self, obj: object, owner: object, /) -> Self: ...
        def __set__(self, obj: Any, value: Self | Iterable[T]) -> None: ...
        def append(self, value: T) -> None:
            """Add an element at the end."""
            ...

        def _take(self, index: int) -> Any: ...

    def insert(self, index: int, value: T) -> None:
        """Add an element before an index, which is cut to the length."""
        at = whole_index(self, index)
        path = f"{self.__asc_codec__.name}.insert(value)"
        try:
            self._splice(slice(at, at), [value], path)
        except LowerError as error:
            raise error.at(error.path.replace("(value[0]", "(value", 1)) from None

    def extend(self, values: Iterable[T]) -> None:
        """Add elements at the end; none is added if one of them does not fit."""
        self._splice(slice(_END, None), values, f"{self.__asc_codec__.name}.extend(values)")

    def __iadd__(self, values: Iterable[T]) -> Self:
        self.extend(values)
        return self

    def pop(self, index: int = -1) -> T:
        """Remove an element, the last one if nothing else is said, and return it."""
        at = whole_index(self, index)
        value: Any = self._take(at) if abs(at) < _END else MISSING
        if value is MISSING:
            raise IndexError("pop index out of range" if len(self) else f"pop from empty {type(self).__name__}")
        found: T = value
        return found

    def clear(self) -> None:
        """Remove all elements."""
        self._splice(slice(None), (), "")

    def __delitem__(self, index: int | slice) -> None:
        if not isinstance(index, slice):
            at = whole_index(self, index)

            def one(length: int) -> range:
                found = at + length if at < 0 else at
                if not 0 <= found < length:
                    raise IndexError(f"{type(self).__name__} index out of range: {index}, length {length}")
                return range(found, found + 1)

            self._drop(one)
        elif index.step in (None, 1):
            self._splice(index, (), "")
        else:
            self._drop(lambda length: range(*index.indices(length)))

    def _assign(self, index: slice, values: Iterable[Any]) -> None:
        if index.step in (None, 1):
            self._splice(index, values, f"{self.__asc_codec__.name}[{show_slice(index)}] = values")
        else:
            store_slice(self, index, self._collected(values))

    def _fixed_length(self) -> str:
        return "a slice with a step keeps its length"

    def _drop(self, places: Callable[[int], range]) -> None:
        """Remove elements, given their indices for the number of elements."""
        runtime = self._asc_runtime

        def work(_: Suspension) -> None:
            for _attempt in range(PATIENCE):
                found = places(Elements(self).length)
                found = found if found.step > 0 else found[::-1]
                # The glue finds them itself, and tells if there are less by now.
                if not found or runtime.run_member(
                    type(self), "drop", self._asc_ptr, found.start, found.step, len(found)
                ):
                    return
            raise disturbed(self)

        owned(runtime, work)

    def _splice(self, index: slice, values: Iterable[Any], path: str) -> None:
        """Put any number of values in place of the elements of a slice without a step.

        Args:
            index: the slice.
            values: the values.
            path: what they are, for errors.
        """
        runtime, codec = self._asc_runtime, self.__asc_codec__
        maker: Any = codec.maker
        # Their own code runs before anything is allocated.
        given = self._collected(values)

        def work(suspension: Suspension) -> None:
            source, count = 0, len(given)
            if count:
                suspension.slots.append(runtime.reserve())
                made = maker.make(runtime, given, suspension.slots[0], path, runtime.allocation(codec, path))
                source = runtime.mem_u32[(made >> 2) + 1]
            for _attempt in range(PATIENCE):
                start, stop, _step = index.indices(Elements(self).length)
                removed = max(stop - start, 0)
                # The glue finds them itself, and tells if there are less by now.
                if runtime.run_member(type(self), "splice", self._asc_ptr, start, removed, source, count):
                    return
            raise disturbed(self)

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
        def __get__(self, obj: object, owner: object, /) -> Self: ...
        def __set__(self, obj: Any, value: Self | Iterable[T]) -> None: ...
