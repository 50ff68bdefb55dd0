"""Generated code and its interpreted twin give the same results and the same errors.

Every test runs twice: on the members that are generated, and on members that take the step-by-step path which
nested and contended calls take.
"""

import array
import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.unit.twin_module import Color, Other, World, interpret, start
from wasmbind import errors
from wasmbind.errors import AbortError, InstanceError, LiftError, LowerRangeError, LowerTypeError, LowerValueError


class Indexable:
    """An integer without comparisons, as some libraries have them."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class Raising:
    def __index__(self) -> int:
        raise LookupError("from __index__")

    def __float__(self) -> float:
        raise LookupError("from __float__")

    def __iter__(self) -> Iterator[int]:
        raise LookupError("from __iter__")


@pytest.fixture(params=["generated", "interpreted"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A fresh instance whose members are generated, or take the interpreted path."""
    if request.param == "interpreted":
        interpret(monkeypatch)
    found = start()
    yield found
    found.module.close()


def same(found: object, expected: object) -> bool:
    """Whether two values are equal, of the same type, and floats to the sign of zero, NaN included."""
    if isinstance(expected, float) and isinstance(found, float):
        return math.copysign(1, found) == math.copysign(1, expected) and (
            found == expected or (found != found and expected != expected)  # noqa: PLR0124 - NaN
        )
    return type(found) is type(expected) and found == expected


# What functions that return their argument are given, and what comes back.
ECHOES: list[tuple[str, Any, Any]] = [
    *(
        (name, value, value)
        for name, bits in [("int8", 8), ("int16", 16), ("int32", 32), ("int64", 64)]
        for value in (-(1 << bits - 1), -1, 0, 1, (1 << bits - 1) - 1)
    ),
    *(
        (name, value, value)
        for name, bits in [("uint8", 8), ("uint16", 16), ("uint32", 32), ("uint64", 64)]
        for value in (0, 1, 1 << bits - 1, (1 << bits) - 1)
    ),
    *((name, True, 1) for name in ("int8", "uint16", "int32", "uint64")),
    *((name, np.int16(5), 5) for name in ("int8", "uint16", "int32", "uint64")),
    *((name, np.float32(0.5), 0.5) for name in ("float32", "float64")),
    *((name, Indexable(5), 5) for name in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")),
    *((name, Indexable(5), 5.0) for name in ("float32", "float64")),
    *(
        (name, value, value)
        for name in ("float32", "float64")
        for value in (0.0, -0.0, 1.5, math.inf, -math.inf, math.nan)
    ),
    *((name, 3, 3.0) for name in ("float32", "float64")),
    *((name, Fraction(1, 2), 0.5) for name in ("float32", "float64")),
    ("float64", Decimal("0.5"), 0.5),
    ("float64", 0.1, 0.1),
    ("float32", 0.1, 0.10000000149011612),
    ("float32", 1e300, math.inf),
    ("boolean", True, True),
    ("boolean", False, False),
    ("boolean", np.True_, True),
    ("color", Color.Green, Color.Green),
    ("color", 5, Color.Green),
    ("color", 0, Color.Red),
    ("strange", 5, Color.Green),
    ("text", "", ""),
    ("text", "grün ☃ 😀", "grün ☃ 😀"),
    ("text", "\ud800 alone \udc00", "\ud800 alone \udc00"),
    ("text", "x" * 512, "x" * 512),
    ("text", "x" * 513, "x" * 513),
    ("text", np.str_("x"), "x"),
    ("maybeText", None, None),
    ("maybeText", "", ""),
    ("maybeLine", None, None),
    ("numbers", [], []),
    ("numbers", [1, 2.5, True], [1.0, 2.5, 1.0]),
    ("numbers", (1.0, 2.0), [1.0, 2.0]),
    ("numbers", array.array("f", [0.5]), [0.5]),
    ("numbers", np.array([0.5, 1.5]), [0.5, 1.5]),
    ("numbers", range(3), [0.0, 1.0, 2.0]),
    ("bytes", [0, 255], [0, 255]),
    ("words", ["a", "", "☃" * 600], ["a", "", "☃" * 600]),
    ("words", ("a", "b"), ["a", "b"]),
    ("nested", [["a"], [], ["b", "c"]], [["a"], [], ["b", "c"]]),
    ("lines", [], []),
]


@pytest.mark.parametrize(("name", "value", "expected"), ECHOES)
def test_echo(world: World, name: str, value: Any, expected: Any) -> None:
    """Every type comes back from real AssemblyScript as it went in, twice, and as the right Python type."""
    for _ in range(2):
        found = getattr(world.module, name)(value)
        assert same(found, expected), found


def test_iterables(world: World) -> None:
    """A list parameter takes any iterable, and what it takes runs once."""
    assert world.module.numbers(x / 2 for x in range(3)) == [0.0, 0.5, 1.0]
    assert world.module.words(str(x) for x in range(3)) == ["0", "1", "2"]
    assert world.module.numbers({0.5: 1}) == [0.5]


I32 = "i32 holds -2147483648 to 2147483647"
# What is refused, by which error, saying what.
REFUSED: list[tuple[str, Any, type[Exception], str]] = [
    ("int8", 128, LowerRangeError, "Module.int8(v): i8 holds -128 to 127, got 128 (int)"),
    ("int8", -129, LowerRangeError, "Module.int8(v): i8 holds -128 to 127, got -129 (int)"),
    ("uint8", -1, LowerRangeError, "Module.uint8(v): u8 holds 0 to 255, got -1 (int)"),
    ("uint8", 256, LowerRangeError, "Module.uint8(v): u8 holds 0 to 255, got 256 (int)"),
    ("int16", 1 << 15, LowerRangeError, "Module.int16(v): i16 holds -32768 to 32767, got 32768 (int)"),
    ("uint16", 1 << 16, LowerRangeError, "Module.uint16(v): u16 holds 0 to 65535, got 65536 (int)"),
    ("int32", 1 << 31, LowerRangeError, f"Module.int32(v): {I32}, got 2147483648 (int)"),
    ("int32", Indexable(1 << 31), LowerRangeError, f"Module.int32(v): {I32}, got "),
    ("int8", Indexable(200), LowerRangeError, "Module.int8(v): i8 holds -128 to 127, got "),
    ("uint32", -1, LowerRangeError, "Module.uint32(v): u32 holds 0 to 4294967295, got -1 (int)"),
    ("int64", 1 << 63, LowerRangeError, "Module.int64(v): i64 holds "),
    ("uint64", 1 << 64, LowerRangeError, "Module.uint64(v): u64 holds "),
    ("uint64", -1, LowerRangeError, "Module.uint64(v): u64 holds 0 to 18446744073709551615, got -1 (int)"),
    ("int8", 1.0, LowerTypeError, "Module.int8(v): i8 expects an int, got 1.0 (float)"),
    ("int8", math.nan, LowerTypeError, "Module.int8(v): i8 expects an int, got nan (float)"),
    ("int32", 1.0, LowerTypeError, "Module.int32(v): i32 expects an int, got 1.0 (float)"),
    ("int32", "1", LowerTypeError, "Module.int32(v): i32 expects an int, got '1' (str)"),
    ("int8", "1", LowerTypeError, "Module.int8(v): i8 expects an int, got '1' (str)"),
    ("int64", None, LowerTypeError, "Module.int64(v): i64 expects an int, got None (NoneType)"),
    ("uint16", [1], LowerTypeError, "Module.uint16(v): u16 expects an int, got [1] (list)"),
    ("uint16", np.array([1, 2]), LowerTypeError, "Module.uint16(v): u16 expects an int, got array("),
    ("float64", "1.5", LowerTypeError, "Module.float64(v): f64 expects a float, got '1.5' (str)"),
    ("float64", b"1.5", LowerTypeError, "Module.float64(v): f64 expects a float, got b'1.5' (bytes)"),
    ("float64", memoryview(b"1.5"), LowerTypeError, "Module.float64(v): f64 expects a float, got <memory"),
    ("float64", None, LowerTypeError, "Module.float64(v): f64 expects a float, got None (NoneType)"),
    ("float64", 1j, LowerTypeError, "Module.float64(v): f64 expects a float, got 1j (complex)"),
    ("float64", 10**400, LowerRangeError, "Module.float64(v): f64 cannot hold so large an int, got 1000"),
    ("float32", 10**400, LowerRangeError, "Module.float32(v): f32 cannot hold so large an int, got 1000"),
    ("boolean", 1, LowerTypeError, "Module.boolean(v): bool expects True or False, got 1 (int)"),
    ("boolean", None, LowerTypeError, "Module.boolean(v): bool expects True or False, got None (NoneType)"),
    ("color", 3, LowerValueError, "Module.color(v): Color has the values [0, 5], got 3 (int)"),
    ("color", True, LowerTypeError, "Module.color(v): Color expects one of its members, got True (bool)"),
    ("color", "Red", LowerTypeError, "Module.color(v): Color expects one of its members, got 'Red' (str)"),
    ("color", Other.Red, LowerTypeError, "Module.color(v): Color expects one of its members, got <Other.Red"),
    ("text", 5, LowerTypeError, "Module.text(v): string expects a str, got 5 (int)"),
    ("text", b"x", LowerTypeError, "Module.text(v): string expects a str, got b'x' (bytes)"),
    ("text", None, LowerTypeError, "Module.text(v): string expects a str, got None (NoneType)"),
    ("maybeText", 5, LowerTypeError, "Module.maybeText(v): string expects a str, got 5 (int)"),
    ("line", None, LowerTypeError, "Module.line(v): expected Line, got None (NoneType)"),
    ("line", "x", LowerTypeError, "Module.line(v): expected Line, got 'x' (str)"),
    ("maybeLine", 0, LowerTypeError, "Module.maybeLine(v): expected Line, got 0 (int)"),
    ("numbers", 5, LowerTypeError, "Module.numbers(v): Array<f64> expects a list, got 5 (int)"),
    ("numbers", None, LowerTypeError, "Module.numbers(v): Array<f64> expects a list, got None (NoneType)"),
    ("numbers", [1.0, "x"], LowerTypeError, "Module.numbers(v[1]): f64 expects a float, got 'x' (str)"),
    ("words", "abc", LowerTypeError, "Module.words(v): Array<string> expects a list or another sequence"),
    ("words", ["a", 5], LowerTypeError, "Module.words(v[1]): string expects a str, got 5 (int)"),
    ("bytes", [0, 256], LowerRangeError, "Module.bytes(v[1]): u8 holds 0 to 255, got 256 (int)"),
    ("nested", [["a"], ["b", 1]], LowerTypeError, "Module.nested(v[1][1]): string expects a str, got 1 (int)"),
    ("lines", [None], LowerTypeError, "Module.lines(v[0]): expected Line, got None (NoneType)"),
    ("strange", 3, LiftError, "3 is no value of Color (Red = 0, Green = 5)"),
    ("int32", Raising(), LookupError, "from __index__"),
    ("int8", Raising(), LookupError, "from __index__"),
    ("float64", Raising(), LookupError, "from __float__"),
    ("numbers", Raising(), LookupError, "from __iter__"),
]


@pytest.mark.parametrize(("name", "value", "error", "text"), REFUSED)
def test_refused(world: World, name: str, value: Any, error: type[Exception], text: str) -> None:
    """A bad argument is refused with the same type and text, and leaves the instance as it was."""
    for _ in range(2):
        with pytest.raises(error) as caught:
            getattr(world.module, name)(value)
        assert type(caught.value) is error
        assert str(caught.value).startswith(text)
    assert world.module.text("still there") == "still there"


def test_first_bad_argument_is_named(world: World) -> None:
    """Where several arguments are bad, the error is about the first reference, else about the first number."""
    for arguments, path in [
        (("x", 5, "y", 1), "Module.mix(b)"),
        (("x", "b", "y", 1), "Module.mix(a)"),
        ((1, 5, "y", 1), "Module.mix(b)"),
        ((1, "b", "y", 1), "Module.mix(c)"),
        ((1, "b", 2.0, 1), "Module.mix(d)"),
    ]:
        with pytest.raises(LowerTypeError) as caught:
            world.module.mix(*arguments)
        assert caught.value.path == path


def test_keyword_arguments(world: World) -> None:
    """Parameters can be named, in any order."""
    assert world.module.mix(1, d=True, c=0.5, b="-") == "1-0.5true"
    assert world.module.mix(d=False, c=1.0, b="", a=-1) == "-11.0false"


def test_optional_arguments(world: World) -> None:
    """AssemblyScript's defaults fill what is left out, and never linger."""
    module = world.module
    assert [module.optional(1), module.optional(1, 2), module.optional(1, 2, 3)] == [21.5, 3.5, 6.0]
    assert module.optional(1) == 21.5
    assert [module.greet("a"), module.greet("a", "?"), module.greet("a" * 600, b="?")] == ["a!", "a?", "a" * 600 + "?"]


def test_skipped_optional_argument(world: World) -> None:
    """Giving a later optional argument without an earlier one is an error that names the earlier one."""
    with pytest.raises(LowerTypeError) as caught:
        world.module.optional(1, c=2.0)
    assert caught.value.path == "Module.optional(b)"
    assert "can only be left out from the end" in str(caught.value)


def test_results_that_are_not_what_was_declared(world: World) -> None:
    """Null, or an object of another class, is a LiftError."""
    for name, text in [
        ("nullText", "null found where `string` is declared"),
        ("nullLine", "null found where `Line` is declared"),
        ("notAString", "a string expected, found an object of run-time id"),
        ("notALine", "Line expected, found an object of run-time id"),
    ]:
        for _ in range(2):
            with pytest.raises(LiftError, match=text):
                getattr(world.module, name)()
    assert world.module.text("still there") == "still there"


def test_aborts_and_traps(world: World) -> None:
    """An abort or a harmless trap is the same error on both paths, and the instance goes on."""
    with pytest.raises(AbortError) as caught:
        world.module.fail("no ☃")
    assert (caught.value.message, caught.value.file) == ("no ☃", "inline.ts")
    with pytest.raises(errors.TrapError) as trapped:
        world.module.divide(1, 0)
    assert (trapped.value.code, trapped.value.poisoned) == ("integer_division_by_zero", False)
    assert world.module.divide(7, 2) == 3


def test_void(world: World) -> None:
    """A function without a result returns None."""
    assert world.module.nothing() is None


def test_closed(world: World) -> None:
    """After the end every call says so."""
    line = world.Line("x")
    world.module.close()
    for use in (world.module.nothing, lambda: world.module.text("x"), line.grow, lambda: line.s):
        with pytest.raises(InstanceError, match="already closed") as caught:
            use()
        assert caught.value.reason == "closed"
