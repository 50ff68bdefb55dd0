"""WebAssembly text that makes a Map or Set, and fills it from columns of keys and values, in one crossing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmbind._entry_glue import load
from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from wasmbind._entry_glue import Entries
    from wasmbind._glue import Glue
    from wasmbind._layout import Storage

__all__ = ["add_fill", "make_text"]


def add_fill(glue: Glue, entries: Entries, string_id: int, holder: str, *, calls_setter: bool) -> None:
    """Add `fill`, which `add_map` describes.

    Args:
        string_id: the run-time id of `String`.
        holder: the address of a scratch slot, for a key while its value is made.
        calls_setter: `$set` or `$add` is the module's own, and puts the pairs in.
    """
    texts = [storage.is_text for storage in entries.pair.values()]
    holds = len(texts) > 1 and all(texts)
    lines: list[str] = []
    for name, storage in entries.pair.items():
        lines += _take(name, storage)
        if holds and name == "key":
            lines += [";; Making the value may run the collector.", f"(i32.store {holder} (local.get $key))"]
    lines += _call_setter(entries) if calls_setter else _put(glue, entries)
    kept = [f"(local ${name} {storage.wasm})" for name, storage in entries.pair.items()]
    kept += [f"(local ${name} i32)" for name in ["size"] * any(texts) + ["hash", "entry"] * (not calls_setter)]
    columns = [f"(param ${name}s i32) (param ${name}_texts i32)" for name in entries.pair]
    body = [
        "  (func $fill (param $map i32) (param $count i32)",
        f"    {' '.join(columns)}",
        f"    {' '.join(kept)}",
        "    (loop $pairs",
        "      (if (local.get $count) (then",
        *(f"        {line}" for line in lines),
        "        (local.set $count (i32.sub (local.get $count) (i32.const 1)))",
        "        (br $pairs))))",
        *[f"    (i32.store {holder} (i32.const 0))"] * holds,
    ]
    body[-1] += ")"
    if any(texts):
        glue.define(*_STRING.format(new=glue.function("__new"), string_id=string_id).splitlines())
    type_ = FunctionType(("i32",) * 4 if entries.value is None else ("i32",) * 6, ())
    glue.define_function("fill", type_, *body)


_STRING = """\
  ;; A new string, which nobody holds yet.
  (func $string (param $text i32) (param $size i32) (result i32)
    (local $string i32)
    (local.set $string (call {new} (local.get $size) (i32.const {string_id})))
    (memory.copy (local.get $string) (local.get $text) (local.get $size))
    (local.get $string))"""


def _take(name: str, storage: Storage) -> list[str]:
    """Take the next element of a column; a string is made, and held by nobody."""
    column, texts = f"(local.get ${name}s)", f"(local.get ${name}_texts)"
    advance = f"(local.set ${name}s (i32.add {column} (i32.const {storage.size})))"
    if not storage.is_text:
        return [f"(local.set ${name} {load(storage, column)})", advance]
    return [
        f"(local.set ${name} (i32.const 0))",
        f"(local.set $size (i32.load {column}))",
        "(if (i32.ne (local.get $size) (i32.const -1)) (then",
        f"  (local.set ${name} (call $string {texts} (local.get $size)))",
        f"  (local.set ${name}_texts (i32.add {texts} (local.get $size)))))",
        advance,
    ]


def _put(glue: Glue, entries: Entries) -> list[str]:
    """Put a pair in where there is room."""
    append = "  (local.set $entry (call $append (local.get $map) (local.get $key) (local.get $hash)))"
    if glue.counts:
        count = {name: [glue.count(f"(local.get ${name})")] for name, each in entries.pair.items() if each.is_managed}
        return [
            "(local.set $hash (call $hash (local.get $key)))",
            "(local.set $entry (call $lookup (local.get $map) (local.get $key) (local.get $hash)))",
            "(if (i32.eqz (local.get $entry)) (then",
            *[f"  {line}" for line in count.get("key", [])],
            f"{append}))",
            *count.get("value", []),
            *entries.owe(glue, "(local.get $entry)", key=False),
            *entries.store_value("(local.get $entry)", "(local.get $value)"),
        ]
    is_managed = any(storage.is_managed for storage in entries.pair.values())
    return [
        *[";; No barrier: the map is pinned, and the collector looks at it again before it frees anything."]
        * is_managed,
        "(local.set $hash (call $hash (local.get $key)))",
        "(local.set $entry (call $lookup (local.get $map) (local.get $key) (local.get $hash)))",
        "(if (i32.eqz (local.get $entry)) (then",
        f"{append}))",
        *entries.store_value("(local.get $entry)", "(local.get $value)"),
    ]


def _call_setter(entries: Entries) -> list[str]:
    """Put a pair in as the module itself does."""
    arguments = " ".join(f"(local.get ${name})" for name in entries.pair)
    return [f"(call ${entries.setter} (local.get $map) {arguments})"]


def make_text(glue: Glue, entries: Entries, buffer_id: int) -> str:
    """The text of `make`, which `add_map` describes."""
    count = "".join(f"    {glue.count(f'(local.get ${name})')}\n" for name in ("entries", "buckets") if glue.counts)
    return f"""\
  (func $make (param $slot i32) (param $spare i32) (param $id i32) (param $size i32) (param $count i32) (result i32)
    (local $length i32) (local $capacity i32) (local $entries i32) (local $buckets i32) (local $map i32)
    (local.set $slot (i32.shl (local.get $slot) (i32.const 2)))
    (local.set $spare (i32.shl (local.get $spare) (i32.const 2)))
    ;; As many buckets as if it had grown. The runtime refuses to allocate 2^28 of them.
    (local.set $length (i32.const 4))
    (local.set $capacity (i32.const 4))
    (loop $grow
      (if (i32.lt_u (local.get $capacity) (local.get $count)) (then
        (local.set $length (i32.shl (local.get $length) (i32.const 1)))
        (local.set $capacity (i32.div_u (i32.shl (local.get $length) (i32.const 3)) (i32.const 3)))
        (br_if $grow (i32.lt_u (local.get $length) (i32.const {1 << 28:#x}))))))
    (local.set $entries (call $allocate (local.get $spare)
      (i32.mul (local.get $capacity) {entries.stride}) (i32.const {buffer_id})))
    (local.set $buckets (call $allocate (local.get $slot)
      (i32.shl (local.get $length) (i32.const 2)) (i32.const {buffer_id})))
    ;; The map comes last: the collector has not seen it, so that it needs no barrier.
    (local.set $map (call $allocate (local.get $slot) (local.get $size) (local.get $id)))
    (call $reset (local.get $map)
      (local.get $buckets) (i32.sub (local.get $length) (i32.const 1))
      (local.get $entries) (local.get $capacity))
{count}    (i32.store (local.get $spare) (i32.const 0))
    (call {glue.function("__pin")} (local.get $map)))"""
