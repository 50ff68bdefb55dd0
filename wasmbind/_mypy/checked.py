"""Checks one source file for mypy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmbind._checking import Finding, check_file
from wasmbind._static import StaticLoader, binary_of

if TYPE_CHECKING:
    from pathlib import Path

    from wasmbind._static import Find

__all__ = ["check_source"]


def check_source(path: Path, name: str, find: Find) -> tuple[list[Finding], list[Path]]:
    """What is wrong with the declarations of a file, and the binaries that they name, whether there or not.

    Args:
        path: the file.
        name: the dotted name of its module.
        find: finds the sources of what it imports.
    """
    # A loader for each file: `find` is asked for all that its declarations come from.
    loader = StaticLoader(find)
    found = check_file(loader, path, name)
    module = loader.load(path, name)
    binaries = [binary for cls in module.modules if (binary := binary_of(cls)) is not None]
    # A binary that is not built yet is no mistake in the declaration.
    missing = tuple(f"cannot read {binary}:" for binary in binaries if not binary.exists())
    return [each for each in found if not each.found.startswith(missing)], binaries
