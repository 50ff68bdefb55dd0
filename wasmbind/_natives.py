"""Which way into wasmtime: the fast one where it is known to work, and else the public one.

Private modules of wasmtime-py change from month to month, so `FastNative` is used only for majors in
`TESTED_MAJORS` and after it has given known answers once; a wrong struct layout can crash, which no probe catches.
Everywhere else `PublicNative` does the same through the public API, and generated code cannot tell.
"""

from __future__ import annotations

import signal
import threading
import warnings
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from wasmbind._abi import FastNative, frames_of, safe_entry
from wasmbind._context import active_runtime
from wasmbind._layout import VIEWS
from wasmbind._native import CELL, Failure, Native, as_failure, cast_views, headroom
from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._host_entry import HostEntry
    from wasmbind._limits import Limits

__all__ = ["TESTED_MAJORS", "PublicNative", "native_class"]

#: Majors of wasmtime-py whose private parts the test suite has run against.
TESTED_MAJORS: Final = frozenset(range(40, 51))
_NUMBERS = ("i32", "i64", "f32", "f64")
#: Frames that wasmtime-py's own callbacks need before they can catch anything.
_HEADROOM = 40


def hold_signals() -> set[signal.Signals | int] | None:
    """Put off signals while wasmtime-py's own callbacks may run; the mask to set afterwards.

    A Python signal handler that raises in one of them, before its `try`, makes it return garbage, which wasmtime
    frees.
    """
    return signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED) if hasattr(signal, "pthread_sigmask") else None


#: Signals that programs handle in Python; never those of faults, which wasmtime handles itself.
_HANDLED = {
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
}


class PublicNative(Native):
    """Calls through wasmtime-py's public API: slower, and independent of its insides."""

    def __init__(self, engine: wasmtime.Engine, cells: int, limits: Limits | None = None) -> None:
        super().__init__(engine, cells, limits)
        self.context = self.block = self.trap = None
        self.trapped = memoryview(bytearray(8)).cast("q")
        views = cast_views(self.block_bytes)
        self._views = {name: (views[name], CELL // VIEWS[name][1]) for name in _NUMBERS}
        self._entry: HostEntry | None = None
        self._function: wasmtime.Func | None = None

    @property
    def call(self) -> Callable[..., int]:
        return self._call

    def export_of(self, instance: wasmtime.Instance, name: str) -> Any:
        return instance.exports(self.store).get(name)

    def handle(self, function: wasmtime.Func, type_: FunctionType) -> Any:
        return function, type_

    def _call(self, _context: Any, handle: Any, _block: Any, _cells: int, _trap: Any) -> int:
        function, type_ = handle
        arguments = [
            view[index * step] for index, (view, step) in enumerate(self._views[name] for name in type_.params)
        ]
        if self._function is not None:
            headroom(_HEADROOM)
        if self._entry is not None:
            self._entry.refill()
        before = active_runtime.get()
        held = hold_signals() if self._function is not None and self._entry is None else None
        try:
            result = function(self.store, *arguments)
            self.raise_escaped()
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            self.error = error
            return 1
        except BaseException as error:  # noqa: BLE001 - what a host function raised, handed on by failure()
            self.error = error
            self.keep_escaped(error)
            return 1
        finally:
            try:
                active_runtime.set(before)  # a host function may have made its instance the current one
            finally:
                if held is not None:
                    signal.pthread_sigmask(signal.SIG_SETMASK, held)
        values = result if isinstance(result, list) else [result]
        for index, (name, value) in enumerate(zip(type_.results, values, strict=False)):
            view, step = self._views[name]
            view[index * step] = value
        return 0

    def failure(self, status: int) -> Failure:  # noqa: ARG002 - the fast path's status is an address
        error, self.error = self.error, None
        if self._entry is not None:
            self._entry.refill()
        escaped = self.take_escaped()
        if isinstance(error, wasmtime.Trap):
            return as_failure(error, escaped)
        if error is not None and isinstance(error.__context__, wasmtime.WasmtimeError):
            # wasmtime-py's own callbacks leave the frames in what it was handling when it raised the exception again.
            error, error.__context__ = error.__context__, None
        if isinstance(error, wasmtime.WasmtimeError):
            return Failure(None, str(error), frames_of(error), escaped)
        return Failure(None, "a host function raised", (), escaped)

    def host_entry(self) -> wasmtime.Func:
        if self._function is None:
            safe = safe_entry(self)
            if safe is None:
                self._function = self._plain_entry()
            else:
                self._entry, self._function, self._callback = safe
        return self._function

    def _plain_entry(self) -> wasmtime.Func:
        """The same through wasmtime-py's own callback."""
        calls = self.hosting

        def enter() -> None:
            runtime, kept = calls.runtime(), [0]
            outer, runtime.at_rest = runtime.at_rest, True
            try:
                calls.handlers[calls.index[0]](runtime, kept)
                if runtime.idle is not None:
                    runtime.check_alive()
            finally:
                runtime.at_rest = outer
                if kept[0]:
                    runtime.give_back(kept[0])

        return wasmtime.Func(self.store, wasmtime.FuncType([], []), enter)


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
