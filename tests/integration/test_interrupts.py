"""Ctrl-C and exhausted recursion at any moment: the exception comes out, and the instance goes on."""

import contextlib
import gc
import os
import random
import signal
import sys
import threading
from collections.abc import Callable, Generator
from types import FrameType

import pytest

from tests.integration.apart import run_apart
from tests.integration.lines_module import Line, Lines, new_lines
from wasmbind import TrapError, _natives
from wasmbind.errors import shorten

ROUNDS = 60
#: Calls without an interrupt after which it must have got lost.
LOST = {"fast": 50_000, "public": 1_000}

Work = Callable[[], object]


def use_native(name: str) -> None:
    """Make instances of this process call through `FastNative` or `PublicNative`."""
    _natives._native_class = getattr(_natives, f"{name.capitalize()}Native")


def works(lines: Lines, line: Line) -> dict[str, Work]:
    """Tight loops of each kind of call; each checks its result, if it gets so far."""

    def expect(found: object, expected: object) -> None:
        if found != expected:
            sys.exit(f"found {shorten(found)}, expected {shorten(expected)}")

    several = [line, line]
    return {
        "scalar": lambda: expect(lines.add(2, 3), 5),
        "string": lambda: expect(lines.echo("text"), "text!"),
        "long string": lambda: expect(lines.echo("text" * 1_000), "text" * 1_000 + "!"),
        "construct": lambda: expect(Line("made").s, "made"),
        "list": lambda: expect(lines.first(several), line),
        "numbers": lambda: expect(lines.sum([1, 2, 3]), 6),
        "reference": lambda: setattr(line, "next", line),
        "text field": lambda: setattr(line, "s", "text"),
        "method": lambda: expect(line.size(), 4),
        "host": lambda: expect(lines.through(4), 5),
        "nested": lambda: expect(lines.through(-4), 20),
    }


def nesting_lines() -> Lines:
    """An instance whose import calls back into it when the number is negative."""

    def call(value: int) -> int:
        return value + 1 if value >= 0 else lines.through(4) * value * -1 + len(lines.echo("")) - 1

    lines = new_lines(call)
    return lines


def check(lines: Lines, line: Line) -> None:
    """Make sure that the instance is whole and nobody is inside it."""
    gc.collect()
    assert lines.add(1, 1) == 2
    assert lines.echo("x") == "x!"
    assert lines.through(-4) == 20
    assert (line.s, line.size(), line.next) == ("text", 4, line)
    assert lines.first([line, Line("other")]) is line
    assert lines.sum([4, 5]) == 9
    lines.runtime.collect()
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(lines.echo("thread")))
    thread.start()
    thread.join(60)
    assert found == ["thread!"], "another thread gets in"


# --- interrupts ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def alarm(chance: random.Random) -> Generator[None]:
    """Raise KeyboardInterrupt somewhere in the block, within half a millisecond."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-5, 5e-4))
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def kill(chance: random.Random) -> Generator[None]:
    """Have another thread send the process SIGINT, as Ctrl-C does, some bytecodes later."""
    delay = chance.randrange(3_000)

    def send() -> None:
        for _ in range(delay):
            pass
        os.kill(os.getpid(), signal.SIGINT)

    sender = threading.Thread(target=send)
    sender.start()
    yield
    sender.join()  # a busy machine may not have let it run before; then the signal interrupts this


def interrupt_often(how: str, native: str, rounds: int = ROUNDS) -> None:
    """Interrupt each kind of work again and again.

    The public API of wasmtime-py runs finalisers in Python in every call, and Python drops what is raised in one;
    nobody can help that.
    """
    use_native(native)
    # What a shell starts in the background ignores SIGINT, and so does all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chance = random.Random(1)  # noqa: S311 - to be repeatable
    lines = nesting_lines()
    sender = {"alarm": alarm, "kill": kill}[how]
    with lines.active():
        line = Line("text")
        line.next = line
        for name, work in works(lines, line).items():
            work()
            for round_ in range(rounds):
                try:
                    with sender(chance):
                        for _ in range(LOST[native]):
                            work()
                except KeyboardInterrupt:
                    pass
                else:
                    if native == "fast":
                        sys.exit(f"{name}: the interrupt got lost in round {round_}")
                if round_ % 10 == 0:
                    try:
                        check(lines, line)
                    except BaseException as error:
                        error.add_note(f"{name}, round {round_}")
                        raise


@pytest.mark.parametrize("native", ["fast", "public"])
@pytest.mark.parametrize("how", ["alarm", "kill"])
def test_interrupts(how: str, native: str) -> None:
    """KeyboardInterrupt comes out of every kind of call at any moment; the instance stays whole and usable."""
    run_apart("test_interrupts", f"interrupt_often({how!r}, {native!r})", silent=native == "fast", watched=False)


# --- recursion -----------------------------------------------------------------------------------------------


def at_depth(depth: int, work: Work) -> object:
    """Do something so many Python calls deeper."""
    return at_depth(depth - 1, work) if depth else work()


def recurse_everywhere(native: str) -> None:
    """Do each kind of work at every depth near the limit."""
    use_native(native)
    lines = nesting_lines()
    sys.setrecursionlimit(200)
    with lines.active():
        line = Line("text")
        line.next = line
        for name, work in works(lines, line).items():
            work()
            outcomes = []
            for depth in range(60, 200):
                try:
                    at_depth(depth, work)
                    outcomes.append(True)
                except RecursionError:
                    outcomes.append(False)
            if not outcomes[0] or outcomes[-1] or sorted(outcomes, reverse=True) != outcomes:
                sys.exit(f"{name}: {outcomes}")
            check(lines, line)


@pytest.mark.parametrize("native", ["fast", "public"])
def test_recursion_errors(native: str) -> None:
    """At any depth near the limit a call either works or is a RecursionError, host functions included."""
    run_apart("test_interrupts", f"recurse_everywhere({native!r})")


def recurse_through_the_host(native: str) -> None:
    """Go in and out until the stack of Python or of WebAssembly ends."""
    use_native(native)
    deepest = [0]

    def call(value: int) -> int:
        deepest[0] = max(deepest[0], value)
        return lines.through(value + 1)

    for limit in (100, 200, 500, 1_000, 20_000):
        sys.setrecursionlimit(limit)
        lines = new_lines(call)
        for _ in range(5):
            try:
                lines.through(1)
            except RecursionError:
                assert lines.echo("x") == "x!"
            except TrapError as error:
                if error.code != "stack_overflow":
                    raise
                lines = new_lines(call)  # the other is poisoned
            else:
                sys.exit("the nesting ended by itself")
        assert deepest[0] > 2
        lines.runtime.collect()


@pytest.mark.parametrize("native", ["fast", "public"])
def test_endless_nesting(native: str) -> None:
    """Calling back without end is a RecursionError, or the trap of WebAssembly's own stack; never a crash."""
    run_apart("test_interrupts", f"recurse_through_the_host({native!r})")
