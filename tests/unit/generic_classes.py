"""Generic classes for tests, and what tests ask of them."""

# mypy: disable-error-code="empty-body"

from typing import Any, Generic, TypeVar

from wasmbind import AscClass, export, string
from wasmbind import _descriptors as d
from wasmbind._declarations import Field, Function
from wasmbind._declared import declaration_of

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
I32 = d.INTEGERS["i32"]


class Box(AscClass, Generic[T]):
    """Holds one value."""

    value: T
    next: "Box[T] | None"

    def __init__(self, value: T) -> None: ...
    def get(self) -> T: ...
    @export("swap")
    def exchange(self, other: "Box[T]", values: list[T]) -> "list[Box[T]]": ...
    @property
    def best(self) -> T: ...
    @staticmethod
    def of(value: T) -> "Box[T]": ...

    def shown(self) -> str:
        return f"<{self.value}>"

    @property
    def twice(self) -> str:
        return self.shown() * 2

    @staticmethod
    def title() -> str:
        return "box"

    @classmethod
    def own_name(cls) -> str:
        return cls.__name__

    LIMIT = 3


class Pair(AscClass, Generic[K, V], name="assembly/index/Pair"):
    first: K
    second: V


class Line(AscClass):
    text: string


def made(template: Any, *arguments: Any) -> Any:
    """A parametrisation, without what type checkers know of it."""
    return template[arguments[0] if len(arguments) == 1 else arguments]


def field(cls: Any, name: str) -> d.Descriptor:
    """The type of a field that a class itself declares."""
    found: Field = next(found for found in declaration_of(cls).fields if found.name == name)
    return found.type


def function(cls: Any, name: str) -> Function:
    """A function that a class itself declares."""
    return next(found for found in declaration_of(cls).functions if found.name == name)
