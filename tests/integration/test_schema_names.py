"""Binaries with a schema: what several files call by one name is told apart."""

# mypy: disable-error-code="empty-body"

import enum
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import pytest

from tests.compilers import each_compiler
from tests.compiling import Compiler
from tests.integration.lazy_binary import LazyBinary
from tests.integration.mismatches import facts
from tests.integration.plain_host import PlainHost, read_schema
from tests.integration.transformed import compile_files
from wasmbind import AscClass, AscModule, Name, export, i32, i64, string, u32

T = TypeVar("T")

FILE = 'export class File { x: i32 = 1; y: string = "main"; show(): string { return this.y; } }'
OTHER_FILE = """
export class File {
  n: i64 = 0x4141414141;
  show(): string { return "other " + this.n.toString(); }
  put(n: i64): void { this.n = n; }
}
export function make(): File { return new File(); }
"""


# --- classes of one name ---------------------------------------------------------------------------------------


@each_compiler
@pytest.mark.parametrize("entries", [("main.ts",), ("main.ts", "other.ts")], ids=["re-exported", "two entry files"])
def test_two_exported_classes_of_one_name(entries: tuple[str, ...], compiler: Compiler, tmp_path: Path) -> None:
    """The export name is the first class's; the other goes by its internal name, and its members are its own."""
    main = FILE if len(entries) > 1 else f'export * from "./other"; {FILE}'
    wasm = compile_files(tmp_path, {"main.ts": main, "other.ts": OTHER_FILE}, *entries, compiler=compiler)
    host = PlainHost(wasm)
    own = {each["internal"]: each.get("export") for each in host.schema["classes"] if "File" in each["internal"]}
    assert own == {"main/File": "File", "other/File": None}
    assert {"File#get:x", "other/File#get:n", "other/File#put"} <= host.names
    assert not {"File#get:n", "File#put", "other/File#get:x"} & host.names

    class File(AscClass):
        x: i32

        def __init__(self) -> None: ...
        def show(self) -> string: ...

    class Other(AscClass, name="other/File"):
        n: i64

        def __init__(self) -> None: ...
        def show(self) -> string: ...
        def put(self, n: i64) -> None: ...

    class Module(AscModule, wasm=wasm):
        def make(self) -> Other: ...

    module = Module()
    file, other = module[File](), module.make()
    assert (file.show(), other.show(), module[Other]().n) == ("main", "other 280267669825", 0x4141414141)
    other.put(5)
    assert (other.n, file.x, file.show()) == (5, 1, "main")


LINES = {
    "main.ts": """
import { Line as First } from "./first";
import { Line as Second } from "./second";
export class Box<T> {
  constructor(public value: T) {}
  get(): T { return this.value; }
  put(value: T): void { this.value = value; }
  kind(): u32 { return idof<T>(); }
}
export function kinds(): u32[] { return [idof<First>(), idof<Second>(), idof<First[]>(), idof<Second[]>()]; }
export function first(): Box<First | null> { return new Box<First | null>(new First()); }
export function second(): Box<Second | null> { return new Box<Second | null>(new Second()); }
export function firsts(): Box<First[]> { return new Box<First[]>([new First()]); }
export function seconds(): Box<Second[]> { return new Box<Second[]>([new Second()]); }
""",
    "first.ts": 'export class Line { text: string = "first"; }',
    "second.ts": "export class Line { n: i64 = 0x4141414141; }",
}


class Box(AscClass, Generic[T]):
    def __init__(self, value: T) -> None: ...
    def get(self) -> T: ...
    def put(self, value: T) -> None: ...
    def kind(self) -> u32: ...


class First:
    class Line(AscClass, name="first/Line"):
        """The line of one file, in a namespace of Python's."""

        text: string

        def __init__(self) -> None: ...


class Second:
    class Line(AscClass, name="second/Line"):
        """The line of the other file."""

        n: i64

        def __init__(self) -> None: ...


def test_parametrisations_by_classes_of_one_name(tmp_path: Path) -> None:
    """Each parametrisation calls its own members, though both read alike: `Box[Line | None]`, `Box[list[Line]]`."""

    class Module(AscModule, wasm=compile_files(tmp_path, LINES)):
        def kinds(self) -> list[u32]: ...
        def first(self) -> Box[First.Line | None]: ...
        def second(self) -> Box[Second.Line | None]: ...
        def firsts(self) -> Box[list[First.Line]]: ...
        def seconds(self) -> Box[list[Second.Line]]: ...

    module = Module()
    boxes: list[Box[Any]] = [module.first(), module.second(), module.firsts(), module.seconds()]
    assert [box.kind() for box in boxes] == module.kinds()
    assert len({type(box) for box in boxes}) == len(boxes)
    made = module[Box[First.Line | None]](module[First.Line]())
    other = module[Box[Second.Line | None]](module[Second.Line]())
    assert [made.kind(), other.kind()] == module.kinds()[:2]
    line, other_line = made.get(), other.get()
    assert line is not None
    assert other_line is not None
    assert (line.text, other_line.n) == ("first", 0x4141414141)
    made.put(None)
    assert (made.get(), other.get()) == (None, other_line)


# --- enums of one name -----------------------------------------------------------------------------------------

COLORS = LazyBinary(
    "colors.wasm",
    """
export enum Color { Red = 7 }
export namespace ui { export enum Color { Red = 1 } }
export function mix(color: Color): ui.Color { return color == Color.Red ? ui.Color.Red : <ui.Color>0; }
""",
    transform=True,
)


class Color(enum.IntEnum):
    Red = 7


def test_two_enums_of_one_name() -> None:
    """An enum says which one it stands for in its body; without that it is the exported one of its own name."""

    class UiColor(enum.IntEnum):
        __asc_name__ = "ui.Color"
        Red = 1

    class Module(AscModule, wasm=COLORS):
        def mix(self, color: Color) -> UiColor: ...

    assert Module().mix(Color.Red) is UiColor.Red
    assert [*UiColor] == [UiColor.Red]


def test_values_of_an_enum_with_a_name_of_its_own() -> None:
    """Members are compared with those of the enum that is named, and not with those of its namesake."""

    class UiColor(enum.IntEnum):
        __asc_name__ = "ui.Color"
        Red = 7

    class Module(AscModule, wasm=COLORS):
        def mix(self, color: Color) -> UiColor: ...

    assert facts(Module) == [("UiColor.Red", "7", "1", "write `Red = 1`")]


# --- generic classes -------------------------------------------------------------------------------------------


def test_export_names_of_generic_classes(tmp_path: Path) -> None:
    """A generic class is found by the name that it is exported by, whatever its own is."""
    main = """
    import { Box } from "./box";
    export { Box as Crate };
    export function ints(): Box<i32> { return new Box<i32>(1); }
    """
    box = "export class Box<T> { constructor(public value: T) {} }"
    wasm = compile_files(tmp_path, {"main.ts": main, "box.ts": box})
    (found,) = [each for each in read_schema(wasm)["classes"] if each["internal"] == "box/Box<i32>"]
    assert (found["generic"], found["genericExport"]) == ("box/Box", "Crate")

    class Crate(AscClass, Generic[T]):
        value: T

    class Module(AscModule, wasm=wasm):
        def ints(self) -> Crate[i32]: ...

    assert Module().ints().value == 1


def test_two_generic_classes_of_one_name(tmp_path: Path) -> None:
    """The name means the exported class, never another one that happens to have the wanted instance."""
    main = """
    import { Box as A } from "./a";
    import { Box as B } from "./b";
    export { A as Box };
    export function ints(): A<i32> { return new A<i32>(1); }
    export function strings(): B<string> { return new B<string>("b"); }
    """
    box = "export class Box<T> { constructor(public value: T) {} }"
    wasm = compile_files(tmp_path, {"main.ts": main, "a.ts": box, "b.ts": box})

    class Box(AscClass, Generic[T]):
        value: T

    class Ints(AscModule, wasm=wasm):
        def ints(self) -> Box[i32]: ...

    class Strings(AscModule, wasm=wasm):
        def strings(self) -> Box[string]: ...

    assert Ints().ints().value == 1
    assert facts(Strings)[0][:3] == ("Box[string]", "the class Box<string>", "only Box<i32>")


COMPARING = LazyBinary(
    "comparing.wasm",
    """
export interface Comparable<T> { compare(other: T): i32; }
export class Num implements Comparable<Num> {
  constructor(public n: i32) {}
  compare(other: Num): i32 { return this.n - other.n; }
}
export function four(): Comparable<Num> { return new Num(4); }
""",
    transform=True,
)


class Comparable(AscClass, Generic[T]):
    def compare(self, other: T) -> i32: ...


class Num(Comparable["Num"]):
    n: i32

    def __init__(self, n: i32) -> None: ...


def test_classes_in_the_type_arguments_of_their_bases() -> None:
    """A class may name itself as text in its base, which then is the same class as with the class itself."""

    class Comparing(AscModule, wasm=COMPARING):
        def four(self) -> Comparable[Num]: ...

    comparing = Comparing()
    four = comparing.four()
    assert isinstance(four, Num)
    assert (four.n, four.compare(comparing[Num](1))) == (4, 3)
    assert Num.__mro__[1] is Comparable[Num]


# --- what is proposed, and what is called ----------------------------------------------------------------------

BOOKS = LazyBinary(
    "books.wasm",
    """
export class Item { n: i32 = 1; }
export class Book extends Item { pages: i32 = 2; }
export function take(book: Book): i32 { return book.pages; }
export function find(): Book | null { return null; }
""",
    transform=True,
)


def test_fixes_name_the_python_class() -> None:
    """What to annotate is the declared class that stands for the AssemblyScript class, under its Python name."""

    class Item(AscClass):
        n: i32

    class Volume(AscClass, name="Book"):
        pages: i32

    class Books(AscModule, wasm=BOOKS, classes=[Volume]):
        def take(self, book: Item) -> i32: ...
        def find(self) -> Volume: ...

    assert facts(Books) == [
        ("Books.take(book)", "Item", "Book", "annotate `book: Volume`"),
        ("Books.find -> result", "Volume", "Book | null", "annotate `-> Volume | None`"),
    ]


def test_functions_named_like_a_static_method(tmp_path: Path) -> None:
    """A namespace's function and the static method of an unexported class of the same name are two things."""
    main = """
    import { Line as Other } from "./other";
    export function make(): Other { return new Other(); }
    export namespace Line { export function parse(): i32 { return 222; } export let count: i32 = 7; }
    """
    other = 'export class Line { text: string = "x"; static parse(): i32 { return 111; } static count: i32 = 8; }'

    class Line(AscClass):
        text: string

        @staticmethod
        def parse() -> i32: ...

    class Module(AscModule, wasm=compile_files(tmp_path, {"main.ts": main, "other.ts": other})):
        count: Annotated[i32, Name("Line.count")]

        def make(self) -> Line: ...
        @export("Line.parse")
        def parse(self) -> i32: ...

    for order in ((0, 1), (1, 0)):
        module = Module()
        calls = [module.parse, module[Line].parse]
        assert {index: calls[index]() for index in order} == {0: 222, 1: 111}
        assert module.count == 7
