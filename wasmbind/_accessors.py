"""Fields: properties at fixed offsets, generated, and their interpreted twin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.objects import load_object
from wasmbind._codecs.scalars import lift_enum, lower_bool, lower_enum
from wasmbind._codecs.strings import load_string
from wasmbind._source import SourceWriter, compile_function, free_prefix

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._codecs.base import Codec

__all__ = ["FieldPlan", "compile_getter", "compile_setter", "getter_source", "interpreted", "setter_source"]


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """Where a field lies and what it holds.

    Attributes:
        offset: bytes from the object's address.
    """

    name: str
    title: str
    codec: Codec
    offset: int


def getter_source(plan: FieldPlan) -> str:
    """The source of the function that reads a field."""
    source = SourceWriter()
    descriptor, offset = plan.codec.descriptor, plan.offset
    with source.block(f"def {plan.name}(self):"):
        match descriptor:
            case d.String():
                source.line(f"return $load_string(self._asc_runtime, self._asc_ptr, {offset})")
            case d.Nullable(inner=d.String()):
                source.line(f"return $load_string(self._asc_runtime, self._asc_ptr, {offset}, nullable=True)")
            case _ if plan.codec.cls is not None and d.is_reference(descriptor):
                nullable = isinstance(descriptor, d.Nullable)
                arguments = f"self._asc_runtime, $field_type, self._asc_ptr, {offset}, nullable={nullable}"
                source.line(f"return $load_object({arguments})")
            case _ if d.is_reference(descriptor) or d.is_opaque(descriptor):
                source.line(f"return $load(self._asc_runtime, self._asc_ptr, {offset})")
            case _:
                with source.block("try:"):
                    source.line(f"return {_lifted(plan)}")
                with source.block("except $IndexError:"):
                    source.line(f"return $load(self._asc_runtime, self._asc_ptr, {offset})")
    return _named(plan, str(source))


def _named(plan: FieldPlan, text: str) -> str:
    return text.replace("$", free_prefix({plan.name}, _NAMES))


#: The names that generated accessors use, marked as the generator's own.
_NAMES = (
    "$IndexError $OverflowError $TypeError $ValueError $field_type"
    " $lift_enum $load $load_object $load_string $lower_bool $lower_enum $store"
)


def _place(plan: FieldPlan, runtime: str) -> str:
    """The element of a view of memory that holds the field."""
    codec = plan.codec
    address = f"self._asc_ptr + {plan.offset}" if plan.offset else "self._asc_ptr"
    index = f"{address} >> {codec.shift}" if codec.shift else address
    return f"{runtime}.mem_{codec.view}[{index}]"


def _lifted(plan: FieldPlan) -> str:
    place = _place(plan, "self._asc_runtime")
    match plan.codec.descriptor:
        case d.Boolean():
            return f"{place} != 0"
        case d.Enumeration():
            return f"$lift_enum($field_type, {place})"
        case _:
            return place


def setter_source(plan: FieldPlan) -> str:
    """The source of the function that writes a field."""
    source = SourceWriter()
    title = plan.title
    with source.block(f"def {plan.name}(self, value):"):
        source.line("runtime = self._asc_runtime")
        if d.is_reference(plan.codec.descriptor) or d.is_opaque(plan.codec.descriptor):
            source.line(f"$store(runtime, self._asc_ptr, {plan.offset}, value, {title!r})")
            return _named(plan, str(source))
        with source.block("if runtime.owner is not None and not runtime.is_inside():"):
            source.line(f"$store(runtime, self._asc_ptr, {plan.offset}, value, {title!r})")
            source.line("return")
        match plan.codec.descriptor:
            case d.Boolean():
                value = f"value if value is True or value is False else $lower_bool(value, {title!r})"
            case d.Enumeration():
                value = f"$lower_enum($field_type, value, {title!r})"
            case _:
                value = "value"
        with source.block("try:"):
            source.line(f"{_place(plan, 'runtime')} = {value}")
        with source.block("except ($TypeError, $ValueError, $OverflowError, $IndexError):"):
            source.line(f"$store(runtime, self._asc_ptr, {plan.offset}, value, {title!r})")
    return _named(plan, str(source))


def _namespace(plan: FieldPlan) -> dict[str, Any]:
    names = {
        "IndexError": IndexError,
        "OverflowError": OverflowError,
        "TypeError": TypeError,
        "ValueError": ValueError,
        "field_type": plan.codec.cls,
        "lift_enum": lift_enum,
        "load": plan.codec.load,
        "load_object": load_object,
        "load_string": load_string,
        "lower_bool": lower_bool,
        "lower_enum": lower_enum,
        "store": plan.codec.store,
    }
    prefix = free_prefix({plan.name}, _NAMES)
    return {prefix + name: value for name, value in names.items()}


def compile_getter(plan: FieldPlan) -> Callable[[Any], Any]:
    """The function that reads a field."""
    return compile_function(plan.name, getter_source(plan), _namespace(plan), f"{plan.title} get")


def compile_setter(plan: FieldPlan) -> Callable[[Any, Any], None]:
    """The function that writes a field."""
    return compile_function(plan.name, setter_source(plan), _namespace(plan), f"{plan.title} set")


def interpreted(plan: FieldPlan) -> tuple[Callable[[Any], Any], Callable[[Any, Any], None]]:
    """A getter and a setter that do the same without generated code."""

    def getter(self: Any) -> Any:
        return plan.codec.load(self._asc_runtime, self._asc_ptr, plan.offset)

    def setter(self: Any, value: Any) -> None:
        plan.codec.store(self._asc_runtime, self._asc_ptr, plan.offset, value, plan.title)

    return getter, setter
