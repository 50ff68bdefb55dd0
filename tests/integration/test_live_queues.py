"""Live maps and sets from which entries are taken at either end, by several threads as well."""

import contextlib
import itertools
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.live_maps_module import Maps, new_maps
from wasmbind import Map


@pytest.fixture(scope="module", params=["stock", "schema"])
def maps(request: pytest.FixtureRequest) -> Iterator[Maps]:
    """An instance of each build, shared by all tests."""
    with new_maps(transform=request.param == "schema") as module:
        yield module


def test_threads_take_each_entry_once(maps: Maps) -> None:
    """Two threads empty a map and a set: nothing is lost or taken twice."""
    count = 3_000
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for make in ("popitem", "pop", "set"):
            subject: Any = maps.group(count) if make == "set" else maps.numbers(count)
            taken: list[list[Any]] = [[], []]
            errors: list[BaseException] = []

            def work(
                mine: list[Any], subject: Any = subject, make: str = make, errors: list[BaseException] = errors
            ) -> None:
                try:
                    if make == "pop":
                        mine += [key for key in range(count) if subject.pop(key, None) is not None]
                    with contextlib.suppress(KeyError):
                        while make != "pop":
                            mine.append(subject.popitem()[0] if make == "popitem" else subject.pop().s)
                except BaseException as error:  # noqa: BLE001 - to be shown
                    errors.append(error)

            threads = [threading.Thread(target=work, args=(mine,)) for mine in taken]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert not errors
            assert len(subject) == 0
            together = taken[0] + taken[1]
            assert len(together) == len(set(together)) == count
    finally:
        sys.setswitchinterval(before)


def test_one_default_for_all_threads(maps: Maps) -> None:
    """Of threads that set a default at the same time all get the one that was set."""
    subject = maps.numbers(0)
    found: list[list[int]] = [[], []]

    def work(mine: list[int], value: int) -> None:
        for key in range(1_000):
            subject.setdefault(key, value)
            mine.append(subject[key])

    threads = [threading.Thread(target=work, args=(mine, value)) for value, mine in enumerate(found)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert found[0] == found[1]


def drain_last(subject: Any) -> None:
    """Empty a map or set from the end."""
    while subject:
        subject.popitem() if isinstance(subject, Map) else subject.pop()


def drain_first(subject: Any) -> None:
    """Empty a map or set from the start."""
    while subject:
        key = next(iter(subject))
        if isinstance(subject, Map):
            del subject[key]
        else:
            subject.remove(key)


@pytest.mark.parametrize("drain", [drain_last, drain_first])
def test_emptying_is_linear(drain: Callable[[Any], None], maps: Maps) -> None:
    """Emptying sixteen times as much takes about sixteen times as long, not the square of that."""
    for make in (maps.texts, maps.group):
        times = []
        for count in (1_000, 16_000):
            subjects: list[Any] = [make(count), make(count)]
            marks = [time.process_time()]
            for subject in subjects:
                drain(subject)
                marks.append(time.process_time())
            times.append(min(end - start for start, end in itertools.pairwise(marks)))
        assert times[1] < 64 * times[0]


@pytest.mark.parametrize("seed", range(4))
def test_both_ends(seed: int, maps: Maps) -> None:
    """Taking from both ends and putting in leaves the order of a dict, and AssemblyScript finds every key."""
    live, expected, serial = maps.numbers(0), dict[float, int](), 0
    for step in range(1_500):
        choice = (step * 7 + seed * 3 + step // 50) % 5
        if choice < 2 or step < 200:
            live[serial] = expected[serial] = serial % 100
            serial += 1
        elif expected and choice == 2:
            assert live.popitem() == expected.popitem()
        elif expected and choice == 3:
            first = next(iter(expected))
            assert next(iter(live)) == first
            assert live.pop(first) == expected.pop(first)
        elif expected:
            middle = list(expected)[len(expected) // 2]
            del live[middle], expected[middle]
        if step % 50 == 0:
            assert list(live.items()) == list(expected.items())
            assert all(maps.hasNumber(live, key) == (key in expected) for key in range(serial))
    assert len(live) == len(expected)


def test_nan_can_be_taken(maps: Maps) -> None:
    """NaN is never found, but it can be the last entry."""
    numbers = maps.numbers(2)
    numbers[float("nan")] = 9
    assert numbers.popitem()[1] == 9
    assert dict(numbers) == {0.0: 0, 1.0: 1}


def test_iterations_notice_removals(maps: Maps) -> None:
    """Entries that were moved together under an iteration are an error, also where the number is as before."""
    numbers = maps.numbers(100)
    keys = iter(numbers)
    next(keys)
    for key in range(60):
        del numbers[key]
    for key in range(60):
        numbers[200 + key] = 1
    with pytest.raises(RuntimeError, match="changed"):
        list(keys)
