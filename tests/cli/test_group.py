"""The command line as a whole: help, version, errors, and what happens without its extra."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.compiling import ROOT
from wasmbind import BuildError
from wasmbind.cli import build as build_module
from wasmbind.cli.group import COMMANDS, group

ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this Python, with warnings as errors."""
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, env=ENVIRON, capture_output=True, encoding="utf-8", check=False)


def test_help_teaches() -> None:
    """Help lists every command with what it does, and shows examples line by line."""
    result = CliRunner().invoke(group, ["--help"])
    assert result.exit_code == 0
    for command in COMMANDS:
        assert f"\n  {command} " in result.output
    assert "\n    wasmbind build assembly/index.ts -o app/index.wasm\n" in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_commands(command: str) -> None:
    """Each command explains itself, with an example; `-h` is the same."""
    result = CliRunner().invoke(group, [command, "--help"])
    assert result.exit_code == 0
    assert "\n  Example" in result.output
    assert result.output == CliRunner().invoke(group, [command, "-h"]).output


def test_version() -> None:
    """`--version` names the program and the version of the package."""
    result = CliRunner().invoke(group, ["--version"], prog_name="wasmbind")
    assert result.output == f"wasmbind {importlib.metadata.version('wasmbind')}\n"


def test_unknown_command() -> None:
    """An unknown command is a mistake in usage."""
    result = CliRunner().invoke(group, ["biuld"])
    assert result.exit_code == 2
    assert "No such command 'biuld'" in result.output


def test_errors_have_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """What wasmbind raises is printed as it reads, and the exit status is 2."""

    def refuse(*_: object) -> None:
        raise BuildError("no asc", looked=["here", "there"], fix="install it")

    monkeypatch.setattr(build_module, "find_toolchain", refuse)
    result = CliRunner().invoke(group, ["build", "x.ts"])
    assert result.exit_code == 2
    assert result.output == ("Error: no asc\n  looked at    here\n               there\n  fix          install it\n")


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a command in silence, with the status that a shell expects."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build_module, "find_toolchain", interrupt)
    result = CliRunner().invoke(group, ["build", "x.ts"])
    assert (result.exit_code, result.output.strip()) == (130, "")


def test_runs_as_a_module() -> None:
    """`python -m wasmbind` is the command, under its own name."""
    done = python("-m", "wasmbind", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: wasmbind [OPTIONS] COMMAND")


@pytest.mark.parametrize("missing", ["click", "watchfiles"])
def test_without_the_extra(missing: str) -> None:
    """Without the extra one line says what to install."""
    program = f"import sys; sys.modules[{missing!r}] = None; sys.argv = ['wasmbind', 'build', 'x.ts']\n"
    done = python("-c", f"{program}from wasmbind.cli import main; main()")
    assert done.returncode == 2
    assert done.stderr == "wasmbind: the command line needs an extra: pip install 'wasmbind[cli]'\n"


def test_other_missing_modules_are_not_hidden() -> None:
    """A module that no extra installs is an error like any other."""
    program = "import sys; sys.modules['wasmbind.errors'] = None; from wasmbind.cli import main; main()"
    done = python("-c", program)
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr


def test_build_needs_no_extra() -> None:
    """`wasmbind.build` loads neither what the command line needs nor wasmtime."""
    program = "import sys, wasmbind; wasmbind.build; print({'click', 'watchfiles', 'wasmtime'} & set(sys.modules))"
    assert python("-c", program).stdout == "set()\n"


def test_completion() -> None:
    """The shell's completion knows the commands."""
    words = {"_WASMBIND_COMPLETE": "bash_complete", "COMP_WORDS": "wasmbind bu", "COMP_CWORD": "1"}
    result = CliRunner().invoke(group, [], env=words, prog_name="wasmbind")
    assert result.output == "plain,build\n"


def test_transform_prints_its_path() -> None:
    """`wasmbind transform` prints a path and nothing else, for a shell to put into a command."""
    result = CliRunner().invoke(group, ["transform"])
    assert result.exit_code == 0
    path = Path(result.output.removesuffix("\n"))
    assert path.is_absolute()
    assert path.is_file()
