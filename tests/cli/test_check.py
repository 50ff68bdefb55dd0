"""`wasmbind check`: what it prints, what it exits with, and what it never does."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.compiling import ROOT, compile_asc
from wasmbind.cli.check import check_files, find_files
from wasmbind.cli.group import Failure, group

ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
SOURCE = "export class Line { s: string = ''; size: i32 = 0; }\nexport function first(): Line { return new Line(); }\n"
RIGHT = """\
from wasmbind import AscClass, AscModule, i32, string

class Line(AscClass):
    s: string
    size: i32

class Files(AscModule, wasm="files.wasm"):
    def first(self) -> Line: ...
"""
WRONG = RIGHT.replace("size: i32", "size: string")
BAD = RIGHT.replace("s: string", "s: int")
#: What would show if somebody imported it.
POISON = "raise SystemExit('imported')\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a package of right declarations and their binary, as the working directory."""
    package = tmp_path / "src" / "app"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(POISON)
    (package / "files.py").write_text(POISON.replace("raise", "if TYPE:\n    raise") + RIGHT)
    shutil.copy(compile_asc(SOURCE, transform=True), package / "files.wasm")
    monkeypatch.chdir(tmp_path)
    return package


def run(*arguments: str) -> Result:
    """Run the command as a shell would."""
    return CliRunner().invoke(group, ["check", *arguments])


def wrong(project: Path) -> int:
    """Make the declarations wrong, and return the line that is."""
    (project / "files.py").write_text(WRONG)
    return WRONG.splitlines().index("    size: string") + 1


@pytest.mark.parametrize(
    "target", ["src/app/files.py", "src/app", "src", ".", "app.files", "app", "src/app/../app/files.py"]
)
def test_all_fits(project: Path, target: str) -> None:
    """A file, a folder and a module by name are found, in `src` too; what fits exits with 0."""
    assert project.is_dir()
    result = run(target)
    files = 1 if "files" in target else 2
    assert result.output == f"0 mismatches; 1 module class in {files} file{'s' * (files > 1)} checked\n"
    assert result.exit_code == 0


def test_mismatches(project: Path) -> None:
    """Each finding is a block: place, code, who, declared, found, and then the fix; the status is 1."""
    line = wrong(project)
    result = run("app.files")
    first, fix, *others, last = result.output.splitlines()
    file = Path("src", "app", "files.py")
    assert first.startswith(f"{file}:{line}: [wasmbind-mismatch] Line.size: declared string, found ")
    assert fix.startswith("    fix: annotate")
    assert others == []
    assert last == "1 mismatch; 1 module class in 1 file checked"
    assert result.exit_code == 1


def test_wrong_declarations(project: Path) -> None:
    """A declaration that fits no binary is a finding of another code."""
    (project / "files.py").write_text(BAD)
    result = run("app.files")
    assert "files.py:4: [wasmbind-declaration] Line.s: int has no width\n    fix: write i32" in result.output
    assert result.output.endswith("\n0 mismatches, 1 wrong declaration; 1 module class in 1 file checked\n")
    assert result.exit_code == 1


def test_another_binary(project: Path, tmp_path: Path) -> None:
    """A binary on the command line is compared in place of what `wasm=` names."""
    other = shutil.copy(compile_asc(SOURCE.replace("i32", "f64"), transform=True), tmp_path / "other.wasm")
    (project / "files.py").write_text(RIGHT.replace(', wasm="files.wasm"', ""))
    nothing = run("app.files")
    assert nothing.exit_code == 2
    assert "not checked: Files: it names no binary" in nothing.output
    assert "nothing to check in app.files: no AscModule class whose binary is known" in nothing.output
    assert run("app.files", str(project / "files.wasm")).exit_code == 0
    result = run("app.files", str(other))
    assert result.exit_code == 1
    assert "Line.size: declared i32, found " in result.output


def test_some_are_not_checked(project: Path) -> None:
    """A class whose binary is not known is listed; it is no failure while others are checked."""
    (project / "files.py").write_text(f"{RIGHT}\nclass Other(AscModule, wasm=find()):\n    ...\n")
    result = run("app.files")
    assert result.exit_code == 0
    assert "files.py:10: not checked: Other: what wasm= gives cannot be known without running code" in result.output
    assert result.output.endswith("0 mismatches; 1 module class in 1 file checked, 1 not checked\n")


def test_classes_that_no_module_reaches(project: Path) -> None:
    """What is wrong with a class by itself is found, whether or not a module uses it."""
    (project / "files.py").write_text(f"{RIGHT}\nclass Alone(AscClass):\n    size: int\n")
    result = run("app.files")
    assert "files.py:11: [wasmbind-declaration] Alone.size: int has no width\n" in result.output
    assert result.exit_code == 1


def test_strict(project: Path) -> None:
    """With --strict, anything that is not checked is a failure, which says so."""
    assert run("app.files", "--strict").exit_code == 0
    (project / "files.py").write_text(f"{RIGHT}\ndef f():\n    class Inner(AscClass):\n        size: i32\n")
    assert run("app.files").exit_code == 0
    result = run("app.files", "--strict")
    assert "files.py:11: not checked: f.<locals>.Inner: it is made when a function runs\n" in result.output
    assert result.output.endswith("1 file checked, 1 not checked (a failure, because of --strict)\n")
    assert result.exit_code == 1
    found = json.loads(run("app.files", "--strict", "--json").output)
    assert (found["strict"], len(found["not_checked"])) == (True, 1)


@pytest.mark.parametrize(
    ("name", "content", "fix"),
    [
        ("files.ts", b"export function f(): void {}", "compile it, `wasmbind build files.ts`, and give the .wasm"),
        ("empty.wasm", b"", "compile it again with asc"),
        ("notes.txt", b"text", "give a .wasm that asc has written"),
    ],
)
def test_no_binary(project: Path, tmp_path: Path, name: str, content: bytes, fix: str) -> None:
    """A file that is no binary is one error on the command line, and a wrong declaration where one names it."""
    (tmp_path / name).write_bytes(content)
    result = run("app.files", name)
    problem = "is no WebAssembly module: it does not start with the WebAssembly magic number"
    assert result.output == f"Error: {name} {problem}\n  fix  {fix}\n"
    assert result.exit_code == 2
    (project / "files.py").write_text(RIGHT.replace("files.wasm", str(tmp_path / name)))
    result = run("app.files")
    assert f"files.py:7: [wasmbind-declaration] Files: {name} {problem}\n    fix: {fix}\n" in result.output
    assert result.exit_code == 1


def test_unreadable_files(project: Path) -> None:
    """A file that is no Python is told with its line; the status is 2 if nothing else is wrong, else 1."""
    (project / "broken.py").write_text("x = 1\nclass (\n")
    result = run("app")
    assert result.exit_code == 2
    assert "broken.py:2: not read: invalid syntax\n" in result.output
    assert result.output.endswith("0 mismatches; 1 module class in 3 files checked, 1 not read\n")
    wrong(project)
    assert run("app").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["n" * 300], "n: no such file, folder or module"),
        (["nowhere"], "nowhere: no such file, folder or module"),
        (["src/app/nowhere.py"], "src/app/nowhere.py: no such file, folder or module"),
        (["src/app/files.wasm"], "src/app/files.wasm is no Python file; name the declarations first"),
        (["app.files", "nowhere.wasm"], "nowhere.wasm: no such file; build it first"),
        (["."], "nothing to check in .: no AscModule class whose binary is known"),
        ([], "Missing argument 'TARGET'"),
    ],
)
def test_nothing_to_check(project: Path, arguments: list[str], message: str) -> None:
    """What cannot be checked says why, and exits with 2."""
    (project / "files.py").write_text("")
    result = run(*arguments)
    assert message in result.output
    assert result.exit_code == 2


def test_json(project: Path) -> None:
    """`--json` prints one object, of the form that the documentation gives."""
    line = wrong(project)
    (project / "broken.py").write_text("class (\n")
    result = run("app", "--json")
    found: dict[str, Any] = json.loads(result.output)
    file = str(Path("src", "app", "files.py"))
    (finding,) = found["findings"]
    assert found == {
        "version": 1,
        "target": "app",
        "files": 3,
        "modules": 1,
        "findings": [finding],
        "not_checked": [],
        "strict": False,
        "unreadable": [{"file": str(Path("src", "app", "broken.py")), "line": 1, "reason": "invalid syntax"}],
    }
    assert finding == {
        "file": file,
        "line": line,
        "code": "wasmbind-mismatch",
        "who": "Line.size",
        "declared": "string",
        "found": finding["found"],
        "fix": finding["fix"],
        "message": f"Line.size: declared string, found {finding['found']}",
    }
    assert result.exit_code == 1


def test_classes_of_two_modules_are_told_once(project: Path) -> None:
    """A class that two modules share has its mismatches once, in a file that is checked by itself too."""
    wrong(project)
    (project / "more.py").write_text(
        "from app.files import Files, Line\nfrom wasmbind import AscModule\n"
        "class More(AscModule, wasm='files.wasm'):\n    def first(self) -> Line: ...\n"
    )
    result = run("app")
    assert result.output.count("Line.size") == 1
    assert result.output.endswith("1 mismatch; 2 module classes in 3 files checked\n")


@pytest.mark.parametrize("color", [True, False])
def test_colours(project: Path, color: bool) -> None:
    """A terminal gets colours, a pipe plain text."""
    wrong(project)
    result = CliRunner().invoke(group, ["check", "app"], color=color)
    assert ("\x1b[" in result.output) is color


def test_control_characters_are_replaced(project: Path) -> None:
    """What a source or binary has in its names does nothing to a terminal."""
    poisoned = (
        "from wasmbind import export\n"
        "class Other(AscModule, wasm='files.wasm'):\n    @export('\\x1b[31m\\ud800\\n')\n    def f(self) -> i32: ...\n"
    )
    (project / "files.py").write_text(RIGHT + poisoned)
    result = run("app")
    assert "Other.f: declared \N{REPLACEMENT CHARACTER}[31m" in result.output
    assert "\x1b" not in result.output
    assert result.exit_code == 1


def test_findings_are_in_order(project: Path) -> None:
    """Findings are told in the order of their places."""
    (project / "files.py").write_text(
        WRONG.replace("-> Line", "-> i32").replace("def first", "size: i32\n    def first")
    )
    lines = [int(line.split(":")[1]) for line in run("app").output.splitlines() if "[wasmbind" in line]
    assert lines == sorted(lines)
    assert len(lines) > 1


def test_runs_and_loads_nothing(project: Path) -> None:
    """Neither the declarations nor wasmtime are imported, whatever is checked."""
    program = (
        "import sys, wasmbind.cli\nsys.argv = ['wasmbind', 'check', 'app']\n"
        "try:\n    wasmbind.cli.main()\n"
        "except SystemExit as end:\n"
        "    print(end.code, [m for m in sys.modules if m in ('app', 'app.files', 'wasmtime')])\n"
    )
    wrong(project)
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, env=ENVIRON, capture_output=True, encoding="utf-8", check=False)
    assert done.stdout.splitlines()[-1] == "1 []"
    assert done.stderr == ""


def test_targets(project: Path) -> None:
    """Files are found in the order of their names; what is no target says so."""
    (project / "inner").mkdir()
    (project / "inner" / "more.py").touch()
    relative = [str(file.relative_to(project)) for file in find_files(str(project))]
    assert relative == ["__init__.py", "files.py", str(Path("inner", "more.py"))]
    assert find_files("app.inner.more") == [project / "inner" / "more.py"]
    assert find_files("app.inner") == [project / "inner" / "more.py"]
    with pytest.raises(Failure):
        find_files("app.nowhere")
    assert check_files([]).status == 2


def test_the_hook_is_this_command() -> None:
    """The definition for pre-commit names a command that there is, and checks when binaries change too."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    assert {"entry: wasmbind check", r"files: \.(py|wasm)$", "pass_filenames: false"} <= set(lines)
