"""The members of a dynamic module, by the names of attributes and by AssemblyScript's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from wasmbind._names import closest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._runtime import Runtime

__all__ = ["Members"]


class Members(ABC):
    """The members of one instance.

    Attributes:
        inner: the instance, of an `AscModule`.
        runtime: the running instance.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.runtime: Runtime = inner.runtime

    @abstractmethod
    def names(self) -> Iterable[str]:
        """The names of all attributes."""

    @abstractmethod
    def get(self, name: str, module: object) -> tuple[Any, bool]:
        """An attribute, and whether it is always the same.

        Raises:
            AttributeError: there is none.
        """

    @abstractmethod
    def set(self, name: str, value: Any, module: object) -> None:
        """Assign a global.

        Raises:
            AttributeError: it is none, or cannot be assigned.
        """

    @abstractmethod
    def by_export(self, name: str) -> Any:
        """A member by its AssemblyScript name.

        Raises:
            KeyError: there is none.
        """

    @abstractmethod
    def write(self, export: str, value: Any) -> None:
        """Assign a global by its AssemblyScript name.

        Raises:
            AttributeError: it is none, or cannot be assigned.
        """

    def missing(self, name: str, module: object) -> AttributeError:
        """The error for an attribute that there is not."""
        near = closest(name, sorted(self.names()))
        said = f"; did you mean {near!r}?" if near else ""
        problem = f"{self.runtime.binary.name} exports nothing called {name!r}{said}"
        return AttributeError(problem, name=name, obj=module)
