"""Glue that makes AssemblyScript's arrays longer and shorter, in memory that asc's collectors manage."""

from __future__ import annotations

import functools
import random
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import wasmtime

from tests.compiling import Compiler, compile_asc
from wasmbind._array_glue import add_array
from wasmbind._glue import Glue
from wasmbind._layout import Storage
from wasmbind._schema.binary import read_binary
from wasmbind._wat import to_binary

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._schema.model import Binary

SOURCE = """
export class Node { constructor(public serial: i32, public next: Node | null = null) {} }
let top: Node | null = null;
export function chain(length: i32): void {
  top = null;
  for (let i = 0; i < length; i++) top = new Node(i, top);
}
export function node(serial: i32): Node { return new Node(serial); }
export function churn(count: i32): void { for (let i = 0; i < count; i++) new StaticArray<u64>(64).fill(-1); }
export function roots(): StaticArray<Node | null> { return new StaticArray<Node | null>(64); }
export function bufferId(): u32 { return idof<ArrayBuffer>(); }
export function numbers(): i32[] { return []; }
export function literal(): i32[] { return [1, 2, 3]; }
export function push(a: i32[], value: i32): void { a.push(value); }
export function sum(a: i32[]): i32 { let found = 0; for (let i = 0; i < a.length; i++) found += a[i]; return found; }
export function nodes(): Node[] { return []; }
export function pushNode(a: Node[], value: Node): void { a.push(value); }
export function serials(a: Node[]): i32 { let n = 0; for (let i = 0; i < a.length; i++) n += a[i].serial; return n; }
"""
FUEL = 10**11  # enough for anything but a loop that does not end
NUMBER, NODE = Storage("i32"), Storage("u32", is_managed=True)
#: What the slots of the root table hold: a temporary of the glue, the array, its source, one object.
TEMPORARY, ARRAY, SOURCE_ARRAY, CHILD = 1, 4, 5, 6
BLACK_CHAIN = 20_000


@dataclass(frozen=True)
class Build:
    """A way to compile all of that."""

    compiler: Compiler = "modern"
    transform: bool = False
    runtime: str = "incremental"

    def __str__(self) -> str:
        return "-".join(part for part in (self.compiler, "transform" * self.transform, self.runtime) if part)


STOCK, LINKING = Build(), Build(transform=True)
BUILDS = [STOCK, LINKING, Build("oldest"), Build("classic"), Build(runtime="minimal"), Build(runtime="stub")]
each_build = pytest.mark.parametrize("build", BUILDS, ids=str)
each_marking = pytest.mark.parametrize("build", BUILDS[:4], ids=str)


@functools.cache
def compiled(build: Build) -> tuple[Binary, bytes]:
    """The binary of a build, also parsed."""
    options = ("--runtime", build.runtime)
    wasm = compile_asc(SOURCE, *options, compiler=build.compiler, transform=build.transform).read_bytes()
    return read_binary(wasm), wasm


class Host:
    """An instance with an array and the glue for it. Root slots are the elements of a pinned array."""

    def __init__(self, build: Build, element: Storage, maker: str, **members: str) -> None:
        config = wasmtime.Config()
        config.consume_fuel = True
        engine = wasmtime.Engine(config)
        self.store = wasmtime.Store(engine)
        self.store.set_fuel(FUEL)
        self.binary, wasm = compiled(build)
        module = wasmtime.Module(engine, wasm)

        def ignore(*_: int) -> None:
            """Stand in for `abort`."""

        abort = wasmtime.Func(self.store, wasmtime.FuncType([wasmtime.ValType.i32()] * 4, []), ignore)
        self.exports = wasmtime.Instance(self.store, module, [abort] * len(module.imports)).exports(self.store)
        self.slots = self.call("__pin", self.call("roots")) // 4
        self.buffer_id = self.call("bufferId")
        glue = Glue(self.binary)
        add_array(glue, element, buffer_id=self.buffer_id, temporaries=(TEMPORARY, 2), compiled=members)
        glue.define('  (export "append" (func $append))', '  (export "splice" (func $splice))')
        self.imports = glue.imports
        assembled = wasmtime.Module(engine, to_binary(str(glue)))
        imports = [self.exports[name] for name in glue.imports]
        self.glue = wasmtime.Instance(self.store, assembled, imports).exports(self.store)
        for slot in glue.slots:
            found: Any = self.glue[f"slot_{slot}"]
            found.set_value(self.store, self.slots + slot)
        self.array = self.hold(ARRAY, self.call(maker))

    def call(self, name: str, *arguments: int) -> int:
        """Call an export of the module."""
        function: Any = self.exports[name]
        result = function(self.store, *arguments)
        return 0 if result is None else int(result) & 0xFFFFFFFF

    def hold(self, slot: int, ptr: int) -> int:
        """Let a root slot hold an object, and return it."""
        self.write(4 * (self.slots + slot), ptr)
        return ptr

    def write(self, address: int, *words: int) -> None:
        """Write u32 words."""
        memory: Any = self.exports["memory"]
        memory.write(self.store, struct.pack(f"<{len(words)}I", *words), address)

    def words(self, address: int, count: int) -> list[int]:
        """Read u32 words."""
        memory: Any = self.exports["memory"]
        return list(struct.unpack(f"<{count}I", memory.read(self.store, address, address + 4 * count)))

    def append(self, value: int) -> None:
        """Append with the glue."""
        append: Any = self.glue["append"]
        append(self.store, self.array, value)

    def splice(self, index: int, removed: int, source: int = 0, added: int = 0) -> None:
        """Splice with the glue."""
        splice: Any = self.glue["splice"]
        splice(self.store, self.array, index, removed, source, added)

    def source(self, words: list[int]) -> int:
        """An address with words, in a buffer that a slot holds."""
        ptr = self.hold(SOURCE_ARRAY, self.call("__new", 4 * len(words), self.buffer_id))
        self.write(ptr, *words)
        return ptr

    @property
    def elements(self) -> list[int]:
        """The elements, after a look at what surrounds them."""
        buffer, start, capacity, length = self.words(self.array, 4)
        assert buffer == start
        assert self.words(buffer - 8, 2) == [self.buffer_id, capacity]
        assert self.words(4 * (self.slots + TEMPORARY), 1) == [0]
        assert not any(self.words(start + 4 * length, capacity // 4 - length)), "what is not used is zero"
        return self.words(start, length)

    # --- the collector --------------------------------------------------------------------------------------

    def collect(self) -> None:
        """A full collection, where there is any."""
        if "__collect" in self.binary.exports:
            self.call("__collect")

    def is_black(self, ptr: int) -> bool:
        """Whether the marker has been at an object in this cycle; allocates a little."""
        self.call("churn", 1)
        white = self.words(self.call("__new", 0, self.buffer_id) - 16, 1)[0] & 3
        return self.words(ptr - 16, 1)[0] & 3 == 1 - white

    def allocate_until(self, condition: Callable[[], bool]) -> None:
        """Drive the collector on."""
        assert any(condition() for _ in range(20_000)), "the collector never got there"

    def is_alive(self, node: int, serial: int) -> bool:
        """Whether nobody has freed a node."""
        return not self.words(node - 20, 1)[0] & 1 and self.words(node, 1) == [serial]


@each_build
def test_grows_as_push_does(build: Build) -> None:
    """Appended to element by element, the array has the same room as one that AssemblyScript pushes to."""
    host = Host(build, NUMBER, "numbers")
    other = host.hold(SOURCE_ARRAY, host.call("numbers"))
    for value in range(150):
        host.append(value)
        host.call("push", other, value)
        assert host.words(host.array + 8, 2) == host.words(other + 8, 2)
    assert host.elements == list(range(150))
    assert host.call("sum", host.array) == sum(range(150))


@each_build
def test_mixed_with_assemblyscript(build: Build) -> None:
    """Whatever the two sides do in turn to an array, it holds what a list would."""
    chance = random.Random(5)  # noqa: S311 - to be repeatable
    host, expected = Host(build, NUMBER, "literal"), [1, 2, 3]
    for step in range(200):
        value = chance.randrange(1 << 20)
        match chance.randrange(4):
            case 0:
                host.append(value)
                expected.append(value)
            case 1:
                host.call("push", host.array, value)
                expected.append(value)
            case _:
                index = chance.randint(0, len(expected))
                removed = chance.randint(0, min(len(expected) - index, 9))
                added = [value + each for each in range(chance.randrange(10))]
                host.splice(index, removed, host.source(added), len(added))
                expected[index : index + removed] = added
        if step % 50 == 0:
            host.collect()
        assert host.call("sum", host.array) == sum(expected)
    assert host.words(host.words(host.array + 4, 1)[0], len(expected)) == expected


@each_build
def test_references_under_pressure(build: Build) -> None:
    """While the collector works all the time, whatever is put into an array stays there."""
    chance = random.Random(7)  # noqa: S311 - to be repeatable
    host = Host(build, NODE, "nodes")
    host.call("chain", 2_000)
    expected: list[int] = []
    for step in range(600 if build.runtime == "incremental" else 200):
        if chance.random() < 0.6:
            host.append(host.hold(CHILD, host.call("node", step)))
            expected.append(step)
        else:
            added = range(step, step + chance.randrange(6))
            filler = host.hold(2, host.call("nodes"))
            for serial in added:
                host.call("pushNode", filler, host.hold(CHILD, host.call("node", serial)))
            source = host.words(filler + 4, 1)[0]
            index = chance.randint(0, len(expected))
            removed = chance.randint(0, min(len(expected) - index, 4))
            host.splice(index, removed, source, len(added))
            expected[index : index + removed] = added
        host.hold(2, 0)
        host.hold(CHILD, 0)
        host.call("churn", step % 5)
        if step % 150 == 149:
            host.collect()
            assert [host.words(node, 1)[0] for node in host.elements] == expected
    assert [host.words(node, 1)[0] for node in host.elements] == expected
    assert host.call("serials", host.array) == sum(expected)


def write_raw(host: Host, child: int) -> None:
    """Store a child behind the collector's back."""
    start = host.words(host.array + 4, 1)[0]
    host.write(start, child)


def append(host: Host, child: int) -> None:
    """Append it where there is room."""
    host.append(child)


def append_and_grow(host: Host, child: int) -> None:
    """Append it where there is none."""
    while host.words(host.array + 12, 1)[0] * 4 < host.words(host.array + 8, 1)[0]:
        host.append(0)
    assert host.is_black(host.array)
    host.append(child)


def splice(host: Host, child: int) -> None:
    """Splice it in from the buffer of another object."""
    host.splice(0, 1, host.source([child]), 1)


def splice_and_grow(host: Host, child: int) -> None:
    """Splice it in among others."""
    host.splice(1, 0, host.source([*[0] * 30, child]), 31)


def survives(build: Build, use: Callable[[Host, int], None], **members: str) -> bool:
    """Whether a child that only a marked array refers to, and the array's buffer, live to the end of the cycle."""
    host = Host(build, NODE, "nodes", **members)
    host.append(0)
    host.call("chain", BLACK_CHAIN)
    host.allocate_until(lambda: host.is_black(host.array))
    child = host.hold(CHILD, host.call("node", 4242))
    assert not host.is_black(child), "the child is white: nobody has visited it"
    use(host, child)
    assert host.words(4 * (host.slots + TEMPORARY), 1) == [0]
    host.hold(CHILD, 0)
    host.hold(SOURCE_ARRAY, 0)
    host.allocate_until(lambda: not host.is_black(host.array))
    for _ in range(BLACK_CHAIN // 50):  # long enough to sweep everything that marking left white
        host.call("churn", 100)
        if not host.is_alive(child, 4242):
            return False
    buffer, _, capacity, _ = host.words(host.array, 4)
    return host.words(buffer - 8, 2) == [host.buffer_id, capacity] and not host.words(buffer - 20, 1)[0] & 1


def test_a_raw_write_loses_the_child() -> None:
    """Storing a child into a marked array without a barrier is a use after free: the tests below would see it."""
    assert not survives(STOCK, write_raw)


@each_marking
@pytest.mark.parametrize("use", [append, append_and_grow, splice, splice_and_grow])
def test_children_of_a_marked_array(build: Build, use: Callable[[Host, int], None]) -> None:
    """What is put into an array that the marker has passed stays alive, and so does its new buffer."""
    assert survives(build, use)


@pytest.mark.parametrize("build", [LINKING, Build("oldest", transform=True)], ids=str)
def test_compiled_push(build: Build) -> None:
    """Where the binary exports the push of the class, appending calls it, and means the same."""
    names = [name for name in compiled(build)[0].exports if name.endswith(">#push")]
    numbers, nodes = (next(name for name in names if part in name) for part in ("i32", "Node"))
    host = Host(build, NUMBER, "numbers", push=numbers)
    assert numbers in host.imports
    for value in range(100):
        host.append(value)
    assert host.words(host.words(host.array + 4, 1)[0], 100) == list(range(100))
    assert survives(build, append_and_grow, push=nodes)


@each_build
def test_too_large(build: Build) -> None:
    """AssemblyScript itself refuses an array that would be too large, and it stays as it was."""
    host = Host(build, NUMBER, "literal")
    with pytest.raises(wasmtime.Trap):
        host.splice(1, 1, 0, 1 << 29)
    assert host.call("sum", host.array) == 6
    host.append(4)
    assert host.call("sum", host.array) == 10
