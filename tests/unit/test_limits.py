"""`Limits`: plain data that refuses what means nothing."""

import dataclasses
import pickle

import pytest

from wasmbind import LimitError, Limits


class Seven:
    """An integer to `operator.index`, as NumPy's are."""

    def __index__(self) -> int:
        return 1 << 20


def test_values_are_kept() -> None:
    """Limits are equal by value, can be keys, and hold plain numbers."""
    limits = Limits(memory=Seven(), timeout=2, fuel=5)  # type: ignore[arg-type]  # an integer to __index__
    assert limits == Limits(memory=1 << 20, timeout=2.0, fuel=5)
    assert {limits: 1}[dataclasses.replace(limits)] == 1
    assert (type(limits.memory), type(limits.timeout)) == (int, float)
    assert Limits() == Limits(memory=None, timeout=None, fuel=None, stack=None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("memory", 65_535),
        ("memory", -1),
        ("memory", 1 << 63),
        ("timeout", 0),
        ("timeout", -0.5),
        ("timeout", float("inf")),
        ("timeout", float("nan")),
        ("fuel", 0),
        ("fuel", 1 << 63),
        ("stack", 1000),
        ("stack", (2 << 20) + 1),  # wasmtime would end the process
    ],
)
def test_numbers_that_mean_nothing(name: str, value: float) -> None:
    """A number out of range is a ValueError that names the limit."""
    with pytest.raises(ValueError, match=rf"Limits\({name}=\): .* None means no limit"):
        Limits(**{name: value})  # type: ignore[arg-type]  # the name is a parameter


@pytest.mark.parametrize("name", ["memory", "timeout", "fuel", "stack"])
@pytest.mark.parametrize("value", ["1000000", True, b"1", [1]])
def test_no_numbers(name: str, value: object) -> None:
    """What is no number is a TypeError that shows it."""
    with pytest.raises(TypeError, match=rf"Limits\({name}=\)") as caught:
        Limits(**{name: value})  # type: ignore[arg-type]  # that is the mistake
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize("name", ["memory", "fuel", "stack"])
def test_fractions(name: str) -> None:
    """Only seconds have fractions."""
    with pytest.raises(TypeError, match="whole number"):
        Limits(**{name: 1e6})  # type: ignore[arg-type]  # that is the mistake


def test_frozen_and_by_keyword() -> None:
    """Nobody changes the limits of a running instance, or mistakes one number for another."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Limits().fuel = 3  # type: ignore[misc]  # that is the mistake
    with pytest.raises(TypeError):
        Limits(1)  # type: ignore[call-arg]  # that is the mistake


def test_error_can_be_pickled() -> None:
    """A LimitError keeps its facts on the way to another process."""
    error = pickle.loads(pickle.dumps(LimitError("Files", "fuel", 1000)))  # noqa: S301 - our own bytes
    assert (error.limit, error.allowed) == ("fuel", 1000)
    message = "Files used up its 1,000 units of fuel\n  start a fresh instance, with Limits(fuel=...) if it needs more"
    assert str(error) == message
