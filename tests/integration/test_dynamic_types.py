"""Types of results where a schema has told them: `as_=` has to say the same, or less."""

import enum
from typing import Any

import pytest

from tests.integration.dynamic_modules import load
from wasmbind import (
    Array,
    AscObject,
    DeclarationError,
    LiftError,
    LowerTypeError,
    Map,
    Module,
    OpaqueValue,
    f32,
    i8,
    i32,
    i64,
    string,
    u32,
    wrap_opaque,
)

SOURCE = """
export class P { constructor(public x: i32 = 0) {} }
export class Q extends P { constructor() { super(7); } }
export class Words extends Map<string, string> {}
export class Seen extends Set<i32> {}
export enum E { A, B = 4 }
export function text(): string { return "t"; }
export function nothing(): string | null { return null; }
export function maybe(): string | null { return "m"; }
export function buffer(): ArrayBuffer { return new ArrayBuffer(3); }
export function nums(): i32[] { return [1, 2]; }
export function bytes8(): u8[] { return [1, 2]; }
export function words(): string[] { return ["a", "b"]; }
export function nested(): i32[][] { return [[1]]; }
export function ps(): P[] { return [new P(3)]; }
export function codes(): E[] { return [E.B]; }
export function flags(): bool[] { return [true]; }
export function map(): Map<string, i32> { let m = new Map<string, i32>(); m.set("k", 2); return m; }
export function set(): Set<string> { let m = new Set<string>(); m.add("k"); return m; }
export function derived(): Words { let m = new Words(); m.set("a", "b"); return m; }
export function seen(): Seen { let m = new Seen(); m.add(3); return m; }
export function p(): P { return new P(9); }
export function q(): P { return new Q(); }
export function num(x: i32): i32 { return x; }
export function small(x: u8): u8 { return x; }
export function long(x: i64): i64 { return x; }
export function big(): u64 { return u64.MAX_VALUE; }
export function half(): f64 { return 0.5; }
export function single(): f32 { return 0.5; }
export function yes(): bool { return true; }
export function code(): E { return E.B; }
export function nop(): void {}
"""


class Five(enum.IntEnum):
    """An enum that is declared in Python."""

    A = 5


@pytest.fixture(scope="module")
def module() -> Module:
    """One instance."""
    return load("schema", SOURCE)


FITTING: list[tuple[str, Any, Any]] = [
    ("text", str, "t"),
    ("text", object, "t"),
    ("text", str | None, "t"),
    ("maybe", str, "m"),
    ("nothing", str | None, None),
    ("buffer", bytes, b"\0\0\0"),
    ("nums", list, [1, 2]),
    ("nums", list[int], [1, 2]),
    ("nums", list[int] | None, [1, 2]),
    ("nums", tuple, (1, 2)),
    ("nums", tuple[int, int], (1, 2)),
    ("nums", list[Any], [1, 2]),
    ("bytes8", bytes, b"\1\2"),
    ("words", list[str], ["a", "b"]),
    ("nested", list[list[int]], [[1]]),
    ("nested", list, [[1]]),
    ("codes", list[int], [4]),
    ("codes", list[i32], [4]),
    ("flags", list[bool], [True]),
    ("map", dict, {"k": 2}),
    ("map", dict[str, int], {"k": 2}),
    ("map", Map[string, i32], {"k": 2}),
    ("set", set, {"k"}),
    ("derived", dict, {"a": "b"}),
    ("derived", dict[str, str], {"a": "b"}),
    ("seen", set, {3}),
    ("seen", set[int], {3}),
    ("yes", bool, True),
    ("yes", int, 1),
    ("yes", i32, 1),
    ("code", int, 4),
    ("code", i64, 4),
    ("big", int, (1 << 64) - 1),
    ("half", float, 0.5),
    ("single", float, 0.5),
    ("nop", object, None),
]


@pytest.mark.parametrize(("name", "hint", "expected"), FITTING, ids=str)
def test_fitting(module: Module, name: str, hint: Any, expected: Any) -> None:
    """What says the same, or less, is what the result becomes; nothing is lost."""
    found = getattr(module, name)(as_=hint)
    assert found == expected
    if isinstance(expected, (bool, int, tuple)):
        assert type(found) is type(expected)


MISTAKEN: list[tuple[str, Any]] = [
    *[("nums", hint) for hint in (dict, set, dict[str, int], list[str], list[float], str, bytes, int, Array[u32])],
    *[("nums", hint) for hint in (int | str, OpaqueValue, tuple[str, ...], Five)],
    *[("map", hint) for hint in (list, tuple, set, dict[int, int], dict[str, str])],
    *[("set", hint) for hint in (dict, list, set[int])],
    *[("p", hint) for hint in (int, bool, float, i32, i64, u32, str, bytes, OpaqueValue, Five)],
    *[("text", hint) for hint in (int, list, bytes, OpaqueValue, Five, list[str])],
    *[("num", hint) for hint in (bool, float, u32, i8, str, list, int | None)],
    *[("big", hint) for hint in (i32, u32, i64, float)],
    *[("small", hint) for hint in (i8, bool)],
    *[("half", hint) for hint in (int, f32, OpaqueValue, str)],
    *[("yes", hint) for hint in (Five, float, str)],
    *[("code", hint) for hint in (Five, bool, u32, str)],
    ("codes", list[bool]),
    ("codes", list[u32]),
    *[("flags", hint) for hint in (list[int], list[i32])],
    *[("nop", hint) for hint in (int, str, str | None, list, OpaqueValue)],
    ("words", []),
    ("words", len),
    *[("words", hint) for hint in ("Nonsense", "1+")],
]


@pytest.mark.parametrize(("name", "hint"), MISTAKEN, ids=str)
def test_mistaken(module: Module, name: str, hint: Any) -> None:
    """All else is refused before the call."""
    calls = module.runtime.calls
    arguments = (6,) if name in ("num", "small") else ()
    with pytest.raises(DeclarationError):
        getattr(module, name)(*arguments, as_=hint)
    assert module.runtime.calls == calls


def test_classes(module: Module) -> None:
    """A class may be a base or what derives from it; the object decides."""
    assert type(module.q(as_=module.P)).__name__ == "Q"
    assert module.q(as_=module.Q).x == 7
    assert [each.x for each in module.ps(as_=list[module.P])] == [3]  # type: ignore[name-defined]  # no annotation
    with pytest.raises(LiftError, match="Q expected, found P"):
        module.p(as_=module.Q)
    with pytest.raises(LiftError, match="list expected, found P"):
        module.p(as_=list)
    with pytest.raises(LiftError, match="str expected, but null"):
        module.nothing(as_=str)


def test_enums(module: Module) -> None:
    """An integer becomes the member of an enum, if there is one."""
    assert module.num(5, as_=Five) is Five.A
    assert module.long(5, as_=Five) is Five.A
    assert module.num(4, as_="E") is module.E.B
    with pytest.raises(LiftError, match="6 is no value of Five"):
        module.num(6, as_=Five)


def test_opaque_values(module: Module) -> None:
    """Numbers of opaque values belong to the instance that has given them."""
    key = object()
    wrapped, foreign = module.register_opaque_value([key]), load("schema", SOURCE).register_opaque_value([key])
    for function in (module.num, module.small, module.long):
        assert function(wrapped, as_=OpaqueValue)[0] is key
        with pytest.raises(LowerTypeError, match="belongs to another instance"):
            function(foreign)
    with pytest.raises(LowerTypeError, match="belongs to another instance"):
        load("schema", SOURCE).num(wrapped)


def test_resolving_copies(module: Module) -> None:
    """What the schema has resolved already passes through `resolve`, if it is of the type."""
    for value in (module.text(), module.nothing()):
        assert module.resolve(value) == module.resolve(value, as_=str | None) == value
    assert module.resolve(b"x", as_=bytes) == b"x"
    with pytest.raises(LiftError, match="bytes expected, found a str"):
        module.resolve("t", as_=bytes)
    with pytest.raises(LiftError, match="but null"):
        module.resolve(None, as_=str)


def test_wrapped() -> None:
    """`wrap_opaque` wraps all that an i32 carries: results of functions and methods, fields and globals."""
    source = (
        f"{SOURCE} export let level: i32 = 3; export let title: string = 'q'; export class R {{ s: string = 'r'; }}"
    )
    module: Any = load("schema", source, value_handler=wrap_opaque)
    assert isinstance(module.text(), AscObject)
    assert [module.text().native(), module.title.native(), module.level.native()] == ["t", "q", 3]
    assert module.text(as_=str) == "t"
    assert module.nothing().native() == 0
    assert (module.num(5) == 5, module.yes().native(), module.code().as_(module.E)) == (True, 1, module.E.B)
    assert (module.long(5), module.half()) == (5, 0.5)
    point = module.ps().as_(list[object])[0].as_(module.P)
    setattr(point, "x", 8)  # noqa: B010 - type checkers believe what is assigned
    assert point.x.native() == 8
    record = module.R()
    for each, name, value in ((record, "s", "new"), (module, "level", 9), (module, "title", "other")):
        setattr(each, name, value)
    assert record.s.as_(str) == "new"
    assert (module.level.native(), module.title.as_(str)) == (9, "other")
    words = module.Words()
    words.set("a", "b")
    assert words.get("a").native() == "b"
