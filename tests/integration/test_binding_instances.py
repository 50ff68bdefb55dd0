"""Which instance: one class in several modules, bare classes, defaults, `module[Cls]`, inherited modules."""

# mypy: disable-error-code="empty-body"

from __future__ import annotations

from typing import Annotated

import pytest

from tests.compiling import compile_asc
from tests.integration.lazy_binary import LazyBinary
from wasmbind import (
    AscClass,
    AscModule,
    BindError,
    DeclarationError,
    InstanceError,
    Name,
    export,
    f64,
    i32,
    string,
)

NAMES = LazyBinary(
    "instances.wasm",
    """
export let callCount: i32 = 0;
export class Line {
  constructor(public text: string) {}
}
export class Tree {
  constructor(public height: i32) {}
}
export function countCalls(by: i32): i32 { callCount += by; return callCount; }
export function first(line: Line): string { return line.text.charAt(0); }
""",
    compiler="classic",
)


class Line(AscClass):
    text: string

    def __init__(self, text: string) -> None: ...


class Tree(AscClass):
    height: i32

    def __init__(self, height: i32) -> None: ...


class Names(AscModule, wasm=NAMES):
    def first(self, line: Line) -> string: ...


def test_one_class_in_two_modules() -> None:
    """A class serves every module that mentions it; each object belongs to its own instance."""

    class Reader(AscModule, wasm=NAMES):
        def first(self, line: Line) -> string: ...

    names, reader = Names(), Reader()
    own, other = names[Line]("own"), reader[Line]("other")
    assert (names.first(own), reader.first(other)) == ("o", "o")
    assert type(own) is type(other) is Line
    with pytest.raises(InstanceError, match="this Line belongs to another instance") as raised:
        reader.first(own)
    assert raised.value.reason == "foreign"


def test_one_class_in_two_binaries() -> None:
    """The same class reads fields at offsets in one binary and through accessors in another."""
    stock = compile_asc("""
export class Line { text: string; constructor(text: string) { this.text = text; } }
export function line(text: string): Line { return new Line(text); }
""")

    class Stock(AscModule, wasm=stock):
        def line(self, text: string) -> Line: ...

    names, other = Names(), Stock()
    for line in (names[Line]("abc"), other.line("abc"), names[Line]("abc")):
        assert line.text == "abc"
        line.text = "def"
        assert repr(line) == "Line(text='def')"
    with pytest.raises(BindError, match=r"Line\.__init__: .* no members of any class in inline\.wasm"):
        other[Line]("abc")


def test_bare_classes_need_an_instance() -> None:
    """A bare `Cls(...)` uses the innermost block, and says what to do where there is none."""
    with pytest.raises(InstanceError, match=r"Line has no active instance: write `module\[Line\]") as raised:
        Line("nowhere")
    assert raised.value.reason == "missing"
    with Names() as outer:
        with Names() as inner:
            assert isinstance(Line("x"), inner[Line])
        assert isinstance(Line("x"), outer[Line])


def test_default_instance() -> None:
    """`Module.default()` makes one instance that bare classes use where no block is active."""

    class Own(AscClass, name="Line"):
        text: string

        def __init__(self, text: string) -> None: ...

    class Defaulting(AscModule, wasm=NAMES):
        @export("first")
        def initial(self, line: Own) -> string: ...

    default = Defaulting.default()
    assert Defaulting.default() is default
    assert default.initial(Own("text")) == "t"
    with Defaulting() as active:
        assert active.initial(Own("active")) == "a"
    assert isinstance(Own("again"), default[Own])
    default.close()
    renewed = Defaulting.default()
    assert renewed is not default
    assert isinstance(Own("renewed"), renewed[Own])
    renewed.close()


def test_methods_run_in_the_instance_of_self() -> None:
    """Inside a Python method, a bare class belongs to the instance of `self`."""

    class Copying(Line):
        def copied(self) -> Line:
            return Line(self.text)

    class Copies(Names, wasm=NAMES):
        def made(self, text: str) -> Line:
            return Line(text)

    names = Names()
    assert isinstance(names[Copying]("x").copied(), names[Line])
    copies = Copies()
    assert isinstance(copies.made("y"), copies[Line])


def test_modules_inherit_declarations() -> None:
    """A module class has what its bases declare, with its own binary or theirs."""

    class Counting(AscModule):
        call_count: Annotated[i32, Name("callCount")]

        @export("countCalls")
        def count(self, by: i32) -> i32: ...

    class Bound(Counting, wasm=NAMES):
        def first(self, line: Line) -> string: ...

    class Pythonic(Bound):
        def twice(self, by: int) -> int:
            self.count(by)
            return self.count(by)

    bound = Bound()
    assert (bound.count(2), bound.call_count, bound.first(bound[Line]("x"))) == (2, 2, "x")
    assert Pythonic().twice(3) == 6


def test_class_that_no_function_mentions() -> None:
    """`module[Cls]` verifies and binds a class when it is first asked for."""

    class Bare(AscModule, wasm=NAMES):
        @export("countCalls")
        def count(self, by: i32) -> i32: ...

    class Wrong(AscClass, name="Tree"):
        height: f64
        weight: i32

    bare = Bare()
    assert bare[Tree](4).height == 4
    with pytest.raises(BindError) as raised:
        bare[Wrong]
    assert [mismatch.who for mismatch in raised.value.mismatches] == ["Wrong.height", "Wrong.weight"]
    assert bare[Line]("x").text == "x"


def test_only_declared_classes_are_bound() -> None:
    """`module[Cls]` refuses what is no declared class."""
    names = Names()
    with pytest.raises(DeclarationError, match=r"Names\[int\]: is not a declared class"):
        names[int]


def test_class_methods_run_in_the_instance_of_a_bound_class() -> None:
    """A Python class method called on `module[Cls]` constructs in that module."""

    class Joined(Line):
        @classmethod
        def of(cls, *words: str) -> Joined:
            return cls(" ".join(words))

    names = Names()
    joined = names[Joined].of("a", "b")
    assert (type(joined), joined.text) == (Joined, "a b")
    assert isinstance(joined, names[Joined])
    with Names() as active:
        assert isinstance(Joined.of("c"), active[Joined])
