"""The incremental collector: writes and pins while it marks (DESIGN section 5), on binaries that asc made.

Its state is read from headers: a new object shows which colour is white, and a black root means marking.
"""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import pytest
import wasmtime

from tests.integration.heap_module import (
    Build,
    Node,
    address_of,
    colour,
    drop_results,
    heap_class,
    incremental,
    is_free,
    spy_on_pins,
    word,
)
from wasmbind._engine import engine

# --- reading the collector's state from headers --------------------------------------------------------------

CHAIN = 20_000
SERIAL, NEXT = 0, 4
TRANSPARENT = 3


def is_black(heap: Any, ptr: int) -> bool:
    """Whether the marker has been at an object in the current cycle; allocates a little."""
    return colour(heap, ptr) == 1 - colour(heap, heap.fresh())


def allocate_until(condition: Callable[[], bool]) -> None:
    """`condition` allocates a little, which drives the collector on."""
    assert any(condition() for _ in range(200_000)), "the collector never got there"


def marking_heap(build: Build) -> tuple[Any, Node]:
    """A heap in the middle of marking, and its root, which has been marked."""
    heap = heap_class(build)()
    heap.chain(CHAIN)
    root: Node = heap.root()
    allocate_until(lambda: is_black(heap, address_of(root)))
    return heap, root


def marked_last(heap: Any) -> int:
    """The index in the chain of the object that the marker stands on: it is the last black one."""
    black = 1 - colour(heap, heap.fresh())
    memory = heap.runtime.memory.cast("I")
    ptr, index = address_of(heap.root()), -1
    while memory[(ptr - 16) >> 2] & 3 == black:
        ptr, index = memory[(ptr + NEXT) >> 2], index + 1
    return index


@contextmanager
def watched(heap: Any) -> Generator[None]:
    """A call that never ends traps after a minute instead of hanging the test run."""
    heap.runtime.native.store.set_epoch_deadline(1)
    timer = threading.Timer(60, engine().increment_epoch)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


# --- (a) writes during marking -------------------------------------------------------------------------------


def write_raw(heap: Any, root: Node, child: Node) -> None:
    """Store the pointer into memory."""
    heap.runtime.memory.cast("I")[(address_of(root) + NEXT) >> 2] = address_of(child)


def write_field(_heap: Any, root: Node, child: Node) -> None:
    """Assign the field."""
    root.next = child


def write_list(_heap: Any, root: Node, child: Node) -> None:
    """Assign a list field."""
    root.kids = [child]


def survives(build: Build, write: Callable[[Any, Node, Node], None]) -> bool:
    """Whether a child that only a marked parent refers to lives to the end of the cycle."""
    heap, root = marking_heap(build)
    child = heap.make(4242)
    ptr = address_of(child)
    assert is_black(heap, address_of(root))
    assert not is_black(heap, ptr), "the child is white: nobody has visited it"
    write(heap, root, child)
    del child
    drop_results(heap)
    allocate_until(lambda: not is_black(heap, address_of(root)))
    for _ in range(3 * CHAIN):  # long enough to sweep everything that marking left white
        heap.fresh()
        if is_free(heap, ptr) or word(heap, ptr + SERIAL) != 4242:
            return False
    if write is write_list:
        assert [kid.serial for kid in root.kids] == [4242]
    elif write is write_field:
        assert root.next is not None
        assert root.next.serial == 4242
        heap.runtime.collect()
        assert root.next.serial == 4242
    return True


@incremental
def test_a_raw_write_during_marking_loses_the_child(build: Build) -> None:
    """Storing a pointer into a marked object in memory, behind the collector's back, is a use after free."""
    assert not survives(build, write_raw)


@incremental
@pytest.mark.parametrize("write", [write_field, write_list])
def test_an_assignment_during_marking_keeps_the_child(build: Build, write: Callable[[Any, Node, Node], None]) -> None:
    """The same through a field or a list field keeps the child."""
    assert survives(build, write)


# --- (b) pinning the object that the marker stands on --------------------------------------------------------


class Fuelled:
    """An instance without wasmbind, whose calls end when their fuel does."""

    def __init__(self, build: Build) -> None:
        config = wasmtime.Config()
        config.consume_fuel = True
        engine = wasmtime.Engine(config)
        self.store = wasmtime.Store(engine)
        self.store.set_fuel(1 << 40)
        i32s = [wasmtime.ValType.i32()] * 4
        abort = wasmtime.Func(self.store, wasmtime.FuncType(i32s, []), print)
        module = wasmtime.Module(engine, build.read_bytes())
        self.exports = wasmtime.Instance(self.store, module, [abort] * len(module.imports)).exports(self.store)

    def call(self, name: str, *arguments: int) -> Any:
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func)
        return function(self.store, *arguments)

    def word(self, address: int) -> int:
        memory = self.exports["memory"]
        assert isinstance(memory, wasmtime.Memory)
        return int.from_bytes(memory.read(self.store, address, address + 4), "little")

    def mark_some(self) -> list[int]:
        """Allocate until some of the chain is marked; the addresses of that part, the marker's object last."""
        self.call("chain", CHAIN)
        black: list[int] = []
        while len(black) < 100:
            white = self.word(self.call("fresh") - 16) & 3
            ptr, black = self.call("root"), []
            while len(black) < CHAIN and self.word(ptr - 16) & 3 == 1 - white:
                black.append(ptr)
                ptr = self.word(ptr + NEXT)
        return black


@incremental
@pytest.mark.parametrize("offset", [None, 2, 1], ids=["nothing", "one before", "the marker's"])
def test_pinning_the_object_under_the_marker_never_ends(build: Build, offset: int | None) -> None:
    """Asc 0.18 to 0.28: `__pin` of the object that the marker stands on makes the next collection endless."""
    instance = Fuelled(build)
    marked = instance.mark_some()
    if offset is not None:
        instance.call("__pin", marked[-offset])
    instance.store.set_fuel(20_000 * CHAIN)
    if offset == 1:
        with pytest.raises(wasmtime.Trap, match="fuel"):
            instance.call("__collect")
    else:
        instance.call("__collect")


@incremental
@pytest.mark.parametrize("use", ["hold", "field", "list", "argument"])
def test_holding_the_object_under_the_marker_is_safe(build: Build, use: str) -> None:
    """Lifting, assigning, listing and passing that very object leaves a collector that ends."""
    heap, root = marking_heap(build)
    other = heap.make(7)
    index = marked_last(heap)
    node = heap.at(index)
    assert marked_last(heap) == index < CHAIN, "the marker still stands on it"
    if use == "field":
        other.next = node
    elif use == "list":
        other.kids = [node, node]
    elif use == "argument":
        assert heap.depth(node) == CHAIN + 1 - index
    with watched(heap):
        heap.runtime.collect()
        heap.churn(10_000)
        heap.runtime.collect()
    assert heap.depth(root) == CHAIN + 1
    assert node.serial == index


@incremental
def test_only_white_objects_are_ever_pinned(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """The marker stands on black objects: whatever the API does, each object pinned is as white as a new one."""
    spy = spy_on_pins(monkeypatch)
    heap = heap_class(build)()
    heap.chain(2_000)
    spy.colours.clear()
    held = []
    for index in range(1_000):
        node = heap.make(index)
        node.next, node.name = heap.at(index), f"node {index}"
        node.kids = [node, heap.at(index)]
        held.append(node)
        heap.churn(index % 7)
    assert len(spy.colours) > 500, "barriers pin"
    wrong = [(pinned, white) for pinned, white in spy.colours if pinned != white]
    assert not wrong
