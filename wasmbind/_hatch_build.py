"""Make what a package ships, for the build hook and `wasmbind new`: compile its modules, write their declarations."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wasmbind._build import build

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wasmbind._hatch_modules import PackagedModule

__all__ = ["is_current", "is_sdist", "make_module", "mark_typed"]


def is_sdist(root: Path) -> bool:
    """Whether a project is an unpacked source distribution, rather than somebody's working copy."""
    return (root / "PKG-INFO").is_file()


def is_current(module: PackagedModule, root: Path) -> bool:
    """Whether a source distribution's binary is there, and is of the sources beside it as far as its source map tells.

    So who patches the sources of a source distribution gets them compiled.
    """
    if not module.wasm.is_file() or not (module.declarations is None or module.declarations.is_file()):
        return False
    compiled = _mapped_sources(module.source_map)
    # From the files to the map: nothing opens what a map names.
    for file in module.source.parent.rglob("*.ts"):
        text = compiled.get(file.relative_to(root).as_posix())
        if text is not None and text != file.read_bytes().decode("utf-8", "replace"):
            return False
    return True


def _mapped_sources(source_map: Path) -> Mapping[str, str]:
    """The texts of the sources in a source map, by name; nothing where there is no such map."""
    try:
        found: Any = json.loads(source_map.read_bytes())
        return dict(zip(found["sources"], found["sourcesContent"], strict=True))
    except (OSError, ValueError, LookupError, TypeError):
        return {}


def make_module(module: PackagedModule, root: Path) -> None:
    """Compile a module, and write its declarations.

    Raises:
        BuildError: it cannot be compiled.
        DeclarationError: the file for its declarations is somebody's own.
    """
    module.source_map.unlink(missing_ok=True)  # asc may have been told to write none
    with contextlib.chdir(root):  # file names in binaries start from there
        source, wasm = module.source.relative_to(root), module.wasm.relative_to(root)  # as messages show them
        build(source, wasm, options=module.options, skip=module.skip)
    if module.declarations is not None:
        write_declarations(module, module.declarations)


def write_declarations(module: PackagedModule, file: Path) -> None:
    """Write a file of declarations, or the generated block of one that is there.

    Raises:
        DeclarationError: the file has no such block.
    """
    from wasmbind._generate import generate  # noqa: PLC0415 - hatchling loads the hook for every project
    from wasmbind._generate.files import read_text, read_wasm, replace_block, write_text  # noqa: PLC0415 - the same

    wasm = Path(os.path.relpath(module.wasm, file.parent)).as_posix()
    text = generate(read_wasm(module.wasm), wasm=wasm, name=module.class_name, rename=module.rename)
    existing = read_text(file)
    if existing is not None:
        text = replace_block(existing, text, file.name)
    write_text(file, text)


def mark_typed(module: PackagedModule, root: Path) -> Path:
    """The `py.typed` of the package that a module is in, made if it is not there."""
    folder = (module.declarations or module.wasm).parent
    while (folder.parent / "__init__.py").is_file() and folder.parent != root:
        folder = folder.parent
    marker = folder / "py.typed"
    if not marker.exists():
        marker.touch()
    return marker
