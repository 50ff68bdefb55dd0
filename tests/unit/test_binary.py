"""The reader of binaries: what it finds in good ones, and that bad ones only ever raise BinaryFormatError."""

import contextlib
import struct
from pathlib import Path

import pytest
import wasmtime
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.compiling import CompileAsc, Compiler, compile_asc
from wasmbind._schema.binary import read_binary
from wasmbind._schema.format import BinaryFormatError
from wasmbind._schema.model import Binary, Export, FunctionType, GlobalType, Import

HEADER = b"\0asm\1\0\0\0"

SOURCE = """
export class Line { s: string = ""; constructor(s: string) { this.s = s; } size(): i32 { return this.s.length; } }
export enum Color { Red = -3, Green = 5 }
export let counter: i32 = 7;
export const LIMIT: f64 = 2.5;
export const BIG: u64 = 18446744073709551615;
@external("env", "log") declare function log(value: f32): void;
export function add(a: i64, b: f32): f64 { log(b); return <f64>a + b; }
export function make(s: string): Line { return new Line(s); }
"""


def real(compiler: Compiler) -> bytes:
    """A binary of asc with every kind of section."""
    return compile_asc(SOURCE, compiler=compiler).read_bytes()


def unsigned(value: int) -> bytes:
    """LEB128."""
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def section(number: int, body: bytes) -> bytes:
    """One section."""
    return bytes([number]) + unsigned(len(body)) + body


def named(name: str) -> bytes:
    """A name with its length."""
    return unsigned(len(name.encode())) + name.encode()


def custom(name: str, content: bytes) -> bytes:
    """A custom section."""
    return section(0, named(name) + content)


def wat(text: str) -> Binary:
    """The parsed binary of WebAssembly text, with the proposals that asc can use."""
    return read_binary(bytes(wasmtime.wat2wasm(text)))


def test_empty_module() -> None:
    """Eight bytes are a module with nothing in it."""
    assert read_binary(HEADER, "empty.wasm") == Binary("empty.wasm", (), {}, {}, starts=False)


@pytest.mark.parametrize("data", [b"", b"\0as", b"\0asM\1\0\0\0", b"(module)", b"\x7fELF" + bytes(40)])
def test_no_module(data: bytes) -> None:
    """What does not begin with the magic number is refused."""
    with pytest.raises(BinaryFormatError, match="it does not start with the WebAssembly magic number"):
        read_binary(data, "app.wasm")


@pytest.mark.parametrize("data", [b"\0asm", b"\0asm\1\0\0", b"\0asm\x0d\0\1\0", b"\0asm\2\0\0\0"])
def test_other_versions(data: bytes) -> None:
    """A component, another version or a cut header is no module either."""
    with pytest.raises(BinaryFormatError):
        read_binary(data)


def test_functions_and_types() -> None:
    """Exported functions have their signatures, imported ones counted before defined ones."""
    binary = wat("""(module
      (import "env" "f" (func (param i32 f64)))
      (func (export "g") (param i64 f32) (result i32) (i32.const 1))
      (func (export "v") (param v128 externref funcref))
      (func (export "two") (result i32 i64) (i32.const 1) (i64.const 2))
      (export "again" (func 0)))""")
    assert binary.imports == (Import("env", "f", FunctionType(("i32", "f64"), ())),)
    assert binary.function("g") == FunctionType(("i64", "f32"), ("i32",))
    assert binary.function("v") == FunctionType(("v128", "externref", "funcref"), ())
    assert binary.function("two") == FunctionType((), ("i32", "i64"))
    assert binary.function("again") == FunctionType(("i32", "f64"), ())
    assert binary.functions() == ["g", "v", "two", "again"]
    assert binary.function("absent") is None


def test_globals_and_their_values() -> None:
    """Constants of each type are read; what is computed or imported has no value."""
    binary = wat("""(module
      (import "env" "base" (global $base i32))
      (global (export "a") i32 (i32.const -2147483648))
      (global (export "b") (mut i64) (i64.const -9223372036854775808))
      (global (export "c") f32 (f32.const 0.5))
      (global (export "d") f64 (f64.const -1e300))
      (global (export "e") i32 (global.get $base))
      (global (export "f") i32 (i32.add (i32.const 1) (i32.const 2)))
      (global (export "g") externref (ref.null extern))
      (global (export "h") v128 (v128.const i64x2 1 2))
      (global (export "i") i64 (i64.const 9223372036854775807))
      (export "base" (global $base)))""")
    assert {name: export.type for name, export in binary.exports.items()} == {
        "a": GlobalType("i32", mutable=False, value=-(2**31)),
        "b": GlobalType("i64", mutable=True, value=-(2**63)),
        "c": GlobalType("f32", mutable=False, value=0.5),
        "d": GlobalType("f64", mutable=False, value=-1e300),
        "e": GlobalType("i32", mutable=False),
        "f": GlobalType("i32", mutable=False),
        "g": GlobalType("externref", mutable=False),
        "h": GlobalType("v128", mutable=False),
        "i": GlobalType("i64", mutable=False, value=2**63 - 1),
        "base": GlobalType("i32", mutable=False),
    }
    assert binary.global_("a") is binary.exports["a"].type
    assert binary.global_("absent") is None
    assert binary.function("a") is None


def test_memories_tables_and_tags() -> None:
    """Other kinds of imports and exports are told apart and not looked into."""
    binary = wat("""(module
      (import "env" "memory" (memory 1 2))
      (import "env" "table" (table 1 10 funcref))
      (import "env" "shared" (memory 1 2 shared))
      (import "env" "wide" (memory i64 1))
      (export "m" (memory 0)) (export "t" (table 0)))""")
    assert [item.type for item in binary.imports] == ["memory", "table", "shared memory", "64-bit memory"]
    assert binary.exports == {"m": Export("m", "memory"), "t": Export("t", "table")}


def test_start_section_and_custom_sections() -> None:
    """A start section is noticed, and custom sections are kept byte for byte; of two the last wins."""
    binary = wat("(module (func $f) (start $f))")
    assert binary.starts
    data = HEADER + custom("a", b"\0\xff") + custom("", b"") + custom("a", b"second")
    assert read_binary(data).sections == {"a": b"second", "": b""}


def test_names_of_any_text() -> None:
    """Export names are UTF-8 of any kind."""
    binary = wat('(module (func (export "é☃\\u{1f600}")) (func (export "a\\"b\\\\c")) (func (export "")))')
    assert binary.functions() == ["é☃😀", 'a"b\\c', ""]


def test_types_print_as_signatures() -> None:
    """Types read well in messages."""
    assert str(FunctionType(("i32", "f64"), ("i32",))) == "(i32, f64) -> i32"
    assert str(FunctionType((), ())) == "() -> void"
    assert str(GlobalType("i32", mutable=True)) == "mutable i32"
    assert str(GlobalType("f64", mutable=False)) == "constant f64"


def test_modern_binary(asc: CompileAsc) -> None:
    """What asc 0.28 exports is found with its types and values."""
    binary = read_binary(asc(SOURCE).read_bytes(), "index.wasm")
    assert binary.function("add") == FunctionType(("i64", "f32"), ("f64",))
    assert binary.function("make") == FunctionType(("i32",), ("i32",))
    assert binary.global_("counter") == GlobalType("i32", mutable=True, value=7)
    assert binary.global_("LIMIT") == GlobalType("f64", mutable=False, value=2.5)
    assert binary.global_("BIG") == GlobalType("i64", mutable=False, value=-1)
    assert binary.global_("Color.Red") == GlobalType("i32", mutable=False, value=-3)
    assert Import("env", "log", FunctionType(("f32",), ())) in binary.imports
    assert binary.exports["memory"] == Export("memory", "memory")
    assert {"__new", "__pin", "__unpin", "__collect"} <= set(binary.functions())
    assert not any("#" in name for name in binary.exports)


def test_classic_binary(asc: CompileAsc) -> None:
    """What asc 0.19 exports has the members of classes too."""
    binary = read_binary(asc(SOURCE, compiler="classic").read_bytes(), "index.wasm")
    assert binary.function("Line#constructor") == FunctionType(("i32", "i32"), ("i32",))
    assert binary.function("Line#get:s") == FunctionType(("i32",), ("i32",))
    assert binary.function("Line#set:s") == FunctionType(("i32", "i32"), ())
    assert binary.function("Line#size") == FunctionType(("i32",), ("i32",))
    found = binary.global_("Line")
    assert found is not None
    assert isinstance(found.value, int)


@pytest.mark.parametrize("compiler", ["modern", "classic"])
def test_agrees_with_wasmtime(asc: CompileAsc, compiler: Compiler) -> None:
    """Names, kinds and signatures are what wasmtime says."""
    path = asc(SOURCE, compiler=compiler)
    module = wasmtime.Module.from_file(wasmtime.Engine(), str(path))
    binary = read_binary(path.read_bytes())
    assert [export.name for export in module.exports] == list(binary.exports)
    for export in module.exports:
        if isinstance(export.type, wasmtime.FuncType):
            params, results = ([str(value) for value in values] for values in (export.type.params, export.type.results))
            assert binary.function(export.name) == FunctionType(tuple(params), tuple(results))  # type: ignore[arg-type]  # text
    assert [(item.module, item.name) for item in module.imports] == [
        (item.module, item.name) for item in binary.imports
    ]


# --- bad input ----------------------------------------------------------------------------------------------


def read_quietly(data: bytes) -> None:
    """Read; the only exception that may come is BinaryFormatError."""
    with contextlib.suppress(BinaryFormatError):
        read_binary(data)


@pytest.mark.parametrize("compiler", ["modern", "classic"])
def test_every_prefix(compiler: Compiler) -> None:
    """A binary cut between sections is read, one cut at any other byte is refused."""
    data = real(compiler)
    ends = {8}
    at = 8
    while at < len(data):
        size = shift = 0
        at += 1
        while True:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        at += size
        ends.add(at)
    for end in range(8, len(data)):
        if end in ends:
            read_binary(data[:end])
            continue
        with pytest.raises(BinaryFormatError):
            read_binary(data[:end])


@settings(max_examples=500)
@given(st.data())
def test_flipped_bytes(data: st.DataObject) -> None:
    """A few changed bytes anywhere in a real binary raise BinaryFormatError or nothing."""
    binary = bytearray(real(data.draw(st.sampled_from(["modern", "classic"]))))
    interesting = st.one_of(st.integers(8, 600), st.integers(8, len(binary) - 1))
    for _ in range(data.draw(st.integers(1, 4))):
        binary[data.draw(interesting) % len(binary)] = data.draw(st.integers(0, 255))
    read_quietly(bytes(binary))


@given(st.data())
def test_inserted_and_deleted_bytes(data: st.DataObject) -> None:
    """The same for bytes that were added or lost."""
    binary = real("classic")
    at = data.draw(st.integers(8, min(len(binary), 1200)))
    lost = data.draw(st.integers(0, 5))
    read_quietly(binary[:at] + data.draw(st.binary(max_size=5)) + binary[at + lost :])


@given(st.binary(max_size=200))
@example(b"\x01\x05\x01\x60\xff\xff\xff")
@example(b"\x06\x04\x01\x7f\x00\x41")
@example(section(3, b"\xff\xff\xff\xff\x0f"))
def test_random_sections(body: bytes) -> None:
    """Anything behind a good header raises BinaryFormatError or nothing."""
    read_quietly(HEADER + body)


@given(st.integers(0, 13), st.binary(max_size=60))
@example(6, b"\x01\x7f\x00\x43")
@example(7, b"\x01\x01f\x00\x05")
@example(2, b"\x01\x00\x00\x09")
def test_random_section_bodies(number: int, body: bytes) -> None:
    """The same for the body of a section whose number and size are right."""
    read_quietly(HEADER + section(number, body))


def test_type_indices_out_of_range() -> None:
    """A function of a type that does not exist is no crash; it fits no declaration."""
    data = HEADER + section(3, b"\x01\x05") + section(7, b"\x01" + named("f") + b"\x00\x00")
    found = read_binary(data).function("f")
    assert found is None or "other" in found.params


def test_huge_claims_cost_nothing() -> None:
    """A vector that claims four billion items is refused before anything is made for them."""
    for number in (1, 2, 3, 6, 7):
        with pytest.raises(BinaryFormatError):
            read_binary(HEADER + section(number, unsigned(2**32 - 1)))


def test_overlong_integers() -> None:
    """An integer of more bytes than its width allows is refused."""
    with pytest.raises(BinaryFormatError, match="too many bytes"):
        read_binary(HEADER + b"\x01" + b"\x80" * 6 + b"\x00")


def test_function_bodies_are_not_read() -> None:
    """Code may be garbage: only its size matters here."""
    data = HEADER + section(10, b"\xff" * 30) + custom("x", struct.pack("<d", 1.0))
    assert read_binary(data).sections == {"x": struct.pack("<d", 1.0)}


def test_error_is_a_value_error() -> None:
    """Callers that know nothing of wasmbind catch it as ValueError."""
    with pytest.raises(ValueError, match="magic"):
        read_binary(Path(__file__).read_bytes())
