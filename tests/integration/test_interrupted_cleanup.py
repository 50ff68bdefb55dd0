"""An interrupt at any point of a call leaves nothing pinned and no root slot that holds an object."""

import gc
import itertools
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.apart import run_apart
from tests.integration.cleanup_module import Line, count_objects, start
from tests.integration.test_interrupt_points import Interrupter, interrupt
from wasmbind import Array, DataView, string

#: How many interrupts one instance takes: each may cost the number of a slot, and new slots would be new objects.
MOST = 8

WORKS: dict[str, Callable[[Any], object]] = {
    "strings": lambda module: module.lengths(["one", "two", "three", "four"]),
    "lists": lambda module: module.sum([[1.0, 2.0], [3.0]]),
    "dict": lambda module: module.digits({"one": "two", "three": "four"}),
    "dict of lists": lambda module: module.inner({1: [1.0], 2: [2.0]}),
    "objects": lambda module: module.pair("text"),
    "field": lambda module: module.root().next,
    "nested": lambda module: module.lengths(module.make(text).s for text in ("one", "two")),
    "live": lambda module: module[Array[string]](["one", "two"]),
    "buffer": lambda module: bytes(module[DataView](b"12345678")),
    "view": lambda module: module[DataView](b"12345678").view(),
    "construct": lambda module: module[Line]("made"),
}


def interrupt_everywhere(name: str) -> None:
    """Interrupt some work at its first point, its second, and so on, and count what is left each time."""
    work, problems, module, before = WORKS[name], [], None, 0
    point = 0
    for point in itertools.count():
        if point % MOST == 0:
            module = start(transform=name in ("live", "buffer", "view", "construct"))
            work(module)
            gc.collect()
            gc.disable()  # what it ends must not take the interrupt
            before = count_objects(module)
        interrupter = Interrupter(point)
        outcome, where = interrupt(lambda: work(module), interrupter), interrupter.where  # noqa: B023 - called at once
        if where is None:
            break
        del interrupter  # it knows the frames, which know the objects
        gc.collect()
        found = count_objects(module)
        if found != before:
            problems.append(f"point {point}, {where}: {outcome}, {found - before} objects left")
            before = found
    assert point > len(WORKS)
    if problems:
        sys.exit("\n".join(problems))


@pytest.mark.parametrize("name", WORKS)
def test_every_point(name: str) -> None:
    """Wherever KeyboardInterrupt is raised, a full collection after the next call leaves the objects of before."""
    run_apart("test_interrupted_cleanup", f"interrupt_everywhere({name!r})", silent=False, watched=False)
