"""WebAssembly text of the hash that Map and Set have up to asc 0.18.5: FNV-1a (`std/assembly/util/hash.ts`).

Every byte of a key is taken in by itself, except that those of a number of less than four bytes are taken from the
whole word that carries it: what is above its own bytes goes in with the last of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wasmbind._layout import Storage

__all__ = ["fnv_hash"]

_OFFSET, _PRIME = 2166136261, 16777619

_TAKE = f"""\
  ;; FNV-1a takes in one byte after the other.
  (func $take_in (param $hash i32) (param $byte i32) (result i32)
    (i32.mul (i32.xor (local.get $hash) (local.get $byte)) (i32.const {_PRIME})))"""

_TEXT = f"""\
  (func $hash (param $key i32) (result i32)
    (local $hash i32) (local $end i32)
    (local.set $hash (i32.const {_OFFSET}))
    (if (i32.eqz (local.get $key)) (then (return (local.get $hash))))
    (local.set $end (i32.add (local.get $key) (call $text_size (local.get $key))))
    (loop $bytes
      (if (i32.ne (local.get $key) (local.get $end)) (then
        (local.set $hash (call $take_in (local.get $hash) (i32.load8_u (local.get $key))))
        (local.set $key (i32.add (local.get $key) (i32.const 1)))
        (br $bytes))))
    (local.get $hash))"""


def fnv_hash(key: Storage) -> list[str]:
    """What defines `$hash (key) -> i32`; for strings it needs `$text_size`."""
    if key.is_text:
        return [_TAKE, _TEXT]
    word = "(local.get $key)"
    if key.wasm in ("f32", "f64"):
        word = f"(i{8 * key.size}.reinterpret_{key.wasm} {word})"
    hashed = f"(i32.const {_OFFSET})"
    for byte in range(key.size):
        taken = word
        if byte:
            wide = "i64" if key.size == 8 else "i32"  # noqa: PLR2004 - bytes of the wider type
            taken = f"({wide}.shr_u {word} ({wide}.const {8 * byte}))"
        if key.size == 8:  # noqa: PLR2004 - the same
            taken = f"(i32.wrap_i64 {taken})"
        if byte < key.size - 1 or key.size >= 4:  # noqa: PLR2004 - bytes of a word
            taken = f"(i32.and {taken} (i32.const 0xff))"
        hashed = f"(call $take_in {hashed}\n      {taken})"
    return [_TAKE, f"  (func $hash (param $key {key.wasm}) (result i32)\n    {hashed})"]
