"""The pytest plugin as its users have it: pytest runs on their files, in a process of its own."""

import shutil
from pathlib import Path

import pytest

from tests.compiling import ASSEMBLY, ROOT
from tests.fake_programs import FAIL, path_with_node

pytest_plugins = ["pytester"]

ASC = ASSEMBLY / "node_modules" / "assemblyscript"
PRELUDE = """
# mypy: disable-error-code="empty-body"
from pathlib import Path
import pytest
from wasmbind import AbortError, AscClass, AscModule, Array, BindError, BuildError, Limits, export, host, i32, string
from wasmbind.pytest_plugin import CompileAsc, NoLeaks

ADD = "export function add(a: i32, b: i32): i32 { return a + b }"

class Adder(AscModule):
    def add(self, a: i32, b: i32) -> i32: ...
"""
LINES = '''
SOURCE = """
export class Line { s: string; constructor(s: string) { this.s = s } }
const kept = new Map<string, Line>();
export function line(s: string): Line { return new Line(s) }
export function keep(s: string): void { kept.set(s, new Line(s)) }
"""
KEPT: list[object] = []

class Line(AscClass):
    s: string
    def __init__(self, s: string) -> None: ...

class Lines(AscModule):
    def line(self, s: string) -> Line: ...
    def keep(self, s: string) -> None: ...

@pytest.fixture(scope="module")
def lines(asc: CompileAsc) -> Lines:
    return asc(SOURCE, Lines)
'''


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with the real asc; what it compiles is kept between runs of these tests."""
    monkeypatch.setenv("PATH", path_with_node())
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.delenv("WASMBIND_SKIP", raising=False)
    write_settings(pytester)
    return pytester


def write_settings(project: pytest.Pytester, asc: Path = ASC, cache: Path = ROOT / ".cache" / "plugin") -> None:
    """Write the project's settings, all warnings being errors."""
    project.makeini(
        f"""
        [pytest]
        addopts = --strict-config --strict-markers
        filterwarnings = error
        cache_dir = {cache}
        wasmbind_asc = {asc}
        """
    )


def run(project: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    """Run pytest on a file of tests."""
    project.makepyfile(test_it=tests)
    return project.runpytest_subprocess("-q", "-p", "no:xdist", "-p", "no:hypothesispytest", *arguments)


def printed(result: pytest.RunResult, start: str, end: str) -> list[str]:
    """What pytest printed from a line on to another one, which is left out."""
    lines = result.outlines
    begin = lines.index(start)
    return lines[begin : next(place for place in range(begin, len(lines)) if lines[place].startswith(end))]


def test_compiles(project: pytest.Pytester) -> None:
    """Text and files become instances or paths, with the options and arguments that are given."""
    project.mkdir("assembly").joinpath("index.ts").write_text('export { three } from "./numbers";\n', encoding="utf-8")
    (project.path / "assembly" / "numbers.ts").write_text(
        "export const three_: i32 = 3;\nexport function three(): i32 { return three_ }\n", encoding="utf-8"
    )
    tests = r'''
class Three(AscModule):
    def three(self) -> i32: ...

class Outer(AscModule, start="begin"):
    began: i32

class Node(AscClass):
    next: "Node | None"

class Nodes(AscModule, classes=[Node]):
    """Nothing leads to the class."""

class Logs(AscModule):
    def run(self) -> None: ...
    @host("env", "log")
    def log(self, text: string) -> None:
        raise NotImplementedError(text)

def test_path(asc: CompileAsc) -> None:
    path = asc(ADD)
    assert path.name == "inline.wasm" and path.is_file() and path.with_name("inline.wasm.map").is_file()
    assert asc(ADD) == path and asc(ADD, "-O1") != path and asc(ADD, skip=["A#b"]) != path

def test_instance(asc: CompileAsc) -> None:
    adder = asc(ADD, Adder)
    assert adder.add(1, 2) == 3 and isinstance(adder, Adder) and repr(adder) == "<Adder inline.wasm>"
    other = asc("export function add(a: i32, b: i32): i32 { return a - b }", Adder, "-O1")
    assert other.add(1, 2) == -1 and adder.add(1, 2) == 3
    assert type(asc(ADD, Adder)) is type(adder)

def test_file(asc: CompileAsc) -> None:
    assert asc(Path("assembly/index.ts"), Three).three() == 3
    path = asc(Path(__file__).parent / "assembly" / "numbers.ts")
    assert path.name == "numbers.wasm"

def test_import(asc: CompileAsc) -> None:
    source = 'import { three_ } from "./assembly/numbers"; export function three(): i32 { return three_ }'
    assert asc(source, Three).three() == 3

def test_class_options(asc: CompileAsc) -> None:
    assert asc("export let began: i32 = 0; began = 7;", Outer, "--exportStart", "begin").began == 7
    assert asc("export class Node { next: Node | null = null }", Nodes)[Node] is not None

def test_instance_arguments(asc: CompileAsc) -> None:
    source = """
        @external("env", "log") declare function log(text: string): void;
        export function run(): void { log("x"); while (true) {} }
    """
    seen = []
    module = asc(source, Logs, imports={"env": {"log": seen.append}}, limits=Limits(fuel=1_000_000))
    with pytest.raises(Exception, match="fuel"):
        module.run()
    assert seen == ["x"]

def test_mistakes(asc: CompileAsc) -> None:
    with pytest.raises(BindError, match="Three does not fit inline.wasm"):
        asc(ADD, Three)
    with pytest.raises(ValueError, match="pass Path"):
        asc("index.ts")
    with pytest.raises(BuildError, match=r"there is no missing\.ts\n(.*\n)?.*wasmbind_folder"):
        asc(Path("missing.ts"))
    with pytest.raises(BuildError, match="assembly is a folder"):
        asc(Path("assembly"))
    with pytest.raises(BuildError, match="test_it.py is not AssemblyScript"):
        asc(Path("test_it.py"))
    for _ in range(2):  # nothing of it is kept
        with pytest.raises(BuildError, match="asc does not know --bogus, --other=1\n(.*\n)*.*wasmbind_options"):
            asc(ADD, "--bogus", "--other=1")
        with pytest.raises(BuildError, match="asc wrote no binary of inline.ts"):
            asc(ADD, "--noEmit")
    with pytest.raises(TypeError, match="an AscModule class"):
        asc(ADD, int)
    with pytest.raises(TypeError, match="options of asc as strings"):
        asc(ADD, Adder, 3)
    with pytest.raises(TypeError, match="the text of a source"):
        asc(None)
    with pytest.raises(TypeError, match="takes limits with"):
        asc(ADD, limits=Limits())
    with pytest.raises(TypeError, match="a list of strings"):
        asc(ADD, skip="A#b")
'''
    run(project, PRELUDE + tests).assert_outcomes(passed=7)


def test_missing_folder(project: pytest.Pytester) -> None:
    """A folder that is not there is an error that names the setting, for texts too."""
    tests = "def test_it(asc: CompileAsc) -> None:\n    asc(ADD)\n"
    result = run(project, PRELUDE + tests, "-o", "wasmbind_folder=elsewhere")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*BuildError: there is no folder to compile in", "E*elsewhere", "E*wasmbind_folder*"])


def test_failures_are_shown(project: pytest.Pytester) -> None:
    """A source that does not compile fails with what asc says, one that throws with the line of AssemblyScript."""
    tests = r"""
def test_broken(asc: CompileAsc) -> None:
    asc("export function add(): i32 { return 'one' }", Adder)

def test_throws(asc: CompileAsc) -> None:
    asc("export function add(a: i32, b: i32): i32 {\n  throw new Error('no')\n}", Adder).add(1, 2)
"""
    result = run(project, PRELUDE + tests)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "E       wasmbind.errors.BuildError: asc refused inline.ts",
            "E       ERROR TS2322: Type '~lib/string/String' is not assignable to type 'i32'.",
            "E          └─ in inline.ts(1,37)",
            "test_it.py:*: BuildError",
            "> *throw new Error('no')",
            "inline.ts:2: AbortError",
        ]
    )
    assert "_pytest_asc.py" not in result.stdout.str()


def test_leaks(project: pytest.Pytester) -> None:
    """A marked test fails for what it leaves, whoever holds it, and says of which classes; other failures stay."""
    tests = """
@pytest.mark.no_leaks
def test_clean(lines: Lines) -> None:
    assert lines.line("x").s == lines[Line]("x").s
    cycle = [lines.line("in a cycle")]
    cycle.append(cycle)

@pytest.mark.no_leaks
def test_held(lines: Lines) -> None:
    KEPT.extend(map(lines.line, "abcd"))

def test_unmarked(lines: Lines) -> None:
    KEPT.append(lines.line("x"))
    lines.keep("x")

@pytest.mark.no_leaks
def test_kept(lines: Lines) -> None:
    lines.keep("y")
    lines.keep("z")

@pytest.mark.no_leaks
def test_own_instance(asc: CompileAsc) -> None:
    asc(SOURCE, Lines).keep("y")

@pytest.mark.no_leaks
def test_closed(asc: CompileAsc) -> None:
    with asc(SOURCE, Lines) as module:
        module.keep("y")

@pytest.mark.no_leaks
def test_wrong(lines: Lines) -> None:
    KEPT.append(lines.line("wrong"))
    assert not KEPT

def test_block(lines: Lines, no_leaks: NoLeaks) -> None:
    lines.keep("before")
    with no_leaks():
        lines.line("x")
    with no_leaks():
        KEPT.append(lines.line("in the block"))
"""
    result = run(project, PRELUDE + LINES + tests)
    result.assert_outcomes(passed=3, failed=5)
    fix = "  fix  what is kept on purpose is made before: in a fixture, or outside `with no_leaks():`"
    assert printed(result, "test_held leaves AssemblyScript objects alive", "____") == [
        "test_held leaves AssemblyScript objects alive",
        "  Lines: Python still holds 4 Line",
        "    Line(s='a')",
        "    Line(s='b')",
        "    Line(s='c')",
        "    and 1 more",
        "  Lines: with what these refer to, there are more objects in the module: 4 Line, 4 string",
        fix,
    ]
    assert printed(result, "test_kept leaves AssemblyScript objects alive", "____") == [
        "test_kept leaves AssemblyScript objects alive",
        "  Lines: there are more objects in the module: 2 Line, 2 string",
        fix,
    ]
    assert printed(result, "test_own_instance leaves AssemblyScript objects alive", "____") == [
        "test_own_instance leaves AssemblyScript objects alive",
        "  Lines: there are more objects in the module: 1 Line, 1 string",
        fix,
    ]
    assert printed(result, "the block leaves AssemblyScript objects alive", "====") == [
        "the block leaves AssemblyScript objects alive",
        "  Lines: Python still holds 1 Line",
        "    Line(s='in the block')",
        "  Lines: with what these refer to, there are more objects in the module: 1 Line, 1 string",
        fix,
    ]
    assert "test_wrong leaves" not in result.stdout.str()


def test_kept_results(project: pytest.Pytester) -> None:
    """What was compiled is not compiled again, by another run either; what changes is, imported files included."""
    compiler = project.path / "compiler"
    compiler.symlink_to(ASC)
    cache = project.path / "cache"
    write_settings(project, compiler, cache)
    (project.path / "inner.ts").write_text("export const one: i32 = 1;\n", encoding="utf-8")
    tests = """
def test_it(asc: CompileAsc) -> None:
    source = 'export { one } from "./inner"; export function add(a: i32, b: i32): i32 { return a + b }'
    assert asc(source, Adder).add(1, 2) == 3
"""
    run(project, PRELUDE + tests).assert_outcomes(passed=1)
    compiler.unlink()
    (compiler / "bin").mkdir(parents=True)
    shutil.copyfile(ASC / "package.json", compiler / "package.json")
    (compiler / "bin" / "asc.js").write_text(FAIL, encoding="utf-8")
    run(project, PRELUDE + tests).assert_outcomes(passed=1)
    (project.path / "inner.ts").write_text("export const one: i32 = 2;\n", encoding="utf-8")
    result = run(project, PRELUDE + tests)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E       wasmbind.errors.BuildError: asc refused inline.ts", "E       to stdout"])


def test_settings(project: pytest.Pytester) -> None:
    """The folder, its asc, its packages and the options come from the settings; no cache of pytest's is needed."""
    project.makeini("[pytest]\nwasmbind_folder = source\nwasmbind_options = --use four=4")
    packages = project.mkdir("source") / "node_modules"
    (packages / "numbers" / "assembly").mkdir(parents=True)
    (packages / "numbers" / "assembly" / "index.ts").write_text("export const three: i32 = 3;\n", encoding="utf-8")
    (packages / "assemblyscript").symlink_to(ASC)
    tests = """
class Seven(AscModule):
    def seven(self) -> i32: ...

def test_it(asc: CompileAsc) -> None:
    source = 'import { three } from "numbers/assembly"; export function seven(): i32 { return three + four }'
    assert asc(source, Seven).seven() == 7
"""
    run(project, PRELUDE + tests, "-p", "no:cacheprovider").assert_outcomes(passed=1)
    assert not (project.path / ".pytest_cache").exists()


def test_costs_nothing_unused(project: pytest.Pytester) -> None:
    """Until a test uses it, nothing of wasmbind is loaded but the plugin; pytest does not rewrite what is loaded."""
    tests = """
import importlib, sys

def test_it():
    assert {name for name in sys.modules if name.startswith("wasm")} == {"wasmbind", "wasmbind.pytest_plugin"}

def test_bytecode():
    assert type(importlib.import_module("wasmbind._layout").__loader__).__name__ == "SourceFileLoader"
"""
    run(project, tests).assert_outcomes(passed=2)


def test_explains_itself(project: pytest.Pytester) -> None:
    """Pytest lists the marker, the fixtures and the options with what they do."""
    result = project.runpytest_subprocess("--markers", "-p", "no:xdist")
    result.stdout.fnmatch_lines(["@pytest.mark.no_leaks: fail a test that leaves AssemblyScript objects alive*"])
    result = project.runpytest_subprocess("--fixtures", "-p", "no:xdist")
    result.stdout.fnmatch_lines(["asc [[]session scope[]]*", "*Compile AssemblyScript*", "no_leaks*"])
    result = project.runpytest_subprocess("--help", "-p", "no:xdist")
    result.stdout.fnmatch_lines(["*wasmbind_folder*", "*wasmbind_asc*", "*wasmbind_options*"])
