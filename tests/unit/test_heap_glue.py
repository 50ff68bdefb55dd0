"""The glue of the heap: its text, and what its functions do."""

import pytest
import wasmtime

from tests.unit.test_glue import BINARY, MODULE, Linked
from wasmbind._glue import Glue
from wasmbind._heap_glue import NO_STRING, add_heap
from wasmbind._schema.binary import read_binary

HEAP = """(module $wasmbind
  (import "module" "memory" (memory 0))
  (import "module" "__new" (func $module.__new (param i32 i32) (result i32)))
  (import "module" "__pin" (func $module.__pin (param i32) (result i32)))
  (import "module" "__unpin" (func $module.__unpin (param i32)))
  (func $link (param $parent i32) (param $child i32)
    (local $white i32)
    (if (i32.eqz (local.get $child)) (then (return)))
    (local.set $white (i32.and (i32.const 3) (i32.load (i32.sub
      (call $module.__new (i32.const 0) (i32.const 1)) (i32.const 16)))))
    (if (i32.eq (local.get $white) (i32.and (i32.const 3)
        (i32.load (i32.sub (local.get $child) (i32.const 16)))))
      (then
        (drop (call $module.__pin (local.get $child)))
        (call $module.__unpin (local.get $child)))))
  ;; Allocates, and holds the new object in a root slot before anything else can run.
  (func (export "new") (param $slot i32) (param $size i32) (param $id i32) (result i32)
    (local $object i32)
    (local.set $object (call $module.__new (local.get $size) (local.get $id)))
    (i32.store (i32.shl (local.get $slot) (i32.const 2)) (local.get $object))
    (local.get $object))
  ;; Makes a pinned object of zeros, in one go: nothing holds it before it is pinned.
  (func (export "new_pinned") (param $size i32) (param $id i32) (result i32)
    (local $object i32)
    (local.set $object (call $module.__new (local.get $size) (local.get $id)))
    (memory.fill (local.get $object) (i32.const 0) (local.get $size))
    (call $module.__pin (local.get $object)))
  ;; Makes a function object: an index into the function table, and an environment, which is null.
  (func (export "new_function") (param $slot i32) (param $index i32) (param $id i32) (result i32)
    (local $object i32)
    (local.set $object (call $module.__new (i32.const 8) (local.get $id)))
    (i32.store (local.get $object) (local.get $index))
    (i32.store offset=4 (local.get $object) (i32.const 0))
    (i32.store (i32.shl (local.get $slot) (i32.const 2)) (local.get $object))
    (local.get $object))
  ;; Stores a reference into a field with the collector's write barrier.
  (func (export "write_reference") (param $parent i32) (param $field i32) (param $child i32)
    (i32.store (local.get $field) (local.get $child))
    (call $link (local.get $parent) (local.get $child)))
  ;; Makes an array or typed array around a new buffer of $bytes bytes; only an array has a length besides. Until
  ;; the object is there, its slot holds the buffer. Nothing has visited a new object, so it needs no barrier.
  (func (export "new_array") (param $slot i32) (param $size i32) (param $id i32)
    (param $bytes i32) (param $length i32) (param $zeroed i32) (result i32)
    (local $buffer i32) (local $object i32)
    (local.set $slot (i32.shl (local.get $slot) (i32.const 2)))
    (local.set $buffer (call $module.__new (local.get $bytes) (i32.const 1)))
    (i32.store (local.get $slot) (local.get $buffer))
    ;; Not every runtime does it.
    (if (local.get $zeroed) (then (memory.fill (local.get $buffer) (i32.const 0) (local.get $bytes))))
    (local.set $object (call $module.__new (local.get $size) (local.get $id)))
    (memory.fill (local.get $object) (i32.const 0) (local.get $size))
    (i32.store (local.get $object) (local.get $buffer))
    (i32.store offset=4 (local.get $object) (local.get $buffer))
    (i32.store offset=8 (local.get $object) (local.get $bytes))
    (if (local.get $length) (then (i32.store offset=12 (local.get $object) (local.get $length))))
    (i32.store (local.get $slot) (local.get $object))
    (local.get $object))
  ;; Fills $count words from $target on, which lie in a pinned object, with new strings. Each has as many bytes as
  ;; the word at $lengths says, or is null; their text lies one after the other at $text.
  (func (export "new_strings")
    (param $target i32) (param $count i32) (param $lengths i32) (param $text i32) (param $id i32)
    (local $size i32)
    (loop $next
      (if (i32.eqz (local.get $count)) (then (return)))
      (if (i32.eq (i32.load (local.get $lengths)) (i32.const -1))
        (then (i32.store (local.get $target) (i32.const 0)))
        (else
          (local.set $size (i32.load (local.get $lengths)))
          (i32.store (local.get $target) (call $module.__new (local.get $size) (local.get $id)))
          (memory.copy (i32.load (local.get $target)) (local.get $text) (local.get $size))
          (local.set $text (i32.add (local.get $text) (local.get $size)))))
      (local.set $target (i32.add (local.get $target) (i32.const 4)))
      (local.set $lengths (i32.add (local.get $lengths) (i32.const 4)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $next)))
)
"""


def test_text_of_the_heap() -> None:
    """The allocating functions are, to the letter, what somebody has read."""
    glue = Glue(BINARY)
    add_heap(glue, 1)
    assert str(glue) == HEAP
    assert glue.imports == ["memory", "__new", "__pin", "__unpin"]


def test_new_holds_what_it_makes() -> None:
    """A new object stands in its root slot, which is counted in words."""
    glue = Glue(BINARY)
    add_heap(glue, 1)
    linked = Linked(glue)
    ptr = linked.call("new", 10, 24, 5)
    assert linked.word(40) == ptr
    assert (linked.word(ptr - 8), linked.word(ptr - 4)) == (5, 24)


def test_new_pinned() -> None:
    """A pinned object is zero, whatever the memory held."""
    glue = Glue(BINARY)
    add_heap(glue, 1)
    linked = Linked(glue)
    ptr = linked.call("new_pinned", 12, 5)
    assert word_list(linked, ptr - 8, 5) == [5, 12, 0, 0, 0]


def word_list(linked: Linked, address: int, count: int) -> list[int]:
    """So many u32s of memory."""
    return [linked.word(address + 4 * index) for index in range(count)]


@pytest.mark.parametrize("size", [16, 32])
@pytest.mark.parametrize("zeroed", [0, 1])
def test_new_array(size: int, zeroed: int) -> None:
    """An array object stands in its slot, refers to a new buffer, and is zero where it is larger than an array."""
    glue = Glue(BINARY)
    add_heap(glue, 1)
    linked = Linked(glue)
    ptr = linked.call("new_array", 10, size, 5, 12, 3, zeroed)
    assert linked.word(40) == ptr
    assert word_list(linked, ptr - 8, 2) == [5, size]
    buffer = linked.word(ptr)
    assert word_list(linked, buffer - 8, 2) == [1, 12]
    assert word_list(linked, ptr, size // 4) == [buffer, buffer, 12, 3, *[0] * (size // 4 - 4)]
    assert word_list(linked, buffer, 3) == [0 if zeroed else 0xAAAAAAAA] * 3


@pytest.mark.parametrize("size", [12, 512])
def test_new_typed_array(size: int) -> None:
    """A typed array has no length of its own; what lies there is another object, or a field of a derived class."""
    glue = Glue(BINARY)
    add_heap(glue, 1)
    linked = Linked(glue)
    ptr = linked.call("new_array", 10, size, 5, 24, 0, 0)
    buffer = linked.word(ptr)
    assert word_list(linked, ptr, size // 4) == [buffer, buffer, 24, *[0] * (size // 4 - 3)]
    after = size if size % 16 else size + 16
    assert linked.memory.read(linked.store, ptr + size, ptr + after) == bytes(after - size)


def test_new_strings() -> None:
    """Strings are made of text that lies one after the other; null is told from the empty string."""
    glue = Glue(BINARY)
    add_heap(glue, 1)
    linked = Linked(glue)
    texts = ["grün", None, "", "x", None]
    data = "".join(text or "" for text in texts).encode("utf-16-le")
    lengths = b"".join((NO_STRING if text is None else 2 * len(text)).to_bytes(4, "little") for text in texts)
    linked.memory.write(linked.store, lengths + data, 8192)
    linked.memory.write(linked.store, b"\xff" * 24, 4096)
    linked.call("new_strings", 4096, 5, 8192, 8192 + len(lengths), 2)
    found = []
    for ptr in word_list(linked, 4096, 5):
        size = linked.word(ptr - 4) if ptr else 0
        assert not ptr or linked.word(ptr - 8) == 2
        found.append(linked.memory.read(linked.store, ptr, ptr + size).decode("utf-16-le") if ptr else None)
    assert found == texts
    assert linked.word(4116) == 0xFFFFFFFF
    linked.call("new_strings", 4096, 0, 8192, 8192, 2)


def test_write_reference_uses_link_where_it_is_exported() -> None:
    """With `__link` the write barrier is a call of it, after the write."""
    module = (
        MODULE[:-1]
        + """
      (func (export "__link") (param i32 i32 i32)
        (global.set $seen (i32.load (i32.const 64)))))"""
    )
    binary = read_binary(bytes(wasmtime.wat2wasm(module)))
    glue = Glue(binary)
    add_heap(glue, 1)
    assert glue.imports == ["memory", "__link", "__new", "__pin"]
    linked = Linked(glue, module)
    linked.call("write_reference", 60, 64, 4096)
    assert linked.get("seen") == 4096


@pytest.mark.parametrize("child", [0, 4096])
def test_write_reference_stores(child: int) -> None:
    """Without `__link` the reference is stored in every colour, null included."""
    glue = Glue(BINARY)
    add_heap(glue, 1)
    linked = Linked(glue)
    for colour in range(4):
        linked.memory.write(linked.store, bytes([colour, 0, 0, 0]), 4096 - 16)
        linked.memory.write(linked.store, b"\xff" * 4, 64)
        linked.call("write_reference", 60, 64, child)
        assert linked.word(64) == child
