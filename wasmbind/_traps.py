"""From a failed call to the exception that Python sees, and what becomes of the instance."""

from __future__ import annotations

import contextlib
import ctypes
from typing import TYPE_CHECKING

import wasmtime

from wasmbind._backtraces import own_frames
from wasmbind._native import headroom
from wasmbind._ownership import Suspension
from wasmbind._stops import abandoned_stop, stop_of
from wasmbind._tracebacks import Trail
from wasmbind.errors import AbortError, InstanceError, LiftError, LimitError, TrapError

if TYPE_CHECKING:
    from wasmbind._heap import Heap
    from wasmbind._native import Failure

__all__ = ["abandon", "failure", "trail"]

#: Traps raised by user code between two operations of the runtime; like `throw`, they leave the heap whole.
_HARMLESS = frozenset(
    {
        "integer_division_by_zero",
        "integer_overflow",
        "bad_conversion_to_integer",
        "indirect_call_to_null",
        "table_out_of_bounds",
        "bad_signature",
    }
)
_OVERFLOW = "stack overflow"
#: How an abort ends the call: with the trap that follows it, or with a host function's exception.
_OF_ABORT = frozenset({"unreachable", None})
#: What is raised where there is no stack or memory left; ctypes makes an ArgumentError of a RecursionError.
_NO_ROOM = (RecursionError, MemoryError, ctypes.ArgumentError)
#: Python frames that finding out about frames needs; nobody could catch what a destructor of wasmtime-py raises.
_HEADROOM = 50
#: What `trail` gives where nothing can be found out.
_NO_TRAIL = Trail((), ())
#: Said where the weak reference that host functions know the instance by has ended before the instance.
_COLLECTED = (
    "host functions cannot be called by a `__del__` of a cycle that the instance is part of: let the object that has it"
    " close what it uses by a method of its own"
)
#: Line and column of the abort for it, whose texts lie where the heap overwrites them.
_STACK_CHECK = (1, 1)


def abandon(runtime: Heap) -> None:
    """Deal with the failure of a call that an interrupt got ahead of, before anybody looked at it."""
    if runtime.idle is None and runtime.trapped[0]:
        failure(runtime, 0)
    elif runtime.idle is None:
        runtime.native.take_escaped()
        abandoned_stop(runtime)


def failure(runtime: Heap, status: int) -> BaseException:
    """The exception for the call that just failed.

    After `abort`, a harmless trap or an exception of a host function the instance goes on: the shadow stack
    pointer is put back where the module exports it. After any other trap it is poisoned.

    Args:
        status: what the call returned.
    """
    found = runtime.native.failure(status)
    owner, restored = runtime.owner, False
    nested = isinstance(owner, Suspension) and owner.nested
    if not nested:  # else the scratch slots are the interrupted call's
        runtime.clear_scratch()
    with contextlib.suppress(*_NO_ROOM):  # further out there will be room
        restored = runtime.write_stack_pointer(owner.stack_pointer if nested else runtime.idle_stack_pointer)
    stopped = stop_of(runtime, found)
    if stopped is not None:
        return _stopped(runtime, found, stopped)
    if found.escaped is not None and runtime.native.hosting.runtime() is None:
        return InstanceError("closed", f"{runtime.name}: {_COLLECTED}")
    if found.escaped is not None:
        _show(trail(runtime, found), found.escaped)
        return found.escaped
    aborted = runtime.take_abort()
    if found.code not in _OF_ABORT:
        aborted = None  # left by an earlier call, whose failure an interrupt got ahead of
    if aborted is not None:
        return _abort_error(runtime, found, aborted, restored=restored)
    if found.code is None and "host function" in found.reason:
        return InstanceError("interrupted", f"{runtime.name}: a host function was interrupted before it began")
    return _trap_error(runtime, found)


def _stopped(runtime: Heap, found: Failure, error: BaseException) -> BaseException:
    with runtime.native.interruption.put_off():
        way = trail(runtime, found)
    if isinstance(error, LimitError):
        error.frames = way.frames
    _show(way, error)
    return error


def _abort_error(runtime: Heap, found: Failure, aborted: tuple[int, int, int, int], *, restored: bool) -> AbortError:
    message, file = (_text(runtime, ptr) for ptr in aborted[:2])
    line, column = aborted[2:]
    if file is None and (line, column) == _STACK_CHECK:
        message = _OVERFLOW
    note = None
    if message == _OVERFLOW and not restored:
        note = (
            "  the shadow stack is used up: by recursion, or by earlier aborts, because this binary does not"
            " export __stack_pointer; start a fresh instance of the module"
        )
        runtime.poison(InstanceError("poisoned", f"{runtime.name}: {_OVERFLOW}; start a fresh instance"))
    way = trail(runtime, found, (file, line, column))
    error = AbortError(message, file, line, column, way.frames, note)
    _show(way, error)
    return error


def _trap_error(runtime: Heap, found: Failure) -> TrapError:
    poisoned = found.code not in _HARMLESS
    if poisoned:
        _poison(runtime, found, "")  # before anything that an interrupt can come in
    way = trail(runtime, found)
    if poisoned and way.frames:
        _poison(runtime, found, f" in {way.frames[0]}")
    error = TrapError(found.code, found.reason, way.frames, poisoned=poisoned)
    _show(way, error)
    return error


def _poison(runtime: Heap, found: Failure, where: str) -> None:
    """Refuse further use, and say by which trap."""
    runtime.poison(
        InstanceError(
            "poisoned",
            f"{runtime.name}: poisoned by an earlier trap ({found.code or found.reason}{where}); its heap may be"
            " torn: start a fresh instance of the module",
        )
    )


def trail(runtime: Heap, found: Failure, aborted: tuple[str | None, int, int] | None = None) -> Trail:
    """The AssemblyScript frames of a call that failed, without those of the calls around it.

    Args:
        found: the failure.
        aborted: file, line and column that AssemblyScript's abort has given.
    """
    # What is missing here must not take the place of the error: there may be no stack left, or no memory.
    with contextlib.suppress(*_NO_ROOM, wasmtime.WasmtimeError):
        headroom(_HEADROOM)
        owner = runtime.owner
        nested = isinstance(owner, Suspension) and owner.nested
        frames = own_frames(found.frames, runtime.native.standing_frames()) if nested else found.frames
        way: Trail = runtime.binding.origins.trail(frames, aborted)
        return way
    return _NO_TRAIL


def _show(way: Trail, error: BaseException) -> None:
    with contextlib.suppress(*_NO_ROOM):  # as in trail()
        headroom(_HEADROOM)
        way.lead_to(error)


def _text(runtime: Heap, ptr: int) -> str | None:
    if not ptr & 0xFFFFFFFF:
        return None
    try:
        return runtime.read_text(ptr & 0xFFFFFFFF)
    except LiftError:
        return None
