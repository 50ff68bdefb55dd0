"""Compile AssemblyScript with wasmbind's transform: `wasmbind.build`, and what `wasmbind build` is made of."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wasmbind._asc import find_asc
from wasmbind._asconfig import OUT_FILE, option_value, read_settings
from wasmbind._node import find_node
from wasmbind._schema.binary import read_binary
from wasmbind._schema.format import BinaryFormatError
from wasmbind._schema.nodes import SchemaError
from wasmbind.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wasmbind._asc_package import Asc
    from wasmbind._node import Node

__all__ = [
    "TRANSFORM",
    "Build",
    "Toolchain",
    "build",
    "build_and_report",
    "check_output",
    "find_toolchain",
    "plan_build",
]

#: Options with which asc does something else than compile, or writes no file.
_WRITES_NOTHING = frozenset({"--noEmit", "--help", "-h", "--version", "-v", "--showConfig", "--listFiles"})
TRANSFORM = Path(__file__).parent / "asc" / "transform.mjs"
SKIP = "WASMBIND_SKIP"  # read by the transform


@dataclass(frozen=True, slots=True)
class Toolchain:
    """The programs that compile."""

    node: Node
    asc: Asc


@dataclass(frozen=True, slots=True)
class Build:
    """One run of asc that is ready to start.

    Attributes:
        command: its command line.
        environ: its environment.
        output: the binary that it writes.
    """

    command: tuple[str, ...]
    environ: Mapping[str, str]
    output: Path


def build(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    options: Sequence[str] = (),
    skip: Sequence[str] = (),
    asc: str | os.PathLike[str] | None = None,
) -> Path:
    """Compile an AssemblyScript file, for scripts that build: what `wasmbind build` does.

    Args:
        source: the `.ts` file.
        output: the `.wasm` file; left out, what asconfig.json says, else it lies beside the source.
        options: more options of asc, such as ``["-O3", "--target", "debug"]``.
        skip: members to leave out, such as ``"File#broken"``.
        asc: the compiler, if it is not to be searched for.

    Returns:
        The path of the binary.

    Raises:
        BuildError: asc refused the source, or something that is needed is missing.
    """
    if isinstance(options, str) or isinstance(skip, str):
        raise TypeError("options and skip are lists of strings, not strings")
    return build_and_report(source, output, options, skip, asc, report=sys.stderr.write)


def build_and_report(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str] | None,
    options: Sequence[str],
    skip: Sequence[str],
    asc: str | os.PathLike[str] | None,
    *,
    report: Callable[[str], object],
) -> Path:
    """Do what `build` does, and hand what asc prints when it succeeds, warnings, to a function.

    Raises:
        BuildError: as for `build`.
    """
    toolchain = find_toolchain(Path(source), asc)
    planned = plan_build(toolchain, Path(source), None if output is None else Path(output), options, skip)
    done = subprocess.run(
        planned.command,
        # With CI set asc takes everything for a terminal, and colours what is text for a program here.
        env={name: value for name, value in planned.environ.items() if name != "CI"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # in the order in which it was printed
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(
            f"asc failed with exit status {done.returncode}: {os.fspath(source)}",
            status=done.returncode,
            diagnostics=done.stdout,
            command=planned.command,
        )
    report(done.stdout)
    check_output(planned)
    return planned.output


def check_output(build: Build) -> None:
    """Make sure that asc, which succeeds even if it cannot write, has written a whole binary.

    Raises:
        BuildError: it has not.
    """
    if _WRITES_NOTHING.intersection(build.command):
        return
    try:
        read_binary(build.output.read_bytes(), build.output.name)
    except (OSError, BinaryFormatError, SchemaError) as error:
        raise BuildError(
            f"asc reports success, and {build.output} is not the whole binary: {error}",
            fix="make room on the disk, or name another output",
        ) from None


def find_toolchain(source: Path, asc: str | os.PathLike[str] | None = None) -> Toolchain:
    """Find the compiler for a source file, and the Node.js for that compiler.

    Raises:
        BuildError: One of the three is not there.
    """
    _check_source(source)
    compiler = find_asc(source, asc)
    return Toolchain(find_node(compiler.node, str(compiler)), compiler)


def plan_build(
    toolchain: Toolchain,
    source: Path,
    output: Path | None = None,
    options: Sequence[str] = (),
    skip: Sequence[str] = (),
    *,
    transform: Path = TRANSFORM,
) -> Build:
    """Prepare a run of asc in the working directory; the folder of its output is made.

    Raises:
        BuildError: There is no such source, or the output cannot be written.
    """
    _check_source(source)
    settings = read_settings(options, Path.cwd())
    if output is None:
        output = source.with_suffix(".wasm") if settings.out_file is None else settings.out_file
    elif option_value(options, *OUT_FILE) is not None:
        raise BuildError(f"the output is named twice: {output}, and in the options of asc", fix="leave one of them out")
    _make_writable(output)
    command = [
        toolchain.node.program,
        "--enable-source-maps",  # without it asc starts Node.js a second time
        str(toolchain.asc.script),
        _relative(source, settings.base),
        *([] if settings.map_is_settled else ["--sourceMap"]),  # takes a value: an option must follow
        "--outFile",
        _relative(output, settings.base),
        "--transform",
        str(_usable(transform)),
        *options,  # last: they may end with options for Node.js
    ]
    environ = dict(os.environ)
    if skip:
        environ[SKIP] = ",".join([*filter(None, [environ.get(SKIP)]), *skip])
    return Build(tuple(command), environ, output)


def _check_source(source: Path) -> None:
    """Refuse what asc would refuse with less to say about it."""
    if source.is_dir():
        raise BuildError(
            f"{source} is a folder", fix=f"name the file in it that exports, such as {source / 'index.ts'}"
        )
    if source.suffix != ".ts":
        raise BuildError(f"{source} is not AssemblyScript", fix="name a file that ends in .ts")
    if not source.is_file():
        raise BuildError(f"there is no {source}", looked=[str(source.absolute())], fix="name the file that exports")


def _make_writable(output: Path) -> None:
    """Make the folder of the output, and refuse what cannot be written: asc would say nothing and succeed."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BuildError(
            f"the folder of {output} cannot be made: {error}",
            looked=[str(output.parent.absolute())],
            fix="name another output",
        ) from error
    if output.is_dir():
        raise BuildError(f"the output {output} is a folder", fix=f"name a file in it, such as {output / 'out.wasm'}")
    if not os.access(output if output.exists() else output.parent, os.W_OK):
        raise BuildError(
            f"{output} cannot be written",
            looked=[str(output.absolute())],
            fix="change its permissions, or name another output",
        )


def _relative(path: Path, base: Path) -> str:
    """Spell a path as asc takes it: from its base folder, which the names in the binary start from."""
    try:
        relative = os.path.relpath(path, base)
        return f"./{relative}" if relative.startswith("-") else relative  # or it would be an option
    except ValueError:  # Windows: on another drive
        return str(path.absolute())


def _usable(transform: Path) -> Path:
    """Refuse a place of the transform that asc cannot be told."""
    if "," in str(transform):
        raise BuildError(
            "asc cannot load a transform whose path has a comma in it",
            looked=[str(transform)],
            fix="install wasmbind in a virtual environment whose path has none",
        )
    return transform
