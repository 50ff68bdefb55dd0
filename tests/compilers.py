"""The compilers, runtimes and options that wasmbind's transform is tested with.

By default they are the newest and the oldest compiler that it supports. `WASMBIND_MATRIX=1` makes them all of
`tests/matrix`, with each runtime, unoptimised and optimised: some minutes of compiling.
"""

import os
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

from tests.compiling import Compiler, compile_asc

Runtime = Literal["incremental", "minimal", "stub"]

_VERSIONS: tuple[Compiler, ...] = ("0.20", "0.22", "0.25", "0.27", "0.28")
_RUNTIMES: tuple[Runtime, ...] = ("incremental", "minimal", "stub")
_OPTIONS = ((), ("-O3",), ("-Oz", "--converge", "--noAssert"))


class Configuration(NamedTuple):
    """How a source is compiled."""

    compiler: Compiler
    runtime: Runtime = "incremental"
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return what identifies it in the names of tests."""
        return " ".join((self.compiler, self.runtime, *self.options))

    def compile(self, source: str | Path, *options: str) -> Path:
        """Compile a source with the transform."""
        return compile_asc(
            source, "--runtime", self.runtime, *self.options, *options, compiler=self.compiler, transform=True
        )


CONFIGURATIONS: tuple[Configuration, ...] = (
    tuple(
        Configuration(version, runtime, options)
        for version in _VERSIONS
        for runtime in _RUNTIMES
        for options in _OPTIONS
    )
    if os.environ.get("WASMBIND_MATRIX")
    else (Configuration("modern"), Configuration("oldest"))
)

INCREMENTAL = tuple(each for each in CONFIGURATIONS if each.runtime == "incremental")
COLLECTING = tuple(each for each in CONFIGURATIONS if each.runtime != "stub")

COMPILERS: tuple[Compiler, ...] = tuple(dict.fromkeys(each.compiler for each in CONFIGURATIONS))
"""One of each, where runtime and options do not matter."""

each_configuration = pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
each_collecting = pytest.mark.parametrize("configuration", COLLECTING, ids=str)
each_incremental = pytest.mark.parametrize("configuration", INCREMENTAL, ids=str)
each_compiler = pytest.mark.parametrize("compiler", COMPILERS)
