"""Rows about calls."""

import functools
from collections.abc import Mapping

from benchmarks._by_hand import WASMTIME, ByHand
from benchmarks._floor import BARE_CALL, bare_call, byref_call, stored_call
from benchmarks._modules import CLASSIC, MODERN, TEXT, Classic, Counter, Modern
from benchmarks._processes import NODE, WASMER, node, wasmer
from benchmarks._results import Budget, Measured, Row, Sense
from benchmarks._timing import Contender, Effort, statement

__all__ = ["ROWS", "compared", "shared_by_hand", "shared_modern"]

_OURS = "wasmbind"


@functools.cache
def shared_modern() -> Modern:
    """One instance of `modern.ts` for all rows."""
    return Modern()


@functools.cache
def shared_by_hand() -> ByHand:
    """The same through wasmtime-py."""
    return ByHand(MODERN.path)


def ours(code: str, names: Mapping[str, object], units: int = 1) -> Contender:
    """What a statement costs with wasmbind."""
    return statement(_OURS, code, names, units)


def compared(
    effort: Effort, contender: Contender, *peers: Contender | None, absent: tuple[str, ...] = (), note: str = ""
) -> Measured:
    """Measure a contender of ours and its peers in turns.

    Args:
        absent: what the peers are called that are None.
    """
    times = effort.compare([contender, *(peer for peer in peers if peer is not None)])
    value = times.pop(contender.name)
    return Measured(value, {**times, **dict.fromkeys(name for name in absent if name not in times)}, note=note)


def _add(effort: Effort) -> Measured:
    by_hand = shared_by_hand()
    return compared(
        effort,
        ours("module.add(2, 3)", {"module": shared_modern()}),
        statement(WASMTIME, "add(store, 2, 3)", {"add": by_hand["add"], "store": by_hand.store}),
        bare_call(by_hand),
        stored_call(by_hand),
        byref_call(by_hand),
        node("add"),
        wasmer("add"),
        absent=(NODE, WASMER),
    )


def _echo(effort: Effort) -> Measured:
    return compared(
        effort,
        ours("module.echo(text)", {"module": shared_modern(), "text": TEXT}),
        statement(WASMTIME, "by_hand.echo(text)", {"by_hand": shared_by_hand(), "text": TEXT}),
        node("echo"),
        wasmer("echo"),
        absent=(NODE, WASMER),
    )


def _method(effort: Effort) -> Measured:
    by_hand = ByHand(CLASSIC.path)
    counter = by_hand["Counter#constructor"](by_hand.store, 0, 1)
    by_hand.pin(by_hand.store, counter)
    names = {"increase": by_hand["Counter#increase"], "store": by_hand.store, "counter": counter}
    return compared(
        effort,
        ours("counter.increase(1)", {"counter": Classic()[Counter](1)}),
        statement(WASMTIME, "increase(store, counter, 1)", names),
        bare_call(by_hand, "Counter#increase"),
    )


def _constructor(effort: Effort) -> Measured:
    by_hand = ByHand(CLASSIC.path)
    names = {
        "construct": by_hand["Counter#constructor"],
        "store": by_hand.store,
        "pin": by_hand.pin,
        "unpin": by_hand.unpin,
    }
    module = Classic()
    with module.active():
        return compared(
            effort,
            ours("Counter(1)", {"Counter": Counter}),
            statement(WASMTIME, "counter = construct(store, 0, 1); pin(store, counter); unpin(store, counter)", names),
            bare_call(by_hand, "Counter#increase"),
        )


ROWS = (
    Row(
        "add",
        "call add(i32, i32)",
        _add,
        {WASMTIME: Budget(Sense.FASTER, 25, 40), BARE_CALL: Budget(Sense.TIMES, 2.0, 1.4)},
    ),
    Row("echo", f"call echo(string), {len(TEXT)} characters", _echo, {WASMTIME: Budget(Sense.FASTER, 20, 40)}),
    Row("method", "call a method (asc 0.19)", _method),
    Row("constructor", "construct and drop (asc 0.19)", _constructor),
)
