"""Python objects that AssemblyScript carries around without looking into them: which handle stands for which.

A handle is a number from 1 on (see `_handles`); 0 is None.
Objects are told apart by identity alone. Finalisers, which run on any thread and in the middle of anything, only
append to a queue. A lookup is one operation of a dict, so it needs no lock; whatever changes the registry has one,
and leaves it sound for whoever comes in between on the same thread.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from wasmbind._handles import EXPIRED, NO_HANDLE, RELEASED, Entry, Numbers, Watch
from wasmbind._opaque_scopes import OpaqueScope, find_scope
from wasmbind.errors import HandleError, LowerError, LowerTypeError, LowerValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmbind._externrefs import ExternRefs
    from wasmbind._memory import Ended

__all__ = ["OpaqueRegistry"]


class OpaqueRegistry:
    """The Python objects that one instance has handles of.

    Attributes:
        by_number: the entry of every handle.
        by_key: the entry of every object, by identity; that of a dead object may stand for a new one a while.
        places: for each codec in use, the largest handle that is taken there, 0 for an `externref`.
        refs: the `externref`s, None before the first.
    """

    __slots__ = (
        "_ended",
        "_gone",
        "_lock",
        "_name",
        "_numbers",
        "by_key",
        "by_number",
        "places",
        "refs",
    )

    def __init__(self, name: str) -> None:
        """Start with no objects.

        Args:
            name: what the instance is called in errors.
        """
        self._name = name
        self._lock = threading.RLock()
        self.by_number: dict[int, Entry] = {}
        self.by_key: dict[int, Entry] = {}
        self.places: dict[Any, int] = {}
        self.refs: ExternRefs | None = None
        self._ended: Ended | None = None
        self._numbers = Numbers()
        self._gone: deque[Watch] = deque()

    # --- for everybody --------------------------------------------------------------------------------------

    def release(self, value: object) -> bool:
        """Let go of an object: its handles stand for nothing from now on.

        Returns:
            Whether it was registered.
        """
        with self._lock:
            self._tidy()
            entry = self.by_key.get(id(value))
            if entry is None or entry.find() is not value:
                return False
            self._forget(entry, RELEASED)
            return True

    def clear(self) -> None:
        """Let go of all objects."""
        with self._lock:
            self._tidy()
            for entry in [*self.by_number.values()]:
                self._forget(entry, RELEASED)

    def scope(self) -> OpaqueScope:
        """`with module.runtime.opaque.scope():` lets go of all objects that are registered inside, at the end.

        Those that were registered before stay. Only what the same thread or task registers is inside.
        """
        return OpaqueScope(self)

    def __len__(self) -> int:
        """The number of registered objects."""
        return len(self._objects())

    def __iter__(self) -> Iterator[Any]:
        """The registered objects."""
        return iter(self._objects())

    def __contains__(self, value: object) -> bool:
        """Whether this very object is registered."""
        entry = self.by_key.get(id(value))
        return value is not None and entry is not None and entry.find() is value

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        count = len(self)
        return f"<{type(self).__name__} of {self._name}: {count} object{'s' * (count != 1)}>"

    def _objects(self) -> list[Any]:
        with self._lock:
            self._tidy()
            found = [entry.find() for entry in [*self.by_key.values()]]
        return [value for value in found if value is not None]

    # --- lift -----------------------------------------------------------------------------------------------

    def resolve(self, number: int, name: str) -> Any:
        """The object of a handle.

        Args:
            number: the handle.
            name: the declared type.

        Raises:
            HandleError: it stands for none.
        """
        entry = self.by_number.get(number)
        value = None if entry is None else entry.find()
        if value is not None:
            return value
        with self._lock:
            self._tidy()
            reason = self._numbers.fate(number)
        shown = "a number that is too large for a handle" if number == NO_HANDLE else f"handle {number}"
        raise HandleError(f"{self._name}: {name}: {shown} {_PROBLEMS[reason]}", number, reason)

    # --- lower ----------------------------------------------------------------------------------------------

    def enter(self, value: Any, most: int, path: str, name: str, *, weak: bool, by_ref: bool = False) -> Entry:
        """Register an object, or find it.

        Args:
            value: any object but None.
            most: the largest handle that is taken.
            path: what the value is, for errors.
            name: the declared type.
            weak: it is not to be kept alive.
            by_ref: it travels as an `externref`, which tells when the module has lost it.

        Raises:
            LowerTypeError: it cannot be referred to weakly.
            LowerValueError: there is no handle left.
            InstanceError: the instance is closed.
        """
        with self._lock:
            if self._ended is not None:
                self._ended.refuse()
            self._tidy()
            known = self.by_key.get(id(value))
            if known is not None and known.find() is value:
                self._strengthen(known, value, path, name, weak=weak, by_ref=by_ref)
                if known.number > most:
                    self._number_again(known, self._number(most, path, name))
                return known
            entry = Entry(id(value))
            self._keep(entry, value, path, name, weak=weak, by_ref=by_ref)
            entry.number = self._number(most, path, name)
            if entry.watch is not None:
                entry.watch.number = entry.number
            self.by_number[entry.number] = entry
            if not self._insert(entry, value):
                # A signal handler or finaliser has registered it meanwhile.
                self._forget(entry, RELEASED)
                return self.enter(value, most, path, name, weak=weak, by_ref=by_ref)
            scope = find_scope(self)
            if scope is not None:
                scope.entries.append((entry, True))
            return entry

    def _insert(self, entry: Entry, value: Any) -> bool:
        """Make an entry that of an object, unless there is one."""
        key, by_key = entry.key, self.by_key
        while True:
            present = by_key.setdefault(key, entry)
            if present is entry:
                return True
            if present.find() is value:
                return False
            # It is that of a dead object. No call in these lines, so nobody can come in between.
            if key in by_key and by_key[key] is present:
                by_key[key] = entry
                return True

    def _keep(self, entry: Entry, value: Any, path: str, name: str, *, weak: bool, by_ref: bool) -> None:
        """Refer to the object as it has been passed."""
        if not weak:
            if by_ref:
                entry.held = value
            else:
                entry.value = value
        elif entry.watch is None:
            try:
                watch = Watch(value, self._gone.append)
            except TypeError:
                problem = "WeakOpaque expects an object that can be referred to weakly; declare it as Opaque[T]"
                raise LowerTypeError(path, name, value, problem) from None
            watch.number = entry.number
            entry.watch = watch

    def _strengthen(self, entry: Entry, value: Any, path: str, name: str, *, weak: bool, by_ref: bool) -> None:
        """The same for an object that is registered already."""
        is_new = not weak and not by_ref and entry.value is None
        scope = find_scope(self) if is_new else None
        if scope is not None:
            scope.entries.append((entry, False))
        self._keep(entry, value, path, name, weak=weak, by_ref=by_ref)

    def _number_again(self, entry: Entry, number: int) -> None:
        """Give an object a handle that a narrower type takes; its others stay."""
        entry.others = (*entry.others, entry.number)
        self.by_number[number] = entry
        entry.number = number

    def _number(self, most: int, path: str, name: str) -> int:
        """A handle that is not in use.

        Raises:
            LowerValueError: there is none.
        """
        number = self._numbers.take(most, self.by_number)
        if not number:
            fix = "release some, or use a wider type in AssemblyScript"
            problem = f"handles of {_NAMES[most]} run out: {most} in use; {fix}"
            raise LowerValueError(path, name, LowerError.NO_VALUE, problem)
        return number

    # --- the end of handles ---------------------------------------------------------------------------------

    def watch(self, entry: Entry, holder: Any) -> Watch:
        """A weak reference that tells when nobody has the `externref` of an object any more.

        Args:
            entry: the object.
            holder: what the `externref` refers to in its place.
        """
        watch = Watch(holder, self._gone.append)
        watch.number = entry.number
        return watch

    def tidy(self) -> None:
        """Deal with what has died."""
        with self._lock:
            self._tidy()

    def _tidy(self) -> None:
        while self._gone:
            try:
                watch = self._gone.popleft()
            except IndexError:
                return
            try:
                self._expire(watch)
            except BaseException:
                self._gone.appendleft(watch)  # an interrupt has come in between
                raise

    def _expire(self, watch: Watch) -> None:
        entry = self.by_number.get(watch.number)
        if entry is None:
            return
        if entry.watch is watch:
            self._forget(entry, EXPIRED)
        elif entry.holder is watch:
            entry.holder = None
            if entry.value is None and entry.watch is None:
                self._forget(entry, RELEASED)
            entry.held = None

    def _forget(self, entry: Entry, reason: str) -> None:
        """Take an object out; again does nothing more. Nothing is left of it when the object itself goes."""
        key, by_key = entry.key, self.by_key
        # No call from the test to the next line, so nobody can come in between.
        if key in by_key and by_key[key] is entry:
            del by_key[key]
        for number in (entry.number, *entry.others):
            if self.by_number.pop(number, None) is not None:
                self._numbers.end(number, reason)
        entry.watch = entry.holder = None
        entry.value = entry.held = None

    def leave(self, entry: Entry, *, wholly: bool) -> None:
        """Undo what was done to an object inside a scope.

        Args:
            entry: the object.
            wholly: it was registered there; else it had been passed weakly before, and is kept alive no longer.
        """
        with self._lock:
            if wholly or (entry.watch is None and entry.holder is None):
                self._forget(entry, RELEASED)
            else:
                entry.value = None

    def end(self, ended: Ended) -> None:
        """Let go of everything for good."""
        with self._lock:
            self._ended, self.refs = ended, None
            self.clear()
            self.places.clear()


#: The integer types that can run out of handles, by the number of these.
_NAMES: Final = {127: "i8", 255: "u8", 32767: "i16", 65535: "u16"}
_PROBLEMS: Final = {
    EXPIRED: (
        "has expired: its object was passed as WeakOpaque, and Python has let it go; keep the object, or declare"
        " Opaque[T]"
    ),
    RELEASED: "has been released",
    "gone": "stands for nothing any more: its object has been released, or has died",
    "unknown": "has never been given out by this instance",
}
