"""What may end a running call from outside: a deadline, a signal handler that raises, another thread, a cancelled task.

The epoch callback of a store (`_store_abi`) asks `Interruption` on the thread that is inside the WebAssembly code.
Running Python code there is what lets signal handlers run, Ctrl-C's among them.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Final

from wasmbind._jobs import check_doomed, entry_of, is_doomed, stands
from wasmbind._store_abi import epoch_callback, refueler
from wasmbind._ticker import POLL, ticker
from wasmbind.errors import InstanceError

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Generator

    import wasmtime

    from wasmbind._limits import Limits
    from wasmbind._runtime import Runtime
    from wasmbind._store_abi import EpochCallback

__all__ = ["Interruption", "Stop", "stopped_error"]

#: Seconds until the epoch advances again for a call that should have stopped; it may be inside a host function.
_RETRY: Final = 0.005
#: Seconds of one epoch where stores have no callback, so that a deadline is a number of epochs.
_EPOCH: Final = 0.01
#: Fuel that lasts.
_PLENTY: Final = 1 << 60
#: Runs the handlers of signals that have arrived, in the main thread; raises what they raise.
_check_signals: Final[Callable[[], int]] = ctypes.pythonapi.PyErr_CheckSignals


class Stop:
    """Reasons to stop that are no exceptions of somebody else."""

    TIMEOUT: Final = "timeout"
    REQUEST: Final = "request"
    #: The callback has not got as far as telling why.
    LOST: Final = "lost"


def stopped_error(name: str, why: str) -> InstanceError:
    """What an instance says from then on that a call was stopped in."""
    return InstanceError(
        "poisoned",
        f"{name}: an earlier call was stopped somewhere in its middle ({why}); its heap may be torn: start a fresh"
        " instance of the module",
    )


class Interruption:
    """What may end the calls into one store.

    It lasts for as long as the store can be called, the last calls of `__del__` methods included, and so it cannot
    refer to the store, nor to what does.

    Attributes:
        engine: the engine whose epoch counts.
        limits: those of the store, None without any.
        deadline: when the running call has to end, 0 while no call with a limit runs, infinite without a timeout.
        stopped: why the running code has to stop, if nobody has raised anything.
    """

    __slots__ = (
        "__weakref__",
        "_callback",
        "_put_off",
        "_runtime",
        "_starting",
        "_victim",
        "deadline",
        "engine",
        "limits",
        "stopped",
    )

    def __init__(self, store: wasmtime.Store, engine: wasmtime.Engine, limits: Limits | None) -> None:
        self.engine, self.limits = engine, limits
        self._put_off = False
        self._starting: int | None = None
        self.deadline = 0.0
        self.stopped: str | None = None
        self._victim: tuple[int, types.FrameType | None] | None = None
        self._runtime: weakref.ref[Runtime] | None = None
        self._callback: EpochCallback | None = None
        self.arm(store)
        try:
            ticker.watch(self)
        except RuntimeError:
            # The interpreter is ending, or out of threads: calls cannot be interrupted, which nobody asked for.
            if limits is not None and limits.timeout is not None:
                raise

    def attach(self, runtime: Runtime) -> None:
        """Tell who is inside from now on."""
        self._runtime = weakref.ref(runtime)

    def arm(self, store: wasmtime.Store) -> None:
        """Set up the callback, at first or after it has ended a call."""
        self.stopped = self._victim = None
        me = weakref.ref(self)

        def answer() -> bool:
            owner = me()
            assert owner is not None  # it lasts as long as the store
            return owner.may_go_on()

        def stop() -> None:
            owner = me()
            assert owner is not None  # as above
            owner.give_up()

        self._callback = epoch_callback(store, self, answer, stop)

    @property
    def in_use(self) -> bool:
        """Whether there is an instance that has not been closed."""
        runtime = self._runtime() if self._runtime is not None else None
        return runtime is not None and (runtime.idle is None or runtime.idle.reason != "closed")

    @property
    def by_epochs(self) -> bool:
        """Whether deadlines are numbers of epochs, for lack of a callback."""
        return self._callback is None

    @property
    def answering(self) -> bool:
        """Whether WebAssembly code of the store stands still, at an arbitrary place, while Python code runs."""
        return self._callback is not None and self._callback.is_running

    # --- on the thread that is inside -----------------------------------------------------------------------

    def may_go_on(self) -> bool:
        """Run signal handlers, and tell whether the running code may go on. May raise what they raise."""
        if self._put_off:
            return True
        if self.stopped is None:
            _check_signals()
            check_doomed()
            victim = self._victim
            if victim is not None and victim[0] == threading.get_ident():
                self._victim = None
                if victim[1] is None or stands(victim[1]):
                    self.stopped = Stop.REQUEST
            elif 0 < self.deadline <= time.monotonic():
                self.stopped = Stop.TIMEOUT
        if self.stopped is not None:
            self.give_up()
        return self.stopped is None

    def give_up(self) -> None:
        """Poison the instance before the call ends: an interrupt may get ahead of whoever deals with its failure."""
        runtime = self._runtime() if self._runtime is not None else None
        if runtime is not None and runtime.idle is None:
            runtime.poison(stopped_error(runtime.name, "why is not known"))

    @contextlib.contextmanager
    def put_off(self) -> Generator[None]:
        """Let code run, however late it is, for a `with` block that tells of a failure."""
        before, self._put_off = self._put_off, True
        try:
            yield
        finally:
            self._put_off = before

    def take(self, store: wasmtime.Store) -> BaseException | str | None:
        """Why the call that just failed was stopped, once; None if it failed for another reason."""
        callback = self._callback
        if callback is None or not callback.take_stop():
            return None
        stopped = next(iter(callback.raised), self.stopped) or Stop.LOST
        self.stopped = None
        callback.raised.clear()
        if not callback.is_usable:
            self.arm(store)
        return stopped

    def guarded(self, store: wasmtime.Store, call: Callable[..., int]) -> Callable[..., int]:
        """`call` with what limits need before and after it; `call` itself without such limits."""
        limits = self.limits
        if limits is None or (limits.timeout is None and limits.fuel is None):
            return call

        refuel = None if limits.fuel is None else refueler(store, limits.fuel)
        if self.by_epochs or limits.timeout is None:

            def limited(context: Any, handle: Any, block: Any, cells: int, trap: Any) -> int:
                if self.deadline:  # part of the outermost call
                    status = call(context, handle, block, cells, trap)
                    return status  # noqa: RET504 - by this name the code is known, see `_standing`
                try:
                    if refuel is not None:
                        refuel()
                    self._begin(store)
                    status = call(context, handle, block, cells, trap)
                finally:
                    self.deadline = 0.0
                return status

            return limited
        clock, span = time.monotonic, limits.timeout

        def timed(context: Any, handle: Any, block: Any, cells: int, trap: Any) -> int:
            """The same, with `_begin` written out."""
            if self.deadline:
                status = call(context, handle, block, cells, trap)
                return status  # noqa: RET504 - as above
            try:
                if refuel is not None:
                    refuel()
                self.deadline = deadline = clock() + span
                if deadline < ticker.wakes_at:
                    ticker.wake()
                status = call(context, handle, block, cells, trap)
            finally:
                self.deadline = 0.0
            return status

        return timed

    @contextlib.contextmanager
    def exempt(self, store: wasmtime.Store) -> Generator[None]:
        """Use no fuel for what nobody but wasmbind asked for."""
        if self.limits is None or self.limits.fuel is None:
            yield
            return
        outer, fuel = self.deadline, store.get_fuel()
        try:
            store.set_fuel(_PLENTY)
            self.deadline = outer or math.inf
            yield
        finally:
            self.deadline = outer
            store.set_fuel(fuel)

    def start(self, store: wasmtime.Store, instantiate: Callable[[], None]) -> None:
        """Run what instantiates the module, as a call."""
        try:
            self._starting = threading.get_ident()
            if self.limits is not None and self.limits.fuel is not None:
                store.set_fuel(self.limits.fuel)
            self._begin(store)
            instantiate()
        finally:
            self.deadline = 0.0
            self._starting = None

    def _begin(self, store: wasmtime.Store) -> None:
        limits = self.limits
        if limits is None or limits.timeout is None:
            self.deadline = math.inf
            return
        if self.by_epochs:
            store.set_epoch_deadline(math.ceil(limits.timeout / _EPOCH) + 1)
        self.deadline = time.monotonic() + limits.timeout
        if self.deadline < ticker.wakes_at:
            ticker.wake()

    # --- on other threads -----------------------------------------------------------------------------------

    def request(self, thread: int) -> bool:
        """Stop the call that a thread is in; False where that cannot be done."""
        if self.by_epochs:
            return False
        self._victim = thread, entry_of(thread)
        self.engine.increment_epoch()
        ticker.wake()
        return True

    def urgency(self, now: float, *, polling: bool) -> tuple[bool, float]:
        """Whether the epoch has to advance now, and at what time to look again at the latest."""
        inside = self._inside()
        deadline = self.deadline
        if self.by_epochs:
            timed = 0 < deadline < math.inf
            return timed, now + _EPOCH if timed else now + POLL
        if self._victim is not None and self._victim[0] != inside:
            self._victim = None  # that call has ended by itself
        if inside is None and not deadline:
            return False, now + POLL
        if (0 < deadline <= now) or is_doomed(inside) or self._victim is not None:
            return True, now + max(_RETRY, min(now - deadline, POLL) if deadline else 0.0)
        # Signal handlers run in the main thread only.
        return polling and inside == threading.main_thread().ident, min(now + POLL, deadline or math.inf)

    def _inside(self) -> int | None:
        """The thread that is inside, None without one."""
        if self._starting is not None:
            return self._starting
        runtime = self._runtime() if self._runtime is not None else None
        if runtime is None:
            return None
        owner = runtime.owner
        if owner is None or owner is runtime.idle:
            return None
        thread: int = getattr(owner, "thread", owner)
        return thread
