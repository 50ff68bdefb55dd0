"""The declaration of one class."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from wasmbind._generate.docs import docstring_lines
from wasmbind._generate.hierarchy import own_ancestors
from wasmbind._generate.members import Entry, methods_of, property_forms, skipped_members, values_of
from wasmbind._generate.names import MemberNames, quote
from wasmbind._generate.signatures import overriding, parameter_names, read_signature
from wasmbind._generate.text import ClassText, Item, field_item, function_item, left_out
from wasmbind._generate.types import UnwritableError
from wasmbind._matching import kind_of
from wasmbind._names import OPERATORS
from wasmbind._schema.schema import ClassType, NamedType, SchemaFunction, SchemaParameter

if TYPE_CHECKING:
    from collections.abc import Hashable

    from wasmbind._generate.hierarchy import Hierarchy
    from wasmbind._generate.members import Value
    from wasmbind._generate.signatures import Signature
    from wasmbind._generate.types import Annotator, Mark
    from wasmbind._schema.model import Binary
    from wasmbind._schema.schema import Schema, SchemaClass

__all__ = ["ClassWriter"]

_DOC_INDENT: Final = 8
_METHODS: Final = {operator: name for name, operator in OPERATORS.items()}


class ClassWriter:
    """Writes the classes of one file, bases first."""

    def __init__(
        self, binary: Binary, schema: Schema, hierarchy: Hierarchy, annotator: Annotator, rename: str | None
    ) -> None:
        self._binary, self._schema = binary, schema
        self._hierarchy, self._annotator, self._rename = hierarchy, annotator, rename
        self._properties = property_forms(binary, schema, hierarchy)
        self._hidden = {*hierarchy.classes.values(), *hierarchy.enums.values()}
        self._entries: dict[int, dict[str, Entry]] = {}
        self._names: dict[int, dict[Hashable, str]] = {}
        #: The classes that each class mentions.
        self.mentions: dict[int, set[int]] = {}

    def write(self, index: int) -> ClassText:
        """The declaration of a class."""
        found = self._schema.classes[index]
        apart = self._part_from_base(found)
        bases = self._hierarchy.bases[index]
        arguments = [self._hierarchy.classes[base] for base in bases] or [self._annotator.use("AscClass")]
        option = self._hierarchy.class_option(index)
        if option is not None:
            arguments.append(f"name={quote(option)}")
        if self._rename:
            arguments.append('rename="camel"')
        text = ClassText(f"class {self._hierarchy.classes[index]}", arguments, found.doc, omitted=apart)
        inherited: dict[Hashable, str] = {}
        above: dict[str, Entry] = {}
        for base in reversed(bases):
            inherited.update(self._names[base])
            above.update(self._entries[base])
        body = _Body(text, MemberNames(self._hidden, self._rename, inherited), above)
        self._annotator.mentioned = set()
        self._write_values(index, body)
        self._write_constructor(found, body)
        self._write_properties(index, body)
        self._write_methods(index, body)
        for name, reason in skipped_members(self._schema, found):
            text.omitted += left_out(name, "", reason)
        self._entries[index] = {**above, **body.entries}
        self._names[index] = body.names.chosen
        self.mentions[index] = self._annotator.mentioned
        self._annotator.undefined.discard(self._hierarchy.classes[index])
        return text

    def _part_from_base(self, found: SchemaClass) -> list[str]:
        """Let a class derive from nothing that has a constructor, if its own has no annotation, and say so.

        Python would take that of the base for its constructor.
        """
        made, bases = found.constructor, self._hierarchy.bases[found.index]
        if made is None or not any("__init__" in self._entries[base] for base in bases):
            return []
        if all(self._annotator.writable(parameter.type, "in") for parameter in made.params):
            return []
        self._hierarchy.bases[found.index] = []
        shown = ", ".join(self._hierarchy.classes[base] for base in bases)
        return left_out("the base class", shown, "it has a constructor, and that of this class has no annotation")

    # --- fields and accessors -------------------------------------------------------------------------------

    def _form(self, index: int, value: Value) -> str:
        return "property" if (index, value.name) in self._properties else value.form

    def _write_values(self, index: int, body: _Body) -> None:
        for value in values_of(self._binary, self._schema, self._hierarchy, index):
            if not value.get or self._form(index, value) == "property":
                continue
            before = self._annotator.mark()
            annotation = self._annotation(value, body)
            if annotation is None:
                continue
            name = body.names.choose((value.name, False), value.name)
            entry = Entry("attribute", value.type, annotation, settable=True)
            if not self._declare(name, value.name, entry, body, before):
                continue
            body.text.items.append(field_item(name, self._named(annotation, name, value.name, body), value.doc))

    def _write_properties(self, index: int, body: _Body) -> None:
        for value in values_of(self._binary, self._schema, self._hierarchy, index):
            if not value.get:
                self._write_setter(value, body)
            elif self._form(index, value) == "property":
                self._write_property(value, body)

    def _write_property(self, value: Value, body: _Body) -> None:
        before = self._annotator.mark()
        annotation = self._annotation(value, body)
        if annotation is None:
            return
        name = body.names.choose((value.name, False), value.name)
        entry = Entry("property", value.type, annotation, value.set)
        if not self._declare(name, value.name, entry, body, before):
            return
        export = self._export(name, value.name, body)
        doc = docstring_lines(value.doc, _DOC_INDENT) if value.doc else []
        annotation = self._annotator.quoted(annotation)
        item = function_item(name, ["self"], annotation, decorators=["@property", *export], doc=doc)
        if value.set:
            # What is assigned may be the Python equivalent only where it is an attribute.
            setter = function_item(
                name, ["self", f"value: {annotation}"], "None", decorators=[f"@{name}.setter", *export]
            )
            spaced = item.spaced or setter.spaced
            gap = ("",) if spaced else ()
            item = Item((*item.lines, *gap, *setter.lines), spaced)
        body.text.items.append(item)

    def _write_setter(self, value: Value, body: _Body) -> None:
        """An accessor that can only be set, as a method."""
        setter = _setter(value.name, value.type, value.doc)
        self._write_function(setter, body, name=f"set_{value.name}", export=f"set:{value.name}")

    def _annotation(self, value: Value, body: _Body) -> str | None:
        before = self._annotator.mark()
        try:
            return self._annotator.write(value.type, "both" if value.set else "out")
        except UnwritableError as reason:
            self._annotator.rewind(before)
            body.text.omitted += left_out(value.name, self._schema.show(value.type), str(reason))
            return None

    def _named(self, annotation: str, name: str, export: str, body: _Body) -> str:
        annotation = self._annotator.quoted(annotation)
        if body.names.says(name, export):
            return annotation
        return f"{self._annotator.use('Annotated')}[{annotation}, {self._annotator.use('Name')}({quote(export)})]"

    def _export(self, name: str, export: str, body: _Body) -> list[str]:
        return [] if body.names.says(name, export) else [f"@{self._annotator.use('export')}({quote(export)})"]

    # --- functions ------------------------------------------------------------------------------------------

    def _write_constructor(self, found: SchemaClass, body: _Body) -> None:
        made = found.constructor
        if made is None or made.access != "public" or f"{found.prefix}#constructor" not in self._binary.exports:
            return
        signature = self._signature(dataclasses.replace(made, name="constructor", returns=None), body, literals=True)
        if signature is not None:
            doc = self._doc(made, signature)
            parameters = ["self", *signature.texts(self._annotator)]
            body.text.items.append(function_item("__init__", parameters, "None", doc=doc))
            body.entries["__init__"] = Entry("constructor")

    def _write_methods(self, index: int, body: _Body) -> None:
        for method in methods_of(self._schema, self._hierarchy, index):
            if not method.static:
                self._write_function(method, body)
        self._write_operators(index, body)
        for method in methods_of(self._schema, self._hierarchy, index):
            if method.static:
                self._write_function(method, body)
        for accessor in self._schema.classes[index].properties.values():
            if not accessor.static or accessor.access != "public":
                continue
            if accessor.get:
                getter = _getter(accessor.name, accessor.type, accessor.doc)
                self._write_function(getter, body, export=f"get:{accessor.name}")
            if accessor.set:
                setter = dataclasses.replace(_setter(accessor.name, accessor.type, accessor.doc), static=True)
                self._write_function(setter, body, name=f"set_{accessor.name}", export=f"set:{accessor.name}")

    def _write_function(
        self, method: SchemaFunction, body: _Body, *, name: str | None = None, export: str | None = None
    ) -> None:
        """Declare a method, static or not.

        Args:
            method: the method.
            body: the class.
            name: what it is called where that is not its name.
            export: the same for the export.
        """
        before = self._annotator.mark()
        signature = self._signature(method, body, literals=method.static)
        if signature is None:
            return
        asc_name = export or method.name
        python = body.names.choose((asc_name, method.static), name or method.name)
        kind = "static" if method.static else "method"
        entry = self._declare(python, method.name, Entry(kind, signature=signature), body, before)
        if entry is None or entry.signature is None:
            return
        decorators = ["@staticmethod"] if method.static else []
        decorators += self._export(python, asc_name, body)
        first = [] if method.static else ["self"]
        doc = self._doc(method, entry.signature)
        body.text.items.append(
            function_item(
                python,
                [*first, *entry.signature.texts(self._annotator)],
                self._annotator.quoted(signature.result),
                decorators=decorators,
                doc=doc,
            )
        )

    def _signature(self, function: SchemaFunction, body: _Body, *, literals: bool) -> Signature | None:
        try:
            return read_signature(self._schema, self._annotator, function, body.names, literals=literals)
        except UnwritableError as reason:
            body.text.omitted += left_out(function.name, self._schema.show_function(function), str(reason))
            return None

    @staticmethod
    def _doc(function: SchemaFunction, signature: Signature) -> list[str]:
        return docstring_lines(function.doc, _DOC_INDENT, parameter_names(signature)) if function.doc else []

    def _write_operators(self, index: int, body: _Body) -> None:
        for found in own_ancestors(self._schema, self._hierarchy, index):
            if kind_of(found) != "Set":  # of which `[]` tells whether it has an element
                self._write_operators_of(found, body)

    def _write_operators_of(self, found: SchemaClass, body: _Body) -> None:
        for operator, name in found.operators.items():
            python = _METHODS.get(operator)
            method = found.methods.get((name, False)) or found.methods.get((name, True))
            if python is None or method is None or method.access != "public":
                continue
            if method.static:
                method = dataclasses.replace(method, params=method.params[1:], static=False)
            if python in ("__eq__", "__ne__"):
                self._write_comparison(python, found, method, body)
                continue
            if python == "__setitem__":
                method = dataclasses.replace(method, returns=None if self._is_this(method.returns) else method.returns)
            before = self._annotator.mark()
            signature = self._signature(dataclasses.replace(method, name=f"operator {operator}"), body, literals=False)
            if signature is None:
                continue
            entry = self._declare(python, f"operator {operator}", Entry("method", signature=signature), body, before)
            if entry is not None and entry.signature is not None:
                parameters = ["self", *entry.signature.texts(self._annotator)]
                result = self._annotator.quoted(signature.result)
                body.text.items.append(function_item(python, parameters, result))

    def _write_comparison(self, python: str, found: SchemaClass, method: SchemaFunction, body: _Body) -> None:
        """`__eq__` or `__ne__`, which have Python's own signature."""
        other = self._schema.types[method.params[0].type] if len(method.params) == 1 else None
        returns = None if method.returns is None else self._schema.types[method.returns]
        is_same = isinstance(other, ClassType) and self._schema.descends(found.index, other.index)
        if is_same and isinstance(returns, NamedType) and returns.name == "bool":
            body.text.items.append(function_item(python, ["self", "other: object"], "bool"))
            return
        shown = self._schema.show_function(method)
        body.text.omitted += left_out(f"operator {OPERATORS[python]}", shown, "Python compares with any object")

    def _is_this(self, type_: int | None) -> bool:
        found = None if type_ is None else self._schema.types[type_]
        return isinstance(found, NamedType) and found.name == "this"

    # --- beside what is inherited ---------------------------------------------------------------------------

    def _declare(self, python: str, name: str, entry: Entry, body: _Body, before: Mark) -> Entry | None:
        """What may be declared under a name, beside the declarations that are inherited; None to leave it out.

        Args:
            python: the Python name.
            name: what to call it where it is left out.
            entry: the declaration.
            body: the class.
            before: what had been used before it.
        """
        base = body.above.get(python)
        fitting = entry if base is None else self._beside(entry, base)
        if fitting is None:
            self._annotator.rewind(before)
            body.text.omitted += left_out(name, "", "a base class declares it otherwise, and calls come here")
            return None
        body.entries[python] = fitting
        return fitting

    def _beside(self, entry: Entry, base: Entry) -> Entry | None:
        if entry.signature is not None and base.signature is not None and entry.kind == base.kind:
            signature = overriding(self._schema, entry.signature, base.signature)
            return None if signature is None else dataclasses.replace(entry, signature=signature)
        if entry.signature is not None or base.signature is not None or entry.kind != base.kind:
            return None
        if entry.annotation != base.annotation or (base.settable and not entry.settable):
            return None
        return entry


@dataclasses.dataclass(slots=True)
class _Body:
    """A class while its members are written.

    Attributes:
        above: what its base classes declare, by Python name.
        entries: what it declares itself.
    """

    text: ClassText
    names: MemberNames
    above: dict[str, Entry]
    entries: dict[str, Entry] = dataclasses.field(default_factory=dict)


def _getter(name: str, type_: int, doc: str | None) -> SchemaFunction:
    return SchemaFunction(name, (), type_, static=True, doc=doc)


def _setter(name: str, type_: int, doc: str | None) -> SchemaFunction:
    return SchemaFunction(name, (SchemaParameter("value", type_),), None, doc=doc)
