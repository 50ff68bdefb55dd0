"""`wasmbind new`: a Python package with its core in AssemblyScript, complete from the start."""

from __future__ import annotations

import os
from pathlib import Path

import click

from wasmbind._new.project import new_project

__all__ = ["command"]

NEXT = """
Next, in a virtual environment (until wasmbind 1.0 is published, with PIP_FIND_LINKS
naming a folder with a wheel of it: the README.md says how):
  cd {root}
  python -m pip install --upgrade pip
  pip install -e . --group dev
  ruff check && mypy && pyright && pytest"""


@click.command(name="new", short_help="Make a Python package with its core in AssemblyScript.")
@click.argument("name")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Where it goes: a folder that is empty or new. Default: NAME."
)
def command(name: str, folder: Path | None) -> None:
    """Make a package that builds, type-checks and tests green at once.

    It has an AssemblyScript source, its typed declarations, tests, a README, a workflow for continuous integration,
    and a pyproject.toml with the build hook that compiles the source into wheels. The source is compiled right away,
    so this needs what `wasmbind build` needs.

    \b
    Examples:
      wasmbind new word-tally
      wasmbind new word-tally --folder ~/projects/tally
    """
    made = new_project(name, folder)
    root = folder or Path(name)
    for file in made:
        click.echo(str(root / file.relative_to(os.path.abspath(root))))  # noqa: PTH100 - without following links
    click.echo(NEXT.format(root=root), err=True)
