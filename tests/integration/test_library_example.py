"""examples/library: a package made by `wasmbind new`, used from an environment that has its wheel and nothing else.

With WASMBIND_UPDATE_GOLDEN=1 its declarations are written anew.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.compiling import ROOT
from tests.packages import build, clean_environment, names_in, put_compiler, pyright, run, succeed, type_errors, unpack

LIBRARY = ROOT / "examples" / "library"
BUILT = shutil.ignore_patterns("*.wasm", "*.wasm.map", "__pycache__", "dist", ".*_cache")

PROGRAM = '''
"""Uses the package as its users do, Python subclasses of its classes included."""

import threading

from nearest_words import Match, NearestWords, Speller, Vocabulary


class Counted(Vocabulary):
    def matches(self, word: str) -> dict[str, int]:
        return {match.word: match.count for match in self.nearest(word, 1)}


speller = Speller(["from", "form", "for", "import"])
print(len(speller), speller.suggest("forn", most=1))

with NearestWords() as module:
    words = Counted()
    words.extend(["to", "be", "or", "not", "to", "be"])
    nearest: Match = words.nearest("tu")[0]
    print(words.matches("bo"), nearest.word, module.distance("form", "from"))

threads = [threading.Thread(target=speller.suggest, args=("port",)) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
'''
PRINTED = """\
4 ['for', 'form']
{'be': 2, 'to': 2} to 2
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example as it is committed, in a folder where a compiler is found."""
    folder = tmp_path_factory.mktemp("library")
    put_compiler(folder)
    return Path(shutil.copytree(LIBRARY, folder / "library", ignore=BUILT))


@pytest.fixture(scope="module")
def wheel(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its wheel, built as a package index has it built: from the source distribution."""
    folder = tmp_path_factory.mktemp("wheel")
    root = unpack(build(library, "sdist", folder / "sdist"), folder / "unpacked")
    return build(root, "wheel", folder / "wheel", path="")


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel."""
    return clean_environment(tmp_path_factory.mktemp("clean") / "environment", wheel)


def test_what_is_committed_is_current(library: Path, wheel: Path) -> None:
    """The committed declarations are those that the build writes, and the wheel has them."""
    written, committed = (root / "src" / "nearest_words" / "_declarations.py" for root in (library, LIBRARY))
    if os.environ.get("WASMBIND_UPDATE_GOLDEN"):
        shutil.copyfile(written, committed)
    assert committed.read_text(encoding="utf-8") == written.read_text(encoding="utf-8")
    assert {name for name in names_in(wheel) if name.startswith("nearest_words/")} == {
        f"nearest_words/{name}"
        for name in ("__init__.py", "_declarations.py", "nearest_words.wasm", "nearest_words.wasm.map", "py.typed")
    }


def test_used_from_a_clean_environment(python: Path, tmp_path: Path) -> None:
    """Its wheel is enough to run and to type-check a program, without Node.js and without the sources."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    assert succeed(tmp_path, str(python), "-W", "error", program.name, path="") == PRINTED
    assert type_errors(python, program) == "Success: no issues found in 1 source file\n"


def test_errors_lead_into_its_sources(python: Path, tmp_path: Path) -> None:
    """The wheel brings the source map: a traceback of its users shows the AssemblyScript line."""
    program = "from nearest_words import Speller; Speller([''])"
    done = run(tmp_path, str(python), "-c", program, path="")
    assert done.returncode == 1
    assert 'File "assembly/index.ts", line ' in done.stderr
    assert "if (!word.length) throw new RangeError" in done.stderr


@pytest.mark.usefixtures("wheel")
def test_its_own_checks(library: Path) -> None:
    """Its tests, ruff, mypy and pyright are green with its own settings."""
    tests = succeed(library, sys.executable, "-m", "pytest", "-q", "-W", "error")
    assert " passed" in tests
    assert "failed" not in tests
    ruff = [sys.executable, "-m", "ruff"]
    assert succeed(library, *ruff, "check") == "All checks passed!\n"
    assert "already formatted" in succeed(library, *ruff, "format", "--check")
    assert succeed(library, sys.executable, "-m", "mypy").startswith("Success: no issues found")
    assert "0 errors, 0 warnings" in pyright(library)
