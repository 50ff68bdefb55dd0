"""What is made for imported memories and tables, and what of the user's is taken for them."""

from typing import Any

import pytest
import wasmtime

from wasmbind._engine import can_share, describe_module, engine, shares_memory
from wasmbind._limits import Limits
from wasmbind._schema.binary import read_binary
from wasmbind._schema.model import Import, OtherKind, Size
from wasmbind._schema.rtti import static_string_id
from wasmbind._storage import Storage, plan_storage, unlimited
from wasmbind._store_abi import PassableMemory, passable
from wasmbind._wat import memory_limits
from wasmbind.errors import Mismatch

PAGE = 1 << 16
KINDS: dict[str, tuple[OtherKind, Size]] = {
    "(memory 2)": ("memory", Size(2, None)),
    "(memory 2 9)": ("memory", Size(2, 9)),
    "(memory 2 9 shared)": ("shared memory", Size(2, 9)),
    "(memory i64 2 9)": ("64-bit memory", Size(2, 9)),
    "(table 3 funcref)": ("table", Size(3, None, "funcref")),
    "(table 3 8 externref)": ("table", Size(3, 8, "externref")),
}


def plan(kind: OtherKind, size: Size, given: Any = None) -> Storage | Mismatch:
    """What is made for one import."""
    return plan_storage(Import("env", "thing", kind, size), given, "Module")


@pytest.mark.parametrize("text", KINDS)
def test_sizes_of_imports(text: str) -> None:
    """The reader of binaries tells them; what wasmtime tells of a compiled module is the same."""
    binary = bytes(wasmtime.wat2wasm(f'(module (import "env" "thing" {text}))'))
    (wanted,) = read_binary(binary).imports
    assert (wanted.type, wanted.size) == KINDS[text]
    if "64" not in text and "externref" not in text:  # which wasmtime-py gives another name
        (described,) = describe_module(wasmtime.Module(engine(shared=True), binary), "m").imports
        assert (described.type, described.size) == KINDS[text]


def test_what_the_import_asks_for() -> None:
    """Without a choice of the user it is made as large as that."""
    assert plan("memory", Size(2, 9)) == Storage("Module", "memory", 2, 9)
    assert plan("shared memory", Size(2, 9)) == Storage("Module", "shared memory", 2, 9)
    assert plan("table", Size(3, None, "funcref")) == Storage("Module", "table", 3, None, "funcref")


def test_sizes_in_bytes() -> None:
    """They are rounded up to pages, and have to lie between what the import allows."""
    for given, pages in ((2 * PAGE, 2), (2 * PAGE + 1, 3), (9 * PAGE, 9)):
        assert plan("memory", Size(2, 9), given) == Storage("Module", "memory", pages, 9)
    assert plan("memory", Size(0, None), 0) == Storage("Module", "memory", 0, None)
    assert plan("memory", Size(0, None), 1 << 32) == Storage("Module", "memory", 65_536, None)
    for size, given in (
        (Size(2, 9), PAGE),
        (Size(2, 9), 9 * PAGE + 1),
        (Size(0, None), (1 << 32) + 1),
        (Size(0, 1), -PAGE),
    ):
        found = plan("memory", size, given)
        assert isinstance(found, Mismatch)
        assert found.who == "imports['env']['thing']"
        assert found.declared == f"{given:,} bytes"


@pytest.mark.parametrize("given", [True, 2.0, "2", b"", object(), print])
def test_what_is_no_memory(given: object) -> None:
    """It is named, with what to give instead."""
    found = plan("memory", Size(1, None), given)
    assert isinstance(found, Mismatch)
    assert found.declared.startswith(type(given).__name__)
    found = plan("table", Size(1, None, "funcref"), given)
    assert isinstance(found, Mismatch)
    assert found.fix == "leave it out: wasmbind makes the table"


def test_limits_of_shared_memories() -> None:
    """Only one that the module makes itself, and that could outgrow the limit, is refused."""
    own = read_binary(bytes(wasmtime.wat2wasm('(module (memory (export "memory") 1 9 shared))')))
    imported = read_binary(
        bytes(wasmtime.wat2wasm('(module (import "env" "m" (memory 1 9 shared)) (export "memory" (memory 0)))'))
    )
    plain = read_binary(bytes(wasmtime.wat2wasm('(module (memory (export "memory") 1 9))')))
    for binary, limits, count in (
        (own, Limits(memory=8 * PAGE), 1),
        (own, Limits(memory=9 * PAGE), 0),
        (own, Limits(timeout=1), 0),
        (own, None, 0),
        (imported, Limits(memory=8 * PAGE), 0),
        (plain, Limits(memory=8 * PAGE), 0),
    ):
        assert len(list(unlimited("Module", binary, limits))) == count
    assert [shares_memory(each) for each in (own, imported, plain)] == [True, True, False]
    assert [memory_limits(each) for each in (own, imported, plain)] == ["0 65536 shared", "0 65536 shared", "0"]


def test_passing_a_shared_memory() -> None:
    """It becomes an import without becoming another object; wasmtime-py's own cannot be passed."""
    assert can_share()
    target = engine(shared=True)
    memory = wasmtime.SharedMemory(target, wasmtime.MemoryType(wasmtime.Limits(1, 2), shared=True))
    module = wasmtime.Module(target, '(module (import "env" "m" (memory 1 2 shared)) (export "m" (memory 0)))')
    store = wasmtime.Store(target)
    with pytest.raises(TypeError, match="incompatible types"):
        wasmtime.Instance(store, module, [memory])
    assert passable(memory) is memory
    assert isinstance(memory, PassableMemory)
    found = wasmtime.Instance(store, module, [memory]).exports(store)["m"]
    assert isinstance(found, wasmtime.SharedMemory)
    memory.data_ptr()[5] = 7
    assert found.data_ptr()[5] == 7
    wasmtime.Instance(store, module, [passable(found)])  # what a store gives can be passed on as well


def words(*values: int) -> bytes:
    """Little-endian words."""
    return b"".join(value.to_bytes(4, "little") for value in values)


def test_the_id_of_static_strings() -> None:
    """It is told by strings that asc puts into every runtime, and only where their headers make sense."""
    text = "~lib/rt/itcms.ts".encode("utf-16-le")
    assert static_string_id(words(9, 9, 2, len(text)) + text) == 2
    message = "Allocation too large".encode("utf-16-le")
    assert static_string_id(words(9, 1, len(message)) + message + words(7, len(text)) + text) == 1
    for memory in (
        b"",
        bytes(100),
        text,  # no room for a header
        b"\0\0" + words(2, len(text)) + text,  # at no address of an object
        words(2, len(text) + 2) + text,  # ends outside
        words(2, 4) + text,  # too short for the text
    ):
        assert static_string_id(memory) is None
