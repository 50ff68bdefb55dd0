"""What keeps objects alive: root slots and handles, on binaries that asc made."""

# mypy: disable-error-code="empty-body"

import pytest

from tests.compiling import Compiler
from tests.integration.heap_module import (
    Build,
    Node,
    address_of,
    collecting,
    drop_results,
    everywhere,
    heap_class,
    is_free,
    spy_on_pins,
)
from wasmbind import AbortError, AscClass, AscModule, InstanceError, i32, u32

# --- (c) root slots ------------------------------------------------------------------------------------------


@everywhere
def test_held_objects_live(build: Build) -> None:
    """What Python holds, and what that refers to, outlives collections and thousands of allocations."""
    heap = heap_class(build)()
    held = [heap.make(serial) for serial in range(100)]
    for node in held:
        node.next, node.name = heap.make(-node.serial), f"node {node.serial}"
    for _ in range(5):
        heap.churn(2_000)
        heap.runtime.collect()
        assert [node.serial for node in held] == list(range(100))
        assert [node.name for node in held] == [f"node {serial}" for serial in range(100)]
        assert [node.next.serial for node in held] == [-serial for serial in range(100)]


@collecting
def test_dead_objects_are_released(build: Build) -> None:
    """When the Python object has died and something was called, the collector frees the object."""
    heap = heap_class(build)()
    kept, dropped = heap.make(1), [heap.make(serial) for serial in range(50)]
    addresses = [address_of(node) for node in dropped]
    heap.runtime.collect()
    assert not any(is_free(heap, ptr) for ptr in addresses)
    del dropped
    drop_results(heap)
    heap.runtime.collect()
    assert all(is_free(heap, ptr) for ptr in addresses)
    assert kept.serial == 1


# --- (d) to (f) ----------------------------------------------------------------------------------------------


@everywhere
def test_thousands_of_handles(build: Build) -> None:
    """The root table grows past 64, 128 and 4096 live handles and keeps every one of them."""
    heap = heap_class(build)()
    held: list[Node] = []
    for size in (60, 70, 130, 5_000):
        held += [heap.make(serial) for serial in range(len(held), size)]
        heap.churn(500)
        heap.runtime.collect()
        assert [node.serial for node in held] == list(range(size))
    del held[::2]
    held += [heap.make(serial) for serial in range(5_000, 6_000)]
    heap.runtime.collect()
    assert [node.serial for node in held] == [*range(1, 5_000, 2), *range(5_000, 6_000)]


@everywhere
def test_identity(build: Build) -> None:
    """One AssemblyScript object is one Python object while that lives; and an equal one afterwards."""
    heap = heap_class(build)()
    root, child = heap.root(), heap.make(1)
    root.next = child
    root.kids = [child, root]
    assert heap.root() is root
    assert heap.at(1) is root.next is child
    assert root.kids[0] is child
    assert root.kids[1] is root
    key, address = hash(child), address_of(child)
    del child
    heap.runtime.collect()
    again = heap.at(1)
    assert (hash(again), address_of(again)) == (key, address)
    assert again == root.next != root


@everywhere
def test_memory_grows_in_the_middle(build: Build) -> None:
    """Objects, fields and strings from before the memory grew work, and views catch up with it."""
    heap = heap_class(build)()
    old = heap.make(1)
    old.name = "before"
    view = heap.runtime.memory
    size = len(view)
    for mib in (1, 3, 9):
        heap.grow(mib)
        new = heap.make(mib)
        new.next, new.name = old, "after" * 1_000
        old.next, old.kids = new, [new, old]
        assert (old.serial, old.name, new.name) == (1, "before", "after" * 1_000)
        assert old.next is new
        assert old.kids == [new, old]
        assert heap.echo("x" * 100_000) == "x" * 100_000 + "!"
        heap.runtime.collect()
    assert len(view) == size, "a view that Python holds stays what it was"
    assert len(heap.runtime.memory) > size + (13 << 20), "a new one has all of memory"


# --- (g) what root slots are made of -------------------------------------------------------------------------

SMALL = """
export class Node { serial: i32 = 0; next: Node | null = null; }
export function make(serial: i32): Node { const n = new Node(); n.serial = serial; return n; }
export function buffer(): u32 { return idof<ArrayBuffer>(); }
export function slots(): u32 { return idof<%s>(); }
"""


class Cell(AscClass, name="Node"):
    serial: i32
    next: "Cell | None"


@pytest.mark.parametrize("compiler", ["modern", "classic"])
@pytest.mark.parametrize("slots", ["ArrayBufferView", "StaticArray<string>", "Array<string>"])
def test_root_slots_of_every_class(compiler: Compiler, slots: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slots lie in pinned arrays of references, or in views where the module has no such array."""

    class Small(AscModule, wasm=Build(compiler, source=SMALL % slots)):
        def make(self, serial: i32) -> Cell: ...
        def buffer(self) -> u32: ...
        def slots(self) -> u32: ...

    spy = spy_on_pins(monkeypatch)
    small = Small()
    held = [small.make(serial) for serial in range(2_000)]
    assert spy.ids == {small.slots(), small.buffer()}
    for cell, other in zip(held, reversed(held), strict=True):
        cell.next = other
    small.runtime.collect()
    assert [cell.serial for cell in held] == list(range(2_000))
    assert [cell.next is other for cell, other in zip(held, reversed(held), strict=True)] == [True] * 2_000


# --- (h) throwing without an exported stack pointer ----------------------------------------------------------


@everywhere
def test_two_thousand_throws(build: Build) -> None:
    """Each throw is an AbortError, until the shadow stack is used up: then the instance says so, for good."""
    heap = heap_class(build)()
    error: Exception | None = None
    for count in range(2_000):
        try:
            assert heap.boom("") == ""
            heap.boom(f"{count}")
        except AbortError as abort:
            if abort.message == f"boom {count}":
                continue
            error = abort
        except InstanceError as refusal:
            error = refusal
        break
    if build.runtime != "incremental":
        assert error is None, "there is no shadow stack"
        return
    assert isinstance(error, AbortError)
    for part in ("stack overflow", "shadow stack is used up", "__stack_pointer", "fresh instance"):
        assert part in f"{error.message} {error}".replace("\n", " ")
    for _ in range(2):
        with pytest.raises(InstanceError, match="stack overflow; start a fresh instance") as caught:
            heap.echo("x")
        assert caught.value.reason == "poisoned"
    assert heap_class(build)().echo("x") == "x!"
