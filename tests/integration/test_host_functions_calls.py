"""Typed host functions: what `self` and the current instance are, nesting, exceptions, start code, threads."""

import contextlib
import gc
import sys
import threading
import traceback
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.apart import run_apart
from tests.integration.nesting_module import Line, Nesting, nesting
from tests.integration.test_flat_memory import resident
from tests.integration.test_interrupts import use_native
from wasmbind import AbortError, InstanceError, LowerTypeError, TrapError, _natives
from wasmbind._context import active_runtime


@pytest.fixture(params=["Fast", "Public"])
def _native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test both ways into wasmtime."""
    monkeypatch.setattr(_natives, "_native_class", None)
    use_native(request.param)


class OwnError(Exception):
    """Neither wasmbind's nor Python's."""


KINDS = [
    OwnError,
    ValueError,
    TypeError,
    OverflowError,
    StopIteration,
    StopAsyncIteration,
    RecursionError,
    MemoryError,
    AttributeError,
    IndexError,
    LowerTypeError,
    SystemExit,
    KeyboardInterrupt,
    GeneratorExit,
    BaseException,
]


def raised(kind: type[BaseException]) -> BaseException:
    """An exception of a kind."""
    return kind("a", "b", 3, "c") if kind is LowerTypeError else kind("from the host")


# --- self and the current instance ---------------------------------------------------------------------------


def test_self_is_the_module() -> None:
    """The host function's `self` is the object that the user has, with what has been stored in it."""
    seen: list[Any] = []

    def step(module: Nesting, depth: int, _: Line) -> str:
        seen.append((module, vars(module).get("color"), depth))
        vars(module)["color"] = "blue"
        return ""

    module = nesting(step)()
    vars(module)["color"] = "red"
    module.go(1)
    module.go(2)
    assert seen == [(module, "red", 1), (module, "blue", 2)]


def test_self_when_the_module_object_is_gone() -> None:
    """An object keeps the instance alive; its host functions get a module object again, with the same state."""
    found: list[tuple[int, object, int]] = []

    def step(module: Nesting, depth: int, line: Line) -> str:
        vars(module)["count"] = vars(module).get("count", 0) + 1
        found.append((id(module), vars(module)["count"], depth))
        return module.text(line.s) + Line("bare").s

    module = nesting(step)()
    module.go(1)
    go, line = type(module).go, module[Line]("kept")
    runtime = line._asc_runtime
    gone = weakref.ref(module)
    del module
    assert gone() is None, "nothing but the user keeps it"
    again = runtime.module()
    assert runtime.module() is again
    assert go(again, 2) == "2!bare2 "
    del again
    assert go(runtime.module(), 3) == "3!bare3 "
    assert [each[1:] for each in found] == [(1, 1), (2, 2), (3, 3)]
    dead = weakref.ref(runtime)
    del runtime
    assert dead() is not None
    del line
    assert dead() is None


def test_a_class_without_a_dict() -> None:
    """A class with `__slots__` has no state to keep."""

    class Slotted(Nesting):
        __slots__ = ()

    module = Slotted()
    assert module.go(1) == "11 "
    line = module[Line]("x")
    del module
    assert Slotted.go(line._asc_runtime.module(), 2) == "22 "


def test_the_current_instance() -> None:
    """Inside a host function a bare class means the caller's instance, whatever is active outside; afterwards not."""
    made: list[Line] = []

    def step(_: Nesting, depth: int, line: Line) -> str:
        made.append(Line(f"bare {depth}"))
        if depth:
            made[-1].next = line
        return made[-1].s

    cls = nesting(step)
    one, two = cls(), cls()
    with two.active():
        assert one.go(1) == "bare 11 "
        assert active_runtime.get() is two.runtime
    assert made[0]._asc_runtime is one.runtime
    assert active_runtime.get() is None
    assert one.each(3, lambda index: len(Line("x" * index).s)) == 3
    with pytest.raises(InstanceError, match="no active instance"):
        Line("outside")


def test_the_current_instance_after_exceptions() -> None:
    """However a host function ends, what was current before is current again."""
    for kind in KINDS:

        def step(_: Nesting, depth: int, line: Line) -> str:
            assert Line(line.s).s == str(depth)
            raise raised(kind)  # noqa: B023 - called at once

        module = nesting(step)()
        with pytest.raises(kind):
            module.go(1)
        assert active_runtime.get() is None


def test_other_instances_inside() -> None:
    """A host function may use other instances, and make them."""

    def step(module: Nesting, depth: int, _: Line) -> str:
        other = type(module)()
        with other.active():
            line = Line("theirs")
        with pytest.raises(InstanceError, match="another instance"):
            Line("ours").next = line
        return other.go(depth - 1) if depth else line.s

    assert nesting(step)().go(4) == "theirs0 1 2 3 4 "


# --- nesting -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("native", "depth"), [("Fast", 1), ("Fast", 10), ("Fast", 100), ("Public", 1), ("Public", 50)])
def test_nested_calls(native: str, depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Host to module to host and so on; every level's objects and text are there when it goes on."""
    monkeypatch.setattr(_natives, "_native_class", None)
    use_native(native)

    def step(module: Nesting, left: int, line: Line) -> str:
        assert line.s == str(left)
        found = module.go(left - 1) if left else ""
        if left % 10 == 0:
            module.runtime.collect()
        made = Line("made" + line.s)
        assert (line.s, made.s) == (str(left), f"made{left}")
        return found

    module = nesting(step)()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(5 * limit)  # a level is ten frames
    try:
        for _ in range(3):
            assert module.go(depth) == "".join(f"{number} " for number in range(depth + 1))
    finally:
        sys.setrecursionlimit(limit)
    assert active_runtime.get() is None


@pytest.mark.usefixtures("_native")
@pytest.mark.parametrize("depth", [1, 5, 50])
def test_nested_function_values(depth: int) -> None:
    """The same through function values, each level with callables of its own."""
    module = nesting()()

    def at(level: int) -> Callable[[int], int]:
        return lambda index: module.each(2, at(level - 1)) + index if level else index

    # One call at the bottom gives 0 + 1, and each level above runs what is below it twice.
    expected = 1
    for _ in range(min(depth, 10)):
        expected = 2 * expected + 1
    assert module.each(2, at(min(depth, 10))) == expected
    if depth > 10:

        def straight(level: int) -> Callable[[int], int]:
            return lambda index: module.each(1, straight(level - 1)) + 1 if level else index

        assert module.each(1, straight(depth)) == depth


def recurse(native: str) -> None:
    """Nest without end, at several limits of Python's stack."""
    gc.disable()  # the finalisers that it runs where no stack is left complain, whoever they belong to
    use_native(native)
    deepest = [0]

    def step(module: Nesting, depth: int, line: Line) -> str:
        deepest[0] = max(deepest[0], depth)
        return module.go(depth + 1) + line.s

    def down(index: int) -> int:
        deepest[0] = max(deepest[0], index)
        return module.each(1, lambda _: down(index + 1))

    for limit in (150, 170, 200, 211, 233, 500, 1_000, 20_000):
        sys.setrecursionlimit(limit)
        module = nesting(step)()
        for call in (lambda: module.go(1), lambda: module.each(1, down)):  # noqa: B023 - called at once
            deepest[0] = 0
            for _ in range(3):
                try:
                    call()
                except RecursionError:
                    assert module.text("x") == "x!"
                except (TrapError, AbortError) as error:
                    # WebAssembly's own stack, or the shadow stack of AssemblyScript.
                    if "stack" not in f"{error} {getattr(error, 'code', '')}":
                        raise
                    module = nesting(step)()
                else:
                    sys.exit("the nesting ended by itself")
            assert deepest[0] > 2, (limit, deepest)
        module.runtime.collect()
        assert active_runtime.get() is None


@pytest.mark.parametrize("native", ["fast", "public"])
def test_endless_nesting(native: str) -> None:
    """It is a RecursionError, or the end of WebAssembly's stack; never a crash."""
    run_apart("test_host_functions_calls", f"recurse({native!r})")


# --- exceptions ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_native")
@pytest.mark.parametrize("kind", KINDS)
def test_exceptions_come_out_as_themselves(kind: type[BaseException]) -> None:
    """At any depth, from host functions and from function values; the instance goes on as if nothing had been."""
    error = raised(kind)

    def step(module: Nesting, depth: int, _: Line) -> str:
        if depth:
            return module.go(depth - 1)
        raise error

    def fail(_: int) -> int:
        raise error

    module = nesting(step)()
    for call in (lambda: module.go(0), lambda: module.go(5), lambda: module.each(1, fail)):
        for _ in range(10):
            with pytest.raises(kind) as caught:
                call()
            assert caught.value is error
            names = [frame.name for frame in traceback.extract_tb(caught.tb)]
            assert names[-1] in ("step", "fail")
            error.__traceback__ = None
            assert module.text("x") == "x!"
    module.runtime.collect()


@pytest.mark.usefixtures("_native")
def test_exceptions_are_let_go() -> None:
    """Nothing keeps an exception, the arguments, or what the frames hold, once it has been handled."""

    class Big:
        pass

    seen: list[weakref.ref[Any]] = []

    def step(module: Nesting, depth: int, line: Line) -> str:
        big = Big()
        seen.extend([weakref.ref(big), weakref.ref(line)])
        if depth:
            return module.go(depth - 1)
        raise OwnError(big)

    module = nesting(step)()
    for _ in range(3):
        with pytest.raises(OwnError):
            module.go(3)
    gc.collect()
    assert len(seen) == 24
    assert [each() for each in seen] == [None] * 24


def test_aborts_and_traps_inside() -> None:
    """An abort inside may be handled there; a trap poisons the instance for everybody."""

    def handle(module: Nesting, _: int, line: Line) -> str:
        for _ in range(3):
            with pytest.raises(AbortError, match="no"):
                module.fail()
        return line.s

    assert nesting(handle)().go(7) == "77 "

    def trap(module: Nesting, _: int, line: Line) -> str:
        with pytest.raises(TrapError):
            module.trap()
        with pytest.raises(InstanceError, match="poisoned"):
            module.text("x")
        return line.s

    module = nesting(trap)()
    with pytest.raises(InstanceError, match="poisoned"):
        module.go(1)
    with pytest.raises(InstanceError, match="poisoned"):
        module.text("x")


def test_closing_inside() -> None:
    """An instance cannot be closed from inside one of its calls; another one can."""

    def step(module: Nesting, _: int, line: Line) -> str:
        with pytest.raises(InstanceError, match="cannot be closed from inside"):
            module.close()
        other = type(module)()
        other.close()
        with pytest.raises(InstanceError, match="already closed"):
            other.text("x")
        return line.s

    module = nesting(step)()
    assert module.go(1) == "11 "
    module.close()


# --- start code ----------------------------------------------------------------------------------------------


def test_start_code_calls_the_host() -> None:
    """It may use strings, objects and other calls, as any call may; `self` is the new module's object."""
    seen: list[object] = []

    def begin(module: Nesting, name: str, line: Line) -> Line:
        seen.extend([module, name, line.s, module.text("called")])
        module.runtime.collect()
        return Line("by the host")

    module = nesting(begin=begin)()
    assert seen == [module, "start", "made by the start", "called!"]
    assert module.first.s == "by the host"


@pytest.mark.parametrize("kind", KINDS)
def test_exceptions_of_start_code(kind: type[BaseException]) -> None:
    """What a host function raises there is what making the instance raises; nothing of it stays."""
    error = raised(kind)
    seen: list[weakref.ref[Any]] = []

    def begin(module: Nesting, _: str, line: Line) -> Line:
        seen.extend([weakref.ref(module.runtime), weakref.ref(module)])
        assert line.s
        raise error

    with pytest.raises(kind) as caught:
        nesting(begin=begin)()
    assert caught.value is error
    assert active_runtime.get() is None
    error.__traceback__ = None
    del caught
    gc.collect()
    assert [each() for each in seen] == [None, None]


def test_failures_of_start_code() -> None:
    """Aborts and traps are themselves, with their messages, and wrong results have their paths."""

    def abort(module: Nesting, _: str, line: Line) -> Line:
        module.fail()
        return line

    with pytest.raises(AbortError, match="no") as caught:
        nesting(begin=abort)()
    assert caught.value.message == "no"

    def trap(module: Nesting, _: str, line: Line) -> Line:
        module.trap()
        return line

    with pytest.raises(TrapError):
        nesting(begin=trap)()

    def wrong(_module: Nesting, _: str, __: Line) -> Any:
        return "no line"

    with pytest.raises(LowerTypeError, match=r"Nesting\.began -> result: "):
        nesting(begin=wrong)()


# --- threads -------------------------------------------------------------------------------------------------


def test_threads_share_an_instance() -> None:
    """Calls that nest through the host come one after the other; every thread gets its own values."""
    problems: list[str] = []

    def step(module: Nesting, depth: int, line: Line) -> str:
        me = threading.get_ident()
        found = module.go(depth - 1) if depth % 4 else f"{me} "
        assert threading.get_ident() == me
        return found + line.s + Line(str(depth)).s

    module = nesting(step)()

    def work(base: int) -> None:
        me = threading.get_ident()
        for _ in range(100):
            found = module.go(base + 3)
            if not found.startswith(f"{me} ") or found.count(f"{base}{base}") < 1 or active_runtime.get() is not None:
                problems.append(found)
            if module.each(10, lambda index: index + base) != 45 + 10 * base:
                problems.append("each")

    threads = [threading.Thread(target=work, args=(4 * number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert problems == []
    assert module.text("x") == "x!"


def test_a_thread_waits_for_a_host_function() -> None:
    """While a host function of one thread runs, another thread's call waits, and gets its turn afterwards."""
    inside, release = threading.Event(), threading.Event()
    order: list[str] = []

    def step(_: Nesting, __: int, line: Line) -> str:
        inside.set()
        release.wait(60)
        order.append("host")
        return line.s

    module = nesting(step)()

    def other() -> None:
        inside.wait(60)
        release.set()
        module.text("x")
        order.append("other")

    thread = threading.Thread(target=other)
    thread.start()
    module.go(1)
    thread.join(60)
    assert order == ["host", "other"]


def test_every_thread_its_instance() -> None:
    """Instances of one class do not see each other's calls."""

    def step(module: Nesting, depth: int, line: Line) -> str:
        vars(module)["steps"] = vars(module).get("steps", 0) + 1
        return module.go(depth - 1) if depth else line.s

    cls, modules = nesting(step), []

    def work() -> None:
        module = cls()
        modules.append(module)
        for _ in range(50):
            with contextlib.suppress(AbortError):
                module.fail()
            module.go(5)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [vars(module)["steps"] for module in modules] == [300] * 4


# --- leaks ---------------------------------------------------------------------------------------------------

MANY = 100_000
#: Growth of the process that says nothing: allocators keep some of what they get.
SLACK = 8 << 20


def call_often(name: str) -> None:
    """Call a host function again and again, and look at what has grown."""

    def step(_: Nesting, depth: int, line: Line) -> str:
        if depth < 0:
            raise OwnError
        return line.s + Line("made").s

    module = nesting(step)()
    work: Callable[[], object] = {
        "objects": lambda: module.go(7),
        "exceptions": lambda: pytest.raises(OwnError, module.go, -1),  # noqa: RUF061 - an expression
    }[name]

    def measure(count: int) -> list[int]:
        for _ in range(count):
            work()
        for _ in range(2):
            module.runtime.collect()
        native: Any = module.runtime.native
        entry, runtime = native._entry, module.runtime
        return [
            *map(len, (runtime.memory, runtime.free, runtime.live, native.hosting.handlers, entry._pool, entry._traps))
        ]

    before, size = measure(3_000), resident()
    after = measure(MANY if name == "objects" else MANY // 4)
    if before != after or resident() - size > SLACK:
        sys.exit(f"{before}\n{after}\n{resident() - size}")


@pytest.mark.parametrize("name", ["objects", "exceptions"])
def test_nothing_grows(name: str) -> None:
    """Objects, root slots, generators, traps, memory: all as before."""
    run_apart("test_host_functions_calls", f"call_often({name!r})")
