"""`__del__` methods that use an instance: wherever the garbage collector runs them, nothing breaks."""

# mypy: disable-error-code="empty-body"

import contextlib
import gc
import sys
import time
import weakref
from collections.abc import Callable, Generator
from typing import Any

import pytest

import wasmbind
from tests.compiling import compile_asc
from wasmbind import (
    AbortError,
    AscClass,
    AscModule,
    InstanceError,
    LimitError,
    Limits,
    WasmbindError,
    host,
    i32,
    string,
)
from wasmbind._native import Failure, Native
from wasmbind._runtime import Runtime
from wasmbind._standing import is_under_call
from wasmbind._ticker import ticker

SOURCE = """
export class Line { constructor(public s: string) {} }
export function echo(s: string): string { return s + "!"; }
export function first(lines: Line[]): Line { return lines[0]; }
export function many(n: i32): Line[] { return new Array<Line>(n).map<Line>(_ => new Line("x")); }
export function fail(): void { assert(false, "failed"); }
@external("env", "ask") declare function ask(n: i32): i32;
export function asked(n: i32): i32 { return ask(n); }
export function askAndSpin(rounds: f64): f64 {
  ask(0);
  return spin(rounds);
}
export function spin(rounds: f64): f64 {
  let sum = 0.0;
  for (let i = 0.0; i < rounds; i++) sum += Math.sin(i);
  return sum;
}
"""
ROUNDS = 3e6


class Line(AscClass):
    s: string

    def __init__(self, s: string) -> None: ...


class Lines(AscModule, wasm=compile_asc(SOURCE, transform=True)):
    def echo(self, s: string) -> string: ...
    def first(self, lines: list[Line]) -> Line: ...
    def many(self, n: i32) -> list[Line]: ...
    def asked(self, n: i32) -> i32: ...
    def fail(self) -> None: ...
    def askAndSpin(self, rounds: float) -> float: ...
    def spin(self, rounds: float) -> float: ...

    @host("env", "ask")
    def ask(self, n: i32) -> i32:
        return n + 1


@contextlib.contextmanager
def unraisable() -> Generator[list[BaseException]]:
    """What `__del__` methods raise."""
    found: list[BaseException] = []

    def keep(args: Any) -> None:
        found.append(args.exc_value)

    before, sys.unraisablehook = sys.unraisablehook, keep
    try:
        yield found
    finally:
        sys.unraisablehook = before


class Cycle:
    """What only the collector ends, and does something then."""

    def __init__(self, end: Callable[[], object], *, kept: object = None) -> None:
        self.me, self.end, self.kept = self, end, kept

    def __del__(self) -> None:
        self.end()


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize(
    ("limits", "ticks"),
    [(None, False), (None, True), (Limits(timeout=60.0), False), (Limits(timeout=60.0), True)],
    ids=["unlimited", "ticks", "timeout", "timeout-ticks"],
)
def test_in_a_cycle_with_the_instance(order: str, limits: Limits | None, *, ticks: bool) -> None:
    """The instance is there for every `__del__` of the cycle that it is in; only its host functions are not."""
    answers: list[object] = []

    def make() -> None:
        holder: list[Any] = []

        def use() -> None:
            lines = holder[0]
            if ticks:
                wasmbind.engine().increment_epoch()
            kept = [lines[Line]("a"), lines[Line]("b")]
            answers.append((lines.echo("x"), lines.first(kept).s, len(lines.many(300))))
            with pytest.raises(InstanceError, match=r"host functions cannot be called by a `__del__` of a cycle"):
                lines.asked(1)
            answers.append(lines.echo("y"))

        before = Cycle(use, kept=holder) if order == "before" else None
        holder += [Lines(limits=limits), holder]
        holder[0].asked(1)
        after = Cycle(use, kept=holder) if order == "after" else None
        holder += [before, after]

    gc.collect()
    with unraisable() as raised:
        for _ in range(20):
            make()
        gc.collect()
    assert not raised
    assert answers == [("x!", "a", 300), "y!"] * 20


@pytest.mark.parametrize("order", ["before", "after"])
def test_limit_in_a_cycle_with_the_instance(order: str) -> None:
    """A call that a `__del__` of the cycle makes takes no longer than the limit says."""
    reasons: list[object] = []

    def make() -> None:
        holder: list[Any] = []

        def use() -> None:
            for _ in range(2):
                try:
                    holder[0].spin(1e12)
                except (LimitError, InstanceError) as error:
                    reasons.append(getattr(error, "limit", None) or getattr(error, "reason", None))

        before = Cycle(use, kept=holder) if order == "before" else None
        holder += [Lines(limits=Limits(timeout=0.05)), holder]
        after = Cycle(use, kept=holder) if order == "after" else None
        holder += [before, after]

    gc.collect()
    with unraisable() as raised:
        make()
        gc.collect()
    assert not raised
    assert reasons == ["timeout", "poisoned"]


def test_instances_of_cycles_end() -> None:
    """What wasmtime gets back late it gets back nevertheless."""
    deleted: list[object] = []
    for _ in range(3):
        lines = Lines()
        native: Any = lines.runtime.native
        pair: list[object] = [lines]
        pair += [pair]
        weakref.finalize(native.store._ending._token, deleted.append, None)
        del lines, pair, native
    gc.collect()
    assert deleted == [None] * 3


def test_in_the_middle_of_a_call() -> None:
    """Under WebAssembly code that stands still a `__del__` cannot use the instance; the call goes on unharmed."""
    answers: list[object] = []

    def ask(n: i32) -> i32:
        # Whoever allocates next runs them; that may be what looks whether the call goes on.
        for _ in range(50):
            Cycle(lambda: answers.append(lines.echo("x")))
        gc.enable()
        return n

    lines = Lines(imports={"env": {"ask": ask}})
    expected = Lines().askAndSpin(ROUNDS)
    gc.collect()
    gc.disable()
    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        with unraisable() as raised:
            assert lines.askAndSpin(ROUNDS) == expected
            until = time.monotonic() + 10
            while len(answers) + len(raised) < 50 and time.monotonic() < until:
                gc.collect()
    finally:
        gc.set_threshold(*threshold)
        gc.enable()
    assert len(answers) + len(raised) == 50
    assert {getattr(error, "reason", error) for error in raised} <= {"busy"}
    assert lines.echo("y") == "y!"


class InTicker:
    """Something to watch that does what a finaliser would do that the collector runs in the ticker's thread."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.engine, self.work, self.answers = wasmbind.engine(), work, list[object]()

    def urgency(self, now: float, *, polling: bool) -> tuple[bool, float]:  # noqa: ARG002 - given by name
        if not self.answers:
            self.answers.append(None)
            try:
                self.answers.append(self.work())
            except WasmbindError as error:
                self.answers.append(error)
        return False, now + 1


@pytest.mark.parametrize("where", ["inside", "waiting"])
def test_in_the_thread_of_the_ticker(where: str) -> None:
    """A deadline counts however long finalisers keep the thread that looks after deadlines."""
    lines = Lines(limits=Limits(timeout=0.3))
    watched = InTicker(lambda: lines.askAndSpin(1e15) if where == "inside" else lines.echo("x"))
    if where == "waiting":

        def ask(n: i32) -> i32:
            ticker.watch(watched)
            return n

        lines = Lines(limits=Limits(timeout=0.3), imports={"env": {"ask": ask}})
        with pytest.raises(LimitError):
            lines.askAndSpin(1e15)
    else:
        ticker.watch(watched)
        ticker.wake()
    until = time.monotonic() + 10
    while len(watched.answers) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(watched.answers) == 2


def test_between_a_failure_and_a_look_at_it() -> None:
    """A call that comes right after one that has failed does not take its failure for its own, nor does it get lost."""

    def ask(n: i32) -> i32:
        raise ValueError(n)

    lines = Lines(imports={"env": {"ask": ask}})
    native: Native = lines.runtime.native
    original, answers = type(native).failure, list[object]()

    def disturbed(self: Native, status: int) -> Failure:
        answers.append(lines.echo("x"))
        return original(self, status)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(native), "failure", disturbed)
        with pytest.raises(AbortError, match="failed"):
            lines.fail()
        with pytest.raises(ValueError, match="7"):
            lines.asked(7)
    assert set(answers) == {"x!"}
    assert lines.echo("y") == "y!"


def test_while_slots_are_made() -> None:
    """Slots that are needed while more of them are being made are made besides, and nobody gets those of another."""
    lines = Lines()
    runtime: Runtime = lines._asc_runtime
    roots, made = runtime.roots, list[Line]()
    pinned = type(roots).pinned
    calls = iter(range(100))

    def disturbed(self: Any, heap: Any, size: int, rt_id: int) -> int:
        if next(calls) == 0:
            made.extend(lines.many(70))  # as a finaliser does
        return pinned(self, heap, size, rt_id)

    count = len(runtime.free) + 70
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(roots), "pinned", disturbed)
        made.extend(lines.many(count))
    assert len(set(runtime.free)) == len(runtime.free)
    covered = {word for ptr in roots.pins for word in range(ptr >> 2, (ptr + runtime.mem_u32[(ptr >> 2) - 1]) >> 2)}
    assert set(runtime.free) <= covered
    runtime.collect()
    assert [line.s for line in made] == ["x"] * (count + 70)


def test_frames_of_ordinary_code() -> None:
    """Code that no call into WebAssembly has led to, or one by way of a host function, may use the instance."""
    assert not is_under_call(sys._getframe())
    found: list[object] = []

    def ask(n: i32) -> i32:
        found.append((is_under_call(sys._getframe()), lines.echo("x")))
        return n

    lines = Lines(imports={"env": {"ask": ask}})
    lines.asked(1)
    Lines(imports={"env": {"ask": ask}}, limits=Limits(timeout=60.0, fuel=10**9)).asked(1)
    assert found == [(False, "x!")] * 2
