"""Fast calls into wasmtime: the only file that touches wasmtime-py's private parts.

wasmtime-py's own `Func.__call__` builds types, values and tuples for every call (about 20 µs). The C function
below it, `wasmtime_func_call_unchecked`, takes one block of 16-byte cells that holds the arguments and then
the results (`ValRaw` in `crates/wasmtime/src/runtime/vm/vmcontext.rs`), and costs 0.3 µs through a ctypes
prototype without argument conversion.

Private modules of wasmtime-py change from month to month, so the fast path is taken only for majors in
`TESTED_MAJORS` and after it has given known answers once; a wrong struct layout can crash, which no probe
catches. Everywhere else `PublicNative` does the same through the public API, and generated code cannot tell.
"""

from __future__ import annotations

import ctypes
import functools
import sys
import threading
import warnings
import weakref
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from wasmbind._layout import VIEWS
from wasmbind._native import CELL, Failure, Native, PublicNative, as_failure, func_type, headroom

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._schema.model import FunctionType

__all__ = ["FastNative", "native_class"]

#: Majors of wasmtime-py whose private parts the test suite has run against.
TESTED_MAJORS: Final = frozenset(range(40, 51))
#: Traps kept ready for host functions that do not return.
_SPARE_TRAPS: Final = 4
#: Frames between a call and the first `try` of a host function that it leads to.
_HEADROOM: Final = 6


class FastNative(Native):
    """Calls straight into the C API."""

    def __init__(self, engine: wasmtime.Engine, cells: int) -> None:
        super().__init__(engine, cells)
        # ctypes passes the result of byref() on as it is, and makes a new argument of everything else.
        self.context = ctypes.byref(self.store._context().contents)  # noqa: SLF001
        self.block = ctypes.byref(self._cells)
        self._trap = ctypes.c_void_p()
        self.trap = ctypes.byref(self._trap)
        self._functions: list[wasmtime.Func] = []
        self.trapped = memoryview(self._trap).cast("B").cast("q")
        # What ends a host function: a zero that it pushed, or else the trap below. See host_function.
        self._outcomes: list[int] = []
        self._hosts: list[Any] = []
        self._names: list[str] = []

    @property
    def call(self) -> Callable[..., int]:
        return self._call_with_hosts if self._hosts else _fast().call

    def _call_with_hosts(self, context: Any, handle: Any, block: Any, cells: int, trap: Any) -> int:
        """Call what may call Python functions."""
        headroom(_HEADROOM)
        status = _fast().call(context, handle, block, cells, trap)
        if self._escaped is not None and not status and not self.trapped[0]:
            # Raised when a host function had already handed over its result.
            escaped = self.take_escaped()
            assert escaped is not None  # noqa: S101 - tested above
            raise escaped
        return status

    def export_of(self, instance: wasmtime.Instance, name: str) -> Any:
        fast = _fast()
        encoded = name.encode()
        item = fast.ffi.wasmtime_extern_t()
        found = fast.ffi.wasmtime_instance_export_get(
            self.store._context(),  # noqa: SLF001
            ctypes.byref(instance._instance),  # noqa: SLF001
            ctypes.create_string_buffer(encoded),
            len(encoded),
            ctypes.byref(item),
        )
        return fast.wrap_extern(item) if found else None

    def handle(self, function: wasmtime.Func, type_: FunctionType) -> Any:  # noqa: ARG002 - the twin needs it
        self._functions.append(function)  # what the handle points to must outlive it
        return ctypes.byref(function._func)  # noqa: SLF001

    def failure(self, status: int) -> Failure:
        fast = _fast()
        escaped = self.take_escaped()
        self._refill()
        if address := self.trapped[0]:
            self.trapped[0] = 0
            pointer = ctypes.cast(address, ctypes.POINTER(fast.ffi.wasm_trap_t))
            return as_failure(wasmtime.Trap._from_ptr(pointer), escaped)  # noqa: SLF001
        pointer = ctypes.cast(status, ctypes.POINTER(fast.ffi.wasmtime_error_t))
        if escaped is not None:
            # Nobody will read the message, and there may be no stack left to make it.
            fast.ffi.wasmtime_error_delete(pointer)
            return Failure(None, "a host function raised", (), escaped)
        return Failure(None, str(wasmtime.WasmtimeError._from_ptr(pointer)), (), None)  # noqa: SLF001

    def host_function(self, type_: FunctionType, function: Callable[..., Any]) -> wasmtime.Func:
        """Wrap a Python function so that no exception can leave it on the way back to wasmtime.

        A ctypes callback whose Python function raises returns whatever lies on the stack, and wasmtime frees
        that as a trap. A signal handler can raise before the function's own `try`, so a second callback stands
        around the first and nothing but C code runs between the two: the inner one pushes 0 when it is done,
        and the outer one returns what it pops, which is 0 or else a trap made beforehand.
        """
        fast = _fast()
        if not self._outcomes:
            _catch_unraisable()
            self._refill()
            weakref.finalize(self, _forget_hosts, self._outcomes, self._names).atexit = False
        body = _host_body(type_, function, weakref.ref(self), self._outcomes)
        self._names.append(repr(body))
        _BODIES[repr(body)] = weakref.ref(self)
        inner = fast.inner_type(body)
        inner_call = fast.inner_call_type(ctypes.cast(inner, ctypes.c_void_p).value or 0)
        inner_call.restype = functools.partial(next, iter(self._outcomes.pop, object()))
        outer = fast.ffi.wasmtime_func_unchecked_callback_t(inner_call)
        self._hosts.append((inner, inner_call, outer))
        raw = fast.ffi.wasmtime_func_t()
        signature = func_type(type_)  # must outlive the call below
        no_finalizer = ctypes.cast(0, ctypes.CFUNCTYPE(None, ctypes.c_void_p))
        fast.ffi.wasmtime_func_new_unchecked(
            self.store._context(),  # noqa: SLF001
            signature.ptr(),
            outer,
            None,
            no_finalizer,
            ctypes.byref(raw),
        )
        return wasmtime.Func._from_raw(raw)  # noqa: SLF001

    def _refill(self) -> None:
        text = b"a host function did not return"
        while len(self._outcomes) < _SPARE_TRAPS:
            trap = _fast().ffi.wasmtime_trap_new(text, len(text))
            self._outcomes.append(ctypes.cast(trap, ctypes.c_void_p).value or 0)


def _host_body(
    type_: FunctionType, function: Callable[..., Any], native: weakref.ref[FastNative], outcomes: list[int]
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
                cells[:width].cast(code)[0] = value
            done(0)
        except BaseException as error:  # noqa: BLE001 - raised again by the call that led here
            owner = native()
            if owner is not None:
                owner._escaped = error  # noqa: SLF001
            while not outcomes[-1]:  # an interrupt can come right after done()
                outcomes.pop()

    return body


#: Whose host function an inner callback is, by the repr of its Python function (which holds its address).
_BODIES: dict[str, weakref.ref[FastNative]] = {}


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
            native._escaped = unraisable.exc_value  # noqa: SLF001

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
        from wasmtime._extern import wrap_extern  # noqa: PLC0415

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


# (module (func (export "f") (param i32 i64 f32 f64) (result f64)
#   local.get 3  local.get 2  f64.promote_f32  f64.add  local.get 0  f64.convert_i32_s  f64.add
#   local.get 1  f64.convert_i64_s  f64.add)
#  (func (export "t") unreachable))
_PROBE = bytes.fromhex(
    "0061736d01000000010c0260047f7e7d7c017c600000030302000107090201660000017400010a1602100020032002bba02000b7a0"
    "2001b9a00b0300000b"
)
_native_lock = threading.Lock()
_native_class: type[Native] | None = None


def native_class() -> type[Native]:
    """The implementation for the wasmtime that is installed, decided once per process."""
    global _native_class  # noqa: PLW0603 - a process has one wasmtime
    if _native_class is None:
        with _native_lock:
            if _native_class is None:
                _native_class = _choose()
    return _native_class


def _choose() -> type[Native]:
    import importlib.metadata  # noqa: PLC0415 - takes longer to import than the rest of this package

    version = importlib.metadata.version("wasmtime")
    major = version.split(".")[0]
    problem: str | None
    if major.isdigit() and int(major) in TESTED_MAJORS:
        problem = _probe_problem()
    else:
        tested = f"{min(TESTED_MAJORS)} to {max(TESTED_MAJORS)}"
        problem = f"wasmtime {version} is not one of the tested versions ({tested})"
    if problem is None:
        return FastNative
    warnings.warn(f"wasmbind: {problem}; calls use wasmtime's slower public API", RuntimeWarning, stacklevel=2)
    return PublicNative


def _probe_problem() -> str | None:
    """What the fast path got wrong on known questions, or None."""
    from wasmbind._schema.model import FunctionType  # noqa: PLC0415 - a lower layer, needed once

    try:
        native = FastNative(wasmtime.Engine(_probe_config()), 4)
        native.instantiate(wasmtime.Module(native.store.engine, _PROBE), [])
        type_ = FunctionType(("i32", "i64", "f32", "f64"), ("f64",))
        adder = native.handle(native.export("f"), type_)
        block = native.block_bytes
        block.cast("i")[0], block.cast("q")[2], block.cast("f")[8], block.cast("d")[6] = (
            -7,
            1 << 40,
            0.5,
            0.25,
        )
        status = native.call(native.context, adder, native.block, 4, native.trap)
        if status or native.trapped[0] or block.cast("d")[0] != (1 << 40) - 6.25:
            return "the fast call path gave a wrong answer"
        trapper = native.handle(native.export("t"), FunctionType((), ()))
        status = native.call(native.context, trapper, native.block, 0, native.trap)
        if not (status or native.trapped[0]) or native.failure(status).code != "unreachable":
            return "the fast call path did not report a trap"
    except (AttributeError, ImportError, TypeError, wasmtime.WasmtimeError) as error:
        return f"the fast call path is not available ({error})"
    return None


def _probe_config() -> wasmtime.Config:
    config = wasmtime.Config()
    config.epoch_interruption = True
    return config
