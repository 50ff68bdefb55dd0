"""`wasmbind transform`: where the transform is, for those who run asc themselves."""

from __future__ import annotations

import click

from wasmbind._build import TRANSFORM

__all__ = ["command"]


@click.command(name="transform", short_help="Print the path of the transform for asc.")
def command() -> None:
    """Print the path of the transform, for running asc yourself.

    \b
    Example:
      asc assembly/index.ts --transform "$(wasmbind transform)" --sourceMap -o index.wasm
    """
    click.echo(str(TRANSFORM))
