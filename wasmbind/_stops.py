"""What calls raise that were stopped, by a limit or from outside (`_interruption`), and the end of their instance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import wasmtime

from wasmbind._engine import binary_of
from wasmbind._interruption import Stop, stopped_error
from wasmbind._limits import Limits
from wasmbind._native import Failure, as_failure
from wasmbind.errors import InstanceError, LimitError

if TYPE_CHECKING:
    from wasmbind._heap import Heap
    from wasmbind._native import Native

__all__ = ["abandoned_stop", "failed_start", "stop_of"]

#: memory.grow, i32.const 0, i32.lt_s, if, unreachable: how the allocators of all runtimes end (`growMemory` in
#: `std/assembly/rt/tlsf.ts`, `maybeGrowMemory` in `stub.ts`), the same at every level of optimisation. The trap is
#: reported at the `if`, because machine code traps on the condition, or at the `unreachable`.
_GROWTH: Final = re.compile(rb"\x40\x00\x41\x00\x48\x04\x40\x00", re.DOTALL)
_BEFORE_IF, _BEFORE_UNREACHABLE = 5, 7
_PAGE: Final = 1 << 16
_NONE: Final = Limits()
_TOO_LARGE: Final = re.compile(r"exceeds (memory|table) limits")


def stop_of(runtime: Heap, found: Failure) -> BaseException | None:
    """The exception for a call that was stopped; the instance is poisoned. None for a call that failed otherwise."""
    stopped = runtime.native.interruption.take(runtime.native.store)
    error = _stop(runtime.name, runtime.native, stopped, found)
    if error is None and _ran_out_of_memory(runtime, found):
        error = _limit_error(runtime.name, "memory", runtime.native)
    if error is not None:
        _poison(runtime, error)
    return error


def abandoned_stop(runtime: Heap) -> None:
    """Poison the instance if the call that an interrupt got ahead of had been stopped."""
    stopped = runtime.native.interruption.take(runtime.native.store)
    if stopped is not None:
        error = _stop(runtime.name, runtime.native, stopped, Failure(None, "", ()))
        assert error is not None  # it was stopped
        _poison(runtime, error)


def failed_start(name: str, native: Native, error: Exception) -> BaseException | None:
    """The exception for an instantiation that was stopped, None for one that failed otherwise."""
    stopped = native.interruption.take(native.store)
    if _TOO_LARGE.search(str(error)) and native.interruption.limits is not None:
        return _limit_error(name, "memory", native)
    found = as_failure(error, None) if isinstance(error, wasmtime.Trap) else Failure(None, str(error), ())
    return _stop(name, native, stopped, found)


def _stop(name: str, native: Native, stopped: BaseException | str | None, found: Failure) -> BaseException | None:
    limits = native.interruption.limits or _NONE
    if isinstance(stopped, BaseException):
        return stopped
    if stopped == Stop.REQUEST:
        return InstanceError("interrupted", f"{name}: this call was stopped by runtime.interrupt()")
    if stopped == Stop.TIMEOUT or found.code == "interrupt":
        return _limit_error(name, "timeout", native)
    if found.code == "out_of_fuel":
        return _limit_error(name, "fuel", native)
    if found.code == "stack_overflow" and limits.stack is not None:
        return _limit_error(name, "stack", native)
    if stopped == Stop.LOST:
        return found.escaped or InstanceError("interrupted", f"{name}: this call was stopped, with no stack to say why")
    return None


def _limit_error(name: str, limit: str, native: Native) -> LimitError:
    return LimitError(name, limit, getattr(native.interruption.limits, limit))


def _ran_out_of_memory(runtime: Heap, found: Failure) -> bool:
    """Whether it was the limit that kept AssemblyScript's allocator from growing the memory."""
    limits = runtime.native.interruption.limits
    if limits is None or limits.memory is None or found.code != "unreachable" or not found.frames:
        return False
    memory = runtime.binary.exports.get("memory")
    largest = memory.size.most if memory is not None and memory.size is not None else None
    if largest is not None and largest * _PAGE <= limits.memory:
        return False  # the module's own maximum comes first
    data, at = binary_of(runtime.binding.module), found.frames[0].offset
    return any(_GROWTH.match(data, at - before) for before in (_BEFORE_IF, _BEFORE_UNREACHABLE) if at >= before)


def _poison(runtime: Heap, error: BaseException) -> None:
    if runtime.idle is None or runtime.idle.reason == "poisoned":
        why = f"by {type(error).__name__}"
        if isinstance(error, LimitError):
            why = f"it {str(error).splitlines()[0].partition(' ')[2]}"
        runtime.poison(stopped_error(runtime.name, why))
