"""What is checked of a live collection in each cell of the matrix, by the shape of the collection."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, MutableSet, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
import pytest

import wasmbind
from tests.integration.collection_matrix import CODES, World, comparable
from tests.integration.collection_source import Case, Shape

__all__ = ["change", "check_reading", "snapshot", "touched"]


def snapshot(live: Any) -> Any:
    """The content of a live collection as a plain value of its own type, in its own order."""
    if isinstance(live, Mapping):
        return {key: live[key] for key in live}
    if isinstance(live, AbstractSet):
        return dict.fromkeys(live).keys()
    if isinstance(live, wasmbind.ArrayBuffer):
        return live[:]
    return list(live)


def touched(case: Case, values: Any, world: World) -> Any:
    """What the AssemblyScript function `touch` makes of a value."""
    match case.shape:
        case Shape.SEQUENCE:
            return values[::-1] + (world.expected(case, 1) if case.kind == "Array" else values[:0])
        case Shape.MEMBERS:
            return dict.fromkeys([*values][1:] + [*values][:1]).keys()
        case _:
            items = [*values.items()]
            return dict(items[1:] + items[:1])


# --- reading -------------------------------------------------------------------------------------------------


def check_reading(case: Case, live: Any, expected: Any) -> None:
    """Every way to read a live collection gives what it should hold."""
    assert isinstance(live, getattr(wasmbind, case.kind))
    assert comparable(snapshot(live)) == comparable(expected)
    assert len(live) == len(expected)
    assert bool(live) == bool(expected)
    assert repr(live).startswith(f"{case.kind}(")
    with pytest.raises(TypeError, match="unhashable"):
        hash(live)
    if case.shape is Shape.SEQUENCE:
        _check_sequence(case, live, expected)
    elif case.shape is Shape.MEMBERS:
        _check_set(live, expected)
    else:
        _check_map(live, expected)


def _check_sequence(case: Case, live: Any, expected: Any) -> None:
    interface: Any = MutableSequence if case.kind == "Array" else Sequence
    assert issubclass(type(live), interface)
    length = len(expected)
    same = comparable(list(expected))
    assert comparable([live[index] for index in range(length)]) == same
    assert comparable([live[index] for index in range(-length, 0)]) == same
    assert comparable(list(reversed(live))) == comparable(list(expected)[::-1])
    assert comparable(live.tolist()) == same
    for wanted in (slice(None), slice(1, None), slice(-3, -1), slice(None, None, -2), slice(5, 2), slice(0, 99, 3)):
        assert comparable(live[wanted]) == comparable(expected[wanted])
    assert comparable(live.copy()) == comparable(expected)
    for beyond in (length, -length - 1):
        with pytest.raises(IndexError):
            live[beyond]
    values = list(live) if case.element.is_object else list(expected)  # objects equal nothing but themselves
    for value in filter(_equals_itself, values[:4]):
        assert value in live
        assert live.index(value) == values.index(value)
        assert live.count(value) == values.count(value)
    if all(map(_equals_itself, values)):
        assert live == values
        assert not live != values  # noqa: SIM202 - the other operator is what is tested
    assert live != [*values, "x"]
    if case.element.name in CODES:
        _check_buffer(case, live, expected)


def _equals_itself(value: Any) -> bool:
    """Whether a value equals itself: NaN does not."""
    return bool(value == value)  # noqa: PLR0124 - that is the question


def _check_buffer(case: Case, live: Any, expected: Any) -> None:
    """The memory of numbers, as a memoryview and as a NumPy array that copies nothing."""
    code = CODES[case.element.name]
    numbers = array(code, expected)
    view = live.view()
    assert (view.format, view.itemsize, view.readonly, len(view)) == (code, numbers.itemsize, False, len(expected))
    assert view.tobytes() == numbers.tobytes()
    shown: Any = np.asarray(live)
    assert (shown.dtype, shown.shape) == (np.dtype(code), (len(expected),))
    assert shown.tobytes() == numbers.tobytes()
    if expected:
        kept, other = expected[0], expected[-1]
        view[0] = other
        assert comparable(live[0]) == comparable(shown[0].item()) == comparable(other)
        shown[0] = kept
        assert comparable(live[0]) == comparable(kept)


def _check_map(live: Any, expected: dict[Any, Any]) -> None:
    assert issubclass(type(live), MutableMapping)
    assert comparable(list(live)) == comparable(list(live.keys())) == comparable(list(expected))
    assert comparable(list(live.values())) == comparable(list(expected.values()))
    assert comparable(list(live.items())) == comparable(list(expected.items()))
    assert comparable(live.copy()) == comparable(expected)
    if all(map(_equals_itself, expected.values())):
        assert live == dict(live)
        assert dict(live) == live
    for key in live:
        assert key in live
        assert comparable(live.get(key)) == comparable(live[key])
    assert object() not in live
    assert live.get(object(), "absent") == "absent"


def _check_set(live: Any, expected: Any) -> None:
    assert issubclass(type(live), MutableSet)
    assert comparable(list(live)) == comparable(list(expected))
    assert comparable(live.copy()) == comparable(set(expected))
    assert live == set(live)
    assert set(live) == live
    assert live <= set(live)
    assert live.isdisjoint(set())
    for value in live:
        assert value in live
    assert object() not in live


# --- changing ------------------------------------------------------------------------------------------------


def change(case: Case, live: Any, expected: Any, world: World) -> None:
    """Change a collection in many ways from Python, such that it ends up with the expected content.

    Args:
        live: of any content.
        expected: not empty.
    """
    match case.shape:
        case Shape.SEQUENCE if case.kind == "Array":
            _change_array(live, expected, world)
        case Shape.SEQUENCE:
            _change_fixed(live, expected, world)
        case Shape.MEMBERS:
            _change_set(live, [*expected], world)
        case _:
            _change_map(live, expected, world)


def _change_array(live: Any, expected: list[Any], world: World) -> None:
    first, *rest = expected
    live.clear()
    assert len(live) == 0
    live.append(first)
    live.extend(rest)
    assert comparable(list(live)) == comparable(expected)
    world.module.churn(50)
    live.insert(0, expected[-1])
    live.insert(99, first)
    live[1:1] = rest
    assert comparable(list(live)) == comparable([expected[-1], *rest, *expected, first])
    world.module.runtime.collect()
    del live[1 : 1 + len(rest)]
    assert comparable(live.pop()) == comparable(first)
    assert comparable(live.pop(0)) == comparable(expected[-1])
    live += expected
    del live[: len(expected)]
    live.reverse()
    live[:] = expected[:1]
    live[1:] = tuple(rest)
    live[0] = first
    live[::2] = expected[::2]


def _change_fixed(live: Any, expected: Any, world: World) -> None:
    values = list(expected)
    for index, value in enumerate(reversed(values)):
        live[index] = value
    assert comparable(list(live)) == comparable(values[::-1])
    world.module.runtime.collect()
    live.reverse()
    assert comparable(list(live)) == comparable(values)
    live[1:] = values[: len(values) - 1]
    live[-len(values)] = values[-1]
    refused: list[Callable[[], object]] = [
        lambda: live.append(values[0]),
        lambda: live.insert(0, values[0]),
        lambda: live.extend(values),
        lambda: live.pop(),  # noqa: PLW0108 - a collection without it fails in the call, as the others do
        lambda: live.clear(),  # noqa: PLW0108 - the same
        lambda: live.remove(values[0]),
        lambda: live.__delitem__(0),
    ]
    for action in refused:
        with pytest.raises(wasmbind.LowerTypeError, match="length"):
            action()
    with pytest.raises(ValueError, match=r"size|length"):
        live[:] = [*values, values[0]]
    live[:] = expected
    live[::-1] = values[::-1]


def _change_map(live: Any, expected: dict[Any, Any], world: World) -> None:
    items = [*expected.items()]
    live.clear()
    assert (len(live), dict(live)) == (0, {})
    live.update(items[::-1])
    assert comparable(list(live)) == comparable([key for key, _ in items[::-1]])
    world.module.churn(50)
    key, value = items[0]
    assert comparable(live.pop(key)) == comparable(value)
    assert key not in live
    assert live.pop(key, "absent") == "absent"
    missing: list[Callable[[], object]] = [lambda: live[key], lambda: live.pop(key), lambda: live.__delitem__(key)]
    for action in missing:
        with pytest.raises(KeyError):
            action()
    assert comparable(live.setdefault(key, value)) == comparable(value)
    world.module.runtime.collect()
    for each, _ in items[1:]:
        del live[each]
    live[key] = items[-1][1]
    live[key] = value  # again: it stays where it is
    for each, found in items[1:]:
        live[each] = found
    assert comparable(dict(live)) == comparable(expected)
    live.setdefault(key, items[-1][1])


def _change_set(live: Any, expected: list[Any], world: World) -> None:
    live.clear()
    assert len(live) == 0
    live |= dict.fromkeys(reversed(expected)).keys()
    assert comparable(list(live)) == comparable(expected[::-1])
    world.module.churn(50)
    live.remove(expected[0])
    assert expected[0] not in live
    with pytest.raises(KeyError):
        live.remove(expected[0])
    live.discard(expected[0])
    live.add(expected[0])
    world.module.runtime.collect()
    for value in expected:
        live.discard(value)
    for value in (*expected, *expected):
        live.add(value)
