"""Run-time type information: real tables are understood, anything else is refused."""

from __future__ import annotations

import functools
from array import array

import pytest
import wasmtime
from hypothesis import given
from hypothesis import strategies as st

from tests.compiling import Compiler, compile_asc
from wasmbind import _descriptors as d
from wasmbind._schema import rtti as flags
from wasmbind._schema.abis import find_abi
from wasmbind._schema.binary import read_binary
from wasmbind._schema.rtti import Rtti, RttiError, element_flags, read_rtti

SOURCE = """
export class Base { a: i32; }
export class Derived extends Base { b: f64; }
export class Other { s: string = ""; }
enum Color { Red }
export function bases(): Base { return new Base(); }
export function deriveds(): Derived { return new Derived(); }
export function others(): Other { return new Other(); }
export function i8s(): i8[] { return [1]; }
export function u8s(): u8[] { return [1]; }
export function i16s(): i16[] { return [1]; }
export function u32s(): u32[] { return [1]; }
export function i32s(): i32[] { return [1]; }
export function i64s(): i64[] { return [1]; }
export function f32s(): f32[] { return [1]; }
export function f64s(): f64[] { return [1]; }
export function bools(): bool[] { return [true]; }
export function strings(): string[] { return ["a"]; }
export function objects(): Base[] { return [new Base()]; }
export function nested(): string[][] { return [["a"]]; }
export function statics(): StaticArray<f64> { return [1.0]; }
export function typed(): Float64Array { return new Float64Array(1); }
export function maps(): Map<string, i32> { return new Map<string, i32>(); }
export function sets(): Set<i32> { return new Set<i32>(); }
export function text(): string { return "a".concat("b"); }
export function buffer(): ArrayBuffer { return new ArrayBuffer(8); }
"""
COMPILERS: list[Compiler] = ["modern", "classic"]


class Line:
    pass


LISTS: dict[str, d.Descriptor] = {
    "i8s": d.INTEGERS["i8"],
    "u8s": d.INTEGERS["u8"],
    "i16s": d.INTEGERS["i16"],
    "u32s": d.INTEGERS["u32"],
    "i32s": d.INTEGERS["i32"],
    "i64s": d.INTEGERS["i64"],
    "f32s": d.F32,
    "f64s": d.F64,
    "bools": d.BOOL,
    "strings": d.STRING,
    "objects": d.ObjectOf(Line),
    "nested": d.ListOf(d.STRING),
}


def ignore(*_: object) -> None:
    """Stand in for `abort`."""


@functools.cache
def table(compiler: Compiler) -> tuple[array[int], dict[str, int]]:
    """The words from `__rtti_base` on, and the run-time id of what each function returns."""
    data = compile_asc(SOURCE, compiler=compiler).read_bytes()
    store = wasmtime.Store()
    abort = wasmtime.Func(store, wasmtime.FuncType([wasmtime.ValType.i32()] * 4, []), ignore)
    instance = wasmtime.Instance(store, wasmtime.Module(store.engine, data), [abort])
    exports = instance.exports(store)
    memory, base = exports["memory"], exports["__rtti_base"]
    assert isinstance(memory, wasmtime.Memory)
    assert isinstance(base, wasmtime.Global)
    ids = {}
    for name in read_binary(data).functions():
        function = exports[name]
        if not name.startswith("__") and isinstance(function, wasmtime.Func) and "#" not in name:
            ptr = function(store)
            assert isinstance(ptr, int)
            ids[name] = int.from_bytes(memory.read(store, ptr - 8, ptr - 4), "little")
    start = base.value(store)
    assert isinstance(start, int)
    words = array("I")
    words.frombytes(bytes(memory.read(store, start, start + 4096)))
    return words, ids


def read(compiler: Compiler) -> tuple[Rtti, dict[str, int]]:
    """The table as it is understood, and the ids."""
    words, ids = table(compiler)
    return read_rtti(words), ids


def arrays_of(found: Rtti, element: d.Descriptor) -> list[int]:
    """The ids of the classes of arrays of such elements."""
    return found.arrays.get(element_flags(element), [])


@pytest.mark.parametrize("compiler", COMPILERS)
def test_well_known_ids(compiler: Compiler) -> None:
    """The ids of String and ArrayBuffer are those of real strings and buffers."""
    found, ids = read(compiler)
    assert (found.string_id, found.buffer_id) == (ids["text"], ids["buffer"])
    assert found.view_id == found.string_id + 1
    assert found.buffer_id == (1 if compiler == "modern" else 0)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_bases(compiler: Compiler) -> None:
    """Where the table holds bases (asc 0.18 to 0.22) a class descends from them and from nothing else."""
    found, ids = read(compiler)
    base, derived, other = ids["bases"], ids["deriveds"], ids["others"]
    assert found.base_of(base) is None
    assert found.base_of(derived) == (base if compiler == "classic" else None)
    assert bool(found.bases) == (compiler == "classic")
    assert found.descends(derived, base) == (compiler == "classic")
    assert found.descends(derived, derived)
    assert not found.descends(base, derived)
    assert not found.descends(other, base)
    assert not found.descends(1 << 20, base)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", LISTS)
def test_arrays_are_found_by_element(compiler: Compiler, name: str) -> None:
    """The class of an array of each element is among those found for it."""
    found, ids = read(compiler)
    assert ids[name] in arrays_of(found, LISTS[name])
    assert found.holds(ids[name], element_flags(LISTS[name]))
    assert found.kind_of(ids[name]) & flags.ARRAY


@pytest.mark.parametrize("compiler", COMPILERS)
def test_numbers_are_not_confused(compiler: Compiler) -> None:
    """Arrays of numbers of different width, sign or kind are told apart."""
    found, ids = read(compiler)
    for name, element in LISTS.items():
        for other, other_element in LISTS.items():
            if element_flags(element) != element_flags(other_element):
                assert ids[other] not in arrays_of(found, element), (name, other)
    assert ids["i32s"] not in arrays_of(found, d.F32)
    assert ids["i64s"] not in arrays_of(found, d.F64)
    assert ids["u32s"] not in arrays_of(found, d.STRING)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_kinds(compiler: Compiler) -> None:
    """Static arrays, typed arrays, maps, sets and plain classes are told apart."""
    found, ids = read(compiler)
    assert found.kind_of(ids["statics"]) == flags.STATIC_ARRAY
    assert found.kind_of(ids["typed"]) == flags.VIEW
    assert found.kind_of(ids["maps"]) == flags.MAP
    assert found.kind_of(ids["sets"]) == flags.SET
    assert found.kind_of(ids["bases"]) == found.kind_of(ids["text"]) == 0
    assert found.holds(ids["statics"], element_flags(d.F64))
    assert found.holds(ids["typed"], element_flags(d.F64))
    assert ids["statics"] not in arrays_of(found, d.F64)
    assert ids["typed"] not in arrays_of(found, d.F64)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_unknown_ids(compiler: Compiler) -> None:
    """An id outside the table has no flags and no kind, and a negative one is not counted from the end."""
    found, _ = read(compiler)
    for rt_id in (-1, len(found.flags), 1 << 31):
        assert found.flags_of(rt_id) is None
        assert found.kind_of(rt_id) == 0


def test_an_enum_is_an_i32() -> None:
    """Elements of an enum are flagged like i32, and a nullable reference like one that is not."""
    import enum  # noqa: PLC0415 - only here

    color = enum.IntEnum("color", "Red")
    assert element_flags(d.Enumeration(color)) == element_flags(d.INTEGERS["i32"])
    assert element_flags(d.Nullable(d.STRING)) == element_flags(d.STRING)


# --- doctored tables ----------------------------------------------------------------------------------------


def doctored(compiler: Compiler, **changes: int) -> array[int]:
    """A real table with some words changed, given as `w3=...`."""
    words = array("I", table(compiler)[0])
    for name, value in changes.items():
        words[int(name[1:])] = value
    return words


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("count", [0, 1, 2, 1 << 16, 0xFFFFFFFF])
def test_impossible_counts(compiler: Compiler, count: int) -> None:
    """A table of too few or too many classes is refused."""
    with pytest.raises(RttiError, match=f"claims {count} classes"):
        read_rtti(doctored(compiler, w0=count))


@pytest.mark.parametrize("compiler", COMPILERS)
def test_table_outside_memory(compiler: Compiler) -> None:
    """A table that does not fit between its start and the end of memory is refused."""
    words = table(compiler)[0]
    count = words[0]
    for length in range(1 + count * (2 if compiler == "classic" else 1)):
        with pytest.raises(RttiError):
            read_rtti(words[:length])


@pytest.mark.parametrize("length", range(5))
def test_no_room_for_a_table(length: int) -> None:
    """Fewer words than the smallest table has are refused."""
    with pytest.raises(RttiError, match="end of memory"):
        read_rtti([3] * length)


def test_counted_references() -> None:
    """Up to asc 0.17 ArrayBufferView is flagged too; up to 0.9 the flags after ARRAY stand one bit lower."""
    array, elements = flags.ARRAY, element_flags(d.INTEGERS["i32"])
    counted = read_rtti([4, 0x20, 0, 0x20, 0, 0x20, 0, array | elements, 0])
    lowered = read_rtti([4, 0x10, 0, 0x10, 0, 0x10, 0, array | elements >> 1, 0])
    assert (counted.counted, counted.lowered, lowered.counted, lowered.lowered) == (True, False, True, True)
    assert counted.flags == lowered.flags
    assert counted.arrays == lowered.arrays == {elements: [3]}
    with pytest.raises(RttiError, match="first classes"):  # the flags of 0.9, and a view that is not flagged
        read_rtti([3, 0x10, 0, 0x10, 0, 0, 0])
    with pytest.raises(RttiError, match="base classes"):
        read_rtti([3, 0x20, 0, 0x20, 3, 0x20, 0])


@pytest.mark.parametrize("compiler", COMPILERS)
def test_wrong_first_classes(compiler: Compiler) -> None:
    """A table whose first classes are not ArrayBuffer, String and ArrayBufferView is refused."""
    found, _ = read(compiler)
    stride = 2 if compiler == "classic" else 1
    for rt_id, wrong in [
        (found.buffer_id, 0x42),
        (found.string_id, 0x42),
        (found.view_id, flags.POINTER_FREE | flags.ARRAY),
        (found.view_id, flags.ARRAY),
    ]:
        with pytest.raises(RttiError):
            read_rtti(doctored(compiler, **{f"w{1 + rt_id * stride}": wrong}))


def test_table_that_contradicts_the_exports() -> None:
    """The table of a runtime that counts references is read, and does not go with the exports of a collector."""
    found, _ = read("classic")
    types = read_rtti(doctored("classic", **{f"w{1 + found.view_id * 2}": flags.POINTER_FREE}))
    assert types.counted
    known = find_abi(read_binary(compile_asc(SOURCE, compiler="classic").read_bytes()), types, ())
    assert (known.abi.usable, known.problem) == (
        False,
        (
            "the type table is that of asc 0.17 or 0.10 to 0.16, and the exports (__new, __pin, __unpin) are those of"
            " asc 0.18 or later"
        ),
    )


@pytest.mark.parametrize(("depth", "circle"), [(300, False), (2, True), (10_000, False)])
def test_classes_that_derive_from_too_many(depth: int, circle: bool) -> None:
    """Whoever walks along the bases of every class gets to an end soon."""
    words = [*table("classic")[0]]
    count = words[0]
    words = [count + depth, *words[1 : 1 + 2 * count]]
    for index in range(depth):
        words += [0, count + index - 1 if index or not circle else count + depth - 1]
    with pytest.raises(RttiError, match="derives from more than 256 others"):
        read_rtti(array("I", words))


@given(st.lists(st.integers(0, 2**32 - 1), max_size=40))
def test_random_words(words: list[int]) -> None:
    """Any words are a table or an RttiError; a table's well-known ids lie inside it."""
    try:
        found = read_rtti(words)
    except RttiError:
        return
    assert 0 <= found.buffer_id < found.string_id < found.view_id < len(found.flags)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=10), st.integers(-2, 12), st.integers(-2, 12))
def test_circles_of_bases_end(bases: list[int], rt_id: int, ancestor: int) -> None:
    """Whatever the bases say, asking who descends from whom ends."""
    found = Rtti(tuple([0] * len(bases)), tuple(bases), {}, 0, 1, 2)
    assert found.descends(rt_id, ancestor) in (True, False)
    assert found.descends(rt_id, rt_id)


def test_error_is_a_value_error() -> None:
    """Callers that know nothing of wasmbind catch it as ValueError."""
    assert issubclass(RttiError, ValueError)
