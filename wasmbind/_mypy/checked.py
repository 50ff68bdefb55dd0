"""Checks one source file: its module classes against their binaries, and its other classes by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind._annotations import is_template
from wasmbind._checking import DECLARATION, Finding, check_file
from wasmbind._declared import declaration_of
from wasmbind._scopes import UnresolvedError
from wasmbind._static import StaticLoader, binary_of
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from wasmbind._static import Find, StaticModule

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
    told = [each for each in found if not each.found.startswith(missing)]
    return [*told, *_meaningless(module, told)], binaries


def _meaningless(module: StaticModule, told: Sequence[Finding]) -> Iterator[Finding]:
    """What is wrong with classes that no module with a binary uses, which have been compared with nothing."""
    known = {each.message for each in told}
    classes: list[Any] = [*module.classes, *module.modules]
    for cls in classes:
        try:
            if not is_template(cls):
                declaration_of(cls)
        except DeclarationError as error:
            message = f"{error.who}: {error.problem}"
            if message not in known:
                file, line = cls.__asc_place__
                if error.where is not None:
                    file, _, line = error.where.rpartition(":")
                yield Finding(file, int(line), DECLARATION, error.who, "", error.problem, error.fix or "", message)
        except UnresolvedError:
            continue  # what it declares is not known without running the file
