"""Opaque values: the very object comes back, wherever AssemblyScript has had it."""

# mypy: disable-error-code="empty-body"

from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
import pytest

from tests.integration.opaque_module import (
    BUILDS,
    NUMBERS,
    PATHS,
    STOCK,
    TRANSFORMED,
    Build,
    Numbers,
    Thing,
    take_path,
)
from wasmbind import (
    AbortError,
    AscModule,
    HandleError,
    LiftError,
    LowerTypeError,
    LowerValueError,
    Opaque,
    export,
    u8,
    u64,
    usize,
)

#: Imports for binaries whose host functions are not called.
UNUSED: dict[str, Any] = {"env": dict.fromkeys(("first", "wide", "tiny"), int)}
FIXED = {"i8": 127, "u8": 255, "i16": 32767, "u16": 65535}
PASSES = ["i8", "u8", "i16", "u16", "i32", "u32", "isize", "usize", "i64", "u64"]


@pytest.fixture(params=PATHS)
def numbers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, build: Build) -> Iterator[Numbers]:
    """An instance whose members are generated, take the interpreted path, or call through wasmtime's public API."""
    take_path(request.param, monkeypatch)
    found = build.bind(Numbers, NUMBERS)()
    yield found
    found.close()


each_build = pytest.mark.parametrize("build", BUILDS, ids=str)
each_transformed = pytest.mark.parametrize("build", TRANSFORMED, ids=str)


@each_build
def test_every_width(numbers: Numbers) -> None:
    """Any object goes through an integer of any width and comes back as itself, under one handle."""
    values: list[Any] = [Thing(), 5, "x" * 50, [1], {}, (), numbers, Thing, len, 1.5, True, type(None), np.zeros(3)]
    for value in values:
        for width in PASSES:
            assert getattr(numbers, f"pass_{width}")(value) is value
        assert numbers.same(value, value, value)
        assert not numbers.same(value, numbers.runtime, value)
    assert len(numbers.runtime.opaque) == len(values) + 1


@each_build
def test_none(numbers: Numbers) -> None:
    """None is 0 where it is declared, and an error where it is not."""
    numbers.keep(None)
    assert numbers.give() is None
    assert numbers.weakly(None) is None
    assert numbers.forged(0) is None
    with pytest.raises(LowerTypeError) as caught:
        numbers.pass_usize(None)
    problem = "Opaque expects an object; declare `... | None` where there may be none, got None (NoneType)"
    assert str(caught.value) == f"Numbers.pass_usize(v): {problem}"
    with pytest.raises(LiftError, match="null found where `Opaque` is declared"):
        numbers.forged_wide(0)
    assert len(numbers.runtime.opaque) == 0


@each_build
def test_forged_handles(numbers: Numbers) -> None:
    """A number that is no handle is an error that says so, and never another object."""
    thing = Thing()
    numbers.pass_usize(thing)
    assert numbers.forged(1) is numbers.forged_wide(1) is thing
    for forged in (2, 77, -1, -(1 << 31), (1 << 31) - 1):
        with pytest.raises(HandleError) as caught:
            numbers.forged(forged)
        assert caught.value.reason == "unknown"
    for forged in (2, (1 << 31) - 1, 1 << 31, (1 << 32) + 1, (1 << 63) + 1, (1 << 64) - 1):
        with pytest.raises(HandleError, match="has never been given out by this instance") as caught:
            numbers.forged_wide(forged)
        assert isinstance(caught.value, LiftError)


@each_build
def test_ended_handles(numbers: Numbers) -> None:
    """A handle that has been released, or whose object has died, is an error that says which."""
    thing = Thing()
    numbers.keep(thing)
    numbers.runtime.opaque.release(thing)
    with pytest.raises(HandleError, match="Opaque: handle 1 has been released") as caught:
        numbers.give()
    assert (caught.value.handle, caught.value.reason) == (1, "released")
    assert numbers.weakly(thing) is thing
    del thing
    with pytest.raises(HandleError, match="handle 2 has expired: its object was passed as WeakOpaque"):
        numbers.forged(2)


@each_build
def test_arguments_of_all_kinds(numbers: Numbers) -> None:
    """Handles stand among other arguments, also left out, by name, and where another argument is wrong."""
    a, b = Thing(), Thing()
    assert numbers.second(0.5, a, "s", b, "s") is b
    assert numbers.second(0.5, a, "s" * 2000, b, e="t") is None
    assert numbers.second(e="s", d=None, c="s", b=a, a=1) is None
    assert numbers.chosen(a) is a
    assert numbers.chosen(a, b) is b
    assert numbers.chosen(a, None) is a
    with pytest.raises(LowerTypeError) as caught:
        numbers.second("x", a, "s", b, "s")  # type: ignore[arg-type]  # that is the point
    assert caught.value.path == "Numbers.second(a)"
    assert 1 not in numbers.runtime.opaque  # what was lowered already was not taken for an object
    assert sorted(map(id, numbers.runtime.opaque)) == sorted(map(id, (a, b)))


@each_build
def test_one_export_in_two_ways(build: Build) -> None:
    """An export may be declared twice, as opaque and as the number that it is."""

    class Twice(AscModule):
        def passU64(self, v: Opaque[Any]) -> Opaque[Any]: ...
        @export("passU64")
        def raw(self, v: u64) -> u64: ...
        @export("passU64")
        def lifted(self, v: u64) -> Opaque[Any]: ...
        @export("passU64")
        def lowered(self, v: Opaque[Any]) -> u64: ...

    files = build.bind(Twice, NUMBERS)(imports=UNUSED)
    thing = Thing()
    assert files.raw(1 << 63) == 1 << 63
    assert files.passU64(thing) is thing
    assert files.lowered(thing) == 1
    assert files.lifted(1) is thing
    assert files.raw((1 << 64) - 1) == (1 << 64) - 1


@each_build
def test_failed_calls(numbers: Numbers) -> None:
    """A call that fails leaves the object registered, as one that returns does."""
    thing = Thing()
    with pytest.raises(AbortError, match="boom"):
        numbers.boom(thing)
    assert thing in numbers.runtime.opaque
    assert numbers.pass_usize(thing) is thing


@each_build
def test_globals(numbers: Numbers) -> None:
    """Globals of 32 and 64 bits."""
    thing = Thing()
    assert (numbers.small, numbers.large) == (None, None)
    numbers.small = numbers.large = thing
    assert numbers.small is numbers.large is thing
    numbers.small = None
    assert (numbers.small, numbers.large) == (None, thing)
    numbers.runtime.opaque.clear()
    with pytest.raises(HandleError, match="released"):
        _ = numbers.large


@each_build
def test_host_functions(numbers: Numbers) -> None:
    """Host functions get and give the very objects, as integers of any width."""
    a, b = Thing("a"), Thing("b")
    a.other = b
    assert numbers.through_first(a, b) is a
    assert a.seen == (numbers, b, 0.5)
    assert numbers.through_wide(a) is b
    assert numbers.through_tiny(a) is b
    a.other = None
    with pytest.raises(LowerTypeError, match=r"Numbers\.wide -> result: Opaque expects an object"):
        numbers.through_wide(a)
    a.other = b
    assert numbers.through_wide(a) is b


@each_build
def test_given_functions(build: Build) -> None:
    """A function in `imports=` is typed by its annotations; a wrong handle names it."""
    seen: list[object] = []

    def first(a: Opaque[Thing], b: Opaque[Any], c: float) -> Opaque[Thing]:
        seen.append((a, b, c))
        return a

    class Plain(AscModule):
        def throughFirst(self, a: usize, b: u64) -> usize: ...
        def passUsize(self, v: Opaque[Any]) -> usize: ...

    files = build.bind(Plain, NUMBERS)(imports={"env": {"first": first, "wide": abs, "tiny": abs}})
    thing = Thing()
    number = files.passUsize(thing)
    assert files.throughFirst(number, number) == number
    assert seen == [(thing, thing, 0.5)]
    for b in (99, (1 << 32) + number):
        with pytest.raises(HandleError) as caught:
            files.throughFirst(number, b)
        assert str(caught.value).startswith("imports['env']['first']: Files: Opaque: handle")
        assert (caught.value.handle, caught.value.reason) == (b, "unknown")


@each_transformed
def test_a_schema_tells_when_handles_run_out(build: Build) -> None:
    """With a schema the width need not be declared: an i8 takes 127 objects, and says so when there are more."""
    numbers = build.bind(Numbers, NUMBERS)()
    for width, count in FIXED.items():
        take = getattr(numbers, f"pass_{width}")
        things = [Thing() for _ in range(count)]
        for thing in things[:127]:
            take(thing)
        for thing in things[127:]:
            take(thing)
        with pytest.raises(LowerValueError, match=f"handles of {width} run out: {count} in use"):
            take(Thing())
        assert take(things[-1]) is things[-1]
        numbers.runtime.opaque.clear()
    things = [Thing() for _ in range(256)]
    for thing in things[:255]:
        thing.other = things[255]
        numbers.pass_u8(thing)
    with pytest.raises(LowerValueError, match=r"Numbers\.tiny -> result: handles of u8 run out"):
        numbers.through_tiny(things[0])


@pytest.mark.parametrize("build", STOCK, ids=str)
def test_a_declared_width_tells_too(build: Build) -> None:
    """Without a schema the declaration may say it."""

    class Narrow(AscModule):
        def passU8(self, v: "Annotated[Opaque[Any], u8]") -> "Annotated[Opaque[Any], u8]": ...

    narrow = build.bind(Narrow, NUMBERS)(imports=UNUSED)
    things = [Thing() for _ in range(255)]
    assert all(narrow.passU8(thing) is thing for thing in things)
    with pytest.raises(LowerValueError, match="handles of u8 run out: 255 in use"):
        narrow.passU8(Thing())
    narrow.runtime.opaque.release(things[100])
    assert narrow.passU8(narrow) is narrow
