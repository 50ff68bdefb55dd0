"""Reading an installed AssemblyScript."""

import json
from pathlib import Path

import pytest

from tests.compiling import ASSEMBLY
from tests.fake_programs import put_asc, put_program
from wasmbind import BuildError
from wasmbind._asc_package import Asc, check_version, package_behind, read_package

SHIMS = {
    "sh": 'exec node  "$basedir/../assemblyscript/bin/asc.js" "$@"',
    "cmd": 'endLocal & "%_prog%"  "%dp0%\\..\\assemblyscript\\bin\\asc.js" %*',
    "old cmd": '"%~dp0\\node.exe"  "%~dp0\\..\\assemblyscript\\bin\\asc" %*',
}


def test_reads_real_packages() -> None:
    """The script, the version and the Node.js that a real package needs are read."""
    package = ASSEMBLY / "node_modules" / "assemblyscript"
    assert read_package(package) == Asc(package, package / "bin" / "asc.js", "0.28.20", (20, 0, 0))
    classic = read_package(ASSEMBLY / "node_modules" / "asc-classic")
    assert classic is not None
    assert (classic.script.name, classic.version, classic.node) == ("asc", "0.19.23", (16, 0, 0))


@pytest.mark.parametrize(
    "manifest",
    ["", "[]", "{}", '{"version": "1"}', '{"version": "1", "bin": "asc"}', '{"version": "1", "bin": {"other": "x"}}'],
)
def test_other_packages_are_none(tmp_path: Path, manifest: str) -> None:
    """A package that has no asc is not AssemblyScript's, however it looks."""
    (tmp_path / "package.json").write_text(manifest, encoding="utf-8")
    assert read_package(tmp_path) is None
    assert package_behind(tmp_path) is None
    assert package_behind(tmp_path / "missing") is None


@pytest.mark.parametrize("place", ["", "bin/asc.js", "package.json"])
def test_package_behind_its_files(tmp_path: Path, place: str) -> None:
    """A package's folder and each file in it mean the package."""
    package = put_asc(tmp_path)
    assert package_behind(package / place) == read_package(package) != None  # noqa: E711 - a chain cannot say `is not`


def test_package_behind_a_link(tmp_path: Path) -> None:
    """Npm's links mean the package they lead to."""
    package = put_asc(tmp_path)
    link = tmp_path / "asc"
    link.symlink_to(package / "bin" / "asc.js")
    assert package_behind(link) == read_package(package)


@pytest.mark.parametrize("shim", SHIMS.values(), ids=SHIMS)
def test_package_behind_a_shim(tmp_path: Path, shim: str) -> None:
    """The scripts that npm writes on Windows, and pnpm everywhere, mean the package that they run."""
    package = put_asc(tmp_path)
    (tmp_path / "package.json").write_text(json.dumps({"name": "project"}), encoding="utf-8")
    script = put_program(tmp_path / "node_modules" / ".bin" / "asc", shim)
    assert package_behind(script) == read_package(package)


def test_other_programs_are_none(tmp_path: Path) -> None:
    """A program that happens to be called asc is not AssemblyScript's."""
    binary = tmp_path / "asc"
    binary.write_bytes(b"\x7fELF\xff\xfe")
    assert package_behind(binary) is None
    assert package_behind(put_program(tmp_path / "script" / "asc", "echo")) is None


@pytest.mark.parametrize("version", ["0.20.0", "0.28.20", "0.29.0-nightly.1", "1.0.0", "0.0.0", "next"])
def test_versions_that_the_transform_runs_in(tmp_path: Path, version: str) -> None:
    """From 0.20 on, and a checkout, whose version says nothing."""
    asc = Asc(tmp_path, tmp_path, version, (20, 0, 0))
    assert check_version(asc) is asc


@pytest.mark.parametrize("version", ["0.7.0", "0.19.23"])
def test_old_versions_are_refused(tmp_path: Path, version: str) -> None:
    """An old compiler is named with its place, and with what to do instead."""
    with pytest.raises(BuildError, match=f"asc {version} is too old") as caught:
        check_version(Asc(tmp_path, tmp_path, version, (16, 0, 0)))
    assert caught.value.looked == (f"{tmp_path}: {version}",)
    assert "--exportRuntime" in (caught.value.fix or "")
