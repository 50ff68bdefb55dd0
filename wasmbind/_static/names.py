"""The names of one body of source, a module's or a class's, and what they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind._scopes import UnresolvedError
from wasmbind._static.libraries import builtin
from wasmbind._static.values import Deferred, known

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Names"]


class Names:
    """What the names of a body stand for, in bodies around it where it has none of its own.

    Attributes:
        own: the names that the body itself binds.
        outer: the names of the body around it, None for a module.
        for_checkers: those that only type checkers see.
        incomplete: why there may be more names than are known, or None.
    """

    __slots__ = ("for_checkers", "incomplete", "is_class", "outer", "own")

    def __init__(self, outer: Names | None = None, *, is_class: bool = False) -> None:
        """Start without names.

        Args:
            outer: the names around it.
            is_class: whether it is the body of a class, whose names bodies inside of it do not see.
        """
        self.own: dict[str, object] = {}
        self.outer, self.is_class = outer, is_class
        self.incomplete: str | None = None
        self.for_checkers: set[str] = set()

    def bind(self, name: str, value: object, *, for_checkers: bool = False) -> None:
        """Let a name stand for something.

        Args:
            name: the name.
            value: what it stands for, an `Unknown` or a `Deferred` value among others.
            for_checkers: whether only type checkers see the statement that binds it.
        """
        self.own[name] = value
        (self.for_checkers.add if for_checkers else self.for_checkers.discard)(name)

    def unbind(self, name: str) -> None:
        """Forget a name."""
        self.own.pop(name, None)

    def keep_for_run_time(self, names: Iterable[str]) -> None:
        """Let names that type checkers see be names that also exist when the code runs."""
        self.for_checkers.difference_update(names)

    def member(self, name: str) -> Any:
        """What one of the body's own names stands for.

        Raises:
            KeyError: it has no such name.
            UnresolvedError: nobody knows.
        """
        value = self.own[name]
        if isinstance(value, Deferred):
            value = value.resolve()
            if name in self.own:
                self.own[name] = value
        return known(value)

    def find(self, name: str, *, as_annotation: bool = False) -> Any:
        """What a name means in this body.

        Args:
            name: the name.
            as_annotation: as wasmbind reads annotations: it sees the names of the classes around, and those that
                the running code has.

        Raises:
            NameError: it is not defined.
            UnresolvedError: nobody knows.
        """
        body: Names | None = self
        while body is not None:
            seen = body is self or as_annotation or not body.is_class
            if seen and name in body.own and not (as_annotation and name in body.for_checkers):
                return body.member(name)
            if seen and body.incomplete is not None:
                raise UnresolvedError(body.incomplete)
            body = body.outer
        try:
            return known(builtin(name))
        except KeyError:
            raise NameError(f"name {name!r} is not defined", name=name) from None

    def known(self) -> dict[str, object]:
        """The body's own names that are known, with what they stand for."""
        found: dict[str, object] = {}
        for name in list(self.own):
            try:
                found[name] = self.member(name)
            except Exception:  # noqa: BLE001, S112 - whatever it is, it is not known
                continue
        return found
