"""Starts the instance of a dynamic module, and finds out what tells of its members: a schema, or the exports alone."""

from __future__ import annotations

import collections.abc
import os
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import wasmtime

from wasmbind import types
from wasmbind._dynamic.adopting import adopt_instance
from wasmbind._dynamic.hints import Hints
from wasmbind._dynamic.objects import OpaqueValue, Shown
from wasmbind._dynamic.schema import declare_by_schema
from wasmbind._dynamic.stock import StockMembers
from wasmbind._live import arrays, buffers, dataviews, maps, sets, typed_arrays
from wasmbind._modules import AscModule, checked_limits
from wasmbind._schema.abis import wrong_types
from wasmbind._sources import binding_of
from wasmbind._verify_runtime import verify_runtime
from wasmbind.errors import BindError, DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wasmtime import WasiConfig

    from wasmbind._dynamic.members import Members
    from wasmbind._imports import Imports
    from wasmbind._limits import Limits
    from wasmbind._sources import WasmSource

__all__ = ["start_members"]


def _space() -> dict[str, Any]:
    """The names that types given as strings may use, besides those of classes."""
    found = {name: getattr(types, name) for name in types.__all__}
    for module in (arrays, buffers, dataviews, maps, sets, typed_arrays):
        found |= {
            name: getattr(module, name) for name in module.__all__ if hasattr(getattr(module, name), "__asc_kind__")
        }
    found |= {name: getattr(collections.abc, name) for name in ("Callable", "Iterable", "Mapping", "Sequence")}
    found |= {"AbstractSet": collections.abc.Set, "OpaqueValue": OpaqueValue}
    found |= {"Annotated": typing.Annotated, "Optional": typing.Optional, "Union": typing.Union}
    return found | {"Any": Any, "Dict": typing.Dict, "List": typing.List, "Set": found["Set"]}  # noqa: UP006 - as code of old has them


def start_members(
    source: WasmSource | wasmtime.Instance,
    store: wasmtime.Store | None,
    shown: Shown | None,
    registry: Mapping[str, Any],
    imports: Imports | None,
    wasi: WasiConfig | None,
    limits: Limits | None,
    reserved: Iterable[str],
) -> Members:
    """Start an instance.

    Args:
        source: the binary, or an instance of it.
        store: the store of the instance.
        shown: how results are shown of which nothing tells the type.
        registry: the types of results that somebody has given.
        imports, wasi, limits: as `AscModule` takes them.
        reserved: names that members must not have.
    """
    if shown not in (None, Shown.RESULT, Shown.WRAPPED):
        raise TypeError(f"value_handler= takes auto_resolve, wrap_opaque or None, got {shown!r:.60}")
    if limits is not None:
        checked_limits(limits, "Module")
    _check_source(source)
    if isinstance(source, (str, os.PathLike)):
        source = Path(os.fspath(source)).absolute()  # not relative to a file that declares it
    plain = _empty(source)
    if isinstance(source, wasmtime.Instance):
        adopt_instance(plain, source, store, imports, wasi, limits)
    elif store is not None:
        raise TypeError("store= belongs to a wasmtime.Instance; wasmbind makes the stores of what it starts")
    binary = binding_of(plain, limits).binary
    hints = Hints(binary.name, _space())
    if binary.schema is not None:
        return declare_by_schema(source, binary, hints, shown, registry, imports, wasi, limits, reserved)
    found = list(verify_runtime(binary, references=plain.__name__))
    if wrong_types(binary):
        raise BindError(plain.__name__, binary.name, found)
    inner = plain(imports=imports, wasi=wasi, limits=limits)
    runtime = inner.runtime
    refers = not found
    if refers:
        runtime.binding.need_heap(runtime, runtime.name)
    return StockMembers(inner, hints, refers, shown, registry, reserved)


def _check_source(source: object) -> None:
    """Refuse what may stand for nothing, as None does where a class declares a module.

    Raises:
        DeclarationError: it is no binary.
    """
    if source is None or isinstance(source, (int, float)):
        fix = "give a path, bytes, anything with read_bytes, a wasmtime.Module or a wasmtime.Instance"
        raise DeclarationError("Module", f"{source!r} is no binary", fix=fix)


def _empty(source: WasmSource | wasmtime.Instance) -> Any:
    """A module class that declares nothing."""
    name = Path(source).stem if isinstance(source, Path) else "Module"
    metaclass: Any = type(AscModule)
    return metaclass(name, (AscModule,), {"__module__": __name__}, wasm=source)
