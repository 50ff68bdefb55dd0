"""Glue of Map and Set next to a collector that works in steps, and in modules that lie."""

import itertools
import struct
from collections.abc import Iterator

import pytest
import wasmtime

from tests.integration.map_module import Host, MapGlue, forget
from tests.integration.map_source import NUMBERS, SAMPLES, STOCK, TEXTS, WORDS, Build, Shape, each_build, each_marking


@pytest.fixture(scope="module", autouse=True)
def _end() -> Iterator[None]:
    yield
    forget()


# --- a pinned map --------------------------------------------------------------------------------------------


@each_build
def test_filling_ten_thousand_while_collecting(build: Build) -> None:
    """Ten thousand strings are made while the collector marks and frees, and AssemblyScript finds each."""
    instance = Host(build)
    instance.call("chain", 20_000)
    glue = instance.glue(TEXTS)
    pairs = [(f"key {index:04}", f"value {index:04}") for index in range(10_000)]
    keys, key_texts, values, value_texts = glue.columns(pairs)
    ptr = glue.make(8, len(pairs))
    for at in range(0, len(pairs), 2_500):
        instance.call("allocate", 1 << 22)  # much at once lets the collector begin
        glue.call("fill", ptr, 2_500, keys + 4 * at, key_texts + 16 * at, values + 4 * at, value_texts + 20 * at)
        instance.call("chain", 20_000)  # what was to be marked is garbage now
        instance.call("churn", 100)
    instance.call("__unpin", ptr)
    instance.call("__collect")
    instance.call("churn", 1_000)
    assert instance.words(ptr + 20, 1) == (10_000,)
    for key, value in pairs[::97]:
        given = instance.lower("string", key, Host.KEY)
        assert instance.text(glue.by_assemblyscript("get", ptr, given)) == value
        assert glue.value_at(glue.call("find", ptr, given)) == value
    rows = glue.snapshot(ptr)[-1]
    assert [(row[3], row[2]) for row in rows] == pairs


# --- the write barrier ---------------------------------------------------------------------------------------


def prepare(glue: MapGlue, operation: str) -> int:
    """A map that the collector has marked in the current cycle, and that an operation is to change."""
    ptr = glue.new(8)
    count, deleted = (22, 13) if operation == "shrink" else (4, 0) if operation == "grow" else (3, 0)
    for index in range(count):
        glue.put(ptr, (f"old {index}", "old"), own=False)
    for index in range(deleted):
        assert glue.by_assemblyscript("delete", ptr, glue.host.lower("string", f"old {index}", Host.KEY))
    glue.host.start_marking(ptr)
    return ptr


def change(glue: MapGlue, ptr: int, operation: str) -> None:
    """What the glue does to the map; afterwards only the map refers to what is new in it."""
    instance = glue.host
    if operation in ("insert", "grow"):
        glue.put(ptr, ("new key", "new value"), own=True)
    elif operation == "overwrite":
        glue.put(ptr, ("old 1", "new value"), own=True)
    elif operation == "shrink":
        assert glue.call("delete", ptr, instance.lower("string", "old 13", Host.KEY))
    else:
        glue.call("clear", ptr)
    for slot in (Host.KEY, Host.VALUE):
        instance.hold(slot, 0)


def children(glue: MapGlue, ptr: int) -> set[int]:
    """The addresses of all that a map refers to."""
    buckets, _, entries, _, offset, _ = glue.host.words(ptr, 6)
    texts = [glue.host.words(entries + glue.layout.stride * index, 3) for index in range(offset)]
    return {buckets, entries, *(each for key, value, link in texts if not link & 1 for each in (key, value))}


@each_marking
@pytest.mark.parametrize("barrier", [True, False], ids=["barrier", "without"])
@pytest.mark.parametrize("operation", ["insert", "overwrite", "clear", "shrink", "grow"])
def test_what_a_marked_map_gets_survives(build: Build, operation: str, barrier: bool) -> None:
    """New keys, values and buffers of a map that has been marked live on, which without the barrier they do not."""
    instance = Host(build)
    glue = MapGlue(instance, TEXTS, barrier=barrier)
    ptr = prepare(glue, operation)
    before = children(glue, ptr)
    change(glue, ptr, operation)
    assert instance.is_black(ptr), "nothing has been freed yet"
    after = glue.snapshot(ptr)
    new = {each: instance.words(each - 8, 2) for each in children(glue, ptr) - before}
    assert len(new) == {"insert": 2, "overwrite": 1, "clear": 2, "shrink": 2, "grow": 4}[operation]
    while instance.is_black(ptr):
        instance.call("churn", 1)
    instance.call("churn", 2_000)
    for each, header in new.items():
        is_alive = not instance.words(each - 20, 1)[0] & 1 and instance.words(each - 8, 2) == header
        assert is_alive == barrier
    if barrier:
        instance.call("__collect")
        assert glue.snapshot(ptr) == after


# --- maps that lie -------------------------------------------------------------------------------------------

_HUGE = 0x7FFFFFF0


def trap_of(glue: MapGlue, name: str, *arguments: float) -> wasmtime.TrapCode | None:
    """How a call ends, which it has to do before its fuel does."""
    glue.host.store.set_fuel(10**8)
    code = None
    try:
        glue.call(name, *arguments)
    except wasmtime.Trap as trap:
        code = trap.trap_code
        assert code is not None
    assert code != wasmtime.TrapCode.OUT_OF_FUEL
    return code


@pytest.mark.parametrize("shape", [Shape("i32", "i8"), WORDS, NUMBERS], ids=lambda shape: shape.type)
@pytest.mark.parametrize("word", range(6))
@pytest.mark.parametrize("lie", [0, 1, 7, _HUGE, 0xFFFFFFFF])
def test_lies_trap_or_do_nothing_worse(shape: Shape, word: int, lie: int) -> None:
    """Whatever the fields of a map say, everything ends."""
    instance = Host(STOCK)
    glue = instance.glue(shape)
    keys = [instance.lower(shape.key, sample, 30 + index) for index, sample in enumerate(SAMPLES[shape.key][:20])]
    value = [0] * (shape.value is not None)
    for name in (shape.setter, "find", "delete", "clear"):
        ptr = glue.new(8)
        for key in keys:
            glue.by_assemblyscript(shape.setter, ptr, key, *value)
        instance.write(ptr + 4 * word, struct.pack("<I", lie))
        if name == "clear":
            trap_of(glue, name, ptr)
            continue
        for key in keys:
            if trap_of(glue, name, ptr, key, *value * (name == "set")) is not None:
                break


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("deleted", [0, 1])
def test_chains_without_end_trap(length: int, deleted: int) -> None:
    """A bucket that leads in a circle is found out."""
    instance = Host(STOCK)
    glue = instance.glue(Shape("i32", "i8"))
    ptr = glue.new(8)
    for key in range(4):
        glue.by_assemblyscript("set", ptr, key, 0)
    buckets, _, entries = instance.words(ptr, 3)
    stride = glue.layout.stride
    circle = [entries + stride * (index % length) for index in range(length + 1)]
    for at, following in itertools.pairwise(circle):
        instance.write(at + glue.layout.next, struct.pack("<I", following | deleted))
    instance.write(buckets, struct.pack("<4I", *[entries] * 4))
    for name, *arguments in (("find", 99), ("set", 99, 0), ("delete", 99)):
        assert trap_of(glue, name, ptr, *arguments) == wasmtime.TrapCode.UNREACHABLE


@pytest.mark.parametrize("offset", [1 << 20, 1 << 28])
def test_more_entries_than_there_is_memory_trap(offset: int) -> None:
    """A rehash copies no more than the new entries hold, and reads nothing outside memory."""
    instance = Host(STOCK)
    glue = instance.glue(Shape("i32", None))
    ptr = glue.new(8)
    instance.write(ptr + 12, struct.pack("<2I", offset, offset))
    assert trap_of(glue, "add", ptr, 5) is not None
