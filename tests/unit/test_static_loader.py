"""Loading files: imports of every form, between files that know each other, and files that cannot be read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import wasmbind
from tests.compiling import ROOT
from tests.unit.static_sources import field_types, load_files, named
from wasmbind import _descriptors as d
from wasmbind._places import locate_member
from wasmbind._scopes import UnresolvedError
from wasmbind._static import StaticLoader
from wasmbind._static.finding import SourceFinder, import_roots, module_name, source_files
from wasmbind._static.libraries import library_member
from wasmbind._static.live_types import LIVE_TYPES

I32 = d.INTEGERS["i32"]
LINE = (
    "from wasmbind import *\nclass Line(AscClass):\n    s: string\nLines = Array[Line]\n__all__ = ['Line', 'Lines']\n"
)


@pytest.mark.parametrize(
    ("text", "annotation"),
    [
        ("from pkg.lines import Line", "Line"),
        ("from pkg.lines import Line as Row", "Row"),
        ("import pkg.lines", "pkg.lines.Line"),
        ("import pkg.lines as l", "l.Line"),
        ("from pkg import lines", "lines.Line"),
        ("from pkg import Line", "Line"),
        ("from pkg import *", "Line"),
        ("from pkg.lines import *", "Line"),
        ("from .pkg.lines import Line", "Line"),
        ("from . import pkg", "pkg.lines.Line"),
        ("if TYPE_CHECKING:\n    Never = 1\nelse:\n    from pkg.lines import Line", "Line"),
        ("try:\n    from nowhere import Line\nexcept ImportError:\n    from pkg.lines import Line", "Line"),
        ("import bare.inner.lines", "bare.inner.lines.Line"),
        ("from bare.inner.lines import Line", "Line"),
    ],
)
def test_imports(tmp_path: Path, text: str, annotation: str) -> None:
    """A class is found through every form of import, also in packages without a file of their own."""
    files = {
        "top/__init__.py": "",
        "top/app.py": (
            "from typing import TYPE_CHECKING\nfrom wasmbind import AscClass\n"
            f"{text}\nclass File(AscClass):\n    line: {annotation}\n"
        ),
        "pkg/__init__.py": "from .lines import Line\n",
        "pkg/lines.py": LINE,
        "top/pkg/__init__.py": "from .lines import *\n",
        "top/pkg/lines.py": LINE,
        "bare/inner/lines.py": LINE,
    }
    module = load_files(tmp_path, files, "top.app")
    (found,) = field_types(named(module, "File")).values()
    assert isinstance(found, d.ObjectOf)
    assert found.cls.__name__ == "Line"
    assert module.left_out == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import wasmbind as w", "w.i32"),
        ("import wasmbind", "wasmbind.i32"),
        ("from wasmbind import i32 as int32", "int32"),
        ("import wasmbind.types as t", "t.i32"),
        ("import wasmbind.types", "wasmbind.types.i32"),
        ("from wasmbind.types import i32", "i32"),
        ("from wasmbind.types import *", "i32"),
    ],
)
def test_imports_of_wasmbind(tmp_path: Path, text: str, name: str) -> None:
    """The names of wasmbind come by every form of import."""
    app = f"{text}\nfrom wasmbind import AscClass\nclass C(AscClass):\n    a: {name}\n"
    module = load_files(tmp_path, {"app.py": app})
    assert field_types(module.classes[0]) == {"a": I32}


def test_files_that_import_each_other(tmp_path: Path) -> None:
    """Two files whose classes mention each other both know all of them, whichever is loaded first."""
    head = "from __future__ import annotations\nfrom typing import TYPE_CHECKING\nfrom wasmbind import AscClass\n"
    files = {
        "a.py": f"{head}import b\nclass A(AscClass):\n    b: b.B\n    later: b.Later\n",
        "b.py": f"{head}from a import A\nclass B(AscClass):\n    a: A\nclass Later(A): ...\n",
    }
    files["a.py"] = files["a.py"].replace("    b: b.B\n", "    other: b.B\n")
    for first in ("a", "b"):
        folder = tmp_path / first
        module = load_files(folder, files, first)
        assert module.left_out == []
        types = {cls.__name__: field_types(cls) for cls in module.classes}
        assert all(isinstance(each, d.ObjectOf) for fields in types.values() for each in fields.values())


def test_a_class_that_needs_itself(tmp_path: Path) -> None:
    """Classes whose bases lead back to themselves through other files are not known, and nothing hangs."""
    files = {
        "a.py": "from b import B\nfrom wasmbind import *\nclass A(B, AscClass): ...\n",
        "b.py": "from a import A\nfrom wasmbind import *\nclass B(A, AscClass): ...\n",
    }
    module = load_files(tmp_path, files, "a")
    assert module.classes == []
    assert [left.who for left in module.left_out] == ["A"]


def test_a_long_chain_of_files(tmp_path: Path) -> None:
    """A chain of files longer than anybody writes ends as something that is not known."""
    files = {
        f"m{i}.py": f"from m{i + 1} import B as Base\nfrom wasmbind import *\nclass B(Base, AscClass): ...\n"
        for i in range(60)
    }
    module = load_files(tmp_path, files, "m0")
    assert module.classes == []
    assert len(module.left_out) == 1


def test_a_long_chain_of_names(tmp_path: Path) -> None:
    """A name may come through several files."""
    files = {f"m{i}.py": f"from m{i + 1} import x\n" for i in range(15)}
    module = load_files(tmp_path, {**files, "m15.py": "x = 5\n"}, "m0")
    assert module.member("x") == 5


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"class (", "invalid syntax"),
        (b"x = 1\n\0", "null bytes"),
        (b"# coding: nowhere\n", "unknown encoding"),
        (b"x = '\xff'", "utf-8"),
        (b"x = " + b"(" * 300 + b")" * 300, "nested"),
        (b"x = " + b"-" * 100_000 + b"1", "nested too deeply"),
        (b"x = 1\n" * 200_000, "too large"),
    ],
)
def test_unreadable(tmp_path: Path, content: bytes, reason: str) -> None:
    """A file that is no Python source says so, and has no names."""
    (tmp_path / "app.py").write_bytes(content)
    finder = SourceFinder([tmp_path])
    module = StaticLoader(finder).load(tmp_path / "app.py", "app")
    assert module.unreadable is not None
    assert reason in module.unreadable[1]
    assert module.modules == []
    (tmp_path / "user.py").write_text("from app import x\n")
    with pytest.raises(UnresolvedError):
        StaticLoader(finder).load(tmp_path / "user.py", "user").member("x")


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is one that cannot be read."""
    module = StaticLoader(SourceFinder([])).load(tmp_path / "nowhere.py", "nowhere")
    assert module.unreadable is not None


def test_source_only_its_compiler_refuses(tmp_path: Path) -> None:
    """A source that parses and does not compile declares nothing: it could not be imported either."""
    module = load_files(
        tmp_path, {"app.py": "from wasmbind import *\nclass M(AscModule):\n    def f(self) -> i32: ...\nreturn\n"}
    )
    assert module.unreadable == (4, "'return' outside function")


def test_loaded_once(tmp_path: Path) -> None:
    """The same file is the same module, and its classes the same classes."""
    (tmp_path / "lines.py").write_text(LINE)
    loader = StaticLoader(SourceFinder([tmp_path]))
    assert loader.load(tmp_path / "lines.py", "lines") is loader.load(tmp_path / "lines.py", "lines")


def test_changed_files_are_read_again(tmp_path: Path) -> None:
    """A new loader sees what a file has become, lines in errors included."""
    for text in ("class Line(AscClass): ...\n", "\n\nclass Row(AscClass):\n    a: i32\n"):
        module = load_files(tmp_path, {"app.py": f"from wasmbind import *\n{text}"})
        assert [cls.__name__ for cls in module.classes] == [text.split()[1].partition("(")[0]]


def test_star_import_of_what_nobody_knows(tmp_path: Path) -> None:
    """After `from somewhere import *` an unbound name may be one of its names."""
    app = "from nowhere import *\nfrom wasmbind import AscClass, i32\nclass C(AscClass):\n    a: i32\n    b: Thing\n"
    module = load_files(tmp_path, {"app.py": app})
    assert list(field_types(module.classes[0])) == ["a"]
    assert [left.reason for left in module.left_out] == ["what `from nowhere import *` gives cannot be known"]


def test_enum_places(tmp_path: Path) -> None:
    """Enums that the loader makes know where they and their members stand."""
    app = "import enum\n\nclass Color(enum.IntEnum):\n    Red = 0\n    Green = 1\n"
    finder = SourceFinder([tmp_path])
    (tmp_path / "app.py").write_text(app)
    loader = StaticLoader(finder)
    color = loader.load(tmp_path / "app.py", "app").member("Color")
    assert locate_member(color, "Green") == f"{tmp_path / 'app.py'}:5"
    assert locate_member(color, "Blue") == f"{tmp_path / 'app.py'}:3"


def test_long_chains_of_star_imports(tmp_path: Path) -> None:
    """Files that wait for too many others are read all the same, without the names that nobody knows."""
    declared = "from wasmbind import *\nclass C(AscClass):\n    a: i32\n"
    files = {f"m{i}.py": f"from m{i + 1} import *\n{declared}" for i in range(60)}
    module = load_files(tmp_path, files, "m0")
    assert module.unreadable is None
    assert [cls.__name__ for cls in module.classes] == ["C"]


def test_names_that_no_file_has(tmp_path: Path) -> None:
    """A name that is too long for a file is a module that is not found."""
    name = "a" * 300
    text = f"from {name} import *\nfrom {name}.b import B\nimport wasmbind as w\nclass C(w.AscClass): ...\n"
    assert load_files(tmp_path, {"app.py": text}).unreadable is None
    assert SourceFinder([tmp_path]).folder(name) is None


def test_links_and_closed_folders(tmp_path: Path) -> None:
    """Hidden files are no sources; links to folders are not followed; a folder that is closed is told."""
    (tmp_path / "a.py").touch()
    (tmp_path / ".#a.py").symlink_to("nobody@nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert list(source_files(tmp_path)) == [tmp_path / "a.py"]
    assert list(source_files(tmp_path / "gone")) == [tmp_path / "gone"]


@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_what_is_no_file_is_not_read(tmp_path: Path, kind: str) -> None:
    """Reading a pipe would never end."""
    file = tmp_path / "app.py"
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    else:
        file.symlink_to(file)
    assert StaticLoader(SourceFinder([tmp_path])).load(file, "app").unreadable is not None


def test_finding(tmp_path: Path) -> None:
    """Modules are found as Python finds them: roots in order, packages before files, and no other names."""
    for file in ("one/a.py", "two/a.py", "two/b/__init__.py", "two/b.py", "two/b/c.py", "two/d/e.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    finder = SourceFinder([tmp_path / "one", tmp_path / "two", tmp_path / "three"])
    assert finder("a") == tmp_path / "one/a.py"
    assert finder("b") == tmp_path / "two/b/__init__.py"
    assert finder("b.c") == tmp_path / "two/b/c.py"
    assert finder("d") is None
    assert finder.folder("d") == tmp_path / "two/d"
    for name in ("", ".", "..", "../one/a", "a/b", "/etc/passwd", "b..c"):
        assert finder(name) is None
        assert finder.folder(name) is None
    assert module_name(tmp_path / "two/b/c.py") == (tmp_path / "two", "b.c")
    assert module_name(tmp_path / "two/b/__init__.py") == (tmp_path / "two", "b")
    assert module_name(tmp_path / "two/d/e.py") == (tmp_path / "two/d", "e")


def test_source_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder's sources are all Python files below it, without environments, packages and hidden folders."""
    kept = ["a.py", "b/c.py", "b/d/e.py"]
    others = ["venv/pyvenv.cfg", "venv/x.py", "node_modules/x.py", ".hidden/x.py", "b/__pycache__/x.py", "x.txt"]
    for file in (*kept, *others):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert [str(file.relative_to(tmp_path)) for file in source_files(tmp_path)] == kept
    monkeypatch.chdir(tmp_path)
    assert import_roots()[:2] == [tmp_path, tmp_path / "src"]


def test_nothing_loads_wasmtime() -> None:
    """Loading and checking files needs nothing that runs binaries."""
    program = "import sys, wasmbind._checking; print({'wasmtime', 'wasmbind._live'}.intersection(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_stand_ins_are_those_of_all_live_types() -> None:
    """There is a stand-in for each live type of the package, with the same name, module and kind."""
    live = {name: value for name in wasmbind.__all__ if hasattr(value := getattr(wasmbind, name), "__asc_kind__")}
    assert LIVE_TYPES.keys() == live.keys()
    for name, value in live.items():
        stand_in = LIVE_TYPES[name]
        assert (stand_in.__name__, stand_in.__module__) == (value.__name__, value.__module__)
        assert stand_in.__asc_kind__ == value.__asc_kind__


def test_all_of_wasmbind_is_there() -> None:
    """What declarations take from wasmbind is known without loading wasmtime; the rest only runs modules."""
    unknown = set()
    for name in wasmbind.__all__:
        try:
            library_member("wasmbind", name)
        except UnresolvedError:
            unknown.add(name)
    assert unknown == {
        *("asdict", "build", "engine", "to_thread"),
        *("AscObject", "Module", "OpaqueValue", "auto_resolve", "wrap_opaque"),
    }


@pytest.mark.parametrize("listed", ["compute()", "5", "[*names]"])
def test_star_import_of_names_that_nobody_knows(tmp_path: Path, listed: str) -> None:
    """Where a file computes what it exports, or takes it from elsewhere, any unbound name may come from it."""
    files = {
        "lines.py": f"from wasmbind import *\n__all__ = {listed}\n",
        "more.py": "from nowhere import *\n",
        "app.py": "from wasmbind import AscClass\nfrom lines import *\nclass C(AscClass):\n    a: i32\n",
    }
    module = load_files(tmp_path, files)
    assert [left.reason for left in module.left_out] == ["what `from lines import *` gives cannot be known"]
    files["app.py"] = files["app.py"].replace("lines", "more")
    module = load_files(tmp_path, files)
    assert [left.reason for left in module.left_out] == ["what `from more import *` gives cannot be known"]
