"""What `no_leaks` sees in the modules of each compiler and runtime, and what it leaves out."""

# mypy: disable-error-code="empty-body"

import functools
from collections.abc import Callable
from typing import Any

import pytest

from tests.compiling import Compiler, compile_asc
from wasmbind import (
    AbortError,
    Array,
    AscClass,
    AscModule,
    Float64Array,
    InstanceError,
    LimitError,
    Limits,
    Map,
    i32,
    string,
)
from wasmbind._pytest_census import count_objects
from wasmbind._pytest_leaks import no_leaks

SOURCE = """
export class Line { s: string = "literal"; next: Line | null = null }
const kept: Line[] = [];
let word: string = "";
let made: Line | null = null;
export function line(): Line { return new Line() }
export function keep(count: i32): void { for (let i = 0; i < count; i++) kept.push(new Line()) }
export function forget(): void { kept.length = 0; made = null }
export function chain(count: i32): void { while (count--) { const l = new Line(); l.next = made; made = l } }
export function speak(): void { word = "a literal is no object of the heap" }
export function garbage(): void { for (let i = 0; i < 100; i++) made = new Line() }
export function echo(s: string): string { return s + "!" }
export function words(s: string[]): string[] { return s.slice(1) }
export function numbers(): Float64Array { return new Float64Array(8) }
export function index(): Map<string, i32> { const m = new Map<string, i32>(); m.set("a", 1); return m }
export function fail(s: string): void { throw new Error(s + "!") }
export function loop(): void { while (true) {} }
let pins: usize[] = [];
export function pin(count: i32): void { while (count--) pins.push(__pin(changetype<usize>(new Line()))) }
export function pin_literal(): void { __pin(changetype<usize>("no object of the heap, pinned or not")) }
export function pin_made(): void { __pin(changetype<usize>(made!)) }
export function unpin(): void { while (pins.length) __unpin(pins.pop()) }
"""
OWN_FINALIZE = "// @ts-ignore: decorator\n@global function __finalize(ptr: usize): void {}\n"
CALLS = "export function apply(f: (a: i32) => i32): i32 { return f(1) }\n"


class Line(AscClass):
    s: string
    next: "Line | None"


class Lines(AscModule):
    def line(self) -> Line: ...
    def keep(self, count: i32) -> None: ...
    def forget(self) -> None: ...
    def chain(self, count: i32) -> None: ...
    def speak(self) -> None: ...
    def garbage(self) -> None: ...
    def echo(self, s: string) -> string: ...
    def words(self, s: list[string]) -> list[string]: ...
    def numbers(self) -> Float64Array: ...
    def index(self) -> Map[string, i32]: ...
    def fail(self, s: string) -> None: ...
    def loop(self) -> None: ...
    def pin(self, count: i32) -> None: ...
    def pin_literal(self) -> None: ...
    def pin_made(self) -> None: ...
    def unpin(self) -> None: ...


class Numbers(AscModule):
    """No declaration of this one has a reference."""

    def keep(self, count: i32) -> None: ...


@functools.cache
def binary(compiler: Compiler, runtime: str, *, transform: bool) -> Any:
    """A compiled module."""
    return compile_asc(SOURCE, "--runtime", runtime, compiler=compiler, transform=transform)


def start(base: type[Any] = Lines, compiler: Compiler = "modern", runtime: str = "incremental", **options: Any) -> Any:
    """A new instance of the module, made with the transform unless options say otherwise."""
    transform = options.pop("transform", True)
    meta: Any = type(base)
    cls = meta(base.__name__, (base,), {}, wasm=binary(compiler, runtime, transform=transform))
    return cls(**options)


def complaint(work: Callable[[], object]) -> str:
    """What `no_leaks` says about some work, "" if nothing."""
    try:
        with no_leaks("it"):
            work()
    except pytest.fail.Exception as failure:
        return str(failure)
    return ""


each_collector = pytest.mark.parametrize(
    ("compiler", "runtime", "transform"),
    [
        ("modern", "incremental", True),
        ("modern", "minimal", True),
        ("modern", "incremental", False),
        ("oldest", "incremental", True),
        ("classic", "incremental", False),
        ("classic", "minimal", False),
    ],
)


@each_collector
def test_counts(compiler: Compiler, runtime: str, transform: bool) -> None:
    """Exactly what a module has kept is counted, by class, in every runtime that collects."""
    lines = start(compiler=compiler, runtime=runtime, transform=transform)
    lines.keep(1)
    held = lines.line()
    before = count_objects(lines.runtime)
    assert before is not None
    lines.forget()
    lines.keep(1)
    assert count_objects(lines.runtime) == before
    said = complaint(lambda: lines.keep(5))
    assert "there are more objects in the module: 5 Line" in said
    lines.forget()
    after = count_objects(lines.runtime)
    assert after is not None
    assert (before - after).total() == 1
    assert held.s == "literal"


@each_collector
def test_pinned_objects(compiler: Compiler, runtime: str, transform: bool) -> None:
    """What a module pins counts like anything else that it keeps; what wasmbind pins does not."""
    lines = start(compiler=compiler, runtime=runtime, transform=transform)
    lines.pin(1)
    assert lines.line().s == "literal"  # from here on the class has a name
    assert "there are more objects in the module: 3 Line\n" in complaint(lambda: lines.pin(3))
    lines.unpin()
    assert complaint(lambda: (lines.pin(3), lines.unpin())) == ""
    lines.chain(1)
    assert complaint(lambda: (lines.pin_made(), lines.pin_literal())) == ""

    def grow_the_root_table() -> None:
        held = [lines.line() for _ in range(1000)]
        assert len(set(held)) == 1000

    assert complaint(grow_the_root_table) == ""


def test_ordinary_use_leaves_nothing() -> None:
    """Values of every kind come and go, in an instance that was there and in a new one; literals are no objects."""
    shared = start()

    def use(lines: Any) -> None:
        assert lines.line().s == "literal"
        assert lines.echo("a") == "a!"
        assert lines.words(["a", "b"]) == ["b"]
        assert lines.numbers().view().tolist() == [0.0] * 8
        assert dict(lines.index()) == {"a": 1}
        assert list(lines[Array[string]](["x", "y"])) == ["x", "y"]
        lines.speak()
        lines.garbage()
        lines.forget()
        with pytest.raises(AbortError, match="no!"):
            lines.fail("no")

    assert complaint(lambda: use(shared)) == ""
    assert complaint(lambda: use(start())) == ""


def test_callables_leave_nothing() -> None:
    """A Python function that was passed is gone with the call."""

    class Calls(AscModule, wasm=compile_asc(CALLS, transform=True)):
        def apply(self, f: Callable[[i32], i32]) -> i32: ...

    calls = Calls()
    calls.apply(lambda a: a)
    assert complaint(lambda: calls.apply(lambda a: a + 1)) == ""

    class Kept(AscModule, wasm=compile_asc(OWN_FINALIZE + CALLS, transform=True)):
        """Nobody tells which function objects die: wasmbind pins them."""

        def apply(self, f: Callable[[i32], i32]) -> i32: ...

    kept = Kept()
    kept.apply(lambda a: a)
    assert complaint(lambda: kept.apply(lambda a: a + 1)) == ""


def test_objects_and_views_that_python_holds() -> None:
    """An object is named by its class; a view holds its buffer."""
    lines = start()
    left = []
    assert "Lines: Python still holds 1 Float64Array\n" in complaint(lambda: left.append(lines.numbers()))
    said = complaint(lambda: left.append(lines.numbers().view()))
    assert "Python still holds 1 view\n" in said
    assert "1 ArrayBuffer" in said
    assert complaint(left.clear) == ""


def test_modules_without_references() -> None:
    """What a module keeps is seen where Python has no class of it."""
    numbers = start(Numbers)
    assert "there are more objects in the module: 2 Line, 1 ArrayBuffer\n" in complaint(lambda: numbers.keep(2))


def test_memory_that_grows() -> None:
    """A module may keep more than memory had room for when the watch began."""
    lines = start()
    size = lines.runtime.size
    assert "100000 Line" in complaint(lambda: lines.keep(100_000))
    assert lines.runtime.size > size


def test_fuel() -> None:
    """Collecting the garbage of a large heap does not use up the fuel of its instance."""

    class Roomy(Lines, wasm=compile_asc(SOURCE, "--initialMemory", "100", transform=True)):
        """Has memory enough, for growing takes fuel too."""

    lines = Roomy(limits=Limits(fuel=1_500_000))

    def make_many() -> None:
        for _ in range(2000):
            lines.chain(10)

    assert "20000 Line" in complaint(make_many)
    lines.chain(1)


def test_stub_runtime() -> None:
    """A runtime that frees nothing cannot be looked at; what Python holds can."""
    lines = start(runtime="stub")
    left = []
    assert complaint(lambda: lines.keep(2)) == ""
    assert "Python still holds 1 Line" in complaint(lambda: left.append(lines.line()))


def test_ended_instances() -> None:
    """Closed and poisoned instances have nothing that could be used."""
    closed, poisoned = start(), start(limits=Limits(fuel=1_500_000))

    def end() -> None:
        closed.keep(2)
        closed.close()
        with pytest.raises(LimitError):
            poisoned.loop()

    assert complaint(end) == ""
    with pytest.raises(InstanceError):
        poisoned.line()


def test_errors_come_first() -> None:
    """An exception in the block is what the test fails with."""
    lines = start()

    def leave() -> None:
        lines.keep(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        complaint(leave)
