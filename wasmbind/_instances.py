"""Starting an instance: what happens before anything declared can be called."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import wasmtime

from wasmbind._memory import HEADER
from wasmbind._native import NEVER
from wasmbind._schema.model import FunctionType
from wasmbind.errors import AbortError, InstanceError, TrapError

if TYPE_CHECKING:
    from wasmbind._imports import HostImports
    from wasmbind._native import Native
    from wasmbind._runtime import Runtime
    from wasmbind._schema.model import Binary

__all__ = ["argument_cells", "instantiate", "run_start"]

#: Cells that the glue's own functions and its extra parameters need.
_SPARE_CELLS = 8
_STARTS = ("_initialize", "__start", "_start")


def argument_cells(binary: Binary) -> int:
    """The most argument cells that a call into the binary or its glue needs."""
    widths = [
        max(len(export.type.params), len(export.type.results))
        for export in binary.exports.values()
        if isinstance(export.type, FunctionType)
    ]
    return max(widths, default=0) + _SPARE_CELLS


def instantiate(name: str, native: Native, module: wasmtime.Module, hosts: HostImports) -> None:
    """Instantiate a module; its start section runs.

    Raises:
        AbortError, TrapError: the start section failed.
        InstanceError: there is no room for the instance.
        BaseException: what a host function raised.
    """
    try:
        native.instantiate(module, hosts.externs)
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        escaped = native.take_escaped()
        if escaped is not None:
            raise escaped from None
        aborted = hosts.glue.take_abort() if hosts.glue is not None else None
        if aborted is not None:
            message, file = _start_abort(module) if not hosts.runs_python else (None, None)
            note = "  while the module was being instantiated"
            raise AbortError(message, file, aborted[2], aborted[3], (), note) from None
        if not isinstance(error, wasmtime.Trap):
            raise InstanceError("failed", f"{name} cannot be instantiated: {error}") from None
        code = error.trap_code.name.lower() if error.trap_code else None
        raise TrapError(code, f"{name} failed to start: {error}", (), poisoned=True) from None


def _start_abort(module: wasmtime.Module) -> tuple[str | None, str | None]:
    """Message and file of the abort in a start section, found by running it once more.

    An instance that fails to start takes its memory with it; only a host function can read it before that. The
    module calls no Python, so running it again does nothing else.
    """
    store = wasmtime.Store(module.engine)  # type: ignore[attr-defined]  # compile_module leaves it there
    store.set_epoch_deadline(NEVER)
    found: list[str | None] = [None, None]

    def abort(caller: wasmtime.Caller, message: int, file: int, _line: int, _column: int) -> None:
        memory = caller.get("memory")
        if isinstance(memory, wasmtime.Memory):
            data = memory.read(caller)
            found[:] = [_text(data, message), _text(data, file)]

    i32 = wasmtime.ValType.i32
    linker = wasmtime.Linker(store.engine)
    signature = wasmtime.FuncType([i32(), i32(), i32(), i32()], [])
    linker.define_func("env", "abort", signature, abort, access_caller=True)
    linker.define_unknown_imports_as_traps(module)
    with contextlib.suppress(wasmtime.Trap, wasmtime.WasmtimeError):
        linker.instantiate(store, module)
    return found[0], found[1]


def _text(data: bytearray, ptr: int) -> str | None:
    """The string at `ptr`, if there can be one."""
    if not HEADER <= ptr <= len(data):
        return None
    size = int.from_bytes(data[ptr - 4 : ptr], "little")
    return data[ptr : ptr + size].decode("utf-16-le", "replace") if ptr + size <= len(data) else None


def run_start(runtime: Runtime, declared: str | None) -> None:
    """Call the exported start function, if there is one: module globals are garbage until it has run."""
    for name in _STARTS if declared is None else (declared,):
        if runtime.binary.function(name) == FunctionType((), ()):
            runtime.invoke(name)
            return
