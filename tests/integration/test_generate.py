"""What is written for each thing that a schema tells, and that it binds."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.compiling import ROOT, compile_asc
from tests.integration.generate_sample import MEMBERS, SOURCE, STATEMENTS
from wasmbind import Opaque, asdict
from wasmbind._generate import generate, generate_stub
from wasmbind._schema.binary import read_binary


@pytest.fixture(scope="module")
def wasm() -> Path:
    """The binary."""
    return compile_asc(SOURCE, "--enable", "reference-types", transform=True)


@pytest.fixture(scope="module")
def text(wasm: Path) -> str:
    """Its declarations."""
    return generate(read_binary(wasm.read_bytes()), wasm=str(wasm), name="Sample")


@pytest.fixture(scope="module")
def declared(text: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """They, imported as a module."""
    file = tmp_path_factory.mktemp("declared") / "declared_sample.py"
    file.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules[file.stem]


@pytest.fixture(scope="module")
def sample(declared: Any) -> Iterator[Any]:
    """An instance."""

    def log(message: str, values: int) -> int:
        raise AssertionError(message, values)

    module = declared.Sample(imports={"app": {"log": log, "limit": 3}})
    yield module
    module.close()


def statement(text: str, head: str) -> str:
    """A statement of the text, from its first line to the next one that is indented no further."""
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip().startswith(head))
    margin = len(lines[at]) - len(lines[at].lstrip())
    inside = (" " * (margin + 1), " " * margin + ")")
    end = at + 1
    while end < len(lines) and (not lines[end] or lines[end].startswith(inside)):
        end += 1
    return "\n".join(line[margin:] for line in lines[at:end]).rstrip()


def test_deterministic(wasm: Path) -> None:
    """The same binary, the same text."""
    texts = {generate(read_binary(wasm.read_bytes()), wasm="x.wasm") for _ in range(3)}
    assert len(texts) == 1


def test_nothing_loads_wasmtime() -> None:
    """Writing declarations takes nothing that runs modules."""
    program = "import sys, wasmbind._generate.files; print('wasmtime' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("wanted", re.split(r"\n\n(?=class )", STATEMENTS.strip()), ids=lambda text: text.split("(")[0])
def test_classes(text: str, wanted: str) -> None:
    """Each class and enum is declared exactly so."""
    assert statement(text, wanted.partition("(")[0] + "(") == wanted


@pytest.mark.parametrize("wanted", MEMBERS.strip().splitlines())
def test_members_of_the_module(text: str, wanted: str) -> None:
    """Functions, globals, imports and what is left out."""
    assert f"\n    {wanted}\n" in text


def test_long_signatures(text: str) -> None:
    """What does not fit on a line has a line for each parameter."""
    assert statement(text, "def literals(") == (
        "def literals(\n    self,\n    a: i32 = 16,\n    b: u8 = 7,\n    c: f64 = 1.0,\n    d: f32 = -2.5,\n"
        "    e: bool = True,\n    f: string = 'it\"s',\n    g: string | None = None,\n) -> None: ..."
    )
    assert statement(text, "def lists(") == (
        "def lists(\n    self,\n    a: Sequence[i32],\n    b: Sequence[f32],\n    c: Sequence[f64],\n    d: bytes,\n"
        "    e: bytes,\n    f: AbstractSet[string],\n    g: Sequence[Sequence[i32]],\n) -> Array[i32]: ..."
    )


@pytest.mark.parametrize("suffix", [".py", ".pyi"])
def test_ruff_finds_nothing(wasm: Path, suffix: str, tmp_path: Path) -> None:
    """Nothing is imported for what is left out, and all is formatted."""
    write = generate if suffix == ".py" else generate_stub
    file = tmp_path / f"declared{suffix}"
    file.write_text(write(read_binary(wasm.read_bytes()), wasm="sample.wasm"), encoding="utf-8")
    for command in (["check"], ["format", "--diff"]):
        whole = [sys.executable, "-m", "ruff", *command, "--isolated", str(file)]
        done = subprocess.run(whole, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout


def test_only_what_is_declared_is_mentioned(text: str) -> None:
    """A class that only a function mentions that is left out is listed, so that its objects are found."""
    assert "Unseen" in statement(text, "class Sample(").partition(")")[0]


def test_nothing_is_hidden_or_twice(text: str) -> None:
    """Private members have no declaration, nor has what only looks like one."""
    assert "secret" not in text
    assert text.count("class Base(") == 1


def test_everything_works(declared: Any, sample: Any) -> None:
    """What is declared can be used as it says."""
    base = sample[declared.Base]("name")
    assert repr(base) == "Base(value=1, id=7)"
    assert base.itself() is base
    assert (base.parse(), base.add(1), base.even) == (1, 3, True)
    base.set_only(5)
    assert base.value == 5
    assert asdict(base) == {"value": 5, "id": 7}
    assert sample[declared.Base].parse_("x").value == 1
    assert isinstance(sample[declared.Derived](3).make(), declared.Derived)
    accessors = sample[declared.Accessors]()
    assert (accessors.name, accessors.size) == ("b", 1)
    field = sample[declared.Field]()
    field.rename("new")
    assert field.name == "new"
    cmp = sample[declared.Cmp](1)
    assert (cmp + 5) is cmp
    assert cmp < cmp  # noqa: PLR0124 - the operator that is tested
    assert sample.failure().message == "x"
    assert sample.failure().code == 3
    assert sample.geo_distance(5) == 5
    sample.geo_count += 1
    assert (sample.geo_count, sample.geo_SIZE, sample.Base_made) == (2, 3, 4)
    assert (sample.property_(), sample.close_(), sample.mixed(), sample.rest([1, 2]), sample.rest()) == (5, 7, 5, 2, 0)
    thing: Opaque[Any] = object()
    assert sample.keep(thing) is thing
    assert sample.keep(None) is None
    assert sample.lists([1], [2], [3], b"", b"", {"x"}, [[1]]) == [1]
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    assert sample.moments(moment, [moment]) == moment
    sample.literals()
    sample.unlike()
    assert sample.named(1, 2, 3, 4) == 1
    nodes = sample.nodes(sample[declared.NodeI32](1), sample[declared.NodeStringOrNone](None))
    assert nodes == []


def test_interfaces_and_bases(declared: Any, sample: Any) -> None:
    """An object is passed where a base or an interface of its class is declared, and comes back as itself."""
    assert issubclass(declared.Accessors, declared.Named)
    derived = sample[declared.Derived](1)
    derived_again = derived.itself()
    assert derived_again is derived
    assert derived.speak(True) == "derived"


def test_host_functions_get_bodies(declared: Any) -> None:
    """A class that derives from the generated one has the bodies; their types are the generated ones."""
    told: list[Any] = []

    class App(declared.Sample):  # type: ignore[misc]  # declared is Any
        def log(self, m: str, values: Any) -> list[int]:
            told.append((m, list(values)))
            return [7, 8, 9]

    app = App(imports={"app": {"limit": 3}})
    assert app.useLog() == 6
    assert told == [("x", [1, 2])]
    app.close()


def test_snake_case(wasm: Path) -> None:
    """Python's names for functions, fields and parameters; classes and constants keep theirs."""
    text = generate(read_binary(wasm.read_bytes()), wasm="sample.wasm", rename="snake")
    assert '    @export("useLog")' not in text
    assert "    def use_log(self) -> i32: ...\n" in text
    assert "    def base_made" not in text
    assert '    base_made: Annotated[i32, Name("Base.made")]\n' in text
    assert 'class Base(AscClass, rename="camel"):' in text
    assert 'class Sample(\n    AscModule,\n    wasm="sample.wasm",' in text


def test_stub_file(wasm: Path) -> None:
    """A stub file has functions and globals at its top level, and the module's class."""
    stub = generate_stub(read_binary(wasm.read_bytes()), wasm="sample.wasm")
    assert "\ndef geo_distance(a: i32, b: i32 = 0) -> i32: ...\n" in stub
    assert "\nhandler: Callable[[i32], None] | None\n" in stub
    assert "\ngeo_SIZE: Final[i32]\n" in stub
    assert "\ngeo_count: i32\n" in stub
    assert "\ndef log(" not in stub
    assert "from __future__" not in stub
    compile(stub, "sample.pyi", "exec")


def test_a_function_named_like_the_module() -> None:
    """In a stub file functions stand beside the class of the module."""
    for transform in (True, False):
        wasm = compile_asc("export function Sample(): i32 { return 1; }", transform=transform)
        stub = generate_stub(read_binary(wasm.read_bytes()), wasm="sample.wasm")
        assert "\nclass Sample(AscModule" in stub
        assert "\ndef Sample_() -> i32: ..." in stub


@pytest.mark.parametrize("compiler", ["modern", "classic"])
def test_stock_binaries(compiler: Any, tmp_path: Path) -> None:
    """Without a schema there are numbers, marked where they may be something else, and it binds."""
    source = """
export enum Level { Low = 1, High = 9 }
export let from: i32 = 11;
export const LIMIT: f64 = 2.5;
export class Item { price: f64 = 1; constructor(a: i32) {} add(x: i32, y: f64): f64 { return y; } }
export function add(a: i32, b: i64): i32 { return a; }
export function half(a: f64): f64 { return a / 2; }
@external("host", "log") declare function log(v: f64): f64;
export function run(value: f64): f64 { return log(value) + 1; }
"""
    wasm = compile_asc(source, compiler=compiler)
    text = generate(read_binary(wasm.read_bytes()), wasm=str(wasm), name="Stock")
    assert statement(text, "class Level(").startswith("class Level(enum.IntEnum):\n    Low = 1\n    High = 9")
    assert (
        statement(text, "def add(")
        == (
            "def add(\n    self,\n    arg0: i32,  # i32, or a bool, smaller integer or reference\n"
            "    arg1: i64,  # i64 or u64\n) -> i32: ...  # i32, or a bool, smaller integer or reference"
        )
        or compiler == "classic"
    )
    assert "    def half(self, arg0: f64) -> f64: ...\n" in text
    assert '    from_: Annotated[i32, Name("from")]' in text
    assert ("class Item(AscClass):\n    price: f64\n" in text) == (compiler == "classic")
    file = tmp_path / "stock_declared.py"
    file.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    declared: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(declared)

    def double(value: float) -> float:
        return value * 2

    stock = declared.Stock(imports={"host": {"log": double}})
    assert (stock.add(1, 2), stock.half(3.0), stock.run(2.0), stock.from_, stock.LIMIT) == (1, 1.5, 5.0, 11, 2.5)
    if compiler == "classic":
        assert stock[declared.Item](3).add(1, 2.5) == 2.5
    stock.close()
