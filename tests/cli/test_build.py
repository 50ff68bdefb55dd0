"""`wasmbind build`: what it runs, what it prints, and its exit status."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest
from click.testing import CliRunner, Result

from tests.compiling import ROOT
from tests.fake_programs import FAIL, path_with_node, put_asc, put_program, put_source
from wasmbind._build import Build
from wasmbind.cli.build import run_asc
from wasmbind.cli.group import group

SLOW_START = 60  # seconds after which a program that hangs is ended, so that a failing test ends too

# Shells start programs in the background with Ctrl-C ignored, and the tests may be one.
HEEDS_CTRL_C = """
import signal
from wasmbind.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project with a source and an asc that writes its arguments."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path_with_node())
    monkeypatch.delenv("WASMBIND_SKIP", raising=False)
    put_asc(tmp_path)
    put_source(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    """Run `wasmbind build`."""
    return CliRunner().invoke(group, ["build", *arguments], prog_name="wasmbind")


def test_passes_everything_on(project: Path) -> None:
    """What follows `--` reaches asc, a second `--` among it; `--skip` can be repeated."""
    arguments = ["assembly/index.ts", "-o", "out/x.wasm", "--skip", "A#a", "--skip", "B.b"]
    result = run(*arguments, "--", "-O3", "--use", "Math=JSMath", "--", "--stack-size=4000")
    assert (result.exit_code, result.output) == (0, "")
    args, skip = json.loads((project / "out" / "x.wasm.json").read_text(encoding="utf-8"))
    assert args[-5:] == ["-O3", "--use", "Math=JSMath", "--", "--stack-size=4000"]
    assert skip == "A#a,B.b"


def test_streams_what_asc_prints(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What asc prints goes to the terminal directly, and its exit status is the command's."""
    put_asc(project / "failing", FAIL)
    result = run("assembly/index.ts", "--asc", "failing/node_modules/assemblyscript/bin/asc.js")
    assert (result.exit_code, result.output) == (3, "")
    assert capfd.readouterr() == ("to stdout\n", "ERROR to stderr\n")


def test_status_of_a_signal(tmp_path: Path) -> None:
    """If a signal ends asc, the status is the one that a shell gives."""
    program = put_program(tmp_path / "asc", "kill -TERM $$")
    assert run_asc(Build((str(program),), os.environ, tmp_path)) == 128 + signal.SIGTERM


def test_missing_source(project: Path) -> None:
    """A source that is not there is named in full, and the status is 2."""
    result = run("missing.ts")
    assert result.exit_code == 2
    assert result.output == (
        f"Error: there is no missing.ts\n  looked at    {project / 'missing.ts'}\n"
        "  fix          name the file that exports\n"
    )


@pytest.mark.parametrize("option", ["-O3", "--noAssert"])
def test_options_of_asc_in_the_wrong_place(project: Path, option: str) -> None:
    """An option of asc before `--` is answered with where it belongs."""
    assert project.is_dir()
    result = run("assembly/index.ts", option)
    assert result.exit_code == 2
    hint = f"No such option: {option}. Options of asc go after `--`: wasmbind build SOURCE -- {option}"
    assert hint in " ".join(result.output.split())


def test_watching_a_real_project(project: Path) -> None:
    """It builds at once, builds again when the source is saved, also after a failure, and ends with Ctrl-C."""
    script = project / "node_modules" / "assemblyscript" / "bin" / "asc.js"
    echo = script.read_text(encoding="utf-8")
    source = project / "assembly" / "index.ts"
    process = subprocess.Popen(
        [sys.executable, "-c", HEEDS_CTRL_C, "build", "assembly/index.ts", "-o", "x.wasm", "--watch"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    end = Timer(SLOW_START, process.kill)
    end.start()
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "wasmbind: built x.wasm; waiting for changes, Ctrl-C ends\n"
        script.write_text(FAIL, encoding="utf-8")
        source.write_text("one", encoding="utf-8")
        lines = {process.stdout.readline(), process.stdout.readline()}
        assert lines == {"to stdout\n", "ERROR to stderr\n"}
        assert process.stdout.readline() == "wasmbind: not built; waiting for changes, Ctrl-C ends\n"
        script.write_text(echo, encoding="utf-8")
        source.write_text("two", encoding="utf-8")
        assert process.stdout.readline() == "wasmbind: built x.wasm; waiting for changes, Ctrl-C ends\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stdout.read() == ""
    finally:
        end.cancel()
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
