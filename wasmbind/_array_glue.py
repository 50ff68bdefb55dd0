"""The glue of live arrays: what adds, removes and sets elements, with the growth of AssemblyScript's own arrays.

An array's capacity, the field that it shares with views as their length in bytes, is what AssemblyScript's `push`
trusts, so it has to be right (`ensureCapacity` in `std/assembly/array.ts`). What a hostile module may have put into
these fields is checked before anything is moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmbind._layout import OBJECT_MAXSIZE
from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wasmbind._glue import Glue
    from wasmbind._layout import Storage

__all__ = ["add_array", "add_static_array"]

#: How numbers narrower than a WebAssembly value are read.
_LOADS = {"i8": "i32.load8_s", "u8": "i32.load8_u", "i16": "i32.load16_s", "u16": "i32.load16_u"}
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
{owe_buffer}    (i32.store (local.get $array) (local.get $buffer))
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
  ;; Tells whether there are so many.
  (func $splice (param $array i32) (param $index i32) (param $removed i32) (param $source i32) (param $added i32)
    (result i32)
    (local $length i32) (local $tail i32) (local $new i64) (local $start i32)
    (local.set $length (i32.load offset=12 (local.get $array)))
    (if (i32.gt_u (local.get $index) (local.get $length)) (then (return (i32.const 0))))
    (local.set $tail (i32.sub (local.get $length) (local.get $index)))
    (if (i32.gt_u (local.get $removed) (local.get $tail)) (then (return (i32.const 0))))
    (local.set $tail (i32.sub (local.get $tail) (local.get $removed)))
    (local.set $new (i64.add (i64.extend_i32_u (i32.sub (local.get $length) (local.get $removed)))
      (i64.extend_i32_u (local.get $added))))
    (call $reserve (local.get $array) (local.get $new))
    (local.set $start (i32.add (i32.load offset=4 (local.get $array))
      (i32.shl (local.get $index) (i32.const {shift}))))
{owe_removed}    (memory.copy (i32.add (local.get $start) (i32.shl (local.get $added) (i32.const {shift})))
      (i32.add (local.get $start) (i32.shl (local.get $removed) (i32.const {shift})))
      (i32.shl (local.get $tail) (i32.const {shift})))
    (memory.copy (local.get $start) (local.get $source) (i32.shl (local.get $added) (i32.const {shift})))
    (i32.store offset=12 (local.get $array) (i32.wrap_i64 (local.get $new)))
    ;; What became free at the end: AssemblyScript shows it again where a program sets the length.
    (if (i32.gt_u (local.get $removed) (local.get $added))
      (then (memory.fill
        (i32.add (local.get $start) (i32.shl (i32.add (local.get $added) (local.get $tail)) (i32.const {shift})))
        (i32.const 0)
        (i32.shl (i32.sub (local.get $removed) (local.get $added)) (i32.const {shift}))))){links}
    (i32.const 1))"""

_LINK_ALL = """
    (loop $next
      (if (local.get $added) (then
        (call {barrier} (local.get $array) (i32.load (local.get $start)))
        (local.set $start (i32.add (local.get $start) (i32.const 4)))
        (local.set $added (i32.sub (local.get $added) (i32.const 1)))
        (br $next))))"""


_DROP = """\
  ;; Removes $count elements, which are at least one, $step apart from $first on. Tells whether there are so many.
  (func $drop (param $array i32) (param $first i32) (param $step i32) (param $count i32) (result i32)
    (local $length i32) (local $to i32) (local $from i32) (local $end i32) (local $run i32)
    (local.set $length (i32.load offset=12 (local.get $array)))
    (if (i64.ge_u
        (i64.add (i64.extend_i32_u (local.get $first)) (i64.mul (i64.extend_i32_u (local.get $step))
          (i64.extend_i32_u (i32.sub (local.get $count) (i32.const 1)))))
        (i64.extend_i32_u (local.get $length)))
      (then (return (i32.const 0))))
    (call $reserve (local.get $array) (i64.extend_i32_u (local.get $length)))
    (local.set $to (i32.add (i32.load offset=4 (local.get $array))
      (i32.shl (local.get $first) (i32.const {shift}))))
    (local.set $end (i32.add (i32.load offset=4 (local.get $array))
      (i32.shl (local.get $length) (i32.const {shift}))))
    (i32.store offset=12 (local.get $array) (i32.sub (local.get $length) (local.get $count)))
{owe_dropped}    (local.set $from (local.get $to))
    (loop $next
      (local.set $from (i32.add (local.get $from) (i32.const {size})))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      ;; What stays between two of them, or after the last.
      (local.set $run (if (result i32) (local.get $count)
        (then (i32.shl (i32.sub (local.get $step) (i32.const 1)) (i32.const {shift})))
        (else (i32.sub (local.get $end) (local.get $from)))))
      (memory.copy (local.get $to) (local.get $from) (local.get $run))
      (local.set $to (i32.add (local.get $to) (local.get $run)))
      (local.set $from (i32.add (local.get $from) (local.get $run)))
      (br_if $next (local.get $count)))
    (memory.fill (local.get $to) (i32.const 0) (i32.sub (local.get $end) (local.get $to)))
    (i32.const 1))"""

_TAKE = """\
  ;; Removes an element, counted from the end where $index is negative. Its value, and whether there is one.
  (func $take (param $array i32) (param $index i32) (result {wasm} i32)
    (local $value {wasm})
    (if (i32.lt_s (local.get $index) (i32.const 0)) (then
      (local.set $index (i32.add (local.get $index) (i32.load offset=12 (local.get $array))))))
    (if (i32.ge_u (local.get $index) (i32.load offset=12 (local.get $array))) (then
      (return ({wasm}.const 0) (i32.const 0))))
    (call $reserve (local.get $array) (i64.extend_i32_u (i32.load offset=12 (local.get $array))))
    (local.set $value ({load} (i32.add (i32.load offset=4 (local.get $array))
      (i32.shl (local.get $index) (i32.const {shift}))))){hold}
    (drop (call $splice (local.get $array) (local.get $index) (i32.const 1) (i32.const 0) (i32.const 0)))
    (local.get $value) (i32.const 1))"""

_ASSIGN = """\
  ;; Sets $count references, $step apart from $first on, to those at $source, which lie in another object. Tells
  ;; whether there are so many.
  (func $assign (param $array i32) (param $first i32) (param $step i32) (param $count i32) (param $source i32)
    (result i32)
    (local $place i32)
    (if (i32.eqz (local.get $count)) (then (return (i32.const 1))))
    (if (i32.or
        (i32.ge_u (local.get $first) {length})
        (i64.ge_u
          (i64.add (i64.extend_i32_s (local.get $first)) (i64.mul (i64.extend_i32_s (local.get $step))
            (i64.extend_i32_u (i32.sub (local.get $count) (i32.const 1)))))
          (i64.extend_i32_u {length})))
      (then (return (i32.const 0))))
    (local.set $place (i32.add {start} (i32.shl (local.get $first) (i32.const 2))))
    (loop $next
{owe_place}      (i32.store (local.get $place) (i32.load (local.get $source)))
      (call {barrier} (local.get $array) (i32.load (local.get $source)))
      (local.set $place (i32.add (local.get $place) (i32.shl (local.get $step) (i32.const 2))))
      (local.set $source (i32.add (local.get $source) (i32.const 4)))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br_if $next (local.get $count)))
    (i32.const 1))"""
_ASSIGN_TYPE = FunctionType(("i32",) * 5, ("i32",))

_OWE_ELEMENTS = """\
  ;; Lets go of $count references, $step bytes apart from $place on.
  (func $owe_elements (param $place i32) (param $step i32) (param $count i32)
    (loop $next
      (if (local.get $count) (then
        {owe}
        (local.set $place (i32.add (local.get $place) (local.get $step)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))))"""
_OWE_PLACE = "(i32.load (local.get $place))"
_NO_OWING: dict[str, str] = dict.fromkeys(("owe_buffer", "owe_removed", "owe_dropped", "owe_place"), "")


def _owing(glue: Glue, *, is_managed: bool) -> dict[str, str]:
    """What lets go of references where they are counted, for the texts above; defines `$owe_elements` for it."""
    if not glue.counts:
        return _NO_OWING
    found = _NO_OWING | {"owe_buffer": f"    {glue.owe('(i32.load (local.get $array))')}\n"}
    if is_managed:
        glue.define(*_OWE_ELEMENTS.format(owe=glue.owe(_OWE_PLACE)).splitlines())
        removed = "(local.get $start) (i32.const 4) (local.get $removed)"
        dropped = "(local.get $to) (i32.shl (local.get $step) (i32.const 2)) (local.get $count)"
        found["owe_removed"] = f"    (call $owe_elements {removed})\n"
        found["owe_dropped"] = f"    (call $owe_elements {dropped})\n"
        found["owe_place"] = f"      {glue.owe(_OWE_PLACE)}\n"
    return found


def add_static_array(glue: Glue, *, buffer_id: int) -> None:
    """Define `assign (array, first, step, count, source)`, for a StaticArray of references; see `add_array`."""
    names = {
        "barrier": glue.barrier(buffer_id),
        "length": "(i32.shr_u (i32.load (i32.sub (local.get $array) (i32.const 4))) (i32.const 2))",
        "start": "(local.get $array)",
        **_owing(glue, is_managed=True),
    }
    glue.define_function("assign", _ASSIGN_TYPE, *_ASSIGN.format(**names).splitlines())


def add_array(
    glue: Glue,
    element: Storage,
    *,
    buffer_id: int,
    temporaries: tuple[int, int],
    compiled: Mapping[str, str] = {},
) -> None:
    """Define the members that change an array. All abort as AssemblyScript does where it would become too large.

    - `append (array, value)`;
    - `splice (array, index, removed, source, added)`: other elements in place of some;
    - `drop (array, first, step, count)`: without some;
    - `take (array, index)`: without one, which is the result, with whether it is there;
    - `assign (array, first, step, count, source)`, of references: others in place of as many.

    The caller holds the array, the value, and the object that the source lies in. What else has no result tells
    whether such elements are there; if not, nothing has happened.

    Args:
        glue: the glue of one class.
        element: the type of the elements.
        buffer_id: the run-time id of `ArrayBuffer`.
        temporaries: scratch slots; the first holds a new buffer meanwhile.
        compiled: members of this very class that the binary exports, by name; `push` is used.
    """
    wasm = element.wasm
    shift = element.size.bit_length() - 1
    barrier = glue.barrier(buffer_id)
    names = {
        "barrier": barrier,
        "buffer_id": buffer_id,
        "fewest": _FEWEST,
        "largest": OBJECT_MAXSIZE,
        "hold": f"\n    (i32.store {glue.slot(0)} (local.get $value))" if element.is_managed else "",
        "length": "(i32.load offset=12 (local.get $array))",
        "load": _LOADS.get(element.view, f"{wasm}.load"),
        "new": glue.function("__new"),
        "shift": shift,
        "size": element.size,
        "start": "(i32.load offset=4 (local.get $array))",
        "slot": glue.slot(temporaries[0]),
        "store": {1: "i32.store8", 2: "i32.store16"}.get(element.size, f"{element.wasm}.store"),
        "wasm": wasm,
        **_owing(glue, is_managed=element.is_managed),
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
    texts = {"splice": _SPLICE.format(**names, links=links), "drop": _DROP, "take": _TAKE}
    types = {
        "splice": FunctionType(("i32",) * 5, ("i32",)),
        "drop": FunctionType(("i32",) * 4, ("i32",)),
        "take": FunctionType(("i32", "i32"), (wasm, "i32")),
    }
    for name, text in texts.items():
        glue.define_function(name, types[name], *(text if name == "splice" else text.format(**names)).splitlines())
    if element.is_managed:
        glue.define_function("assign", _ASSIGN_TYPE, *_ASSIGN.format(**names).splitlines())
