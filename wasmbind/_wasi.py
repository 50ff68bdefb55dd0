"""WASI preview 1, for modules that import it: wasmtime's functions with what the user grants, by default nothing.

They look for the memory of whoever calls them, so a module is linked with them directly, not through the host glue.
`proc_exit` is not among them: wasmtime's takes a status up to 125 only, and an abort of asc 0.19 exits with 255.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, cast

import wasmtime

from wasmbind._engine import compile_module
from wasmbind._schema.model import FunctionType
from wasmbind.errors import LowerTypeError, LowerValueError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._schema.model import Import, ValueType

__all__ = ["WASI_MODULE", "wasi_externs"]

#: The module that the functions are imported from.
WASI_MODULE: Final = "wasi_snapshot_preview1"

_EXIT = "proc_exit"
_WAIT = "poll_oneoff"
# What stands for `poll_oneoff` where nothing is granted, because neither a limit nor Ctrl-C ends a wait in wasmtime:
# (module (func (export "poll_oneoff") (param i32 i32 i32 i32) (result i32) i32.const 58))  ;; ENOTSUP
_REFUSES_TO_WAIT = bytes.fromhex(
    "0061736d0100000001090160047f7f7f7f017f03020100070f010b706f6c6c5f6f6e656f666600000a06010400413a0b"
)


def wasi_externs(
    store: wasmtime.Store, config: wasmtime.WasiConfig | None, wanted: Iterable[Import], who: str = "wasi"
) -> dict[tuple[str, str], wasmtime.Func]:
    """The functions of WASI that a module imports, with the context that they work on.

    Args:
        store: what the module will be instantiated in. It gets the context, and keeps it.
        config: what is granted; it is used up. None stands for no arguments, no environment, no files, no standard
            streams (what is written to them is lost) and no waiting.
        wanted: imports, of any module.
        who: how errors call the configuration, such as `Files(wasi=...)`.

    Returns:
        By module and name. Imports that wasmtime has nothing for, by name or by type, are left out; so is `proc_exit`.

    Raises:
        LowerTypeError: `config` is something else.
        LowerValueError: `config` has been used for another instance.
    """
    if config is not None and not isinstance(config, wasmtime.WasiConfig):
        raise LowerTypeError(who, "wasmtime.WasiConfig", config, "a wasmtime.WasiConfig says what is granted")
    engine = store.engine
    names = [each.name for each in wanted if each.module == WASI_MODULE and _signature(each.name, engine) == each.type]
    if not names:
        return {}
    # Functions of WASI end the process if there is no context.
    try:
        store.set_wasi(wasmtime.WasiConfig() if config is None else config)
    except ValueError:
        raise LowerValueError(
            who, "wasmtime.WasiConfig", config, "a WasiConfig serves one instance: make another for this one"
        ) from None
    linker = _linker(engine)
    # The annotation of `get` is wider: all of WASI is functions.
    found = {(WASI_MODULE, name): cast("wasmtime.Func", linker.get(store, WASI_MODULE, name)) for name in names}
    if config is None and (WASI_MODULE, _WAIT) in found:
        exports: Any = wasmtime.Instance(store, _no_waiting(engine), []).exports(store)
        found[WASI_MODULE, _WAIT] = exports[_WAIT]
    return found


@functools.lru_cache(maxsize=4)  # there are few engines, each holds its linker's functions
def _linker(engine: wasmtime.Engine) -> wasmtime.Linker:
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    return linker


@functools.lru_cache(maxsize=4)  # as many
def _no_waiting(engine: wasmtime.Engine) -> wasmtime.Module:
    return compile_module(_REFUSES_TO_WAIT, engine)


@functools.lru_cache(maxsize=256)  # more than WASI has functions; the names come from binaries
def _signature(name: str, engine: wasmtime.Engine) -> FunctionType | None:
    if name == _EXIT:
        return None
    store = wasmtime.Store(engine)
    try:
        function = _linker(engine).get(store, WASI_MODULE, name)
    except wasmtime.WasmtimeError:
        return None
    type_ = cast("wasmtime.Func", function).type(store)
    return FunctionType(_values(type_.params), _values(type_.results))


def _values(types: Iterable[wasmtime.ValType]) -> tuple[ValueType, ...]:
    return tuple(cast("ValueType", str(type_)) for type_ in types)
