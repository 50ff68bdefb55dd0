"""`Map`."""

from __future__ import annotations

import reprlib
from collections.abc import ItemsView, Mapping, MutableMapping, ValuesView
from typing import TYPE_CHECKING, Any, TypeVar

from wasmbind._live.base import Live, same_collection, shown
from wasmbind._live.entries import MISSING
from wasmbind._live.keyed import clear, columns_of, iterate, reject_unless_absent, size_of, take_last
from wasmbind.errors import InstanceError, LowerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Self

    from wasmbind._runtime import Runtime

__all__ = ["Map"]

K = TypeVar("K")
V = TypeVar("V")


class Map(Live, MutableMapping[K, V]):
    """A live AssemblyScript `Map<K, V>`: a mutable mapping in the order of insertion.

    Where one is declared for a parameter or a field, a dict is taken too, and copied into a new map.
    `module[Map[K, V]](values)` makes one. Keys are what AssemblyScript takes for equal: NaN is never found, and
    objects are compared by reference.

    Raises:
        KeyError: there is no such key.
        LowerError: a key or value is not of the declared type.
        RuntimeError: keys were added or removed during an iteration.
        InstanceError: the instance is closed or poisoned.
    """

    __slots__ = ()
    __asc_kind__ = "Map"

    if TYPE_CHECKING:

        def __init__(self, values: Mapping[K, V] | Iterable[tuple[K, V]] = (), /) -> None: ...
        def __get__(self, obj: object, owner: object, /) -> Self: ...
        def __set__(self, obj: Any, value: Self | Mapping[K, V]) -> None: ...
        def _set(self, key: K, value: V, /) -> None: ...
        def _find(self, key: object, /) -> Any: ...
        def _has(self, key: object, /) -> bool: ...
        def _delete(self, key: object, /) -> bool: ...
        def _insert(self, key: K, value: V, /) -> Any: ...
        def _pop(self, key: object, /) -> Any: ...

    @classmethod
    def _make(cls, runtime: Runtime, args: Sequence[Any], slot: int) -> int:
        values = args[0] if args else {}
        # As a dict is made of pairs.
        return super()._make(runtime, [values if isinstance(values, Mapping) else dict(values)], slot)

    def __len__(self) -> int:
        return size_of(self)

    def __getitem__(self, key: K) -> V:
        found: V = self._find(key)
        if found is MISSING:
            raise KeyError(key)
        return found

    def __setitem__(self, key: K, value: V) -> None:
        try:
            self._set(key, value)
        except LowerError as error:
            raise _of_key(error, key) from None

    def __delitem__(self, key: K) -> None:
        if not self._delete(key):
            raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        try:
            return self._has(key)
        except (LowerError, InstanceError) as error:
            reject_unless_absent(error)
            return False

    def __iter__(self) -> Iterator[K]:
        return iterate(self, 0)

    def __reversed__(self) -> Iterator[K]:
        keys: list[K] = columns_of(self)[0]
        return reversed(keys)

    def items(self) -> ItemsView[K, V]:
        """The pairs; an iteration reads some ahead."""
        return MapItems(self)

    def values(self) -> ValuesView[V]:
        """The values; an iteration reads some ahead."""
        return MapValues(self)

    if not TYPE_CHECKING:  # checkers know them from Mapping, with all overloads

        def get(self, key: Any, default: Any = None) -> Any:
            """The value of a key, or the default where there is none."""
            try:
                found = self._find(key)
            except (LowerError, InstanceError) as error:
                reject_unless_absent(error)
                return default
            return default if found is MISSING else found

        def pop(self, key: Any, default: Any = MISSING) -> Any:
            """Remove a key and return its value, or the default where there is none.

            Raises:
                KeyError: there is no such key and no default.
            """
            try:
                found = self._pop(key)
            except (LowerError, InstanceError) as error:
                if default is MISSING:
                    raise
                reject_unless_absent(error)
                return default
            if found is not MISSING:
                return found
            if default is MISSING:
                raise KeyError(key)
            return default

        def setdefault(self, key: Any, default: Any = None) -> Any:
            """The value of a key; where there is none, the default, which becomes its value, as it is there then."""
            found = self._find(key)
            if found is MISSING:
                try:
                    # Somebody may have put it in meanwhile.
                    found = self._insert(key, default)
                except LowerError as error:
                    raise _of_key(error, key) from None
            if found is MISSING:
                # What is there now need not be what was given: a list may have become an array.
                found = self._find(key)
            return default if found is MISSING else found  # NaN is never found

    def popitem(self) -> tuple[K, V]:
        """Remove the pair that was added last, and return it.

        Raises:
            KeyError: the map is empty.
        """
        last = take_last(self)
        if not last:
            raise KeyError("popitem(): the Map is empty")
        key, value = last
        return key, value

    def clear(self) -> None:
        """Remove all pairs."""
        clear(self)

    def copy(self) -> dict[K, V]:
        """The pairs as a dict. A new AssemblyScript object is made by `module[Map[K, V]](values)`."""
        keys, values = columns_of(self)
        return dict(zip(keys, values, strict=True))

    __copy__ = copy

    def __or__(self, other: Mapping[K, V]) -> dict[K, V]:
        return self.copy() | dict(other)

    def __ror__(self, other: Mapping[K, V]) -> dict[K, V]:
        return dict(other) | self.copy()

    def __ior__(self, other: Mapping[K, V] | Iterable[tuple[K, V]]) -> Self:
        self.update(other)
        return self

    def __eq__(self, other: object) -> bool:
        if same_collection(self, other):
            return True
        if not isinstance(other, Mapping):
            return NotImplemented
        return len(self) == len(other) and self.copy() == dict(other)

    __hash__ = None  # type: ignore[assignment]  # its pairs may change

    @reprlib.recursive_repr(fillvalue="...")
    def __repr__(self) -> str:
        return shown(self, lambda: "{" + ", ".join(f"{key!r}: {value!r}" for key, value in self.items()) + "}")


def _of_key(error: LowerError, key: object) -> LowerError:
    """The error for a value, with the key that it was for."""
    return error.at(error.path.replace("[key] = value", f"[{key!r}]", 1))


class MapItems(ItemsView[K, V]):
    """Pairs, read together: a key such as NaN is never found again."""

    _mapping: Map[K, V]

    def __iter__(self) -> Iterator[tuple[K, V]]:
        return iterate(self._mapping, None)

    def __reversed__(self) -> Iterator[tuple[K, V]]:
        return iter(list(zip(*columns_of(self._mapping), strict=True))[::-1])


class MapValues(ValuesView[V]):
    """Values, read without looking for their keys."""

    _mapping: Map[Any, V]

    def __iter__(self) -> Iterator[V]:
        return iterate(self._mapping, 1)

    def __reversed__(self) -> Iterator[V]:
        values: list[V] = columns_of(self._mapping)[1]
        return reversed(values)

    def __contains__(self, value: object) -> bool:
        return value in columns_of(self._mapping)[1]
