"""One program, and what it has to do however it is compiled."""

# mypy: disable-error-code="empty-body"

import functools
import operator
from collections.abc import Callable
from pathlib import Path
from typing import Any

import wasmtime

from tests.compiling import compile_asc
from wasmbind import Array, AscClass, AscModule, i32, string

SOURCE = """
@external("host", "name") declare function name(): string;
export class Line {
  s: string = "";
  next: Line | null = null;
}
export let counter: i32 = "abc".length + 4;
export const greeting: string = "hello, ";
export function add(a: i32, b: i32): i32 { return a + b; }
export function hello(who: string): string { return greeting + who; }
export function words(n: i32): string[] {
  const found: string[] = [];
  for (let i = 0; i < n; i++) found.push("w" + i.toString());
  return found;
}
export function total(values: i32[]): i32 {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}
export function chain(texts: string[]): Line | null {
  let last: Line | null = null;
  for (let i = texts.length - 1; i >= 0; i--) {
    const line = new Line();
    line.s = texts[i];
    line.next = last;
    last = line;
  }
  return last;
}
export function hosted(): string { return hello(name()); }
export function eat(pieces: i32): i32 {
  const kept: ArrayBuffer[] = [];
  for (let i = 0; i < pieces; i++) kept.push(new ArrayBuffer(65536));
  return kept.length;
}
export function fail(why: string): void { throw new Error(why); }
export function pages(): i32 { return memory.size(); }
export function twice(f: (value: i32) => i32, value: i32): i32 { return f(f(value)); }
export function doubler(): (value: i32) => i32 { return value => value * 2; }
"""


class Line(AscClass):
    s: string
    next: "Line | None"


class Variant(AscModule):
    """All but function values, which need a table that the host can reach."""

    counter: i32

    def add(self, a: i32, b: i32) -> i32: ...
    def hello(self, who: string) -> string: ...
    def words(self, n: i32) -> list[string]: ...
    def total(self, values: list[i32]) -> i32: ...
    def chain(self, texts: Array[string]) -> Line | None: ...
    def hosted(self) -> string: ...
    def eat(self, pieces: i32) -> i32: ...
    def fail(self, why: string) -> None: ...
    def pages(self) -> i32: ...


class Calling(Variant):
    def twice(self, f: Callable[[i32], i32], value: i32) -> i32: ...
    def doubler(self) -> Callable[[i32], i32]: ...


class Compiled:
    """What `wasm=` takes for a declaration at module level: a source, compiled with options when it is first needed."""

    name = "compiled.wasm"

    def __init__(self, source: str, *options: str) -> None:
        self._source, self._options = source, options

    def read_bytes(self) -> bytes:
        """Compile, or take what an earlier run compiled."""
        return compile_asc(self._source, *self._options).read_bytes()


def name() -> string:
    """What the program imports."""
    return "Ada"


def load(wasm: Path | bytes | wasmtime.Module, base: type[Any] = Variant, **options: Any) -> Any:
    """An instance of the program."""
    cls = type("Loaded", (base,), {"__module__": __name__}, wasm=wasm, **options)
    return cls(imports={"host": {"name": name}})


def check(module: Any) -> None:
    """Everything that the program does, with memory growing in between."""
    assert module.counter == 7
    module.counter = -3
    assert (module.counter, module.add(2, 3)) == (-3, 5)
    assert module.hello("Bob") == "hello, Bob"
    assert module.words(4) == ["w0", "w1", "w2", "w3"]
    texts = [f"line {index}" for index in range(50)]
    first = module.chain(texts)
    before = module.pages()
    assert module.eat(40) == 40
    assert module.pages() > before
    assert module.total(list(range(1000))) == 499_500
    assert module.hosted() == "hello, Ada"
    module.runtime.collect()
    line, found = first, list[str]()
    while line is not None:
        found.append(line.s)
        line = line.next
    assert found == texts
    first.s = "changed"
    assert first.s == "changed"


def check_calling(module: Any) -> None:
    """Function values both ways."""
    check(module)
    adders = [functools.partial(operator.add, by) for by in range(300)]
    assert module.twice(functools.partial(operator.mul, 3), 2) == 18
    assert module.doubler()(21) == 42
    assert module.twice(module.doubler(), 5) == 20
    assert [module.twice(adder, 0) for adder in adders] == [2 * by for by in range(300)]
