"""The names that the mypy plugin relies on are those that the package has."""

import importlib

import wasmbind
from wasmbind._descriptors import TYPED_ARRAYS
from wasmbind._mypy.names import INTEGER_NAMES, LIVE, PYTHON, ROOTS, DeclaredClasses


def test_names_are_where_they_are_said_to_be() -> None:
    """Each root, decorator and alias stands in the module that its full name begins with."""
    for fullname in [*ROOTS, *INTEGER_NAMES, PYTHON]:
        module, _, name = fullname.rpartition(".")
        assert hasattr(importlib.import_module(module), name), fullname
        assert getattr(wasmbind, name) is getattr(importlib.import_module(module), name)


def test_live_types_are_found_by_their_module() -> None:
    """All of them stand below one package, and say what may be assigned to a field."""
    for name in ("Array", "StaticArray", "ArrayBuffer", "DataView", "Map", "Set", *TYPED_ARRAYS):
        assert getattr(wasmbind, name).__module__.startswith(LIVE)


def test_what_is_not_there_may_come() -> None:
    """A class that cannot be found is no declared one, and is asked for again; the roots are known."""
    asked: list[str] = []
    declared = DeclaredClasses(asked.append)
    assert [declared["files.Files"], declared["files.Files"]] == [False, False]
    assert asked == ["files.Files", "files.Files"]
    assert all(declared[root] for root in ROOTS)
    declared["files.Files"] = True
    assert declared["files.Files"]
    assert len(asked) == 2
    declared.forget()
    assert declared.get("files.Files") is None


def test_mypys_own_names_are_not_looked_up() -> None:
    """Calls that have no full name are told by that."""
    asked: list[str] = []
    declared = DeclaredClasses(asked.append)
    assert not declared["<list>"]
    assert not asked
