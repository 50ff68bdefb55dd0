"""Which imports wasmbind provides by itself, told without loading what provides them.

The real defaults stand in `_defaults`, `_providers` and `_wasi`, and run with wasmtime; a test compares these names and
types with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._schema.model import FunctionType, GlobalType

if TYPE_CHECKING:
    from wasmbind._schema.model import Import, ValueType

__all__ = ["DEFAULTS", "NUMBERS", "WASI", "provider_of"]

_SHORT: Final[dict[str, ValueType]] = {"i": "i32", "l": "i64", "f": "f32", "d": "f64"}

# Names by type: the letters before the colon stand for parameters, the one behind for the result.
_FUNCTIONS: Final = {
    ":d": "Date.now Math.random performance.now seed",
    "i:": "console.debug console.error console.info console.log console.time console.timeEnd console.timeLog"
    " console.warn process.exit",
    "i:i": "crypto.getRandomValuesN",
    "ii:": "console.assert",
    "iiii:": "abort",
    "iiddddd:": "trace",
    "iiiiiid:d": "Date.UTC",
    "d:d": "Math.abs Math.acos Math.acosh Math.asin Math.asinh Math.atan Math.atanh Math.cbrt Math.ceil Math.clz32"
    " Math.cos Math.cosh Math.exp Math.expm1 Math.floor Math.log Math.log10 Math.log1p Math.log2 Math.round"
    " Math.sign Math.sin Math.sinh Math.sqrt Math.tan Math.tanh Math.trunc",
    "d:f": "Math.fround",
    "dd:d": "Math.atan2 Math.hypot Math.imul Math.max Math.min Math.pow",
}
_WASI_FUNCTIONS: Final = {
    ":i": "sched_yield",
    "i:": "proc_exit",
    "i:i": "fd_close fd_datasync fd_sync proc_raise",
    "ii:i": "args_get args_sizes_get clock_res_get environ_get environ_sizes_get fd_fdstat_get fd_fdstat_set_flags"
    " fd_filestat_get fd_prestat_get fd_renumber fd_tell random_get sock_shutdown",
    "iii:i": "fd_prestat_dir_name path_create_directory path_remove_directory path_unlink_file sock_accept",
    "iiii:i": "fd_read fd_write poll_oneoff",
    "iiiii:i": "path_filestat_get path_symlink sock_send",
    "iiiiii:i": "path_readlink path_rename sock_recv",
    "iiiiiii:i": "path_link",
    "iiiilli:i": "path_filestat_set_times",
    "iiiiillii:i": "path_open",
    "iiili:i": "fd_pread fd_pwrite fd_readdir",
    "il:i": "fd_filestat_set_size",
    "ili:i": "clock_time_get",
    "ilii:i": "fd_seek",
    "ill:i": "fd_allocate fd_fdstat_set_rights",
    "illi:i": "fd_advise fd_filestat_set_times",
}


def _types(table: dict[str, str]) -> dict[str, FunctionType]:
    found: dict[str, FunctionType] = {}
    for letters, names in table.items():
        params, _, results = letters.partition(":")
        type_ = FunctionType(tuple(_SHORT[letter] for letter in params), tuple(_SHORT[letter] for letter in results))
        found.update(dict.fromkeys(names.split(), type_))
    return found


#: The functions that a module gets as asc's own bindings would give them, by their JavaScript names.
DEFAULTS: Final = _types(_FUNCTIONS)
#: The numbers, of either floating-point type.
NUMBERS: Final = frozenset(f"Math.{name}" for name in ("E", "LN10", "LN2", "LOG10E", "LOG2E", "PI", "SQRT1_2", "SQRT2"))
#: WASI preview 1.
WASI: Final = _types(_WASI_FUNCTIONS)
_FLOATS = frozenset({"f32", "f64"})


def provider_of(wanted: Import) -> str | None:
    """What provides an import if the user does not: ``"default"`` or ``"wasi"``; None where nothing does."""
    if wanted.type in ("memory", "shared memory", "table"):
        return "default"
    if wanted.module in ("wasi_snapshot_preview1", "wasi_unstable"):
        known = WASI.get(wanted.name)
        own = wanted.module == "wasi_snapshot_preview1" or wanted.name == "proc_exit"
        return "wasi" if known is not None and own and known == wanted.type else None
    if wanted.module not in ("env", "Math", "Date"):
        return None
    name = wanted.name if wanted.module == "env" else f"{wanted.module}.{wanted.name}"
    if isinstance(wanted.type, GlobalType):
        return "default" if name in NUMBERS and wanted.type.type in _FLOATS else None
    return "default" if DEFAULTS.get(name) == wanted.type else None
