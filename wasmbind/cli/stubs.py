"""`wasmbind stubs`: stub files for binaries that are imported."""

from __future__ import annotations

from pathlib import Path

import click

from wasmbind._generate import generate_stub
from wasmbind._generate.files import is_outdated, read_wasm, write_text
from wasmbind.cli.generate import OUTDATED
from wasmbind.cli.group import Failure

__all__ = ["command"]

PATH = click.Path(path_type=Path)


@click.command(name="stubs", short_help="Write stub files for binaries that are imported.")
@click.argument("binaries", type=PATH, metavar="BINARY.wasm...", nargs=-1, required=True)
@click.option("-o", "--output", type=PATH, help="The folder for the stubs. Default: beside each binary.")
@click.option("--check", is_flag=True, help="Write nothing; the exit status is 1 if a file is not up to date.")
def command(binaries: tuple[Path, ...], output: Path | None, *, check: bool) -> None:
    """Write the stub files (.pyi) by which type checkers know modules that `wasmbind.importer` imports.

    Without -o a stub stands beside its binary. A folder of stubs, which mypy finds by `mypy_path` and pyright by
    `stubPath`, has the folders of packages: for a binary in the package `app` it gets `app/index.pyi`. A package is a
    folder with an `__init__.py`.

    \b
    Examples:
      wasmbind stubs app/index.wasm
      wasmbind stubs files.wasm words.wasm -o stubs/
      wasmbind stubs files.wasm words.wasm -o stubs/ --check
    """
    old: list[Path] = []
    for path, binary in _targets(binaries, output).items():
        made = generate_stub(read_wasm(binary), wasm=binary.name)
        if not check:
            write_text(path, made)
        elif is_outdated(path, made):
            old.append(path)
    for path in old:
        click.echo(f"{path} is not up to date: run the same command without --check", err=True)
    if old:
        click.get_current_context().exit(OUTDATED)


def _targets(binaries: tuple[Path, ...], output: Path | None) -> dict[Path, Path]:
    """The binary for each stub file.

    Raises:
        Failure: two binaries would have the same stub file.
    """
    found: dict[Path, Path] = {}
    for binary in binaries:
        folder = binary.parent if output is None else output / _package(binary.absolute().parent)
        path = folder / f"{binary.stem}.pyi"
        other = found.setdefault(path, binary)
        if other.absolute() != binary.absolute():
            raise Failure(
                f"{other} and {binary} would have the same stub file, {path}\n"
                "  fix          write them with different -o; or put an __init__.py into each folder that is a package"
            )
    return found


def _package(folder: Path) -> Path:
    """The path of the package that a folder is, from the folder that its outermost package is in."""
    parts: list[str] = []
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return Path(*parts)
