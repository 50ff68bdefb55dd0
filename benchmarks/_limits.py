"""Rows about limits: what each costs a call, and a loop inside WebAssembly, beside an instance without any."""

import functools

from benchmarks._modules import Source
from benchmarks._results import Budget, Measured, Row, Sense
from benchmarks._timing import Effort, statement
from wasmbind import AscModule, Limits, i32

__all__ = ["ROWS"]

#: A limit that takes part in no call costs nothing: what differs is noise.
_FREE = Budget(Sense.TIMES, 1.25, 1.10)
_LOOP = 100_000
_SOURCE = Source("""
export function add(a: i32, b: i32): i32 { return a + b; }
export function mix(n: i32): i32 {
  let x: u32 = 1;
  for (let i = 0; i < n; i++) x = (x ^ (x >> 7)) * 0x9e3779b1 + i;
  return x;
}
""")
_LIMITS = {
    "no limit": Limits(),
    "memory": Limits(memory=1 << 24),
    "stack": Limits(stack=1 << 20),
    "timeout": Limits(timeout=10),
    "fuel": Limits(fuel=1 << 40),
    "all four": Limits(memory=1 << 24, stack=1 << 20, timeout=10, fuel=1 << 40),
}


class Mixer(AscModule, wasm=_SOURCE):
    def add(self, a: i32, b: i32) -> i32: ...  # type: ignore[empty-body]  # declarations have none
    def mix(self, n: i32) -> i32: ...  # type: ignore[empty-body]  # the same


@functools.cache
def _mixers() -> dict[str, Mixer]:
    """An instance for each limit."""
    return {name: Mixer(limits=limits) for name, limits in _LIMITS.items()}


def _compare(effort: Effort, code: str) -> Measured:
    times = effort.compare(
        [statement(name, code, {"module": module, "n": _LOOP}) for name, module in _mixers().items()]
    )
    return Measured(times.pop("no limit"), times)


def _call(effort: Effort) -> Measured:
    return _compare(effort, "module.add(2, 3)")


def _loop(effort: Effort) -> Measured:
    return _compare(effort, "module.mix(n)")


def _start(effort: Effort) -> Measured:
    times = effort.compare(
        [statement(name, "Mixer(limits=limits)", {"Mixer": Mixer, "limits": _LIMITS[name]}) for name in _LIMITS]
    )
    return Measured(times.pop("no limit"), times)


ROWS = (
    Row("limited call", "call add(i32, i32) without a limit, beside each", _call, {"memory": _FREE, "stack": _FREE}),
    Row("limited loop", f"loop of {_LOOP} steps, beside each limit", _loop, {"memory": _FREE, "timeout": _FREE}),
    Row("limited start", "start an instance, beside each limit", _start),
)
