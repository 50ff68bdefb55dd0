"""What the tests of the registry of opaque values share."""

import pytest

from wasmbind import _descriptors as d
from wasmbind._handles import most_handles
from wasmbind._opaque import OpaqueRegistry
from wasmbind.errors import HandleError


class Thing:
    """Something that can be referred to weakly."""


def give(registry: OpaqueRegistry, value: object, width: str | None = None, *, weak: bool = False) -> int:
    """The handle of an object."""
    most = most_handles(None if width is None else d.INTEGERS[width])
    return registry.enter(value, most, "Files.take(v)", "Opaque", weak=weak).number


def take(registry: OpaqueRegistry, number: int) -> object:
    """The object of a handle."""
    return registry.resolve(number, "Opaque")


def reason(registry: OpaqueRegistry, number: int) -> str:
    """Why a handle stands for nothing."""
    with pytest.raises(HandleError) as caught:
        take(registry, number)
    assert caught.value.handle == number
    return caught.value.reason
