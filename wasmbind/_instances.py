"""Starting an instance: what happens before anything declared can be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import wasmtime

from wasmbind._native import code_of
from wasmbind._ownership import owned
from wasmbind._schema.exposing import START
from wasmbind._schema.model import FunctionType
from wasmbind._schema.starts import exported_start
from wasmbind._stops import failed_start
from wasmbind.errors import AbortError, InstanceError, TrapError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._imports import HostImports
    from wasmbind._native import Native
    from wasmbind._runtime import Runtime
    from wasmbind._schema.model import Binary

__all__ = ["argument_cells", "instantiate", "observers", "run_start"]

#: Cells that the glue's own functions and its extra parameters need.
_SPARE_CELLS = 8
#: What is told of each instance that has started, for tools that watch what becomes of instances.
observers: list[Callable[[Runtime], None]] = []


def argument_cells(binary: Binary) -> int:
    """The most argument cells that a call into the binary or its glue needs."""
    widths = [
        max(len(export.type.params), len(export.type.results))
        for export in binary.exports.values()
        if isinstance(export.type, FunctionType)
    ]
    return max(widths, default=0) + _SPARE_CELLS


def instantiate(name: str, native: Native, module: wasmtime.Module | None, hosts: HostImports) -> None:
    """Instantiate a module, None where `native` has its instance; its start section runs.

    Raises:
        AbortError, TrapError: the start section failed.
        LimitError: the instance, or its start section, goes beyond a limit.
        InstanceError: there is no room for the instance.
        BaseException: what a host function raised.
    """
    try:
        native.interruption.start(native.store, lambda: native.instantiate(module, hosts.externs))
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        escaped = native.take_escaped()
        if escaped is None:
            raise _failure(name, native, hosts, error) from None
    else:
        return
    raise escaped  # here, so that wasmtime's own error is no part of its story


def _failure(
    name: str, native: Native, hosts: HostImports, error: wasmtime.Trap | wasmtime.WasmtimeError
) -> BaseException:
    """The exception for an instantiation that failed."""
    stopped = failed_start(name, native, error)
    if stopped is not None:
        return stopped
    aborted = hosts.take_abort()
    if aborted is not None:
        # The memory with its message is gone.
        note = "  while the module was being instantiated"
        return AbortError(None, None, aborted[2], aborted[3], (), note)
    if not isinstance(error, wasmtime.Trap):
        return InstanceError("failed", f"{name} cannot be instantiated: {error}")
    code = code_of(error)
    return TrapError(code, f"{name} failed to start: {error}", (), poisoned=True)


def run_start(runtime: Runtime, declared: str | None) -> None:
    """Call the start functions, if there are any: module globals are garbage until they have run."""
    names = [START] * runtime.binary.is_deferred
    name = declared or exported_start(runtime.binary)
    if name is not None and runtime.binary.function(name) == FunctionType((), ()):
        names.append(name)
    runtime.starting = True
    for each in names:
        owned(runtime, lambda _: runtime.invoke(each))  # noqa: B023 - called at once
    runtime.starting = False
