"""A module that looks as if asc had made it and does whatever it is told: any pointer, any memory."""

# mypy: disable-error-code="empty-body"

import contextlib
import enum
import functools
import struct
from collections.abc import Callable, Sequence
from typing import Any

import wasmtime

from wasmbind import AscClass, AscModule, WasmbindError, i32, string, u32

PAGE = 1 << 16
#: Where the type table lies, and a place for one object with its header before it and room behind.
TABLE, OBJECT = 64, 8192
OBJECT_ID, BUFFER, STRING, VIEW, NUMBERS, FIXED, NODE, TEXTS, TYPED, LISTS = range(10)
#: The flags of those classes as asc 0.28 writes them.
FLAGS = (0x20, 0x20, 0x20, 0, 0x902, 0x924, 0, 0x4102, 0x901, 0x4102)

_TEXT = """(module
  {imports}
  (memory (export "memory") 1)
  (data (i32.const {table}) "{rtti}")
  (global $mode (export "mode") (mut i32) (i32.const 0))
  (global $top (mut i32) (i32.const 16384))
  (func $allocate (param $size i32) (param $id i32) (result i32)
    (local $ptr i32)
    (local.set $ptr (i32.add (global.get $top) (i32.const 32)))
    (global.set $top (i32.and (i32.add (i32.add (local.get $ptr) (local.get $size)) (i32.const 15)) (i32.const -16)))
    (drop (memory.grow (i32.sub
      (i32.shr_u (i32.add (global.get $top) (i32.const 65535)) (i32.const 16)) (memory.size))))
    (i32.store (i32.sub (local.get $ptr) (i32.const 8)) (local.get $id))
    (i32.store (i32.sub (local.get $ptr) (i32.const 4)) (local.get $size))
    (local.get $ptr))
  (func (export "give_text") (param i32) (result i32) (local.get 0))
  (func (export "give_maybe") (param i32) (result i32) (local.get 0))
  (func (export "give_node") (param i32) (result i32) (local.get 0))
  (func (export "give_numbers") (param i32) (result i32) (local.get 0))
  (func (export "give_texts") (param i32) (result i32) (local.get 0))
  (func (export "give_lists") (param i32) (result i32) (local.get 0))
  (func (export "give_color") (param i32) (result i32) (local.get 0))
  (func (export "take_text") (param i32) (result i32) (local.get 0))
  (func (export "take_texts") (param i32) (result i32) (local.get 0))
  (func (export "take_numbers") (param i32) (result i32) (local.get 0))
  (func (export "poke") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  {runtime})
"""
_RUNTIME = """
  (global (export "__rtti_base") i32 (i32.const {base}))
  (func (export "__new") (param $size i32) (param $id i32) (result i32)
    (if (i32.eqz (global.get $mode)) (then (return (call $allocate (local.get $size) (local.get $id)))))
    (if (i32.eq (global.get $mode) (i32.const 7)) (then unreachable))
    (global.get $mode))
  (func (export "__pin") (param i32) (result i32) (local.get 0))
  (func (export "__unpin") (param i32))
  (func (export "__collect"))"""


def type_table(flags: Sequence[int] = FLAGS, count: int | None = None) -> list[int]:
    """The words of a type table."""
    return [len(flags) if count is None else count, *flags]


def as_data(words: Sequence[int]) -> str:
    """Words as a string of WebAssembly text."""
    return "".join(f"\\{byte:02x}" for word in words for byte in struct.pack("<I", word & 0xFFFFFFFF))


def hostile_binary(
    *, base: int = TABLE, table: Sequence[int] | None = None, imports: str = "", runtime: str = _RUNTIME
) -> bytes:
    """The module, with parts of it replaced."""
    data = as_data(type_table() if table is None else table)
    runtime = runtime.replace("{base}", str(base))
    text = _TEXT.format(imports=imports, table=TABLE, rtti=data, runtime=runtime)
    return bytes(wasmtime.wat2wasm(text))


#: The exports of the runtime, by name.
RUNTIME = {
    "__rtti_base": '(global (export "__rtti_base") i32 (i32.const 64))',
    "__new": '(func (export "__new") (param i32 i32) (result i32) (call $allocate (local.get 0) (local.get 1)))',
    "__pin": '(func (export "__pin") (param i32) (result i32) (local.get 0))',
    "__unpin": '(func (export "__unpin") (param i32))',
    "__collect": '(func (export "__collect"))',
}


class Node(AscClass):
    number: i32
    name: string
    next: "Node | None"
    texts: list[string]


class Color(enum.IntEnum):
    Red = 0
    Green = 5


NODE_SIZE = 16


@functools.cache
def hostile_class(binary: bytes) -> Any:
    """The declarations for a binary."""

    class Hostile(AscModule, wasm=binary):
        mode: i32

        def give_text(self, ptr: u32) -> string: ...
        def give_maybe(self, ptr: u32) -> string | None: ...
        def give_node(self, ptr: u32) -> Node: ...
        def give_numbers(self, ptr: u32) -> list[i32]: ...
        def give_texts(self, ptr: u32) -> list[string]: ...
        def give_lists(self, ptr: u32) -> list[list[i32]]: ...
        def give_color(self, ptr: u32) -> Color: ...
        def take_text(self, text: string) -> u32: ...
        def take_texts(self, texts: list[string]) -> u32: ...
        def take_numbers(self, numbers: list[i32]) -> u32: ...
        def poke(self, address: u32, value: u32) -> None: ...

    return Hostile


GIVERS = ("give_text", "give_maybe", "give_node", "give_numbers", "give_texts", "give_lists")


def start(**parts: Any) -> Any:
    """A new instance."""
    return hostile_class(hostile_binary(**parts))()


def put_object(module: Any, rt_id: int, rt_size: int, *words: int, at: int = OBJECT) -> int:
    """Write an object with its header; its address."""
    for address, word in enumerate((rt_id, rt_size, *words), (at >> 2) - 2):
        module.poke(4 * address, word & 0xFFFFFFFF)
    return at


def assign(node: Node) -> None:
    """Write the fields of an object."""
    node.number, node.name, node.next, node.texts = 1, "x", node, ["x", "y"]


def use_everything(module: Any) -> int:
    """Do what allocates, stores and calls back; the number of typed errors."""
    errors = 0
    node: Node | None = None
    with contextlib.suppress(WasmbindError):
        node = module.give_node(put_object(module, NODE, NODE_SIZE, 1, 0, OBJECT, 0))
    uses: list[Callable[[], object]] = [
        lambda: module.take_text("x"),
        lambda: module.take_text("x" * 5_000),
        lambda: module.take_numbers([1, 2, 3]),
        lambda: module.take_numbers([]),
        lambda: module.take_texts(["a", "b" * 2_000]),
        functools.partial(assign, node) if node is not None else list,
        lambda: [module.give_node(OBJECT) for _ in range(50)],
        module.runtime.collect,
        lambda: module.mode,
    ]
    for use in uses:
        try:
            use()
        except WasmbindError:
            errors += 1
    return errors


def attempt(binary: bytes) -> type[WasmbindError] | None:
    """Bind a binary, start it and use everything; the kind of error that the start ended with."""
    try:
        module = hostile_class(binary)()
    except WasmbindError as error:
        return type(error)
    use_everything(module)
    return None
