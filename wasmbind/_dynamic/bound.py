"""What `module.File` and `module.namespace` are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind._bound import BoundClass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wasmbind._dynamic.members import Members
    from wasmbind._runtime import Runtime

__all__ = ["ModuleClass", "Namespace"]


class ModuleClass(BoundClass):
    """A class of the module in one instance: call it, call its statics, read its static fields, use `isinstance`."""

    __slots__ = ("_members", "_values")

    def __init__(self, runtime: Runtime, cls: type[Any], members: Members, values: Mapping[str, str]) -> None:
        """Make it.

        Args:
            runtime: the instance.
            cls: the declared class.
            members: the members of the module.
            values: the exports of static fields, by their names.
        """
        super().__init__(runtime, cls)
        self._members, self._values = members, values

    def wrap(self, pointer: int) -> Any:
        """The object of the class at an address.

        Raises:
            LiftError: there is none.
        """
        return self._asc_runtime.binding.untyped.read(self._asc_runtime, pointer, self.declared)

    def __getattr__(self, name: str) -> Any:
        if name in self._values:
            return self._members.by_export(self._values[name])
        return super().__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ModuleClass._SLOTS:
            object.__setattr__(self, name, value)
        elif name in self._values:
            self._members.write(self._values[name], value)
        else:
            raise AttributeError(f"{self._cls.__name__} has no static field {name!r}")

    def __dir__(self) -> Iterable[str]:
        return sorted({*dir(self._cls), *self._values})

    _SLOTS = frozenset({"_asc_runtime", "_cls", "_members", "_values"})


class Namespace:
    """The exports whose names begin with the same words: `module.shapes.area` for `shapes.area`."""

    __slots__ = ("_members", "_name", "_names")

    def __init__(self, members: Members, name: str, names: Iterable[str]) -> None:
        object.__setattr__(self, "_members", members)
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_names", frozenset(names))

    def __getattr__(self, name: str) -> Any:
        if name not in self._names:
            raise AttributeError(f"the namespace {self._name} has no member {name!r}")
        return self._members.by_export(f"{self._name}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._names:
            raise AttributeError(f"the namespace {self._name} has no member {name!r}")
        self._members.write(f"{self._name}.{name}", value)

    def __dir__(self) -> Iterable[str]:
        return sorted(self._names)

    def __repr__(self) -> str:
        return f"<namespace {self._name}>"
