"""Building again when a source changes: which files count, and that no change is lost."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.fake_programs import FAIL, path_with_node, put_asc, put_source
from wasmbind import BuildError
from wasmbind._build import Build, find_toolchain, plan_build
from wasmbind.cli.build import watch_and_run
from wasmbind.cli.watching import Listen, is_source, keep_building, listen_to, watched_folders

A, B = Path("a.ts"), Path("b.txt")


class Script:
    """A listener that plays back changes, and a log of what happened in which order."""

    def __init__(self, *listeners: Sequence[set[Path]]) -> None:
        self.log: list[str] = []
        self._listeners = list(listeners)

    def listen(self, folders: Sequence[Path]) -> Iterator[set[Path]]:
        """Play back the next list of changes."""
        batches = self._listeners.pop(0) if self._listeners else []
        self.log.append(f"listen {' '.join(map(str, folders))}".strip())
        yield set()
        yield from batches
        self.log.append("end")

    def run(self) -> None:
        """Build."""
        self.log.append("build")


def is_a(path: Path) -> bool:
    """Only a.ts counts."""
    return path == A


def test_builds_after_each_change() -> None:
    """Each build happens while somebody listens, and only relevant changes lead to one."""
    script = Script([{B}, set(), {A, B}], [{A}], [{B}])
    keep_building(script.run, list, is_a, script.listen)
    assert script.log == ["listen", "build", "listen", "build", "listen", "build", "end"]


def test_new_folders_are_listened_to() -> None:
    """When a folder appears, what is in it may be part of the module."""
    folders = iter([[Path("x")], [Path("x")], [Path("x"), Path("y")], [Path("x"), Path("y")]])
    script = Script([{B}, {Path("y")}], [{B}])
    keep_building(script.run, lambda: next(folders), is_a, script.listen)
    assert script.log == ["listen x", "build", "listen x y", "build", "end"]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("index.ts", True),
        ("types.d.ts", True),
        ("asconfig.json", True),
        ("shared.json", True),
        ("package.json", False),
        ("out.d.ts", False),
        ("out.wasm", False),
        ("out.wasm.map", False),
        (".#index.ts", False),
        ("index.ts~", False),
    ],
)
def test_is_source(name: str, counts: bool) -> None:
    """Sources and configurations count; what asc writes and what editors leave does not."""
    assert is_source(Path("p", name), Path("p/out.wasm"), [Path("q/shared.json")]) == counts


def test_watched_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trees of all entries, what they import from elsewhere, the configurations; no packages."""
    monkeypatch.chdir(tmp_path)
    source = put_source(tmp_path / "p", 'import { a } from "../../shared/deep/a";\nexport * from "../../gone";')
    for name in ("p/assembly/inner", "p/assembly/node_modules/x", "p/assembly/.git", "p/assembly/venv/lib", "p/other"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "p/assembly/venv/pyvenv.cfg").touch()
    (tmp_path / "shared/deep/a").mkdir(parents=True)
    (tmp_path / "shared/deep/a/index.ts").write_text('import "../../b"; import "./index";', encoding="utf-8")
    (tmp_path / "shared/b.ts").touch()
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/asconfig.json").write_text(json.dumps({"entries": ["../entry/e.ts"]}), encoding="utf-8")
    (tmp_path / "entry").mkdir()
    folders = watched_folders(source, ["--config", "conf/asconfig.json"])
    found = [folder.relative_to(tmp_path).as_posix() for folder in folders]
    assert found == [".", "conf", "entry", "p/assembly", "p/assembly/inner", "shared", "shared/deep/a"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project with a source and an asc that writes its arguments."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path_with_node())
    put_asc(tmp_path)
    return put_source(tmp_path)


def watch(source: Path, listen: Listen, *, asc: Path | None = None) -> None:
    """Watch a source as the command does."""
    toolchain = find_toolchain(source, asc)

    def plan() -> Build:
        return plan_build(toolchain, source, Path("x.wasm"))

    watch_and_run(plan, source, [], listen)


def test_failures_keep_watching(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A source that does not compile, or is gone for a moment, is reported, and the next change is waited for."""
    package = project.parent.parent / "node_modules" / "assemblyscript"
    echo = (package / "bin" / "asc.js").read_text(encoding="utf-8")

    def listen(folders: Sequence[Path]) -> Iterator[set[Path]]:
        """Change the project before each build, as a user would."""
        assert project.parent in folders
        step = next(steps, None)
        if step is None:
            return
        step()
        yield set()
        yield {project}

    def fail() -> None:
        (package / "bin" / "asc.js").write_text(FAIL, encoding="utf-8")

    def remove() -> None:
        project.unlink()

    def mend() -> None:
        (package / "bin" / "asc.js").write_text(echo, encoding="utf-8")
        put_source(project.parent.parent)

    steps = iter([fail, remove, mend])
    watch(project, listen)
    lines = capfd.readouterr().err.splitlines()
    assert lines[:2] == ["ERROR to stderr", "wasmbind: not built; waiting for changes, Ctrl-C ends"]
    assert lines[2] == f"Error: there is no {project}"
    assert lines[-3:] == [
        "wasmbind: not built; waiting for changes, Ctrl-C ends",
        "wasmbind: built x.wasm; waiting for changes, Ctrl-C ends",
        "wasmbind: built x.wasm; waiting for changes, Ctrl-C ends",
    ]


def test_what_is_wrong_from_the_start_ends_it(project: Path) -> None:
    """What no change of a source can mend is an error at once."""
    (project.parent.parent / "x.wasm").mkdir()
    with pytest.raises(BuildError, match="is a folder"):
        watch(project, Script().listen)


def test_real_changes_are_heard(tmp_path: Path) -> None:
    """The real listener says when it listens, and tells what changed after that, also before it is asked again."""
    changes = listen_to([tmp_path])
    assert next(changes) == set()
    (tmp_path / "a.ts").touch()
    heard: set[Path] = set()
    while not heard:
        heard = next(changes)
    assert {path.name for path in heard} == {"a.ts"}
