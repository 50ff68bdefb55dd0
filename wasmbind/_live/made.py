"""Classes that are made once for each descriptor, and go with the last user of theirs."""

from __future__ import annotations

import dataclasses
import threading
import typing
import weakref
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from wasmbind._live.base import Live

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind import _descriptors as d

__all__ = ["Made"]

T = TypeVar("T", bound=Live)


class Made(Generic[T]):
    """The classes that have been made.

    The class for `Array[Foo]` has `Foo` in its codec, and `Foo` may lead to it by its binding. So neither may be
    referred to from here: a key that held `Foo` would keep both, and all that their module has, for ever.
    """

    def __init__(self) -> None:
        self._classes: weakref.WeakValueDictionary[object, type[T]] = weakref.WeakValueDictionary()
        self._lock = threading.RLock()

    def find(self, descriptor: d.Descriptor, make: Callable[[], type[T]]) -> type[T]:
        """The class for a descriptor.

        Args:
            descriptor: the type.
            make: makes the class where there is none.
        """
        key = _weak(descriptor)
        with self._lock:
            found = self._classes.get(key)
            if found is None:
                found = self._classes[key] = make()
        return found


def _weak(part: Any) -> object:
    """What stands for a part of a descriptor in keys: classes are referred to weakly, however deep they are."""
    if isinstance(part, (tuple, list)):
        return tuple(map(_weak, part))
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        return type(part), *(_weak(getattr(part, field.name)) for field in dataclasses.fields(part))
    arguments = typing.get_args(part)
    if arguments:
        return typing.get_origin(part), *map(_weak, arguments)
    return weakref.ref(part) if isinstance(part, type) else part
