"""A host of wasmtime alone: what a binary of asc does, without wasmbind in between."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import wasmtime

FUEL = 10**12  # enough for anything but a loop that does not end

_FORMATS = {
    "bool": "B",
    "i8": "b",
    "u8": "B",
    "i16": "h",
    "u16": "H",
    "i32": "i",
    "u32": "I",
    "isize": "i",
    "usize": "I",
    "i64": "q",
    "u64": "Q",
    "f32": "f",
    "f64": "d",
}


class AbortError(Exception):
    """The module called `abort`."""


class PlainHost:
    """An instance, and the schema that its binary carries."""

    def __init__(self, wasm: Path, imports: Mapping[tuple[str, str], Any] | None = None) -> None:
        config = wasmtime.Config()
        config.consume_fuel = True
        engine = wasmtime.Engine(config)
        self.store = wasmtime.Store(engine)
        self.store.set_fuel(FUEL)
        self.module = wasmtime.Module.from_file(engine, str(wasm))
        self.schema = read_schema(wasm)
        self._imports: dict[tuple[str, str], Any] = {
            ("env", "abort"): self._abort,
            ("host", "scale"): 2.5,
            **(imports or {}),
        }
        found = [self._import(each) for each in self.module.imports]
        self.exports = wasmtime.Instance(self.store, self.module, found).exports(self.store)

    @property
    def names(self) -> set[str]:
        """The names of the exports."""
        return {each.name for each in self.module.exports}

    def call(self, name: str, *arguments: float) -> Any:
        """Call an exported function."""
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func), name
        return function(self.store, *arguments)

    def call_optional(self, name: str, *arguments: float, is_method: bool = False) -> Any:
        """Call an exported function that has optional parameters with some of its arguments."""
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func), name
        self.call("__setArgumentsLength", len(arguments) - is_method)
        missing = len(function.type(self.store).params) - len(arguments)
        return function(self.store, *arguments, *[0] * missing)

    def get(self, name: str) -> Any:
        """The value of an exported global."""
        found = self.exports[name]
        assert isinstance(found, wasmtime.Global), name
        return found.value(self.store)

    def set(self, name: str, value: float) -> None:
        """Assign an exported global."""
        found = self.exports[name]
        assert isinstance(found, wasmtime.Global), name
        found.set_value(self.store, value)

    def table(self, index: int) -> Any:
        """The function of a table index."""
        table = self.exports["table"]
        assert isinstance(table, wasmtime.Table)
        return table.get(self.store, index)

    def read(self, address: int, type_: str = "u32") -> Any:
        """The value of a numeric type at an address."""
        layout = f"<{_FORMATS[type_]}"
        return struct.unpack(layout, self._memory.read(self.store, address, address + struct.calcsize(layout)))[0]

    def write(self, address: int, data: bytes) -> None:
        """Write bytes to an address."""
        self._memory.write(self.store, data, address)

    def rt_id(self, ptr: int) -> int:
        """The run-time id in the header of an object."""
        return int(self.read(ptr - 8))

    def string(self, ptr: int) -> str:
        """The text of a string object."""
        return bytes(self._memory.read(self.store, ptr, ptr + self.read(ptr - 4))).decode("utf-16-le")

    def new_string(self, text: str) -> int:
        """Make a string object, which the collector may free at any time."""
        data = text.encode("utf-16-le")
        ptr = int(self.call("__new", len(data), self.class_of("~lib/string/String")["id"]))
        self.write(ptr, data)
        return ptr

    def new(self, name: str, *arguments: float) -> int:
        """Make an object by the exported constructor, and pin it."""
        return int(self.call("__pin", self.call(f"{name}#constructor", 0, *arguments)))

    def class_of(self, name: str) -> Any:
        """The class of an export name or internal name in the schema."""
        return next(each for each in self.schema["classes"] if name in (each.get("export"), each["internal"]))

    def type_of(self, index: int) -> Any:
        """An entry of the schema's types."""
        return self.schema["types"][index]

    @property
    def _memory(self) -> wasmtime.Memory:
        memory = self.exports["memory"]
        assert isinstance(memory, wasmtime.Memory)
        return memory

    def _abort(self, message: int, file: int, line: int, column: int) -> None:
        text = self.string(message) if message else ""
        raise AbortError(f"{text} ({self.string(file) if file else '?'}:{line}:{column})")

    def _import(self, each: wasmtime.ImportType) -> Any:
        value = self._imports.get((each.module, each.name or ""), _answer_nothing)
        kind = each.type
        if isinstance(kind, wasmtime.FuncType):
            return wasmtime.Func(self.store, kind, value)
        assert isinstance(kind, wasmtime.GlobalType)
        return wasmtime.Global(self.store, kind, wasmtime.Val.f64(value))


def _answer_nothing(*_: Any) -> int:
    """Stand for a function that a test does not care about."""
    return 0


def read_schema(wasm: Path) -> Any:
    """The schema of a binary."""
    return json.loads(read_section(wasm))


def read_section(wasm: Path, name: str = "wasmbind") -> bytes:
    """The content of a custom section."""
    data, at = wasm.read_bytes(), 8
    while at < len(data):
        kind = data[at]
        size, start = _read_unsigned(data, at + 1)
        at = start + size
        if kind == 0:
            length, first = _read_unsigned(data, start)
            if data[first : first + length].decode() == name:
                return data[first + length : at]
    raise LookupError(f"{wasm.name} has no custom section {name}")


def _read_unsigned(data: bytes, at: int) -> tuple[int, int]:
    """An integer in LEB128, and the index of what follows it."""
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
