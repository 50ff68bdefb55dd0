"""Run a function of a test module in a process of its own."""

import subprocess
import sys

import pytest

from tests.compiling import ROOT

#: Keeps the ticker from looking: a slow machine, or a slow test, makes long calls of short ones, and an interrupt that
#: comes while a long call is looked at stops it in its middle.
_UNWATCHED = "from wasmbind import _ticker\n_ticker.POLL = 3600.0\n"
#: Leaves what the modules have made out of garbage collections, of which some tests need thousands.
_FREEZE = "import gc\ngc.collect()\ngc.freeze()\n"


def run_apart(module: str, call: str, *, silent: bool = True, watched: bool = True) -> None:
    """Call a function of a test module in another process, which may crash, and say so if it did.

    Args:
        module: the name of the test module.
        call: the call, as source.
        silent: the process must not write to standard error either.
        watched: calls that take long may be stopped in their middle, as they usually may.
    """
    start = "" if watched else _UNWATCHED
    program = f"{start}from tests.integration import {module}\n{_FREEZE}{module}.{call}"
    command = [sys.executable, "-X", "faulthandler", "-c", program]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    if result.returncode or (silent and result.stderr):
        pytest.fail(f"{call[:80]} ended with status {result.returncode}\n{result.stderr[-3_000:]}")
