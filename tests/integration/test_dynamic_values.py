"""What a module without declarations takes: lists of any kind, addresses, run-time ids, and how it is started."""

import array
import functools
import re
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.integration.dynamic_modules import BARE, CLASSES, Variant, load, variants
from wasmbind import (
    BindError,
    DataView,
    DeclarationError,
    InstanceError,
    LiftError,
    LowerRangeError,
    LowerTypeError,
    Module,
    OpaqueValue,
    f64,
    i8,
    i32,
    i64,
    u8,
    u32,
    u64,
)

SOURCE = """
export let big: i64 = 3;
export const Ids = idof<i32[]>();
export class Point { constructor(public x: i32) {} }
export function sum(list: i32[]): i32 { return list.reduce((a, b) => a + b, 0); }
export function size(map: Map<i32, i32>): i32 { return map.size; }
export function number(x: i32): i32 { return x; }
export function nothing(): void {}
"""
#: More arrays than one, so that nothing tells which.
SEVERAL = "export function a(x: i32[]): i32 { return x[0]; } export function b(x: i64[]): i64 { return x[0]; }"


class Counted:
    """A number that counts how often it is asked for itself."""

    def __init__(self) -> None:
        self.asked = 0

    def __index__(self) -> int:
        self.asked += 1
        return 5


@variants(BARE)
@pytest.mark.parametrize(
    "values",
    [
        [1, 2],
        (1, 2),
        range(1, 3),
        deque([1, 2]),
        array.array("h", [1, 2]),
        np.array([1, 2]),
        np.array([1, 2], dtype="u1"),
        [np.int64(1), np.uint8(2)],
    ],
    ids=lambda values: type(values).__name__,
)
def test_sequences(variant: Variant, values: Any) -> None:
    """Whatever is a sequence of numbers, or has them in a buffer, is taken as a list is."""
    module = load(variant, SOURCE)
    assert module.sum(values) == 3
    assert module.alloc_array(None, values) == [1, 2]


@variants(BARE)
def test_no_sequences(variant: Variant) -> None:
    """Something else that can be iterated over is refused with what to write; a single number of NumPy is a number."""
    module = load(variant, SOURCE)
    assert module.number(np.int16(-3)) == module.number(np.array(-3)) == -3
    with pytest.raises(LowerTypeError, match=re.escape("a list, dict or set: write list(...), got <generator")):
        module.sum(each for each in (1, 2))
    for wrong in (np.array([[1]]), np.array([1.5]), ["a"]):
        with pytest.raises(LowerTypeError, match=r"no class of the module is an Array of such values.*alloc_array"):
            module.sum(wrong)
    with pytest.raises(LowerTypeError, match="no class of the module is a Map of such values; pass a Map that"):
        module.size({"a": 1})
    assert module.size({1: np.int32(2)}) == 1


@variants(BARE)
def test_numbers_are_asked_once(variant: Variant) -> None:
    """What `__index__` says is what the array gets, however many classes it may become."""
    module = load(variant, SOURCE)
    number = Counted()
    assert module.sum([number]) == 5
    assert number.asked == 1
    several = load(variant, SEVERAL)
    with pytest.raises(LowerTypeError, match="2 classes of the module could be an Array"):
        several.a([number])
    assert number.asked == 2


@variants(CLASSES)
def test_addresses_have_32_bits(variant: Variant) -> None:
    """A number that is none is an error, and not the address that is left of it."""
    module = load(variant, SOURCE)
    point = module.Point(3)
    pointer = module.get_pointer(point)
    assert module.resolve(pointer) is point
    ways = [module.resolve, module.get_pointer, module.get_type_of, module.retain, module.release, module.Point.wrap]
    for wrong in (pointer + (1 << 32), pointer - (1 << 33), 1 << 70):
        for way in [*ways, *(functools.partial(module.resolve, as_=type_) for type_ in (int, str))]:
            with pytest.raises(LiftError, match="has more than 32 bits"):
                way(wrong)
    with pytest.raises(LiftError, match="has more than 32 bits"):
        module.resolve(module.register_opaque_value([1]).id + (1 << 32), OpaqueValue)
    for value in (1.0, True):
        with pytest.raises(TypeError, match=r"an address or an object of the module expected, got (float|bool)"):
            module.resolve(value, as_=OpaqueValue)
    with pytest.raises(TypeError, match="expects an address, got str"):
        module.Point.wrap("x")


@variants(BARE)
def test_ids_of_arrays(variant: Variant) -> None:
    """What is no run-time id is told so; an instance that has ended says that first."""
    module = load(variant, SOURCE)
    number: Any = np.int32(module.Ids)
    assert module.alloc_array(number, [1]) == [1]
    given: Any
    for given in ("x", 1.0, True):
        with pytest.raises(TypeError, match=r"alloc_array\(rt_id\): a run-time id.* expected, got (str|float|bool)"):
            module.alloc_array(given, [1])
    module.close()
    for given in (1, "x", None):
        with pytest.raises(InstanceError, match="already closed"):
            module.alloc_array(given, [1])


@variants(BARE)
def test_wide_globals(variant: Variant) -> None:
    """A global of 64 bits takes signed and unsigned numbers, as arguments do."""
    module = load(variant, SOURCE)
    module.big = (1 << 64) - 1
    assert module.big == -1
    module.big = -(1 << 63)
    assert module.big == -(1 << 63)
    with pytest.raises(LowerRangeError, match="i64 holds"):
        module.big = 1 << 64


@variants(BARE)
def test_types_that_cannot_be_there(variant: Variant) -> None:
    """The error speaks of `as_`, for nobody has declared anything."""
    module = load(variant, SOURCE)
    for name, hint in (("i64", i64), ("f64", f64)):
        with pytest.raises(BindError, match=rf"as_={name}, found \(i32\) -> i32"):
            module.number(1, as_=hint)
    with pytest.raises(BindError, match="give as_= a type that WebAssembly can have there"):
        module.nothing(as_=str)


def test_what_a_module_is_started_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is looked at before anything is started, and errors do not speak of a class that nobody has written."""
    monkeypatch.chdir(tmp_path)
    given: Any = None
    with pytest.raises(DeclarationError, match=r"Module: None is no binary\n.*give a path, bytes"):
        Module(given)
    with pytest.raises(DeclarationError) as missing:
        Module("nope.wasm")
    assert str(tmp_path / "nope.wasm") in str(missing.value)
    assert "relative" not in str(missing.value)
    given = "x"
    with pytest.raises(TypeError, match="Module: limits= takes a Limits"):
        load("modern", SOURCE, limits=given)
    with pytest.raises(TypeError, match=r"a wasmtime.WasiConfig says what is granted, got 'x'"):
        load("modern", SOURCE, wasi=given)


@variants(["classic", "modern", "schema"])
def test_imports_that_are_missing(variant: Variant) -> None:
    """They are passed as `imports=`: there is no class to write a body in."""
    source = """
    @external("env", "log") declare function log(s: string): void;
    export function say(): void { log("x"); }
    """
    with pytest.raises(BindError) as missing:
        load(variant, source)
    assert "pass imports={'env': {'log': ...}}" in str(missing.value)
    assert "body" not in str(missing.value)


TYPES = """
export class Line { static mode: i32 = 4; constructor(public n: i32 = 3) {} }
export enum Mode { Read, Write = 4 }
export const MODE: i32 = 4;
export function view(): DataView { let made = new DataView(new ArrayBuffer(8)); made.setInt8(0, 7); return made; }
export function echo(x: i32): i32 { return x; }
export function line(): Line | null { return null; }
"""


@variants(CLASSES)
def test_types_of_results(variant: Variant) -> None:
    """Views of every compiler, integers narrower than what carries them, and types that have others in them."""
    module = load(variant, TYPES)
    assert module.view(as_=DataView).getInt8(0) == 7
    ranges = [(300, u8, 44), (200, i8, -56), (-1, u64, 2**32 - 1), (-1, i32, -1), (-1, u32, 2**32 - 1)]
    assert [module.resolve(number, as_=type_) for number, type_, _ in ranges] == [found for *_, found in ranges]
    assert module.line(as_="Optional[Line]") is None
    assert module.resolve(0, as_="Optional[Callable[[Line], i32]]") is None
    assert module.resolve(0, as_=Callable[[module.Line], i32] | None) is None


@variants(CLASSES)
def test_registered_constants(variant: Variant) -> None:
    """A registry gives constants and static fields their types, as it does to what changes."""
    module = load(variant, TYPES, class_registry={"MODE": "Mode", "Line": {"mode": "Mode"}})
    assert module.MODE is module.Line.mode is module.Mode.Write


def test_registered_fields_of_a_derived_class() -> None:
    """What the registry says of a base is not converted again for a class that derives from it."""
    source = TYPES + "export class Short extends Line {}"
    module = load("schema", source, class_registry={"Line": {"n": "Mode"}, "Short": {"n": int}})
    assert (type(module.Line(4).n), type(module.Short(4).n)) == (module.Mode, int)


def test_arrays_of_objects_beside_arrays_of_arrays() -> None:
    """An object is no element of an array of collections."""
    source = TYPES + "export let lines: Line[] = []; export let nested: i32[][] = [];"
    module = load("schema", source)
    assert [line.n for line in module.alloc_array(None, [module.Line(1)])] == [1]
