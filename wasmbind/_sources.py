"""Where a module class finds its binary, and its binding, made once per class."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import wasmtime

from wasmbind._bind import Binding
from wasmbind._engine import adopt_module, compile_module, describe_module, engine
from wasmbind._schema.binary import BinaryFormatError, read_binary
from wasmbind._schema.nodes import SchemaError
from wasmbind.errors import BindError, DeclarationError, Mismatch

__all__ = ["WasmSource", "binding_of"]


@runtime_checkable
class Readable(Protocol):
    """Anything with `read_bytes`, such as `importlib.resources` gives."""

    def read_bytes(self) -> bytes:
        """The content."""
        ...


#: What `wasm=` takes.
WasmSource: TypeAlias = "str | os.PathLike[str] | bytes | Readable | wasmtime.Module"
_lock = threading.RLock()


def binding_of(cls: type[Any]) -> Binding:
    """The binding of a module class, made when first asked for.

    Raises:
        DeclarationError: the class names no binary, or the binary cannot be read.
    """
    found: Binding | None = cls.__asc_binding__
    if found is None:
        with _lock:
            found = cls.__asc_binding__
            if found is None:
                found = _bind(cls)
                cls.__asc_binding__ = found
    return found


def _bind(cls: type[Any]) -> Binding:
    source: Any = getattr(cls, "__asc_wasm__", None)
    if source is None:
        fix = f'write class {cls.__name__}(AscModule, wasm="file.wasm")'
        raise DeclarationError(cls.__name__, "names no binary", fix=fix)
    target = engine()
    compiled = isinstance(source, wasmtime.Module)
    data, name = (b"", "<wasmtime.Module>") if compiled else _read(cls, source)
    try:
        binary = describe_module(source, name) if compiled else read_binary(data, name)
        module = adopt_module(source, target) if compiled else compile_module(data, target)
    except (BinaryFormatError, wasmtime.WasmtimeError) as error:
        fix = "compile it again with asc"
        if compiled:
            fix = "pass the bytes of the binary, or compile it with wasmbind.engine()"
        mismatch = Mismatch(cls.__name__, "a WebAssembly module", str(error).split("\n")[0], fix)
        raise BindError(cls.__name__, name, [mismatch]) from None
    except SchemaError as error:
        mismatch = Mismatch(cls.__name__, "a schema that this wasmbind can read", str(error), error.fix)
        raise BindError(cls.__name__, name, [mismatch]) from None
    return Binding(cls, binary, target, module, getattr(cls, "__asc_classes__", ()))


def _read(cls: type[Any], source: Any) -> tuple[bytes, str]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), "<bytes>"
    if isinstance(source, (str, os.PathLike)):
        owner = next(base for base in cls.__mro__ if "__asc_wasm__" in base.__dict__)
        module = sys.modules.get(owner.__module__)
        here = Path(getattr(module, "__file__", None) or ".").parent
        path = here / os.fspath(source)
        try:
            return path.read_bytes(), path.name
        except OSError as error:
            fix = f"the path is relative to {here}; build the module, or correct the path"
            raise DeclarationError(cls.__name__, f"cannot read {path}: {error.strerror}", fix=fix) from None
    if isinstance(source, Readable):
        return source.read_bytes(), getattr(source, "name", "<resource>")
    fix = "give a path, bytes, or an importlib.resources file"
    raise DeclarationError(cls.__name__, f"wasm={type(source).__name__} is no binary", fix=fix)
