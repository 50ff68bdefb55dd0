"""The mypy plugin over several runs: what it notices, what it does not load, and what it leaves to the user."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.compiling import ROOT, compile_asc

MODULE = """\
from pathlib import Path

from parts import Line
from wasmbind import AscModule, f64, i32

Path(__file__).with_name("executed").touch()


class Files(AscModule, wasm="files.wasm"):
    def first(self) -> Line: ...
    def size(self) -> i32: ...
    def ignored(self) -> i32: ...  # type: ignore[wasmbind-mismatch]
"""
PARTS = """\
from wasmbind import AscClass, i32


class Line(AscClass):
    length: i32
"""
OTHER = """\
def twice(number: int) -> int:
    return 2 * number
"""
OWN_MISTAKES = """\
from files import Files
from wasmbind import AscModule, u8


class More(AscModule):
    def take(self, a: u8 = 256) -> None: ...
    def wrong(self, a: int) -> None: ...
"""
SETTINGS = """\
[mypy]
strict = True
plugins = wasmbind.mypy
"""
SOURCE = """
export class Line { length: i32 = 0 }
export function first(): Line { return new Line() }
export function size(): i32 { return 0 }
"""
#: Runs mypy in this process, to see what that has loaded at the end.
PROGRAM = """
import json, sys
from mypy import api
out, err, status = api.run(sys.argv[1:])
print(json.dumps({"out": out.splitlines(), "err": err, "loaded": sorted(sys.modules)}))
"""


class Run(NamedTuple):
    """What mypy has said, and which modules it had loaded at the end."""

    said: list[str]
    loaded: frozenset[str]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy keeps of wasmbind itself, so that not every test waits for that."""
    place = tmp_path_factory.mktemp("cache")
    place.joinpath("mypy.ini").write_text(SETTINGS, encoding="utf-8")
    place.joinpath("nothing.py").write_text("import wasmbind\n", encoding="utf-8")
    assert check(place, "nothing.py").said == []
    return place / ".mypy_cache"


@pytest.fixture
def project(tmp_path: Path, cache: Path) -> Path:
    """A program of three modules, two with declarations, which fit the binary beside them."""
    shutil.copytree(cache, tmp_path / ".mypy_cache")
    for name, text in {"files.py": MODULE, "parts.py": PARTS, "other.py": OTHER, "mypy.ini": SETTINGS}.items():
        tmp_path.joinpath(name).write_text(text, encoding="utf-8")
    build(tmp_path, SOURCE)
    return tmp_path


def put(project: Path, name: str, text: str) -> None:
    """Write a source anew, two seconds later than it was: to mypy a file of the same size and second is the same."""
    file = project / name
    written = file.stat().st_mtime
    file.write_text(text, encoding="utf-8")
    os.utime(file, (written + 2, written + 2))


def build(project: Path, source: str) -> None:
    """Compile a source into the project."""
    shutil.copyfile(compile_asc(source, transform=True), project / "files.wasm")


def environment() -> dict[str, str]:
    """The variables that mypy runs with: a path to wasmbind, and nothing that changes what mypy prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MYPY", "PYTEST"))}
    return {**kept, "MYPYPATH": str(ROOT), "PYTHONPATH": str(ROOT)}


def check(project: Path, *options: str) -> Run:
    """Run mypy over the project, with the cache of the last run."""
    command = [sys.executable, "-c", PROGRAM, *(options or ["files.py", "other.py"])]
    done = subprocess.run(command, cwd=project, env=environment(), capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert told["err"] == ""
    return Run([line for line in told["out"] if ": error: " in line], frozenset(told["loaded"]))


def test_what_declarations_depend_on_is_noticed(project: Path) -> None:
    """Between runs that find everything in their cache, a changed binary and a changed base of a type are noticed."""
    ignored = check(project)
    assert ignored.said == []
    assert "wasmbind._checking" in ignored.loaded

    again = check(project)
    assert again.said == []
    assert "wasmbind._checking" not in again.loaded  # from the cache

    build(project, SOURCE.replace("size(): i32", "size(): f64"))
    assert check(project).said == [
        "files.py:11: error: Files.size -> result: declared i32, found f64  [wasmbind-mismatch]"
    ]

    build(project, SOURCE)
    put(project, "parts.py", PARTS.replace("i32", "u32"))
    found = "Line.length: declared u32, found i32 (declared at parts.py:5)  [wasmbind-mismatch]"
    assert check(project).said == [f"files.py:9: error: {found}"]

    project.joinpath("files.wasm").write_bytes(b"no WebAssembly")
    said, _ = check(project).said
    assert said.startswith("files.py:9: error: Files: files.wasm is no WebAssembly module: ")

    project.joinpath("files.wasm").unlink()
    unused = 'files.py:12: error: Unused "type: ignore" comment  [unused-ignore]'
    assert check(project).said == [unused]  # nothing to compare with

    build(project, SOURCE)
    put(project, "parts.py", PARTS)
    assert check(project).said == []


def test_nothing_is_executed_or_loaded(project: Path) -> None:
    """Checking runs no module of the user's and loads no wasmtime; a program without declarations loads no checker."""
    run = check(project, "files.py")
    assert run.said == []
    assert run.loaded.isdisjoint({"wasmtime", "files", "parts"})
    assert not project.joinpath("executed").exists()
    assert not any(
        name.startswith(("wasmbind._static", "wasmbind._check")) for name in check(project, "other.py").loaded
    )


def test_our_errors_have_codes(project: Path) -> None:
    """They are switched off as any other, in a file and in the configuration."""
    put(project, "other.py", OWN_MISTAKES)
    assert check(project).said == [
        'other.py:6: error: Default of "a" of "take" of "More" is 256, which is no u8 (0 to 255)  [wasmbind-range]',
        "other.py:7: error: More.wrong(a): int has no width  [wasmbind-declaration]",
    ]
    codes = '# mypy: disable-error-code="wasmbind-range, wasmbind-declaration"'
    put(project, "other.py", f"{codes}\n{OWN_MISTAKES}")
    assert check(project).said == []
    put(project, "other.py", OWN_MISTAKES)
    settings = SETTINGS + "disable_error_code = wasmbind-range\n"
    project.joinpath("mypy.ini").write_text(settings, encoding="utf-8")
    assert [line.partition(":")[0] for line in check(project).said] == ["other.py"]


class Daemon:
    """dmypy, for one project."""

    def __init__(self, project: Path) -> None:
        self._project = project

    def __call__(self, *command: str) -> str:
        """What a command prints."""
        daemon = [sys.executable, "-m", "mypy.dmypy", "--status-file", "status.json", *command]
        done = subprocess.run(
            daemon, cwd=self._project, env=environment(), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    def run(self) -> str:
        """Check the project."""
        return self("run", "--", "--config-file=mypy.ini", "files.py", "other.py")


@pytest.fixture
def daemon(project: Path) -> Generator[Daemon]:
    """A daemon that has not started yet."""
    made = Daemon(project)
    yield made
    made("stop")


def test_the_daemon_notices(project: Path, daemon: Daemon) -> None:
    """A changed binary makes the daemon start anew; a changed source is looked at with the binary as it is by then."""
    assert "Success" in daemon.run()
    assert "Restarting" not in daemon.run()

    build(project, SOURCE.replace("size(): i32", "size(): f64"))
    told = daemon.run()
    assert "Restarting: plugins changed" in told
    assert "files.py:11: error: Files.size -> result: declared i32, found f64  [wasmbind-mismatch]" in told

    put(project, "files.py", MODULE.replace("size(self) -> i32", "size(self) -> f64"))
    told = daemon.run()
    assert "Restarting" not in told
    assert "Success" in told

    put(project, "parts.py", PARTS.replace("i32", "u32"))
    assert "files.py:9: error: Line.length: declared u32, found i32 (declared at parts.py:5)" in daemon.run()
    put(project, "parts.py", PARTS)
    assert "Success" in daemon.run()

    build(project, SOURCE)
    assert "Success" in daemon("check", "files.py", "other.py")  # it asks no plugin where no source has changed
    assert "Files.size -> result: declared f64, found i32" in daemon.run()
