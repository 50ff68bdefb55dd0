"""Stock builds of today's asc: fields at computed offsets, and no members of classes."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable

import pytest

from tests.integration.lazy_binary import LazyBinary
from wasmbind import (
    AscClass,
    AscModule,
    AscRecord,
    BindError,
    DeclarationError,
    LiftError,
    Mismatch,
    f32,
    f64,
    i8,
    i32,
    i64,
    string,
    u8,
    u16,
)

STOCK = LazyBinary(
    "stock.wasm",
    """
export class Line {
  flag: bool = true;
  small: i8 = -8;
  wide: i64 = -1;
  half: u16 = 65535;
  text: string = "line";
  single: f32 = 0.5;
  next: Line | null = null;
  real: f64 = 2.5;
  kids: Line[] = [];
  numbers: u8[] = [1, 255];
  private hidden: i32 = 77;
}
export class Longer extends Line { byte: u8 = 200; end: i32 = 9; }
export function line(): Line { return new Line(); }
export function longer(): Longer { return new Longer(); }
export function describe(line: Line): string {
  return [line.flag.toString(), line.small.toString(), line.wide.toString(), line.half.toString(), line.text,
    line.single.toString(), line.real.toString(), line.kids.length.toString()].join(" ");
}
export function word(): string { return "word"; }
export function loop(line: Line): Line { line.next = line; return line; }
""",
)


class Line(AscClass):
    flag: bool
    small: i8
    wide: i64
    half: u16
    text: string
    single: f32
    next: "Line | None"
    real: f64
    kids: list["Line"]
    numbers: list[u8]
    hidden: i32


class Longer(Line):
    byte: u8
    end: i32


class Stock(AscModule, wasm=STOCK):
    def line(self) -> Line: ...
    def longer(self) -> Longer: ...
    def describe(self, line: Line) -> string: ...
    def loop(self, line: Line) -> Line: ...


def facts(error: BindError) -> tuple[str, str, str, str]:
    """The facts of the only mismatch."""
    found: Mismatch
    (found,) = error.mismatches
    return found.who, found.declared, found.found, found.fix


def test_fields_at_computed_offsets() -> None:
    """Every type of field is read where AssemblyScript put it, padding and private fields counted."""
    line = Stock().line()
    assert (line.flag, line.small, line.wide, line.half, line.text) == (True, -8, -1, 65535, "line")
    assert (line.single, line.next, line.real, line.kids) == (0.5, None, 2.5, [])
    assert (line.numbers, line.hidden) == ([1, 255], 77)


def test_fields_of_a_subclass_follow_those_of_its_base() -> None:
    """A subclass's fields lie after its base's, and the base's stay where they are."""
    longer = Stock().longer()
    assert (longer.byte, longer.end, longer.real, longer.hidden) == (200, 9, 2.5, 77)


def test_written_fields_are_what_assemblyscript_reads() -> None:
    """A write changes its own field and no neighbour."""
    stock = Stock()
    line = stock.line()
    line.flag, line.small, line.wide, line.half = False, 127, 2**40, 1
    line.text, line.single, line.real = "other", 1.5, -3.25
    line.kids = [stock.line(), line]
    line.numbers = [7]
    assert stock.describe(line) == "false 127 1099511627776 1 other 1.5 -3.25 2"
    assert line.kids[1] is line
    assert (line.numbers, line.hidden) == ([7], 77)
    assert stock.loop(line).next is line


def test_constructors_of_a_stock_binary() -> None:
    """Constructing says exactly what the binary lacks and what to do; everything else of the class works."""

    class Line(AscClass):
        flag: bool

        def __init__(self) -> None: ...

    class Stock(AscModule, wasm=STOCK):
        def line(self) -> Line: ...

    stock = Stock()
    assert stock.line().flag is True
    with pytest.raises(BindError) as raised:
        stock[Line]()
    assert facts(raised.value) == (
        "Line.__init__",
        "constructor () -> void",
        "no members of any class in stock.wasm, as in every binary that asc 0.20 or later makes by itself",
        "compile with `wasmbind build`, or export a function from AssemblyScript that does the same",
    )


def test_methods_of_a_stock_binary() -> None:
    """Methods, accessors, statics and records of a stock binary say the same when they are used."""

    class Line(AscClass):
        flag: bool

        def length(self) -> i32: ...
        @property
        def size(self) -> i32: ...
        @staticmethod
        def parse(text: string) -> "Line": ...

    class Pair(AscRecord, name="Line"):
        flag: bool = True

    class Stock(AscModule, wasm=STOCK):
        def line(self) -> Line: ...

    stock = Stock()
    line = stock.line()
    uses: dict[str, Callable[[], object]] = {
        "Line.length": line.length,
        "Line.size": lambda: line.size,
        "Line.parse": lambda: stock[Line].parse("text"),
        "Pair.__init__": stock[Pair],
    }
    for who, use in uses.items():
        with pytest.raises(BindError, match=r"no members of any class in stock\.wasm") as raised:
            use()
        assert facts(raised.value)[0] == who


def test_class_without_a_constructor() -> None:
    """A class that declares no `__init__` says so when it is called."""
    stock = Stock()
    with pytest.raises(DeclarationError, match=r"Line: cannot be constructed: it declares no __init__"):
        stock[Line]()  # type: ignore[call-arg]  # the point of the test


def test_object_too_small_for_its_declaration() -> None:
    """Declaring more than there is is found when the first object is lifted, before any field is read."""

    class Line(AscClass):
        flag: bool
        first: f64
        second: f64
        third: f64
        fourth: f64
        fifth: f64
        sixth: f64
        seventh: f64
        eighth: f64

    class Stock(AscModule, wasm=STOCK):
        def line(self) -> Line: ...

    with pytest.raises(BindError) as raised:
        Stock().line()
    who, declared, found, fix = facts(raised.value)
    assert who == "Line"
    assert declared.startswith("72 bytes (flag at 0, first at 8, second at 16")
    assert found.startswith("an object of 52 bytes (run-time id ")
    assert fix == "declare exactly the fields of the AssemblyScript class, in order, private ones too"


def test_string_where_an_object_is_declared() -> None:
    """A string, array or buffer is never taken for an object."""

    class Line(AscClass):
        flag: bool

    class Stock(AscModule, wasm=STOCK):
        def word(self) -> Line: ...

    with pytest.raises(LiftError, match=r"Stock: Line expected, found an object of run-time id"):
        Stock().word()
