"""A module with one of everything, and the declarations that are written for it."""

SOURCE = """
/** How much. */
export enum Level { Low = 1, None = 3 }
let base = 3;
export enum Computed { First = base, Second = 4 }
export namespace geo {
  export enum Kind { A }
  export class Point { x: i32 = 1; }
  export const SIZE: i32 = 3;
  export let count: i32 = 1;
  export function distance(a: i32, b: i32 = 0): i32 { return a - b; }
}
export namespace ui { export enum Kind { B } export class Point { y: i32 = 1; } }
export function places(a: geo.Point, b: ui.Point, k: geo.Kind, l: ui.Kind): void {}

/** Speaks. */
export class Base {
  /** How much it is. */
  value: i32 = 1;
  readonly id: u32 = 7;
  static made: i32 = 4;
  private secret: i32 = 1;
  constructor(name: string = "base", loud: bool = true) {}
  speak(loud: bool): string { return "base"; }
  add(a: i32, b: i32 = 2): i32 { return a + b; }
  make(): Base { return this; }
  itself(): this { return this; }
  parse(): i32 { return 1; }
  static parse(text: string): Base { return new Base(); }
  convert<T>(value: T): T { return value; }
  get even(): bool { return true; }
  set only(value: i32) { this.value = value; }
}
export class Derived extends Base {
  constructor(raw: i32) { super(); }
  speak(quiet: bool): string { return "derived"; }
  make(): Derived { return this; }
}
export interface Named { readonly name: string; size: i32; rename(to: string): void; }
export class Field implements Named { name: string = "a"; size: i32 = 1; rename(to: string): void { this.name = to; } }
export class Accessors extends Base implements Named {
  constructor() { super(); }
  get name(): string { return "b"; }
  get size(): i32 { return 1; }
  set size(value: i32) {}
  rename(other: string): void {}
}
export class Map { a: i32 = 1; }
export function mapped(m: Map): void {}
export class Failure extends Error { constructor(message: string, public code: i32 = 3) { super(message); } }
export function moments(d: Date, all: Date[]): Date | null { return all.length ? all[0] : null; }
export function range(): RangeError | null { return null; }
export function failure(): Failure { return new Failure("x"); }

@unmanaged export class Raw { x: i32; }
export function raw(r: Raw): void {}
export function rawToo(d: DataView, t: Int16Array, u: Unseen, r: Raw): void {}
export class Unseen { field: i16 = 1; }
export class UsesRaw { raw: Raw | null = null; constructor(r: Raw) {} }
export class FromRaw extends Base { constructor(r: Raw) { super(); } }

export class Node<T> {
  next: Node<T> | null = null;
  constructor(public value: T) {}
  map(f: (n: Node<T>) => T): T { return f(this); }
}
export function nodes(a: Node<i32>, b: Node<string | null>): Node<Level>[] { return []; }

export function literals(
  a: i32 = 0x10, b: u8 = 7, c: f64 = 1, d: f32 = -2.5, e: bool = true, f: string = 'it"s', g: string | null = null
): void {}
export function unlike(a: u32 = -1, b: f64 = NaN, c: i32 = 5): void {}
export function mixed(a: i32 = 1, b: i32 = a, c: i32 = 3): i32 { return a + b + c; }
export function rest(...values: i32[]): i32 { return values.length; }
export function keyed(m: Set<i32[]>): void {}
export function keep(e: externref): externref { return e; }
export function named(self: i32, class_: i32, $x: i32, x_: i32): i32 { return self; }
export function property(): i32 { return 5; }
export function close(): i32 { return 7; }
export let handler: ((a: i32) => void) | null = null;
export function lists(
  a: i32[], b: StaticArray<f32>, c: Float64Array, d: Uint8Array, e: ArrayBuffer, f: Set<string>, g: i32[][]
): i32[] { return a; }
export function dicts(a: globals): void {}
type globals = i32;

export class Cmp {
  constructor(public v: i32) {}
  @operator("==") eq(o: i32): bool { return true; }
  @operator("!=") ne(o: Cmp | null): bool { return true; }
  @operator("<") lt(o: Cmp): bool { return true; }
  @operator("[]=") put(i: i32, v: string): void {}
  @operator.prefix("!") not(): bool { return true; }
  @operator("+") static plus(a: Cmp, b: i32): Cmp { return a; }
}
@external("app", "log") declare function log(m: string, list: i32[]): i32[];
@external("app", "limit") declare const limit: i32;
export function useLog(): i32 { return log("x", [1, 2]).length + limit; }
"""

#: Its enums and classes.
STATEMENTS = """
class Level(enum.IntEnum):
    \"""How much.\"""

    Low = 1
    None_ = 3

class Kind(enum.IntEnum):
    __asc_name__ = "geo.Kind"

    A = 0

class UiKind(enum.IntEnum):
    __asc_name__ = "ui.Kind"

    B = 0

class Point(AscClass, name="geo.Point"):
    x: i32

    def __init__(self) -> None: ...

class UiPoint(AscClass, name="ui.Point"):
    y: i32

    def __init__(self) -> None: ...

class Base(AscClass):
    \"""Speaks.\"""

    value: i32
    \"""How much it is.\"""

    def __init__(self, name: string = "base", loud: bool = True) -> None: ...
    @property
    def id(self) -> u32: ...
    @property
    def even(self) -> bool: ...
    @export("set:only")
    def set_only(self, value: i32) -> None: ...
    def speak(self, loud: bool) -> string: ...
    def add(self, a: i32, b: i32 = ...) -> i32: ...
    def make(self) -> "Base": ...
    def itself(self) -> Self: ...
    def parse(self) -> i32: ...
    @staticmethod
    @export("parse")
    def parse_(text: string) -> "Base": ...

    # left out: convert: a generic method, which has no export of its own

class Derived(Base):
    def __init__(self, raw: i32) -> None: ...
    def speak(self, loud: bool) -> string: ...
    def make(self) -> "Derived": ...

class Named(AscClass):
    @property
    def name(self) -> string: ...
    @property
    def size(self) -> i32: ...
    @size.setter
    def size(self, value: i32) -> None: ...
    def rename(self, to: string) -> None: ...

class Field(Named):
    def __init__(self) -> None: ...
    @property
    def name(self) -> string: ...
    @name.setter
    def name(self, value: string) -> None: ...
    @property
    def size(self) -> i32: ...
    @size.setter
    def size(self, value: i32) -> None: ...
    def rename(self, to: string) -> None: ...

class Accessors(Base, Named):
    def __init__(self) -> None: ...
    @property
    def name(self) -> string: ...
    @property
    def size(self) -> i32: ...
    @size.setter
    def size(self, value: i32) -> None: ...
    def rename(self, to: string) -> None: ...

class Map_(AscClass, name="Map"):
    a: i32

    def __init__(self) -> None: ...

class Failure(Error):
    code: i32

    def __init__(self, message: string, code: i32 = 3) -> None: ...

class UsesRaw(AscClass):
    pass

    # left out: raw, Raw | null: Raw is unmanaged, and nothing tells its lifetime
    # left out: constructor, (r: Raw) -> void: Raw is unmanaged, and nothing tells its
    #   lifetime

class FromRaw(AscClass):
    pass

    # left out: the base class, Base: it has a constructor, and that of this class has
    #   no annotation
    # left out: constructor, (r: Raw) -> void: Raw is unmanaged, and nothing tells its
    #   lifetime

class NodeStringOrNone(AscClass, name="Node<string | null>"):
    next: "NodeStringOrNone | None"
    value: string | None

    def __init__(self, value: string | None) -> None: ...

    def map(
        self,
        f: "Callable[[NodeStringOrNone], string | None]",
    ) -> string | None: ...

class Cmp(AscClass):
    v: i32

    def __init__(self, v: i32) -> None: ...
    def eq(self, o: i32) -> bool: ...
    def ne(self, o: "Cmp | None") -> bool: ...
    def lt(self, o: "Cmp") -> bool: ...
    def put(self, i: i32, v: string) -> None: ...
    @export("not")
    def not_(self) -> bool: ...
    def __setitem__(self, i: i32, v: string) -> None: ...
    def __add__(self, b: i32) -> "Cmp": ...
    def __ne__(self, other: object) -> bool: ...
    def __lt__(self, o: "Cmp") -> bool: ...
    @staticmethod
    def plus(a: "Cmp", b: i32) -> "Cmp": ...

    # left out: operator ==, (o: i32) -> bool: Python compares with any object
""".replace("\\", "")
#: Lines of the module's class.
MEMBERS = """
def places(self, a: Point, b: UiPoint, k: Kind, l: UiKind) -> None: ...
def geo_distance(self, a: i32, b: i32 = 0) -> i32: ...
geo_count: Annotated[i32, Name("geo.count")]
def geo_SIZE(self) -> i32: ...
Base_made: Annotated[i32, Name("Base.made")]
def unlike(self, a: u32 = ..., b: f64 = ..., c: i32 = ...) -> None: ...
def mixed(self, a: i32 = 1, b: i32 = ..., c: i32 = ...) -> i32: ...
def rest(self, values: Sequence[i32] = ...) -> i32: ...
def moments(self, d: Date, all: Sequence[Date]) -> Date | None: ...
def keep(self, e: Opaque[Any] | None) -> Opaque[Any] | None: ...
def named(self, self_: i32, class_: i32, x2: i32, x_: i32) -> i32: ...
def property_(self) -> i32: ...
def close_(self) -> i32: ...
handler: Callable[[i32], None] | None
def nodes(self, a: NodeI32, b: NodeStringOrNone) -> Array[NodeI32]: ...
def log(self, m: string, list: Array[i32]) -> Sequence[i32]: ...
# left out: the import app.limit, i32: pass imports={'app': {'limit': ...}}
# left out: raw, (r: Raw) -> void: Raw is unmanaged, and nothing tells its lifetime
# left out: keyed, (m: Set<Array<i32>>) -> void: keys of type Array<i32> are
# left out: the enum Computed: First computed when the module starts; its values are
"""
