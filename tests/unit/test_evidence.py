"""What code and static data tell of a binary."""

from typing import cast

import pytest
import wasmtime

from tests.compiling import Compiler, compile_asc
from tests.integration.abi_expected import COMPILERS
from tests.integration.binary_editor import Editor
from wasmbind._inspect.statics import read_static_objects, read_static_types, static_words
from wasmbind._inspect.structure import read_structure
from wasmbind._schema.abis import Abi, find_abi, with_functions, with_hash
from wasmbind._schema.binary import read_binary
from wasmbind._schema.evidence import StaticObject, called_values, is_setter, misfit
from wasmbind._schema.rtti import Rtti

CLASS = """
export class A { f: (x: i32) => i32; constructor(f: (x: i32) => i32) { this.f = f; } }
export function run(a: A, x: i32): i32 { return a.f(x); }
"""
CALL = "export function call(f: (x: i32) => i32, x: i32): i32 { return f(x) + f(x + 1); }"
VALUE = """
function inc(x: i32): i32 { return x + 1; }
export function flip(a: A): void { a.f = inc; }
"""
MAP = """
let words = new Map<string, i32>();
export function get(word: string): i32 { return words.has(word) ? words.get(word) : -1; }
export class Empty { constructor() {} }
"""
OWN_HASH = """
export function fnv(n: i32): u32 { let h: u32 = 2166136261; while (n) { h = (h ^ n) * 16777619; n >>= 8; } return h; }
"""
TEXTS = "export function hello(who: string): string { return 'hello, ' + who; } export const all: f64[] = [1, 2.5];"
#: Where nothing that wasmbind knows the text of is left: no assertions, and no message of the runtime's.
BARE = ("-O3", "--noAssert", "--use", "abort=")


def interface(source: str, compiler: Compiler, *options: str) -> Abi:
    """What is found out of the interface of a binary, function values included."""
    data = compile_asc(source, *options, compiler=compiler).read_bytes()
    binary, segments = read_binary(data, "m.wasm"), read_structure(data).segments
    types, objects = cast("Rtti", read_static_types(binary, segments)), read_static_objects(binary, segments)
    found = find_abi(binary, types, objects)
    assert found.problem is None
    base = binary.global_("__rtti_base")
    assert base is not None
    words = static_words(segments, 0, int(base.value or 0) >> 2)
    return with_functions(found.abi, data, words, objects, types)


@pytest.mark.parametrize(
    ("source", "options", "functions"),
    [
        (CLASS, (), "index"),
        (CLASS + CALL, ("-O3",), "index"),
        (CALL, ("-Oz",), "index"),
        # The same code as that of a call of a function that is an object.
        (CLASS, ("-O2",), None),
        (CLASS + VALUE, ("-O3",), None),
    ],
)
def test_function_values_that_are_indices(source: str, options: tuple[str, ...], functions: str | None) -> None:
    """Up to asc 0.13 they are not taken for objects, whatever the optimiser makes of a field at offset 0."""
    assert interface(source, "0.10", *options).functions == functions


@pytest.mark.parametrize("compiler", [each for each in COMPILERS if each in ("0.14", "0.16")])
def test_function_values_that_are_objects(compiler: Compiler) -> None:
    """From asc 0.14 on they are told by static objects, or by code that is not optimised."""
    assert interface(CLASS + VALUE, compiler, "-O3").functions == "object"
    assert interface(CLASS + CALL, compiler).functions == "object"
    assert interface(CLASS + CALL, compiler, "-O3").functions is None


@pytest.mark.parametrize(("own", "hashed"), [("", "xxhash"), (OWN_HASH, None)])
def test_hash(own: str, hashed: str | None) -> None:
    """A program that hashes with FNV-1a itself does not pass for one of asc 0.18.0."""
    data = compile_asc(MAP + own, compiler="classic").read_bytes()
    abi = interface(MAP + own, "classic")
    assert (abi.hash, with_hash(abi, read_binary(data, "m.wasm"), data).hash) == (None, hashed)
    assert with_hash(abi, read_binary(data, "m.wasm"), b"").hash is None


@pytest.mark.parametrize("compiler", [each for each in COMPILERS if each == "0.18.2"])
def test_old_hash(compiler: Compiler) -> None:
    """Up to asc 0.18.5 the code has the prime of FNV-1a."""
    data = compile_asc(MAP, compiler=compiler).read_bytes()
    assert with_hash(interface(MAP, compiler), read_binary(data, "m.wasm"), data).hash == "fnv"


@pytest.mark.parametrize("compiler", ["0.10", "0.17", "classic", "oldest", "modern"])
@pytest.mark.parametrize("options", [(), BARE])
def test_static_objects_that_fit(compiler: Compiler, options: tuple[str, ...]) -> None:
    """Strings, buffers and arrays of every version are found, and are of the classes that the type table has."""
    data = compile_asc(TEXTS, *options, compiler=compiler).read_bytes()
    binary, segments = read_binary(data, "m.wasm"), read_structure(data).segments
    types, objects = cast("Rtti", read_static_types(binary, segments)), read_static_objects(binary, segments)
    assert misfit(objects, types) is None
    assert {(each.id, each.size) for each in objects} >= {(types.string_id, 14), (types.buffer_id, 16)}


@pytest.mark.parametrize(
    ("rt_id", "size", "problem"),
    [
        (0, 8, "no such object is static"),
        (3, 12, "no such object is static"),
        (2, 7, "it is a string"),
        (1, 6, "no array has such elements"),
        (9, 8, "no such class"),
    ],
)
def test_static_objects_that_do_not_fit(rt_id: int, size: int, problem: str) -> None:
    """What no object of its class has is named."""
    types = Rtti((0x20, 0x20, 0x20, 0, 0x102), (), {0x100: [4]}, 1, 2, 3)
    found = misfit([StaticObject(32, 2, 14), StaticObject(64, rt_id, size)], types)
    assert found is not None
    assert f"run-time id {rt_id} and {size} bytes" in found
    assert problem in found


@pytest.mark.parametrize("compiler", ["0.10", "0.17", "classic", "modern"])
@pytest.mark.parametrize("options", [(), ("-O3",)])
@pytest.mark.parametrize(
    "source",
    [
        "export function f(a: i32 = 1): i32 { return a; }",
        # Nobody asks for the number of arguments, so the optimiser empties the setter.
        "export function f(a: i32 = 1): i32 { return 7; }",
    ],
)
def test_setters(compiler: Compiler, options: tuple[str, ...], source: str) -> None:
    """What sets the number of arguments does nothing else, at every level of optimisation."""
    data = compile_asc(source, "--exportTable", *options, compiler=compiler).read_bytes()
    (setter,) = (name for name in read_binary(data, "m.wasm").exports if name in ("__setArgumentsLength", "__setargc"))
    assert is_setter(data, setter)
    assert not is_setter(Editor(data).rename("f", "__setargc").assemble(), "__setargc")
    assert is_setter(b"", setter)


def test_imported_setters() -> None:
    """A function that somebody else gives may do anything."""
    source = """(module (import "env" "tell" (func $tell (param i32)))
      (export "__setArgumentsLength" (func $tell)))"""
    assert not is_setter(bytes(wasmtime.wat2wasm(source)), "__setArgumentsLength")


def test_more_ends_than_blocks() -> None:
    """Code that is malformed tells nothing."""
    text = '(module (table 1 funcref) (func (export "f") (nop) (nop) (call_indirect (i32.const 0))))'
    data = bytes(wasmtime.wat2wasm(text))
    assert called_values(data) == "index"
    nops, ends = b"\x01\x01\x41", b"\x0b\x0b\x41"
    assert called_values(data.replace(nops, ends)) is None
