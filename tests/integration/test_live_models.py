"""Live arrays against lists, in any order of operations from both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from tests.integration.collection_matrix import comparable
from tests.integration.live_machine import VALUES, LiveMachine, machine_settings, outcome

_INDEX = st.integers(-8, 8)
_BOUND = st.none() | st.integers(-9, 9)
_SLICE = st.builds(slice, _BOUND, _BOUND, st.none() | st.sampled_from([1, 2, 3, -1, -2]))


# --- arrays --------------------------------------------------------------------------------------------------


class HeldView:
    """A view of an array, which shows it as long as the array stays in the same memory, and that memory ever after."""

    def __init__(self, view: Any, start: int) -> None:
        self.view = view
        self._start = start
        self._content = view.tolist()
        self.is_detached = False

    def check(self, start: int, model: list[Any]) -> None:
        """The view shows what it should.

        Args:
            start: where the array has its elements now.
            model: what they are.
        """
        content = self.view.tolist()
        if self.is_detached:
            assert content == self._content
            return
        self.is_detached = start != self._start
        self._content = content  # as the last operation in the old memory left it
        if not self.is_detached:
            shared = min(len(content), len(model))
            assert content[:shared] == model[:shared]


class ArrayMachine(LiveMachine):
    """A live `Array` and a list."""

    element = "i32"

    @initialize(data=st.data(), collects=st.booleans())
    def start(self, data: st.DataObject, *, collects: bool) -> None:
        self.kind = f"Array_{self.element}"
        self.begin(collects=collects)
        self.model = self.many(data)
        self.live = self.make(self.model)
        self.views: list[HeldView] = []

    def reread(self) -> list[Any]:
        return list(self.live)

    def one(self, data: st.DataObject) -> Any:
        if self.model and data.draw(st.integers(0, 3)) == 0:
            return data.draw(st.sampled_from(self.model))
        return self.value(self.element, data.draw(VALUES[self.element]))

    def many(self, data: st.DataObject) -> list[Any]:
        drawn = data.draw(st.lists(VALUES[self.element], max_size=6))
        return [self.value(self.element, each) for each in drawn]

    def compare(self) -> None:
        expected = comparable(self.model)
        assert self.call("size", self.live) == len(self.live) == len(self.model)
        assert comparable(self.call("values", self.live)) == expected
        assert comparable(list(self.live)) == expected
        assert comparable(self.live[:]) == expected
        assert self.live == self.model
        start = self.call("start", self.live)
        for view in self.views:
            view.check(start, self.model)
        if self.element == "Item":
            assert all(mine is other for mine, other in zip(self.live, self.model, strict=True))

    @rule(data=st.data())
    def append(self, data: st.DataObject) -> None:
        value = self.one(data)
        self.both(lambda each: each.append(value))

    @rule(data=st.data(), index=_INDEX)
    def insert(self, data: st.DataObject, index: int) -> None:
        value = self.one(data)
        self.both(lambda each: each.insert(index, value))

    @rule(data=st.data(), how=st.sampled_from([list, tuple, iter]))
    def extend(self, data: st.DataObject, how: Callable[[Any], Any]) -> None:
        values = self.many(data)
        self.both(lambda each: each.extend(how(values)))

    @rule()
    def double(self) -> None:
        if len(self.model) < 50:
            self.both(lambda each: each.extend(each))

    @rule(data=st.data())
    def add_in_place(self, data: st.DataObject) -> None:
        values, kept = self.many(data), self.live
        self.live += values
        self.model += values
        assert self.live is kept

    @rule(data=st.data(), index=_INDEX)
    def set_item(self, data: st.DataObject, index: int) -> None:
        value = self.one(data)
        self.both(lambda each: each.__setitem__(index, value))

    @rule(index=_INDEX)
    def get_item(self, index: int) -> None:
        self.both(lambda each: each[index])

    @rule(index=_INDEX)
    def delete_item(self, index: int) -> None:
        self.both(lambda each: each.__delitem__(index))

    @rule(index=_INDEX | st.none())
    def pop(self, index: int | None) -> None:
        self.both(lambda each: each.pop() if index is None else each.pop(index))

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        value = self.one(data)
        self.both(lambda each: each.remove(value))

    @precondition(lambda self: len(self.model) > 10)
    @rule()
    def clear(self) -> None:
        self.both(lambda each: each.clear())

    @rule()
    def reverse(self) -> None:
        self.both(lambda each: each.reverse())

    @rule(where=_SLICE)
    def get_slice(self, where: slice) -> None:
        self.both(lambda each: each[where])

    @rule(data=st.data(), where=_SLICE)
    def set_slice(self, data: st.DataObject, where: slice) -> None:
        values = self.many(data)
        if where.step not in (None, 1) and data.draw(st.booleans()):
            count = len(self.model[where])
            values = (values * count)[:count]
        self.both(lambda each: each.__setitem__(where, values))

    @rule(where=_SLICE)
    def set_slice_to_itself(self, where: slice) -> None:
        if len(self.model) < 50:
            self.both(lambda each: each.__setitem__(where, each))

    @rule(where=_SLICE)
    def delete_slice(self, where: slice) -> None:
        self.both(lambda each: each.__delitem__(where))

    @rule(data=st.data())
    def look_up(self, data: st.DataObject) -> None:
        value = self.one(data)
        self.both(lambda each: value in each)
        self.both(lambda each: each.index(value))
        self.both(lambda each: each.index(value, 1, 5))
        self.both(lambda each: each.count(value))
        self.both(lambda each: list(reversed(each)))

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def wrong_values(self, data: st.DataObject) -> None:
        """What does not fit changes nothing."""
        values = [*self.many(data), object()]
        for action in (
            lambda: self.live.append(values[-1]),
            lambda: self.live.extend(values),
            lambda: self.live.insert(0, values[-1]),
            lambda: self.live.__setitem__(0, values[-1]),
            lambda: self.live.__setitem__(slice(1, 2), values),
        ):
            assert outcome(action) is TypeError

    @precondition(lambda self: self.element == "i32")
    @rule(numpy=st.booleans())
    def take_view(self, *, numpy: bool) -> None:
        found = np.asarray(self.live) if numpy else self.live.view()
        self.views = [*self.views[-3:], HeldView(found, self.call("start", self.live))]

    @precondition(lambda self: self.views and self.model)
    @rule(value=st.integers(-9, 9))
    def write_to_view(self, value: int) -> None:
        last = self.views[-1]
        if len(last.view) and not last.is_detached:
            last.view[0] = value
            self.model[0] = value

    @rule(data=st.data())
    def assemblyscript_adds(self, data: st.DataObject) -> None:
        first, last = self.one(data), self.one(data)
        self.call("unshift", self.live, first)
        self.call("push", self.live, last)
        self.model[:] = [first, *self.model, last]

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def assemblyscript_changes(self, data: st.DataObject) -> None:
        index, value = data.draw(st.integers(0, len(self.model) - 1)), self.one(data)
        assert comparable(self.call("at", self.live, index)) == comparable(self.model[index])
        self.call("put", self.live, index, value)
        self.model[index] = value
        self.call("reverse", self.live)
        self.model.reverse()

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def assemblyscript_removes(self, data: st.DataObject) -> None:
        taken = self.call("pop", self.live)
        assert comparable(taken) == comparable(self.model.pop())
        if self.model:
            assert comparable(self.call("shift", self.live)) == comparable(self.model.pop(0))
        start, count = data.draw(st.integers(0, len(self.model))), data.draw(st.integers(0, 3))
        self.call("splice", self.live, start, count)
        del self.model[start : start + count]
        length = data.draw(st.integers(0, len(self.model)))
        if data.draw(st.booleans()):
            self.call("truncate", self.live, length)
            del self.model[length:]


ARRAYS = [ArrayMachine, *(type(f"{each}Arrays", (ArrayMachine,), {"element": each}) for each in ("string", "Item"))]


@pytest.mark.parametrize("transform", [False, True], ids=["stock", "schema"])
@pytest.mark.parametrize("machine", ARRAYS, ids=lambda each: each.element)
def test_arrays_are_lists(machine: type[ArrayMachine], *, transform: bool) -> None:
    """Every operation of a list does to an `Array` what it does to a list, and AssemblyScript sees the same."""
    bound: Any = type(machine.__name__, (machine,), {"transform": transform})
    run_state_machine_as_test(bound, settings=machine_settings)
