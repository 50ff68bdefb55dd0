"""What `module.File` and `module.namespace` are."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from types import MethodType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from wasmbind._bound import BoundClass
from wasmbind._statics import StaticFunction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wasmbind._dynamic.members import Members
    from wasmbind._runtime import Runtime

__all__ = ["Either", "ModuleClass", "Namespace"]

#: What a class of a module has itself, so that statics of these names get a `_` behind them.
_OWN: Final = ("declared", "wrap")
#: The slots that it adds.
_PRIVATE: Final = ("_ModuleClass__members", "_ModuleClass__values")


@dataclass(frozen=True, slots=True)
class Either:
    """`module.File | None`. `typing` would keep the last unions that it has made, and the instances with them."""

    members: tuple[object, ...]

    def __or__(self, other: object) -> Either:
        return Either((*self.members, other))

    def __ror__(self, other: object) -> Either:
        return Either((other, *self.members))

    def __repr__(self) -> str:
        return " | ".join(map(repr, self.members))


class ModuleClass(BoundClass):
    """A class of the module in one instance: call it, call its statics, read its static fields, use `isinstance`."""

    __slots__ = ("__members", "__values")

    def __init__(self, runtime: Runtime, cls: type[Any], members: Members, values: Mapping[str, str]) -> None:
        """Make it.

        Args:
            runtime: the instance.
            cls: the declared class.
            members: the members of the module.
            values: the exports of static fields, by their names.
        """
        super().__init__(runtime, cls)
        self.__members, self.__values = members, values

    def wrap(self, pointer: int) -> Any:
        """The object of the class at an address.

        Raises:
            LiftError: there is none.
            TypeError: it is no address.
        """
        if not hasattr(type(pointer), "__index__"):
            raise TypeError(f"{self._cls.__name__}.wrap() expects an address, got {type(pointer).__name__}")
        self._asc_runtime.check_alive()
        return self._asc_runtime.binding.untyped.read(self._asc_runtime, pointer, self.declared)

    def __getattr__(self, name: str) -> Any:
        if name in ModuleClass._SLOTS:
            raise AttributeError(name)
        return self.member(_plain(name))

    def member(self, name: str) -> Any:
        """A static, a static field, or what else the class has, by its own name."""
        if name in self.__values:
            return self.__members.by_export(self.__values[name])
        static = next((base.__dict__[name] for base in self._cls.__mro__ if name in base.__dict__), None)
        if not isinstance(static, StaticFunction):
            return super().__getattr__(name)
        self._asc_runtime.binding.ensure(self._asc_runtime, static.owner)
        assert static.function is not None
        return MethodType(static.function, self)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ModuleClass._SLOTS:
            object.__setattr__(self, name, value)
            return
        name = _plain(name)
        if name not in self.__values:
            raise AttributeError(f"{self._cls.__name__} has no static field {name!r}")
        self.__members.write(self.__values[name], value)

    def __dir__(self) -> Iterable[str]:
        found = {*dir(self._cls), *self.__values}
        return sorted({f"{name}_" if name in _OWN else name for name in found} | {*_OWN})

    def __or__(self, other: object) -> Either:
        return Either((self, other))

    def __ror__(self, other: object) -> Either:
        return Either((other, self))

    @property
    def __signature__(self) -> inspect.Signature:
        """The parameters of the constructor."""
        _, *parameters = inspect.signature(self._cls.__init__).parameters.values()
        return inspect.Signature(parameters)

    __doc__ = property(lambda self: self._cls.__doc__)  # pyright: ignore[reportAssignmentType] - not that of all classes
    _SLOTS = frozenset({"_asc_runtime", "_cls", *_PRIVATE})


def _plain(name: str) -> str:
    """The AssemblyScript name of a static, without the `_` that it may need."""
    return name[:-1] if name.endswith("_") and name[:-1] in _OWN else name


class Namespace:
    """The exports whose names begin with the same words: `module.shapes.area` for `shapes.area`."""

    __slots__ = ("__members", "__name", "__names")

    def __init__(self, members: Members, name: str, names: Mapping[str, str]) -> None:
        """Make it.

        Args:
            members: the members of the module.
            name: the words, `shapes`.
            names: what is in it: exports by the names of attributes.
        """
        object.__setattr__(self, "_Namespace__members", members)
        object.__setattr__(self, "_Namespace__name", name)
        object.__setattr__(self, "_Namespace__names", names)

    def __getattr__(self, name: str) -> Any:
        return self.__members.by_export(self._export(name))

    def __setattr__(self, name: str, value: Any) -> None:
        self.__members.write(self._export(name), value)

    def _export(self, name: str) -> str:
        if name not in self.__names:
            raise AttributeError(f"the namespace {self.__name} has no member {name!r}")
        found: str = self.__names[name]
        return found

    def __dir__(self) -> Iterable[str]:
        return sorted(self.__names)

    def __reduce_ex__(self, _: object, /) -> NoReturn:
        raise TypeError(f"{self!r} belongs to an instance and cannot be copied or pickled")

    def __repr__(self) -> str:
        return f"<namespace {self.__name}>"
