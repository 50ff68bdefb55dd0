"""Every collection of every element type, both ways: by value, live and nested, on stock builds and with a schema.

AssemblyScript itself checks what Python sends; asc's own JavaScript bindings do the same where they can, and find
the same.
"""

from __future__ import annotations

import json
import subprocess
from array import array
from typing import Any

import numpy as np
import pytest

from tests.compiling import ROOT, find_node
from tests.integration.collection_checks import change, check_reading, snapshot, touched
from tests.integration.collection_matrix import (
    BUILDS,
    CELLS,
    CODES,
    Cell,
    World,
    comparable,
    live_class,
    takes_values,
    world,
)
from tests.integration.collection_source import CASES, Case, Color, Shape

_SEQUENCES = [case for case in CASES if case.shape is Shape.SEQUENCE]


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_matrix(cell: Cell) -> None:
    """Values sent are those that AssemblyScript expects, values made there are those that Python expects.

    What one side changes in a live collection, the other sees.
    """
    checks = {"value": _by_value, "live": _live, "nested-value": _nested_by_value, "nested-live": _nested_live}
    module = world(cell.build, cell.case.element, live="live" in cell.mode)
    checks[cell.mode](module, cell)


def _by_value(world: World, cell: Cell) -> None:
    case = cell.case
    for count in case.sizes:
        expected = world.expected(case, count)
        assert comparable(world.call("make", case, count)) == comparable(_plain(expected))
        if not takes_values(case, cell.build):
            continue
        assert world.call("check", case, expected, count)
        assert not world.call("check", case, expected, count + 1)
        assert world.call("checkAbstract", case, expected, count)
        assert comparable(world.call("echo", case, expected)) == comparable(_plain(expected))
        assert comparable(world.call("maybe", case, expected)) == comparable(_plain(expected))
        assert world.call("maybe", case, None) is None
        for other in _others(case, expected):
            assert world.call("check", case, other, count)
        if case.kind == "Array":
            as_tuple = tuple(expected)
            assert comparable(world.call("echoTuple", case, as_tuple)) == comparable(as_tuple)
            assert world.call("check", case, as_tuple, count)


def _live(world: World, cell: Cell) -> None:
    case, module = cell.case, world.module
    for count in case.sizes:
        expected = world.expected(case, count)
        made = world.call("make", case, count)
        check_reading(case, made, expected)
        assert world.call("check", case, made, count)
        assert world.call("echo", case, made) is made
        assert world.call("maybe", case, made) is made
        assert world.call("maybe", case, None) is None
        constructed = module[live_class(case)](expected)
        check_reading(case, constructed, expected)
        assert world.call("check", case, constructed, count)
        assert world.call("check", case, expected, count)  # what Python has for it is as good
        for other in _others(case, expected):
            assert world.call("check", case, other, count)
        if takes_values(case, cell.build):
            assert world.call("checkCopy", case, made, count)
        if count:
            world.call("touch", case, made)
            check_reading(case, made, touched(case, expected, world))
            change(case, made, expected, world)
            module.runtime.collect()
            assert world.call("check", case, made, count)
            check_reading(case, made, expected)
    if case.element.name == "object" and case.shape is Shape.SEQUENCE:
        made = world.call("make", case, 4)
        assert made[0] is made[3]
        assert made[0] is world.call("make", case, 1)[0]
        assert made[0] is not made[1]


def _nested_by_value(world: World, cell: Cell) -> None:
    case = cell.case
    count = case.sizes[-1]
    array_, map_ = _three(world, case, count)
    assert comparable(world.call("makeArray", case, count)) == comparable([*map(_plain, array_)])
    assert comparable(world.call("makeMap", case, count)) == comparable(_plain_values(map_))
    if takes_values(case, cell.build):
        assert world.call("checkArray", case, array_, count)
        assert world.call("checkMap", case, map_, count)
        assert not world.call("checkArray", case, array_, count + 1)
        assert not world.call("checkMap", case, {**map_, "one": array_[0]}, count)


def _nested_live(world: World, cell: Cell) -> None:
    case, module = cell.case, world.module
    count = case.sizes[-1]
    array_, map_ = _three(world, case, count)
    for verb, keys, expected in (("Array", [0, 1, 2], array_), ("Map", [*map_], [*map_.values()])):
        made = world.call(f"make{verb}", case, count)
        assert len(made) == 3
        for key, each in zip(keys, expected, strict=True):
            check_reading(case, made[key], each)
            assert made[key] is made[key]
        inner = made[keys[2]]
        world.call("touch", case, inner)
        assert comparable(snapshot(made[keys[2]])) == comparable(touched(case, array_[2], world))
        change(case, inner, array_[2], world)
        made[keys[1]] = module[live_class(case)](array_[0])
        assert len(made[keys[1]]) == 0
        made[keys[1]] = array_[1]  # what Python has for it
        module.runtime.collect()
        assert world.call(f"check{verb}", case, made, count)
        del inner
        module.runtime.collect()
        assert world.call(f"check{verb}", case, made, count)
    assert world.call("checkArray", case, array_, count)
    assert world.call("checkMap", case, map_, count)


# --- values --------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """What a value comes back as: a view of keys stands for a set that has an order."""
    return set(value) if isinstance(value, type({}.keys())) else value


def _plain_values(values: dict[str, Any]) -> dict[str, Any]:
    return {key: _plain(value) for key, value in values.items()}


def _three(world: World, case: Case, count: int) -> tuple[list[Any], dict[str, Any]]:
    """What nested collections hold."""
    values = [world.expected(case, size) for size in (0, 1, count)]
    return values, dict(zip(("empty", "one", "many"), values, strict=True))


def _others(case: Case, expected: Any) -> list[Any]:
    """The same values in other Python collections."""
    code = CODES.get(case.element.name)
    if case.shape is not Shape.SEQUENCE or code is None:
        return []
    if case.kind == "ArrayBuffer":
        return [bytearray(expected), memoryview(expected), np.frombuffer(expected, np.uint8)]
    numbers = array(code, expected)
    strided = np.repeat(np.array(numbers, dtype=code), 2)[::2]
    return [tuple(expected), numbers, memoryview(numbers), np.array(numbers, dtype=code), strided]


# --- JavaScript ----------------------------------------------------------------------------------------------


def _encoding(case: Case) -> str:
    name = case.element.name
    if name in ("i64", "u64"):
        return "bigint"
    if case.element.is_object:
        return "object"
    return "as_is" if name in ("bool", "string", "nullable-string") else "number"


def _encoded(case: Case, value: Any) -> Any:
    """A value as the peer takes it: numbers are text, as JavaScript writes them."""
    if _encoding(case) in ("as_is", "object"):
        return value
    return str(int(value)) if isinstance(value, int) else repr(value).replace("inf", "Infinity").replace("nan", "NaN")


def _decoded(case: Case, value: Any) -> Any:
    """A value as the peer gives it back."""
    if case.element.name == "enum":
        return Color(int(value))
    if case.element.name in ("f32", "f64"):
        return float(value)
    return int(value) if isinstance(value, str) and _encoding(case) in ("bigint", "number") else value


@pytest.fixture(scope="module")
def javascript() -> dict[str, Any]:
    """What JavaScript finds, for all sequences at once; the other collections are opaque to asc's bindings."""
    wasm = BUILDS[0].path
    orders = [
        {
            "name": case.name,
            "encoding": _encoding(case),
            "values": [
                [_encoded(case, case.values[index % len(case.values)]) for index in range(count)]
                for count in case.sizes
            ],
        }
        for case in _SEQUENCES
    ]
    peer = ROOT / "tests" / "integration" / "collections_peer.mjs"
    command = [find_node(), str(peer), str(wasm), str(wasm.with_suffix(".js"))]
    done = subprocess.run(command, input=json.dumps(orders), capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("live", [False, True], ids=["value", "live"])
@pytest.mark.parametrize("case", _SEQUENCES, ids=lambda case: case.name)
def test_javascript_finds_the_same(case: Case, javascript: dict[str, Any], *, live: bool) -> None:
    """JavaScript lifts from the same functions what Python lifts, and what it lowers is accepted as well."""
    found, ours = javascript[case.name], world(BUILDS[0], case.element, live=live)
    assert (found["checked"], found["nestedChecked"]) == ([True] * len(case.sizes), True)
    assert found["made"] == found["echoed"]
    made = [list(ours.call("make", case, count)) for count in case.sizes]
    nested = [list(each) for each in ours.call("makeArray", case, case.sizes[-1])]
    theirs = (*found["made"], *found["nested"])
    for values, expected in zip((*made, *nested), theirs, strict=True):
        if case.element.is_object:  # opaque to JavaScript
            assert [value is None for value in values] == [value is None for value in expected]
        else:
            assert comparable(values) == comparable([_decoded(case, value) for value in expected])
