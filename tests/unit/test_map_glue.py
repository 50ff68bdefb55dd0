"""The glue of Map and Set: its text, its hashes, and what it does in the memory of a module that only allocates."""

import struct
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from wasmbind._glue import Glue
from wasmbind._layout import VIEWS, EntryLayout, Storage, compute_entry_layout
from wasmbind._map_glue import add_map
from wasmbind._schema.binary import read_binary
from wasmbind._wat import to_binary

GOLDEN = Path(__file__).parent / "golden"

# `__new` leaves old bytes in place, as in asc's minimal runtime, and nothing is ever freed.
MODULE = """(module
  (memory (export "memory") 4)
  (global $next (mut i32) (i32.const 4096))
  (global $pinned (export "pinned") (mut i32) (i32.const 0))
  (global $linked (export "linked") (mut i32) (i32.const 0))
  (func (export "__new") (param i32 i32) (result i32)
    (local $object i32)
    (local.set $object (i32.add (global.get $next) (i32.const 32)))
    (global.set $next (i32.and (i32.add (local.get $object) (i32.add (local.get 0) (i32.const 31))) (i32.const -16)))
    (memory.fill (local.get $object) (i32.const 0xAB) (local.get 0))
    (i32.store (i32.sub (local.get $object) (i32.const 8)) (local.get 1))
    (i32.store (i32.sub (local.get $object) (i32.const 4)) (local.get 0))
    (local.get $object))
  (func (export "__pin") (param i32) (result i32) (global.set $pinned (local.get 0)) (local.get 0))
  (func (export "__unpin") (param i32))
  (func (export "__link") (param i32 i32 i32) (global.set $linked (i32.add (global.get $linked) (i32.const 1))))
  (func (export "M#set") (param i32 i32 i32) (result i32) (local.get 0))
  (func (export "M#delete") (param i32 i32) (result i32) (i32.const 1))
  (func (export "M#clear") (param i32)))"""
BINARY = read_binary(bytes(wasmtime.wat2wasm(MODULE)))

TEXT, OBJECT = Storage("u32", is_managed=True, is_text=True), Storage("u32", is_managed=True)
STORAGES = [*map(Storage, VIEWS), TEXT, OBJECT]
BUFFER_ID, STRING_ID, MAP_ID = 1, 2, 9
SLOT, SPARE, TEMPORARIES = 20, 21, (3, 4)


def map_glue(key: Storage, value: Storage | None, **compiled: str) -> Glue:
    """The glue of one type."""
    glue = Glue(BINARY)
    add_map(glue, key, value, buffer_id=BUFFER_ID, string_id=STRING_ID, temporaries=TEMPORARIES, compiled=compiled)
    return glue


class Linked:
    """The glue of one type, linked to the module above."""

    def __init__(self, key: Storage, value: Storage | None) -> None:
        glue = map_glue(key, value)
        for name in [*glue.defined, "hash"]:
            glue.define(f'  (export "{name}" (func ${name}))')
        self.store = wasmtime.Store()
        main = wasmtime.Instance(self.store, wasmtime.Module(self.store.engine, MODULE), [])
        self.main = main.exports(self.store)
        module = wasmtime.Module(self.store.engine, to_binary(str(glue)))
        imports = [self.main[name] for name in glue.imports]
        self.glue = wasmtime.Instance(self.store, module, imports).exports(self.store)
        for slot in TEMPORARIES:
            found = self.glue[f"slot_{slot}"]
            assert isinstance(found, wasmtime.Global)
            found.set_value(self.store, slot)

    def call(self, name: str, *arguments: float) -> Any:
        """Call a function of the glue."""
        function = self.glue[name]
        assert isinstance(function, wasmtime.Func)
        return function(self.store, *arguments)

    def get(self, name: str) -> Any:
        """The value of a global of the module."""
        found = self.main[name]
        assert isinstance(found, wasmtime.Global)
        return found.value(self.store)

    @property
    def memory(self) -> wasmtime.Memory:
        """The memory of the module."""
        found = self.main["memory"]
        assert isinstance(found, wasmtime.Memory)
        return found

    def words(self, address: int, count: int) -> tuple[int, ...]:
        """Words of memory."""
        return struct.unpack(f"<{count}I", self.memory.read(self.store, address, address + 4 * count))

    def write(self, address: int, data: bytes) -> int:
        """Write to memory, and return where."""
        self.memory.write(self.store, data, address)
        return address

    def string(self, address: int, text: str) -> int:
        """A string object at an address."""
        data = text.encode("utf-16-le", "surrogatepass")
        self.write(address - 8, struct.pack("<2I", STRING_ID, len(data)))
        return self.write(address, data)

    def text(self, ptr: int) -> str:
        """The text of a string object."""
        rt_id, size = self.words(ptr - 8, 2)
        assert rt_id == STRING_ID
        return bytes(self.memory.read(self.store, ptr, ptr + size)).decode("utf-16-le")

    def make(self, count: int, size: int = 24) -> int:
        """A new map."""
        return int(self.call("make", SLOT, SPARE, MAP_ID, size, count))


# --- text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key", "value"), [("map_string_i32", TEXT, Storage("i32")), ("set_f64", Storage("f64"), None)]
)
def test_text(name: str, key: Storage, value: Storage | None) -> None:
    """The text is, to the letter, what somebody has read."""
    glue = map_glue(key, value)
    assert str(glue) == (GOLDEN / f"{name}.wat").read_text(encoding="utf-8")
    assert glue.imports == ["memory", "__new", "__link", "__pin"]
    assert glue.slots == set(TEMPORARIES)


@pytest.mark.parametrize("key", STORAGES, ids=str)
def test_every_type_assembles(key: Storage) -> None:
    """Functions of the promised types come of every key and value, in lines that can be read."""
    for value in (*STORAGES, None):
        Linked(key, value)
        by_key, given = (["i32", *[each.wasm for each in parts if each]] for parts in ((key,), (key, value)))
        types = map_glue(key, value).defined
        assert {name: (list(type_.params), len(type_.results)) for name, type_ in types.items()} == {
            **dict.fromkeys(("find", "delete", "remove"), (by_key, 1)),
            **({} if value is None else {"get": (by_key, 2), "insert": (given, 2), "pop": (by_key, 2)}),
            "add" if value is None else "set": (given, 0),
            "clear": (["i32"], 0),
            "make": (["i32"] * 5, 1),
            "fill": (["i32"] * (4 if value is None else 6), 0),
            "first": (["i32"] * 2, 1),
            "last": (["i32"], 1),
            "take": (["i32"] * (2 + compute_entry_layout(key, value).stride // 4), 1),
        }
        assert max(map(len, str(map_glue(key, value)).splitlines())) <= 120


def test_compiled_members_replace_code() -> None:
    """What the module exports is called, its result dropped where nobody needs it, and what that needs is left out."""
    compiled = {"set": "M#set", "delete": "M#delete", "clear": "M#clear"}
    text = str(map_glue(TEXT, Storage("i32"), **compiled))
    to_binary(text)
    assert (
        """
  (func $set (param $map i32) (param $key i32) (param $value i32)
    (drop (call $module.M#set (local.get $map) (local.get $key) (local.get $value))))
  (func $delete (param $map i32) (param $key i32) (result i32)
    (call $module.M#delete (local.get $map) (local.get $key)))
  (func $clear (param $map i32)
    (call $module.M#clear (local.get $map)))
"""
        in text
    )
    assert not any(f"(func ${name} " in text for name in ("renew", "settle", "rehash", "reserve", "is_sparse", "link"))
    for kind in (Storage("f64"), Storage("i64")):  # the exports are of other types
        other = str(map_glue(kind, Storage("i32"), **compiled))
        assert "M#set" not in other
        assert "M#delete" not in other
        assert "M#clear" in other


# --- hashes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "key", "expected"),
    [
        ("i8", -1, 0xE4E7F856),
        ("i8", 1, 0x32301292),
        ("u8", 255, 0x84A1480C),
        ("u8", 1, 0x32301292),
        ("i16", -1, 0xB55B0E8E),
        ("u16", 65535, 0x144D3FD8),
        ("i32", -1, 0x04079E5F),
        ("i32", 1, 0xF3BB7693),
        ("u32", 1, 0xF3BB7693),
        ("i64", -1, 0xC182C6D9),
        ("i64", 1, 0x08ED6331),
        ("u64", 4294967296, 0xDA0A0754),
        ("f32", 0.0, 0x08D6D969),
        ("f32", -0.0, 0x59FBD9C1),
        ("f32", 0.5, 0x9BE456DF),
        ("f64", 0.0, 0xDEB39513),
        ("f64", -0.0, 0x1CCC7DDB),
        ("f64", 0.5, 0x7418A721),
    ],
)
def test_hashes_of_numbers(view: str, key: float, expected: int) -> None:
    """The hashes that AssemblyScript's own function gave."""
    assert Linked(Storage(view), None).call("hash", key) % 2**32 == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, 0),
        ("", 0x02CC5D05),
        ("a", 0x19832F52),
        ("ab", 0xC6233682),
        ("grün", 0xA1CADC2C),
        ("seven.7", 0xD9763EDC),
        ("eight..8", 0xAED667B4),
        ("sixteen bytes and more", 0xCA8A6B1F),
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0xE9CFFF1B),
    ],
)
def test_hashes_of_texts(text: str | None, expected: int) -> None:
    """A string has the xxHash32 of its UTF-16 bytes, null has 0."""
    linked = Linked(TEXT, None)
    ptr = linked.string(1024, text) if text is not None else 0
    assert linked.call("hash", ptr) % 2**32 == expected


def test_half_a_unit_does_not_count() -> None:
    """A string of an odd number of bytes, which no module should have, is one of its whole units."""
    linked = Linked(TEXT, None)
    ptr = linked.make(4)
    odd = linked.string(1024, "abcdefghi")
    linked.write(odd - 4, struct.pack("<I", 17))
    linked.call("add", ptr, odd)
    assert linked.call("find", ptr, linked.string(2048, "abcdefgh"))
    assert not linked.call("find", ptr, linked.string(3072, "abcdefghi"))


def test_hashes_of_references() -> None:
    """A reference has the hash of its address."""
    assert Linked(OBJECT, None).call("hash", 4096) == Linked(Storage("u32"), None).call("hash", 4096)


# --- layout --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("i8", None, EntryLayout(4, 4, 8)),
        ("f64", None, EntryLayout(8, 8, 16)),
        ("i8", "i8", EntryLayout(1, 4, 8)),
        ("i8", "u16", EntryLayout(2, 4, 8)),
        ("u8", "f64", EntryLayout(8, 16, 24)),
        ("f64", "i8", EntryLayout(8, 12, 16)),
        ("u32", "u32", EntryLayout(4, 8, 12)),
    ],
)
def test_entry_layout(key: str, value: str | None, expected: EntryLayout) -> None:
    """Each part lies at the next multiple of its size, and an entry at one of the largest, an address at least."""
    assert compute_entry_layout(Storage(key), None if value is None else Storage(value)) == expected


# --- what it does --------------------------------------------------------------------------------------------


def test_a_new_map_is_held_pinned_and_empty() -> None:
    """`make` leaves the map in its slot, pinned, all zero beyond its fields, and the spare slot free."""
    linked = Linked(TEXT, Storage("f64"))
    ptr = linked.make(22, size=32)
    buckets, mask, entries, capacity, offset, count, *more = linked.words(ptr, 8)
    assert (mask, capacity, offset, count, more) == (15, 42, 0, 0, [0, 0])
    assert linked.words(ptr - 8, 2) == (MAP_ID, 32)
    assert linked.words(buckets - 8, 2 + 16) == (BUFFER_ID, 64, *[0] * 16)
    assert linked.words(entries - 8, 2 + 42 * 6) == (BUFFER_ID, 42 * 24, *[0] * 42 * 6)
    assert linked.words(4 * SLOT, 2) == (ptr, 0)
    assert linked.get("pinned") == ptr
    assert linked.get("linked") == 0, "a new map needs no barrier"


def test_keys_are_found_by_value() -> None:
    """NaN is never found; strings are by their text, null among them; other references by address."""
    floats = Linked(Storage("f64"), None)
    ptr = floats.make(4)
    for key in (float("nan"), 0.5):
        floats.call("add", ptr, key)
    assert floats.call("find", ptr, 0.5)
    assert not floats.call("find", ptr, float("nan"))
    texts = Linked(TEXT, Storage("i32"))
    ptr = texts.make(4)
    texts.call("set", ptr, texts.string(1024, "one"), 1)
    texts.call("set", ptr, 0, 2)
    found = [texts.call("find", ptr, key) for key in (texts.string(2048, "one"), 0, texts.string(3072, "two"))]
    assert [texts.words(entry + 4, 1)[0] if entry else None for entry in found] == [1, 2, None]
    objects = Linked(OBJECT, None)
    ptr = objects.make(4)
    objects.call("add", ptr, 1024)
    assert objects.call("find", ptr, 1024)
    assert not objects.call("find", ptr, 2048)


def test_small_integers_travel_extended() -> None:
    """Negative keys and values are written in their size, and found again."""
    linked = Linked(Storage("i8"), Storage("i16"))
    ptr = linked.make(4)
    linked.call("set", ptr, -2, -300)
    entry = linked.call("find", ptr, -2)
    assert linked.memory.read(linked.store, entry, entry + 8) == struct.pack("<bxhI", -2, -300, 0)
    assert linked.call("delete", ptr, -2) == 1
    assert linked.call("delete", ptr, -2) == 0
    assert linked.words(ptr + 16, 2) == (1, 0)


def test_filling_with_texts() -> None:
    """Columns of texts become strings; 0xFFFFFFFF is null, and takes no text."""
    linked = Linked(TEXT, TEXT)
    ptr = linked.make(4)
    keys = linked.write(1024, struct.pack("<4I", 2, 0xFFFFFFFF, 4, 0))
    values = linked.write(1056, struct.pack("<4I", 0xFFFFFFFF, 2, 2, 2))
    texts = linked.write(1088, "abc".encode("utf-16-le")), linked.write(1120, "xyz".encode("utf-16-le"))
    linked.call("fill", ptr, 4, keys, texts[0], values, texts[1])
    entries, offset = linked.words(ptr + 8, 1)[0], linked.words(ptr + 16, 1)[0]
    pairs = [linked.words(entries + 12 * index, 2) for index in range(offset)]
    assert [tuple(each and linked.text(each) for each in pair) for pair in pairs] == [
        ("a", 0),
        (0, "x"),
        ("bc", "y"),
        ("", "z"),
    ]
    assert linked.words(4 * TEMPORARIES[0], 2) == (0, 0)
    assert linked.get("linked") == 0, "a pinned map needs no barrier"


def test_new_references_pass_the_barrier() -> None:
    """The collector learns of new keys, values and buffers, and of nothing else."""
    linked = Linked(TEXT, OBJECT)
    ptr = linked.make(4)
    key, other = linked.string(1024, "one"), linked.string(2048, "two")
    for name, arguments, expected in (
        ("set", (key, 512), 2),
        ("set", (key, 512), 1),
        ("set", (other, 512), 2),
        ("delete", (key,), 0),
        ("clear", (), 2),
    ):
        before = linked.get("linked")
        linked.call(name, ptr, *arguments)
        assert linked.get("linked") - before == expected
    assert linked.words(ptr + 4, 1) + linked.words(ptr + 12, 3) == (3, 4, 0, 0)
    assert linked.words(4 * TEMPORARIES[0], 2) == (0, 0)
