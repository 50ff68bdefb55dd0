"""Loads source files: what they declare, without executing anything of them."""

from __future__ import annotations

import linecache
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wasmbind._scopes import UnresolvedError
from wasmbind._static.libraries import is_library, library_member, library_names
from wasmbind._static.pruning import prune
from wasmbind._static.source import Source
from wasmbind._static.values import LeftOut, ModuleRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wasmbind._static.names import Names
    from wasmbind.errors import DeclarationError

__all__ = ["Find", "StaticLoader", "StaticModule"]

#: Finds the source file of a module by its dotted name; None if it is unknown or not Python source.
Find = Callable[[str], Path | None]

#: How many files may wait for each other's classes.
_MOST_WAITING: Final = 25
_MOST_BYTES: Final = 1 << 20


class StaticModule:
    """What one source file declares.

    Attributes:
        path: the file.
        name: the name of its module.
        modules: the classes of `AscModule` that it defines, in order, wherever they stand outside of functions.
        classes: the classes of `AscClass` that it defines, in order.
        left_out: what it declares that is not known without running it.
        errors: what wasmbind refuses in class statements, by line.
        unreadable: why it was not read, and the line of that, or None.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.path, self.name = source.path, source.name
        self.modules, self.classes = source.module_classes, source.object_classes
        self.left_out: list[LeftOut] = source.left_out
        self.errors: list[tuple[int, DeclarationError]] = source.errors
        self.unreadable: tuple[int, str] | None = None

    @property
    def names(self) -> Mapping[str, object]:
        """What its names stand for, those that are known."""
        return self._source.names.known()

    def member(self, name: str) -> Any:
        """What one of its names stands for.

        Raises:
            KeyError: it has no such name.
            UnresolvedError: nobody knows.
        """
        return self._source.names.member(name)

    def public_names(self) -> list[str] | None:
        """The names that `from module import *` binds, None where nobody knows."""
        own = self._source.names.own
        if self._source.names.incomplete is not None:
            return None
        if "__all__" not in own:
            return [name for name in own if not name.startswith("_")]
        try:
            listed = self.member("__all__")
        except UnresolvedError:
            return None
        return [str(name) for name in listed] if isinstance(listed, (list, tuple)) else None


class StaticLoader:
    """Loads source files, each once."""

    def __init__(self, find: Find) -> None:
        """Start with nothing loaded.

        Args:
            find: finds the files of modules that are imported.
        """
        self._find = find
        self._loaded: dict[Path, StaticModule] = {}
        self._bodies: dict[type, Names] = {}
        self._waiting: list[Source] = []
        self._unpruned: list[Source] = []

    def load(self, path: Path, name: str) -> StaticModule:
        """What a file declares.

        Args:
            path: the file.
            name: the dotted name of its module.
        """
        path = path.absolute()
        found = self._loaded.get(path)
        if found is not None:
            return found
        linecache.checkcache(str(path))  # messages quote it, and it may have changed since another loader read it
        source = Source(path, name, self, self._bodies)
        found = self._loaded[path] = StaticModule(source)
        self._waiting.append(source)
        try:
            found.unreadable = _read(source)
        finally:
            self._waiting.pop()
        self._unpruned.append(source)
        if not self._waiting:
            while self._unpruned:
                prune(self._unpruned.pop())
        return found

    # --- what sources ask for -----------------------------------------------------------------------------------

    def member(self, module: str, name: str) -> Any:
        """What a name of a module stands for.

        Raises:
            UnresolvedError: nobody knows.
        """
        if is_library(module):
            return library_member(module, name)
        found = self._module(module)
        if found is not None:
            try:
                return found.member(name)
            except KeyError:
                pass
        if self._find(f"{module}.{name}") is not None:
            return ModuleRef(f"{module}.{name}")
        raise UnresolvedError(f"what {module}.{name} is cannot be known without running it")

    def attribute(self, module: str, name: str) -> Any:
        """What an attribute of a module stands for, where that may be a package without a file of its own.

        Raises:
            UnresolvedError: nobody knows.
        """
        if is_library(module) or self._find(module) is not None:
            return self.member(module, name)
        return ModuleRef(f"{module}.{name}")

    def exported(self, module: str) -> Iterable[str] | None:
        """The names that `from module import *` binds, None where nobody knows."""
        if is_library(module):
            return library_names(module)
        try:
            found = self._module(module)
        except UnresolvedError:
            return None
        return None if found is None else found.public_names()

    def folder(self, package: str) -> Path:
        """The folder of a package.

        Raises:
            UnresolvedError: nobody knows.
        """
        found = self._find(package)
        if found is None:
            raise UnresolvedError(f"the package {package} is not found")
        return found.absolute().parent

    def names_of(self, cls: type[Any]) -> Names | None:
        """The names of the body of a class, None for one that no source defines."""
        return self._bodies.get(cls)

    def _module(self, name: str) -> StaticModule | None:
        path = self._find(name)
        if path is None:
            return None
        if len(self._waiting) >= _MOST_WAITING and path.absolute() not in self._loaded:
            raise UnresolvedError("too many files wait for each other")
        return self.load(path, name)


def _read(source: Source) -> tuple[int, str] | None:
    """Read a source; line and reason if that fails."""
    try:
        status = source.path.stat()
        if not stat.S_ISREG(status.st_mode):
            return 1, "it is no file"  # reading a pipe or a device may never end
        if status.st_size > _MOST_BYTES:
            return 1, "it is too large to be a source"
        source.read()
    except SyntaxError as error:
        return error.lineno or 1, error.msg
    except OSError as error:
        return 1, error.strerror or str(error)
    except ValueError as error:
        return 1, str(error)
    except (RecursionError, MemoryError):
        return 1, "it is nested too deeply"
    return None
