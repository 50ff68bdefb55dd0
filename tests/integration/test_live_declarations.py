"""Live types in declarations: what a wrong one is told to be, generic classes, globals, copies of objects with them."""

# mypy: disable-error-code="empty-body"

from typing import Any, Generic, TypeVar

import numpy as np
import pytest

from tests.compiling import compile_asc
from wasmbind import (
    Array,
    AscClass,
    AscModule,
    BindError,
    DataView,
    Float32Array,
    LowerTypeError,
    Map,
    Set,
    StaticArray,
    Uint16Array,
    asdict,
    f32,
    f64,
    i32,
    string,
)

T = TypeVar("T")
SOURCE = """
export class Box<T> {
  items: T[] = [];
  named: Map<string, T> = new Map();
  add(item: T): i32 { return this.items.push(item); }
}
export function numbers(): Box<i32> { return new Box<i32>(); }
export function words(): Box<string> { return new Box<string>(); }

export class Node {
  view: DataView = new DataView(new ArrayBuffer(4));
  next: Node | null = null;
  nodes: Node[] = [];
  index: Map<string, Node> = new Map();
  tags: Set<string> = new Set();
  raw: Uint8Array = new Uint8Array(2);
}
export function node(): Node { return new Node(); }

export let shared: f64[] = [1, 2];
export function total(): f64 { return shared.reduce<f64>((sum, each) => sum + each, 0); }
export function count(values: i32[] = [1, 2, 3]): i32 { return values.length; }
export function mean(values: f64[]): f64 { return values.length; }

export function floats(a: StaticArray<f32>): StaticArray<f32> { return a; }
export function shorts(a: Uint16Array): Uint16Array { return a; }
export function names(): Set<string> { return new Set<string>(); }
export function lists(): Map<string, Array<i32>> { return new Map(); }
"""


class Box(AscClass, Generic[T]):
    items: Array[T]
    named: Map[string, T]

    def add(self, item: T) -> i32: ...


class Node(AscClass):
    view: DataView
    next: "Node | None"
    nodes: "Array[Node]"
    index: "Map[string, Node]"
    tags: Set[string]
    raw: bytes


class Right(AscModule, wasm=compile_asc(SOURCE, transform=True)):
    shared: Array[f64]

    def numbers(self) -> Box[i32]: ...
    def words(self) -> Box[string]: ...
    def node(self) -> Node: ...
    def total(self) -> f64: ...
    def count(self, values: Array[i32] = ...) -> i32: ...
    def mean(self, values: list[f64]) -> f64: ...
    def lists(self) -> Map[string, Array[i32]]: ...


class Wrong(AscModule, wasm=compile_asc(SOURCE, transform=True)):
    def floats(self, a: Array[f32]) -> Float32Array: ...
    def shorts(self, a: StaticArray[i32]) -> Uint16Array: ...
    def names(self) -> Set[i32]: ...
    def lists(self) -> "Map[string, list[f64]]": ...


@pytest.fixture(scope="module")
def right() -> Right:
    """An instance, shared by all tests."""
    return Right()


def test_wrong_live_types_are_told_the_live_type() -> None:
    """Who declares the collection itself is not told to declare a copy of it."""
    with pytest.raises(BindError) as caught:
        Wrong()
    fixes = {mismatch.who: mismatch.fix for mismatch in caught.value.mismatches}
    assert fixes == {
        "Wrong.floats(a)": "annotate `a: StaticArray[f32]`",
        "Wrong.floats -> result": "annotate `-> StaticArray[f32]`",
        "Wrong.shorts(a)": "annotate `a: Uint16Array`",
        "Wrong.names -> result": "annotate `-> Set[string]`",
        "Wrong.lists -> result": "annotate `-> Map[string, Array[i32]]`",
    }


def test_live_fields_of_generic_classes(right: Right) -> None:
    """Type arguments are put into live types too."""
    numbers, words = right.numbers(), right.words()
    numbers.items = [1, 2]
    assert numbers.add(3) == 3
    assert numbers.items == [1, 2, 3]
    numbers.named["four"] = 4
    words.items.append("a")
    assert numbers.named == {"four": 4}
    assert words.items == ["a"]
    with pytest.raises(LowerTypeError, match=r"Array<string>\.append"):
        words.items.append(1)  # type: ignore[arg-type]  # the mistake


def test_globals_and_optional_parameters(right: Right) -> None:
    """A live global is a field of the module; where a live parameter is left out, AssemblyScript makes its own."""
    right.shared = [5, 6]
    right.shared.append(4)
    assert (right.total(), right.count(), right.count(right[Array[i32]]([1]))) == (15.0, 3, 1)


def test_what_setdefault_gives_is_live(right: Right) -> None:
    """A list that becomes an array is changed through the array."""
    lists: Any = right.lists()
    lists.setdefault("a", []).append(1)
    lists.setdefault("a", [9]).append(2)
    assert lists["a"] == [1, 2]


def test_copies_of_objects_with_collections(right: Right) -> None:
    """`asdict` goes through collections, cycles included."""
    node = right.node()
    node.view.setInt16(0, 0x0102)
    node.nodes = [node]
    node.index["self"] = node
    node.tags = {"x"}
    found = asdict(node)
    assert found["view"] == b"\x01\x02\x00\x00"
    assert found["nodes"][0] is found
    assert found["index"] == {"self": found}
    assert (found["tags"], found["raw"], found["next"]) == ({"x"}, b"\x00\x00", None)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_numbers_keep_both_halves_or_none(right: Right, dtype: str) -> None:
    """NumPy would leave the imaginary parts out."""
    with pytest.raises(LowerTypeError, match="expects no complex numbers"):
        right.mean(np.array([1 + 2j], dtype=dtype))  # type: ignore[arg-type]  # the mistake
