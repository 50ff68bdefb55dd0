"""The module whose heap the integration tests watch, in every build, and what headers tell about its objects."""

# mypy: disable-error-code="empty-body"

import functools
import gc
from dataclasses import dataclass
from typing import Any

import pytest
import wasmtime

from tests.compiling import Compiler, compile_asc
from wasmbind import AscClass, AscModule, i32, string, u32
from wasmbind._natives import native_class

SOURCE = """
export class Node {
  serial: i32 = 0;
  next: Node | null = null;
  name: string | null = null;
  kids: Node[] = [];
}
const top: Node = new Node();
const hoard: ArrayBuffer[] = [];
export function root(): Node { return top; }
export function make(serial: i32): Node { const n = new Node(); n.serial = serial; return n; }
export function chain(length: i32): void {
  let at = top;
  for (let i = 1; i <= length; i++) { const n = make(i); at.next = n; at = n; }
}
export function at(index: i32): Node {
  let n = top;
  while (index-- > 0) n = n.next!;
  return n;
}
export function fresh(): usize { return changetype<usize>(new ArrayBuffer(512)); }
export function churn(count: i32): void { for (let i = 0; i < count; i++) new ArrayBuffer(512); }
export function grow(mib: i32): void { hoard.push(new ArrayBuffer(mib << 20)); }
export function echo(s: string): string { return s + "!"; }
export function depth(n: Node | null): i32 { let d = 0; while (n) { d++; n = n.next; } return d; }
function fail(s: string, depth: i32): string {
  const kept = s + "!";
  if (!depth) throw new Error("boom " + s);
  return fail(s, depth - 1) + kept;  // `kept` lies on the shadow stack
}
export function boom(s: string): string { return s.length ? fail(s, 4) : s; }
"""


class Node(AscClass):
    serial: i32
    next: "Node | None"
    name: string | None
    kids: list["Node"]


@dataclass(frozen=True)
class Build:
    """A way to compile, and a source of a binary: anything with `read_bytes` is one."""

    compiler: Compiler = "modern"
    runtime: str = "incremental"
    source: str = SOURCE

    def read_bytes(self) -> bytes:
        path = compile_asc(self.source, "--runtime", self.runtime, compiler=self.compiler)
        return path.read_bytes()

    def __str__(self) -> str:
        return f"{self.compiler}-{self.runtime}"


@functools.cache
def heap_class(build: Build) -> Any:
    """The declarations that all binaries here fit."""

    class Heap(AscModule, wasm=build):
        def root(self) -> Node: ...
        def make(self, serial: i32) -> Node: ...
        def chain(self, length: i32) -> None: ...
        def at(self, index: i32) -> Node: ...
        def fresh(self) -> u32: ...
        def churn(self, count: i32) -> None: ...
        def grow(self, mib: i32) -> None: ...
        def echo(self, s: string) -> string: ...
        def depth(self, n: Node | None) -> i32: ...
        def boom(self, s: string) -> string: ...

    return Heap


#: Builds whose collector marks in steps, that collect only when asked to, and that never free anything.
INCREMENTAL = [Build("modern"), Build("classic")]
MINIMAL = [Build("modern", "minimal"), Build("classic", "minimal")]
STUB = [Build("modern", "stub"), Build("classic", "stub")]
incremental = pytest.mark.parametrize("build", INCREMENTAL, ids=str)
collecting = pytest.mark.parametrize("build", [*INCREMENTAL, *MINIMAL], ids=str)
everywhere = pytest.mark.parametrize("build", [*INCREMENTAL, *MINIMAL, *STUB], ids=str)


def word(heap: Any, address: int) -> int:
    """The u32 at an address."""
    heap.runtime.refresh()
    return int(heap.runtime.memory.cast("I")[address >> 2])


def address_of(node: Node) -> int:
    """The address of the object behind a Python object."""
    return node._asc_ptr


def colour(heap: Any, ptr: int) -> int:
    """The collector's colour of an object: 0 and 1 are white and black in turn, 2 is grey, 3 is pinned."""
    return word(heap, ptr - 16) & 3


def is_free(heap: Any, ptr: int) -> bool:
    """Whether the memory of an object has been freed."""
    return bool(word(heap, ptr - 20) & 1)


def drop_results(heap: Any) -> None:
    """Have dead Python objects released, and the last result replaced."""
    gc.collect()
    heap.make(-1)
    heap.make(-1)


@dataclass
class PinSpy:
    """What instances pin while it is installed: the colour of each object, against white, and its id."""

    colours: list[tuple[int, int]]
    ids: set[int]


def spy_on_pins(monkeypatch: pytest.MonkeyPatch) -> PinSpy:
    """Stand between wasmbind and every `__pin` and `__new`; the last new object shows which colour is white."""
    seen, newest = PinSpy([], set()), [0]
    native = native_class()
    original = native.export

    def export(self: Any, name: str) -> Any:
        real = original(self, name)
        if name not in ("__new", "__pin"):
            return real

        def forward(*arguments: int) -> int:
            result: int = real(self.store, *arguments)
            newest[0] = result
            return result

        def pin(ptr: int) -> int:
            memory = original(self, "memory")
            header = [memory.read(self.store, at - 16, at) for at in (ptr, newest[0])]
            seen.colours.append((header[0][0] & 3, header[1][0] & 3))
            seen.ids.add(int.from_bytes(header[0][8:12], "little"))
            return int(real(self.store, ptr))

        return wasmtime.Func(self.store, real.type(self.store), pin if name == "__pin" else forward)

    monkeypatch.setattr(native, "export", export)
    return seen
