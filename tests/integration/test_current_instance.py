"""Which instance a bare class means, and what belongs to which."""

# mypy: disable-error-code="empty-body"

import asyncio
import threading
from collections.abc import Callable

import pytest

from tests.compiling import compile_asc
from tests.integration.lines_module import SOURCE, Line, Lines, new_lines
from wasmbind import AscClass, AscModule, InstanceError, f64, i32, string


def test_with_blocks() -> None:
    """`with` makes an instance current and closes it, exceptions or not; the innermost block wins."""
    with new_lines() as outer:
        line = Line("outer")
        with new_lines() as inner:
            assert Line("x")._asc_runtime is inner.runtime
            assert Line.of("x")._asc_runtime is inner.runtime
            assert line.twin()._asc_runtime is outer.runtime, "in a method self's instance is current"
            with outer.active() as again:
                assert again is outer
                assert Line("x")._asc_runtime is outer.runtime
            assert Line("x")._asc_runtime is inner.runtime
        assert Line("x")._asc_runtime is outer.runtime
        assert outer.echo("x") == "x!"
        with pytest.raises(InstanceError, match="already closed"):
            inner.echo("x")

    def leave() -> None:
        with new_lines() as module:
            left.append(module)
            raise ZeroDivisionError

    left: list[Lines] = []
    with pytest.raises(ZeroDivisionError):
        leave()
    for closed in (outer, left[0]):
        with pytest.raises(InstanceError, match="already closed"):
            closed.echo("x")


def test_no_instance() -> None:
    """Outside every block a bare class is an error that names all ways out; nothing makes a hidden instance."""
    module = new_lines()
    with module.active():
        line = Line("x")
    ways: list[Callable[[], Line]] = [lambda: Line("x"), lambda: Line.of("x")]
    for use in ways:
        with pytest.raises(InstanceError) as caught:
            use()
        assert caught.value.reason == "missing"
        for part in ("Line", "module[Line]", "with module", "active()", "default()"):
            assert part in str(caught.value)
    assert line.twin().s == "x"


def test_default() -> None:
    """`default()` is one instance, made when first asked for, current outside all blocks; anew when closed."""

    class Word(AscClass, name="Line"):
        s: string

        def __init__(self, s: string) -> None: ...

    class Words(AscModule, wasm=compile_asc(SOURCE.replace("call(value)", "value"), compiler="classic")):
        def first(self, lines: list[Word]) -> Word: ...

    with pytest.raises(InstanceError, match="default"):
        Word("x")
    default = Words.default()
    assert Words.default() is default
    assert Word("x")._asc_runtime is default.runtime
    with Words() as other:
        assert Word("x")._asc_runtime is other.runtime
    default.close()
    with pytest.raises(InstanceError):
        Word("x")
    assert Words.default() is not default
    assert Word("x").s == "x"
    Words.default().close()


def test_threads_and_tasks_have_their_own_context() -> None:
    """A block is current in its own thread and task only."""
    problems: list[object] = []

    def alone() -> None:
        try:
            Line("x")
        except InstanceError as error:
            problems.append(error.reason)
        with new_lines() as own:
            problems.append(Line("x")._asc_runtime is own.runtime)

    with new_lines() as module:
        thread = threading.Thread(target=alone)
        thread.start()
        thread.join()
        assert Line("x")._asc_runtime is module.runtime
    assert problems == ["missing", True]

    async def task() -> bool:
        with new_lines() as own:
            found = []
            for _ in range(5):
                found.append(Line("x")._asc_runtime is own.runtime)
                await asyncio.sleep(0)
            return all(found)

    async def tasks() -> list[bool]:
        return await asyncio.gather(*(task() for _ in range(5)))

    assert asyncio.run(tasks()) == [True] * 5


# --- two instances, two modules ------------------------------------------------------------------------------


def test_foreign_objects() -> None:
    """An object of another instance is refused wherever it may be passed; nothing is written."""
    mine, theirs = new_lines(), new_lines()
    line, foreign = mine[Line]("mine"), theirs[Line]("theirs")
    ways: list[Callable[[], object]] = [
        lambda: mine.first([foreign]),
        lambda: mine.first([line, foreign]),
        lambda: setattr(line, "next", foreign),
    ]
    for way in ways:
        with pytest.raises(InstanceError, match="another instance") as caught:
            way()
        assert caught.value.reason == "foreign"
    assert line.next is None
    assert line != foreign
    assert isinstance(line, mine[Line])
    assert not isinstance(foreign, mine[Line])
    mine.runtime.collect()
    assert (line.s, foreign.s) == ("mine", "theirs")


def test_one_class_in_two_modules() -> None:
    """A class may belong to several modules, however each lays it out; objects know theirs."""

    class Point(AscClass):
        x: f64
        y: i32
        label: string

    plain = "export class Point { x: f64 = 1; y: i32 = 2; label: string = 'a'; }\n"
    moved = "export class Point { label: string = 'b'; private pad: i64 = 9; y: i32 = 4; x: f64 = 3; }\n"
    make = "export function make(): Point { return new Point(); }\n"

    class Fixed(AscModule, wasm=compile_asc(plain + make)):
        def make(self) -> Point: ...

    class Called(AscModule, wasm=compile_asc(moved + make, compiler="classic")):
        def make(self) -> Point: ...

    fixed, called = Fixed(), Called()
    first, second = fixed.make(), called.make()
    for _ in range(2):
        assert (first.x, first.y, first.label) == (1, 2, "a")
        assert (second.x, second.y, second.label) == (3, 4, "b")
    first.x, second.x, first.label, second.label = 5.5, 6.5, "left", "right"
    fixed.runtime.collect()
    called.runtime.collect()
    assert (first.x, first.label, second.x, second.label) == (5.5, "left", 6.5, "right")
    fixed.close()
    assert second.label == "right"
    with pytest.raises(InstanceError, match="already closed"):
        _ = first.label
