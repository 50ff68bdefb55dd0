"""Fast calls into wasmtime: the only file that touches wasmtime-py's private parts.

wasmtime-py's own `Func.__call__` builds types, values and tuples for every call (about 20 µs). The C function
below it, `wasmtime_func_call_unchecked`, takes one block of 16-byte cells that holds the arguments and then
the results (`ValRaw` in `crates/wasmtime/src/runtime/vm/vmcontext.rs`), and costs 0.3 µs through a ctypes
prototype without argument conversion.

Private modules of wasmtime-py change from month to month; `_natives` decides whether this file may be used.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from wasmbind._backtraces import frames_of_text, read_frames
from wasmbind._host_entry import HostEntry
from wasmbind._native import Failure, Native, as_failure, headroom

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._backtraces import WasmFrame
    from wasmbind._limits import Limits
    from wasmbind._schema.model import FunctionType

__all__ = ["FastNative", "frames_of", "safe_entry"]

#: Frames between a call and a generator of the host entry that it leads to, or what is done about its failure.
_HEADROOM: Final = 6
#: Frames that reading the frames of an error needs, with the destructors of wasmtime-py, which nobody could catch.
_HEADROOM_FRAMES: Final = 20


class FastNative(Native):
    """Calls straight into the C API."""

    def __init__(self, engine: wasmtime.Engine, cells: int, limits: Limits | None = None) -> None:
        super().__init__(engine, cells, limits)
        # ctypes passes the result of byref() on as it is, and makes a new argument of everything else.
        self.context = ctypes.byref(self.store._context().contents)
        self.block = ctypes.byref(self._cells)
        self._trap = ctypes.c_void_p()
        self.trap = ctypes.byref(self._trap)
        self._functions: list[wasmtime.Func] = []
        self.trapped = memoryview(self._trap).cast("B").cast("q")
        self._entry: HostEntry | None = None

    @property
    def call(self) -> Callable[..., int]:
        return _fast().call if self._entry is None else self._call_with_hosts

    def export_of(self, instance: wasmtime.Instance, name: str) -> Any:
        fast = _fast()
        encoded = name.encode()
        item = fast.ffi.wasmtime_extern_t()
        found = fast.ffi.wasmtime_instance_export_get(
            self.store._context(),
            ctypes.byref(instance._instance),
            ctypes.create_string_buffer(encoded),
            len(encoded),
            ctypes.byref(item),
        )
        return fast.wrap_extern(item) if found else None

    def handle(self, function: wasmtime.Func, type_: FunctionType) -> Any:  # noqa: ARG002 - the twin needs it
        self._functions.append(function)  # what the handle points to must outlive it
        return ctypes.byref(function._func)

    def failure(self, status: int) -> Failure:
        fast = _fast()
        escaped = self.take_escaped()
        if self._entry is not None:
            self._entry.refill()
        if address := self.trapped[0]:
            self.trapped[0] = 0
            pointer = ctypes.cast(address, ctypes.POINTER(fast.ffi.wasm_trap_t))
            return as_failure(wasmtime.Trap._from_ptr(pointer), escaped)
        pointer = ctypes.cast(status, ctypes.POINTER(fast.ffi.wasmtime_error_t))
        frames: tuple[WasmFrame, ...] = ()
        with contextlib.suppress(RecursionError, ctypes.ArgumentError):  # no stack left; ctypes wraps it
            headroom(_HEADROOM_FRAMES)
            frames = _frames_of_error(pointer)
        if escaped is not None:
            # Nobody will read the message, and there may be no stack left to make it.
            fast.ffi.wasmtime_error_delete(pointer)
            return Failure(None, "a host function raised", frames, escaped)
        return Failure(None, str(wasmtime.WasmtimeError._from_ptr(pointer)), frames, None)

    def host_entry(self) -> wasmtime.Func:
        if self._entry is None:
            entry = HostEntry(self, _new_trap, _delete_trap)
            self._function, self._callback = _callback_function(self.store, entry.callback)
            self._call_with_hosts = entry.guarded(_fast().call, _HEADROOM)
            self._entry = entry
        return self._function


def _frames_of_error(pointer: Any) -> tuple[WasmFrame, ...]:
    """The frames that an error has, which wasmtime-py gives for traps only."""
    fast = _fast()
    owner = fast.frame_list(None)
    fast.ffi.wasmtime_error_wasm_trace(pointer, ctypes.byref(owner.vec))
    return read_frames([wasmtime.Frame._from_ptr(owner.vec.data[at], owner) for at in range(owner.vec.size)])


def frames_of(error: wasmtime.WasmtimeError) -> tuple[WasmFrame, ...]:
    """The same for an error of wasmtime-py; out of its message where wasmtime-py has changed too much."""
    try:
        return _frames_of_error(error.ptr())
    except (AttributeError, ImportError, TypeError):
        return frames_of_text(str(error))


def _new_trap(message: str) -> int:
    """The address of a new trap, which belongs to the caller until wasmtime gets it."""
    text = message.encode()
    return _fast().new_trap(text, len(text))


def _delete_trap(address: int) -> None:
    """Free a trap that wasmtime has not got."""
    ffi = _fast().ffi
    ffi.wasm_trap_delete(ctypes.cast(address, ctypes.POINTER(ffi.wasm_trap_t)))


def _callback_function(store: wasmtime.Store, callback: Callable[[], int]) -> tuple[wasmtime.Func, Any]:
    """A WebAssembly function without parameters and results that calls a Python function.

    Args:
        store: where the function is made.
        callback: what is called; it returns 0, or the address of a trap, and must never raise.

    Returns:
        The function, and what has to live as long as it.
    """
    fast = _fast()
    # wasmtime passes four arguments, which are not looked at: in the calling conventions of all platforms that
    # wasmtime runs on the caller cleans up after them.
    thunk = fast.entry_type(callback)
    raw = fast.ffi.wasmtime_func_t()
    signature = wasmtime.FuncType([], [])  # must outlive the call below
    fast.ffi.wasmtime_func_new_unchecked(
        store._context(),
        signature.ptr(),
        ctypes.cast(thunk, fast.ffi.wasmtime_func_unchecked_callback_t),
        None,
        ctypes.cast(0, ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
        ctypes.byref(raw),
    )
    return wasmtime.Func._from_raw(raw), thunk


class _Fast:
    """The private names that the fast path uses, looked up once."""

    def __init__(self) -> None:
        from wasmtime import _ffi as ffi  # noqa: PLC0415 - private; absent or changed means: no fast path
        from wasmtime._extern import wrap_extern  # noqa: PLC0415 - the same
        from wasmtime._trap import FrameList  # noqa: PLC0415 - the same

        self.ffi: Any = ffi
        address = ctypes.cast(self.ffi.dll.wasmtime_func_call_unchecked, ctypes.c_void_p).value
        self.wrap_extern, self.frame_list = wrap_extern, FrameList
        # No argtypes, so that ctypes converts nothing, and a 64-bit result, so that no pointer object is made.
        self.call: Callable[..., int] = ctypes.CFUNCTYPE(ctypes.c_int64)(address or 0)
        # The same: it is called where little may be left of Python's stack.
        address = ctypes.cast(self.ffi.dll.wasmtime_trap_new, ctypes.c_void_p).value
        self.new_trap: Callable[[bytes, int], int] = ctypes.CFUNCTYPE(ctypes.c_int64)(address or 0)
        self.entry_type = ctypes.CFUNCTYPE(ctypes.c_void_p)


@functools.cache
def _fast() -> _Fast:
    return _Fast()


def safe_entry(native: Native) -> tuple[HostEntry, wasmtime.Func, Any] | None:
    """An entry for the host functions of any store, None where wasmtime-py has changed too much for it.

    Returns:
        The entry, the WebAssembly function that it is, and what has to live as long as that.
    """
    try:
        entry = HostEntry(native, _new_trap, _delete_trap)
        return entry, *_callback_function(native.store, entry.callback)
    except (AttributeError, ImportError, TypeError):
        return None
