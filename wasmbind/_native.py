"""Calls into wasmtime: what an instance needs of it."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from wasmbind._glue import MODULE_NAME
from wasmbind._layout import VIEWS
from wasmbind.errors import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wasmbind._schema.model import FunctionType

__all__ = ["CELL", "NEVER", "Failure", "Native", "as_failure", "cast_views", "func_type", "headroom"]

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

    def keep_escaped(self, error: BaseException) -> None:
        """Keep an exception that cannot pass through wasmtime for whoever made the call."""
        self._escaped = error

    def raise_escaped(self) -> None:
        """Raise an exception that a host function met after it had handed over its result."""
        if self._escaped is not None:
            escaped, self._escaped = self._escaped, None
            raise escaped

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


def cast_views(whole: memoryview[int]) -> dict[str, memoryview[Any]]:
    """A view of bytes as every type, by name, see `_layout.VIEWS`."""
    views: dict[str, memoryview[Any]] = {}
    for name, (code, _) in VIEWS.items():
        views[name] = whole if code == "B" else whole.cast(code)  # type: ignore[call-overload]  # from the table
    return views
