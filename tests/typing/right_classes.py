"""What classes, their members and Python's subclasses of them are to a type checker."""

# mypy: disable-error-code="empty-body"

from collections.abc import Callable
from typing import Any, assert_type

from wasmbind import AscClass, AscModule, asdict, export, f64, i32, python, string


class Line(AscClass):
    s: string
    next: "Line | None"

    def __init__(self, s: string) -> None: ...


class File(AscClass):
    lines: list[Line]
    size: i32

    def __init__(self) -> None: ...
    def addLine(self, line: Line) -> f64: ...
    @export("addLine")
    def add_line(self, line: Line) -> f64: ...
    @property
    def count(self) -> i32: ...
    @property
    def longest(self) -> Line | None: ...
    @staticmethod
    def parse(text: string) -> "File": ...


class NamedFile(File):
    """A Python view of File."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.addLine(Line(name))

    def summary(self) -> str:
        return f"{len(self.lines)} lines, {self.size} bytes"

    @python
    def ignored(self) -> None: ...


class Sealed(AscClass, name="assembly/index/Sealed", rename="camel"):
    """Made by AssemblyScript only: it declares no __init__."""

    line_count: i32


class Files(AscModule, wasm="files.wasm", classes=[NamedFile]):
    def find(self, name: string) -> Line | None: ...
    def lines(self, file: File) -> list[Line]: ...
    def sealed(self) -> Sealed: ...


def bound_classes(files: Files) -> None:
    assert_type(files[File], type[File])
    assert_type(files[File](), File)
    assert_type(files[Line]("s"), Line)
    assert_type(files[Line](s="s"), Line)
    assert_type(files[NamedFile]("name"), NamedFile)
    assert_type(files[File].parse("text"), File)
    assert_type(files[NamedFile].parse("text"), File)
    make: Callable[[str], Line] = files[Line]
    assert_type(make("s"), Line)


def members(file: File) -> None:
    assert_type(file.size, int)
    assert_type(file.lines, list[Line])
    assert_type(file.lines[0].s, str)
    assert_type(file.addLine(file.lines[0]), float)
    assert_type(file.add_line(line=file.lines[0]), float)
    assert_type(file.count, int)
    file.size = 3
    file.lines = [Line("a"), *file.lines]


def nullable(files: Files) -> None:
    found = files.find("x")
    assert_type(found, Line | None)
    if found is not None:
        assert_type(found.s, str)
        assert_type(found.next, Line | None)
        found.next = None
        found.next = found
    longest = files[File]().longest
    assert_type(longest.s if longest else None, str | None)


def subclasses(files: Files) -> None:
    named = files[NamedFile]()
    assert_type(named.summary(), str)
    assert_type(named.size, int)
    assert_type(files.lines(named), list[Line])
    named.ignored()


def narrowing(files: Files, value: object) -> None:
    if isinstance(value, files[File]):
        assert_type(value, File)
    if isinstance(value, NamedFile):
        assert_type(value.summary(), str)


def instances() -> None:
    with Files() as files:
        assert_type(files, Files)
        assert_type(File(), File)
    with files.active() as again:
        assert_type(again, Files)
    assert_type(Files.default(), Files)
    given = Files(imports={"env": {"log": print}})
    assert_type(given.sealed().line_count, int)
    assert_type(given.runtime.memory, memoryview[Any])
    assert_type(given.runtime.collect(), None)
    assert_type(given.close(), None)


def whole_objects(file: File) -> None:
    assert_type(asdict(file), dict[str, Any])
    assert_type(file == file.lines, bool)
    assert_type(hash(file), int)
    assert_type(repr(file), str)
    assert_type({file: 1}[file], int)
