"""Binaries with a schema: classes derived from the library's collections, and which array a list becomes."""

# mypy: disable-error-code="empty-body"

import gc

import pytest

from tests.integration.lazy_binary import LazyBinary
from tests.integration.mismatches import facts
from wasmbind import AbortError, AscClass, AscModule, LowerError, f64, i32, string, u8, u16, u32

COLLECTIONS = LazyBinary(
    "collections.wasm",
    """
export class StringMap extends Map<string, string> {
  joined(): string { return this.keys().join(",") + ":" + this.values().join(","); }
}
export class Names extends Array<string> {
  note: string = "note";
  longest(): i32 {
    let longest = 0;
    for (let i = 0; i < this.length; i++) longest = max(longest, this[i].length);
    return longest;
  }
}
export class Tags extends Set<string> {}
export class Line { constructor(public text: string) {} }
export class File { name: string = "file"; lines: Line[] = []; }
export class Longer extends Line { extra: f64 = 0.5; constructor(text: string) { super(text); } }

export function kindOf(value: Object): string {
  if (value instanceof Line[]) return "Array<Line>";
  if (value instanceof File[]) return "Array<File>";
  if (value instanceof Names) return "Names";
  if (value instanceof string[]) return "Array<string>";
  return "?";
}
export function lines(values: Line[]): string { return kindOf(values); }
export function files(values: File[]): string { return kindOf(values); }
export function strings(values: string[]): string { return kindOf(values) + values.join("+"); }
export function maybeStrings(values: (string | null)[]): i32 { return values.length; }
export function maybeLines(values: Array<Line | null>): string { return kindOf(values); }
export function nested(values: Line[][]): string { return kindOf(values[0]) + values[0][0].text; }
export function i32s(values: i32[]): i32 { return values[0]; }
export function u32s(values: u32[]): u32 { return values[0]; }
export function u16s(values: u16[]): u32 { return values[0]; }
export function u8s(values: u8[]): u32 { return values[0]; }
export function bools(values: bool[]): bool { return values[0]; }
export function assign(file: File): string { return kindOf(file.lines) + file.lines.length.toString(); }
export function longer(values: Longer[]): string { return kindOf(values); }
export function named(): Names { const names = new Names(); names.push("a"); names.push("long"); return names; }
export function asArray(): string[] { return named(); }
export function take(names: Names): string { return names.note + names.join("-"); }
export function typed(): Uint8Array { const a = new Uint8Array(3); a[1] = 200; return a; }
export function fixed(): StaticArray<f64> { return [1.5, 2.5]; }
export function map(): StringMap { return new StringMap().set("k", "v") as StringMap; }
""",
    transform=True,
)


class StringMap(AscClass):
    def __init__(self) -> None: ...
    def set(self, key: string, value: string) -> None: ...
    def get(self, key: string) -> string: ...
    def has(self, key: string) -> bool: ...
    def delete(self, key: string) -> bool: ...
    def clear(self) -> None: ...
    def keys(self) -> list[string]: ...
    def values(self) -> list[string]: ...
    @property
    def size(self) -> i32: ...
    def joined(self) -> string: ...


class Names(AscClass):
    note: string
    length: i32

    def __init__(self, length: i32 = ...) -> None: ...
    def push(self, value: string) -> i32: ...
    def pop(self) -> string: ...
    def longest(self) -> i32: ...
    def __getitem__(self, index: i32) -> string: ...
    def __setitem__(self, index: i32, value: string) -> None: ...


class Line(AscClass):
    text: string

    def __init__(self, text: string) -> None: ...


class Longer(Line):
    extra: f64


class File(AscClass):
    name: string
    lines: list[Line]

    def __init__(self) -> None: ...


class Collections(AscModule, wasm=COLLECTIONS, classes=[StringMap, Names, Longer]):
    def lines(self, values: list[Line]) -> string: ...
    def files(self, values: list[File]) -> string: ...
    def strings(self, values: list[string]) -> string: ...
    def maybeStrings(self, values: list[string | None]) -> i32: ...
    def maybeLines(self, values: list[Line | None]) -> string: ...
    def nested(self, values: list[list[Line]]) -> string: ...
    def i32s(self, values: list[i32]) -> i32: ...
    def u32s(self, values: list[u32]) -> u32: ...
    def u16s(self, values: list[u16]) -> u32: ...
    def u8s(self, values: list[u8]) -> u32: ...
    def bools(self, values: list[bool]) -> bool: ...
    def assign(self, file: File) -> string: ...
    def longer(self, values: list[Longer]) -> string: ...
    def named(self) -> Names: ...
    def asArray(self) -> list[string]: ...
    def take(self, names: Names) -> string: ...
    def typed(self) -> list[u8]: ...
    def fixed(self) -> list[f64]: ...
    def map(self) -> StringMap: ...


@pytest.fixture(scope="module")
def module() -> Collections:
    """One instance for all tests of the file."""
    return Collections()


# --- StringMap -----------------------------------------------------------------------------------------------


def test_map(module: Collections) -> None:
    """A class derived from `Map<string, string>` has everything that a map has, without a line of its own."""
    found = module[StringMap]()
    assert found.set("a", "1") is None  # type: ignore[func-returns-value]  # the point of the test
    found.set("b", "2")
    found.set("b", "two")
    assert (found.get("a"), found.get("b"), found.size) == ("1", "two", 2)
    assert (found.has("a"), found.has("c")) == (True, False)
    assert (found.keys(), found.values(), found.joined()) == (["a", "b"], ["1", "two"], "a,b:1,two")
    assert (found.delete("a"), found.delete("a"), found.size) == (True, False, 1)
    found.clear()
    assert (found.size, found.keys()) == (0, [])


def test_missing_keys(module: Collections) -> None:
    """`get` of a key that is not there throws, and the map goes on working."""
    found = module.map()
    with pytest.raises(AbortError, match="Key does not exist"):
        found.get("missing")
    assert found.get("k") == "v"


def test_set_that_returns_the_map(module: Collections) -> None:
    """`set` may be declared with its result, which is the map itself."""

    class Map(AscClass, name="StringMap"):
        def __init__(self) -> None: ...
        def set(self, key: string, value: string) -> "Map": ...
        def joined(self) -> string: ...

    found = module[Map]()
    assert found.set("a", "1").set("b", "2") is found
    assert found.joined() == "a,b:1,2"


def test_set_with_another_result() -> None:
    """A method that returns its own object is declared so or not at all."""

    class Map(AscClass, name="StringMap"):
        def set(self, key: string, value: string) -> i32: ...

    assert [each[:3] for each in facts(Collections, Map)] == [("Map.set -> result", "i32", "this")]


def test_maps_live_as_long_as_python_holds_them() -> None:
    """A thousand entries and a collection later, a map has what was put into it."""
    module = Collections()
    found = module[StringMap]()
    for number in range(1_000):
        found.set(f"key {number}", f"value {number}" * 3)
        if number % 100 == 0:
            module.runtime.collect()
            gc.collect()
    assert found.size == 1_000
    assert [found.get(f"key {number}") for number in (0, 1, 500, 999)] == [
        f"value {number}" * 3 for number in (0, 1, 500, 999)
    ]


def test_set() -> None:
    """A class derived from `Set<string>` has a set's members."""

    class Tags(AscClass):
        def __init__(self) -> None: ...
        def add(self, value: string) -> "Tags": ...
        def has(self, value: string) -> bool: ...
        def values(self) -> list[string]: ...
        @property
        def size(self) -> i32: ...

    tags = Collections()[Tags]()
    assert tags.add("a").add("b").add("a") is tags
    assert (tags.size, tags.values(), tags.has("b"), tags.has("c")) == (2, ["a", "b"], True, False)


# --- arrays --------------------------------------------------------------------------------------------------


def test_class_derived_from_an_array(module: Collections) -> None:
    """A class derived from `Array<string>` is an object with an array's members and its own fields."""
    names = module[Names]()
    assert (names.length, names.note, names.push("ab"), names.push("c")) == (0, "note", 1, 2)
    assert (names[0], names.longest(), names.pop(), names.length) == ("ab", 2, "c", 1)
    names[0] = "abcd"
    names.note = "changed"
    assert module.take(names) == "changedabcd"
    found = module.named()
    assert (type(found), found.longest(), found[1]) == (Names, 4, "long")
    assert module.asArray() == ["a", "long"]


def test_lists_are_arrays_of_exactly_their_type(module: Collections) -> None:
    """Among arrays that are alike in memory, a list becomes the one of its element type."""
    line, file = module[Line]("a"), module[File]()
    assert module.lines([line]) == "Array<Line>"
    assert module.files([file]) == "Array<File>"
    assert module.lines([]) == "Array<Line>"
    assert module.files([]) == "Array<File>"
    assert module.strings(["a", "b"]) == "Array<string>a+b"
    assert module.nested([[line], []]) == "Array<Line>a"
    file.lines = [line, line, module[Longer]("c")]
    assert module.assign(file) == "Array<Line>3"
    assert [each.text for each in file.lines] == ["a", "a", "c"]
    assert module.longer([]) == "?"


def test_lists_of_numbers_of_one_size(module: Collections) -> None:
    """Signs, floats and booleans make different arrays too."""
    assert module.i32s([-1]) == -1
    assert module.u32s([2**32 - 1]) == 2**32 - 1
    assert module.u16s([65535]) == 65535
    assert module.u8s([255]) == 255
    assert module.bools([True, False]) is True


def test_lists_with_null(module: Collections) -> None:
    """`(string | null)[]` is another array than `string[]`."""
    assert module.maybeStrings(["a", None, "b"]) == 3
    assert module.maybeLines([module[Line]("x"), None]) == "?"
    with pytest.raises(TypeError):
        module.strings(["a", None])  # type: ignore[list-item]  # the point of the test


def test_arrays_of_other_kinds_as_lists(module: Collections) -> None:
    """Typed and static arrays come as lists of their elements."""
    assert (module.typed(), module.fixed()) == ([0, 200, 0], [1.5, 2.5])


def test_lists_of_undeclared_elements() -> None:
    """A list whose array the binary does not have is found when binding, by its element type."""

    class Collections(AscModule, wasm=COLLECTIONS):
        def lines(self, values: list[Longer]) -> string: ...
        def i32s(self, values: list[u32]) -> i32: ...
        def strings(self, values: list[string | None]) -> string: ...
        def typed(self) -> list[i32]: ...

    found = [each[:3] for each in facts(Collections)]
    assert found == [
        ("Collections.lines(values)", "Array<Longer>", "Array<Line>"),
        ("Collections.i32s(values)", "Array<u32>", "Array<i32>"),
        ("Collections.strings(values)", "Array<string | null>", "Array<string>"),
        ("Collections.typed -> result", "Array<i32>", "Uint8Array"),
    ]


def test_list_into_a_class_derived_from_an_array() -> None:
    """A plain list is no `Names`, in either direction of a parameter."""

    class Collections(AscModule, wasm=COLLECTIONS):
        def take(self, names: list[string]) -> string: ...

    assert [each[:3] for each in facts(Collections)] == [("Collections.take(names)", "Array<string>", "Names")]


def test_very_long_lists_name_what_failed(module: Collections) -> None:
    """The path of an element that does not fit is in the error."""
    with pytest.raises(LowerError, match=r"Collections.lines\(values\[1\]\)"):
        module.lines([module[Line]("a"), module[File]()])  # type: ignore[list-item]  # the point of the test
