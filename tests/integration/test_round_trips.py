"""Every value comes back as it went in: through fields in memory, through exported accessors, and through calls."""

# mypy: disable-error-code="empty-body"

from __future__ import annotations

import enum
import math
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wasmbind import AscClass, AscModule, f32, f64, i8, i16, i32, i64, isize, string, u8, u16, u32, u64, usize

if TYPE_CHECKING:
    from tests.compiling import CompileAsc, Compiler

INTEGERS = ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "isize", "usize"]
TYPES = [*INTEGERS, "f32", "f64", "bool", "Color", "string"]
_INITIAL = {"bool": "false", "string": '""', "Color": "Color.Red"}
SOURCE = "\n".join(
    [
        "export enum Color { Red, Green = 5, Low = -2147483648, High = 2147483647 }",
        "export class Fields {",
        *(f"  a_{t}: {t} = {_INITIAL.get(t, '0')}; all_{t}: {t}[] = [];" for t in TYPES),
        "  maybe: string | null = null; nested: string[][] = []; sparse: (string | null)[] = [];",
        "}",
        "export function make(): Fields { return new Fields(); }",
        *(f"export function echo_{t}(v: {t}): {t} {{ return v; }}" for t in TYPES),
        *(f"export function each_{t}(v: {t}[]): {t}[] {{ return v; }}" for t in TYPES),
        *(f"export function copy_{t}(v: {t}[]): {t}[] {{ return v.slice(0); }}" for t in TYPES),
        "export function echo_maybe(v: string | null): string | null { return v; }",
        "export function echo_nested(v: string[][]): string[][] { return v; }",
        "export function echo_sparse(v: (string | null)[]): (string | null)[] { return v; }",
        "export function concat(a: string, b: string): string { return a + b; }",
        "export function units(v: string): i32 { return v.length; }",
    ]
)


class Color(enum.IntEnum):
    Red = 0
    Green = 5
    Low = -(2**31)
    High = 2**31 - 1


class Fields(AscClass):
    a_i8: i8
    all_i8: list[i8]
    a_u8: u8
    all_u8: list[u8]
    a_i16: i16
    all_i16: list[i16]
    a_u16: u16
    all_u16: list[u16]
    a_i32: i32
    all_i32: list[i32]
    a_u32: u32
    all_u32: list[u32]
    a_i64: i64
    all_i64: list[i64]
    a_u64: u64
    all_u64: list[u64]
    a_isize: isize
    all_isize: list[isize]
    a_usize: usize
    all_usize: list[usize]
    a_f32: f32
    all_f32: list[f32]
    a_f64: f64
    all_f64: list[f64]
    a_bool: bool
    all_bool: list[bool]
    a_Color: Color
    all_Color: list[Color]
    a_string: string
    all_string: list[string]
    maybe: string | None
    nested: list[list[string]]
    sparse: list[string | None]


class Echoes(AscModule):
    def make(self) -> Fields: ...
    def echo_i8(self, v: i8) -> i8: ...
    def each_i8(self, v: list[i8]) -> list[i8]: ...
    def copy_i8(self, v: list[i8]) -> list[i8]: ...
    def echo_u8(self, v: u8) -> u8: ...
    def each_u8(self, v: list[u8]) -> list[u8]: ...
    def copy_u8(self, v: list[u8]) -> list[u8]: ...
    def echo_i16(self, v: i16) -> i16: ...
    def each_i16(self, v: list[i16]) -> list[i16]: ...
    def copy_i16(self, v: list[i16]) -> list[i16]: ...
    def echo_u16(self, v: u16) -> u16: ...
    def each_u16(self, v: list[u16]) -> list[u16]: ...
    def copy_u16(self, v: list[u16]) -> list[u16]: ...
    def echo_i32(self, v: i32) -> i32: ...
    def each_i32(self, v: list[i32]) -> list[i32]: ...
    def copy_i32(self, v: list[i32]) -> list[i32]: ...
    def echo_u32(self, v: u32) -> u32: ...
    def each_u32(self, v: list[u32]) -> list[u32]: ...
    def copy_u32(self, v: list[u32]) -> list[u32]: ...
    def echo_i64(self, v: i64) -> i64: ...
    def each_i64(self, v: list[i64]) -> list[i64]: ...
    def copy_i64(self, v: list[i64]) -> list[i64]: ...
    def echo_u64(self, v: u64) -> u64: ...
    def each_u64(self, v: list[u64]) -> list[u64]: ...
    def copy_u64(self, v: list[u64]) -> list[u64]: ...
    def echo_isize(self, v: isize) -> isize: ...
    def each_isize(self, v: list[isize]) -> list[isize]: ...
    def copy_isize(self, v: list[isize]) -> list[isize]: ...
    def echo_usize(self, v: usize) -> usize: ...
    def each_usize(self, v: list[usize]) -> list[usize]: ...
    def copy_usize(self, v: list[usize]) -> list[usize]: ...
    def echo_f32(self, v: f32) -> f32: ...
    def each_f32(self, v: list[f32]) -> list[f32]: ...
    def copy_f32(self, v: list[f32]) -> list[f32]: ...
    def echo_f64(self, v: f64) -> f64: ...
    def each_f64(self, v: list[f64]) -> list[f64]: ...
    def copy_f64(self, v: list[f64]) -> list[f64]: ...
    def echo_bool(self, v: bool) -> bool: ...
    def each_bool(self, v: list[bool]) -> list[bool]: ...
    def copy_bool(self, v: list[bool]) -> list[bool]: ...
    def echo_Color(self, v: Color) -> Color: ...
    def each_Color(self, v: list[Color]) -> list[Color]: ...
    def copy_Color(self, v: list[Color]) -> list[Color]: ...
    def echo_string(self, v: string) -> string: ...
    def each_string(self, v: list[string]) -> list[string]: ...
    def copy_string(self, v: list[string]) -> list[string]: ...
    def echo_maybe(self, v: string | None) -> string | None: ...
    def echo_nested(self, v: list[list[string]]) -> list[list[string]]: ...
    def echo_sparse(self, v: list[string | None]) -> list[string | None]: ...
    def concat(self, a: string, b: string) -> string: ...
    def units(self, v: string) -> i32: ...


class World(NamedTuple):
    module: Echoes
    fields: Fields


@pytest.fixture(scope="module", params=["modern", "classic"])
def world(request: pytest.FixtureRequest, asc: CompileAsc) -> World:
    """An instance and an object of it: of asc 0.28, fields in memory; of asc 0.19, fields through accessors."""
    compiler: Compiler = request.param

    class Bound(Echoes, wasm=asc(SOURCE, compiler=compiler)):
        pass

    module = Bound()
    return World(module, module.make())


# --- values -------------------------------------------------------------------------------------------------


def _integers(name: str) -> tuple[list[Any], st.SearchStrategy[Any]]:
    bits = 32 if name.endswith("size") else int(name[1:])
    low, high = (0, (1 << bits) - 1) if name.startswith("u") else (-(1 << bits - 1), (1 << bits - 1) - 1)
    edges = {low, low + 1, -1, 0, 1, high - 1, high}
    edges |= {sign * (1 << shift) + near for shift in (7, 8, 15, 16, 31, 32) for sign in (1, -1) for near in (-1, 0)}
    return sorted(edge for edge in edges if low <= edge <= high), st.integers(low, high)


_SURROGATES = ["\ud800", "\udfff", "a\udc00b", "\udc00\ud800", "\ud800x", "\ud83d"]
_LENGTHS = [1, 511, 512, 513, 1023, 1024, 1025, 32_767, 32_768, 40_000, 200_000]
_ODD_TEXTS = ["", "\0", "a\0b", "ä", "☃", "😀", "\ufeff", "\uffff", "\ufffe", *_SURROGATES]
_LONG_TEXTS = ["x" * length for length in _LENGTHS] + ["😀" * 512, "a" + "😀" * 512, "☃" * 33_000]
_FLOATS = [0.0, -0.0, 1.0, -1.5, math.inf, -math.inf, math.nan]
_TEXT = st.text(st.characters() | st.sampled_from("a☃😀\ud800\udbff\udc00\udfff"), max_size=40)
_LONG = st.builds(str.__mul__, _TEXT.map(lambda text: text or "x"), st.sampled_from([30, 600, 40_000]))

VALUES: dict[str, tuple[list[Any], st.SearchStrategy[Any]]] = {
    **{name: _integers(name) for name in INTEGERS},
    "f32": ([*_FLOATS, 2.0**-149, 2.0**-126, (2 - 2**-23) * 2.0**127, -(2.0**-149)], st.floats(width=32)),
    "f64": ([*_FLOATS, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1], st.floats()),
    "bool": ([True, False], st.booleans()),
    "Color": (list(Color), st.sampled_from(Color)),
    "string": (_ODD_TEXTS + _LONG_TEXTS, st.one_of(_TEXT, _LONG)),
}


def lists_of(name: str) -> st.SearchStrategy[list[Any]]:
    """Lists, short ones of strings."""
    return st.lists(_TEXT if name == "string" else VALUES[name][1], max_size=30)


def comparable(value: Any) -> Any:
    """A value such that equal means the same: floats by their bits, except that a NaN is a NaN.

    Two halves of a surrogate pair that lie side by side are one character in UTF-16.
    """
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("<d", value)
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return type(value), value


def check(found: Any, expected: Any) -> None:
    """The found value is the expected one, and of its type."""
    assert type(found) is type(expected)
    assert comparable(found) == comparable(expected)


def check_scalar(world: World, name: str, value: Any) -> None:
    """One value through a call and through a field."""
    check(getattr(world.module, f"echo_{name}")(value), value)
    setattr(world.fields, f"a_{name}", value)
    check(getattr(world.fields, f"a_{name}"), value)


def check_list(world: World, name: str, values: list[Any]) -> None:
    """A list through calls, one of which copies it in AssemblyScript, and through a field."""
    check(getattr(world.module, f"each_{name}")(values), values)
    check(getattr(world.module, f"copy_{name}")(values), values)
    setattr(world.fields, f"all_{name}", values)
    check(getattr(world.fields, f"all_{name}"), values)


# --- properties ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TYPES)
def test_boundaries(world: World, name: str) -> None:
    """The smallest, the largest and the odd values of each type come back, alone and all in one list."""
    edges = VALUES[name][0]
    for value in edges:
        check_scalar(world, name, value)
    for values in ([], edges[:1], edges, edges * 3):
        check_list(world, name, values)


@pytest.mark.parametrize("name", TYPES)
@given(st.data())
def test_any_scalar(world: World, name: str, data: st.DataObject) -> None:
    """Any value of each type comes back."""
    check_scalar(world, name, data.draw(VALUES[name][1]))


@pytest.mark.parametrize("name", TYPES)
@given(st.data())
def test_any_list(world: World, name: str, data: st.DataObject) -> None:
    """Any list of each type comes back."""
    check_list(world, name, data.draw(lists_of(name)))


@given(st.one_of(st.none(), _TEXT))
def test_nullable_string(world: World, value: str | None) -> None:
    """Null and the empty string are told apart."""
    check(world.module.echo_maybe(value), value)
    world.fields.maybe = value
    check(world.fields.maybe, value)


@given(st.lists(st.lists(_TEXT, max_size=5), max_size=8))
def test_nested_lists(world: World, values: list[list[str]]) -> None:
    """Lists of lists come back, empty ones included."""
    check(world.module.echo_nested(values), values)
    world.fields.nested = values
    check(world.fields.nested, values)


@given(st.lists(st.one_of(st.none(), _TEXT), max_size=20))
def test_lists_with_null(world: World, values: list[str | None]) -> None:
    """Lists of references hold null where that is declared."""
    check(world.module.echo_sparse(values), values)
    world.fields.sparse = values
    check(world.fields.sparse, values)


@given(_TEXT | _LONG, _TEXT | _LONG)
@settings(max_examples=50)
def test_strings_are_what_assemblyscript_sees(world: World, first: str, second: str) -> None:
    """Two strings in one call are joined in AssemblyScript as in Python, and are as long in UTF-16."""
    check(world.module.concat(first, second), first + second)
    assert world.module.units(first) == len(first.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize("length", [0, 1, 1_000, 100_000])
def test_long_lists(world: World, length: int) -> None:
    """Lists that are larger than the initial memory come back."""
    check_list(world, "f64", [index / 2 for index in range(length)])
    check_list(world, "u8", [index & 255 for index in range(length)])
    check_list(world, "string", [str(index) for index in range(min(length, 5_000))])


def test_everything_at_once(world: World) -> None:
    """All fields hold their values at the same time, after a collection too: none overlaps another."""
    expected = {f"a_{name}": VALUES[name][0][-1] for name in TYPES}
    expected |= {f"all_{name}": VALUES[name][0] for name in TYPES}
    for name, value in expected.items():
        setattr(world.fields, name, value)
    world.module.runtime.collect()
    for name, value in expected.items():
        check(getattr(world.fields, name), value)
