"""The adaptor: what a binary that counts references lacks of the interface of one that collects.

Python holds an object by writing its address into a root slot, and lets it go by writing another (`_roots`). In a
binary of asc 0.17 or older nobody looks at slots: each reference has to be counted, by `__retain` and `__release`. So
each slot has a *shadow*, the address that has been counted for it, and `sync` brings them together before anything
of the module runs: first it counts what slots hold now, then it releases what is *owed*. Where both are to be done to
one object, neither is: an object that is released without being freed is what the runtime takes for a part of a
cycle, and then it is freed by a collection only, which asc 0.17 leaves to the program.

All releases are owed, and paid at the next `sync`, which waits for no call if they are many: those of what a slot held
before, of what a field or an element was before, of what a function has returned, which arrives counted, and of each
new object, which is counted at birth. So nothing that Python has seen since the last `sync` can be freed before Python
has had the chance to hold it.

While an object that Python fills is pinned, nothing is paid: what is stored there already is not counted yet.
`__unpin` counts the elements of an array; a Map or Set counts what is put in at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wasmbind._ring_glue import WATCH, WATCHED, ring_glue
from wasmbind._schema.abis import family, runtime_of, wrong_types
from wasmbind._schema.model import Export, FunctionType
from wasmbind._wat import memory_limits

if TYPE_CHECKING:
    from wasmbind._schema.model import Binary

__all__ = [
    "ALLOCATE",
    "KEEP",
    "MOST_PINS",
    "OWE",
    "OWED",
    "RELIEVE",
    "RESULT",
    "ROOM",
    "SLOTS",
    "SLOTS_HEADER",
    "SYNC",
    "VIRTUAL",
    "adapted",
    "adaptor",
    "adaptor_imports",
    "is_adapted",
]

#: What the adaptor has besides the interface of a collector: see `sync` above; what notes that a release is owed; the
#: same as `sync`, if many are; what counts an object once and for all; what gets to know root slots; what gets to know
#: the address of the result slot, where `sync` stores 0 before it releases anything; the module's own way to make an
#: object; what makes room for possible roots of rings, see `_ring_glue`; how many releases of an object are owed.
SYNC: Final = "__wasmbind_sync"
OWE: Final = "__wasmbind_owe"
RELIEVE: Final = "__wasmbind_relieve"
KEEP: Final = "__wasmbind_keep"
SLOTS: Final = "__wasmbind_slots"
RESULT: Final = "__wasmbind_result"
ALLOCATE: Final = "__wasmbind_allocate"
ROOM: Final = "__wasmbind_room"
OWED: Final = "__wasmbind_owed"
#: Bytes at the start of a block of root slots that are the adaptor's. As many slots follow as shadows after them.
SLOTS_HEADER: Final = 16
#: What the rest of wasmbind takes for exports of the binary.
VIRTUAL: Final = {
    "__new": FunctionType(("i32",) * 2, ("i32",)),
    "__pin": FunctionType(("i32",), ("i32",)),
    "__unpin": FunctionType(("i32",), ()),
    "__collect": FunctionType((), ()),
    "__link": FunctionType(("i32",) * 3, ()),
    SYNC: FunctionType((), ()),
    OWE: FunctionType(("i32",), ()),
    KEEP: FunctionType(("i32",), ("i32",)),
    RELIEVE: FunctionType((), ()),
    SLOTS: FunctionType(("i32",) * 2, ()),
    RESULT: FunctionType(("i32",), ()),
    ALLOCATE: FunctionType(("i32",) * 2, ("i32",)),
    ROOM: FunctionType(("i32",) * 2, ()),
    OWED: FunctionType(("i32",), ("i32",)),
}
_EXPORTS: Final = {name: Export(name, type_) for name, type_ in VIRTUAL.items()}
#: Bytes of the table of pinned objects, which is the start of the adaptor's own memory.
_PINS: Final = 1 << 13
#: How many objects may be pinned at once.
MOST_PINS: Final = _PINS >> 3

#: How many releases that are owed are searched for an object that is to be counted.
_SEARCHED: Final = 64
#: How many may be owed while nothing calls into the module.
_MOST_OWED: Final = 256
#: How many are paid between two collections where AssemblyScript never collects by itself.
_PATIENCE: Final = 1 << 14

_TEXT = f"""\
  (import "module" "memory" (memory $memory {{memory}}))
  (import "module" "__rtti_base" (global $types i32))
  (import "module" "__retain" (func $retain (param i32) (result i32)))
  (import "module" "__release" (func $release (param i32)))
  (import "module" "{{allocate}}" (func $allocate (param i32 i32) (result i32))){{collect}}
  (import "host" "after" (table $after 2 2 funcref))
  (memory $own 1)
  (global $top (mut i32) (i32.const {_PINS}))
  (global $pinned (mut i32) (i32.const 0))
  (global $blocks (mut i32) (i32.const 0))
  (global $result (mut i32) (i32.const 0))
{{rings}}  (export "{ALLOCATE}" (func $allocate))
  ;; What the host glue calls when a Python function returns.
  (elem (table $after) (i32.const 0) func $sync $keep)
  ;; Counts an object once and for all.
  (func $keep (export "{KEEP}") (param $object i32) (result i32)
    (call $retain (local.get $object)))
  ;; Notes that an object is to be released.
  (func $owe (export "{OWE}") (param $object i32)
    (if (i32.eqz (local.get $object)) (then (return)))
    (if (i32.ge_u (global.get $top) (i32.shl (memory.size $own) (i32.const 16))) (then
      (if (i32.eq (memory.grow $own (memory.size $own)) (i32.const -1)) (then (unreachable)))))
    (i32.store $own (global.get $top) (local.get $object))
    (global.set $top (i32.add (global.get $top) (i32.const 4))))
  (func (export "{OWED}") (param $object i32) (result i32)
    (local $at i32) (local $found i32)
    (local.set $at (i32.const {_PINS}))
    (loop $next
      (if (i32.lt_u (local.get $at) (global.get $top)) (then
        (local.set $found (i32.add (local.get $found)
          (i32.eq (i32.load $own (local.get $at)) (local.get $object))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $next))))
    (local.get $found))
  ;; Pays if many releases are owed: for what is done often without a call into the module.
  (func (export "{RELIEVE}")
    (if (i32.gt_u (global.get $top) (i32.const {_PINS + 4 * _MOST_OWED})) (then (call $sync))))
  ;; A new object of zeros: what lies in a free block would be taken for references when the object is freed.
  (func (export "__new") (param $size i32) (param $id i32) (result i32)
    (local $object i32)
    (local.set $object (call $retain (call $allocate (local.get $size) (local.get $id))))
    (memory.fill $memory (local.get $object) (i32.const 0) (local.get $size))
    (call $owe (local.get $object))
    (local.get $object))
  (func (export "__link") (param $parent i32) (param $child i32) (param i32)
    (drop (call $retain (local.get $child))))
  ;; Gets to know $count root slots.
  (func (export "{SLOTS}") (param $block i32) (param $count i32)
    (i32.store $memory (local.get $block) (global.get $blocks))
    (i32.store $memory offset=4 (local.get $block) (local.get $count))
    (global.set $blocks (local.get $block)))
  ;; Gets to know where the result of a call lies, which is no root slot.
  (func (export "{RESULT}") (param $word i32)
    (global.set $result (local.get $word)))
  ;; Brings slots and shadows together, four at a time, for most are as they were: on the first pass what slots held
  ;; before is owed, on the second what they hold now is counted. Tells whether any slot has changed.
  (func $settle (param $block i32) (param $counts i32) (result i32)
    (local $slot i32) (local $end i32) (local $shadow i32) (local $changed i32)
    (local.set $slot (i32.add (local.get $block) (i32.const {SLOTS_HEADER})))
    (local.set $end (i32.add (local.get $slot)
      (i32.shl (i32.load $memory offset=4 (local.get $block)) (i32.const 2))))
    (local.set $shadow (local.get $end))
    (loop $four
      (if (i32.lt_u (local.get $slot) (local.get $end)) (then
        (if (v128.any_true (v128.xor (v128.load $memory (local.get $slot)) (v128.load $memory (local.get $shadow))))
          (then
            (local.set $changed (i32.const 1))
            (call $move (local.get $slot) (local.get $shadow) (local.get $counts))
            (call $move (i32.add (local.get $slot) (i32.const 4)) (i32.add (local.get $shadow) (i32.const 4))
              (local.get $counts))
            (call $move (i32.add (local.get $slot) (i32.const 8)) (i32.add (local.get $shadow) (i32.const 8))
              (local.get $counts))
            (call $move (i32.add (local.get $slot) (i32.const 12)) (i32.add (local.get $shadow) (i32.const 12))
              (local.get $counts))))
        (local.set $slot (i32.add (local.get $slot) (i32.const 16)))
        (local.set $shadow (i32.add (local.get $shadow) (i32.const 16)))
        (br $four))))
    (local.get $changed))
  (func $move (param $slot i32) (param $shadow i32) (param $counts i32)
    (local $new i32) (local $old i32)
    (local.set $new (i32.load $memory (local.get $slot)))
    (local.set $old (i32.load $memory (local.get $shadow)))
    (if (i32.eq (local.get $new) (local.get $old)) (then (return)))
    (if (local.get $counts)
      (then
        (call $take (local.get $new))
        ;; Python may have let go of an object between the two passes.
        (call $owe (local.get $old))
        (i32.store $memory (local.get $shadow) (local.get $new)))
      (else
        (call $owe (local.get $old))
        (i32.store $memory (local.get $shadow) (i32.const 0)))))
  ;; Counts an object, by not releasing it if it is one of the last that are owed.
  (func $take (param $object i32)
    (local $at i32) (local $end i32)
    (if (i32.eqz (local.get $object)) (then (return)))
    (local.set $at (global.get $top))
    (local.set $end (i32.sub (local.get $at) (i32.const {4 * _SEARCHED})))
    (if (i32.lt_u (local.get $end) (i32.const {_PINS})) (then (local.set $end (i32.const {_PINS}))))
    (loop $next
      (if (i32.gt_u (local.get $at) (local.get $end)) (then
        (local.set $at (i32.sub (local.get $at) (i32.const 4)))
        (br_if $next (i32.ne (i32.load $own (local.get $at)) (local.get $object)))
        (global.set $top (i32.sub (global.get $top) (i32.const 4)))
        (i32.store $own (local.get $at) (i32.load $own (global.get $top)))
        (return))))
    (drop (call $retain (local.get $object))))
  (func $settle_all (param $counts i32) (result i32)
    (local $block i32) (local $changed i32)
    (local.set $block (global.get $blocks))
    (loop $next
      (if (local.get $block) (then
        ;; The second pass leaves out blocks where the first has found nothing.
        (if (i32.or (i32.eqz (local.get $counts)) (i32.load $memory offset=8 (local.get $block))) (then
          (i32.store $memory offset=8 (local.get $block)
            (call $settle (local.get $block) (local.get $counts)))
          (local.set $changed (i32.or (local.get $changed) (i32.load $memory offset=8 (local.get $block))))))
        (local.set $block (i32.load $memory (local.get $block)))
        (br $next))))
    (local.get $changed))
  (func $sync (export "{SYNC}")
    (local $each i32)
    ;; From here on nobody holds the last result but whoever has it in a slot. A call in the middle of another one holds
    ;; what it finds there: that must be alive.
    (if (global.get $result) (then (i32.store $memory (global.get $result) (i32.const 0))))
    (if (call $settle_all (i32.const 0)) (then (drop (call $settle_all (i32.const 1))))){{watch}}
    (if (global.get $pinned) (then
      (local.set $each (i32.const 0))
      (loop $pin
        (call $adopt (i32.shl (local.get $each) (i32.const 3)))
        (local.set $each (i32.add (local.get $each) (i32.const 1)))
        (br_if $pin (i32.lt_u (local.get $each) (global.get $pinned))))
      (return)))
    ;; Releasing may run code of the module, which may lead here again; then both pay.
    (loop $pay
      (if (i32.gt_u (global.get $top) (i32.const {_PINS})) (then
        (global.set $top (i32.sub (global.get $top) (i32.const 4)))
        (call $release (i32.load $own (global.get $top))){{paid}}
        (br $pay)))){{collect_paid}})
  (func (export "__collect")
    (call $sync){{call_collect}})
  ;; Where an array has its references, and how many; nothing of any other object.
  (func $elements (param $object i32) (result i32 i32)
    (local $id i32) (local $flags i32) (local $lowered i32)
    (local.set $id (i32.load $memory (i32.sub (local.get $object) (i32.const 8))))
    (if (i32.ge_u (local.get $id) (i32.load $memory (global.get $types)))
      (then (return (i32.const 0) (i32.const 0))))
    (local.set $flags (i32.load $memory offset=4
      (i32.add (global.get $types) (i32.shl (local.get $id) (i32.const 3)))))
    ;; Up to asc 0.9 there is no flag for StaticArray, and those after it stand one bit lower.
    (local.set $lowered (i32.eq (i32.load $memory offset=4 (global.get $types)) (i32.const 0x10)))
    (if (i32.eqz (i32.and (local.get $flags) (i32.shr_u (i32.const 0x4000) (local.get $lowered))))
      (then (return (i32.const 0) (i32.const 0))))
    (if (i32.and (local.get $flags) (i32.const 2))
      (then (return (i32.load $memory offset=4 (local.get $object)) (i32.load $memory offset=12 (local.get $object)))))
    (if (i32.and (local.get $flags) (select (i32.const 0) (i32.const 4) (local.get $lowered)))
      (then (return (local.get $object)
        (i32.shr_u (i32.load $memory (i32.sub (local.get $object) (i32.const 4))) (i32.const 2)))))
    (i32.const 0) (i32.const 0))
  ;; Counts the elements of a pinned array that have been stored since the last time.
  (func $adopt (param $pin i32)
    (local $start i32) (local $count i32) (local $at i32) (local $child i32)
    (call $elements (i32.load $own (local.get $pin)))
    (local.set $count)
    (local.set $start)
    (local.set $at (i32.load $own offset=4 (local.get $pin)))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $count)) (then
        (local.set $child (i32.load $memory (i32.add (local.get $start) (i32.shl (local.get $at) (i32.const 2)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (if (local.get $child) (then
          (drop (call $retain (local.get $child)))
          (i32.store $own offset=4 (local.get $pin) (local.get $at))))
        (br $next)))))
  ;; Gives 0 if too many are pinned.
  (func (export "__pin") (param $object i32) (result i32)
    (local $pin i32)
    (if (i32.eq (global.get $pinned) (i32.const {MOST_PINS})) (then (return (i32.const 0))))
    (local.set $pin (i32.shl (global.get $pinned) (i32.const 3)))
    (i32.store $own (local.get $pin) (call $retain (local.get $object)))
    (i32.store $own offset=4 (local.get $pin) (i32.const 0))
    (global.set $pinned (i32.add (global.get $pinned) (i32.const 1)))
    (local.get $object))
  ;; Twice does nothing more.
  (func (export "__unpin") (param $object i32)
    (local $pin i32)
    (local.set $pin (i32.shl (global.get $pinned) (i32.const 3)))
    (loop $next
      (if (i32.eqz (local.get $pin)) (then (return)))
      (local.set $pin (i32.sub (local.get $pin) (i32.const 8)))
      (br_if $next (i32.ne (i32.load $own (local.get $pin)) (local.get $object))))
    (call $adopt (local.get $pin))
    (call $owe (local.get $object))
    (global.set $pinned (i32.sub (global.get $pinned) (i32.const 1)))
    (i64.store $own (local.get $pin) (i64.load $own (i32.shl (global.get $pinned) (i32.const 3))))))
"""

#: Up to asc 0.16 allocating collects before memory grows; later ones are left to us.
_PAID: Final = """
        (global.set $paid (i32.add (global.get $paid) (i32.const 1)))"""
_COLLECT_PAID: Final = f"""
    (if (i32.gt_u (global.get $paid) (i32.const {_PATIENCE})) (then
      (global.set $paid (i32.const 0))
      (call $collect)))"""
_COUNTER: Final = """  (global $paid (mut i32) (i32.const 0))
"""
_NO_ROOM: Final = f"""  (func (export "{ROOM}") (param i32 i32))
"""
_COLLECT = '\n  (import "module" "__collect" (func $collect))'


def adapted(binary: Binary) -> Binary:
    """A binary as the rest of wasmbind sees it: one that counts references has what the adaptor exports.

    One that lacks what the adaptor needs stays as it is; only numbers can be used then.
    """
    needed = (*family(binary).exports, "memory", "__rtti_base")
    complete = all(name in binary.exports for name in needed) and not wrong_types(binary)
    if runtime_of(binary) != "counted" or family(binary).runtime != "counted" or not complete:
        return binary
    return replace(binary, exports=binary.exports | _EXPORTS)


def is_adapted(binary: Binary) -> bool:
    """Whether references have to be counted; the binary is as `adapted` gives it."""
    return binary.exports.get(SYNC) is _EXPORTS[SYNC]  # not by its name alone, which any binary may use


def adaptor(binary: Binary) -> str:
    """The text of the adaptor.

    Args:
        binary: one that counts references, as it was read.
    """
    collects = binary.function("__collect") is not None
    allocate = family(binary).allocate
    counts, rings = collects and allocate == "__new", collects and allocate != "__new"
    text = _TEXT.format(
        memory=memory_limits(binary),
        allocate=allocate,
        rings=ring_glue(ROOM) if rings else _COUNTER * counts + _NO_ROOM,
        watch=WATCH if rings else "",
        paid=_PAID if counts else WATCHED if rings else "",
        collect_paid=_COLLECT_PAID if counts else "",
        collect=_COLLECT if collects else "",
        call_collect="\n    (call $collect)" if collects else "",
    )
    return f"(module $wasmbind\n{text}"


def adaptor_imports(binary: Binary) -> list[str]:
    """What the adaptor imports from the module, in order."""
    names = ["memory", "__rtti_base", "__retain", "__release", family(binary).allocate]
    return [*names, *["__collect"] * (binary.function("__collect") is not None)]
