"""Rows about collections: copied, live, and as memory."""

import ctypes
import functools
from array import array
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks._by_hand import BUFFER_ID, WASMTIME, ByHand
from benchmarks._calls import compared, ours
from benchmarks._modules import COLLECTIONS, Collections
from benchmarks._processes import NODE, node_collections
from benchmarks._results import ALONE, Budget, Measured, Row, Sense
from benchmarks._timing import Contender, Effort, statement
from wasmbind import Array, i32

__all__ = ["ROWS"]

_COPY = "array.array + memcpy"
_VIEW = "np.frombuffer"
_LIST = "list"
_DICT = "dict"
_NUMBERS = 100_000
_WORDS = 10_000


@functools.cache
def _numbers() -> Collections:
    """The instance of `collections.ts` for numbers: the collector's work grows with the number of objects."""
    return Collections()


@functools.cache
def _texts() -> Collections:
    """The one with strings."""
    return Collections()


@functools.cache
def _by_hand() -> ByHand:
    """An instance through wasmtime-py."""
    return ByHand(COLLECTIONS.path)


def _row(
    effort: Effort, code: str, names: Mapping[str, Any], *peers: Contender | None, operation: str = "", units: int = 1
) -> Measured:
    """Measure a statement, its peers, and an operation of the Node.js one."""
    node, absent = (node_collections(operation, units), (NODE,)) if operation else (None, ())
    contender = ours(code, names, units)
    contender.measure(1)  # what is made once for each type would make the first round a short one
    return compared(effort, contender, *peers, node, absent=absent)


# --- numbers -------------------------------------------------------------------------------------------------


def _copied(code: str, names: Mapping[str, object]) -> Contender:
    """Copies numbers into a C array and that into the memory of an instance."""
    by_hand = _by_hand()
    buffer = by_hand.new(by_hand.store, 8 * _NUMBERS, BUFFER_ID)
    by_hand.pin(by_hand.store, buffer)
    base = ctypes.addressof(by_hand.memory.data_ptr(by_hand.store).contents)
    names = {**names, "array": array, "memmove": ctypes.memmove, "target": base + buffer, "size": 8 * _NUMBERS}
    return statement(_COPY, f"{code}; memmove(target, numbers.buffer_info()[0], size)", names)


def _list_in(effort: Effort) -> Measured:
    names = {"module": _numbers(), "values": [float(number) for number in range(_NUMBERS)]}
    peer = _copied("numbers = array('d', values)", names)
    return _row(effort, "module.lengthOf(values)", names, peer, operation="list_in")


def _from_ndarray() -> tuple[dict[str, Any], Contender]:
    values = np.arange(_NUMBERS, dtype=np.float64)
    names, content = {"module": _numbers(), "values": values}, values.data.cast("B")
    return names, _copied("numbers = array('d'); numbers.frombytes(content)", {"content": content})


def _ndarray_in(effort: Effort) -> Measured:
    names, peer = _from_ndarray()
    return _row(effort, "module.lengthOf(values)", names, peer)


def _ndarray_in_typed(effort: Effort) -> Measured:
    names, peer = _from_ndarray()
    return _row(effort, "module.lengthOfTyped(values)", names, peer, operation="typed_in")


def _live_in(effort: Effort) -> Measured:
    names = {"module": _numbers(), "values": _numbers().numbers()}
    return _row(effort, "module.length_of_live(values)", names, _from_ndarray()[1])


def _list_out(effort: Effort) -> Measured:
    memory = memoryview(array("d", range(_NUMBERS)))
    peer = statement("memoryview.tolist", "memory.tolist()", {"memory": memory})
    return _row(effort, "module.copied_numbers()", {"module": _numbers()}, peer, operation="list_out")


def _seen(operation: str, live: Any, effort: Effort) -> Measured:
    by_hand = _by_hand()
    start = by_hand["numbersStart"](by_hand.store)
    memory = by_hand.memory.get_buffer_ptr(by_hand.store, start + 8 * _NUMBERS)
    names = {"np": np, "memory": memory, "count": _NUMBERS, "start": start}
    code = "np.frombuffer(memory, np.float64, count, start)"
    peer = statement(_VIEW, code, names)
    return _row(effort, "np.asarray(live)", {"np": np, "live": live}, peer, operation=operation)


def _ndarray_out(effort: Effort) -> Measured:
    return _seen("view", _numbers().numbers(), effort)


def _ndarray_out_typed(effort: Effort) -> Measured:
    return _seen("typed_out", _numbers().typedNumbers(), effort)


# --- elements ------------------------------------------------------------------------------------------------


def _iterate(effort: Effort) -> Measured:
    live = _numbers().integers()
    code = "for number in values: pass"
    peer = statement(_LIST, code, {"values": list(live)}, _NUMBERS)
    return _row(effort, code, {"values": live}, peer, operation="iterate", units=_NUMBERS)


def _read(effort: Effort) -> Measured:
    live = _numbers().integers()
    as_ctypes = (ctypes.c_int32 * _NUMBERS)(*live)
    code = "values[500]"
    peers = [statement(_LIST, code, {"values": list(live)}), statement("ctypes array", code, {"values": as_ctypes})]
    return _row(effort, code, {"values": live}, *peers, operation="read")


def _write(effort: Effort) -> Measured:
    live = _numbers()[Array[i32]](range(1000))
    as_ctypes = (ctypes.c_int32 * 1000)()
    code = "values[500] = 7"
    peers = [statement(_LIST, code, {"values": [0] * 1000}), statement("ctypes array", code, {"values": as_ctypes})]
    return _row(effort, code, {"values": live}, *peers)


def _append(effort: Effort) -> Measured:
    values: list[int] = []
    peer = statement(_LIST, "values.append(7)", {"values": values})
    return _row(effort, "values.append(7)", {"values": _numbers().noIntegers()}, peer)


# --- strings and maps ----------------------------------------------------------------------------------------


def _strings_out(effort: Effort) -> Measured:
    by_hand = _by_hand()
    assert _texts().words() == by_hand.words()
    peer = statement(WASMTIME, "by_hand.words()", {"by_hand": by_hand}, _WORDS)
    return _row(effort, "module.words()", {"module": _texts()}, peer, operation="strings_out", units=_WORDS)


def _strings_in(effort: Effort) -> Measured:
    names = {"module": _texts(), "values": [f"word {number}" for number in range(_WORDS)]}
    return _row(effort, "module.countWords(values)", names, operation="strings_in", units=_WORDS)


def _entries() -> dict[str, int]:
    return {f"word {number}": number for number in range(_WORDS)}


def _copy_of_dict() -> Contender:
    return statement(_DICT, "{key: value for key, value in values.items()}", {"values": _entries()}, _WORDS)


def _dict_out(effort: Effort) -> Measured:
    assert _texts().copied_index() == _entries()
    return _row(
        effort, "module.copied_index()", {"module": _texts()}, _copy_of_dict(), operation="map_out", units=_WORDS
    )


def _dict_in(effort: Effort) -> Measured:
    names = {"module": _texts(), "values": _entries()}
    return _row(effort, "module.countIndex(values)", names, _copy_of_dict(), operation="map_in", units=_WORDS)


def _of_a_map(code: str, operation: str) -> Callable[[Effort], Measured]:
    def measure(effort: Effort) -> Measured:
        peer = statement(_DICT, code, {"values": _entries()})
        return _row(effort, code, {"values": _texts().index()}, peer, operation=operation)

    return measure


_AS_A_COPY = {_COPY: Budget(Sense.TIMES, 1.2, 1.1)}

ROWS = (
    Row("list in", "100 000 f64 in, a list", _list_in, {_COPY: Budget(Sense.TIMES, 1.5, 1.2)}),
    Row("ndarray in", "100 000 f64 in, an ndarray", _ndarray_in, _AS_A_COPY),
    Row("ndarray in typed", "the same for a Float64Array", _ndarray_in_typed, _AS_A_COPY),
    Row("live in", "100 000 f64 in, a live Array", _live_in),
    Row("list out", "100 000 f64 out, a list", _list_out),
    Row("ndarray out", "np.asarray of a live Array", _ndarray_out),
    Row("ndarray out typed", "np.asarray of a live Float64Array", _ndarray_out_typed),
    Row("strings out", "list[string] out, 10 000, each", _strings_out, {ALONE: Budget(Sense.ABSOLUTE, 1000, 500)}),
    Row("strings in", "list[string] in, 10 000, each", _strings_in, {ALONE: Budget(Sense.ABSOLUTE, 1000, 500)}),
    Row("dict out", "dict[string, i32] out, 10 000, each", _dict_out),
    Row("dict in", "dict[string, i32] in, 10 000, each", _dict_in),
    Row("iterate", "for each of 100 000 i32, live", _iterate),
    Row("element read", "read an element of a live Array", _read),
    Row("element write", "write an element of a live Array", _write),
    Row("append", "append an i32 to a live Array", _append),
    Row("map get", "look up in a live Map<string, i32>", _of_a_map("values['word 500']", "map_get")),
    Row("map set", "set in a live Map<string, i32>", _of_a_map("values['word 500'] = 7", "map_set")),
    Row("map has", "`in` a live Map<string, i32>", _of_a_map("'word 500' in values", "")),
)
