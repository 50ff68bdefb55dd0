"""What nearest_words promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from wasmbind import AbortError
from wasmbind.pytest_plugin import CompileAsc

from nearest_words import NearestWords, Speller, Vocabulary

WORDS = ["from", "for", "form", "forum", "force", "from", "import", "port"]


@pytest.fixture
def module() -> Iterator[NearestWords]:
    """An instance of the module, with a memory of its own."""
    with NearestWords() as module:
        yield module


@pytest.mark.no_leaks
@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("", "", 0),
        ("form", "from", 2),
        ("for", "four", 1),
        ("a", "b", 1),
        ("", "four", 4),
    ],
)
def test_distance(module: NearestWords, one: str, other: str, far: int) -> None:
    """The distance counts insertions, deletions and replacements, and is the same both ways."""
    assert module.distance(one, other) == module.distance(other, one) == far


@pytest.mark.no_leaks
def test_nearest(module: NearestWords) -> None:
    """Near words come with their distance and number, the nearest first, and then the most frequent."""
    vocabulary = module[Vocabulary]()
    vocabulary.extend(WORDS)
    assert vocabulary.size == len(set(WORDS))
    found = [
        (match.word, match.distance, match.count)
        for match in vocabulary.nearest("form")
    ]
    assert found[:3] == [("form", 0, 1), ("for", 1, 1), ("forum", 1, 1)]
    assert found[3] == ("from", 2, 2)


def test_errors_are_exceptions(module: NearestWords) -> None:
    """What AssemblyScript throws, Python raises; the module goes on working."""
    vocabulary = module[Vocabulary]()
    with pytest.raises(AbortError, match="at least one letter"):
        vocabulary.add("")
    assert vocabulary.add("word") == 1


def test_speller() -> None:
    """A speller needs no module from its user."""
    speller = Speller(WORDS)
    assert len(speller) == 7
    assert speller.suggest("forn", most=1) == ["for", "form"]
    assert Speller([]).suggest("form") == []


def test_declarations_fit_the_source(asc: CompileAsc) -> None:
    """The declarations are those of the source as it is now, not only of the binary that was built last."""
    with asc(Path("assembly/index.ts"), NearestWords) as module:
        assert module.distance("to", "two") == 1
