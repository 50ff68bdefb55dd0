"""Checking source files finds what binding finds, for declarations right and wrong, and with every kind of binary."""

import enum
import importlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.compiling import ROOT, compile_asc
from tests.integration import wrong_module
from wasmbind import AscModule, BindError, DeclarationError
from wasmbind import _descriptors as d
from wasmbind._annotations import is_template
from wasmbind._checking import DECLARATION, MISMATCH, Finding, _read, check_file, check_module
from wasmbind._declared import declaration_of
from wasmbind._static import StaticLoader, StaticModule
from wasmbind._static.finding import SourceFinder
from wasmbind._verification import Verification
from wasmbind.errors import Mismatch

HERE = Path(__file__).parent
SOURCES = sorted(
    [
        *(ROOT / "tests" / "typing").glob("right_*.py"),
        *HERE.glob("*_module.py"),
        *HERE.glob("test_binding*.py"),
        *HERE.glob("test_schema_*.py"),
        *(ROOT / "tests" / "unit").glob("test_annotation*.py"),
        *(ROOT / "tests" / "unit").glob("test_declarations*.py"),
        *(ROOT / "tests" / "unit").glob("test_generics*.py"),
        ROOT / "tests" / "codegen" / "declared.py",
        ROOT / "tests" / "unit" / "generic_classes.py",
        ROOT / "examples" / "quickstart.py",
        ROOT / "examples" / "plugins" / "newsroom.py",
    ]
)
DECLARING = [source for source in SOURCES if "(AscModule" in source.read_text(encoding="utf-8")]
#: Compares with what each declaration was written for, and with what it was not.
BINARIES: dict[str, Callable[[], Path]] = {
    "transformed": lambda: compile_asc(Path("features.ts"), transform=True),
    "stock": lambda: compile_asc(Path("features.ts")),
    "classic": lambda: compile_asc("export class Line { s: string = ''; }\n", compiler="classic"),
    "quickstart": lambda: ROOT / "examples" / "quickstart.wasm",
    "wrong": lambda: compile_asc(wrong_module.BINARY.source, transform=True),
}
Outcome = list[Mismatch] | str


def loader_for(file: Path) -> tuple[StaticLoader, StaticModule, str]:
    """A loader, what it makes of a file of this repository, and the file's name for Python."""
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    loader = StaticLoader(SourceFinder([ROOT]))
    return loader, loader.load(file, name), name


def outcome(cls: type[Any], binary: Path) -> Outcome:
    """What binding a module class to a binary finds: mismatches, or what is wrong with the declaration."""
    try:
        return Verification(cls, _read(cls, binary), getattr(cls, "__asc_classes__", ())).mismatches
    except DeclarationError as error:
        return str(error)


def members(cls: type[Any]) -> object:
    """All that a class declares, in words."""
    try:
        found = declaration_of(cls)
    except DeclarationError as error:
        return str(error)
    fields = [(each.name, each.export, d.describe(each.type), repr(each.default)) for each in found.fields]
    functions = [
        (each.name, each.export, each.kind, [(p.name, d.describe(p.type), p.optional) for p in each.parameters])
        for each in found.functions
    ]
    places = [(each.where, d.describe(each.result)) for each in found.functions]
    return found.export, fields, functions, places, [(each.module, each.name, each.has_body) for each in found.hosts]


def inside(module: object, qualname: str) -> Any:
    """A class of an imported module, by its qualified name."""
    for part in qualname.split("."):
        module = getattr(module, part)
    return module


@pytest.mark.parametrize("source", DECLARING, ids=lambda source: source.stem)
def test_same_as_binding(source: Path) -> None:
    """For each module class of a file, checking finds what binding does, whichever binary it is compared with."""
    _, module, name = loader_for(source)
    running = importlib.import_module(name)
    own = [each for each in vars(running).values() if isinstance(each, type) and issubclass(each, AscModule)]
    own = [each for each in own if each.__module__ == name]
    assert [cls.__qualname__ for cls in module.modules] == [cls.__qualname__ for cls in own]
    left_out = [each.who for each in module.left_out if "<locals>" not in each.who]
    assert (left_out, module.errors, module.unreadable) == ([], [], None)
    for cls in module.classes:
        if not is_template(cls):
            assert members(cls) == members(inside(running, cls.__qualname__))
    for cls in module.modules:
        for make in BINARIES.values():
            assert outcome(cls, make()) == outcome(inside(running, cls.__qualname__), make())


def test_the_cases_are_there() -> None:
    """The files that are compared declare most of what there is, and most binaries are wrong for them."""
    assert len(DECLARING) > 30
    found = [
        mismatch
        for source in DECLARING[::4]
        for cls in loader_for(source)[1].modules
        for mismatch in outcome(cls, ROOT / "examples" / "quickstart.wasm")
    ]
    assert len(found) > 100


@pytest.fixture(scope="module")
def wrong() -> tuple[list[Finding], BindError]:
    """What checking and binding say of the declarations that are wrong in every way there is."""
    loader, module, name = loader_for(HERE / "wrong_module.py")
    with pytest.raises(BindError) as caught:
        wrong_module.Wrong()
    return check_file(loader, module.path, name, BINARIES["wrong"]()), caught.value


def test_wrong_declarations(wrong: tuple[list[Finding], BindError]) -> None:
    """Every mismatch of binding is a finding, in the same words and at the same place."""
    findings, error = wrong
    assert len(findings) == len(error.mismatches)
    for finding, mismatch in zip(findings, error.mismatches, strict=True):
        assert (finding.who, finding.declared, finding.found, finding.fix) == (
            mismatch.who,
            mismatch.declared,
            mismatch.found,
            mismatch.fix,
        )
        assert finding.code == MISMATCH
        assert finding.message == f"{mismatch.who}: declared {mismatch.declared}, found {mismatch.found}"
        if mismatch.where is not None:
            assert f"{finding.file}:{finding.line}" == mismatch.where


def test_places_of_enums(wrong: tuple[list[Finding], BindError]) -> None:
    """Members of enums are found where they stand in the source."""
    findings, _ = wrong
    lines = (HERE / "wrong_module.py").read_text(encoding="utf-8").splitlines()
    shown = {finding.who: lines[finding.line - 1].strip() for finding in findings if "Level" in finding.who}
    assert shown
    assert all(each.where is not None for each in wrong[1].mismatches if each.who in shown)
    for who, line in shown.items():
        name = who.partition(".")[2]
        assert line.startswith((f"{name} =", "class Level"))


SOURCE = """
export class Line { s: string; constructor(s: string) { this.s = s; } }
export enum Color { Red, Green }
export function first(): Line { return new Line("a"); }
export function paint(color: Color): Color { return color; }
"""
APP = """
import enum
from lines import Line
from wasmbind import AscModule, i32

class Color(enum.IntEnum):
    Red = 0
    Green = 5

class Files(AscModule, wasm="app.wasm"):
    def first(self) -> Line: ...
    def paint(self, color: Color) -> Color: ...
"""
LINES = """
from wasmbind import AscClass, i32, string

class Line(AscClass):
    s: i32
    def __init__(self, s: string) -> None: ...
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with declarations in two files and their binary, as the working directory."""
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "lines.py").write_text(LINES)
    shutil.copy(compile_asc(SOURCE, transform=True), tmp_path / "app.wasm")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(project: Path, binary: Path | None = None) -> list[Finding]:
    """The findings of a new loader."""
    return check_file(StaticLoader(SourceFinder([project])), project / "app.py", "app", binary)


def test_findings(project: Path) -> None:
    """A finding says where, who, declared, found and fix; it may stand in another file."""
    color, line = sorted(checked(project), key=lambda finding: finding.file)
    assert line == Finding(
        file="lines.py",
        line=5,
        code=MISMATCH,
        who="Line.s",
        declared="i32",
        found=line.found,
        fix=line.fix,
        message=f"Line.s: declared i32, found {line.found}",
    )
    assert "string" in line.found
    assert "annotate" in line.fix
    assert (color.file, color.line, color.who) == ("app.py", 8, "Color.Green")


def test_a_changed_binary(project: Path) -> None:
    """Each check reads the binary anew, and the sources with a new loader."""
    loader = StaticLoader(SourceFinder([project]))
    assert len(check_file(loader, project / "app.py", "app")) == 2
    right = SOURCE.replace("Red, Green", "Red, Green = 5").replace("s: string; con", "s: i32 = 0; con")
    shutil.copy(compile_asc(right.replace("this.s = s", ""), transform=True), project / "app.wasm")
    assert check_file(loader, project / "app.py", "app") == []


def test_another_binary(project: Path) -> None:
    """A binary that is given is used in place of what `wasm=` says."""
    other = compile_asc("export function first(): i32 { return 1; }", transform=True)
    assert "Files.first -> result" in {finding.who for finding in checked(project, other)}


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (None, DECLARATION, "Files: cannot read {folder}/app.wasm: No such file or directory"),
        (b"no binary", DECLARATION, "Files: app.wasm is no WebAssembly module: it does not start with "),
        (b"", DECLARATION, "Files: app.wasm is no WebAssembly module: it does not start with "),
        (b"\0asm\1\0\0\0\0\x0a\x08wasmbind{", MISMATCH, "Files: declared a schema that this wasmbind can read, found "),
    ],
)
def test_binaries_that_are_none(project: Path, content: bytes | None, code: str, message: str) -> None:
    """A binary that is missing or cannot be read is a finding at the class that names it, with what to do."""
    (project / "app.wasm").unlink()
    if content is not None:
        (project / "app.wasm").write_bytes(content)
    (finding,) = checked(project)
    assert (finding.file, finding.line, finding.code) == ("app.py", 10, code)
    assert finding.message.startswith(message.format(folder=project))
    loader = StaticLoader(SourceFinder([project]))
    assert check_module(loader.load(project / "app.py", "app")).modules == 0
    assert finding.fix


def test_devices_are_not_read(project: Path) -> None:
    """What is no file, and might never end, is not read."""
    (project / "app.wasm").unlink()
    (project / "app.wasm").mkdir()
    (finding,) = checked(project)
    assert finding.message.endswith("app.wasm: it is no file")


def test_wrong_declarations_of_any_binary(project: Path) -> None:
    """Declarations that fit no binary are all told, each once, with their places."""
    app = "from wasmbind import *\nclass Line(AscClass):\n    s: int\nclass Files(AscModule, wasm='app.wasm'):\n"
    app += "    def first(self) -> Line: ...\n    def paint(self, color) -> i32: ...\n"
    (project / "app.py").write_text(app + "class Bad(AscModule):\n    def __init__(self) -> None: ...\n")
    found = {(each.code, each.line, each.who) for each in checked(project)}
    assert found == {
        (DECLARATION, 3, "Line.s"),
        (DECLARATION, 6, "Files.paint(color)"),
        (DECLARATION, 7, "Bad.__init__"),
    }
    assert all(each.declared == "" and each.fix for each in checked(project))


def test_what_was_not_checked(project: Path) -> None:
    """Classes without a known binary, and members that are not known, are told apart from what fits."""
    app = "from wasmbind import *\nfrom elsewhere import Thing, path\n"
    app += "class A(AscModule): ...\nclass B(AscModule, wasm=path): ...\n"
    app += "class C(AscModule, wasm='app.wasm'):\n    def first(self) -> Thing: ...\n"
    (project / "app.py").write_text(app)
    loader = StaticLoader(SourceFinder([project]))
    result = check_module(loader.load(project / "app.py", "app"))
    assert (result.modules, result.findings) == (1, [])
    assert [(each.file, each.line, each.who) for each in result.not_checked] == [
        ("app.py", 3, "A"),
        ("app.py", 4, "B"),
        ("app.py", 6, "C.first"),
    ]


def test_unreachable_meaning(project: Path) -> None:
    """A module with a class whose type arguments nobody knows is not checked, and says why."""
    app = "from wasmbind import *\nfrom elsewhere import Thing\nfrom typing import Generic, TypeVar\nT = TypeVar('T')\n"
    app += "class Box(AscClass, Generic[T]): ...\nclass Thing2(Box['Thing']): ...\n"
    app += "class C(AscModule, wasm='app.wasm', classes=[Thing2]): ...\n"
    (project / "app.py").write_text(app)
    loader = StaticLoader(SourceFinder([project]))
    result = check_module(loader.load(project / "app.py", "app"))
    assert (result.modules, result.findings) == (0, [])
    reason = "what elsewhere.Thing is cannot be known without running it"
    assert {each.reason for each in result.not_checked} == {reason}


def twenty_classes() -> tuple[str, str]:
    """AssemblyScript and declarations of twenty classes, each with seven fields and seven members."""
    source, app = [], ["from __future__ import annotations", "from wasmbind import AscClass, AscModule, i32, string"]
    for index in range(20):
        fields = "".join(f" f{j}: i32 = 0;" for j in range(6))
        methods = "".join(f" m{j}(a: i32, b: string, c: C{index} | null): string {{ return b; }}" for j in range(6))
        source.append(
            f"export class C{index} {{{fields} next: C{(index + 1) % 20} | null = null; constructor() {{}}{methods} }}"
        )
        source.append(f"export function make{index}(): C{index} {{ return new C{index}(); }}")
        app += [
            f"class C{index}(AscClass):",
            *(f"    f{j}: i32" for j in range(6)),
            f"    next: C{(index + 1) % 20} | None",
        ]
        app.append("    def __init__(self) -> None: ...")
        app += [f"    def m{j}(self, a: i32, b: string, c: C{index} | None) -> string: ..." for j in range(6)]
    app += ["class M(AscModule, wasm='app.wasm'):", *(f"    def make{i}(self) -> C{i}: ..." for i in range(20))]
    return "\n".join(source), "\n".join(app)


def test_speed(project: Path) -> None:
    """Twenty classes are checked in less than a tenth of a second, from reading the file to the last comparison."""
    source, app = twenty_classes()
    (project / "app.py").write_text(app)
    shutil.copy(compile_asc(source, transform=True), project / "app.wasm")
    times = []
    for _ in range(10):
        start = time.process_time()
        assert checked(project) == []
        times.append(time.process_time() - start)
    assert min(times) < 0.1


def test_enums_stay_enums(project: Path) -> None:
    """The enums that checking makes are Python's own, with the members of the source."""
    color = StaticLoader(SourceFinder([project])).load(project / "app.py", "app").member("Color")
    assert issubclass(color, enum.IntEnum)
    assert color["Green"] == 5
