"""The members that a class declares: which there are, and in which form each stands beside those of its bases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from wasmbind._generate.hierarchy import own_ancestors
from wasmbind._matching import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wasmbind._generate.hierarchy import Hierarchy
    from wasmbind._generate.signatures import Signature
    from wasmbind._schema.model import Binary
    from wasmbind._schema.schema import Schema, SchemaClass, SchemaFunction

__all__ = ["Entry", "Value", "methods_of", "property_forms", "skipped_members", "values_of"]

_REASONS: Final = {
    "generic": "a generic method, which has no export of its own",
    "nested": "its class is nested too deeply in itself",
    "excluded": "its author left it out of the binary",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A field or an accessor.

    Attributes:
        get, set: whether it can be read, and set.
        is_field: it lies in memory.
        is_callable: the binary exports functions for it.
    """

    name: str
    type: int
    get: bool
    set: bool
    doc: str | None
    is_field: bool
    is_callable: bool

    @property
    def form(self) -> Literal["attribute", "property"]:
        """How it is declared if no class above or below declares it otherwise."""
        return "attribute" if (self.is_field and self.set) or not self.is_callable else "property"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a class declares under one Python name, for classes that derive from it.

    Attributes:
        kind: `attribute`, `property`, `method` or `static`.
        type: index of the AssemblyScript type of an attribute or property.
        annotation: what it is declared as.
        settable: it can be assigned.
    """

    kind: str
    type: int | None = None
    annotation: str = ""
    settable: bool = False
    signature: Signature | None = None


def values_of(binary: Binary, schema: Schema, hierarchy: Hierarchy, index: int) -> Iterator[Value]:
    """The public fields of a class in memory order, then its accessors that are not static."""
    for found in own_ancestors(schema, hierarchy, index):
        # What a class inherits from one of the library's collections is no business of Python's.
        if found.index == index or not found.internal.startswith("~lib/"):
            for field in found.fields.values():
                export = f"{found.prefix}#get:{field.name}"
                if field.access == "public" and export not in schema.skipped:
                    is_callable = export in binary.exports
                    yield Value(
                        field.name,
                        field.type,
                        get=True,
                        set=not field.readonly,
                        doc=field.doc,
                        is_field=True,
                        is_callable=is_callable,
                    )
        for accessor in found.properties.values():
            if accessor.access == "public" and not accessor.static:
                get, set_ = accessor.get, accessor.set
                yield Value(accessor.name, accessor.type, get, set_, accessor.doc, is_field=False, is_callable=True)


def methods_of(schema: Schema, hierarchy: Hierarchy, index: int) -> Iterator[SchemaFunction]:
    """The public methods of a class, static ones too."""
    seen: set[tuple[str, bool]] = set()
    for found in own_ancestors(schema, hierarchy, index):
        for key, method in found.methods.items():
            if method.access == "public" and key not in seen and not (kind_of(found) and key[0].startswith("__")):
                seen.add(key)
                yield method


def skipped_members(schema: Schema, found: SchemaClass) -> Iterator[tuple[str, str]]:
    """What the transform left out of the exports of a class, and why."""
    for export, reason in schema.skipped.items():
        for separator in ("#", "."):
            prefix, _, name = export.rpartition(separator)
            if prefix == found.prefix and name:
                plain = name.removeprefix("get:").removeprefix("set:")
                if name == plain or not name.startswith("set:") or f"{prefix}#get:{plain}" not in schema.skipped:
                    yield plain, _REASONS.get(reason, reason)


def property_forms(binary: Binary, schema: Schema, hierarchy: Hierarchy) -> set[tuple[int, str]]:
    """The fields that are declared as properties because a class above or below has an accessor of the name.

    To type checkers an attribute and a property do not override each other.

    Returns:
        Index of the class, and AssemblyScript name.
    """
    values: dict[str, dict[int, Value]] = {}
    for index in hierarchy.classes:
        for value in values_of(binary, schema, hierarchy, index):
            if value.get:
                values.setdefault(value.name, {}).setdefault(index, value)
    found: set[tuple[int, str]] = set()
    for name, holders in values.items():
        if len({value.form for value in holders.values()}) == 1:
            continue
        for group in _related(schema, hierarchy, set(holders)):
            members = [holders[index] for index in group]
            if len({value.form for value in members}) > 1 and all(value.is_callable for value in members):
                found.update((index, name) for index in group)
    return found


def _related(schema: Schema, hierarchy: Hierarchy, holders: set[int]) -> list[set[int]]:
    """Classes in groups, of which each shares some class that derives from both with another one."""
    groups: list[set[int]] = []
    for index in hierarchy.classes:
        joined = {each.index for each in schema.ancestry(index)} & holders
        if not joined:
            continue
        apart = [group for group in groups if not group & joined]
        for group in groups:
            if group & joined:
                joined |= group
        groups = [*apart, joined]
    return groups
