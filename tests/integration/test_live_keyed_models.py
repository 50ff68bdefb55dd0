"""Live maps and sets against Python's own, in any order of operations from both sides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from tests.integration.collection_matrix import comparable
from tests.integration.live_machine import KEYS, VALUES, LiveMachine, Twin, machine_settings, outcome

_ABSENT = "absent"


# --- maps ----------------------------------------------------------------------------------------------------


class MapMachine(LiveMachine):
    """A live `Map` and a dict, or a twin of it where a dict has other keys."""

    types: tuple[str, str] = ("i32", "f64")

    @initialize(data=st.data(), collects=st.booleans())
    def start(self, data: st.DataObject, *, collects: bool) -> None:
        self.kind = f"Map_{'_'.join(self.types)}"
        self.begin(collects=collects)
        self.rereads = self.types[0] != "f64"
        self.model = {} if self.rereads else Twin(self)
        for _ in range(data.draw(st.integers(0, 9))):
            self.model[self.key(data)] = self.found(data)
        self.live = self.make(self.model if self.rereads else {})
        if not self.rereads:  # each NaN is another key
            for key, value in self.content():
                self.live[key] = value

    def reread(self) -> dict[Any, Any]:
        return dict(self.live.items())

    def key(self, data: st.DataObject) -> Any:
        keys = list(self.model)
        if data.draw(st.booleans()) and keys:
            return data.draw(st.sampled_from(keys))
        return self.value(self.types[0], data.draw(KEYS[self.types[0]]))

    def found(self, data: st.DataObject) -> Any:
        """A value to put in."""
        return self.value(self.types[1], data.draw(VALUES[self.types[1]]))

    def content(self) -> list[Any]:
        """Keys and values of the model."""
        return self.model.content() if isinstance(self.model, Twin) else [*self.model.items()]

    def compare(self) -> None:
        items = self.content()
        keys, values = [key for key, _ in items], [value for _, value in items]
        assert self.call("size", self.live) == len(self.live) == len(items)
        assert comparable(self.call("keys", self.live)) == comparable(keys)
        assert comparable(self.call("values", self.live)) == comparable(values)
        assert comparable(list(self.live)) == comparable(keys)
        assert comparable(list(self.live.values())) == comparable(values)
        assert comparable(list(self.live.items())) == comparable(items)

    @rule(data=st.data())
    def set_item(self, data: st.DataObject) -> None:
        key, value = self.key(data), self.found(data)
        self.both(lambda each: each.__setitem__(key, value))

    @rule(data=st.data())
    def look_up(self, data: st.DataObject) -> None:
        key = self.key(data)
        self.both(lambda each: key in each)
        self.both(lambda each: each[key])
        self.both(lambda each: each.get(key))
        self.both(lambda each: each.get(key, _ABSENT))
        assert outcome(lambda: self.call("has", self.live, key)) == outcome(lambda: key in self.model)

    @rule(data=st.data())
    def delete_item(self, data: st.DataObject) -> None:
        key = self.key(data)
        self.both(lambda each: each.__delitem__(key))

    @rule(data=st.data(), default=st.booleans())
    def pop(self, data: st.DataObject, *, default: bool) -> None:
        key = self.key(data)
        self.both(lambda each: each.pop(key, _ABSENT) if default else each.pop(key))

    @rule()
    def pop_item(self) -> None:
        """As from a dict, the last one goes; NaN can never be taken out."""
        keys = list(self.model)
        if not keys:
            assert outcome(self.live.popitem) is KeyError
        elif keys[-1] == keys[-1]:  # NaN is not
            expected = keys[-1], self.model[keys[-1]]
            assert comparable(self.live.popitem()) == comparable(expected)
            del self.model[keys[-1]]

    @rule(data=st.data())
    def set_default(self, data: st.DataObject) -> None:
        key, value = self.key(data), self.found(data)
        self.both(lambda each: each.setdefault(key, value))

    @rule(data=st.data(), how=st.sampled_from([dict, list, iter]))
    def update(self, data: st.DataObject, how: Any) -> None:
        items = [(self.key(data), self.found(data)) for _ in range(data.draw(st.integers(0, 12)))]
        self.both(lambda each: each.update(how(items)))

    @rule(data=st.data())
    def delete_many(self, data: st.DataObject) -> None:
        """So many that the map is hashed anew."""
        keys = [*self.model][:: data.draw(st.integers(1, 3))]
        self.both(lambda each: [each.pop(key, _ABSENT) for key in keys])

    @precondition(lambda self: len(self.model) > 10)
    @rule()
    def clear(self) -> None:
        self.both(lambda each: each.clear())

    @rule(data=st.data())
    def change_while_iterating(self, data: st.DataObject) -> None:
        """As of a dict: a change of size is an error, another change is none."""
        if len(self.model) < 2:
            return
        keys = iter(self.live)
        first = next(keys)
        if first == first:  # noqa: PLR0124 - NaN is not
            value = self.found(data)
            self.live[first] = value
            self.model[first] = value
            second = next(keys)
            if second == second:  # noqa: PLR0124 - NaN is not
                del self.live[second], self.model[second]
                with pytest.raises(RuntimeError):
                    next(keys)

    @rule(data=st.data())
    def wrong_types(self, data: st.DataObject) -> None:
        """What can be no key is not there, and what does not fit changes nothing."""
        key, value, wrong = self.key(data), self.found(data), object()
        assert wrong not in self.live
        assert self.live.get(wrong) is None
        assert outcome(lambda: self.live.__setitem__(key, wrong)) is TypeError
        assert outcome(lambda: self.live.__setitem__(wrong, value)) is TypeError

    @rule(data=st.data())
    def assemblyscript_puts(self, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(1, 8))):
            key, value = self.key(data), self.found(data)
            self.call("put", self.live, key, value)
            self.model[key] = value
            if key == key:  # noqa: PLR0124 - NaN is not
                assert comparable(self.live[key]) == comparable(value)

    @rule(data=st.data())
    def assemblyscript_deletes(self, data: st.DataObject) -> None:
        key = self.key(data)
        assert self.call("delete", self.live, key) == (self.model.pop(key, _ABSENT) != _ABSENT)
        if data.draw(st.integers(0, 9)) == 0:
            self.call("clear", self.live)
            self.model.clear()


MAPS = [
    MapMachine,
    *(
        type(f"{'_'.join(each)}Maps", (MapMachine,), {"types": each})
        for each in (("string", "i32"), ("f64", "i32"), ("Item", "string"))
    ),
]

# --- sets ----------------------------------------------------------------------------------------------------


class SetMachine(LiveMachine):
    """A live `Set`, and a dict of its elements, which keeps their order."""

    element = "i32"

    @initialize(data=st.data(), collects=st.booleans())
    def start(self, data: st.DataObject, *, collects: bool) -> None:
        self.kind = f"Set_{self.element}"
        self.begin(collects=collects)
        self.model = {}
        self.model = dict.fromkeys(self.in_order(self.other(data)))
        self.live = self.make(self.model.keys())

    def reread(self) -> dict[Any, None]:
        found = dict.fromkeys(self.live)
        if self.element == "Item":  # one object of each serial number, so that they have an order
            self.pool = {each.serial: each for each in found}
        return found

    def in_order(self, values: Iterable[Any]) -> list[Any]:
        """Values in an order that is the same in every run: that of sets of objects is not."""
        return sorted(values, key=lambda each: each.serial if self.element == "Item" else each)

    def one(self, data: st.DataObject) -> Any:
        if self.model and data.draw(st.booleans()):
            return data.draw(st.sampled_from(self.in_order(self.model)))
        return self.value(self.element, data.draw(KEYS[self.element]))

    def other(self, data: st.DataObject) -> set[Any]:
        return {self.one(data) for _ in range(data.draw(st.integers(0, 8)))}

    def adopt(self, expected: set[Any]) -> None:
        """The content is as expected; in which order is the collection's own matter."""
        assert set(self.live) == expected
        self.live.clear()
        self.live |= self.in_order(expected)
        self.model = dict.fromkeys(self.in_order(expected))

    def compare(self) -> None:
        assert self.call("size", self.live) == len(self.live) == len(self.model)
        assert comparable(list(self.live)) == comparable([*self.model])
        assert comparable(self.call("values", self.live)) == comparable([*self.model])
        assert self.live == set(self.model)

    @rule(data=st.data())
    def add(self, data: st.DataObject) -> None:
        value = self.one(data)
        assert self.live.add(value) is None
        self.model[value] = None

    @rule(data=st.data())
    def discard(self, data: st.DataObject) -> None:
        value = self.one(data)
        assert self.live.discard(value) is None
        self.model.pop(value, None)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        value = self.one(data)
        assert outcome(lambda: self.live.remove(value)) == outcome(lambda: self.model.pop(value))

    @rule()
    def pop(self) -> None:
        if self.model:
            self.model.pop(self.live.pop())
        else:
            assert outcome(self.live.pop) is KeyError

    @precondition(lambda self: len(self.model) > 10)
    @rule()
    def clear(self) -> None:
        self.live.clear()
        self.model.clear()

    @rule(data=st.data())
    def look_up(self, data: st.DataObject) -> None:
        value = self.one(data)
        assert (value in self.live) == (value in self.model) == self.call("has", self.live, value)
        assert object() not in self.live
        assert outcome(lambda: self.live.add(object())) is TypeError

    @rule(data=st.data(), itself=st.booleans())
    def compare_with_sets(self, data: st.DataObject, *, itself: bool) -> None:
        mine = set(self.model)
        other = self.other(data)
        theirs: Any = self.live if itself else other
        other = mine if itself else other
        assert (self.live <= theirs, self.live < theirs) == (mine <= other, mine < other)
        assert (self.live >= theirs, self.live > theirs) == (mine >= other, mine > other)
        assert (self.live == theirs, self.live != theirs) == (mine == other, mine != other)
        assert self.live.isdisjoint(theirs) == mine.isdisjoint(other)
        assert set(self.live | theirs) == mine | other
        assert set(self.live & theirs) == mine & other
        assert set(self.live - theirs) == mine - other
        assert set(self.live ^ theirs) == mine ^ other
        assert set(other - self.live) == other - mine

    @rule(data=st.data(), operator=st.sampled_from(["ior", "iand", "isub", "ixor"]), itself=st.booleans())
    def change_in_place(self, data: st.DataObject, operator: str, *, itself: bool) -> None:
        expected, kept = set(self.model), self.live
        other = set(expected) if itself else self.other(data)
        result = getattr(self.live, f"__{operator}__")(self.live if itself else other)
        assert result is kept
        self.adopt(getattr(expected, f"__{operator}__")(other))

    @precondition(lambda self: len(self.model) > 1)
    @rule()
    def change_while_iterating(self) -> None:
        values = iter(self.live)
        value = next(values)
        self.live.remove(value)
        del self.model[value]
        with pytest.raises(RuntimeError):
            next(values)

    @rule(data=st.data())
    def assemblyscript_adds(self, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(1, 8))):
            value = self.one(data)
            self.call("push", self.live, value)
            self.model[value] = None

    @rule(data=st.data())
    def assemblyscript_deletes(self, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(1, 8))):
            value = self.one(data)
            assert self.call("delete", self.live, value) == (value in self.model)
            self.model.pop(value, None)


SETS = [SetMachine, *(type(f"{each}Sets", (SetMachine,), {"element": each}) for each in ("string", "Item"))]


@pytest.mark.parametrize("transform", [False, True], ids=["stock", "schema"])
@pytest.mark.parametrize("machine", [*MAPS, *SETS], ids=lambda each: each.__name__)
def test_maps_and_sets_are_as_modelled(machine: type[LiveMachine], *, transform: bool) -> None:
    """Every operation of a dict or set does the same to a `Map` or `Set`, and AssemblyScript sees the same."""
    bound: Any = type(machine.__name__, (machine,), {"transform": transform})
    run_state_machine_as_test(bound, settings=machine_settings)
