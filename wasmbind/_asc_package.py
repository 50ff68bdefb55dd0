"""Read an installed AssemblyScript: which script is asc, which version it is, which Node.js it needs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wasmbind._node import Version, parse_version
from wasmbind.errors import BuildError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Asc", "check_version", "package_behind", "read_package"]

OLDEST = (0, 20, 0)  # the transform patches a compiler that older versions do not have
UNRELEASED = (0, 0, 0)  # what a checkout of AssemblyScript calls itself
NODE_UNKNOWN = (16, 0, 0)  # where a package does not say what it needs: what asc 0.20 does

# npm's shims on Windows, and pnpm's everywhere, are scripts that name asc relative to themselves.
_SHIM = re.compile(r'"(?:\$basedir|%~dp0|%dp0%)[\\/]*([^"\r\n]+[\\/]bin[\\/]asc(?:\.js)?)"')


@dataclass(frozen=True, slots=True)
class Asc:
    """An installed compiler.

    Attributes:
        package: the folder of the package.
        script: what Node.js runs.
        version: the version of the package.
        node: the oldest Node.js that it runs on.
    """

    package: Path
    script: Path
    version: str
    node: Version

    def __str__(self) -> str:
        """The compiler as an error names it."""
        return f"asc {self.version}"


def read_package(folder: Path) -> Asc | None:
    """Return the compiler in a package's folder, or None if that is not AssemblyScript."""
    try:
        manifest: Any = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        script = folder / manifest["bin"]["asc"]
        version = str(manifest["version"])
    except (OSError, ValueError, LookupError, TypeError):
        return None  # no package, or another one
    engines = manifest.get("engines")
    needs = parse_version(str(engines.get("node", ""))) if isinstance(engines, dict) else None
    return Asc(folder, script, version, needs or NODE_UNKNOWN)


def package_behind(path: Path) -> Asc | None:
    """Return the compiler that a path means: its package's folder, a script in it, a link to one or npm's shim."""
    if path.is_dir():
        return read_package(path)
    script = path.resolve()
    for folder in script.parents:
        if (folder / "package.json").is_file():
            found = read_package(folder)
            if found is not None:
                return found
            break
    try:
        named = _SHIM.search(script.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # a program rather than a script
        return None
    return named and read_package((script.parent / named[1].replace("\\", "/")).resolve().parent.parent)


def check_version(asc: Asc) -> Asc:
    """Return a compiler that the transform runs in.

    Raises:
        BuildError: It is too old.
    """
    version = parse_version(asc.version)
    if version is None or version == UNRELEASED or version >= OLDEST:
        return asc
    raise BuildError(
        f"{asc} is too old for `wasmbind build`, which needs 0.20 or later",
        looked=[f"{asc.package}: {asc.version}"],
        fix="`npm install --save-dev assemblyscript@latest` in the project, or name another asc with --asc;\n"
        "asc 0.18 and 0.19 export the members of classes themselves: run them with --exportRuntime, without wasmbind",
    )
