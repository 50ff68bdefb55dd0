"""The hash of old Maps and Sets, against FNV-1a written down plainly."""

import struct
from typing import Any

import wasmtime
from hypothesis import given
from hypothesis import strategies as st

from wasmbind._fnv_glue import fnv_hash
from wasmbind._layout import VIEWS, Storage

WORD = (1 << 32) - 1


def fnv(parts: list[int]) -> int:
    """FNV-1a of what is taken in one after the other."""
    found = 2166136261
    for part in parts:
        found = (found ^ part) * 16777619 & WORD
    return found


def hasher(view: str) -> Any:
    """The hash of numbers, as a function of Python's."""
    text = "\n".join(["(module", *fnv_hash(Storage(view)), '  (export "hash" (func $hash)))'])
    store = wasmtime.Store()
    instance = wasmtime.Instance(store, wasmtime.Module(store.engine, text), [])
    function: Any = instance.exports(store)["hash"]

    def hashed(key: float) -> int:
        found: int = function(store, key)
        return found & WORD

    return hashed


HASHERS = {view: hasher(view) for view in VIEWS}


@given(st.integers(0, (1 << 64) - 1))
def test_integers(bits: int) -> None:
    """Whole words go in byte by byte; of smaller numbers the last byte goes in with all that is above it."""
    for view in ("i32", "u32", "i64", "u64"):
        size = VIEWS[view][1]
        raw = (bits & ((1 << 8 * size) - 1)).to_bytes(size, "little")
        assert HASHERS[view](int.from_bytes(raw, "little", signed=True)) == fnv(list(raw))
    for view in ("i8", "u8", "i16", "u16"):
        code, size = VIEWS[view]
        (number,) = struct.unpack(f"<{code}", (bits & ((1 << 8 * size) - 1)).to_bytes(size, "little"))
        word = number & WORD
        assert HASHERS[view](number) == fnv([word] if size == 1 else [word & 0xFF, word >> 8])


@given(st.floats(width=32), st.floats())
def test_floats(single: float, double: float) -> None:
    """Floats go in by their bits."""
    for view, number in (("f32", single), ("f64", double)):
        if number == number:  # noqa: PLR0124 - NaN has many bit patterns, and no entry is found by it
            assert HASHERS[view](number) == fnv(list(struct.pack(f"<{VIEWS[view][0]}", number)))
