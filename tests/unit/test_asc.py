"""The order in which compilers are looked for."""

import os
from pathlib import Path

import pytest

from tests.fake_programs import put_asc, put_program, put_source
from wasmbind import BuildError, _asc
from wasmbind._asc import find_asc
from wasmbind._asc_package import Asc


@pytest.fixture
def pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asc:
    """The compiler of the cache; PATH is empty, and the working directory a folder of its own."""
    asc = Asc(tmp_path, tmp_path / "asc.js", "0.28.20", (20, 0, 0))
    monkeypatch.setattr(_asc, "pinned_asc", lambda: asc)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    return asc


def test_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pinned: Asc) -> None:
    """The cache, then PATH, the working directory, the project, the named one: each before those that came first."""
    source = put_source(tmp_path / "project")
    assert find_asc(source) == pinned

    on_path = put_asc(tmp_path / "global", version="0.21.0")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "asc").symlink_to(on_path / "bin" / "asc.js")
    (on_path / "bin" / "asc.js").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_asc(source).version == "0.21.0"

    put_asc(tmp_path / "cwd", version="0.22.0")
    assert find_asc(source).version == "0.22.0"

    put_asc(tmp_path / "project", version="0.23.0")
    assert find_asc(source).version == "0.23.0"

    put_asc(source.parent, version="0.24.0")
    assert find_asc(source).version == "0.24.0"

    named = put_asc(tmp_path / "named", version="0.25.0")
    assert find_asc(source, named).version == "0.25.0"
    assert find_asc(source, os.fspath(named / "bin" / "asc.js")).version == "0.25.0"


def test_relative_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pinned: Asc) -> None:
    """A source named from the working directory has the same project."""
    put_asc(tmp_path, version="0.23.0")
    put_source(tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    assert find_asc(Path("assembly/index.ts")).version == "0.23.0" != pinned.version


def test_other_programs_called_asc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pinned: Asc) -> None:
    """What else is called asc on PATH is passed over."""
    put_program(tmp_path / "bin" / "asc", "echo")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find_asc(put_source(tmp_path)) is pinned


def test_named_asc_is_not_replaced(tmp_path: Path, pinned: Asc) -> None:
    """A named compiler that is not there is an error: another one might compile differently."""
    assert pinned.version
    put_asc(tmp_path)
    source = put_source(tmp_path)
    with pytest.raises(BuildError, match=r"missing: no such file or folder\n  fix +name the folder"):
        find_asc(source, tmp_path / "missing")
    with pytest.raises(BuildError, match=r"index.ts: not AssemblyScript's"):
        find_asc(source, source)


def test_old_compilers_are_not_replaced(tmp_path: Path, pinned: Asc) -> None:
    """A project with an old compiler is told so, rather than compiled with another."""
    assert pinned.version
    put_asc(tmp_path, version="0.19.23")
    with pytest.raises(BuildError, match=r"asc 0.19.23 is too old"):
        find_asc(put_source(tmp_path))
