"""Whatever stands in the section `wasmbind`: it is read and holds together, or it is a `SchemaError`."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compiling import compile_asc
from tests.unit.schema_sample import BOX, CALLBACK, read, sample
from wasmbind._schema.binary import read_binary
from wasmbind._schema.nodes import SECTION, SchemaError
from wasmbind._schema.schema import Schema

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.integers(),
    st.sampled_from([1 << 31, 1 << 32, 1 << 64, -(1 << 63), 10**200]),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from(["i32", "v128", "this", "void", "class", "private", "interface", "~lib/array/Array", "1.0"]),
)
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


def _real() -> dict[str, Any]:
    """What the transform writes for a program with one of everything."""
    section = read_binary(compile_asc(Path("features.ts"), transform=True).read_bytes()).sections[SECTION]
    found: dict[str, Any] = json.loads(section)
    return found


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with each of its keys."""
    items = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    for key, item in items:
        yield value, key
        yield from _places(item)


def exercise(schema: Schema) -> None:
    """Ask a schema for everything that follows from it."""
    for index in range(len(schema.types)):
        schema.show(index)
    for found in schema.classes:
        ancestry = schema.ancestry(found.index)
        assert ancestry[0] is found
        assert len({each.index for each in ancestry}) == len(ancestry)
        schema.show_class(found.index)
        schema.named(found.internal)
        for method in found.methods.values():
            schema.show_function(method)
    for function in schema.functions.values():
        schema.show_function(function)
    assert set(schema.class_of_id) == {found.id for found in schema.classes} - {None}


def attempt(data: Any) -> None:
    """Read and use what may be no schema; the one error that may come says something."""
    try:
        exercise(read(data))
    except SchemaError as error:
        if not (str(error) and error.fix):
            raise AssertionError(data) from error


_WAYS = st.sampled_from(["delete", "replace", "swap"])


@pytest.mark.parametrize("origin", ["sample", "real"])
def test_schemas_changed_at_random(origin: str) -> None:
    """Whatever is changed in a schema, it is read and holds together, or is refused with a `SchemaError`."""
    original = sample() if origin == "sample" else _real()
    count = len(list(_places(original)))

    @settings(max_examples=300)
    @given(
        st.lists(
            st.tuples(st.integers(0, count - 1), st.sampled_from(["delete", "replace", "swap"]), _JSON), max_size=4
        )
    )
    def change(changes: list[tuple[int, str, Any]]) -> None:
        data = copy.deepcopy(original)
        for at, how, value in changes:
            places = list(_places(data))
            container, key = places[at % len(places)]
            other, other_key = places[at * 7919 % len(places)]
            if how == "delete":
                del container[key]
            else:
                container[key] = value if how == "replace" else copy.deepcopy(other[other_key])
            if not list(_places(data)):
                break
        attempt(data)

    change()


def test_numbers_changed_at_random() -> None:
    """The same where only indices and offsets change, which keeps most of what is read alive."""
    original = _real()

    @settings(max_examples=300)
    @given(st.lists(st.tuples(st.integers(0), st.integers(-1, 80)), min_size=1, max_size=6))
    def change(changes: list[tuple[int, int]]) -> None:
        data = copy.deepcopy(original)
        numbers = [(place, key) for place, key in _places(data) if type(place[key]) is int]
        for at, value in changes:
            place, key = numbers[at % len(numbers)]
            place[key] = value
        attempt(data)

    change()


def test_deep_nesting() -> None:
    """A list inside a list, hundreds deep, is no more than a wrong value."""
    deep: Any = 0
    for _ in range(900):
        deep = [deep]
    data = sample()
    data["types"][0] = deep
    data["news"] = deep
    with pytest.raises(SchemaError, match=r"schema.types\[0\] is no object"):
        read(data)


def test_types_that_hold_themselves() -> None:
    """A function type that takes itself, and a class that is its own type argument, end nobody's stack."""
    data = sample()
    data["types"][CALLBACK]["function"]["params"] = [CALLBACK]
    data["classes"][2]["arguments"] = [BOX]
    attempt(data)


def test_types_that_double() -> None:
    """Type arguments that name the next class twice each take no time that doubles with each class."""
    count = 60
    types = [{"class": at} for at in range(count)]
    classes = [
        {"internal": f"a/C{at}<>", "generic": "a/C", "size": 0, "arguments": [at + 1] * 2 if at + 1 < count else []}
        for at in range(count)
    ]
    attempt(sample(types=types, classes=classes, functions=[], globals=[], imports=[]))


def test_bases_in_a_circle() -> None:
    """Classes do not derive from themselves, but may name each other as interfaces, each walked through once."""
    data = sample()
    data["classes"][1].update(base=2)
    data["classes"][2].update(base=1)
    with pytest.raises(SchemaError, match="derives from itself"):
        read(data)
    data = sample()
    for index in (1, 2, 3):
        data["classes"][index].update(implements=[1, 2, 3])
    schema = read(data)
    assert {found.index for found in schema.ancestry(2)} >= {1, 2, 3}
    assert schema.descends(1, 2)
    assert schema.descends(2, 3)
