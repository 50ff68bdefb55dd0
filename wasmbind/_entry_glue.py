"""WebAssembly text about the entries of AssemblyScript's Map and Set: how keys are hashed, compared, loaded, stored.

The hash is xxHash32 with seed 0 (`std/assembly/util/hash.ts`, the same since asc 0.18.6; for older versions see
`_fnv_glue`), except that an integer of less than four bytes is taken in as a whole word, after its real size. A
string's hash is that of its UTF-16 text, a reference's that of its address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wasmbind._fnv_glue import fnv_hash
from wasmbind._layout import compute_entry_layout

if TYPE_CHECKING:
    from wasmbind._glue import Glue
    from wasmbind._layout import EntryLayout, Storage
    from wasmbind._schema.evidence import Hash

__all__ = ["Entries", "add_hash", "load", "store"]

_LOADS = {"i8": "load8_s", "u8": "load8_u", "i16": "load16_s", "u16": "load16_u"}
_STORES = {"i8": "store8", "u8": "store8", "i16": "store16", "u16": "store16"}


def load(storage: Storage, address: str, offset: int = 0) -> str:
    """The expression that loads a value."""
    return f"({storage.wasm}.{_LOADS.get(storage.view, 'load')}{_at(offset)} {address})"


def store(storage: Storage, address: str, value: str, offset: int = 0) -> str:
    """The instruction that stores a value."""
    return f"({storage.wasm}.{_STORES.get(storage.view, 'store')}{_at(offset)} {address} {value})"


def _at(offset: int) -> str:
    return f" offset={offset}" if offset else ""


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of a Map, or of a Set, which has no values."""

    key: Storage
    value: Storage | None

    @property
    def layout(self) -> EntryLayout:
        """Where the parts of an entry lie."""
        return compute_entry_layout(self.key, self.value)

    @property
    def setter(self) -> str:
        """The name of the function that puts a key in."""
        return "add" if self.value is None else "set"

    @property
    def pair(self) -> dict[str, Storage]:
        """A key and its value, by the names of locals."""
        return {"key": self.key} if self.value is None else {"key": self.key, "value": self.value}

    @property
    def stride(self) -> str:
        """The distance of one entry from the next."""
        return f"(i32.const {self.layout.stride})"

    def load_next(self, entry: str) -> str:
        """The address of the next older entry of the bucket; its lowest bit marks that this entry is deleted."""
        return f"(i32.load offset={self.layout.next} {entry})"

    def is_key(self, entry: str, key: str) -> str:
        """Whether an entry is of a key: strings by text, other references by address, NaN is equal to nothing."""
        found = load(self.key, entry)
        return f"(call $equal {found} {key})" if self.key.is_text else f"({self.key.wasm}.eq {found} {key})"

    def store_value(self, entry: str, value: str) -> list[str]:
        """The line that stores the value; none for a Set."""
        return [] if self.value is None else [store(self.value, entry, value, self.layout.value)]

    def owe(self, glue: Glue, entry: str, *, key: bool = True) -> list[str]:
        """The lines that let go of the value of an entry that is overwritten or removed, and of its key; maybe none.

        Args:
            glue: the glue.
            entry: the address of the entry.
            key: whether the key goes too.
        """
        parts = [(self.key, 0)] * key + ([(self.value, self.layout.value)] if self.value is not None else [])
        return [
            glue.owe(load(storage, entry, offset)) for storage, offset in parts if storage.is_managed and glue.counts
        ]

    def copy_value(self, target: str, source: str) -> list[str]:
        """The line that copies the value of one entry to another; none for a Set."""
        return [] if self.value is None else self.store_value(target, load(self.value, source, self.layout.value))


_P1, _P2, _P3, _P4, _P5 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1
"""The primes of xxHash32."""

_ROUND = f"""\
  ;; xxHash32 takes in one word ...
  (func $round (param $hash i32) (param $word i32) (result i32)
    (i32.mul (i32.const {_P4:#x}) (i32.rotl
      (i32.add (local.get $hash) (i32.mul (local.get $word) (i32.const {_P3:#x})))
      (i32.const 17))))
  ;; ... after the other, and in the end spreads each bit over all.
  (func $avalanche (param $hash i32) (result i32)
    (local.set $hash (i32.mul (i32.const {_P2:#x})
      (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15)))))
    (local.set $hash (i32.mul (i32.const {_P3:#x})
      (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 13)))))
    (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 16))))"""

_SIZE = """\
  ;; The bytes of a string: whole UTF-16 units.
  (func $text_size (param $string i32) (result i32)
    (i32.and (i32.load (i32.sub (local.get $string) (i32.const 4))) (i32.const -2)))
"""

_TEXT = f"""\
{_SIZE}  ;; Four words at a time are taken in side by side, each in a lane of its own.
  (func $mix (param $lane i32) (param $word i32) (result i32)
    (i32.mul (i32.const {_P1:#x}) (i32.rotl
      (i32.add (local.get $lane) (i32.mul (local.get $word) (i32.const {_P2:#x})))
      (i32.const 13))))
  (func $hash (param $key i32) (result i32)
    (local $hash i32) (local $end i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (if (i32.eqz (local.get $key)) (then (return (i32.const 0))))
    (local.set $hash (call $text_size (local.get $key)))
    (local.set $end (i32.add (local.get $key) (local.get $hash)))
    (if (i32.lt_u (local.get $hash) (i32.const 16))
      (then
        (local.set $hash (i32.add (local.get $hash) (i32.const {_P5:#x}))))
      (else
        (local.set $a (i32.const {(_P1 + _P2) % 2**32:#x}))
        (local.set $b (i32.const {_P2:#x}))
        (local.set $d (i32.const {-_P1 % 2**32:#x}))
        (loop $stripes
          (local.set $a (call $mix (local.get $a) (i32.load (local.get $key))))
          (local.set $b (call $mix (local.get $b) (i32.load offset=4 (local.get $key))))
          (local.set $c (call $mix (local.get $c) (i32.load offset=8 (local.get $key))))
          (local.set $d (call $mix (local.get $d) (i32.load offset=12 (local.get $key))))
          (local.set $key (i32.add (local.get $key) (i32.const 16)))
          (br_if $stripes (i32.ge_u (i32.sub (local.get $end) (local.get $key)) (i32.const 16))))
        (local.set $hash (i32.add (local.get $hash) (i32.add
          (i32.add (i32.rotl (local.get $a) (i32.const 1)) (i32.rotl (local.get $b) (i32.const 7)))
          (i32.add (i32.rotl (local.get $c) (i32.const 12)) (i32.rotl (local.get $d) (i32.const 18))))))))
    (loop $words
      (if (i32.ge_u (i32.sub (local.get $end) (local.get $key)) (i32.const 4)) (then
        (local.set $hash (call $round (local.get $hash) (i32.load (local.get $key))))
        (local.set $key (i32.add (local.get $key) (i32.const 4)))
        (br $words))))
    (loop $bytes
      (if (i32.ne (local.get $key) (local.get $end)) (then
        (local.set $hash (i32.mul (i32.const {_P1:#x}) (i32.rotl
          (i32.add (local.get $hash) (i32.mul (i32.load8_u (local.get $key)) (i32.const {_P5:#x})))
          (i32.const 11))))
        (local.set $key (i32.add (local.get $key) (i32.const 1)))
        (br $bytes))))
    (call $avalanche (local.get $hash)))
"""

_EQUAL = """\
  ;; Whether two strings, either of which may be null, have the same text.
  (func $equal (param $left i32) (param $right i32) (result i32)
    (local $size i32)
    (if (i32.eq (local.get $left) (local.get $right)) (then (return (i32.const 1))))
    (if (i32.eqz (local.get $left)) (then (return (i32.const 0))))
    (if (i32.eqz (local.get $right)) (then (return (i32.const 0))))
    (local.set $size (call $text_size (local.get $left)))
    (if (i32.ne (local.get $size) (call $text_size (local.get $right))) (then (return (i32.const 0))))
    (loop $words
      (if (i32.ge_u (local.get $size) (i32.const 8)) (then
        (if (i64.ne (i64.load (local.get $left)) (i64.load (local.get $right))) (then (return (i32.const 0))))
        (local.set $left (i32.add (local.get $left) (i32.const 8)))
        (local.set $right (i32.add (local.get $right) (i32.const 8)))
        (local.set $size (i32.sub (local.get $size) (i32.const 8)))
        (br $words))))
    (loop $units
      (if (local.get $size) (then
        (if (i32.ne (i32.load16_u (local.get $left)) (i32.load16_u (local.get $right))) (then (return (i32.const 0))))
        (local.set $left (i32.add (local.get $left) (i32.const 2)))
        (local.set $right (i32.add (local.get $right) (i32.const 2)))
        (local.set $size (i32.sub (local.get $size) (i32.const 2)))
        (br $units))))
    (i32.const 1))"""


def add_hash(glue: Glue, key: Storage, hashed: Hash) -> None:
    """Define `$hash (key) -> i32`, and for strings `$equal (i32, i32) -> i32`."""
    if hashed == "fnv":
        glue.define(*[_SIZE + _EQUAL] * key.is_text, *fnv_hash(key))
        return
    glue.define(_ROUND, _TEXT + _EQUAL if key.is_text else _number_hash(key))


def _number_hash(key: Storage) -> str:
    """The hash of a number, by its bits, or of an address."""
    bits = "(local.get $key)"
    if key.wasm in ("f32", "f64"):
        bits = f"(i{8 * key.size}.reinterpret_{key.wasm} {bits})"
    start = f"(i32.const {_P5 + key.size:#x})"
    head = f"  (func $hash (param $key {key.wasm}) (result i32)"
    if key.wasm in ("i32", "f32"):
        return f"{head}\n    (call $avalanche (call $round {start} {bits})))"
    return f"""\
{head}
    (local $bits i64)
    (local.set $bits {bits})
    (call $avalanche (call $round
      (call $round {start} (i32.wrap_i64 (local.get $bits)))
      (i32.wrap_i64 (i64.shr_u (local.get $bits) (i64.const 32))))))"""
