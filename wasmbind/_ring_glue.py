"""The part of the adaptor that keeps binaries of asc 0.9 to 0.16 from a mistake of their own runtime.

An object that is released without being freed may be left in a ring, so the runtime notes it in a buffer, which the
next collection empties. The buffer grows when it is full (`growRoots` in `std/assembly/rt/pure.ts`): more memory is
allocated, and if there is none a collection runs inside of that. It frees objects and empties the buffer, and then
the runtime goes on with the notes that it had counted before, and later frees the same objects again.

So the buffer must not grow while there is something in it. It is made large at the start, by noting one object of
our own again and again, and recognised by that: the notes stay where they were, so it is filled with the address of
that object. `sync` looks at the word in the middle of it. As soon as another object is noted there, a collection runs
while nothing else does, and the buffer is filled again. It could grow only if one call, or one release of many
objects, noted as many more; if the last word is another one afterwards, the buffer may be gone and is looked for anew.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LARGEST_ROOM", "LEAST_ROOM", "WATCH", "WATCHED", "ring_glue"]

#: How many notes there is room for where memory is not limited: 64 KiB.
LARGEST_ROOM: Final = 1 << 14
#: How many there is room for without our doing.
LEAST_ROOM: Final = 64
#: Bytes of our own object: what is read as its references is null.
_SIZE: Final = 512
#: The header of an object, and in it, from the address of the object, the word with its count and with the bit that
#: says that it is in the buffer, and its run-time id.
_HEADER, _COUNT, _NOTED, _ID = 16, 12, 1 << 31, 8
#: What `sync` does where the runtime may have noted objects.
WATCH: Final = """
    (call $watch)"""
#: The same in a function that calls it again and again.
WATCHED: Final = """
        (call $watch)"""

_TEXT: Final = f"""
  (global $filler (mut i32) (i32.const 0))
  (global $room (mut i32) (i32.const 0))
  ;; The start of the buffer; 0 if unknown.
  (global $noted (mut i32) (i32.const 0))
  (global $class (mut i32) (i32.const 0))
  ;; Makes room for so many notes; objects of the class can be in rings.
  (func (export "{{room}}") (param $count i32) (param $class i32)
    (global.set $class (local.get $class))
    (global.set $room (i32.shl (local.get $count) (i32.const 2)))
    (global.set $filler (call $retain (call $allocate (i32.const {_SIZE}) (i32.const 0))))
    (memory.fill $memory (global.get $filler) (i32.const 0) (i32.const {_SIZE}))
    (call $widen))
  (func $widen
    (local $left i32) (local $count i32) (local $id i32) (local $found i32) (local $at i32)
    (call $collect)
    (local.set $count (i32.sub (global.get $filler) (i32.const {_COUNT})))
    (local.set $id (i32.sub (global.get $filler) (i32.const {_ID})))
    (i32.store $memory (local.get $id) (global.get $class))
    (local.set $left (global.get $room))
    (loop $note
      (drop (call $retain (global.get $filler)))
      (call $release (global.get $filler))
      (i32.store $memory (local.get $count)
        (i32.and (i32.load $memory (local.get $count)) (i32.const {_NOTED - 1:#x})))
      (br_if $note (local.tee $left (i32.sub (local.get $left) (i32.const 4)))))
    (i32.store $memory (local.get $id) (i32.const 0))
    (call $collect)
    ;; Smaller buffers have come before it, but none with as many notes.
    (global.set $noted (i32.const 0))
    (loop $search
      (local.set $found (select
        (i32.add (local.get $found) (i32.const 4))
        (i32.const 0)
        (i32.eq (i32.load $memory (local.get $at)) (i32.sub (global.get $filler) (i32.const {_HEADER})))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (if (i32.eq (local.get $found) (global.get $room))
        (then (global.set $noted (i32.sub (local.get $at) (global.get $room))) (return)))
      (br_if $search (i32.ne (local.get $at) (i32.shl (memory.size $memory) (i32.const 16))))))
  (func $watch
    (local $filler i32) (local $at i32)
    (if (i32.eqz (global.get $noted)) (then (return)))
    (local.set $filler (i32.sub (global.get $filler) (i32.const {_HEADER})))
    (if (i32.eq (local.get $filler)
      (i32.load $memory (i32.add (global.get $noted) (i32.shr_u (global.get $room) (i32.const 1)))))
      (then (return)))
    (if (i32.ne (local.get $filler)
      (i32.load $memory (i32.sub (i32.add (global.get $noted) (global.get $room)) (i32.const 4))))
      (then (call $widen) (return)))
    (call $collect)
    (local.set $at (global.get $noted))
    (loop $fill
      (if (i32.ne (local.get $filler) (i32.load $memory (local.get $at))) (then
        (i32.store $memory (local.get $at) (local.get $filler))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $fill)))))
"""


def ring_glue(room: str) -> str:
    """The text of it, for the adaptor of a binary whose own collections start when memory is full.

    Args:
        room: the name of the export that makes room.
    """
    return _TEXT.format(room=room)
