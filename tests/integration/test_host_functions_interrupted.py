"""An interrupt at any point of host functions and of function values comes out, and leaves nothing behind."""

import gc
import itertools
import random
import signal
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.apart import run_apart
from tests.integration.cleanup_module import count_objects
from tests.integration.nesting_module import Line, Nesting, nesting
from tests.integration.test_interrupt_points import Interrupter, interrupt
from tests.integration.test_interrupts import LOST, alarm, use_native
from wasmbind._context import active_runtime
from wasmbind._ticker import Ticker

#: How many interrupts one instance takes: each may cost the number of a slot, and new slots would be new objects.
MOST = 8


def step(module: Nesting, depth: int, line: Line) -> str:
    """A host function that makes objects and calls back."""
    made = Line(line.s)
    found = module.go(depth - 1) if depth else made.s
    return found + module.text(line.s)


def kept(_: int) -> int:
    """A callable that is passed again and again."""
    return 1


def expect(found: object, expected: object) -> None:
    """Check a result, if it gets so far."""
    assert found == expected, (found, expected)


def new_callable(module: Any, calls: int) -> Callable[[int], int]:
    """Another callable each time, which may call back."""

    def change(index: int) -> int:
        return len(module.go(0)) if calls else index

    return change


WORKS: dict[str, Callable[[Any], object]] = {
    "host": lambda module: expect(module.go(0), "00!0 "),
    "nested": lambda module: expect(module.go(1), "00!0 1!1 "),
    "known callable": lambda module: expect(module.each(2, kept), 2),
    "new callable": lambda module: expect(module.each(2, new_callable(module, 0)), 1),
    "calling back": lambda module: expect(module.each(1, new_callable(module, 1)), 5),
}


def start_another(module: Nesting) -> None:
    """What takes thousands of points, many of them in wasmtime-py's own code."""
    expect(type(module)().first.s, "made by the start")


def stay_quiet(_ticker: Ticker, _watched: object) -> None:
    """Let no signal handler run in the middle of a call."""


def start(cls: type[Nesting], work: Callable[[Any], object]) -> Nesting:
    """An instance that has done some work, and has more root slots than it will need."""
    module = cls()
    module.each(1, kept)
    work(module)
    lines = [module[Line]("x") for _ in range(300)]
    del lines
    gc.collect()
    gc.disable()  # what it ends must not take the interrupt
    return module


def interrupt_everywhere(native: str, name: str) -> None:
    """Interrupt some work at its first point, its second, and so on, and look each time at what is left."""
    use_native(native)
    Ticker.watch = stay_quiet  # type: ignore[method-assign, assignment]  # a call that is traced lasts long
    work, problems, objects, point = WORKS[name], [], 0, 0
    module: Nesting | None = None
    cls = nesting(step)
    for point in itertools.count():
        if module is None or point % MOST == 0:
            module = start(cls, work)
            objects = count_objects(module)
        interrupter = Interrupter(point)
        outcome = interrupt(lambda: work(module), interrupter)  # noqa: B023 - called at once
        where = interrupter.where
        if where is None:
            break
        # It knows the frames, which know the objects; the generators that wait for host functions know it.
        interrupter._opcodes.clear()
        gc.collect()
        found = count_objects(module)
        if found != objects or active_runtime.get() is not None or module.go(1) != "00!0 1!1 ":
            problems.append(
                f"point {point}, {where}: {outcome}, {found - objects} objects left, {active_runtime.get()}"
            )
            objects = found
        if outcome != "KeyboardInterrupt":
            problems.append(f"point {point}, {where}: {outcome}")
        assert module.runtime.functions is not None
        if len(module.runtime.functions) or len(module.runtime.native.hosting.handlers) > 40:
            handlers = len(module.runtime.native.hosting.handlers)
            problems.append(f"point {point}, {where}: {len(module.runtime.functions)} callables, {handlers} handlers")
            module = None
    assert point > 20
    if problems and native == "fast":
        sys.exit("\n".join(problems))


@pytest.mark.parametrize("name", WORKS)
def test_every_point(name: str) -> None:
    """Wherever KeyboardInterrupt is raised it comes out, and no object, place or current instance stays."""
    run_apart("test_host_functions_interrupted", f"interrupt_everywhere('fast', {name!r})", silent=False)


def test_every_point_of_the_public_api() -> None:
    """The same where wasmtime-py's own code is interrupted, which may lose the exception; it must not crash."""
    run_apart("test_host_functions_interrupted", "interrupt_everywhere('public', 'known callable')", silent=False)


def interrupt_often(native: str) -> None:
    """Real signals, at any moment."""
    use_native(native)
    chance = random.Random(5)  # noqa: S311 - to be repeatable
    module = nesting(step)()
    module.each(1, kept)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name, work in {**WORKS, "start": start_another}.items():
        work(module)
        for round_ in range(60):
            try:
                with alarm(chance):
                    for _ in range(LOST["public" if name == "start" else native]):
                        work(module)
            except KeyboardInterrupt:
                if module.runtime.ended:  # it came at a look of the ticker, in the middle of wasm code
                    module = nesting(step)()
            else:
                if native == "fast" and name != "start":
                    sys.exit(f"{name}: the interrupt got lost in round {round_}")
            if round_ % 10 == 0:
                gc.collect()
                assert active_runtime.get() is None, name
                assert module.go(1) == "00!0 1!1 ", name
                module.runtime.collect()
    module.runtime.collect()
    module.runtime.collect()
    assert module.runtime.functions is not None
    assert len(module.runtime.functions) == 0


@pytest.mark.parametrize("native", ["fast", "public"])
def test_interrupts(native: str) -> None:
    """KeyboardInterrupt comes out of every kind of call; the instance stays whole."""
    run_apart("test_host_functions_interrupted", f"interrupt_often({native!r})", silent=False)


def exhaust() -> None:
    """Take away what waits for host functions, as interrupts do."""
    use_native("fast")

    def take(module: Nesting, depth: int, line: Line) -> str:
        del module.runtime.native._entry._pool[depth:]  # type: ignore[attr-defined]  # the fast one has it
        return module.go(depth - 1) + line.s if depth else line.s

    module = nesting(take)()
    pool = module.runtime.native._entry._pool  # type: ignore[attr-defined]  # the same
    for kept_ in range(6):
        del pool[kept_:]
        assert module.go(5) == "00 11 22 33 44 55 "
        del pool[kept_:]
        assert module.each(3, lambda index: index) == 3


def test_callbacks_are_there() -> None:
    """Every call begins with callbacks for its host functions, whatever interrupts have used up."""
    run_apart("test_host_functions_interrupted", "exhaust()")
