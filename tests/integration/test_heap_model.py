"""The heap against a Python model, in any order of operations."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.integration.heap_module import INCREMENTAL, Build, Node, heap_class


class HeapMachine(RuleBasedStateMachine):
    """A heap and what it should hold: of every node that was made, by serial, its `next` and `name`."""

    build: Build
    collects = True

    @initialize()
    def start(self) -> None:
        self.heap = heap_class(self.build)()
        self.handles: dict[int, Node] = {}
        self.nodes: dict[int, tuple[int | None, str | None]] = {}
        if not self.collects:
            self.heap.chain(5_000)

    def pick(self, choice: int) -> tuple[int, Node]:
        serial = sorted(self.handles)[choice % len(self.handles)]
        return serial, self.handles[serial]

    @rule(count=st.integers(1, 70))
    def create(self, count: int) -> None:
        for _ in range(count):
            serial = len(self.nodes) + 1
            self.handles[serial] = self.heap.make(serial)
            self.nodes[serial] = None, None

    @precondition(lambda self: self.handles)
    @rule(parent=st.integers(0), child=st.none() | st.integers(0))
    def link(self, parent: int, child: int | None) -> None:
        serial, node = self.pick(parent)
        target = (None, None) if child is None else self.pick(child)
        node.next = target[1]
        self.nodes[serial] = target[0], self.nodes[serial][1]

    @precondition(lambda self: self.handles)
    @rule(node=st.integers(0), name=st.none() | st.text())
    def rename(self, node: int, name: str | None) -> None:
        serial, found = self.pick(node)
        found.name = name
        self.nodes[serial] = self.nodes[serial][0], name

    @precondition(lambda self: self.handles)
    @rule(node=st.integers(0))
    def drop(self, node: int) -> None:
        del self.handles[self.pick(node)[0]]

    @precondition(lambda self: self.handles)
    @rule(node=st.integers(0), keep=st.booleans())
    def follow(self, node: int, *, keep: bool) -> None:
        serial, found = self.pick(node)
        assert (found.serial, found.name) == (serial, self.nodes[serial][1])
        target = found.next
        assert (target and target.serial) == self.nodes[serial][0]
        if target is not None:
            assert self.handles.get(target.serial, target) is target
            if keep:
                self.handles[target.serial] = target

    @precondition(lambda self: self.handles)
    @rule(node=st.integers(0))
    def call(self, node: int) -> None:
        serial, found = self.pick(node)
        seen = {serial}
        while (after := self.nodes[serial][0]) is not None and after not in seen:
            seen.add(after)
            serial = after
        if after is None:
            assert self.heap.depth(found) == len(seen)

    @rule(text=st.text(max_size=40))
    def echo(self, text: str) -> None:
        assert self.heap.echo(text) == text + "!"

    @invariant()
    def collect(self) -> None:
        if not hasattr(self, "heap"):
            return
        if self.collects:
            self.heap.runtime.collect()
        else:
            self.heap.churn(3)  # a step or two of an incremental cycle
        for serial, node in self.handles.items():
            assert (node.serial, node.name) == (serial, self.nodes[serial][1])


class ModernMachine(HeapMachine):
    build = INCREMENTAL[0]


class ModernSteps(ModernMachine):
    collects = False


class ClassicMachine(HeapMachine):
    build = INCREMENTAL[1]


class ClassicSteps(ClassicMachine):
    collects = False


@pytest.mark.parametrize("machine", [ModernMachine, ModernSteps, ClassicMachine, ClassicSteps])
def test_the_heap_is_as_modelled(machine: type[HeapMachine]) -> None:
    """Creating, linking, naming, dropping, following and calling agree with a Python model, whatever the order.

    The machine collects fully after every step, or moves an incremental cycle on a little.
    """
    run_state_machine_as_test(machine, settings=settings(max_examples=100, stateful_step_count=40, deadline=None))
