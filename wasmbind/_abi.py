"""Fast calls into wasmtime: the only file that touches wasmtime-py's private parts.

wasmtime-py's own `Func.__call__` builds types, values and tuples for every call (about 20 µs). The C function
below it, `wasmtime_func_call_unchecked`, takes one block of 16-byte cells that holds the arguments and then
the results (`ValRaw` in `crates/wasmtime/src/runtime/vm/vmcontext.rs`), and costs 0.3 µs through a ctypes
prototype without argument conversion.

Private modules of wasmtime-py change from month to month; `_natives` decides whether this file may be used.
"""

from __future__ import annotations

import ctypes
import functools
import sys
import weakref
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from wasmbind._layout import VIEWS
from wasmbind._native import CELL, Failure, Native, as_failure, func_type, headroom

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._schema.model import FunctionType

__all__ = ["FastNative", "HostGuard", "guard_of"]

#: Traps kept ready for host functions that do not return.
_SPARE_TRAPS: Final = 4
#: Frames between a call and the first `try` of a host function that it leads to.
_HEADROOM: Final = 6


class FastNative(Native):
    """Calls straight into the C API."""

    def __init__(self, engine: wasmtime.Engine, cells: int) -> None:
        super().__init__(engine, cells)
        # ctypes passes the result of byref() on as it is, and makes a new argument of everything else.
        self.context = ctypes.byref(self.store._context().contents)
        self.block = ctypes.byref(self._cells)
        self._trap = ctypes.c_void_p()
        self.trap = ctypes.byref(self._trap)
        self._functions: list[wasmtime.Func] = []
        self.trapped = memoryview(self._trap).cast("B").cast("q")
        self._guard: HostGuard | None = None

    @property
    def call(self) -> Callable[..., int]:
        return _fast().call if self._guard is None else self._call_with_hosts

    def _call_with_hosts(self, context: Any, handle: Any, block: Any, cells: int, trap: Any) -> int:
        """Call what may call Python functions."""
        headroom(_HEADROOM)
        status = _fast().call(context, handle, block, cells, trap)
        if not status and not self.trapped[0]:
            self.raise_escaped()
        return status

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
        if self._guard is not None:
            self._guard.refill()
        if address := self.trapped[0]:
            self.trapped[0] = 0
            pointer = ctypes.cast(address, ctypes.POINTER(fast.ffi.wasm_trap_t))
            return as_failure(wasmtime.Trap._from_ptr(pointer), escaped)
        pointer = ctypes.cast(status, ctypes.POINTER(fast.ffi.wasmtime_error_t))
        if escaped is not None:
            # Nobody will read the message, and there may be no stack left to make it.
            fast.ffi.wasmtime_error_delete(pointer)
            return Failure(None, "a host function raised", (), escaped)
        return Failure(None, str(wasmtime.WasmtimeError._from_ptr(pointer)), (), None)

    def host_function(self, type_: FunctionType, function: Callable[..., Any]) -> wasmtime.Func:
        if self._guard is None:
            self._guard = HostGuard(self)
        return self._guard.define(self.store, type_, function)


class HostGuard:
    """Makes Python functions WebAssembly functions of one store, so that no exception can leave them.

    A ctypes callback whose Python function raises returns whatever lies on the stack, and wasmtime frees that as a
    trap. A signal handler can raise before the function's own `try`, so a second callback stands around the first
    and nothing but C code runs between the two: the inner one pushes 0 when it is done, and the outer one returns
    what it pops, which is 0 or else a trap made beforehand.
    """

    def __init__(self, native: Native) -> None:
        self._native = weakref.ref(native)
        self._outcomes: list[int] = []
        self._callbacks: list[Any] = []
        self._names: list[str] = []
        _catch_unraisable()
        self.refill()
        weakref.finalize(native, _forget_hosts, self._outcomes, self._names).atexit = False

    def define(self, store: wasmtime.Store, type_: FunctionType, function: Callable[..., Any]) -> wasmtime.Func:
        """A WebAssembly function that calls a Python function with numbers."""
        fast = _fast()
        body = _host_body(type_, function, self._native, self._outcomes)
        self._names.append(repr(body))
        _BODIES[repr(body)] = self._native
        inner = fast.inner_type(body)
        inner_call = fast.inner_call_type(ctypes.cast(inner, ctypes.c_void_p).value or 0)
        inner_call.restype = functools.partial(next, iter(self._outcomes.pop, object()))
        outer = fast.ffi.wasmtime_func_unchecked_callback_t(inner_call)
        self._callbacks.append((inner, inner_call, outer))
        raw = fast.ffi.wasmtime_func_t()
        signature = func_type(type_)  # must outlive the call below
        no_finalizer = ctypes.cast(0, ctypes.CFUNCTYPE(None, ctypes.c_void_p))
        fast.ffi.wasmtime_func_new_unchecked(
            store._context(),
            signature.ptr(),
            outer,
            None,
            no_finalizer,
            ctypes.byref(raw),
        )
        return wasmtime.Func._from_raw(raw)

    def refill(self) -> None:
        """Make traps for the next functions that do not return."""
        text = b"a host function did not return"
        while len(self._outcomes) < _SPARE_TRAPS:
            trap = _fast().ffi.wasmtime_trap_new(text, len(text))
            self._outcomes.append(ctypes.cast(trap, ctypes.c_void_p).value or 0)


def _host_body(
    type_: FunctionType, function: Callable[..., Any], native: weakref.ref[Native], outcomes: list[int]
) -> Callable[[int, int, int, int], None]:
    """The inner callback of a host function: numbers out of the block, the result back into it."""
    params = [(index * CELL, *VIEWS[name]) for index, name in enumerate(type_.params)]
    result = VIEWS[type_.results[0]] if type_.results else None
    size = CELL * max(len(params), 1)
    block_type = ctypes.c_uint8 * size
    done = outcomes.append

    def body(_env: int, _caller: int, block: int, _cells: int) -> None:
        try:
            cells: Any = memoryview(block_type.from_address(block)).cast("B")
            value = function(*[cells[at : at + width].cast(code)[0] for at, code, width in params])
            if result is not None:
                code, width = result
                # An unsigned result fits as well: WebAssembly's integers have no sign.
                unsigned = code in "iq" and isinstance(value, int) and value > 0
                cells[:width].cast(code.upper() if unsigned else code)[0] = value
            done(0)
        except BaseException as error:  # noqa: BLE001 - raised again by the call that led here
            owner = native()
            if owner is not None:
                owner.keep_escaped(error)
            while not outcomes[-1]:  # an interrupt can come right after done()
                outcomes.pop()

    return body


#: Whose host function an inner callback is, by the repr of its Python function (which holds its address).
_BODIES: dict[str, weakref.ref[Native]] = {}


@functools.cache
def _catch_unraisable() -> None:
    """Take over exceptions that ctypes reports from our inner callbacks, and leave all others alone."""
    previous = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        # 3.11 and 3.12 name the callback as the object, later versions only inside the message.
        message = repr(unraisable.object) if unraisable.object is not None else unraisable.err_msg or ""
        native = next((ref() for name, ref in list(_BODIES.items()) if name in message), None)
        if native is None:
            previous(unraisable)
        else:
            native.keep_escaped(unraisable.exc_value)

    sys.unraisablehook = hook


def _forget_hosts(outcomes: list[int], names: list[str]) -> None:
    """Free what the host functions of a dead store held."""
    ffi = _fast().ffi
    for name in names:
        _BODIES.pop(name, None)
    while outcomes:
        address = outcomes.pop()
        if address:
            ffi.wasm_trap_delete(ctypes.cast(address, ctypes.POINTER(ffi.wasm_trap_t)))


class _Fast:
    """The private names that the fast path uses, looked up once."""

    def __init__(self) -> None:
        from wasmtime import _ffi as ffi  # noqa: PLC0415 - private; absent or changed means: no fast path
        from wasmtime._extern import wrap_extern  # noqa: PLC0415 - the same

        self.ffi: Any = ffi
        address = ctypes.cast(self.ffi.dll.wasmtime_func_call_unchecked, ctypes.c_void_p).value
        self.wrap_extern = wrap_extern
        # No argtypes, so that ctypes converts nothing, and a 64-bit result, so that no pointer object is made.
        self.call: Callable[..., int] = ctypes.CFUNCTYPE(ctypes.c_int64)(address or 0)
        parameters = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
        self.inner_type = ctypes.CFUNCTYPE(None, *parameters)
        # Keeps the GIL: the callee takes it anyway.
        self.inner_call_type = ctypes.PYFUNCTYPE(ctypes.c_int, *parameters)


@functools.cache
def _fast() -> _Fast:
    return _Fast()


def guard_of(native: Native) -> HostGuard | None:
    """A guard for the host functions of a store, None where wasmtime-py has changed too much for it."""
    try:
        return HostGuard(native)
    except (AttributeError, ImportError, TypeError):
        return None
