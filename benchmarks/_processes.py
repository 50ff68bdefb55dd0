"""Peers that run in processes of their own: each answers `<operation> <count>` with the nanoseconds it took."""

import dataclasses
import functools
import shutil
import subprocess
import sys
from collections.abc import Sequence

from benchmarks._modules import COLLECTIONS, HERE, MODERN, TEXT, Source
from benchmarks._timing import Contender
from tests.compiling import find_node

__all__ = ["NODE", "WASMER", "node", "node_collections", "wasmer"]

NODE = "Node.js"
WASMER = "wasmer-python"


class PeerProcess:
    """A process that waits for orders; it ends when its input does."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure(self, operation: str, count: int) -> float:
        """How many nanoseconds so many operations took there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{operation} {count}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


def _contender(name: str, process: PeerProcess | None, operation: str) -> Contender | None:
    """An operation of a process as a contender; None where there is no such process or operation."""
    if process is None:
        return None
    try:
        process.measure(operation, 1)
    except (OSError, ValueError) as error:
        print(f"{name} cannot do {operation}: {error}", file=sys.stderr)
        return None
    return Contender(name, functools.partial(process.measure, operation))


def node(operation: str) -> Contender | None:
    """Node.js with the bindings that asc generates."""
    return _contender(NODE, _node("node_peer.mjs", MODERN, TEXT), operation)


def node_collections(operation: str, units: int = 1) -> Contender | None:
    """The same, for `collections.ts`."""
    found = _contender(NODE, _node("node_collections.mjs", COLLECTIONS), operation)
    return found and dataclasses.replace(found, units=units)


def wasmer(operation: str) -> Contender | None:
    """wasmer-python, whose last release runs on Python 3.10."""
    return _contender(WASMER, _wasmer(), operation)


@functools.cache
def _node(script: str, source: Source, *arguments: str) -> PeerProcess | None:
    try:
        command = find_node()
    except FileNotFoundError:
        return None
    wasm = source.path
    return PeerProcess([command, str(HERE / script), str(wasm), str(wasm.with_suffix(".js")), *arguments])


@functools.cache
def _wasmer() -> PeerProcess | None:
    python = shutil.which("python3.10")
    if python is None or not _imports_wasmer(python):
        return None
    return PeerProcess([python, str(HERE / "wasmer_peer.py"), str(MODERN.path), TEXT])


def _imports_wasmer(python: str) -> bool:
    probe = [python, "-c", "import wasmer, wasmer_compiler_cranelift"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0
