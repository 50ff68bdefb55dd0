"""What collections are to a type checker: by value what Python has, live a sequence, mapping or set of its own."""

# mypy: disable-error-code="empty-body"

from collections.abc import Iterable, Mapping, MutableMapping, MutableSequence, MutableSet, Sequence
from typing import assert_type

from wasmbind import (
    Array,
    AscClass,
    AscModule,
    Float64Array,
    Int32Array,
    Map,
    Set,
    StaticArray,
    f64,
    i32,
    string,
)


class Line(AscClass):
    s: string

    def __init__(self, s: string) -> None: ...


class File(AscClass):
    lines: Array[Line]
    widths: StaticArray[i32]
    samples: Float64Array
    index: Map[string, i32]
    tags: Set[string]
    words: list[string]

    def __init__(self) -> None: ...


class Files(AscModule, wasm="files.wasm"):
    shared: Array[f64]

    def lines(self) -> Array[Line]: ...
    def index(self) -> Map[string, Array[Line]]: ...
    def tags(self) -> Set[string]: ...
    def samples(self) -> Float64Array: ...
    def counts(self, words: dict[string, i32]) -> dict[string, list[Line]]: ...
    def unique(self, words: set[string]) -> set[string]: ...
    def pair(self) -> tuple[f64, f64]: ...
    def data(self, content: bytes) -> bytes: ...
    def total(self, values: Sequence[f64]) -> f64: ...
    def index_of(self, words: Mapping[string, i32], which: Iterable[i32]) -> None: ...


def by_value(files: Files) -> None:
    """Copies are Python's own types."""
    assert_type(files.counts({"a": 1}), dict[str, list[Line]])
    assert_type(files.unique({"a"}), set[str])
    assert_type(files.pair(), tuple[float, float])
    assert_type(files.data(b"x"), bytes)


def live_into_by_value(files: Files) -> None:
    """What takes a sequence or a mapping takes live ones."""
    files.total(files.shared)
    files.total(files.samples())
    files.index_of(files[Map[string, i32]]({"a": 1}), [1, 2])


def arrays(files: Files) -> None:
    """A live array is a mutable sequence; its slices are lists."""
    lines: MutableSequence[Line] = files.lines()
    assert_type(files.lines(), Array[Line])
    assert_type(files.lines()[0], Line)
    assert_type(files.lines()[1:], list[Line])
    assert_type(files.lines().pop(), Line)
    assert_type([line.s for line in lines], list[str])
    files.lines()[0] = Line("x")
    files.lines()[:2] = [Line("x")]
    files.lines().append(Line("y"))
    files.lines().sort(key=lambda line: line.s, reverse=True)
    assert_type(files.lines().copy(), list[Line])


def typed_arrays(files: Files) -> None:
    """Typed arrays are sequences of numbers that can be set."""
    samples = files.samples()
    assert_type(samples[0], float)
    assert_type(list(samples), list[float])
    samples[0] = 1
    samples[1:3] = [0.5, 1.5]
    assert_type(files[Int32Array]([1, 2])[0], int)


def maps(files: Files) -> None:
    """A live map is a mutable mapping."""
    index: MutableMapping[str, Array[Line]] = files.index()
    assert_type(files.index()["a"], Array[Line])
    assert_type(files.index().get("a"), Array[Line] | None)
    assert_type(files.index().copy(), dict[str, Array[Line]])
    for word, lines in index.items():
        assert_type(word, str)
        assert_type(lines, Array[Line])


def sets(files: Files) -> None:
    """A live set is a mutable set."""
    tags: MutableSet[str] = files.tags()
    assert_type(files.tags() | {"a"}, set[str])
    assert_type(sorted(tags), list[str])
    files.tags().add("b")


def fields(file: File, files: Files) -> None:
    """Reading a live field gives the live type; what is assigned may be Python's own."""
    assert_type(file.lines, Array[Line])
    assert_type(file.index, Map[str, int])
    file.lines = [Line("x")]
    file.lines = files.lines()
    file.widths = [1, 2]
    file.widths[0] = 3
    file.samples = [0.5]
    file.index = {"a": 1}
    file.tags = {"a"}
    file.words = ["a"]
    files.shared = (0.5, 1.5)


def making(files: Files) -> None:
    """A live collection is made by its type, in an instance or in the current one."""
    assert_type(files[Array[f64]]([0.5]), Array[float])
    assert_type(files[Map[string, i32]]({"a": 1}), Map[str, int])
    assert_type(files[Float64Array](3), Float64Array)
    with files.active():
        assert_type(Array[i32]([1]), Array[int])
        assert_type(Set[string](["a"]), Set[str])


class Node(AscClass):
    maybe: Array[i32] | None
    weights: Array[f64]


def assigned(node: Node, files: Files) -> None:
    """What was assigned does not change what is read; null where it is declared."""
    node.weights = [1.0]
    assert_type(node.weights, Array[f64])
    node.weights.tolist()
    files.total(node.weights)
    node.maybe = [1]
    maybe = node.maybe
    if maybe is not None:
        maybe.append(2)
