"""One call at a time per instance, without a lock on the fast path.

`runtime.owner` is None while nobody calls. Generated code tests it and sets it with no bytecode in between
that could switch threads or run a signal handler (a test disassembles the code to hold this), which makes the
pair atomic under the GIL at a tenth of the cost of a lock. Whoever finds it taken comes here: another thread
waits; the same thread, which is inside a host function, an iterator that is being lowered, a signal handler or
a finaliser, suspends the call it interrupts.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from wasmbind._jobs import check_doomed
from wasmbind._memory import Ended
from wasmbind._native import headroom
from wasmbind._pins import Pin
from wasmbind._standing import is_under_call
from wasmbind._ticker import ticker
from wasmbind.errors import InstanceError, WasmbindError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._heap import Heap

__all__ = ["Suspension", "at_rest", "attend", "is_inside", "let_go", "owned"]

T = TypeVar("T")

if not getattr(sys, "_is_gil_enabled", lambda: True)():
    raise ImportError("wasmbind needs the GIL: one call at a time per instance rests on it")

#: Seconds after which a waiting thread looks for itself, in case an interrupt swallowed its wake-up.
_PATIENCE = 1.0
#: Frames that reading the shadow stack pointer takes; where there is no room, ctypes makes another error of it.
_HEADROOM = 6


def attend(runtime: Heap) -> None:
    """Deal with what is queued: release what finalisers and interrupted calls left, wake who has waited longest.

    An interrupt may come after any call, so an entry leaves the queue only after it has been dealt with, and
    dealing with it twice does nothing more.
    """
    if runtime.idle is None and runtime.native.interruption.answering:
        return
    if runtime.attending:
        return
    runtime.attending = True  # no call since the test: two threads would deal with the same entry
    try:
        pending = runtime.pending
        while pending:
            entry = pending[0]
            kind = entry.__class__
            if kind is list:
                let_go(runtime, entry)
            elif kind is Pin:
                if runtime.idle is not None:
                    runtime.roots.left.append(entry)  # until the instance is resumed, if ever
                elif not _unpin(runtime, entry):
                    return  # whoever is inside attends in turn
            elif kind is not Suspension:
                runtime.release(entry)
            elif entry.waiting:
                if runtime.owner is not None:
                    return  # the same
                runtime.owner = entry
                entry.wake()
            try:
                pending.popleft()
            except IndexError:
                return  # close() in another thread has emptied the queue
    finally:
        runtime.attending = False


def let_go(runtime: Heap, slots: list[int]) -> None:
    """Give back root slots. An interrupt leaves no object held whose slot it takes from the list."""
    while slots:
        if runtime.idle is None:
            runtime.mem_u32[slots[-1]] = 0
        runtime.free.append(slots.pop())


def _unpin(runtime: Heap, pin: Pin) -> bool:
    """Unpin what a failed call left pinned, if no other thread is inside; a failure poisons and is not raised."""
    me = threading.get_ident()
    with contextlib.suppress(WasmbindError):
        if runtime.owner is None:
            runtime.owner = me
            try:
                pin.release(runtime)
            finally:
                runtime.owner = runtime.idle
        elif is_inside(runtime):
            owned(runtime, lambda _: pin.release(runtime))
        else:
            return False
    return True


def is_inside(runtime: Heap) -> bool:
    """Whether the calling thread is the one inside an instance that somebody is in.

    If not, `owned` gives it a turn; looking whether the instance has become free would not, because turns are
    handed from one waiting thread to the next.

    Raises:
        InstanceError: the instance is closed or poisoned.
    """
    owner = runtime.owner
    if isinstance(owner, Ended):
        owner.refuse()
    return _thread_of(owner) == threading.get_ident()


def _thread_of(owner: object) -> object:
    return owner.thread if isinstance(owner, Suspension) else owner


def at_rest(runtime: Heap, function: Callable[..., T], *arguments: Any) -> T:
    """Call a function while nothing is half made: objects that are being filled are pinned, new ones are held.

    The caller owns the instance. What the function calls in it need not leave the heap unmarked.
    """
    outer, runtime.at_rest = runtime.at_rest, True
    try:
        return function(*arguments)
    finally:
        runtime.at_rest = outer


class Suspension:
    """The right to call into an instance that may be busy, for the time of one `owned`.

    Attributes:
        outer: who was inside before, a call of the same thread; else None.
        block: the argument block as that call had it.
        cells: the cells of the host glue then, and `span`, where they are.
        was_at_rest: whether that call had nothing half made.
        scratch: what that call had in the scratch slots.
        trap: the address of its trap, 0 without one: it may have failed, and nobody have looked yet.
        escaped, error: the same for an exception of a host function, and for an error of wasmtime-py.
        stack_pointer: the shadow stack pointer then, where the module exports it.
        held: root slots that hold that meanwhile.
        slots: root slots of this call, to give back at the end.
        waiting: whether it stands in `runtime.pending` for its turn.
    """

    __slots__ = (
        "_calls",
        "_lock",
        "_runtime",
        "block",
        "cells",
        "error",
        "escaped",
        "held",
        "outer",
        "scratch",
        "slots",
        "span",
        "stack_pointer",
        "thread",
        "trap",
        "waiting",
        "was_at_rest",
    )

    def __init__(self, runtime: Heap) -> None:
        self._runtime = runtime
        self._calls = 0
        self.outer: Any = None
        self.block: bytes | None = None
        self.cells, self.span = b"", slice(0, 0)
        self.was_at_rest = True
        self.scratch: tuple[int, ...] = ()
        self.trap = 0
        self.escaped: BaseException | None = None
        self.error: BaseException | None = None
        self.stack_pointer: int | None = None
        self.held: list[int] = []
        self.slots: list[int] = []
        self.thread = threading.get_ident()
        self.waiting = False
        self._lock: threading.Lock | None = None

    @property
    def nested(self) -> bool:
        """Whether it interrupts another call of the same thread."""
        return self.outer is not None

    def enter(self) -> None:
        """Wait for other threads, or suspend the call that this thread is in.

        Raises:
            InstanceError: the instance is closed or poisoned, or stands still for a signal handler or a finaliser.
            asyncio.CancelledError: this thread works for a task that has been cancelled, and would have to wait.
        """
        runtime = self._runtime
        while True:
            owner = runtime.owner
            if owner is None:
                runtime.owner = self
                self.waiting = False
                return
            if owner is self:  # handed over by attend()
                self.waiting = False
                return
            if isinstance(owner, Ended):
                owner.refuse()
            if _thread_of(owner) == self.thread:
                break
            check_doomed()
            self._wait()
        if runtime.native.interruption.answering or is_under_call(sys._getframe()):
            raise InstanceError(
                "busy",
                f"{runtime.name}: stands still in the middle of a call while signal handlers or finalisers run; let"
                " them return, or raise, before you use it",
            )
        headroom(_HEADROOM)
        native = runtime.native
        hosting = native.hosting
        self.trap, self.escaped, self.error = native.trapped[0], hosting.escaped, native.error
        self.span = slice(0, hosting.used)
        self.cells = bytes(hosting.bytes[self.span])
        self.block = bytes(native.block_bytes)
        self.stack_pointer = runtime.read_stack_pointer()
        self.was_at_rest, self.outer = runtime.at_rest, owner
        self._calls = runtime.calls
        runtime.owner, runtime.at_rest = self, False
        native.trapped[0], hosting.escaped, native.error = 0, None, None
        runtime.nestings += 1
        self._hold_scratch()

    def _hold_scratch(self) -> None:
        """Note what is in the scratch slots, and hold it.

        The interrupted call may have arguments there, or a result that has not been lifted yet; the glue that this
        call runs uses the same slots.
        """
        runtime = self._runtime
        found = []
        for scratch in runtime.scratch:
            ptr = runtime.mem_u32[scratch]
            if ptr:
                self.held.append(runtime.reserve())
                runtime.mem_u32[self.held[-1]] = ptr
            found.append(ptr)
        self.scratch = tuple(found)

    def _wait(self) -> None:
        """Sleep until woken, `_PATIENCE` seconds at most."""
        ticker.hand_over()
        if self._lock is None:
            self._lock = threading.Lock()
            self._lock.acquire()
            self.waiting = True
            self._runtime.pending.append(self)
        # Whoever finishes a call looks at the queue after giving up ownership, so one of the two sees the other.
        owner = self._runtime.owner
        if owner is not None and owner is not self:
            self._lock.acquire(timeout=_PATIENCE)

    def wake(self) -> None:
        """End the wait; more than once is harmless."""
        if self._lock is not None and self._lock.locked():
            self._lock.release()

    def settle(self) -> None:
        """Let go of what the call held, and leave the heap as the interrupted call expects it."""
        runtime = self._runtime
        if runtime.idle is None:
            memory = runtime.mem_u32
            for scratch, ptr in zip(runtime.scratch, self.scratch, strict=False):
                memory[scratch] = ptr
        let_go(runtime, self.slots)
        let_go(runtime, self.held)
        if self.nested and not self.was_at_rest and runtime.idle is None and runtime.calls != self._calls:
            # The interrupted code may be filling an object that this call's allocations made the marker pass by.
            # After a full collection nothing is marked.
            runtime.collect_quietly()


def owned(runtime: Heap, work: Callable[[Suspension], T]) -> T:
    """Do some work as the only one inside an instance that may be busy.

    An exception at any point, an interrupt included, leaves the ownership as it was.

    Raises:
        InstanceError: the instance is closed or poisoned.
    """
    suspension = Suspension(runtime)
    try:
        try:
            suspension.enter()
            return work(suspension)
        finally:
            if runtime.owner is suspension:
                try:
                    suspension.settle()
                except BaseException:
                    suspension.settle()  # an interrupt came first; doing it twice does nothing more
                    raise
    finally:
        # No call before the last store: nothing can come in between.
        suspension.waiting = False
        if runtime.owner is suspension:
            if suspension.block is not None:
                native = runtime.native
                native.block_bytes[:] = suspension.block
                native.hosting.bytes[suspension.span] = suspension.cells
                native.trapped[0], native.error = suspension.trap, suspension.error
                native.hosting.escaped = suspension.escaped
                runtime.at_rest = suspension.was_at_rest
            runtime.owner = runtime.idle if suspension.outer is None else suspension.outer
        if suspension.slots or suspension.held:  # an interrupt left them
            runtime.bury([*suspension.slots, *suspension.held])
        if runtime.pending:
            attend(runtime)
