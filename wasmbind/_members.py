"""Finds declared members in a schema and compares them, each with a line of its own for what disagrees."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wasmbind import _descriptors as d
from wasmbind._declarations import COMPARISONS, OMITTED
from wasmbind._names import OPERATORS, camel_case, closest
from wasmbind._plans import expected_type, export_of
from wasmbind._schema.schema import SchemaFunction, SchemaParameter
from wasmbind._verify import signature, verify_function
from wasmbind.errors import Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wasmbind._declarations import Function, Parameter
    from wasmbind._matching import Matcher
    from wasmbind._schema.model import Binary
    from wasmbind._schema.schema import SchemaClass, SchemaField, SchemaProperty

__all__ = ["SETTER_ALONE", "Member", "MemberFinder", "hidden", "no_constructor"]


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
    """Finds and verifies the functions of one binary with a schema."""

    def __init__(self, binary: Binary, matcher: Matcher) -> None:
        self._binary, self._matcher, self._schema = binary, matcher, matcher.schema

    # --- finding --------------------------------------------------------------------------------------------

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
                return _mismatch(function, *hidden(access, "member"))
            return Member(export, method, owner)
        return self._absent(function, owner, operator)

    def _constructor(self, function: Function, owner: SchemaClass) -> Member | Mismatch:
        made = owner.constructor
        if made is None or made.access != "public":
            return _mismatch(function, *no_constructor(owner))
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
            if reason is not None:
                return _mismatch(function, *_skipped(reason))
            other = _other_kind(found, name)
            if other is not None:
                return _mismatch(function, *other)
        shown = self._schema.show_class(owner.index)
        if operator is not None:
            fix = f'overload it with @operator("{operator}"), or name a method with @export'
            return _mismatch(function, f"no operator {operator} of {shown}", fix)
        near = closest(name, sorted(self.names(owner)))
        fix = f"did you mean {near!r}? Rename it, or use @export" if near else "remove it, or add it in AssemblyScript"
        return _mismatch(function, f"no member {name!r} of {shown}", fix)

    def names(self, owner: SchemaClass) -> set[str]:
        """The names of all public members of a class, inherited ones too."""
        found: set[str] = set()
        for ancestor in self._schema.ancestry(owner.index):
            found.update(field.name for field in ancestor.fields.values() if field.access == "public")
            found.update(method.name for method in ancestor.methods.values() if method.access == "public")
            found.update(accessor.name for accessor in ancestor.properties.values() if accessor.access == "public")
        return found

    # --- comparing ------------------------------------------------------------------------------------------

    def verify(self, function: Function, member: Member, who: str = "") -> Iterator[Mismatch]:
        """Compare a declared function with its member, then with the export's WebAssembly type."""
        who = who or function.who
        mismatches = list(self._compare(function, member, who))
        if mismatches:
            yield from mismatches
            return
        found, wanted = self._binary.function(member.export), expected_type(function)
        if isinstance(function.result, d.Void) and self.drops(member):
            wanted = dataclasses.replace(wanted, results=("i32",))
        if found is None and member.export in self._schema.skipped:
            yield _mismatch(function, *_skipped(self._schema.skipped[member.export]))
        elif found != wanted:
            shown = f"no export {member.export!r}" if found is None else str(found)
            fix = "the binary was changed after it was compiled: build it again, and keep all exports"
            yield Mismatch(who, f"{member.export} {wanted}", shown, fix, function.where)

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
            if not self._takes(function, parameter.type, actual.type, member.owner):
                yield self.disagreement(path, parameter.type, actual.type, parameter.name, function.where)
            yield from _compare_default(path, parameter, actual, function.where)
        if function.kind in ("constructor", "setter"):
            return
        if not self._matcher.fits(function.result, member.function.returns, "out", member.owner):
            yield self.disagreement(f"{who} -> result", function.result, member.function.returns, "->", function.where)

    def _takes(self, function: Function, declared: d.Descriptor, found: int, owner: SchemaClass | None) -> bool:
        """Whether a parameter may be declared so. Comparing with None never gets as far as AssemblyScript."""
        if self._matcher.fits(declared, found, "in", owner):
            return True
        if function.name not in COMPARISONS or not isinstance(declared, d.ObjectOf):
            return False
        return self._matcher.fits(d.Nullable(declared), found, "in", owner)

    def disagreement(
        self, path: str, declared: d.Descriptor, found: int | None, name: str, where: str | None
    ) -> Mismatch:
        """The mismatch of two types.

        Args:
            name: what is annotated, `->` for a result.
        """
        annotation = self._matcher.annotation(found)
        shown = self._schema.show(found)
        if annotation is None:
            fix = f"there is no annotation for {shown} yet: leave the member out"
        else:
            fix = f"annotate `-> {annotation}`" if name == "->" else f"annotate `{name}: {annotation}`"
        return Mismatch(path, d.describe(declared), shown, fix, where)

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


def _mismatch(function: Function, found: str, fix: str) -> Mismatch:
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


def _skipped(reason: str) -> tuple[str, str]:
    """Found and fix for a member that the transform left out."""
    if reason == "generic":
        return "a generic method, which has no export of its own", "wrap it in one that names its types"
    return "a member that was left out of the binary", "remove @wasmbindSkip or --skip, and build again"


def _other_kind(found: SchemaClass, name: str) -> tuple[str, str] | None:
    """Found and fix where the name stands for something of another kind."""
    if (name, False) in found.properties:
        return _GETTER_ALONE if found.properties[name, False].get else SETTER_ALONE
    if name in found.fields:
        field = found.fields[name]
        if field.access != "public":
            return hidden(field.access, "field")
        return ("a readonly field" if field.readonly else "a field"), "declare it as an annotated attribute"
    if (name, False) in found.methods:
        return "a method", "declare it as a method"
    if (name, True) in found.methods:
        return "a static method", "declare it with @staticmethod"
    if name in found.statics:
        return "a static field", f'declare it on the module: `{name}: Annotated[..., Name("{found.prefix}.{name}")]`'
    return None


_GETTER_ALONE = "a getter without a setter of that name", "declare it with @property, and without a setter"
SETTER_ALONE = "a setter without a getter of that name", 'declare a method with @export("set:...") for it'


def _accessor(found: SchemaProperty | SchemaField, kind: str) -> SchemaFunction:
    """The getter or setter of a property or field as a function."""
    if kind == "get":
        return SchemaFunction(found.name, (), found.type)
    return SchemaFunction(found.name, (SchemaParameter("value", found.type),), None)


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
        f"`{parameter.name}: {matcher.annotation(parameter.type) or '...'}{' = ...' if parameter.optional else ''}`"
        for parameter in absent
    ]
    return f"add {', '.join(shown)}"


def _compare_default(path: str, declared: Parameter, found: SchemaParameter, where: str | None) -> Iterator[Mismatch]:
    if declared.optional and not found.optional:
        fix = "remove `= ...`, or give the parameter a default in AssemblyScript"
        yield Mismatch(path, "optional", "a parameter without a default", fix, where)
    elif declared.default is not OMITTED and found.default is not None:
        known, value = _literal(found.default)
        if known and value != declared.default:
            fix = f"write `= ...` for AssemblyScript's default, or `= {value!r}`"
            yield Mismatch(path, f"the default {declared.default!r}", found.default, fix, where)


_WORDS: dict[str, object] = {"true": True, "false": False, "null": None}


def _literal(text: str) -> tuple[bool, object]:
    """Whether the text of a default is a literal, and its value."""
    if text in _WORDS:
        return True, _WORDS[text]
    if text[:1] in ('"', "'") and text[-1:] == text[:1] and "\\" not in text and text[:1] not in text[1:-1]:
        return True, text[1:-1]
    for convert in (int, float):
        try:
            return True, convert(text)
        except ValueError:
            continue
    return False, None
