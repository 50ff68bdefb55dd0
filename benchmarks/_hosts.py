"""Rows about what a module calls: host functions, function values, and what two threads gain."""

import functools
from concurrent.futures import ThreadPoolExecutor

from benchmarks._by_hand import WASMTIME, ByHand
from benchmarks._calls import compared, ours
from benchmarks._floor import BARE_CALLBACK, bare_call, bare_callback
from benchmarks._modules import HOST, Hosted, twice, unchecked
from benchmarks._results import Budget, Measured, Row, Sense
from benchmarks._timing import Contender, Effort, statement

__all__ = ["ROWS"]

_CALLS = 1000
_STEPS = 5_000_000
_IN_TURN = "one after the other"


@functools.cache
def _by_hand() -> ByHand:
    return ByHand(HOST.path)


@functools.cache
def _hosted() -> Hosted:
    return Hosted()


def _beside_host(effort: Effort) -> Measured:
    by_hand = _by_hand()
    return compared(
        effort,
        ours("module.add(2, 3)", {"module": _hosted()}),
        statement(WASMTIME, "add(store, 2, 3)", {"add": by_hand["add"], "store": by_hand.store}),
        bare_call(by_hand),
    )


def _numbers_by_hand() -> Contender:
    by_hand = _by_hand()
    names = {"call_host": by_hand["callHost"], "store": by_hand.store, "times": _CALLS}
    return statement(WASMTIME, "call_host(store, times)", names, _CALLS)


def _unchecked(effort: Effort) -> Measured:
    contender = ours("module.callHost(times)", {"module": unchecked(), "times": _CALLS}, _CALLS)
    return compared(effort, contender, _numbers_by_hand(), bare_callback(_by_hand(), _CALLS))


def _typed(effort: Effort) -> Measured:
    contender = ours("module.callHost(times)", {"module": _hosted(), "times": _CALLS}, _CALLS)
    return compared(effort, contender, _numbers_by_hand(), bare_callback(_by_hand(), _CALLS))


def _strings(effort: Effort) -> Measured:
    by_hand = _by_hand()
    names = {"shout": by_hand["shoutOften"], "store": by_hand.store, "times": _CALLS}
    return compared(
        effort,
        ours("module.shoutOften(times)", {"module": _hosted(), "times": _CALLS}, _CALLS),
        statement(WASMTIME, "shout(store, times)", names, _CALLS),
    )


def _callback(effort: Effort) -> Measured:
    by_hand = _by_hand()
    value = by_hand.function_value(twice)
    names = {"call_back": by_hand["callBack"], "store": by_hand.store, "times": _CALLS, "value": value}
    return compared(
        effort,
        ours("module.callBack(times, twice)", {"module": _hosted(), "times": _CALLS, "twice": twice}, _CALLS),
        statement(WASMTIME, "call_back(store, times, value)", names, _CALLS),
    )


def _passed(effort: Effort) -> Measured:
    by_hand = _by_hand()
    names = {"apply": by_hand["apply"], "store": by_hand.store, "value": by_hand.function_value(twice)}
    return compared(
        effort,
        ours("module.apply(twice)", {"module": _hosted(), "twice": twice}),
        statement(WASMTIME, "apply(store, value)", names),
    )


def _called(effort: Effort) -> Measured:
    by_hand = _by_hand()
    function = by_hand.function_at(by_hand["doubler"](by_hand.store))
    return compared(
        effort,
        ours("double(7)", {"double": _hosted().doubler()}),
        statement(WASMTIME, "double(store, 7)", {"double": function, "store": by_hand.store}),
    )


def _spin(module: Hosted) -> int:
    return module.spin(_STEPS)


def _threads(effort: Effort) -> Measured:
    pair = [Hosted(), Hosted()]
    with ThreadPoolExecutor(2) as pool:
        names = {"pool": pool, "pair": pair, "spin": _spin}
        return compared(
            effort,
            ours("list(pool.map(spin, pair))", names),
            statement(_IN_TURN, "list(map(spin, pair))", names),
        )


_TEN_TIMES = {WASMTIME: Budget(Sense.FASTER, 10, 20)}
ROWS = (
    Row("add beside host", "call add(i32, i32) in a module with host functions", _beside_host),
    Row(
        "host",
        "host function (i32) -> i32, unchecked, each",
        _unchecked,
        {**_TEN_TIMES, BARE_CALLBACK: Budget(Sense.TIMES, 4, 2)},
    ),
    Row("host typed", "@host function (i32) -> i32, each", _typed, _TEN_TIMES),
    Row("host string", "@host function (string) -> string, each", _strings, _TEN_TIMES),
    Row("callback", "Python callable as function value, called", _callback, _TEN_TIMES),
    Row("pass a callback", "pass a Python callable, which is called once", _passed),
    Row("function value", "call AssemblyScript's function value", _called, _TEN_TIMES),
    Row(
        "threads",
        "CPU-bound AssemblyScript on two instances in two threads",
        _threads,
        {_IN_TURN: Budget(Sense.FASTER, 1.5, 1.8)},
    ),
)
