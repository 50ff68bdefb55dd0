"""Binaries with a schema: classes that are bound in one thread while others use them or bind them too.

Nothing here depends on how threads happen to be switched: one stops at the place in question until the other is
through, or waits for a lock.
"""

# mypy: disable-error-code="empty-body"

import builtins
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import pytest

from tests.integration.lazy_binary import LazyBinary
from wasmbind import AscClass, AscModule, i32
from wasmbind import _declared as declared
from wasmbind import _install as install
from wasmbind._bind import Binding
from wasmbind._class_table import ClassTable
from wasmbind._classes import ClassBinding
from wasmbind._declarations import read_declaration

T = TypeVar("T")
PATIENCE = 60  # seconds until a test that will never end fails

SHAPES = LazyBinary(
    "shapes.wasm",
    """
export class Shape { n: i32 = 1; }
export class Square extends Shape { side: i32 = 2; }
export class Circle extends Shape { radius: i32 = 3; }
export class Line {
  _v: i32 = 1;
  get v(): i32 { return this._v; }
  set v(to: i32) { this._v = to; }
  twice(): i32 { return this._v * 2; }
  static make(): Line { return new Line(); }
}
export function shape(): Shape { return new Shape(); }
export function square(): Shape { return new Square(); }
export function circle(): Shape { return new Circle(); }
""",
    transform=True,
)


class Shape(AscClass):
    n: i32


class Namesake(AscClass, name="Shape"):
    n: i32


class Square(Shape):
    side: i32


def new_module() -> Any:
    """An instance of a module class of its own, to which only `Shape` and its namesake are bound."""

    class Shapes(AscModule, wasm=SHAPES, classes=[Namesake, Shape]):
        def shape(self) -> Namesake: ...
        def square(self) -> Shape: ...
        def circle(self) -> Shape: ...

    return Shapes()


def new_line() -> type[Any]:
    """A class that no module has seen yet."""
    result = i32

    class Line(AscClass):
        def __init__(self) -> None: ...
        @property
        def v(self) -> "result": ...  # type: ignore[valid-type]  # a local name, which only the frame knows
        @v.setter
        def v(self, to: i32) -> None: ...
        def twice(self) -> i32: ...
        @staticmethod
        def make() -> "Line": ...

    return Line


def start(work: Callable[[], T]) -> Future[T]:
    """Do something in another thread."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it comes out where the result is asked for
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


class Watched:
    """A lock that tells when a thread wants it."""

    def __init__(self) -> None:
        self._lock, self._wanted = threading.RLock(), threading.Event()

    def __enter__(self) -> None:
        self._wanted.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def race(self, work: Callable[[], T]) -> Future[T]:
        """Do something in another thread, until that has to wait for the lock, or came through without."""
        self._wanted.clear()
        future = start(work)
        future.add_done_callback(lambda _: self._wanted.set())
        assert self._wanted.wait(PATIENCE)
        return future


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """The lock of whoever writes onto Python classes, watched."""
    watched = Watched()
    monkeypatch.setattr(declared, "writing", watched)
    monkeypatch.setattr(install, "writing", watched)
    return watched


# --- one binding, several instances -------------------------------------------------------------------------


def test_binding_while_results_are_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A class can be bound while another thread goes through the bound classes for that of a result."""
    lifting = new_module()
    other = type(lifting)()
    bound: list[Any] = []

    def is_class(self: ClassBinding) -> bool:
        if self.cls is Namesake and not bound:  # passed over by `circle`, which goes on to the next
            bound.append(None)
            bound[:] = [start(lambda: other[Square]).result(PATIENCE)]
        return self.target is self.cls

    monkeypatch.setattr(ClassBinding, "is_class", property(is_class))
    assert type(lifting.circle()) is Shape
    assert bound == [other[Square]]
    assert type(other.square()) is Square


def test_classes_that_are_being_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread sees a class before it is verified and installed; what asks for it waits until it is."""
    first = new_module()
    second = type(first)()
    line = new_line()
    binding: Binding = first.runtime.binding
    lock, verify = Watched(), ClassTable._verify
    constructed: list[Future[int]] = []
    made: list[Future[int]] = []

    def pausing(self: ClassTable, bound: ClassBinding) -> Any:
        if bound.cls is line and not constructed:
            assert line not in binding.table
            constructed.append(lock.race(lambda: int(second[line]().twice())))
            made.append(lock.race(lambda: int(second[line].make().v)))
            assert not constructed[0].done()
            assert not made[0].done()
        return verify(self, bound)

    monkeypatch.setattr(binding, "_lock", lock)
    monkeypatch.setattr(ClassTable, "_verify", pausing)
    assert first[line]().v == 1
    assert (constructed[0].result(PATIENCE), made[0].result(PATIENCE)) == (2, 1)


def test_classes_bound_after_results_were_lifted() -> None:
    """What results become does not depend on what was lifted before a class was bound, in any instance."""
    first = new_module()
    second = type(first)()
    assert (type(first.square()), type(second.square())) == (Shape, Shape)
    kept = first.square()
    first[Square]
    fresh = type(first)()
    assert [type(each.square()) for each in (first, second, fresh)] == [Square] * 3
    assert (type(kept), kept.n, first.square().side) == (Shape, 1, 2)


# --- several bindings of one class --------------------------------------------------------------------------


def test_declarations_are_read_once(monkeypatch: pytest.MonkeyPatch, writing: Watched) -> None:
    """Two modules that bind a class of a function at once both find the names that its annotations use."""
    first, second = new_module(), new_module()
    line = new_line()
    others: list[Future[int]] = []
    read: list[type[Any]] = []

    def pausing(cls: type[Any]) -> Any:
        read.append(cls)
        if cls is line and read.count(line) == 1:
            others.append(writing.race(lambda: int(second[line]().v)))
        return read_declaration(cls)

    monkeypatch.setattr(declared, "read_declaration", pausing)
    assert first[line]().v == 1
    assert [each.result(PATIENCE) for each in others] == [1]
    assert read.count(line) == 1


def test_members_are_installed_once(monkeypatch: pytest.MonkeyPatch, writing: Watched) -> None:
    """Two modules that bind a class at once leave it with both halves of its accessors."""
    first, second = new_module(), new_module()
    line = new_line()
    others: list[Future[int]] = []

    def pausing(cls: type[Any], name: str, value: object) -> None:
        if cls is line and not others:
            others.append(writing.race(lambda: int(second[line]().v)))
        builtins.setattr(cls, name, value)

    monkeypatch.setattr(install, "setattr", pausing, raising=False)
    made = first[line]()
    assert others[0].result(PATIENCE) == 1
    for each in (made, second[line]()):
        each.v = 5
        assert (each.v, each.twice()) == (5, 10)
