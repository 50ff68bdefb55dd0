"""Write a new package, whole or not at all."""

from __future__ import annotations

import importlib.metadata
import os
import re
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from wasmbind._hatch_build import make_module
from wasmbind._hatch_modules import read_modules
from wasmbind._new.names import project_names
from wasmbind.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmbind._new.names import Names

__all__ = ["new_project", "template_files"]

TEMPLATE = Path(__file__).parent / "template"
SUFFIX = ".txt"  # keeps tools from taking the template's files for files of this package
#: What the template has classes called, and imports.
TAKEN = frozenset({"AbortError", "Iterator", "Tally"})

_LISTS = re.compile(r"^(from \S+ import |__all__ = \[)(.*?)(\]?)$", re.MULTILINE)


def new_project(name: str, folder: Path | None = None) -> list[Path]:
    """Make a package, compile its module and write its declarations.

    Args:
        name: the project's, such as ``word-tally``.
        folder: where it goes, a folder that is empty or not there; left out, one of the project's name here.

    Returns:
        All files, sorted.

    Raises:
        BuildError: the name or the folder will not do, or asc cannot be run.
    """
    names = project_names(name, TAKEN)
    target = Path(os.path.abspath(names.project if folder is None else folder))  # noqa: PTH100 - without following links
    _check_free(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".wasmbind-new-") as scratch:
            root = Path(scratch, "made")
            for place, text in template_files(names):
                file = root / place
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8", newline="\n")
            for module in read_modules(_hook_of(root), root):
                make_module(module, root)
            if target.exists():  # empty, and perhaps somebody's working directory
                for made in root.iterdir():
                    made.rename(target / made.name)
            else:
                root.rename(target)
    except OSError as error:
        fix = "name another folder with --folder"
        raise BuildError(f"{target} cannot be written: {error}", looked=[str(target)], fix=fix) from error
    return sorted(file for file in target.rglob("*") if file.is_file())


def template_files(names: Names) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each file that is written by hand."""
    values = {
        "@name@": names.project,
        "@package@": names.package,
        "@class@": names.class_name,
        "@version@": importlib.metadata.version("wasmbind"),
    }
    for file in sorted(TEMPLATE.rglob(f"*{SUFFIX}")):
        place, text = file.relative_to(TEMPLATE).as_posix().removesuffix(SUFFIX), file.read_text(encoding="utf-8")
        for mark, value in values.items():
            place, text = place.replace(mark, value), text.replace(mark, value)
        yield place, _LISTS.sub(_in_order, text) if place.endswith(".py") else text


def _in_order(found: re.Match[str]) -> str:
    """Sort what is imported, and `__all__`: the order depends on the names."""
    return found[1] + ", ".join(sorted(found[2].split(", "), key=_rank)) + found[3]


def _rank(name: str) -> tuple[int, list[str | int]]:
    """Constants, classes, other names; numbers in them by their size."""
    plain = name.strip('"')
    kind = 0 if plain.isupper() else 1 if plain[0].isupper() else 2
    return kind, [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", plain)]


def _check_free(target: Path) -> None:
    if target.is_dir() and not any(target.iterdir()):
        return
    if target.exists():
        what = "is not empty" if target.is_dir() else "is a file"
        raise BuildError(f"{target} {what}", fix="name another folder with --folder, or remove it")


def _hook_of(root: Path) -> dict[str, object]:
    """The build hook's configuration in a package."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    hook: dict[str, object] = settings["tool"]["hatch"]["build"]["hooks"]["wasmbind"]
    return hook
