"""Binaries with a schema: namespaces, statics, globals, enums and optional parameters of functions."""

# mypy: disable-error-code="empty-body"

import enum
from typing import Annotated

import pytest

from tests.integration.lazy_binary import LazyBinary
from tests.integration.mismatches import facts
from wasmbind import AscClass, AscModule, LowerError, LowerTypeError, Name, export, f64, i32, string, u64

PARTS = LazyBinary(
    "parts.wasm",
    """
export enum Level { Debug = 1, Info, Warn = 10, Off = -1 }
export const enum Color { Red = 5, Green = Red + 1, Blue = 0x10 }
let base = 3;
export enum Late { First = base, Second = 4 }
enum Hidden { No, Yes }
export const LIMIT: i32 = 42;
export const HUGE: u64 = 0xffffffffffffffff;
export const TITLE: string = "title";
export let counter: i32 = 7;
export let level: Level = Level.Info;
export let note: string | null = null;
export let current: File | null = null;
export class File {
  static count: i32 = 0;
  static readonly MAX: i32 = 100;
  static newest: File | null = null;
  static prefix: string = "file";
  private static secret: i32 = 1;
  level: Level = Level.Warn;
  constructor(public name: string) { File.count++; File.newest = this; }
  static make(name: string, times: i32 = 2): File { return new File((File.prefix + name).repeat(times)); }
  static get total(): i32 { return File.count * 10; }
  static set total(value: i32) { File.count = value; }
  paint(color: Color, level: Level = Level.Debug): Level { return color == Color.Red ? level : Level.Off; }
}
export class Sub extends File { static own: i32 = 3; }
export function tick(): i32 { return ++counter; }
export function paint(color: Color, level: Level = Level.Debug): Level {
  return color == Color.Red ? level : Level.Off;
}
export function hidden(value: Hidden): Hidden { return value == Hidden.Yes ? Hidden.No : Hidden.Yes; }
export function late(value: Late): Late { return value; }
export function optional(a: i32, b: i32 = a * 2, c: string = "x", d: File | null = null): string {
  return a.toString() + "," + b.toString() + "," + c + (d ? d.name : "-");
}
export function levels(): Level[] { return [Level.Off, Level.Warn]; }
export function count(levels: Level[]): i32 { return levels.length; }
export namespace geo {
  export const ORIGIN: i32 = 9;
  export let zoom: f64 = 1.5;
  export enum Axis { X, Y }
  export class Place {
    static known: i32 = 2;
    axis: Axis = Axis.Y;
    constructor(public name: string) {}
    doubled(): string { return this.name + this.name; }
    static home(): Place { return new Place("home"); }
  }
  export function distance(a: i32, b: i32 = 0): i32 { return a > b ? a - b : b - a; }
  export namespace inner { export function deep(): string { return "deep"; } }
}
""",
    transform=True,
)


class Level(enum.IntEnum):
    Debug = 1
    Info = 2
    Warn = 10
    Off = -1


class Color(enum.IntEnum):
    Red = 5
    Green = 6
    Blue = 16


class Late(enum.IntEnum):
    First = 3
    Second = 4


class Hidden(enum.IntEnum):
    No = 0
    Yes = 1


class Axis(enum.IntEnum):
    X = 0
    Y = 1


class File(AscClass):
    level: Level
    name: string

    def __init__(self, name: string) -> None: ...
    @staticmethod
    def make(name: string, times: i32 = ...) -> "File": ...
    @staticmethod
    @export("get:total")
    def total() -> i32: ...
    @staticmethod
    @export("set:total")
    def set_total(value: i32) -> None: ...
    def paint(self, color: Color, level: Level = ...) -> Level: ...
    @export("paint")
    def paint_warning(self, color: Color, level: Level = Level.Warn) -> Level: ...


class Sub(File):
    pass


class Place(AscClass, name="geo.Place"):
    axis: Axis
    name: string

    def __init__(self, name: string) -> None: ...
    def doubled(self) -> string: ...
    @staticmethod
    def home() -> "Place": ...


class Parts(AscModule, wasm=PARTS, classes=[Place, Sub]):
    counter: i32
    level: Level
    note: string | None
    current: File | None
    count_of_files: Annotated[i32, Name("File.count")]
    newest: Annotated[File | None, Name("File.newest")]
    prefix: Annotated[string, Name("File.prefix")]
    own: Annotated[i32, Name("Sub.own")]
    zoom: Annotated[f64, Name("geo.zoom")]
    known: Annotated[i32, Name("geo.Place.known")]

    @property
    def LIMIT(self) -> i32: ...
    @property
    def HUGE(self) -> u64: ...
    @property
    def TITLE(self) -> string: ...
    @property
    @export("File.MAX")
    def maximum(self) -> i32: ...
    @property
    @export("geo.ORIGIN")
    def origin(self) -> i32: ...
    def tick(self) -> i32: ...
    def paint(self, color: Color, level: Level = ...) -> Level: ...
    def hidden(self, value: Hidden) -> Hidden: ...
    def late(self, value: Late) -> Late: ...
    def optional(self, a: i32, b: i32 = ..., c: string = ..., d: File | None = ...) -> string: ...
    @export("optional")
    def python_default(self, a: i32, b: i32 = 7, c: string = "x", d: File | None = None) -> string: ...
    def levels(self) -> list[Level]: ...
    def count(self, levels: list[Level]) -> i32: ...
    @export("geo.distance")
    def distance(self, a: i32, b: i32 = ...) -> i32: ...
    @export("geo.inner.deep")
    def deep(self) -> string: ...


@pytest.fixture
def parts() -> Parts:
    """A new instance: tests change globals."""
    return Parts()


def test_namespaces(parts: Parts) -> None:
    """What lies in a namespace is named with it, classes through `name=`."""
    place = parts[Place]("a")
    assert (place.doubled(), place.axis, parts[Place].home().name) == ("aa", Axis.Y, "home")
    assert (parts.distance(3), parts.distance(3, 10), parts.deep()) == (3, 7, "deep")
    assert (parts.origin, parts.zoom, parts.known) == (9, 1.5, 2)
    parts.zoom, parts.known = 2.5, 3
    assert (parts.zoom, parts.known) == (2.5, 3)


def test_namespaces_may_be_left_out_of_class_names(parts: Parts) -> None:
    """The internal name of a class in a namespace is as good as its exported one."""

    class Somewhere(AscClass, name="inline/geo.Place"):
        name: string

        def doubled(self) -> string: ...

    class Place(AscClass):
        name: string

    assert parts[Somewhere]
    ((who, _, found, fix),) = facts(Parts, Place)
    assert (who, found, fix) == (
        "Place",
        "no class of that name",
        'did you mean class Place(AscClass, name="geo.Place")?',
    )


def test_statics(parts: Parts) -> None:
    """Static methods and static accessors, with AssemblyScript's defaults."""
    file = parts[File].make("a")
    assert (file.name, parts[File].make("b", 1).name) == ("fileafilea", "fileb")
    assert parts[File].total() == 20
    parts[File].set_total(7)
    assert (parts[File].total(), parts.count_of_files) == (70, 7)
    with parts.active():
        assert File.total() == Sub.total() == 70
        assert type(Sub.make("c")) is File


def test_static_fields(parts: Parts) -> None:
    """Static fields are globals of the module, by the class's name and theirs."""
    assert (parts.count_of_files, parts.newest, parts.prefix, parts.own, parts.maximum) == (0, None, "file", 3, 100)
    file = parts[File]("f")
    assert (parts.count_of_files, parts.newest) == (1, file)
    parts.prefix, parts.newest, parts.count_of_files, parts.own = "p", None, 41, 5
    assert (parts.newest, parts[File].make("x", 1).name, parts.own) == (None, "px", 5)
    assert parts.count_of_files == 42
    with pytest.raises(AttributeError):
        parts.maximum = 3  # type: ignore[misc]  # the point of the test


def test_globals(parts: Parts) -> None:
    """Exported globals hold numbers, enums, strings and objects; constants can be read only."""
    assert (parts.LIMIT, parts.HUGE, parts.TITLE, parts.counter) == (42, 2**64 - 1, "title", 7)
    assert (parts.level, parts.note, parts.current) == (Level.Info, None, None)
    parts.counter, parts.level, parts.note, parts.current = 10, Level.Off, "text", parts[Sub]("s")
    assert (parts.tick(), parts.counter, parts.level, parts.note) == (11, 11, Level.Off, "text")
    assert isinstance(parts.current, Sub)
    parts.note = parts.current = None
    assert (parts.note, parts.current) == (None, None)


def test_constants_declared_as_variables() -> None:
    """A constant is declared as a property; an annotation says that it could be assigned."""

    class Parts(AscModule, wasm=PARTS):
        LIMIT: i32
        counter: f64
        tick: i32
        contour: i32
        hidden_secret: Annotated[i32, Name("File.secret")]

    assert [(each[0], each[2]) for each in facts(Parts)] == [
        ("Parts.LIMIT", "constant i32"),
        ("Parts.counter", "i32"),
        ("Parts.tick", "a function of that name"),
        ("Parts.contour", "no exported global 'contour'"),
        ("Parts.hidden_secret", "a private static field, which is not exported"),
    ]


def test_enums(parts: Parts) -> None:
    """Enums and const enums cross as members: in parameters, results, fields, globals and lists."""
    file = parts[File]("f")
    assert parts.paint(Color.Red) is Level.Debug
    assert parts.paint(Color.Red, Level.Warn) is Level.Warn
    assert file.paint(Color.Blue) is Level.Off
    assert (file.paint(Color.Red), file.paint_warning(Color.Red)) == (Level.Debug, Level.Warn)
    assert (parts.late(Late.First), parts.hidden(Hidden.Yes)) == (Late.First, Hidden.No)
    file.level = Level.Off
    assert file.level is Level.Off
    assert parts.levels() == [Level.Off, Level.Warn]
    assert parts.count([Level.Debug, Level.Info]) == 2
    with pytest.raises(LowerTypeError):
        parts.paint("Red")  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(LowerError):
        parts.paint(99)  # type: ignore[arg-type]  # the point of the test


def test_wrong_enums() -> None:
    """Members are compared with those of `const` enums and of computed ones too, as far as they are known."""

    class Color(enum.IntEnum):
        Red = 5
        Green = 7
        Bleu = 16

    class Late(enum.IntEnum):
        First = 99
        Second = 5

    class Axis(enum.IntEnum):
        X = 0

    class Parts(AscModule, wasm=PARTS):
        def paint(self, color: Color, level: i32 = ...) -> i32: ...
        def late(self, value: Late) -> Late: ...
        def hidden(self, value: Axis) -> i32: ...

    assert facts(Parts) == [
        ("Parts.hidden(value)", "Axis", "Hidden", "annotate `value: Hidden`"),
        ("Color.Green", "7", "6", "write `Green = 6`"),
        ("Color.Bleu", "16", "no such member", "did you mean 'Blue'?"),
        ("Late.Second", "5", "4", "write `Second = 4`"),
    ]


def test_optional_parameters(parts: Parts) -> None:
    """`= ...` leaves an argument to AssemblyScript, whose default may depend on others; Python's are passed."""
    file = parts[File]("f")
    assert parts.optional(1) == "1,2,x-"
    assert parts.optional(1, 5) == "1,5,x-"
    assert parts.optional(1, 5, "k", file) == "1,5,kf"
    assert parts.optional(a=3, b=4, c="z") == "3,4,z-"
    assert parts.optional(1, 5, "k", None) == "1,5,k-"
    with pytest.raises(LowerTypeError, match=r"Parts.optional\(b\)"):
        parts.optional(1, c="z")


def test_python_defaults() -> None:
    """A Python default that differs from AssemblyScript's is told; one that cannot be compared is not."""

    class Parts(AscModule, wasm=PARTS):
        @export("optional")
        def right(self, a: i32, b: i32 = 5, c: string = "x", d: File | None = None) -> string: ...
        @export("optional")
        def wrong(self, a: i32, b: i32 = 5, c: string = "y", d: File | None = None) -> string: ...

    fix = "write `= ...` for AssemblyScript's default, or `= 'x'`"
    assert facts(Parts) == [("Parts.wrong(c)", "the default 'y'", '"x"', fix)]


def test_inherited_statics(parts: Parts) -> None:
    """A static of a base class may be declared on a class that derives from it."""

    class Sub(AscClass):
        @staticmethod
        def make(name: string, times: i32 = ...) -> File: ...

    assert parts[Sub].make("a", 1).name == "filea"
