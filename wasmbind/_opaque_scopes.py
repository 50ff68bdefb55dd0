"""Scopes, at whose end the Python objects that were registered inside are let go of."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextvars import Token

    from wasmbind._handles import Entry
    from wasmbind._opaque import OpaqueRegistry

__all__ = ["OpaqueScope", "find_scope"]


class OpaqueScope:
    """Lets go of what is registered inside, at the end; see `OpaqueRegistry.scope`.

    Attributes:
        entries: the objects, and whether they were new.
        outer: the scope around it, of any registry.
        registry: the registry.
    """

    __slots__ = ("_tokens", "entries", "outer", "registry")

    def __init__(self, registry: OpaqueRegistry) -> None:
        self.registry = registry
        self.entries: list[tuple[Entry, bool]] = []
        self.outer: OpaqueScope | None = None
        self._tokens: list[Token[OpaqueScope | None]] = []

    def __enter__(self) -> OpaqueRegistry:
        if self._tokens:
            raise RuntimeError("this scope is entered already: make another one")
        self.outer = _scope.get()
        self._tokens.append(_scope.set(self))
        return self.registry

    def __exit__(self, *_: object) -> None:
        _scope.reset(self._tokens.pop())
        while self.entries:
            entry, wholly = self.entries[-1]
            self.registry.leave(entry, wholly=wholly)
            self.entries.pop()


_scope: ContextVar[OpaqueScope | None] = ContextVar("wasmbind_opaque_scope", default=None)


def find_scope(registry: OpaqueRegistry) -> OpaqueScope | None:
    """The innermost scope of a registry that is open here."""
    scope = _scope.get()
    while scope is not None and scope.registry is not registry:
        scope = scope.outer
    return scope
