"""Which functions have optional parameters, as code tells."""

import pytest
import wasmtime
from hypothesis import given
from hypothesis import strategies as st

from tests.compiling import Compiler, compile_asc
from wasmbind._schema.optionals import required_arguments

SOURCE = """
export class A {
  constructor(public x: i32 = 5, y: i32 = 1) {}
  m(a: string, b: i32 = 3): i32 { return b; }
  static s(a: f64, b: i64 = 1): i32 { return 0; }
  plain(a: i32): i32 { return a; }
}
export function opt(a: i32, b: i32 = 7): i32 { return a + b; }
export function all(a: i32 = 1, b: f64 = 2): f64 { return b; }
export function texts(a: string, b: string = "x"): string { return a + b; }
export function none(a: i32, b: i32): i32 { return a * b; }
export function calls(a: i32): i32 { return opt(a) + opt(a, 2) + new A().x; }
"""
FUNCTIONS = {"opt": 1, "all": 0, "texts": 1}
MEMBERS = {"A#constructor": 0, "A#m": 1, "A.s": 1}


@pytest.mark.parametrize("options", [(), ("-O3",), ("-O3", "--noAssert"), ("-Oz",), ("--debug",)], ids=" ".join)
@pytest.mark.parametrize("compiler", ["0.10", "0.17", "classic", "oldest", "modern"])
def test_compiled(compiler: Compiler, options: tuple[str, ...]) -> None:
    """The stubs of every compiler are known, optimised or not, and nothing else is taken for one."""
    told = required_arguments(compile_asc(SOURCE, *options, compiler=compiler).read_bytes())
    found = {name: least for name, least in told.items() if not name.startswith("__")}  # which nobody asks for
    members = compiler in ("0.10", "0.17", "classic")
    assert found == (FUNCTIONS | MEMBERS if members else FUNCTIONS)


def many(number: int) -> str:
    """Functions with and without optional parameters, so many that their indices are numbers of all kinds."""
    return f"""
    export function o{number}(a: i32, b: string = "x{number}", c: i32 = {number}): string {{ return b + c.toString(); }}
    export function r{number}(a: i32, b: string): string {{ return o{number % 40}(a, b) + o{(number + 7) % 40}(a); }}
    export function p{number}(a: i32, b: f64): f64 {{ return <f64>a * b + {number}; }}"""


@pytest.mark.parametrize("options", [(), ("-O3",)], ids=" ".join)
@pytest.mark.parametrize("compiler", ["classic", "modern"])
def test_many_functions(compiler: Compiler, options: tuple[str, ...]) -> None:
    """No immediate is taken for the opcode of a call."""
    told = required_arguments(compile_asc("".join(map(many, range(40))), *options, compiler=compiler).read_bytes())
    found = {name: least for name, least in told.items() if not name.startswith("__")}
    assert found == {f"o{number}": 1 for number in range(40)}


def test_long_functions_are_read_once() -> None:
    """A binary decides how long its functions are, and how often they are called."""
    calls = "(call $long) " * 20_000
    source = f"""(module (global $n (mut i32) (i32.const 0))
      (func (export "__setArgumentsLength") (param i32) (global.set $n (local.get 0)))
      (func $long {"(drop (i32.const 9999999)) " * 20_000} (drop (global.get 1)))
      (global (mut i32) (i32.const 0)) (func (export "f") {calls}) (func (export "g") {calls}))"""
    assert required_arguments(bytes(wasmtime.wat2wasm(source))) == {}


@pytest.mark.parametrize(
    "body",
    ["(global.set 0 (i32.const 1))", "(global.set 0 (local.get 0)) (nop)", "(drop (local.get 0))"],
)
def test_no_setter(body: str) -> None:
    """A setter that does anything else tells nothing."""
    source = f"""(module (global (mut i32) (i32.const 0))
      (func (export "__setArgumentsLength") (param i32) {body})
      (func (export "f") (param i32) (drop (global.get 0))))"""
    assert required_arguments(bytes(wasmtime.wat2wasm(source))) == {}


def test_imported_functions_count() -> None:
    """Imports come before a module's own functions, and may be exported again."""
    source = """(module (import "env" "a" (func $a (param i32))) (import "env" "g" (global i32))
      (global $n (mut i32) (i32.const 0))
      (func (export "__setArgumentsLength") (param i32) (global.set $n (local.get 0)))
      (func (export "f") (param i32 i32) (drop (i32.sub (global.get $n) (i32.const 1))))
      (func (export "g") (param i32))
      (export "again" (func $a)))"""
    assert required_arguments(bytes(wasmtime.wat2wasm(source))) == {"f": 1}


def test_an_exported_global_tells() -> None:
    """Asc 0.9.0 has hosts set a global; who reads it looks how many arguments there are."""
    source = """(module (global $n (export "__argumentsLength") (mut i32) (i32.const 0))
      (func (export "f") (param i32 i32) (drop (i32.sub (global.get $n) (i32.const 1)))))"""
    assert required_arguments(bytes(wasmtime.wat2wasm(source))) == {"f": 1}


_BINARY = compile_asc(SOURCE, compiler="modern").read_bytes()


@given(st.binary(max_size=64), st.integers(0, len(_BINARY)), st.integers(0, 255))
def test_garbage(data: bytes, cut: int, byte: int) -> None:
    """What is broken tells nothing, and breaks nothing."""
    for given_data in (
        data,
        b"\0asm\1\0\0\0" + data,
        _BINARY[:cut],
        _BINARY[:cut] + bytes([byte]) + _BINARY[cut + 1 :],
    ):
        assert isinstance(required_arguments(given_data), dict)
