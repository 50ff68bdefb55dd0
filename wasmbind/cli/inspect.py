"""`wasmbind inspect`: what is in a binary."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console

from wasmbind._inspect.coloured import tables
from wasmbind._inspect.documents import document
from wasmbind._inspect.inspection import UnreadableError, inspect_file
from wasmbind._inspect.parts import describe
from wasmbind._inspect.plain import plain_text
from wasmbind.cli.group import Failure

__all__ = ["command"]


@click.command(name="inspect", short_help="Show what is in a binary.")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.wasm")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def command(file: Path, *, as_json: bool) -> None:
    """Show what is in a binary: exports, imports, memory, and the classes with a picture of their bytes.

    The file is read, and nothing of it is executed. A binary that `wasmbind build` made tells everything; others tell
    what WebAssembly and AssemblyScript's type table say.

    \b
    Examples:
      wasmbind inspect app/index.wasm
      wasmbind inspect app/index.wasm | less
      wasmbind inspect app/index.wasm --json | jq '.classes[] | {name, bytes}'
    """
    try:
        found = inspect_file(file)
    except UnreadableError as error:
        raise Failure(str(error)) from error
    if as_json:
        click.echo(json.dumps(document(found), indent=2, allow_nan=False))
        return
    console = Console()
    if console.is_terminal:
        for each in tables(describe(found)):
            console.print(each)
    else:
        # A name may have characters that the encoding of the pipe has not.
        encoding = sys.stdout.encoding
        click.echo(plain_text(describe(found)).encode(encoding, "backslashreplace").decode(encoding), nl=False)
