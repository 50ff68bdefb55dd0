"""Run a function of a test module in a process of its own."""

import subprocess
import sys

import pytest

from tests.compiling import ROOT


def run_apart(module: str, call: str, *, silent: bool = True) -> None:
    """Call a function of a test module in another process, which may crash, and say so if it did.

    Args:
        module: the name of the test module.
        call: the call, as source.
        silent: the process must not write to standard error either.
    """
    program = f"from tests.integration import {module}\n{module}.{call}"
    command = [sys.executable, "-X", "faulthandler", "-c", program]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    if result.returncode or (silent and result.stderr):
        pytest.fail(f"{call[:80]} ended with status {result.returncode}\n{result.stderr[-3_000:]}")
