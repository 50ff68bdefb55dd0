"""Limits: each ends the call that goes beyond it and says so; nothing else is touched."""

# mypy: disable-error-code="empty-body"

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import wasmtime

import wasmbind
from tests.compiling import CompileAsc, Compiler, compile_asc
from tests.integration.limits_module import ENOUGH, SOURCE, Greedy, greedy_class, new_greedy
from wasmbind import (
    AbortError,
    AscModule,
    BindError,
    InstanceError,
    LimitError,
    Limits,
    TrapError,
    _natives,
    i32,
)
from wasmbind._abi import FastNative
from wasmbind._native import Native
from wasmbind._natives import PublicNative

Work = Callable[[Greedy], object]

#: Each limit with a call that goes beyond it, and one that does not.
EXCESSES: dict[str, tuple[Limits, Work, Work]] = {
    "timeout": (Limits(timeout=0.2), lambda m: m.forever(), lambda m: m.spin(1000)),
    "fuel": (Limits(fuel=100_000), lambda m: m.forever(), lambda m: m.spin(1000)),
    "memory": (Limits(memory=ENOUGH), lambda m: m.eat(100), lambda m: m.eat(2)),
    "stack": (Limits(stack=1 << 16), lambda m: m.recurse(1 << 20), lambda m: m.recurse(100)),
}


@pytest.fixture(params=[FastNative, PublicNative])
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[Native]:
    """Each way into wasmtime in turn."""
    monkeypatch.setattr(_natives, "_native_class", request.param)
    implementation: type[Native] = request.param
    return implementation


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("name", EXCESSES)
def test_each_limit(name: str) -> None:
    """What stays within a limit works; what does not is a LimitError with its facts, after which nothing works."""
    limits, excess, modest = EXCESSES[name]
    module = new_greedy(limits=limits)
    for _ in range(3):
        modest(module)
        assert module.echo("a") == "a!"
    with pytest.raises(LimitError) as caught:
        excess(module)
    error = caught.value
    assert isinstance(error, RuntimeError)
    assert (error.limit, error.allowed) == (name, getattr(limits, name))
    assert str(error).startswith("Built ")
    with pytest.raises(InstanceError, match="stopped somewhere in its middle") as poisoned:
        module.add(1, 2)
    assert poisoned.value.reason == "poisoned"
    assert str(error).splitlines()[0].removeprefix("Built ") in str(poisoned.value)
    assert new_greedy(limits=limits).add(1, 2) == 3


@pytest.mark.parametrize("name", EXCESSES)
def test_frames(name: str) -> None:
    """The frames tell where the call was."""
    limits, excess, _ = EXCESSES[name]
    with pytest.raises(LimitError) as caught:
        excess(new_greedy(limits=limits))
    expected = {"memory": "eat", "stack": "recurse"}.get(name, "forever")
    assert expected in [frame.function for frame in caught.value.frames]


@pytest.mark.parametrize("name", EXCESSES)
def test_resume(name: str) -> None:
    """Who takes the risk goes on with the instance; its limits hold as before, and objects are what they were."""
    limits, excess, modest = EXCESSES[name]
    module = new_greedy(limits=limits)
    line = module.line("kept")
    for _ in range(3):
        with pytest.raises(LimitError):
            excess(module)
        with pytest.raises(InstanceError):
            assert line.s
        module.runtime.resume()
        if name != "memory":  # what has filled it is still there
            modest(module)
        assert (line.s, module.echo("a")) == ("kept", "a!")
        assert module.line("new").s == "new"


def test_resume_forgets_the_dead() -> None:
    """Objects that die while the instance is poisoned are not kept for ever."""
    module = new_greedy()
    module.runtime.collect()
    lines = [module.line(f"{number}") for number in range(1000)]
    free = len(module.runtime.free)
    with pytest.raises(TrapError):
        module.crash()
    lines.clear()
    with pytest.raises(InstanceError):
        module.add(1, 2)
    module.runtime.resume()
    assert module.add(1, 2) == 3
    assert len(module.runtime.free) == free + 1000
    assert not any(module.runtime.mem_u32[slot] for slot in module.runtime.free)


def test_resume_refuses() -> None:
    """A closed instance stays closed, a healthy one does not mind, and one that is still inside a call has to wait."""
    seen: list[BaseException] = []

    def ask() -> int:
        with pytest.raises(TrapError):
            module.crash()
        try:
            module.runtime.resume()
        except InstanceError as error:
            seen.append(error)
        return 1

    module = new_greedy(imports={"host": {"ask": ask}})
    module.runtime.resume()
    with pytest.raises(InstanceError, match="poisoned by an earlier trap"):
        module.askOnce()
    assert [getattr(error, "reason", None) for error in seen] == ["busy"]
    module.runtime.resume()
    assert module.add(1, 2) == 3
    module.close()
    with pytest.raises(InstanceError, match="already closed"):
        module.runtime.resume()


# --- memory ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("runtime", ["incremental", "minimal", "stub"])
@pytest.mark.parametrize("optimize", [("-O0", "--debug"), ("-O1",), ("-O3",), ("-Oz", "--converge", "--noAssert")])
@pytest.mark.parametrize("compiler", ["modern", "classic"])
def test_memory_in_all_builds(runtime: str, optimize: tuple[str, ...], compiler: Compiler) -> None:
    """The end of the allowed memory is told from other traps, whatever the allocator and the optimisation."""
    cls = greedy_class(*optimize, "--runtime", runtime, compiler=compiler)
    excesses: tuple[Work, ...] = (lambda m: m.eat(100), lambda m: m.double_(24))
    for excess in excesses:
        module = cls(imports={"host": {"ask": lambda: 1}}, limits=Limits(memory=ENOUGH))
        assert module.eat(3) == 3
        with pytest.raises(LimitError) as caught:
            excess(module)
        assert (caught.value.limit, caught.value.allowed) == ("memory", ENOUGH)
    module = cls(imports={"host": {"ask": lambda: 1}}, limits=Limits(memory=ENOUGH))
    with pytest.raises(TrapError) as crashed:
        module.crash()
    assert crashed.value.code == "unreachable"


def test_arguments_count() -> None:
    """Memory that Python's arguments need is limited as well."""
    module = new_greedy(limits=Limits(memory=ENOUGH))
    with pytest.raises(LimitError) as caught:
        module.echo("x" * (1 << 20))
    assert caught.value.limit == "memory"


def test_memory_grow_is_refused() -> None:
    """A program that asks for memory itself is told no, as WebAssembly has it."""
    module = new_greedy(limits=Limits(memory=ENOUGH))
    assert module.grow(1000) == -1
    assert module.grow(1) > 0


def test_own_maximum_is_no_limit() -> None:
    """A module that stops at a maximum of its own has not met the limit."""
    cls = greedy_class("--maximumMemory", "10")
    with pytest.raises(TrapError) as caught:
        cls(imports={"host": {"ask": lambda: 1}}, limits=Limits(memory=ENOUGH)).eat(100)
    assert caught.value.code == "unreachable"
    with pytest.raises(LimitError):
        cls(imports={"host": {"ask": lambda: 1}}, limits=Limits(memory=ENOUGH - 65536)).eat(100)


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("what", ["(memory 11)", "(memory 1) (table 1000000 funcref)"])
def test_too_large_from_the_start(what: str) -> None:
    """What a module has from the start is limited, tables included, for each of which there would be no end."""

    class Large(AscModule, wasm=bytes(wasmtime.wat2wasm(f"(module {what})"))):
        pass

    Large()
    Large(limits=Limits(memory=1 << 30))
    with pytest.raises(LimitError) as caught:
        Large(limits=Limits(memory=ENOUGH))
    assert caught.value.limit == "memory"


# --- fuel --------------------------------------------------------------------------------------------------


def test_fuel_is_exact() -> None:
    """The same call takes the same fuel each time; it is renewed for each call, not for each step of one."""
    lowest, highest = 1, 1 << 20
    while lowest < highest:
        middle = (lowest + highest) // 2
        try:
            new_greedy(limits=Limits(fuel=middle)).spin(1000)
            highest = middle
        except LimitError:
            lowest = middle + 1
    module = new_greedy(limits=Limits(fuel=lowest))
    assert len({module.spin(1000) for _ in range(20)}) == 1
    with pytest.raises(LimitError):
        new_greedy(limits=Limits(fuel=lowest - 1)).spin(1000)


def test_nested_calls_share_fuel_and_time() -> None:
    """What host functions call is part of the outermost call."""

    def ask() -> int:
        for _ in range(100):
            module.spin(1000)
        return 1

    module = new_greedy(imports={"host": {"ask": ask}}, limits=Limits(fuel=50_000))
    module.spin(1000)
    with pytest.raises(LimitError) as caught:
        module.askOnce()
    assert caught.value.limit == "fuel"


def test_preparing_an_instance_is_free() -> None:
    """What wasmbind itself does, at the start and when it needs more room, takes no fuel; here more than there is."""
    module = new_greedy(limits=Limits(fuel=10_000))
    assert module.add(1, 2) == 3
    lines = [module.line(f"{number}") for number in range(100)]
    assert lines[-1].s == "99"


# --- time --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("native")
def test_host_function_that_goes_on() -> None:
    """A host function that swallows the error of a nested call does not save the outer one."""
    seen: list[str] = []

    def ask() -> int:
        try:
            module.forever()
        except LimitError as error:
            seen.append(error.limit)
        return 1

    for call in ("askThenSpin", "askOnce"):
        module = new_greedy(imports={"host": {"ask": ask}}, limits=Limits(timeout=0.1))
        for _ in range(2):  # the second time it does not even begin
            with pytest.raises(InstanceError, match="took longer"):
                getattr(module, call)()
        assert seen == ["timeout"]
        seen.clear()


def test_host_function_that_takes_long() -> None:
    """The time of a host function counts: the call ends once it has returned."""
    late = threading.Event()
    module = new_greedy(imports={"host": {"ask": lambda: late.wait(0.3) or 1}}, limits=Limits(timeout=0.1))
    with pytest.raises(LimitError):
        module.askThenSpin()


def test_calls_do_not_add_up() -> None:
    """Each call has all the time anew."""
    module = new_greedy(limits=Limits(timeout=0.5))
    done = threading.Event()
    timer = threading.Timer(1.2, done.set)
    timer.start()
    while not done.is_set():
        assert module.spin(1000) == module.spin(1000)
    timer.join()


@pytest.mark.usefixtures("native")
def test_others_go_on() -> None:
    """A call that times out in one thread leaves calls in other instances alone, with limits and without."""
    others = [new_greedy(), new_greedy(limits=Limits(timeout=60)), new_greedy(limits=Limits(memory=ENOUGH))]
    expected = others[0].spin(1000)
    stop = threading.Event()

    def work(other: Greedy) -> int:
        rounds = 0
        while not stop.is_set():
            assert other.spin(1000) == expected
            rounds += 1
        return rounds

    with ThreadPoolExecutor(len(others)) as pool:
        futures = [pool.submit(work, other) for other in others]
        try:
            for _ in range(3):
                with pytest.raises(LimitError):
                    new_greedy(limits=Limits(timeout=0.1)).forever()
        finally:
            stop.set()
        assert all(future.result(60) for future in futures)


# --- where limits come from --------------------------------------------------------------------------------


def test_class_keyword() -> None:
    """The class says what its instances have that are started without; derived classes inherit it."""
    cls = greedy_class("-O0", "--debug")
    imports: Any = {"host": {"ask": lambda: 1}}

    class Limited(cls, limits=Limits(fuel=10_000)):  # type: ignore[valid-type,misc,call-arg]  # a class made at run time
        pass

    class Derived(Limited):
        pass

    for limited in (Limited(imports=imports), Derived(imports=imports)):
        with pytest.raises(LimitError):
            limited.spin(1 << 20)
    Limited(imports=imports, limits=Limits()).spin(1 << 20)
    Limited(imports=imports, limits=Limits(fuel=1 << 40)).spin(1 << 20)
    cls(imports=imports).spin(1 << 20)


def test_one_class_many_limits() -> None:
    """Instances of one class with all kinds of limits work side by side, and so do their objects."""
    modules = [
        new_greedy(limits=limits)
        for limits in (None, Limits(), *(limits for limits, _, _ in EXCESSES.values()), Limits(fuel=1 << 40, timeout=9))
    ]
    lines = [module.line(f"{number}") for number, module in enumerate(modules)]
    assert [line.s for line in lines] == [str(number) for number in range(len(modules))]
    assert [module.line("a").s for module in modules] == ["a"] * len(modules)
    for module in modules:
        with pytest.raises(AbortError, match="on purpose"):
            module.fail()
        assert module.echo("still") == "still!"


def test_start_function() -> None:
    """A start function is a call: one that never ends does."""
    source = "let n = 0; while (true) n++; export function f(): void {}"

    class Stuck(AscModule, wasm=compile_asc(source)):
        def f(self) -> None: ...

    class Exported(AscModule, wasm=compile_asc(source, "--exportStart", "run"), start="run"):
        def f(self) -> None: ...

    for limits in (Limits(timeout=0.1), Limits(fuel=1000)):
        for cls in (Stuck, Exported):
            with pytest.raises(LimitError):
                cls(limits=limits)


@pytest.mark.usefixtures("native")
def test_compiled_by_the_user(asc: CompileAsc) -> None:
    """A module that the user has compiled for the engine of some limits has them, in its start section, too."""
    stuck = asc("let n = 0; while (true) n++; export function f(): void {}").read_bytes()
    for limits in (Limits(timeout=0.1), Limits(fuel=1000)):

        class Stuck(AscModule, wasm=wasmtime.Module(wasmbind.engine(limits), stuck), limits=limits):
            def f(self) -> None: ...

        with pytest.raises(LimitError):
            Stuck()

    class NoFuel(AscModule, wasm=wasmtime.Module(wasmbind.engine(), asc(SOURCE).read_bytes())):
        def add(self, a: i32, b: i32) -> i32: ...

    imports: Any = {"host": {"ask": lambda: 1}}
    NoFuel(imports=imports, limits=Limits(stack=1 << 20, timeout=1)).add(1, 2)
    with pytest.raises(BindError, match=r"wasmbind.engine\(limits\)"):
        NoFuel(imports=imports, limits=Limits(fuel=1))


def test_engines() -> None:
    """There is one engine for each setting that an engine has, and no more."""
    assert wasmbind.engine() is wasmbind.engine(Limits(memory=1 << 20, timeout=3))
    assert wasmbind.engine(Limits(fuel=1)) is wasmbind.engine(Limits(fuel=2))
    assert wasmbind.engine(Limits(fuel=1)) is not wasmbind.engine()
    assert wasmbind.engine(Limits(stack=1 << 20)) is wasmbind.engine(Limits(stack=1 << 20, timeout=1))
    assert wasmbind.engine(Limits(stack=1 << 20)) is not wasmbind.engine(Limits(stack=1 << 19))
