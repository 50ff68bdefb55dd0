"""What generic classes and their parametrisations are to a type checker."""

# mypy: disable-error-code="empty-body"

from typing import Generic, TypeVar, assert_type

from wasmbind import AscClass, AscModule, AscRecord, f64, i32, string

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


class Line(AscClass):
    text: string

    def __init__(self, text: string) -> None: ...


class Box(AscClass, Generic[T]):
    value: T
    next: "Box[T] | None"

    def __init__(self, value: T) -> None: ...
    def get(self) -> T: ...
    def put(self, value: T) -> "Box[T]": ...
    def many(self) -> list[T]: ...
    @property
    def best(self) -> T: ...

    def both(self) -> tuple[T, T]:
        return self.get(), self.value


class Crate(Box[T], Generic[T]):
    label: string


class Numbers(Box[i32]):
    def add(self, by: i32) -> i32: ...


class Pair(AscClass, Generic[K, V]):
    key: K
    value: Box[V]


class Point(AscRecord, Generic[T]):
    x: T
    y: T


class Boxes(AscModule, wasm="boxes.wasm", classes=[Numbers, Crate[i32], Box[string]]):
    def ints(self, value: i32) -> Box[i32]: ...
    def words(self) -> list[Box[string]]: ...
    def pair(self) -> Pair[string, Line]: ...
    def point(self) -> Point[f64]: ...
    def total(self, box: Box[i32]) -> i32: ...


def results(boxes: Boxes) -> None:
    box = boxes.ints(3)
    assert_type(box, Box[int])
    assert_type(box.value, int)
    assert_type(box.get(), int)
    assert_type(box.best, int)
    assert_type(box.many(), list[int])
    assert_type(box.both(), tuple[int, int])
    assert_type(box.next, Box[int] | None)
    assert_type(box.put(3).value, int)
    assert_type(boxes.words()[0].get(), str)
    box.value = 4
    box.next = box


def nested(boxes: Boxes) -> None:
    pair = boxes.pair()
    assert_type(pair.key, str)
    assert_type(pair.value, Box[Line])
    assert_type(pair.value.get().text, str)


def constructing(boxes: Boxes) -> None:
    assert_type(boxes[Box[i32]](3), Box[int])
    assert_type(boxes[Box[i32]](3).get(), int)
    assert_type(boxes[Box[Line]](boxes[Line]("a")).value.text, str)
    assert_type(boxes[Box[i32]], type[Box[int]])
    with boxes.active():
        assert_type(Box[i32](7).value, int)
        assert_type(Box[string]("a").get(), str)


def deriving(boxes: Boxes) -> None:
    numbers = boxes[Numbers](3)
    assert_type(numbers.value, int)
    assert_type(numbers.add(1), int)
    assert_type(boxes.total(numbers), int)
    crate = boxes[Crate[i32]](3)
    assert_type(crate.value, int)
    assert_type(crate.label, str)
    assert_type(boxes.total(crate), int)


def records(boxes: Boxes) -> None:
    assert_type(boxes.point().x, float)
    assert_type(boxes[Point[f64]](1, y=2.5), Point[float])
    assert_type(boxes[Point[i32]](x=1, y=2).y, int)
