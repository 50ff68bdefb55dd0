"""`wasmbind stubs`: where stub files are written, and that those of the examples are up to date."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.compiling import ASSEMBLY, ROOT, compile_asc, find_node
from wasmbind.cli.group import group

SOURCE = """
export enum Level { Low, High }
export let counter: i32 = 3;
export const LIMIT: f64 = 2.5;
export class Line { constructor(public s: string) {} }
/** Says hello. */
export function hello(name: string): string { return "hello, " + name; }
export function raise(level: Level): Level { return level; }
"""
RIGHT = """
from typing import assert_type
import sample

assert_type(sample.hello("x"), str)
assert_type(sample.raise_(sample.Level.Low), sample.Level)
assert_type(sample.Line("s").s, str)
assert_type(sample.counter, int)
sample.counter = 4
with sample.Sample() as other:
    assert_type(other.hello("y"), str)
    assert_type(other[sample.Line], type[sample.Line])
"""
WRONG = """
import sample

sample.hello(5)
sample.counter = "x"
sample.LIMIT = 3.0
"""
ASSIGNED = 'Incompatible types in assignment (expression has type "str", variable has type "int")'
#: The binaries of examples that are imported.
IMPORTED = sorted((ROOT / "examples" / "imported").glob("*.wasm"))
PYRIGHT = ASSEMBLY / "node_modules" / "pyright" / "index.js"


@pytest.fixture
def wasm(tmp_path: Path) -> Path:
    """A binary."""
    path = tmp_path / "sample.wasm"
    path.write_bytes(compile_asc(SOURCE, transform=True).read_bytes())
    return path


def run(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(group, ["stubs", *map(str, arguments)])


def test_into_a_folder(wasm: Path, tmp_path: Path) -> None:
    """Each binary gets a file in the folder, which is made."""
    other = wasm.with_name("other.wasm")
    other.write_bytes(wasm.read_bytes())
    result = run(wasm, other, "-o", tmp_path / "stubs")
    assert (result.exit_code, result.output) == (0, "")
    assert sorted(path.name for path in (tmp_path / "stubs").iterdir()) == ["other.pyi", "sample.pyi"]


def test_beside_the_binary(wasm: Path) -> None:
    """Without -o a stub stands beside its binary, where packages want it."""
    assert run(wasm).exit_code == 0
    assert "\ndef hello(name: string) -> string:\n" in wasm.with_suffix(".pyi").read_text(encoding="utf-8")


def test_check(wasm: Path) -> None:
    """--check names every file that is not up to date."""
    result = run(wasm, "--check")
    assert result.exit_code == 1
    assert result.output == f"{wasm.with_suffix('.pyi')} is not up to date: run the same command without --check\n"
    run(wasm)
    assert run(wasm, "--check").exit_code == 0


def test_no_binary(tmp_path: Path) -> None:
    """What is no binary is said without a traceback, and usage asks for one."""
    result = run(tmp_path / "none.wasm")
    assert result.exit_code == 2
    assert "none.wasm: cannot be read" in result.output
    assert run().exit_code == 2


def mypy(folder: Path, program: str, *paths: Path) -> str:
    """What mypy --strict says of a program beside a binary and its stub."""
    (folder / "program.py").write_text(program, encoding="utf-8")
    searched = ":".join(map(str, (*paths, ROOT)))
    (folder / "mypy.ini").write_text(f"[mypy]\nstrict = True\nmypy_path = {searched}\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "program.py"]
    cache = ("--cache-dir", str(ROOT / ".cache" / "mypy-generated"))
    return subprocess.run([*command, *cache], cwd=folder, capture_output=True, encoding="utf-8", check=False).stdout


def test_mypy_knows_the_module(wasm: Path) -> None:
    """A program that imports the module is typed by the stub."""
    run(wasm)
    assert mypy(wasm.parent, RIGHT) == "Success: no issues found in 1 source file\n"
    found = [line.rpartition("  ")[::2] for line in mypy(wasm.parent, WRONG).splitlines()[:-1]]
    assert found == [
        ('program.py:4: error: Argument 1 to "hello" has incompatible type "int"; expected "str"', "[arg-type]"),
        (f"program.py:5: error: {ASSIGNED}", "[assignment]"),
        ('program.py:6: error: Cannot assign to final name "LIMIT"', "[misc]"),
    ]


def test_pyright_knows_the_module(wasm: Path) -> None:
    """The same for pyright, in its strict mode; that there is no Python source is the point."""
    run(wasm)
    folder = wasm.parent
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT)], "reportMissingModuleSource": False}
    (folder / "pyrightconfig.json").write_text(json.dumps({**settings, "include": ["*.py*"]}), encoding="utf-8")
    command = [find_node(), str(PYRIGHT), "--pythonpath", sys.executable, "--outputjson", "--project", str(folder)]
    lines = []
    for program in (RIGHT, WRONG):
        (folder / "program.py").write_text(program, encoding="utf-8")
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        lines.append([each["range"]["start"]["line"] + 1 for each in json.loads(done.stdout)["generalDiagnostics"]])
    assert lines == [[], [4]]  # pyright does not look at what is assigned to members of modules


def test_stubs_are_formatted(wasm: Path) -> None:
    """Formatters leave them alone."""
    run(wasm)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(wasm.with_suffix(".pyi"))]
    assert subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stdout == ""


def test_the_stubs_of_the_examples_are_up_to_date() -> None:
    """`stubs/` holds what the command makes of the examples; if not, run it without --check."""
    assert IMPORTED
    assert run(*IMPORTED, "-o", ROOT / "stubs", "--check").output == ""
    assert [path.stem for path in sorted((ROOT / "stubs").iterdir())] == [path.stem for path in IMPORTED]


def make_package(wasm: Path, name: str) -> Path:
    """A package beside the binary that has the binary too."""
    folder = wasm.parent / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / wasm.name).write_bytes(wasm.read_bytes())
    return folder / wasm.name


def test_binaries_of_packages(wasm: Path, tmp_path: Path) -> None:
    """A folder of stubs has the folders of packages, so that binaries of one name have stubs of their own."""
    first = make_package(wasm, "first")
    inner = make_package(wasm, "first/inner")
    arguments = (wasm, first, inner, first, "-o", tmp_path / "stubs")
    assert run(*arguments).output == ""
    made = sorted(path.relative_to(tmp_path / "stubs").as_posix() for path in (tmp_path / "stubs").rglob("*.pyi"))
    assert made == ["first/inner/sample.pyi", "first/sample.pyi", "sample.pyi"]
    assert run(*arguments, "--check").exit_code == 0


def test_mypy_knows_the_module_of_a_package(wasm: Path) -> None:
    """The package's own files are found as before, its binary by the stub."""
    binary = make_package(wasm, "first")
    (binary.parent / "plain.py").write_text("NUMBER = 5\n", encoding="utf-8")
    run(binary, "-o", wasm.parent / "stubs")
    program = RIGHT.replace("import sample", "import first.plain\nimport first.sample as sample")
    program = f"{program}\nassert_type(first.plain.NUMBER, int)\n"
    assert mypy(wasm.parent, program, wasm.parent / "stubs") == "Success: no issues found in 1 source file\n"


def test_two_binaries_for_one_stub(wasm: Path, tmp_path: Path) -> None:
    """Nothing is written where one stub would replace another."""
    other = tmp_path / "other" / wasm.name
    other.parent.mkdir()
    other.write_bytes(wasm.read_bytes())
    result = run(wasm, other, "-o", tmp_path / "stubs")
    assert result.exit_code == 2
    stub = tmp_path / "stubs" / "sample.pyi"
    assert result.output.startswith(f"Error: {wasm} and {other} would have the same stub file, {stub}\n  fix   ")
    assert not stub.exists()


def test_outputs_that_cannot_be_written(wasm: Path, tmp_path: Path) -> None:
    """A file where the folder should be, and a stub that is not UTF-8, are said without a traceback."""
    (tmp_path / "file").touch()
    inner = run(wasm, "-o", tmp_path / "file")
    assert inner.exit_code == 2
    assert inner.output.startswith(f"Error: {tmp_path / 'file' / 'sample.pyi'}: cannot be read: Not a directory")
    wasm.with_suffix(".pyi").write_bytes(b"\xff")
    result = run(wasm, "--check")
    assert result.exit_code == 2
    assert "sample.pyi: is not UTF-8: invalid start byte at byte 0" in result.output
