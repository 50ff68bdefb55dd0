"""From a failed call to the exception that Python sees, and what becomes of the instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmbind._ownership import Suspension
from wasmbind.errors import AbortError, InstanceError, LiftError, TrapError

if TYPE_CHECKING:
    from wasmbind._heap import Heap

__all__ = ["abandon", "failure"]

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
#: Line and column of the abort for it, whose texts lie where the heap overwrites them.
_STACK_CHECK = (1, 1)


def abandon(runtime: Heap) -> None:
    """Deal with the failure of a call that an interrupt got ahead of, before anybody looked at it."""
    if runtime.idle is None and runtime.trapped[0]:
        failure(runtime, 0)
    elif runtime.idle is None:
        runtime.native.take_escaped()


def failure(runtime: Heap, status: int) -> BaseException:
    """The exception for the call that just failed.

    After `abort`, a harmless trap or an exception of a host function the instance goes on: the shadow stack
    pointer is put back where the module exports it. After any other trap it is poisoned.

    Args:
        status: what the call returned.
    """
    found = runtime.native.failure(status)
    owner = runtime.owner
    if isinstance(owner, Suspension) and owner.nested:
        # The scratch slots are the interrupted call's.
        restored = runtime.write_stack_pointer(owner.stack_pointer)
    else:
        runtime.clear_scratch()
        restored = runtime.write_stack_pointer(runtime.idle_stack_pointer)
    if found.escaped is not None:
        return found.escaped
    aborted = runtime.take_abort()
    if found.code not in _OF_ABORT:
        aborted = None  # left by an earlier call, whose failure an interrupt got ahead of
    if aborted is not None:
        message, file = (_text(runtime, ptr) for ptr in aborted[:2])
        if file is None and aborted[2:] == _STACK_CHECK:
            message = _OVERFLOW
        note = None
        if message == _OVERFLOW and not restored:
            note = (
                "  the shadow stack is used up: by recursion, or by earlier aborts, because this binary does not"
                " export __stack_pointer; start a fresh instance of the module"
            )
            runtime.poison(InstanceError("poisoned", f"{runtime.name}: {_OVERFLOW}; start a fresh instance"))
        return AbortError(message, file, aborted[2], aborted[3], found.frames, note)
    if found.code is None and not found.frames and "host function" in found.reason:
        return InstanceError("interrupted", f"{runtime.name}: a host function was interrupted before it began")
    poisoned = found.code not in _HARMLESS
    error = TrapError(found.code, found.reason, found.frames, poisoned=poisoned)
    if poisoned:
        runtime.poison(
            InstanceError(
                "poisoned",
                f"{runtime.name}: poisoned by an earlier trap ({found.code or found.reason}); its heap may be"
                " torn: start a fresh instance of the module",
            )
        )
    return error


def _text(runtime: Heap, ptr: int) -> str | None:
    if not ptr & 0xFFFFFFFF:
        return None
    try:
        return runtime.read_text(ptr & 0xFFFFFFFF)
    except LiftError:
        return None
