"""Creating and dropping leaves memory flat: a million objects, a million strings, hundreds of instances."""

# mypy: disable-error-code="empty-body"

import gc
import os
import resource
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.compiling import compile_asc
from tests.integration.heap_module import Build, heap_class, incremental
from wasmbind import AbortError, AscClass, AscModule, i32, string

MILLION = 1_000_000
WARM_UP = 20_000
#: Growth of the process that says nothing: allocators keep some of what they get.
SLACK = 8 << 20
INSTANCES = 300

LINES = """
@external("env", "seen") declare function seen(length: i32): i32;
export class Line { constructor(public s: string) {} }
export function echo(s: string): string { return s + "!"; }
export function tell(s: string): i32 { if (!s.length) throw new Error("empty"); return seen(s.length); }
"""


class Line(AscClass):
    s: string

    def __init__(self, s: string) -> None: ...


class Lines(AscModule, wasm=compile_asc(LINES, compiler="classic"), classes=[Line]):
    def echo(self, s: string) -> string: ...
    def tell(self, s: string) -> i32: ...


def new_lines() -> Lines:
    """An instance with a host function."""

    def seen(length: int) -> int:
        return length + 1

    return Lines(imports={"env": {"seen": seen}})


def resident() -> int:
    """Bytes of memory that the process occupies; where the system does not tell, the most it ever did."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure(module: Any) -> tuple[int, int, int]:
    """Pages of linear memory, objects that the garbage collector tracks, memory blocks that Python has."""
    gc.collect()
    return len(module.runtime.memory) >> 16, len(gc.get_objects()), sys.getallocatedblocks()


def assert_flat(module: Any, work: Callable[[], object], times: int = MILLION) -> None:
    """Do something again and again; after a warm-up nothing may grow."""
    for _ in range(WARM_UP):
        work()
    pages, objects, blocks = measure(module)
    before = resident()
    for _ in range(times):
        work()
    module.runtime.refresh()
    after = measure(module)
    assert after[0] == pages
    assert after[1] <= objects + 50
    assert after[2] <= blocks + 500
    assert resident() <= before + SLACK


@incremental
def test_a_million_results(build: Build) -> None:
    """A million objects that calls return, used and dropped, leave nothing behind."""
    heap = heap_class(build)()
    assert_flat(heap, lambda: heap.make(1).serial)


def test_a_million_constructed_objects() -> None:
    """A million objects that Python constructs, with their strings, leave nothing behind."""
    lines = new_lines()
    line = lines[Line]
    assert_flat(lines, lambda: line("some text").s)


@incremental
def test_a_million_strings(build: Build) -> None:
    """A million strings, in and out, leave nothing behind."""
    heap = heap_class(build)()
    assert_flat(heap, lambda: heap.echo("some text"))


@incremental
def test_replaced_fields(build: Build) -> None:
    """What a field referred to before it was assigned is collected: strings, objects, lists."""
    heap = heap_class(build)()
    node = heap.make(1)

    def replace() -> None:
        node.name, node.next = "x" * 200, heap.make(2)
        node.kids = [node, node.next]

    assert_flat(heap, replace, 100_000)


@incremental
def test_held_in_turn(build: Build) -> None:
    """The root table is as large as the most objects that were alive at once, however many there were."""
    heap = heap_class(build)()
    window = [heap.make(0) for _ in range(1_000)]

    def replace() -> None:
        window.append(heap.make(1))
        window.pop(0)

    assert_flat(heap, replace, 300_000)


def test_failures() -> None:
    """Arguments that are refused, aborts and exceptions of host functions leave nothing behind."""
    wasm = compile_asc(LINES, "--runtime", "minimal", compiler="classic")  # has no shadow stack to use up

    class Failing(AscModule, wasm=wasm):
        def tell(self, s: string) -> i32: ...

    def seen(length: int) -> int:
        return 1 // (length - 1)

    module = Failing(imports={"env": {"seen": seen}})

    def fail() -> None:
        with pytest.raises(TypeError):
            module.tell(1)  # type: ignore[arg-type]  # the error is wanted
        with pytest.raises(ZeroDivisionError):
            module.tell("x")
        with pytest.raises(AbortError):
            module.tell("")
        assert module.tell("some text") == 0
        module.runtime.collect()

    assert_flat(module, fail, WARM_UP)


# --- instances -----------------------------------------------------------------------------------------------


def use(module: Any, *, fails: bool = False) -> tuple[weakref.ref[Any], ...]:
    """Do a bit of everything with an instance; weak references to its parts."""
    line = module[Line]("x" * 2_000)
    assert line.s == module.echo("x" * 1_999)[:-1] + "x"
    assert module.tell(line.s) == 2_001
    if fails:
        with pytest.raises(AbortError):
            module.tell("")
    return weakref.ref(module), weakref.ref(module.runtime), weakref.ref(module.runtime.native)


@pytest.mark.parametrize("end", ["dropped", "closed", "failed", "in a cycle", "outlived"])
def test_instances_are_freed(end: str) -> None:
    """Hundreds of instances, used and let go in any way, leave no store, memory or runtime behind."""
    use(new_lines())
    gc.collect()
    before = resident()
    parts: list[weakref.ref[Any]] = []
    for _ in range(INSTANCES):
        module = new_lines()
        parts += use(module, fails=end == "failed")
        if end == "closed":
            module.close()
        elif end == "in a cycle":
            module.cycle = [module, module[Line]("held")]  # type: ignore[attr-defined]  # any attribute makes the cycle
        elif end == "outlived":
            line = module[Line]("held")
            del module
            assert line.s == "held"
            del line
    module = line = None  # type: ignore[assignment]  # the last references
    gc.collect()
    assert [part() for part in parts if part() is not None] == []
    assert resident() <= before + SLACK


def count_ours() -> int:
    """The objects of classes that wasmbind and wasmtime-py define."""
    return sum(type(each).__module__.startswith(("wasmbind", "wasmtime")) for each in gc.get_objects())


def test_instances_with_failed_starts_are_freed() -> None:
    """An instance whose start function fails leaves nothing behind."""

    class Failing(AscModule, wasm=compile_asc("if (memory.size() > 0) throw new Error('no');\n")):
        pass

    def start() -> None:
        with pytest.raises(AbortError):
            Failing()

    start()
    gc.collect()
    before, objects = resident(), count_ours()
    for _ in range(INSTANCES):
        start()
    gc.collect()
    assert count_ours() <= objects + 50
    assert resident() <= before + SLACK
