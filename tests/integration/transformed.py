"""What the tests of wasmbind's transform share."""

import os
import subprocess
from collections.abc import Mapping
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
    folder: Path, source: str, *options: str, compiler: Compiler = "modern", skip: str = "", limited: bool = False
) -> subprocess.CompletedProcess[str]:
    """Compile with the transform in a folder of its own, for what is printed.

    Args:
        folder: where.
        source: the text of the entry file.
        options: for asc.
        compiler: which asc.
        skip: what to leave out.
        limited: the compiler is stopped where it takes much more time or memory than a small program does.
    """
    (folder / "main.ts").write_text(source, encoding="utf-8")
    node, *asc = asc_command(compiler)
    limits = ["--max-old-space-size=512"] if limited else []
    command = [node, *limits, *asc, "main.ts", "-o", "main.wasm", "--transform", str(TRANSFORM), *options]
    environ = {**os.environ, "WASMBIND_SKIP": skip}
    return subprocess.run(
        command,
        cwd=folder,
        env=environ,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120 if limited else None,
    )


def compile_files(folder: Path, files: Mapping[str, str], *entries: str, compiler: Compiler = "modern") -> Path:
    """Compile several source files with the transform, the first one as the entry file if none is named."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    named = entries or [*files][:1]
    command = [*asc_command(compiler), *named, "-o", "main.wasm", "--transform", str(TRANSFORM)]
    result = subprocess.run(
        [*command, "--exportRuntime"], cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stderr
    return folder / "main.wasm"
