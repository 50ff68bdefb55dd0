"""`wasmbind generate`: typed declarations from a binary."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import click

from wasmbind._generate import generate
from wasmbind._generate.files import is_outdated, read_text, read_wasm, replace_block, write_text
from wasmbind._generate.names import name_problem

__all__ = ["OUTDATED", "command"]

PATH = click.Path(path_type=Path)
OUTDATED = 1  # the exit status of --check


@click.command(name="generate", short_help="Write the Python declarations of a binary.", options_metavar="[OPTIONS]")
@click.argument("binary", type=PATH, metavar="BINARY.wasm")
@click.option("-o", "--output", type=PATH, help="The Python file. Default: standard output.")
@click.option("--name", help="The name of the module's class. Default: TextFiles for text-files.wasm.")
@click.option("--rename", type=click.Choice(["snake"]), help="Give functions, fields and parameters snake_case names.")
@click.option("--check", is_flag=True, help="Write nothing; the exit status is 1 if the file is not up to date.")
def command(
    binary: Path, output: Path | None, name: str | None, rename: Literal["snake"] | None, *, check: bool
) -> None:
    """Write the Python declarations of a binary: its classes, enums, functions, globals and imports, with their docs.

    What is written type-checks and binds as it is. In a file that exists only the generated block is replaced, the
    part between the two lines that say so; a file without such lines is not touched.

    \b
    Examples:
      wasmbind generate app/index.wasm
      wasmbind generate app/index.wasm -o app/index.py --rename snake
      wasmbind generate app/index.wasm -o app/index.py --rename snake --check
    """
    if name is not None and (problem := name_problem(name)) is not None:
        raise click.BadParameter(f"{name!r} {problem}", param_hint="--name")
    if output is None:
        if check:
            raise click.UsageError("--check compares a file: say which with -o")
        click.echo(generate(read_wasm(binary), wasm=binary.name, name=name, rename=rename), nl=False)
        return
    # As the class reads it: from the folder of its own file.
    wasm = Path(os.path.relpath(binary.absolute(), output.absolute().parent)).as_posix()
    made = generate(read_wasm(binary), wasm=wasm, name=name, rename=rename)
    existing = read_text(output)
    if existing is not None:
        made = replace_block(existing, made, str(output))
    if not check:
        write_text(output, made)
    elif is_outdated(output, made):
        click.echo(f"{output} is not up to date with {binary}: run the same command without --check", err=True)
        click.get_current_context().exit(OUTDATED)
