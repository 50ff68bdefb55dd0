"""From declarations to plans: what each declared function and field means for any binary."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._call_shapes import accessor_shapes, shape_of, site_of
from wasmbind._calls import CallPlan, Value
from wasmbind._conversion import codec_for
from wasmbind._declarations import COMPARISONS
from wasmbind._declared import nearest_init

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._call_shapes import This
    from wasmbind._classes import ClassBinding
    from wasmbind._declarations import Field, Function

__all__ = [
    "accessor_plans",
    "constructor_plan",
    "global_plans",
    "plan_function",
]

#: What takes no `as_=`: it is an attribute.
ACCESSORS: Final = frozenset({"getter", "setter"})


def plan_function(function: Function) -> CallPlan:
    """How to call a declared function."""
    shape = shape_of(function)
    one_object = len(function.parameters) == 1 and isinstance(function.parameters[0].type, d.ObjectOf)
    compares = function.kind == "method" and function.name in COMPARISONS and one_object
    return CallPlan(
        name=function.name,
        title=function.who,
        export=shape.export,
        this=shape.this,
        parameters=tuple(
            Value(
                parameter.name,
                codec_for(parameter.type, site_of(function, parameter.name)),
                f"{function.who}({parameter.name})",
                parameter.optional,
                parameter.default,
            )
            for parameter in function.parameters
        ),
        result=codec_for(function.result),
        counted=shape.counted,
        stages=shape.stages,
        compares=compares,
        static=shape.static,
        guarded=shape.guarded,
        retype=retyping(function),
        dynamic=hasattr(function.owner, "__asc_retype__"),
    )


def retyping(function: Function) -> Callable[[Any, Any, tuple[Any, ...]], Any] | None:
    """What calls a function with another type of result, which the class of a dynamic module makes; else None."""
    found: Callable[..., Any] | None = getattr(function.owner, "__asc_retype__", None)
    if any(parameter.name == "as_" for parameter in function.parameters):
        return None  # which would be the argument
    if found is None or shape_of(function).this == "new" or function.is_global or function.kind in ACCESSORS:
        return None
    made: Callable[[Any, Any, tuple[Any, ...]], Any] = found(function)
    return made


def constructor_plan(bound: ClassBinding) -> CallPlan | None:
    """How the nearest `__init__` constructs objects of a bound class, None where Python cannot."""
    init, shape = nearest_init(bound.cls), bound.constructor_shape
    if init is not None or shape is None:
        return None if init is None else plan_function(init)
    return CallPlan("__init__", bound.cls.__name__, shape.export, shape.this, (), codec_for(shape.result))


def accessor_plans(field: Field) -> tuple[CallPlan, CallPlan]:
    """How to read and write a field through exported accessors."""
    getter, setter = accessor_shapes(field)
    return _accessors(field, getter.export, setter.export, "object")


def global_plans(field: Field, *, guarded: bool = False) -> tuple[CallPlan, CallPlan]:
    """How to read and write a global of the module, through the glue.

    Args:
        field: the global.
        guarded: nobody has declared its type.
    """
    getter, setter = _accessors(field, f"get {field.export}", f"set {field.export}", None)
    getter = dataclasses.replace(getter, guarded=guarded and d.is_reference(field.type))
    return getter, dataclasses.replace(setter, stages=False)


def _accessors(field: Field, getter: str, setter: str, this: This) -> tuple[CallPlan, CallPlan]:
    codec, void = codec_for(field.type, site_of(field)), codec_for(d.VOID)
    value = Value("value", codec, field.who)
    return (
        CallPlan(field.name, field.who, getter, this, (), codec),
        CallPlan(field.name, field.who, setter, this, (value,), void, dynamic=hasattr(field.owner, "__asc_retype__")),
    )
