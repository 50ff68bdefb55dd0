"""What an instance may use at most."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import Final, SupportsFloat

__all__ = ["Limits"]

#: One page: the least that a memory can grow by.
_LEAST_MEMORY: Final = 1 << 16
#: Above, wasmtime ends the process: its own stacks for asynchronous calls, unused here, must be larger.
_LEAST_STACK, _LARGEST_STACK = 1 << 14, 1 << 21
_LARGEST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an instance may use at most; None means no limit beyond WebAssembly's own.

    A call that goes beyond a limit ends with a `LimitError`, and the instance cannot be used afterwards.

    Attributes:
        memory: bytes of linear memory; and as many of function tables.
        timeout: seconds that one call may take. Calls that host functions make in turn are part of it, and what host
            functions take counts; waiting for a turn and converting arguments and results does not.
        fuel: units that one call may use: about one per WebAssembly instruction, the same on every machine.
        stack: bytes that WebAssembly functions may use of the thread's stack; half a mebibyte if None.

    Raises:
        TypeError: a limit is no number.
        ValueError: a limit is too small or too large to mean anything.
    """

    memory: int | None = None
    timeout: float | None = None
    fuel: int | None = None
    stack: int | None = None

    def __post_init__(self) -> None:
        for name, least, largest in (
            ("memory", _LEAST_MEMORY, _LARGEST),
            ("fuel", 1, _LARGEST),
            ("stack", _LEAST_STACK, _LARGEST_STACK),
        ):
            object.__setattr__(self, name, _integer(name, getattr(self, name), least, largest))
        object.__setattr__(self, "timeout", _seconds(self.timeout))


def _integer(name: str, value: object, least: int, largest: int) -> int | None:
    if value is None:
        return None
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # to find out is the purpose
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"Limits({name}=): a whole number or None is expected, not {value!r}")
    if not least <= number <= largest:
        raise ValueError(f"Limits({name}=): {number} is not between {least} and {largest}; None means no limit")
    return number


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, (bool, str, bytes)) or not isinstance(value, SupportsFloat):
        raise TypeError(f"Limits(timeout=): a number of seconds or None is expected, not {value!r}")
    number = float(value)
    if not 0 < number < math.inf:
        raise ValueError(f"Limits(timeout=): {number} is no time that a call could take; None means no limit")
    return number
