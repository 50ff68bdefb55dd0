"""What a module itself declares: functions, globals, static fields of classes, and what it imports."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wasmbind._defaults import is_known
from wasmbind._generate.docs import docstring_lines
from wasmbind._generate.names import MemberNames, quote
from wasmbind._generate.signatures import parameter_names, read_signature
from wasmbind._generate.text import Item, field_item, function_item, left_out
from wasmbind._generate.types import UnwritableError
from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wasmbind._generate.hierarchy import Hierarchy
    from wasmbind._generate.types import Annotator
    from wasmbind._schema.model import Binary
    from wasmbind._schema.schema import Schema, SchemaFunction, SchemaGlobal, SchemaImport

__all__ = ["ModuleFunction", "ModuleMembers", "ModuleValue", "is_provided", "read_members"]

#: What wasmbind provides by itself, beside the families of its defaults.
_GLUED: Final = frozenset({("env", "abort"), ("env", "seed")})
#: Values that JSON has no number for.
_SPECIAL: Final = {
    "NaN": 'float("nan")',
    "Infinity": 'float("inf")',
    "-Infinity": 'float("-inf")',
    "-0": "-0.0",
}
_INTEGER: Final = re.compile(r"-?[0-9]{1,20}")
_REASONS: Final = {"generic": "a generic function, which has no export of its own"}


@dataclass(frozen=True, slots=True)
class ModuleFunction:
    """An exported function, or a host function that the module imports.

    Attributes:
        decorators: `@export(...)` or `@host(...)`, where one is needed.
        notes: a comment for each parameter and then for the result.
    """

    name: str
    parameters: Sequence[str]
    result: str
    doc: str | None = None
    decorators: Sequence[str] = ()
    names: dict[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    is_host: bool = False

    def item(self, *, in_class: bool = True) -> Item:
        """The declaration, in the module's class or in a stub file."""
        indent = 4 if in_class else 0
        doc = docstring_lines(self.doc, indent + 4, self.names) if self.doc else []
        return function_item(
            self.name,
            [*(["self"] if in_class else []), *self.parameters],
            self.result,
            decorators=self.decorators if in_class else (),
            doc=doc,
            indent=indent,
            notes=["", *self.notes] if in_class and self.notes else self.notes,
        )


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """An exported global, a static field, or a constant that AssemblyScript inlines.

    Attributes:
        export: what it is exported as, where that is not its Python name.
        settable: it can be assigned.
        constant: the literal of an inlined constant.
        note: a comment.
    """

    name: str
    annotation: str
    doc: str | None = None
    export: str | None = None
    settable: bool = False
    constant: str | None = None
    note: str = ""

    def item(self, *, in_class: bool = True) -> Item:
        """The declaration, in the module's class or in a stub file."""
        if self.constant is not None:
            return field_item(self.name, f"Final = {self.constant}", self.doc)
        if not in_class:
            return field_item(self.name, self.annotation if self.settable else f"Final[{self.annotation}]", self.doc)
        if self.settable:
            annotation = self.annotation
            if self.export is not None:
                annotation = f"Annotated[{annotation}, Name({quote(self.export)})]"
            return field_item(self.name, annotation, self.doc, self.note)
        decorators = ["@property"]
        if self.export is not None:
            decorators.append(f"@export({quote(self.export)})")
        doc = docstring_lines(self.doc, 8) if self.doc else []
        notes = ["", self.note] if self.note else []
        return function_item(self.name, ["self"], self.annotation, decorators=decorators, doc=doc, notes=notes)

    def needs(self, *, in_class: bool = True) -> Iterator[str]:
        """The names that the declaration needs besides its annotation."""
        if self.constant is not None or not (in_class or self.settable):
            yield "Final"
        elif in_class and self.export is not None:
            yield from ("Annotated", "Name") if self.settable else ("export",)


@dataclass(slots=True)
class ModuleMembers:
    """Everything that a module declares, and comments on what it leaves out."""

    values: list[ModuleValue] = field(default_factory=list)
    functions: list[ModuleFunction] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)

    def needs(self, *, in_class: bool = True) -> Iterator[str]:
        """The names that declarations need besides their annotations."""
        for value in self.values:
            yield from value.needs(in_class=in_class)
        for function in self.functions if in_class else ():
            for decorator in function.decorators:
                yield decorator[1:].partition("(")[0]


def is_provided(module: str, name: str) -> bool:
    """Whether wasmbind provides an import by itself."""
    return (module, name) in _GLUED or is_known(module, name)


def read_members(
    binary: Binary, schema: Schema, hierarchy: Hierarchy, annotator: Annotator, rename: str | None, module: str
) -> ModuleMembers:
    """What the module class of a binary with a schema declares.

    Args:
        binary: the binary.
        schema: its schema.
        hierarchy: the classes and enums that are declared.
        annotator: what writes annotations.
        rename: ``"snake"`` for snake_case names.
        module: the name of the module's class.
    """
    hidden = {module, *hierarchy.classes.values(), *hierarchy.enums.values()}
    reader = _Reader(binary, schema, annotator, MemberNames(hidden, rename, {}))
    for name, found in schema.globals.items():
        reader.read_global(found, name)
    for index in hierarchy.classes:
        owner = schema.classes[index]
        for name, found in owner.statics.items():
            if found.access == "public":
                reader.read_global(found, f"{owner.prefix}.{name}", f"{hierarchy.classes[index]}_{name}")
    for name, function in schema.functions.items():
        if binary.function(name) is not None:
            reader.read_function(name, function)
    for export, reason in schema.skipped.items():
        if "#" not in export and not any(export.startswith(f"{owner.prefix}.") for owner in schema.classes):
            reader.members.omitted += left_out(export, "", _REASONS.get(reason, reason))
    for wanted in schema.imports:
        reader.read_import(wanted)
    return reader.members


class _Reader:
    def __init__(self, binary: Binary, schema: Schema, annotator: Annotator, names: MemberNames) -> None:
        self._binary, self._schema, self._annotator, self._names = binary, schema, annotator, names
        self.members = ModuleMembers()

    def read_global(self, found: SchemaGlobal, export: str, python: str | None = None) -> None:
        exported = self._binary.global_(export)
        if exported is None:
            constant = None if not found.const else _constant(found.value)
            if constant is not None:
                name = self._names.choose(("global", export), python or export.replace(".", "_"))
                self.members.values.append(ModuleValue(name, "", found.doc, constant=constant))
            return
        settable = exported.mutable and not found.const
        before = self._annotator.mark()
        try:
            annotation = self._annotator.write(found.type, "both" if settable else "out")
        except UnwritableError as reason:
            self._annotator.rewind(before)
            self.members.omitted += left_out(export, self._schema.show(found.type), str(reason))
            return
        name = self._names.choose(("global", export), python or export.replace(".", "_"))
        said = None if self._names.says(name, export) else export
        self.members.values.append(ModuleValue(name, annotation, found.doc, said, settable))

    def read_function(self, export: str, function: SchemaFunction) -> None:
        try:
            signature = read_signature(self._schema, self._annotator, function, self._names, literals=True)
        except UnwritableError as reason:
            self.members.omitted += left_out(export, self._schema.show_function(function), str(reason))
            return
        name = self._names.choose(("function", export), export.replace(".", "_"))
        decorators = [] if self._names.says(name, export) else [f"@export({quote(export)})"]
        names = parameter_names(signature)
        self.members.functions.append(
            ModuleFunction(name, signature.texts(self._annotator), signature.result, function.doc, decorators, names)
        )

    def read_import(self, wanted: SchemaImport) -> None:
        if is_provided(wanted.module, wanted.name) or not self._is_imported(wanted):
            return
        shown = f"the import {wanted.module}.{wanted.name}"
        if wanted.function is None:
            why = f"pass imports={{{wanted.module!r}: {{{wanted.name!r}: ...}}}}"
            self.members.omitted += left_out(shown, self._schema.show(wanted.type), why)
            return
        function = wanted.function
        try:
            signature = read_signature(
                self._schema, self._annotator, function, self._names, literals=False, is_host=True
            )
        except UnwritableError as reason:
            self.members.omitted += left_out(shown, self._schema.show_function(function), str(reason))
            return
        name = self._names.choose(("import", wanted.module, wanted.name), wanted.name.replace(".", "_"))
        decorators = [f"@host({quote(wanted.module)}, {quote(wanted.name)})"]
        names, texts = parameter_names(signature), signature.texts(self._annotator)
        self.members.functions.append(
            ModuleFunction(name, texts, signature.result, function.doc, decorators, names, is_host=True)
        )

    def _is_imported(self, wanted: SchemaImport) -> bool:
        """Whether the optimiser has left an import in the binary."""
        return any(
            (found.module, found.name) == (wanted.module, wanted.name)
            and isinstance(found.type, FunctionType) == (wanted.function is not None)
            for found in self._binary.imports
        )


def _constant(value: object) -> str | None:
    """The literal for an inlined constant, None where the schema says no value that could be one."""
    if isinstance(value, str):
        return _SPECIAL.get(value) or (str(int(value)) if _INTEGER.fullmatch(value) else None)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return None if value is None else repr(value)
