"""What a source is made of: itself and the files that it imports, found without asc.

asc gets a copy of just these files, so nothing that was not looked at can become part of a result that is kept.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wasmbind.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["INLINE", "Sources", "gather"]

#: What the text of a test is compiled as. asc names the module of a `declare function` after it.
INLINE = "inline.ts"
PACKAGES = "node_modules"

_IMPORT = re.compile(r"""\b(?:from|import)\s*["']([^"']+)["']""")


@dataclass(frozen=True, slots=True)
class Sources:
    """A source with all that it imports.

    Attributes:
        base: the folder that names in the binary start from.
        entry: the file to compile, relative to it.
        files: the texts of it and of what it reaches by relative imports, by absolute path.
        packages: the texts of the packages that it imports, likewise.
        searched: the folders that packages come from.
    """

    base: Path
    entry: str
    files: Mapping[Path, str]
    packages: Mapping[Path, str]
    searched: tuple[Path, ...]

    def identity(self) -> list[tuple[str, str]]:
        """What the result depends on: relative paths and texts."""
        parts = [(os.path.relpath(path, self.base), text) for path, text in self.files.items()]
        return [(self.entry, ""), *parts, *((path.as_posix(), text) for path, text in self.packages.items())]

    def copy_to(self, folder: Path) -> Path:
        """Write the files into an empty folder; returns what stands for `base` there."""
        common = Path(os.path.commonpath([self.base, *(path.parent for path in self.files)]))
        for path, text in self.files.items():
            copy = folder / path.relative_to(common)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(text.encode("utf-8", "surrogateescape"))
        base = folder / self.base.relative_to(common)
        base.mkdir(parents=True, exist_ok=True)
        return base


def gather(source: str | os.PathLike[str], folder: Path) -> Sources:
    """Read a source and what it imports.

    Args:
        source: a text, which imports as if it lay in the folder, or a path relative to that.
        folder: absolute.

    Raises:
        ValueError: the text looks like a path.
        BuildError: there is no such file, or no such folder.
    """
    __tracebackhide__ = True
    folder = Path(os.path.normpath(folder))
    if not folder.is_dir():
        raise BuildError(
            "there is no folder to compile in",
            looked=[str(folder)],
            fix="correct the ini option wasmbind_folder, which names it",
        )
    if isinstance(source, str):
        if "\n" not in source and source.endswith(".ts"):
            raise ValueError(f"{source!r} looks like the name of a file: pass Path({source!r})")
        entry, base, text = folder / INLINE, folder, source
    else:
        entry = _find(source, folder)
        base = folder if entry.is_relative_to(folder) else entry.parent
        text = _read(entry)
    searched = tuple(place for parent in (base, *base.parents) if (place := parent / PACKAGES).is_dir())
    files: dict[Path, str] = {entry: text}
    packages: dict[Path, str] = {}
    waiting = [entry]
    while waiting:
        path = waiting.pop()
        for name in _IMPORT.findall(files.get(path) or packages.get(path, "")):
            kind = files if name.startswith(".") and path in files else packages
            # What is imported by a package is in it, or is another package.
            found = _relative(path, name) if kind is files else _package(name, searched)
            for each in found:
                if each not in kind:
                    kind[each] = _read(each)
                    waiting.append(each)
    return Sources(base, os.path.relpath(entry, base), files, packages, searched)


def _find(source: os.PathLike[str], folder: Path) -> Path:
    """The absolute path of a source file."""
    __tracebackhide__ = True
    entry = Path(os.path.normpath(folder / source))
    named = os.fspath(source)
    if entry.is_file() and entry.suffix == ".ts":
        return entry
    if entry.is_file():
        problem, fix = f"{named} is not AssemblyScript", "name a file that ends in .ts"
    elif entry.is_dir():
        problem, fix = f"{named} is a folder", f"name the file in it that exports, such as {Path(named, 'index.ts')}"
    else:
        problem, fix = f"there is no {named}", "name the file that exports"
        if not Path(named).is_absolute():
            fix = f"name it by an absolute path, or from {folder}, which the ini option wasmbind_folder sets"
    raise BuildError(problem, looked=[str(entry)], fix=fix)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


def _relative(importer: Path, name: str) -> Iterator[Path]:
    """Yield the files that a relative import may mean."""
    target = Path(os.path.normpath(importer.parent / name))
    return (file for file in (target.with_name(f"{target.name}.ts"), target / "index.ts") if file.is_file())


def _package(name: str, searched: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the files of the package that an import names; none for a part of the standard library."""
    parts = name.split("/")
    package = "/".join(parts[: 2 if name.startswith("@") else 1])
    for place in searched if package not in ("", ".", "..") else ():
        if (place / package).is_dir():
            # All of them: which one is meant depends on the version of asc.
            yield from sorted(file for file in (place / package).rglob("*.ts") if not file.name.endswith(".d.ts"))
            return
