"""The pinned compiler: where it is kept, and that installing it leaves all of it or nothing."""

import json
import os
from pathlib import Path

import pytest

from tests.fake_programs import put_asc, put_node, put_program
from wasmbind import BuildError, _node
from wasmbind._asc_cache import LOCKED, cache_folder, pinned_asc, pinned_folder, pinned_version

NPM_THAT_WORKS = """
test "$1" = ci && test -f package-lock.json && test -f .npmrc || exit 9
mkdir -p node_modules/assemblyscript
echo '{"version": "0.28.20", "bin": {"asc": "bin/asc.js"}}' > node_modules/assemblyscript/package.json
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a PATH with a Node.js that can only say its version."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    put_node(bin_folder, "20.0.0")
    monkeypatch.setenv("PATH", f"{bin_folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("WASMBIND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(_node, "WHEEL", "no_such_wheel")
    return tmp_path / "cache"


def put_npm(cache: Path, lines: str) -> Path:
    """Put an npm on PATH."""
    return put_program(cache.parent / "bin" / "npm", lines)


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {}, "~/.cache/wasmbind"),
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/wasmbind"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "~/.cache/wasmbind"),
        ("darwin", {"XDG_CACHE_HOME": "/x"}, "~/Library/Caches/wasmbind"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/wasmbind/Cache"),
        ("win32", {}, "~/AppData/Local/wasmbind/Cache"),
        ("linux", {"WASMBIND_CACHE": "/chosen", "XDG_CACHE_HOME": "/x"}, "/chosen"),
        ("win32", {"WASMBIND_CACHE": "/chosen"}, "/chosen"),
    ],
)
def test_cache_folder(platform: str, environ: dict[str, str], folder: str) -> None:
    """The cache is where the system has its caches, or where the user says."""
    assert cache_folder(platform, environ) == Path(folder).expanduser()


def test_lock_file() -> None:
    """The lock file installs exactly the pinned version, and names no server."""
    text = (LOCKED / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(text)["packages"]
    assert packages["node_modules/assemblyscript"]["version"] == pinned_version()
    assert "resolved" not in text
    assert all("integrity" in package for name, package in packages.items() if name)


def test_installs_once(cache: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The first use installs by the lock file, with a line that says what goes where; the second does nothing."""
    npm = put_npm(cache, NPM_THAT_WORKS)
    asc = pinned_asc()
    assert asc.package == pinned_folder() / "node_modules" / "assemblyscript"
    assert asc.package.is_relative_to(cache)
    line = f"wasmbind: no asc found, installing AssemblyScript 0.28.20 once, into {pinned_folder()}\n"
    assert capfd.readouterr() == ("", line)
    npm.unlink()
    assert pinned_asc() == asc
    assert capfd.readouterr() == ("", "")
    assert [folder.name for folder in cache.iterdir()] == [pinned_folder().name]


def test_failing_npm(cache: Path) -> None:
    """What npm prints is in the error, and nothing stays in the cache."""
    npm = put_npm(cache, "echo to stdout; echo npm error ENOTFOUND >&2; exit 7")
    with pytest.raises(BuildError, match=r"npm could not install AssemblyScript 0.28.20: exit status 7") as caught:
        pinned_asc()
    assert caught.value.status == 7
    assert caught.value.diagnostics == "to stdout\nnpm error ENOTFOUND\n"
    assert caught.value.command[0] == str(npm)
    assert str(caught.value).endswith("npm error ENOTFOUND")
    assert list(cache.iterdir()) == []


def test_two_at_the_same_time(cache: Path) -> None:
    """If another process has installed it meanwhile, its folder is taken and ours is removed."""
    other = pinned_folder()
    put_asc(cache.parent / "other")
    put_npm(cache, f"{NPM_THAT_WORKS}\ncp -R '{cache.parent / 'other'}' '{other}'")
    asc = pinned_asc()
    assert asc.script.read_text(encoding="utf-8")  # the other's: ours has no script
    assert list(cache.iterdir()) == [other]


def test_incomplete_folder(cache: Path) -> None:
    """A folder that somebody has taken files out of is named, with what to do."""
    put_npm(cache, NPM_THAT_WORKS)
    (pinned_folder() / "node_modules").mkdir(parents=True)
    with pytest.raises(BuildError, match="is not complete") as caught:
        pinned_asc()
    assert caught.value.looked == (str(pinned_folder()),)


def test_cache_that_cannot_be_made(cache: Path) -> None:
    """Where the cache cannot be, the error names the folder and the way to have another."""
    put_npm(cache, NPM_THAT_WORKS)
    cache.write_text("a file", encoding="utf-8")
    with pytest.raises(BuildError, match="cannot be put into the cache") as caught:
        pinned_asc()
    assert "WASMBIND_CACHE" in (caught.value.fix or "")


def test_no_npm(cache: Path) -> None:
    """Without npm, what is missing is said before anything is made."""
    os.environ["PATH"] = str(cache.parent / "bin")  # the fixture puts it back
    with pytest.raises(BuildError, match=r"no Node.js with npm"):
        pinned_asc()
    assert not cache.exists()
