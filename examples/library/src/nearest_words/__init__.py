"""Finds words that are spelled much like others. The search is AssemblyScript, from assembly/index.ts.

:class:`Speller` is what most programs want; the classes of the module itself are here as well.
"""

from collections.abc import Iterable

from ._declarations import Match, NearestWords, Vocabulary

__all__ = ["Match", "NearestWords", "Speller", "Vocabulary"]


class Speller:
    """Knows words, and suggests them for those that are misspelt.

    Each one has a module of its own, with its own memory, which goes with it.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._module = NearestWords()
        self._vocabulary = self._module[Vocabulary]()
        self._vocabulary.extend(list(words))

    def __len__(self) -> int:
        """The number of different words."""
        return self._vocabulary.size

    def suggest(self, word: str, most: int = 2) -> list[str]:
        """The words that differ from a word by a few letters, the likeliest first.

        Args:
            word: what somebody has written.
            most: how many letters may differ.
        """
        return [match.word for match in self._vocabulary.nearest(word, most)]
