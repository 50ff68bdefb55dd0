"""Paths in sources, and the binary that `wasm=` names."""

from pathlib import Path

import pytest

from tests.unit.static_sources import load, load_files
from wasmbind._static import binary_of

HEAD = """
import importlib.resources as resources
import os
import os.path
import pathlib
from importlib.resources import files
from pathlib import Path
import pkg
"""


@pytest.mark.parametrize(
    "expression",
    [
        "'files.wasm'",
        "'./files.wasm'",
        "FOLDER + '/files.wasm'",
        "Path('files.wasm')",
        "pathlib.PurePath('files.wasm')",
        "Path(__file__).parent / 'files.wasm'",
        "Path(__file__).with_name('files.wasm')",
        "Path(__file__).resolve().parent / 'files.wasm'",
        "Path(__file__).absolute().parent.joinpath('files.wasm')",
        "Path(__file__).with_suffix('.wasm').with_stem('files')",
        "HERE / 'files.wasm'",
        "str(HERE / 'files.wasm')",
        "(HERE / 'files.wasm').read_bytes()",
        "Path(HERE, 'files.wasm')",
        "os.path.join(os.path.dirname(__file__), 'files.wasm')",
        "os.path.join(os.path.dirname(os.path.abspath(__file__)), 'files.wasm')",
        "files('app') / 'files.wasm'",
        "files('app').joinpath('files.wasm')",
        "files(__package__) / 'files.wasm'",
        "files() / 'files.wasm'",
        "resources.files(pkg).parent / 'app' / 'files.wasm'",
    ],
)
def test_known_binaries(tmp_path: Path, expression: str) -> None:
    """The file is known in all the ways that sources name one beside them, and is not looked for."""
    text = f"from wasmbind import AscModule\n{HEAD}\nFOLDER = '.'\nHERE = Path(__file__).parent\n"
    app = f"{text}class M(AscModule, wasm={expression}): ...\n"
    module = load_files(tmp_path, {"app/__init__.py": app, "pkg/__init__.py": ""})
    found = binary_of(module.modules[0])
    assert found is not None
    assert Path(found).resolve() == tmp_path / "app/files.wasm"


@pytest.mark.parametrize(
    "expression",
    [
        "None",
        "b'bytes'",
        "5",
        "compute()",
        "Path.home() / 'files.wasm'",
        "Path.cwd()",
        "Path('x').glob('*')",
        "Path('x').read_text()",
        "Path('') .with_name('x')",
        "Path(__file__) / 5",
        "files('nowhere') / 'files.wasm'",
        "files(5)",
        "Path('x').drive",
        "os.getcwd()",
        "os.environ['WASM']",
        "f'{1}.wasm'",
    ],
)
def test_unknown_binaries(tmp_path: Path, expression: str) -> None:
    """What would look at the disk, the environment or anything that runs is not known; the class still is."""
    text = f"from wasmbind import AscModule\n{HEAD}\nclass M(AscModule, wasm={expression}):\n    ...\n"
    module = load_files(tmp_path, {"app.py": text, "pkg/__init__.py": ""})
    assert [cls.__name__ for cls in module.modules] == ["M"]
    assert binary_of(module.modules[0]) is None


def test_inherited_binary(tmp_path: Path) -> None:
    """A subclass has its base's binary, which lies beside the base's file."""
    files = {
        "base/__init__.py": "from wasmbind import *\nclass Base(AscModule, wasm='base.wasm'): ...\n",
        "app.py": "from base import Base\nclass M(Base): ...\nclass N(Base, wasm='own.wasm'): ...\n",
    }
    first, second = load_files(tmp_path, files).modules
    assert binary_of(first) == tmp_path / "base/base.wasm"
    assert binary_of(second) == tmp_path / "own.wasm"


def test_paths_do_not_grow(tmp_path: Path) -> None:
    """A path that doubles with every line ends as something that is not known, and soon."""
    lines = ["from pathlib import Path", "p0 = Path('x' * 1) / 'aaaaaaaa'", "q0 = Path('aaaaaaaa')"]
    for i in range(1, 60):
        lines.append(f"q{i} = q{i - 1} / q{i - 1}")
        lines.append(f"r{i} = q{i - 1}.joinpath(q{i - 1})")
        lines.append(f"s{i} = Path(q{i - 1}, q{i - 1})")
    names = load(tmp_path, "\n".join(lines)).names
    assert {"q5", "r5", "s5"} <= names.keys()
    assert names.keys().isdisjoint({"p0", "q59", "r59", "s59"})
