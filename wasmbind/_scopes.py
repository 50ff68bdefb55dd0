"""Where the names in annotations are looked up."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Scope", "UnresolvedError"]

#: The name of the function that Python wraps around `class Box[T]` begins like this.
_TYPE_PARAMETERS = "<generic parameters of"


class UnresolvedError(Exception):
    """What an annotation means cannot be known without running the code around it."""


@dataclass(slots=True)
class Scope:
    """Where the names in annotations of one class are looked up.

    Attributes:
        namespace: names given explicitly, which win.
        frames: enclosing function and class bodies, innermost first; dropped once annotations are resolved.
        globals: the defining module's names.
        owner: the class itself, whose own names its annotations see first.
        variables: what stands for the type variables of a generic class.
        evaluate: what finds the meaning of an annotation instead, where its class was read and no code has run.
            It raises NameError for what is not defined, and UnresolvedError.
        remedy: what helps against a name that is not defined.
    """

    globals: dict[str, Any]
    frames: list[types.FrameType] = field(default_factory=list)
    namespace: Mapping[str, Any] = field(default_factory=dict)
    owner: type[Any] | None = None
    variables: Mapping[Any, Any] = field(default_factory=dict)
    evaluate: Callable[[object], object] | None = None
    remedy: str = "import it outside `if TYPE_CHECKING:`, or give it as `namespace={...}` on the class"

    @classmethod
    def capture(cls, frame: types.FrameType, namespace: Mapping[str, Any] | None) -> Scope:
        """The scope of a class statement that runs in `frame`.

        A class body sees the function around it, which is the next frame outwards only while the bodies run.
        """
        frames: list[types.FrameType] = []
        current: types.FrameType | None = frame
        while current is not None and current.f_locals is not current.f_globals:
            frames.append(current)
            is_function = current.f_code.co_flags & inspect.CO_OPTIMIZED
            if is_function and not current.f_code.co_name.startswith(_TYPE_PARAMETERS):
                break
            current = current.f_back
        return cls(frame.f_globals, frames, namespace or {})

    def names(self) -> dict[str, Any]:
        """The local names as they stand now, innermost winning."""
        found: dict[str, Any] = {}
        for frame in reversed(self.frames):
            found.update(frame.f_locals)
        if self.owner is not None:
            found.update(vars(self.owner.__dict__.get("__asc_template__", self.owner)))
        found.update(self.namespace)
        return found

    def parametrised(self, cls: type[Any], variables: Mapping[Any, Any]) -> Scope:
        """The scope of a parametrisation of a generic class, whose own scope this is."""
        return Scope(self.globals, list(self.frames), self.namespace, cls, variables, self.evaluate)

    def settle(self, mentioned: Iterable[str]) -> None:
        """Keep the names that annotations mention, as they stand now, and let go of the frames."""
        found = self.names()
        self.namespace = {name: found[name] for name in mentioned if name in found}
        self.frames.clear()
