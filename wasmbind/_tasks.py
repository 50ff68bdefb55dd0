"""Calls from asyncio: in a thread, and ended when their task is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from wasmbind._jobs import Job

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["to_thread"]

P = ParamSpec("P")
T = TypeVar("T")


async def to_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in another thread, as `asyncio.to_thread` does; cancelling the task ends WebAssembly calls in it.

    Context variables go with it, and with them the instance of a `with module:` block.

    When the task is cancelled, the call into WebAssembly that the function is in raises `asyncio.CancelledError` in its
    thread, and so does every later one. The instance is poisoned if the call was in its middle; all others go on. The
    task waits until the function has returned, so that no thread uses the instance afterwards. Python code is not
    interrupted: a function that does something else for long keeps the task waiting, until it is cancelled again.

    Raises:
        Exception: what the function raises.
        asyncio.CancelledError: the task was cancelled.
    """
    job = Job()
    context = contextvars.copy_context()

    def work() -> T:
        return context.run(job.run, functools.partial(function, *args, **kwargs))

    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        if not future.done():
            job.cancel()
            if job.has_begun:
                with contextlib.suppress(asyncio.CancelledError):  # again: the task does not wait
                    await asyncio.wait([future])
            future.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody else looks at it
        raise
