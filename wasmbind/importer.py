"""Imports WebAssembly binaries as typed Python modules.

After ``import wasmbind.importer``, ``import files`` finds ``files.wasm`` where Python would look for ``files.py``, on
`sys.path` or inside a package, if nothing else of that name is there. The module has the declarations that
`wasmbind generate` would write: classes and enums, functions and globals of one instance, and the class of the whole
module for further instances::

    import wasmbind.importer
    import files

    files.helloworld("michael")
    line = files.Line("s")
    with files.Files() as other:
        ...

The instance is started when it is first used, not by the import. `wasmbind stubs` writes the stub files by which type
checkers know such a module.
"""

from __future__ import annotations

import sys
import threading
from importlib.abc import Loader, MetaPathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from wasmbind._generate import Declarations
from wasmbind._generate.files import read_wasm
from wasmbind._source import execute_module
from wasmbind.errors import DeclarationError, WasmbindError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

    from wasmbind._runtime import Runtime

__all__ = ["WasmFinder", "WasmImportError", "WasmLoader", "WasmModule", "install"]

#: Where a module keeps its class, and the names that stand for members of its instance.
_CLASS: Final = "__asc_module__"
_MEMBERS: Final = "__asc_members__"
#: Where it keeps the names that its binary has given it, which a reload takes back.
_GIVEN: Final = "__asc_given__"


class WasmImportError(WasmbindError, ImportError):
    """A binary that was found cannot be imported.

    Attributes:
        module: the name of the module.
        binary: the path of the binary.
        problem: what is wrong with it.
        fix: what to do.
    """

    def __init__(self, module: str, binary: Path, problem: str, fix: str | None) -> None:
        self.module, self.binary, self.problem, self.fix = module, str(binary), problem, fix
        super().__init__(f"cannot import {module}: {binary}: {problem}\n  fix          {fix}")
        self.name, self.path = module, str(binary)


class WasmModule(ModuleType):
    """A module whose functions and globals are those of one instance, which is started when it is first used."""

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get(_MEMBERS, ()):
            return getattr(self.__dict__[_CLASS].default(), name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}", name=name, obj=self)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__.get(_MEMBERS, ()):
            setattr(self.__dict__[_CLASS].default(), name, value)
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if name in self.__dict__.get(_MEMBERS, ()):
            problem = f"{name!r} belongs to the WebAssembly module, and cannot be deleted"
            raise AttributeError(f"module {self.__name__!r}: {problem}", name=name, obj=self)
        if name not in self.__dict__:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}", name=name, obj=self)
        super().__delattr__(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.__dict__.get(_MEMBERS, ())})


class _FirstUse:
    """Starts the instance of a module when one of its classes is first used and no other instance is meant.

    It stands where the default instances of a class are looked up, until there is one.
    """

    def __init__(self, cls: Any) -> None:
        self._cls = cls
        self._starting = threading.local()

    def __call__(self) -> Runtime | None:
        """The instance that this has started, None if there is one or it is being started."""
        if self._cls.__asc_default__ is not None or getattr(self._starting, "now", False):
            return None
        self._starting.now = True
        try:
            runtime: Runtime = self._cls.default().runtime
        finally:
            self._starting.now = False
        return runtime


class WasmLoader(Loader):
    """Makes a module of one binary."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def create_module(self, spec: ModuleSpec) -> WasmModule:
        """An empty module."""
        return WasmModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Fill a module with the declarations of its binary; again when it is reloaded.

        Raises:
            WasmImportError: the binary cannot be read, or is none.
        """
        try:
            binary = read_wasm(self._path)
        except DeclarationError as error:
            raise WasmImportError(module.__name__, self._path, error.problem, error.fix) from None
        # Absolute: the folder of the module's file is not known any more once it has left `sys.modules`.
        declarations = Declarations(binary, str(self._path.absolute()), None, None)
        space: dict[str, Any] = {"__name__": module.__name__, "__file__": str(self._path)}
        execute_module(declarations.text(), space, module.__name__)
        for name in module.__dict__.get(_GIVEN, ()):
            module.__dict__.pop(name, None)
        given = {
            name: value
            for name, value in space.items()
            if isinstance(value, type) and value.__module__ == module.__name__
        }
        cls = given[declarations.name]
        members = declarations.members
        names = [*(value.name for value in members.values), *(f.name for f in members.functions if not f.is_host)]
        first_use = _FirstUse(cls)
        for value in given.values():
            if hasattr(value, "__asc_defaults_of__"):
                value.__asc_defaults_of__.append(first_use)
        module.__dict__.update(given)
        module.__dict__.update(
            {
                _CLASS: cls,
                _MEMBERS: frozenset(names),
                _GIVEN: tuple(given),
                "__doc__": space["__doc__"],
                "__all__": sorted([*given, *names]),
            }
        )


class WasmFinder(MetaPathFinder):
    """Finds binaries where nothing else of the name is."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 - as Python calls it
    ) -> ModuleSpec | None:
        """The spec of a module whose binary lies in one of the folders, None without one."""
        name = fullname.rpartition(".")[2]
        for folder in sys.path if path is None else path:
            candidate = Path(folder, f"{name}.wasm")
            if candidate.is_file():
                return spec_from_file_location(fullname, candidate, loader=WasmLoader(candidate))
        return None


def install() -> None:
    """Let Python import binaries. Importing this module does it; again is harmless."""
    if not any(isinstance(finder, WasmFinder) for finder in sys.meta_path):
        # Last: whatever else has the name wins.
        sys.meta_path.append(WasmFinder())


install()
