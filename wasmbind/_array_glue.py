"""The glue of live arrays: `append` and `splice`, with the growth of AssemblyScript's own arrays.

An array's capacity, the field that it shares with views as their length in bytes, is what AssemblyScript's `push`
trusts, so it has to be right (`ensureCapacity` in `std/assembly/array.ts`). What a hostile module may have put into
these fields is checked before anything is moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wasmbind._glue import Glue
    from wasmbind._layout import Storage
    from wasmbind._schema.model import ValueType

__all__ = ["add_array"]

#: Bytes of the largest object that AssemblyScript allocates (`OBJECT_MAXSIZE`, exclusive, std/assembly/rt/common.ts).
_LARGEST = (1 << 30) - 32
#: Elements that AssemblyScript makes room for at least.
_FEWEST = 8

# All sizes below are at most the capacity, which lies inside memory, once $reserve has returned.
_RESERVE = """\
  ;; Makes room for $count elements in the array's buffer.
  (func $reserve (param $array i32) (param $count i64)
    (local $capacity i32) (local $start i32) (local $used i32) (local $size i64) (local $buffer i32)
    (local.set $start (i32.load offset=4 (local.get $array)))
    (local.set $capacity (i32.load offset=8 (local.get $array)))
    ;; What lies past the end of memory, or is longer than its buffer, is no array.
    (if (i32.or
        (i64.gt_u
          (i64.add (i64.extend_i32_u (local.get $start)) (i64.extend_i32_u (local.get $capacity)))
          (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)))
        (i32.gt_u (i32.load offset=12 (local.get $array)) (i32.shr_u (local.get $capacity) (i32.const {shift}))))
      (then unreachable))
    (if (i64.le_u (local.get $count) (i64.extend_i32_u (i32.shr_u (local.get $capacity) (i32.const {shift}))))
      (then (return)))
    (local.set $used (i32.shl (i32.load offset=12 (local.get $array)) (i32.const {shift})))
    ;; Twice as much as before, so that appending one by one copies each element only a few times.
    (local.set $size (i64.shl (i64.extend_i32_u (local.get $capacity)) (i64.const 1)))
    (if (i64.gt_u (local.get $size) (i64.const {largest})) (then (local.set $size (i64.const {largest}))))
    (if (i64.lt_u (local.get $count) (i64.const {fewest})) (then (local.set $count (i64.const {fewest}))))
    (local.set $count (i64.shl (local.get $count) (i64.const {shift})))
    (if (i64.lt_u (local.get $size) (local.get $count)) (then (local.set $size (local.get $count))))
    ;; AssemblyScript refuses to allocate so much, with its own error.
    (if (i64.gt_u (local.get $size) (i64.const 0xffffffff)) (then (local.set $size (i64.const 0xffffffff))))
    (local.set $buffer (call {new} (i32.wrap_i64 (local.get $size)) (i32.const {buffer_id})))
    (i32.store {slot} (local.get $buffer))
    (memory.copy (local.get $buffer) (local.get $start) (local.get $used))
    ;; Not every runtime does it.
    (memory.fill (i32.add (local.get $buffer) (local.get $used)) (i32.const 0)
      (i32.sub (i32.wrap_i64 (local.get $size)) (local.get $used)))
    (i32.store (local.get $array) (local.get $buffer))
    (i32.store offset=4 (local.get $array) (local.get $buffer))
    (i32.store offset=8 (local.get $array) (i32.wrap_i64 (local.get $size)))
    (call {barrier} (local.get $array) (local.get $buffer))
    (i32.store {slot} (i32.const 0)))"""

_APPEND = """\
  ;; Adds an element; the caller holds it.
  (func $append (param $array i32) (param $value {wasm})
    (local $length i32)
    (local.set $length (i32.load offset=12 (local.get $array)))
    (call $reserve (local.get $array) (i64.add (i64.extend_i32_u (local.get $length)) (i64.const 1)))
    ({store} (i32.add (i32.load offset=4 (local.get $array)) (i32.shl (local.get $length) (i32.const {shift})))
      (local.get $value))
    (i32.store offset=12 (local.get $array) (i32.add (local.get $length) (i32.const 1))){link})"""

_LINK_VALUE = """
    (call {barrier} (local.get $array) (local.get $value))"""

_SPLICE = """\
  ;; Puts the $added elements at $source, which lie in another object, in place of $removed elements from $index on.
  (func $splice (param $array i32) (param $index i32) (param $removed i32) (param $source i32) (param $added i32)
    (local $length i32) (local $tail i32) (local $new i64) (local $start i32)
    (local.set $length (i32.load offset=12 (local.get $array)))
    (if (i32.gt_u (local.get $index) (local.get $length)) (then unreachable))
    (local.set $tail (i32.sub (local.get $length) (local.get $index)))
    (if (i32.gt_u (local.get $removed) (local.get $tail)) (then unreachable))
    (local.set $tail (i32.sub (local.get $tail) (local.get $removed)))
    (local.set $new (i64.add (i64.extend_i32_u (i32.sub (local.get $length) (local.get $removed)))
      (i64.extend_i32_u (local.get $added))))
    (call $reserve (local.get $array) (local.get $new))
    (local.set $start (i32.add (i32.load offset=4 (local.get $array))
      (i32.shl (local.get $index) (i32.const {shift}))))
    (memory.copy (i32.add (local.get $start) (i32.shl (local.get $added) (i32.const {shift})))
      (i32.add (local.get $start) (i32.shl (local.get $removed) (i32.const {shift})))
      (i32.shl (local.get $tail) (i32.const {shift})))
    (memory.copy (local.get $start) (local.get $source) (i32.shl (local.get $added) (i32.const {shift})))
    (i32.store offset=12 (local.get $array) (i32.wrap_i64 (local.get $new)))
    ;; What became free at the end: AssemblyScript shows it again where a program sets the length.
    (if (i32.gt_u (local.get $removed) (local.get $added))
      (then (memory.fill
        (i32.add (local.get $start) (i32.shl (i32.add (local.get $added) (local.get $tail)) (i32.const {shift})))
        (i32.const 0)
        (i32.shl (i32.sub (local.get $removed) (local.get $added)) (i32.const {shift}))))){links})"""

_LINK_ALL = """
    (loop $next
      (if (local.get $added) (then
        (call {barrier} (local.get $array) (i32.load (local.get $start)))
        (local.set $start (i32.add (local.get $start) (i32.const 4)))
        (local.set $added (i32.sub (local.get $added) (i32.const 1)))
        (br $next))))"""


def add_array(
    glue: Glue,
    element: Storage,
    *,
    buffer_id: int,
    temporaries: tuple[int, int],
    compiled: Mapping[str, str] = {},
) -> None:
    """Define `append (array, value)` and `splice (array, index, removed, source, added)`, without results.

    The caller holds the array, the value, and the object that the source lies in. Both trap for what lies outside the
    array, and abort as AssemblyScript does where it would become too large.

    Args:
        glue: the glue of one class.
        element: the type of the elements.
        buffer_id: the run-time id of `ArrayBuffer`.
        temporaries: scratch slots; the first holds a new buffer meanwhile.
        compiled: members of this very class that the binary exports, by name; `push` is used.
    """
    wasm = cast("ValueType", element.wasm)
    shift = element.size.bit_length() - 1
    barrier = glue.barrier(buffer_id)
    names = {
        "barrier": barrier,
        "buffer_id": buffer_id,
        "fewest": _FEWEST,
        "largest": _LARGEST,
        "new": glue.function("__new"),
        "shift": shift,
        "slot": glue.slot(temporaries[0]),
        "store": {1: "i32.store8", 2: "i32.store16"}.get(element.size, f"{element.wasm}.store"),
        "wasm": wasm,
    }
    glue.define(*_RESERVE.format(**names).splitlines())
    push = compiled.get("push", "")
    if glue.type_of(push) == FunctionType(("i32", wasm), ("i32",)):
        append = (
            f"  (func $append (param $array i32) (param $value {wasm})\n"
            f"    (drop (call {glue.function(push)} (local.get $array) (local.get $value))))"
        )
    else:
        link = _LINK_VALUE.format(**names) if element.is_managed else ""
        append = _APPEND.format(**names, link=link)
    links = _LINK_ALL.format(**names) if element.is_managed else ""
    glue.define_function("append", FunctionType(("i32", wasm), ()), *append.splitlines())
    glue.define_function("splice", FunctionType(("i32",) * 5, ()), *_SPLICE.format(**names, links=links).splitlines())
