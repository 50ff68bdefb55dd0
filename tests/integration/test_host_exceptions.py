"""Exceptions of host functions, and host functions that call back into the instance that calls them."""

import contextlib
import gc
import traceback
import weakref
from collections.abc import Callable

import pytest

from tests.integration.lines_module import Line, Lines, new_lines
from tests.integration.test_interrupts import use_native
from wasmbind import AbortError, InstanceError, TrapError, _natives


@pytest.fixture(autouse=True, params=["fast", "public"])
def _native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test both ways into wasmtime."""
    monkeypatch.setattr(_natives, "_native_class", None)
    use_native(request.param)


class OwnError(Exception):
    """Neither wasmbind's nor Python's."""


@pytest.mark.parametrize(
    "kind", [OwnError, ValueError, StopIteration, RecursionError, SystemExit, KeyboardInterrupt, GeneratorExit]
)
def test_exceptions_come_out_as_themselves(kind: type[BaseException]) -> None:
    """What a host function raises is what the call raises, with the host function in its traceback."""
    error = kind("from the host")

    def call(value: int) -> int:
        if value:
            raise error
        return 7

    lines = new_lines(call)
    for _ in range(20):
        with pytest.raises(kind) as caught:
            lines.through(1)
        assert caught.value is error
        error.__traceback__ = None
        assert lines.through(0) == 7
    with pytest.raises(kind) as caught:
        lines.through(1)
    assert "call" in [frame.name for frame in traceback.extract_tb(caught.tb)]
    lines.runtime.collect()


def test_exceptions_are_let_go() -> None:
    """Nothing keeps an exception, or what its frames hold, after it has been handled."""

    class Big:
        pass

    seen: list[weakref.ref[Big]] = []

    def call(value: int) -> int:
        big = Big()
        seen.append(weakref.ref(big))
        raise OwnError(value)

    lines = new_lines(call)
    with pytest.raises(OwnError):
        lines.through(1)
    gc.collect()
    assert seen[0]() is None


@pytest.mark.parametrize("result", ["text", None, 1 << 40, -(1 << 31) - 1, 1.5, [1]])
def test_results_of_the_wrong_type(result: object) -> None:
    """A result that is no i32 is an exception out of the call, and the instance goes on."""
    lines = new_lines(lambda _: result)  # type: ignore[arg-type, return-value]  # the wrong type is the test
    with pytest.raises((TypeError, ValueError, OverflowError)):
        lines.through(1)
    assert lines.echo("x") == "x!"


def nesting(depth: int, at_the_bottom: Callable[[Lines], int]) -> Lines:
    """An instance whose import calls back until the number is `depth`."""

    def call(value: int) -> int:
        return at_the_bottom(lines) if value == depth else lines.through(value + 1) + 1

    lines = new_lines(call)
    return lines


@pytest.mark.parametrize("depth", [1, 2, 20])
def test_nested_calls(depth: int) -> None:
    """A host function may call back, make objects, collect, and so on; the outer calls go on where they were."""
    made: list[Line] = []

    def bottom(lines: Lines) -> int:
        made.extend(lines[Line](f"{number}") for number in range(100))
        lines.runtime.collect()
        assert lines.echo("nested" * 1_000) == "nested" * 1_000 + "!"
        return lines.sum(list(range(100)))

    lines = nesting(depth, bottom)
    for _ in range(5):
        made.clear()
        assert lines.through(1) == 4950 + depth - 1
        assert [line.s for line in made] == [f"{number}" for number in range(100)]


@pytest.mark.parametrize("depth", [1, 2, 20])
def test_exceptions_through_nested_calls(depth: int) -> None:
    """An exception at the bottom passes every level and comes out as itself; every level is left."""
    error = OwnError()

    def bottom(_: Lines) -> int:
        raise error

    lines = nesting(depth, bottom)
    for _ in range(5):
        with pytest.raises(OwnError) as caught:
            lines.through(1)
        assert caught.value is error
        error.__traceback__ = None
        assert (lines.echo("x"), lines[Line]("made").s) == ("x!", "made")
    lines.runtime.collect()


@pytest.mark.parametrize("depth", [1, 2, 20])
def test_aborts_inside_nested_calls(depth: int) -> None:
    """An abort inside a nested call may be handled there, and the outer calls return; or it comes out."""

    def handle(lines: Lines) -> int:
        with pytest.raises(AbortError, match="no"):
            lines.fail()
        return int(lines.echo("") == "!")

    def ignore(lines: Lines) -> int:
        lines.fail()
        return 0

    handling, ignoring = nesting(depth, handle), nesting(depth, ignore)
    for _ in range(5):
        assert handling.through(1) == depth
        with pytest.raises(AbortError, match="no") as caught:
            ignoring.through(1)
        assert caught.value.message == "no"
        assert ignoring.echo("x") == "x!"
    handling.runtime.collect()
    ignoring.runtime.collect()


def test_traps_inside_nested_calls() -> None:
    """A trap inside a nested call poisons the instance: the outer call may still end, every later use says so."""

    def bottom(lines: Lines) -> int:
        with pytest.raises(TrapError):
            lines.trap()
        return 1

    lines = nesting(1, bottom)
    with contextlib.suppress(InstanceError):
        assert lines.through(1) == 1
    with pytest.raises(InstanceError, match="poisoned"):
        lines.echo("x")


def test_objects_between_the_levels() -> None:
    """Arguments and results of the outer call live while a nested call collects."""
    lines = new_lines(lambda value: value)
    held = lines[Line]("held")

    def values() -> list[Line]:
        made = [lines[Line](f"{number}") for number in range(50)]
        lines.runtime.collect()
        return made

    for _ in range(20):
        first = lines.first(values())
        lines.runtime.collect()
        assert first.s == "0"
    assert held.s == "held"
