"""The way Python uses AssemblyScript.

Declare Python classes annotated with AssemblyScript types, and they bind to a WebAssembly module::

    from wasmbind import AscModule, string

    class Files(AscModule, wasm="files.wasm"):
        def helloworld(self, name: string) -> string: ...

    Files().helloworld("michael")

Everything is imported when it is first used: tools that only look at types do not load wasmtime.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wasmbind._build import build as build
    from wasmbind._declarative import AscClass as AscClass
    from wasmbind._declarative import AscRecord as AscRecord
    from wasmbind._engine import engine as engine
    from wasmbind._limits import Limits as Limits
    from wasmbind._live.arrays import Array as Array
    from wasmbind._live.arrays import StaticArray as StaticArray
    from wasmbind._live.buffers import ArrayBuffer as ArrayBuffer
    from wasmbind._live.dataviews import DataView as DataView
    from wasmbind._live.maps import Map as Map
    from wasmbind._live.sets import Set as Set
    from wasmbind._live.typed_arrays import Float32Array as Float32Array
    from wasmbind._live.typed_arrays import Float64Array as Float64Array
    from wasmbind._live.typed_arrays import Int8Array as Int8Array
    from wasmbind._live.typed_arrays import Int16Array as Int16Array
    from wasmbind._live.typed_arrays import Int32Array as Int32Array
    from wasmbind._live.typed_arrays import Int64Array as Int64Array
    from wasmbind._live.typed_arrays import Uint8Array as Uint8Array
    from wasmbind._live.typed_arrays import Uint8ClampedArray as Uint8ClampedArray
    from wasmbind._live.typed_arrays import Uint16Array as Uint16Array
    from wasmbind._live.typed_arrays import Uint32Array as Uint32Array
    from wasmbind._live.typed_arrays import Uint64Array as Uint64Array
    from wasmbind._modules import AscModule as AscModule
    from wasmbind._objects import asdict as asdict
    from wasmbind._stubs import export as export
    from wasmbind._stubs import host as host
    from wasmbind._stubs import python as python
    from wasmbind._tasks import to_thread as to_thread
    from wasmbind.errors import AbortError as AbortError
    from wasmbind.errors import BindError as BindError
    from wasmbind.errors import BuildError as BuildError
    from wasmbind.errors import DeclarationError as DeclarationError
    from wasmbind.errors import ExitError as ExitError
    from wasmbind.errors import Frame as Frame
    from wasmbind.errors import HandleError as HandleError
    from wasmbind.errors import InstanceError as InstanceError
    from wasmbind.errors import LiftError as LiftError
    from wasmbind.errors import LimitError as LimitError
    from wasmbind.errors import LowerError as LowerError
    from wasmbind.errors import LowerRangeError as LowerRangeError
    from wasmbind.errors import LowerTypeError as LowerTypeError
    from wasmbind.errors import LowerValueError as LowerValueError
    from wasmbind.errors import Mismatch as Mismatch
    from wasmbind.errors import TrapError as TrapError
    from wasmbind.errors import WasmbindError as WasmbindError
    from wasmbind.module import AscObject as AscObject
    from wasmbind.module import Module as Module
    from wasmbind.module import OpaqueValue as OpaqueValue
    from wasmbind.module import auto_resolve as auto_resolve
    from wasmbind.module import wrap_opaque as wrap_opaque
    from wasmbind.types import Date as Date
    from wasmbind.types import Name as Name
    from wasmbind.types import Opaque as Opaque
    from wasmbind.types import WeakOpaque as WeakOpaque
    from wasmbind.types import f32 as f32
    from wasmbind.types import f64 as f64
    from wasmbind.types import i8 as i8
    from wasmbind.types import i16 as i16
    from wasmbind.types import i32 as i32
    from wasmbind.types import i64 as i64
    from wasmbind.types import isize as isize
    from wasmbind.types import string as string
    from wasmbind.types import u8 as u8
    from wasmbind.types import u16 as u16
    from wasmbind.types import u32 as u32
    from wasmbind.types import u64 as u64
    from wasmbind.types import usize as usize

_ORIGINS = {
    "_build": ("build",),
    "_stubs": ("export", "host", "python"),
    "_declarative": ("AscClass", "AscRecord"),
    "_engine": ("engine",),
    "_limits": ("Limits",),
    "_live.arrays": ("Array", "StaticArray"),
    "_live.buffers": ("ArrayBuffer",),
    "_live.dataviews": ("DataView",),
    "_live.maps": ("Map",),
    "_live.sets": ("Set",),
    "_live.typed_arrays": (
        "Float32Array",
        "Float64Array",
        "Int16Array",
        "Int32Array",
        "Int64Array",
        "Int8Array",
        "Uint16Array",
        "Uint32Array",
        "Uint64Array",
        "Uint8Array",
        "Uint8ClampedArray",
    ),
    "_modules": ("AscModule",),
    "_tasks": ("to_thread",),
    "_objects": ("asdict",),
    "errors": (
        "AbortError",
        "BindError",
        "BuildError",
        "DeclarationError",
        "ExitError",
        "Frame",
        "HandleError",
        "InstanceError",
        "LiftError",
        "LimitError",
        "LowerError",
        "LowerRangeError",
        "LowerTypeError",
        "LowerValueError",
        "Mismatch",
        "TrapError",
        "WasmbindError",
    ),
    "module": ("AscObject", "Module", "OpaqueValue", "auto_resolve", "wrap_opaque"),
    "types": (
        "Date",
        "Name",
        "Opaque",
        "WeakOpaque",
        "f32",
        "f64",
        "i16",
        "i32",
        "i64",
        "i8",
        "isize",
        "string",
        "u16",
        "u32",
        "u64",
        "u8",
        "usize",
    ),
}
_MODULE_OF = {name: module for module, names in _ORIGINS.items() for name in names}

__all__ = [
    "AbortError",
    "Array",
    "ArrayBuffer",
    "AscClass",
    "AscModule",
    "AscObject",
    "AscRecord",
    "BindError",
    "BuildError",
    "DataView",
    "Date",
    "DeclarationError",
    "ExitError",
    "Float32Array",
    "Float64Array",
    "Frame",
    "HandleError",
    "InstanceError",
    "Int16Array",
    "Int32Array",
    "Int64Array",
    "Int8Array",
    "LiftError",
    "LimitError",
    "Limits",
    "LowerError",
    "LowerRangeError",
    "LowerTypeError",
    "LowerValueError",
    "Map",
    "Mismatch",
    "Module",
    "Name",
    "Opaque",
    "OpaqueValue",
    "Set",
    "StaticArray",
    "TrapError",
    "Uint16Array",
    "Uint32Array",
    "Uint64Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "WasmbindError",
    "WeakOpaque",
    "asdict",
    "auto_resolve",
    "build",
    "engine",
    "export",
    "f32",
    "f64",
    "host",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "python",
    "string",
    "to_thread",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
    "wrap_opaque",
]


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
