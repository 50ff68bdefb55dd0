"""Glue that reads and writes Map and Set leaves in memory what AssemblyScript's own operations leave.

Each operation is done twice, by AssemblyScript on one map and by the glue on another, and both have to look alike.
"""

import struct
from collections.abc import Iterator

import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.map_module import Host, MapGlue, forget, host
from tests.integration.map_source import (
    KEYS,
    LINKING,
    NODES,
    NUMBERS,
    SAMPLES,
    SHAPES,
    STOCK,
    TEXTS,
    WORDS,
    Build,
    Shape,
    each_build,
)
from wasmbind._layout import VIEWS


@pytest.fixture(scope="module", autouse=True)
def _end() -> Iterator[None]:
    yield
    forget()


# --- layout and hash -----------------------------------------------------------------------------------------


@each_build
def test_entries_are_laid_out_as_compiled(build: Build) -> None:
    """The entries of a new map take what its four take, and the first key and value lie where they are looked for."""
    instance = host(build)
    for shape in SHAPES:
        glue = instance.glue(shape)
        ptr = glue.new(8)
        entries = instance.words(ptr, 3)[2]
        assert instance.words(entries - 4, 1) == (4 * glue.layout.stride,), shape
        (pair,) = shape.pairs(1)
        glue.put(ptr, pair, own=False)
        (_, _, offset, count, _, rows) = glue.snapshot(ptr)
        assert (offset, count) == (1, 1)
        key = instance.read(entries, glue.key.size)
        code = VIEWS[glue.key.view][0]
        if not glue.key.is_text:
            assert struct.unpack(f"<{code}", key) == (instance.lower(shape.key, pair[0], 7),), shape
        assert rows[0][:2] == (0, 0)
        assert not any(rows[0][-1]), "nothing lies in between"


@each_build
def test_hashes_are_assemblyscripts(build: Build) -> None:
    """Every key has the hash that AssemblyScript's own function gives it."""
    instance = host(build)
    for index, key in enumerate(KEYS):
        glue = instance.glue(Shape(key, None))
        for sample in SAMPLES[key]:
            given = instance.lower(key, sample, Host.KEY)
            assert glue.call("hash", given) == instance.call(f"hash_{index}", given), (key, sample)


# --- the same operations, by both ----------------------------------------------------------------------------

OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["put", "put", "delete"]), st.integers(0, 40), st.integers(1, 24))
    | st.tuples(st.sampled_from(["clear", "collect", "churn", "start"]), st.just(0), st.integers(1, 4)),
    min_size=1,
    max_size=12,
)


def check_lookups(glue: MapGlue, ptrs: tuple[int, int]) -> None:
    """The glue finds in both maps what AssemblyScript finds, and reads the same values."""
    instance, shape = glue.host, glue.shape
    for sample in SAMPLES[shape.key]:
        given = instance.lower(shape.key, sample, Host.KEY)
        expected = glue.by_assemblyscript("has", ptrs[0], given)
        for ptr in ptrs:
            assert glue.by_assemblyscript("has", ptr, given) == expected, sample
            entry = glue.call("find", ptr, given)
            assert bool(entry) == bool(expected), sample
            if entry and shape.value is not None:
                value = glue.by_assemblyscript("get", ptr, given)
                if glue.value is not None and glue.value.is_text:
                    value = value and instance.text(value)
                assert glue.value_at(entry) == value or value != value  # noqa: PLR0124 - NaN


def run(glue: MapGlue, operations: list[tuple[str, int, int]]) -> None:
    """Do the same to a map of each, and compare them."""
    instance, shape = glue.host, glue.shape
    keys = SAMPLES[shape.key]
    values = SAMPLES[shape.value] if shape.value is not None else []
    mine, theirs = glue.new(8), glue.new(9)
    for step, (operation, start, count) in enumerate(operations):
        chosen = [keys[index % len(keys)] for index in range(start, start + count)]
        if operation == "put":
            for index, key in enumerate(chosen):
                pair = (key, values[(step + index) % len(values)]) if values else (key,)
                glue.put(mine, pair, own=True)
                glue.put(theirs, pair, own=False)
        elif operation == "delete":
            for key in chosen:
                given = instance.lower(shape.key, key, Host.KEY)
                assert glue.call("delete", mine, given) == glue.by_assemblyscript("delete", theirs, given)
        elif operation == "clear":
            glue.call("clear", mine)
            glue.by_assemblyscript("clear", theirs)
        elif operation == "collect":
            instance.call("__collect")
        elif operation == "churn":
            instance.call("churn", count)
        else:
            instance.call("allocate", 1 << 20)  # much at once lets the collector begin
        assert glue.snapshot(mine) == glue.snapshot(theirs), operation
    check_lookups(glue, (mine, theirs))
    assert instance.words(4 * (instance.slots + 1), 2) == (0, 0), "the temporaries hold nothing"


@each_build
@pytest.mark.parametrize("key", KEYS)
def test_any_operations_leave_what_assemblyscript_leaves(build: Build, key: str) -> None:
    """Entries, buckets, capacity and counts are those of AssemblyScript's own, whatever the order of operations."""
    shapes = [shape for shape in SHAPES if shape.key == key]

    @settings(max_examples=8, database=None)
    @given(st.sampled_from(shapes), OPERATIONS)
    def check(shape: Shape, operations: list[tuple[str, int, int]]) -> None:
        run(host(build).glue(shape), operations)

    check()


@each_build
def test_growing_and_shrinking(build: Build) -> None:
    """A map that grows through several sizes, and shrinks again, is the same at every step."""
    for shape in (WORDS, NUMBERS, TEXTS, NODES):
        count = len(SAMPLES[shape.key])
        run(
            host(build).glue(shape), [("put", 0, count), ("collect", 0, 1), *[("delete", at, 1) for at in range(count)]]
        )


# --- making and filling --------------------------------------------------------------------------------------


@each_build
def test_filling_makes_what_assemblyscript_makes(build: Build) -> None:
    """A map that is filled at once is what AssemblyScript makes of the same pairs, one after the other."""
    instance = host(build)
    for shape in SHAPES:
        glue = instance.glue(shape)
        # Whether -0.0 becomes a key beside 0.0 depends on the number of buckets at the time.
        pairs = [pair for pair in shape.pairs(*range(len(SAMPLES[shape.key]))) if str(pair[0]) != "-0.0"]
        filled = glue.fill(8, pairs)
        theirs = glue.new(9)
        for pair in pairs:
            glue.put(theirs, pair, own=False)
        assert glue.snapshot(filled) == glue.snapshot(theirs), shape
        check_lookups(glue, (filled, theirs))
        assert instance.words(4 * (instance.slots + 6), 1) == (0,), "the spare slot is free again"


@pytest.mark.parametrize("count", [0, 1, 4, 5, 21, 22, 42, 43, 85, 86, 1000])
def test_capacities_are_those_of_growth(count: int) -> None:
    """A new map has the buckets and the room that AssemblyScript's would have grown to."""
    glue = host(STOCK).glue(Shape("i32", None))
    made, theirs = glue.make(8, count), glue.new(9)
    for key in range(count):
        glue.by_assemblyscript("add", theirs, key)
    assert glue.host.words(made + 4, 1) == glue.host.words(theirs + 4, 1)
    assert glue.host.words(made + 12, 3) == (glue.host.words(theirs + 12, 1)[0], 0, 0)
    glue.host.call("__unpin", made)


def test_more_than_memory_is_refused() -> None:
    """Room for four thousand million entries is AssemblyScript's to refuse, not endless doubling."""
    instance = Host(STOCK)
    for shape in (WORDS, NUMBERS):
        for count in (1 << 27, 1 << 31, -1):
            with pytest.raises(wasmtime.Trap, match="unreachable"):
                instance.glue(shape).make(8, count)


def test_later_duplicates_win() -> None:
    """Of equal keys the first is kept, with the last value."""
    glue = host(STOCK).glue(TEXTS)
    ptr = glue.fill(8, [("a", "1"), ("b", "2"), ("a", "3")])
    (_, _, offset, count, _, rows) = glue.snapshot(ptr)
    assert (offset, count, [row[2:4] for row in rows]) == (2, 2, [("3", "a"), ("2", "b")])


def test_a_map_without_room_is_not_overrun() -> None:
    """Filling more than there is room for traps."""
    instance = Host(STOCK)
    glue = instance.glue(Shape("i32", None))
    columns = glue.columns([(index,) for index in range(5)])
    with pytest.raises(wasmtime.Trap, match="unreachable"):
        glue.call("fill", glue.make(8, 4), 5, *columns)


def test_a_larger_class_is_zeroed() -> None:
    """What a subclass adds is zero, in the runtimes that leave old bytes in new memory as well."""
    for runtime in ("minimal", "stub"):
        instance = host(Build(runtime=runtime))
        glue = instance.glue(WORDS)
        instance.call("churn", 100)
        instance.call("__collect")
        glue.new(8)
        rt_id = instance.words(glue.new(8) - 8, 1)[0]
        ptr = glue.call("make", instance.slots + 8, instance.slots + 6, rt_id, 40, 40)
        assert instance.words(ptr + 16, 6) == (0,) * 6
        assert glue.snapshot(ptr)[:2] == (15, 42)


@pytest.mark.parametrize("runtime", ["minimal", "stub"])
def test_other_runtimes(runtime: str) -> None:
    """The same operations in runtimes that collect only when asked to, or never."""
    instance = host(Build(runtime=runtime))
    for shape in (WORDS, NUMBERS, TEXTS, NODES):
        glue = instance.glue(shape)
        run(
            glue,
            [("put", 0, 24), ("churn", 0, 4), ("collect", 0, 1), ("delete", 0, 24), ("put", 9, 12), ("clear", 0, 1)],
        )
        pairs = [tuple(SAMPLES[type_][3] for type_ in (shape.key, shape.value) if type_)]
        assert glue.snapshot(glue.fill(8, pairs))[3] == 1


# --- members that AssemblyScript compiled --------------------------------------------------------------------


@pytest.mark.parametrize("shape", [WORDS, TEXTS, NUMBERS, NODES], ids=lambda shape: shape.type)
def test_compiled_members_are_called(shape: Shape) -> None:
    """Where the module exports them, its own members are called, and the glue has none of that code."""
    instance = host(LINKING)
    names = {"string": "~lib/string/String", "Node": "inline/Node"}
    arguments = ",".join(names.get(each, each) for each in shape.types)
    prefix = f"~lib/{'map/Map' if shape.value else 'set/Set'}<{arguments}>#"
    compiled = {name: prefix + name for name in (shape.setter, "delete", "clear")}
    assert all(instance.binary.function(export) for export in compiled.values())
    for chosen in ({}, *({name: export} for name, export in compiled.items()), compiled):
        glue = MapGlue(instance, shape, chosen)
        for name, export in compiled.items():
            assert (f'"{export}"' in glue.source) == (name in chosen)
        assert ("(func $rehash" in glue.source) == (not {shape.setter, "delete"} <= set(chosen))
        assert ("(func $renew" in glue.source) == (chosen != compiled)
        run(
            glue, [("put", 0, 24), ("collect", 0, 1), ("delete", 3, 20), ("put", 9, 12), ("clear", 0, 1), ("put", 1, 2)]
        )
        pairs = [tuple(SAMPLES[type_][at] for type_ in (shape.key, shape.value) if type_) for at in (3, 4, 3)]
        assert glue.snapshot(glue.fill(8, pairs))[3] == 2


def test_an_export_of_another_type_is_not_called() -> None:
    """A name that stands for something else is left alone."""
    glue = MapGlue(host(LINKING), WORDS, {"set": "churn", "delete": "missing", "clear": "__new"})
    run(glue, [("put", 0, 24), ("delete", 3, 20), ("clear", 0, 1)])
