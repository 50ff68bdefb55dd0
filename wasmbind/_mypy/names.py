"""The full names under which mypy knows wasmbind's types, and what it asks about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.nodes import TypeInfo

from wasmbind._descriptors import INTEGERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy.nodes import SymbolTableNode

__all__ = ["INTEGER_NAMES", "LIVE", "MODULE_ROOT", "PYTHON", "ROOTS", "DeclaredClasses", "is_declared", "is_module"]

#: What declared classes derive from.
MODULE_ROOT: Final = "wasmbind._modules.AscModule"
ROOTS: Final = frozenset({"wasmbind._declarative.AscClass", "wasmbind._declarative.AscRecord", MODULE_ROOT})
#: The decorator that keeps a trivial body in Python.
PYTHON: Final = "wasmbind._stubs.python"
#: Where the live types stand.
LIVE: Final = "wasmbind._live."
#: The integer types by the full names of their aliases.
INTEGER_NAMES: Final = {f"wasmbind.types.{name}": name for name in INTEGERS}


def is_declared(info: TypeInfo) -> bool:
    """Whether a class derives from one of wasmbind's roots and is none itself."""
    return info.fullname not in ROOTS and any(base.fullname in ROOTS for base in info.mro)


def is_module(info: TypeInfo) -> bool:
    """Whether a class derives from `AscModule` and is not that itself."""
    return info.fullname != MODULE_ROOT and info.has_base(MODULE_ROOT)


class DeclaredClasses(dict[str, bool]):
    """Tells by its full name whether a class is a declared one: `declared[fullname]`.

    mypy asks for each call and each attribute of a program, so the answer is remembered, and known at once where it is.
    """

    def __init__(self, lookup: Callable[[str], SymbolTableNode | None]) -> None:
        """Know the roots only.

        Args:
            lookup: finds what a full name stands for.
        """
        super().__init__()
        self._lookup = lookup
        self.forget()

    def forget(self) -> None:
        """Ask again: another build begins."""
        self.clear()
        self.update(dict.fromkeys(ROOTS, True))

    def __missing__(self, fullname: str) -> bool:
        if "." not in fullname:  # mypy's name for a list that is written out, for instance
            self[fullname] = False
            return False
        try:
            found = self._lookup(fullname)
        except Exception:  # noqa: BLE001 - mypy's tables may be in the making: no answer must not end its run
            return False
        node = found.node if found is not None else None
        if node is None or (isinstance(node, TypeInfo) and not node.mro):
            return False  # it may be loaded or analysed yet
        known = self[fullname] = isinstance(node, TypeInfo) and is_declared(node)
        return known
