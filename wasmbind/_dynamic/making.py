"""Collections of Python values where nobody has declared what they become: the type table tells what there is."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._conversion import codec_for
from wasmbind._dynamic.objects import Shown
from wasmbind._dynamic.shapes import kind_of
from wasmbind.errors import LowerTypeError

if TYPE_CHECKING:
    from collections.abc import Collection

    from wasmbind._dynamic.lifting import ObjectTypes
    from wasmbind._runtime import Runtime

__all__ = ["ARRAYS", "fitting_collections", "lower_unambiguous", "make_collection"]

#: What a list may become: an `Array`, unless somebody names another class.
ARRAYS: Final = frozenset({"Array", "StaticArray", *d.TYPED_ARRAYS})
_FIX: Final = "make it with module.alloc_array(rt_id, values), declare the type, or compile with `wasmbind build`"


def make_collection(
    runtime: Runtime, rt_id: int, values: Any, slot: int, path: str, type_: d.Descriptor
) -> tuple[int, type[Any]]:
    """Make a collection of a certain class. The caller owns the instance.

    Args:
        runtime: the instance.
        rt_id: the run-time id of the class.
        values: the Python values.
        slot: the root slot that keeps the object alive.
        path: what the values are, for errors.
        type_: the type of the collection, a `Collection`.

    Returns:
        Its address, and the class of the Python object for it.
    """
    codec: Any = codec_for(type_)
    allocation = runtime.binding.allocations.of_id(codec.descriptor.kind, rt_id)
    return codec.maker.make(runtime, values, slot, path, allocation), codec.cls


def lower_unambiguous(runtime: Runtime, value: Any, slot: int, path: str, types: ObjectTypes) -> int:
    """Make the only collection of the module that fits a Python value. The caller owns the instance.

    Raises:
        LowerTypeError: the value is no collection, or not exactly one class fits.
    """
    if isinstance(value, Mapping):
        kinds: frozenset[str | None] = frozenset({"Map"})
    elif isinstance(value, AbstractSet):
        kinds = frozenset({"Set"})
    elif isinstance(value, (list, tuple)):
        kinds = frozenset({"Array"})
    else:
        problem = "expected a number, str, bytes, None, an object of the module, or a list, dict or set"
        raise LowerTypeError(path, "i32", value, problem)
    found = fitting_collections(runtime, value, kinds, types)
    if len(found) != 1:
        shown = " or a ".join(map(str, kinds))
        count = "no class of the module is" if not found else f"{len(found)} classes of the module could be"
        ids = f" (run-time ids {', '.join(map(str, found))})" if found else ""
        problem = f"nothing declares what this becomes, and {count} a {shown} of such values{ids}; {_FIX}"
        raise LowerTypeError(path, "i32", value, problem)
    ((rt_id, type_),) = found.items()
    return make_collection(runtime, rt_id, value, slot, path, type_)[0]


def fitting_collections(
    runtime: Runtime, value: Any, kinds: Collection[str | None], types: ObjectTypes
) -> dict[int, d.Descriptor]:
    """The classes of the library that a Python collection could become: their types by run-time ids.

    Args:
        runtime: the instance.
        value: the collection.
        kinds: the classes in question, such as `Array`.
        types: what the binary tells of its classes.
    """
    rtti = runtime.rtti
    assert rtti is not None
    values = [list(value.keys()), list(value.values())] if isinstance(value, Mapping) else [list(value)]
    found: dict[int, d.Descriptor] = {}
    for rt_id in range(len(rtti.flags)):
        kind = kind_of(rtti, rt_id)
        type_ = types.type_of(runtime, 0, rt_id, Shown.OBJECT) if kind in kinds else None
        if not isinstance(type_, d.Collection):
            continue  # of another kind, or a class of the module that derives from one
        if all(map(_fits, type_.arguments or (d.element_of(type_),), values)):
            found[rt_id] = _with_text_keys(type_, values[0]) if kind in ("Map", "Set") else type_
    return found


def _with_text_keys(type_: d.Descriptor, keys: list[Any]) -> d.Descriptor:
    """A Map or Set whose keys are strings, where they are: these are compared by their text."""
    parts = d.parts(type_)
    if keys and all(isinstance(key, str) for key in keys) and isinstance(type_, d.Collection):
        return d.Collection(type_.kind, (d.STRING, *parts[1:]))
    return type_


def _fits(element: d.Descriptor, values: list[Any]) -> bool:
    """Whether all values could be elements of a type."""
    return all(_is_one(element, value) for value in values)


def _is_one(element: d.Descriptor, value: Any) -> bool:
    match element:
        case d.Integer(low=low, high=high):
            return hasattr(type(value), "__index__") and low <= value.__index__() <= high
        case d.Float():
            return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool))
        case d.Boolean():
            return isinstance(value, bool)
        case d.String():
            return isinstance(value, str)
        case d.ObjectOf(cls=cls):
            return isinstance(value, cls)
        case d.Nullable(inner=inner):
            return value is None or _is_one(inner, value)
        case d.Untyped():
            return value is None or isinstance(value, (str, bytes)) or hasattr(value, "_asc_ptr")
        case _:
            return hasattr(value, "_asc_ptr")
