"""Import a binary as if it were a Python module; its stub file is `stubs/words.pyi`."""

import wasmbind.importer  # noqa: F401  # pyright: ignore[reportUnusedImport] - lets Python import binaries

# isort: split
import words

TEXT = "To be, or not to be: that is the question. The question!"


def main() -> None:
    """Print what the module answers."""
    for word in words.count(TEXT)[:3]:
        print(word.count, word.text)
    found = words.longest(words.count(TEXT, words.Order.Alphabetical))
    print("longest:", found.text if found else "none")

    words.matchCase = True
    print(len(words.count(TEXT)), "words with", repr(words.SEPARATORS), "between them")

    with words.Words() as other:  # another instance, with globals of its own
        print(len(other.count(TEXT)), "words", other.matchCase, words.matchCase)
        print(other.longest([words.Word("of"), words.Word("mine")]))


if __name__ == "__main__":
    main()
