"""Names of the user's that generated code uses too, called on real modules."""

# mypy: disable-error-code="empty-body"

import enum
from typing import Any

import pytest

from tests.compiling import CompileAsc
from wasmbind import AscClass, AscModule, i32, string
from wasmbind.errors import LowerTypeError

SOURCE = """
export class Line { s: string = "x"; }
export function make(): Line { return new Line(); }
export function status(runtime: i32, count: i32): i32 { return 10 * runtime + count; }
export function plan(plan: string, scratch: string, me: i32): string { return plan + scratch + me.toString(); }
export function attend(value: string): string { return value + "!"; }
export function call_slowly(get_ident: i32, handle: i32 = 5): i32 { return get_ident + handle; }
export function pointers(a: Line, a_ptr: Line, type_of_a: i32): Line { return type_of_a ? a_ptr : a; }
export function defaults(a: i32, default_a: i32, OMITTED: i32 = 3): i32 { return 100 * a + 10 * default_a + OMITTED; }
export function builtins(isinstance: Line, TypeError: i32, OverflowError: string): i32 { return TypeError; }
export function isinstance(line: Line): i32 { return 7; }
export function BaseException(text: string): string { return text; }
export function TypeError(value: i32): i32 { return value; }
"""

FIELDS = """
export enum Color { Red, Green }
export class Names {
  load: i32; store: string = "a"; field_type: Color; lift_enum: Color; lower_enum: Color; lower_bool: bool;
  load_string: string = "b"; load_object: Names | null = null; numbers: i32[] = [];
  runtime: i32; value: string = "c"; IndexError: i32; TypeError: i32; title: string | null = null;
}
export function make(): Names { return new Names(); }
"""


class Color(enum.IntEnum):
    Red = 0
    Green = 1


class Line(AscClass):
    s: string


class Functions(AscModule):
    def make(self) -> Line: ...
    def status(self, runtime: i32, count: i32) -> i32: ...
    def plan(self, plan: string, scratch: string, me: i32) -> string: ...
    def attend(self, value: string) -> string: ...
    def call_slowly(self, get_ident: i32, handle: i32 = ...) -> i32: ...
    def pointers(self, a: Line, a_ptr: Line, type_of_a: i32) -> Line: ...
    def defaults(self, a: i32 = 1, default_a: i32 = 2, OMITTED: i32 = ...) -> i32: ...
    def builtins(self, isinstance: Line, TypeError: i32, OverflowError: string) -> i32: ...  # noqa: A002 - collisions are the test
    def isinstance(self, line: Line) -> i32: ...
    def BaseException(self, text: string) -> string: ...
    def TypeError(self, value: i32) -> i32: ...


class Names(AscClass):
    load: i32
    store: string
    field_type: Color
    lift_enum: Color
    lower_enum: Color
    lower_bool: bool
    load_string: string
    load_object: "Names | None"
    numbers: list[i32]
    runtime: i32
    value: string
    IndexError: i32
    TypeError: i32
    title: string | None


class MakesNames(AscModule):
    def make(self) -> Names: ...


@pytest.fixture
def module(asc: CompileAsc) -> Any:
    """An instance of the functions."""

    class Bound(Functions, wasm=asc(SOURCE)):
        pass

    return Bound()


@pytest.fixture
def names(asc: CompileAsc) -> Any:
    """An object whose fields have the names."""

    class Bound(MakesNames, wasm=asc(FIELDS)):
        pass

    return Bound().make()


def test_parameters_named_like_the_generators_own(module: Any) -> None:
    """Parameters may have any of the names that generated code uses for itself."""
    assert module.status(runtime=4, count=2) == 42
    assert module.plan("a", scratch="b", me=3) == "ab3"
    assert [module.call_slowly(1), module.call_slowly(get_ident=1, handle=2)] == [6, 3]
    first, second = module.make(), module.make()
    assert module.pointers(first, second, 0) is first
    assert module.pointers(a=first, a_ptr=second, type_of_a=1) is second
    assert [module.defaults(), module.defaults(7), module.defaults(1, 2, 9)] == [123, 723, 129]


def test_functions_named_like_the_generators_own(module: Any) -> None:
    """A function may be called like a helper of generated code, and still gets it."""
    assert module.attend("a") == "a!"
    assert module.attend("a" * 2000) == "a" * 2000 + "!"
    with pytest.raises(LowerTypeError):
        module.attend(5)


def test_parameters_named_like_built_ins(module: Any) -> None:
    """Parameters may be called like the built-ins that generated code uses."""
    assert module.builtins(module.make(), 5, "x") == 5
    with pytest.raises(LowerTypeError) as caught:
        module.builtins(module.make(), "five", "x")
    assert caught.value.path == "Functions.builtins(TypeError)"


def test_functions_named_like_built_ins(module: Any) -> None:
    """Functions may be called like the built-ins that generated code uses."""
    assert module.isinstance(module.make()) == 7
    assert module.BaseException("x") == "x"
    with pytest.raises(LowerTypeError):
        module.BaseException(5)
    assert module.TypeError(5) == 5
    with pytest.raises(LowerTypeError):
        module.TypeError("five")


NUMBERS = ["load", "runtime", "IndexError", "TypeError"]
STRINGS = ["store", "load_string", "value", "title"]
ENUMS = ["field_type", "lift_enum", "lower_enum"]


@pytest.mark.parametrize("name", NUMBERS)
def test_number_fields(names: Any, name: str) -> None:
    """A field of a number may be called like anything in generated code."""
    setattr(names, name, 5)
    assert getattr(names, name) == 5
    with pytest.raises(LowerTypeError):
        setattr(names, name, "five")


@pytest.mark.parametrize("name", STRINGS)
def test_string_fields(names: Any, name: str) -> None:
    """So may a field of a string."""
    setattr(names, name, "text")
    assert getattr(names, name) == "text"
    with pytest.raises(LowerTypeError):
        setattr(names, name, 5)


@pytest.mark.parametrize("name", ENUMS)
def test_enum_fields(names: Any, name: str) -> None:
    """So may a field of an enum."""
    setattr(names, name, Color.Green)
    assert getattr(names, name) is Color.Green
    with pytest.raises(LowerTypeError):
        setattr(names, name, "Green")


def test_other_fields(names: Any) -> None:
    """And fields of a bool, an object, and a list."""
    names.lower_bool = True
    assert names.lower_bool is True
    with pytest.raises(LowerTypeError):
        names.lower_bool = 1
    assert names.load_object is None
    names.load_object = names
    assert names.load_object is names
    names.numbers = [1, 2]
    assert names.numbers == [1, 2]
