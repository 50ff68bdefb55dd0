"""What the host gives to a module: defaults, and plain Python functions."""

from __future__ import annotations

import functools
import os
import sys
import weakref
from typing import TYPE_CHECKING, Any, TypeAlias

import wasmtime

from wasmbind import _descriptors as d
from wasmbind import _glue
from wasmbind._conversion import codec_for
from wasmbind._engine import compile_module
from wasmbind._schema.model import FunctionType, GlobalType
from wasmbind.errors import LiftError, LowerTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wasmbind._native import Native
    from wasmbind._runtime import Runtime
    from wasmbind._schema.model import Binary, Import

__all__ = ["HostImports", "Imports"]

#: What `imports=` takes: functions, and numbers for globals, by module and name.
Imports: TypeAlias = "Mapping[str, Mapping[str, Callable[..., Any] | float]]"

_GLUED = {("env", "abort"): "abort", ("env", "seed"): "seed"}
_SEED_BITS = 53


class HostGlue:
    """The instance of the host glue of one store, see `_glue.host_glue`."""

    def __init__(self, store: wasmtime.Store, module: wasmtime.Module) -> None:
        self._store = store
        self.exports: Mapping[str, Any] = wasmtime.Instance(store, module, []).exports(store)

    def take_abort(self) -> tuple[int, int, int, int] | None:
        """The arguments of the abort that happened since the last look, or None."""
        store = self._store
        aborted = self.exports["aborted"]
        if not aborted.value(store):
            return None
        aborted.set_value(store, 0)
        message, file, line, column = (
            self.exports[name].value(store) for name in ("message", "file", "line", "column")
        )
        return message, file, line, column

    def set_seed(self, seed: float) -> None:
        """What `env.seed` returns."""
        self.exports["seed_value"].set_value(self._store, seed)


class HostImports:
    """The imports of one instance.

    Python functions get numbers and return a number; i32 arrives signed.

    Attributes:
        glue: the host glue, None where nothing uses it.
        runs_python: whether any import is a Python function.
        runtime: the instance, once it exists. Functions may be called before.
    """

    def __init__(self, binary: Binary, given: Imports, native: Native) -> None:
        self._given, self._native = given, native
        self.runtime: weakref.ref[Runtime] | None = None
        self.glue: HostGlue | None = None
        self.runs_python = False
        self.externs = [self._extern(wanted) for wanted in binary.imports]

    @staticmethod
    def provided(given: Imports) -> list[tuple[str, str]]:
        """The imports that somebody provides."""
        return [
            *_GLUED,
            ("env", "trace"),
            *((module, name) for module, names in given.items() for name in names),
        ]

    def _extern(self, wanted: Import) -> wasmtime.Func | Any:
        key = (wanted.module, wanted.name)
        function: Any = self._given.get(wanted.module, {}).get(wanted.name)
        if isinstance(wanted.type, GlobalType):
            return self._global(wanted, wanted.type, function)
        if not callable(function) and function is not None:
            name = f"imports[{wanted.module!r}][{wanted.name!r}]"
            raise LowerTypeError(name, str(wanted.type), function, "a function is imported")
        if function is None and key in _GLUED:
            return self._host_glue().exports[_GLUED[key]]
        if function is None:
            function = functools.partial(_trace, weakref.ref(self))
        self.runs_python = True
        assert isinstance(wanted.type, FunctionType)  # verify_imports has seen to it
        return self._native.host_function(wanted.type, self._in_host(function))

    def _global(self, wanted: Import, type_: GlobalType, value: Any) -> wasmtime.Global:
        """A global of this instance with a number in it.

        Raises:
            LowerError: the value is no number of its type.
        """
        codec: Any = codec_for({"f32": d.F32, "f64": d.F64}.get(type_.type) or d.INTEGERS[type_.type])
        number = codec.lower(None, value, 0, f"imports[{wanted.module!r}][{wanted.name!r}]")
        make = {"i32": wasmtime.ValType.i32, "i64": wasmtime.ValType.i64, "f32": wasmtime.ValType.f32}
        value_type = make.get(type_.type, wasmtime.ValType.f64)()
        store = self._native.store
        return wasmtime.Global(store, wasmtime.GlobalType(value_type, type_.mutable), number)

    def _host_glue(self) -> HostGlue:
        if self.glue is None:
            self.glue = HostGlue(self._native.store, _host_module(self._native.store.engine))
            self.glue.set_seed(float(int.from_bytes(os.urandom(8), "little") >> (64 - _SEED_BITS)))
        return self.glue

    def _in_host(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Mark the instance as being inside a host function while it runs, so that it may be called back."""
        hosts = weakref.ref(self)

        def call(*numbers: Any) -> Any:
            owner = hosts()
            reference = owner.runtime if owner is not None else None
            runtime = reference() if reference is not None else None
            if runtime is None:
                return function(*numbers)
            outer, runtime.at_rest = runtime.at_rest, True
            try:
                return function(*numbers)
            finally:
                runtime.at_rest = outer

        return call


@functools.cache
def _host_module(engine: wasmtime.Engine) -> wasmtime.Module:
    return compile_module(_glue.host_glue(), engine)


def _trace(hosts: weakref.ref[HostImports], message: int, count: int, *values: float) -> None:
    """`trace(message, n, a0, ...)`: one line on standard error, as asc's own bindings write to the console."""
    owner = hosts()
    runtime = owner.runtime() if owner is not None and owner.runtime is not None else None
    try:
        text = runtime.read_text(message & 0xFFFFFFFF) if runtime is not None else f"<string at {message:#x}>"
    except LiftError as error:
        text = f"<{error}>"
    shown = ", ".join(f"{value:g}" for value in values[: max(0, count)])
    print(f"trace: {text}{' ' if shown else ''}{shown}", file=sys.stderr)  # noqa: T201 - trace is for this
