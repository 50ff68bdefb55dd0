"""Declarations against real binaries: what does not fit is told at once, with declared, found and fix."""

# mypy: disable-error-code="empty-body"

import enum
import pickle
import re
from pathlib import Path

import pytest

from tests.integration.lazy_binary import LazyBinary
from wasmbind import (
    AscClass,
    AscModule,
    BindError,
    Mismatch,
    export,
    f32,
    f64,
    i8,
    i32,
    i64,
    string,
    u8,
    u64,
)

MODERN = LazyBinary(
    "modern.wasm",
    """
export enum Color { Red, Green = 5 }
export const enum Secret { Low = 1 }
export let counter: i32 = 1;
export let title: string = "t";
export const LIMIT: f64 = 2.5;
export class Line { constructor(public text: string, public n: i32) {} }
export function add(a: i32, b: i32): i32 { return a + b; }
export function half(a: f64): f64 { return a / 2; }
export function wide(a: i64): i64 { return a; }
export function single(a: f32): f32 { return a; }
export function greet(name: string): string { return name; }
export function stop(): void {}
export function paint(c: Color): Color { return c; }
export function addLine(text: string): i32 { return text.length; }
export function line(text: string, n: i32): Line { return new Line(text, n); }
""",
)


def mismatches_of(module: type[AscModule]) -> list[Mismatch]:
    """Bind a module that does not fit, and return why."""
    with pytest.raises(BindError) as raised:
        module()
    return list(raised.value.mismatches)


def only_mismatch(module: type[AscModule]) -> tuple[str, str, str, str]:
    """Bind a module that does not fit in one place: who, declared, found, fix."""
    (found,) = mismatches_of(module)
    return found.who, found.declared, found.found, found.fix


class Color(enum.IntEnum):
    Red = 0
    Green = 5


def test_what_fits_binds() -> None:
    """Functions, enums and globals of a stock build bind, and a `const enum`, which it does not export."""

    class Secret(enum.IntEnum):
        Low = 1

    class Fits(AscModule, wasm=MODERN):
        counter: i32
        title: string

        @property
        def LIMIT(self) -> f64: ...
        def add(self, a: i32, b: i32) -> i32: ...
        def paint(self, c: Color) -> Color: ...
        @export("paint")
        def hide(self, c: Secret) -> Secret: ...
        def stop(self) -> None: ...

    with Fits() as fits:
        assert (fits.counter, fits.title, fits.LIMIT) == (1, "t", 2.5)
        fits.counter += 4
        fits.title = "another"
        assert (fits.counter, fits.title) == (5, "another")
        with pytest.raises(AttributeError):
            fits.LIMIT = 3.0  # type: ignore[misc]  # the point of the test
        assert fits.paint(Color.Green) is Color.Green
        assert fits.hide(Secret.Low) is Secret.Low
        assert fits.add(2, 3) == 5


def test_missing_export() -> None:
    """A function that is not exported is named, with the signature that was declared."""

    class Wrong(AscModule, wasm=MODERN):
        def subtract(self, a: i32, b: i32) -> i32: ...

    assert only_mismatch(Wrong) == (
        "Wrong.subtract",
        "subtract (a: i32, b: i32) -> i32",
        "no export 'subtract'",
        "export it from the AssemblyScript entry file, or remove the declaration",
    )


@pytest.mark.parametrize("misspelt", ["addline", "add_line", "AddLine", "addLines"])
def test_misspelt_name(misspelt: str) -> None:
    """A name that differs in case, underscores or a letter gets a suggestion."""

    class Wrong(AscModule, wasm=MODERN):
        @export(misspelt)
        def function(self, text: string) -> i32: ...

    fix = only_mismatch(Wrong)[3]
    assert fix == "did you mean 'addLine'? Rename it, or use @export"


def test_globals_and_functions_are_told_apart() -> None:
    """A name of the wrong kind is told apart from a missing one: a global is no function and vice versa."""

    class Wrong(AscModule, wasm=MODERN):
        add: i32

        def counter(self) -> i32: ...

    assert [(found.found, found.fix) for found in mismatches_of(Wrong)] == [
        ("a function of that name", "declare it as a method"),
        ("a global of that name", "declare it as an annotated attribute of the module"),
    ]


def test_arity() -> None:
    """Too few and too many parameters are told with the right number."""

    class Wrong(AscModule, wasm=MODERN):
        def add(self, a: i32) -> i32: ...
        def greet(self, name: string, more: i32) -> string: ...
        def stop(self, a: i32) -> None: ...

    assert [found.fix for found in mismatches_of(Wrong)] == [
        "declare 2 parameters instead of 1",
        "declare 1 parameter instead of 2",
        "declare 0 parameters instead of 1",
    ]


def test_wrong_parameter_type() -> None:
    """A parameter whose WebAssembly type differs is named with what it may be."""

    class Wrong(AscModule, wasm=MODERN):
        def add(self, a: i32, b: f64) -> i32: ...
        def half(self, a: f32) -> f64: ...
        def wide(self, a: i32) -> i64: ...
        def single(self, a: f64) -> f32: ...
        def greet(self, name: u64) -> string: ...

    assert [(found.found, found.fix) for found in mismatches_of(Wrong)] == [
        ("(i32, i32) -> i32", "declare `b` as an i32, a smaller integer, bool or reference"),
        ("(f64) -> f64", "declare `a` as f64"),
        ("(i64) -> i64", "declare `a` as i64 or u64"),
        ("(f32) -> f32", "declare `a` as f32"),
        ("(i32) -> i32", "declare `name` as an i32, a smaller integer, bool or reference"),
    ]


def test_wrong_result_type() -> None:
    """A result whose WebAssembly type differs is told with what it may be, None included."""

    class Wrong(AscModule, wasm=MODERN):
        def add(self, a: i32, b: i32) -> f64: ...
        def half(self, a: f64) -> None: ...
        def wide(self, a: i64) -> string: ...
        def stop(self) -> i32: ...

    assert [(found.declared.partition("that is ")[2], found.fix) for found in mismatches_of(Wrong)] == [
        ("(i32, i32) -> f64", "declare a result that is an i32, a smaller integer, bool or reference"),
        ("(f64) -> void", "declare a result that is f64"),
        ("(i64) -> i32", "declare a result that is i64 or u64"),
        ("() -> i32", "declare a result that is None"),
    ]


def test_types_that_webassembly_cannot_tell_apart() -> None:
    """Narrow integers, bool and references are all i32 to WebAssembly: the declaration decides."""

    class Narrow(AscModule, wasm=MODERN):
        def add(self, a: i8, b: u8) -> bool: ...
        def wide(self, a: u64) -> u64: ...

    with Narrow() as narrow:
        assert narrow.add(-1, 255) is True
        assert narrow.wide(2**64 - 1) == 2**64 - 1


def test_globals() -> None:
    """A global's name, type and mutability are checked; a constant is declared as a property."""

    class Wrong(AscModule, wasm=MODERN):
        Counter: i32
        counter: f64
        LIMIT: f64

        @property
        def title(self) -> f32: ...

    assert [(found.who, found.found, found.fix) for found in mismatches_of(Wrong)] == [
        ("Wrong.Counter", "no exported global 'Counter'", "did you mean 'counter'?"),
        ("Wrong.counter", "mutable i32", "declare it as an i32, a smaller integer, bool or reference"),
        (
            "Wrong.LIMIT",
            "constant f64",
            "declare it as a property: `@property` and `def ...(self) -> ...: ...`",
        ),
        ("Wrong.title", "mutable i32", "declare it as an i32, a smaller integer, bool or reference"),
    ]


def test_enums() -> None:
    """An enum's values and names are checked against the exported enum of its name."""

    class Color(enum.IntEnum):
        Red = 1
        Gren = 5
        Blue = 7

    class Wrong(AscModule, wasm=MODERN):
        def paint(self, c: Color) -> None: ...

    assert [(found.who, found.found, found.fix) for found in mismatches_of(Wrong)] == [
        (
            "Wrong.paint",
            "(i32) -> i32",
            "declare a result that is an i32, a smaller integer, bool or reference",
        ),
        ("Color.Red", "0", "write `Red = 0`"),
        ("Color.Gren", "no such member", "did you mean 'Green'?"),
        ("Color.Blue", "no such member", "remove the member"),
    ]


def test_no_optional_parameters() -> None:
    """`= ...` for a parameter without a default is refused where the binary counts no arguments."""

    class Wrong(AscModule, wasm=MODERN):
        def add(self, a: i32, b: i32 = ...) -> i32: ...

    assert only_mismatch(Wrong)[2:] == (
        "no function with optional parameters (there is no __setArgumentsLength)",
        "give the parameter a default in AssemblyScript, or remove `= ...`",
    )


def test_bind_errors_carry_facts_and_pickle() -> None:
    """A BindError is a TypeError with its facts as attributes, which survive pickling."""

    class Wrong(AscModule, wasm=MODERN):
        def subtract(self, a: i32) -> i32: ...

    with pytest.raises(TypeError) as raised:
        Wrong()
    error = raised.value
    assert isinstance(error, BindError)
    assert (error.module, error.binary) == ("Wrong", "modern.wasm")
    copied = pickle.loads(pickle.dumps(error))  # noqa: S301 - what was pickled one call before
    assert (str(copied), copied.mismatches) == (str(error), error.mismatches)


class Unfitting(AscModule, wasm=MODERN):
    """Wrong in every member."""

    countr: i32

    def Add(self, a: i32, b: i32) -> i32: ...
    def half(self, a: i32) -> f64: ...
    def greet(self, name: string) -> f32: ...
    def line(self, text: string) -> "Unfit": ...
    def paint(self, c: "Shade") -> "Shade": ...


class Unfit(AscClass):
    text: string


class Shade(enum.IntEnum):
    Red = 0


GOLDEN = """\
Unfitting does not fit modern.wasm: 5 mismatches
Unfitting.countr: declared mutable i32, found no exported global 'countr'
  declared at  HERE countr: i32
  fix          did you mean 'counter'?
Unfitting.Add: declared Add (a: i32, b: i32) -> i32, found no export 'Add'
  declared at  HERE def Add(self, a: i32, b: i32) -> i32: ...
  fix          did you mean 'add'? Rename it, or use @export
Unfitting.half: declared (a: i32) -> f64, that is (i32) -> f64, found (f64) -> f64
  declared at  HERE def half(self, a: i32) -> f64: ...
  fix          declare `a` as f64
Unfitting.greet: declared (name: string) -> f32, that is (i32) -> f32, found (i32) -> i32
  declared at  HERE def greet(self, name: string) -> f32: ...
  fix          declare a result that is an i32, a smaller integer, bool or reference
Unfitting.line: declared (text: string) -> Unfit, that is (i32) -> i32, found (i32, i32) -> i32
  declared at  HERE def line(self, text: string) -> "Unfit": ...
  fix          declare 2 parameters instead of 1"""


def test_all_mismatches_in_one_error() -> None:
    """One error lists every mismatch, in declaration order, each with the line that declares it."""
    with pytest.raises(BindError) as raised:
        Unfitting()
    source = Path(__file__).read_text(encoding="utf-8").splitlines()

    def quoted(place: re.Match[str]) -> str:
        assert Path(place[1]).resolve() == Path(__file__).resolve()
        return f"HERE {source[int(place[2]) - 1].strip()}"

    assert re.sub(r"(?<=declared at  )(\S+):(\d+)", quoted, str(raised.value)) == GOLDEN
