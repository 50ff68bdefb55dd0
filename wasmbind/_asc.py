"""Find the AssemblyScript compiler.

In this order: the one that was named, the project's own, `asc` on PATH, the pinned one in the user's cache.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from wasmbind._asc_cache import pinned_asc
from wasmbind._asc_package import Asc, check_version, package_behind, read_package
from wasmbind.errors import BuildError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

__all__ = ["find_asc"]


def find_asc(source: Path, named: str | os.PathLike[str] | None = None) -> Asc:
    """Return the compiler for a source file.

    Raises:
        BuildError: The named one is not asc, the one found is too old, or none can be had.
    """
    if named is not None:
        return check_version(_named_asc(Path(named)))
    for package in _project_packages(source):
        found = read_package(package)
        if found is not None:
            return check_version(found)
    on_path = shutil.which("asc")
    # Other programs are called asc too: what is not AssemblyScript's is passed over.
    found = package_behind(Path(on_path)) if on_path else None
    return check_version(found) if found is not None else pinned_asc()


def _named_asc(path: Path) -> Asc:
    found = package_behind(path)
    if found is None:
        what = "not AssemblyScript's" if path.exists() else "no such file or folder"
        raise BuildError(
            f"asc was not found at {path}",
            looked=[f"{path.absolute()}: {what}"],
            fix="name the folder node_modules/assemblyscript, bin/asc.js in it, or node_modules/.bin/asc",
        )
    return found


def _project_packages(source: Path) -> Iterator[Path]:
    """Yield where npm would have installed AssemblyScript for a source file, and for the working directory."""
    for start in (source.absolute().parent, Path.cwd()):
        for folder in (start, *start.parents):
            yield folder / "node_modules" / "assemblyscript"
