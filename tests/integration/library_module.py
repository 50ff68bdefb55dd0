"""A library: classes with every kind of member, in a binary with a schema."""

from tests.integration.lazy_binary import LazyBinary

LIBRARY = LazyBinary(
    "library.wasm",
    """
export class Entry {
  flag: bool = true;
  private hidden: i64 = -7;
  small: i8 = -3;
  protected guarded: string = "guarded";
  ratio: f32 = 1.5;
  readonly id: u32 = 0xffffffff;
  wide: u64 = 0xffffffffffffffff;
  next: Entry | null = null;
  parts: string[] = ["a", "b"];
  half: u16 = 65535;
  constructor(public title: string, size: i32 = 3) { this._size = size; }
  private _size: i32;
  get size(): i32 { return this._size; }
  set size(value: i32) { this._size = value * 2; }
  get length(): i32 { return this.title.length; }
  set only(value: i32) { this._size = value; }
  describe(prefix: string = "entry"): string { return prefix + " " + this.title + " " + this._size.toString(); }
  chain(): this { this._size++; return this; }
  link(other: Entry | null): Entry | null { const before = this.next; this.next = other; return before; }
  static parse(text: string): Entry { return new Entry(text.toUpperCase()); }
  private secret(): i32 { return 1; }
  protected guard(): i32 { return 2; }
  private get inner(): i32 { return 3; }
}
export class Book extends Entry {
  pages: i32 = 100;
  describe(prefix: string = "book"): string { return super.describe(prefix) + " " + this.pages.toString(); }
}
export class Atlas extends Book {
  maps: i32[] = [1, 2, 3];
  constructor() { super("atlas", 9); }
}
class Secret extends Book { code: i32 = 42; describe(prefix: string = "?"): string { return "secret"; } }
export class Unreached { value: i32 = 5; twice(): i32 { return this.value * 2; } }
export class Point { x: f64 = 1; y: f64 = 2; label: string = "p"; }
export class Sealed { private constructor(public n: i32) {} static make(): Sealed { return new Sealed(4); } }
export function make(kind: i32): Entry {
  return kind == 0 ? new Entry("zero") : kind == 1 ? new Book("one") : kind == 2 ? new Atlas() : new Secret("three");
}
export function read(entry: Entry): string {
  return [entry.flag.toString(), entry.small.toString(), entry.ratio.toString(), entry.wide.toString(), entry.title,
    entry.half.toString(), entry.parts.join("+"), entry.next ? entry.next!.title : "none"].join(" ");
}
export function norm(p: Point): string { return p.label + (p.x * p.x + p.y * p.y).toString(); }
""",
    transform=True,
)
