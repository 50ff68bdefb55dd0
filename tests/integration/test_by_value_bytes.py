"""Bytes by value: what is taken, and what it becomes."""

from __future__ import annotations

import ctypes
from array import array
from typing import Any

import numpy as np
import pytest

from tests.integration.sequences_module import SCHEMA, STOCK, collect, start
from wasmbind import LiftError, LowerValueError


@pytest.fixture(scope="module", params=[*STOCK, *SCHEMA])
def module(request: pytest.FixtureRequest) -> Any:
    """An instance of every build."""
    return start(request.param)


@pytest.fixture(scope="module", params=SCHEMA)
def kinds(request: pytest.FixtureRequest) -> Any:
    """An instance of a build with a schema."""
    return start(request.param)


def test_bytes(module: Any) -> None:
    """Whatever consists of bytes is copied, without gaps and in its order."""
    values: list[Any] = [
        b"",
        b"abc",
        bytearray(b"abc"),
        memoryview(b"abcdef")[::2],
        array("b", [1, -1]),
        np.zeros((2, 3), "u1"),
    ]
    for given in values:
        expected = given.tobytes() if hasattr(given, "tobytes") else bytes(given)
        assert module.blob(given) == expected
        assert module.blobSize(given) == len(expected)
        assert type(module.blob(given)) is bytes
    assert module.blob((ctypes.c_ubyte * 3)(1, 2, 3)) == b"\1\2\3"
    assert module.maybeBlob(None) is None
    assert module.maybeBlob(b"x") == b"x"
    assert module.part(b"abcd") == b"bc"
    large = bytes(range(256)) * 4_000
    assert module.blob(large) == large


def test_fields(module: Any) -> None:
    """Fields of bytes and tuples are read and written."""
    box = module.box()
    assert (box.data, box.pair) == (b"", (1, 2))
    box.data, box.pair = b"some", [3, 4]
    collect(module)
    assert (box.data, box.pair) == (b"some", (3, 4))
    with pytest.raises(LowerValueError, match="2 elements are declared, 1 given"):
        box.pair = (1,)
    assert box.pair == (3, 4)


def test_kinds_of_bytes(kinds: Any) -> None:
    """The schema says what bytes become."""
    for takes in (kinds.byteView, kinds.byteClamped, kinds.byteArray, kinds.byteFixed):
        for given in (b"", b"abc", bytearray(b"x"), np.arange(9, dtype="u1")[::2]):
            assert takes(given) == bytes(given)
    assert kinds.roomOf(b"abc") == 4


def test_bytes_of_other_elements() -> None:
    """Elements that are no bytes are not lifted as such."""
    with pytest.raises(LiftError, match="ArrayBuffer expected, found an object of run-time id"):
        start("modern").wide()
