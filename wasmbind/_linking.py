"""Which exports a unit of declarations calls, and which of them need the glue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wasmbind import _descriptors as d
from wasmbind._codecs import codec_for
from wasmbind._codecs.strings import is_string
from wasmbind._glue import COMPARTMENTS, SETTERS, Glue, GlueFunction, GlueGlobal
from wasmbind._names import link_name
from wasmbind._plans import as_global, expected_type, export_of, value_type
from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._classes import ClassBinding
    from wasmbind._declarations import ClassDeclaration, Field, Function
    from wasmbind._schema.model import Binary
    from wasmbind._schema.rtti import Rtti

__all__ = ["Links"]


class Links:
    """The links of one unit.

    Attributes:
        functions, globals: what the glue wraps.
        direct: links that call the module's export itself.
        types: the WebAssembly type of what each link calls.
        scratch: the number of scratch slots that its calls need.
    """

    def __init__(self, binary: Binary, rtti: Rtti | None) -> None:
        self._binary, self._rtti = binary, rtti
        self._announces = any(map(binary.function, SETTERS))
        self.functions: list[GlueFunction] = []
        self.globals: list[GlueGlobal] = []
        self.direct: dict[str, str] = {}
        self.types: dict[str, FunctionType] = {}
        self.scratch = 1

    def add_module(self, declaration: ClassDeclaration) -> None:
        """Link the functions and globals of a module."""
        for field in declaration.fields:
            self.add_global(field, writable=True)
        for function in declaration.functions:
            if function.is_global:
                self.add_global(as_global(function), writable=function.kind == "setter")
            else:
                self.add_function(function)

    def add_class(self, bound: ClassBinding) -> None:
        """Link what a class needs besides its declared functions."""
        if not bound.is_class:
            return
        if bound.constructor_type is not None:
            self.add_constructor(bound.constructor, bound.constructor_type)
        if bound.layout is None:
            for field in bound.declaration.fields:
                self.add_accessors(field)

    def add_function(self, function: Function) -> None:
        """Link a declared function that the binary exports."""
        copied = sum(codec_for(parameter.type).by_value for parameter in function.parameters)
        self.scratch = max(self.scratch, copied + 1)
        holds = function.kind == "constructor" or d.is_reference(function.result)
        optional = any(parameter.optional for parameter in function.parameters)
        virtual = function.kind in ("method", "getter", "setter")
        self._add(
            export_of(function),
            expected_type(function),
            holds=holds,
            counted=optional,
            count=len(function.parameters),
            overrides=self._overrides(function.owner, export_of(function)) if virtual else {},
            staged=_staged([parameter.type for parameter in function.parameters], function.takes_this),
        )

    def add_constructor(self, export: str, type_: FunctionType) -> None:
        """Link a constructor that no declared function stands for."""
        if self._binary.function(export) is not None:
            self._add(export, type_, holds=True, count=len(type_.params) - 1)

    def add_accessors(self, field: Field) -> None:
        """Link the exported accessors of a field."""
        prefix: str = field.owner.__asc_name__  # type: ignore[attr-defined]  # the metaclass sets it
        value = value_type(field.type)
        getter, setter = f"{prefix}#get:{field.export}", f"{prefix}#set:{field.export}"
        self._add(
            getter,
            FunctionType(("i32",), (value,)),
            holds=d.is_reference(field.type),
            overrides=self._overrides(field.owner, getter),
        )
        self.scratch = max(self.scratch, 2)
        if self._binary.function(setter) is not None:
            overrides = self._overrides(field.owner, setter)
            self._add(setter, FunctionType(("i32", value), ()), overrides=overrides, staged=_staged([field.type], 1))

    def add_global(self, field: Field, *, writable: bool) -> None:
        """Link a global."""
        value = value_type(field.type)
        getter, setter = link_name(f"get {field.export}"), link_name(f"set {field.export}")
        self.scratch = max(self.scratch, 2)
        found = self._binary.global_(field.export)
        mutable = found is not None and found.mutable
        self.globals = [known for known in self.globals if known.getter != getter]
        self.globals.append(
            GlueGlobal(field.export, getter, setter if mutable else None, value, holds=d.is_reference(field.type))
        )
        self.types[getter] = FunctionType((), (value,))
        if writable and mutable:
            self.types[setter] = FunctionType((value,), ())

    def _add(
        self,
        export: str,
        type_: FunctionType,
        *,
        holds: bool = False,
        counted: bool = False,
        count: int = 0,
        overrides: dict[int, str] | None = None,
        staged: tuple[tuple[int, int], ...] = (),
    ) -> None:
        link = link_name(export)
        if link in self.types:
            return
        announces = self._announces and (counted or count > 0)
        if not (holds or counted or announces or overrides or staged):
            self.direct[link], self.types[link] = export, type_
            return
        self.functions.append(
            GlueFunction(export, link, type_, holds, counted, count if announces else None, overrides or {}, staged)
        )
        self.types[link] = FunctionType(("i32", *type_.params), type_.results) if counted else type_

    def _overrides(self, owner: type, export: str) -> dict[int, str]:
        """The exports of subclasses for the same member, by run-time id, where asc exported it per class.

        asc up to 0.19 exports an id global and every member, inherited or overridden, under each class's name;
        a call through the base's export always runs the base's body.
        """
        rtti = self._rtti
        if rtti is None or not rtti.bases:
            return {}
        name: str = owner.__asc_name__  # type: ignore[attr-defined]  # the metaclass sets it
        own = self._binary.global_(name)
        member = export.removeprefix(name)
        if own is None or not isinstance(own.value, int):
            return {}
        found = {}
        for other, described in self._binary.exports.items():
            value = getattr(described.type, "value", None)
            if other == name or not isinstance(value, int) or self._binary.function(other + member) is None:
                continue
            if rtti.descends(value, own.value):
                found[value] = other + member
        return found

    def glue(self) -> Glue | None:
        """The glue for all of it, None where nothing needs any."""
        if not self.functions and not self.globals:
            return None
        glue = Glue(self._binary)
        for item in self.globals:
            glue.add_global(item)
        for function in self.functions:
            glue.add_function(function, self._rtti.string_id if self._rtti is not None else 0)
        return glue


def _staged(types: Iterable[d.Descriptor], first: int) -> tuple[tuple[int, int], ...]:
    """Index and scratch slot of each parameter whose text may be staged."""
    found: list[tuple[int, int]] = []
    copied = 0
    for index, descriptor in enumerate(types, first):
        if codec_for(descriptor).by_value:
            copied += 1
            if is_string(descriptor) and len(found) < COMPARTMENTS:
                found.append((index, copied))
    return tuple(found)
