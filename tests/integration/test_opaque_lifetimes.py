"""How long opaque values are kept, and that nothing else keeps them."""

# mypy: disable-error-code="empty-body"

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.opaque_module import (
    BUILDS,
    NUMBERS,
    PATHS,
    TRANSFORMED,
    Build,
    Numbers,
    Thing,
    take_path,
)
from wasmbind import (
    HandleError,
    InstanceError,
    LowerRangeError,
)

each_build = pytest.mark.parametrize("build", BUILDS, ids=str)
each_transformed = pytest.mark.parametrize("build", TRANSFORMED, ids=str)


@pytest.fixture(params=PATHS)
def numbers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, build: Build) -> Iterator[Numbers]:
    """An instance whose members are generated, take the interpreted path, or call through wasmtime's public API."""
    take_path(request.param, monkeypatch)
    found = build.bind(Numbers, NUMBERS)()
    yield found
    found.close()


@each_build
def test_kept_until_released(numbers: Numbers) -> None:
    """Nothing but the registry keeps a strongly registered object, and nothing keeps a weakly registered one."""
    strong, weak = Thing(), Thing()
    watches = [weakref.ref(strong), weakref.ref(weak)]
    numbers.pass_usize(strong)
    numbers.weakly(weak)
    numbers.weakly_wide(weak)
    del strong, weak
    gc.collect()
    assert watches[1]() is None
    holders = gc.get_referrers(watches[0]())
    assert [type(each).__name__ for each in holders] == ["Entry"]
    del holders
    numbers.runtime.opaque.release(watches[0]())
    assert watches[0]() is None


@each_build
def test_closing_releases(build: Build) -> None:
    """`close` lets go of all objects, and so does dropping the instance, though they refer to it."""
    for close in (True, False):
        numbers = build.bind(Numbers, NUMBERS)()
        thing: Any = Thing()
        thing.files = numbers
        watch, registry = weakref.ref(thing), numbers.runtime.opaque
        numbers.keep(thing)
        numbers.pass_u64(thing)
        numbers.weakly(thing)
        if close:
            numbers.close()
            assert len(registry) == 0
            with pytest.raises(InstanceError, match="already closed"):
                numbers.pass_usize(thing)
            with pytest.raises(InstanceError, match="already closed"):
                numbers.small = thing
            assert len(registry) == 0
        del thing, numbers, registry
        gc.collect()
        assert watch() is None


@each_build
def test_scopes(numbers: Numbers) -> None:
    """What is registered inside a scope is released at its end, what host functions give included."""
    a, b, before = Thing("a"), Thing("b"), Thing("before")
    a.other = b
    numbers.pass_u8(before)
    with numbers.runtime.opaque.scope():
        numbers.keep(a)
        numbers.pass_u8(before)
        assert numbers.through_wide(a) is b
        assert len(numbers.runtime.opaque) == 3
    assert [*numbers.runtime.opaque] == [before]
    with pytest.raises(HandleError, match="released"):
        numbers.give()


@each_build
def test_flat_memory(numbers: Numbers) -> None:
    """A hundred thousand objects that are registered and released, or die, leave nothing."""
    release = numbers.runtime.opaque.release

    def work(times: int) -> None:
        for _ in range(times):
            thing = Thing()
            numbers.pass_u64(thing)
            release(thing)
            numbers.weakly(thing)

    work(2000)
    gc.collect()
    before = len(gc.get_objects())
    work(10_000)
    gc.collect()
    assert len(gc.get_objects()) - before < 50
    assert len(numbers.runtime.opaque) == 0
    assert not numbers.runtime.opaque.by_number


def test_threads() -> None:
    """Threads that pass objects, and set globals without waiting for their turn, get their own back."""
    numbers = Build("modern").bind(Numbers, NUMBERS)()
    wrong: list[object] = []
    shared = [Thing() for _ in range(8)]

    def work(seed: int) -> None:
        for round_ in range(600):
            thing = shared[(round_ + seed) % 8] if round_ % 3 else Thing()
            take = (numbers.pass_usize, numbers.pass_u64, numbers.weakly, numbers.pass_u8)[round_ % 4]
            if round_ % 4 == 3:
                thing = shared[seed % 8]
            if take(thing) is not thing:
                wrong.append(thing)
            numbers.large = thing
            if round_ % 50 == 0:
                numbers.runtime.opaque.release(object())

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    numbers.close()


@each_build
def test_nested_calls(numbers: Numbers) -> None:
    """Calls from host functions, and from what converts an argument, do not disturb each other's handles."""
    outer, inner = Thing("outer"), Thing("inner")

    class Half:
        def __float__(self) -> float:
            assert numbers.second(0.0, inner, "x", inner, "x") is inner
            return 0.5

    class Other:
        @property
        def other(self) -> Thing:
            assert numbers.through_first(inner, inner) is inner
            return outer

    half: Any = Half()
    assert numbers.second(half, outer, "s", outer, "s") is outer
    assert numbers.through_wide(Other()) is outer


def test_out_of_range_is_still_an_error() -> None:
    """Numbers that are declared as numbers stay numbers."""
    numbers = Build("modern").bind(Numbers, NUMBERS)()
    with pytest.raises(LowerRangeError):
        numbers.forged(1 << 40)
