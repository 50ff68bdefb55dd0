"""How instances end, and what outlives what."""

import gc
import threading
import weakref
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from tests.integration.lines_module import Line, Lines, new_lines
from wasmbind import AbortError, InstanceError, TrapError


def uses(lines: Lines, line: Line) -> list[Callable[[], object]]:
    """Every way to use an instance and an object of it."""
    return [
        lambda: lines.echo("x"),
        lambda: lines.through(1),
        lambda: lines.counter,
        lambda: setattr(lines, "counter", 1),
        lambda: lines.first([line]),
        lambda: lines[Line],
        lines.runtime.collect,
        lambda: lines.runtime.memory,
        lambda: line.s,
        lambda: line.next,
        lambda: setattr(line, "s", "x"),
        lambda: setattr(line, "next", line),
        line.size,
        line.twin,
    ]


def refusal(use: Callable[[], object]) -> tuple[str, str]:
    """Reason and message of the InstanceError that a use ends with."""
    with pytest.raises(InstanceError) as caught:
        use()
    return caught.value.reason, str(caught.value)


def test_closed() -> None:
    """`close()` may be repeated; every later use is an InstanceError that says 'already closed'."""
    lines = new_lines()
    bound = lines[Line]
    line = bound("x")
    for _ in range(3):
        lines.close()
        for use in [*uses(lines, line), lambda: bound("x"), lambda: bound.of("x")]:
            assert refusal(use) == ("closed", "Lines: already closed")
    assert "closed" in repr(lines)
    assert "closed" in repr(line)
    assert line == line  # noqa: PLR0124 - comparing and hashing touch no memory
    assert hash(line) == hash(line)
    assert isinstance(line, Line)


def test_poisoned() -> None:
    """After a trap every use says 'poisoned', until `close()`; a fresh instance works."""
    lines = new_lines()
    line = lines[Line]("x")
    with pytest.raises(TrapError) as trap:
        lines.trap()
    assert trap.value.poisoned
    for use in uses(lines, line):
        reason, message = refusal(use)
        assert reason == "poisoned"
        assert "start a fresh instance" in message
    lines.close()
    lines.close()
    assert new_lines().echo("x") == "x!"


def test_after_an_abort_the_instance_goes_on() -> None:
    """`throw` ends a call, not the instance."""
    lines = new_lines()
    line = lines[Line]("x")
    with pytest.raises(AbortError, match="no"):
        lines.fail()
    assert (line.s, line.size(), lines.echo("x")) == ("x", 1, "x!")


def test_closing_under_views() -> None:
    """Views and arrays of memory stay readable after `close()`; the store is freed after the last of them."""
    lines = new_lines()
    line = lines[Line]("x")
    store = weakref.ref(lines.runtime.native.store)
    view = lines.runtime.memory
    array = np.frombuffer(view, dtype=np.uint8)
    part, typed = view[100:200], view.cast("I")
    content = bytes(view)
    lines.close()
    del lines, line
    gc.collect()
    for left in (view, typed):
        assert bytes(left) == content
    assert bytes(part) == content[100:200]
    assert array.tobytes() == content
    view[0] = 1  # nobody else sees it any more, and nothing breaks
    del view, typed, left
    gc.collect()
    assert bytes(part) == content[100:200]
    assert array[200] == content[200]
    del part
    gc.collect()
    assert store() is not None
    del array
    gc.collect()
    assert store() is None


def test_dropping_under_views() -> None:
    """The same for an instance that nobody closed."""
    lines = new_lines()
    store, view = weakref.ref(lines.runtime.native.store), lines.runtime.memory
    content = bytes(view)
    del lines
    gc.collect()
    assert bytes(view) == content
    del view
    gc.collect()
    assert store() is None


def link(lines: list[Line]) -> None:
    """Let each object refer to the one after it."""
    for line, following in pairwise(lines):
        line.next = following


def test_finalisers_after_the_end() -> None:
    """Objects that die after `close()`, in any order, touch nothing; views show that memory stays as it was."""
    lines = new_lines()
    held = [lines[Line](f"{number}") for number in range(500)]
    link(held)
    view = lines.runtime.memory
    del held[::3]  # queued before the end
    lines.close()
    content = bytes(view)
    held.reverse()
    while held:
        held.pop()
    gc.collect()
    assert bytes(view) == content


def test_objects_outlive_their_module() -> None:
    """An object keeps its instance running; cycles through Python objects are collected."""
    line = new_lines()[Line]("x")
    line.next = line.twin()
    gc.collect()
    assert line.next.s == "x"
    assert line.size() == 1
    runtime = weakref.ref(line.next._asc_runtime)
    assert runtime() is not None
    del line
    gc.collect()
    assert runtime() is None


def test_closing_from_inside_a_call() -> None:
    """A host function cannot close the instance that called it; the call goes on, and close() works later."""
    refusals: list[str] = []

    def call(value: int) -> int:
        with pytest.raises(InstanceError, match="inside one of its own calls") as caught:
            lines.close()
        refusals.append(caught.value.reason)
        return value + int(lines.echo("") == "!")

    lines = new_lines(call)
    assert lines.through(1) == 2
    assert lines.through(5) == 6
    assert refusals == ["busy", "busy"]
    lines.close()
    with pytest.raises(InstanceError, match="already closed"):
        lines.through(1)


def test_closing_while_another_thread_calls() -> None:
    """`close()` waits for the call; whoever comes after it is told."""
    inside, go_on = threading.Event(), threading.Event()
    results: list[int] = []

    def call(value: int) -> int:
        inside.set()
        assert go_on.wait(60)
        return value

    lines = new_lines(call)
    caller = threading.Thread(target=lambda: results.append(lines.through(3)))
    caller.start()
    assert inside.wait(60)
    closer = threading.Thread(target=lines.close)
    closer.start()
    go_on.set()
    caller.join()
    closer.join()
    assert results == [3]
    with pytest.raises(InstanceError, match="already closed"):
        lines.through(1)
