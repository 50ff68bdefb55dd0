"""The options of an `AscModule` class that belong to its binary, and who inherits them."""

import types
from typing import Any

import pytest

from wasmbind import AscClass, AscModule, DeclarationError


class Node(AscClass):
    """A class that no annotation leads to."""


class Base(AscModule, classes=[Node], start="begin", source_map=b"{}"):
    """A module without a binary."""


class First(Base, wasm=b"one"):
    """The binary that the options are for."""


class Same(First):
    """The same binary."""


class Second(First, wasm=b"two"):
    """Another binary, which they are not for."""


def options(cls: Any) -> tuple[object, ...]:
    """What a class says about its binary."""
    return cls.__asc_classes__, cls.__asc_start__, cls.__asc_source_map__


def test_options_wait_for_a_binary() -> None:
    """A class without a binary keeps its options for the class that names one; another binary has its own."""
    assert options(Base) == options(First) == options(Same) == ((Node,), "begin", b"{}")
    assert options(Second) == ((), None, None)
    assert options(AscModule) == ((), None, None)


@pytest.mark.parametrize("listed", [5, "Node", int, Base, list[int]])
def test_only_declared_classes_are_listed(listed: Any) -> None:
    """Anything else in `classes=` is named where it is written."""
    with pytest.raises(DeclarationError, match=r"Wrong: classes= lists .*, which is no declared class"):
        types.new_class("Wrong", (AscModule,), {"classes": [listed]})
