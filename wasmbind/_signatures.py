"""Compares declared functions with those of a schema, each disagreement on a line of its own."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._call_shapes import RESULT, export_of, shape_of, site_of
from wasmbind._declarations import COMPARISONS, OMITTED
from wasmbind._literals import literal_value
from wasmbind._members import Member, mismatch, skipped
from wasmbind._names import camel_case
from wasmbind._places import locate
from wasmbind._schema.schema import ClassType, EnumType, simple_name
from wasmbind._suggestions import suggest_annotation
from wasmbind._verify import signature, verify_function
from wasmbind.errors import Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wasmbind._declarations import Field, Function, Host, Parameter
    from wasmbind._matching import Matcher, Use
    from wasmbind._schema.model import Binary
    from wasmbind._schema.schema import Schema, SchemaClass, SchemaFunction, SchemaParameter

__all__ = ["SignatureComparer"]


class SignatureComparer:
    """Verifies declared functions and types of one binary with a schema."""

    def __init__(self, binary: Binary, matcher: Matcher) -> None:
        self._binary, self._matcher, self._schema = binary, matcher, matcher.schema

    def verify_host(self, host: Host, found: SchemaFunction) -> Iterator[Mismatch]:
        """Compare a Python function that the module imports with the import's declaration."""
        yield from self._compare(host.function, Member(host.name, found), host.function.who)

    def verify(self, function: Function, member: Member) -> Iterator[Mismatch]:
        """Compare a declared function with its member, then with the export's WebAssembly type."""
        who = function.who
        mismatches = list(self._compare(function, member, who))
        if mismatches:
            yield from mismatches
            return
        found, shape = self._binary.function(member.export), shape_of(function)
        drops = isinstance(function.result, d.Void) and self.drops(member)
        if found is None and member.export in self._schema.skipped:
            yield mismatch(function, *skipped(self._schema.skipped[member.export]))
        elif found is None or not shape.accepts(found, drops=drops):
            wanted = dataclasses.replace(shape.type, results=("i32",)) if drops else shape.type
            shown = f"no export {member.export!r}" if found is None else str(found)
            fix = "the binary was changed after it was compiled: build it again, and keep all exports"
            yield Mismatch(who, f"{member.export} {wanted}", shown, fix, function.where)

    def verify_inherited(self, declared: Function, member: Member, cls: type[Any]) -> Iterator[Mismatch]:
        """Compare the `__init__` of a base with the constructor of a class that inherits it."""
        if any(self.verify(declared, member)):
            who, base = f"{cls.__name__}.__init__", declared.owner.__name__
            fix = "declare an __init__ of its own"
            shown = self._schema.show_function(member.function)
            yield Mismatch(who, f"as {base} does, {signature(declared)}", shown, fix, locate(cls, ""))

    def drops(self, member: Member) -> bool:
        """Whether the member returns its own object, which a declaration may leave out."""
        returns = member.function.returns
        return returns is not None and getattr(self._schema.types[returns], "name", "") == "this"

    def verify_export(self, function: Function) -> Iterator[Mismatch]:
        """Compare a declared function of the module."""
        found = self._schema.functions.get(export_of(function))
        if found is None:
            yield from verify_function(function, self._binary)
        else:
            yield from self.verify(function, Member(found.name, found))

    def _compare(self, function: Function, member: Member, who: str) -> Iterator[Mismatch]:
        declared, found = function.parameters, member.function.params
        # What the module passes to a host function comes out of it.
        use: Use = "out" if function.kind == "host" else "in"
        if len(declared) != len(found):
            fix = _arity_fix(declared, found, self._matcher)
            shown = self._schema.show_function(member.function)
            yield Mismatch(who, signature(function), shown, fix, function.where)
            return
        moved = self._moved(function, found, who)
        if moved is not None:
            yield moved
            return
        for parameter, actual in zip(declared, found, strict=True):
            path = f"{who}({parameter.name})"
            if not self._takes(function, parameter.type, actual.type, member.owner, use):
                annotation = suggest_annotation(self._matcher, actual.type, parameter.type)
                fix = self._fix(f"{parameter.name}:", annotation, parameter.type, actual.type)
                declared_type, shown = d.describe(parameter.type), self._schema.show(actual.type)
                yield Mismatch(path, declared_type, shown, fix, function.where)
            elif not self._matcher.settle(site_of(function, parameter.name), parameter.type, actual.type):
                fix, shown = "declare the function in this class too", self._schema.show(actual.type)
                yield Mismatch(path, "the collection that a base class takes here", shown, fix, function.where)
            yield from _compare_default(path, parameter, actual, function.where, self._schema)
        if function.kind not in ("constructor", "setter"):
            yield from self._compare_result(function, member, who)

    def _takes(
        self, function: Function, declared: d.Descriptor, found: int, owner: SchemaClass | None, use: Use
    ) -> bool:
        """Whether a parameter may be declared so. Comparing with None never gets as far as AssemblyScript."""
        if self._matcher.fits(declared, found, use, owner) or self._matcher.travels(declared, found):
            return True
        if function.name not in COMPARISONS or not isinstance(declared, d.ObjectOf):
            return False
        return self._matcher.fits(d.Nullable(declared), found, "in", owner)

    def compare_field(self, field: Field, found: int, use: Use, *, called: bool = False) -> Iterator[Mismatch]:
        """Compare the type of a declared field or global.

        Args:
            field: the field.
            found: index of the AssemblyScript type.
            use: which way the values go.
            called: they go through a function, and do not lie in memory.
        """
        if self._matcher.fits(field.type, found, use) or (called and self._matcher.travels(field.type, found)):
            self._matcher.settle(site_of(field), field.type, found)
            return
        annotation = suggest_annotation(self._matcher, found, field.type)
        if annotation is not None and field.export not in (field.name, camel_case(field.name)):
            annotation = f'Annotated[{annotation}, Name("{field.export}")]'
        fix = self._fix("->" if field.is_property else f"{field.name}:", annotation, field.type, found)
        where = locate(field.owner, field.name)
        yield Mismatch(field.who, d.describe(field.type), self._schema.show(found), fix, where)

    def _compare_result(self, function: Function, member: Member, who: str) -> Iterator[Mismatch]:
        found = member.function.returns
        use: Use = "in" if function.kind == "host" else "out"
        fits = self._matcher.fits(function.result, found, use, member.owner)
        if fits or (found is not None and self._matcher.travels(function.result, found)):
            self._matcher.settle(site_of(function, RESULT), function.result, found)
            return
        annotation = suggest_annotation(self._matcher, found, function.result)
        if self.drops(member) and member.owner is not None:
            annotation = f"{simple_name(member.owner.internal)}` or `-> None"
        fix = self._fix("->", annotation, function.result, found)
        declared, shown = d.describe(function.result), self._schema.show(found)
        yield Mismatch(f"{who} -> result", declared, shown, fix, function.where)

    def _fix(self, name: str, annotation: str | None, declared: d.Descriptor, found: int | None) -> str:
        """How to declare something of another type.

        Args:
            name: what is annotated: `size:`, or `->` for a result.
            annotation: the annotation that fits, None where there is none yet.
            declared: what is declared.
            found: index of the type that it is of.
        """
        if annotation is None:
            return f"there is no annotation for {self._schema.show(found)} yet: leave the member out"
        inner = declared.inner if isinstance(declared, d.Nullable) else declared
        type_ = None if found is None else self._schema.types[found]
        if isinstance(inner, d.Enumeration) and isinstance(type_, EnumType) and inner.cls.__name__ == annotation:
            return f'write `__asc_name__ = "{self._schema.enums[type_.index].name}"` in the enum that it is'
        if isinstance(inner, d.ObjectOf) and isinstance(type_, ClassType):
            # The one difference that their names do not show.
            same_null = type_.nullable == isinstance(declared, d.Nullable)
            if same_null and inner.cls.__name__ == annotation.removesuffix(" | None"):
                return f'declare a class with name="{self._schema.classes[type_.index].internal}" for it'
        return f"annotate `{name} {annotation}`"

    @staticmethod
    def _moved(function: Function, found: Iterable[SchemaParameter], who: str) -> Mismatch | None:
        """The mismatch of parameters in another order: they may have other names in Python, but not each other's."""
        wanted = [parameter.name for parameter in found]
        plain = {camel_case(name).strip("_"): name for name in wanted}
        declared = [plain.get(camel_case(parameter.name).strip("_")) for parameter in function.parameters]
        moved = [name for name, place in zip(declared, wanted, strict=True) if name is not None and name != place]
        if not moved:
            return None
        shown = f"({', '.join(parameter.name for parameter in function.parameters)})"
        fix = "put them into AssemblyScript's order"
        return Mismatch(who, f"the parameters {shown}", f"({', '.join(wanted)})", fix, function.where)


def _arity_fix(declared: tuple[Parameter, ...], found: tuple[SchemaParameter, ...], matcher: Matcher) -> str:
    if len(declared) > len(found):
        known = {parameter.name for parameter in found}
        extra = [parameter.name for parameter in declared if parameter.name not in known]
        named = extra if len(extra) == len(declared) - len(found) else [p.name for p in declared[len(found) :]]
        return f"remove {', '.join(f'`{name}`' for name in named)}"
    names = {parameter.name for parameter in declared}
    absent = [parameter for parameter in found if parameter.name not in names]
    if len(absent) != len(found) - len(declared):
        absent = list(found[len(declared) :])
    shown = [
        (parameter.name, suggest_annotation(matcher, parameter.type) or "...", " = ..." * parameter.optional)
        for parameter in absent
    ]
    return f"add {', '.join(f'`{name}: {annotation}{default}`' for name, annotation, default in shown)}"


def _compare_default(
    path: str, declared: Parameter, found: SchemaParameter, where: str | None, schema: Schema
) -> Iterator[Mismatch]:
    if declared.optional and not found.optional:
        fix = "remove `= ...`, or give the parameter a default in AssemblyScript"
        yield Mismatch(path, "optional", "a parameter without a default", fix, where)
    elif declared.default is not OMITTED and found.default is not None:
        known, value = literal_value(schema, found.type, found.default)
        if d.is_opaque(declared.type) and value == 0:
            value = None
        if known and value != declared.default and not (_is_nan(value) and _is_nan(declared.default)):
            fix = f"write `= ...` for AssemblyScript's default, or `= {value!r}`"
            yield Mismatch(path, f"the default {declared.default!r}", found.default, fix, where)


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
