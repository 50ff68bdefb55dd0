"""Binaries with a schema: generic classes, each parametrisation bound to its instance of the AssemblyScript class."""

# mypy: disable-error-code="empty-body"

from typing import Any, Generic, TypeVar

import pytest

from tests.integration.lazy_binary import LazyBinary
from tests.integration.mismatches import facts
from wasmbind import AscClass, AscModule, AscRecord, DeclarationError, LowerRangeError, f32, f64, i32, string, u8

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

BOXES = LazyBinary(
    "boxes.wasm",
    """
export class Box<T> {
  next: Box<T> | null = null;
  constructor(public value: T) {}
  get(): T { return this.value; }
  put(value: T): this { this.value = value; return this; }
  get shown(): string { return "box"; }
  wrap(): Box<T> { const outer = new Box<T>(this.value); outer.next = this; return outer; }
  both(): T[] { return [this.value, this.value]; }
}
export class Crate<T> extends Box<T> { label: string = "crate"; get shown(): string { return this.label; } }
export class Numbers extends Box<i32> {
  total: i32 = 0;
  constructor() { super(5); }
  add(by: i32): i32 { return this.total += by; }
}
export class Line { constructor(public text: string) {} }
export class Long extends Line { extra: i32 = 1; constructor() { super("long"); } }
export class Pair<K, V> { constructor(public key: K, public value: V) {} }
export class Point<T> { x: T; y: T; }
export function ints(value: i32): Box<i32> { return new Box(value); }
export function words(value: string): Box<string> { return new Box(value); }
export function line(text: string): Box<Line> { return new Box(new Line(text)); }
export function maybe(): Box<Line | null> { return new Box<Line | null>(null); }
export function bytes(): Box<u8> { return new Box<u8>(255); }
export function lists(): Box<i32[]> { return new Box([1, 2]); }
export function crate(value: i32): Crate<i32> { return new Crate(value); }
export function asBox(value: i32): Box<i32> { return new Crate(value); }
export function pair(): Pair<string, Box<Line>> { return new Pair("k", new Box(new Line("deep"))); }
export function pairs(): Pair<i32, Pair<string, Box<Line>>>[] { return [new Pair(3, pair())]; }
export function deep(): Box<Box<Box<i32>>> { return new Box(new Box(new Box(7))); }
export function sum(box: Box<i32>): i32 {
  let sum = 0;
  for (let each: Box<i32> | null = box; each; each = each.next) sum += each.value;
  return sum;
}
export function point(): Point<f64> { return { x: 1, y: 2 }; }
export function length(p: Point<f64>): f64 { return Math.sqrt(p.x * p.x + p.y * p.y); }
""",
    transform=True,
)


class Box(AscClass, Generic[T]):
    next: "Box[T] | None"
    value: T

    def __init__(self, value: T) -> None: ...
    def get(self) -> T: ...
    def put(self, value: T) -> "Box[T]": ...
    @property
    def shown(self) -> string: ...
    def wrap(self) -> "Box[T]": ...
    def both(self) -> list[T]: ...

    def twice(self) -> tuple[T, T]:
        return self.get(), self.value


class Crate(Box[T], Generic[T]):
    label: string


class Numbers(Box[i32]):
    total: i32

    def __init__(self) -> None: ...
    def add(self, by: i32) -> i32: ...


class Line(AscClass):
    text: string

    def __init__(self, text: string) -> None: ...


class Long(Line):
    def __init__(self) -> None: ...


class Pair(AscClass, Generic[K, V]):
    key: K
    value: V

    def __init__(self, key: K, value: V) -> None: ...


class Point(AscRecord, Generic[T]):
    x: T
    y: T = ...  # type: ignore[assignment]  # AssemblyScript's own initialiser


class Boxes(AscModule, wasm=BOXES, classes=[Numbers, Crate[i32], Long]):
    def ints(self, value: i32) -> Box[i32]: ...
    def words(self, value: string) -> Box[string]: ...
    def line(self, text: string) -> Box[Line]: ...
    def maybe(self) -> Box[Line | None]: ...
    def bytes(self) -> Box[u8]: ...
    def lists(self) -> "Box[list[i32]]": ...
    def crate(self, value: i32) -> Crate[i32]: ...
    def asBox(self, value: i32) -> Box[i32]: ...
    def pair(self) -> Pair[string, Box[Line]]: ...
    def pairs(self) -> list[Pair[i32, Pair[string, Box[Line]]]]: ...
    def deep(self) -> Box[Box[Box[i32]]]: ...
    def sum(self, box: Box[i32]) -> i32: ...
    def point(self) -> Point[f64]: ...
    def length(self, p: Point[f64]) -> f64: ...


@pytest.fixture(scope="module")
def boxes() -> Boxes:
    """One instance for all tests of the file."""
    return Boxes()


def test_numbers_strings_and_objects(boxes: Boxes) -> None:
    """Members have the type of the parametrisation, in memory and in calls."""
    number, word, line = boxes.ints(-7), boxes.words("w"), boxes.line("l")
    assert (number.value, number.get(), number.twice(), number.both()) == (-7, -7, (-7, -7), [-7, -7])
    assert (word.value, word.get(), word.twice(), word.both()) == ("w", "w", ("w", "w"), ["w", "w"])
    assert (line.value.text, line.get() is line.value, line.both() == [line.value] * 2) == ("l", True, True)
    number.value, word.value, line.value = 8, "x", boxes[Long]()
    assert (number.get(), word.get(), line.get().text, type(line.get())) == (8, "x", "long", Long)
    assert number.put(9) is number
    assert number.get() == 9


def test_classes_of_results(boxes: Boxes) -> None:
    """A result is an object of the parametrisation, which `isinstance` tells from the others."""
    number, word = boxes.ints(1), boxes.words("w")
    assert type(number) is Box[i32]
    assert isinstance(number, Box)
    ints: Any = Box[i32]  # type checkers leave `isinstance` to bare classes
    texts: Any = boxes[Box[string]]
    assert isinstance(number, ints)
    assert not isinstance(word, ints)
    assert isinstance(word, texts)
    assert not isinstance(number, texts)
    assert number.wrap().next is number


def test_constructing(boxes: Boxes) -> None:
    """Parametrisations construct, on an instance and bare; the template does not."""
    assert boxes[Box[i32]](4).get() == 4
    assert boxes[Box[string]]("s").get() == "s"
    assert boxes[Box[Line]](boxes[Line]("t")).get().text == "t"
    with boxes.active():
        assert Box[i32](5).wrap().value == 5
        assert Pair[string, Box[Line]]("k", Box[Line](Line("v"))).value.value.text == "v"
    with pytest.raises(DeclarationError, match="Box: is generic and has no type arguments"):
        boxes[Box](3)
    with pytest.raises(LowerRangeError):
        boxes[Box[i32]](1 << 40)
    with pytest.raises(TypeError):
        boxes[Box[i32]]("text")  # type: ignore[arg-type]  # the point of the test


def test_other_arguments(boxes: Boxes) -> None:
    """Nullable classes, small integers and lists are type arguments as well."""
    maybe, small, lists = boxes.maybe(), boxes.bytes(), boxes.lists()
    assert (maybe.value, small.value, lists.value) == (None, 255, [1, 2])
    maybe.value, small.value, lists.value = boxes[Line]("x"), 0, [3]
    assert (maybe.get() is maybe.value, small.get(), lists.get()) == (True, 0, [3])
    with pytest.raises(LowerRangeError):
        small.value = 256


def test_nested(boxes: Boxes) -> None:
    """Parametrisations of parametrisations, in lists too."""
    pair = boxes.pair()
    assert (pair.key, pair.value.value.text) == ("k", "deep")
    (outer,) = boxes.pairs()
    assert (outer.key, outer.value.value.get().text) == (3, "deep")
    assert type(outer.value) is Pair[string, Box[Line]]
    assert boxes.deep().get().value.get() == 7


def test_generic_bases(boxes: Boxes) -> None:
    """A generic class that derives from one has its base's members, overridden ones of its own."""
    crate = boxes.crate(6)
    assert (crate.value, crate.label, crate.shown, crate.get()) == (6, "crate", "crate", 6)
    ints: Any = Box[i32]
    crates: Any = Crate[i32]
    assert isinstance(crate, ints)
    assert isinstance(boxes.asBox(1), crates)
    assert boxes.sum(crate) == 6
    crate.next = boxes.ints(4)
    assert boxes.sum(crate) == 10
    assert boxes[Crate[i32]](3).value == 3


def test_class_that_derives_from_a_parametrisation(boxes: Boxes) -> None:
    """`class Numbers extends Box<i32>` is a plain class with the base's members."""
    numbers = boxes[Numbers]()
    assert (numbers.value, numbers.add(3), numbers.total, numbers.get()) == (5, 3, 3, 5)
    assert boxes.sum(numbers) == 5


def test_records(boxes: Boxes) -> None:
    """A generic record is made of its fields."""
    point = boxes[Point[f64]](3, 4)
    assert (point.x, point.y, boxes.length(point)) == (3.0, 4.0, 5.0)
    assert boxes[Point[f64]](1).y == 0.0  # pyright: ignore[reportArgumentType]  # y has a default
    assert (boxes.point().x, boxes.point().y) == (1.0, 2.0)


def test_parametrisations_that_the_binary_has_not() -> None:
    """A type argument that AssemblyScript never used is told with those that it has."""
    found = [facts(Boxes, cls) for cls in (Box[f32], Box[Long], Pair[i32, i32], Box[Box[f64]])]
    assert [each[0][:2] for each in found] == [
        ("Box[f32]", "the class Box<f32>"),
        ("Box[Long]", "the class Box<Long>"),
        ("Pair[i32, i32]", "the class Pair<i32,i32>"),
        ("Box[Box[f64]]", "the class Box<Box<f64>>"),
    ]
    assert found[0][0][2].startswith("only Box<i32>, Box<string>, Box<Line>")


def test_undeclared_type_arguments() -> None:
    """A parameter and a field of another parametrisation are mismatches of their own."""

    class Boxes(AscModule, wasm=BOXES):
        def sum(self, box: Box[string]) -> i32: ...
        def words(self, value: string) -> Box[i32]: ...

    assert [each[:3] for each in facts(Boxes)] == [
        ("Boxes.sum(box)", "Box[string]", "Box<i32>"),
        ("Boxes.words -> result", "Box[i32]", "Box<string>"),
    ]


def test_text_as_an_argument(boxes: Boxes) -> None:
    """A name as text is for annotations; elsewhere it means the class of that name, or is refused as text."""
    named: Any = Box["Line"]
    try:
        assert boxes[named](boxes[Line]("a")).get().text == "a"
    except DeclarationError as error:
        assert "text" in str(error)  # noqa: PT017 - either is as good


def test_plain_class_for_a_generic_one() -> None:
    """A class that is not generic in Python may stand for one parametrisation by its name, and not for several."""

    class IntBox(AscClass, name="Box<i32>"):
        value: i32

        def __init__(self, value: i32) -> None: ...

    class Box(AscClass):
        value: i32

    class Boxes(AscModule, wasm=BOXES):
        def ints(self, value: i32) -> IntBox: ...

    assert Boxes().ints(3).value == 3
    assert Boxes()[IntBox](4).value == 4
    ((who, declared, found, fix),) = facts(Boxes, Box)
    assert (who, declared) == ("Box", "the class Box")
    assert found.startswith("several classes: Box<i32>, ")
    assert "typing.Generic[T]" in fix


def test_function_local_classes() -> None:
    """Generic classes inside of a function bind in two parametrisations, the second after the first was used."""

    class Line(AscClass):  # pyright: ignore[reportUnusedClass]  # named in a string
        text: string

    class Box(AscClass, Generic[T]):
        value: T

        def get(self) -> T: ...

    class Boxes(AscModule, wasm=BOXES):
        def line(self, text: string) -> "Box[Line]": ...

    boxes: Any = Boxes()
    assert boxes.line("a").get().text == "a"
    with boxes.active():
        assert boxes[Box[i32]].__name__ == "Box[i32]"
