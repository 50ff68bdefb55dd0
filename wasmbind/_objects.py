"""What every declared object can do: show itself, compare, become a dict, be built from fields."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any

from wasmbind._declarations import OMITTED
from wasmbind._declared import declaration_of, declared_bases
from wasmbind.errors import InstanceError, LowerTypeError, WasmbindError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wasmbind._declarations import Field

__all__ = ["asdict", "describe_object", "initialise_record", "same_object"]


def fields_of(cls: type[Any]) -> list[Field]:
    """All declared fields, those of bases first."""
    return [field for base in reversed(declared_bases(cls)) for field in declaration_of(base).fields]


def shown_fields(obj: Any) -> list[str]:
    """The names of an object's fields, those of bases first.

    A field may be declared as a property, as generated declarations do with readonly ones.
    """
    bound = obj._asc_runtime.binding.table.bound
    names: dict[str, None] = {}
    for base in reversed(declared_bases(type(obj))):
        declaration = declaration_of(base)
        own = [field.name for field in declaration.fields]
        known = bound.get(base)
        if known is not None and known.schema is not None:
            fields = known.schema.fields
            getters = [each for each in declaration.functions if each.kind == "getter" and each.export in fields]
            if getters:
                places = {each.name: fields[each.export].offset for each in getters}
                places |= {
                    field.name: fields[field.export].offset for field in declaration.fields if field.export in fields
                }
                own += [getter.name for getter in getters]
                own.sort(key=lambda name: places.get(name, 0))
        if hasattr(base, "__asc_retype__") and obj._asc_runtime.binary.schema is None:
            # Made of exports, which do not tell fields from accessors that can be set.
            settable = {each.name for each in declaration.functions if each.kind == "setter"}
            own += [each.name for each in declaration.functions if each.kind == "getter" and each.name in settable]
        names.update(dict.fromkeys(own))
    return list(names)


def same_object(first: Any, second: Any) -> bool:
    """Whether both stand for the same AssemblyScript object."""
    if first is second:
        return True
    runtime = getattr(second, "_asc_runtime", None)
    if runtime is None or runtime is not first._asc_runtime or not hasattr(second, "_asc_ptr"):
        return False
    return bool(first._asc_ptr == second._asc_ptr)


@reprlib.recursive_repr(fillvalue="...")
def describe_object(obj: Any) -> str:
    """`Line(s='x')`, or what stands in the way of reading the fields."""
    name = type(obj).__name__
    try:
        shown = ", ".join(f"{field}={getattr(obj, field)!r}" for field in shown_fields(obj))
    except InstanceError as error:
        return f"<{name} of a {error.reason} instance>"
    except WasmbindError as error:
        return f"<{name}: {error}>"
    return f"{name}({shown})"


def asdict(obj: Any) -> dict[str, Any]:
    """The fields of an object as a dict, and those of every object it refers to.

    Live arrays become lists, maps dicts, sets sets and buffers bytes. The same object becomes the same dict, so cycles
    stay cycles. Keys of maps and elements of sets stay what they are: a dict cannot be one.

    Args:
        obj: an object of a declared class.

    Raises:
        TypeError: `obj` is something else.
    """
    if not hasattr(type(obj), "__asc_fields__"):
        raise TypeError(f"asdict() expects an object of an AscClass, got {type(obj).__name__}")
    return _copy_object(obj, {})


def _copy_object(obj: Any, seen: dict[Any, Any]) -> dict[str, Any]:
    # By address: a class may say that different objects are equal.
    key = id(obj._asc_runtime), obj._asc_ptr
    found = seen.get(key)
    if found is None:
        found = seen[key] = {}
        for field in shown_fields(obj):
            found[field] = _copy(getattr(obj, field), seen)
    copied: dict[str, Any] = found
    return copied


def _copy(value: Any, seen: dict[Any, Any]) -> Any:
    match value:
        case list() | tuple():
            return type(value)(_copy(item, seen) for item in value)
        case dict():
            return {key: _copy(item, seen) for key, item in value.items()}
        case _ if hasattr(type(value), "__asc_kind__"):
            return _copy_collection(value, seen)
        case _:
            return _copy_object(value, seen) if hasattr(type(value), "__asc_fields__") else value


def _copy_collection(collection: Any, seen: dict[Any, Any]) -> Any:
    key = id(collection._asc_runtime), collection._asc_ptr
    if key not in seen:
        plain = collection.copy() if hasattr(collection, "copy") else bytes(collection)
        # Known before its elements are copied, which may lead back to it; they are replaced in place.
        seen[key] = plain
        if isinstance(plain, list):
            plain[:] = [_copy(item, seen) for item in plain]
        elif isinstance(plain, dict):
            plain.update([(name, _copy(item, seen)) for name, item in plain.items()])
    return seen[key]


def initialise_record(obj: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Construct a record through the exported constructor and set its fields.

    Raises:
        LowerTypeError: arguments are missing, too many or unknown.
        BindError: the binary exports no constructor.
    """
    cls = type(obj)
    fields = fields_of(cls)
    names = [field.name for field in fields]
    if len(args) > len(fields):
        problem = f"takes {len(fields)} fields ({', '.join(names)}), {len(args)} given"
        raise LowerTypeError(cls.__name__, cls.__name__, args, problem)
    given = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name not in names:
            raise LowerTypeError(f"{cls.__name__}({name})", cls.__name__, value, f"has no field {name!r}")
        if name in given:
            raise LowerTypeError(f"{cls.__name__}({name})", cls.__name__, value, "is given twice")
        given[name] = value
    for field in fields:
        if field.name not in given and field.default is OMITTED:
            problem = f"the field {field.name!r} is missing"
            raise LowerTypeError(f"{cls.__name__}({field.name})", cls.__name__, LowerTypeError.NO_VALUE, problem)
        if field.name not in given and field.default is not ...:
            given[field.name] = field.default
    for name, value in given.items():
        accessor = getattr(cls, name)
        if isinstance(accessor, property) and accessor.fset is None:
            problem = "is readonly in AssemblyScript, which sets it itself"
            raise LowerTypeError(f"{cls.__name__}({name})", cls.__name__, value, problem)
    obj._asc_runtime.binding.construct_record(obj)
    for name, value in given.items():
        setattr(obj, name, value)
