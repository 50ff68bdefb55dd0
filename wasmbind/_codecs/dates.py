"""Dates: moments that AssemblyScript's `Date` and Python's `datetime` both know, copied.

A `Date` is `i64` milliseconds since 1970 in UTC (`std/assembly/date.ts`). Since asc 0.19 year, month and day lie before
them, which the constructor computes; other fields of older and newer compilers would show in the size.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from wasmbind._codecs.base import null_found
from wasmbind._codecs.buffers import CopyCodec
from wasmbind._ownership import at_rest
from wasmbind.errors import LiftError, LowerTypeError, LowerValueError

if TYPE_CHECKING:
    from wasmbind._codecs.base import Allocation, Raw
    from wasmbind._runtime import Runtime

__all__ = ["DateCodec"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
#: Where the milliseconds lie, by the size of the object in bytes.
_OFFSETS: Final = {8: 0, 24: 16}


class DateCodec(CopyCodec):
    """`datetime`, always in UTC when it comes from AssemblyScript."""

    def make(self, runtime: Runtime, values: Any, slot: int, path: str, allocation: Allocation) -> int:
        milliseconds, moment = at_rest(runtime, self._counted, values, path)
        offset = _OFFSETS.get(allocation.size)
        if offset is None:
            problem = f"the Date of {runtime.name} has {allocation.size} bytes, which no known compiler makes"
            raise LowerTypeError(path, self.name, values, problem)
        ptr = runtime.new(allocation.size, allocation.rt_id, slot)
        if offset:
            words = runtime.mem_i32
            words[ptr >> 2], words[(ptr >> 2) + 1], words[(ptr >> 2) + 2] = moment.year, moment.month, moment.day
        runtime.mem_i64[(ptr + offset) >> 3] = milliseconds
        return ptr

    def _counted(self, value: Any, path: str) -> tuple[int, datetime]:
        """The milliseconds of a value since 1970, and the moment in UTC. It may run code of its time zone.

        Raises:
            LowerTypeError: it is no `datetime`.
            LowerValueError: it has no time zone, or lies outside the years that UTC has in Python.
        """
        if not isinstance(value, datetime):
            raise LowerTypeError(path, self.name, value, "Date expects a datetime")
        if value.utcoffset() is None:
            raise LowerValueError(path, self.name, value, "it has no time zone: write datetime(..., tzinfo=UTC)")
        try:
            moment = value.astimezone(UTC)
        except OverflowError:
            raise LowerValueError(path, self.name, value, "it lies outside the years 1 to 9999 in UTC") from None
        return (moment - _EPOCH) // _MILLISECOND, moment

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        if not raw:
            raise null_found(runtime, self.name)
        rt_id, size = runtime.header(raw, self.name)
        offset = _OFFSETS.get(size)
        if offset is None or raw & 7 or not runtime.binding.allocations.is_date(rt_id):
            raise LiftError(f"{runtime.name}: Date expected, found {size} bytes of run-time id {rt_id}", raw)
        runtime.check(raw, size, "a Date")
        milliseconds: int = runtime.mem_i64[(raw + offset) >> 3]
        try:
            return _EPOCH + milliseconds * _MILLISECOND
        except OverflowError:
            problem = f"a Date {milliseconds} ms from 1970 lies outside the years 1 to 9999 that Python has"
            raise LiftError(f"{runtime.name}: {problem}", raw) from None
