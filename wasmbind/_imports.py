"""What one instance is given to import: Python functions behind the host glue, numbers, wasmtime's own functions."""

from __future__ import annotations

import ctypes
import os
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import wasmtime

from wasmbind import _descriptors as d
from wasmbind._adaptor_glue import is_adapted
from wasmbind._conversion import codec_for
from wasmbind._host_glue import ABORT, ABORTED, ARGUMENTS, CELL_SIZE, PAGE, SEED, host_glue
from wasmbind._schema.model import FunctionType, GlobalType
from wasmbind.errors import InstanceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wasmbind._handlers import Factory, Handler
    from wasmbind._native import Native
    from wasmbind._runtime import Runtime
    from wasmbind._schema.model import Binary, Import
    from wasmbind._storage import Storage
    from wasmbind._units import GlueModules

__all__ = ["HostImports", "Imports", "Provided"]

#: What `imports=` takes, by module and name: functions, numbers for globals and, in bytes, memories, shared memories.
Imports: TypeAlias = "Mapping[str, Mapping[str, Callable[..., Any] | float | wasmtime.SharedMemory]]"

_SEED_BITS: Final = 53


@dataclass(frozen=True, slots=True)
class Provided:
    """What provides one import.

    Attributes:
        who: what it is called in errors.
        glue: the function of the host glue, for what needs no Python.
        value: the number of a global.
        extern: a function that wasmtime has.
        storage: a memory or a table that is made for it.
        factory: makes the handler of `function`.
        function: a Python function.
        is_method: whether it is called with the module's object.
        returns_reference: whether its result is one.
        early: whether it can be called before the instance is there, while the module is being instantiated.
    """

    who: str
    glue: str | None = None
    value: object = None
    extern: wasmtime.Func | None = None
    storage: Storage | None = None
    factory: Factory | None = None
    function: Callable[..., Any] | None = None
    is_method: bool = False
    returns_reference: bool = False
    early: bool = False


class HostImports:
    """The imports of one instance.

    Attributes:
        externs: what the module is instantiated with.
        glue: the instance of the host glue, whose memory has the cells.
        have_methods: whether any of them is a method of the module's object.
    """

    def __init__(self, binary: Binary, provided: Sequence[Provided], native: Native, glue: GlueModules) -> None:
        """Make the externs of an instance.

        Args:
            binary: what is to be instantiated.
            provided: what provides each of its imports.
            native: the store.
            glue: compiles the host glue.

        Raises:
            LowerError: what is given for a global is no number of its type.
            LimitError, InstanceError: there is no room for a memory or a table.
        """
        self._native, self._provided = native, provided
        self.have_methods = any(each.is_method for each in provided)
        self._functions: dict[int, FunctionType] = {
            at: wanted.type
            for at, wanted in enumerate(binary.imports)
            if isinstance(wanted.type, FunctionType) and provided[at].factory is not None
        }
        counted: dict[int, bool] | None = None
        if is_adapted(binary):
            counted = {at: provided[at].returns_reference for at in self._functions}
        key = ("host", *self._functions, *(counted or {}).values())
        module = glue.compile(key, lambda: host_glue(self._functions, counted))
        entry = [native.host_entry()] if self._functions else []
        self.glue = wasmtime.Instance(native.store, module, entry)
        self._open()
        pairs = zip(binary.imports, provided, strict=True)
        self.externs = [self._extern(at, wanted, found) for at, (wanted, found) in enumerate(pairs)]

    def _open(self) -> None:
        """Look into the glue's memory, which lives as long as the store, and fill it."""
        hosting = self._native.hosting
        cells = self._native.export_of(self.glue, "cells")
        page = (ctypes.c_uint8 * PAGE).from_address(self._native.memory_address(cells))
        hosting.open(memoryview(page).cast("B"))
        widest = max((len(type_.params) for type_ in self._functions.values()), default=0)
        hosting.used = ARGUMENTS + CELL_SIZE * max(1, widest)
        seed = float(int.from_bytes(os.urandom(8), "little") >> (64 - _SEED_BITS))
        hosting.cells["f64"][SEED // 8] = seed
        hosting.handlers += [self._early(provided) for provided in self._provided]

    def _early(self, provided: Provided) -> Handler:
        """The handler of an import while there is no instance yet."""
        if provided.early and provided.factory is not None:
            return self._handler(provided)

        def refuse(runtime: object, kept: list[int]) -> None:  # noqa: ARG001 - what a handler takes
            raise InstanceError(
                "missing",
                f"{provided.who}: called while the module was being instantiated, before its memory can be reached;"
                " give the bytes of the binary as wasm=, or compile with --exportStart",
            )

        return refuse

    def _handler(self, provided: Provided) -> Handler:
        assert provided.factory is not None
        assert provided.function is not None
        return provided.factory(provided.function, self._native.hosting.cells)

    def attach(self, runtime: Runtime) -> None:
        """Connect the handlers with the instance, which is there now."""
        hosting = self._native.hosting
        hosting.runtime = weakref.ref(runtime)
        for at in self._functions:
            hosting.handlers[at] = self._handler(self._provided[at])

    def _extern(self, at: int, wanted: Import, provided: Provided) -> Any:
        if isinstance(wanted.type, GlobalType):
            return self._global(wanted.type, provided)
        if provided.extern is not None:
            return provided.extern
        if provided.storage is not None:
            return provided.storage.make(self._native)
        return self._native.export_of(self.glue, provided.glue or f"f{at}")

    def _global(self, type_: GlobalType, provided: Provided) -> wasmtime.Global:
        """A global of this instance with a number in it."""
        codec: Any = codec_for({"f32": d.F32, "f64": d.F64}.get(type_.type) or d.INTEGERS[type_.type])
        number = codec.lower(None, provided.value, 0, provided.who)
        make = {"i32": wasmtime.ValType.i32, "i64": wasmtime.ValType.i64, "f32": wasmtime.ValType.f32}
        value_type = make.get(type_.type, wasmtime.ValType.f64)()
        return wasmtime.Global(self._native.store, wasmtime.GlobalType(value_type, type_.mutable), number)

    def take_abort(self) -> tuple[int, int, int, int] | None:
        """The arguments of the abort that happened since the last look: message, file, line, column; None without."""
        words = self._native.hosting.index
        if not words[ABORTED // 4]:
            return None
        words[ABORTED // 4] = 0
        first = ABORT // 4
        return words[first], words[first + 1], words[first + 2], words[first + 3]
