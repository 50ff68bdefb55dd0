"""The clock of interruptions: one thread per process that advances epochs, and only when somebody has to be stopped.

Compiled code compares the epoch of its engine with its store's deadline at the start of every function and loop, which
is what makes an endless loop stoppable. Advancing the epoch is a wake-up for all running stores of that engine: each
looks whether it is meant (`_interruption`) and goes on otherwise.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import threading
import time
import weakref
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import wasmtime

__all__ = ["POLL", "Ticker", "Watched", "ticker"]

#: Seconds between two looks at who is inside; how long Ctrl-C takes at most, about.
POLL: Final = 0.1
#: Signals of faults, which wasmtime handles on the thread where they happen.
_FAULTS = {"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP"}


class Watched(Protocol):
    """What the ticker looks at: the interruption of one store."""

    engine: wasmtime.Engine

    def urgency(self, now: float, *, polling: bool) -> tuple[bool, float]:
        """Whether the epoch has to advance now, and at what time to look again at the latest."""
        ...


class Ticker:
    """The thread and what it watches. It ends when nothing is left to watch, and starts again with the next.

    Nothing here waits for anything: its methods may be called from signal handlers and in the middle of each other.

    Attributes:
        wakes_at: the time at which the thread will look again by itself, in terms of `time.monotonic`.
    """

    def __init__(self) -> None:
        self._watched: dict[int, weakref.ref[Watched]] = {}
        self._reset()

    def _reset(self) -> None:
        self._gate = threading.Lock()
        self._gate.acquire()
        self._thread: threading.Thread | None = None
        self.wakes_at = math.inf

    def watch(self, watched: Watched) -> None:
        """Look after something until it is gone.

        Raises:
            RuntimeError: no thread can be started.
        """
        reference = weakref.ref(watched)
        self._watched[id(reference)] = reference
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def hand_over(self) -> None:
        """Let another thread be the clock if the calling one is.

        The garbage collector may run finalisers in any thread, and they may take as long as they like.
        """
        thread = self._thread
        if thread is None or thread.ident != threading.get_ident():
            return
        try:
            self._start()
        except RuntimeError:
            self._thread = thread

    def wake(self) -> None:
        """Let the thread look now."""
        self.hand_over()
        with contextlib.suppress(RuntimeError):  # it is awake already, and will look once more
            self._gate.release()

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="wasmbind-ticker", daemon=True)
        self._thread = thread
        try:
            thread.start()
        except RuntimeError:
            self._thread = None
            raise

    def _run(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # A signal that this thread got would not end what the main thread waits for.
            mine = {number for number in signal.valid_signals() if getattr(number, "name", "") not in _FAULTS}
            signal.pthread_sigmask(signal.SIG_BLOCK, mine)
        me, polls_at = threading.current_thread(), 0.0
        while self._thread is me:
            self.wakes_at = math.inf  # whoever begins to wait for a deadline from here on wakes us
            now = time.monotonic()
            polling = now >= polls_at
            if polling:
                polls_at = now + POLL
            until = min(polls_at, self._look(now, polling=polling))
            if not self._watched:
                self._thread = None
                if not self._watched:
                    return
                self._thread = me  # somebody came between; should he have started another thread, one of us ends
            self.wakes_at = until
            self._gate.acquire(timeout=max(0.0, until - time.monotonic()))

    def _look(self, now: float, *, polling: bool) -> float:
        """Advance the epochs that have to be, and tell when to look again."""
        until, engines = math.inf, {}
        for key, reference in self._watched.copy().items():  # a list of items can be interrupted by whoever adds one
            watched = reference()
            if watched is None:
                self._watched.pop(key, None)
                continue
            advances, again = watched.urgency(now, polling=polling)
            until = min(until, again)
            if advances:
                engines[id(watched.engine)] = watched.engine
            del watched
        for engine in engines.values():
            engine.increment_epoch()
        return until

    def after_fork(self) -> None:
        """Start anew in the child, where no thread but the forking one exists."""
        self._reset()
        if self._watched:
            self._start()


ticker: Final = Ticker()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=ticker.after_fork)
