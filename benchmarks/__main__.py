"""Prints the table: `python -m benchmarks`, or `make bench`."""

import argparse
import importlib.metadata
import json
import platform
import sys
import traceback
from pathlib import Path
from typing import Any

from benchmarks._format import as_json, cells, table
from benchmarks._results import Measured, Row, lines_of
from benchmarks._rows import ROWS
from benchmarks._timing import Effort

_FULL = Effort(rounds=45, seconds=0.02, repetitions=1_000_000)
_QUICK = Effort(rounds=9, seconds=0.008, repetitions=100_000)
_LEGEND = """
peer's       the same work by the peer, in the same rounds as ours; the median of all rounds
ratio        in the terms of the budget, else how much faster than the peer, or how many times its time
last column  aim and pass: within; near: misses the must by a tenth at most; fail: by more
"""


def main() -> int:
    """Measure, print, and return the exit status."""
    options = _options()
    effort = _QUICK if options.quick else _FULL
    chosen = [row for row in ROWS if all(word in f"{row.name} {row.title}" for word in options.words)]
    found: list[tuple[Row, Measured]] = []
    broken = 0
    for row in chosen:
        if sys.stderr.isatty():
            print(f"\r\033[K{row.title} ...", end="", file=sys.stderr, flush=True)
        try:
            found.append((row, row.measure(effort)))
        except Exception:  # noqa: BLE001 - the other rows are still worth having
            broken += 1
            print(f"{row.name} is broken:", file=sys.stderr)
            traceback.print_exc()
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    print(", ".join(f"{name} {version}" for name, version in _environment().items()))
    print()
    print(table([line for row, measured in found for line in cells(row, measured)]))
    print(_LEGEND)
    if options.json is not None:
        content = {"environment": _environment(), "rows": [as_json(row, measured) for row, measured in found]}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    failed = [row.name for row, measured in found if not _keeps_must(row, measured)]
    if failed:
        print(f"must not reached: {', '.join(failed)}")
    return 1 if broken or (failed and options.check) else 0


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("words", nargs="*", help="only rows whose name and title contain these")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers as JSON, too")
    parser.add_argument("--check", action="store_true", help="exit with 1 where a must is not reached")
    return parser.parse_args()


def _environment() -> dict[str, str]:
    return {
        "wasmbind": importlib.metadata.version("wasmbind"),
        platform.python_implementation(): platform.python_version(),
        "wasmtime-py": importlib.metadata.version("wasmtime"),
        platform.system(): platform.machine(),
    }


def _keeps_must(row: Row, measured: Measured) -> bool:
    return all(line.verdict is None or line.verdict.meets_must for line in lines_of(row, measured))


if __name__ == "__main__":
    sys.exit(main())
