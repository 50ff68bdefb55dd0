"""An instance of the module of `map_source` without wasmbind, with the glue of Map and Set linked to it."""

import functools
import struct
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
import wasmtime

from tests.integration.map_source import SHAPES, STORAGES, Build, Shape
from wasmbind._glue import Glue
from wasmbind._heap_glue import NO_STRING
from wasmbind._layout import VIEWS, compute_entry_layout
from wasmbind._map_glue import add_map
from wasmbind._schema.binary import read_binary
from wasmbind._schema.model import Binary
from wasmbind._wat import to_binary

FUEL = 10**11  # enough for anything but a loop that does not end


@functools.cache
def engine() -> wasmtime.Engine:
    """An engine whose calls end when their fuel does."""
    config = wasmtime.Config()
    config.consume_fuel = True
    return wasmtime.Engine(config)


@functools.cache
def compiled_module(build: Build) -> tuple[Binary, wasmtime.Module]:
    """The binary of a build, parsed and compiled."""
    wasm = build.read()
    return read_binary(wasm), wasmtime.Module(engine(), wasm)


class Host:
    """An instance, and the glue of its types.

    Root slots are the elements of a pinned array: 0 to 3 are scratch slots, 4 and 5 hold a key and a value.
    """

    KEY, VALUE, MAPS = 4, 5, 8

    def __init__(self, build: Build) -> None:
        self.store = wasmtime.Store(engine())
        self.store.set_fuel(FUEL)
        self.binary, module = compiled_module(build)
        abort = wasmtime.Func(self.store, wasmtime.FuncType([wasmtime.ValType.i32()] * 4, []), print)
        self.exports = wasmtime.Instance(self.store, module, [abort] * len(module.imports)).exports(self.store)
        memory = self.exports["memory"]
        assert isinstance(memory, wasmtime.Memory)
        self._memory = memory
        self.slots = self.call("__pin", self.call("roots")) // 4
        self.buffer_id, self.string_id = self.call("bufferId"), self.call("stringId")
        self._glues: dict[Shape, MapGlue] = {}
        self._nodes: dict[int, int] = {}

    def call(self, name: str, *arguments: float) -> Any:
        """Call an export of the module."""
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func), name
        return function(self.store, *arguments)

    def read(self, address: int, size: int) -> bytes:
        return bytes(self._memory.read(self.store, address, address + size))

    def write(self, address: int, data: bytes) -> None:
        self._memory.write(self.store, data, address)

    def words(self, address: int, count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}I", self.read(address, 4 * count))

    def hold(self, slot: int, ptr: int) -> int:
        """Let a root slot hold an object, and return it."""
        self.write(4 * (self.slots + slot), struct.pack("<I", ptr))
        return ptr

    def new(self, size: int, rt_id: int, slot: int) -> int:
        return self.hold(slot, int(self.call("__new", size, rt_id)) % 2**32)

    def lower(self, type_: str, value: Any, slot: int) -> Any:
        """What stands for a value in a call; a new string is held, and a node is always the same one."""
        if value is None:
            return 0
        if type_.startswith("string"):
            data = str(value).encode("utf-16-le", "surrogatepass")
            ptr = self.new(len(data), self.string_id, slot)
            self.write(ptr, data)
            return ptr
        if type_.startswith("Node"):
            if value not in self._nodes:
                self._nodes[value] = self.hold(100 + value, self.call("node", value))
            return self._nodes[value]
        return value

    def glue(self, shape: Shape) -> "MapGlue":
        """The glue of a type, made once."""
        if shape not in self._glues:
            self._glues[shape] = MapGlue(self, shape)
        return self._glues[shape]

    def text(self, ptr: int) -> str:
        """The text of a string that must be alive."""
        info, _, _, rt_id, size = self.words(ptr - 20, 5)
        assert not self.is_free(ptr), f"{ptr} is free"
        assert (rt_id, info & 1) == (self.string_id, 0)
        return self.read(ptr, size).decode("utf-16-le", "surrogatepass")

    def is_free(self, ptr: int) -> bool:
        """Whether the collector has freed an object, or its memory has been used again for something else."""
        info, _, _, rt_id, _ = self.words(ptr - 20, 5)
        return bool(info & 1) or rt_id > 1000

    # --- the collector --------------------------------------------------------------------------------------

    def colour(self, ptr: int) -> int:
        return self.words(ptr - 16, 1)[0] & 3

    def is_black(self, ptr: int) -> bool:
        """Whether the marker has been at an object in the current cycle; allocates a little."""
        return self.colour(ptr) == 1 - self.colour(self.new(0, self.buffer_id, 6))

    def start_marking(self, ptr: int) -> None:
        """Let the collector mark until it has been at an object, with much left to mark."""
        self.call("chain", 20_000)
        for _ in range(100_000):
            if self.is_black(ptr):
                return
            self.call("allocate", 4096)
        pytest.fail("the collector never got there")


@functools.cache
def compile_glue(source: str) -> wasmtime.Module:
    """Compile a glue."""
    return wasmtime.Module(engine(), to_binary(source))


class MapGlue:
    """The glue of one type.

    Args:
        compiled: exports to call, as `add_map` takes them.
        barrier: without it, to see what it is good for.
    """

    def __init__(
        self, host: Host, shape: Shape, compiled: Mapping[str, str] = MappingProxyType({}), *, barrier: bool = True
    ) -> None:
        self.host, self.shape = host, shape
        self.index = SHAPES.index(shape)
        self.key, self.value = shape.storages
        self.layout = compute_entry_layout(self.key, self.value)
        glue = Glue(host.binary)
        ids = {"buffer_id": host.buffer_id, "string_id": host.string_id}
        add_map(glue, self.key, self.value, **ids, temporaries=(1, 2), compiled=compiled)
        for name in ("hash", *glue.defined):
            glue.define(f'  (export "{name}" (func ${name}))')
        if not barrier:
            glue.define("  (func $forget (param i32) (param i32))")
        self.source = str(glue) if barrier else str(glue).replace("(call $link ", "(call $forget ")
        imports = [host.exports[name] for name in glue.imports]
        module = compile_glue(self.source)
        self.exports = wasmtime.Instance(host.store, module, imports).exports(host.store)
        for slot in glue.slots:
            found = self.exports[f"slot_{slot}"]
            assert isinstance(found, wasmtime.Global)
            found.set_value(host.store, host.slots + slot)

    def call(self, name: str, *arguments: float) -> Any:
        """Call a function of the glue."""
        function = self.exports[name]
        assert isinstance(function, wasmtime.Func), name
        return function(self.host.store, *arguments)

    def by_assemblyscript(self, name: str, *arguments: float) -> Any:
        """Call the module's own function of the same name."""
        return self.host.call(f"{name}_{self.index}", *arguments)

    def new(self, slot: int) -> int:
        """A map that AssemblyScript made."""
        return self.host.hold(slot, self.by_assemblyscript("make"))

    def make(self, slot: int, count: int) -> int:
        """A pinned map that the glue made."""
        sample = self.new(slot)
        rt_id, size = self.host.words(sample - 8, 2)
        assert size == 24
        return int(self.call("make", self.host.slots + slot, self.host.slots + 6, rt_id, size, count))

    def columns(self, pairs: Iterable[tuple[Any, ...]]) -> tuple[int, ...]:
        """The arguments of `fill` for keys and values, in buffers that slots hold."""
        found: list[int] = []
        for slot, type_, column in zip((20, 22), self.shape.types, zip(*pairs, strict=True), strict=False):
            text = b""
            if type_.startswith("string"):
                texts = [None if each is None else each.encode("utf-16-le", "surrogatepass") for each in column]
                data = struct.pack(f"<{len(texts)}I", *(NO_STRING if each is None else len(each) for each in texts))
                text = b"".join(each or b"" for each in texts)
            else:
                values = [self.host.lower(type_, each, 7) for each in column]
                data = struct.pack(f"<{len(values)}{VIEWS[STORAGES[type_].view][0]}", *values)
            for at, part in ((slot, data), (slot + 1, text)):
                found.append(self.host.new(len(part), self.host.buffer_id, at))
                self.host.write(found[-1], part)
        return tuple(found)

    def fill(self, slot: int, pairs: list[tuple[Any, ...]]) -> int:
        """A map that the glue made and filled; it is no longer pinned."""
        columns = self.columns(pairs)
        ptr = self.make(slot, len(pairs))
        self.call("fill", ptr, len(pairs), *columns)
        self.host.call("__unpin", ptr)
        return ptr

    def put(self, ptr: int, pair: tuple[Any, ...], *, own: bool) -> None:
        """Put a key in, by AssemblyScript or by the glue."""
        slots = (Host.KEY, Host.VALUE)
        given = [self.host.lower(*each) for each in zip(self.shape.types, pair, slots, strict=False)]
        (self.call if own else self.by_assemblyscript)(self.shape.setter, ptr, *given)

    def value_at(self, entry: int) -> Any:
        """The value of an entry."""
        assert self.value is not None
        code, size = VIEWS[self.value.view]
        (found,) = struct.unpack(f"<{code}", self.host.read(entry + self.layout.value, size))
        return self.host.text(found) if self.value.is_text and found else found

    def snapshot(self, ptr: int) -> tuple[Any, ...]:
        """All that is in a map; addresses within it are relative, live strings are texts."""
        buckets, mask, entries, capacity, offset, count = self.host.words(ptr, 6)
        stride = self.layout.stride
        assert self.host.words(buckets - 8, 2) == (self.host.buffer_id, 4 * (mask + 1))
        assert self.host.words(entries - 8, 2) == (self.host.buffer_id, stride * capacity)
        heads = [head and head - entries for head in self.host.words(buckets, mask + 1)]
        data = self.host.read(entries, stride * capacity)
        rows = [self._row(data[stride * index :][:stride], entries) for index in range(offset)]
        assert not any(data[stride * offset :])
        return mask, capacity, offset, count, heads, rows

    def _row(self, data: bytes, entries: int) -> tuple[Any, ...]:
        """What is in an entry, the bytes between its parts included; what a deleted one refers to may be gone."""
        (link,) = struct.unpack_from("<I", data, self.layout.next)
        deleted, older = link & 1, link & ~1
        parts: list[Any] = [deleted, older and older - entries]
        rest = bytearray(data)
        rest[self.layout.next : self.layout.next + 4] = b""
        for storage, at in ((self.value, self.layout.value), (self.key, 0)):  # the last first, for the slices
            if storage is None:
                continue
            part = data[at : at + storage.size]
            rest[at : at + storage.size] = b""
            if storage.is_text:
                found = int.from_bytes(part, "little")
                parts.append(None if deleted else found and self.host.text(found))
            else:
                parts.append(part)
        return (*parts, bytes(rest))


@functools.cache
def host(build: Build) -> Host:
    """An instance that tests share; there is always something to mark in it."""
    made = Host(build)
    made.call("chain", 2_000)
    return made


def forget() -> None:
    """Free what tests share while wasmtime is still there to do it."""
    for shared in (host, compile_glue, compiled_module, engine):
        shared.cache_clear()
