"""Engines and compiled modules, shared by the whole process."""

from __future__ import annotations

import functools
import hashlib
import threading
import weakref

import wasmtime

__all__ = ["compile_module", "shared_engine"]

_RESERVATION = 1 << 32


@functools.cache
def shared_engine() -> wasmtime.Engine:
    """The process-wide engine.

    A 32-bit memory reserves its 4 GiB of address space at once, so that its base never moves; views of it rely
    on that. Epoch interruption is compiled in because it costs nothing measurable and cannot be added later.
    """
    config = wasmtime.Config()
    config.epoch_interruption = True
    config.memory_reservation = _RESERVATION
    config.memory_may_move = False
    return wasmtime.Engine(config)


_modules: weakref.WeakValueDictionary[tuple[int, bytes], wasmtime.Module] = weakref.WeakValueDictionary()
_lock = threading.Lock()


def compile_module(data: bytes, engine: wasmtime.Engine | None = None) -> wasmtime.Module:
    """Compile a binary, once for as long as somebody uses it.

    Args:
        data: the binary.
        engine: where to; the shared engine if not given.

    Raises:
        wasmtime.WasmtimeError: the binary is not valid.
    """
    engine = engine or shared_engine()
    key = (id(engine), hashlib.sha256(data).digest())
    with _lock:
        module = _modules.get(key)
        if module is None:
            module = _modules[key] = wasmtime.Module(engine, data)
            module.engine = engine  # type: ignore[attr-defined]  # keeps the id in the key from being reused
        return module
