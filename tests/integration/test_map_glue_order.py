"""Glue that takes entries from one end of a Map or Set, and moves the others together, next to AssemblyScript."""

import struct
from collections.abc import Iterator
from typing import Any

import pytest

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
    Shape,
    each_build,
    each_marking,
)
from tests.integration.map_source import Build as MapBuild
from tests.integration.test_map_glue_safety import trap_of
from wasmbind._layout import VIEWS

_NONE = -1
INTEGERS = Shape("i32", "f64")


@pytest.fixture(scope="module", autouse=True)
def _end() -> Iterator[None]:
    yield
    forget()


def filled(glue: MapGlue, count: int) -> tuple[int, list[tuple[Any, ...]]]:
    """A map that AssemblyScript filled, and the pairs."""
    # Whether -0.0 becomes a key beside 0.0 depends on the number of buckets at the time.
    pairs = [pair for pair in glue.shape.pairs(*range(count)) if str(pair[0]) != "-0.0"]
    ptr = glue.new(8)
    for pair in pairs:
        glue.put(ptr, pair, own=False)
    return ptr, pairs


def same(found: Any, expected: Any) -> bool:
    """Whether two results are equal; NaN is."""
    return repr(found) == repr(expected)


def check(glue: MapGlue, ptr: int, pairs: list[tuple[Any, ...]], absent: list[tuple[Any, ...]]) -> None:
    """Whether AssemblyScript and the glue find these keys, with their values, and no others."""
    instance, shape = glue.host, glue.shape
    assert instance.words(ptr + 20, 1) == (len(pairs),)
    for pair in pairs:
        key = instance.lower(shape.key, pair[0], Host.KEY)
        is_nan = pair[0] != pair[0]
        assert glue.by_assemblyscript("has", ptr, key) == (not is_nan), pair
        assert bool(glue.call("find", ptr, key)) == (not is_nan), pair
        if shape.value is not None and not is_nan:
            value = glue.by_assemblyscript("get", ptr, key)
            assert same(glue.call("get", ptr, key), [value, 1]), pair
    for pair in absent:
        key = instance.lower(shape.key, pair[0], Host.KEY)
        assert not glue.by_assemblyscript("has", ptr, key), pair
    rows = glue.snapshot(ptr)[-1]
    assert sum(not row[0] for row in rows) == len(pairs)


def words_of(glue: MapGlue, ptr: int, index: int) -> tuple[int, ...]:
    """An entry as it lies in memory."""
    stride = glue.layout.stride
    entries = glue.host.words(ptr + 8, 1)[0]
    return glue.host.words(entries + stride * index, stride // 4)


def take(glue: MapGlue, ptr: int) -> int:
    """Take the last entry, and return its index."""
    index = int(glue.call("last", ptr))
    assert glue.call("take", ptr, index, *words_of(glue, ptr, index)) == 1
    return index


# --- from the end --------------------------------------------------------------------------------------------


@each_build
@pytest.mark.parametrize("key", KEYS)
def test_taking_the_last(build: MapBuild, key: str) -> None:
    """One after the other goes from the end without a trace; the others are found, and new ones can be put in."""
    for shape in [shape for shape in SHAPES if shape.key == key]:
        glue = host(build).glue(shape)
        ptr, pairs = filled(glue, len(SAMPLES[key]))
        for left in reversed(range(len(pairs))):
            assert take(glue, ptr) == left
            assert glue.host.words(ptr + 16, 2) == (left, left)
            if left % 7 == 0:
                check(glue, ptr, pairs[:left], pairs[left:])
        assert glue.call("last", ptr) == _NONE
        assert not any(glue.snapshot(ptr)[4]), "no bucket leads anywhere"
        for pair in pairs:
            glue.put(ptr, pair, own=False)
        check(glue, ptr, pairs, [])


@each_build
def test_deleted_ones_at_the_end(build: MapBuild) -> None:
    """What has been deleted at the end is passed by, and in time the others are moved together."""
    for shape in (WORDS, TEXTS, NODES, INTEGERS, NUMBERS):
        glue = host(build).glue(shape)
        count = len(SAMPLES[shape.key]) - 3
        ptr, pairs = filled(glue, count)
        keys = [glue.host.lower(shape.key, pair[0], Host.KEY) for pair in pairs[-2:-1]]
        assert glue.by_assemblyscript("delete", ptr, *keys)
        pairs.pop(-2)
        moved = 0
        while pairs:
            before = glue.host.words(ptr + 16, 1)[0]
            take(glue, ptr)
            pairs.pop()
            moved += glue.host.words(ptr + 16, 1)[0] < before - 1
            check(glue, ptr, pairs, [])
        assert moved, "once everything was moved together"


@pytest.mark.parametrize("part", ["index", "word", "deleted"])
def test_only_what_was_seen_is_taken(part: str) -> None:
    """An entry that is no longer the last one, or has changed, stays."""
    for shape in (WORDS, NUMBERS, TEXTS):
        glue = host(STOCK).glue(shape)
        ptr, pairs = filled(glue, 6)
        index = glue.call("last", ptr)
        words = list(words_of(glue, ptr, index))
        if part == "index":
            index -= 1
            words = list(words_of(glue, ptr, index))
            before = glue.snapshot(ptr)
        elif part == "word":
            before = glue.snapshot(ptr)
            words[0] ^= 1
        else:
            assert glue.by_assemblyscript("delete", ptr, glue.host.lower(shape.key, pairs[-1][0], Host.KEY))
            before = glue.snapshot(ptr)
        assert glue.call("take", ptr, index, *words) == 0
        assert glue.snapshot(ptr) == before


# --- from the start ------------------------------------------------------------------------------------------


@each_marking
def test_removing_from_the_start(build: MapBuild) -> None:
    """As if AssemblyScript had deleted them, but that deleted entries are moved away in time."""
    for shape in (INTEGERS, Shape("string", "string")):
        glue = host(build).glue(shape)
        given = [(index, float(index)) if shape is INTEGERS else (f"key {index}", f"v{index}") for index in range(300)]
        ptr = glue.new(8)
        for pair in given:
            glue.put(ptr, pair, own=False)
        least = 300
        for done, pair in enumerate(given[:290], 1):
            assert glue.call("remove", ptr, glue.host.lower(shape.key, pair[0], Host.KEY)) == 1
            assert glue.call("remove", ptr, glue.host.lower(shape.key, pair[0], Host.KEY)) == 0
            first = glue.call("first", ptr, 0)
            assert first**2 <= 16 * glue.host.words(ptr + 16, 1)[0]
            assert words_of(glue, ptr, first)[glue.layout.next // 4] & 1 == 0
            least = min(least, first)
            if done % 29 == 0:
                check(glue, ptr, given[done:], given[:done])
                for index, kept in enumerate(given[done:]):
                    if shape is INTEGERS:
                        assert words_of(glue, ptr, first + index)[0] == kept[0], "the order is as it was"
        assert least == 0


def test_the_ends() -> None:
    """Where there is no live entry, `first` gives the end, and `last` -1."""
    glue = host(STOCK).glue(WORDS)
    ptr = glue.new(8)
    assert (glue.call("first", ptr, 0), glue.call("last", ptr)) == (0, _NONE)
    ptr, pairs = filled(glue, 4)
    assert [glue.call("first", ptr, at) for at in (0, 3, 4, 9)] == [0, 3, 4, 9]
    for pair in pairs:
        glue.by_assemblyscript("delete", ptr, glue.host.lower("string", pair[0], Host.KEY))
    end = glue.host.words(ptr + 16, 1)[0]
    assert (glue.call("first", ptr, 0), glue.call("last", ptr)) == (end, _NONE)


# --- values --------------------------------------------------------------------------------------------------


@each_build
def test_values(build: MapBuild) -> None:
    """`get`, `insert` and `pop` give the value and whether there was one."""
    instance = host(build)
    for shape in SHAPES:
        if shape.value is None:
            continue
        glue = instance.glue(shape)
        ptr, pairs = filled(glue, 9)
        for pair, other in zip(pairs, reversed(pairs), strict=True):
            key = instance.lower(shape.key, pair[0], Host.KEY)
            if pair[0] != pair[0]:
                continue
            expected = glue.by_assemblyscript("get", ptr, key)
            value = instance.lower(shape.value, other[1], Host.VALUE)
            assert same(glue.call("insert", ptr, key, value), [expected, 1])
            assert same(glue.call("get", ptr, key), [expected, 1])
            assert same(glue.call("pop", ptr, key), [expected, 1])
            if shape.value not in VIEWS:
                assert instance.words(4 * instance.slots, 1) == (expected,), "it is held"
            assert glue.call("pop", ptr, key) == [0, 0]
            assert glue.call("get", ptr, key) == [0, 0]
            assert glue.call("insert", ptr, key, value) == [0, 0]
            assert same(glue.call("get", ptr, key), [value, 1])
            assert same(glue.by_assemblyscript("get", ptr, key), value)


def test_compiled_members() -> None:
    """Where AssemblyScript's own `delete` is called, entries are moved together all the same."""
    instance = host(LINKING)
    prefix = "~lib/map/Map<~lib/string/String,i8>#"
    glue = MapGlue(instance, WORDS, {name: prefix + name for name in ("set", "delete", "clear")})
    assert "(func $rehash" not in glue.source
    ptr = glue.new(8)
    for index in range(100):
        glue.put(ptr, (f"key {index}", index), own=True)
    for index in range(60):
        assert glue.call("remove", ptr, instance.lower("string", f"key {index}", Host.KEY)) == 1
    assert glue.call("first", ptr, 0) < 60
    while instance.words(ptr + 20, 1)[0] > 10:
        take(glue, ptr)
    check(glue, ptr, [(f"key {index}", index) for index in range(60, 70)], [("key 0", 0), ("key 70", 0)])


# --- maps that lie -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", range(6))
@pytest.mark.parametrize("lie", [0, 1, 7, 0x7FFFFFF0, 0xFFFFFFFF])
def test_lies_end(word: int, lie: int) -> None:
    """Whatever the fields of a map say, everything ends."""
    instance = Host(STOCK)
    for shape in (Shape("i32", "i8"), NUMBERS):
        glue = instance.glue(shape)
        for name in ("first", "last", "take", "remove"):
            ptr, pairs = filled(glue, 20)
            for pair in pairs[:18]:
                glue.by_assemblyscript("delete", ptr, pair[0])
            last = glue.call("last", ptr)
            words = words_of(glue, ptr, last)
            instance.write(ptr + 4 * word, struct.pack("<I", lie))
            arguments = {"first": (0,), "last": (), "take": (last, *words), "remove": (pairs[18][0],)}[name]
            trap_of(glue, name, ptr, *arguments)
