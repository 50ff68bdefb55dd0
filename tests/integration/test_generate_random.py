"""Declarations of random modules: they type-check, are formatted, bind, and work, with nothing edited."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.compiling import ASSEMBLY, ROOT, compile_asc, find_node
from tests.integration.generate_source import sources
from tests.integration.generate_values import use_everything
from wasmbind._declarative import ClassMeta
from wasmbind._generate import generate, generate_stub
from wasmbind._schema.binary import read_binary

COUNT = 20
FEWEST_LINES = 30
FILES = [*(f"random{at}.py" for at in range(COUNT)), *(f"stub{at}.pyi" for at in range(COUNT))]
PYRIGHT = ASSEMBLY / "node_modules" / "pyright" / "index.js"
#: Without Node's own messages and hypothesis's database: the same modules each time, which the cache has compiled.
SETTINGS = settings(
    max_examples=COUNT * 10,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def random_sources() -> list[str]:
    """So many different sources."""
    found: dict[int, str] = {}

    @SETTINGS
    @given(sources())
    def collect(source: str) -> None:
        # hypothesis varies what it has made: those of other lengths are others.
        if len(found) < COUNT and source.count("\n") > FEWEST_LINES:
            found.setdefault(source.count("\n"), source)

    collect()
    return list(found.values())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the binaries and what is generated from them."""
    folder = tmp_path_factory.mktemp("generated")
    made = random_sources()
    assert len(made) == COUNT
    for at, source in enumerate(made):
        wasm = folder / f"random{at}.wasm"
        wasm.write_bytes(compile_asc(source, transform=True).read_bytes())
        rename: Any = "snake" if at % 3 == 0 else None
        text = generate(read_binary(wasm.read_bytes(), wasm.name), wasm=wasm.name, rename=rename)
        (folder / f"random{at}.py").write_text(text, encoding="utf-8")
        stub = generate_stub(read_binary(wasm.read_bytes(), wasm.name), wasm=wasm.name)
        (folder / f"stub{at}.pyi").write_text(stub, encoding="utf-8")
    return folder


def run(folder: Path, *command: str) -> str:
    """What a tool prints that found something; nothing if all is well."""
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_mypy_finds_nothing(folder: Path) -> None:
    """By mypy --strict, without wasmbind's plugin."""
    configuration = folder / "mypy.ini"
    configuration.write_text(f"[mypy]\nstrict = True\nmypy_path = {ROOT}\n", encoding="utf-8")
    cache = ROOT / ".cache" / "mypy-generated"
    options = ("--config-file", "mypy.ini", "--cache-dir", str(cache), "--warn-unreachable")
    assert run(folder, sys.executable, "-m", "mypy", *options, *FILES) == ""


def test_the_plugin_finds_nothing(folder: Path) -> None:
    """The plugin for mypy, which compares declarations with the binaries."""
    configuration = folder / "plugin.ini"
    text = f"[mypy]\nstrict = True\nmypy_path = {ROOT}\nplugins = wasmbind.mypy\n"
    configuration.write_text(text, encoding="utf-8")
    cache = ROOT / ".cache" / "mypy-plugin-generated"
    options = ("--config-file", "plugin.ini", "--cache-dir", str(cache))
    assert run(folder, sys.executable, "-m", "mypy", *options, *(f"random{at}.py" for at in range(COUNT))) == ""


def test_pyright_finds_nothing(folder: Path) -> None:
    """Pyright in its strict mode."""
    settings = {"include": FILES, "extraPaths": [str(ROOT)], "pythonVersion": "3.11", "typeCheckingMode": "strict"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    assert run(folder, find_node(), str(PYRIGHT), "--pythonpath", sys.executable, "--project", str(folder)) == ""


def test_ruff_finds_nothing(folder: Path) -> None:
    """Ruff's default rules, and its formatter."""
    assert run(folder, sys.executable, "-m", "ruff", "check", "--isolated", ".") == ""
    assert run(folder, sys.executable, "-m", "ruff", "format", "--isolated", "--diff", ".") == ""


def test_check_finds_nothing(folder: Path) -> None:
    """`wasmbind check`, which reads the declarations without running them."""
    assert run(folder, sys.executable, "-m", "wasmbind", "check", ".") == ""


@pytest.mark.parametrize("at", range(COUNT))
def test_binds_and_works(folder: Path, at: int) -> None:
    """The module's class binds, and whatever is declared can be used."""
    spec = importlib.util.spec_from_file_location(f"random{at}", folder / f"random{at}.py")
    assert spec is not None
    assert spec.loader is not None
    declared = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = declared
    spec.loader.exec_module(declared)
    found = vars(declared).values()
    classes = [value for value in found if isinstance(value, ClassMeta) and value.__module__ == spec.name]
    with getattr(declared, f"Random{at}")() as module:
        assert use_everything(module, classes) > 0
