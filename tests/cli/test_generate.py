"""`wasmbind generate`: what it writes, what it keeps, and what it refuses."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.compiling import ROOT, compile_asc
from wasmbind.cli.group import group

SOURCE = """
/** A line of text. */
export class Line { constructor(public s: string) {} }
export function firstLine(text: string): Line { return new Line(text.split("\\n")[0]); }
"""
CHANGED = SOURCE + "export function added(): i32 { return 1; }"
#: What a user wrote around the block.
BEFORE = '"""My own module."""\n\n# A remark.\n'
AFTER = (
    "\n\nclass MyFiles(Files):\n    def shout(self, text: str) -> str:\n        return self.firstLine(text).s.upper()\n"
)


@pytest.fixture
def wasm(tmp_path: Path) -> Path:
    """A binary in a folder of its own."""
    path = tmp_path / "app" / "files.wasm"
    path.parent.mkdir()
    path.write_bytes(compile_asc(SOURCE, transform=True).read_bytes())
    return path


def run(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(group, ["generate", *map(str, arguments)])


def load(path: Path) -> Any:
    """Import a file."""
    spec = importlib.util.spec_from_file_location("declared_by_cli", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_to_standard_output(wasm: Path) -> None:
    """Without -o the declarations are printed, and nothing else."""
    result = run(wasm)
    assert result.exit_code == 0
    assert result.output.startswith('# mypy: disable-error-code="empty-body"\n"""Typed declarations for files.wasm."""')
    assert 'class Files(AscModule, wasm="files.wasm"):' in result.output
    assert "    def firstLine(self, text: string) -> Line: ..." in result.output


def test_to_a_file(wasm: Path, tmp_path: Path) -> None:
    """A file is written, its folder too; the path in it is relative to the file; it says nothing."""
    output = tmp_path / "python" / "files.py"
    result = run(wasm, "-o", output)
    assert (result.exit_code, result.output) == (0, "")
    assert 'wasm="../app/files.wasm"' in output.read_text(encoding="utf-8")


def test_the_file_works(wasm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written binds as it is."""
    monkeypatch.chdir(wasm.parent)
    assert run("files.wasm", "-o", "files.py", "--rename", "snake", "--name", "Api").exit_code == 0
    declared = wasm.with_suffix(".py").read_text(encoding="utf-8").replace('wasm="files.wasm"', f'wasm="{wasm}"')
    wasm.with_suffix(".py").write_text(declared, encoding="utf-8")
    with load(wasm.with_suffix(".py")).Api() as files:
        assert files.first_line("a\nb").s == "a"


def test_only_the_block_is_replaced(wasm: Path, tmp_path: Path) -> None:
    """What stands before and after the generated block stays as it is, to the byte."""
    output = tmp_path / "files.py"
    run(wasm, "-o", output)
    generated = output.read_text(encoding="utf-8")
    block = generated[generated.index("# --- generated") :]
    output.write_text(BEFORE + block + AFTER, encoding="utf-8")
    wasm.write_bytes(compile_asc(CHANGED, transform=True).read_bytes())
    assert run(wasm, "-o", output).exit_code == 0
    text = output.read_text(encoding="utf-8")
    assert text.startswith(BEFORE + "# --- generated")
    assert text.endswith("# --- end of the generated block ---\n" + AFTER)
    assert "    def added(self) -> i32: ...\n" in text


def test_nothing_is_written_that_is_there(wasm: Path, tmp_path: Path) -> None:
    """The same text is not written again: who watches the file sees no change."""
    output = tmp_path / "files.py"
    run(wasm, "-o", output)
    before = output.stat()
    run(wasm, "-o", output)
    assert output.stat().st_mtime_ns == before.st_mtime_ns


def test_check(wasm: Path, tmp_path: Path) -> None:
    """--check writes nothing, and tells by its exit status whether the file is up to date."""
    output = tmp_path / "files.py"
    missing = run(wasm, "-o", output, "--check")
    assert (missing.exit_code, output.exists()) == (1, False)
    run(wasm, "-o", output)
    with output.open("a", encoding="utf-8") as file:
        file.write(AFTER)
    assert run(wasm, "-o", output, "--check").exit_code == 0
    text = output.read_text(encoding="utf-8")
    wasm.write_bytes(compile_asc(CHANGED, transform=True).read_bytes())
    result = run(wasm, "-o", output, "--check")
    assert result.exit_code == 1
    assert result.output == f"{output} is not up to date with {wasm}: run the same command without --check\n"
    assert output.read_text(encoding="utf-8") == text


def test_check_needs_a_file(wasm: Path) -> None:
    """There is nothing to compare standard output with."""
    result = run(wasm, "--check")
    assert result.exit_code == 2
    assert "--check compares a file: say which with -o" in result.output


def test_files_of_others_are_not_overwritten(wasm: Path, tmp_path: Path) -> None:
    """A file without a generated block stays as it is."""
    output = tmp_path / "mine.py"
    output.write_text(AFTER, encoding="utf-8")
    result = run(wasm, "-o", output)
    assert result.exit_code == 2
    assert result.output == (
        f"Error: {output}: has no generated block, and is not overwritten\n"
        "  fix          give another -o, or remove the file first\n"
    )
    assert output.read_text(encoding="utf-8") == AFTER


def test_a_torn_block(wasm: Path, tmp_path: Path) -> None:
    """Half a block is an error too: nobody knows where it ends."""
    output = tmp_path / "files.py"
    run(wasm, "-o", output)
    torn = output.read_text(encoding="utf-8").replace("# --- end of the generated block ---\n", "")
    output.write_text(torn, encoding="utf-8")
    result = run(wasm, "-o", output)
    assert result.exit_code == 2
    assert "has 1 lines that begin a generated block, and 0 that end one" in result.output
    assert output.read_text(encoding="utf-8") == torn


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"nothing", "does not start with the WebAssembly magic number"), (None, "cannot be read: No such file")],
)
def test_no_binary(tmp_path: Path, content: bytes | None, said: str) -> None:
    """What is no binary is said without a traceback."""
    path = tmp_path / "broken.wasm"
    if content is not None:
        path.write_bytes(content)
    result = run(path)
    assert result.exit_code == 2
    assert result.output.startswith(f"Error: {path}: ")
    assert said in result.output
    assert "\n  fix          " in result.output


def test_names_of_classes(wasm: Path) -> None:
    """A name has to be one."""
    result = run(wasm, "--name", "my-files")
    assert result.exit_code == 2
    assert "'my-files' is no name for a class" in result.output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("class", "'class' is a keyword of Python"),
        ("AscModule", "'AscModule' is a name that declarations are written with"),
        ("i32", "'i32' is a name that declarations are written with"),
    ],
)
def test_names_that_mean_something_else(wasm: Path, name: str, said: str) -> None:
    """A class cannot hide what its own declarations need."""
    result = run(wasm, "--name", name)
    assert result.exit_code == 2
    assert said in result.output


def test_a_name_that_a_class_has(wasm: Path) -> None:
    """The module has the name that was asked for, and the class another."""
    result = run(wasm, "--name", "Line")
    assert result.exit_code == 0
    assert 'class Line(AscModule, wasm="files.wasm"):' in result.output
    assert 'class Line_(AscClass, name="Line"):' in result.output


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_endings(wasm: Path, tmp_path: Path, end: str) -> None:
    """Those around the block stay, whatever they are, and the block gets the file's own."""
    output = tmp_path / "files.py"
    run(wasm, "-o", output)
    generated = output.read_text(encoding="utf-8")
    block = generated[generated.index("# --- generated") :].replace("\n", end).encode()
    before, after = b"# one\r# two\r\n\n", b'\r\nlast = """\r\n\n\r"""\r'
    output.write_bytes(before + block + after)
    assert run(wasm, "-o", output, "--check").exit_code == 0
    wasm.write_bytes(compile_asc(CHANGED, transform=True).read_bytes())
    assert run(wasm, "-o", output).exit_code == 0
    made = output.read_bytes()
    assert made.startswith(before + b"# --- generated")
    assert made.endswith(f"# --- end of the generated block ---{end}".encode() + after)
    added = made[len(before) : -len(after)].decode()
    assert f"{end}    def added(self) -> i32: ...{end}" in added
    assert set(added.replace(end, "")).isdisjoint("\r\n")


def test_code_above_the_block(wasm: Path) -> None:
    """Code may stand above the block: nothing in it has to be at the top of the file."""
    source = (
        SOURCE + "export class Pair { next: Pair | null; tail: Tail | null; }\nexport class Tail { own: Pair[] = []; }"
    )
    wasm.write_bytes(compile_asc(source, transform=True).read_bytes())
    output = wasm.with_suffix(".py")
    run(wasm, "-o", output)
    generated = output.read_text(encoding="utf-8").replace('wasm="files.wasm"', f'wasm="{wasm}"')
    output.write_text(
        "import os\n\nHERE = os.getcwd()\n" + generated[generated.index("# --- generated") :], encoding="utf-8"
    )
    module = load(output)
    with module.Files() as files:
        assert files[module.Pair]().next is None
    assert '    next: "Pair | None"\n    tail: "Tail | None"\n' in generated
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--disable-error-code=empty-body", str(output)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert checked.stdout == "Success: no issues found in 1 source file\n"


def test_outputs_that_cannot_be_written(wasm: Path, tmp_path: Path) -> None:
    """A folder, a file that is not UTF-8, and a file where a folder should be are said without a traceback."""
    latin = tmp_path / "latin.py"
    latin.write_bytes(b"# caf\xe9\n")
    for output, said in [
        (tmp_path, "cannot be read: Is a directory"),
        (latin, "is not UTF-8: invalid continuation byte at byte 5"),
        (latin / "inner.py", "cannot be read: Not a directory"),
    ]:
        for check in ([], ["--check"]):
            result = run(wasm, "-o", output, *check)
            assert result.exit_code == 2
            assert result.output.startswith(f"Error: {output}: {said}")
            assert "\n  fix          " in result.output
    assert latin.read_bytes() == b"# caf\xe9\n"


def test_a_name_that_a_class_has_without_a_schema(tmp_path: Path) -> None:
    """The same for a binary that tells nothing but its exports."""
    path = tmp_path / "old.wasm"
    path.write_bytes(compile_asc("export class Line { at: i32 = 0; }", compiler="classic").read_bytes())
    result = run(path, "--name", "Line")
    assert "class Line(" in result.output
    assert 'class Line_(AscClass, name="Line"):' in result.output
