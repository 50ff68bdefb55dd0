"""The glue: its text, that it assembles, that it quotes any name, and what its functions do."""

from typing import Any

import wasmtime

from wasmbind._glue import (
    Glue,
    GlueFunction,
    GlueGlobal,
)
from wasmbind._layout import COMPARTMENT, COMPARTMENTS
from wasmbind._schema.binary import read_binary
from wasmbind._schema.model import FunctionType
from wasmbind._wat import to_binary

# A module like those of asc: what "__new" gives is full of garbage, and functions tell what they were called with.
MODULE = """(module
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (global $length (export "length") (mut i32) (i32.const -1))
  (global $seen (export "seen") (mut i32) (i32.const -1))
  (global (export "counter") (mut i32) (i32.const 3))
  (global (export "LIMIT") f64 (f64.const 2.5))
  (func (export "__new") (param i32 i32) (result i32) (local $ptr i32)
    (local.set $ptr (i32.add (global.get $next) (i32.const 16)))
    (global.set $next (i32.and (i32.add (i32.add (local.get $ptr) (local.get 0)) (i32.const 15)) (i32.const -16)))
    (i32.store (i32.sub (local.get $ptr) (i32.const 8)) (local.get 1))
    (i32.store (i32.sub (local.get $ptr) (i32.const 4)) (local.get 0))
    (memory.fill (local.get $ptr) (i32.const 0xaa) (local.get 0))
    (local.get $ptr))
  (func (export "__pin") (param i32) (result i32) (local.get 0))
  (func (export "__unpin") (param i32))
  (func (export "__setArgumentsLength") (param i32) (global.set $length (local.get 0)))
  (func (export "add") (param i32 f64) (result i32) (local.get 0))
  (func (export "join") (param i32 i32 i32) (result i32) (global.set $seen (local.get 1)) (local.get 2))
  (func (export "A#m") (param i32) (result i32) (i32.const 10))
  (func (export "B#m") (param i32) (result i32) (i32.const 20))
  (func (export "C#m") (param i32) (result i32) (i32.const 30)))"""
BINARY = read_binary(bytes(wasmtime.wat2wasm(MODULE)))

EVERYTHING = """(module $wasmbind
  (import "module" "memory" (memory 0))
  (import "module" "counter" (global $module.counter (mut i32)))
  (import "module" "LIMIT" (global $module.LIMIT f64))
  (import "module" "__setArgumentsLength" (func $module.__setArgumentsLength (param i32)))
  (import "module" "add" (func $module.add (param i32 f64) (result i32)))
  (import "module" "__new" (func $module.__new (param i32 i32) (result i32)))
  (import "module" "join" (func $module.join (param i32 i32 i32) (result i32)))
  (import "module" "A#m" (func $module.A#m (param i32) (result i32)))
  (import "module" "B#m" (func $module.B#m (param i32) (result i32)))
  (global $slot_0 (export "slot_0") (mut i32) (i32.const 0))
  (global $slot_1 (export "slot_1") (mut i32) (i32.const 0))
  (global $slot_3 (export "slot_3") (mut i32) (i32.const 0))
  (global $staging (export "staging") (mut i32) (i32.const 0))
  (func (export "get_c") (result i32) (i32.store (i32.shl (global.get $slot_0) (i32.const 2)) (global.get $module.counter)) (global.get $module.counter))
  (func (export "set_c") (param $value i32) (global.set $module.counter (local.get $value)))
  (func (export "get_l") (result f64) (global.get $module.LIMIT))
  (func (export "link_add") (param $p0 i32) (param $p1 f64) (result i32)
    (call $module.__setArgumentsLength (i32.const 2))
    (call $module.add (local.get $p0) (local.get $p1)))
  (func (export "link_join") (param $count i32) (param $p0 i32) (param $p1 i32) (param $p2 i32) (result i32)
    (local $result i32)
    (local $staged i32) (local $size i32)
    (if (i32.and (local.get $p1) (i32.const 1)) (then
      (local.set $p1 (call $module.__new (local.tee $size (i32.sub (local.get $p1) (i32.const 1))) (i32.const 2)))
      (i32.store (i32.shl (global.get $slot_1) (i32.const 2)) (local.get $p1))
      (memory.copy (local.get $p1)
        (i32.add (global.get $staging) (i32.const 0)) (local.get $size))
      (local.set $staged (i32.or (local.get $staged) (i32.const 1)))))
    (if (i32.and (local.get $p2) (i32.const 1)) (then
      (local.set $p2 (call $module.__new (local.tee $size (i32.sub (local.get $p2) (i32.const 1))) (i32.const 2)))
      (i32.store (i32.shl (global.get $slot_3) (i32.const 2)) (local.get $p2))
      (memory.copy (local.get $p2)
        (i32.add (global.get $staging) (i32.const 1024)) (local.get $size))
      (local.set $staged (i32.or (local.get $staged) (i32.const 2)))))
    (call $module.__setArgumentsLength (local.get $count))
    (local.set $result (call $module.join (local.get $p0) (local.get $p1) (local.get $p2)))
    (i32.store (i32.shl (global.get $slot_0) (i32.const 2)) (local.get $result))
    (if (i32.and (local.get $staged) (i32.const 1))
      (then (i32.store (i32.shl (global.get $slot_1) (i32.const 2)) (i32.const 0))))
    (if (i32.and (local.get $staged) (i32.const 2))
      (then (i32.store (i32.shl (global.get $slot_3) (i32.const 2)) (i32.const 0))))
    (local.get $result))
  (func (export "link_m") (param $p0 i32) (result i32)
    (if (result i32) (i32.eq (i32.load (i32.sub (local.get $p0) (i32.const 8))) (i32.const 7))
      (then (call $module.B#m (local.get $p0)))
      (else (call $module.A#m (local.get $p0)))))
)
"""  # noqa: E501 - the text itself


def typed(name: str) -> FunctionType:
    """The type of an export of the module above."""
    found = BINARY.function(name)
    assert found is not None
    return found


def everything() -> Glue:
    """A glue with every kind of item."""
    glue = Glue(BINARY)
    glue.add_global(GlueGlobal("counter", "get_c", "set_c", "i32", holds=True))
    glue.add_global(GlueGlobal("LIMIT", "get_l", None, "f64"))
    glue.add_function(GlueFunction("add", "link_add", typed("add"), count=2), 2)
    staged = ((1, 1), (2, 3))
    glue.add_function(GlueFunction("join", "link_join", typed("join"), True, True, staged=staged), 2)
    glue.add_function(GlueFunction("A#m", "link_m", typed("A#m"), overrides={7: "B#m"}), 2)
    return glue


class Linked:
    """A glue linked to the module above, in a store of its own."""

    def __init__(self, glue: Glue, module: str = MODULE) -> None:
        self.store = wasmtime.Store()
        engine = self.store.engine
        main = wasmtime.Instance(self.store, wasmtime.Module(engine, module), [])
        self.main = main.exports(self.store)
        imports = [self.main[name] for name in glue.imports]
        linked = wasmtime.Instance(self.store, wasmtime.Module(engine, to_binary(str(glue))), imports)
        self.glue = linked.exports(self.store)

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

    def set(self, name: str, value: int) -> None:
        """Set a global of the glue."""
        found = self.glue[name]
        assert isinstance(found, wasmtime.Global)
        found.set_value(self.store, value)

    @property
    def memory(self) -> wasmtime.Memory:
        """The memory of the module."""
        found = self.main["memory"]
        assert isinstance(found, wasmtime.Memory)
        return found

    def word(self, address: int) -> int:
        """A u32 of memory."""
        return int.from_bytes(self.memory.read(self.store, address, address + 4), "little")


def test_text_of_everything() -> None:
    """The wrappers of globals and functions are, to the letter, what somebody has read."""
    glue = everything()
    assert str(glue) == EVERYTHING
    assert (glue.slots, glue.stages) == ({0, 1, 3}, True)
    assert str(everything()) == str(glue)


def test_two_results() -> None:
    """A function that the glue defines may have two results; the first is held, and both come out."""
    glue = Glue(BINARY)
    type_ = FunctionType(("i32", "i32"), ("i32", "i32"))
    text = "  (func $swap (param $a i32) (param $b i32) (result i32 i32) (local.get $b) (local.get $a))"
    glue.define_function("swap", type_, text)
    glue.add_function(GlueFunction("swap", "plain", type_), 2)
    glue.add_function(GlueFunction("swap", "held", type_, holds=True), 2)
    glue.add_function(GlueFunction("swap", "staged", type_, staged=((1, 1),)), 2)
    linked = Linked(glue)
    linked.set("slot_0", 50)
    linked.set("slot_1", 51)
    assert linked.call("plain", 3, 4) == [4, 3]
    assert linked.word(200) == 0
    assert linked.call("held", 3, 4) == [4, 3]
    assert linked.word(200) == 4
    made, other = linked.call("staged", 7, 9)
    assert (made & 1, other) == (0, 7)
    assert linked.word(204) == 0, "what was staged is let go of"


def test_glue_exports_what_it_promises() -> None:
    """The assembled glue exports each link with its type, and the globals it wants to be told."""
    binary = read_binary(to_binary(str(everything())))
    assert binary.function("link_add") == typed("add")
    assert binary.function("link_join") == FunctionType(("i32",) * 4, ("i32",))
    assert binary.function("get_l") == FunctionType((), ("f64",))
    assert binary.function("set_c") == FunctionType(("i32",), ())
    assert {name for name in binary.exports if binary.global_(name)} == {"slot_0", "slot_1", "slot_3", "staging"}


def test_counts_are_announced() -> None:
    """A fixed count is announced before the call, a given one passed on."""
    linked = Linked(everything())
    assert linked.call("link_add", 5, 1.0) == 5
    assert linked.get("length") == 2
    linked.call("link_join", 1, 0, 0, 0)
    assert linked.get("length") == 1


def test_results_are_held() -> None:
    """A result that is a reference stands in the result slot, and so does a global's."""
    linked = Linked(everything())
    linked.set("slot_0", 8)
    assert linked.call("link_join", 3, 0, 0, 4096) == 4096
    assert linked.word(32) == 4096
    assert linked.call("get_c") == 3
    assert linked.word(32) == 3
    linked.call("set_c", 9)
    assert linked.get("counter") == 9
    assert linked.call("get_l") == 2.5


def test_staged_text_becomes_a_string() -> None:
    """An odd argument is made a string of the staged text, held for the call, and let go; an even one is left."""
    linked = Linked(everything())
    linked.set("slot_1", 8)
    linked.set("slot_3", 9)
    linked.set("staging", 8192)
    linked.memory.write(linked.store, "grün".encode("utf-16-le"), 8192)
    linked.memory.write(linked.store, "x".encode("utf-16-le"), 8192 + COMPARTMENT)
    second = linked.call("link_join", 3, 0, 8 + 1, 2 + 1)
    first = linked.get("seen")
    assert (linked.word(first - 8), linked.word(first - 4)) == (2, 8)
    assert linked.memory.read(linked.store, first, first + 8).decode("utf-16-le") == "grün"
    assert linked.memory.read(linked.store, second, second + 2).decode("utf-16-le") == "x"
    assert (linked.word(32), linked.word(36)) == (0, 0)
    linked.memory.write(linked.store, b"\1\0\0\0", 32)
    assert linked.call("link_join", 3, 0, 640, 656) == 656
    assert (linked.get("seen"), linked.word(32)) == (640, 1)


def test_dispatch_on_the_run_time_id() -> None:
    """The override whose id the object has is called, else the declared export."""
    glue = Glue(BINARY)
    glue.add_function(GlueFunction("A#m", "m", typed("A#m"), overrides={7: "B#m", 9: "C#m"}), 2)
    linked = Linked(glue)
    for rt_id, expected in [(7, 20), (9, 30), (8, 10), (0, 10)]:
        linked.memory.write(linked.store, bytes([rt_id, 0, 0, 0]), 92)
        assert linked.call("m", 100) == expected


def test_as_many_compartments_as_bits() -> None:
    """Every compartment has a bit of its own in an i32."""
    assert COMPARTMENTS <= 31
    assert COMPARTMENT % 2 == 0
