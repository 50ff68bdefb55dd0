"""Calls into wasmtime: what an instance needs of it, and an implementation on wasmtime-py's public API."""

from __future__ import annotations

import contextlib
import ctypes
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from wasmbind._glue import MODULE_NAME
from wasmbind._layout import VIEWS
from wasmbind.errors import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from wasmbind._schema.model import FunctionType

__all__ = ["CELL", "NEVER", "Failure", "Native", "PublicNative", "as_failure", "cast_views", "func_type", "headroom"]

#: Bytes of one argument or result cell.
CELL: Final = 16
#: Far enough away to mean never, and small enough not to overflow when the engine's epoch is added.
NEVER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call did not return.

    Attributes:
        code: lower-case trap code, None for a host function that raised and for errors without a code.
        escaped: an exception that a host function raised, or None.
    """

    code: str | None
    reason: str
    frames: tuple[Frame, ...]
    escaped: BaseException | None = None


def _frames(trap: wasmtime.Trap) -> tuple[Frame, ...]:
    return tuple(
        Frame(frame.func_name, frame.module_offset) for frame in trap.frames if frame.module_name != MODULE_NAME
    )


def as_failure(trap: wasmtime.Trap, escaped: BaseException | None) -> Failure:
    code = trap.trap_code
    # The message may hold backtraces before and after the reason.
    reason = trap.message.rsplit("wasm trap: ", 1)[-1].strip().split("\n")[0]
    return Failure(None if code is None else code.name.lower(), reason, _frames(trap), escaped)


class Native:
    """One store with the instance of a module in it, and the block that calls go through.

    Generated code uses `call(context, handle, block, cells, trap)`, which returns a non-zero status or sets
    `trapped[0]` on failure; `block_bytes` is the argument block, `cells` the larger of the numbers of
    parameters and results.
    """

    context: Any
    block: Any
    trap: Any
    trapped: memoryview
    block_bytes: memoryview

    def __init__(self, engine: wasmtime.Engine, cells: int) -> None:
        self.store = wasmtime.Store(engine)
        self.store.set_epoch_deadline(NEVER)
        self._cells = (ctypes.c_uint8 * (CELL * max(cells, 1)))()
        self.block_bytes = memoryview(self._cells).cast("B")
        self._escaped: BaseException | None = None

    @property
    def call(self) -> Callable[..., int]:
        """What calls a handle. It belongs to whoever asks: kept here, a bound method would be a cycle."""
        raise NotImplementedError

    def instantiate(self, module: wasmtime.Module, imports: Sequence[Any]) -> None:
        """Instantiate the main module; start functions run.

        Raises:
            wasmtime.Trap, wasmtime.WasmtimeError: instantiation failed.
        """
        self.instance = wasmtime.Instance(self.store, module, imports)

    def export(self, name: str) -> Any:
        """An export of the main instance as a wasmtime extern, or None."""
        return self.export_of(self.instance, name)

    def memory_address(self, memory: wasmtime.Memory) -> int:
        """The address of the first byte of a memory."""
        return ctypes.addressof(memory.data_ptr(self.store).contents)

    def memory_size(self, memory: wasmtime.Memory) -> int:
        """The size of a memory, in bytes."""
        return memory.data_len(self.store)

    def take_escaped(self) -> BaseException | None:
        """The exception that ended the last host function, once."""
        escaped, self._escaped = self._escaped, None
        return escaped

    def export_of(self, instance: wasmtime.Instance, name: str) -> Any:
        """An export of any instance in this store as a wasmtime extern, or None."""
        raise NotImplementedError

    def handle(self, function: wasmtime.Func, type_: FunctionType) -> Any:
        """What `call` takes for a function."""
        raise NotImplementedError

    def failure(self, status: int) -> Failure:
        """Why the last call failed, given its status; clears the trap."""
        raise NotImplementedError

    def host_function(self, type_: FunctionType, function: Callable[..., Any]) -> wasmtime.Func:
        """A WebAssembly function that calls a Python function with numbers."""
        raise NotImplementedError


_VALUE_TYPES = {
    "i32": wasmtime.ValType.i32,
    "i64": wasmtime.ValType.i64,
    "f32": wasmtime.ValType.f32,
    "f64": wasmtime.ValType.f64,
    "externref": wasmtime.ValType.externref,
    "funcref": wasmtime.ValType.funcref,
}
_NUMBERS = ("i32", "i64", "f32", "f64")


def func_type(type_: FunctionType) -> wasmtime.FuncType:
    """The same signature for wasmtime-py.

    Raises:
        KeyError: a value type that no host function can have.
    """
    return wasmtime.FuncType(
        [_VALUE_TYPES[name]() for name in type_.params], [_VALUE_TYPES[name]() for name in type_.results]
    )


def headroom(depth: int) -> None:
    """Fail with RecursionError here rather than on the way into a callback, where nobody could catch it."""
    if depth:
        headroom(depth - 1)


#: Frames that wasmtime-py's own callbacks need before they can catch anything.
_HEADROOM = 40


@contextlib.contextmanager
def held_signals() -> Generator[None]:
    """Put off signals while wasmtime-py's own callbacks may run.

    A Python signal handler that raises in one of them, before its `try`, makes it return garbage, which wasmtime
    frees.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


#: Signals that programs handle in Python; never those of faults, which wasmtime handles itself.
_HANDLED = {
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
}


def cast_views(whole: memoryview[int]) -> dict[str, memoryview[Any]]:
    """A view of bytes as every type, by name, see `_layout.VIEWS`."""
    views: dict[str, memoryview[Any]] = {}
    for name, (code, _) in VIEWS.items():
        views[name] = whole if code == "B" else whole.cast(code)  # type: ignore[call-overload]  # from the table
    return views


class PublicNative(Native):
    """Calls through wasmtime-py's public API: slower, and independent of its insides."""

    def __init__(self, engine: wasmtime.Engine, cells: int) -> None:
        super().__init__(engine, cells)
        self.context = self.block = self.trap = None
        self.trapped = memoryview(bytearray(8)).cast("q")
        views = cast_views(self.block_bytes)
        self._views = {name: (views[name], CELL // VIEWS[name][1]) for name in _NUMBERS}
        self._error: BaseException | None = None
        self._has_hosts = False

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
        if self._has_hosts:
            headroom(_HEADROOM)
        try:
            with held_signals() if self._has_hosts else contextlib.nullcontext():
                result = function(self.store, *arguments)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            self._error = error
            return 1
        except BaseException as error:  # noqa: BLE001 - what a host function raised, handed on by failure()
            self._error, self._escaped = error, error
            return 1
        for index, (name, value) in enumerate(zip(type_.results, [result], strict=False)):
            view, step = self._views[name]
            view[index * step] = value
        return 0

    def failure(self, status: int) -> Failure:  # noqa: ARG002 - the fast path's status is an address
        error, self._error = self._error, None
        escaped = self.take_escaped()
        if isinstance(error, wasmtime.Trap):
            return as_failure(error, escaped)
        return Failure(None, str(error), (), escaped)

    def host_function(self, type_: FunctionType, function: Callable[..., Any]) -> wasmtime.Func:
        self._has_hosts = True
        return wasmtime.Func(self.store, func_type(type_), function)
