"""The registry of opaque values under threads, and beside a model."""

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tests.unit.opaque_registry import Thing, give, reason, take
from wasmbind import _descriptors as d
from wasmbind._handles import most_handles
from wasmbind._opaque import OpaqueRegistry
from wasmbind.errors import HandleError, LowerValueError


@pytest.fixture
def registry() -> OpaqueRegistry:
    """A registry of its own for each test."""
    return OpaqueRegistry("Files")


def test_threads(registry: OpaqueRegistry) -> None:
    """Threads that register, lift and release the same and other objects never see the wrong one."""
    shared = [Thing() for _ in range(20)]
    wrong: list[object] = []
    start = threading.Barrier(6)

    def work(seed: int) -> None:
        start.wait()
        own: dict[int, Thing] = {}
        for round_ in range(3000):
            thing = Thing()
            number = give(registry, thing, "u64", weak=bool(round_ & 1))
            own[number] = thing
            if registry.resolve(number, "") is not thing:
                wrong.append((number, thing))
            other = shared[(round_ * 7 + seed) % len(shared)]
            number = give(registry, other)
            try:
                found = registry.resolve(number, "")
            except HandleError as error:
                # What ended is forgotten when very many others have ended since.
                if error.reason not in ("released", "gone"):
                    wrong.append(error)
            else:
                if found is not other:
                    wrong.append((number, other, found))
            if round_ % 3 == 0:
                registry.release(other)
            if len(own) > 10:
                number, thing = own.popitem()
                registry.release(thing)
        for thing in own.values():
            registry.release(thing)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    for thing in shared:
        registry.release(thing)
    assert len(registry) == 0
    assert not registry.by_number
    assert not registry.by_key


class RegistryMachine(RuleBasedStateMachine):
    """The registry beside a model: what each object is registered as, and what each handle meant."""

    things = Bundle("things")

    def __init__(self) -> None:
        super().__init__()
        self.registry = OpaqueRegistry("Model")
        self.strong: dict[int, Any] = {}
        self.alive: dict[int, weakref.ref[Any]] = {}
        self.numbers: dict[int, set[int]] = {}
        self.ended: dict[int, str] = {}
        self.count = 0

    def names(self) -> Iterator[int]:
        return iter([*self.numbers])

    def end(self, name: int, why: str) -> None:
        for number in self.numbers.pop(name):
            self.ended[number] = why
        self.strong.pop(name, None)

    @rule(target=things)
    def make(self) -> Any:
        thing: Any = Thing()
        self.count += 1
        thing.name = self.count
        self.alive[self.count] = weakref.ref(thing)
        return [thing]

    @rule(box=things, width=st.sampled_from(["u8", "i8", "u16", "u64"]), weak=st.booleans())
    def register(self, box: list[Any], width: str, *, weak: bool) -> None:
        thing = box[0]
        try:
            number = give(self.registry, thing, width, weak=weak)
        except LowerValueError:
            most = most_handles(d.INTEGERS[width])
            used = {number for numbers in self.numbers.values() for number in numbers}
            assert sum(number <= most for number in used) == most
            return
        assert number <= most_handles(d.INTEGERS[width])
        self.ended.pop(number, None)
        self.numbers.setdefault(thing.name, set()).add(number)
        if not weak:
            self.strong[thing.name] = thing

    @rule(box=things)
    def release(self, box: list[Any]) -> None:
        thing = box[0]
        assert self.registry.release(thing) == (thing.name in self.numbers)
        if thing.name in self.numbers:
            self.end(thing.name, "released")

    @rule(box=consumes(things))
    def drop(self, box: list[Any]) -> None:
        name = box.pop().name
        gc.collect()
        if name in self.strong:
            return
        assert self.alive[name]() is None
        if name in self.numbers:
            self.end(name, "expired")

    @rule(count=st.integers(1, 300))
    def exhaust(self, count: int) -> None:
        """Use up many fresh numbers."""
        for _ in range(count):
            thing = Thing()
            number = give(self.registry, thing)
            self.registry.release(thing)
            self.ended[number] = "released"

    @rule()
    def clear(self) -> None:
        self.registry.clear()
        for name in self.names():
            self.end(name, "released")

    @invariant()
    def agrees(self) -> None:
        assert len(self.registry) == len(self.numbers)
        for name, numbers in self.numbers.items():
            for number in numbers:
                assert take(self.registry, number) is self.alive[name]()
        for number, why in [*self.ended.items()][-20:]:
            assert reason(self.registry, number) in (why, "gone")


TestRegistryMachine = RegistryMachine.TestCase
TestRegistryMachine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
