"""The adaptor of binaries that count references, linked to a module that takes down what it is asked to count."""

import struct
from typing import Any

import pytest
import wasmtime

from wasmbind._adaptor_glue import (
    KEEP,
    MOST_PINS,
    OWE,
    OWED,
    RELIEVE,
    RESULT,
    SLOTS,
    SLOTS_HEADER,
    SYNC,
    VIRTUAL,
    adapted,
    adaptor,
    adaptor_imports,
    is_adapted,
)
from wasmbind._schema.binary import read_binary
from wasmbind._schema.model import Binary
from wasmbind._wat import to_binary

BLOCK = 4096
"""Where the root slots lie."""
COUNT = 64

#: The type table lies at 64: Array of references has id 3, StaticArray of them 4, Array of i32 5.
MODULE = """(module
  (memory (export "memory") 1)
  (global (export "__rtti_base") i32 (i32.const 64))
  (data (i32.const 64) "{table}")
  (global $next (mut i32) (i32.const 8192))
  (func (export "{allocate}") (param $size i32) (param $id i32) (result i32)
    (global.set $next (i32.add (global.get $next) (i32.const 64)))
    (i32.store (i32.sub (global.get $next) (i32.const 8)) (local.get $id))
    (i32.store (i32.sub (global.get $next) (i32.const 4)) (local.get $size))
    (memory.fill (global.get $next) (i32.const 0xab) (local.get $size))
    (global.get $next))
  ;; An object's count is 16 bytes before it.
  (global $spare (export "spare") (mut i32) (i32.const 0))
  (func (export "__retain") (param $object i32) (result i32)
    {retained}
    (i32.store (i32.sub (local.get $object) (i32.const 16))
      (i32.add (i32.load (i32.sub (local.get $object) (i32.const 16))) (i32.const 1)))
    (local.get $object))
  (func (export "__release") (param $object i32)
    (if (i32.eqz (i32.load (i32.sub (local.get $object) (i32.const 16)))) (then (unreachable)))
    (i32.store (i32.sub (local.get $object) (i32.const 16))
      (i32.sub (i32.load (i32.sub (local.get $object) (i32.const 16))) (i32.const 1))))
  {collect})"""
COLLECT = """(global $collections (export "collections") (mut i32) (i32.const 0))
  (func (export "__collect") (global.set $collections (i32.add (global.get $collections) (i32.const 1))))"""


def escaped(words: list[int]) -> str:
    """Words as they are written in WebAssembly text."""
    return "".join(f"\\{byte:02x}" for byte in struct.pack(f"<{len(words)}I", *words))


def module(*, allocate: str = "__new", lowered: bool = False, collects: bool = False, retained: str = "") -> bytes:
    """A binary to be adapted; `retained` runs whenever an object is counted."""
    managed = 0x4000 >> lowered
    first = 0x20 >> lowered
    flags = [first, first, first, 2 | managed, (0 if lowered else 4) | managed, 2]
    table = escaped([len(flags), *(word for each in flags for word in (each, 0))])
    text = MODULE.format(table=table, allocate=allocate, collect=COLLECT if collects else "", retained=retained)
    return bytes(wasmtime.wat2wasm(text))


class Linked:
    """A module with its adaptor."""

    def __init__(self, **options: Any) -> None:
        data = module(**options)
        self.binary: Binary = read_binary(data)
        self.store = wasmtime.Store()
        engine = self.store.engine
        self.exports = wasmtime.Instance(self.store, wasmtime.Module(engine, data), []).exports(self.store)
        none = wasmtime.Limits(2, 2)
        after = wasmtime.Table(self.store, wasmtime.TableType(wasmtime.ValType.funcref(), none), None)
        text = wasmtime.Module(engine, to_binary(adaptor(self.binary)))
        externs = [*(self.exports[name] for name in adaptor_imports(self.binary)), after]
        self.adaptor = wasmtime.Instance(self.store, text, externs).exports(self.store)
        self.memory: Any = self.exports["memory"]
        self.call(SLOTS, BLOCK, COUNT)

    def call(self, name: str, *arguments: int) -> Any:
        """Call a function of the adaptor."""
        function: Any = self.adaptor[name]
        return function(self.store, *arguments)

    def read(self, address: int) -> int:
        """A word of memory."""
        found: int = struct.unpack("<I", self.memory.read(self.store, address, address + 4))[0]
        return found

    def write(self, address: int, *words: int) -> None:
        """Store words."""
        self.memory.write(self.store, struct.pack(f"<{len(words)}I", *words), address)

    def hold(self, slot: int, ptr: int) -> None:
        """Store into a root slot."""
        self.write(BLOCK + SLOTS_HEADER + 4 * slot, ptr)

    def counts(self, *objects: int) -> list[int]:
        """How often objects are counted after a sync."""
        self.call(SYNC)
        return [self.read(each - 16) for each in objects]


@pytest.mark.parametrize("allocate", ["__new", "__alloc"])
def test_new_objects(allocate: str) -> None:
    """A new object is zeroed, counted until the next sync, and after that as long as a slot holds it."""
    linked = Linked(allocate=allocate)
    kept, dropped = linked.call("__new", 16, 5), linked.call("__new", 16, 5)
    assert [linked.read(each) for each in (kept, kept + 12)] == [0, 0]
    assert [linked.read(each - 16) for each in (kept, dropped)] == [1, 1]
    linked.hold(3, kept)
    assert linked.counts(kept, dropped) == [1, 0]
    assert linked.counts(kept) == [1]
    linked.hold(3, 0)
    assert linked.counts(kept) == [0]


def test_results_are_forgotten() -> None:
    """The word of the result is empty once anything of the module may run: what stands there is alive."""
    linked = Linked()
    linked.call(SYNC)
    linked.call(RESULT, 32)
    ptr = linked.call("__new", 8, 5)
    linked.write(32, ptr)
    assert linked.counts(ptr) == [0]
    assert linked.read(32) == 0


def test_slots_share_and_exchange() -> None:
    """Each slot counts once; what moves from one to another is not released on the way."""
    linked = Linked()
    first, second = linked.call("__new", 8, 5), linked.call("__new", 8, 5)
    for slot in (0, 1, COUNT - 1):
        linked.hold(slot, first)
    linked.hold(2, second)
    assert linked.counts(first, second) == [3, 1]
    linked.hold(0, second)
    linked.hold(2, first)
    assert linked.counts(first, second) == [3, 1]
    linked.hold(1, 0)
    linked.hold(5, first)
    linked.hold(COUNT - 1, 0)
    assert linked.counts(first, second) == [2, 1]


def test_many_owed_releases() -> None:
    """As many releases may be owed as there are objects."""
    linked = Linked()
    ptr = linked.call("__new", 8, 5)
    for _ in range(40_000):
        linked.call(KEEP, ptr)
        linked.call(OWE, ptr)
    linked.call(OWE, 0)
    linked.hold(0, ptr)
    assert linked.counts(ptr) == [1]


def test_relief() -> None:
    """What is owed is paid only if it is much."""
    linked = Linked()
    ptr = linked.call("__new", 8, 5)
    for _ in range(200):
        linked.call(KEEP, ptr)
        linked.call(OWE, ptr)
    linked.call(RELIEVE)
    assert (linked.call(OWED, ptr), linked.read(ptr - 16)) == (201, 201)
    for _ in range(100):
        linked.call(KEEP, ptr)
        linked.call(OWE, ptr)
    linked.call(RELIEVE)
    assert (linked.call(OWED, ptr), linked.read(ptr - 16)) == (0, 0)


def test_let_go_between_the_passes() -> None:
    """Another thread may let go of an object while slots are settled: its release is owed like any other."""
    linked = Linked(retained="(if (global.get $spare) (then (i32.store (global.get $spare) (i32.const 0))))")
    spare: Any = linked.exports["spare"]
    first, second = linked.call("__new", 8, 5), linked.call("__new", 8, 5)
    linked.hold(1, first)
    assert linked.counts(first) == [1]
    again = linked.call("__new", 8, 5)
    linked.call(SYNC)
    linked.call(KEEP, again)
    # Counting what slot 0 holds now, in the second pass, empties slot 1.
    spare.set_value(linked.store, BLOCK + SLOTS_HEADER + 4)
    linked.hold(0, again)
    assert linked.counts(again, second) == [2, 0]
    spare.set_value(linked.store, 0)
    assert linked.counts(first) == [0]


def test_too_many_pins() -> None:
    """Pinning one more than there is room for gives 0, and nothing else happens."""
    linked = Linked()
    ptr = linked.call("__new", 8, 5)
    assert {linked.call("__pin", ptr) for _ in range(MOST_PINS)} == {ptr}
    assert linked.call("__pin", ptr) == 0
    for _ in range(MOST_PINS + 1):
        linked.call("__unpin", ptr)
    assert linked.counts(ptr) == [0]


@pytest.mark.parametrize("lowered", [False, True])
def test_pinned_arrays(lowered: bool) -> None:
    """While an array is filled nothing is freed; its elements are counted once, when it is unpinned or before."""
    linked = Linked(lowered=lowered)
    array, buffer = linked.call("__new", 16, 3), linked.call("__new", 16, 0)
    linked.write(array, buffer, buffer, 16, 4)
    assert linked.call("__pin", array) == array
    children = [linked.call("__new", 8, 5) for _ in range(3)]
    linked.write(buffer, children[0], 0, children[1])
    assert linked.counts(array, *children) == [2, 2, 2, 1]
    assert linked.counts(array, *children) == [2, 2, 2, 1]
    linked.write(buffer + 12, children[2])
    linked.call("__unpin", array)
    linked.call("__unpin", array)  # again does nothing more
    assert linked.counts(array, *children) == [0, 1, 1, 1]


def test_pinned_static_arrays() -> None:
    """The elements of a StaticArray are its payload; arrays of numbers have nothing to count."""
    linked = Linked()
    static, child, plain = linked.call("__new", 8, 4), linked.call("__new", 8, 5), linked.call("__new", 16, 5)
    linked.write(static, child, 0)
    linked.write(plain, child, child, 16, 2)
    for each in (static, plain):
        linked.call("__pin", each)
    for each in (static, plain):
        linked.call("__unpin", each)
    assert linked.counts(child) == [1]


def test_collections() -> None:
    """A collection comes after a sync; where AssemblyScript never collects, it comes after many releases."""
    linked = Linked(collects=True)
    found: Any = linked.exports["collections"]
    ptr = linked.call("__new", 8, 5)
    linked.call("__collect")
    assert (linked.read(ptr - 16), found.value(linked.store)) == (0, 1)
    for releases, collections in (((1 << 14) - 10, 1), (20, 2)):
        for _ in range(releases):
            linked.call(KEEP, ptr)
            linked.call(OWE, ptr)
        assert linked.counts(ptr) == [0]
        assert found.value(linked.store) == collections
    without = Linked()
    without.call("__collect")
    assert "__collect" not in adaptor_imports(without.binary)


def test_what_is_adapted() -> None:
    """A binary that counts references and has all that it takes; others stay as they are."""
    found = adapted(read_binary(module()))
    assert is_adapted(found)
    assert {name: found.function(name) for name in VIRTUAL} == VIRTUAL
    for text in (
        "(module)",
        '(module (func (export "__retain") (param i32) (result i32) (local.get 0)))',
        MODULE.format(table="", allocate="__other", collect="", retained=""),
        MODULE.format(table="", allocate="__new", collect="", retained="").replace("__rtti_base", "base"),
        MODULE.format(table="", allocate="__new", collect='(func (export "__collect") (param i64))', retained=""),
        MODULE.format(table="", allocate="__new", collect='(func (export "__pin") (param i32))', retained=""),
    ):
        binary = read_binary(bytes(wasmtime.wat2wasm(text)))
        assert adapted(binary) is binary
        assert not is_adapted(binary)
