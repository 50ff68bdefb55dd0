"""What a careful user of wasmtime-py writes without wasmbind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import wasmtime

from benchmarks._modules import twice

__all__ = ["WASMTIME", "ByHand"]

#: What this peer is called in the table.
WASMTIME = "wasmtime-py"
#: Run-time ids in modules of asc 0.24 and later.
BUFFER_ID, STRING_ID = 1, 2


class ByHand:
    """An instance of one of our modules, through wasmtime-py's public API."""

    def __init__(self, wasm: Path) -> None:
        self.engine = wasmtime.Engine()
        self.store = wasmtime.Store(self.engine)
        self.module = wasmtime.Module(self.engine, wasm.read_bytes())
        self.instance = self.instantiate(self.store)
        self._exports = self.instance.exports(self.store)
        self.memory: Any = self._exports["memory"]
        if "__new" in self._exports:
            self.new, self.pin, self.unpin = self["__new"], self["__pin"], self["__unpin"]

    def __getitem__(self, name: str) -> Any:
        """An exported function."""
        return self._exports[name]

    def instantiate(self, store: wasmtime.Store, **given: wasmtime.Func) -> wasmtime.Instance:
        """One more instance, with other functions than its usual host functions where they are given."""
        provided: dict[str, Callable[..., Any]] = {"abort": _abort, "twice": twice, "shout": self.shout}
        imports = []
        for item in self.module.imports:
            assert isinstance(item.type, wasmtime.FuncType)
            name = item.name or ""
            imports.append(given.get(name) or wasmtime.Func(store, item.type, provided[name]))
        return wasmtime.Instance(store, self.module, imports)

    def lower(self, text: str) -> int:
        """A pinned string."""
        data = text.encode("utf-16-le")
        ptr: int = self.new(self.store, len(data), STRING_ID)
        self.pin(self.store, ptr)
        self.memory.write(self.store, data, ptr)
        return ptr

    def lift(self, ptr: int) -> str:
        """A string, copied."""
        memory, store = self.memory, self.store
        size = int.from_bytes(memory.read(store, ptr - 4, ptr), "little")
        return str(memory.read(store, ptr, ptr + size), "utf-16-le")

    def echo(self, text: str) -> str:
        """A string in and a string out."""
        ptr = self.lower(text)
        try:
            return self.lift(self["echo"](self.store, ptr))
        finally:
            self.unpin(self.store, ptr)

    def shout(self, ptr: int) -> int:
        """The host function of that name; the caller holds its result."""
        data = self.lift(ptr).upper().encode("utf-16-le")
        made: int = self.new(self.store, len(data), STRING_ID)
        self.memory.write(self.store, data, made)
        return made

    def function_value(self, function: Callable[[int], int]) -> int:
        """A pinned function object for a Python function, which takes and gives an i32."""
        i32 = wasmtime.ValType.i32()
        imported = wasmtime.Func(self.store, wasmtime.FuncType([i32], [i32]), function)
        index = self["table"].grow(self.store, 1, imported)
        ptr: int = self.new(self.store, 8, BUFFER_ID)
        self.pin(self.store, ptr)
        self.memory.write(self.store, index.to_bytes(8, "little"), ptr)
        return ptr

    def function_at(self, ptr: int) -> wasmtime.Func:
        """The function that a function object refers to."""
        index = int.from_bytes(self.memory.read(self.store, ptr, ptr + 4), "little")
        found: wasmtime.Func = self["table"].get(self.store, index)
        return found

    def words(self) -> list[str]:
        """A list of strings out."""
        memory, store = self.memory, self.store
        array = self["words"](store)
        _, start, _, length = memoryview(memory.read(store, array, array + 16)).cast("I")
        return [self.lift(ptr) for ptr in memoryview(memory.read(store, start, start + 4 * length)).cast("I")]


def _abort(*_: int) -> None:
    raise RuntimeError("the module aborted")
