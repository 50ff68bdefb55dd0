"""What the objects of one binary are, by its schema: which Python class each becomes, and what Python values become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind._matching import kind_of

if TYPE_CHECKING:
    from wasmbind import _descriptors as d
    from wasmbind._classes import ClassBinding
    from wasmbind._codecs.base import Site
    from wasmbind._matching import Matcher
    from wasmbind._schema.model import Binary

__all__ = ["SchemaObjects"]


class SchemaObjects:
    """The classes of objects by their run-time ids, once declarations have been compared with the schema."""

    def __init__(self, binary: Binary, matcher: Matcher) -> None:
        self._binary, self._matcher = binary, matcher

    def collection(self, descriptor: d.Descriptor, site: Site | None) -> tuple[str, int, int] | None:
        """The class of AssemblyScript's library that a Python value becomes: its kind, run-time id and size in bytes.

        Args:
            descriptor: the declared type.
            site: where it is declared.
        """
        found = self._matcher.sites.get(site) if site is not None else None
        found = found or self._matcher.collection(descriptor)
        kind = None if found is None else kind_of(found)
        return None if found is None or found.id is None or kind is None else (kind, found.id, found.size)

    def compiled_members(self, descriptor: d.Collection) -> dict[str, str]:
        """The exports of the compiled members of a class of the library, by their names."""
        found = self._matcher.collection(descriptor)
        if found is None:
            return {}
        names = ((name, f"{found.prefix}#{name}") for name, static in found.methods if not static)
        return {name: export for name, export in names if self._binary.function(export) is not None}

    def is_collection(self, rt_id: int, descriptor: d.Collection | d.Date) -> bool:
        """Whether objects of a run-time id are of a live type, or dates."""
        found = self._matcher.schema.class_of_id.get(rt_id)
        return found is not None and self._matcher.is_collection(found, descriptor)

    def opaque_width(self, site: Site) -> d.Integer | None:
        """The integer type of an opaque value, by where it is declared; None where the schema does not say it."""
        return self._matcher.widths.get(site)

    def function_id(self, descriptor: d.FunctionOf) -> int | None:
        """The run-time id of the objects of a function type, None where the schema has none."""
        return self._matcher.function_id(descriptor)

    def is_function(self, rt_id: int, descriptor: d.FunctionOf) -> bool:
        """Whether objects of a run-time id are functions of a type."""
        return self._matcher.is_function(rt_id, descriptor)

    def nearest(self, wanted: ClassBinding, rt_id: int, bound: dict[type, ClassBinding]) -> type[Any] | None:
        """The declared class that an object of a run-time id becomes; None if it is not of the wanted one.

        Args:
            wanted: the class that is declared where the object was found.
            bound: every class that could be meant.
        """
        found = self._matcher.schema.class_of_id.get(rt_id)
        if (
            found is None
            or wanted.schema is None
            or not self._matcher.schema.descends(found.index, wanted.schema.index)
        ):
            return None
        for ancestor in self._matcher.schema.ancestry(found.index):
            for each in bound.values():
                if each.schema is ancestor and each.is_class and issubclass(each.cls, wanted.cls):
                    return each.cls
        return wanted.cls

    def show_id(self, rt_id: int) -> str | None:
        """The class of a run-time id, as AssemblyScript writes it."""
        found = self._matcher.schema.class_of_id.get(rt_id)
        return None if found is None else self._matcher.schema.show_class(found.index)
