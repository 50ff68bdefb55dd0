"""Which AssemblyScript class a Python collection becomes, and which objects are of a live type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.base import Allocation
from wasmbind._function_glue import FUNCTION_SIZE
from wasmbind._schema import rtti as flags
from wasmbind.errors import LiftError, LowerError

if TYPE_CHECKING:
    from wasmbind._codecs.base import Codec
    from wasmbind._conformance import Conformance
    from wasmbind._live.base import Live
    from wasmbind._schema.rtti import Rtti

__all__ = ["Allocations"]

#: Bytes of an object that refers to its elements, by kind; typed arrays and views have `_VIEW_SIZE`.
_SIZES = {"Array": 16, "Map": 24, "Set": 24, "StaticArray": 0, "ArrayBuffer": 0}
_VIEW_SIZE = 12
#: Bytes to allocate where the class may be derived from the collection, and its visitor reads fields of its own.
_ROOMY = 512
#: Classes that nothing but a schema tells from others.
_NAMED = {"DataView", "Date"}
_KIND_FLAGS = {"Array": flags.ARRAY, "StaticArray": flags.STATIC_ARRAY, "Map": flags.MAP, "Set": flags.SET}


class Allocations:
    """Answers for one binary.

    Where there is a schema it names the classes, and the type table has to agree. Else a class is found by the flags
    in the type table: they tell all that the collector and memory need to know. Classes that differ in nothing but
    the class of what they refer to have the same flags; the first is taken.
    """

    def __init__(self, name: str, rtti: Rtti, conformance: Conformance | None) -> None:
        self._name, self._rtti, self._conformance = name, rtti, conformance

    # --- lower ----------------------------------------------------------------------------------------------

    def find(self, codec: Codec, path: str) -> Allocation:
        """The class that a value becomes.

        Args:
            codec: the codec of a collection.
            path: what the value is, for errors.

        Raises:
            LowerError: the module has no such class.
        """
        descriptor = codec.descriptor
        found = self._named(codec) if self._conformance is not None else self._by_flags(descriptor)
        if found is None:
            raise LowerError(path, codec.name, LowerError.NO_VALUE, self._missing(descriptor))
        return found

    def of_id(self, kind: str, rt_id: int) -> Allocation:
        """How to allocate an object of a run-time id, which is a collection of that kind."""
        size = _SIZES.get(kind, _VIEW_SIZE)
        alike = self._rtti.flags.count(self._rtti.flags[rt_id])
        return Allocation(kind, rt_id, _ROOMY if size and alike > 1 else size)

    def _missing(self, descriptor: d.Descriptor) -> str:
        name = d.describe(descriptor)
        if _kind(descriptor) in _NAMED and self._conformance is None:
            return f"nothing in {self._name} tells which class {name} is: build it with wasmbind's transform"
        return (
            f"{self._name} contains no {name}, so it cannot be allocated; use one in the AssemblyScript source, such as"
            " in an exported function's signature"
        )

    def _named(self, codec: Codec) -> Allocation | None:
        """The class that the schema names, if the type table agrees."""
        assert self._conformance is not None
        found = self._conformance.objects.collection(codec.descriptor, codec.site)
        if found is None:
            return None
        kind, rt_id, size = found
        fitting = rt_id in self._fitting(kind, codec.descriptor)
        return Allocation(kind, rt_id, size if kind == "Date" else _SIZES.get(kind, _VIEW_SIZE)) if fitting else None

    def _by_flags(self, descriptor: d.Descriptor) -> Allocation | None:
        kind = _kind(descriptor)
        found = self._fitting(kind, descriptor)
        if not found or kind in _NAMED:
            return None
        size = _SIZES.get(kind, _VIEW_SIZE)
        return Allocation(kind, found[0], _ROOMY if size and len(found) > 1 else size)

    def _fitting(self, kind: str, descriptor: d.Descriptor) -> list[int]:
        """The run-time ids that may be the class, by what the type table tells; the best first."""
        if kind == "ArrayBuffer":
            return [self._rtti.buffer_id]
        fitting = [rt_id for rt_id in range(len(self._rtti.flags)) if self._is(rt_id, kind, descriptor)]
        parts = () if kind in _NAMED else _elements(descriptor)
        null = isinstance(parts[-1], d.Nullable) if parts else False
        return sorted(fitting, key=lambda rt_id: bool(self._rtti.flags[rt_id] & flags.NULLABLE) != null)

    def _is(self, rt_id: int, kind: str, descriptor: d.Descriptor) -> bool:
        """Whether the type table lets a run-time id be a collection of such elements."""
        rtti = self._rtti
        if kind == "ArrayBuffer":
            return rt_id == rtti.buffer_id
        if kind in _NAMED:
            known = rtti.flags_of(rt_id)
            plain = known == (flags.POINTER_FREE if kind == "Date" or rtti.counted else 0)
            return plain and rt_id not in (rtti.string_id, rtti.buffer_id, rtti.view_id)
        wanted = _KIND_FLAGS.get(kind, flags.VIEW)
        if rtti.kind_of(rt_id) & ~(flags.VIEW if wanted == flags.ARRAY else 0) != wanted:
            return False
        parts = _elements(descriptor)
        if kind == "Map" and not rtti.has_keys(rt_id, flags.element_flags(parts[0])):
            return False
        return rtti.holds(rt_id, flags.element_flags(parts[-1]))

    # --- lift -----------------------------------------------------------------------------------------------

    def resolve(self, cls: type[Live], rt_id: int, rt_size: int) -> tuple[type[Any], int]:
        """The class of the Python object for an AssemblyScript object, and the least size that such objects have.

        Args:
            cls: the concrete class of the declared live type.
            rt_id: the object's run-time id.
            rt_size: its size in bytes.

        Raises:
            LiftError: the object is not of the type.
        """
        codec = cls.__asc_codec__
        descriptor: Any = codec.descriptor
        if isinstance(descriptor, d.FunctionOf):
            return self._resolve_function(cls, rt_id, rt_size)
        least = _SIZES.get(descriptor.kind, _VIEW_SIZE)
        shown = f"an object of run-time id {rt_id}"
        known = self._rtti.flags_of(rt_id) is not None and self._is(rt_id, descriptor.kind, descriptor)
        if known and self._conformance is not None:
            known = self._conformance.objects.is_collection(rt_id, descriptor)
            shown = self._conformance.objects.show_id(rt_id) or shown
        if not known:
            raise LiftError(f"{self._name}: {codec.name} expected, found {shown}")
        if rt_size < least:
            raise LiftError(f"{self._name}: {codec.name} has at least {least} bytes, found an object of {rt_size}")
        return cls, least

    def is_date(self, rt_id: int) -> bool:
        """Whether objects of a run-time id may be dates."""
        if self._conformance is not None:
            return self._conformance.objects.is_collection(rt_id, d.Date())
        return self._is(rt_id, "Date", d.Date())

    def _resolve_function(self, cls: type[Live], rt_id: int, rt_size: int) -> tuple[type[Any], int]:
        codec: Any = cls.__asc_codec__
        if rt_size < FUNCTION_SIZE:
            raise LiftError(f"{self._name}: {codec.name} expected, found an object of {rt_size} bytes")
        schema = self._conformance.objects if self._conformance is not None else None
        if schema is not None and not schema.is_function(rt_id, codec.descriptor):
            shown = schema.show_id(rt_id) or f"an object of run-time id {rt_id}"
            raise LiftError(f"{self._name}: {codec.name} expected, found {shown}")
        return cls, FUNCTION_SIZE


def _kind(descriptor: d.Descriptor) -> str:
    """The class that a Python value becomes where nothing says more."""
    match descriptor:
        case d.Collection(kind=kind):
            return kind
        case d.Bytes():
            return "ArrayBuffer"
        case d.Date():
            return "Date"
        case d.DictOf():
            return "Map"
        case d.SetOf():
            return "Set"
        case _:
            return "Array"


def _elements(descriptor: d.Descriptor) -> tuple[d.Descriptor, ...]:
    """The types of keys, values and elements."""
    return d.parts(descriptor) or (d.element_of(descriptor),)
