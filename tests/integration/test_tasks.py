"""`to_thread`: calls from asyncio, ended with their task."""

import asyncio
import contextlib
import contextvars
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.limits_module import Greedy, new_greedy
from wasmbind import AbortError, InstanceError, to_thread
from wasmbind._context import active_runtime

#: Seconds after which something that should happen never will.
PATIENCE = 30

marker: contextvars.ContextVar[str] = contextvars.ContextVar("marker", default="unset")


async def until_inside(module: Greedy) -> None:
    """Wait until some thread is inside an instance."""
    async with asyncio.timeout(PATIENCE):
        while module.runtime.owner is None:  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0.001)


def test_results_and_errors() -> None:
    """What the function returns comes back, and what it raises is raised."""

    async def main() -> None:
        module = new_greedy()
        assert await to_thread(module.echo, s="a") == "a!"
        with pytest.raises(AbortError, match="on purpose"):
            await to_thread(module.fail)
        assert await asyncio.gather(*[to_thread(module.add, number, 1) for number in range(50)]) == [*range(1, 51)]

    asyncio.run(main())


def test_context_variables() -> None:
    """Context variables go with the function; the instance of a `with` block is one."""

    async def main() -> None:
        marker.set("here")
        module = new_greedy()
        with module.active():
            assert await to_thread(lambda: (marker.get(), active_runtime.get())) == ("here", module.runtime)
        assert await to_thread(active_runtime.get) is None

    asyncio.run(main())


def test_cancelled_while_it_runs() -> None:
    """Cancelling ends the call; the thread is free again, the instance is poisoned, others go on."""

    async def main() -> None:
        module, other = new_greedy(), new_greedy()
        task = asyncio.create_task(to_thread(module.forever))
        long = asyncio.create_task(to_thread(other.spin, 1 << 26))
        await until_inside(module)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not isinstance(module.runtime.owner, int)  # the thread has left it
        with pytest.raises(InstanceError, match="CancelledError"):
            module.add(1, 2)
        assert await long == other.spin(1 << 26)

    asyncio.run(main())


def test_timeout_of_a_loop_of_calls() -> None:
    """A function that swallows errors and calls again and again ends, too."""
    ended = threading.Event()

    def stubborn() -> None:
        try:
            while True:
                with contextlib.suppress(Exception):
                    new_greedy().forever()
        finally:
            ended.set()

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await to_thread(stubborn)
        assert ended.is_set()

    asyncio.run(main())


def test_cancelled_before_it_begins() -> None:
    """A function whose turn in the pool has not come is never called."""
    called: list[int] = []

    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        gate = threading.Event()
        first = asyncio.create_task(to_thread(gate.wait, PATIENCE))
        second = asyncio.create_task(to_thread(called.append, 1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        gate.set()
        assert await first
        await to_thread(lambda: None)

    asyncio.run(main())
    assert called == []


def test_cancelled_while_it_waits_for_its_turn() -> None:
    """A call that waits for another one to leave the instance ends without harm to that one."""

    async def main() -> None:
        module = new_greedy()
        holder = asyncio.create_task(to_thread(module.forever))
        await until_inside(module)
        waiting = asyncio.create_task(to_thread(module.add, 1, 2))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert not holder.done()
        holder.cancel()
        with pytest.raises(asyncio.CancelledError):
            await holder

    asyncio.run(main())


def test_cancelled_again() -> None:
    """Python code is not interrupted: the task waits for it, until it is cancelled again."""
    gate = threading.Event()

    async def main() -> None:
        task = asyncio.create_task(to_thread(gate.wait, PATIENCE))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.sleep(0.05)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.set()

    asyncio.run(main())


def test_threads_are_used_again() -> None:
    """A thread whose task was cancelled serves the next one; nothing of the cancellation sticks to it."""

    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        for _ in range(20):
            module, other = new_greedy(), new_greedy()
            task = asyncio.create_task(to_thread(module.forever))
            await until_inside(module)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await to_thread(other.spin, 1 << 20) == other.spin(1 << 20)

    asyncio.run(main())


def test_cancelled_at_any_moment() -> None:
    """Whenever the cancellation comes, the task ends, with its result or without."""

    async def main() -> None:
        for round_ in range(60):
            module = new_greedy()
            task = asyncio.create_task(to_thread(module.spin, 1 << 20))
            await asyncio.sleep(round_ * 0.0002)
            task.cancel()
            begun = time.monotonic()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            assert time.monotonic() - begun < PATIENCE
            module.runtime.resume()
            assert module.add(1, 2) == 3

    asyncio.run(main())
