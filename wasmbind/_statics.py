"""Static methods, which belong to an instance as all functions of a module do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind._context import current_runtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._runtime import Runtime

__all__ = ["StaticFunction"]


class StaticFunction:
    """An AssemblyScript static: on a bare class it belongs to the current instance."""

    def __init__(self, function: Callable[..., Any] | None, owner: type[Any]) -> None:
        self.function, self.owner = function, owner

    def __get__(self, obj: Any, cls: type[Any]) -> Any:
        return self.bound_to(obj if obj is not None else _Current(cls))

    def bound_to(self, holder: Any) -> Any:
        """The function, on whatever knows the runtime."""

        def static(*args: Any, **kwargs: Any) -> Any:
            runtime = holder._asc_runtime
            runtime.binding.ensure(runtime, self.owner)
            assert self.function is not None
            return self.function(holder, *args, **kwargs)

        return static


class _Current:
    def __init__(self, cls: type[Any]) -> None:
        self._cls = cls

    @property
    def _asc_runtime(self) -> Runtime:
        return current_runtime(self._cls)
