"""Binaries with a schema: any part of a class can be declared, and binds by name."""

# mypy: disable-error-code="empty-body"

import pytest

from tests.integration.library_module import LIBRARY
from tests.integration.mismatches import facts
from wasmbind import (
    AscClass,
    AscModule,
    export,
    f32,
    i8,
    i32,
    string,
    u16,
    u32,
    u64,
)


class Entry(AscClass):
    flag: bool
    small: i8
    ratio: f32
    id: u32
    wide: u64
    next: "Entry | None"
    parts: list[string]
    half: u16
    title: string

    def __init__(self, title: string, size: i32 = ...) -> None: ...
    @property
    def size(self) -> i32: ...
    @size.setter
    def size(self, value: i32) -> None: ...
    @property
    def length(self) -> i32: ...
    def describe(self, prefix: string = ...) -> string: ...
    def chain(self) -> "Entry": ...
    @export("chain")
    def bump(self) -> None: ...
    def link(self, other: "Entry | None") -> "Entry | None": ...
    @staticmethod
    def parse(text: string) -> "Entry": ...


class Book(Entry):
    pages: i32

    def __init__(self, title: string, size: i32 = ...) -> None: ...


class Atlas(Book):
    maps: list[i32]

    def __init__(self) -> None: ...


class Library(AscModule, wasm=LIBRARY, classes=[Atlas]):
    def make(self, kind: i32) -> Entry: ...
    def read(self, entry: Entry) -> string: ...


@pytest.fixture(scope="module")
def library() -> Library:
    """One instance for all tests of the file."""
    return Library()


# --- members -------------------------------------------------------------------------------------------------


def test_fields(library: Library) -> None:
    """Every type of field is read at its offset, whatever lies between, and written there."""
    entry = library[Entry]("first")
    assert (entry.flag, entry.small, entry.ratio, entry.id, entry.wide) == (True, -3, 1.5, 2**32 - 1, 2**64 - 1)
    assert (entry.next, entry.parts, entry.half, entry.title) == (None, ["a", "b"], 65535, "first")
    entry.flag, entry.small, entry.ratio, entry.wide = False, 127, -0.25, 1
    entry.next, entry.parts, entry.half, entry.title = library[Entry]("second"), ["x", "y", "z"], 7, "changed"
    assert library.read(entry) == "false 127 -0.25 1 changed 7 x+y+z second"
    assert entry.id == 2**32 - 1


def test_constructors_and_methods(library: Library) -> None:
    """Constructors, methods, statics and defaults are AssemblyScript's."""
    entry = library[Entry]("first")
    assert (entry.size, entry.describe(), entry.describe("an")) == (3, "entry first 3", "an first 3")
    assert library[Entry]("second", 8).size == 8
    assert library[Entry](size=1, title="third").describe(prefix="the") == "the third 1"
    parsed = library[Entry].parse("text")
    assert (type(parsed), parsed.title) == (Entry, "TEXT")


def test_accessors(library: Library) -> None:
    """Getters and setters run their bodies."""
    entry = library[Entry]("first")
    entry.size = 4
    assert (entry.size, entry.length) == (8, 5)
    with pytest.raises(AttributeError):
        entry.length = 3  # type: ignore[misc]  # the point of the test


def test_results_of_type_this(library: Library) -> None:
    """A method that returns `this` gives the same Python object, and may be declared to return nothing."""
    book = library[Book]("b")
    assert book.chain() is book
    assert book.bump() is None
    assert book.size == 5


def test_nullable_parameters_and_results(library: Library) -> None:
    """None is null both ways, and objects keep their identity."""
    first, second = library[Entry]("first"), library[Atlas]()
    assert first.link(second) is None
    assert first.next is second
    assert first.link(None) is second
    assert first.next is None


def test_readonly_fields(library: Library) -> None:
    """A `readonly` field cannot be assigned, in a subclass either."""
    for entry in (library[Entry]("first"), library[Atlas]()):
        with pytest.raises(AttributeError):
            entry.id = 3
        assert entry.id == 2**32 - 1


# --- hierarchies ---------------------------------------------------------------------------------------------


def test_inherited_constructor(library: Library) -> None:
    """A subclass without a constructor has its base's in AssemblyScript too, and makes the subclass."""

    class Book(Entry):
        pages: i32

    book = library[Book]("b", 2)
    assert (book.pages, book.size, book.describe()) == (100, 2, "entry b 2 100")


def test_defaults_belong_to_the_class_that_declares_the_method(library: Library) -> None:
    """An override declared again has its own defaults; inherited, it has those of the base, as for AssemblyScript."""

    class Book(Entry):
        def __init__(self, title: string, size: i32 = ...) -> None: ...
        def describe(self, prefix: string = ...) -> string: ...

    assert library[Book]("b", 2).describe() == "book b 2 100"
    assert Entry.describe(library[Book]("b", 2)) == "entry b 2 100"


def test_results_become_the_nearest_declared_class(library: Library) -> None:
    """An object is of its own class where that is declared, else of the nearest declared base."""
    assert [type(library.make(kind)) for kind in range(4)] == [Entry, Book, Atlas, Book]
    secret, atlas = library.make(3), library.make(2)
    assert isinstance(secret, Book)
    assert (secret.describe(), secret.pages) == ("secret", 100)
    assert isinstance(atlas, Atlas)
    assert (atlas.maps, atlas.describe(), atlas.size) == ([1, 2, 3], "entry atlas 9 100", 9)


def test_results_are_narrowed_as_far_as_is_declared() -> None:
    """With only the base declared, everything becomes the base, and its methods stay virtual."""

    class Entry(AscClass):
        def describe(self, prefix: string = ...) -> string: ...

    class Library(AscModule, wasm=LIBRARY):
        def make(self, kind: i32) -> Entry: ...

    library = Library()
    made = [library.make(kind) for kind in range(4)]
    assert {type(each) for each in made} == {Entry}
    assert [each.describe("x") for each in made] == ["x zero 3", "x one 3 100", "x atlas 9 100", "secret"]


def test_inherited_members_declared_on_a_subclass() -> None:
    """A class that Python does not derive from its base declares inherited members as its own."""

    class Atlas(AscClass):
        small: i8
        title: string
        pages: i32
        maps: list[i32]

        def __init__(self) -> None: ...
        @property
        def size(self) -> i32: ...
        def describe(self, prefix: string = ...) -> string: ...
        def chain(self) -> "Atlas": ...

    class Library(AscModule, wasm=LIBRARY, classes=[Atlas]):
        pass

    atlas = Library()[Atlas]()
    assert (atlas.maps, atlas.title, atlas.pages, atlas.small) == ([1, 2, 3], "atlas", 100, -3)
    assert (atlas.size, atlas.describe("an"), atlas.chain() is atlas) == (9, "an atlas 9 100", True)


def test_base_that_python_leaves_out() -> None:
    """A Python class may skip a level of AssemblyScript's hierarchy."""

    class Base(AscClass, name="Entry"):
        title: string

    class Atlas(Base):
        maps: list[i32]

    class Library(AscModule, wasm=LIBRARY, classes=[Atlas]):
        def make(self, kind: i32) -> Base: ...

    library = Library()
    assert [type(library.make(kind)) for kind in range(4)] == [Base, Base, Atlas, Base]
    atlas = library.make(2)
    assert isinstance(atlas, Atlas)
    assert (atlas.maps, atlas.title) == ([1, 2, 3], "atlas")


def test_result_of_another_class() -> None:
    """A result declared more narrowly than AssemblyScript does is refused when binding."""

    class Library(AscModule, wasm=LIBRARY):
        def make(self, kind: i32) -> Book: ...

    assert facts(Library) == [("Library.make -> result", "Book", "Entry", "annotate `-> Entry`")]


def test_parameter_of_a_subclass() -> None:
    """A parameter may be declared more narrowly, and a result more generally."""

    class Library(AscModule, wasm=LIBRARY):
        def read(self, entry: Book) -> string: ...
        def make(self, kind: i32) -> Entry: ...

    library = Library()
    book = library.make(1)
    assert isinstance(book, Book)
    assert library.read(book).startswith("true")
    with pytest.raises(TypeError, match=r"Library.read\(entry\)"):
        library.read(library.make(0))  # type: ignore[arg-type]  # the point of the test
