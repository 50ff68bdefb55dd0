"""Opaque values as `externref`: the same objects come back, whatever comes in between."""

# mypy: disable-error-code="empty-body"

import random
import signal
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.opaque_module import (
    NUMBERS,
    PATHS,
    REFERENCES,
    Build,
    Numbers,
    References,
    Thing,
    WeakReferences,
    take_path,
    with_binary_of,
)
from wasmbind import AscModule, BindError, HandleError, InstanceError, LiftError, Opaque, i32, usize
from wasmbind._opaque_glue import TURNS

ENABLED = ("--enable", "reference-types")
BUILDS = (
    Build("modern", options=ENABLED),
    Build("modern", transform=True, options=(*ENABLED, "-O3")),
    Build("classic", options=ENABLED),
    Build("oldest", transform=True, options=ENABLED),
)
each_build = pytest.mark.parametrize("build", BUILDS, ids=str)


@pytest.fixture(params=PATHS)
def files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, build: Build) -> Iterator[References]:
    """An instance whose members are generated, take the interpreted path, or call through wasmtime's public API."""
    take_path(request.param, monkeypatch)
    found = build.bind(References, REFERENCES)()
    yield found
    found.close()


@each_build
def test_identity(files: References) -> None:
    """Any object comes back as itself; None is null."""
    values: list[Any] = [Thing(), 5, "x", [1], {}, files, Thing, len, 1.5, False, 0]
    for value in values:
        assert files.pass_ref(value) is value
        files.keep_ref(value)
        assert files.give_ref() is files.give_ref() is value
    files.keep_ref(None)
    assert files.give_ref() is None
    never_null = with_binary_of(type(files), NeverNull)(imports={"env": {"hostRef": host_ref}})
    with pytest.raises(LiftError, match="null found where `Opaque` is declared"):
        never_null.giveRef()


class NeverNull(AscModule):
    """A result that is declared never to be null."""

    def giveRef(self) -> Opaque[Any]: ...


def host_ref(a: Opaque[Any], n: i32, b: Opaque[Any]) -> Opaque[Any]:
    """One of its arguments."""
    return a if n else b


@each_build
def test_arguments(files: References) -> None:
    """Several references in one call, among other arguments, each at its place."""
    a, b, c = Thing("a"), Thing("b"), Thing("c")
    assert [files.last_ref(a, n, b, "x" * 2000, c) for n in range(3)] == [a, b, c]
    assert [files.last_ref(a, n, None, "", c) for n in range(3)] == [a, None, c]
    things = [Thing(str(n)) for n in range(10)]
    many: Any = files.many_refs
    assert [many(*things, n) for n in range(10)] == things
    assert [many(*[a] * 10, n) for n in range(10)] == [a] * 10


@each_build
def test_globals(files: References) -> None:
    """A global that is a reference."""
    thing = Thing()
    assert files.shared is None
    files.shared = thing
    assert files.shared is thing
    files.shared = None
    assert files.shared is None


@each_build
def test_host_functions(files: References) -> None:
    """Host functions get and give references, null among them."""
    a, b = Thing("a"), Thing("b")
    assert files.through_ref(a, 1, b) is a
    assert files.through_ref(a, 0, b) is b
    assert files.through_ref(a, 1, None) is a
    assert files.through_ref(a, 0, None) is None


@each_build
def test_many_objects(files: References) -> None:
    """More objects than the table keeps: each comes back, also those that only the module still refers to."""
    for n in range(500):
        thing = Thing(str(n))
        assert files.pass_ref(thing) is thing
        files.keep_ref(thing)
        del thing
        for _ in range(n % 7):
            files.pass_ref(Thing())
        found = files.give_ref()
        assert isinstance(found, Thing)
        assert found.name == str(n)
    assert len(files.runtime.opaque) < 1500


@each_build
def test_calls_while_arguments_are_lowered(files: References) -> None:
    """What converts an argument may pass hundreds of other objects; those that were lowered before stay in place."""

    class Number:
        def __index__(self) -> int:
            for _ in range(300):
                other = Thing("other")
                assert files.pass_ref(other) is other
            return 1

    a, b, c = Thing("a"), Thing("b"), Thing("c")
    number: Any = Number()
    for _ in range(3):
        assert files.last_ref(a, number, b, "s", c) is b
        assert files.last_ref(a, 0, b, "s", c) is a
        assert files.last_ref(a, 2, number, "s", c) is c
    many: Any = files.many_refs
    assert [many(*[Thing(str(n)) for n in range(10)], number).name for _ in range(3)] == ["1"] * 3


@each_build
def test_recursion(files: References) -> None:
    """Host functions that call the module that calls host functions, deeper than the table has turns."""
    thing = Thing()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)  # the public API takes many frames for each level
    try:
        assert files.deep(thing, TURNS + 20) is thing
    finally:
        sys.setrecursionlimit(limit)


@each_build
def test_interrupting_handlers(build: Build) -> None:
    """Signal handlers that pass, release and collect in the middle of anything exchange no object, and leave none."""
    files = build.bind(Both, NUMBERS + REFERENCES)(imports={"env": {"hostRef": host_ref}})
    registry, chance = files.runtime.opaque, random.Random(5)  # noqa: S311 - no secret
    pool, wrong, inside = [Thing(str(n)) for n in range(5)], list[object](), list[object]()
    passes = [files.passRef, files.pass_usize, files.pass_u64]

    def work() -> None:
        thing = chance.choice(pool) if chance.random() < 0.5 else Thing()
        for take in chance.sample(passes, 2):
            if take(thing) is not thing:
                wrong.append(thing)
        if chance.random() < 0.5:
            registry.release(thing)
        if chance.random() < 0.05:
            files.runtime.collect()

    def attempt(allowed: set[str]) -> None:
        try:
            work()
        except (HandleError, InstanceError) as error:
            if error.reason not in allowed:
                wrong.append(error)

    def handler(*_: object) -> None:
        if not inside:  # a handler that interrupts itself again and again never ends
            inside.append(1)
            # The call that it interrupts may stand still in the middle of WebAssembly.
            attempt({"busy"})
            inside.clear()

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        for _ in range(4000):
            attempt({"released"})  # by the handler
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert wrong == []
    registry.clear()
    assert not registry.by_number
    assert not registry.by_key


class Both(Numbers):
    """Objects as numbers and as references."""

    def passRef(self, v: Opaque[Any]) -> Opaque[Any]: ...


@each_build
def test_a_result_that_comes_too_late(files: References) -> None:
    """Where so many references came in between that the result is gone, the error says that it is none."""
    thing = Thing()
    assert files.pass_ref(thing) is thing
    refs = files.runtime.opaque.refs
    assert refs is not None
    first = files.runtime.hosts.glue.exports(files.runtime.native.store)["ref"].value(files.runtime.native.store)  # type: ignore[union-attr]  # a global
    assert refs.find(first | 1 << 31) == 1
    for _ in range(TURNS - 1):
        files.pass_ref(thing)
    assert refs.find(first | 1 << 31) == 1
    files.pass_ref(thing)
    assert refs.find(first | 1 << 31) == 0
    assert refs.find((first + 1000) | 1 << 31) == 0


class Wrong(AscModule):
    """References declared as something else."""

    def keepRef(self, v: usize) -> None: ...


@each_build
def test_a_reference_is_no_number(build: Build) -> None:
    """An `externref` can only be declared as opaque."""
    with pytest.raises(BindError, match="externref"):
        build.bind(Wrong, REFERENCES)(imports={"env": {"hostRef": host_ref}})


@each_build
def test_a_plain_function_for_a_reference(build: Build) -> None:
    """A function without annotations takes numbers, and cannot take a reference."""
    with pytest.raises(BindError, match=r"annotate the function, such as `value: Opaque\[T\]`"):
        build.bind(WeakReferences, REFERENCES)(imports={"env": {"hostRef": max}})
