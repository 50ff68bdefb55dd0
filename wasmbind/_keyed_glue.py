"""WebAssembly text for what Python asks of a Map or Set beyond its own members: one crossing for each operation.

No address of an entry leaves the glue, because the entries move whenever somebody changes the map. What leaves it is
a value together with whether there is one, or the index of an entry, which `take` compares with what was seen there.

Deleted entries stay where they are until AssemblyScript hashes the map anew, so whoever always takes the first or
the last one would walk over more and more of them. `$tidy` moves the others together in time. That allocates
nothing, tells the collector of nothing, because the map refers to nothing new, and leaves what AssemblyScript's own
rehash to the same number of buckets would leave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from wasmbind._entry_glue import load
from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from wasmbind._entry_glue import Entries
    from wasmbind._glue import Glue
    from wasmbind._schema.model import ValueType

__all__ = ["add_keyed"]


def add_keyed(glue: Glue, entries: Entries, result: int) -> None:
    """Add the functions, which `add_map` describes. The members of the map have been added.

    Args:
        result: the scratch slot that holds the result of a call.
    """
    glue.define(*_compact(entries).splitlines())
    _define(glue, "first", ["i32", "i32"], ["i32"], _first(entries))
    _define(glue, "last", ["i32"], ["i32"], _last(entries))
    _define(glue, "take", ["i32"] * (2 + entries.layout.stride // 4), ["i32"], _take(glue, entries))
    key = entries.key.wasm
    _define(glue, "remove", ["i32", key], ["i32"], _remove(entries))
    if entries.value is not None:
        value = entries.value.wasm
        _define(glue, "get", ["i32", key], [value, "i32"], _get(entries))
        _define(glue, "insert", ["i32", key, value], [value, "i32"], _insert(entries))
        _define(glue, "pop", ["i32", key], [value, "i32"], _pop(glue, entries, result))


def _define(glue: Glue, name: str, params: list[str], results: list[str], text: str) -> None:
    params_, results_ = (cast("tuple[ValueType, ...]", tuple(kinds)) for kinds in (params, results))
    glue.define_function(name, FunctionType(params_, results_), *text.splitlines())


# --- the order of entries -----------------------------------------------------------------------------------


def _compact(entries: Entries) -> str:
    lines = [
        f"(local.set $key {load(entries.key, '(local.get $old)')})",
        "(local.set $entry (call $append (local.get $map) (local.get $key) (call $hash (local.get $key))))",
        *entries.copy_value("(local.get $entry)", "(local.get $old)"),
    ]
    copy = "\n          ".join(lines)
    return f"""\
  (func $entry_at (param $map i32) (param $index i32) (result i32)
    (i32.add (i32.load offset=8 (local.get $map)) (i32.mul (local.get $index) {entries.stride})))
  ;; Moves the live entries together, and zeroes what is free then. An entry never moves up.
  (func $compact (param $map i32)
    (local $old i32) (local $end i32) (local $key {entries.key.wasm}) (local $entry i32)
    (local.set $old (i32.load offset=8 (local.get $map)))
    (local.set $end {_entry_at("(i32.load offset=16 (local.get $map))")})
    (memory.fill (i32.load (local.get $map)) (i32.const 0)
      (i32.shl (i32.add (i32.load offset=4 (local.get $map)) (i32.const 1)) (i32.const 2)))
    (i32.store offset=16 (local.get $map) (i32.const 0))
    (i32.store offset=20 (local.get $map) (i32.const 0))
    (loop $entries
      (if (i32.lt_u (local.get $old) (local.get $end)) (then
        (if (i32.eqz (i32.and {entries.load_next("(local.get $old)")} (i32.const 1))) (then
          {copy}))
        (local.set $old (i32.add (local.get $old) {entries.stride}))
        (br $entries))))
    (local.set $entry {_entry_at("(i32.load offset=16 (local.get $map))")})
    (memory.fill (local.get $entry) (i32.const 0) (i32.sub (local.get $end) (local.get $entry))))
  ;; Compacts when so many deleted entries lie at one end that walking over them costs more than moving the others.
  (func $tidy (param $map i32) (param $deleted i32)
    (local $run i64)
    (local.set $run (i64.extend_i32_u (local.get $deleted)))
    (if (i64.gt_u (i64.mul (local.get $run) (local.get $run))
        (i64.shl (i64.extend_i32_u (i32.load offset=16 (local.get $map))) (i64.const 4)))
      (then (call $compact (local.get $map)))))"""


def _entry_at(index: str) -> str:
    """The address of an entry."""
    return f"(call $entry_at (local.get $map) {index})"


def _first(entries: Entries) -> str:
    return f"""\
  ;; The index of the first live entry from $index on, else of the end.
  (func $first (param $map i32) (param $index i32) (result i32)
    (local $end i32) (local $entry i32)
    (local.set $end (i32.load offset=16 (local.get $map)))
    (local.set $entry {_entry_at("(local.get $index)")})
    (loop $deleted
      (if (i32.lt_u (local.get $index) (local.get $end)) (then
        (if (i32.and {entries.load_next("(local.get $entry)")} (i32.const 1)) (then
          (local.set $index (i32.add (local.get $index) (i32.const 1)))
          (local.set $entry (i32.add (local.get $entry) {entries.stride}))
          (br $deleted))))))
    (local.get $index))"""


def _last(entries: Entries) -> str:
    return f"""\
  ;; The index of the last live entry, else -1.
  (func $last (param $map i32) (result i32)
    (local $index i32) (local $entry i32)
    (local.set $index (i32.load offset=16 (local.get $map)))
    (local.set $entry {_entry_at("(local.get $index)")})
    (loop $deleted
      (if (local.get $index) (then
        (local.set $index (i32.sub (local.get $index) (i32.const 1)))
        (local.set $entry (i32.sub (local.get $entry) {entries.stride}))
        (br_if $deleted (i32.and {entries.load_next("(local.get $entry)")} (i32.const 1)))
        (return (local.get $index)))))
    (i32.const -1))"""


def _take(glue: Glue, entries: Entries) -> str:
    owe = "".join(f"\n    {line}" for line in entries.owe(glue, "(local.get $entry)"))
    words = range(entries.layout.stride // 4)
    params = "\n    ".join(f"(param $word_{word} i32)" for word in words)
    seen = "\n    ".join(
        f"(if (i32.ne (i32.load{f' offset={4 * word}' * bool(word)} (local.get $entry)) (local.get $word_{word})) "
        "(then (return (i32.const 0))))"
        for word in words
    )
    newest = f"(call $hash {load(entries.key, '(local.get $entry)')})"
    return f"""\
  ;; Removes the last live entry if it is the one that somebody has seen, with these words.
  (func $take (param $map i32) (param $index i32)
    {params} (result i32)
    (local $entry i32) (local $bucket i32) (local $deleted i32)
    (if (i32.ne (local.get $index) (call $last (local.get $map))) (then (return (i32.const 0))))
    (local.set $entry {_entry_at("(local.get $index)")})
    {seen}{owe}
    (i32.store offset=20 (local.get $map) (i32.sub (i32.load offset=20 (local.get $map)) (i32.const 1)))
    (local.set $deleted (i32.sub (i32.load offset=16 (local.get $map)) (local.get $index)))
    (if (i32.eq (local.get $deleted) (i32.const 1)) (then
      ;; Nothing has been added since, so it is the newest of its bucket, and can go altogether.
      (local.set $bucket (call $bucket (local.get $map) {newest}))
      (if (i32.eq (i32.load (local.get $bucket)) (local.get $entry)) (then
        (i32.store (local.get $bucket) {entries.load_next("(local.get $entry)")})
        (memory.fill (local.get $entry) (i32.const 0) {entries.stride})
        (i32.store offset=16 (local.get $map) (local.get $index))
        (return (i32.const 1))))))
    (i32.store offset={entries.layout.next} (local.get $entry)
      (i32.or {entries.load_next("(local.get $entry)")} (i32.const 1)))
    (call $tidy (local.get $map) (local.get $deleted))
    (i32.const 1))"""


def _remove(entries: Entries) -> str:
    return f"""\
  ;; Deletes as AssemblyScript does, and looks after deleted entries at the start.
  (func $remove (param $map i32) (param $key {entries.key.wasm}) (result i32)
    (if (i32.eqz (call $delete (local.get $map) (local.get $key))) (then (return (i32.const 0))))
    (call $tidy (local.get $map) (call $first (local.get $map) (i32.const 0)))
    (i32.const 1))"""


# --- values -------------------------------------------------------------------------------------------------


_FIND = "(local.set $entry (call $find (local.get $map) (local.get $key)))"


def _value(entries: Entries) -> str:
    """The value of `$entry`."""
    assert entries.value is not None
    return load(entries.value, "(local.get $entry)", entries.layout.value)


def _nothing(entries: Entries) -> str:
    """No value."""
    assert entries.value is not None
    return f"({entries.value.wasm}.const 0) (i32.const 0)"


def _get(entries: Entries) -> str:
    assert entries.value is not None
    return f"""\
  ;; The value of a key, and whether there is one.
  (func $get (param $map i32) (param $key {entries.key.wasm}) (result {entries.value.wasm} i32)
    (local $entry i32)
    {_FIND}
    (if (i32.eqz (local.get $entry)) (then (return {_nothing(entries)})))
    {_value(entries)} (i32.const 1))"""


def _insert(entries: Entries) -> str:
    assert entries.value is not None
    wasm = entries.value.wasm
    return f"""\
  ;; The value of a key that is there; one that is not is put in.
  (func $insert (param $map i32) (param $key {entries.key.wasm}) (param $value {wasm}) (result {wasm} i32)
    (local $entry i32)
    {_FIND}
    (if (local.get $entry) (then (return {_value(entries)} (i32.const 1))))
    (call $set (local.get $map) (local.get $key) (local.get $value))
    {_nothing(entries)})"""


def _pop(glue: Glue, entries: Entries, result: int) -> str:
    assert entries.value is not None
    hold = ""
    if entries.value.is_managed:
        hold = f"\n    ;; Deleting may run the collector.\n    (i32.store {glue.slot(result)} (local.get $value))"
    return f"""\
  ;; Removes a key; its value, and whether there was one.
  (func $pop (param $map i32) (param $key {entries.key.wasm}) (result {entries.value.wasm} i32)
    (local $entry i32) (local $value {entries.value.wasm})
    {_FIND}
    (if (i32.eqz (local.get $entry)) (then (return {_nothing(entries)})))
    (local.set $value {_value(entries)}){hold}
    (drop (call $remove (local.get $map) (local.get $key)))
    (local.get $value) (i32.const 1))"""
