"""What the transform costs: `python -m benchmarks.building` compiles three modules with and without it.

Times are the medians of whole runs of asc, in turns; sizes are of binaries without a name section.
"""

import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.compiling import ASSEMBLY, ROOT, TRANSFORM, find_node
from wasmbind._schema.binary import read_binary

_MODULES = {
    "functions only": ROOT / "benchmarks" / "host.ts",
    "a few classes": ROOT / "examples" / "quickstart.ts",
    "every feature": ASSEMBLY / "features.ts",
}
_OPTIMISATIONS = ("-O0", "-O3")
_ROUNDS = 7


class Built(NamedTuple):
    """One binary: how long it took in seconds, and bytes of the binary and of its schema."""

    seconds: float
    size: int
    schema: int


def build(source: Path, *options: str) -> Built:
    """Compile a source once."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(source, folder)
        asc = ASSEMBLY / "node_modules" / "assemblyscript" / "bin" / "asc.js"
        command = [find_node(), "--enable-source-maps", str(asc), source.name, "-o", "out.wasm", "--exportRuntime"]
        start = time.perf_counter()
        subprocess.run([*command, *options], cwd=folder, check=True, capture_output=True)
        seconds = time.perf_counter() - start
        data = Path(folder, "out.wasm").read_bytes()
    return Built(seconds, len(data), len(read_binary(data).sections.get("wasmbind", b"")))


def compare(source: Path, *options: str) -> tuple[Built, Built]:
    """The same source without the transform and with it, in turns."""
    runs = [(build(source, *options), build(source, *options, "--transform", str(TRANSFORM))) for _ in range(_ROUNDS)]
    plain, transformed = zip(*runs, strict=True)
    return (
        plain[0]._replace(seconds=statistics.median(run.seconds for run in plain)),
        transformed[0]._replace(seconds=statistics.median(run.seconds for run in transformed)),
    )


def main() -> None:
    """Print the table as Markdown."""
    print("| module | | asc alone | with the transform | more | of which schema |")
    print("| --- | --- | --- | --- | --- | --- |")
    for title, source in _MODULES.items():
        for option in _OPTIMISATIONS:
            plain, made = compare(source, option)
            more = f"{made.seconds - plain.seconds:+.2f} s"
            print(f"| {title} | `{option}` time | {plain.seconds:.2f} s | {made.seconds:.2f} s | {more} | |")
            kib = [f"{size / 1024:.1f} KiB" for size in (plain.size, made.size, made.size - plain.size, made.schema)]
            print(f"| | `{option}` size | {kib[0]} | {kib[1]} | +{kib[2]} | {kib[3]} |")


if __name__ == "__main__":
    main()
