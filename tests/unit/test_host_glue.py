"""The glue that gives a module its imports, and places in the function table."""

import ctypes
import struct
from typing import Any

import pytest
import wasmtime

from wasmbind._host_glue import ABORT, ABORTED, ARGUMENTS, CELL_SIZE, PAGE, SEED, host_glue, slots_glue
from wasmbind._opaque_glue import TAG, TURNS
from wasmbind._schema.model import FunctionType
from wasmbind._wat import to_binary

MIXED = FunctionType(("i32", "f64", "i64", "f32"), ("i64",))
PASS = FunctionType(("externref", "externref"), ("externref",))


class Host:
    """The glue of some imports, and a host that looks into its cells."""

    def __init__(self, functions: dict[int, FunctionType]) -> None:
        self.store = wasmtime.Store()
        self.seen: list[bytes] = []
        self.result = b""
        entry = wasmtime.Func(self.store, wasmtime.FuncType([], []), self._enter)
        module = wasmtime.Module(self.store.engine, to_binary(host_glue(functions)))
        self.entry = entry
        self.exports: Any = wasmtime.Instance(self.store, module, [entry] if functions else []).exports(self.store)
        cells = self.exports["cells"]
        assert isinstance(cells, wasmtime.Memory)
        address = ctypes.addressof(cells.data_ptr(self.store).contents)
        self.cells = memoryview((ctypes.c_uint8 * PAGE).from_address(address)).cast("B")

    def _enter(self) -> None:
        self.seen.append(bytes(self.cells[: ARGUMENTS + 8 * CELL_SIZE]))
        self.cells[ARGUMENTS : ARGUMENTS + len(self.result)] = self.result


def test_arguments_and_result() -> None:
    """Each argument has a cell of its own, after the index of the handler; the result comes from the first."""
    host = Host({3: MIXED, 5: FunctionType((), ())})
    host.result = struct.pack("<q", -(1 << 40))
    assert host.exports["f3"](host.store, -2, 0.25, 1 << 50, 1.5) == -(1 << 40)
    (seen,) = host.seen
    assert struct.unpack_from("<I", seen) == (3,)
    found = [
        struct.unpack_from(f"<{code}", seen, ARGUMENTS + CELL_SIZE * at)[0]
        for at, code in enumerate(("i", "d", "q", "f"))
    ]
    assert found == [-2, 0.25, 1 << 50, 1.5]
    host.exports["f5"](host.store)
    assert struct.unpack_from("<I", host.seen[1]) == (5,)


def test_references_take_turns() -> None:
    """A cell has the number of an `externref`, which tells its place in a table; a result is told by its place."""
    host = Host({0: PASS})
    for turn in range(2 * TURNS):
        first, second = 2 * turn + 1, 2 * turn + 2
        place = 1 + first % TURNS
        host.result = struct.pack("<I", place)
        assert host.exports["f0"](host.store, "first", "second") == "first"
        assert struct.unpack_from("<I4xI", host.seen[-1], ARGUMENTS) == (TAG | first, TAG | second)
        assert host.exports["refs"].get(host.store, place) == "first"
        assert host.exports["refs"].get(host.store, 1 + second % TURNS) == "second"
        assert host.exports["ref"].value(host.store) == second


def test_abort_and_seed() -> None:
    """`abort` leaves its arguments in cells and traps; `seed` returns what a cell holds."""
    host = Host({})
    with pytest.raises(wasmtime.Trap, match="unreachable"):
        host.exports["abort"](host.store, 1, 2, 3, 4)
    assert struct.unpack_from("<4I", host.cells, ABORT) == (1, 2, 3, 4)
    assert struct.unpack_from("<I", host.cells, ABORTED) == (1,)
    host.cells[SEED : SEED + 8] = struct.pack("<d", 0.5)
    assert host.exports["seed"](host.store) == 0.5
    assert host.seen == []


MODULE = """(module (table (export "table") 2 6 funcref)
  (type $t (func (param i32) (result i32)))
  (func (export "call") (param i32 i32) (result i32) (call_indirect (type $t) (local.get 1) (local.get 0))))"""


def test_slots() -> None:
    """`fill` puts functions at the end of the table, whose handlers follow each other; -1 if there is no room."""
    host = Host({0: FunctionType((), ())})
    store = host.store
    module: Any = wasmtime.Instance(store, wasmtime.Module(store.engine, MODULE), []).exports(store)
    glue = wasmtime.Module(store.engine, to_binary(slots_glue(FunctionType(("i32",), ("i32",)), 3)))
    linked = [host.entry, *(host.exports[name] for name in ("cells", "refs", "ref")), module["table"]]
    slots: Any = wasmtime.Instance(store, glue, linked).exports(store)
    slots["first"].set_value(store, 40)
    assert slots["fill"](store) == 2
    host.result = struct.pack("<i", 9)
    for at in range(3):
        assert module["call"](store, 2 + at, 7) == 9
        assert struct.unpack_from("<I", host.seen[-1]) == (40 + at,)
        assert struct.unpack_from("<i", host.seen[-1], ARGUMENTS) == (7,)
    assert slots["fill"](store) == -1
    with pytest.raises(wasmtime.Trap):
        module["call"](store, 5, 7)
