"""Rows about what happens once: imports, binding, instances."""

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import wasmtime

from benchmarks._by_hand import WASMTIME, ByHand
from benchmarks._calls import compared
from benchmarks._many import CLASSES, MANY, declare
from benchmarks._results import ALONE, Budget, Measured, Row, Sense
from benchmarks._timing import Contender, Effort
from wasmbind import AscModule

_IMPORTS = """
import time
start = time.perf_counter_ns()
import wasmtime
middle = time.perf_counter_ns()
from wasmbind import AscModule
print(middle - start, time.perf_counter_ns() - middle)
"""
_ROOT = Path(__file__).resolve().parent.parent


def _timed(name: str, start: Callable[[], object], end: Callable[[object], object]) -> Contender:
    """Times the start of something, and not its end."""

    def measure(count: int) -> float:
        taken = 0
        for _ in range(count):
            begun = time.perf_counter_ns()
            started = start()
            taken += time.perf_counter_ns() - begun
            end(started)
        return taken

    return Contender(name, measure)


def _close(module: object) -> None:
    assert isinstance(module, AscModule)
    module.close()


def _forget(_: object) -> None:
    """Let go of everything, so that the next start begins from nothing."""
    gc.collect()


def _by_hand_instance(by_hand: ByHand) -> object:
    store = wasmtime.Store(by_hand.engine)
    instance = by_hand.instantiate(store)
    return store, instance, instance.exports(store)


def _second(effort: Effort) -> Measured:
    by_hand = ByHand(MANY.path)
    module = declare()
    first = module()
    measured = compared(
        effort,
        _timed("wasmbind", module, _close),
        _timed(WASMTIME, lambda: _by_hand_instance(by_hand), lambda _: None),
    )
    first.close()
    return measured


def _used(effort: Effort) -> Measured:
    module = declare()
    first = module()
    code = [f"make{number}" for number in range(CLASSES)]

    def start() -> AscModule:
        started = module()
        for name in code:
            getattr(started, name)()
        return started

    measured = compared(effort, _timed("wasmbind", start, _close))
    first.close()
    return measured


def _declared_and_started() -> AscModule:
    return declare()()


def _first(effort: Effort) -> Measured:
    return compared(
        effort,
        _timed("wasmbind", _declared_and_started, _forget),
        _timed(WASMTIME, lambda: ByHand(MANY.path), _forget),
    )


def _import(effort: Effort) -> Measured:
    """With bytecode from an earlier import, as users have it, whatever the environment says."""
    command = [sys.executable, "-c", _IMPORTS]
    times = []
    with tempfile.TemporaryDirectory() as bytecode:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = bytecode
        for _ in range(effort.rounds + 1):
            run = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=True)
            times.append([int(text) for text in run.stdout.split()])
    theirs, beyond = (statistics.median(column) for column in zip(*times[1:], strict=True))
    return Measured(beyond, {"import wasmtime": theirs})


ROWS = (
    Row(
        "second instance",
        f"second instance, {CLASSES} classes",
        _second,
        {ALONE: Budget(Sense.ABSOLUTE, 2e6, 0.5e6)},
    ),
    Row("used instance", f"the same, and {CLASSES} functions called", _used),
    Row("first instance", f"declare, bind, first instance, {CLASSES} classes", _first),
    Row("import", "import, beyond wasmtime's", _import, {ALONE: Budget(Sense.ABSOLUTE, 30e6, 15e6)}),
)
