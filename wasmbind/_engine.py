"""Engines and compiled modules, shared by the whole process."""

from __future__ import annotations

import ctypes
import functools
import threading
from typing import TYPE_CHECKING, Final

import wasmtime

from wasmbind._schema.model import Binary, Export, FunctionType, GlobalType, Import, OtherKind, Size, ValueType
from wasmbind._store_abi import set_stack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._limits import Limits

__all__ = [
    "adopt_module",
    "binary_of",
    "can_share",
    "compile_module",
    "describe_external",
    "describe_module",
    "engine",
    "shares_memory",
]

_RESERVATION = 1 << 32


def engine(limits: Limits | None = None, *, shared: bool = False) -> wasmtime.Engine:
    """The process-wide engine that modules run on. A `wasmtime.Module` given as `wasm=` is compiled with it.

    Args:
        limits: those of the instances. Fuel and the size of the stack are properties of an engine, so there is one for
            each size, with fuel and without.
        shared: for modules whose memory several instances may share, which have engines of their own.
    """
    consumes_fuel = limits is not None and limits.fuel is not None
    return _engine(consumes_fuel, limits.stack if limits is not None else None, shared)


def shares_memory(binary: Binary) -> bool:
    """Whether a binary needs an engine for shared memories."""
    types = [*(wanted.type for wanted in binary.imports), *(export.type for export in binary.exports.values())]
    return "shared memory" in types


def can_share() -> bool:
    """Whether there can be engines for shared memories: from wasmtime-py 45 on."""
    return hasattr(wasmtime.Config, "signals_based_traps")


@functools.cache
def _engine(consumes_fuel: bool, stack: int | None, shared: bool) -> wasmtime.Engine:  # noqa: FBT001 - a cache's key
    """The engine for some settings.

    A 32-bit memory reserves its 4 GiB of address space at once, so that its base never moves; views of it rely
    on that. Epoch interruption is compiled in because it costs nothing measurable and cannot be added later.

    wasmtime aborts the process when an access beyond the end of a shared memory is found out by a fault, and a store
    has got the memory more than once, as it has with glue. So where there are shared memories code checks each access.
    """
    config = wasmtime.Config()
    config.epoch_interruption = True
    config.memory_reservation = _RESERVATION
    config.memory_may_move = False
    if shared:
        config.shared_memory = True
        config.signals_based_traps = False
    if consumes_fuel:
        config.consume_fuel = True
    if stack is not None:
        set_stack(config, stack)
    made = wasmtime.Engine(config)
    # Never freed: when the interpreter ends, what wasmtime-py frees it with is gone before it.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(made))
    return made


#: Compiled modules that are kept for whoever wants the same once more.
_KEPT: Final = 64
_lock = threading.Lock()


def compile_module(data: bytes, target: wasmtime.Engine) -> wasmtime.Module:
    """Compile a binary; of the last `_KEPT` ones each is compiled once.

    Args:
        data: the binary.
        target: the engine to compile on.

    Raises:
        wasmtime.WasmtimeError: the binary is not valid.
    """
    with _lock:
        return _compile(data, target)


# Weak references would not do: wasmtime-py frees a module before they are cleared, and other threads run meanwhile.
@functools.lru_cache(_KEPT)
def _compile(data: bytes, target: wasmtime.Engine) -> wasmtime.Module:
    module = wasmtime.Module(target, data)
    module.engine = target  # type: ignore[attr-defined]  # for what compiles more for the same engine
    module.binary = data  # type: ignore[attr-defined]  # which the key holds anyway
    return module


def binary_of(module: wasmtime.Module | None) -> bytes:
    """What `compile_module` made a module of; nothing for one that somebody else compiled, or has not given."""
    data: bytes = getattr(module, "binary", b"")
    return data


def adopt_module(module: wasmtime.Module, target: wasmtime.Engine) -> wasmtime.Module:
    """A module that somebody else compiled, on our engine.

    Raises:
        wasmtime.WasmtimeError: it was compiled with settings that differ from the engine's.
    """
    adopted = wasmtime.Module.deserialize(target, module.serialize())
    adopted.engine = target  # type: ignore[attr-defined]  # as compile_module does
    return adopted


def describe_module(module: wasmtime.Module, name: str) -> Binary:
    """What a compiled module imports and exports; the values of constants and custom sections are not to be had."""
    imports = tuple(
        Import(item.module, item.name or "", kind, _size(item.type))
        for item in module.imports
        if (kind := describe_external(item.type)) is not None
    )
    exports = {
        item.name: Export(item.name, kind, _size(item.type))
        for item in module.exports
        if (kind := describe_external(item.type)) is not None
    }
    return Binary(name, imports, exports)


def describe_external(type_: object) -> FunctionType | GlobalType | OtherKind | None:
    """What the type of an import or export is; None for what wasmbind knows nothing of."""
    match type_:
        case wasmtime.FuncType():
            return FunctionType(_values(type_.params), _values(type_.results))
        case wasmtime.GlobalType():
            return GlobalType(_values([type_.content])[0], type_.mutable)
        case wasmtime.MemoryType():
            return "64-bit memory" if type_.is_64 else "shared memory" if type_.is_shared else "memory"
        case wasmtime.TableType():
            return "table"
        case _:
            return None


def _size(type_: object) -> Size | None:
    match type_:
        case wasmtime.MemoryType():
            return Size(type_.limits.min, type_.limits.max)
        case wasmtime.TableType():
            return Size(type_.limits.min, type_.limits.max, _values([type_.element])[0])
        case _:
            return None


def _values(types: Iterable[wasmtime.ValType]) -> tuple[ValueType, ...]:
    return tuple([_NAMES.get(str(type_), "other") for type_ in types])


_NAMES: dict[str, ValueType] = {"i32": "i32", "i64": "i64", "f32": "f32", "f64": "f64", "funcref": "funcref"}
