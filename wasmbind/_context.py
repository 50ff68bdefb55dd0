"""Which instance a bare `Cls(...)` belongs to."""

from __future__ import annotations

import functools
import inspect
import types
import weakref  # noqa: TC003 - an annotation of a local names it
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from wasmbind.errors import InstanceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._runtime import Runtime

__all__ = ["active_runtime", "current_runtime", "in_context_of_self"]

#: The runtime of the innermost `with module:` block or method.
active_runtime: ContextVar[Runtime | None] = ContextVar("wasmbind_active_runtime", default=None)


def current_runtime(cls: type[Any]) -> Runtime:
    """The instance that a bare use of `cls` means.

    Raises:
        InstanceError: none is active and none is the default.
    """
    runtime = active_runtime.get()
    if runtime is not None:
        return runtime
    references: list[weakref.ref[Runtime]] = cls.__asc_defaults_of__
    defaults = [found for reference in references if (found := reference()) is not None and not found.ended]
    if len(defaults) == 1:
        return defaults[0]
    name = cls.__name__
    problem = (
        f"{name} has no active instance"
        if not defaults
        else f"{name} belongs to the default instances of several modules"
    )
    raise InstanceError(
        "missing",
        f"{problem}: write `module[{name}](...)`, use it inside `with module:` or `with module.active():`,"
        " or make a default instance with `Module.default()`",
    )


def in_context_of_self(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make the instance that a method's `self` belongs to the current one while the method runs.

    Generators and coroutines run in pieces, outside any one context; they are left as they are.
    """
    if not isinstance(function, types.FunctionType) or inspect.isgeneratorfunction(function):
        return function
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return function

    @functools.wraps(function)
    def method(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        runtime = getattr(self, "_asc_runtime", None)
        if runtime is None:
            return function(self, *args, **kwargs)
        # Not with a token: an interrupt may come after `set` and before anything is done with what it returned.
        before = active_runtime.get()
        try:
            active_runtime.set(runtime)
            return function(self, *args, **kwargs)
        finally:
            active_runtime.set(before)

    method.__asc_plain__ = function  # type: ignore[attr-defined]  # for who sets the context itself
    return method
