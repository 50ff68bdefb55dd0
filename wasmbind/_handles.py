"""Handles: the numbers that stand for Python objects in a module, and what is known of each object.

Numbers count from 1 and are not used again before the integer type that carries them has run out of fresh ones, so
that a handle which the module has kept too long is noticed instead of meaning another object.
"""

from __future__ import annotations

import weakref
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Container

    from wasmbind import _descriptors as d

__all__ = ["EXPIRED", "NO_HANDLE", "RELEASED", "WIDE", "Entry", "Numbers", "Watch", "most_handles"]

#: What the glue gives for a number that is too large for a handle.
NO_HANDLE: Final = (1 << 31) - 1
#: The largest handle; the highest bit of 32 tells that it is no handle (see `_externrefs`).
WIDE: Final = NO_HANDLE - 1
#: The largest handle of a type that can run out.
_NARROW: Final = (1 << 16) - 1
#: How many ended handles are remembered with what has become of them.
_MEMORY: Final = 1024
#: What becomes of handles.
EXPIRED: Final = "expired"
RELEASED: Final = "released"


def most_handles(width: d.Integer | None) -> int:
    """The largest handle that an integer type carries, which is also how many there are; None stands for 32 bits."""
    return WIDE if width is None else min(width.high, WIDE)


class Watch(weakref.ref[Any]):
    """A weak reference that knows a handle."""

    __slots__ = ("number",)
    number: int


class Entry:
    """One registered object.

    Attributes:
        key: its identity.
        number: its smallest handle, 0 before it has one.
        others: further ones, which were given out where wider numbers were taken.
        value: the object, if it is kept alive until it is released.
        held: the object, if it is kept alive as long as the module has an `externref` of it.
        watch: a weak reference to it, if it has been passed weakly.
        holder: one to what an `externref` refers to in its place.
        slot: where that stands in the table of `externref`s, 0 for nowhere.
    """

    __slots__ = ("held", "holder", "key", "number", "others", "slot", "value", "watch")

    def __init__(self, key: int) -> None:
        self.key, self.number, self.slot = key, 0, 0
        self.others: tuple[int, ...] = ()
        self.value: Any = None
        self.held: Any = None
        self.watch: Watch | None = None
        self.holder: Watch | None = None

    def find(self) -> Any:
        """The object, None if it is gone."""
        if self.value is not None:
            return self.value
        if self.held is not None:
            return self.held
        watch = self.watch
        return None if watch is None else watch()


class Numbers:
    """Gives out handles, and remembers what has become of the last ones that ended."""

    __slots__ = ("_ends", "_free", "_fresh", "_last", "_tracked")

    def __init__(self) -> None:
        self._fresh = 1
        #: Where the search for a wide handle goes on once there are no fresh ones.
        self._last = _NARROW
        #: Released handles up to `_tracked`, the largest that a type which can run out has been asked for.
        self._free: deque[int] = deque()
        self._tracked = 0
        self._ends: OrderedDict[int, str] = OrderedDict()

    def take(self, most: int, in_use: Container[int]) -> int:
        """A handle that is not in use, 0 where there is none: a fresh one, else the one released longest ago.

        Args:
            most: the largest one that will do.
            in_use: those that are in use.
        """
        if self._tracked < most <= _NARROW:
            known, self._tracked = self._tracked, most
            self._free += [number for number in range(known + 1, min(self._fresh, most + 1)) if number not in in_use]
        # No call from here to the return, so nobody can come in between.
        fresh = self._fresh
        if fresh <= most:
            self._fresh = fresh + 1
            return fresh
        for number in [*self._free]:
            if number <= most:
                try:
                    self._free.remove(number)
                except ValueError:
                    continue  # somebody has come in between
                self._ends.pop(number, None)
                return number
        return 0 if most <= _NARROW else self._next_wide(in_use)

    def _next_wide(self, in_use: Container[int]) -> int:
        """The next one that is not in use; no memory holds so many objects that there is none."""
        while True:
            number = self._last = self._last + 1 if self._last < WIDE else _NARROW + 1
            if number not in in_use:
                self._ends.pop(number, None)
                return number

    def end(self, number: int, reason: str) -> None:
        """Take note that a handle is no longer in use."""
        self._ends[number] = reason
        while len(self._ends) > _MEMORY:
            self._ends.popitem(last=False)
        if number <= self._tracked:
            self._free.append(number)

    def fate(self, number: int) -> str:
        """What has become of a handle: `expired`, `released`, `gone` (one of these) or `unknown` (never given out)."""
        return self._ends.get(number) or ("gone" if 0 < number < self._fresh else "unknown")
