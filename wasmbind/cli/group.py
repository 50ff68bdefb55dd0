"""The group of all commands: it loads the one that is called, and turns errors into messages and exit statuses."""

from __future__ import annotations

import importlib
from typing import Any

import click

from wasmbind.errors import WasmbindError

__all__ = ["INTERRUPTED", "Failure", "group"]

COMMANDS = ("build", "check", "generate", "inspect", "new", "stubs", "transform")  # modules beside this one
INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended


class Failure(click.ClickException):
    """Something other than the user's code went wrong; the message says what, where, and what to do."""

    exit_code = 2


class Group(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"wasmbind.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; its errors are for a user, not for a programmer."""
        try:
            return super().invoke(ctx)
        except WasmbindError as error:
            raise Failure(str(error)) from error
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wasmbind", message="%(prog)s %(version)s")
def group() -> None:
    """Use AssemblyScript from Python.

    \b
    Examples:
      wasmbind build assembly/index.ts -o app/index.wasm
      wasmbind build assembly/index.ts --watch -- -O3
      wasmbind generate app/index.wasm -o app/declarations.py
      wasmbind check app
      wasmbind inspect app/index.wasm
      asc assembly/index.ts --transform "$(wasmbind transform)" -o index.wasm

    `wasmbind COMMAND --help` says more about a command.
    """
