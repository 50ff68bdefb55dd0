"""The compiler of projects that have none: a pinned AssemblyScript in a folder of the user's.

It is installed through npm, by the lock file in `wasmbind/asc`, when it is first needed, and never changed after that.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wasmbind._asc_package import Asc, read_package
from wasmbind._node import find_node, parse_version
from wasmbind.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["cache_folder", "pinned_asc"]

LOCKED = Path(__file__).parent / "asc"
FILES = ("package.json", "package-lock.json", ".npmrc")
PACKAGE = Path("node_modules", "assemblyscript")


def cache_folder(platform: str = sys.platform, environ: Mapping[str, str] = os.environ) -> Path:
    """Where compilers are kept: `WASMBIND_CACHE`, else what the operating system has for caches."""
    chosen = environ.get("WASMBIND_CACHE")
    if chosen:
        return Path(chosen).absolute()  # npm is run in another folder
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "wasmbind" / "Cache"
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "wasmbind"
    xdg = Path(environ.get("XDG_CACHE_HOME", ""))
    return (xdg if xdg.is_absolute() else Path.home() / ".cache") / "wasmbind"  # a relative one is to be ignored


def pinned_version() -> str:
    """The version of AssemblyScript that the lock file installs."""
    return str(_manifest()["dependencies"]["assemblyscript"])


def pinned_folder() -> Path:
    """The folder of this lock file's packages: another lock file has another folder."""
    lock = hashlib.sha256((LOCKED / "package-lock.json").read_bytes()).hexdigest()
    return cache_folder() / f"asc-{pinned_version()}-{lock[:8]}"


def pinned_asc() -> Asc:
    """Return the pinned compiler, installing it if this user has not got it yet.

    Raises:
        BuildError: It is not there and cannot be installed.
    """
    folder = pinned_folder()
    kept = read_package(folder / PACKAGE)
    if kept is None:
        _install(folder)
        kept = read_package(folder / PACKAGE)
    if kept is None:
        raise BuildError(
            f"the installed AssemblyScript {pinned_version()} is not complete",
            looked=[str(folder)],
            fix="delete that folder, and run this again",
        )
    return kept


def _install(folder: Path) -> None:
    """Let npm fill a new folder, and put it in its place when it is complete.

    So neither an interrupted install nor two at the same time leave anything half done.
    """
    version = pinned_version()
    oldest = parse_version(_manifest()["engines"]["node"])
    assert oldest is not None
    npm = find_node(oldest, f"asc {version}", with_npm=True).npm
    assert npm is not None
    sys.stderr.write(f"wasmbind: no asc found, installing AssemblyScript {version} once, into {folder}\n")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-", ignore_cleanup_errors=True) as scratch:
            made = Path(scratch, "made")
            made.mkdir()
            for name in FILES:
                shutil.copyfile(LOCKED / name, made / name)
            _run_npm((*npm, "ci", "--loglevel=error"), made, version)
            _keep(made, folder)
    except OSError as error:
        raise BuildError(
            f"AssemblyScript {version} cannot be put into the cache: {error}",
            looked=[str(folder)],
            fix="make that folder writable, or set WASMBIND_CACHE to one that is",
        ) from error


def _manifest() -> Any:
    """Read the package.json that belongs to the lock file."""
    return json.loads((LOCKED / "package.json").read_text(encoding="utf-8"))


def _run_npm(command: tuple[str, ...], folder: Path, version: str) -> None:
    """Run npm in a folder, and raise what it printed if it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(
            f"npm could not install AssemblyScript {version}: exit status {done.returncode}",
            fix="see what npm says below; without a network, put AssemblyScript into the project's node_modules, "
            "or copy the cache from a machine that has one",
            status=done.returncode,
            diagnostics=done.stdout,
            command=command,
        )


def _keep(made: Path, folder: Path) -> None:
    """Move what was made into its place, unless another process has put the same there meanwhile."""
    try:
        made.rename(folder)
    except OSError:
        if not folder.exists():
            raise
