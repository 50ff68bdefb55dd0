"""Declarations that are wrong in every way there is, each once, for one binary with a schema."""

# mypy: disable-error-code="empty-body"

import enum
from typing import Annotated, Generic, TypeVar

from tests.integration.lazy_binary import LazyBinary
from wasmbind import AscClass, AscModule, AscRecord, Name, export, f32, f64, i32, i64, string, u32

T = TypeVar("T")

BINARY = LazyBinary(
    "right.wasm",
    """
export enum Level { Debug = 1, Info, Warn = 10 }
export const enum Color { Red, Green = 5 }
export class Line {
  text: string = "";
  width: f64 = 1;
  next: Line | null = null;
  marks: i32[] = [];
  readonly id: u32 = 7;
  private secret: i32 = 1;
  protected guarded: i32 = 2;
  static limit: i32 = 80;
  constructor(text: string, width: f64 = 1.5) { this.text = text; this.width = width; }
  get size(): i32 { return this.text.length; }
  get title(): string { return this.text; }
  set title(value: string) { this.text = value; }
  set only(value: i32) { this.width = value; }
  append(other: Line, times: i32 = 1): Line { return this; }
  find(text: string): Line | null { return null; }
  move(left: i32, top: i32): void {}
  join(separator: string): this { return this; }
  convert<T>(value: T): T { return value; }
  each(f: (line: Line) => i32): i32 { return f(this); }
  views(): Uint8Array { return new Uint8Array(0); }
  table(): Map<string, i32> { return new Map(); }
  static parse(text: string): Line { return new Line(text); }
  private hide(): void {}
  protected guard(): void {}
  /** @wasmbindSkip */
  skipped(): void {}
  @operator("+") plus(other: Line): Line { return this; }
}
export class LongLine extends Line { extra: i32 = 0; constructor(extra: i32) { super("", 1); } }
export class Other { value: i32 = 0; }
export class Point { x: f64 = 0; y: f64 = 0; constructor(x: f64) { this.x = x; } }
export abstract class Task { abstract run(): i32; }
export interface Shape { area(): f64; }
export class Sealed { private constructor() {} static make(): Sealed { return new Sealed(); } }
@unmanaged export class Raw { x: f32; }
export class Box<T> { constructor(public value: T) {} }
export class Pair<K, V> { constructor(public key: K, public value: V) {} }
export const LIMIT: i32 = 5;
export let counter: i32 = 0;
export let current: Line | null = null;
export namespace geo { export class Place { name: string = ""; } export function distance(): i32 { return 1; } }
export function find(text: string, exact: bool): Line | null { return null; }
export function first(): Line { return new Line(""); }
export function lines(values: Line[]): string[] { return []; }
export function numbers(values: u32[]): f32[] { return []; }
export function optional(a: i32, b: i32 = 2, c: string = "x"): i32 { return a; }
export function level(value: Level): Level { return value; }
export function raw(value: Raw): f32 { return value.x; }
export function ints(): Box<i32> { return new Box(1); }
export function words(): Box<string> { return new Box("a"); }
export function pairs(): Pair<string, Line>[] { return []; }
export function pair(): Pair<i32, i32> { return new Pair(1, 2); }
export function color(value: Color): i64 { return 0; }
export function tick(): void {}
export function simple(a: i32): i32 { return a; }
export function apply(f: (a: i32) => i32): i32 { return f(1); }
""",
    transform=True,
)


class Level(enum.IntEnum):
    Debug = 1
    Info = 3
    Warning = 10


class Color(enum.IntEnum):
    Red = 0
    Green = 6


class Line(AscClass):
    width: f32  # another type
    text: string  # another order
    next: "Line"  # null in AssemblyScript
    marks: list[u32]  # another sign
    id: i32  # another sign
    secret: i32  # private
    guarded: i32  # protected
    txet: string  # misspelt
    limit: i32  # static
    find: i32  # a method
    only: i32  # a setter alone

    def __init__(self, text: string) -> None: ...  # too few
    def append(self, other: "Line", times: i32 = 2) -> "Line": ...  # another default
    @export("append")
    def append_all(self, other: "Line", times: i32, more: i32) -> "Line": ...  # too many
    @export("append")
    def append_none(self) -> "Line": ...  # none at all
    @export("find")
    def find_always(self, text: string) -> "Line": ...  # null in AssemblyScript
    @export("find")
    def find_null(self, text: string | None) -> "Line | None": ...  # not null in AssemblyScript
    def move(self, top: i32, left: i32) -> None: ...  # another order
    def join(self, separator: string) -> string: ...  # another result
    def convert(self, value: i32) -> i32: ...  # generic
    def each(self, f: string) -> i32: ...  # a function value
    def views(self) -> list[i32]: ...  # other elements
    def table(self) -> list[string]: ...  # a map
    def hide(self) -> None: ...  # private
    def guard(self) -> None: ...  # protected
    def skipped(self) -> None: ...  # left out
    def parse(self, text: string) -> "Line": ...  # static
    def size(self) -> i32: ...  # a getter
    def title(self) -> string: ...  # a getter and a setter
    def width_of(self) -> f64: ...  # nothing of the kind
    @export("width")
    def width_method(self) -> f64: ...  # a field
    @export("limit")
    def limit_method(self) -> i32: ...  # a static field
    def apend(self, other: "Line") -> "Line": ...  # misspelt
    def __sub__(self, other: "Line") -> "Line": ...  # not overloaded
    def __add__(self, other: string) -> "Line": ...  # another operand
    @property
    def move_property(self) -> i32: ...  # nothing of the kind
    @property
    @export("move")
    def moved(self) -> i32: ...  # a method
    @property
    @export("size")
    def length(self) -> i32: ...
    @length.setter
    @export("size")
    def length(self, value: i32) -> None: ...  # no setter
    @staticmethod
    @export("find")
    def find_static(text: string) -> "Line | None": ...  # no static
    @staticmethod
    def prase(text: string) -> "Line": ...  # misspelt


class LongLine(Line):
    """Inherits a constructor that is not its own."""


class Other(Line):
    """Derives from another class."""


class Lime(AscClass):
    """Misspelt."""

    text: string


class Place(AscClass):
    """In a namespace."""

    name: string


class Point(AscRecord):
    """Has a constructor with parameters."""

    x: f64


class Task(AscClass):
    def __init__(self) -> None: ...  # abstract


class Shape(AscClass):
    def __init__(self) -> None: ...  # an interface
    def area(self, scale: f64) -> f64: ...  # too many


class Sealed(AscClass):
    def __init__(self) -> None: ...  # private


class Raw(AscClass):
    """Unmanaged."""

    x: f32


class Box(AscClass, Generic[T]):
    value: T


class Pair(AscClass):
    """Generic in AssemblyScript, with several types."""

    key: string


class Wrong(
    AscModule,
    wasm=BINARY,
    classes=[LongLine, Other, Lime, Place, Point, Task, Shape, Sealed, Raw, Box[i32], Box[f64], Pair],
):
    LIMIT: i32  # a constant
    counter: f64  # another type
    contour: i32  # misspelt
    current: Line  # null in AssemblyScript
    simple: i32  # a function
    limit: Annotated[string, Name("Line.limit")]  # another type

    def find(self, text: string) -> Line | None: ...  # too few
    @export("find")
    def find_null(self, text: string | None, exact: bool) -> Line | None: ...  # not null in AssemblyScript
    @export("find")
    def find_always(self, text: string, exact: i32) -> Line: ...  # two mistakes
    @export("find")
    def find_swapped(self, exact: bool, text: string) -> Line | None: ...  # another order
    def first(self) -> Line | None: ...  # not null in AssemblyScript
    def lines(self, values: list[string]) -> list[Line]: ...  # other elements
    def numbers(self, values: list[i32]) -> list[f64]: ...  # other elements
    def optional(self, a: i32, b: i32 = 3, c: string = "y") -> i32: ...  # other defaults
    @export("simple")
    def simple_optional(self, a: i32 = ...) -> i32: ...  # not optional
    def level(self, value: Color) -> i32: ...  # another enum
    def raw(self, value: Raw) -> f32: ...
    def ints(self) -> Box[string]: ...  # other type arguments
    def words(self) -> Box[i32]: ...  # other type arguments
    def color(self, value: Color) -> u32: ...  # another size
    @export("color")
    def color_of_level(self, value: Level) -> i64: ...  # another enum
    def tick(self) -> i32: ...  # no result
    def simple_(self, a: i32) -> i32: ...  # misspelt
    @export("simple")
    def simple_void(self, a: i64) -> None: ...  # a result
    def distance(self) -> i32: ...  # in a namespace
    def counter_(self) -> i32: ...  # nothing of the kind
    @export("counter")
    def counter_function(self) -> i32: ...  # a global
    @property
    @export("simple")
    def simple_property(self) -> i32: ...  # a function
    def apply(self, f: i32) -> i32: ...  # a function value
