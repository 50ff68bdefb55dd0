"""Packages with AssemblyScript in them: built by hatchling, installed into an environment of their own, and checked."""

import importlib.metadata
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

from packaging.requirements import Requirement

from tests.compiling import ASSEMBLY, ROOT, find_node
from tests.fake_programs import path_with_node


def run(folder: Path, *command: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; its PATH is the usual one with Node.js in front, if nothing else is said."""
    environ = {**os.environ, "PATH": path_with_node() if path is None else path, "PYTHONIOENCODING": "utf-8"}
    for name in ("PYTHONPATH", "MYPYPATH", "WASMBIND_SKIP"):
        environ.pop(name, None)
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, encoding="utf-8", check=False)


def succeed(folder: Path, *command: str, path: str | None = None) -> str:
    """Run a command that succeeds; what it prints to standard output."""
    done = run(folder, *command, path=path)
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


def hatchling(root: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run `hatchling build` in a project."""
    return run(root, sys.executable, "-m", "hatchling", "build", *arguments, path=path)


def build(root: Path, target: str, folder: Path, *, path: str | None = None) -> Path:
    """Build a project's wheel or source distribution into an empty folder."""
    done = hatchling(root, "-t", target, "-d", str(folder), path=path)
    assert done.returncode == 0, done.stderr
    (made,) = folder.iterdir()
    return made


def unpack(sdist: Path, folder: Path) -> Path:
    """Unpack a source distribution; its root."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (root,) = folder.iterdir()
    return root


def names_in(archive: Path) -> set[str]:
    """The names of the files in a wheel, or in a source distribution below its root."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return set(wheel.namelist())
    with tarfile.open(archive) as sdist:
        return {name.partition("/")[2] for name in sdist.getnames()}


def put_compiler(folder: Path) -> None:
    """Let projects in a folder find the pinned compiler, as in a folder where npm has installed it."""
    (folder / "node_modules").symlink_to(ASSEMBLY / "node_modules")


def clean_environment(folder: Path, *wheels: Path) -> Path:
    """Make an environment with some wheels, wasmbind and what it needs, and nothing else; its Python.

    wasmbind is installed from a wheel as well. What that needs is linked from this environment: nothing is downloaded.
    """
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    own = build(ROOT, "wheel", folder / "wheels")
    install = ("-m", "pip", "--python", str(python), "install", "--no-index", "--no-deps", "--no-compile", "-q")
    succeed(folder, sys.executable, *install, str(own), *map(str, wheels))
    packages = Path(
        succeed(folder, str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    )
    _link_needed("wasmbind", packages)
    return python


def _link_needed(package: str, packages: Path) -> None:
    """Link what a package needs, in this environment, into another."""
    for needed in importlib.metadata.requires(package) or ():
        requirement = Requirement(needed)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            _link(importlib.metadata.distribution(requirement.name), packages)
            _link_needed(requirement.name, packages)


def _link(installed: importlib.metadata.Distribution, packages: Path) -> None:
    for part in {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}:
        if not (packages / part).exists():
            (packages / part).symlink_to(Path(str(installed.locate_file(part))))


def pyright(root: Path) -> str:
    """What pyright says about a project with its own settings."""
    script = ASSEMBLY / "node_modules" / "pyright" / "index.js"
    return run(root, find_node(), str(script), "--pythonpath", sys.executable).stdout


def type_errors(python: Path, program: Path, *options: str) -> str:
    """What mypy --strict says about a program that runs on another Python."""
    command = ["-m", "mypy", "--config-file=", "--cache-dir", str(program.parent / "mypy-cache"), "--strict"]
    return run(
        program.parent, sys.executable, *command, "--python-executable", str(python), *options, program.name
    ).stdout
