"""Python code that enters an instance in the middle of one of its own calls, or interrupts one."""

# mypy: disable-error-code="empty-body"

import gc
import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.compiling import CompileAsc
from wasmbind import AbortError, AscClass, AscModule, InstanceError, TrapError, i32, string

SOURCE = """
export class Line { s: string = "x"; n: i32 = 7; }
let kept: Line[] = [];
let more: Line[] = [];
export function two(a: i32[], b: i32[]): i32 { return a.length * 1000 + (a.length ? a[0] : -1) + b.length * 0; }
export function echo(s: string, n: i32): string { return s; }
export function fail(): void { throw new Error("x"); }
export function crash(): i32 { return load<i32>(0xfffffff0); }
export function churn(n: i32): void { for (let i = 0; i < n; i++) { let x = new Array<i32>(4); x[0] = 0x7fffffff; } }
export function list(n: i32): Line[] {
  let made: Line[] = [];
  for (let i = 0; i < n; i++) made.push(new Line());
  kept = made;
  return made;
}
export function forget(): void {
  kept.length = 0;
  kept = [];
  __collect();
  for (let i = 0; i < 4000; i++) { let line = new Line(); line.n = 666; more.push(line); }
}
"""


class Line(AscClass):
    s: string
    n: i32


class Inner(AscModule):
    """What the tests call; each gets the binary as a subclass."""

    def two(self, a: list[i32], b: list[i32]) -> i32: ...
    def echo(self, s: string, n: i32) -> string: ...
    def fail(self) -> None: ...
    def crash(self) -> i32: ...
    def churn(self, n: i32) -> None: ...
    def list(self, n: i32) -> list[Line]: ...
    def forget(self) -> None: ...


@pytest.fixture
def inner(asc: CompileAsc) -> Inner:
    """A fresh instance."""

    class Module(Inner, wasm=asc(SOURCE)): ...

    return Module()


class Entering:
    """Calls something while it is being lowered."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work

    def __iter__(self) -> Iterator[int]:
        self._work()
        return iter([1, 2])

    def __index__(self) -> int:
        self._work()
        return 1


def test_a_nested_failure_leaves_the_outer_arguments_alone(inner: Inner) -> None:
    """Arguments lowered before an iterator or __index__ that fails inside the instance stay alive."""

    def work() -> None:
        with pytest.raises(AbortError):
            inner.fail()
        inner.churn(50)

    entering: Any = Entering(work)
    for _ in range(3):
        assert inner.two([7, 8, 9], entering) == 3007
        long = "ab" * 2000
        assert inner.echo(long, entering) == long


def test_a_nested_trap_ends_the_outer_call(inner: Inner) -> None:
    """A call whose arguments poisoned the instance does not run any more."""

    def work() -> None:
        with pytest.raises(TrapError):
            inner.crash()

    entering: Any = Entering(work)
    with pytest.raises(InstanceError, match="poisoned"):
        inner.two([7], entering)


def test_an_array_that_changes_while_it_is_lifted(inner: Inner) -> None:
    """Each element is held before it is lifted: whatever a finaliser does meanwhile, none is foreign memory."""

    class Cycle:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            inner.forget()

    inner.list(3)
    before = gc.get_threshold()
    gc.collect()
    gc.disable()
    try:
        gc.set_threshold(300, 1000, 1000)
        Cycle()
        gc.enable()
        found = inner.list(2000)
    finally:
        gc.enable()
        gc.set_threshold(*before)
    assert {line.n for line in found} <= {7}


@pytest.mark.parametrize(("name", "ended"), [("fail", False), ("crash", True)])
def test_an_interrupt_that_comes_before_the_failure_is_seen(inner: Inner, name: str, ended: bool) -> None:
    """A signal handler that raises as a failed call returns hides the failure, and not what it did."""
    function = getattr(inner, name)
    with pytest.raises((AbortError, TrapError)):
        function()
    fresh = type(inner)()
    fresh.churn(1)
    call, *rest = fresh.runtime.link(f"link_{name}")

    def interrupted(*arguments: Any) -> int:
        call(*arguments)
        raise KeyboardInterrupt

    fresh.runtime.__dict__[f"link_{name}"] = (interrupted, *rest)
    with pytest.raises(KeyboardInterrupt):
        getattr(fresh, name)()
    assert fresh.runtime.ended == ended
    if ended:
        with pytest.raises(InstanceError, match="poisoned"):
            fresh.churn(1)
    else:
        fresh.churn(1)
        assert fresh.echo("fine", 1) == "fine"


def test_nobody_starves(inner: Inner) -> None:
    """However many threads call without a pause, each call gets its turn, and so does close()."""
    stop = threading.Event()
    counts = [0] * 4

    def hammer(index: int) -> None:
        for _ in itertools.count():
            if stop.is_set():
                return
            inner.echo("abc", 1)
            counts[index] += 1

    threads = [threading.Thread(target=hammer, args=[index]) for index in range(4)]
    for thread in threads:
        thread.start()
    try:
        for index in range(200):
            assert inner.echo(str(index), 1) == str(index)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert all(counts)
    inner.close()
