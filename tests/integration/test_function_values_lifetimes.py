"""Places in the function table: each callable has one, for as long as AssemblyScript may call it, and no longer."""

# mypy: disable-error-code="empty-body"

import gc
import random
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.compiling import compile_asc
from tests.integration.apart import run_apart
from tests.integration.doctored import doctored
from tests.integration.functions_module import (
    BUILDS,
    SOURCE,
    STOCK,
    TELLING,
    TRANSFORMED,
    Color,
    Functions,
    Holder,
    Op,
    everywhere,
    functions_class,
)
from tests.integration.hosts_module import Build
from tests.integration.test_flat_memory import resident
from wasmbind import AscModule, InstanceError, WasmbindError, i32

telling = pytest.mark.parametrize("build", TELLING, ids=str)


def table(module: Any) -> int:
    """How many callables are in the table, after dead function objects have been collected."""
    gc.collect()
    module.runtime.clear_scratch()  # it holds the last result
    for _ in range(2):
        module.runtime.collect()
    return len(module.runtime.functions)


def new_function(number: int) -> Callable[[int], int]:
    """A callable of its own."""
    return lambda a: a + number


# --- places --------------------------------------------------------------------------------------------------


@telling
def test_places_of_dead_callables_are_used_again(build: Build) -> None:
    """Passing ever new callables takes a bounded number of places; each is let go of."""
    module = functions_class(build)()
    seen: list[weakref.ref[Any]] = []

    def use(number: int) -> None:
        function = new_function(number)
        seen.append(weakref.ref(function))
        assert module.maybe(function) == 5 + number

    for number in range(5_000):
        use(number)
        if number % 500 == 0:
            module.runtime.collect()
    assert table(module) == 0
    assert [each() for each in seen] == [None] * 5_000
    assert len(module.runtime.native.hosting.handlers) < 3_000


@telling
def test_places_of_kept_callables_stay(build: Build) -> None:
    """What AssemblyScript keeps in a variable, an array or a map stays, whatever dies around it."""
    module = functions_class(build)()
    kept = [new_function(number) for number in range(100)]
    module.current = function = kept[0]
    for at, function in enumerate(kept[1:60]):
        module.put(at, function)
    for at, function in enumerate(kept[60:]):
        module.name_it(str(at), function)
    seen = [weakref.ref(function) for function in kept]
    del kept, function
    names = module.names()
    for round_ in range(10):
        for number in range(300):
            module.maybe(new_function(1_000 + number))
        module.runtime.collect()
        assert module.call_current(5) == 5
        assert [module.run(at, round_) for at in range(59)] == [round_ + 1 + at for at in range(59)]
        assert [names[str(at)](round_) for at in range(40)] == [round_ + 60 + at for at in range(40)]
    assert None not in [each() for each in seen]
    assert table(module) == 100
    for at in range(59):
        module.clear_at(at)
    assert table(module) == 41
    names.clear()
    module.current = module.plus()
    assert table(module) == 0
    assert [each() for each in seen] == [None] * 100


@telling
def test_several_objects_of_one_callable(build: Build) -> None:
    """Its place is free only when the last function object is dead."""
    module = functions_class(build)()
    function = new_function(1)
    for at in range(20):
        module.put(at, function)
    for at in range(20):
        assert table(module) == 1
        assert module.run(at, 1) == 2
        module.clear_at(at)
        # Meanwhile it may come again.
        module.maybe(function)
    assert table(module) == 0
    module.put(0, function)
    assert (table(module), module.run(0, 4)) == (1, 5)


def test_without_reports_places_stay() -> None:
    """Where nobody tells what dies, a place lives as long as the instance; each callable still has one only."""
    for build in (each for each in BUILDS if each not in TELLING):
        module = functions_class(build)()
        functions = [new_function(number) for number in range(300)]
        for _ in range(3):
            for function in functions:
                module.maybe(function)
        if "stub" not in build.options:
            module.runtime.collect()
        module.current = functions[7]
        assert module.call_current(1) == 8
        assert module.runtime.functions is not None
        assert len(module.runtime.functions) == 300


def test_a_callable_with_two_types() -> None:
    """The same callable is lowered for each type with a place of its own, and each type gives it back."""
    module = functions_class(TRANSFORMED)()

    def either(*arguments: Any) -> Any:
        return len(arguments)

    assert module.maybe(either) == 1
    assert module.tell(lambda: None) is None  # type: ignore[func-returns-value]  # void
    module.put(0, either)
    module.apply(either)
    assert module.look(0) is either
    assert table(module) == 1


def test_the_modules_functions_live_with_python() -> None:
    """A function object that only Python has stays, its place too, and goes with Python's object."""
    module = functions_class(TRANSFORMED)()
    # Python sees it as another type than the one it was passed as, so it comes back as an object of the module.
    through = module.color_op(new_function(10))
    for number in range(500):
        module.maybe(new_function(number))
    assert table(module) == 1
    assert through(Color.Green) == 15
    del through
    assert table(module) == 0


def test_fields_keep_callables() -> None:
    """An object keeps what its field refers to, and lets go of it when it dies."""
    module = functions_class(TRANSFORMED)()
    holder = module[Holder]()
    holder.maybe = new_function(3)
    assert (table(module), holder.call(1)) == (1, 4)
    holder.maybe = new_function(4)
    assert (table(module), holder.call(1)) == (1, 5)
    del holder
    assert table(module) == 0


GLOBALS = """
type Op = (a: i32) => i32;
let hidden: Op | null = null;
class K { static s: Op | null = null; }
namespace N { export let n: Op | null = null; }
function own(a: i32): i32 { return a; }
export function set_hidden(f: Op): void { hidden = f; }
export function set_static(f: Op): void { K.s = f; }
export function set_named(f: Op): void { N.n = f; }
export function call(a: i32): i32 {
  const f = hidden, g = K.s, h = N.n;
  return f && g && h ? f(a) + 10 * g(a) + 100 * h(a) : -1;
}
export function clear(): void { hidden = null; K.s = null; N.n = null; }
export function churn(count: i32): void { for (let i = 0; i < count; i++) new StaticArray<u64>(16).fill(-1); }
export function maybe(f: Op): i32 { return f(5); }
export function plus(): Op { return own; }
"""


class Globals(AscModule):
    def set_hidden(self, f: Op) -> None: ...
    def set_static(self, f: Op) -> None: ...
    def set_named(self, f: Op) -> None: ...
    def call(self, a: i32) -> i32: ...
    def clear(self) -> None: ...
    def churn(self, count: i32) -> None: ...
    def maybe(self, f: Op) -> i32: ...


@pytest.mark.parametrize("build", BUILDS, ids=str)
def test_variables_keep_callables(build: Build) -> None:
    """Variables of every kind do, which asc's collector leaves out because its own functions are static."""
    build = replace(build, source=GLOBALS)
    module: Any = types.new_class("Globals", (Globals,), {"wasm": build})()
    module.set_hidden(new_function(0))
    module.set_static(new_function(1))
    module.set_named(new_function(2))
    for _ in range(5):
        for number in range(100):
            module.maybe(new_function(number))
        module.churn(500)
        if "stub" not in build.options:
            module.runtime.collect()
        assert module.call(1) == 1 + 20 + 300
    module.clear()
    if any(build == replace(each, source=GLOBALS) for each in TELLING):
        assert table(module) == 0


# --- a model -------------------------------------------------------------------------------------------------


@everywhere
@pytest.mark.parametrize("seed", range(3))
def test_random_work(build: Build, seed: int) -> None:  # noqa: PLR0912 - one branch for each kind of work
    """Storing, dropping, passing and collecting at random: what AssemblyScript calls is always what was stored."""
    chance = random.Random(seed)  # noqa: S311 - to be repeatable
    module = functions_class(build)()
    collects = "stub" not in build.options
    stored: dict[int, int] = {}
    functions: dict[int, Callable[[int], int]] = {}
    for step in range(4_000):
        at = chance.randrange(60)
        match chance.randrange(8):
            case 0 | 1 | 2:
                number = chance.choice(list(functions)) if functions and chance.random() < 0.3 else step
                function = functions.get(number) or new_function(number)
                if chance.random() < 0.1:
                    functions[number] = function
                module.put(at, function)
                stored[at] = number
            case 3:
                if at in stored:
                    module.clear_at(at)
                    del stored[at]
            case 4:
                assert module.maybe(new_function(step)) == 5 + step
            case 5:
                if at in stored:
                    found = module.look(at)
                    assert found is not None
                    assert found(1) == 1 + stored[at]
                    module.put((at + 1) % 60, found)
                    stored[(at + 1) % 60] = stored[at]
            case 6:
                if collects and chance.random() < 0.1:
                    module.runtime.collect()
                elif collects:
                    module.churn(chance.randrange(40))
            case _:
                if functions and chance.random() < 0.2:
                    del functions[chance.choice(list(functions))]
        if at in stored:
            assert module.run(at, 7) == 7 + stored[at]
    assert {at: module.run(at, 0) for at in stored} == stored
    if build in TELLING:
        assert table(module) == len(set(stored.values()))


def test_threads() -> None:
    """The same from several threads on one instance."""
    module = functions_class(TRANSFORMED)()
    module.put(99, abs)
    problems: list[str] = []

    def work(base: int) -> None:
        for number in range(300):
            function = new_function(number)
            module.put(base, function)
            if module.run(base, base) != base + number or module.maybe(new_function(base)) != 5 + base:
                problems.append(f"{base} {number}")
            if number % 50 == 0:
                module.runtime.collect()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert problems == []
    assert table(module) == 5


# --- a full table --------------------------------------------------------------------------------------------


def limited(binary: bytes, room: int) -> bytes:
    """The binary with a table that has room for so many more functions."""
    at = 8
    while binary[at] != 4:
        size, start = _unsigned(binary, at + 1)
        at = start + size
    size, start = _unsigned(binary, at + 1)
    assert binary[start : start + 2] == b"\x01\x70"
    least, _ = _unsigned(binary, start + 3)
    body = b"\x01\x70\x01" + _leb(least) + _leb(least + room)
    return binary[:at] + b"\x04" + _leb(len(body)) + body + binary[start + size :]


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
        shift += 7


def _leb(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def bind(binary: bytes, base: type = Functions) -> Any:
    """A class for a binary."""
    return types.new_class("Functions", (base,), {"wasm": binary})


@pytest.mark.parametrize("room", [0, 1, 3, 4, 5, 11, 20])
@pytest.mark.parametrize("build", [STOCK, TRANSFORMED], ids=str)
def test_a_full_table(build: Build, room: int) -> None:
    """The last place is used; then an error says so, and callables that are known still pass."""
    module = bind(limited(build.read_bytes(), room))()
    functions = [new_function(number) for number in range(room)]
    for at, function in enumerate(functions):
        module.put(at, function)
    handlers = 0
    for attempt in range(5):
        with pytest.raises(
            InstanceError, match=f"function table is full, with {room} Python functions in it"
        ) as caught:
            module.put(90, new_function(0))
        assert caught.value.reason == "failed"
        if attempt == 0:
            handlers = len(module.runtime.native.hosting.handlers)
    assert len(module.runtime.native.hosting.handlers) == handlers, "an attempt leaves nothing"
    assert [module.run(at, 1) for at in range(room)] == [number + 1 for number in range(room)]
    assert [module.maybe(function) for function in functions] == [number + 5 for number in range(room)]
    if build is TRANSFORMED and room:
        module.clear_at(0)
        module.runtime.collect()
        assert module.maybe(new_function(2)) == 7


# --- leaks ---------------------------------------------------------------------------------------------------

MANY = 100_000
#: Growth of the process that says nothing: allocators keep some of what they get.
SLACK = 8 << 20


def call_often(name: str) -> None:
    """Do some work again and again, and look at what has grown."""
    module = functions_class(TRANSFORMED)()
    function = new_function(1)
    works: dict[str, Callable[[], object]] = {
        "known": lambda: module.maybe(function),
        "new": lambda: module.maybe(new_function(2)),
        "back": lambda: module.same(function),
        "own": lambda: module.plus()(1),
        "host": lambda: module.by_host(function, 1),
        "exception": lambda: module.each(1, fail),
    }

    def fail(_: int) -> int:
        raise ValueError

    work = works[name]

    def measure(count: int) -> dict[str, int]:
        for _ in range(count):
            try:
                work()
            except ValueError:
                if name != "exception":
                    raise
        module.maybe(function)
        native: Any = module.runtime.native
        entry = native._entry
        return {
            "callables": table(module),
            "handlers": len(native.hosting.handlers),
            "memory": len(module.runtime.memory),
            "free slots": len(module.runtime.free),
            "live": len(module.runtime.live),
            "pool": len(entry._pool),
            "traps": len(entry._traps),
        }

    before, size = measure(3_000), resident()
    after = measure(MANY)
    if before != after or resident() - size > SLACK:
        sys.exit(f"{before}\n{after}\n{resident() - size}")


@pytest.mark.parametrize("name", ["known", "new", "back", "own", "host", "exception"])
def test_nothing_grows(name: str) -> None:
    """Callables, handlers, generators, traps, root slots, memory: all as before after 100 000 calls."""
    run_apart("test_function_values_lifetimes", f"call_often({name!r})")


@pytest.fixture
def _no_collector() -> Iterator[None]:
    """What is freed is freed by reference counts alone."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_collector")
@everywhere
def test_an_instance_goes_with_its_module(build: Build) -> None:
    """Neither host functions nor callables make a cycle, unless the user's own do."""
    cls = functions_class(build)

    def divide(a: int) -> int:
        return 1 // a

    def fail(module: Any) -> None:
        with pytest.raises(ZeroDivisionError):
            module.each(1, divide)

    uses: list[Callable[[Any], object]] = [
        repr,
        lambda module: module.maybe(new_function(1)),
        lambda module: module.put(0, new_function(1)),
        lambda module: module.by_host(abs, 1)(2),
        lambda module: module.plus()(1),
        lambda module: setattr(module, "current", abs),
        fail,
        lambda module: setattr(module, "text", "state"),
    ]
    for use in uses:
        module = cls()
        use(module)
        runtime, native = weakref.ref(module.runtime), weakref.ref(module.runtime.native)
        del module
        assert (runtime(), native()) == (None, None)


@pytest.mark.usefixtures("_no_collector")
def test_what_a_module_without_host_methods_stores() -> None:
    """Its own objects in its attributes are no cycle."""

    class Plain(AscModule, wasm=TRANSFORMED):
        def maybe(self, f: Op | None) -> i32: ...

    module: Any = Plain(imports={"env": {"give": int}})
    module.holder = module[Holder]()
    runtime = weakref.ref(module.runtime)
    del module
    assert runtime() is None


def test_a_cycle_of_the_users() -> None:
    """A callable that refers to the module it has been given to is found by the garbage collector."""
    module = functions_class(TRANSFORMED)()
    module.put(0, lambda a, of=module: a + of.maybe(None))  # type: ignore[misc]  # the default is not told
    assert module.run(0, 5) == 4
    runtime, native = weakref.ref(module.runtime), weakref.ref(module.runtime.native)
    del module
    gc.collect()
    assert (runtime(), native()) == (None, None)


def test_closing_lets_go() -> None:
    """A closed instance keeps no callable."""
    module = functions_class(TRANSFORMED)()
    function = new_function(1)
    module.put(0, function)
    seen = weakref.ref(function)
    del function
    module.close()
    gc.collect()
    assert seen() is None


# --- lies ----------------------------------------------------------------------------------------------------


def test_schemas_that_lie() -> None:
    """Wrong run-time ids of function types, and of what reports the dead, are typed errors or do no harm."""
    binary = compile_asc(SOURCE, transform=True).read_bytes()

    def ids(value: int) -> bytes:
        def change(schema: dict[str, Any]) -> None:
            for cls in schema["classes"]:
                if cls["internal" if "internal" in cls else "name"].startswith("~lib/function/"):
                    cls["id"] = value

        return doctored(binary, change)

    for value in (0, 1, 2, 5, 1_000, 1 << 20, (1 << 31) - 1):
        try:
            module = bind(ids(value))()
            for number in range(200):
                module.put(number % 5, new_function(number))
                assert module.run(number % 5, 1) == 1 + number
                if number % 20 == 0:
                    module.runtime.collect()
        except WasmbindError:
            pass
