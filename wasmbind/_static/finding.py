"""Finds source files by the names of their modules, as Python would without importing anything, and their names."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["SourceFinder", "import_roots", "module_name", "source_files"]

_PACKAGE = "__init__.py"
_NO_SOURCES = frozenset({"__pycache__", "node_modules", "site-packages"})


class SourceFinder:
    """Finds the source file of a module by its dotted name."""

    def __init__(self, roots: Iterable[Path]) -> None:
        """Look in some folders.

        Args:
            roots: the folders that absolute imports start from; the first that has a module wins.
        """
        self._roots = list(dict.fromkeys(roots))
        self._found: dict[str, Path | None] = {}

    def __call__(self, name: str) -> Path | None:
        """The file of a module, None if there is none or it is no Python source."""
        if name not in self._found:
            self._found[name] = next(self._candidates(name), None)
        return self._found[name]

    def folder(self, name: str) -> Path | None:
        """The folder of a package, with or without a file of its own; None if there is none."""
        if not _is_name(name):
            return None
        folders = (root.joinpath(*name.split(".")) for root in self._roots)
        # Unlike those of paths, these functions answer for closed folders and for names that no file can have.
        return next((folder for folder in folders if os.path.isdir(folder)), None)  # noqa: PTH112 - see above

    def _candidates(self, name: str) -> Iterator[Path]:
        if not _is_name(name):
            return
        for root in self._roots:
            place = root.joinpath(*name.split("."))
            for file in (place / _PACKAGE, place.with_name(f"{place.name}.py")):
                if os.path.isfile(file):  # noqa: PTH113 - see above
                    yield file


def _is_source(name: str) -> bool:
    return name.endswith(".py") and not name.startswith(".")


def _is_name(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def import_roots() -> list[Path]:
    """The folders that imports start from: the working directory, `src` in it, and Python's own path."""
    here = Path.cwd()
    return [here, here / "src", *(Path(entry).absolute() for entry in sys.path if entry)]


def module_name(file: Path) -> tuple[Path, str]:
    """The folder that the imports of a file start from, and the dotted name of its module there."""
    file = file.absolute()
    parts = [] if file.name == _PACKAGE else [file.stem]
    folder = file.parent
    while os.path.isfile(folder / _PACKAGE) and folder != folder.parent:  # noqa: PTH113 - see above
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts) or file.stem


def source_files(folder: Path) -> Iterator[Path]:
    """The Python files in a folder and below it, in order.

    Hidden files and folders, virtual environments and installed packages are left out; links to folders are not
    followed, because they may lead to where they are. Folders that cannot
    be listed come last, themselves, for whoever reads them to say so.
    """
    closed: list[Path] = []
    for place, inner, files in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        if "pyvenv.cfg" in files:
            inner.clear()
            continue
        inner[:] = sorted(name for name in inner if name not in _NO_SOURCES and not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if _is_source(name))
    yield from closed
