"""Threads, signal handlers and finalisers that call into instances while others do."""

import gc
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import pytest

from tests.integration.lines_module import Line, Lines, new_lines
from wasmbind import AbortError
from wasmbind._standing import is_under_call

THREADS = 8


@pytest.fixture(autouse=True)
def _switch_often() -> Iterator[None]:
    """Let Python switch threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(work: Callable[[int], object], count: int = THREADS) -> None:
    """Run `work(n)` in each of some threads, all at once; the first exception comes out."""
    together = threading.Barrier(count)

    def run(number: int) -> None:
        together.wait(60)
        work(number)

    with ThreadPoolExecutor(count) as pool:
        for future in [pool.submit(run, number) for number in range(count)]:
            future.result(120)


def mixture(lines: Lines, number: int, rounds: int) -> None:
    """All kinds of calls, each with its own values."""
    held: list[Line] = []
    for round_ in range(rounds):
        value = 1_000 * number + round_
        assert lines.add(value, 1) == value + 1
        assert lines.echo(f"{value}") == f"{value}!"
        assert lines.sum([value, 2, 3]) == value + 5
        line = lines[Line](f"line {value}")
        line.next = held[-1] if held else None
        held.append(line)
        assert lines.first(held) is held[0]
        assert (line.s, line.size()) == (f"line {value}", len(f"line {value}"))
        assert line.next is (held[-2] if len(held) > 1 else None)
        if round_ % 10 == 9:
            lines.runtime.collect()
            with pytest.raises(AbortError):
                lines.fail()
            assert [one.s for one in held] == [f"line {v}" for v in range(value - len(held) + 1, value + 1)]
            held.clear()


def test_one_instance() -> None:
    """Many threads that call one instance get right results."""
    lines = new_lines()
    in_threads(lambda number: mixture(lines, number, 300))


def test_several_instances() -> None:
    """Each thread with its own instance, started at once, gets right results."""
    in_threads(lambda number: mixture(new_lines(), number, 300))


def test_contended_memory_growth() -> None:
    """Threads that read what lies behind the old end of memory, while others make it grow, read it whole."""
    lines = new_lines()

    def work(number: int) -> None:
        text = f"{number}" * 20_000
        held = []
        for _ in range(60):
            line = lines[Line](text)
            assert lines.echo(text) == text + "!"
            assert line.s == text
            held.append(line)
        assert all(line.s == text for line in held)

    in_threads(work)


def test_exclusion() -> None:
    """While one thread is in a call, also in its host function, no other gets in."""
    inside: list[int] = []
    most = [0]

    def call(value: int) -> int:
        inside.append(value)
        for _ in range(50):  # many chances to switch
            most[0] = max(most[0], len(inside))
        inside.remove(value)
        return value

    lines = new_lines(call)

    def work(number: int) -> None:
        for _ in range(300):
            assert lines.through(number) == number

    in_threads(work)
    assert most == [1]


def test_nested_exclusion() -> None:
    """A thread that calls back from its host function does not let others in between either."""
    busy: list[int] = []

    def call(value: int) -> int:
        me = threading.get_ident()
        assert not busy or busy[-1] == me
        busy.append(me)
        result = lines.through(value - 1) + 1 if value else int(lines.echo("") == "!")
        assert busy.pop() == me
        return result

    lines = new_lines(call)

    def work(number: int) -> None:
        for _ in range(20):
            assert lines.through(number % 4) == number % 4 + 1

    in_threads(work)


def test_two_instances_that_call_each_other() -> None:
    """Host functions may call another instance; threads that all go the same way do not lock each other."""
    inner = new_lines()
    outer = new_lines(lambda value: inner.through(value) + 1)

    def work(number: int) -> None:
        for _ in range(100):
            assert outer.through(number) == number + 2
            assert inner.through(number) == number + 1

    in_threads(work)


def test_objects_dropped_elsewhere() -> None:
    """Objects may die in any thread, while others call; the survivors are whole."""
    lines = new_lines()
    shared: list[Line] = []

    def work(number: int) -> None:
        for round_ in range(600):
            shared.append(lines[Line](f"{number}/{round_}"))
            if round_ % 3:
                shared.pop(0)
            if round_ % 50 == 0:
                lines.runtime.collect()

    in_threads(work)
    lines.runtime.collect()
    assert len(shared) >= THREADS
    for line in shared:
        number, round_ = line.s.split("/")
        assert 0 <= int(number) < THREADS
        assert 0 <= int(round_) < 600


def test_identity_across_threads() -> None:
    """All threads get the same Python object for the same AssemblyScript object."""
    lines = new_lines()
    line = lines[Line]("one")

    def work(_: int) -> None:
        for _ in range(1_000):
            assert lines.first([line]) is line

    in_threads(work)


def test_signal_handlers_may_call() -> None:
    """A signal handler that calls into the very instance it interrupts gets and leaves right results."""
    lines = new_lines()
    answers: list[object] = []

    depth = 0

    def handler(_signal: int, _frame: FrameType | None) -> None:
        nonlocal depth
        # On a slow machine a call may last so long that it is looked at, and then it refuses other calls; and signals
        # come faster than handlers end, so that there would soon be no stack left.
        # In a finaliser that the collector runs there it can come, too.
        if lines.runtime.native.interruption.answering or is_under_call(sys._getframe()) or depth > 5:
            return
        depth += 1
        try:
            answers.append((lines.echo("signal"), lines[Line]("signal").s, lines.sum([1, 2]), lines.through(1)))
        finally:
            depth -= 1

    previous = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 1e-3, 3e-4)
    try:
        mixture(lines, 1, 400)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert answers
    assert set(answers) == {("signal!", "signal", 3, 2)}


def test_finalisers_may_call() -> None:
    """`__del__` methods that call into the instance work wherever Python runs them."""
    lines = new_lines()
    answers: list[object] = []

    class Caller:
        def __init__(self, number: int) -> None:
            self.number, self.cycle = number, self

        def __del__(self) -> None:
            answers.append(lines.echo(f"{self.number}") == f"{self.number}!")
            answers.append(lines[Line](f"{self.number}").s == f"{self.number}")

    def work(number: int) -> None:
        threshold = gc.get_threshold()
        gc.set_threshold(20)
        for round_ in range(60):
            Caller(round_)
            assert lines.sum([round_, number]) == round_ + number
            assert lines.first([lines[Line]("x"), lines[Line]("y")]).s == "x"
        gc.set_threshold(*threshold)

    in_threads(work, 3)
    gc.collect()
    assert answers == [True] * (2 * 3 * 60)
