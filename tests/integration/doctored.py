"""Binaries whose section `wasmbind`, or whose exports, somebody has changed."""

import functools
import json
from collections.abc import Callable
from typing import Any

from tests.integration.lazy_binary import LazyBinary
from wasmbind._schema.binary import read_binary
from wasmbind._schema.nodes import SECTION

_CUSTOM, _EXPORTS = 0, 7


def doctored(binary: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The binary with a schema that `change` has been at."""
    schema = json.loads(read_binary(binary).sections[SECTION])
    change(schema)
    return with_section(binary, json.dumps(schema).encode())


def with_section(binary: bytes, content: bytes | None) -> bytes:
    """The binary with another section `wasmbind`, or with none."""
    name = SECTION.encode()
    kept = b"".join(
        whole
        for id_, body, whole in _sections(binary)
        if not (id_ == _CUSTOM and body[_size(body, 0)[1] :].startswith(name))
    )
    if content is None:
        return binary[:8] + kept
    body = _leb(len(name)) + name + content
    return binary[:8] + kept + bytes([_CUSTOM]) + _leb(len(body)) + body


def renamed_export(binary: bytes, name: str, other: str) -> bytes:
    """The binary with an export under another name of the same length."""
    assert len(name.encode()) == len(other.encode())
    parts = [
        whole.replace(_text(name), _text(other), 1) if id_ == _EXPORTS else whole for id_, _, whole in _sections(binary)
    ]
    return binary[:8] + b"".join(parts)


def _text(name: str) -> bytes:
    return _leb(len(name.encode())) + name.encode()


def _sections(binary: bytes) -> list[tuple[int, bytes, bytes]]:
    found, at = [], 8
    while at < len(binary):
        size, start = _size(binary, at + 1)
        found.append((binary[at], binary[start : start + size], binary[at : start + size]))
        at = start + size
    return found


def _size(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            return value, at


def _leb(value: int) -> bytes:
    found = bytearray()
    while True:
        value, byte = value >> 7, value & 0x7F
        found.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(found)


LIARS = LazyBinary(
    "liars.wasm",
    """
export class Line {
  size: i32 = 5;
  text: string = "line";
  next: Line | null = null;
  wide: f64 = 1.5;
  parts: string[] = ["a"];
  constructor(text: string, size: i32 = 1) { this.text = text; this.size = size; }
  longer(by: i32): i32 { return this.size + by; }
  chain(): this { return this; }
  get shown(): string { return this.text; }
  @operator("+") plus(other: Line): Line { return new Line(this.text + other.text); }
  static make(): Line { return new Line("made"); }
}
export class Long extends Line { extra: i32 = 3; constructor() { super("long"); } }
export class Box<T> { constructor(public value: T) {} }
export let total: i32 = 4;
export function make(kind: i32): Line { return kind ? new Long() : new Line("a"); }
export function boxed(value: i32): Box<i32> { return new Box(value); }
export function lines(values: Line[]): i32 { return values.length; }
export function texts(values: string[]): string { return values.join(""); }
export function all(): Line[] { return [new Line("x"), new Long()]; }
export function fail(depth: i32): string { return depth ? fail(depth - 1) + "x" : boom(); }
function boom(): string { throw new Error("boom"); }
""",
    transform=True,
)


@functools.cache
def liars() -> bytes:
    """The binary of the tests, as it should be."""
    return LIARS.read_bytes()
