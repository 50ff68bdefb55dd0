"""The members of a dynamic module, by the names of attributes and by AssemblyScript's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from wasmbind._dynamic.bound import Namespace
from wasmbind._dynamic.declaring import attribute_names
from wasmbind._dynamic.exports import plain_name, split_name
from wasmbind._names import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wasmbind._runtime import Runtime

__all__ = ["Members"]


class Members(ABC):
    """The members of one instance.

    Attributes:
        inner: the instance, of an `AscModule`.
        runtime: the running instance.
    """

    def __init__(self, inner: Any, exports: Mapping[str, str], reserved: Iterable[str]) -> None:
        """Choose the names of attributes.

        Args:
            inner: the instance.
            exports: what each member would be called if nothing else were, by AssemblyScript name: `P` for `ns.P`.
                Members of classes and enums belong to those.
            reserved: names that members must not have.
        """
        self.inner = inner
        self.runtime: Runtime = inner.runtime
        self._levels = _levels(exports)
        self._names = attribute_names(self._levels[""], reserved)

    def names(self) -> Iterable[str]:
        """The names of all attributes."""
        return self._names

    def get(self, name: str, module: object) -> tuple[Any, bool]:
        """An attribute, and whether it is always the same.

        Raises:
            AttributeError: there is none.
        """
        export = self._find(name, module)
        return self.by_export(export), not self.is_value(export)

    def set(self, name: str, value: Any, module: object) -> None:
        """Assign a global.

        Raises:
            AttributeError: it is none, or cannot be assigned.
        """
        self.write(self._find(name, module), value)

    @abstractmethod
    def is_value(self, export: str) -> bool:
        """Whether it is a global, which may have another value the next time."""

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

    def namespace(self, name: str) -> Namespace:
        """What several exports have before their dots.

        Raises:
            KeyError: there is none.
        """
        if not name or name not in self._levels:
            raise KeyError(f"{self.runtime.name} exports nothing called {name!r}")
        return Namespace(self, name, attribute_names(self._levels[name]))

    def _find(self, name: str, module: object) -> str:
        """The export that an attribute is.

        Raises:
            AttributeError: there is none.
        """
        found = self._names.get(name)
        if found is not None:
            return found
        near = closest(name, sorted(self._names))
        said = f"; did you mean {near!r}?" if near else ""
        problem = f"{self.runtime.binary.name} exports nothing called {name!r}{said}"
        raise AttributeError(problem, name=name, obj=module)


def _is_inside(prefix: str, exports: Mapping[str, str]) -> bool:
    """Whether something stands behind what is a member itself, and no namespace."""
    while prefix:
        if prefix in exports:
            return True
        prefix = prefix.rpartition(".")[0]
    return False


def _levels(exports: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What the module and each namespace hold, by AssemblyScript name: what each is called, if nothing else is."""
    found: dict[str, dict[str, str]] = {"": {}}
    for export, proposed in exports.items():
        prefix = split_name(export)[0]
        if _is_inside(prefix, exports):
            found[""][export] = plain_name(export).replace(".", "_")
            continue
        found.setdefault(prefix, {})[export] = proposed
        while prefix:
            outer, _, word = prefix.rpartition(".")
            found.setdefault(outer, {}).setdefault(prefix, word)
            prefix = outer
    return found
