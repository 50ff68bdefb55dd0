"""Compile AssemblyScript with the real asc, once for each distinct input.

Results are kept under `.cache/asc`, each in a folder named by a hash of all that it was made from: the source
with what it imports, the compiler's version, the options. So a kept result is never stale.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Literal, Protocol

if sys.platform != "win32":
    import fcntl

ROOT = Path(__file__).resolve().parent.parent
ASSEMBLY = ROOT / "tests" / "assembly"
MATRIX = ROOT / "tests" / "matrix"
TRANSFORM = ROOT / "wasmbind" / "asc" / "transform.mjs"
CACHE = ROOT / ".cache" / "asc"

Compiler = Literal[
    "modern",
    "classic",
    "oldest",
    "0.9",
    "0.10",
    "0.14",
    "0.16",
    "0.17",
    "0.18.2",
    "0.18",
    "0.19",
    "0.20",
    "0.22",
    "0.25",
    "0.27",
    "0.28",
]
"""A compiler by its part in the tests, or by its version; most of those are installed for the matrix alone."""

_PACKAGES: dict[Compiler, str] = {
    "modern": "assemblyscript",
    "classic": "asc-classic",
    "oldest": "asc-oldest",
    "0.10": "asc-0.10",
    "0.17": "asc-0.17",
    "0.19": "asc-classic",
}
_COUNTING: tuple[Compiler, ...] = ("0.9", "0.10", "0.14", "0.16", "0.17")
"""Compilers whose runtime counts references; it is exported unless they are told not to."""
_DEFAULT_OPTIONS = ("--exportRuntime",)
_RELATIVE_IMPORT = re.compile(r"""\b(?:from|import)\s*["'](\.[^"']+)["']""")


class CompileError(Exception):
    """asc rejected a source; the message is what it printed."""


class CompileAsc(Protocol):
    """The type of `compile_asc`, for tests that take it as the fixture `asc`."""

    def __call__(
        self, source: str | Path, *options: str, compiler: Compiler = "modern", transform: bool = False
    ) -> Path:
        """Compile a file or an inline source."""
        ...


def compile_asc(source: str | Path, *options: str, compiler: Compiler = "modern", transform: bool = False) -> Path:
    """Compile and return the path of the `.wasm`; with `--sourceMap` its `.wasm.map` lies beside it.

    A `Path` is a file, relative to `tests/assembly`. A `str` is the source itself: it is compiled as
    `inline.ts` and imports as if it lay in `tests/assembly`. `--exportRuntime` is always given where the compiler has
    it, and wasmbind's transform with `transform`.
    """
    if isinstance(source, str) and "\n" not in source and source.endswith(".ts"):
        message = f"{source!r} looks like a file name: pass Path({source!r})"
        raise ValueError(message)
    package = _package(compiler)
    default = () if compiler in _COUNTING else _DEFAULT_OPTIONS
    options = (*default, *(("--transform", str(TRANSFORM)) if transform else ()), *options)
    entry = Path("inline.ts") if isinstance(source, str) else ASSEMBLY / source
    text = source if isinstance(source, str) else entry.read_text(encoding="utf-8")
    inputs = [
        _version(package),
        os.path.relpath(entry, ASSEMBLY),
        *options,
        *_texts(text, ASSEMBLY if isinstance(source, str) else entry.parent),
        *_option_files(options),
    ]
    key = hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:16]
    kept = CACHE / f"{entry.stem}-{key}"
    wasm = f"{entry.stem}.wasm"
    if not (kept / wasm).exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with _alone(key), tempfile.TemporaryDirectory(dir=CACHE, prefix="new-") as scratch:
            if not (kept / wasm).exists():  # by another test process meanwhile
                made = Path(scratch, "made")
                made.mkdir()
                base = _base_dir(source, Path(scratch))
                output = "--binaryFile" if compiler in _COUNTING else "--outFile"
                name = os.path.relpath(entry, base) if entry.is_absolute() else str(entry)
                command = (name, output, os.path.relpath(made / wasm, base), *options)
                if not _servers.compile(_package(compiler), base, command):
                    _run(compiler, base, command)
                _keep(made, kept)
    return kept / wasm


@contextlib.contextmanager
def _alone(key: str) -> Generator[None]:
    """Keep other test processes from compiling the same."""
    if sys.platform == "win32":
        yield  # they do it twice then
        return
    with (CACHE / f"{key}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def asc_command(compiler: Compiler = "modern") -> list[str]:
    """Return the command that runs a compiler."""
    script = _package(compiler) / "bin" / "asc"
    if not script.exists():  # since 0.20 an ES module
        script = script.with_suffix(".js")
    return [find_node(), "--enable-source-maps", str(script)]  # without the flag asc starts Node.js a second time


def find_node() -> str:
    """Return the path of Node.js: what scripts/setup-node linked beside this Python, else what is on PATH."""
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    node = shutil.which("node", path=places)
    if node is None:
        message = "Node.js was found neither beside this Python nor on PATH: run `make node`"
        raise FileNotFoundError(message)
    return node


def _package(compiler: Compiler) -> Path:
    """Return the folder of a compiler."""
    if compiler in _PACKAGES:
        return ASSEMBLY / "node_modules" / _PACKAGES[compiler]
    return MATRIX / "node_modules" / f"asc-{compiler}"


def _version(package: Path) -> str:
    """Return the installed version of a compiler."""
    manifest = package / "package.json"
    if not manifest.exists():
        missing = f"asc is not installed at {package.relative_to(ROOT)}"
        how = "run `npm ci` in tests/matrix" if package.is_relative_to(MATRIX) else "run `make node`"
        raise FileNotFoundError(f"{missing}: {how}")
    return str(json.loads(manifest.read_text(encoding="utf-8"))["version"])


def _texts(text: str, folder: Path) -> Iterator[str]:
    """Yield a source and, in the order of their imports, the files it reaches by relative imports."""
    seen: set[Path] = set()

    def visit(text: str, folder: Path) -> Iterator[str]:
        yield text
        for name in _RELATIVE_IMPORT.findall(text):
            target = (folder / name).resolve()
            for file in (target.with_name(f"{target.name}.ts"), target / "index.ts"):
                if file.is_file() and file not in seen:
                    seen.add(file)
                    yield from visit(file.read_text(encoding="utf-8"), file.parent)

    return visit(text, folder)


def _option_files(options: tuple[str, ...]) -> Iterator[str]:
    """Yield the text of each file that an option names: a transform, for one."""
    for option in options:
        file = ASSEMBLY / option.rpartition("=")[2]
        if file.is_file():
            yield file.read_text(encoding="utf-8")


def _base_dir(source: str | Path, scratch: Path) -> Path:
    """Return the folder that asc takes paths from.

    For an inline source it holds the source and links to all that lies in `tests/assembly`.
    """
    if isinstance(source, Path):
        file = ASSEMBLY / source
        return ASSEMBLY if file.is_relative_to(ASSEMBLY) else file.parent
    base = scratch / "base"
    base.mkdir()
    for neighbour in ASSEMBLY.iterdir():
        (base / neighbour.name).symlink_to(neighbour)
    (base / "inline.ts").write_text(source, encoding="utf-8")
    return base


def _run(compiler: Compiler, base: Path, command: tuple[str, ...]) -> None:
    """Run the command of a compiler, for what it says."""
    result = subprocess.run(
        [*asc_command(compiler), *command], cwd=base, capture_output=True, encoding="utf-8", check=False
    )
    if result.returncode != 0:
        raise CompileError(f"{result.stdout}{result.stderr}".strip())


class _CompileServers:
    """Processes of Node.js that have loaded a compiler each; started when first asked, they end with this process."""

    def __init__(self) -> None:
        self._processes: dict[Path, subprocess.Popen[str]] = {}
        self._lock = threading.Lock()

    def compile(self, package: Path, base: Path, options: tuple[str, ...]) -> bool:
        """Compile with a compiler, in a working directory; false if that failed, for whatever reason."""
        with self._lock:
            server, done = self._processes.pop(package, None) or _start_server(package), False
            assert server.stdin is not None
            assert server.stdout is not None
            try:
                server.stdin.write(json.dumps({"base": str(base), "options": options}) + "\n")
                server.stdin.flush()
                done = server.stdout.readline() == "true\n"
            finally:
                if done:
                    self._processes[package] = server
                else:  # nobody knows what a compiler that has failed is good for
                    server.kill()
                    server.communicate()
        return done


def _start_server(package: Path) -> subprocess.Popen[str]:
    script = Path(__file__).with_name("compile_server.mjs")
    return subprocess.Popen(
        [find_node(), "--enable-source-maps", str(script), str(package)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )


_servers = _CompileServers()


def _keep(made: Path, kept: Path) -> None:
    """Move a finished folder into the cache; another process may have put the same there meanwhile."""
    try:
        made.rename(kept)
    except OSError:
        if not kept.exists():
            raise
