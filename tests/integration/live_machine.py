"""What the state machines of live collections have in common.

After every step AssemblyScript's view, Python's view and the model are the same. Between the steps the collector runs
fully, or moves an incremental cycle on by a step or two, with the garbage of earlier steps around.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.integration.collection_matrix import comparable
from tests.integration.models_module import live_type, models_class

__all__ = ["KEYS", "VALUES", "LiveMachine", "Twin", "machine_settings", "outcome"]


def _joined(text: str) -> str:
    """The text with halves of a surrogate pair that lie side by side as the one character that they are in UTF-16."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


_TEXT = st.text(st.characters() | st.sampled_from("ab☃😀\ud800\udfff"), max_size=6).map(_joined)
_I32 = st.integers(-3, 8) | st.integers(-(2**31), 2**31 - 1)
_FLOAT = st.sampled_from([0.0, -0.0, float("nan"), float("inf"), -1.5]) | st.floats()
#: Values to draw; an object is drawn by its serial number and looked up in the machine's pool.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "i32": _I32,
    "f64": _FLOAT,
    "string": _TEXT,
    "Item": st.integers(0, 6),
}
#: Keys to draw. Whether 0.0 and -0.0 are one key depends on the size of the table: AssemblyScript compares numbers, but
#: hashes their bits.
KEYS: dict[str, st.SearchStrategy[Any]] = {**VALUES, "f64": _FLOAT.map(lambda number: number + 0.0)}
_RAISED = (IndexError, KeyError, ValueError, TypeError)


machine_settings = settings(max_examples=30, stateful_step_count=40, deadline=None)


def outcome(action: Callable[[], Any]) -> Any:
    """What an action gives, or the built-in exception that it raises."""
    try:
        return comparable(action())
    except _RAISED as error:
        return next(kind for kind in _RAISED if isinstance(error, kind))


class LiveMachine(RuleBasedStateMachine):
    """A live collection in an instance of its own.

    Attributes:
        kind: what the functions about it end in.
        live: the collection.
        model: what Python has for it, with the same content.
        rereads: whether the model can be made anew.
        pool: objects to put into collections, by serial number.
    """

    transform = False
    rereads = True
    kind: str
    live: Any
    model: Any

    def begin(self, *, collects: bool) -> None:
        """Make the instance, in which there is no collection yet."""
        self.module = models_class(transform=self.transform)()
        self.collects = collects
        self.pool: dict[int, Any] = {}

    def make(self, content: Any) -> Any:
        """A collection of a content: one made by Python, or by AssemblyScript if there is none."""
        return self.module[live_type(self.kind)](content) if content else self.call("new")

    def call(self, verb: str, *arguments: Any) -> Any:
        """Call AssemblyScript's own function about the collection."""
        return getattr(self.module, f"{verb}_{self.kind}")(*arguments)

    def value(self, name: str, drawn: Any) -> Any:
        """A drawn value as it is sent."""
        if name != "Item":
            return drawn
        if drawn not in self.pool:
            self.pool[drawn] = self.module.item(drawn)
        return self.pool[drawn]

    def both(self, action: Callable[[Any], Any]) -> None:
        """The same happens to the collection and to the model, and the same comes of it."""
        expected = outcome(lambda: action(self.model))
        assert outcome(lambda: action(self.live)) == expected

    @rule()
    def leave_to_assemblyscript(self) -> None:
        """Only the module holds the collection for a while."""
        self.call("keep", self.live)
        del self.live
        self.module.runtime.collect()
        self.live = self.call("back")

    @rule()
    def forget_objects(self) -> None:
        """Python holds no objects for a while, except through the collection."""
        self.pool.clear()
        if not self.rereads:
            return
        expected = comparable(self.model)
        self.model = None
        self.module.runtime.collect()
        self.model = self.reread()
        assert comparable(self.model) == expected

    def reread(self) -> Any:
        """A model made from the collection."""
        raise NotImplementedError

    @invariant()
    def same(self) -> None:
        if not hasattr(self, "live"):
            return
        if self.collects:
            self.module.runtime.collect()
        else:
            self.module.churn(3)  # a step or two of an incremental cycle
        self.compare()

    def compare(self) -> None:
        """All three views are the same."""
        raise NotImplementedError


class Twin(MutableMapping[Any, Any]):
    """A map in AssemblyScript that only AssemblyScript's own functions work on: the model of keys like NaN."""

    def __init__(self, machine: LiveMachine) -> None:
        self._call = machine.call
        self._map = machine.call("new")

    def __getitem__(self, key: Any) -> Any:
        if not self._call("has", self._map, key):
            raise KeyError(key)
        return self._call("get", self._map, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._call("put", self._map, key, value)

    def __delitem__(self, key: Any) -> None:
        if not self._call("delete", self._map, key):
            raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._call("keys", self._map))

    def __len__(self) -> int:
        return int(self._call("size", self._map))

    def clear(self) -> None:
        self._call("clear", self._map)

    def content(self) -> list[Any]:
        """Keys and values, those included that cannot be looked up."""
        return [*zip(self, self._call("values", self._map), strict=True)]

    def __contains__(self, key: object) -> bool:
        return bool(self._call("has", self._map, key))
