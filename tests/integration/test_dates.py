"""Dates: `datetime` in Python, `Date` in AssemblyScript, the same moment on both sides."""

# mypy: disable-error-code="empty-body"

import re
import types
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.compiling import compile_asc
from wasmbind import (
    Array,
    AscClass,
    AscModule,
    BindError,
    Date,
    LiftError,
    LowerError,
    LowerTypeError,
    LowerValueError,
    Map,
    asdict,
    i32,
    i64,
    string,
)

SOURCE = """
export function iso(moment: Date): string { return moment.toISOString(); }
export function millis(moment: Date): i64 { return moment.getTime(); }
export function parts(moment: Date): i32[] {
  return [moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate(), moment.getUTCHours(), moment.getUTCDay()];
}
export function at(millis: i64): Date { return new Date(millis); }
export function later(moment: Date): Date { moment.setUTCHours(moment.getUTCHours() + 1); return moment; }
export function maybe(moment: Date | null): Date | null { return moment; }
export function sorted(moments: Date[]): Date[] {
  return moments.sort((a, b) => <i32>(a.getTime() > b.getTime()) - <i32>(a.getTime() < b.getTime()));
}
export function named(moments: Map<string, Date>): Map<string, Date> { return moments; }
export function apply(moment: Date, change: (moment: Date) => Date): Date { return change(moment); }
export class Event {
  label: string = "";
  start: Date = new Date(0);
  end: Date | null = null;
  constructor(label: string) { this.label = label; }
  lasts(): i64 { return this.end ? this.end!.getTime() - this.start.getTime() : -1; }
}
export let epoch: Date = new Date(0);
"""
MOMENT = datetime(2026, 2, 28, 23, 59, 59, 999_000, tzinfo=UTC)


class Event(AscClass):
    label: string
    start: Date
    end: Date | None

    def __init__(self, label: string) -> None: ...
    def lasts(self) -> i64: ...


class Dates(AscModule, classes=[Event]):
    epoch: Date

    def iso(self, moment: Date) -> string: ...
    def millis(self, moment: datetime) -> i64: ...
    def parts(self, moment: Date) -> list[i32]: ...
    def at(self, millis: i64) -> Date: ...
    def later(self, moment: Date) -> datetime: ...
    def maybe(self, moment: Date | None) -> Date | None: ...
    def sorted(self, moments: list[Date]) -> Array[Date]: ...
    def named(self, moments: dict[string, Date]) -> Map[string, Date]: ...


def bound(**options: Any) -> Dates:
    """An instance."""
    cls: type[Dates] = types.new_class("Bound", (Dates,), {"wasm": compile_asc(SOURCE, **options)})
    return cls()


@pytest.fixture(scope="module", params=["modern", "oldest"])
def dates(request: pytest.FixtureRequest) -> Dates:
    """One instance for all tests, of the newest and the oldest compiler that the transform runs in."""
    return bound(compiler=request.param, transform=True)


def test_there_and_back(dates: Dates) -> None:
    """Whole milliseconds survive; what is finer is left out, towards the past; any zone is the same moment in UTC."""
    assert dates.iso(MOMENT) == "2026-02-28T23:59:59.999Z"
    assert dates.maybe(MOMENT) == MOMENT
    assert dates.maybe(None) is None
    assert dates.maybe(MOMENT + timedelta(microseconds=999)) == MOMENT
    found = dates.later(MOMENT.astimezone(timezone(timedelta(hours=-5))))
    assert (found, found.tzinfo) == (MOMENT + timedelta(hours=1), UTC)
    assert dates.millis(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
    assert dates.at(-1) == datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)


@given(moment=st.datetimes(timezones=st.just(UTC)))
def test_both_sides_see_the_same(dates: Dates, moment: datetime) -> None:
    """Year, month and day, which AssemblyScript computes when it constructs, are those of the moment."""
    weekday = moment.isoweekday() % 7
    assert dates.parts(moment) == [moment.year, moment.month - 1, moment.day, moment.hour, weekday]
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert dates.maybe(moment) == whole
    assert dates.at(dates.millis(moment)) == whole


def test_members_and_elements(dates: Dates) -> None:
    """Fields, globals, elements, values of maps and arguments of function values are dates too."""
    event = dates[Event]("launch")
    assert (event.start, event.end, event.lasts()) == (datetime(1970, 1, 1, tzinfo=UTC), None, -1)
    event.start, event.end = MOMENT, MOMENT + timedelta(seconds=5)
    assert event.lasts() == 5_000
    assert asdict(event) == {"label": "launch", "start": MOMENT, "end": MOMENT + timedelta(seconds=5)}
    dates.epoch = MOMENT
    assert dates.epoch == MOMENT
    moments = [MOMENT, MOMENT - timedelta(days=1)]
    live = dates.sorted(moments)
    assert list(live) == moments[::-1]
    live.append(MOMENT)
    assert (live[-1], len(live)) == (MOMENT, 3)
    found = dates.named({"now": MOMENT})
    found["then"] = MOMENT - timedelta(days=1)
    assert dict(found) == {"now": MOMENT, "then": MOMENT - timedelta(days=1)}


@pytest.mark.parametrize(
    ("value", "error", "reason"),
    [
        (date(2026, 1, 1), LowerTypeError, "Date expects a datetime"),
        (0, LowerTypeError, "Date expects a datetime"),
        (datetime(2026, 1, 1), LowerValueError, "no time zone: write datetime(..., tzinfo=UTC)"),  # noqa: DTZ001 - wrong
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), LowerValueError, "outside the years 1 to 9999"),
    ],
)
def test_what_is_no_date(dates: Dates, value: Any, error: type[LowerError], reason: str) -> None:
    """It is told what it is called, and what to write."""
    with pytest.raises(error, match=re.escape(reason)) as raised:
        dates.iso(value)
    assert raised.value.path == "Dates.iso(moment)"


def test_years_that_python_does_not_have(dates: Dates) -> None:
    """AssemblyScript's dates reach 270 000 years farther in each direction."""
    for millis in (253_402_300_800_000, -62_135_596_800_001):
        with pytest.raises(LiftError, match="outside the years 1 to 9999"):
            dates.at(millis)
    assert dates.at(253_402_300_799_999).year == 9999


def test_without_a_schema() -> None:
    """Dates come out of binaries of asc alone; nothing tells which class they are, so none goes in."""

    class Plain(AscModule, wasm=compile_asc(SOURCE)):
        epoch: Date

        def at(self, millis: i64) -> Date: ...
        def iso(self, moment: Date) -> string: ...

    plain = Plain()
    assert plain.epoch == datetime(1970, 1, 1, tzinfo=UTC)
    found = plain.at(1_000)
    assert found == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    with pytest.raises(LowerError, match="build it with wasmbind's transform"):
        plain.iso(found)


def test_other_classes_are_no_dates() -> None:
    """A declaration that says Date for another class does not bind."""

    class Wrong(AscModule, wasm=compile_asc(SOURCE, transform=True)):
        def iso(self, moment: string) -> string: ...
        def sorted(self, moments: list[Date]) -> list[i32]: ...

    with pytest.raises(BindError) as raised:
        Wrong()
    assert [(each.declared, each.found, each.fix) for each in raised.value.mismatches] == [
        ("string", "Date", "annotate `moment: Date`"),
        ("Array<i32>", "Array<Date>", "annotate `-> list[Date]`"),
    ]
