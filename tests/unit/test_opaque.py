"""The registry of opaque values: handles are never mixed up, and end when they should."""

import gc
import weakref
from typing import Any

import pytest

from tests.unit.opaque_registry import Thing, give, reason, take
from wasmbind import _handles
from wasmbind._memory import Ended
from wasmbind._opaque import OpaqueRegistry
from wasmbind.errors import InstanceError, LowerTypeError


@pytest.fixture
def registry() -> OpaqueRegistry:
    """A registry of its own for each test."""
    return OpaqueRegistry("Files")


class Sly:
    """Equal to everything, and not to be hashed."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]  # that is the point

    def __bool__(self) -> bool:
        raise LookupError("asked for its truth")


def test_identity_is_all_that_counts(registry: OpaqueRegistry) -> None:
    """Equal objects get handles of their own; nothing of an object is asked, neither hash nor truth nor length."""
    values: list[Any] = [Sly(), Sly(), [], [], {}, 1.5, float("1.5"), "", (), NotImplemented, False, 0, type, print]
    numbers = [give(registry, value) for value in values]
    assert len(set(numbers)) == len({id(value) for value in values})
    assert all(take(registry, number) is value for number, value in zip(numbers, values, strict=True))
    assert all(value in registry for value in values)
    assert Sly() not in registry
    assert [] not in registry
    assert None not in registry
    assert len([*registry]) == len(registry) == len(set(numbers))


def test_a_new_object_at_the_same_address(registry: OpaqueRegistry) -> None:
    """An object that lies where a dead one lay is another one, even before the death has been dealt with."""
    for _ in range(200):
        thing = Thing()
        number = give(registry, thing, weak=True)
        address = id(thing)
        del thing
        other = Thing()
        if id(other) == address:
            assert other not in registry
            assert not registry.release(other)
            assert give(registry, other, weak=True) != number
            assert reason(registry, number) == "expired"
            break
    else:
        pytest.fail("no object ever got the address of a dead one")


def test_strong(registry: OpaqueRegistry) -> None:
    """An object is kept alive until it is released."""
    thing = Thing()
    watch, number = weakref.ref(thing), give(registry, thing)
    del thing
    gc.collect()
    assert watch() is take(registry, number)
    assert registry.release(watch())
    assert watch() is None
    assert reason(registry, number) == "released"
    assert not registry.release(Thing())


def test_weak(registry: OpaqueRegistry) -> None:
    """A weakly registered object lives as long as others keep it; then its handle has expired."""
    thing = Thing()
    number = give(registry, thing, weak=True)
    assert take(registry, number) is thing
    assert give(registry, thing, weak=True) == number
    assert (len(registry), list(registry), thing in registry) == (1, [thing], True)
    del thing
    assert (len(registry), list(registry)) == (0, [])
    assert reason(registry, number) == "expired"
    assert not registry.by_number
    assert not registry.by_key


def test_weak_cycle(registry: OpaqueRegistry) -> None:
    """So it does where the collector of cycles ends the object."""
    thing: Any = Thing()
    thing.me = thing
    number = give(registry, thing, weak=True)
    del thing
    gc.collect()
    assert reason(registry, number) == "expired"


@pytest.mark.parametrize("value", [5, "text", (), [], {}, object()])
def test_not_to_be_referred_to_weakly(registry: OpaqueRegistry, value: object) -> None:
    """What has no weak references is refused, also if it is registered already, and leaves nothing behind."""
    for registered in (False, True):
        if registered:
            give(registry, value)
        with pytest.raises(LowerTypeError) as caught:
            give(registry, value, weak=True)
        assert "expects an object that can be referred to weakly; declare it as Opaque[T]" in str(caught.value)
        assert len(registry) == registered
    assert give(registry, value) == 1


def test_weak_and_strong(registry: OpaqueRegistry) -> None:
    """Passed both ways an object has one handle, and is kept alive; released it is released for both."""
    thing = Thing()
    watch, number = weakref.ref(thing), give(registry, thing, weak=True)
    assert give(registry, thing) == give(registry, thing, weak=True) == number
    del thing
    assert take(registry, number) is watch()
    registry.release(watch())
    assert watch() is None
    assert reason(registry, number) == "released"


def test_resurrected(registry: OpaqueRegistry) -> None:
    """An object that comes back to life in its finaliser has lost its handle, and gets a new one."""
    saved: list[Any] = []

    class Phoenix:
        def __del__(self) -> None:
            saved.append(self)

    phoenix = Phoenix()
    phoenix.me = phoenix  # type: ignore[attr-defined]  # for the collector of cycles, which clears weak references first
    number = give(registry, phoenix, weak=True)
    del phoenix
    gc.collect()
    assert reason(registry, number) == "expired"
    assert give(registry, saved[0], weak=True) == number + 1


def test_finalisers_may_use_the_registry(registry: OpaqueRegistry) -> None:
    """Releasing an object runs its finaliser, which may release, register and clear."""

    class Busy:
        def __del__(self) -> None:
            registry.release(other)
            give(registry, late)

    other, late = Thing(), Thing()
    busy = Busy()
    numbers = [give(registry, other), give(registry, busy)]
    watch = weakref.ref(busy)
    del busy
    registry.release(watch())
    assert [reason(registry, number) for number in numbers] == ["released", "released"]
    assert list(registry) == [late]


def test_clear(registry: OpaqueRegistry) -> None:
    """`clear` releases everything; numbers go on."""
    things = [Thing() for _ in range(5)]
    watches = [weakref.ref(thing) for thing in things]
    for index in range(5):
        give(registry, things[index], weak=bool(index % 2))
    del things
    registry.clear()
    assert len(registry) == 0
    assert all(watch() is None for watch in watches)
    assert {reason(registry, number) for number in (1, 3, 5)} == {"released"}
    assert give(registry, registry) == 6


def test_ended(registry: OpaqueRegistry) -> None:
    """At the end of the instance all objects go, and nothing is registered any more."""
    thing = Thing()
    watch, number = weakref.ref(thing), give(registry, thing)
    del thing
    registry.end(Ended(InstanceError("closed", "Files: already closed")))
    assert watch() is None
    with pytest.raises(InstanceError, match="already closed"):
        give(registry, Thing())
    assert (len(registry), list(registry), reason(registry, number)) == (0, [], "released")
    assert not registry.release(registry)
    registry.clear()


def test_memory_stays_flat(registry: OpaqueRegistry) -> None:
    """Registering and ending a hundred thousand objects leaves nothing but what is said of the last ones."""
    thing = Thing()
    for index in range(100_000):
        thing = Thing()
        give(registry, thing, weak=bool(index & 1))
        if not index & 1:
            registry.release(thing)
    del thing
    assert len(registry) == 0
    assert not registry.by_number
    assert not registry.by_key
    assert not registry._gone
    assert not registry._numbers._free
    assert len(registry._numbers._ends) <= _handles._MEMORY
