"""Rows about fields."""

import ctypes

from benchmarks._calls import compared, ours, shared_modern
from benchmarks._modules import Sample
from benchmarks._results import Budget, Measured, Row, Sense
from benchmarks._timing import Effort, statement

_STRUCTURE = "ctypes.Structure"


class _SampleStructure(ctypes.Structure):
    """The fields of `Sample` in `modern.ts`."""

    _fields_ = (("weight", ctypes.c_double), ("count", ctypes.c_int32))


def _field(effort: Effort, code: str) -> Measured:
    sample: Sample = shared_modern().makeSample()
    structure = _SampleStructure.from_buffer(sample._asc_runtime.memory, sample._asc_ptr)
    assert structure.count == sample.count == 7
    return compared(effort, ours(code, {"sample": sample}), statement(_STRUCTURE, code, {"sample": structure}))


def _read(effort: Effort) -> Measured:
    return _field(effort, "sample.count")


def _write(effort: Effort) -> Measured:
    return _field(effort, "sample.count = 7")


ROWS = (
    Row("field read", "read an i32 field", _read, {_STRUCTURE: Budget(Sense.TIMES, 5, 3)}),
    Row("field write", "write an i32 field", _write),
)
