"""`Set`."""

from __future__ import annotations

import reprlib
from collections.abc import MutableSet
from typing import TYPE_CHECKING, Any, TypeVar

from wasmbind._live.base import Live, same_collection, shown
from wasmbind._live.keyed import clear, columns_of, iterate, reject_unless_absent, size_of, take_last
from wasmbind.errors import InstanceError, LowerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet
    from typing import Self

__all__ = ["Set"]

S = TypeVar("S")
T = TypeVar("T")


class Set(Live, MutableSet[T]):
    """A live AssemblyScript `Set<T>`: a mutable set in the order of insertion.

    Where one is declared for a parameter or a field, a Python set is taken too, and copied into a new one.
    `module[Set[T]](values)` makes one. The operators `|`, `&`, `-` and `^` give Python sets. Elements are equal where
    AssemblyScript takes them for equal: NaN is never found, and objects are compared by reference.

    Raises:
        KeyError: there is no such element.
        LowerError: an element is not of the declared type.
        RuntimeError: elements were added or removed during an iteration.
        InstanceError: the instance is closed or poisoned.
    """

    __slots__ = ()
    __asc_kind__ = "Set"

    if TYPE_CHECKING:

        def __init__(self, values: Iterable[T] = (), /) -> None: ...
        def __get__(self, obj: object, owner: object, /) -> Self: ...
        def __set__(self, obj: Any, value: Self | Iterable[T]) -> None: ...
        def add(self, value: T) -> None:
            """Add an element, if it is not there."""
            ...

        def __or__(self, other: AbstractSet[S]) -> set[T | S]: ...
        def __and__(self, other: AbstractSet[object]) -> set[T]: ...
        def __sub__(self, other: AbstractSet[object]) -> set[T]: ...
        def __xor__(self, other: AbstractSet[S]) -> set[T | S]: ...
        def _has(self, value: object, /) -> bool: ...
        def _delete(self, value: object, /) -> bool: ...

    else:
        # A concrete class has one that is generated for its type.
        def add(self, value: T) -> None:
            """Add an element, if it is not there."""
            raise NotImplementedError

    def __len__(self) -> int:
        return size_of(self)

    def __contains__(self, value: object) -> bool:
        try:
            return self._has(value)
        except (LowerError, InstanceError) as error:
            reject_unless_absent(error)
            return False

    def __iter__(self) -> Iterator[T]:
        return iterate(self, 0)

    def __reversed__(self) -> Iterator[T]:
        keys: list[T] = columns_of(self)[0]
        return reversed(keys)

    def discard(self, value: object) -> None:
        """Remove an element, if it is there."""
        try:
            self._delete(value)
        except (LowerError, InstanceError) as error:
            reject_unless_absent(error)

    def update(self, *others: Iterable[T]) -> None:
        """Add all elements of other collections."""
        codec: Any = self.__asc_codec__
        for other in others:
            for value in codec.maker.collected(other, f"{codec.name}.update(values)")[0]:
                self.add(value)

    def remove(self, value: T) -> None:
        """Remove an element.

        Raises:
            KeyError: it is not there.
        """
        if not self._delete(value):
            raise KeyError(value)

    def pop(self) -> T:
        """Remove the element that was added last, and return it.

        Raises:
            KeyError: the set is empty.
        """
        last = take_last(self)
        if not last:
            raise KeyError("pop from an empty Set")
        value: T = last[0]
        return value

    def clear(self) -> None:
        """Remove all elements."""
        clear(self)

    def copy(self) -> set[T]:
        """The elements as a set. A new AssemblyScript object is made by `module[Set[T]](values)`."""
        return set(columns_of(self)[0])

    __copy__ = copy

    @classmethod
    def _from_iterable(cls, values: Iterable[Any]) -> set[Any]:
        return set(values)

    def __eq__(self, other: object) -> bool:
        return True if same_collection(self, other) else super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]  # its elements may change

    @reprlib.recursive_repr(fillvalue="...")
    def __repr__(self) -> str:
        return shown(self, lambda: "{" + ", ".join(map(repr, self)) + "}" if len(self) else "")
