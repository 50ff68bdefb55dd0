"""The glue of live arrays on a small heap: what it does to memory, what it tells the collector, what it refuses."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st

from wasmbind._array_glue import add_array
from wasmbind._glue import Glue
from wasmbind._layout import VIEWS, Storage
from wasmbind._schema.binary import read_binary
from wasmbind._wat import to_binary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BUFFER_ID = 1
#: Where the array, its buffer and the words of scratch slots lie; what is made lies behind them.
ARRAY, ELEMENTS, SLOTS, HEAP = 1024, 2048, 512, 8192
PAGE = 1 << 16
MODULE = """(module
  (import "test" "link" (func $seen (param i32 i32)))
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 8192))
  (func (export "__new") (param $size i32) (param $id i32) (result i32)
    (local $ptr i32)
    (if (i32.ge_u (local.get $size) (i32.const 0x3fffffe0))
      (then (call $seen (i32.const -1) (local.get $size)) unreachable))
    (local.set $ptr (i32.add (global.get $next) (i32.const 32)))
    (global.set $next (i32.and (i32.add (i32.add (local.get $ptr) (local.get $size)) (i32.const 15)) (i32.const -16)))
    (drop (memory.grow (i32.sub
      (i32.shr_u (i32.add (global.get $next) (i32.const 65535)) (i32.const 16)) (memory.size))))
    (memory.fill (local.get $ptr) (i32.const 0xaa) (local.get $size))
    (i32.store (i32.sub (local.get $ptr) (i32.const 8)) (local.get $id))
    (i32.store (i32.sub (local.get $ptr) (i32.const 4)) (local.get $size))
    (local.get $ptr))
  (func (export "__pin") (param i32) (result i32) (local.get 0))
  (func (export "__unpin") (param i32))
  (func (export "__link") (param i32 i32 i32) (call $seen (local.get 0) (local.get 1)))
  (func (export "Array<i32>#push") (param i32 i32) (result i32)
    (call $seen (local.get 0) (local.get 1)) (i32.const 1))
  (func (export "Array<f64>#push") (param i32 f32) (result i32) unreachable))"""
VIEWS_AND_REFERENCES = [*map(Storage, VIEWS), Storage("u32", is_managed=True)]


class Heap:
    """A heap with one array on it, and the glue for its elements."""

    def __init__(self, element: Storage, values: Sequence[Any] = (), capacity: int = 0, **compiled: str) -> None:
        self.links: list[tuple[int, int]] = []
        self.store = wasmtime.Store()
        engine, i32 = self.store.engine, wasmtime.ValType.i32()

        def link(parent: int, child: int) -> None:
            self.links.append((parent, child))
            # Telling the collector may run a step of it.
            assert child not in self.fields[:1] or self.memory.cast("I")[SLOTS >> 2] == child, "it is held"

        seen = wasmtime.Func(self.store, wasmtime.FuncType([i32, i32], []), link)
        binary = bytes(wasmtime.wat2wasm(MODULE))
        self.main = wasmtime.Instance(self.store, wasmtime.Module(engine, binary), [seen]).exports(self.store)
        glue = Glue(read_binary(binary))
        add_array(glue, element, buffer_id=BUFFER_ID, temporaries=(1, 2), compiled=compiled)
        glue.define(*(f'  (export "{name}" (func ${name}))' for name in glue.defined))
        self.imports = glue.imports
        imports = [self.main[name] for name in glue.imports]
        module = wasmtime.Module(engine, to_binary(str(glue)))
        self.glue = wasmtime.Instance(self.store, module, imports).exports(self.store)
        slot: Any = self.glue["slot_1"]
        slot.set_value(self.store, SLOTS >> 2)
        self.element = element
        self.code, self.size = VIEWS[element.view]
        self.put(ELEMENTS, values)
        self.words(ARRAY, ELEMENTS, ELEMENTS, max(capacity, len(values)) * self.size, len(values))

    @property
    def memory(self) -> memoryview[Any]:
        memory: Any = self.main["memory"]
        found = memory.data_ptr(self.store)
        size = memory.data_len(self.store)
        return memoryview((ctypes.c_uint8 * size).from_address(ctypes.addressof(found.contents))).cast("B")

    def words(self, address: int, *words: int) -> None:
        """Write u32 words."""
        self.memory.cast("I")[address >> 2 : (address >> 2) + len(words)] = memoryview(
            b"".join(word.to_bytes(4, "little") for word in words)
        ).cast("I")

    def put(self, address: int, values: Sequence[Any]) -> int:
        """Write elements; their address."""
        cells = self.memory.cast(self.code)  # type: ignore[call-overload]  # from the table
        for index, value in enumerate(values, address // self.size):
            cells[index] = value
        return address

    def append(self, value: Any) -> None:
        """Append, as WebAssembly takes numbers."""
        append: Any = self.glue["append"]
        append(self.store, ARRAY, value)

    def call(self, name: str, *arguments: int) -> Any:
        """Call a member on the array."""
        member: Any = self.glue[name]
        return member(self.store, ARRAY, *arguments)

    def splice(self, index: int, removed: int, values: Sequence[Any] = (), source: int = 4096) -> int:
        """Splice values that lie elsewhere; 1 where there are so many to remove."""
        done: int = self.call("splice", index, removed, self.put(source, values) if values else source, len(values))
        return done

    @property
    def fields(self) -> list[int]:
        """Buffer, start, capacity in bytes, length."""
        return self.memory.cast("I")[ARRAY >> 2 : (ARRAY >> 2) + 4].tolist()

    def elements(self, first: int = 0, last: int | None = None) -> list[Any]:
        """Elements, of the whole capacity unless told."""
        _, start, capacity, _ = self.fields
        cells = self.memory.cast(self.code)[start // self.size :]  # type: ignore[call-overload]  # from the table
        return list(cells[first : capacity // self.size if last is None else last])

    @property
    def values(self) -> list[Any]:
        """The elements of the array, after checking what surrounds them."""
        buffer, start, capacity, length = self.fields
        assert buffer == start
        assert length * self.size <= capacity
        if buffer != ELEMENTS:
            assert self.memory.cast("I")[(buffer >> 2) - 2 : buffer >> 2].tolist() == [BUFFER_ID, capacity]
            assert not any(self.elements(length)), "what lies behind the elements is zero"
        assert self.memory.cast("I")[SLOTS >> 2] == 0, "nothing is held any more"
        return self.elements(0, length)


def numbers(element: Storage, count: int, first: int = 1) -> list[Any]:
    """Different elements, none 0."""
    values = range(first, first + count)
    return [value / 2 for value in values] if element.view in ("f32", "f64") else [value % 120 + 1 for value in values]


@pytest.mark.parametrize("element", VIEWS_AND_REFERENCES, ids=str)
def test_append_grows_as_assemblyscript_does(element: Storage) -> None:
    """Room for eight elements comes first, and then twice as much each time; what is not used is zero."""
    heap = Heap(element)
    values = numbers(element, 40)
    for count, value in enumerate(values, 1):
        heap.append(value)
        assert heap.values == values[:count]
        room = max(8, 1 << (count - 1).bit_length())
        assert heap.fields[2] == room * heap.size
    assert sum(child >= HEAP for _, child in heap.links) == 4, "each new buffer is linked"
    assert all(parent == ARRAY for parent, _ in heap.links)
    assert [child for _, child in heap.links if child < HEAP] == (values if element.is_managed else [])


@pytest.mark.parametrize("element", VIEWS_AND_REFERENCES, ids=str)
@given(st.data())
@settings(max_examples=30)
def test_splice_is_that_of_a_list(element: Storage, data: st.DataObject) -> None:
    """Any splice gives what slice assignment gives in Python; only a larger array gets a new buffer."""
    length = data.draw(st.integers(0, 20))
    expected = numbers(element, length)
    heap = Heap(element, expected, length + data.draw(st.integers(0, 4)))
    for _ in range(data.draw(st.integers(1, 6))):
        index = data.draw(st.integers(0, len(expected)))
        removed = data.draw(st.integers(0, len(expected) - index))
        added = numbers(element, data.draw(st.integers(0, 20)), data.draw(st.integers(1, 90)))
        before = heap.fields
        heap.links.clear()
        assert heap.splice(index, removed, added) == 1
        expected[index : index + removed] = added
        assert heap.values == expected
        assert not any(heap.elements(len(expected), before[3])), "what became free is zero"
        grown = len(expected) * heap.size > before[2]
        assert (heap.fields[0] != before[0]) == grown
        assert heap.fields[2] == (max(2 * before[2], max(len(expected), 8) * heap.size) if grown else before[2])
        links = [(ARRAY, heap.fields[0])] * grown + [(ARRAY, child) for child in added] * element.is_managed
        assert heap.links == links


def test_compiled_push_is_called() -> None:
    """Where the binary exports the push of this very class, that is what appends."""
    heap = Heap(Storage("i32"), push="Array<i32>#push")
    heap.append(7)
    assert heap.links == [(ARRAY, 7)]
    assert heap.fields[3] == 0
    assert "Array<i32>#push" in heap.imports


@pytest.mark.parametrize("push", ["Array<f64>#push", "gone"])
def test_another_push_is_not_called(push: str) -> None:
    """An export of another type, or none, is left alone."""
    heap = Heap(Storage("f64"), push=push)
    heap.append(1.5)
    assert heap.values == [1.5]
    assert push not in heap.imports


def refused(heap: Heap, use: Callable[[], object]) -> bool:
    """Whether a use traps and leaves the array and everything before it as it was."""
    before = bytes(heap.memory[:4096])
    with pytest.raises(wasmtime.Trap):
        use()
    return bytes(heap.memory[:4096]) == before


@pytest.mark.parametrize(
    ("index", "removed"), [(4, 0), (0, 4), (3, 1), (2, 2), (-1, 0), (0, -1), (-1, -1), (-1, 1), (1, -1), (1 << 30, 0)]
)
def test_splice_outside_the_array(index: int, removed: int) -> None:
    """What lies outside the array cannot be replaced, which is told; it may have become shorter just now."""
    heap = Heap(Storage("i32"), [1, 2, 3], 8)
    before = bytes(heap.memory[:4096])
    assert heap.splice(index, removed, [9]) == 0
    assert bytes(heap.memory[:4096]) == before


def a_slice(data: st.DataObject, length: int) -> range:
    """Indices of some elements, not none."""
    indices = st.slices(length).map(lambda found: range(*found.indices(length)))
    found: range = data.draw(indices.filter(bool))
    return found


@pytest.mark.parametrize("element", VIEWS_AND_REFERENCES, ids=str)
@given(st.data())
@settings(max_examples=30)
def test_drop_is_that_of_a_list(element: Storage, data: st.DataObject) -> None:
    """Any elements at equal distances can be removed, as `del` of an extended slice does; what became free is zero."""
    length = data.draw(st.integers(1, 20))
    expected = numbers(element, length)
    heap = Heap(element, expected, length + 3)
    gone = a_slice(data, length)
    gone = gone if gone.step > 0 else gone[::-1]
    assert heap.call("drop", gone.start, gone.step, len(gone)) == 1
    del expected[gone.start : gone[-1] + 1 : gone.step]
    assert heap.values == expected
    assert not any(heap.elements(len(expected), length))
    assert heap.links == []


@pytest.mark.parametrize("element", VIEWS_AND_REFERENCES, ids=str)
@given(st.data())
@settings(max_examples=30)
def test_take_is_pop(element: Storage, data: st.DataObject) -> None:
    """An element is removed and given back, by any index that a list takes."""
    length = data.draw(st.integers(1, 20))
    expected = numbers(element, length)
    heap = Heap(element, expected, length + 3)
    index = data.draw(st.integers(-length, length - 1))
    assert heap.call("take", index) == [expected.pop(index), 1]
    assert heap.values == expected


@given(st.data())
def test_assign_is_that_of_a_list(data: st.DataObject) -> None:
    """Any elements at equal distances can be set to references; the collector is told of each."""
    element = Storage("u32", is_managed=True)
    length = data.draw(st.integers(1, 20))
    expected = numbers(element, length)
    heap = Heap(element, expected, length + 3)
    places = a_slice(data, length)
    values = numbers(element, len(places), 50)
    for place, value in zip(places, values, strict=True):
        expected[place] = value
    assert heap.call("assign", places.start, places.step, len(places), heap.put(4096, values)) == 1
    assert heap.values == expected
    assert heap.links == [(ARRAY, value) for value in values]


@pytest.mark.parametrize(
    ("member", "arguments"),
    [
        ("drop", (3, 1, 1)),
        ("drop", (0, 1, 4)),
        ("drop", (1, 2, 2)),
        ("drop", (0, 1 << 30, 4)),
        ("drop", (-1, 1, 1)),
        ("assign", (3, 1, 1, 4096)),
        ("assign", (0, 1, 4, 4096)),
        ("assign", (2, -1, 4, 4096)),
        ("assign", (0, -1, 2, 4096)),
        ("assign", (0, 1 << 30, 5, 4096)),
        ("assign", (-1, 1, 1, 4096)),
        ("take", (3,)),
        ("take", (-4,)),
        ("take", (1 << 30,)),
    ],
)
def test_members_outside_the_array(member: str, arguments: tuple[int, ...]) -> None:
    """Where there are no such elements, nothing happens, and that is told."""
    heap = Heap(Storage("u32", is_managed=True), [1, 2, 3], 8)
    before = bytes(heap.memory[:4096])
    found = heap.call(member, *arguments)
    assert found == ([0, 0] if member == "take" else 0)
    assert bytes(heap.memory[:4096]) == before


HOSTILE = [
    (ELEMENTS, 0xFFFFFFFF, 3),  # a capacity that ends outside memory
    (0xFFFFFFF0, 64, 3),  # and one that wraps round
    (PAGE, 8, 1),
    (PAGE - 4, 8, 1),
    (ELEMENTS, 12, 4),  # a length beyond the capacity
    (ELEMENTS, 12, 0xFFFFFFFF),
    (ELEMENTS, 12, 0x40000003),  # and one whose size wraps round
]


@pytest.mark.parametrize("element", [Storage("i32"), Storage("u32", is_managed=True)], ids=str)
@pytest.mark.parametrize("fields", HOSTILE, ids=str)
def test_fields_that_lie(element: Storage, fields: tuple[int, int, int]) -> None:
    """An array that does not fit into memory or into its buffer is left alone."""
    heap = Heap(element, [1, 2, 3])
    heap.words(ARRAY, ELEMENTS, *fields)
    assert refused(heap, lambda: heap.append(5))
    assert refused(heap, lambda: heap.splice(0, 0, [5]))
    assert refused(heap, lambda: heap.splice(0, 1))
    assert heap.fields == [ELEMENTS, *fields]
    assert not heap.links


def test_source_outside_memory() -> None:
    """What is to be added has to lie inside memory."""
    heap = Heap(Storage("u32", is_managed=True), [1, 2, 3], 64)
    splice: Any = heap.glue["splice"]
    for source, added in [(PAGE, 1), (PAGE - 4, 2), (-4, 2)]:
        with pytest.raises(wasmtime.Trap):
            splice(heap.store, ARRAY, 0, 0, source, added)
    assert not heap.links


@pytest.mark.parametrize(("added", "asked"), [(1 << 27, (1 << 30) + 16), (1 << 29, 0xFFFFFFFF), (-1, 0xFFFFFFFF)])
def test_too_many_elements(added: int, asked: int) -> None:
    """An array that would be larger than AssemblyScript allows is asked for, so that AssemblyScript refuses."""
    heap = Heap(Storage("f64"), [1.0, 2.0])
    splice: Any = heap.glue["splice"]
    with pytest.raises(wasmtime.Trap, match="unreachable"):
        splice(heap.store, ARRAY, 1, 0, 0, added)
    assert [(parent, size & 0xFFFFFFFF) for parent, size in heap.links] == [(-1, asked)]
    assert heap.values == [1.0, 2.0]


def test_growth_stops_at_the_largest_object() -> None:
    """Where twice as much cannot be allocated, as much as can be is asked for."""
    heap = Heap(Storage("u8"), [1])
    memory: Any = heap.main["memory"]
    memory.grow(heap.store, (1 << 30) // PAGE)
    half = (1 << 29) + 8
    heap.words(ARRAY, HEAP, HEAP, half, half)
    with pytest.raises(wasmtime.Trap, match="unreachable"):
        heap.append(7)
    assert heap.links == [(-1, (1 << 30) - 32)]
