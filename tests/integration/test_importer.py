"""`import files` for `files.wasm`: where binaries are found, what their modules have, and how they fail."""

import importlib
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import wasmbind.importer
from tests.compiling import ROOT, compile_asc
from wasmbind import BindError, InstanceError
from wasmbind.importer import WasmFinder, WasmImportError

SOURCE = """
/** How much. */
export enum Level { Low = 1, High = 9 }
export let counter: i32 = 3;
export const LIMIT: f64 = 2.5;
export class Line {
  constructor(public s: string) {}
  static parse(text: string): Line { return new Line(text.trim()); }
}
export function hello(name: string): string { return "hello, " + name; }
export function bump(): i32 { return ++counter; }
export function list(): Line[] { return [new Line("a")]; }
export function close(): i32 { return 7; }
"""
HOSTED = """
@external("app", "log") declare function log(message: string): void;
export class Line { constructor(public s: string) {} }
export function tell(message: string): void { log(message); }
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on `sys.path` with `sample.wasm`; what is imported from it is forgotten again."""
    (tmp_path / "sample.wasm").write_bytes(compile_asc(SOURCE, transform=True).read_bytes())
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    # Instances would live as long as their classes do.
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


def load(name: str) -> Any:
    """A module that was not imported yet."""
    return importlib.import_module(name)


def test_functions_and_globals_are_those_of_one_instance(folder: Path) -> None:
    """Module level is one instance: what one function changes, everybody sees."""
    sample = load("sample")
    assert sample.hello("michael") == "hello, michael"
    assert sample.bump() == sample.counter == 4
    sample.counter = 10
    assert sample.bump() == 11
    assert sample.LIMIT == 2.5
    with pytest.raises(AttributeError):
        sample.LIMIT = 3.0
    assert sample.close_() == 7
    assert sample.__file__ == str(folder / "sample.wasm")


@pytest.mark.usefixtures("folder")
def test_nothing_runs_before_it_is_used() -> None:
    """Importing starts nothing, nor does naming a class."""
    sample = load("sample")
    assert sample.Line.__name__ == "Line"
    assert sample.Level.High == 9
    assert sample.Sample.__asc_default__ is None
    assert sample.Line("s").s == "s"
    assert sample.Sample.__asc_default__ is not None


@pytest.mark.usefixtures("folder")
def test_statics_start_the_instance() -> None:
    """A static is a use too."""
    assert load("sample").Line.parse(" x ").s == "x"


@pytest.mark.usefixtures("folder")
def test_classes_are_those_of_the_instance() -> None:
    """What functions return is of the module's classes, and a class means the module's instance."""
    sample = load("sample")
    assert isinstance(sample.list()[0], sample.Line)
    assert sample.Line("s")._asc_runtime is sample.list()[0]._asc_runtime


@pytest.mark.usefixtures("folder")
def test_more_instances() -> None:
    """The module's class makes instances with globals of their own."""
    sample = load("sample")
    sample.counter = 100
    with sample.Sample() as other:
        assert other.counter == 3
        assert sample.Line("in other")._asc_runtime is other.runtime
        assert sample.counter == 100


@pytest.mark.usefixtures("folder")
def test_an_instance_that_was_closed_is_replaced() -> None:
    """Who closes the module's instance gets another one with the next function."""
    sample = load("sample")
    sample.counter = 100
    sample.Sample.default().close()
    assert sample.counter == 3
    assert sample.Line("again").s == "again"


@pytest.mark.usefixtures("folder")
def test_names() -> None:
    """`dir` and `*` give what the binary exports, and nothing of what declares it."""
    sample = load("sample")
    names = ["Level", "LIMIT", "Line", "Sample", "bump", "close_", "counter", "hello", "list"]
    assert sorted(sample.__all__) == sorted(names)
    assert set(names) <= set(dir(sample))
    assert not hasattr(sample, "AscModule")
    with pytest.raises(AttributeError, match="module 'sample' has no attribute 'helo'"):
        sample.helo("x")
    assert "sample.wasm" in str(sample.__doc__)


@pytest.mark.usefixtures("folder")
def test_enums_can_be_pickled() -> None:
    """Their members are found where their module says they are."""
    sample = load("sample")
    assert pickle.loads(pickle.dumps(sample.Level.High)) is sample.Level.High  # noqa: S301 - made here


def test_packages(folder: Path) -> None:
    """A binary inside a package is a module of it."""
    package = folder / "wasm_package"
    package.mkdir()
    (package / "__init__.py").write_text("from wasm_package import inner\n", encoding="utf-8")
    (folder / "sample.wasm").rename(package / "inner.wasm")
    importlib.invalidate_caches()
    package_module = load("wasm_package")
    assert package_module.inner.hello("you") == "hello, you"
    assert package_module.inner.Inner.__module__ == "wasm_package.inner"


@pytest.mark.parametrize("other", ["sample.py", "sample/__init__.py"])
def test_shadows_nothing(folder: Path, other: str) -> None:
    """A Python module or package of the name wins, even from a later folder of the path."""
    later = folder / "later"
    (later / other).parent.mkdir(parents=True)
    (later / other).write_text("PYTHON = True\n", encoding="utf-8")
    sys.path.append(str(later))
    importlib.invalidate_caches()
    try:
        assert load("sample").PYTHON
    finally:
        sys.path.remove(str(later))


def test_reload(folder: Path) -> None:
    """A reload reads the binary again: what is gone from it is gone, what is new is there."""
    sample = load("sample")
    first = sample.hello
    source = "export let fresh: i32 = 1; export function hello(name: string): string { return 'HELLO, ' + name; }"
    (folder / "sample.wasm").write_bytes(compile_asc(source, transform=True).read_bytes())
    assert importlib.reload(sample) is sample
    assert (first("a"), sample.hello("a"), sample.fresh) == ("hello, a", "HELLO, a", 1)
    assert not hasattr(sample, "Line")
    assert not hasattr(sample, "counter")


def test_installed_once() -> None:
    """Installing again changes nothing."""
    wasmbind.importer.install()
    assert sum(isinstance(finder, WasmFinder) for finder in sys.meta_path) == 1


@pytest.mark.usefixtures("folder")
def test_no_binary() -> None:
    """What is nowhere is Python's own error."""
    with pytest.raises(ModuleNotFoundError, match="No module named 'nothing_like_it'"):
        load("nothing_like_it")


def test_broken_binary(folder: Path) -> None:
    """A file that is no binary is an ImportError that says what to do."""
    (folder / "broken.wasm").write_bytes(b"not wasm")
    with pytest.raises(WasmImportError, match="WebAssembly magic number") as caught:
        load("broken")
    error = caught.value
    assert isinstance(error, ImportError)
    assert (error.name, error.path) == ("broken", str(folder / "broken.wasm"))
    assert str(error).endswith("\n  fix          compile it again with asc")
    assert "broken" not in sys.modules


def test_imports_that_nobody_provides(folder: Path) -> None:
    """The module's instance cannot start without them; a class of one's own, or `imports=`, gives them."""
    (folder / "hosted.wasm").write_bytes(compile_asc(HOSTED, transform=True).read_bytes())
    hosted = load("hosted")
    with pytest.raises(BindError, match=r"imports=\{'app'"):
        hosted.tell("x")
    with pytest.raises(BindError, match=r"imports=\{'app'"):
        hosted.Line("x")
    told: list[str] = []
    with hosted.Hosted(imports={"app": {"log": told.append}}) as module:
        module.tell("heard")
        assert hosted.Line("x").s == "x"
    assert told == ["heard"]


def test_stock_binaries(folder: Path) -> None:
    """A binary without a schema has functions of numbers."""
    source = "export function add(a: i32, b: i32): i32 { return a + b; }"
    (folder / "stock.wasm").write_bytes(compile_asc(source).read_bytes())
    assert load("stock").add(1, 2) == 3


@pytest.mark.usefixtures("folder")
def test_objects_of_a_closed_instance() -> None:
    """What belonged to an instance that was closed says so."""
    sample = load("sample")
    line = sample.Line("s")
    sample.Sample.default().close()
    with pytest.raises(InstanceError, match="already closed"):
        _ = line.s


@pytest.mark.usefixtures("folder")
def test_what_cannot_be_deleted() -> None:
    """Globals and functions are the binary's; what is not there is Python's usual message."""
    sample = load("sample")
    for name in ("counter", "hello"):
        with pytest.raises(AttributeError, match=rf"^module 'sample': '{name}' belongs to the WebAssembly module"):
            delattr(sample, name)
    with pytest.raises(AttributeError, match=r"^module 'sample' has no attribute 'nothing'$"):
        del sample.nothing
    sample.extra = 1
    del sample.extra
    assert not hasattr(sample, "extra")


EXAMPLE = """\
2 to
2 be
2 the
longest: question
10 words with ' ,.;:!?\\n' between them
8 words False True
Word(count=1, text='mine')
"""


def test_example(tmp_path: Path) -> None:
    """The example runs, without Node.js and from any folder."""
    program = ROOT / "examples" / "imported" / "counting.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)],
        cwd=tmp_path,
        env={**os.environ, "PATH": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == (EXAMPLE, "", 0)


def test_the_binary_of_the_example_is_that_of_its_source() -> None:
    """Byte for byte: if not, compile it again in its folder with `wasmbind build words.ts -- -O2`."""
    folder = ROOT / "examples" / "imported"
    made = compile_asc(folder / "words.ts", "-O2", "--sourceMap", transform=True)
    assert (folder / "words.wasm").read_bytes() == made.read_bytes()
