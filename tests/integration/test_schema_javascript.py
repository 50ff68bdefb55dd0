"""The same calls from Python and from JavaScript, through the bindings that asc itself makes."""

# mypy: disable-error-code="empty-body"

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.compiling import compile_asc, find_node
from wasmbind import AscClass, AscModule, f32, f64, i8, i32, i64, string, u16, u32, u64

SOURCE = """
export class Line {
  text: string = "";
  width: f64 = 0;
  next: Line | null = null;
  constructor(text: string, width: f64) { this.text = text; this.width = width; }
  wider(by: f64 = 0.1): f64 { return this.width += by; }
  get shown(): string { return this.text + " " + this.width.toString(); }
  @operator("+") plus(other: Line): Line { return new Line(this.text + other.text, this.width + other.width); }
  @operator("<") less(other: Line): bool { return this.text < other.text; }
}
export class Wide extends Line { wider(by: f64 = 0.1): f64 { return super.wider(by * 2); } }
export function make(text: string, width: f64, wide: bool): Line {
  return wide ? new Wide(text, width) : new Line(text, width);
}
export function wider(line: Line, by: f64): f64 { return line.wider(by); }
export function shown(line: Line): string { return line.shown; }
export function textOf(line: Line): string { return line.text; }
export function widthOf(line: Line): f64 { return line.width; }
export function plus(a: Line, b: Line): Line { return a + b; }
export function less(a: Line, b: Line): bool { return a < b; }
export function link(a: Line, b: Line | null): Line | null { const before = a.next; a.next = b; return before; }
export function numbers(a: i8, b: u16, c: u32, d: i64, e: u64, f: f32): string {
  return [a.toString(), b.toString(), c.toString(), d.toString(), e.toString(), f.toString()].join(" ");
}
export function unsigned(a: u32): u32 { return a; }
export function big(a: u64): u64 { return a; }
export function single(a: f32): f32 { return a; }
export function echo(text: string): string { return text; }
export function words(text: string): string[] { return text.split(" "); }
export function sum(values: f64[]): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}
export function flip(value: bool): bool { return !value; }
export function optional(a: i32, b: i32 = a * 2, c: string = "x"): string { return `${a} ${b} ${c}`; }
export function maybe(text: string | null): string | null { return text === null ? "null" : text == "" ? null : text; }
export function nested(): i32[][] { return [[1, 2], [], [3]]; }
"""
TEXTS = ["", "plain", "ä€\U0001f600", "a\0b", "\u2028 x", "word " * 500]

#: The calls: a function, arguments, and the number of arguments that are objects made by `make`.
CALLS: list[tuple[str, list[Any]]] = [
    *(("echo", [text]) for text in TEXTS),
    *(("words", [text]) for text in TEXTS),
    *(("maybe", [text]) for text in ("", "x", None)),
    *(("flip", [value]) for value in (True, False)),
    *(("unsigned", [value]) for value in (0, 1, 2**31, 2**32 - 1)),
    *(("single", [value]) for value in (0.1, -0.0, 16777217.0, 1e300)),
    ("numbers", [-128, 65535, 2**32 - 1, -5, 7, 0.1]),
    ("sum", [[0.1, 0.2, 0.3]]),
    ("sum", [[]]),
    ("optional", [3, 4, "z"]),
    ("nested", []),
]

_SCRIPT = """
import { readFileSync } from "node:fs";
const [bindings, wasm, calls] = process.argv.slice(1);
const { instantiate } = await import(bindings);
const module = await WebAssembly.compile(readFileSync(wasm));
const found = await instantiate(module, { env: {} });
const wide = new Set(["numbers"]);
const results = JSON.parse(calls).map(([name, args]) => {
  const given = wide.has(name) ? args.map((each, at) => (at == 3 || at == 4 ? BigInt(each) : each)) : args;
  return found[name](...given);
});
const lines = [];
const a = found.make("a", 1.5, false), b = found.make("b", 0.1, true);
lines.push(found.wider(a, 0.2), found.wider(b, 0.2), found.shown(a), found.shown(b));
const c = found.plus(a, b);
lines.push(found.shown(c), found.less(a, b), found.less(b, a), found.textOf(c), found.widthOf(b));
lines.push(found.link(a, b) === null, found.textOf(found.link(a, null)), found.link(a, c) === null);
console.log(JSON.stringify({ results, lines, big: String(found.big(18446744073709551615n)) }));
"""


class Line(AscClass):
    text: string
    width: f64
    next: "Line | None"

    def __init__(self, text: string, width: f64) -> None: ...
    def wider(self, by: f64 = ...) -> f64: ...
    @property
    def shown(self) -> string: ...
    def __add__(self, other: "Line") -> "Line": ...
    def __lt__(self, other: "Line") -> bool: ...


class Wide(Line):
    def __init__(self, text: string, width: f64) -> None: ...


class Module(AscModule):
    def make(self, text: string, width: f64, wide: bool) -> Line: ...
    def numbers(self, a: i8, b: u16, c: u32, d: i64, e: u64, f: f32) -> string: ...
    def unsigned(self, a: u32) -> u32: ...
    def big(self, a: u64) -> u64: ...
    def single(self, a: f32) -> f32: ...
    def echo(self, text: string) -> string: ...
    def words(self, text: string) -> list[string]: ...
    def sum(self, values: list[f64]) -> f64: ...
    def flip(self, value: bool) -> bool: ...
    def optional(self, a: i32, b: i32 = ..., c: string = ...) -> string: ...
    def maybe(self, text: string | None) -> string | None: ...
    def nested(self) -> list[list[i32]]: ...
    def link(self, a: Line, b: Line | None) -> Line | None: ...


@pytest.fixture(scope="module")
def wasm() -> Path:
    """The binary, with asc's own bindings beside it."""
    return compile_asc(SOURCE, "--bindings", "raw", transform=True)


@pytest.fixture(scope="module")
def module(wasm: Path) -> Module:
    """An instance of it."""

    class Compiled(Module, wasm=wasm.read_bytes(), classes=[Wide]):
        pass

    return Compiled()


@pytest.fixture(scope="module")
def javascript(wasm: Path) -> dict[str, Any]:
    """What JavaScript finds."""
    command = [find_node(), "--input-type=module", "-e", _SCRIPT, wasm.with_suffix(".js").as_uri(), str(wasm)]
    done = subprocess.run([*command, json.dumps(CALLS)], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_functions(module: Module, javascript: dict[str, Any]) -> None:
    """Numbers, texts, null, lists give the same in both languages."""
    for (name, arguments), expected in zip(CALLS, javascript["results"], strict=True):
        found = getattr(module, name)(*arguments)
        assert found == (float("inf") if name == "single" and expected is None else expected), (name, arguments)
    assert module.big(2**64 - 1) == int(javascript["big"])


def test_objects(module: Module, javascript: dict[str, Any]) -> None:
    """Methods, accessors, operators, fields and null on objects give what functions give that do the same inside."""
    a, b = module.make("a", 1.5, False), module.make("b", 0.1, True)
    assert isinstance(b, Wide)
    lines: list[object] = [a.wider(0.2), b.wider(0.2), a.shown, b.shown]
    c = a + b
    lines += [c.shown, a < b, b < a, c.text, b.width]
    before, a.next = a.next, b
    lines.append(before is None)
    before, a.next = a.next, None
    assert before is b
    lines.append(before.text)
    before, a.next = a.next, c
    lines.append(before is None)
    assert lines == javascript["lines"]
    assert module.link(a, None) is c
