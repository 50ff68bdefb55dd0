"""The module of quickstart.py without any declarations: the binary says what it has, and of which types."""

from pathlib import Path

from wasmbind import Module


def main() -> None:
    """Print what the module answers."""
    with Module(Path(__file__).with_name("quickstart.wasm")) as files:
        print(", ".join(name for name in dir(files) if name in ("File", "Line", "count", "helloworld")))
        print(files.helloworld("michael"))
        file = files.File("notes", 20)
        print(file.addLine(files.Line("line 1")), file.addLine(files.Line("a longer line")))
        print(file, file.longest.s, isinstance(file, files.File))
        print(files.count("to be or not to be").get("be"))
        array = files.alloc_array(None, [files.Line("one"), files.Line("two")])
        array[0:1] = [files.Line("zero")]
        print([line.s for line in array], files.get_type_of(array).name)


if __name__ == "__main__":
    main()
