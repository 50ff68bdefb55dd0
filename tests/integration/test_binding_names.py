"""How declarations find what they name: names on both sides, scopes, postponed annotations."""

# mypy: disable-error-code="empty-body"

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated

import pytest

from tests.integration.lazy_binary import LazyBinary
from wasmbind import (
    AscClass,
    AscModule,
    DeclarationError,
    InstanceError,
    Name,
    export,
    f64,
    i32,
    string,
)

if TYPE_CHECKING:
    from wasmbind import u8 as octet

NAMES = LazyBinary(
    "names.wasm",
    """
export let from: i32 = 11;
export let callCount: i32 = 0;
export const ownLimit: f64 = 2.5;
export enum Level { Low = 1, High = 9 }
export class Line {
  text: string;
  lineNumber: i32 = 0;
  in: i32 = 5;
  constructor(text: string) { this.text = text; }
  withNumber(lineNumber: i32): Line { this.lineNumber = lineNumber; return this; }
  get textLength(): i32 { return this.text.length; }
  static fromNumber(value: i32): Line { return new Line(value.toString()); }
}
export class Tree {
  owner: Forest | null = null;
  constructor(public height: i32) {}
}
export class Forest {
  trees: Tree[] = [];
  plant(tree: Tree): i32 { tree.owner = this; return this.trees.push(tree); }
}
export function forest(): Forest { return new Forest(); }
export function countCalls(by: i32): i32 { callCount += by; return callCount; }
export function first(line: Line): string { return line.text.charAt(0); }
export function raise(level: Level): Level { return level == Level.Low ? Level.High : Level.Low; }
export function four(self: i32, runtime: i32, me: i32, plan: i32): i32 {
  return self + 10 * runtime + 100 * me + 1000 * plan;
}
export function close(value: u8): u8 { return value + 1; }
""",
    compiler="classic",
)


class Line(AscClass, rename="camel"):
    text: string
    line_number: i32
    start: Annotated[i32, Name("in")]

    def __init__(self, text: string) -> None: ...
    def with_number(self, line_number: i32) -> Line: ...
    @property
    def text_length(self) -> i32: ...
    @staticmethod
    def from_number(value: i32) -> Line: ...


class Sentence(AscClass, name="Line"):
    text: string

    def __init__(self, text: string) -> None: ...
    @property
    @export("textLength")
    def size(self) -> i32: ...
    @size.setter
    def size(self, value: int) -> None:
        self.text = self.text[:value]

    @staticmethod
    @export("fromNumber")
    def spell(value: i32) -> Sentence: ...


class Level(enum.IntEnum):
    Low = 1
    High = 9


class Names(AscModule, wasm=NAMES, rename="camel"):
    call_count: i32
    origin: Annotated[i32, Name("from")]

    @property
    def own_limit(self) -> f64: ...
    def count_calls(self, by: i32) -> i32: ...
    def first(self, line: Line) -> string: ...
    @export("raise")
    def raise_(self, level: Level) -> Level: ...


class Forests(AscModule, wasm=NAMES, namespace={"octet": int}):
    def forest(self) -> Forest: ...


class Forest(AscClass):
    trees: list[Tree]

    def __init__(self) -> None: ...
    def plant(self, tree: Tree) -> i32: ...


class Tree(AscClass):
    owner: Forest | None
    height: i32

    def __init__(self, height: i32) -> None: ...


def test_camel_case_renames_members() -> None:
    """`rename="camel"` binds snake_case fields, methods, accessors, statics, globals and functions."""
    with Names() as names:
        line = Line.from_number(42).with_number(7)
        assert (line.text, line.line_number, line.text_length) == ("42", 7, 2)
        line.line_number = 8
        assert line.with_number(line.line_number + 1).line_number == 9
        assert (names.count_calls(2), names.call_count, names.own_limit) == (2, 2, 2.5)
        names.call_count = 5
        assert names.count_calls(by=1) == 6
        assert names.first(line) == "4"


def test_names_that_python_cannot_write() -> None:
    """`Annotated[T, Name(...)]` names fields and globals, `@export` functions, whatever Python reserves."""
    with Names() as names:
        assert names.origin == 11
        names.origin = -1
        assert names.origin == -1
        assert names.raise_(Level.Low) is Level.High
        assert Line("x").start == 5


def test_class_name_option() -> None:
    """`name=` binds a class under another name, `@export` stands below `@property`; Python setters stay."""

    class Sentences(AscModule, wasm=NAMES):
        def first(self, line: Sentence) -> string: ...

    sentences = Sentences()
    sentence = sentences[Sentence]("abcdef")
    assert sentence.size == 6
    sentence.size = 2
    assert (sentence.text, sentence.size, sentences.first(sentence)) == ("ab", 2, "a")
    assert sentences[Sentence].spell(5).text == "5"


def test_two_classes_of_one_name() -> None:
    """Two Python classes may stand for one AssemblyScript class: a result is of the one it is declared as."""

    class Both(AscModule, wasm=NAMES):
        @export("first")
        def of_line(self, line: Line) -> string: ...
        @export("first")
        def of_sentence(self, line: Sentence) -> string: ...

    both = Both()
    line, sentence = both[Line]("line"), both[Sentence]("sentence")
    assert (both.of_line(line), both.of_sentence(sentence)) == ("l", "s")
    assert (type(line.with_number(1)), type(both[Sentence].spell(1))) == (Line, Sentence)


def test_circular_references() -> None:
    """Classes that mention each other, before they are defined, are bound together."""
    with Forests() as forests:
        forest, tree = forests.forest(), Tree(3)
        assert forest.plant(tree) == 1
        assert tree.owner is forest
        assert forest.trees == [tree]
        assert Forest().plant(Tree(1)) == 1


def test_function_local_classes() -> None:
    """Classes inside a function find each other, forwards too."""

    class Plants(AscModule, wasm=NAMES):
        @export("forest")
        def wood(self) -> Wood: ...

    class Wood(AscClass, name="Forest"):
        trees: list[Oak]

        def plant(self, tree: Oak) -> i32: ...

    class Oak(AscClass, name="Tree"):
        height: i32

        def __init__(self, height: i32) -> None: ...

    with Plants() as plants:
        wood = plants.wood()
        assert type(wood) is Wood
        assert wood.plant(Oak(2)) == 1
        assert wood.trees[0].height == 2


def test_names_for_type_checkers_only() -> None:
    """A name imported under TYPE_CHECKING is a clear error until `namespace=` gives it."""
    from wasmbind import u8  # noqa: PLC0415 - given by hand below

    class Without(AscModule, wasm=NAMES):
        @export("close")
        def increase(self, value: octet) -> octet: ...

    class Given(AscModule, wasm=NAMES, namespace={"octet": u8}):
        @export("close")
        def increase(self, value: octet) -> octet: ...

    with pytest.raises(DeclarationError, match=r"uses the name 'octet', which is not defined") as raised:
        Without()
    assert "namespace={...}" in str(raised.value.fix)
    assert Given().increase(255) == 0


def test_reserved_names_are_declared_through_export() -> None:
    """A function called like a method of AscModule gets another name; `close` still closes."""

    class Reserved(AscModule, wasm=NAMES):
        @export("close")
        def close_as(self, value: i32) -> i32: ...

    reserved = Reserved()
    assert reserved.close_as(1) == 2
    reserved.close()
    with pytest.raises(InstanceError, match="already closed"):
        reserved.close_as(1)


def test_python_methods_that_return_constants_stay_python() -> None:
    """Only `...`, a docstring and NotImplementedError make a declaration; a returned constant is Python."""

    class Kind(Line):
        def kind(self) -> str:
            return "line"

        def size(self) -> int:
            """The size."""
            return 2

    with Names():
        assert (Kind("x").kind(), Kind("x").size()) == ("line", 2)


def test_parameters_of_any_name() -> None:
    """No parameter name collides with what generated code calls its own things, nor with `self`."""

    class Four(AscModule, wasm=NAMES):
        # `self` is the name of a parameter here.
        def four(this, self: i32, runtime: i32, me: i32, plan: i32) -> i32: ...  # noqa: N805  # pyright: ignore[reportSelfClsParameterName]

    assert Four().four(1, 2, 3, 4) == 4321
    assert Four().four(plan=4, me=3, runtime=2, self=1) == 4321
