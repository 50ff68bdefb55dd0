"""The glue of the heap: what allocates, and holds each new object before anything else can run.

Two functions of it save crossings: `new_array` makes an array object around a buffer, `new_strings` makes many
strings of text that Python left in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from wasmbind._glue import Glue

__all__ = ["HEAP_FUNCTIONS", "NO_STRING", "add_heap"]

#: What `add_heap` exports, with its types.
HEAP_FUNCTIONS: Final = {
    "new": FunctionType(("i32",) * 3, ("i32",)),
    "new_pinned": FunctionType(("i32",) * 2, ("i32",)),
    "new_function": FunctionType(("i32",) * 3, ("i32",)),
    "write_reference": FunctionType(("i32",) * 3, ()),
    "new_array": FunctionType(("i32",) * 6, ("i32",)),
    "new_strings": FunctionType(("i32",) * 5, ()),
}
#: Stands for null where `new_strings` expects the length of a string.
NO_STRING: Final = 0xFFFFFFFF

_NEW_STRINGS = """\
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
          (i32.store (local.get $target) (call {new} (local.get $size) (local.get $id)))
          (memory.copy (i32.load (local.get $target)) (local.get $text) (local.get $size))
          (local.set $text (i32.add (local.get $text) (local.get $size)))))
      (local.set $target (i32.add (local.get $target) (i32.const 4)))
      (local.set $lengths (i32.add (local.get $lengths) (i32.const 4)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br $next)))"""

_NEW_ARRAY = """\
  ;; Makes an array or typed array around a new buffer of $bytes bytes; only an array has a length besides. Until
  ;; the object is there, its slot holds the buffer. Nothing has visited a new object, so it needs no barrier.
  (func (export "new_array") (param $slot i32) (param $size i32) (param $id i32)
    (param $bytes i32) (param $length i32) (param $zeroed i32) (result i32)
    (local $buffer i32) (local $object i32)
    (local.set $slot (i32.shl (local.get $slot) (i32.const 2)))
    (local.set $buffer (call {new} (local.get $bytes) (i32.const {buffer_id})))
    (i32.store (local.get $slot) (local.get $buffer))
    ;; Not every runtime does it.
    (if (local.get $zeroed) (then (memory.fill (local.get $buffer) (i32.const 0) (local.get $bytes))))
    (local.set $object (call {new} (local.get $size) (local.get $id)))
    (memory.fill (local.get $object) (i32.const 0) (local.get $size))
{count_buffer}    (i32.store (local.get $object) (local.get $buffer))
    (i32.store offset=4 (local.get $object) (local.get $buffer))
    (i32.store offset=8 (local.get $object) (local.get $bytes))
    (if (local.get $length) (then (i32.store offset=12 (local.get $object) (local.get $length))))
    (i32.store (local.get $slot) (local.get $object))
    (local.get $object))"""


def add_heap(glue: Glue, buffer_id: int) -> None:
    """Add what allocates, and what writes references: `HEAP_FUNCTIONS`.

    Args:
        glue: the glue, of which this is all.
        buffer_id: the run-time id of `ArrayBuffer`.
    """
    barrier, new = glue.barrier(buffer_id), glue.function("__new")
    count_buffer = f"    {glue.count('(local.get $buffer)')}\n" * glue.counts
    glue.define(
        "  ;; Allocates, and holds the new object in a root slot before anything else can run.",
        '  (func (export "new") (param $slot i32) (param $size i32) (param $id i32) (result i32)',
        "    (local $object i32)",
        f"    (local.set $object (call {new} (local.get $size) (local.get $id)))",
        "    (i32.store (i32.shl (local.get $slot) (i32.const 2)) (local.get $object))",
        "    (local.get $object))",
        "  ;; Makes a pinned object of zeros, in one go: nothing holds it before it is pinned.",
        '  (func (export "new_pinned") (param $size i32) (param $id i32) (result i32)',
        "    (local $object i32)",
        f"    (local.set $object (call {new} (local.get $size) (local.get $id)))",
        "    (memory.fill (local.get $object) (i32.const 0) (local.get $size))",
        f"    (call {glue.pin} (local.get $object)))",
        "  ;; Makes a function object: an index into the function table, and an environment, which is null.",
        '  (func (export "new_function") (param $slot i32) (param $index i32) (param $id i32) (result i32)',
        "    (local $object i32)",
        f"    (local.set $object (call {new} (i32.const 8) (local.get $id)))",
        "    (i32.store (local.get $object) (local.get $index))",
        "    (i32.store offset=4 (local.get $object) (i32.const 0))",
        "    (i32.store (i32.shl (local.get $slot) (i32.const 2)) (local.get $object))",
        "    (local.get $object))",
        "  ;; Stores a reference into a field with the collector's write barrier.",
        '  (func (export "write_reference") (param $parent i32) (param $field i32) (param $child i32)',
        *[f"    {glue.owe('(i32.load (local.get $field))')}"] * glue.counts,
        "    (i32.store (local.get $field) (local.get $child))",
        f"    (call {barrier} (local.get $parent) (local.get $child)){glue.relief})",
        *_NEW_ARRAY.format(new=new, buffer_id=buffer_id, count_buffer=count_buffer).splitlines(),
        *_NEW_STRINGS.format(new=new).splitlines(),
    )
