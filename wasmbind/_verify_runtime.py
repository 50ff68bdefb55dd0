"""Checks that a binary has what references, function values and optional arguments need of AssemblyScript's runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._schema.abis import family, runtime_of, setter_of, wrong_types
from wasmbind._schema.evidence import is_setter
from wasmbind.errors import Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmbind._schema.abis import Abi
    from wasmbind._schema.model import Binary

__all__ = ["verify_function_values", "verify_runtime", "verify_setter", "verify_table"]

_REBUILD: Final = "compile with --exportRuntime"
_REBUILD_OLD: Final = "without `--runtime half` or `none`"


def verify_runtime(binary: Binary, *, references: str | None) -> Iterator[Mismatch]:
    """Check that the binary exports what references need.

    Args:
        references: a declared thing that needs them, or None.
    """
    if references is None:
        return
    kind = runtime_of(binary)
    required = (
        ("__retain", "__release", family(binary).allocate) if kind == "counted" else ("__new", "__pin", "__unpin")
    )
    absent = [name for name in (*required, "__rtti_base", "memory") if name not in binary.exports]
    if absent:
        fix = "compile with the default --runtime, which asc exports" if kind == "counted" else _rebuild(binary)
        if absent == ["memory"]:  # whose export is only missed where there are no bytes, see `_schema.exposing`
            fix = "give the bytes of the binary as wasm=, or compile without --noExportMemory"
        yield Mismatch(references, "a reference", f"no {', '.join(absent)}", fix)
    for name, (expected, found) in wrong_types(binary).items():
        fix = _MEMORY_FIXES.get(found, "do not export anything of your own under this name")
        yield Mismatch(references, f"a reference, which needs {name} {expected}", found, fix)


def _rebuild(binary: Binary) -> str:
    """How to compile a binary that exports no runtime: up to asc 0.17 there is no `--exportRuntime`."""
    if binary.schema is not None:
        return _REBUILD
    if "__setargc" in binary.exports:
        return f"compile {_REBUILD_OLD}"
    return f"{_REBUILD}; up to asc 0.17, {_REBUILD_OLD}"


def verify_setter(module: str, binary: Binary, data: bytes) -> Iterator[Mismatch]:
    """Check that what is told the number of arguments does nothing else.

    Args:
        module: the name of the module class.
        binary: the binary.
        data: its bytes; empty if nobody has them.
    """
    setter = setter_of(binary)
    if setter is not None and not is_setter(data, setter):
        fix = "use a binary as asc has written it, that nothing has rewritten"
        yield Mismatch(module, f"{setter}, which sets a global to its argument", "a function that does more", fix)


#: What to do about memories that AssemblyScript's runtimes cannot work with.
_MEMORY_FIXES = {"64-bit memory": "compile for 32-bit memory; asc makes nothing else"}


def verify_function_values(abi: Abi, user: str | None) -> Iterator[Mismatch]:
    """Check that function values are objects, as they are since asc 0.14.

    Args:
        abi: the interface of the binary.
        user: a declared class that mentions function values, or None.
    """
    if user is not None and abi.functions != "object":
        found = (
            "a mere index into the function table"
            if abi.functions == "index"
            else "nothing that tells whether it is an object or, up to asc 0.13, an index into the function table"
        )
        fix = (
            "compile with asc 0.14 or later"
            if abi.functions == "index"
            else "use one of the module's own functions as a value, compile with -O0, or with asc 0.17 or later"
        )
        yield Mismatch(user, "a function value, which is an object", found, fix)


def verify_table(binary: Binary, user: str | None) -> Iterator[Mismatch]:
    """Check that the binary exports the function table, which function values need.

    Args:
        binary: the binary.
        user: a declared class that mentions function values, or None.
    """
    if user is not None and (binary.exports.get("table") is None or binary.exports["table"].type != "table"):
        fix = "compile with --exportTable, or with `wasmbind build`"
        yield Mismatch(user, "a function value", "no exported function table", fix)
