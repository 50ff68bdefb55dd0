"""Lists of strings by value, which cross many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.integration.sequences_module import SCHEMA, STOCK, collect, start
from wasmbind import LowerTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@pytest.fixture(scope="module", params=[*STOCK, *SCHEMA])
def module(request: pytest.FixtureRequest) -> Any:
    """An instance of every build."""
    return start(request.param)


def digest(texts: Sequence[str | None]) -> int:
    """What AssemblyScript's `digest` finds."""
    found = 2166136261
    for text in texts:
        units = [] if text is None else memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H").tolist()
        for unit in (*units, 0x10000 if text is None else 0x20000):
            found = (found ^ unit) * 16777619 & 0xFFFFFFFF
    return found


_ODD = ["", "x", "grün", "😀", "\ud83d", "\ude00", "a\0b", "\udc00\ud800", "☃" * 9]
TEXTS: list[list[str | None]] = [
    [],
    [""],
    ["a", "b"],
    ["a", "b", "c"],
    [None, None],
    [None, "", None, "a"],
    [*_ODD],
    [*_ODD, None] * 40,
    [str(index) for index in range(1_023)],
    [str(index) for index in range(1_024)],
    [str(index) for index in range(1_025)],
    [None] * 2_500,
    ["😀" * (index % 40) for index in range(2_500)],
    ["x" * 70_000],
    ["x" * 70_000, None, "y"],
    ["short", "x" * 40_000, "y" * 40_000, *"abc", "z" * 200_000, "", *"abc" * 700, "😀" * 66_000, "end"],
    ["é" * 100 for _ in range(1_500)],
]


@pytest.mark.parametrize("texts", TEXTS, ids=lambda texts: f"{len(texts)}-{len(''.join(filter(None, texts)))}")
def test_many_strings(module: Any, texts: list[str | None]) -> None:
    """Any number of strings of any length arrive as they are, null among them, and stay as long as they are used."""
    assert module.digest(texts) == digest(texts)
    module.keep(tuple(texts))
    if None not in texts:
        assert module.words(texts) == module.words(iter(texts)) == module.maybeWords(texts)
    collect(module)
    assert module.digestKept() == digest(texts)


@pytest.mark.parametrize("build", ["modern", "classic", "modern-schema"])
def test_strings_while_the_collector_marks(build: str) -> None:
    """Strings outlive collections that run in steps while their list is filled."""
    module = start(build)
    module.chain(20_000)
    for step in range(25):
        texts = [f"{step} {index}" for index in range(1_200)]
        module.keep(texts)
        module.churn(step % 7)
        assert module.digestKept() == digest(texts)


class Text(str):
    """A str that lies about its length."""

    __slots__ = ()

    def __len__(self) -> int:
        return 1


def test_strings_of_other_classes(module: Any) -> None:
    """Subclasses of str are strings, whatever they say of themselves."""
    assert module.words([Text("long text"), "b", Text("")]) == ["long text", "b", ""]
    assert module.words(np.array(["a", "bc"])) == ["a", "bc"]


@pytest.mark.parametrize("count", [1, 3, 2_000])
def test_wrong_strings(module: Any, count: int) -> None:
    """What is no str is named with its index, and null only where it is not declared."""
    texts: list[Any] = ["x"] * count
    for wrong in (None, 5, b"x"):
        with pytest.raises(LowerTypeError) as caught:
            module.words([*texts, wrong, "y"])
        assert caught.value.path.endswith(f"words(v[{count}])")
    with pytest.raises(LowerTypeError, match=rf"maybeWords\(v\[{count}\]\): string expects a str, got 5"):
        module.maybeWords([*texts, 5])
    assert module.words(["still", "fine"]) == ["still", "fine"]


class Endless:
    """An iterable that uses the module while it is lowered."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def __iter__(self) -> Iterator[str]:
        for index in range(50):
            yield self.module.words([f"word {index}"] * 3)[0]


def test_iterables_that_call_the_module(module: Any) -> None:
    """All items are there before anything is made."""
    assert module.words(Endless(module)) == [f"word {index}" for index in range(50)]
