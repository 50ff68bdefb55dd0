"""Collections of Python values where nobody has declared what they become: the type table tells what there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._conversion import codec_for
from wasmbind._dynamic.objects import OpaqueValue
from wasmbind.errors import LowerTypeError

if TYPE_CHECKING:
    from wasmbind._dynamic.lifting import ObjectTypes
    from wasmbind._runtime import Runtime

__all__ = ["ARRAYS", "fitting_collections", "lower_unambiguous", "make_collection", "settle"]

#: What a list may become: an `Array`, unless somebody names another class.
ARRAYS: Final = frozenset({"Array", "StaticArray", *d.TYPED_ARRAYS})
#: What says by itself what it is.
_SETTLED: Final = frozenset({int, str, float, bool})
#: How to say what a value becomes, by the class in question.
_FIXES: Final = {
    "Array": "make it with module.alloc_array(rt_id, values), or compile with `wasmbind build`",
    "Map": "pass a Map that the module has made, or compile with `wasmbind build`",
    "Set": "pass a Set that the module has made, or compile with `wasmbind build`",
}


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
        kind = "Map"
    elif isinstance(value, AbstractSet):
        kind = "Set"
    elif isinstance(value, Sequence) or hasattr(type(value), "tolist"):
        kind = "Array"
    else:
        listed = ": write list(...)" * hasattr(type(value), "__iter__")
        problem = "expected a number, str, bytes, None, an object of the module, or a list, dict or set"
        raise LowerTypeError(path, "i32", value, problem + listed)
    settled = settle(value)
    found = fitting_collections(runtime, settled, kind, types)
    if len(found) != 1:
        shown = "an Array" if kind == "Array" else f"a {kind}"
        count = "no class of the module is" if not found else f"{len(found)} classes of the module could be"
        ids = f" (run-time ids {', '.join(map(str, found))})" if found else ""
        problem = f"nothing declares what this becomes, and {count} {shown} of such values{ids}; {_FIXES[kind]}"
        raise LowerTypeError(path, "i32", value, problem)
    ((rt_id, type_),) = found.items()
    return make_collection(runtime, rt_id, settled, slot, path, type_)[0]


def settle(value: Any) -> Any:
    """A collection of Python's own, whose numbers are ints: what they are is asked once, and then stays so."""
    if isinstance(value, Mapping):
        return {_settle_one(key): _settle_one(each) for key, each in value.items()}
    if isinstance(value, AbstractSet):
        return {*map(_settle_one, value)}
    # What NumPy and `array` have in a buffer become numbers of Python at once.
    items = value.tolist() if hasattr(type(value), "tolist") and not hasattr(value, "_asc_ptr") else list(value)
    return items if _SETTLED.issuperset(map(type, items)) else [*map(_settle_one, items)]


def _settle_one(value: Any) -> Any:
    """An int for what can be nothing else. An opaque value is none: its instance has still to be looked at."""
    if type(value) in _SETTLED or not hasattr(type(value), "__index__"):
        return value
    return int(value.__index__())


def fitting_collections(runtime: Runtime, value: Any, kind: str, types: ObjectTypes) -> dict[int, d.Descriptor]:
    """The classes of the library that a Python collection could become: their types by run-time ids.

    Args:
        runtime: the instance.
        value: the collection, settled.
        kind: the class in question, `Array`, `Map` or `Set`.
        types: what the binary tells of its classes.
    """
    values = [list(value.keys()), list(value.values())] if isinstance(value, dict) else [list(value)]
    return {
        rt_id: type_ if kind == "Array" else _with_text_keys(type_, values[0])
        for rt_id, type_ in types.collections_in(runtime, kind).items()
        if all(map(_fits, type_.arguments or (d.element_of(type_),), values))
    }


def _with_text_keys(type_: d.Descriptor, keys: list[Any]) -> d.Descriptor:
    """A Map or Set whose keys are strings, where they are: these are compared by their text."""
    parts = d.parts(type_)
    if keys and all(isinstance(key, str) for key in keys) and isinstance(type_, d.Collection):
        return d.Collection(type_.kind, (d.STRING, *parts[1:]))
    return type_


def _fits(element: d.Descriptor, values: list[Any]) -> bool:
    """Whether all values could be elements of a type."""
    if isinstance(element, d.Integer) and values and all(type(value) is int for value in values):
        return bool(element.low <= min(values) and max(values) <= element.high)
    return all(_is_one(element, value) for value in values)


def _is_one(element: d.Descriptor, value: Any) -> bool:
    match element:
        case d.Integer(low=low, high=high):
            number = value.id if isinstance(value, OpaqueValue) else value
            return hasattr(type(number), "__index__") and low <= int(number) <= high
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
        case d.Collection():
            codec = getattr(type(value), "__asc_codec__", None)
            return codec is not None and codec.descriptor == element
        case d.Untyped():
            return value is None or isinstance(value, (str, bytes)) or hasattr(value, "_asc_ptr")
        case _:
            return hasattr(value, "_asc_ptr")
