"""Lists and tuples by value: what is taken, which kind of AssemblyScript array it becomes, what is refused."""

from __future__ import annotations

import ctypes
from array import array
from collections import UserList
from typing import Any, NamedTuple

import numpy as np
import pytest

from tests.integration.sequences_module import SCHEMA, STOCK, Color, Node, collect, start
from wasmbind import (
    Array,
    InstanceError,
    LiftError,
    LowerRangeError,
    LowerTypeError,
    LowerValueError,
    f64,
    i32,
    string,
)


@pytest.fixture(scope="module", params=[*STOCK, *SCHEMA])
def module(request: pytest.FixtureRequest) -> Any:
    """An instance of every build."""
    return start(request.param)


@pytest.fixture(scope="module", params=SCHEMA)
def kinds(request: pytest.FixtureRequest) -> Any:
    """An instance of a build with a schema."""
    return start(request.param)


# --- numbers in bulk -----------------------------------------------------------------------------------------

NUMBERS = ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64"]
DTYPES = ["b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", ">i4", ">f8", ">u2"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_of_other_formats(module: Any, name: str, dtype: str) -> None:
    """An ndarray of any type of number is taken if its numbers are; those of floats for integers are not."""
    values = np.array([0, 1, 1, 0, 1], dtype)
    takes = getattr(module, f"of_{name}")
    for given in (values, values[::2], values[::-1], values[:0]):
        if values.dtype.kind == "f" and name[0] != "f" and len(given):
            with pytest.raises(LowerTypeError, match=r"v\[0\]"):
                takes(given)
        else:
            assert takes(given) == given.tolist()


def test_buffers(module: Any) -> None:
    """Arrays of every format, ctypes, memory views and bytes are taken for the numbers that they hold."""
    for code in "bBhHiIlLqQfd":
        given = array(code, [1, 2, 3])
        assert module.of_f64(given) == module.of_f64(memoryview(given)) == [1.0, 2.0, 3.0]
        if code not in "fd":
            assert module.of_i64(given) == module.of_u8(given) == [1, 2, 3]
    assert module.of_f64((ctypes.c_double * 2)(1.5, 2.5)) == module.of_f32((ctypes.c_float * 2)(1.5, 2.5)) == [1.5, 2.5]
    assert module.of_i32((ctypes.c_int32 * 3)(-1, 0, 1)) == [-1, 0, 1]
    assert module.of_u8(b"ab") == module.of_u8(bytearray(b"ab")) == module.of_u8(memoryview(b"ab")) == [97, 98]
    assert module.of_i16(memoryview(b"\xff\0ab").cast("h")) == [255, 25185]
    assert module.of_i32(memoryview(b"ab")) == [97, 98]
    assert module.of_i64(np.array([-(2**63), 2**63 - 1])) == [-(2**63), 2**63 - 1]
    assert module.of_u64(np.array([2**64 - 1], "u8")) == [2**64 - 1]


def test_other_sequences(module: Any) -> None:
    """Whatever can be iterated over is taken, and read once before anything is made."""

    class Pair(NamedTuple):
        x: int
        y: int

    for given in (Pair(1, 2), UserList([1, 2]), iter([1, 2]), range(1, 3), {1: 0, 2: 0}, np.array([[1], [2]])[:, 0]):
        assert module.of_f64(given) == [1.0, 2.0]
    assert module.of_f32([1e300, 0.1, 1]) == [np.inf, float(np.float32(0.1)), 1.0]
    assert module.of_f64([np.float32(0.5), True, 3]) == [0.5, 1.0, 3.0]


WRONG: list[tuple[str, Any, type[Exception], str]] = [
    ("of_f64", [1, 2, "x"], LowerTypeError, "v[2]): f64 expects a float, got 'x' (str)"),
    ("of_f64", 5, LowerTypeError, "v): Array<f64> expects a list, got 5 (int)"),
    ("of_f64", "12", LowerTypeError, "v): Array<f64> expects a list or another sequence, got '12' (str)"),
    ("of_f64", b"12", LowerTypeError, "v): Array<f64> expects a list or another sequence, got b'12' (bytes)"),
    ("of_i8", b"12", LowerTypeError, "v): Array<i8> expects a list or another sequence, got b'12' (bytes)"),
    ("of_f64", np.array(1.0), LowerTypeError, "v): Array<f64> expects a list, got array(1.) (ndarray)"),
    ("of_f64", np.ones((2, 2)), LowerTypeError, "v): Array<f64> expects one dimension, not 2, got array("),
    ("lists", np.ones((1, 2, 3)), LowerTypeError, "v[0]): Array<f64> expects one dimension, not 2, got array("),
    ("of_i32", np.array(["a"]), LowerTypeError, "v[0]): i32 expects an int, got "),
    ("of_i32", np.array(["2020"], "M8[D]"), LowerTypeError, "v[0]): i32 expects an int, got "),
    ("of_f64", [10**400], LowerRangeError, "v[0]): f64 cannot hold so large an int"),
    ("of_i32", [0, 2**31], LowerRangeError, "v[1]): i32 holds -2147483648 to 2147483647, got 2147483648 (int)"),
    ("of_i32", np.array([0, 0, 2**40]), LowerRangeError, "v[2]): i32 holds -2147483648 to 2147483647, got 10995"),
    ("of_u8", np.array([1, -1], "i1"), LowerRangeError, "v[1]): u8 holds 0 to 255, got -1 (int)"),
    ("of_u64", array("b", [0, -1]), LowerRangeError, "v[1]): u64 holds 0 to 18446744073709551615, got -1 (int)"),
    ("bools", [True, 1], LowerTypeError, "v[1]): bool expects True or False, got 1 (int)"),
    ("bools", np.array([0, 1]), LowerTypeError, "v[0]): bool expects True or False, got 0 (int)"),
    ("colors", [5, 4], LowerValueError, "v[1]): Color has the values [0, 5], got 4 (int)"),
    ("nodes", [None], LowerTypeError, "v[0]): expected Node, got None (NoneType)"),
    ("lists", [[1], [2, None]], LowerTypeError, "v[1][1]): f64 expects a float, got None (NoneType)"),
    ("lists", [[1], 2], LowerTypeError, "v[1]): Array<f64> expects a list, got 2 (int)"),
    ("of_f32", np.zeros(1 << 28), LowerValueError, "268435456 elements are more than AssemblyScript allocates"),
    ("of_f64", np.zeros(1 << 28), LowerValueError, "268435456 elements are more than AssemblyScript allocates"),
    ("blob", "x", LowerTypeError, "v): ArrayBuffer expects bytes, got 'x' (str)"),
    ("blob", [1, 2], LowerTypeError, "v): ArrayBuffer expects bytes, got [1, 2] (list)"),
    ("blob", 5, LowerTypeError, "v): ArrayBuffer expects bytes, got 5 (int)"),
    ("blob", None, LowerTypeError, "v): ArrayBuffer expects bytes, got None (NoneType)"),
    ("blob", np.ones(2), LowerTypeError, "v): ArrayBuffer expects bytes, not elements of 8 bytes, got array("),
    ("blob", np.zeros(1 << 31, "u1"), LowerValueError, "2147483648 elements are more than AssemblyScript allocates"),
    ("pair", (1, 2, 3), LowerValueError, "v): 2 elements are declared, 3 given, got (1, 2, 3) (tuple)"),
    ("pair", [], LowerValueError, "v): 2 elements are declared, 0 given, got [] (list)"),
    ("pair", np.arange(3, dtype="i4"), LowerValueError, "v): 2 elements are declared, 3 given"),
    ("pair", (1, None), LowerTypeError, "v[1]): i32 expects an int, got None (NoneType)"),
    ("wordPair", ["a"], LowerValueError, "v): 2 elements are declared, 1 given, got ['a'] (list)"),
    ("wordPair", "ab", LowerTypeError, "v): Array<string> expects a list or another sequence, got 'ab' (str)"),
]


@pytest.mark.parametrize(("name", "value", "error", "message"), WRONG, ids=lambda value: str(value)[:20])
def test_refused(module: Any, name: str, value: Any, error: type[Exception], message: str) -> None:
    """What does not fit is refused with the index that is to blame, and nothing is left behind."""
    free = len(module.runtime.free)
    with pytest.raises(error) as caught:
        getattr(module, name)(value)
    assert message in str(caught.value)
    assert type(caught.value) is error
    assert len(module.runtime.free) == free
    assert module.of_f64([1, 2]) == [1.0, 2.0]


def test_bools(module: Any) -> None:
    """Bools are 0 or 1 in memory, whatever bytes an ndarray has for them."""
    odd = np.frombuffer(b"\0\1\2\xff", np.bool_)
    for given in ([False, True, True, True], odd, [np.True_, False, True, np.True_], odd[::-1]):
        assert module.trues(given) == 3
        assert module.bools(given) == [bool(value) for value in given]
    assert module.bools([]) == module.bools(np.zeros(0, bool)) == []


def test_enums(module: Any) -> None:
    """Members and their numbers are taken, also from an array."""
    for given in ([Color.Green, Color.Red], [5, 0], [Color.Green, 0], array("i", [5, 0]), np.array([5, 0])):
        assert module.colors(given) == [Color.Green, Color.Red]


# --- references ----------------------------------------------------------------------------------------------


def test_objects(module: Any) -> None:
    """Objects come back as themselves, and what nothing else refers to outlives a collection in their list."""
    nodes = [module.node(index) for index in range(2_000)]
    assert all(found is node for found, node in zip(module.nodes(nodes), nodes, strict=True))
    maybe = [None, nodes[3], nodes[3], None]
    assert module.maybeNodes(maybe) == maybe
    assert module.nodes([]) == []
    found = module.nodes([module.node(index) for index in range(500)])
    collect(module)
    assert [node.serial for node in found] == list(range(500))


def test_objects_of_another_instance(module: Any) -> None:
    """An object of another instance is named with its index."""
    other = start("modern")
    with pytest.raises(InstanceError, match=r"nodes\(v\[1\]\): this Node belongs to another instance"):
        module.nodes([module.node(1), other.node(2)])


def test_nested_lists(module: Any) -> None:
    """Lists of lists take whatever a list takes."""
    given = [[1.0], (), np.arange(3.0), array("f", [0.5]), range(2)]
    assert module.lists(given) == [[1.0], [], [0.0, 1.0, 2.0], [0.5], [0.0, 1.0]]
    assert module.lists(np.ones((2, 3))) == [[1.0] * 3] * 2
    many = [[float(index)] * (index % 4) for index in range(1_500)]
    assert module.lists(many) == many


def test_kinds_of_arrays(kinds: Any) -> None:
    """The schema says which kind of array a list becomes, nested too."""
    assert kinds.fixed(np.arange(4)) == kinds.fixed(range(4)) == [0, 1, 2, 3]
    assert kinds.fixed(()) == []
    assert kinds.floats([1.5, 1e300]) == [1.5, np.inf]
    assert kinds.clamped(b"\0\xff") == kinds.clamped([0, 255]) == [0, 255]
    with pytest.raises(LowerRangeError, match=r"clamped\(v\[0\]\): u8 holds 0 to 255"):
        kinds.clamped([256])
    assert kinds.sumOf(np.arange(101.0)) == kinds.sumOf(list(range(101))) == 5050
    texts = [f"text {index}" for index in range(1_500)]
    assert kinds.fixedWords(texts) == texts
    nodes = tuple(kinds.node(index) for index in range(50))
    assert kinds.fixedNodes(nodes) == nodes
    lists = [[index] * (index % 3) for index in range(1_000)]
    assert kinds.fixedLists(lists) == lists
    with pytest.raises(LowerTypeError, match=r"fixedLists\(v\[1\]\[0\]\)"):
        kinds.fixedLists([[], ["x"]])


def test_live_arrays(module: Any) -> None:
    """Live arrays are taken for what they hold, copied, whichever instance they belong to."""
    for other in (module, start("modern")):
        numbers, texts = other[Array[f64]](range(1_000)), other[Array[string]](map(str, range(1_000)))
        assert module.of_f64(numbers) == module.of_f32(numbers) == list(range(1_000))
        assert module.words(texts) == module.maybeWords(texts) == [str(index) for index in range(1_000)]
        assert module.bools(other[Array[bool]]([True, False])) == [True, False]
        assert module.of_i16(other[Array[i32]]([-1, 1])) == [-1, 1]
        assert module.colors(other[Array[i32]]([0, 5])) == [Color.Red, Color.Green]
        assert module.lists([numbers, other[Array[f64]]()]) == [list(range(1_000)), []]
        assert module.pair(other[Array[i32]]([3, 4])) == (3, 4)
        for takes, wrong in ((module.of_f64, texts), (module.of_i32, numbers), (module.words, numbers)):
            with pytest.raises(LowerTypeError, match=r"\(v\[0\]\)"):
                takes(wrong)
        with pytest.raises(LowerValueError, match="2 elements are declared, 3 given"):
            module.pair(other[Array[i32]]([1, 2, 3]))
    nodes = [module.node(index) for index in range(20)]
    assert all(a is b for a, b in zip(module.nodes(module[Array[Node]](nodes)), nodes, strict=True))


# --- tuples --------------------------------------------------------------------------------------------------


def test_tuples(module: Any) -> None:
    """A tuple has the declared length, going in and coming out."""
    for given in ((1, 2), [1, 2], iter([1, 2]), np.array([1, 2], "i4"), range(1, 3)):
        assert module.pair(given) == (1, 2)
    assert module.wordPair(["a", "b"]) == ("a", "b")
    assert module.grown([1]) == (1, 3)
    with pytest.raises(LiftError, match="2 elements are declared, 3 found"):
        module.grown((1, 2))


# --- what happens meanwhile ----------------------------------------------------------------------------------


class Meddling:
    """A number whose conversion does something else."""

    def __init__(self, work: Any) -> None:
        self.work = work

    def __index__(self) -> int:
        self.work()
        return 7

    __float__ = __index__


def test_code_of_elements(module: Any) -> None:
    """Elements whose conversion calls the module, collects, or changes the list do no harm."""

    def meddle() -> None:
        module.of_f64([0.25] * 1_000)
        module.words(["other"] * 100)
        collect(module)

    assert module.of_i32([1, Meddling(meddle), 3]) == [1, 7, 3]
    assert module.of_i64(np.array([1, Meddling(meddle)], object)) == [1, 7]
    assert module.pair((Meddling(meddle), 2)) == (7, 2)
    values: list[Any] = [1, 2, 3]
    values[0] = Meddling(values.clear)
    assert module.of_i32(values) == [7, 2, 3]
