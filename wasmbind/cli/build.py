"""`wasmbind build`: compile with asc and the transform, once or whenever a source changes."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wasmbind._asconfig import read_settings
from wasmbind._build import Build, check_output, find_toolchain, plan_build
from wasmbind.cli.watching import is_source, keep_building, listen_to, watched_folders
from wasmbind.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wasmbind.cli.watching import Listen

__all__ = ["command", "run_asc", "watch_and_run"]

PATH = click.Path(path_type=Path)


class BuildCommand(click.Command):
    """The command, which tells those who give it options of asc where these belong."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            # click names the part that it did not know: `-O` of `-O3`.
            whole = next((arg for arg in given if arg.startswith(error.option_name)), error.option_name)
            message = f"No such option: {whole}. Options of asc go after `--`: wasmbind build SOURCE -- {whole}"
            raise click.UsageError(message, ctx) from error


@click.command(
    name="build",
    cls=BuildCommand,
    short_help="Compile AssemblyScript to a module for Python.",
    options_metavar="[OPTIONS]",
)
@click.argument("source", type=PATH, metavar="SOURCE.ts")
@click.option("-o", "--output", type=PATH, help="The binary. Default: what asconfig.json says, else SOURCE.wasm.")
@click.option("--watch", is_flag=True, help="Build again whenever a source changes, until Ctrl-C.")
@click.option("--asc", type=PATH, help="The compiler. Default: the project's, else PATH's, else a pinned one.")
@click.option("--skip", multiple=True, metavar="MEMBER", help="Leave out a member: File#broken. May be repeated.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[-- ASC OPTIONS]")
def command(
    source: Path, output: Path | None, asc: Path | None, skip: tuple[str, ...], options: tuple[str, ...], *, watch: bool
) -> None:
    """Compile AssemblyScript with asc, so that Python finds its classes with all their members.

    A source map is written beside the binary. What follows `--` goes to asc. The exit status is asc's; it is 2 if asc
    could not be run.

    \b
    Examples:
      wasmbind build assembly/index.ts
      wasmbind build assembly/index.ts -o app/index.wasm -- -O3 --noAssert
      wasmbind build assembly/index.ts -- --config asconfig.json --target debug
      wasmbind build assembly/index.ts --skip 'File#broken' --watch
    """
    toolchain = find_toolchain(source, asc)

    def plan() -> Build:
        return plan_build(toolchain, source, output, options, skip)

    if watch:
        watch_and_run(plan, source, options)
    else:
        click.get_current_context().exit(run_asc(plan()))


def run_asc(build: Build) -> int:
    """Run asc in this terminal, and return its exit status as a shell would."""
    status = subprocess.run(build.command, env=build.environ, check=False).returncode
    if status == 0:
        check_output(build)
    return status if status >= 0 else 128 - status  # ended by a signal


def watch_and_run(plan: Callable[[], Build], source: Path, options: Sequence[str], listen: Listen = listen_to) -> None:
    """Build after every change. What fails is reported, and the next change is waited for."""
    output = plan().output  # what is wrong from the start ends the command

    def run() -> None:
        try:
            status = run_asc(plan())
        except BuildError as error:
            click.echo(f"Error: {error}", err=True)
            status = 2
        result = f"built {output}" if status == 0 else "not built"
        click.echo(f"wasmbind: {result}; waiting for changes, Ctrl-C ends", err=True)

    def is_watched(path: Path) -> bool:
        return is_source(path, output, read_settings(options, Path.cwd()).configs)

    keep_building(run, lambda: watched_folders(source, options), is_watched, listen)
