"""Walks JSON that anybody may have written, and says where it is not what it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wasmbind._schema.schema import Access

__all__ = ["SECTION", "Node", "SchemaError"]

#: The name of the custom section.
SECTION = "wasmbind"

_REBUILD = "compile it again with `wasmbind build`"
_ACCESS: dict[str, Access] = {"public": "public", "protected": "protected", "private": "private"}


class SchemaError(ValueError):
    """The section `wasmbind` is none that this reader understands.

    Attributes:
        fix: what to do about it.
    """

    def __init__(self, problem: str, fix: str = _REBUILD) -> None:
        super().__init__(problem)
        self.fix = fix


class Node:
    """A JSON value and where it stands."""

    __slots__ = ("path", "value")

    def __init__(self, value: Any, path: str) -> None:
        self.value, self.path = value, path

    def _wrong(self, wanted: str) -> SchemaError:
        return SchemaError(f"{self.path} is no {wanted}")

    def as_text(self) -> str:
        if not isinstance(self.value, str):
            raise self._wrong("text")
        return self.value

    def as_number(self) -> int:
        if type(self.value) is not int or self.value < 0:
            raise self._wrong("number of 0 or more")
        return self.value

    def as_items(self) -> list[Node]:
        if not isinstance(self.value, list):
            raise self._wrong("list")
        return [Node(item, f"{self.path}[{index}]") for index, item in enumerate(self.value)]

    def as_entries(self) -> list[tuple[str, Node]]:
        if not isinstance(self.value, dict):
            raise self._wrong("object")
        return [(name, Node(item, f"{self.path}.{name}")) for name, item in self.value.items()]

    def get(self, key: str) -> Node | None:
        if not isinstance(self.value, dict):
            raise self._wrong("object")
        found = self.value.get(key)
        return None if found is None else Node(found, f"{self.path}.{key}")

    def at(self, key: str) -> Node:
        found = self.get(key)
        if found is None:
            raise SchemaError(f"{self.path} has no {key}")
        return found

    def text(self, key: str) -> str:
        return self.at(key).as_text()

    def number(self, key: str) -> int:
        return self.at(key).as_number()

    def items(self, key: str) -> list[Node]:
        found = self.get(key)
        return [] if found is None else found.as_items()

    def entries(self, key: str) -> list[tuple[str, Node]]:
        found = self.get(key)
        return [] if found is None else found.as_entries()

    def optional_text(self, key: str) -> str | None:
        found = self.get(key)
        return None if found is None else found.as_text()

    def optional_number(self, key: str) -> int | None:
        found = self.get(key)
        return None if found is None else found.as_number()

    def flag(self, key: str) -> bool:
        found = self.get(key)
        if found is not None and not isinstance(found.value, bool):
            raise SchemaError(f"{found.path} is neither true nor false")
        return found is not None and found.value

    def access(self) -> Access:
        found = _ACCESS.get(self.optional_text("access") or "public")
        if found is None:
            raise SchemaError(f"{self.path}.access is unknown")
        return found
