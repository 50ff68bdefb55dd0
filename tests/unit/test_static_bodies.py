"""What the statements of a body bind, in their order, whichever of them run."""

from pathlib import Path

import pytest

from tests.unit.static_sources import load
from wasmbind import f64, i32, i64, string
from wasmbind._scopes import UnresolvedError
from wasmbind._static.values import ModuleRef

UNKNOWN = object()


def found(folder: Path, text: str, name: str = "x") -> object:
    """What a name stands for after some statements, `UNKNOWN` where nobody knows."""
    module = load(folder, text)
    try:
        return module.member(name)
    except (UnresolvedError, KeyError):
        return UNKNOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = i32\nx = f64", f64),
        ("x: TypeAlias = i32", i32),
        ("x: int", UNKNOWN),
        ("y = i32\nx = y\ny = f64", i32),
        ("x = y = i32", i32),
        ("x, y = i32, f64", UNKNOWN),
        ("x = i32\nx += 1", UNKNOWN),
        ("x = i32\ndel x", UNKNOWN),
        ("def x(): ...", UNKNOWN),
        ("import enum as x", ModuleRef("enum")),
        ("if True:\n  x = i32\nelse:\n  x = f64", i32),
        ("if 0:\n  x = i32\nelse:\n  x = f64", f64),
        ("import sys\nif sys.version_info >= (3, 8):\n  x = i32\nelse:\n  x = f64", i32),
        ("import sys\nif sys.version_info < (3, 8):\n  x = i32\nelse:\n  x = f64", f64),
        ("from sys import platform\nif platform == 'nowhere':\n  x = i32\nelse:\n  x = f64", f64),
        ("if TYPE_CHECKING:\n  x = i32\nelse:\n  x = f64", i32),
        ("if not TYPE_CHECKING:\n  x = i32\nelse:\n  x = f64", f64),
        ("if TYPE_CHECKING or f():\n  x = i32", i32),
        ("import typing as t\nif t.TYPE_CHECKING:\n  x = i32", i32),
        ("if f():\n  x = i32\nelse:\n  x = f64", UNKNOWN),
        ("if f():\n  x = i32\nelse:\n  x = i32", i32),
        ("if f():\n  x = i32", i32),
        ("x = f64\nif f():\n  x = i32", UNKNOWN),
        ("if f():\n  pass\nelse:\n  x = i32", i32),
        ("if f() and False:\n  x = i32\nelse:\n  x = f64", f64),
        ("if f() or True:\n  x = i32\nelse:\n  x = f64", i32),
        ("if True and 1:\n  x = i32\nelse:\n  x = f64", i32),
        ("try:\n  from nowhere import x\nexcept ImportError:\n  x = i32", i32),
        ("try:\n  from nowhere import x\nexcept (AttributeError, ModuleNotFoundError):\n  x = i32", i32),
        ("try:\n  from nowhere import x\nexcept:\n  x = i32", i32),
        ("try:\n  x = i32\nexcept ImportError:\n  x = f64", i32),
        ("try:\n  x = i32\nexcept ValueError:\n  x = f64", i32),
        ("try:\n  pass\nexcept ImportError:\n  pass\nelse:\n  x = i32\nfinally:\n  y = 1", i32),
        ("x = i32\ntry:\n  pass\nexcept ValueError as x: ...\nfor y in z:\n  try: ...\n  except E as x: ...", UNKNOWN),
        ("for x in (i32, f64): ...", UNKNOWN),
        ("x = i32\nfor y in (1, 2):\n  x = f64", UNKNOWN),
        ("x = i32\nwhile f():\n  x = f64", UNKNOWN),
        ("with f() as x: ...", UNKNOWN),
        ("with f():\n  x = i32", i32),
        ("match f():\n  case 1:\n    x = i32", UNKNOWN),
        ("x = i32\n(x := f64)", UNKNOWN),
        ("import os.path\nx = os.path.join('a', 'b')", "a/b"),
        ("x = 1\nclass C:\n  x = 2\n  y = x", 1),
    ],
)
def test_bindings(tmp_path: Path, text: str, expected: object) -> None:
    """A name stands for what the last statement that surely ran has bound it to, else for nothing that is known."""
    assert found(tmp_path, text) == expected


def test_classes_in_blocks(tmp_path: Path) -> None:
    """Classes are found in blocks that may or may not run, and inside of classes, in their order."""
    module = load(
        tmp_path,
        """
        if unknown():
            class A(AscModule): ...
        else:
            class B(AscModule): ...
        try:
            class C(AscModule): ...
        except ImportError:
            class D(AscModule): ...
        with unknown():
            class E(AscModule): ...
        class Plain:
            class F(AscModule): ...
        def function():
            class G(AscModule): ...
        """,
    )
    assert [cls.__qualname__ for cls in module.modules] == ["A", "B", "C", "D", "E", "Plain.F"]


def test_members_that_depend_on_a_condition(tmp_path: Path) -> None:
    """What a class has only under a condition that is not known, or only for type checkers, it does not declare."""
    module = load(
        tmp_path,
        """
        class C(AscClass):
            a: i32
            if unknown():
                b: i32
                def m(self) -> i32: ...
            if TYPE_CHECKING:
                c: i32
                def __init__(self) -> None: ...
            else:
                d: i32
        """,
    )
    (cls,) = module.classes
    assert list(cls.__annotations__) == ["a", "d"]
    assert list(cls.__dict__["__asc_stubs__"]) == []


def test_names_are_what_is_known(tmp_path: Path) -> None:
    """The names of a module are those that stand for something known, imports among them."""
    module = load(tmp_path, "a = i64\nb = unknown()\nc = a\n")
    names = module.names
    assert (names["a"], names["c"], names["string"]) == (i64, i64, string)
    assert "b" not in names
