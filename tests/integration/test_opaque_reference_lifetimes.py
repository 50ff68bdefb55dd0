"""Opaque values as `externref`: wasmtime's collector tells when the module has lost one."""

# mypy: disable-error-code="empty-body"

import gc
import itertools
import weakref
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
)
from wasmbind import HandleError, Opaque, i32

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


def host_ref(a: Opaque[Any], n: i32, b: Opaque[Any]) -> Opaque[Any]:
    """One of its arguments."""
    return a if n else b


@each_build
def test_lost_by_the_module(files: References) -> None:
    """An object that only an `externref` kept goes when the module has lost it and both collectors have run."""
    kept, lost = Thing("kept"), Thing("lost")
    watches = [weakref.ref(kept), weakref.ref(lost)]
    files.keep_ref(lost)
    files.keep_ref(kept)
    del kept, lost
    gc.collect()
    assert all(watch() is not None for watch in watches)
    files.runtime.collect()
    assert watches[1]() is None
    assert files.give_ref() is watches[0]()
    assert [*files.runtime.opaque] == [watches[0]()]
    files.keep_ref(None)
    files.runtime.collect()
    assert watches[0]() is None
    assert len(files.runtime.opaque) == 0
    assert not files.runtime.opaque.by_number


@each_build
def test_flat_memory(files: References) -> None:
    """Without any collection asked for, objects go while others are passed."""

    def work(times: int) -> None:
        for _ in range(times):
            files.keep_ref(Thing())
            files.give_ref()

    work(3000)
    most = max(len(files.runtime.opaque) for _ in range(5) if work(1000) is None)  # type: ignore[func-returns-value]  # it does the work
    assert most < 2500
    before = len(gc.get_objects())
    work(6000)
    gc.collect()
    assert len(gc.get_objects()) - before < 2500
    files.keep_ref(None)
    files.runtime.collect()
    assert len(files.runtime.opaque) == 0


@each_build
def test_released(files: References) -> None:
    """A released object is gone although the module has its reference, which then stands for nothing."""
    thing = Thing()
    watch = weakref.ref(thing)
    files.keep_ref(thing)
    files.runtime.opaque.release(thing)
    del thing
    assert watch() is None
    with pytest.raises(HandleError, match="has been released"):
        files.give_ref()
    files.runtime.collect()
    with pytest.raises(HandleError, match="has been released"):
        files.give_ref()
    again = Thing()
    assert files.pass_ref(again) is again


@each_build
def test_scope(files: References) -> None:
    """A scope releases references too."""
    with files.runtime.opaque.scope():
        files.keep_ref(Thing())
        assert isinstance(files.give_ref(), Thing)
    with pytest.raises(HandleError, match="has been released"):
        files.give_ref()


@each_build
def test_weak_references(build: Build) -> None:
    """A weak reference does not keep its object, whatever the module does; while it lives it comes back."""
    files = build.bind(WeakReferences, REFERENCES)(imports={"env": {"hostRef": host_ref}})
    thing = Thing()
    files.keep_ref(thing)
    for _ in range(3):
        assert files.give_ref() is thing
        files.runtime.collect()
    del thing
    with pytest.raises(HandleError, match="has expired"):
        files.give_ref()
    files.keep_ref(None)
    assert files.give_ref() is None


class Both(Numbers):
    """Objects as numbers and as references."""

    def keepRef(self, v: Opaque[Any] | None) -> None: ...
    def giveRef(self) -> Opaque[Any]: ...


@each_build
def test_as_number_and_as_reference(build: Build) -> None:
    """An object that was passed as a number as well stays until it is released."""
    files = build.bind(Both, NUMBERS + REFERENCES)(imports={"env": {"hostRef": host_ref}})
    thing = Thing()
    watch = weakref.ref(thing)
    files.keepRef(thing)
    files.keep(thing)
    assert files.give() is files.giveRef() is thing
    del thing
    files.keepRef(None)
    files.runtime.collect()
    assert watch() is not None
    assert files.give() is watch()
    files.keepRef(watch())
    files.runtime.opaque.release(watch())
    assert watch() is None
    for give in (files.give, files.giveRef):
        with pytest.raises(HandleError, match="released"):
            give()


@each_build
def test_no_cycle_through_wasmtime(build: Build) -> None:
    """An object that refers to its instance goes with it, though the module refers to the object."""
    files = build.bind(References, REFERENCES)()
    thing: Any = Thing()
    thing.files = files
    watches = [weakref.ref(thing), weakref.ref(files)]
    files.keep_ref(thing)
    assert files.give_ref() is thing
    del thing, files
    gc.collect()
    assert [watch() for watch in watches] == [None, None]


@each_build
def test_collecting_inside(build: Build) -> None:
    """Collecting from a host function, or while arguments are lowered, lets nothing go that is about to be used."""
    held: list[References] = []

    def collecting(a: Opaque[Any], n: i32, b: Opaque[Any]) -> Opaque[Any]:
        held[0].runtime.collect()
        gc.collect()
        return a if n else b

    class Number:
        def __index__(self) -> int:
            held[0].runtime.collect()
            return 0

    files = build.bind(References, REFERENCES)(imports={"env": {"hostRef": collecting}})
    held.append(files)
    number: Any = Number()
    for n, other in itertools.product((0, 1), (0, number)):
        a, b = Thing("a"), Thing("b")
        assert files.through_ref(a, n, b) is (a if n else b)
        assert files.last_ref(a, other, b, "s", b) is a
    held.clear()
