"""Rows about values in memory: fields and lists."""

import ctypes
from array import array
from collections.abc import Mapping

import numpy as np

from benchmarks._by_hand import BUFFER_ID, WASMTIME
from benchmarks._calls import compared, ours, shared_by_hand, shared_modern
from benchmarks._modules import Sample
from benchmarks._results import ALONE, Budget, Measured, Row, Sense
from benchmarks._timing import Contender, Effort, statement

_STRUCTURE = "ctypes.Structure"
_COPY = "array.array + memcpy"
_NUMBERS = 100_000
_STRINGS = 10_000


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


def _copied(values: str, names: Mapping[str, object]) -> Contender:
    """Converts numbers into a C array and copies that into the memory of an instance."""
    by_hand = shared_by_hand()
    buffer = by_hand.new(by_hand.store, 8 * _NUMBERS, BUFFER_ID)
    by_hand.pin(by_hand.store, buffer)
    base = ctypes.addressof(by_hand.memory.data_ptr(by_hand.store).contents)
    names = {**names, "array": array, "memmove": ctypes.memmove, "target": base + buffer, "size": 8 * _NUMBERS}
    return statement(_COPY, f"numbers = {values}; memmove(target, numbers.buffer_info()[0], size)", names)


def _list_in(effort: Effort) -> Measured:
    values = [float(number) for number in range(_NUMBERS)]
    return compared(
        effort,
        ours("module.lengthOf(values)", {"module": shared_modern(), "values": values}),
        _copied("array('d', values)", {"values": values}),
    )


def _ndarray_in(effort: Effort) -> Measured:
    values = np.arange(_NUMBERS, dtype=np.float64)
    return compared(
        effort,
        ours("module.lengthOf(values)", {"module": shared_modern(), "values": values}),
        _copied("array('d', values.tobytes())", {"values": values}),
    )


def _words(effort: Effort) -> Measured:
    by_hand = shared_by_hand()
    assert shared_modern().words() == by_hand.words()
    return compared(
        effort,
        ours("module.words()", {"module": shared_modern()}, _STRINGS),
        statement(WASMTIME, "by_hand.words()", {"by_hand": by_hand}, _STRINGS),
    )


ROWS = (
    Row("field read", "read an i32 field", _read, {_STRUCTURE: Budget(Sense.TIMES, 5, 3)}),
    Row("field write", "write an i32 field", _write),
    Row("list in", "100 000 f64 in, a list", _list_in, {_COPY: Budget(Sense.TIMES, 1.5, 1.2)}),
    Row("ndarray in", "100 000 f64 in, an ndarray", _ndarray_in),
    Row("strings out", "list[string] out, 10 000, each", _words, {ALONE: Budget(Sense.ABSOLUTE, 1000, 500)}),
)
