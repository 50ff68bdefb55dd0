"""`wasmbind inspect`: what it prints for people, for pipes and for programs.

After a change that is meant, `WASMBIND_UPDATE_GOLDEN=1 python -m pytest tests/cli/test_inspect.py` writes the golden
files anew; read the difference before you commit it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import wasmtime
from click.testing import CliRunner, Result

from tests.compiling import ROOT, compile_asc
from tests.unit.schema_sample import F64, I32, LINE, STRING, sample
from tests.unit.test_binary import custom
from wasmbind.cli.group import group

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "WASMBIND_UPDATE_GOLDEN"

MODULE = """(module
  (import "env" "log" (func (param i32)))
  (import "env" "limit" (global i32))
  (import "env" "console.log" (func (param i32)))
  (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
  (memory (export "memory") 2 16)
  (table (export "table") 3 funcref)
  (global (export "__rtti_base") i32 (i32.const 64))
  (global (export "PI") f64 (f64.const 3.25))
  (global (export "total") (mut i32) (i32.const -1))
  (func (export "__new") (param i32 i32) (result i32) (i32.const 0))
  (func (export "__pin") (param i32) (result i32) (i32.const 0))
  (func (export "__unpin") (param i32))
  (func (export "__collect"))
  (func (export "find") (param i32 i32) (result i32) (i32.const 0))
  (func (export "Line#constructor") (param i32 i32 f64 i32) (result i32) (i32.const 0))
  (func (export "Line#get:text") (param i32) (result i32) (i32.const 0))
  (func (export "Line.parse") (param i32) (result i32) (i32.const 0))
  (func (export "Line.odd\\1b[31m") (param i32) (result i32) (i32.const 0))
  (func $begin (export "_initialize"))
  (start $begin)
  (data (i32.const 64) "\\0a\\00\\00\\00\\20\\00\\00\\00\\20\\00\\00\\00\\20\\00\\00\\00\\00\\00\\00\\00")
)"""


def binary() -> bytes:
    """A binary with something of everything, which no compiler has a part in."""
    classes = sample()["classes"]
    more = {
        "internal": "assembly/index/Title",
        "export": "Title",
        "id": 10,
        "base": 1,
        "size": 32,
        "fields": [{"name": "level", "type": I32, "offset": 24}, {"name": "next", "type": LINE, "offset": 28}],
        "methods": [{"name": "show", "params": [["to", F64]], "returns": STRING}],
    }
    schema = sample(classes=[*classes, more])
    return bytes(wasmtime.wat2wasm(MODULE)) + custom("wasmbind", json.dumps(schema).encode())


def run(*arguments: str | Path) -> Result:
    """Run `wasmbind inspect`."""
    return CliRunner().invoke(group, ["inspect", *map(str, arguments)], prog_name="wasmbind")


def program(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run it as a program of its own."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "wasmbind", "inspect", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a source map beside it."""
    path = tmp_path / "sample.wasm"
    path.write_bytes(binary())
    path.with_name("sample.wasm.map").write_text("{}", encoding="utf-8")
    return path


def compare(text: str, name: str) -> None:
    """Compare a text with a golden file."""
    golden = GOLDEN / name
    if os.environ.get(UPDATE):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_plain_text(file: Path) -> None:
    """In a pipe it is plain text, which does not depend on the machine."""
    result = run(file)
    assert result.exit_code == 0
    compare(result.output, "inspect.txt")


def test_json(file: Path) -> None:
    """`--json` prints one JSON document."""
    result = run(file, "--json")
    assert result.exit_code == 0
    compare(result.output, "inspect.json")


def test_terminal(file: Path) -> None:
    """On a terminal there are colours and blocks, and nothing that a binary says becomes a command or a style."""
    done = program(file, FORCE_COLOR="1", COLUMNS="120", PYTHONIOENCODING="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b[" in done.stdout
    assert "████" in done.stdout
    assert "Line.odd\N{REPLACEMENT CHARACTER}[31m" in done.stdout
    assert "\x1b[31m" not in done.stdout
    assert "\x1b" not in program(file, FORCE_COLOR="1", NO_COLOR="1", TERM="dumb", PYTHONIOENCODING="utf-8").stdout


def test_any_encoding(tmp_path: Path) -> None:
    """A name that the pipe's encoding does not have is written out."""
    file = tmp_path / "it.wasm"
    file.write_bytes(wasmtime.wat2wasm('(module (func (export "größe")))'))
    done = program(file, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "gr\\xf6\\xdfe" in done.stdout


def test_wide_names_stay_in_their_line(tmp_path: Path) -> None:
    """One long name does not make all lines as long."""
    file = tmp_path / "it.wasm"
    exports = " ".join(f'(export "{name}" (func 0))' for name in ("a" * 50_000, "b", "c"))
    file.write_bytes(wasmtime.wat2wasm(f"(module (func) {exports})"))
    assert len(run(file).output) < 60_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "Error: {file} cannot be read: No such file or directory\n  looked at  {file}\n"),
        (
            b"no binary",
            (
                "Error: {file} is no WebAssembly module: it does not start with the WebAssembly magic number\n"
                "  fix  compile it again with asc\n"
            ),
        ),
        (
            b"\0asm\1\0\0\0\1\x7f",
            ("Error: {file} is no WebAssembly module: section 1 exceeds the file\n  fix  compile it again with asc\n"),
        ),
        (
            b"\0asm\x0d\0\1\0",
            "Error: {file} is no WebAssembly module: it is a component\n  fix  compile it again with asc\n",
        ),
    ],
)
def test_errors(tmp_path: Path, content: bytes | None, message: str) -> None:
    """What cannot be inspected is said, without a traceback, and the status is 2."""
    file = tmp_path / "it.wasm"
    if content is not None:
        file.write_bytes(content)
    result = run(file)
    assert (result.exit_code, result.output) == (2, message.format(file=file))


def test_folder(tmp_path: Path) -> None:
    """A folder is no file."""
    assert run(tmp_path).output.startswith(f"Error: {tmp_path} cannot be read: ")


def test_empty_module(tmp_path: Path) -> None:
    """The smallest module has sections of nothing."""
    file = tmp_path / "it.wasm"
    file.write_bytes(b"\0asm\1\0\0\0")
    assert run(file).output == (
        "it.wasm\n"
        "  size        8 bytes\n"
        "  schema      none\n"
        "  ABI         no runtime, asc any, or another compiler: of the runtime it exports nothing\n"
        "  objects     cannot be used, only numbers can\n"
        "  start       none\n"
        "  source map  none beside it\n"
    )


def test_a_binary_of_asc() -> None:
    """What asc and the transform write is told in full."""
    document: dict[str, Any] = json.loads(run(compile_asc(Path("features.ts"), transform=True), "--json").output)
    assert document["schema"]["asc"] == "0.28.20"
    assert document["abi"]["asc"] == "0.23 or later"
    (dog,) = [each for each in document["classes"] if each["name"] == "Dog"]
    assert [(row["offset"], row["bytes"], row.get("name"), row.get("from")) for row in dog["layout"]] == [
        (0, 4, "legs", "Animal"),
        (4, 1, "good", None),
    ]
    (abort,) = [each for each in document["imports"] if each["name"] == "abort"]
    assert abort["providedBy"] == "default"
    constructor = next(each for each in document["exports"] if each["name"] == "Line#constructor")
    assert constructor["asc"] is not None


def test_loads_no_wasmtime(file: Path) -> None:
    """Nothing is loaded that could run a module."""
    code = (
        "import sys; from click.testing import CliRunner; from wasmbind.cli.group import group\n"
        f"assert CliRunner().invoke(group, ['inspect', {str(file)!r}]).exit_code == 0\n"
        "print('wasmtime' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == "False\n"


def test_sources_are_to_be_compiled(tmp_path: Path) -> None:
    """Who names the AssemblyScript source is told how to get a binary of it, and its name once."""
    file = tmp_path / "it.ts"
    file.write_text("export function one(): i32 { return 1; }")
    result = CliRunner().invoke(group, ["inspect", str(file)])
    assert result.exit_code == 2
    assert result.output == (
        f"Error: {file} is no WebAssembly module: it does not start with the WebAssembly magic number\n"
        f"  fix  compile it, `wasmbind build {file}`, and give the .wasm\n"
    )
