"""What expressions of a source can stand for, beside what they stand for when the source runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from wasmbind._scopes import UnresolvedError

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

__all__ = [
    "CHECKING",
    "AnnotationText",
    "Deferred",
    "LeftOut",
    "LeftOutError",
    "ModuleRef",
    "Unknown",
    "is_plain",
    "known",
    "weight_within",
]

#: What `typing.TYPE_CHECKING` stands for.
CHECKING: Final = object()
#: No annotation of anybody has more parts; each of them costs time when types are made of it.
MOST_PARTS: Final = 1000


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands for a value that nobody knows without running code.

    Attributes:
        reason: why not.
        is_function: whether it is a function of Python's own.
        declares: whether it is a class that is likely to declare something.
    """

    reason: str
    is_function: bool = False
    declares: bool = False


class LeftOutError(UnresolvedError):
    """A class is needed that is not known, and that is likely to declare something."""


@dataclass(frozen=True, slots=True)
class ModuleRef:
    """Stands for an imported module, which is looked for when something of it is needed."""

    name: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is declared, as far as can be told, and that nobody knows without running code.

    Attributes:
        line: its line.
        who: its name, such as ``File.size``.
        reason: why it is not known.
    """

    line: int
    who: str
    reason: str


class Deferred:
    """A value that is found when it is first needed."""

    __slots__ = ("_find", "_is_busy")

    def __init__(self, find: Callable[[], object]) -> None:
        self._find, self._is_busy = find, False

    def resolve(self) -> object:
        """The value.

        Raises:
            UnresolvedError: it refers to itself, or cannot be known.
        """
        if self._is_busy:
            raise UnresolvedError("it refers to itself")
        self._is_busy = True
        try:
            return self._find()
        finally:
            self._is_busy = False


class AnnotationText(str):
    """An annotation as text, which is what Python keeps of it, together with its syntax tree.

    Attributes:
        node: the tree.
        found: what it means, in a list of its own once that is known.
    """

    __slots__ = ("found", "node")
    node: ast.expr
    found: list[object]

    def __new__(cls, text: str, node: ast.expr) -> Self:
        made = super().__new__(cls, text)
        made.node = node
        made.found = []
        return made


def known(value: object) -> Any:
    """The value itself.

    Raises:
        UnresolvedError: it is not known.
    """
    if isinstance(value, Unknown):
        raise (LeftOutError if value.declares else UnresolvedError)(value.reason)
    return value


def weight_within(values: object, most: int = MOST_PARTS) -> bool:
    """Whether a type has no more than so many parts, counting again what stands in it again.

    Types are hashed, compared and shown part by part, so a few lines that double a type each would take forever.
    """
    waiting, count = [values], 0
    while waiting:
        value = waiting.pop()
        count += 1
        if count > most:
            return False
        if isinstance(value, (tuple, list)):
            waiting.extend(value)
        else:
            waiting.extend(
                value.__dict__.get("__asc_arguments__", ())
                if isinstance(value, type)
                else getattr(value, "__args__", ())
            )
    return True


def is_plain(value: object) -> bool:
    """Whether it is a single value that defaults and members of enums can have, and no collection of values."""
    return value is None or value is ... or isinstance(value, (bool, int, float, str, bytes))
