"""JavaScript's clocks: `Date` and `performance`."""

import math
import time
from datetime import date

from wasmbind.types import f64, i32

__all__ = ["DEFAULTS", "performance_now"]

_START = time.perf_counter_ns()
_NS_PER_MS = 1_000_000
_MS_PER_SECOND = 1000
_MS_PER_MINUTE = 60 * _MS_PER_SECOND
_MS_PER_HOUR = 60 * _MS_PER_MINUTE
_MS_PER_DAY = 24 * _MS_PER_HOUR
#: ECMAScript's last and, negated, first moment.
_MOST_MS = 8_640_000_000_000_000
#: The Gregorian calendar repeats itself.
_YEARS_PER_CYCLE, _DAYS_PER_CYCLE = 400, 146_097
#: Years below are counted from 1900.
_SHORT_YEARS, _CENTURY = 100, 1900
#: A year whose cycle lies inside of Python's calendar.
_NEAR_YEAR = 2000


def date_now() -> f64:
    """Milliseconds since 1970, without a fraction."""
    return float(time.time_ns() // _NS_PER_MS)


def date_utc(year: i32, month: i32, day: i32, hour: i32, minute: i32, second: i32, millisecond: f64) -> f64:
    """Milliseconds from 1970 to a moment in UTC, NaN of what is no moment.

    asc imports it before 0.18.25. Whatever is too much of one part is carried into the next: month 12 (they are counted
    from 0) is next year's first.
    """
    if not math.isfinite(millisecond):
        return math.nan
    if 0 <= year < _SHORT_YEARS:
        year += _CENTURY
    years, month = divmod(month, 12)
    cycles, year = divmod(year + years - _NEAR_YEAR, _YEARS_PER_CYCLE)
    first = date(_NEAR_YEAR + year, month + 1, 1) - date(1970, 1, 1)
    days = cycles * _DAYS_PER_CYCLE + first.days + day - 1
    total = (
        days * _MS_PER_DAY
        + hour * _MS_PER_HOUR
        + minute * _MS_PER_MINUTE
        + second * _MS_PER_SECOND
        + math.trunc(millisecond)
    )
    return float(total) if -_MOST_MS <= total <= _MOST_MS else math.nan


def performance_now() -> f64:
    """Milliseconds since this was loaded, with a fraction, by a clock that nobody sets."""
    return (time.perf_counter_ns() - _START) / _NS_PER_MS


DEFAULTS: dict[str, object] = {
    "Date.UTC": date_utc,
    "Date.now": date_now,
    "performance.now": performance_now,
}
