"""Finds the members of a schema that declarations stand for, or says why there is none."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wasmbind._names import OPERATORS, closest
from wasmbind._schema.schema import SchemaFunction, SchemaParameter
from wasmbind._verify import signature
from wasmbind.errors import Mismatch

if TYPE_CHECKING:
    from wasmbind._declarations import Function, Kind
    from wasmbind._schema.schema import Schema, SchemaClass, SchemaField, SchemaProperty

__all__ = ["Member", "MemberFinder", "hidden", "mismatch", "no_constructor", "setter_alone", "skipped"]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the schema that a declared function stands for.

    Attributes:
        export: the export to call.
        function: its signature, without `this`.
        owner: the class that it is called on, None for functions of the module.
    """

    export: str
    function: SchemaFunction
    owner: SchemaClass | None = None


class MemberFinder:
    """Finds the members of the classes of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def find(self, function: Function, owner: SchemaClass) -> Member | Mismatch:
        """The member that a function of a declared class stands for, or why there is none.

        Args:
            owner: the AssemblyScript class.
        """
        if function.kind == "constructor":
            return self._constructor(function, owner)
        name, static = function.export, function.kind == "static"
        operator = OPERATORS.get(name) if function.kind == "method" else None
        for found in self._schema.ancestry(owner.index):
            member = None
            if operator is not None and operator in found.operators:
                member = self._operator(found, found.operators[operator])
            elif function.kind in ("method", "static"):
                member = self._method(found, name, static=static)
            elif function.kind in ("getter", "setter"):
                member = self._accessor(found, name, function.kind)
            if member is None:
                continue
            export, method, access = member
            if access != "public":
                return mismatch(function, *hidden(access, "member"))
            return Member(export, method, owner)
        return self._absent(function, owner, operator)

    def _constructor(self, function: Function, owner: SchemaClass) -> Member | Mismatch:
        made = owner.constructor
        reason = self._schema.skipped.get(f"{owner.prefix}#constructor")
        if reason is not None:
            return mismatch(function, *skipped(reason))
        if made is None or made.access != "public":
            return mismatch(function, *no_constructor(owner))
        return Member(f"{owner.prefix}#constructor", made, owner)

    def _operator(self, found: SchemaClass, name: str) -> tuple[str, SchemaFunction, str] | None:
        method = self._method(found, name, static=False)
        if method is not None:
            return method
        method = self._method(found, name, static=True)
        if method is None:
            return None
        # A static operator takes its first operand where a method takes `this`.
        return method[0], dataclasses.replace(method[1], params=method[1].params[1:]), method[2]

    @staticmethod
    def _method(found: SchemaClass, name: str, *, static: bool) -> tuple[str, SchemaFunction, str] | None:
        method = found.methods.get((name, static))
        if method is not None:
            return f"{found.prefix}{'.' if static else '#'}{name}", method, method.access
        kind, _, name = name.partition(":")
        accessor: SchemaProperty | SchemaField | None = None
        if kind in ("get", "set"):
            accessor = found.properties.get((name, static)) or (None if static else found.fields.get(name))
        if accessor is None:
            return None
        separator = "." if static else "#"
        return f"{found.prefix}{separator}{kind}:{name}", _accessor(accessor, kind), accessor.access

    @staticmethod
    def _accessor(found: SchemaClass, name: str, kind: str) -> tuple[str, SchemaFunction, str] | None:
        word = "get" if kind == "getter" else "set"
        export = f"{found.prefix}#{word}:{name}"
        accessor = found.properties.get((name, False))
        if accessor is not None:
            there = accessor.get if word == "get" else accessor.set
            return (export, _accessor(accessor, word), accessor.access) if there else None
        field = found.fields.get(name)
        if field is None or (word == "set" and field.readonly):
            return None
        return export, _accessor(field, word), field.access

    def _absent(self, function: Function, owner: SchemaClass, operator: str | None) -> Mismatch:
        name = function.export
        for found in self._schema.ancestry(owner.index):
            reason = self._schema.skipped.get(f"{found.prefix}{'.' if function.kind == 'static' else '#'}{name}")
            if reason is None and function.kind in ("getter", "setter"):
                reason = self.skipped_accessor(owner, name)
            if reason is not None:
                return mismatch(function, *skipped(reason))
            other = _other_kind(found, name, function.kind)
            if other is not None:
                return mismatch(function, *other)
        shown = self._schema.show_class(owner.index)
        if operator is not None:
            kind, _, symbol = operator.rpartition(" ")
            decorator = f'@operator{"." * bool(kind)}{kind}("{symbol}")'
            fix = f"overload it with {decorator}, or name a method with @export"
            return mismatch(function, f"no operator {operator} of {shown}", fix)
        near = closest(name, sorted(self.names(owner)))
        fix = f"did you mean {near!r}? Rename it, or use @export" if near else "remove it, or add it in AssemblyScript"
        return mismatch(function, f"no member {name!r} of {shown}", fix)

    def skipped_accessor(self, owner: SchemaClass, name: str) -> str | None:
        """Why an accessor, or a field's, is not exported; None if it is not known to be left out."""
        for found in self._schema.ancestry(owner.index):
            for word in ("get", "set"):
                reason = self._schema.skipped.get(f"{found.prefix}#{word}:{name}")
                if reason is not None:
                    return reason
        return None

    def names(self, owner: SchemaClass) -> set[str]:
        """The names of all public members of a class, inherited ones too."""
        found: set[str] = set()
        for ancestor in self._schema.ancestry(owner.index):
            found.update(field.name for field in ancestor.fields.values() if field.access == "public")
            found.update(method.name for method in ancestor.methods.values() if method.access == "public")
            found.update(accessor.name for accessor in ancestor.properties.values() if accessor.access == "public")
        return found


def mismatch(function: Function, found: str, fix: str) -> Mismatch:
    """The mismatch of a declared function with something that is no such function."""
    return Mismatch(function.who, f"{function.kind} {signature(function)}", found, fix, function.where)


def hidden(access: str, what: str) -> tuple[str, str]:
    """Found and fix for a member that AssemblyScript hides."""
    return f"a {access} {what}, which is not exported", "make it public in AssemblyScript, or remove the declaration"


def no_constructor(found: SchemaClass) -> tuple[str, str]:
    """Found and fix for a class that cannot be constructed."""
    if found.constructor is not None:
        return f"a {found.constructor.access} constructor", "remove __init__, and construct it in AssemblyScript"
    if found.is_interface or found.abstract:
        kind = "an interface" if found.is_interface else "an abstract class"
        return kind, "remove __init__; objects are of classes that derive from it"
    return "a class without an exported constructor", "remove __init__, and construct it in AssemblyScript"


def skipped(reason: str) -> tuple[str, str]:
    """Found and fix for a member that the transform left out."""
    if reason == "generic":
        return "a generic method, which has no export of its own", "wrap it in one that names its types"
    if reason == "nested":
        return "a member of a class that is nested too deep in itself", "name its type in an exported function"
    return "a member that was left out of the binary", "remove @wasmbindSkip or --skip, and build again"


def setter_alone(name: str) -> tuple[str, str]:
    """Found and fix for an accessor that can only be set."""
    return "a setter without a getter", f'declare a method with @export("set:{name}") for it'


def _other_kind(found: SchemaClass, name: str, kind: Kind) -> tuple[str, str] | None:
    """Found and fix where the name stands for something of another kind."""
    accessor = found.properties.get((name, False))
    if accessor is not None:
        if not accessor.get:
            return setter_alone(name)
        if kind == "setter":
            return "a getter without a setter", "declare the property without a setter"
        return ("a getter and a setter" if accessor.set else "a getter"), "declare it with @property"
    if name in found.fields:
        field = found.fields[name]
        if field.access != "public":
            return hidden(field.access, "field")
        return ("a readonly field" if field.readonly else "a field"), "declare it as an annotated attribute"
    if (name, False) in found.methods:
        return "a method", "declare it as a method"
    if (name, True) in found.methods:
        return "a static method", "declare it with @staticmethod"
    if (name, True) in found.properties:
        return "a static accessor", f'declare it with @staticmethod and @export("get:{name}") or @export("set:{name}")'
    if name in found.statics:
        return "a static field", f'declare it on the module: `{name}: Annotated[..., Name("{found.prefix}.{name}")]`'
    return None


def _accessor(found: SchemaProperty | SchemaField, kind: str) -> SchemaFunction:
    """The getter or setter of a property or field as a function."""
    if kind == "get":
        return SchemaFunction(found.name, (), found.type)
    return SchemaFunction(found.name, (SchemaParameter("value", found.type),), None)
