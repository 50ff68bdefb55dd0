"""Opaque values in memory: fields, collections by value and live, function values."""

# mypy: disable-error-code="empty-body"

import array
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.integration.opaque_module import (
    BUILDS,
    FUNCTIONS,
    OBJECTS,
    PATHS,
    TRANSFORMED,
    Box,
    Build,
    Functions,
    Objects,
    Pair,
    Thing,
    take_path,
    with_binary_of,
)
from wasmbind import (
    HandleError,
    LowerTypeError,
    LowerValueError,
    asdict,
)

each_build = pytest.mark.parametrize("build", BUILDS, ids=str)
each_transformed = pytest.mark.parametrize("build", TRANSFORMED, ids=str)


@pytest.fixture(params=PATHS)
def objects(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, build: Build) -> Iterator[Objects]:
    """The same with handles in memory."""
    take_path(request.param, monkeypatch)
    found = with_binary_of(build.bind(Objects, OBJECTS), Objects, [Box, Pair])()
    yield found
    found.close()


each_with_members = pytest.mark.parametrize("build", [*TRANSFORMED, Build("classic")], ids=str)


@each_with_members
def test_fields(objects: Objects) -> None:
    """Fields of 32 and 64 bits, methods, properties and constructors."""
    a, b = Thing("a"), Thing("b")
    box: Any = objects[Box](a)
    assert box.value is a
    assert box.wide is None
    box.value, box.wide = b, a
    assert [box.value, box.wide] == [b, a]
    assert box.swap(a) is b
    assert box.swap(None) is a
    assert box.value is None
    box.shown = b
    assert box.shown is box.value is b
    assert objects[Box].of(a).value is a
    objects.runtime.opaque.release(b)
    with pytest.raises(HandleError, match="released"):
        _ = box.value
    with pytest.raises(HandleError, match="released"):
        _ = box.shown
    box.value = b
    assert box.value is b


@each_with_members
def test_records(objects: Objects) -> None:
    """Records with handles can be made, shown and copied."""
    a, b = Thing("a"), Thing("b")
    pair = objects.pair()
    assert (pair.a, pair.b) == (None, None)
    pair.a, pair.b = a, b
    assert asdict(pair) == {"a": a, "b": b}
    assert "<a>" in repr(pair)
    with pytest.raises(LowerTypeError, match=r"Pair\.a: WeakOpaque expects an object that can be referred to weakly"):
        pair.a = 5
    del a
    with pytest.raises(HandleError, match="expired"):
        _ = pair.a


@each_transformed
def test_collections(objects: Objects) -> None:
    """Lists, tuples, dicts and sets of objects, nested too; numbers among them are objects like any other."""
    things: list[Any] = [Thing(), 7, 2.5, "x", 7, -1, None.__class__, True, b"", Thing()]
    found = objects.items(things)
    assert [id(each) for each in found] == [id(each) for each in reversed(things)]
    assert objects.items([1, 2, 3]) == [3, 2, 1]
    assert objects.items(range(400, 403)) == [402, 401, 400]  # type: ignore[arg-type]  # any iterable will do
    assert objects.items(array.array("i", [5, 6])) == [6, 5]  # type: ignore[arg-type]  # the same
    assert objects.items(np.array([5, 6], "i4")) == [6, 5]  # type: ignore[arg-type]  # the same
    assert objects.wide_items((things[0], 5)) == [5, things[0]]
    assert objects.tiny_items([things[0], 5]) == [things[0], 5]
    assert objects.nested([[things[0]], [], [5, things[9]]]) == [[things[0]], [], [5, things[9]]]
    assert objects.by_name({"a": things[0], "b": 5}) == {"a": things[0], "b": 5}
    assert objects.by_object({things[0]: "a", 5: "b"}) == {things[0]: "a", 5: "b"}
    assert objects.members({things[0], 5}) == {things[0], 5}
    with pytest.raises(LowerTypeError) as caught:
        objects.items([things[0], None])
    assert caught.value.path == "Objects.items(v[1])"
    with pytest.raises(LowerTypeError) as caught:
        objects.by_name({"a": None})
    assert caught.value.path == "Objects.by_name(v['a'])"
    objects.runtime.opaque.clear()
    kept = objects.live_list()
    kept.append(things[0])
    objects.runtime.opaque.release(things[0])
    with pytest.raises(HandleError):
        kept.tolist()


@each_transformed
def test_small_elements_run_out(objects: Objects) -> None:
    """The elements of a list share the handles of their width; the error names the element."""
    things = [Thing() for _ in range(256)]
    with pytest.raises(LowerValueError) as caught:
        objects.tiny_items(things)
    assert caught.value.path == "Objects.tiny_items(v[255])"
    assert "handles of u8 run out" in str(caught.value)
    assert objects.tiny_items(things[:255]) == things[:255]


@each_transformed
def test_live_collections(objects: Objects) -> None:
    """Live collections of objects behave as lists, dicts and sets of them, and show nobody their handles."""
    a, b = Thing("a"), Thing("b")
    live = objects.live_list()
    live.extend([a, 5, b])
    live.append(a)
    assert [*live] == live.tolist() == [a, 5, b, a]
    assert (live[0], live[-1], live[1:3]) == (a, a, [5, b])
    assert (live.index(b), live.count(a), b in live, Thing() in live) == (2, 2, True, False)
    live[1] = b
    live[2:] = [5]
    assert live.pop() == 5
    assert live.pop(0) is a
    assert repr(live) == "Array([<b>])"
    live.insert(0, 6)
    assert live == [6, b]
    live.remove(b)
    assert live == [6]
    with pytest.raises(TypeError, match="holds handles, which no buffer can show"):
        live.view()
    assert np.array(live, dtype=object).tolist() == [6]
    named = objects.live_map()
    named["a"], named["b"] = a, 5
    named.update(c=b)
    assert dict(named) == {"a": a, "b": 5, "c": b}
    assert (named.pop("b"), named.get("x"), named.setdefault("a", b), named.popitem()) == (5, None, a, ("c", b))
    kept = objects.live_set()
    kept.add(a)
    kept.add(a)
    kept |= {5}
    assert a in kept
    assert b not in kept
    assert kept == {a, 5}
    kept.discard(a)
    assert list(kept) == [5]


@each_with_members
def test_live_fields(objects: Objects) -> None:
    """Collections in fields; values may be None where that is declared."""
    box, thing = objects[Box](None), Thing()
    box.items.append(thing)
    assert box.items == [thing]
    box.items = [thing, 5]
    assert box.items.tolist() == [thing, 5]
    box.named["x"], box.named["y"] = thing, None
    assert dict(box.named) == {"x": thing, "y": None}


@each_transformed
def test_function_values(build: Build) -> None:
    """Function values get and give the very objects, Python's and AssemblyScript's."""
    functions = build.bind(Functions, FUNCTIONS)()
    a, b = Thing("a"), Thing("b")
    given = {id(a): b, id(b): a}
    assert functions.apply(lambda value: given[id(value)], a) is b
    assert functions.identity()(a) is a
    with pytest.raises(LowerTypeError, match="Opaque expects an object"):
        functions.apply(lambda _: None, a)
