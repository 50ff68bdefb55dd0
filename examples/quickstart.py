"""Bind AssemblyScript classes and functions, and use them as Python's own."""

# mypy: disable-error-code="empty-body"

from wasmbind import AbortError, Array, AscClass, AscModule, Map, f64, i32, string


class Line(AscClass):
    s: string

    def __init__(self, s: string) -> None: ...


class File(AscClass):
    lines: Array[Line]
    size: i32
    name: string

    def __init__(self, name: string, limit: i32 = ...) -> None: ...
    def addLine(self, line: Line) -> f64: ...
    def __add__(self, other: "File") -> "File": ...
    @property
    def limit(self) -> i32: ...
    @property
    def longest(self) -> Line | None: ...


class NamedFile(File):
    """A Python view of File: its methods are Python."""

    def summary(self) -> str:
        return f"{self.name}: {len(self.lines)} lines, {self.size} characters"


class Files(AscModule, wasm="quickstart.wasm", classes=[NamedFile]):
    def helloworld(self, name: string) -> string: ...
    def count(self, text: string) -> Map[string, i32]: ...


def main() -> None:
    """Print what the module answers."""
    with Files() as files:
        print(files.helloworld("michael"))
        file = NamedFile("notes", 20)
        print(file.addLine(Line("line 1")), file.addLine(Line("a longer line")))
        print(file.lines[0].s, file.size, file.longest)
        print(file.summary())
        file.lines.append(Line("appended"))
        file.lines.sort(key=lambda line: len(line.s))
        print([line.s for line in file.lines], file.longest)
        try:
            file.addLine(Line("a line that is longer than its file allows"))
        except AbortError as error:
            print(error.message)
        print((file + files[File]("empty")).name, isinstance(file, files[File]))
        words = files.count("to be or not to be")
        words["be"] += 1
        print(words, "never" in words)


if __name__ == "__main__":
    main()
