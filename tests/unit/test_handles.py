"""Handles: numbers from 1 on, fresh ones as long as there are any, and then those released longest ago."""

import pytest

from tests.unit.opaque_registry import Thing, give, reason, take
from wasmbind import _descriptors as d
from wasmbind import _handles
from wasmbind._handles import WIDE, Numbers, most_handles
from wasmbind._opaque import OpaqueRegistry
from wasmbind.errors import LowerValueError

WIDTHS = ["i8", "u8", "i16", "u16", "i32", "u32", "isize", "usize", "i64", "u64"]


@pytest.fixture
def registry() -> OpaqueRegistry:
    """A registry of its own for each test."""
    return OpaqueRegistry("Files")


def test_handles_count_up_from_one(registry: OpaqueRegistry) -> None:
    """Fresh numbers are taken as long as there are any, whatever has been released."""
    things = [Thing() for _ in range(4)]
    assert [give(registry, thing) for thing in things] == [1, 2, 3, 4]
    assert [give(registry, thing) for thing in things] == [1, 2, 3, 4]
    registry.release(things[0])
    assert give(registry, things[0]) == 5
    assert [take(registry, number) for number in (2, 3, 4, 5)] == [*things[1:], things[0]]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_width(registry: OpaqueRegistry, width: str) -> None:
    """The largest handle fits the integer type, as a number that is not negative."""
    most = most_handles(d.INTEGERS[width])
    assert most == min(d.INTEGERS[width].high, WIDE)
    assert take(registry, give(registry, registry, width)) is registry


@pytest.mark.parametrize(("width", "count"), [("i8", 127), ("u8", 255), ("i16", 32767), ("u16", 65535)])
def test_narrow_handles_run_out(registry: OpaqueRegistry, width: str, count: int) -> None:
    """All numbers of a narrow type can be in use; then released ones are used again, those released first first."""
    things = [Thing() for _ in range(count)]
    assert [give(registry, thing, width) for thing in things] == list(range(1, count + 1))
    with pytest.raises(LowerValueError) as caught:
        give(registry, Thing(), width)
    problem = f"handles of {width} run out: {count} in use"
    assert str(caught.value) == f"Files.take(v): {problem}; release some, or use a wider type in AssemblyScript"
    assert len(registry) == count
    assert give(registry, things[5], width) == 6  # what is registered needs no new one
    for index in (40, 7, 99):
        registry.release(things[index])
    assert [give(registry, found := Thing(), width) for _ in range(1)] == [41]
    assert take(registry, 41) is found
    kept = [Thing(), Thing()]
    assert [give(registry, thing, width) for thing in kept] == [8, 100]
    with pytest.raises(LowerValueError):
        give(registry, Thing(), width)
    assert give(registry, Thing(), "u32") == count + 1


def test_a_second_smaller_handle(registry: OpaqueRegistry) -> None:
    """An object whose handle is too large for a narrow type gets another one; both mean it, and end together."""
    others = [Thing() for _ in range(300)]
    for other in others:
        give(registry, other, "u64")
    thing = Thing()
    wide = give(registry, thing, "u64")
    registry.release(others[2])
    narrow = give(registry, thing, "u8")
    assert (wide, narrow) == (301, 3)
    assert take(registry, wide) is take(registry, narrow) is thing
    assert give(registry, thing, "u64") == give(registry, thing, "u8") == narrow
    assert len(registry) == 300
    assert registry.release(thing)
    assert [reason(registry, number) for number in (wide, narrow)] == ["released", "released"]


def test_narrow_handles_released_before_they_are_scarce(registry: OpaqueRegistry) -> None:
    """Small numbers that a wide type has let go of serve a narrow one that is used for the first time."""
    things = [Thing() for _ in range(400)]
    for thing in things:
        give(registry, thing)
    for thing in things[100:103]:
        registry.release(thing)
    kept = [Thing() for _ in range(3)]
    assert [give(registry, thing, "i8") for thing in kept] == [101, 102, 103]
    with pytest.raises(LowerValueError):
        give(registry, Thing(), "i8")


def test_wide_handles_begin_again(registry: OpaqueRegistry) -> None:
    """After two thousand million handles the numbers begin again, leaving out those in use."""
    first = [Thing() for _ in range(3)]
    assert [give(registry, thing) for thing in first] == [1, 2, 3]
    registry._numbers._fresh = WIDE
    last = Thing()
    assert give(registry, last) == WIDE
    again = [Thing() for _ in range(3)]
    numbers = [give(registry, thing) for thing in again]
    assert len({*numbers, 1, 2, 3, WIDE}) == 7
    assert max(numbers) < WIDE
    assert [take(registry, number) for number in (1, WIDE, *numbers)] == [first[0], last, *again]


def test_fates() -> None:
    """The last handles that ended are remembered with what has become of them, others only as far as numbers tell."""
    numbers = Numbers()
    in_use: set[int] = set()
    given = [numbers.take(WIDE, in_use) for _ in range(_handles._MEMORY + 10)]
    for number in given:
        numbers.end(number, "released" if number % 2 else "expired")
    assert numbers.fate(given[0]) == "gone"
    assert numbers.fate(given[-1]) == "expired"
    assert numbers.fate(given[-2]) == "released"
    assert [numbers.fate(number) for number in (0, -1, given[-1] + 1, 1 << 40)] == ["unknown"] * 4
    assert len(numbers._ends) == _handles._MEMORY
