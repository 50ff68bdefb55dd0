"""`wasmbind.build` and the plan of a run of asc, with stand-ins for asc."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

import wasmbind
from tests.fake_programs import ECHO, FAIL, path_with_node, put_asc, put_source
from wasmbind import BuildError
from wasmbind._build import TRANSFORM, Toolchain, find_toolchain, plan_build


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project with a source and an asc that writes its arguments."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path_with_node())
    monkeypatch.delenv("WASMBIND_SKIP", raising=False)
    put_asc(tmp_path)
    put_source(tmp_path)
    return tmp_path


def written(output: Path) -> tuple[list[str], str | None]:
    """What the stand-in for asc wrote: its arguments, and the members to skip."""
    args, skip = json.loads(output.with_name(f"{output.name}.json").read_text(encoding="utf-8"))
    return args, skip


def test_defaults(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The binary lies beside its source, with a source map, compiled with the transform, in silence."""
    output = wasmbind.build("assembly/index.ts")
    assert output == Path("assembly/index.wasm")
    arguments = ["assembly/index.ts", "--sourceMap", "--outFile", "assembly/index.wasm", "--transform", str(TRANSFORM)]
    assert written(project / output) == ([part.replace("/", os.sep) for part in arguments], None)
    assert capfd.readouterr() == ("", "")


def test_everything_given(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options go last, so that they win; members to skip join those of the environment; folders are made."""
    monkeypatch.setenv("WASMBIND_SKIP", "A#a")
    output = project / "new" / "folder" / "out.wasm"
    source = project / "assembly" / "index.ts"
    assert wasmbind.build(source, output, options=["-O3", "--", "--no-opt"], skip=["File#broken", "B.b"]) == output
    args, skip = written(output)
    assert args[args.index("--transform") + 2 :] == ["-O3", "--", "--no-opt"]
    assert skip == "A#a,File#broken,B.b"


def test_named_compiler(project: Path) -> None:
    """A named asc is taken rather than the project's."""
    put_asc(project / "other", FAIL)
    with pytest.raises(BuildError, match="asc failed"):
        wasmbind.build("assembly/index.ts", asc=project / "other" / "node_modules" / "assemblyscript")


@pytest.mark.parametrize("options", [["--sourceMap", "https://example.org/x.map"], ["--sourceMap=x.map"]])
def test_own_source_map(project: Path, options: list[str]) -> None:
    """What the options say about a source map holds."""
    args, _ = written(project / wasmbind.build("assembly/index.ts", options=options))
    assert [arg for arg in args if "sourceMap" in arg] == [options[0]]


def test_output_of_asconfig(project: Path) -> None:
    """Without an output, it is the one of asconfig.json; a given one wins."""
    (project / "asconfig.json").write_text(
        json.dumps({"targets": {"release": {"outFile": "build/r.wasm", "sourceMap": False}}}), encoding="utf-8"
    )
    output = wasmbind.build("assembly/index.ts")
    assert output == project / "build" / "r.wasm"
    assert "--sourceMap" not in written(output)[0]
    assert wasmbind.build("assembly/index.ts", "x.wasm") == Path("x.wasm")
    assert wasmbind.build("assembly/index.ts", options=["--target", "debug"]) == Path("assembly/index.wasm")


def test_output_in_the_options(project: Path) -> None:
    """An output in asc's own spelling is the output, and is not one of two."""
    assert wasmbind.build("assembly/index.ts", options=["-o", "x.wasm"]) == project / "x.wasm"
    with pytest.raises(BuildError, match=r"the output is named twice: y.wasm"):
        wasmbind.build("assembly/index.ts", "y.wasm", options=["-o", "x.wasm"])
    with pytest.raises(BuildError, match="is a folder"):
        wasmbind.build("assembly/index.ts", options=["-o"])  # asc: to standard output


def test_base_folder(project: Path) -> None:
    """With --baseDir, what asc is told is spelled from there."""
    planned = plan(project, options=["--baseDir", "assembly"])
    arguments = planned.command[3:]
    assert arguments[0] == "index.ts"
    assert arguments[arguments.index("--outFile") + 1] == "index.wasm"


def plan(project: Path, **arguments: Any) -> Any:
    """Plan a build of the project's source."""
    source = project / "assembly" / "index.ts"
    toolchain: Toolchain = find_toolchain(source)
    return plan_build(toolchain, source, **arguments)


def test_node_is_started_once(project: Path) -> None:
    """The flag for which asc would start Node.js again is given at once."""
    node, flag, script, *_ = plan(project).command
    assert Path(node).stem == "node"
    assert (flag, Path(script)) == ("--enable-source-maps", project / "node_modules/assemblyscript/bin/asc.js")


def test_failing_asc(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What asc printed is in the error, with its status and its command, and nowhere else."""
    put_asc(project / "failing", FAIL)
    with pytest.raises(BuildError) as caught:
        wasmbind.build("assembly/index.ts", asc="failing/node_modules/assemblyscript")
    error = caught.value
    assert str(error) == "asc failed with exit status 3: assembly/index.ts\nto stdout\nERROR to stderr"
    assert (error.status, error.diagnostics) == (3, "to stdout\nERROR to stderr\n")
    assert "--transform" in error.command
    assert capfd.readouterr() == ("", "")


def test_warnings_are_shown(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What asc prints although it succeeds is not lost."""
    put_asc(project / "warning", f"console.error('WARNING AS235');{ECHO}")
    wasmbind.build("assembly/index.ts", asc="warning/node_modules/assemblyscript")
    assert capsys.readouterr().err == "WARNING AS235\n"


def test_newer_node_is_asked_for(project: Path) -> None:
    """A compiler's own word about Node.js counts, and the error names both."""
    put_asc(project / "future", node=">=9999.1")
    with pytest.raises(BuildError, match=r"no Node.js 9999.1 or later, which asc 0.28.20 needs"):
        wasmbind.build("assembly/index.ts", asc="future/node_modules/assemblyscript")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("missing.ts", r"there is no missing.ts\n  looked at    .*missing.ts\n  fix "),
        ("assembly", r"assembly is a folder\n  fix .*index.ts"),
        ("app.py", r"app.py is not AssemblyScript\n  fix .*\.ts"),
    ],
)
def test_sources_that_are_none(project: Path, source: str, message: str) -> None:
    """What is no source is refused before anything is looked for."""
    assert project.is_dir()
    with pytest.raises(BuildError, match=message):
        wasmbind.build(source)


def test_outputs_that_cannot_be_written(project: Path) -> None:
    """An output that cannot be written is refused beforehand: asc would say nothing."""
    with pytest.raises(BuildError, match=r"the output .*assembly is a folder"):
        wasmbind.build("assembly/index.ts", project / "assembly")
    with pytest.raises(BuildError, match=r"the folder of .*out.wasm cannot be made"):
        wasmbind.build("assembly/index.ts", project / "assembly" / "index.ts" / "out.wasm")


def test_output_without_permission(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither is one that the user may not write (root may write anything, hence the stand-in)."""
    source = project / "assembly" / "index.ts"
    toolchain = find_toolchain(source)

    def refuse(*_: object) -> bool:
        return False

    monkeypatch.setattr(os, "access", refuse)
    with pytest.raises(BuildError, match=r"out.wasm cannot be written"):
        plan_build(toolchain, source, Path("out.wasm"))


def test_transform_with_a_comma(project: Path) -> None:
    """A path that asc would split is refused, rather than answered with a module not found."""
    with pytest.raises(BuildError, match="has a comma in it"):
        plan(project, transform=Path("/a,b/transform.mjs"))


def test_strings_are_not_lists(project: Path) -> None:
    """A string where a list belongs would be taken apart into letters."""
    assert project.is_dir()
    with pytest.raises(TypeError, match="are lists of strings"):
        wasmbind.build("assembly/index.ts", options="-O3")
    with pytest.raises(TypeError, match="are lists of strings"):
        wasmbind.build("assembly/index.ts", skip="File#broken")
