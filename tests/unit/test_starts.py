"""Moving the start function out of the start section."""

import pytest
import wasmtime

from wasmbind._schema.binary import read_binary
from wasmbind._schema.starts import START, defer_start

BODY = "(global $g (mut i32) (i32.const 0)) (func $s (global.set $g (i32.const 5)))"
READ = '(func (export "read") (result i32) (global.get $g))'


def binary(text: str) -> bytes:
    """A module from its text."""
    return bytes(wasmtime.wat2wasm(text))


def many(count: int) -> str:
    """So many exports."""
    return " ".join(f'(export "e{index}" (func $s))' for index in range(count))


@pytest.mark.parametrize("exports", [READ, f"{READ} {many(125)}", f"{READ} {many(126)}", f"{READ} {many(3000)}"])
def test_it_is_called_when_asked(exports: str) -> None:
    """Instantiating does not run it, calling the export does, and all code lies where `shift` says."""
    data = binary(f"(module {BODY} {exports} (start $s))")
    changed, shift = defer_start(data)
    assert shift == len(changed) - len(data)
    assert read_binary(data).starts
    found = read_binary(changed)
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
    assert defer_start(binary(f"(module {BODY} {READ} (start $s))"))[1] == 0


def test_without_exports() -> None:
    """A module that exports nothing gets an export section."""
    changed, _ = defer_start(binary(f"(module {BODY} (start $s))"))
    assert list(read_binary(changed).exports) == [START]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0asm\1\0\0\0",
        binary(f"(module {BODY} {READ})"),
        binary(f'(module {BODY} (export "" (func $s)) (start $s))'),
        binary(f"(module {BODY} {READ} (start $s))")[:-1],
        b"\0asm\1\0\0\0\x08\xff\xff\xff\xff\xff\xff",
    ],
)
def test_left_alone(data: bytes) -> None:
    """Without a start section, with an export of that name, or malformed, a binary stays as it is."""
    assert defer_start(data) == (data, 0)


def test_every_cut_is_survived() -> None:
    """No prefix of a binary makes it fail."""
    data = binary(f"(module {BODY} {READ} {many(5)} (start $s))")
    for end in range(len(data)):
        defer_start(data[:end])
