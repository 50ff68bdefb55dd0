"""Declarations: a function whose body says nothing is one, every other function is Python."""

# pyright: reportReturnType=false

# mypy: disable-error-code="empty-body"
# ruff: noqa: ARG001 - what matters here is the body

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from wasmbind import AscClass, i32, python, string
from wasmbind._stubs import is_stub, stubs_of


def _ellipsis(self: Any, a: i32) -> i32: ...
def _documented(self: Any, a: i32) -> i32:
    """Say what it does."""


def _documented_ellipsis(self: Any) -> i32:
    """Say what it does."""
    ...  # noqa: PIE790 - users write it


def _pass(self: Any) -> None:
    pass


def _refuses(self: Any) -> i32:
    raise NotImplementedError


def _refuses_with_reason(self: Any) -> i32:
    raise NotImplementedError("declared only")


def _refuses_empty_call(self: Any) -> i32:
    raise NotImplementedError()  # noqa: RSE102 - users write it


def _documented_refuses(self: Any) -> i32:
    """Say what it does."""
    raise NotImplementedError


def _documented_refuses_with_reason(self: Any) -> i32:
    """Say what it does."""
    raise NotImplementedError("declared only")


def _defaults(self: Any, a: i32, b: i32 = 3, c: string = "x") -> i32: ...


STUBS = [
    _ellipsis,
    _documented,
    _documented_ellipsis,
    _pass,
    _refuses,
    _refuses_with_reason,
    _refuses_empty_call,
    _documented_refuses,
    _documented_refuses_with_reason,
    _defaults,
]


def _returns_value(self: Any) -> int:
    return 3


def _returns_argument(self: Any, a: int) -> int:
    return a


def _returns_true(self: Any) -> bool:
    return True


def _documented_returns_value(self: Any) -> str:
    """Say what it does."""
    return "value"


def _returns_empty_tuple(self: Any) -> tuple[()]:
    return ()


def _calls(self: Any) -> None:
    print(self)  # noqa: T201 - a body that does something


def _raises_other(self: Any) -> None:
    raise ValueError


def _raises_other_with_reason(self: Any) -> None:
    raise ValueError("no")


def _raises_argument(self: Any, error: Exception) -> None:
    raise error


def _refuses_with_computed_reason(self: Any, reason: str) -> None:
    raise NotImplementedError(reason)


def _yields(self: Any) -> Iterator[int]:
    yield 3


async def _waits(self: Any) -> None: ...


def _assigns(self: Any) -> None:
    self.x = 3


@python
def _kept(self: Any) -> None: ...


REAL: list[Callable[..., Any]] = [
    _returns_value,
    _returns_argument,
    _returns_true,
    _documented_returns_value,
    _returns_empty_tuple,
    _calls,
    _raises_other,
    _raises_other_with_reason,
    _raises_argument,
    _refuses_with_computed_reason,
    _yields,
    _waits,
    _assigns,
    _kept,
]


@pytest.mark.parametrize("function", STUBS, ids=lambda function: function.__name__)
def test_stub(function: Callable[..., Any]) -> None:
    """A body that says nothing makes a function a declaration."""
    assert is_stub(function)
    assert stubs_of(function) == [function]
    assert stubs_of(staticmethod(function)) == [function]
    assert stubs_of(property(function)) == [function]


@pytest.mark.parametrize("function", REAL, ids=lambda function: function.__name__)
def test_real_body(function: Callable[..., Any]) -> None:
    """Every other function stays Python, and so does one marked `@python`."""
    assert not is_stub(function)
    assert stubs_of(function) == []


@pytest.mark.parametrize("value", [None, 3, "f", print, int, property(), AscClass])
def test_what_is_no_function_is_no_stub(value: object) -> None:
    """Values, built-ins and classes are never declarations."""
    assert not is_stub(value)
    assert stubs_of(value) == []


def _sets(self: Any, value: i32) -> None: ...
def _sets_in_python(self: Any, value: int) -> None:
    self.x = value


def _gets(self: Any) -> i32: ...
def test_property_with_one_stub() -> None:
    """A property may have a declared getter and a Python setter."""
    assert stubs_of(property(_gets, _sets_in_python)) == [_gets]
    assert len(stubs_of(property(_gets, _sets))) == 2
