"""`wasmbind stubs`: stub files for binaries that are imported."""

from __future__ import annotations

from pathlib import Path

import click

from wasmbind._generate import generate_stub
from wasmbind._generate.files import read_wasm
from wasmbind.cli.generate import OUTDATED, outdated, write_text

__all__ = ["command"]

PATH = click.Path(path_type=Path)


@click.command(name="stubs", short_help="Write stub files for binaries that are imported.")
@click.argument("binaries", type=PATH, metavar="BINARY.wasm...", nargs=-1, required=True)
@click.option("-o", "--output", type=PATH, help="The folder for the stubs. Default: beside each binary.")
@click.option("--check", is_flag=True, help="Write nothing; the exit status is 1 if a file is not up to date.")
def command(binaries: tuple[Path, ...], output: Path | None, *, check: bool) -> None:
    """Write the stub files (.pyi) by which type checkers know modules that `wasmbind.importer` imports.

    A binary inside a package is best given its stub beside it. Stubs of binaries outside of packages may have a folder
    of their own, which mypy finds by `mypy_path` and pyright by `stubPath`.

    \b
    Examples:
      wasmbind stubs app/index.wasm
      wasmbind stubs files.wasm words.wasm -o stubs/
      wasmbind stubs files.wasm words.wasm -o stubs/ --check
    """
    old: list[Path] = []
    for binary in binaries:
        path = (output or binary.parent) / f"{binary.stem}.pyi"
        made = generate_stub(read_wasm(binary), wasm=binary.name)
        if not check:
            write_text(path, made)
        elif outdated(path, made):
            old.append(path)
    for path in old:
        click.echo(f"{path} is not up to date: run the same command without --check", err=True)
    if old:
        click.get_current_context().exit(OUTDATED)
