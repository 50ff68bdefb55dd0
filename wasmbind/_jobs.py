"""Functions that run in a thread and can be ended from another one, as far as they call WebAssembly."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, TypeVar

from wasmbind._source import GENERATED
from wasmbind._ticker import ticker

if TYPE_CHECKING:
    import types
    from collections.abc import Callable

__all__ = ["Job", "check_doomed", "entry_of", "is_doomed", "stands"]

T = TypeVar("T")


class Job:
    """A function that runs in a thread and can be ended from another one."""

    __slots__ = ("_thread", "cancelled")

    def __init__(self) -> None:
        self._thread: int | None = None
        self.cancelled = False

    def run(self, function: Callable[[], T]) -> T:
        """Run the function, in the thread that this is called in.

        Raises:
            asyncio.CancelledError: it was cancelled before it began, or while it was inside WebAssembly.
        """
        me = threading.get_ident()
        try:
            self._thread = me
            if self.cancelled:
                raise _cancelled()
            return function()
        finally:
            self._thread = None
            _doomed.pop(me, None)

    def cancel(self) -> None:
        """End the calls into WebAssembly that it makes from now on, the running one included."""
        self.cancelled = True
        thread = self._thread
        if thread is not None:
            _doomed[thread] = self
            ticker.wake()

    @property
    def has_begun(self) -> bool:
        """Whether it is running in some thread."""
        return self._thread is not None

    @property
    def is_mine(self) -> bool:
        """Whether it is running in the calling thread."""
        return self._thread == threading.get_ident()


#: The jobs that are to end, by the thread that they run in.
_doomed: dict[int, Job] = {}


def check_doomed() -> None:
    """Raise `asyncio.CancelledError` in the thread of a cancelled job."""
    job = _doomed.get(threading.get_ident()) if _doomed else None
    if job is not None and job.is_mine:
        raise _cancelled()


def _cancelled() -> BaseException:
    import asyncio  # noqa: PLC0415 - takes longer to import than wasmtime; who cancels tasks has it

    return asyncio.CancelledError()


def is_doomed(thread: int | None) -> bool:
    """Whether a thread runs a cancelled job."""
    return thread in _doomed


def entry_of(thread: int) -> types.FrameType | None:
    """The Python frame with which a thread has entered wasmbind, None if it has not."""
    found, frame = None, sys._current_frames().get(thread)  # noqa: SLF001 - documented, for debuggers and the like
    while frame is not None:
        if frame.f_code.co_filename.startswith(GENERATED) or frame.f_globals.get("__name__") == "wasmbind._calls":
            found = frame
        frame = frame.f_back
    return found


def stands(entry: types.FrameType) -> bool:
    """Whether the calling thread is still inside of a frame."""
    frame: types.FrameType | None = sys._getframe()
    while frame is not None and frame is not entry:
        frame = frame.f_back
    return frame is not None
