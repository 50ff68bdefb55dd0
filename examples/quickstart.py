"""Bind AssemblyScript classes and functions, and use them as Python's own."""

# mypy: disable-error-code="empty-body"

from wasmbind import AscClass, AscModule, f64, i32, string


class Line(AscClass):
    s: string

    def __init__(self, s: string) -> None: ...


class File(AscClass):
    lines: list[Line]
    size: i32

    def __init__(self) -> None: ...
    def addLine(self, line: Line) -> f64: ...
    @property
    def longest(self) -> Line | None: ...


class NamedFile(File):
    """A Python view of File: its methods are Python."""

    def summary(self) -> str:
        return f"{len(self.lines)} lines, {self.size} characters"


class Files(AscModule, wasm="quickstart.wasm", classes=[NamedFile]):
    def helloworld(self, name: string) -> string: ...


def main() -> None:
    """Print what the module answers."""
    with Files() as files:
        print(files.helloworld("michael"))
        file = NamedFile()
        print(file.addLine(Line("line 1")), file.addLine(Line("a longer line")))
        print(file.lines[0].s, file.size, file.longest)
        print(file.summary())
        print(files[Line]("bound explicitly"), isinstance(file, files[File]))


if __name__ == "__main__":
    main()
