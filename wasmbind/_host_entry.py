"""The one callback of a store, through which a module calls Python functions.

A ctypes callback whose Python function raises returns whatever lies on the stack, and wasmtime frees that as a trap.
A signal handler may raise before a function has come to its first `try`. So the callback is C code only,

    map(next, iter(pool.pop, None)).__next__

which takes a generator from a pool and resumes it inside its `try`. The generator runs the handler that the host glue
asks for, puts itself back into the pool and yields 0. On an exception it keeps that for whoever made the call, yields
a trap made beforehand and is not used again. Between putting itself back and yielding there is no bytecode at which
CPython runs signal handlers (a test disassembles it).

A generator that runs is not in the pool, so host functions may call back into the module as deep as they like.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

from wasmbind._context import active_runtime
from wasmbind._endings import Ending
from wasmbind._native import headroom

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from wasmbind._native import HostCalls, Native

__all__ = ["HostEntry"]

#: What the pool holds while nothing runs: iterators that yield a trap once, for calls that find no generator left
#: because interrupt after interrupt has ended them, and then the generators.
_FALLBACKS: Final = 3
_GENERATORS: Final = 2


class _Pool(list[Any]):
    """A list that can be referred to weakly."""

    __slots__ = ("__weakref__",)


class HostEntry:
    """The callback of one store, and its pool.

    Attributes:
        callback: runs the handler that the host glue asks for; returns 0, or the address of a trap, and never raises.
    """

    def __init__(self, native: Native, new_trap: Callable[[str], int], delete_trap: Callable[[int], None]) -> None:
        """Fill the pool of a store.

        Args:
            native: the store.
            new_trap: makes a trap with a message, and gives its address.
            delete_trap: frees one.
        """
        self._new_trap = new_trap
        self._pool = _Pool()
        #: Traps that wasmtime has not got yet.
        self._traps: dict[int, int] = {}
        self._calls = native.hosting
        self.refill()
        # Not with the pool itself, which leads to all that the handlers refer to.
        native.ending = Ending(_close, weakref.ref(self._pool), self._traps, delete_trap)
        self.callback: Callable[[], int] = map(next, iter(self._pool.pop, None)).__next__

    def guarded(self, call: Callable[..., int], frames: int) -> Callable[..., int]:
        """A function for calls that may come back here, around the one for all others.

        A host function that fails uses up one entry of the pool and ends the call that led to it. So the pool cannot
        become empty if every call begins with a full one, and does not begin otherwise.

        Args:
            call: what calls a handle, see `Native.call`.
            frames: how many Python frames have to be left.
        """
        pool, refill, calls = self._pool, self.refill, self._calls
        current, enter = active_runtime.get, active_runtime.set

        def call_with_hosts(context: Any, handle: Any, block: Any, cells: int, trap: Any) -> int:
            headroom(frames)
            try:
                _ = pool[_FALLBACKS]
            except IndexError:
                refill()
            before, entered = current(), calls.entered
            try:
                status = call(context, handle, block, cells, trap)
            finally:
                # Not with a token: an interrupt may come after `enter` and before its result is kept.
                if calls.entered != entered:
                    enter(before)
            return status

        return call_with_hosts

    def refill(self) -> None:
        """Replace what failed calls have used up."""
        pool = self._pool
        while len(pool) < _FALLBACKS or not isinstance(pool[_FALLBACKS - 1], map):
            trap = self._trap()
            pool.insert(0, map(self._traps.pop, (trap,)))
        while len(pool) < _FALLBACKS + _GENERATORS:
            self._add()

    def _trap(self) -> int:
        trap = self._new_trap("a host function did not return")
        self._traps[trap] = trap
        return trap

    def _add(self) -> None:
        """Put one more generator into the pool, where it waits inside its `try`."""
        me: list[Iterator[int]] = []
        generator = _serve(self._calls, self._pool, me, self._traps, self._trap(), self._add)
        me.append(generator)
        next(generator)
        self._pool.append(generator)


def _serve(
    calls: HostCalls, pool: list[Any], me: list[Any], traps: dict[int, int], trap: int, add: Any
) -> Generator[int]:
    """Run handlers.

    Args:
        calls: what the host glue asks for.
        pool: where the generator waits.
        me: the generator itself.
        traps: the traps that wasmtime has not got yet.
        trap: one of them, to be yielded after an exception.
        add: puts another generator into the pool.
    """
    runtime: Any = None
    outer = waiting = True
    kept = [0]
    try:
        yield 0
        while True:
            waiting = False
            runtime = calls.runtime()
            outer = runtime.at_rest
            runtime.at_rest = True
            try:
                _ = pool[_FALLBACKS]
            except IndexError:
                add()  # the host function may call into the module, which may call another
            calls.entered += 1
            calls.handlers[calls.index[0]](runtime, kept)
            runtime.at_rest = outer
            if runtime.idle is not None:
                runtime.check_alive()  # a call that the function has made tore the heap, and it went on
            if kept[0]:
                # From here on the module's own stack holds the object.
                runtime.mem_u32[kept[0]] = 0
                runtime.free += kept
                kept[0] = 0
            runtime = None
            waiting = True
            pool += me
            yield 0
    except BaseException as error:  # noqa: BLE001 - raised again by the call that led here
        # No call from here to the yield, so nothing can come in between.
        if waiting and error.__class__ is GeneratorExit:
            pool *= 0  # the collector ends it before the store: should there be calls yet, they fill the pool again
            return
        calls.escaped = error
        if runtime is not None:
            runtime.at_rest = outer
            if kept[0] and runtime.idle is None:
                runtime.mem_u32[kept[0]] = 0
                runtime.free += kept
        calls = pool = me = runtime = error = add = None  # type: ignore[assignment]  # it keeps nothing alive
        del traps[trap]
        yield trap


def _close(pool_ref: weakref.ref[_Pool], traps: dict[int, int], delete_trap: Callable[[int], None]) -> None:
    """Free what the entry of a dead store held; its generators refer to themselves."""
    pool = pool_ref()
    while pool:
        item = pool.pop()
        if not isinstance(item, map):
            item.close()
    while traps:
        delete_trap(traps.popitem()[0])
