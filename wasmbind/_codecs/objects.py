"""The codec of declared classes, and of references that may be null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.base import Codec, Raw, ReferenceCodec, null_found
from wasmbind._codecs.strings import load_string
from wasmbind._layout import UNCONSTRUCTED
from wasmbind._memory import not_constructed
from wasmbind.errors import InstanceError, LowerTypeError

if TYPE_CHECKING:
    from wasmbind._runtime import Runtime

__all__ = ["NullableCodec", "ObjectCodec", "lift_object", "load_object", "lower_object"]


def lower_object(runtime: Runtime, cls: type[Any], value: Any, path: str) -> int:
    """The address of a live object.

    Raises:
        LowerTypeError: not an instance of the class.
        InstanceError: it belongs to another instance of a module.
    """
    owner = getattr(value, "_asc_runtime", None)
    if not isinstance(value, cls) and owner in (None, runtime):
        raise LowerTypeError(path, cls.__name__, value, f"expected {cls.__name__}")
    if owner is not runtime:
        # Classes of another instance may have the same name, so this comes before what class it is.
        other = owner.name if owner is not None else "no module"
        raise InstanceError(
            "foreign",
            f"{path}: this {type(value).__name__} belongs to another instance, of {other};"
            " objects cannot be passed between instances",
        )
    ptr: int = value._asc_ptr
    if ptr == UNCONSTRUCTED:
        raise not_constructed()
    return ptr


def lift_object(runtime: Runtime, cls: type[Any], ptr: int) -> Any:
    """The Python object for a result. The caller owns the instance and keeps the object alive.

    Raises:
        LiftError: null, no object, or an object of another class.
    """
    if not ptr:
        raise null_found(runtime, cls.__name__)
    known = runtime.find(ptr, cls)
    if known is not None:
        return known
    slot = runtime.reserve()
    try:
        runtime.mem_u32[slot] = ptr
        return runtime.lift(ptr, slot, cls)
    except BaseException:
        runtime.bury([slot])
        raise


def load_object(runtime: Runtime, cls: type[Any], ptr: int, offset: int, *, nullable: bool) -> Any:
    """The Python object that the field at `ptr + offset` refers to.

    Raises:
        LiftError: null where it is not allowed, no object, or an object of another class.
    """
    runtime.check(ptr + offset, 4, f"a field of type {cls.__name__}")
    known = runtime.find(runtime.mem_u32[(ptr + offset) >> 2], cls)
    if known is not None:
        return known
    slot = runtime.reserve_alone()
    if runtime.owner is not None and not runtime.is_inside():
        runtime.give_back(slot)
        return runtime.in_turn(load_object, runtime, cls, ptr, offset, nullable=nullable)
    try:
        # Nothing between the test above and the second line lets another thread in, which could collect the object.
        found = runtime.mem_u32[(ptr + offset) >> 2]
        runtime.mem_u32[slot] = found
        known = runtime.find(found, cls)
        if found and known is None:
            return runtime.lift(found, slot, cls)
        runtime.mem_u32[slot] = 0
    except BaseException:
        runtime.bury([slot])
        raise
    runtime.give_back(slot)
    if found or nullable:
        return known
    raise null_found(runtime, cls.__name__)


class ObjectCodec(ReferenceCodec):
    """A declared class."""

    def __init__(self, descriptor: d.ObjectOf | d.Collection, cls: type[Any]) -> None:
        super().__init__(descriptor)
        self.cls = self._cls = cls

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        return lower_object(runtime, self._cls, value, path)

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        return lift_object(runtime, self._cls, raw)

    def load(self, runtime: Runtime, ptr: int, offset: int) -> Any:
        return load_object(runtime, self._cls, ptr, offset, nullable=False)


class NullableCodec(ReferenceCodec):
    """`X | null` around the codec of X."""

    descriptor: d.Nullable

    def __init__(self, descriptor: d.Nullable, inner: Codec) -> None:
        super().__init__(descriptor)
        self.inner = inner
        self.by_value, self.allocates, self.cls = inner.by_value, inner.allocates, inner.cls

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        return 0 if value is None else self.inner.lower(runtime, value, slot, path)

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        return self.inner.lift(runtime, raw) if raw else None

    def load(self, runtime: Runtime, ptr: int, offset: int) -> Any:
        runtime.check(ptr + offset, 4, f"a field of type {self.name}")
        if not runtime.mem_u32[(ptr + offset) >> 2]:
            return None
        if self.cls is not None:
            return load_object(runtime, self.cls, ptr, offset, nullable=True)
        if isinstance(self.descriptor.inner, d.String):
            return load_string(runtime, ptr, offset, nullable=True)
        return self.inner.load(runtime, ptr, offset)
