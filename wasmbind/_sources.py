"""Where a module class finds its binary, and its binding, made once per class."""

from __future__ import annotations

import functools
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import wasmtime

from wasmbind._bind import Binding
from wasmbind._engine import adopt_module, can_share, compile_module, describe_module, engine, shares_memory
from wasmbind._places import shown_file
from wasmbind._schema.exposing import read_exposed
from wasmbind._schema.format import BinaryFormatError
from wasmbind._schema.nodes import SchemaError
from wasmbind._sourcemap import MOST_BYTES
from wasmbind._tracebacks import Origins
from wasmbind.errors import BindError, DeclarationError, Mismatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._limits import Limits

__all__ = ["MapSource", "WasmSource", "binding_of"]


@runtime_checkable
class Readable(Protocol):
    """Anything with `read_bytes`, such as `importlib.resources` gives."""

    def read_bytes(self) -> bytes:
        """The content."""
        ...


#: What `wasm=` takes.
WasmSource: TypeAlias = "str | os.PathLike[str] | bytes | Readable | wasmtime.Module"
#: What `source_map=` takes.
MapSource: TypeAlias = "str | os.PathLike[str] | bytes | Readable"
_lock = threading.RLock()


def binding_of(cls: type[Any], limits: Limits | None = None) -> Binding:
    """The binding of a module class for the engine that some limits need, made when first asked for.

    Raises:
        DeclarationError: the class names no binary, or the binary cannot be read.
    """
    target = engine(limits)
    found: Binding | None = cls.__asc_bindings__.get(id(target))  # engines are never freed
    if found is None:
        with _lock:
            found = cls.__asc_bindings__.get(id(target))
            if found is None:
                found = cls.__asc_bindings__[id(target)] = _bind(cls, target, limits)
    return found


def _bind(cls: type[Any], target: wasmtime.Engine, limits: Limits | None) -> Binding:
    source: Any = getattr(cls, "__asc_wasm__", None)
    shared = False
    if source is None:
        fix = f'write class {cls.__name__}(AscModule, wasm="file.wasm")'
        raise DeclarationError(cls.__name__, "names no binary", fix=fix)
    compiled = isinstance(source, wasmtime.Module)
    given, name = (b"", "<wasmtime.Module>") if compiled else _read(cls, source)
    try:
        binary, data = (describe_module(source, name), given) if compiled else read_exposed(given, name)
        shared = shares_memory(binary)
        target = _sharing_engine(cls, name, limits) if shared else target
        module = adopt_module(source, target) if compiled else compile_module(data, target)
    except BinaryFormatError as error:
        fix = error.fix(shown_file(str(_path(cls, source))) if isinstance(source, (str, os.PathLike)) else name)
        mismatch = Mismatch(cls.__name__, "a WebAssembly module", f"none: {error}", fix)
        raise BindError(cls.__name__, name, [mismatch]) from None
    except wasmtime.WasmtimeError as error:
        fix = "compile it again with asc"
        if compiled:
            arguments = ["limits"] * (limits is not None and limits.fuel is not None) + ["shared=True"] * shared
            fix = f"pass the bytes of the binary, or compile it with wasmbind.engine({', '.join(arguments)})"
        mismatch = Mismatch(cls.__name__, "a WebAssembly module", str(error).split("\n")[0], fix)
        raise BindError(cls.__name__, name, [mismatch]) from None
    except SchemaError as error:
        mismatch = Mismatch(cls.__name__, "a schema that this wasmbind can read", str(error), error.fix)
        raise BindError(cls.__name__, name, [mismatch]) from None
    origins = Origins(name, _map_reader(cls, source), binary.shift)
    return Binding(cls, binary, target, module, getattr(cls, "__asc_classes__", ()), origins)


def _sharing_engine(cls: type[Any], name: str, limits: Limits | None) -> wasmtime.Engine:
    """The engine for a binary with a shared memory."""
    if not can_share():
        fix = "install wasmtime 45 or later, or compile without --sharedMemory"
        found = "a shared memory, with which this wasmtime-py may end the process"
        raise BindError(cls.__name__, name, [Mismatch(cls.__name__, "a memory of its own", found, fix)])
    return engine(limits, shared=True)


def _read(cls: type[Any], source: Any) -> tuple[bytes, str]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), "<bytes>"
    if isinstance(source, (str, os.PathLike)):
        path = _path(cls, source)
        try:
            return path.read_bytes(), path.name
        except OSError as error:
            is_relative = not Path(source).is_absolute()
            fix = f"the path is relative to {_folder(cls)}; " * is_relative + "build the module, or correct the path"
            raise DeclarationError(cls.__name__, f"cannot read {path}: {error.strerror}", fix=fix) from None
    if isinstance(source, Readable):
        return source.read_bytes(), getattr(source, "name", "<resource>")
    fix = "give a path, bytes, or an importlib.resources file"
    raise DeclarationError(cls.__name__, f"wasm={type(source).__name__} is no binary", fix=fix)


def _path(cls: type[Any], source: str | os.PathLike[str]) -> Path:
    return _folder(cls) / os.fspath(source)


def _folder(cls: type[Any]) -> Path:
    """The folder of the file with the class that names the binary."""
    owner = next(base for base in cls.__mro__ if "__asc_wasm__" in base.__dict__)
    module = sys.modules.get(owner.__module__)
    return Path(getattr(module, "__file__", None) or ".").parent


def _map_reader(cls: type[Any], source: Any) -> Callable[[], bytes | None]:
    """What reads the source map when it is needed: the one that the class gives, else the one beside the binary.

    Raises:
        DeclarationError: the class gives something that is none, or a file that is not there.
    """
    given: Any = cls.__asc_source_map__
    if isinstance(given, (bytes, bytearray, memoryview)):
        return functools.partial(bytes, given)
    if isinstance(given, (str, os.PathLike)):
        path = _path(cls, given)
        if not path.is_file():
            is_relative = not Path(given).is_absolute()
            fix = f"the path is relative to {_folder(cls)}; " * is_relative
            fix += "give --sourceMap to asc, or correct the path"
            raise DeclarationError(cls.__name__, f"cannot read the source map {path}", fix=fix)
        return functools.partial(_read_beside, path)
    if isinstance(given, Readable):
        return functools.partial(_read_beside, given)
    if given is not None:
        fix = "give a path, bytes, or an importlib.resources file"
        raise DeclarationError(cls.__name__, f"source_map={type(given).__name__} is no source map", fix=fix)
    if isinstance(source, (str, os.PathLike)):
        path = _path(cls, source)
        return functools.partial(_read_beside, path.with_name(f"{path.name}.map"))
    folder: Any = getattr(source, "parent", None)
    if isinstance(source, Readable) and hasattr(folder, "joinpath"):  # importlib.resources promises no parent
        return functools.partial(_read_beside, folder.joinpath(f"{getattr(source, 'name', '')}.map"))
    return lambda: None


def _read_beside(file: Readable) -> bytes | None:
    """The content of a source map; None where it cannot be read, which is no error while another one is reported."""
    try:
        if isinstance(file, Path) and file.stat().st_size > MOST_BYTES:
            return None
        return file.read_bytes()
    except (OSError, LookupError):  # archives raise KeyError for what they do not have
        return None
