"""WebAssembly text that fills a new Map or Set from columns of keys and values, in one crossing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmbind._entry_glue import load
from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from wasmbind._entry_glue import Entries
    from wasmbind._glue import Glue
    from wasmbind._layout import Storage

__all__ = ["add_fill"]


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
    lines += _call_setter(entries) if calls_setter else _put(entries)
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


def _put(entries: Entries) -> list[str]:
    """Put a pair in where there is room."""
    is_managed = any(storage.is_managed for storage in entries.pair.values())
    return [
        *[";; No barrier: the map is pinned, and the collector looks at it again before it frees anything."]
        * is_managed,
        "(local.set $hash (call $hash (local.get $key)))",
        "(local.set $entry (call $lookup (local.get $map) (local.get $key) (local.get $hash)))",
        "(if (i32.eqz (local.get $entry)) (then",
        "  (local.set $entry (call $append (local.get $map) (local.get $key) (local.get $hash)))))",
        *entries.store_value("(local.get $entry)", "(local.get $value)"),
    ]


def _call_setter(entries: Entries) -> list[str]:
    """Put a pair in as the module itself does."""
    arguments = " ".join(f"(local.get ${name})" for name in entries.pair)
    return [f"(call ${entries.setter} (local.get $map) {arguments})"]
