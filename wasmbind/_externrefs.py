"""Opaque values that travel as `externref`: wasmtime's collector tells when the module has lost one.

What wasmtime is given is not the object but a holder with its handle. So wasmtime keeps nothing of Python alive, no
cycle leads through it, and an object can be released while the module still has its `externref`.

Giving one to wasmtime takes long, so the last ones stay in the table (see `_opaque_glue`), each at a place of its own.
A place is used again only when the call that has used it last is over: a call has no more arguments than there are
places to spare, and calls that interrupt another one use new places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._native import CELL
from wasmbind._opaque_glue import FIRST_PLACE, TAG, TURNS

if TYPE_CHECKING:
    import wasmtime

    from wasmbind._handles import Entry
    from wasmbind._native import Native
    from wasmbind._opaque import OpaqueRegistry

__all__ = ["ExternRefs"]

#: How many of the objects that were passed last stay in the table.
_KEPT: Final = 64
#: By how much the table grows.
_STEP: Final = 64


class _Holder:
    """What an `externref` refers to in place of a Python object."""

    __slots__ = ("__weakref__", "number")

    def __init__(self, number: int) -> None:
        self.number = number


class ExternRefs:
    """The `externref`s of one instance. Whoever uses them owns the instance."""

    __slots__ = ("_count", "_most", "_native", "_placed", "_registry", "_spare", "_table")

    def __init__(self, registry: OpaqueRegistry, native: Native, glue: wasmtime.Instance) -> None:
        """Use a table.

        Args:
            registry: what knows the objects.
            native: the store.
            glue: the host glue, which has the table.
        """
        self._registry, self._native = registry, native
        self._table: wasmtime.Table = native.export_of(glue, "refs")
        self._count: wasmtime.Global = native.export_of(glue, "ref")
        #: The object at each place in use, those passed last at the end.
        self._placed: dict[int, Entry] = {}
        self._spare: list[int] = []
        self._most = _KEPT + len(native.block_bytes) // CELL

    def place(self, entry: Entry, *, nested: bool) -> int:
        """The index of the `externref` of an object.

        Args:
            entry: the object.
            nested: another call of this thread may be about to use places that it has asked for.
        """
        slot = entry.slot
        if slot and self._placed.pop(slot, None) is entry:
            self._placed[slot] = entry
            return slot
        holder = self._holder_of(entry)
        slot = self._take(nested=nested)
        self._table.set(self._native.store, slot, holder)
        self._placed[slot], entry.slot = entry, slot
        return slot

    def _holder_of(self, entry: Entry) -> _Holder:
        """What an `externref` of an object refers to; there is only one while it lives."""
        while True:
            before = entry.holder
            found: _Holder | None = None if before is None else before()
            if found is not None:
                return found
            made = _Holder(entry.number)
            watch = self._registry.watch(entry, made)
            # Nothing from this test to the next line lets a signal handler in.
            if entry.holder is before:
                entry.holder = watch
                return made

    def _take(self, *, nested: bool) -> int:
        """A place that no call is about to use. Signal handlers may come in between, and take places of their own."""
        if len(self._placed) >= self._most and not nested:
            slot = [*self._placed][0]  # noqa: RUF015 - an iterator would fail if somebody changed it meanwhile
            before = self._placed.pop(slot, None)
            if before is not None:
                if before.slot == slot:
                    before.slot = 0
                return slot
        while True:
            try:
                return self._spare.pop()
            except IndexError:
                first = self._table.grow(self._native.store, _STEP, None)
                self._spare += range(first + _STEP - 1, first - 1, -1)

    def find(self, raw: int) -> int:
        """The handle of what the module has given as an `externref`, 0 for one that is no handle of ours.

        Args:
            raw: its number, with the highest bit set.
        """
        store = self._native.store
        passed: int = (self._count.value(store) - raw) & (TAG - 1)
        if passed >= TURNS:
            return 0
        holder = self._table.get(store, 1 + (raw & (TURNS - 1)))
        return holder.number if isinstance(holder, _Holder) else 0

    def collect(self, *, nested: bool) -> None:
        """Forget what the module no longer has, and let go of those objects.

        Args:
            nested: another call of this thread may be about to use places.
        """
        store = self._native.store
        if not nested:
            while self._placed:
                slot, entry = self._placed.popitem()
                entry.slot = 0
                self._table.set(store, slot, None)
                self._spare.append(slot)
            for index in range(1, FIRST_PLACE):
                self._table.set(store, index, None)
        store.gc()
        self._registry.tidy()
