"""Memories and tables that a module imports: wasmbind makes them, as large as the import asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import wasmtime

from wasmbind._stops import failed_start
from wasmbind._store_abi import PassableMemory, passable
from wasmbind.errors import InstanceError, LimitError, Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmbind._limits import Limits
    from wasmbind._native import Native
    from wasmbind._schema.model import Binary, Import, OtherKind, Size

__all__ = ["Storage", "plan_storage", "unlimited"]

_PAGE: Final = 1 << 16
_SHARED: Final = "shared memory"


@dataclass(frozen=True, slots=True)
class Storage:
    """A memory or a table that a module imports.

    Attributes:
        module: the name of the module's class.
        kind: what it is.
        least, most: its size, in pages or elements; None without a maximum.
        element: what a table has in it.
        given: a memory that the user shares between instances.
    """

    module: str
    kind: OtherKind
    least: int
    most: int | None
    element: str | None = None
    given: wasmtime.SharedMemory | None = None

    def make(self, native: Native) -> wasmtime.Memory | wasmtime.SharedMemory | wasmtime.Table:
        """Make it for one instance.

        Raises:
            LimitError: it would be larger than the instance may be.
            InstanceError: there is no room for it.
        """
        try:
            if self.kind == _SHARED:
                return self._shared(native)
            limits = wasmtime.Limits(self.least, self.most)
            if self.kind == "memory":
                return wasmtime.Memory(native.store, wasmtime.MemoryType(limits))
            element = wasmtime.ValType.funcref() if self.element == "funcref" else wasmtime.ValType.externref()
            return wasmtime.Table(native.store, wasmtime.TableType(element, limits), None)
        except wasmtime.WasmtimeError as error:
            stopped = failed_start(self.module, native, error)
            problem = f"{self.module} cannot be instantiated: {error}"
            raise stopped or InstanceError("failed", problem) from None

    def _shared(self, native: Native) -> PassableMemory:
        """A memory that others may have, too. Nothing that a store is told limits it, so its maximum does."""
        limits = native.interruption.limits
        allowed = limits.memory if limits is not None else None
        most = self.most
        assert most is not None  # or the binary were not valid
        if self.given is not None:
            least = most = self.given.type().limits.max or 0
        else:
            least, most = self.least, most if allowed is None else min(most, allowed // _PAGE)
        if allowed is not None and least * _PAGE > allowed:
            raise LimitError(self.module, "memory", allowed)
        if self.given is not None:
            return passable(self.given)
        type_ = wasmtime.MemoryType(wasmtime.Limits(least, most), shared=True)
        return passable(wasmtime.SharedMemory(native.store.engine, type_))


def plan_storage(wanted: Import, given: object, module: str) -> Storage | Mismatch:
    """What is made for the import of a memory or table.

    Args:
        wanted: the import.
        given: what the user gives for it: None, or for a memory how many bytes it has at first, or a memory to share.
        module: the name of the module's class.
    """
    kind, size = wanted.type, wanted.size
    assert isinstance(kind, str)  # the caller has seen to it
    assert size is not None  # as every reader of binaries gives it
    who = f"imports[{wanted.module!r}][{wanted.name!r}]"
    if given is None:
        return Storage(module, kind, size.least, size.most, size.element)
    asked = f"an import of a {kind}{_span(size) if kind != 'table' else ''}"
    if kind == "table":
        return Mismatch(who, _shown(given), asked, "leave it out: wasmbind makes the table")
    if isinstance(given, int) and not isinstance(given, bool):
        least = -(-given // _PAGE)
        if size.least <= least <= (65_536 if size.most is None else size.most):
            return Storage(module, kind, least, size.most)
        return Mismatch(who, f"{given:,} bytes", asked, "give a size in between, or leave it out")
    if not isinstance(given, wasmtime.SharedMemory):
        fix = "leave it out, or give the number of bytes it is to have at first: wasmbind makes the memory"
        what = "a wasmtime.Memory, which belongs to a store of its own"
        return Mismatch(who, what if isinstance(given, wasmtime.Memory) else _shown(given), asked, fix)
    if kind != _SHARED:
        fix = "leave it out, or compile with --sharedMemory --enable threads"
        return Mismatch(who, "a shared memory", asked, fix)
    found, pages = given.type().limits, given.data_len() // _PAGE
    if pages < size.least or size.most is None or (found.max or 0) > size.most:
        fix = "make it with wasmtime.MemoryType(wasmtime.Limits({least}, {most}), shared=True)"
        has = f"a shared memory of {pages * _PAGE:,} bytes, at most {(found.max or 0) * _PAGE:,}"
        return Mismatch(who, has, asked, fix.format(least=size.least, most=size.most))
    return Storage(module, kind, size.least, size.most, given=given)


def _span(size: Size) -> str:
    most = "" if size.most is None else f" and at most {size.most * _PAGE:,}"
    return f" of at least {size.least * _PAGE:,}{most} bytes"


def _shown(given: object) -> str:
    return f"{type(given).__name__} {given!r:.40}"


def unlimited(module: str, binary: Binary, limits: Limits | None) -> Iterator[Mismatch]:
    """The mismatch for a shared memory that a module makes itself, which nothing keeps below a limit.

    Args:
        module: the name of the module's class.
        binary: the binary.
        limits: those of an instance.
    """
    allowed = limits.memory if limits is not None else None
    export = binary.exports.get("memory")
    if allowed is None or export is None or export.type != _SHARED or export.size is None:
        return
    most = export.size.most or 0
    if most * _PAGE > allowed and not any(wanted.type == _SHARED for wanted in binary.imports):
        found = f"a shared memory of its own, of up to {most * _PAGE:,} bytes, which wasmtime does not limit"
        fix = f"compile with --importMemory, or with --maximumMemory {allowed // _PAGE}"
        yield Mismatch(module, f"Limits(memory={allowed})", found, fix)
