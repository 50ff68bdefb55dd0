"""What the tests of wasmbind's transform share."""

import os
import subprocess
from pathlib import Path

from tests.compilers import Configuration
from tests.compiling import TRANSFORM, Compiler, asc_command
from tests.integration.plain_host import PlainHost

FEATURES = Path("features.ts")
LEGACY = ("oldest", "0.20", "0.22")  # whose run-time type information has the ids of base classes


def features(configuration: Configuration) -> PlainHost:
    """An instance of `features.ts`."""
    return PlainHost(configuration.compile(FEATURES))


def run_asc(
    folder: Path, source: str, *options: str, compiler: Compiler = "modern", skip: str = ""
) -> subprocess.CompletedProcess[str]:
    """Compile with the transform in a folder of its own, for what is printed."""
    (folder / "main.ts").write_text(source, encoding="utf-8")
    command = [*asc_command(compiler), "main.ts", "-o", "main.wasm", "--transform", str(TRANSFORM), *options]
    environ = {**os.environ, "WASMBIND_SKIP": skip}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, encoding="utf-8", check=False)
