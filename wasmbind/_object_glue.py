"""Glue that holds a result only if it is the address of an object.

Where nobody has declared what a function returns, it may be any number, and a number that is no address, left in a
root slot, would break the collector. An object's header proves it: the block before it, its run-time id, its size,
and the list of the collector that it is in. `_proof` does the same from Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from wasmbind._glue import Glue

__all__ = ["hold_object"]

_NAME: Final = "$hold"
_TYPE: Final = FunctionType(("i32",), ("i32",))


def hold_object(glue: Glue) -> str:
    """The function that stores a number into the result slot if it is the address of an object; defined once.

    It gives whether it has.
    """
    if _NAME[1:] in glue.defined:
        return _NAME
    head, tail = _HEAD, _LISTED
    if glue.counts:
        head, tail = (_HEAD_OF_OLD, _COUNTED_OF_OLD) if glue.type_of("__alloc") is not None else (_HEAD, _COUNTED)
    text = (head + tail).format(types=glue.global_("__rtti_base"), slot=glue.slot(0))
    glue.define_function(_NAME[1:], _TYPE, *text.splitlines())
    return _NAME


_START: Final = """\
  (func $hold (param $ptr i32) (result i32)
    (local $block i32) (local $next i32) (local $prev i32) (local $end i64)
    (local.set $end (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)))
    (if (i32.or (i32.and (local.get $ptr) (i32.const 15)) (i32.lt_u (local.get $ptr) (i32.const 32)))
      (then (return (i32.const 0))))
    (if (i64.ge_u (i64.extend_i32_u (local.get $ptr)) (local.get $end)) (then (return (i32.const 0))))
    (if (i32.ge_u (i32.load (i32.sub (local.get $ptr) (i32.const 8)))
      (i32.load (global.get {types}))) (then (return (i32.const 0))))
    (if (i64.gt_u
      (i64.add (i64.extend_i32_u (local.get $ptr)) (i64.load32_u (i32.sub (local.get $ptr) (i32.const 4))))
      (local.get $end)) (then (return (i32.const 0))))
"""
#: The bits of the block's word tell whether it is free, and, as blocks end at multiples of 16, where it ends.
_HEAD: Final = (
    _START
    + """\
    (local.set $block (i32.load (i32.sub (local.get $ptr) (i32.const 20))))
    (if (i32.ne (i32.and (local.get $block) (i32.const 13)) (i32.const 12)) (then (return (i32.const 0))))
    (local.set $block (i32.and (local.get $block) (i32.const -4)))
    (if (i64.gt_u (i64.add (i64.extend_i32_u (local.get $ptr)) (i64.extend_i32_u (local.get $block)))
      (i64.add (local.get $end) (i64.const 16))) (then (return (i32.const 0))))
    (if (i64.lt_u (i64.extend_i32_u (local.get $block)) (i64.add (i64.const 16)
      (i64.load32_u (i32.sub (local.get $ptr) (i32.const 4))))) (then (return (i32.const 0))))
"""
)
#: What is in no list is a static object, and those lie before the type table. Where nothing is ever freed, no object is
#: in a list, and those of the heap need not be held.
_LISTED: Final = """\
    (local.set $next (i32.and (i32.load (i32.sub (local.get $ptr) (i32.const 16))) (i32.const -4)))
    (local.set $prev (i32.load (i32.sub (local.get $ptr) (i32.const 12))))
    (if (local.get $next)
      (then
        (if (i32.and (local.get $prev) (i32.const 3)) (then (return (i32.const 0))))
        (if (i64.gt_u (i64.extend_i32_u (local.get $next)) (i64.sub (local.get $end) (i64.const 20)))
          (then (return (i32.const 0))))
        (if (i64.gt_u (i64.extend_i32_u (local.get $prev)) (i64.sub (local.get $end) (i64.const 20)))
          (then (return (i32.const 0))))
        (if (i32.ne (i32.load (i32.add (local.get $next) (i32.const 8)))
          (i32.sub (local.get $ptr) (i32.const 20))) (then (return (i32.const 0))))
        (if (i32.ne (i32.and (i32.load (i32.add (local.get $prev) (i32.const 4))) (i32.const -4))
          (i32.sub (local.get $ptr) (i32.const 20))) (then (return (i32.const 0)))))
      (else (if (i32.or (local.get $prev) (i32.ge_u (local.get $ptr) (global.get {types})))
        (then (return (i32.const 0))))))
    (i32.store {slot} (local.get $ptr))
    (i32.const 1))
"""
#: Somebody refers to it, or it would not have been returned.
_COUNTED: Final = """\
    (if (i32.eqz (i32.and (i32.load (i32.sub (local.get $ptr) (i32.const 16))) (i32.const 0x0fffffff)))
      (then (return (i32.const 0))))
    (if (i32.load (i32.sub (local.get $ptr) (i32.const 12))) (then (return (i32.const 0))))
    (i32.store {slot} (local.get $ptr))
    (i32.const 1))
"""
#: Up to asc 0.16 the header is shorter; static data have their size in place of the block's.
_HEAD_OF_OLD: Final = (
    _START
    + """\
    (local.set $block (i32.load (i32.sub (local.get $ptr) (i32.const 16))))
    (if (i32.ne (local.get $block) (i32.load (i32.sub (local.get $ptr) (i32.const 4)))) (then
      (if (i32.and (local.get $block) (i32.const 13)) (then (return (i32.const 0))))
      (if (i32.lt_u (i32.and (local.get $block) (i32.const -4)) (i32.load (i32.sub (local.get $ptr) (i32.const 4))))
        (then (return (i32.const 0))))))
"""
)
_COUNTED_OF_OLD: Final = """\
    (if (i32.eqz (i32.and (i32.load (i32.sub (local.get $ptr) (i32.const 12))) (i32.const 0x0fffffff)))
      (then (return (i32.const 0))))
    (i32.store {slot} (local.get $ptr))
    (i32.const 1))
"""
