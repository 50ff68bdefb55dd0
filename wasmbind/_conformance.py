"""Compares everything declared with the schema of a binary, and tells which export each member is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._call_shapes import accessor_shapes, shape_of
from wasmbind._classes import ClassBinding, Target, check_single_base
from wasmbind._declared import declaration_of, declared_bases, nearest_init
from wasmbind._layout import EMPTY, Layout
from wasmbind._matching import Matcher, Use
from wasmbind._members import Member, MemberFinder, hidden, no_constructor, setter_alone, skipped
from wasmbind._names import closest
from wasmbind._places import locate
from wasmbind._schema.schema import OBJECT, simple_name
from wasmbind._schema_objects import SchemaObjects
from wasmbind._signatures import SignatureComparer
from wasmbind._verify import compare_enum, verify_enum, verify_global
from wasmbind.errors import Mismatch

if TYPE_CHECKING:
    import enum
    from collections.abc import Iterator

    from wasmbind._declarations import ClassDeclaration, Field, Function, Host
    from wasmbind._schema.model import Binary
    from wasmbind._schema.schema import Schema, SchemaClass, SchemaField, SchemaProperty

__all__ = ["Conformance"]


class Conformance:
    """Whether declarations are what the schema of a binary says.

    Attributes:
        objects: what the objects of the binary are.
        targets: the export for each member, by the link of its plan.
        unavailable: by link, what to say when a constructor that does not exist is used.
    """

    def __init__(self, binary: Binary, schema: Schema) -> None:
        self._binary, self._schema = binary, schema
        self._matcher = Matcher(schema)
        self._members = MemberFinder(schema)
        self._signatures = SignatureComparer(binary, self._matcher)
        self.objects = SchemaObjects(binary, self._matcher)
        self.targets: dict[str, Target] = {}
        self.unavailable: dict[str, Mismatch] = {}

    # --- classes --------------------------------------------------------------------------------------------

    def bind(self, cls: type[Any], known: dict[type, ClassBinding]) -> ClassBinding:
        """What a declared class is in this binary; its bases are bound already."""
        declaration = declaration_of(cls)
        bases = declared_bases(cls)[1:]
        found = self._matcher.class_of(cls)
        classes = [each for each in bases if not (self._is_interface(each) or self._matcher.is_view(each))]
        check_single_base(cls, classes)
        base = known[classes[0]] if classes else None
        above = base or next((known[each] for each in bases), None)
        if above is not None and self._matcher.is_view(cls):
            return replace(above, cls=cls, declaration=declaration, base=bases[0])
        if found is None:
            return ClassBinding(cls, declaration, cls, exported=False, layout=EMPTY, rt_id=None)
        offsets = dict(base.layout.offsets) if base is not None and base.layout is not None else {}
        readonly: set[str] = set(base.readonly) if base is not None else set()
        for field in declaration.fields:
            place = self._field(found, field.export)
            offsets.pop(field.name, None)  # of a base, where an accessor may stand for it here
            if place is not None:
                offsets[field.name] = place.offset
                if place.readonly:
                    readonly.add(field.name)
        layout = Layout(found.size, offsets)
        nearest = base.cls if base is not None else None
        return ClassBinding(
            cls,
            declaration,
            cls,
            exported=True,
            layout=layout,
            rt_id=found.id,
            base=nearest,
            schema=found,
            readonly=frozenset(readonly),
        )

    def _is_interface(self, cls: type[Any]) -> bool:
        found = self._matcher.class_of(cls)
        return found is not None and found.is_interface

    def verify_class(self, bound: ClassBinding) -> Iterator[Mismatch]:
        """Compare a bound class with its AssemblyScript class."""
        found = bound.schema
        if found is None:
            yield self._no_class(bound.cls)
            return
        if bound.is_class:
            if found.unmanaged:
                problem = f"{self._schema.show_class(found.index)}, which is unmanaged: nothing tells its lifetime"
                fix = "remove @unmanaged in AssemblyScript, or pass its address as usize"
                yield Mismatch(bound.cls.__name__, "a class", problem, fix, locate(bound.cls, ""))
            yield from self._verify_fields(bound.declaration, found)
        yield from self._verify_bases(bound, found)
        for function in bound.declaration.functions:
            member = self._members.find(function, found)
            if isinstance(member, Mismatch):
                yield member
                continue
            mismatches = [*self._signatures.verify(function, member)]
            if mismatches:
                yield from mismatches
                continue
            drops = isinstance(function.result, d.Void) and self._signatures.drops(member)
            target = Target(member.export, drops=drops)
            if self.targets.setdefault(shape_of(function).link, target) != target:
                shown = f"{self.targets[shape_of(function).link].export!r}, by a class that is also called so"
                fix = "give one of the Python classes another name="
                yield Mismatch(function.who, f"{member.export!r}", shown, fix, function.where)
        if bound.is_class and not bound.declares_constructor:
            yield from self._verify_inherited_constructor(bound, found)

    def _no_class(self, cls: type[Any]) -> Mismatch:
        name: str = getattr(cls.__dict__.get("__asc_template__", cls), "__asc_name__", "")
        candidates = self._matcher.candidates(cls)
        where = locate(cls, "")
        if candidates:
            shown = ", ".join(self._schema.show_class(found.index) for found in candidates)
            names = ", ".join(found.internal for found in candidates)
            fix = f"say which with name=, one of {names}"
            if all(found.generic for found in candidates):
                fix = f"derive it from typing.Generic[T] too and use {cls.__name__}[...], or say which with name="
            return Mismatch(cls.__name__, f"the class {name}", f"several classes: {shown}", fix, where)
        same = self._schema.named(name)
        if same:
            shown = ", ".join(self._schema.show_class(found.index) for found in same)
            fix = "use it with one of these types, or use that type of it in an exported function in AssemblyScript"
            return Mismatch(cls.__name__, f"the class {cls.__asc_name__}", f"only {shown}", fix, where)
        own = [simple_name(found.internal) for found in self._schema.classes if not found.internal.startswith("~lib")]
        known = {each.rpartition(".")[2]: each for each in own}
        near = closest(simple_name(name).rpartition(".")[2], sorted(known))
        fix = "export it from the AssemblyScript entry file"
        if near:
            is_plain = known[near] == near != cls.__name__
            fix = (
                f"did you mean {near!r}?" if is_plain else f'did you mean class {near}(AscClass, name="{known[near]}")?'
            )
        return Mismatch(cls.__name__, f"the class {name}", "no class of that name", fix, where)

    def _verify_bases(self, bound: ClassBinding, found: SchemaClass) -> Iterator[Mismatch]:
        for base in declared_bases(bound.cls)[1:]:
            above = self._matcher.class_of(base)
            if above is not None and not self._schema.descends(found.index, above.index):
                fix = "derive it from the class that AssemblyScript derives it from, or from AscClass"
                above_it = [each for each in self._schema.ancestry(found.index)[1:] if each.internal != OBJECT]
                named = above_it and self._schema.show_class(above_it[0].index)
                shown = f"a subclass of {named}" if named else "a class without a base"
                yield Mismatch(bound.cls.__name__, f"a subclass of {base.__name__}", shown, fix, locate(bound.cls, ""))

    def _verify_inherited_constructor(self, bound: ClassBinding, found: SchemaClass) -> Iterator[Mismatch]:
        """Compare the constructor with the `__init__` of a base, or with the one that a record makes up."""
        shape, declared = bound.constructor_shape, nearest_init(bound.cls)
        if shape is None:
            return
        who = f"{bound.cls.__name__}.__init__"
        made = found.constructor
        if made is None or made.access != "public":
            shown, fix = no_constructor(found)
            if declared is None:
                fix = "derive it from AscClass, and construct it in AssemblyScript"
            self.unavailable[shape.link_to(bound.constructor)] = Mismatch(who, "a constructor", shown, fix)
            return
        member = Member(f"{found.prefix}#constructor", made, found)
        self.targets[shape.link_to(bound.constructor)] = Target(member.export)
        if declared is not None:
            yield from self._signatures.verify_inherited(declared, member, bound.cls)
        elif made.params:
            fix = "declare __init__ with these parameters"
            shown = self._schema.show_function(made)
            yield Mismatch(who, "a record, constructed without arguments", shown, fix, locate(bound.cls, ""))

    # --- fields ---------------------------------------------------------------------------------------------

    def _field(self, owner: SchemaClass, name: str) -> SchemaField | None:
        for base in self._schema.bases(owner.index):
            if name in base.fields or (name, False) in base.properties:
                return base.fields.get(name)
        return None

    def _property(self, owner: SchemaClass, name: str) -> tuple[SchemaClass, SchemaProperty] | None:
        for found in self._schema.ancestry(owner.index):
            if (name, False) in found.properties:
                return found, found.properties[name, False]
        return None

    def _verify_fields(self, declaration: ClassDeclaration, owner: SchemaClass) -> Iterator[Mismatch]:
        last: tuple[Field, int] | None = None
        for field in declaration.fields:
            found = self._field(owner, field.export)
            if found is None:
                yield from self._verify_property(field, owner)
                continue
            if found.access != "public":
                shown, fix = hidden(found.access, "field")
                yield Mismatch(field.who, d.describe(field.type), shown, fix, locate(field.owner, field.name))
                continue
            yield from self._signatures.compare_field(field, found.type, "out" if found.readonly else "both")
            if found.readonly and hasattr(field.owner, "__asc_record__") and field.default is not ...:
                fix = f"let AssemblyScript set it: `{field.name}: ... = ...`"
                where = locate(field.owner, field.name)
                yield Mismatch(field.who, "a field that the record sets", "a readonly field", fix, where)
            if last is not None and found.offset < last[1]:
                before = last[0].name
                order = f"{field.name!r} above {before!r}"
                fix = f"keep AssemblyScript's order, {order}: it is what places fields without a schema"
                where = locate(field.owner, field.name)
                yield Mismatch(field.who, f"after {before!r}", f"before {before!r} in AssemblyScript", fix, where)
            last = field, found.offset

    def _verify_property(self, field: Field, owner: SchemaClass) -> Iterator[Mismatch]:
        found = self._property(owner, field.export)
        name, declared = field.export, d.describe(field.type)
        if found is not None and found[1].access == "public" and found[1].get:
            holder, accessor = found
            yield from self._signatures.compare_field(
                field, accessor.type, "both" if accessor.set else "out", called=True
            )
            getter, setter = accessor_shapes(field)
            self.targets[getter.link] = Target(f"{holder.prefix}#get:{name}")
            if accessor.set:
                self.targets[setter.link] = Target(f"{holder.prefix}#set:{name}")
            return
        where = locate(field.owner, field.name)
        reason = self._members.skipped_accessor(owner, name)
        if reason is not None:
            yield Mismatch(field.who, declared, *skipped(reason), where)
            return
        if found is not None:
            access = found[1].access
            shown, fix = hidden(access, "accessor") if access != "public" else setter_alone(name)
            yield Mismatch(field.who, declared, shown, fix, where)
            return
        shown = self._schema.show_class(owner.index)
        if any((name, static) in base.methods for base in self._schema.bases(owner.index) for static in (False, True)):
            yield Mismatch(field.who, declared, "a method of that name", "declare it as a method", where)
            return
        if name in owner.statics:
            fix = f'declare it on the module: Annotated[{declared}, Name("{owner.prefix}.{name}")]'
            yield Mismatch(field.who, declared, "a static field of that name", fix, where)
            return
        near = closest(name, sorted(self._members.names(owner)))
        fix = f"did you mean {near!r}?" if near else "remove it, or add it in AssemblyScript"
        yield Mismatch(field.who, declared, f"no field {name!r} of {shown}", fix, where)

    # --- module ---------------------------------------------------------------------------------------------

    def verify_function(self, function: Function) -> Iterator[Mismatch]:
        """Compare a declared function of the module."""
        return self._signatures.verify_export(function)

    def verify_global(self, field: Field, *, mutable: bool) -> Iterator[Mismatch]:
        """Compare a declared global, which may be a static field, with the schema and with the export."""
        found = self._schema.globals.get(field.export)
        if found is None:
            prefix, _, name = field.export.rpartition(".")
            holders = [owner.statics for owner in self._schema.classes if owner.prefix == prefix]
            found = next((statics[name] for statics in holders if name in statics), None)
        if found is not None and found.access != "public":
            where = locate(field.owner, field.name)
            yield Mismatch(field.who, d.describe(field.type), *hidden(found.access, "static field"), where)
            return
        if found is not None and found.const and found.value is not None and field.export not in self._binary.exports:
            where, shown = locate(field.owner, field.name), f"a constant that AssemblyScript inlines, {found.value}"
            fix = f"write `{field.name} = {found.value}` in Python"
            yield Mismatch(field.who, d.describe(field.type), shown, fix, where)
            return
        mismatches: list[Mismatch] = []
        if found is not None:
            mismatches += self._signatures.compare_field(field, found.type, _use(mutable), called=True)
        yield from mismatches or verify_global(field, self._binary, mutable=mutable)

    def verify_enum(self, cls: type[enum.IntEnum]) -> Iterator[Mismatch]:
        """Compare a Python enum with the AssemblyScript enum of its name, `const` ones too."""
        found = self._matcher.enum_of(cls)
        if found is None:
            yield from verify_enum(cls, self._binary)
        else:
            yield from compare_enum(cls, found.values)

    def verify_host(self, host: Host) -> Iterator[Mismatch]:
        """Compare a Python function that the module imports with the import's declaration."""
        for found in self._schema.imports:
            if (found.module, found.name) == (host.module, host.name) and found.function is not None:
                yield from self._signatures.verify_host(host, found.function)


def _use(mutable: bool) -> Use:  # noqa: FBT001 - its one argument
    """Which way the values of a global go."""
    return "both" if mutable else "out"
