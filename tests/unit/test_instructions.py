"""The decoder of instructions."""

from contextlib import suppress

import pytest
import wasmtime
from hypothesis import given
from hypothesis import strategies as st

from tests.compiling import Compiler, compile_asc
from wasmbind._schema import instructions as i
from wasmbind._schema.bodies import Bodies
from wasmbind._schema.format import BinaryFormatError
from wasmbind._schema.instructions import instructions

SOURCE = """
export function text(n: i32): string { return n.toString() + (n > 3 ? "a" : "b"); }
export function f(a: f64, b: f32): i64 { return <i64>(Math.pow(a, 3) + b) + 1234567890123; }
export function pick(n: i32): i32 {
  switch (n) { case 0: return 3; case 1: return 8; case 2: return 9; default: return 1; }
}
export function copy(n: i32): void { memory.copy(n, 16, 8); memory.fill(n, 16, 8); memory.grow(memory.size()); }
export function sum(items: i32[]): i32 { return items.reduce((a, b) => a + b, 0); }
"""
#: One instruction of each form of immediates, with what follows its opcode there.
EVERY_FORM = """(module (memory 1) (table 4 funcref) (global $g (mut i64) (i64.const 0)) (data $d "abc")
  (elem $e func $f)
  (type $t (func (param i32) (result i32)))
  (func $f (type $t) (local v128) (local f32 f64)
    (block $a (block $b (br_table $a $b $a (local.get 0)))) (global.set $g (i64.const -5)) (drop (f32.const 1))
    (drop (f64.const 1e300)) (drop (select (result i32) (i32.const 1) (i32.const 2) (local.get 0))) (drop
    (i64.load offset=70000 (i32.const 16))) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop
    $d) (table.init $e (i32.const 0) (i32.const 0) (i32.const 0)) (elem.drop $e) (table.copy (i32.const 0)
    (i32.const 0) (i32.const 0)) (drop (table.size)) (drop (table.grow (ref.null func) (i32.const 0))) (table.fill
    (i32.const 0) (ref.func $f) (i32.const 0)) (table.set (i32.const 0) (table.get (i32.const 0))) (drop
    (i32.trunc_sat_f64_u (f64.const 3))) (local.set 1 (v128.const i32x4 1 2 3 4)) (drop (i8x16.shuffle 0 1 2 3 4 5
    6 7 8 9 10 11 12 13 14 15 (local.get 1) (local.get 1))) (drop (i32x4.extract_lane 3 (local.get 1))) (drop
    (v128.load8_lane offset=9 3 (i32.const 0) (local.get 1))) (drop (v128.load32_zero offset=9 (i32.const 0)))
    (drop (i32x4.add (local.get 1) (local.get 1))) (drop (i32.atomic.rmw.add offset=8 (i32.const 0) (i32.const
    0))) (atomic.fence) (if (local.get 0) (then (nop)) (else (return_call $f (local.get 0)))) (drop (call_indirect
    (type $t) (i32.const 7) (i32.const 1)))
    (i32.const 42)) (export "f" (func $f)))"""


def test_every_form_of_immediates() -> None:
    """What follows an opcode is skipped by its exact length, so that the last instructions are what was written."""
    code = Bodies(bytes(wasmtime.wat2wasm(EVERY_FORM))).code(0)
    found = list(instructions(code))
    assert found[-6:] == [
        (i.I32_CONST, 7),
        (i.I32_CONST, 1),
        (i.CALL_INDIRECT, 0),
        (0x1A, 0),
        (i.I32_CONST, 42),
        (i.END, 0),
    ]
    assert (0x29, 70000) in found
    assert (0x42, -5) in found


@pytest.mark.parametrize("options", [(), ("-O3",), ("-Oz",)], ids=" ".join)
@pytest.mark.parametrize("compiler", ["0.10", "0.17", "classic", "modern"])
def test_compiled(compiler: Compiler, options: tuple[str, ...]) -> None:
    """All code of every compiler is read to the last `end`, with as many blocks begun as ended."""
    bodies = Bodies(compile_asc(SOURCE, *options, compiler=compiler).read_bytes())
    for code in filter(None, map(bodies.code, range(bodies.count))):
        found = list(instructions(code))
        begun = sum(each.opcode in (0x02, 0x03, 0x04) for each in found)
        assert (found[-1], sum(each.opcode == i.END for each in found)) == ((i.END, 0), begun + 1)


@given(st.binary(max_size=40))
def test_garbage(code: bytes) -> None:
    """What is no code ends in an error that says so."""
    with suppress(BinaryFormatError):
        assert all(found.opcode < 0x100 for found in instructions(code))
