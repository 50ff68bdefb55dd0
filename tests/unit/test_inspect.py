"""What `wasmbind inspect` reads: structure, type table, interfaces, pictures, defaults; and that nothing breaks it."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from tests.compiling import Compiler, compile_asc
from tests.unit.schema_sample import sample
from tests.unit.test_binary import HEADER, custom
from wasmbind import AscModule, _defaults
from wasmbind._engine import engine
from wasmbind._host_table import HostTable
from wasmbind._inspect.documents import document
from wasmbind._inspect.inspection import Inspection, inspect_file
from wasmbind._inspect.pictures import Row, bytes_of_row, picture
from wasmbind._inspect.provided import DEFAULTS, NUMBERS, WASI, provider_of
from wasmbind._inspect.statics import describe_type, read_static_types
from wasmbind._inspect.structure import Limits, Section, Segment, read_structure, without_section
from wasmbind._providers import Providers
from wasmbind._schema.abis import find_abi
from wasmbind._schema.binary import read_binary
from wasmbind._schema.model import Binary, FunctionType, GlobalType, Import
from wasmbind._schema.reader import read_schema
from wasmbind._schema.rtti import Rtti
from wasmbind._wasi import WASI_MODULE, wasi_externs

SOURCE = """
export class Line { s: string = ""; constructor(s: string) { this.s = s; } size(): i32 { return this.s.length; } }
export function make(s: string): Line { return new Line(s) }
export function index(): Map<i32, string> { return new Map<i32, string>() }
export function numbers(): f64[] { return [1.5] }
export function bytes(): Uint8Array { return new Uint8Array(1) }
export function names(): Set<string> { return new Set<string>() }
export function fixed(): StaticArray<u16> { return [1, 2] }
"""


def wat(text: str) -> bytes:
    """A binary of WebAssembly text."""
    return bytes(wasmtime.wat2wasm(text))


def inspected(data: bytes, folder: Path, name: str = "it.wasm") -> Inspection:
    """Inspect bytes as a file."""
    path = folder / name
    path.write_bytes(data)
    return inspect_file(path)


# --- structure ---------------------------------------------------------------------------------------------------


def test_sections_are_the_file() -> None:
    """Sections have their names, what is in them is counted, and their sizes make up the file."""
    data = wat('(module (func) (func) (memory 1) (data (i32.const 8) "ab"))') + custom("mine", b"12345")
    found = read_structure(data)
    assert found.sections == [
        Section("type", custom=False, size=6, items=1),
        Section("function", custom=False, size=5, items=2),
        Section("memory", custom=False, size=5, items=1),
        Section("code", custom=False, size=9, items=2),
        Section("data", custom=False, size=10, items=1),
        Section("mine", custom=True, size=12, items=None),
    ]
    assert sum(each.size for each in found.sections) + len(HEADER) == len(data)


def test_memories_tables_and_start() -> None:
    """Bounds, kinds and names of imported and own ones; the start function with the names that it is exported by."""
    found = read_structure(
        wat(
            """(module
            (import "env" "memory" (memory 2 8 shared)) (import "env" "f" (func)) (import "env" "g" (global i32))
            (memory (export "own") (export "twice") 1)
            (table (export "table") 3 funcref) (table 1 4 externref)
            (func $begin (export "begin")) (start $begin))"""
        )
    )
    assert found.memories == [
        Limits(2, 8, "shared", ("env", "memory")),
        Limits(1, None, "32-bit", None, ("own", "twice")),
    ]
    assert found.tables == [Limits(3, None, "funcref", None, ("table",)), Limits(1, 4, "externref", None)]
    assert (found.start, found.imported_functions, found.exported_functions) == (1, 1, {1: ["begin"]})


def test_segments() -> None:
    """Where static data lies, where that is a constant."""
    found = read_structure(
        wat(
            """(module (import "env" "base" (global $base i32)) (memory 1)
            (data (i32.const 16) "ab") (data (global.get $base) "c") (data "passive") (data (i32.const -4) "z"))"""
        )
    )
    assert found.segments == [
        Segment(16, b"ab"),
        Segment(None, b"c"),
        Segment(None, b"passive"),
        Segment(0xFFFF_FFFC, b"z"),
    ]


def test_without_section() -> None:
    """A custom section can be left out; all else stays as it was."""
    data = wat("(module (func))")
    assert without_section(data + custom("a", b"1") + custom("b", b"2"), "a") == data + custom("b", b"2")


# --- the type table and the interface -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compiler", "transform", "interface"),
    [
        ("modern", False, "0.23 or later"),
        ("modern", True, "0.23 or later"),
        ("oldest", True, "0.18 to 0.22"),
        ("oldest", False, "0.18 to 0.22"),
        ("classic", False, "0.18 or 0.19"),
    ],
)
def test_real_binaries(compiler: Compiler, transform: bool, interface: str) -> None:
    """The type table can be read from the file, and it and the exports tell which compilers make such a binary."""
    found = inspect_file(compile_asc(SOURCE, compiler=compiler, transform=transform))
    assert isinstance(found.types, Rtti)
    kinds = [describe_type(found.types, rt_id) for rt_id in range(len(found.types.flags))]
    assert {
        "ArrayBuffer",
        "String",
        "Map of 4-byte integers to references",
        "Array of 8-byte floats",
        "Set of references",
        "StaticArray of 2-byte unsigned integers",
        "typed array of 1-byte unsigned integers",
        "object",
    } <= set(kinds)
    assert found.abi.abi.asc == interface
    assert found.abi.abi.usable
    named = {each["name"]: each["kind"] for each in document(found)["types"]["classes"] if each["name"]}
    assert named.get("Line") == (None if not transform and compiler != "classic" else "object")


@pytest.mark.parametrize(
    ("functions", "name", "asc"),
    [
        ((), "no runtime", "any, or another compiler"),
        (("__new",), "no runtime", "any, or another compiler"),
        (("__alloc", "__retain", "__release", "__collect"), "counted, with __alloc", "0.7 to 0.16"),
        (("__new", "__renew", "__retain", "__release"), "counted, with __new", "0.17"),
        (("__new", "__pin", "__unpin", "__collect"), "collected", "0.18 or later"),
    ],
)
def test_interfaces(functions: tuple[str, ...], name: str, asc: str) -> None:
    """Exports alone tell the interface where there is no type table."""
    params = {"__new": 2, "__alloc": 2, "__pin": 1, "__unpin": 1, "__renew": 2, "__retain": 1, "__release": 1}
    returning = {"__new", "__alloc", "__renew", "__pin", "__retain"}
    exports = " ".join(
        f'(func (export "{each}"){" (param i32)" * params.get(each, 0)}'
        f"{' (result i32) (i32.const 0)' * (each in returning)})"
        for each in functions
    )
    binary = read_binary(wat(f"(module {exports})"))
    types = read_static_types(binary, [])
    assert types == "__rtti_base is not exported"
    found = find_abi(binary, types, ())
    assert (found.abi.name, found.abi.asc) == (name, asc)
    assert found.abi.usable == (name != "no runtime")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((1 << 31,), "the type table claims 2147483648 classes"),
        ((1, 0, 0), "the type table claims 1 classes"),
        ((3, 0x10, 0, 0x10, 0, 0, 0), "the first classes of the type table are not"),
        ((3, 1, 2, 3, 2, 5, 2), "the first classes of the type table are not"),
        ((3, 1, 2, 3, 4, 5, 6), "the type table names base classes that it has not"),
    ],
)
def test_bad_type_tables(words: tuple[int, ...], problem: str) -> None:
    """What is no type table is said to be none."""
    binary = read_binary(wat('(module (global (export "__rtti_base") i32 (i32.const 32)))'))
    found = read_static_types(binary, [Segment(32, struct.pack(f"<{len(words)}I", *words))])
    assert isinstance(found, str)
    assert problem in found


def test_type_table_that_is_not_static() -> None:
    """A base that is no constant leads to no table."""
    binary = read_binary(wat('(module (import "a" "b" (global i32)) (export "__rtti_base" (global 0)))'))
    assert read_static_types(binary, []) == "__rtti_base is no constant"


# --- pictures -----------------------------------------------------------------------------------------------------


def test_picture() -> None:
    """Every byte of an object is somebody's: fields, inherited ones, padding, and what the library keeps to itself."""
    types = ["i32", "f64", "u8", "v128", {"class": 0}]
    classes = [
        {"internal": "~lib/array/Array<i32>", "generic": "~lib/array/Array", "arguments": [0], "id": 3, "size": 16},
        {
            "internal": "a/Base",
            "export": "Base",
            "id": 4,
            "base": 0,
            "size": 33,
            "fields": [
                {"name": "late", "type": 1, "offset": 24},
                {"name": "kept", "type": 4, "offset": 16, "access": "private"},
                {"name": "last", "type": 2, "offset": 32, "readonly": True},
            ],
        },
        {"internal": "a/Derived", "id": 5, "base": 1, "size": 64, "fields": [{"name": "v", "type": 3, "offset": 48}]},
    ]
    schema = read_schema(
        json.dumps(sample(types=types, classes=classes, functions=[], enums=[], globals=[], imports=[])).encode()
    )
    rows = picture(schema, schema.classes[2])
    assert rows == [
        Row(0, 16, "library", name="Array"),
        Row(16, 4, "field", "Array<i32>", "kept", "Base", "private"),
        Row(20, 4, "padding"),
        Row(24, 8, "field", "f64", "late", "Base"),
        Row(32, 1, "field", "u8", "last", "Base", readonly=True),
        Row(33, 15, "padding"),
        Row(48, 16, "field", "v128", "v"),
    ]
    assert [bytes_of_row(row, 8) for row in rows] == [
        "#######+",
        "####",
        "    ....",
        "########",
        "#",
        " ......+",
        "#######+",
    ]
    assert bytes_of_row(rows[-1], 16) == "################"


def test_fields_that_overlap() -> None:
    """A schema may say that two fields share bytes; the picture says so."""
    fields = [{"name": "a", "type": 9, "offset": 0}, {"name": "b", "type": 0, "offset": 4}]
    classes: list[dict[str, Any]] = [
        {"internal": f"a/{index}", "size": 8, "fields": fields if not index else []} for index in range(7)
    ]
    classes[6] |= {"generic": "a/G", "arguments": [0]}
    schema = read_schema(json.dumps(sample(classes=classes)).encode())
    assert [row.overlaps for row in picture(schema, schema.classes[0])] == [False, True]


# --- defaults -----------------------------------------------------------------------------------------------------


def test_defaults_are_the_real_ones() -> None:
    """The names and types that are told are exactly those that an instance gets."""
    real = {name for module, name in _defaults.names() if module == "env"}
    assert DEFAULTS.keys() | NUMBERS == real | {"abort", "seed"}
    functions = [Import("env", name, type_) for name, type_ in DEFAULTS.items()]
    numbers = [Import("env", name, GlobalType(kind, mutable=False)) for name in NUMBERS for kind in ("f32", "f64")]
    binary = Binary("defaults", (*functions, *numbers), {})
    providers = Providers(AscModule, binary, HostTable((), binary, None))
    provided, unprovided = providers.resolve({}, wasmtime.Store(engine()), None)
    assert (len(provided), unprovided) == (len(binary.imports), [])
    assert {provider_of(each) for each in binary.imports} == {"default"}


def test_wasi_is_the_real_one() -> None:
    """The functions of WASI that are told are those of wasmtime, with their types, and `proc_exit`."""
    store = wasmtime.Store(engine())
    wanted = [Import(WASI_MODULE, name, type_) for name, type_ in WASI.items()]
    found = {name for _, name in wasi_externs(store, None, wanted)}
    assert found == set(WASI) - {"proc_exit"}
    assert all(provider_of(each) == "wasi" for each in wanted)


@pytest.mark.parametrize(
    ("wanted", "provider"),
    [
        (Import("env", "console.log", FunctionType(("i32",), ())), "default"),
        (Import("env", "console.log", FunctionType(("f64",), ())), None),
        (Import("Math", "PI", GlobalType("f64", mutable=False)), "default"),
        (Import("Math", "sin", FunctionType(("f64",), ("f64",))), "default"),
        (Import("Date", "now", FunctionType((), ("f64",))), "default"),
        (Import("console", "log", FunctionType(("i32",), ())), None),
        (Import("index", "log", FunctionType(("i32",), ())), None),
        (Import("env", "memory", "memory"), "default"),
        (Import("other", "pages", "shared memory"), "default"),
        (Import("env", "table", "table"), "default"),
        (Import("env", "memory", "64-bit memory"), None),
        (Import("wasi_unstable", "proc_exit", FunctionType(("i32",), ())), "wasi"),
        (Import("wasi_unstable", "fd_write", FunctionType(("i32",) * 4, ("i32",))), None),
        (Import(WASI_MODULE, "fd_write", FunctionType(("i32",) * 3, ("i32",))), None),
    ],
)
def test_providers(wanted: Import, provider: str | None) -> None:
    """A default is given by name and type."""
    assert provider_of(wanted) == provider
