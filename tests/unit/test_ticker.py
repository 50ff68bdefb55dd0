"""The ticker: epochs advance when somebody asks, and at no other time; its thread comes and goes."""

import gc
import os
import threading
import time
from typing import Any

import pytest

from wasmbind._ticker import POLL, Ticker

#: Seconds after which something that should happen never will.
PATIENCE = 30


class Engine:
    """Counts epochs."""

    def __init__(self) -> None:
        self.epochs = 0
        self.advanced = threading.Event()

    def increment_epoch(self) -> None:
        self.epochs += 1
        self.advanced.set()


class Call:
    """Something to watch that is in a call or not."""

    def __init__(self, engine: Any, *, inside: bool = False, due: float = float("inf")) -> None:
        self.engine, self.inside, self.due = engine, inside, due
        self.looks = 0
        self.looked = threading.Event()

    def urgency(self, now: float, *, polling: bool) -> tuple[bool, float]:
        self.looks += 1
        self.looked.set()
        return self.inside and (polling or now >= self.due), min(now + POLL, self.due)


def await_look(call: Call) -> None:
    """Wait until the ticker has looked from now on."""
    for _ in range(2):  # the first may have begun before
        call.looked.clear()
        assert call.looked.wait(PATIENCE)


def end(ticker: Ticker) -> None:
    """Wait until the thread has ended, for lack of anything to watch."""
    gc.collect()
    thread = ticker._thread
    ticker.wake()
    if thread is not None:
        thread.join(PATIENCE)
    assert ticker._thread is None


def test_idle_costs_no_epoch() -> None:
    """While nobody is inside, no epoch advances; while somebody is, it does, again and again."""
    ticker, engine = Ticker(), Engine()
    call = Call(engine)
    ticker.watch(call)
    await_look(call)
    assert engine.epochs == 0
    call.inside = True
    assert engine.advanced.wait(PATIENCE)
    engine.advanced.clear()
    assert engine.advanced.wait(PATIENCE)
    del call
    end(ticker)


def test_one_epoch_for_all_of_an_engine() -> None:
    """Several calls in one engine take one epoch at a time; other engines are left alone."""
    ticker, engine, other = Ticker(), Engine(), Engine()
    calls = [Call(engine, inside=True) for _ in range(10)] + [Call(other)]
    list(map(ticker.watch, calls))
    assert engine.advanced.wait(PATIENCE)
    await_look(calls[-1])
    assert other.epochs == 0
    assert engine.epochs <= calls[0].looks
    calls.clear()
    end(ticker)


def test_wakes_for_a_deadline() -> None:
    """A deadline that comes up before the next look is met after a `wake`."""
    ticker, engine = Ticker(), Engine()
    call = Call(engine)
    ticker.watch(call)
    await_look(call)
    call.due, call.inside = time.monotonic(), True
    if call.due < ticker.wakes_at:
        ticker.wake()
    assert engine.advanced.wait(PATIENCE)
    del call
    end(ticker)


def test_wake_never_blocks() -> None:
    """Waking is harmless at any time, however often, with and without a thread."""
    ticker = Ticker()
    for _ in range(1000):
        ticker.wake()
    call = Call(Engine())
    ticker.watch(call)
    for _ in range(1000):
        ticker.wake()
    await_look(call)
    del call
    end(ticker)
    ticker.wake()


def test_thread_ends_and_starts_again() -> None:
    """There is a thread while something is watched, and never two."""
    ticker = Ticker()
    for _ in range(20):
        call = Call(Engine(), inside=True)
        ticker.watch(call)
        await_look(call)
        names = [thread.name for thread in threading.enumerate() if thread is ticker._thread]
        assert names == ["wasmbind-ticker"]
        del call
        end(ticker)


def test_many_come_and_go() -> None:
    """Things that come and go in several threads at any moment are looked at while they are there."""
    ticker, engine = Ticker(), Engine()

    def come_and_go() -> None:
        for _ in range(200):
            for call in [Call(engine, inside=True) for _ in range(5)]:
                ticker.watch(call)
                ticker.wake()

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    last = Call(engine)
    ticker.watch(last)
    await_look(last)
    gc.collect()
    await_look(last)
    assert len(ticker._watched) == 1
    del last
    end(ticker)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # threads and fork are what this is about
def test_after_fork() -> None:
    """The child of a fork has a ticker of its own, for what was watched before."""
    ticker, engine = Ticker(), Engine()
    call = Call(engine)
    ticker.watch(call)
    await_look(call)
    child = os.fork()
    if child == 0:
        ticker.after_fork()
        call.inside = True
        engine.advanced.clear()
        os._exit(0 if engine.advanced.wait(PATIENCE) else 1)
    assert os.waitpid(child, 0)[1] == 0
    await_look(call)
    del call
    end(ticker)


def test_watched_while_it_looks() -> None:
    """A collection of garbage, which may come anywhere in its loop, runs finalisers that make instances."""
    ticker, engine, made = Ticker(), Engine(), list[Call]()

    def make(phase: str, _info: dict[str, int]) -> None:
        if phase == "stop" and threading.current_thread() is ticker._thread and len(made) < 500:
            made.append(Call(engine))
            ticker.watch(made[-1])

    made += [Call(engine) for _ in range(50)]
    before = gc.get_threshold()
    gc.callbacks.append(make)
    try:
        for index in range(50):
            ticker.watch(made[index])
        gc.set_threshold(1)
        await_look(made[0])
        ticker.wake()
        await_look(made[0])
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(make)
    assert len(made) > 50
    made.clear()
    end(ticker)
