"""Checking finds what binding finds also in declarations that nobody has thought of: right ones, changed at random."""

import ast
import importlib.util
import itertools
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.compiling import ROOT
from tests.integration.test_checking import BINARIES, outcome
from wasmbind import AscModule
from wasmbind._static import StaticLoader, StaticModule
from wasmbind._static.finding import SourceFinder

SOURCES = [
    *sorted((ROOT / "tests" / "typing").glob("right_*.py")),
    *(ROOT / "tests" / "integration" / f"{name}_module.py" for name in ("features", "functions", "hosts", "wrong")),
    ROOT / "tests" / "unit" / "generic_classes.py",
    ROOT / "examples" / "quickstart.py",
]
#: Types that are right somewhere and wrong elsewhere, and some that never are.
TYPES = [
    "i8",
    "u16",
    "i32",
    "u32",
    "i64",
    "f32",
    "f64",
    "bool",
    "string",
    "bytes",
    "None",
    "int",
    "object",
    "str",
    "float",
    '"Line"',
    '"File"',
    '"Point"',
    "Line",
    "File",
    "Point",
    "T",
    "list[i32]",
    "list[string]",
    '"list[Line]"',
    "Array[i32]",
    'Array["Line"]',
    "Map[string,i32]",
    "Set[i32]",
    "Float64Array",
    "dict[string,f64]",
    "set[i32]",
    "i32|None",
    "string|None",
    'Optional["Line"]',
    '"Line|None"',
    "Callable[[i32],i32]",
    "Opaque[int]",
    "tuple[i32,i32]",
    'Annotated[i32,Name("other")]',
    "ClassVar[int]",
    '"Box[i32]"',
    "Box[string]",
    "Sequence[f64]",
    '"Nowhere"',
    '"i32,"',
    "list",
    "Array[None]",
]
COUNTER = itertools.count()


def annotations(tree: ast.AST) -> list[ast.expr]:
    """The annotations of a source that stand on one line."""
    found = [getattr(node, name, None) for node in ast.walk(tree) for name in ("annotation", "returns")]
    return [each for each in found if isinstance(each, ast.expr) and each.lineno == each.end_lineno]


def members(tree: ast.AST) -> list[ast.stmt]:
    """The members of the classes of a source that have others beside them."""
    return [
        each
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and len(node.body) > 2
        for each in node.body
        if isinstance(each, (ast.AnnAssign, ast.FunctionDef))
    ]


def changed(text: str, choose: random.Random) -> str:
    """A source with a few annotations replaced, all of them perhaps postponed, and perhaps a member lost."""
    if choose.random() < 0.6:
        lines = text.splitlines(keepends=True)
        lines.insert(ast.parse(text).body[0].end_lineno or 1, "from __future__ import annotations\n")
        text = "".join(lines)
    for _ in range(choose.randint(1, 4)):
        node = choose.choice(annotations(ast.parse(text)))
        lines = text.splitlines(keepends=True)
        line = lines[node.lineno - 1].encode()
        made = line[: node.col_offset] + choose.choice(TYPES).encode() + line[node.end_col_offset :]
        lines[node.lineno - 1] = made.decode()
        text = "".join(lines)
    others = members(ast.parse(text))
    if others and choose.random() < 0.3:
        lost = choose.choice(others)
        lines = text.splitlines(keepends=True)
        first = min([lost.lineno, *(each.lineno for each in getattr(lost, "decorator_list", ()))])
        text = "".join([*lines[: first - 1], *lines[lost.end_lineno :]])
    return text


def imported(path: Path, name: str) -> ModuleType | None:
    """The module when it runs, None if it cannot even be imported."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (NameError, TypeError, AttributeError):
        return None
    return module


def pairs(module: StaticModule, running: ModuleType) -> Iterator[tuple[type[Any], type[Any]]]:
    """Each module class as it is read and as it runs."""
    for cls in module.modules:
        found: Any = running
        for part in cls.__qualname__.split("."):
            found = getattr(found, part)
        assert issubclass(found, AscModule)
        yield cls, found


@pytest.fixture(scope="module")
def binaries() -> list[Path]:
    """The binaries that everything is compared with."""
    return [make() for make in BINARIES.values()]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(source=st.sampled_from(SOURCES), choose=st.randoms(use_true_random=True))
def test_same_as_binding(tmp_path: Path, binaries: list[Path], source: Path, choose: random.Random) -> None:
    """What is wrong with a declaration that was changed anywhere is the same in its source and when it runs."""
    name = f"changed_{source.stem}_{next(COUNTER)}"  # Python keeps the lines of a file of the same name
    path = tmp_path / f"{name}.py"
    path.write_text(changed(source.read_text(encoding="utf-8"), choose), encoding="utf-8")
    try:
        running = imported(path, name)
        assume(running is not None)
        assert running is not None
        module = StaticLoader(SourceFinder([tmp_path, ROOT])).load(path, name)
        assert (module.unreadable, module.errors, module.left_out) == (None, [], [])
        for static, real in pairs(module, running):
            for binary in binaries:
                assert outcome(static, binary) == outcome(real, binary)
    finally:
        sys.modules.pop(name, None)
