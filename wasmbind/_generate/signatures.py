"""Signatures of declared functions, and whether one may override another."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wasmbind._generate.names import quote
from wasmbind._generate.types import UnwritableError
from wasmbind._literals import literal_value
from wasmbind._names import camel_case
from wasmbind._schema.schema import ClassType, EnumType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wasmbind._generate.names import MemberNames
    from wasmbind._generate.types import Annotator, Way
    from wasmbind._schema.schema import Schema, SchemaFunction, SchemaParameter

__all__ = ["Parameter", "Signature", "overriding", "parameter_names", "read_signature"]

#: The longest source text of a default that is written as it is.
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its Python name, annotation and default, and its AssemblyScript name."""

    name: str
    annotation: str
    default: str | None
    asc_name: str

    def text(self, annotator: Annotator) -> str:
        """The parameter as it is written: `times: i32 = 1`."""
        annotated = f"{self.name}: {annotator.quoted(self.annotation)}"
        return annotated if self.default is None else f"{annotated} = {self.default}"


@dataclass(frozen=True, slots=True)
class Signature:
    """What stands in the parentheses of a function and behind its arrow.

    Attributes:
        returns: index of the AssemblyScript type of the result.
    """

    parameters: tuple[Parameter, ...]
    result: str
    returns: int | None = None

    def texts(self, annotator: Annotator) -> list[str]:
        """Each parameter as it is written."""
        return [parameter.text(annotator) for parameter in self.parameters]


def read_signature(
    schema: Schema,
    annotator: Annotator,
    function: SchemaFunction,
    names: MemberNames,
    *,
    literals: bool,
    is_host: bool = False,
) -> Signature:
    """The signature of a declared function.

    Args:
        schema: what the binary says.
        annotator: what writes annotations.
        function: the function, without `this`.
        names: what chooses names.
        literals: whether defaults are written as they are; an override may have others.
        is_host: the module calls it.

    Raises:
        UnwritableError: a type has no annotation.
    """
    into: Way = "out" if is_host else "in"
    before = annotator.mark()
    try:
        annotations = [annotator.write(parameter.type, into) for parameter in function.params]
        result = annotator.write(function.returns, "in" if is_host else "out")
    except UnwritableError:
        annotator.rewind(before)
        raise
    defaults = [_default(schema, parameter, literals=literals) for parameter in function.params]
    if "..." in defaults:
        # AssemblyScript fills in from the first argument that is left out; what follows cannot be Python's.
        first = defaults.index("...")
        defaults[first:] = [None if default is None else "..." for default in defaults[first:]]
    # Without a default behind one that has one, nothing could be left out.
    required = max((at + 1 for at, default in enumerate(defaults) if default is None), default=0)
    defaults[:required] = [None] * required
    python = names.parameters([parameter.name for parameter in function.params])
    parameters = tuple(
        Parameter(name, annotation, default, parameter.name)
        for name, annotation, default, parameter in zip(python, annotations, defaults, function.params, strict=True)
    )
    return Signature(parameters, result, function.returns)


def parameter_names(signature: Signature) -> dict[str, str]:
    """The Python names by AssemblyScript's."""
    return {parameter.asc_name: parameter.name for parameter in signature.parameters}


def _default(schema: Schema, parameter: SchemaParameter, *, literals: bool) -> str | None:
    """The default of a parameter as it is written; None without one."""
    if not parameter.optional:
        return None
    text = parameter.default
    if not literals or text is None or len(text) > _LONGEST:
        return "..."
    known, value = literal_value(schema, parameter.type, text)
    is_enum = isinstance(schema.types[parameter.type], EnumType)
    if not known or is_enum or (isinstance(value, float) and not math.isfinite(value)):
        return "..."  # the type of an enum's number is its class, and an infinite float has no literal
    return quote(value) if isinstance(value, str) else repr(value)


def overriding(schema: Schema, own: Signature, base: Signature) -> Signature | None:
    """A signature that type checkers accept as an override of another; None where that is not to be had.

    Parameters get the names that they have in the base, by which callers may give them.
    """
    if len(own.parameters) < len(base.parameters):
        return None
    renamed = list(own.parameters)
    for at, above in enumerate(base.parameters):
        mine = own.parameters[at]
        if mine.annotation != above.annotation or (above.default is not None and mine.default is None):
            return None
        renamed[at] = replace(mine, name=above.name)
    if any(parameter.default is None for parameter in renamed[len(base.parameters) :]):
        return None
    if _moved(renamed) or len({parameter.name for parameter in renamed}) != len(renamed):
        return None
    if own.result != base.result and not _narrower(schema, own.returns, base.returns):
        return None
    return replace(own, parameters=tuple(renamed))


def _moved(parameters: Sequence[Parameter]) -> bool:
    """Whether one has the name that AssemblyScript has for another, which binding takes for a mistake."""
    wanted = {camel_case(each.asc_name).strip("_"): each.asc_name for each in parameters}
    return any(wanted.get(camel_case(each.name).strip("_"), each.asc_name) != each.asc_name for each in parameters)


def _narrower(schema: Schema, own: int | None, base: int | None) -> bool:
    """Whether values of one type are values of another, as Python classes."""
    if own is None or base is None:
        return False
    first, second = schema.types[own], schema.types[base]
    if not (isinstance(first, ClassType) and isinstance(second, ClassType)):
        return False
    return schema.descends(first.index, second.index) and (second.nullable or not first.nullable)
