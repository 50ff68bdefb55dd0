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
    from wasmbind._modules import AscModule as AscModule
    from wasmbind._objects import asdict as asdict
    from wasmbind._stubs import export as export
    from wasmbind._stubs import python as python
    from wasmbind.errors import AbortError as AbortError
    from wasmbind.errors import BindError as BindError
    from wasmbind.errors import BuildError as BuildError
    from wasmbind.errors import DeclarationError as DeclarationError
    from wasmbind.errors import Frame as Frame
    from wasmbind.errors import InstanceError as InstanceError
    from wasmbind.errors import LiftError as LiftError
    from wasmbind.errors import LowerError as LowerError
    from wasmbind.errors import LowerRangeError as LowerRangeError
    from wasmbind.errors import LowerTypeError as LowerTypeError
    from wasmbind.errors import LowerValueError as LowerValueError
    from wasmbind.errors import Mismatch as Mismatch
    from wasmbind.errors import TrapError as TrapError
    from wasmbind.errors import WasmbindError as WasmbindError
    from wasmbind.types import Name as Name
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
    "_stubs": ("export", "python"),
    "_declarative": ("AscClass", "AscRecord"),
    "_engine": ("engine",),
    "_modules": ("AscModule",),
    "_objects": ("asdict",),
    "errors": (
        "AbortError",
        "BindError",
        "BuildError",
        "DeclarationError",
        "Frame",
        "InstanceError",
        "LiftError",
        "LowerError",
        "LowerRangeError",
        "LowerTypeError",
        "LowerValueError",
        "Mismatch",
        "TrapError",
        "WasmbindError",
    ),
    "types": (
        "Name",
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
    "AscClass",
    "AscModule",
    "AscRecord",
    "BindError",
    "BuildError",
    "DeclarationError",
    "Frame",
    "InstanceError",
    "LiftError",
    "LowerError",
    "LowerRangeError",
    "LowerTypeError",
    "LowerValueError",
    "Mismatch",
    "Name",
    "TrapError",
    "WasmbindError",
    "asdict",
    "build",
    "engine",
    "export",
    "f32",
    "f64",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "python",
    "string",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
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
