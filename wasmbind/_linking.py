"""Which exports a unit of declarations calls, and which of them need the glue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._adaptor_glue import is_adapted
from wasmbind._call_shapes import as_global, site_of
from wasmbind._classes import Target
from wasmbind._glue import Glue, GlueFunction, GlueGlobal
from wasmbind._plans import accessor_plans, constructor_plan, global_plans, plan_function
from wasmbind._schema.abis import announces
from wasmbind._schema.model import FunctionType, GlobalType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wasmbind._calls import CallPlan
    from wasmbind._classes import ClassBinding
    from wasmbind._codecs.base import Site
    from wasmbind._declarations import ClassDeclaration, Field, Function
    from wasmbind._schema.model import Binary, ValueType
    from wasmbind._schema.rtti import Rtti

__all__ = ["Links"]


class Links:
    """The links of one unit.

    Attributes:
        functions, globals: what the glue wraps.
        direct: links that call the module's export itself.
        types: the WebAssembly type of what each link calls, as Python's side has it.
        carriers: the WebAssembly type of opaque values, by where they are declared, where the glue converts them.
        scratch: the number of scratch slots that its calls need.
    """

    def __init__(self, binary: Binary, rtti: Rtti | None, targets: Mapping[str, Target]) -> None:
        self._binary, self._rtti, self._targets = binary, rtti, targets
        self._announces = announces(binary)
        self._counts = is_adapted(binary)
        self.functions: list[GlueFunction] = []
        self.globals: dict[str, GlueGlobal] = {}
        self.direct: dict[str, str] = {}
        self.types: dict[str, FunctionType] = {}
        self.carriers: dict[Site | None, ValueType] = {}
        self.scratch = 1

    def add_module(self, declaration: ClassDeclaration) -> None:
        """Link the functions and globals of a module."""
        for field in declaration.fields:
            self._add_global(field)
        for function in declaration.functions:
            if function.is_global:
                self._add_global(as_global(function))
            else:
                self.add_function(function)

    def add_class(self, bound: ClassBinding) -> None:
        """Link what a class needs besides its declared functions."""
        if not bound.is_class:
            return
        constructor = constructor_plan(bound)
        if constructor is not None:
            self.add(constructor, bound.constructor)
        for field in bound.declaration.fields:
            if bound.offset(field) is None:
                for plan in accessor_plans(field):
                    self.add(plan, plan.export, self._overrides(field.owner, plan.export))

    def add_function(self, function: Function) -> None:
        """Link a declared function."""
        plan = plan_function(function)
        virtual = function.kind in ("method", "getter", "setter")
        self.add(plan, plan.export, self._overrides(function.owner, plan.export) if virtual else None)

    def add_call(self, plan: CallPlan, owner: type[Any] | None) -> None:
        """Link a function that nothing has declared so; `owner` is the class whose objects it is called on."""
        self.add(plan, plan.export, self._overrides(owner, plan.export) if owner is not None else None)

    def add(self, plan: CallPlan, member: str, overrides: dict[int, str] | None = None) -> None:
        """Link a member that is called as a plan says, if the binary exports it with that type.

        Args:
            member: its classic export name, which means another export where the schema says so.
        """
        shape = plan.shape
        link = shape.link_to(member)
        target = self._targets.get(link, Target(member))
        export = target.export
        called = self._binary.function(export)
        if link in self.types or called is None or not shape.accepts(called, drops=target.drops):
            return
        given = replace(shape.type, results=("i32",)) if target.drops else shape.type
        converts = called != given
        if converts:
            self._settle(plan, called)
        self.scratch = max(self.scratch, len(plan.copied) + 1)
        count = len(plan.parameters)
        announced = self._announces and (plan.counted or count > 0)
        staged = plan.staged
        special = self._counts or overrides or staged or target.drops or converts
        if not (shape.holds or plan.counted or announced or special):
            self.direct[link], self.types[link] = export, shape.type
            return
        first = plan.this is not None
        texts = tuple((first + plan.parameters.index(text), plan.copied.index(text) + 1) for text in staged)
        self.functions.append(
            GlueFunction(
                export,
                link,
                called,
                shape.holds,
                plan.counted,
                count if announced else None,
                overrides or {},
                texts,
                target.drops,
                given if converts else None,
                guarded=plan.guarded,
                borrowed=shape.borrows,
            )
        )
        type_ = plan.shape.type
        self.types[link] = FunctionType(("i32", *type_.params), type_.results) if plan.counted else type_

    def _settle(self, plan: CallPlan, called: FunctionType) -> None:
        """Remember what carries opaque values, where no declaration says it."""
        first = plan.this is not None
        for value, carrier in zip(plan.parameters, called.params[first:], strict=True):
            if d.is_opaque(value.codec.descriptor):
                self.carriers[value.codec.site] = carrier

    def add_value(self, field: Field, setter: CallPlan | None) -> None:
        """Link a global that nothing has declared, and what sets it, which may take arguments of another type."""
        self._add_global(field, guarded=True)
        if setter is not None:
            self.scratch = max(self.scratch, len(setter.copied) + 1)

    def _add_global(self, field: Field, *, guarded: bool = False) -> None:
        getter, setter = global_plans(field, guarded=guarded)
        found = self._binary.global_(field.export)
        mutable = found is not None and found.mutable
        value = getter.shape.type.results[0]
        self.globals[getter.link] = GlueGlobal(
            field.export,
            getter.link,
            setter.link if mutable else None,
            value,
            holds=d.is_reference(field.type),
            guarded=guarded,
            borrowed=guarded and not d.is_told(field.type),
        )
        self.types[getter.link] = getter.shape.type
        if found is not None and d.is_opaque(field.type):
            self.carriers[site_of(field)] = found.type
        if mutable:
            self.types[setter.link] = setter.shape.type
            self.scratch = max(self.scratch, len(setter.copied) + 1)

    def _overrides(self, owner: type[Any], export: str) -> dict[int, str]:
        """The exports of subclasses for the same member, by run-time id, where asc exported it per class.

        asc up to 0.19 exports an id global and every member, inherited or overridden, under each class's name;
        a call through the base's export always runs the base's body. What the transform exports dispatches itself.
        """
        rtti = self._rtti
        if rtti is None or not rtti.bases or self._binary.schema is not None:
            return {}
        name: str = owner.__asc_name__
        member = export.removeprefix(name)
        bodies = {
            described.type.value: other + member
            for other, described in self._binary.exports.items()
            if isinstance(described.type, GlobalType)
            and self._binary.function(other + member) == self._binary.function(export)
        }
        found: dict[int, str] = {}
        for rt_id in range(len(rtti.flags)):
            nearest = next((bodies[base] for base in rtti.ancestry(rt_id) if base in bodies), export)
            if nearest != export:
                found[rt_id] = nearest
        return found

    def glue(self) -> Glue | None:
        """The glue for all of it, None where nothing needs any."""
        if not self.functions and not self.globals:
            return None
        glue = Glue(self._binary)
        for item in self.globals.values():
            glue.add_global(item)
        for function in self.functions:
            glue.add_function(function, self._rtti.string_id if self._rtti is not None else 0)
        return glue
