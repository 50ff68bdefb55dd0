"""`module[Cls]`: a class bound to an instance."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NoReturn

from wasmbind._context import active_runtime
from wasmbind._statics import StaticFunction

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._runtime import Runtime

__all__ = ["BoundClass"]


class BoundClass:
    """A declared class in one instance. Typed as the class itself."""

    __slots__ = ("_asc_runtime", "_cls")

    def __init__(self, runtime: Runtime, cls: type[Any]) -> None:
        self._asc_runtime, self._cls = runtime, cls

    @property
    def declared(self) -> type[Any]:
        """The class itself."""
        return self._cls

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Construct an object in the instance."""
        return self._cls.asc_construct(self._asc_runtime, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_asc_") or name == "_cls":
            # What objects have, by which they are told from classes; or this is one that nothing has set up.
            raise AttributeError(name)
        for base in self._cls.__mro__:
            value = base.__dict__.get(name)
            if isinstance(value, StaticFunction):
                return value.bound_to(self)
            if isinstance(value, classmethod):
                return self._in_context(getattr(self._cls, name))
            if value is not None:
                break
        return getattr(self._cls, name)

    def _in_context(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """A class method that runs with the instance as the current one."""

        @functools.wraps(method)
        def bound(*args: Any, **kwargs: Any) -> Any:
            token = active_runtime.set(self._asc_runtime)
            try:
                return method(*args, **kwargs)
            finally:
                active_runtime.reset(token)

        return bound

    def __instancecheck__(self, obj: object) -> bool:
        """Whether `obj` is of the class and belongs to the instance."""
        return isinstance(obj, self._cls) and getattr(obj, "_asc_runtime", None) is self._asc_runtime

    def __subclasscheck__(self, cls: type[Any] | BoundClass) -> bool:
        """Whether `cls` derives from the class."""
        return issubclass(cls._cls if isinstance(cls, BoundClass) else cls, self._cls)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BoundClass) and self._cls is other._cls and self._asc_runtime is other._asc_runtime

    def __hash__(self) -> int:
        return hash((self._cls, id(self._asc_runtime)))

    def __reduce_ex__(self, _: object, /) -> NoReturn:
        raise TypeError(f"{self!r} belongs to an instance and cannot be copied or pickled")

    def __repr__(self) -> str:
        return f"<{self._cls.__name__} of {self._asc_runtime.name}>"
