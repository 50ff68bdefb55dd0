"""Calls that are stopped from outside, by signal handlers and other threads, and what becomes of the rest."""

import contextlib
import ctypes
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from tests.integration.apart import run_apart
from tests.integration.limits_module import Greedy, new_greedy
from wasmbind import InstanceError, Limits, _natives, _ticker
from wasmbind._interruption import Interruption
from wasmbind._natives import PublicNative

#: Seconds after which something that should happen never will.
PATIENCE = 30

Handler = Callable[[int, FrameType | None], Any]

needs_timers = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no interval timers")


class Rung(Exception):  # noqa: N818 - it is no error
    """What a signal handler raises."""


def ring(_number: int, _frame: FrameType | None) -> None:
    """Raise from a signal handler."""
    raise Rung


@contextmanager
def alarm(handler: Handler, first: float, interval: float = 0.0) -> Generator[None]:
    """Let a handler be called after some seconds, and then at intervals."""
    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, first, interval)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def until_inside(module: Greedy) -> None:
    """Wait until some thread is inside an instance, and give it time to get into WebAssembly."""
    end = time.monotonic() + PATIENCE
    while module.runtime.owner is None:
        assert time.monotonic() < end
        time.sleep(0.001)
    time.sleep(0.02)


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    """Start a thread; the list gets what the work raises."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


# --- signals -----------------------------------------------------------------------------------------------


@needs_timers
@pytest.mark.parametrize("native", ["FastNative", "PublicNative"])
def test_handler_that_raises(native: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a handler raises ends an endless loop as itself; the instance is poisoned, and can be resumed."""
    monkeypatch.setattr(_natives, "_native_class", getattr(_natives, native))
    module = new_greedy()
    assert not module.runtime.native.interruption.by_epochs
    for _ in range(3):
        with alarm(ring, 0.05), pytest.raises(Rung) as caught:
            module.forever()
        functions = [entry.name for entry in caught.traceback]
        assert functions[-1] == "ring"
        with pytest.raises(InstanceError, match="by Rung"):
            module.add(1, 2)
        module.runtime.resume()
        assert module.echo("a") == "a!"


def test_ctrl_c() -> None:
    """KeyboardInterrupt comes out of an endless loop in the main thread."""
    module = new_greedy()

    def press() -> None:
        until_inside(module)
        os.kill(os.getpid(), signal.SIGINT)

    thread, _ = in_thread(press)
    with pytest.raises(KeyboardInterrupt):
        module.forever()
    thread.join(PATIENCE)


@needs_timers
def test_handler_that_returns() -> None:
    """Handlers that return let the loop go on, as often as they are called."""
    module, calls = new_greedy(), [0]

    def count(_number: int, _frame: FrameType | None) -> None:
        calls[0] += 1
        if calls[0] == 5:  # later ones come on the way out, maybe where nobody expects an exception
            raise Rung

    with alarm(count, 0.01, 0.01), pytest.raises(Rung):
        module.forever()
    assert calls[0] >= 5


@needs_timers
def test_handler_uses_instances() -> None:
    """A handler cannot use the instance that stands still, not even its clean-up; every other one it can."""
    module, other = new_greedy(), new_greedy()
    line = module.line("a")
    refused: list[str] = []

    def use(_number: int, _frame: FrameType | None) -> None:
        for work in (
            lambda: module.add(1, 2),
            lambda: module.echo("a"),
            lambda: setattr(line, "s", "b"),
            module.runtime.collect,
            module.close,
        ):
            try:
                work()
            except InstanceError as error:
                refused.append(error.reason)
        assert other.echo("a") == "a!"
        gc.collect()
        raise Rung

    with alarm(use, 0.01), pytest.raises(Rung):
        module.forever()
    assert refused == ["busy"] * 5
    module.runtime.resume()
    assert (line.s, module.add(1, 2)) == ("a", 3)


@needs_timers
def test_handler_inside_a_host_function() -> None:
    """Inside a host function a handler may use the instance, as any Python code there."""
    results: list[int] = []

    def answer(_number: int, _frame: FrameType | None) -> None:
        results.append(module.add(1, 2))

    def ask() -> int:
        end = time.monotonic() + PATIENCE
        while not results:
            assert time.monotonic() < end
        return 7

    module = new_greedy(imports={"host": {"ask": ask}})
    with alarm(answer, 0.05):
        assert module.askOnce() == 7
    assert results == [3]
    assert module.add(1, 2) == 3


@needs_timers
@pytest.mark.parametrize("native", ["Fast", "Public"])
def test_storm(native: str) -> None:
    """Handlers that raise all the time, some in the middle of others, neither crash anything nor get lost."""
    run_apart("test_interruption", f"storm({native!r}, 60)", silent=False)


def storm(native: str, rounds: int) -> None:
    """Ring with random intervals; see `test_storm`."""
    _natives._native_class = getattr(_natives, f"{native}Native")
    module = new_greedy()
    for round_ in range(rounds):
        rung = False
        # From microseconds after the start to many rings before anybody looks.
        first = (round_ % 10) * 0.003 + 1e-5
        try:
            with alarm(ring, first, 0.0005):
                try:
                    module.forever()
                except Rung:
                    rung = True
        except Rung:  # another one, on the way out
            rung = True
        assert rung
        for _ in range(100):  # one may be left over
            try:
                module.runtime.resume()
                assert module.echo(f"{round_}") == f"{round_}!"
                break
            except Rung:
                continue
        else:
            sys.exit("rings without end")


@needs_timers
def test_recursion_limit() -> None:
    """A call from the last frames that Python has is stopped, too, one way or the other."""
    run_apart("test_interruption", "exhaust()", silent=False)


def exhaust() -> None:
    """Call with less and less room for the Python code that the interruption takes."""
    frames = 0
    for frame in sys._current_frames().values():
        current: FrameType | None = frame
        while current is not None:
            frames, current = frames + 1, current.f_back
    module = new_greedy()
    with alarm(ring, 0.01), contextlib.suppress(Rung):
        module.forever()  # from now on it is known what to call

    def dive(depth: int) -> None:
        if depth:
            dive(depth - 1)
        else:
            module.forever()

    limit = 300
    sys.setrecursionlimit(limit)
    seen = set()
    for depth in range(limit - frames - 30, limit - frames + 2):
        with alarm(ring, 0.03, 0.1):
            try:
                dive(depth)
            except (
                Rung,
                RecursionError,
                InstanceError,
                ctypes.ArgumentError,
            ) as error:  # the last is ctypes' word for it
                seen.add(type(error))
        for _ in range(3):  # where no stack was left to deal with it, the next call may hear of it
            with contextlib.suppress(Rung, RecursionError, InstanceError):
                module.runtime.resume()
                assert module.spin(1 << 22) != 0
                break
        else:
            sys.exit("stopped without end")
    assert {Rung, RecursionError} <= seen


# --- other threads -----------------------------------------------------------------------------------------


def test_interrupt_from_another_thread() -> None:
    """`interrupt` ends the running call of one instance, and of no other."""
    module, other = new_greedy(), new_greedy()
    assert module.runtime.interrupt() is False
    thread, raised = in_thread(module.forever)
    other_thread, other_raised = in_thread(lambda: other.spin(1 << 28))
    until_inside(module)
    assert module.runtime.interrupt() is True
    thread.join(PATIENCE)
    assert [getattr(error, "reason", None) for error in raised] == ["interrupted"]
    with pytest.raises(InstanceError) as poisoned:
        module.add(1, 2)
    assert poisoned.value.reason == "poisoned"
    assert module.runtime.interrupt() is False
    other_thread.join(PATIENCE)
    assert other_raised == []
    assert other.add(1, 2) == 3


def test_interrupt_from_inside() -> None:
    """A host function, or a signal handler, can end the call that it is part of."""

    def ask() -> int:
        assert module.runtime.interrupt() is True
        return 1

    module = new_greedy(imports={"host": {"ask": ask}})
    with pytest.raises(InstanceError) as caught:
        module.askThenSpin()
    assert caught.value.reason == "interrupted"


def test_interrupt_comes_too_late() -> None:
    """A call that ends by itself is not harmed, nor is the next one that comes after the ticker has looked."""

    def ask() -> int:
        return int(module.runtime.interrupt())

    module = new_greedy(imports={"host": {"ask": ask}})
    interruption = module.runtime.native.interruption
    try:
        module.askOnce()
    except InstanceError:
        module.runtime.resume()  # it was not too late
    interruption.urgency(0.0, polling=False)
    assert interruption._victim is None
    assert module.spin(1000) == new_greedy().spin(1000)


def test_waiting_calls_see_the_poison() -> None:
    """Calls that wait for their turn when the running one is interrupted say so, and do not hang."""
    module = new_greedy()
    first, _ = in_thread(module.forever)
    until_inside(module)
    waiting = [in_thread(lambda: module.add(1, 2)) for _ in range(4)]
    module.runtime.interrupt()
    for thread, _ in [(first, []), *waiting]:
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert [getattr(error, "reason", None) for _, raised in waiting for error in raised] == ["poisoned"] * 4


# --- the ticker and its instances --------------------------------------------------------------------------


def test_idle_instances_ask_for_nothing() -> None:
    """Instances that nobody is inside never make an epoch advance."""
    modules = [new_greedy(), new_greedy(limits=Limits(timeout=0.01)), new_greedy(limits=Limits(fuel=1 << 40))]
    for module in modules:
        module.add(1, 2)
        interruption: Interruption = module.runtime.native.interruption
        now = time.monotonic()
        assert interruption.urgency(now + 1, polling=True)[0] is False


def test_closed_instances_are_forgotten() -> None:
    """Nothing of an instance is kept by what watches it."""
    for _ in range(50):
        module = new_greedy(limits=Limits(timeout=1))
        module.add(1, 2)
        module.close()
        del module
    gc.collect()
    end = time.monotonic() + PATIENCE
    while any(reference() is None for reference in list(_ticker.ticker._watched.values())):
        assert time.monotonic() < end
        time.sleep(0.01)


@needs_timers
@pytest.mark.parametrize("native", ["Fast", "Public"])
def test_interpreter_exit(native: str) -> None:
    """The interpreter ends without a word while instances, timers and threads are still there."""
    run_apart("test_interruption", f"leave({native!r})")


def leave(native: str) -> None:
    """End in the middle of everything; see `test_interpreter_exit`."""
    _natives._native_class = getattr(_natives, f"{native}Native")
    modules = [new_greedy(limits=Limits(timeout=0.01)) for _ in range(5)]
    globals()["kept"] = modules
    threading.excepthook = lambda _: None
    for module in modules:
        module.spin(1000)
    threading.Thread(target=modules[0].forever, daemon=True).start()
    unlimited = new_greedy()
    threading.Thread(target=unlimited.forever, daemon=True).start()
    until_inside(unlimited)
    sys.exit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_fork() -> None:
    """Instances can be interrupted in the child of a fork as well, old ones and new ones."""
    run_apart("test_interruption", "fork()", silent=False)


def fork() -> None:
    """See `test_fork`."""
    old, limited = new_greedy(), new_greedy(limits=Limits(timeout=0.1))
    old.add(1, 2)
    child = os.fork()
    for work in (old.forever, limited.forever, new_greedy().forever):
        try:
            with alarm(ring, 0.3):
                work()
        except (Rung, RuntimeError):
            continue
        os._exit(1)
    if child:
        assert os.waitpid(child, 0)[1] == 0
    os._exit(0)


def unavailable(*_: object) -> None:
    """Stand for an epoch callback that cannot be set up."""


def test_without_callbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where wasmtime-py offers no epoch callback, timeouts still end calls, and nothing else is disturbed."""
    monkeypatch.setattr("wasmbind._interruption.epoch_callback", unavailable)
    monkeypatch.setattr(_natives, "_native_class", PublicNative)
    plain, limited = new_greedy(), new_greedy(limits=Limits(timeout=0.2))
    thread, raised = in_thread(lambda: plain.spin(1 << 28))
    with pytest.raises(RuntimeError) as caught:
        limited.forever()
    assert getattr(caught.value, "limit", None) == "timeout"
    assert plain.runtime.interrupt() is False
    thread.join(PATIENCE)
    assert raised == []
