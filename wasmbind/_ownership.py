"""One call at a time per instance, without a lock on the fast path.

`runtime.owner` is None while nobody calls. Generated code tests it and sets it with no bytecode in between
that could switch threads or run a signal handler (a test disassembles the code to hold this), which makes the
pair atomic under the GIL at a tenth of the cost of a lock. Whoever finds it taken comes here: another thread
waits; the same thread, which is inside a host function, an iterator that is being lowered, a signal handler or
a finaliser, suspends the call it interrupts.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from wasmbind._memory import Ended

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._heap import Heap

__all__ = ["Suspension", "attend", "is_inside", "owned"]

T = TypeVar("T")

if not getattr(sys, "_is_gil_enabled", lambda: True)():
    raise ImportError("wasmbind needs the GIL: one call at a time per instance rests on it")

#: Seconds after which a waiting thread looks for itself, in case an interrupt swallowed its wake-up.
_PATIENCE = 1.0


def attend(runtime: Heap) -> None:
    """Release what finalisers queued, and hand the instance to the thread that has waited longest.

    An interrupt may come after any call, so an entry leaves the queue only after it has been dealt with, and
    dealing with it twice does nothing more.
    """
    if runtime.attending:
        return
    runtime.attending = True
    try:
        pending = runtime.pending
        while pending:
            entry = pending[0]
            if entry.__class__ is not Suspension:
                runtime.release(entry)
            elif entry.waiting:
                if runtime.owner is not None:
                    return  # whoever that is attends in turn
                runtime.owner = entry
                entry.wake()
            try:
                pending.popleft()
            except IndexError:
                return  # close() in another thread has emptied the queue
    finally:
        runtime.attending = False


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


class Suspension:
    """The right to call into an instance that may be busy, for the time of one `owned`.

    Attributes:
        outer: who was inside before, a call of the same thread; else None.
        block: the argument block as that call had it.
        was_in_host: whether that call was running a host function.
        stack_pointer: the shadow stack pointer then, where the module exports it.
        slots: root slots to give back at the end.
        waiting: whether it stands in `runtime.pending` for its turn.
    """

    __slots__ = (
        "_calls",
        "_lock",
        "_result",
        "_runtime",
        "block",
        "outer",
        "slots",
        "stack_pointer",
        "thread",
        "waiting",
        "was_in_host",
    )

    def __init__(self, runtime: Heap) -> None:
        self._runtime = runtime
        self._result: tuple[int, int] | None = None
        self._calls = 0
        self.outer: Any = None
        self.block: bytes | None = None
        self.was_in_host = True
        self.stack_pointer: int | None = None
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
            InstanceError: the instance is closed or poisoned.
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
            self._wait()
        self.block = bytes(runtime.native.block_bytes)
        self.stack_pointer = runtime.read_stack_pointer()
        self.was_in_host, self.outer = runtime.in_host, owner
        self._calls = runtime.calls
        runtime.owner, runtime.in_host = self, False
        runtime.nestings += 1
        if runtime.scratch and (result := runtime.mem_u32[runtime.scratch[0]]):
            # The interrupted call may have returned and not been lifted yet.
            slot = runtime.reserve()
            runtime.mem_u32[slot] = result
            self._result = slot, result

    def _wait(self) -> None:
        """Sleep until woken, `_PATIENCE` seconds at most."""
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
        while self.slots:
            runtime.give_back(self.slots.pop())
        if self.nested and not self.was_in_host and runtime.idle is None and runtime.calls != self._calls:
            # The interrupted code may be filling an object that this call's allocations made the marker pass by.
            # After a full collection nothing is marked.
            runtime.collect_quietly()
        if self._result is not None and runtime.idle is None:
            slot, result = self._result
            runtime.mem_u32[runtime.scratch[0]] = result
            runtime.give_back(slot)


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
                suspension.settle()
    finally:
        # No call before the last store: nothing can come in between.
        suspension.waiting = False
        if runtime.owner is suspension:
            if suspension.block is not None:
                runtime.native.block_bytes[:] = suspension.block
                runtime.in_host = suspension.was_in_host
            runtime.owner = runtime.idle if suspension.outer is None else suspension.outer
        if runtime.pending:
            attend(runtime)
