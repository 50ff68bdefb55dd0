"""Live arrays: what elements become, what errors say, what is left behind, and modules that lie about lengths."""

# mypy: disable-error-code="empty-body"

import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.compiling import compile_asc
from wasmbind import (
    Array,
    AscClass,
    AscModule,
    InstanceError,
    LiftError,
    LowerError,
    LowerRangeError,
    LowerTypeError,
    StaticArray,
    f64,
    i32,
    string,
)

SOURCE = """
export class Line { s: string; constructor(s: string) { this.s = s; } }
export function line(s: string): Line { return new Line(s); }
export function lines(n: i32): Line[] {
  const made = new Array<Line>();
  for (let i = 0; i < n; i++) made.push(new Line("line " + i.toString()));
  return made;
}
export function numbers(n: i32): i32[] {
  const made = new Array<i32>();
  for (let i = 0; i < n; i++) made.push(i);
  return made;
}
let rows: f64[][] = [];
let first: f64[] = [];
export function table(n: i32): f64[][] {
  rows = [];
  for (let i = 0; i < n; i++) rows.push([<f64>i]);
  first = rows[0];
  return rows;
}
export function keepsFirst(): bool { return rows[0] === first; }
export function words(a: StaticArray<string>): StaticArray<string> { return a; }
export function holes(n: i32): Line[] { return new Array<Line>(n); }
export function join(a: Line[]): string { return a.map<string>((each) => each.s).join(","); }
export function lie(a: i32[], length: i32): void { store<i32>(changetype<usize>(a), length, 12); }
"""


class Line(AscClass):
    s: string


class Arrays(AscModule):
    def line(self, s: string) -> Line: ...
    def lines(self, n: i32) -> Array[Line]: ...
    def numbers(self, n: i32) -> Array[i32]: ...
    def table(self, n: i32) -> Array[list[f64]]: ...
    def keepsFirst(self) -> bool: ...
    def words(self, a: StaticArray[string]) -> StaticArray[string]: ...
    def holes(self, n: i32) -> Array[Line]: ...
    def join(self, a: Array[Line]) -> string: ...
    def lie(self, a: Array[i32], length: i32) -> None: ...


@pytest.fixture(scope="module", params=["stock", "schema"])
def arrays(request: pytest.FixtureRequest) -> Iterator[Arrays]:
    """An instance of each build, shared by all tests."""
    wasm = compile_asc(SOURCE, transform=request.param == "schema")
    cls: type[Arrays] = types.new_class("Built", (Arrays,), {"wasm": wasm})
    module = cls()
    yield module
    module.close()


def test_what_stays_is_the_same_object(arrays: Arrays) -> None:
    """Removing elements does not make the others anew, even those that Python copies."""
    table = arrays.table(6)
    del table[1::2]
    assert arrays.keepsFirst()
    assert table == [[0.0], [2.0], [4.0]]
    del table[::-2]
    assert table == [[2.0]]


def test_elements_that_are_not_there_can_be_removed(arrays: Arrays) -> None:
    """A null that no `Line` can be stands in nobody's way."""
    holes = arrays.holes(5)
    holes[1] = arrays.line("x")
    del holes[2::2]
    holes.reverse()
    assert len(holes) == 3
    assert holes[1].s == "x"
    with pytest.raises(LiftError, match="null found"):
        holes[0]


MISTAKES: list[tuple[Callable[[Any], object], type[LowerError], str]] = [
    (lambda a: a.__setitem__(2, "x"), LowerTypeError, "Array<i32>[2]"),
    (lambda a: a.__setitem__(-1, 1 << 40), LowerRangeError, "Array<i32>[-1]"),
    (lambda a: a.__setitem__(slice(2, 4), [1, "x"]), LowerTypeError, "Array<i32>[2:4] = values[1]"),
    (lambda a: a.__setitem__(slice(None, None, 2), [1, 2, "x"]), LowerTypeError, "Array<i32>[::2] = values[2]"),
    (lambda a: a.extend([1, "x"]), LowerTypeError, "Array<i32>.extend(values[1])"),
    (lambda a: a.__iadd__(value for value in (1, "x")), LowerTypeError, "Array<i32>.extend(values[1])"),
    (lambda a: a.append("x"), LowerTypeError, "Array<i32>.append(value)"),
    (lambda a: a.insert(3, "x"), LowerTypeError, "Array<i32>.insert(value)"),
]


@pytest.mark.parametrize(("use", "error", "path"), MISTAKES)
def test_errors_say_where(arrays: Arrays, use: Callable[[Any], object], error: type[LowerError], path: str) -> None:
    """What does not fit is named as it was given, and nothing has happened."""
    numbers = arrays.numbers(5)
    with pytest.raises(error) as caught:
        use(numbers)
    assert caught.value.path == path
    assert numbers == [0, 1, 2, 3, 4]


def test_two_threads_share_the_elements(arrays: Arrays) -> None:
    """Each element is popped once, whoever pops it."""
    count = 6_000
    numbers = arrays.numbers(count)
    found: list[list[int]] = [[], []]

    def pop_all(mine: list[int]) -> None:
        while True:
            try:
                mine.append(numbers.pop())
            except IndexError:
                return

    threads = [threading.Thread(target=pop_all, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found[0] + found[1]) == list(range(count))


def test_setting_many_references_takes_no_slots(arrays: Arrays) -> None:
    """However many strings are set at once, they need no root slot each."""
    words = arrays.words(arrays[StaticArray[string]](["x"] * 2_000))
    arrays.runtime.collect()
    before = len(arrays.runtime.free)
    words[:] = [str(number) for number in range(2_000)]
    words[::2] = ["even"] * 1_000
    assert words[:4] == ["even", "1", "even", "3"]
    assert abs(len(arrays.runtime.free) - before) < 10


def test_a_live_object_knows_its_class(arrays: Arrays) -> None:
    """The class of a live object makes more of its kind."""
    numbers = arrays.numbers(1)
    assert arrays[type(numbers)]([1, 2]) == [1, 2]
    with arrays.active():
        assert type(numbers)([3]) == [3]
    with pytest.raises(InstanceError, match="no active instance"):
        type(numbers)([3])


LENGTHS = [1 << 20, (1 << 30) - 1, (1 << 31) - 1, -1]
USES: dict[str, Callable[[Any], object]] = {
    "list": list,
    "len": len,
    "tolist": lambda a: a.tolist(),
    "get": lambda a: a[(1 << 20) - 1],
    "slice": lambda a: a[1:],
    "reverse": lambda a: a.reverse(),
    "sort": lambda a: a.sort(),
    "delete stepped": lambda a: a.__delitem__(slice(None, None, 2)),
    "delete": lambda a: a.__delitem__(-1),
    "set slice": lambda a: a.__setitem__(slice(1, 3), [7]),
    "set stepped": lambda a: a.__setitem__(slice(0, 4, 2), [7, 7]),
    "index": lambda a: a.index(7),
    "equal": lambda a: a == [1],
    "view": lambda a: a.view(),
}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", USES)
def test_lengths_that_lie(arrays: Arrays, name: str, length: int) -> None:
    """Where memory does not hold so many elements, that is an error at once, before room is made for them."""
    numbers = arrays.numbers(5)
    arrays.lie(numbers, length)
    try:
        with pytest.raises((LiftError, IndexError)):
            USES[name](numbers)
    finally:
        arrays.lie(numbers, 5)
    assert numbers == [0, 1, 2, 3, 4]
