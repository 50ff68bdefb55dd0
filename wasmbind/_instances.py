"""Starting an instance: what happens before anything declared can be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import wasmtime

from wasmbind._schema.model import FunctionType
from wasmbind.errors import AbortError, TrapError

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
            note = "  in the module's start function, whose memory is gone: the message cannot be read"
            raise AbortError(None, None, aborted[2], aborted[3], (), note) from None
        code = error.trap_code.name.lower() if isinstance(error, wasmtime.Trap) and error.trap_code else None
        raise TrapError(code, f"{name} failed to start: {error}", (), poisoned=True) from None


def run_start(runtime: Runtime) -> None:
    """Call the exported start function, if there is one: module globals are garbage until it has run."""
    for name in _STARTS:
        if runtime.binary.function(name) == FunctionType((), ()):
            runtime.invoke(name)
            return
