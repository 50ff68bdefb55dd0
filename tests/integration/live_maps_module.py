"""An AssemblyScript module of maps and sets, and its declaration."""

# mypy: disable-error-code="empty-body"

import types

from tests.compiling import compile_asc
from wasmbind import AscClass, AscModule, Map, Set, f64, i8, i32, i64, string

SOURCE = """
export class Line { s: string; constructor(s: string) { this.s = s; } }
export function line(s: string): Line { return new Line(s); }
export function texts(n: i32): Map<string, string> {
  const made = new Map<string, string>();
  for (let i = 0; i < n; i++) made.set("key " + i.toString(), "old " + i.toString());
  return made;
}
export function lines(n: i32): Map<i64, Line> {
  const made = new Map<i64, Line>();
  for (let i = 0; i < n; i++) made.set(i, new Line("old " + i.toString()));
  return made;
}
export function numbers(n: i32): Map<f64, i8> {
  const made = new Map<f64, i8>();
  for (let i = 0; i < n; i++) made.set(i, i8(i));
  return made;
}
export function group(n: i32): Set<Line> {
  const made = new Set<Line>();
  for (let i = 0; i < n; i++) made.add(new Line("old " + i.toString()));
  return made;
}
export function byLine(): Map<Line, i32> { return new Map<Line, i32>(); }
// Moves the entries, renews the values, and puts something else where the old ones lay.
export function shakeTexts(m: Map<string, string>): void {
  const keys = m.keys();
  for (let i = 0; i < keys.length; i++) m.set(keys[i], "new" + keys[i].substring(3));
  for (let i = 0; i < 40; i++) m.set("key " + (100 + i).toString(), "new " + (100 + i).toString());
}
export function shakeLines(m: Map<i64, Line>): void {
  const keys = m.keys();
  for (let i = 0; i < keys.length; i++) m.set(keys[i], new Line("new " + keys[i].toString()));
  for (let i = 0; i < 40; i++) m.set(100 + i, new Line("new " + (100 + i).toString()));
}
export function fill(): void {
  for (let i = 0; i < 60; i++) {
    const made = new StaticArray<u32>(8 + (i & 31));
    for (let j = 0; j < made.length; j++) made[j] = 0x12345678;
  }
}
export function showTexts(m: Map<string, string>): string {
  const keys = m.keys();
  return keys.map<string>((key) => "").length.toString() + keys.join(",") + "=" + m.values().join(",");
}
export function showLines(m: Map<i64, Line>): string {
  return m.keys().join(",") + "=" + m.values().map<string>((each) => each.s).join(",");
}
export function hasText(m: Map<string, string>, key: string): bool { return m.has(key); }
export function hasLine(m: Map<i64, Line>, key: i64): bool { return m.has(key); }
export function hasNumber(m: Map<f64, i8>, key: f64): bool { return m.has(key); }
export function hasMember(m: Set<Line>, each: Line): bool { return m.has(each); }
export function setNull(m: Map<string, string>, key: string): void { m.set(key, changetype<string>(0)); }
export function take(m: Map<string, string>): i32 { return m.size; }
"""


class Line(AscClass):
    s: string


class Maps(AscModule):
    def line(self, s: string) -> Line: ...
    def texts(self, n: i32) -> Map[string, string]: ...
    def lines(self, n: i32) -> Map[i64, Line]: ...
    def numbers(self, n: i32) -> Map[f64, i8]: ...
    def group(self, n: i32) -> Set[Line]: ...
    def byLine(self) -> Map[Line, i32]: ...
    def shakeTexts(self, m: Map[string, string]) -> None: ...
    def shakeLines(self, m: Map[i64, Line]) -> None: ...
    def fill(self) -> None: ...
    def showTexts(self, m: Map[string, string]) -> string: ...
    def showLines(self, m: Map[i64, Line]) -> string: ...
    def hasText(self, m: Map[string, string], key: string) -> bool: ...
    def hasLine(self, m: Map[i64, Line], key: i64) -> bool: ...
    def hasNumber(self, m: Map[f64, i8], key: f64) -> bool: ...
    def hasMember(self, m: Set[Line], each: Line) -> bool: ...
    def setNull(self, m: Map[string, string], key: string) -> None: ...
    def take(self, m: dict[string, string]) -> i32: ...


def new_maps(*, transform: bool) -> Maps:
    """An instance of a build."""
    cls: type[Maps] = types.new_class("Built", (Maps,), {"wasm": compile_asc(SOURCE, transform=transform)})
    return cls()
