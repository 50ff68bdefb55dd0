"""What host functions, imports and function values are to a type checker."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable
from functools import partial
from typing import assert_type

from wasmbind import Array, AscClass, AscModule, Map, f64, host, i32, python, string, u8


class Line(AscClass):
    s: string
    on_change: Callable[[string], None] | None

    def __init__(self, s: string) -> None: ...


class Hosts(AscModule, wasm="hosts.wasm"):
    handler: Callable[[i32], i32]
    maybe_handler: Callable[[i32], i32] | None

    def each(self, n: i32, f: Callable[[i32], i32]) -> i32: ...
    def show(self, f: Callable[[i32, Line], string]) -> string: ...
    def adder(self) -> Callable[[i32, i32], i32]: ...
    def apply(self, f: Callable[[Callable[[i32], i32]], i32]) -> i32: ...
    def all(self, fs: list[Callable[[i32], i32]]) -> None: ...
    def live(self) -> Array[Callable[[i32], i32]]: ...
    def names(self) -> Map[string, Callable[[], None]]: ...

    @host("env")
    def log(self, message: string) -> None:
        assert_type(message, str)

    @host("env", "line")
    def on_line(self, line: Line | None, count: u8) -> Line | None:
        assert_type(line, Line | None)
        assert_type(count, int)
        return line or Line("new")

    @host("env")
    def give(self, f: Callable[[i32], i32]) -> Callable[[i32], i32]:
        assert_type(f(1), int)
        return lambda a: f(a) + 1

    @host("env")
    def declared(self, value: f64) -> f64: ...

    @host("env")
    @python
    def silent(self) -> None: ...


class Louder(Hosts):
    def log(self, message: str) -> None:
        super().log(message.upper())


class Adder:
    def __call__(self, a: int) -> int:
        return a + 1

    def method(self, a: int) -> int:
        return a + 2


def typed(message: string) -> None:
    """A function that `imports=` may give."""


def starting() -> None:
    Hosts()
    Hosts(imports={"env": {"declared": abs, "log": typed, "limit": 5, "ratio": 0.5}})
    Hosts(imports={"env": {"f": lambda: None}, "other": {}})
    Louder().log("x")


def host_methods_are_methods(hosts: Hosts) -> None:
    hosts.log("x")
    assert_type(hosts.on_line(None, 3), Line | None)
    assert_type(hosts.declared(1.5), float)


def callables(hosts: Hosts) -> None:
    adder = Adder()
    assert_type(hosts.each(3, lambda a: a * 2), int)
    assert_type(hosts.each(3, adder), int)
    hosts.each(3, adder.method)
    hosts.each(3, abs)
    hosts.each(3, partial(max, 3))
    hosts.each(3, hosts.handler)
    assert_type(hosts.show(lambda number, line: f"{number}{line.s}"), str)
    assert_type(hosts.adder(), Callable[[int, int], int])
    assert_type(hosts.adder()(1, 2), int)
    hosts.apply(lambda f: f(1) + f(2))
    hosts.all([adder, abs, hosts.handler])


def variables(hosts: Hosts, line: Line) -> None:
    assert_type(hosts.handler(1), int)
    if hosts.maybe_handler is not None:
        assert_type(hosts.maybe_handler(1), int)
    hosts.handler = abs
    hosts.maybe_handler = None
    line.on_change = print
    line.on_change = None


def elements(hosts: Hosts) -> None:
    assert_type(hosts.live()[0], Callable[[int], int])
    hosts.live().append(abs)
    hosts.names()["x"] = lambda: None
    for function in hosts.live():
        assert_type(function(1), int)
