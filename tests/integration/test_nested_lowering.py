"""Iterables that call the module while their items are lowered: what they make survives, and it costs no collection."""

import random
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from tests.integration.cleanup_module import Line, count_objects, start
from wasmbind import Array, string
from wasmbind._heap import Heap

BUILDS: dict[str, Callable[[], Any]] = {
    "modern": start,
    "classic": lambda: start(compiler="classic"),
    "minimal": lambda: start("--runtime", "minimal"),
    "stub": lambda: start("--runtime", "stub"),
    "schema": lambda: start(transform=True),
}


def count_collections(monkeypatch: pytest.MonkeyPatch) -> list[Heap]:
    """Have collections that end a nested call noted in a list, instead of being run."""
    collections: list[Heap] = []

    def collect(heap: Heap) -> None:
        collections.append(heap)

    monkeypatch.setattr(Heap, "collect_quietly", collect)
    return collections


class Nester:
    """Random calls inside random iterables, several deep; each gives its result and what it has to be."""

    def __init__(self, module: Any, seed: int) -> None:
        self.module, self.chance = module, random.Random(seed)  # noqa: S311 - to be repeatable

    def text(self) -> str:
        return "abcdefghij"[: self.chance.randrange(1, 10)] * self.chance.choice([1, 1, 50])

    def collect(self) -> None:
        """Let the collector take some steps, or all."""
        self.module.churn(self.chance.randrange(200))
        if self.chance.random() < 0.1 and self.module.runtime.binary.function("__collect"):
            self.module.runtime.collect()

    def texts(self, depth: int, expected: list[str]) -> Iterator[str]:
        """Strings, some of which the module makes."""
        for _ in range(self.chance.randrange(1, 6)):
            found = self.string(depth) if depth else (self.text(),) * 2
            expected.append(found[1])
            self.collect()
            yield found[0]

    def lines(self, depth: int, expected: list[str]) -> Iterator[Line]:
        """Objects that the module makes, kept by nobody but the iterable's user."""
        for text in self.texts(depth, expected):
            yield self.module.make(text)

    def numbers(self, depth: int) -> Iterator[Iterator[float]]:
        """Lists of lists, of numbers that calls give."""
        for _ in range(3):
            yield (float(len(self.string(depth)[0])) for _ in range(2))

    def string(self, depth: int) -> tuple[str, str]:
        """Some call that gives a string."""
        module, expected = self.module, list[str]()
        match self.chance.randrange(5):
            case 0:
                found = module.join(self.lines(depth - 1, expected))
            case 1:
                found = module.four(*[self.texts(depth - 1, expected) for _ in range(4)])
            case 2:
                live = module[Array[string]](self.texts(depth - 1, expected))
                live.extend(self.texts(depth - 1, expected))
                found = "".join(live)
            case 3:
                pairs = [(f"{at}", text) for at, text in enumerate(self.texts(depth - 1, expected))]
                assert module.digits(dict(pairs)) == sum(len(key) + len(text) for key, text in pairs)
                found = "".join(expected)
            case _:
                if depth > 1:
                    assert module.sum(self.numbers(depth - 1)) >= 6
                found = module.join([*self.lines(depth - 1, expected)])
        return found, "".join(expected)


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("seed", range(3))
def test_what_nested_calls_make_survives(build: str, seed: int) -> None:
    """Generators inside generators call the module while the collector is anywhere in its work."""
    module = BUILDS[build]()
    nester = Nester(module, seed)
    for _ in range(40):
        found, expected = nester.string(3)
        assert found == expected


@pytest.mark.parametrize("build", ["modern", "schema"])
def test_nested_calls_of_an_iterable_collect_nothing(build: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the caller's own code runs nothing is half made, so no collection has to end what was begun."""
    module = BUILDS[build]()
    collections = count_collections(monkeypatch)
    assert module.join(module.make(str(at)) for at in range(20)) == "".join(map(str, range(20)))
    assert module.lengths({module.make("ab").s: 0, "c": 1}.keys()) == 3
    assert module.digits({"a": "b"}) == 2

    class Number:
        def __float__(self) -> float:
            return float(len(module.make("four").s))

    assert module.sum([[Number()], (Number(), 1.0)]) == 9.0
    assert len(module[Array[Line]](module.make("x") for _ in range(5))) == 5
    assert not collections


def test_other_nested_calls_collect(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that comes in the middle of anything else still leaves the heap unmarked."""
    module = start()
    collections = count_collections(monkeypatch)

    class Number:
        def __index__(self) -> int:
            return len(module.make("four").s)

    module.churn(Number())
    assert collections


@pytest.mark.parametrize("build", ["modern", "schema"])
def test_arguments_stay_held_while_a_later_one_calls(build: str) -> None:
    """What a nested call keeps in the scratch slots of the outer one does not let go of its arguments."""
    module = BUILDS[build]()
    live = module.live([])

    def texts() -> Iterator[str]:
        for at in range(40):  # the glue of `append` makes new buffers, and clears its slots
            live.append(str(at))
            live[0] = str(at)
            live.extend([str(at)] * 9)
            yield ""
        module.runtime.collect()
        module.lengths(["overwritten" * 20] * 200)

    assert module.four(["a"] * 3, ["b"] * 3, ["c"] * 3, texts()) == "aaabbbccc"


def test_failures_in_iterables_leave_nothing() -> None:
    """An iterable that fails, at any depth, leaves no object behind."""
    module = start()

    def failing(depth: int) -> Iterator[str]:
        yield module.make("x").s
        if not depth:
            raise LookupError
        yield str(module.lengths(failing(depth - 1)))

    counts = []
    for _ in range(30):
        with pytest.raises(LookupError):
            module.four(["a"], ["b"], failing(3), ["c"])
        with pytest.raises(LookupError):
            module.sum([[1.0], (len(text) for text in failing(0))])
        counts.append(count_objects(module))
    assert counts == counts[:1] * 30


@pytest.mark.parametrize("build", ["modern", "classic", "minimal"])
def test_the_root_table_grows_while_others_collect(build: str) -> None:
    """A signal handler that collects in the middle of making root slots does not take them away again."""
    module = BUILDS[build]()
    busy = False

    def handle(frame: FrameType, event: str, _: object) -> None:
        nonlocal busy
        caller = frame.f_back
        if event == "call" and not busy and caller is not None and caller.f_code.co_filename.endswith("_roots.py"):
            busy = True
            module.runtime.collect()
            module.churn(100)
            busy = False

    sys.setprofile(handle)
    try:
        held = [module.make(str(at)) for at in range(1_000)]
    finally:
        sys.setprofile(None)
    module.churn(100)
    module.runtime.collect()
    module.churn(100)
    assert [line.s for line in held] == [str(at) for at in range(1_000)]
