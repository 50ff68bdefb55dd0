"""`wasmbind build` and `wasmbind.build` with the real asc and the real transform."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import wasmtime

import wasmbind
from tests.compiling import ASSEMBLY, ROOT, find_node
from tests.fake_programs import path_with_node, put_source
from wasmbind import BuildError, _node
from wasmbind._node import find_node as find_usable_node

SOURCE = """
import { twice } from "./inner";
export class File {
  size: i32 = 1;
  broken(): i32 { return twice(this.size); }
}
export function make(): File { return new File(); }
"""
INNER = "export function twice(x: i32): i32 { return 2 * x; }\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project with a class in two files, and the real asc."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path_with_node())
    put_source(tmp_path, SOURCE)
    (tmp_path / "assembly" / "inner.ts").write_text(INNER, encoding="utf-8")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "assemblyscript").symlink_to(ASSEMBLY / "node_modules" / "assemblyscript")
    return tmp_path


def exports(wasm: Path) -> set[str]:
    """The names that a module exports."""
    module = wasmtime.Module.from_file(wasmtime.Engine(), str(wasm))
    return {export.name for export in module.exports}


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `wasmbind` as a program."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "wasmbind", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_builds_what_python_needs(project: Path) -> None:
    """The binary exports the members of classes and carries the schema; its source map has the sources."""
    output = wasmbind.build("assembly/index.ts", "app/index.wasm", options=["-O1"])
    assert output == Path("app/index.wasm")
    assert {"make", "File#constructor", "File#get:size", "File#broken", "__new"} <= exports(output)
    assert b"\x08wasmbind" in output.read_bytes()  # the name of the schema's section
    sources = json.loads((project / "app" / "index.wasm.map").read_text(encoding="utf-8"))["sources"]
    assert {"assembly/index.ts", "assembly/inner.ts"} <= set(sources)


def test_command_line_builds_the_same(project: Path) -> None:
    """The command line and the function make the same binary."""
    done = command("build", "assembly/index.ts", "-o", "new/folder/index.wasm", "--", "-O1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    other = wasmbind.build("assembly/index.ts", project / "other" / "index.wasm", options=["-O1"])
    assert Path("new/folder/index.wasm").read_bytes() == other.read_bytes()


def test_skipped_members(project: Path) -> None:
    """A member that is skipped is not in the binary; the others are."""
    assert project.is_dir()
    output = wasmbind.build("assembly/index.ts", skip=["File#broken"])
    names = exports(output)
    assert "File#broken" not in names
    assert "File#constructor" in names


def test_errors_of_asc(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What asc says about a source is in the error, and on the command line what it printed, with its status."""
    put_source(project, 'export function f(): i32 { return "s"; }')
    monkeypatch.setenv("CI", "true")  # in which asc colours what it prints, wherever that goes
    with pytest.raises(BuildError, match=r"asc failed with exit status 1: assembly/index.ts") as caught:
        wasmbind.build("assembly/index.ts")
    assert "ERROR TS2322" in caught.value.diagnostics
    assert "assembly/index.ts(1,35)" in caught.value.diagnostics
    assert caught.value.status == 1
    monkeypatch.delenv("CI")
    done = command("build", "assembly/index.ts")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == caught.value.diagnostics
    assert not (project / "assembly" / "index.wasm").exists()


def test_project_with_asconfig(project: Path) -> None:
    """A project that asc's own `asinit` has set up is built where its configuration says."""
    targets = {
        "debug": {"outFile": "build/debug.wasm", "sourceMap": True, "debug": True},
        "release": {"outFile": "build/release.wasm", "optimizeLevel": 3},
    }
    text = json.dumps({"entries": [], "targets": targets, "options": {"bindings": "esm"}})
    (project / "asconfig.json").write_text(text, encoding="utf-8")
    assert command("build", "assembly/index.ts").returncode == 0
    assert command("build", "assembly/index.ts", "--", "--target", "debug").returncode == 0
    built = {file.name for file in (project / "build").iterdir()}
    expected = {"wasm", "wasm.map", "js", "d.ts"}
    assert built == {f"{name}.{suffix}" for name in ("debug", "release") for suffix in expected}


def test_source_outside_the_working_directory(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory may be anywhere; names in the binary start from it."""
    (project / "elsewhere").mkdir()
    monkeypatch.chdir(project / "elsewhere")
    output = wasmbind.build(project / "assembly" / "index.ts")
    assert output == project / "assembly" / "index.wasm"
    sources = json.loads((project / "assembly" / "index.wasm.map").read_text(encoding="utf-8"))["sources"]
    assert "../assembly/index.ts" in sources


def test_transform_of_the_command(project: Path) -> None:
    """A user's own run of asc can be given the path that `wasmbind transform` prints."""
    transform = command("transform").stdout.rstrip("\n")
    script = ASSEMBLY / "node_modules" / "assemblyscript" / "bin" / "asc.js"
    subprocess.run(
        [find_node(), str(script), "assembly/index.ts", "--transform", transform, "--outFile", "own.wasm"],
        cwd=project,
        check=True,
    )
    assert "File#broken" in exports(project / "own.wasm")


def test_nothing_but_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With an empty PATH, the wheel's Node.js and npm install the pinned compiler, which builds."""
    monkeypatch.setenv("PATH", path_with_node())
    real = find_usable_node((20, 0, 0), "this test", with_npm=True)
    assert real.npm is not None
    wheel = tmp_path / "site" / "fake_node_wheel"
    (wheel / "bin").mkdir(parents=True)
    (wheel / "__init__.py").touch()
    (wheel / "bin" / "node").symlink_to(Path(real.program).resolve())
    npm = wheel / "lib" / "node_modules" / "npm"
    npm.parent.mkdir(parents=True)
    npm.symlink_to(Path(real.npm[1]).resolve().parent.parent)
    monkeypatch.syspath_prepend(str(wheel.parent))
    monkeypatch.setattr(_node, "WHEEL", wheel.name)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    monkeypatch.setenv("WASMBIND_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    put_source(tmp_path)
    assert "one" in exports(wasmbind.build("assembly/index.ts"))
    assert "installing AssemblyScript 0.28.20 once, into" in capsys.readouterr().err
    monkeypatch.setenv("npm_config_offline", "true")
    assert "one" in exports(wasmbind.build("assembly/index.ts", "again.wasm"))
    assert capsys.readouterr().err == ""
