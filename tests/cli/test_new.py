"""`wasmbind new`: the package that it makes is green at once, and its wheel works where nothing else is."""

import importlib.metadata
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.compiling import ROOT
from tests.fake_programs import FAIL, path_with_node, put_asc
from tests.integration.test_docs import CHECKS, checked
from tests.packages import build, clean_environment, put_compiler, pyright, run, succeed, type_errors
from wasmbind._new.names import project_names
from wasmbind._new.project import TAKEN, template_files
from wasmbind.cli.group import group

FILES = {
    ".github/workflows/ci.yml",
    ".gitignore",
    "README.md",
    "assembly/index.ts",
    "pyproject.toml",
    "src/demo/__init__.py",
    "src/demo/_declarations.py",
    "src/demo/demo.wasm",
    "src/demo/demo.wasm.map",
    "src/demo/py.typed",
    "tests/test_demo.py",
}

PROGRAM = '''
"""Uses the package as its users do."""

from demo import Demo, Tally, top_word

with Demo() as module:
    counted: Tally = module.tally("to be or not to be")
    times: int = counted.add("be", 2)
    print(times, counted.total, counted.top, Tally().top, top_word("a b b"))
'''
MISTAKES = """
from demo import Demo, Tally

with Demo() as module:
    module.tally(3)
    Tally().add("be", "2")
    Tally().top.upper()
"""


def wasmbind(*arguments: str) -> Result:
    """Run `wasmbind new`."""
    return CliRunner().invoke(group, ["new", *arguments], prog_name="wasmbind")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package that `wasmbind new demo` makes."""
    folder = tmp_path_factory.mktemp("new")
    put_compiler(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("PATH", path_with_node())
        result = wasmbind("demo")
    assert result.exit_code == 0, result.output
    assert set(result.stdout.splitlines()) == {str(Path("demo", file)) for file in FILES}
    assert "pip install -e . --group dev" in result.stderr
    return folder / "demo"


def test_files(demo: Path) -> None:
    """All files are there, nothing else is, and no mark of the template is left in them."""
    assert {file.relative_to(demo).as_posix() for file in demo.rglob("*") if file.is_file()} >= FILES
    assert [file.name for file in demo.parent.iterdir() if file.name.startswith(".")] == []
    for place in FILES - {"src/demo/demo.wasm", "src/demo/demo.wasm.map"}:
        text = (demo / place).read_text(encoding="utf-8")
        assert not any(f"@{mark}@" in text for mark in ("name", "package", "class", "version"))
    assert f'"wasmbind>={importlib.metadata.version("wasmbind")}"' in (demo / "pyproject.toml").read_text("utf-8")


def test_tests_are_green(demo: Path) -> None:
    """Its tests pass, with warnings as errors."""
    said = succeed(demo, sys.executable, "-m", "pytest", "-q", "-W", "error")
    assert " passed" in said
    assert not any(word in said for word in ("failed", "skipped", "warning"))


def test_readme_is_true(demo: Path) -> None:
    """The program in the README runs, and its remarks are what it computes."""
    block = re.search(r"^```python\n(.*?)^```$", (demo / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert block is not None
    program = checked(block[1])
    assert program.count("says(") == 4
    succeed(demo / "src", sys.executable, "-W", "error", "-c", f"{CHECKS}{program}")


def test_mypy_is_content(demo: Path) -> None:
    """mypy, as pyproject.toml has it, finds nothing."""
    assert succeed(demo, sys.executable, "-m", "mypy").startswith("Success: no issues found in 3 source files")


def test_pyright_is_content(demo: Path) -> None:
    """Pyright in its strict mode finds nothing."""
    assert "0 errors, 0 warnings" in pyright(demo)


def test_is_formatted(demo: Path) -> None:
    """Everything is written as ruff wants it."""
    ruff = [sys.executable, "-m", "ruff"]
    assert run(demo, *ruff, "format", "--check").returncode == 0
    assert succeed(demo, *ruff, "check") == "All checks passed!\n"


def test_the_wheel_needs_nothing_else(demo: Path, tmp_path: Path) -> None:
    """A wheel of it works in a clean environment without Node.js, and its typed API passes mypy there."""
    python = clean_environment(tmp_path / "clean", build(demo, "wheel", tmp_path / "dist"))
    outside = tmp_path / "outside"
    outside.mkdir()
    program, mistakes = outside / "program.py", outside / "mistakes.py"
    program.write_text(PROGRAM, encoding="utf-8")
    mistakes.write_text(MISTAKES, encoding="utf-8")
    assert succeed(outside, str(python), "-W", "error", program.name, path="") == "4 8 be None b\n"
    assert type_errors(python, program) == "Success: no issues found in 1 source file\n"
    assert type_errors(python, mistakes).splitlines()[:-1] == [
        'mistakes.py:5: error: Argument 1 to "tally" of "Demo" has incompatible type "int"; expected "str"  [arg-type]',
        'mistakes.py:6: error: Argument 2 to "add" of "Tally" has incompatible type "str"; expected "int"  [arg-type]',
        'mistakes.py:7: error: Item "None" of "str | None" has no attribute "upper"  [union-attr]',
    ]


@pytest.mark.parametrize(
    ("name", "package", "class_name"),
    [("word-tally", "word_tally", "WordTally"), ("X.y_z2", "x_y_z2", "XYZ2"), ("demo", "demo", "Demo")],
)
def test_names(name: str, package: str, class_name: str) -> None:
    """Package and class are called after the project."""
    names = project_names(name, TAKEN)
    assert (names.project, names.package, names.class_name) == (name, package, class_name)
    assert f"src/{package}/__init__.py" in dict(template_files(names))


@pytest.mark.parametrize("name", ["a" * 28, "x-y-z-2", "word-tally", "demo10", "tally2", "tally10"])
def test_is_formatted_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    """No name makes a line too long, or names unsorted."""
    for place, text in template_files(project_names(name, TAKEN)):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text, encoding="utf-8")
    assert succeed(tmp_path, sys.executable, "-m", "ruff", "check") == "All checks passed!\n"
    succeed(tmp_path, sys.executable, "-m", "ruff", "format", "--check")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("2d", "a package cannot be called '2d'\n"),
        ("a b", "a package cannot be called 'a b'\n"),
        ("-", "a package cannot be called '-'\n"),
        ("größe", "a package cannot be called 'größe'\n"),
        ("a" * 29, f"a package cannot be called '{'a' * 29}'\n"),
        ("class", "class is a word of Python's grammar\n"),
        ("json", "json is a module of Python's own\n"),
        ("WasmBind", "wasmbind is what the package itself needs\n"),
        ("tally", "tally makes a class Tally, and there is another\n"),
    ],
)
def test_names_that_will_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, says: str) -> None:
    """A name that Python or the template cannot have is refused with what to do, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    result = wasmbind("--", name)
    assert result.exit_code == 2
    assert says in result.output
    assert "\n  fix          " in result.output
    assert list(tmp_path.iterdir()) == []


def test_folders_with_something_in_them_are_left_alone(tmp_path: Path) -> None:
    """A folder with files in it, or a file, is refused and left as it is."""
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    for folder, what in ((tmp_path, "is not empty"), (tmp_path / "notes.txt", "is a file")):
        result = wasmbind("demo", "--folder", str(folder))
        assert (result.exit_code, f"{folder} {what}" in result.output) == (2, True)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_an_empty_folder_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--folder` may be a new folder, at any depth, or one that is empty, the working directory too."""
    monkeypatch.setenv("PATH", path_with_node())
    put_asc(tmp_path)
    for folder in ("empty", "here"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for folder in (".", "../empty", str(tmp_path / "some" / "where")):
        result = wasmbind("demo", "--folder", folder)
        assert result.exit_code == 0, result.output
        assert Path(folder, "src", "demo", "demo.wasm").is_file()
        assert str(Path(folder, "pyproject.toml")) in result.stdout.splitlines()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["empty", "here", "node_modules", "some"]


def test_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the module cannot be compiled, nothing is left behind."""
    monkeypatch.setenv("PATH", path_with_node())
    monkeypatch.chdir(tmp_path)
    put_asc(tmp_path, FAIL)
    result = wasmbind("demo")
    assert result.exit_code == 2
    assert result.output.startswith("Error: asc failed with exit status 3")
    assert [file.name for file in tmp_path.iterdir()] == ["node_modules"]


def test_the_template_is_part_of_the_package(tmp_path: Path) -> None:
    """The wheel of wasmbind has the template in it, its hidden files too."""
    wheel = build(ROOT, "wheel", tmp_path / "dist")
    listed = succeed(tmp_path, sys.executable, "-m", "zipfile", "-l", str(wheel))
    for place in (".gitignore.txt", ".github/workflows/ci.yml.txt", "src/@package@/py.typed.txt"):
        assert f"wasmbind/_new/template/{place}" in listed
