"""From declarations to plans: what each declared function and field means for any binary."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from wasmbind import _descriptors as d
from wasmbind._calls import CallPlan, Value
from wasmbind._conversion import codec_for
from wasmbind._declarations import COMPARISONS, Field

if TYPE_CHECKING:
    from wasmbind._codecs.base import Site
    from wasmbind._declarations import Function
    from wasmbind._schema.model import ValueType

__all__ = [
    "RESULT",
    "accessor_plans",
    "as_global",
    "export_of",
    "global_plans",
    "plan_function",
    "site_of",
]

#: What stands for the parameter's name in the place of a result.
RESULT: Final = "->"


def export_of(function: Function) -> str:
    """The classic export name: `File#addLine`, `File#get:size`, `File.parse`, or the plain name."""
    prefix: str = getattr(function.owner, "__asc_name__", "")
    match function.kind:
        case "function":
            return function.export
        case "static":
            return f"{prefix}.{function.export}"
        case "constructor":
            return f"{prefix}#constructor"
        case "getter" if function.is_global:
            return f"get {function.export}"
        case "setter" if function.is_global:
            return f"set {function.export}"
        case "getter":
            return f"{prefix}#get:{function.export}"
        case "setter":
            return f"{prefix}#set:{function.export}"
        case _:
            return f"{prefix}#{function.export}"


def site_of(member: Function | Field, parameter: str = "") -> Site:
    """The place of a parameter, of a result (`RESULT`), or of a field or global."""
    return member.owner, member.name, parameter


def as_global(function: Function) -> Field:
    """The global that a property of a module class stands for."""
    type_ = function.result if function.kind == "getter" else function.parameters[0].type
    return Field(function.owner, function.name, function.export, type_, is_property=True)


def value_type(descriptor: d.Descriptor) -> ValueType:
    """The WebAssembly type of a parameter, field or global."""
    found = d.wasm_type(descriptor)
    assert found is not None
    return found


def plan_function(function: Function) -> CallPlan:
    """How to call a declared function."""
    this = {"constructor": "new"}.get(function.kind, "object" if function.takes_this else None)
    optional = any(parameter.optional for parameter in function.parameters)
    one_object = len(function.parameters) == 1 and isinstance(function.parameters[0].type, d.ObjectOf)
    compares = function.kind == "method" and function.name in COMPARISONS and one_object
    return CallPlan(
        name=function.name,
        title=function.who,
        export=export_of(function),
        this=this,
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
        counted=optional,
        stages=not function.is_global,
        compares=compares,
        static=function.kind == "static",
    )


def accessor_plans(field: Field) -> tuple[CallPlan, CallPlan]:
    """How to read and write a field through exported accessors."""
    prefix: str = field.owner.__asc_name__
    return _accessors(field, f"{prefix}#get:{field.export}", f"{prefix}#set:{field.export}", "object")


def global_plans(field: Field) -> tuple[CallPlan, CallPlan]:
    """How to read and write a global of the module, through the glue."""
    getter, setter = _accessors(field, f"get {field.export}", f"set {field.export}", None)
    return getter, dataclasses.replace(setter, stages=False)


def _accessors(field: Field, getter: str, setter: str, this: str | None) -> tuple[CallPlan, CallPlan]:
    codec, void = codec_for(field.type, site_of(field)), codec_for(d.VOID)
    value = Value("value", codec, field.who)
    return (
        CallPlan(field.name, field.who, getter, this, (), codec),
        CallPlan(field.name, field.who, setter, this, (value,), void),
    )
