"""WebAssembly text that reads, writes and makes AssemblyScript's Map and Set, as `std/assembly/map.ts` does.

A map is six words: the buffer of *buckets*, their number less one (*mask*), the buffer of *entries*, how many fit
(*capacity*), how many are used (*offset*, deleted ones included) and how many are live (*count*). A bucket is the
address of its newest entry, and an entry leads to the next older one. So a chain always leads to lower addresses,
and following it ends even where a module lies.

Allocating, and telling the collector of a new reference, may run a step of the collector. So every new object is
held before the next allocation, and the map is whole whenever the collector may look at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from wasmbind._entry_glue import Entries, add_hash, load, store
from wasmbind._fill_glue import add_fill, make_text
from wasmbind._keyed_glue import add_keyed
from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wasmbind._glue import Glue
    from wasmbind._layout import Storage
    from wasmbind._schema.evidence import Hash
    from wasmbind._schema.model import ValueType

__all__ = ["add_map"]


def add_map(
    glue: Glue,
    key: Storage,
    value: Storage | None,
    *,
    buffer_id: int,
    string_id: int,
    temporaries: tuple[int, int],
    result: int = 0,
    compiled: Mapping[str, str] = {},
    hashed: Hash = "xxhash",
) -> None:
    """Add the functions of one Map or Set type. A glue can have those of one only.

    The caller holds the map, and the keys, values and columns that it passes, by root slots.

    - `find (map, key) -> i32`: the address of the live entry, or 0. It is good until somebody changes the map.
    - `set (map, key, value)`, of a Set `add (map, key)`.
    - `delete (map, key) -> i32`: whether it was there.
    - `clear (map)`.
    - `get (map, key) -> (value, i32)`: the value of a key, and whether it is there. Of a Map, as are the next two.
    - `insert (map, key, value) -> (value, i32)`: the same; a key that is not there is put in.
    - `pop (map, key) -> (value, i32)`: the same; a key that is there is deleted, and `result` holds its value.
    - `remove (map, key) -> i32`: what `delete` does, for those who take keys from the front.
    - `first (map, index) -> i32`: the index of the first live entry from one on, or of the end.
    - `last (map) -> i32`: the index of the last live entry, or -1.
    - `take (map, index, word, ...) -> i32`: deletes the entry that `last` gave if memory has these words there;
      whether it has.
    - `make (slot, spare, id, size, count) -> i32`: a new map of a run-time id and a size in bytes, with room for
      `count` entries, pinned, and held by the root slot `slot` (the number of its word). `spare` is another root
      slot, free before and after.
    - `fill (map, count, keys, key_texts, values, value_texts)`, of a Set `(map, count, keys, key_texts)`: puts pairs
      into a map that is still pinned since `make`; where there is no room it traps. A column is the address of an
      array of elements as they lie in memory; one of strings has their u32 byte lengths, `NO_STRING` for null, and
      where the UTF-16 text of all of them lies, one after the other.

    Args:
        key, value: how they lie in memory; None for a Set.
        buffer_id, string_id: the run-time ids of `ArrayBuffer` and `String`.
        temporaries: scratch slots that hold new objects on the way, and are cleared.
        result: the scratch slot that holds the result of a call.
        compiled: exports of the module, by `set`, `add`, `delete` and `clear`, that are called instead of code of
            our own.
        hashed: how the module hashes keys.
    """
    entries = Entries(key, value)
    types = {
        entries.setter: _type(["i32", *(storage.wasm for storage in entries.pair.values())]),
        "delete": _type(["i32", key.wasm], "i32"),
        "clear": _type(["i32"]),
    }
    own = {name for name, type_ in types.items() if not _fits(type_, glue.type_of(compiled.get(name, "")))}
    slots = glue.slot(temporaries[0]), glue.slot(temporaries[1])
    add_hash(glue, key, hashed)
    _define(glue, "find", _type(["i32", key.wasm], "i32"), _find(entries))
    glue.define(*_ALLOCATE.format(new=glue.function("__new")).splitlines(), *_RESET.splitlines())
    glue.define(*_append(entries).splitlines())
    if own:
        glue.define(*_renew(glue, entries, slots, buffer_id).splitlines())
    if own & {entries.setter, "delete"}:
        glue.define(*_rehash(entries).splitlines())
    for name, type_ in types.items():
        if name not in own:
            text = _compiled(glue, name, type_, compiled[name], entries)
        elif name == "delete":
            text = _delete(glue, entries)
        elif name == "clear":
            text = _clear(glue, entries)
        else:
            text = _set(glue, entries, buffer_id)
        _define(glue, name, type_, text)
    add_keyed(glue, entries, result)
    _define(glue, "make", _type(["i32"] * 5, "i32"), make_text(glue, entries, buffer_id))
    add_fill(glue, entries, string_id, slots[0], calls_setter=entries.setter not in own)


def _define(glue: Glue, name: str, type_: FunctionType, text: str) -> None:
    glue.define_function(name, type_, *text.splitlines())


def _type(params: list[str], *results: str) -> FunctionType:
    return FunctionType(cast("tuple[ValueType, ...]", tuple(params)), cast("tuple[ValueType, ...]", results))


def _fits(type_: FunctionType, found: FunctionType | None) -> bool:
    """Whether an export can be called instead. It may return the map besides, as `set` and `add` do."""
    return found is not None and found.params == type_.params and found.results in (type_.results, ("i32",))


def _compiled(glue: Glue, name: str, type_: FunctionType, export: str, entries: Entries) -> str:
    """A function that is the module's own."""
    names = ["map", *list(entries.pair)[: len(type_.params) - 1]]
    params = "".join(f" (param ${each} {kind})" for each, kind in zip(names, type_.params, strict=True))
    call = " ".join([f"(call {glue.function(export)}", *(f"(local.get ${each})" for each in names)]) + ")"
    if glue.type_of(export) != type_:
        call = f"(drop {call})"
    return f"  (func ${name}{params}{' (result i32)' * len(type_.results)}\n    {call})"


# --- reading ------------------------------------------------------------------------------------------------


def _find(entries: Entries) -> str:
    """`find`, and `$lookup` for those who have the hash at hand."""
    key = entries.key.wasm
    return f"""\
  ;; The address of the bucket of a hash.
  (func $bucket (param $map i32) (param $hash i32) (result i32)
    (i32.add (i32.load (local.get $map)) (i32.shl
      (i32.and (local.get $hash) (i32.load offset=4 (local.get $map)))
      (i32.const 2))))
  (func $lookup (param $map i32) (param $key {key}) (param $hash i32) (result i32)
    (local $entry i32) (local $next i32)
    (local.set $entry (i32.load (call $bucket (local.get $map) (local.get $hash))))
    (loop $chain (result i32)
      (if (i32.eqz (local.get $entry)) (then (return (i32.const 0))))
      (local.set $next {entries.load_next("(local.get $entry)")})
      ;; The lowest bit marks a deleted entry.
      (if (i32.eqz (i32.and (local.get $next) (i32.const 1))) (then
        (if {entries.is_key("(local.get $entry)", "(local.get $key)")} (then
          (return (local.get $entry))))))
      (local.set $next (i32.and (local.get $next) (i32.const -2)))
      ;; Entries are only ever appended: a chain that does not lead downwards is a lie, and may have no end.
      (if (i32.ge_u (local.get $next) (local.get $entry)) (then (unreachable)))
      (local.set $entry (local.get $next))
      (br $chain)))
  (func $find (param $map i32) (param $key {key}) (result i32)
    (call $lookup (local.get $map) (local.get $key) (call $hash (local.get $key))))"""


# --- buffers ------------------------------------------------------------------------------------------------

_ALLOCATE = """\
  ;; A new object full of zeros, which the minimal runtime leaves to us, held at $holder from birth.
  (func $allocate (param $holder i32) (param $size i32) (param $id i32) (result i32)
    (local $object i32)
    (local.set $object (call {new} (local.get $size) (local.get $id)))
    (i32.store (local.get $holder) (local.get $object))
    (memory.fill (local.get $object) (i32.const 0) (local.get $size))
    (local.get $object))"""

_RESET = """\
  ;; Gives the map new buffers, without entries.
  (func $reset (param $map i32) (param $buckets i32) (param $mask i32) (param $entries i32) (param $capacity i32)
    (i32.store (local.get $map) (local.get $buckets))
    (i32.store offset=4 (local.get $map) (local.get $mask))
    (i32.store offset=8 (local.get $map) (local.get $entries))
    (i32.store offset=12 (local.get $map) (local.get $capacity))
    (i32.store offset=16 (local.get $map) (i32.const 0))
    (i32.store offset=20 (local.get $map) (i32.const 0)))"""


def _renew(glue: Glue, entries: Entries, slots: tuple[str, str], buffer_id: int) -> str:
    """What gives a map new buffers, in two steps."""
    barrier = glue.barrier(buffer_id)
    owe = "".join(
        f"    {glue.owe(f'(i32.load {place}(local.get $map))')}\n" for place in ("", "offset=8 ") if glue.counts
    )
    return f"""\
  ;; Makes new buffers. Until $settle the collector knows of them only from the temporaries.
  (func $renew (param $map i32) (param $mask i32) (param $capacity i32)
    (local $buckets i32) (local $entries i32)
    ;; Where memory is full the map stays as it was.
    (local.set $buckets (call $allocate {slots[0]}
      (i32.shl (i32.add (local.get $mask) (i32.const 1)) (i32.const 2)) (i32.const {buffer_id})))
    (local.set $entries (call $allocate {slots[1]}
      (i32.mul (local.get $capacity) {entries.stride}) (i32.const {buffer_id})))
{owe}    (call $reset (local.get $map)
      (local.get $buckets) (local.get $mask) (local.get $entries) (local.get $capacity)))
  ;; The barrier may run the collector, so it comes last, when the map is whole.
  (func $settle (param $map i32)
    (call {barrier} (local.get $map) (i32.load (local.get $map)))
    (call {barrier} (local.get $map) (i32.load offset=8 (local.get $map)))
    (i32.store {slots[0]} (i32.const 0))
    (i32.store {slots[1]} (i32.const 0)))"""


# --- writing ------------------------------------------------------------------------------------------------


def _append(entries: Entries) -> str:
    return f"""\
  ;; Adds a key that is not there; its value is zero.
  (func $append (param $map i32) (param $key {entries.key.wasm}) (param $hash i32) (result i32)
    (local $offset i32) (local $entry i32) (local $bucket i32)
    (local.set $offset (i32.load offset=16 (local.get $map)))
    (if (i32.ge_u (local.get $offset) (i32.load offset=12 (local.get $map))) (then (unreachable)))
    (local.set $entry (i32.add (i32.load offset=8 (local.get $map)) (i32.mul (local.get $offset) {entries.stride})))
    (local.set $bucket (call $bucket (local.get $map) (local.get $hash)))
    {store(entries.key, "(local.get $entry)", "(local.get $key)")}
    (i32.store offset={entries.layout.next} (local.get $entry) (i32.load (local.get $bucket)))
    (i32.store (local.get $bucket) (local.get $entry))
    (i32.store offset=16 (local.get $map) (i32.add (local.get $offset) (i32.const 1)))
    (i32.store offset=20 (local.get $map) (i32.add (i32.load offset=20 (local.get $map)) (i32.const 1)))
    (local.get $entry))"""


def _rehash(entries: Entries) -> str:
    """What moves the entries to new buffers, and says when there are too many deleted ones among them."""
    append = "(call $append (local.get $map) (local.get $key) (call $hash (local.get $key)))"
    lines = [
        f"(local.set $key {load(entries.key, '(local.get $old)')})",
        f"(local.set $entry {append})",
        *entries.copy_value("(local.get $entry)", "(local.get $old)"),
    ]
    copy = "\n          ".join(lines)
    return f"""\
  ;; Whether less than three quarters of the entries are live.
  (func $is_sparse (param $map i32) (result i32)
    (i32.lt_s (i32.load offset=20 (local.get $map))
      (i32.div_s (i32.mul (i32.load offset=12 (local.get $map)) (i32.const 3)) (i32.const 4))))
  ;; Moves the live entries to new buffers, with eight entries for three buckets.
  (func $rehash (param $map i32) (param $mask i32)
    (local $old i32) (local $end i32) (local $key {entries.key.wasm}) (local $entry i32)
    (local.set $old (i32.load offset=8 (local.get $map)))
    (local.set $end (i32.add (local.get $old) (i32.mul (i32.load offset=16 (local.get $map)) {entries.stride})))
    (call $renew (local.get $map) (local.get $mask)
      (i32.div_s (i32.shl (i32.add (local.get $mask) (i32.const 1)) (i32.const 3)) (i32.const 3)))
    ;; Nothing holds the old entries from here on; nothing is allocated until they are copied.
    (loop $entries
      (if (i32.lt_u (local.get $old) (local.get $end)) (then
        (if (i32.eqz (i32.and {entries.load_next("(local.get $old)")} (i32.const 1))) (then
          {copy}))
        (local.set $old (i32.add (local.get $old) {entries.stride}))
        (br $entries))))
    (call $settle (local.get $map)))"""


def _set(glue: Glue, entries: Entries, buffer_id: int) -> str:
    """The text of `set` or `add`."""
    params = "".join(f" (param ${name} {storage.wasm})" for name, storage in entries.pair.items())
    link = {
        name: [f"(call {glue.barrier(buffer_id)} (local.get $map) (local.get ${name}))"]
        for name, storage in entries.pair.items()
        if storage.is_managed
    }
    append = "(local.set $entry (call $append (local.get $map) (local.get $key) (local.get $hash)))"
    missing = "\n      ".join(["(call $reserve (local.get $map))", append, *link.get("key", [])])
    lines = [
        "(local.set $hash (call $hash (local.get $key)))",
        "(local.set $entry (call $lookup (local.get $map) (local.get $key) (local.get $hash)))",
        f"(if (i32.eqz (local.get $entry)) (then\n      {missing}))",
        *entries.owe(glue, "(local.get $entry)", key=False),
        *entries.store_value("(local.get $entry)", "(local.get $value)"),
        *link.get("value", []),
    ]
    body = "\n    ".join(lines)
    return f"""\
  ;; Makes room for one more entry; where many are deleted, only by leaving those out.
  (func $reserve (param $map i32)
    (local $mask i32)
    (if (i32.ne (i32.load offset=16 (local.get $map)) (i32.load offset=12 (local.get $map))) (then (return)))
    (local.set $mask (i32.load offset=4 (local.get $map)))
    (call $rehash (local.get $map) (select
      (local.get $mask)
      (i32.or (i32.shl (local.get $mask) (i32.const 1)) (i32.const 1))
      (call $is_sparse (local.get $map)))))
  (func ${entries.setter} (param $map i32){params}
    (local $hash i32) (local $entry i32)
    {body})"""


def _delete(glue: Glue, entries: Entries) -> str:
    owe = "".join(f"    {line}\n" for line in entries.owe(glue, "(local.get $entry)"))
    return f"""\
  (func $delete (param $map i32) (param $key {entries.key.wasm}) (result i32)
    (local $entry i32) (local $count i32) (local $half i32)
    (local.set $entry (call $find (local.get $map) (local.get $key)))
    (if (i32.eqz (local.get $entry)) (then (return (i32.const 0))))
{owe}    (i32.store offset={entries.layout.next} (local.get $entry)
      (i32.or {entries.load_next("(local.get $entry)")} (i32.const 1)))
    (local.set $count (i32.sub (i32.load offset=20 (local.get $map)) (i32.const 1)))
    (i32.store offset=20 (local.get $map) (local.get $count))
    ;; Half the buckets will do if they are four at least, and enough for one entry each.
    (local.set $half (i32.shr_u (i32.load offset=4 (local.get $map)) (i32.const 1)))
    (if (i32.ge_u (local.get $half) (i32.const 3)) (then
      (if (i32.ge_u (i32.add (local.get $half) (i32.const 1)) (local.get $count)) (then
        (if (call $is_sparse (local.get $map)) (then
          (call $rehash (local.get $map) (local.get $half))))))))
    (i32.const 1))"""


def _clear(glue: Glue, entries: Entries) -> str:
    lines = entries.owe(glue, "(local.get $entry)")
    owe = ""
    if lines:
        inner = "\n          ".join(lines)
        owe = f"""\
    (local $entry i32) (local $end i32)
    (local.set $entry (i32.load offset=8 (local.get $map)))
    (local.set $end (i32.add (local.get $entry)
      (i32.mul (i32.load offset=16 (local.get $map)) {entries.stride})))
    (loop $entries
      (if (i32.lt_u (local.get $entry) (local.get $end)) (then
        (if (i32.eqz (i32.and {entries.load_next("(local.get $entry)")} (i32.const 1))) (then
          {inner}))
        (local.set $entry (i32.add (local.get $entry) {entries.stride}))
        (br $entries))))
"""
    return f"""\
  (func $clear (param $map i32)
{owe}    (call $renew (local.get $map) (i32.const 3) (i32.const 4))
    (call $settle (local.get $map)))"""
