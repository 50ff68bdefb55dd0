"""How opaque values cross: the text of the glue, and what its functions do."""

import wasmtime

from wasmbind._glue import Glue, GlueFunction, GlueGlobal
from wasmbind._handles import NO_HANDLE
from wasmbind._host_glue import host_glue
from wasmbind._opaque_glue import FIRST_PLACE, TAG, TURNS
from wasmbind._schema.binary import read_binary
from wasmbind._schema.model import FunctionType
from wasmbind._wat import to_binary

MODULE = """(module
  (global $kept (export "kept") (mut externref) (ref.null extern))
  (global (export "wide") (mut i64) (i64.const 0))
  (func (export "same") (param i32 externref i64) (result externref) (local.get 1))
  (func (export "number") (param externref i64) (result i64) (local.get 1)))"""
BINARY = read_binary(bytes(wasmtime.wat2wasm(MODULE)))
TEXT = """(module $wasmbind
  (import "module" "kept" (global $module.kept (mut externref)))
  (import "module" "wide" (global $module.wide (mut i64)))
  (import "module" "same" (func $module.same (param i32 externref i64) (result externref)))
  (import "module" "number" (func $module.number (param externref i64) (result i64)))
  (import "host" "refs" (table $refs 65 externref))
  (import "host" "ref" (global $ref (mut i32)))
  (func $push (param $value externref) (result i32)
    (if (ref.is_null (local.get $value)) (then (return (i32.const 0))))
    (global.set $ref (i32.add (global.get $ref) (i32.const 1)))
    (table.set $refs (i32.add (i32.and (global.get $ref) (i32.const 63)) (i32.const 1))
      (local.get $value))
    (i32.or (global.get $ref) (i32.const -2147483648)))
  (func $narrow (param $value i64) (result i32)
    (if (i64.gt_u (local.get $value) (i64.const 2147483647))
      (then (return (i32.const 2147483647))))
    (i32.wrap_i64 (local.get $value)))
  (func (export "get_kept") (result i32) (call $push (global.get $module.kept)))
  (func (export "set_kept") (param $value i32) (global.set $module.kept (table.get $refs (local.get $value))))
  (func (export "get_wide") (result i32) (call $narrow (global.get $module.wide)))
  (func (export "set_wide") (param $value i32) (global.set $module.wide (i64.extend_i32_u (local.get $value))))
  (func (export "same") (param $p0 i32) (param $p1 i32) (param $p2 i32) (result i32)
    (call $push (call $module.same (local.get $p0)\
 (table.get $refs (local.get $p1)) (i64.extend_i32_u (local.get $p2)))))
  (func (export "number") (param $p0 i32) (param $p1 i64) (result i32)
    (call $narrow (call $module.number (table.get $refs (local.get $p0)) (local.get $p1))))
)
"""


def build() -> Glue:
    """The glue of the module."""
    glue = Glue(BINARY)
    glue.add_global(GlueGlobal("kept", "get_kept", "set_kept", "i32"))
    glue.add_global(GlueGlobal("wide", "get_wide", "set_wide", "i32"))
    for name, given in [
        ("same", FunctionType(("i32", "i32", "i32"), ("i32",))),
        ("number", FunctionType(("i32", "i64"), ("i32",))),
    ]:
        type_ = BINARY.function(name)
        assert type_ is not None
        glue.add_function(GlueFunction(name, name, type_, given=given), 0)
    return glue


def test_text() -> None:
    """Opaque values are converted at their places, and nothing else is."""
    assert str(build()) == TEXT
    plain = Glue(BINARY)
    type_ = BINARY.function("same")
    assert type_ is not None
    plain.add_function(GlueFunction("same", "same", type_), 0)
    assert "$refs" not in str(plain)
    assert not plain.uses_refs


def test_behaviour() -> None:
    """References are counted as they come and found at their turn; null is 0; wide numbers are no handles."""
    store = wasmtime.Store()
    host = wasmtime.Instance(store, wasmtime.Module(store.engine, to_binary(host_glue({}))), []).exports(store)
    module = wasmtime.Instance(store, wasmtime.Module(store.engine, to_binary(MODULE)), [])
    glue = build()
    externs = [module.exports(store)[name] for name in glue.imports] + [host["refs"], host["ref"]]
    found = wasmtime.Instance(store, wasmtime.Module(store.engine, to_binary(str(glue))), externs).exports(store)
    refs, same, number = host["refs"], found["same"], found["number"]
    assert isinstance(refs, wasmtime.Table)
    assert isinstance(same, wasmtime.Func)
    assert isinstance(number, wasmtime.Func)
    assert refs.size(store) == FIRST_PLACE
    assert refs.grow(store, 1, "the object") == FIRST_PLACE
    for turn in range(1, 2 * TURNS):
        raw = same(store, 0, FIRST_PLACE, 7) & 0xFFFFFFFF
        assert raw == TAG | turn
        assert refs.get(store, 1 + turn % TURNS) == "the object"
    assert same(store, 0, 0, 7) == 0
    assert refs.get(store, FIRST_PLACE) == "the object"
    for value, expected in [
        (0, 0),
        (5, 5),
        (NO_HANDLE - 1, NO_HANDLE - 1),
        (NO_HANDLE, NO_HANDLE),
        (1 << 31, NO_HANDLE),
        ((1 << 32) + 5, NO_HANDLE),
        (-1, NO_HANDLE),
        (-(1 << 63), NO_HANDLE),
    ]:
        assert number(store, 0, value) == expected
