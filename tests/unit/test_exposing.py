"""Exporting what a binary keeps to itself: its start function, its memory, a table that it imports."""

import contextlib

import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st

from wasmbind._schema.binary import read_binary
from wasmbind._schema.exposing import START, expose, read_exposed
from wasmbind._schema.format import BinaryFormatError

BODY = "(global $g (mut i32) (i32.const 0)) (func $s (global.set $g (i32.const 5)))"
READ = '(func (export "read") (result i32) (global.get $g))'
#: Imports of every kind, in front of the memory and the table.
IMPORTS = """(import "env" "f" (func (param i32))) (import "env" "g" (global (mut i64)))
  (import "env" "t" (table 2 5 funcref)) (import "env" "tag" (tag (param i32)))"""


def binary(text: str) -> bytes:
    """A module from its text."""
    return bytes(wasmtime.wat2wasm(text))


def many(count: int) -> str:
    """So many exports."""
    return " ".join(f'(export "e{index}" (func $s))' for index in range(count))


@pytest.mark.parametrize("exports", [READ, f"{READ} {many(125)}", f"{READ} {many(126)}", f"{READ} {many(3000)}"])
def test_it_is_called_when_asked(exports: str) -> None:
    """Instantiating does not run it, calling the export does, and all code lies where `shift` says."""
    given_ = binary(f"(module {BODY} {exports} (start $s))")
    found, changed = read_exposed(given_, "m.wasm")
    assert found.shift == len(changed) - len(given_)
    assert found.is_deferred
    assert read_binary(given_).starts
    assert not found.starts
    assert found.function(START) is not None
    store = wasmtime.Store()
    instance = wasmtime.Instance(store, wasmtime.Module(store.engine, changed), [])
    read, start = instance.exports(store)["read"], instance.exports(store)[START]
    assert isinstance(read, wasmtime.Func)
    assert isinstance(start, wasmtime.Func)
    assert read(store) == 0
    start(store)
    assert read(store) == 5


def test_offsets_stay() -> None:
    """The export is as long as the section was, unless a length grows by a byte."""
    given_ = binary(f"(module {BODY} {READ} (start $s))")
    assert len(expose(given_)[0]) == len(given_)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("(memory 1)", {"memory": "memory"}),
        ("(memory 1 2 shared)", {"memory": "shared memory"}),
        ('(import "env" "m" (memory 1))', {"memory": "memory"}),
        (f'{IMPORTS} (import "env" "m" (memory 1))', {"memory": "memory", "table": "table"}),
        (f"{IMPORTS} (memory 1) (memory 2)", {"memory": "memory", "table": "table"}),
        ('(table 1 funcref) (tag $t) (memory 1) (func) (export "tag" (tag $t))', {"memory": "memory"}),
        (f"(memory 1) {BODY} {READ} (start $s)", {"memory": "memory", "read": "f", START: "f"}),
        (f'(memory 1) {BODY} (start $s) (table funcref (elem $s)) (data (i32.const 8) "x")', {"memory": "memory"}),
    ],
)
def test_what_is_exported(text: str, names: dict[str, str]) -> None:
    """What the host needs is exported, nothing else has changed, and the module is valid."""
    given_ = binary(f"(module {text})")
    found, changed = read_exposed(given_, "m.wasm")
    wasmtime.Module(wasmtime.Engine(), changed)
    kinds = {name: export.type for name, export in found.exports.items()}
    assert {name: kind for name, kind in names.items() if kind != "f"}.items() <= kinds.items()
    assert names.keys() <= kinds.keys()
    assert found.imports == read_binary(given_).imports
    assert expose(changed) == (changed, False)  # there is nothing left to do


def test_names_that_are_taken() -> None:
    """What a module exports under one of the names stays what it is."""
    for text in (
        '(memory 1) (func (export "memory"))',
        '(import "env" "table" (table 1 funcref)) (global (export "table") i32 (i32.const 1))',
        '(memory 1) (memory 2) (export "memory" (memory 1))',
        '(func $s) (func (export "")) (start $s)',
    ):
        given_ = binary(f"(module {text})")
        assert expose(given_) == (given_, False)


def test_a_start_function_beside_another_export_without_a_name() -> None:
    """The memory is exported, the start section stays, and what has no name is not called."""
    found, _ = read_exposed(binary('(module (memory 1) (func $s) (func (export "")) (start $s))'), "m.wasm")
    assert found.starts
    assert not found.is_deferred
    assert "memory" in found.exports


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0asm\1\0\0\0",
        binary(f"(module {BODY} {READ})"),
        binary(f"(module (memory 1) {BODY} {READ} (start $s))")[:-1],
        b"\0asm\1\0\0\0\x08\xff\xff\xff\xff\xff\xff",
    ],
)
def test_left_alone(data: bytes) -> None:
    """Without anything to export, or malformed, a binary stays as it is."""
    assert expose(data) == (data, False)


WHOLE = binary(f"(module {IMPORTS} (memory 1) {BODY} {READ} {many(5)} (start $s))")


def test_every_cut_is_survived() -> None:
    """No prefix of a binary makes it fail."""
    for end in range(len(WHOLE)):
        expose(WHOLE[:end])


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(8, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_damage_is_survived(changes: list[tuple[int, int]]) -> None:
    """Whatever the bytes are, it gives bytes, or says that they are no module."""
    damaged = bytearray(WHOLE)
    for at, byte in changes:
        damaged[at] = byte
    changed, _ = expose(bytes(damaged))
    assert changed[:8] == WHOLE[:8]
    with contextlib.suppress(BinaryFormatError):
        assert read_exposed(bytes(damaged), "m.wasm")[1] == changed
