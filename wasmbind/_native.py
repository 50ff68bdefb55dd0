"""Calls into wasmtime: what an instance needs of it."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from wasmbind._backtraces import PROBE, probe_module, read_frames, without_probe
from wasmbind._context import active_runtime
from wasmbind._interruption import Interruption
from wasmbind._layout import VIEWS
from wasmbind._schema.model import FunctionType
from wasmbind._store_abi import new_store, passable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from wasmbind._backtraces import WasmFrame
    from wasmbind._endings import Ending
    from wasmbind._limits import Limits

__all__ = ["CELL", "Failure", "HostCalls", "Native", "as_failure", "cast_views", "code_of", "headroom"]

#: Epochs, far enough away to mean never, and few enough not to overflow when the engine's epoch is added.
_NEVER: Final = 1 << 62
#: Bytes of one argument or result cell.
CELL: Final = 16


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call did not return.

    Attributes:
        code: lower-case trap code, None for a host function that raised and for errors without a code.
        frames: innermost first, those of our glue and of the calls around this one among them.
        escaped: an exception that a host function raised, or None.
    """

    code: str | None
    reason: str
    frames: tuple[WasmFrame, ...]
    escaped: BaseException | None = None


def as_failure(trap: wasmtime.Trap, escaped: BaseException | None) -> Failure:
    # The message may hold backtraces before and after the reason.
    reason = trap.message.rsplit("wasm trap: ", 1)[-1].strip().split("\n")[0]
    return Failure(code_of(trap), reason, read_frames(trap.frames), escaped)


def code_of(trap: wasmtime.Trap) -> str | None:
    """The code of a trap in lower case, None where it has none."""
    try:
        code = trap.trap_code
    except ValueError:  # wasmtime-py 40 to 42 do not have a name for all of wasmtime's codes
        return "out_of_fuel" if "all fuel consumed" in trap.message else None
    return None if code is None else code.name.lower()


class _NoRuntime:
    """Stands for the instance while there is none yet."""

    at_rest = True
    idle: Any = None


class HostCalls:
    """What lies between a store and the Python functions that its module calls.

    The host glue (`_host_glue`) leaves the index of a handler and the arguments in cells of its own memory and calls
    the one entry that the store has; the entry runs the handler, which leaves the result in the first cell.

    Attributes:
        handlers: by index; each is called with the instance and a list of one root slot, 0 at first, in which it
            leaves the slot that holds a new object until the module has it.
        runtime: gives the instance.
        cells: the first page of the glue's memory, as every type, see `_layout.VIEWS`; empty without glue.
        bytes, index: the same as u8 and as u32; the first word is the index of the handler.
        used: bytes of the cells that are in use.
        entered: how many host functions have run; each may have made its instance the current one.
        escaped: the exception that ended the last host function, which cannot pass through wasmtime.
    """

    __slots__ = ("bytes", "cells", "entered", "escaped", "handlers", "index", "runtime", "used")

    def __init__(self) -> None:
        self.handlers: list[Callable[[Any, list[int]], None]] = []
        self.runtime: Callable[[], Any] = _NoRuntime
        self.used = 0
        self.entered = 0
        self.escaped: BaseException | None = None
        self.open(memoryview(b""))

    def open(self, cells: memoryview[int]) -> None:
        """Take the glue's memory."""
        self.cells = cast_views(cells)
        self.bytes: memoryview[int] = self.cells["u8"]
        self.index: memoryview[int] = self.cells["u32"]


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

    def __init__(self, engine: wasmtime.Engine, cells: int, limits: Limits | None = None) -> None:
        self.store = self._make_store(engine)
        self.store.set_epoch_deadline(_NEVER)
        if limits is not None and limits.memory is not None:
            # Two words for an element of a table, which is what one takes at most.
            self.store.set_limits(memory_size=limits.memory, table_elements=limits.memory // CELL)
        self.interruption = Interruption(self.store, engine, limits)
        self._cells = (ctypes.c_uint8 * (CELL * max(cells, 1)))()
        self.block_bytes = memoryview(self._cells).cast("B")
        self._probe: Any = None
        #: Why the last call failed, where that is no trap at an address.
        self.error: BaseException | None = None
        #: Frees what host functions need, see `_host_entry`.
        self.ending: Ending | None = None
        #: What stands in for exports of the main instance, see `_adaptor_glue`.
        self.adapted: dict[str, Any] = {}
        self.hosting = HostCalls()

    def _make_store(self, engine: wasmtime.Engine) -> wasmtime.Store:
        """The store of the instance."""
        return new_store(engine)

    @property
    def call(self) -> Callable[..., int]:
        """What calls a handle. It belongs to whoever asks: kept here, a bound method would be a cycle."""
        raise NotImplementedError

    @property
    def limited_call(self) -> Callable[..., int]:
        """`call`, with what the limits of the store need around it."""
        return self.interruption.guarded(self.store, self.call)

    def exempt(self) -> AbstractContextManager[None]:
        """Use no fuel, in a `with` block, for what nobody but wasmbind asked for."""
        return self.interruption.exempt(self.store)

    def instantiate(self, module: wasmtime.Module | None, imports: Sequence[Any]) -> None:
        """Instantiate the main module; start functions run.

        Raises:
            wasmtime.Trap, wasmtime.WasmtimeError: instantiation failed.
        """
        assert module is not None
        before = active_runtime.get()
        try:
            self.instance = wasmtime.Instance(self.store, module, imports)
        finally:
            active_runtime.set(before)  # a host function may have made its instance the current one

    def export(self, name: str) -> Any:
        """An export of the main instance as a wasmtime extern, or what stands in for it; None if there is neither."""
        found = self.adapted.get(name) or self.export_of(self.instance, name)
        return passable(found) if isinstance(found, wasmtime.SharedMemory) else found

    def memory_address(self, memory: wasmtime.Memory | wasmtime.SharedMemory) -> int:
        """The address of the first byte of a memory."""
        first = memory.data_ptr() if isinstance(memory, wasmtime.SharedMemory) else memory.data_ptr(self.store)
        return ctypes.addressof(first.contents)

    def memory_size(self, memory: wasmtime.Memory | wasmtime.SharedMemory) -> int:
        """The size of a memory, in bytes."""
        return memory.data_len() if isinstance(memory, wasmtime.SharedMemory) else memory.data_len(self.store)

    def keep_escaped(self, error: BaseException) -> None:
        """Keep an exception that cannot pass through wasmtime for whoever made the call."""
        self.hosting.escaped = error

    def raise_escaped(self) -> None:
        """Raise an exception that a host function met after it had handed over its result."""
        if self.hosting.escaped is not None:
            escaped, self.hosting.escaped = self.hosting.escaped, None
            raise escaped

    def take_escaped(self) -> BaseException | None:
        """The exception that ended the last host function, once."""
        escaped, self.hosting.escaped = self.hosting.escaped, None
        return escaped

    def standing_frames(self) -> tuple[WasmFrame, ...]:
        """The frames of the calls around this one, innermost first.

        Raises:
            wasmtime.WasmtimeError: there is no room for what finds them out.
        """
        if self._probe is None:
            instance = wasmtime.Instance(self.store, probe_module(self.store.engine), [])
            self._probe = self.handle(self.export_of(instance, PROBE), FunctionType((), ()))
        # Not through wasmtime-py: what it leaves to the garbage collector is freed where there may be no stack left.
        status = self.call(self.context, self._probe, self.block, 0, self.trap)
        return without_probe(self.failure(status).frames)

    def export_of(self, instance: wasmtime.Instance, name: str) -> Any:
        """An export of any instance in this store as a wasmtime extern, or None."""
        raise NotImplementedError

    def handle(self, function: wasmtime.Func, type_: FunctionType) -> Any:
        """What `call` takes for a function."""
        raise NotImplementedError

    def failure(self, status: int) -> Failure:
        """Why the last call failed, given its status; clears the trap."""
        raise NotImplementedError

    def host_entry(self) -> wasmtime.Func:
        """The WebAssembly function, without parameters and results, that runs handlers of `hosting`.

        Made when first asked for; `call` is another function from then on.
        """
        raise NotImplementedError


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
