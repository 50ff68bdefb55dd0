"""What arrays, typed arrays and buffers have in common: they are sequences whose elements lie in memory."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from wasmbind._live.base import same_collection, shown
from wasmbind._live.items import load_item, refuse_resizing, store_item
from wasmbind._live.slices import load_slice, permute, store_slice
from wasmbind._live.views import Viewed
from wasmbind._ownership import owned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import overload

__all__ = ["FixedSequence", "LiveSequence"]

T = TypeVar("T")


class LiveSequence(Viewed, Sequence[T]):
    """A sequence over the memory of an instance. Its slices are copies."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __len__(self) -> int: ...
        @overload
        def __getitem__(self, index: int, /) -> T: ...
        @overload
        def __getitem__(self, index: slice, /) -> list[T]: ...
        def __getitem__(self, index: int | slice, /) -> T | list[T]: ...
        @overload
        def __setitem__(self, index: int, value: T, /) -> None: ...
        @overload
        def __setitem__(self, index: slice, value: Iterable[T], /) -> None: ...
        def __setitem__(self, index: int | slice, value: T | Iterable[T], /) -> None: ...

    else:
        # A concrete class has faster ones, generated for its element type.
        __getitem__, __setitem__ = load_item, store_item

        def __len__(self) -> int:
            raise NotImplementedError

    def __iter__(self) -> Iterator[T]:
        """Elements as they are when their turn comes, also those added meanwhile."""
        index = 0
        while True:
            try:
                value = self[index]
            except IndexError:
                return
            yield value
            index += 1

    def __reversed__(self) -> Iterator[T]:
        for index in range(len(self) - 1, -1, -1):
            yield self[index]

    def __contains__(self, value: object) -> bool:
        return value in self.tolist()

    def index(self, value: object, start: int = 0, stop: int | None = None) -> int:
        """The index of the first element that equals a value.

        Raises:
            ValueError: there is none.
        """
        values = self.tolist()
        try:
            return values.index(value, start, len(values) if stop is None else stop)  # type: ignore[arg-type]  # any object may be looked for
        except ValueError:
            raise ValueError(f"{value!r} is not in the {type(self).__name__}") from None

    def count(self, value: object) -> int:
        """How many elements equal a value."""
        return self.tolist().count(value)  # type: ignore[arg-type]  # any object may be looked for

    def tolist(self) -> list[T]:
        """All elements, copied in bulk."""
        runtime, codec = self._asc_runtime, self.__asc_codec__
        found: list[T] = owned(runtime, lambda _: codec.maker.lift(runtime, self._asc_ptr))
        return found

    def copy(self) -> list[T]:
        """The elements as a list. A new AssemblyScript object is made by `module[Array[T]](values)`."""
        return self.tolist()

    __copy__ = copy

    def reverse(self) -> None:
        """Put the elements into the opposite order."""
        permute(self, lambda length: range(length - 1, -1, -1))

    def sort(self, *, key: Callable[[T], Any] | None = None, reverse: bool = False) -> None:
        """Sort the elements in place as a list does, by comparing them in Python.

        Raises:
            ValueError: the number of elements changed meanwhile.
        """
        values = self.tolist()
        keys: list[Any] = values if key is None else [key(value) for value in values]
        places = sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)

        def order(length: int) -> list[int]:
            if length != len(places):
                raise ValueError(f"{type(self).__name__} modified during sort")
            return places

        permute(self, order)

    def __eq__(self, other: object) -> bool:
        if same_collection(self, other):
            return True
        if isinstance(other, LiveSequence):
            return len(self) == len(other) and self.tolist() == other.tolist()
        return self.tolist() == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # its elements may change

    @reprlib.recursive_repr(fillvalue="...")
    def __repr__(self) -> str:
        return shown(self, self._shown)

    def _shown(self) -> str:
        return repr(self.tolist())

    def _load_slice(self, index: slice) -> list[T]:
        """The elements of a slice."""
        return load_slice(self, index)

    def _assign(self, index: slice, values: Iterable[Any]) -> None:
        """Set the elements of a slice."""
        raise NotImplementedError

    def _collected(self, values: Iterable[Any]) -> Any:
        """Values to be set, or the buffer that holds them; their own code runs here."""
        codec: Any = self.__asc_codec__
        return values if isinstance(values, (list, tuple)) else codec.maker.collected(values, codec.name)

    def _fixed_length(self) -> str:
        """Why the number of elements cannot change here."""
        raise NotImplementedError


class FixedSequence(LiveSequence[T]):
    """A sequence whose length is fixed: elements can be set, not added or removed."""

    __slots__ = ()

    def _assign(self, index: slice, values: Iterable[Any]) -> None:
        store_slice(self, index, self._collected(values))

    def _fixed_length(self) -> str:
        kind = self.__asc_kind__
        return f"{'an' if kind[0] in 'AI' else 'a'} {kind} has a fixed length"


def _refusing(name: str) -> Callable[..., Any]:
    """A method that says why there is none of its name."""

    def refuse(self: LiveSequence[Any], *_: Any) -> None:
        raise refuse_resizing(self, name)

    refuse.__name__, refuse.__doc__ = name, "Refuse: the length is fixed."
    return refuse


# To a type checker there are no such methods.
for _name in ("__delitem__", "__iadd__", "append", "clear", "extend", "insert", "pop", "remove"):
    setattr(FixedSequence, _name, _refusing(_name))
