"""Stand-ins for asc, Node.js and npm, for tests of how they are found and what is done when they fail."""

import json
import os
from pathlib import Path

from tests.compiling import find_node

ECHO = """
import { writeFileSync } from "node:fs";
const args = process.argv.slice(2);
const output = args[args.lastIndexOf("--outFile") + 1];
writeFileSync(`${output}.json`, JSON.stringify([args, process.env.WASMBIND_SKIP ?? null]));
writeFileSync(output, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
"""
"""An asc that writes an empty module, and its arguments and the skipped members beside it."""

FAIL = """
console.log("to stdout"); console.error("ERROR to stderr"); process.exitCode = 3;
"""
"""An asc that fails."""


def put_asc(folder: Path, script: str = ECHO, version: str = "0.28.20", node: str | None = ">=18") -> Path:
    """Put an AssemblyScript into the `node_modules` of a folder, and return its package."""
    package = folder / "node_modules" / "assemblyscript"
    (package / "bin").mkdir(parents=True)
    (package / "bin" / "asc.js").write_text(script, encoding="utf-8")
    manifest = {"name": "assemblyscript", "version": version, "type": "module", "bin": {"asc": "./bin/asc.js"}}
    if node is not None:
        manifest["engines"] = {"node": node}
    (package / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    return package


def put_program(file: Path, lines: str) -> Path:
    """Write an executable shell script."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def put_node(folder: Path, version: str) -> Path:
    """Put a Node.js that can only say its version into a folder."""
    return put_program(folder / "node", f"echo v{version}")


def put_source(folder: Path, text: str = "export function one(): i32 { return 1; }\n") -> Path:
    """Put a source into a project."""
    source = folder / "assembly" / "index.ts"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text, encoding="utf-8")
    return source


def path_with_node() -> str:
    """A PATH with Node.js in front, wherever `make` has put it."""
    return f"{Path(find_node()).parent}{os.pathsep}{os.environ.get('PATH', '')}"
