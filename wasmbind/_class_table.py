"""The classes of one binding: which AssemblyScript class each one is, and what objects of it become."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from wasmbind._call_shapes import accessor_shapes, shape_of
from wasmbind._classes import ClassBinding, Target
from wasmbind._places import locate
from wasmbind._verify import (
    exports_members,
    unavailable,
    unavailable_constructor,
    unplaced,
    verify_accessors,
    verify_constructor,
    verify_enum,
    verify_function,
)
from wasmbind.errors import BindError, LiftError, Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wasmbind._call_shapes import CallShape
    from wasmbind._classes import Accessor
    from wasmbind._conformance import Conformance
    from wasmbind._declarations import Field, Function
    from wasmbind._schema.model import Binary
    from wasmbind._schema.rtti import Rtti

__all__ = ["ClassTable"]


class ClassTable:
    """The declared classes that are bound to one binary.

    Attributes:
        bound: every bound class, bases before their subclasses.
        accessors: how each field is accessed in this binary.
        missing: by link, what to say when a member that the binary does not export is used.
        conformance: what compares with the schema, None where the binary has none.
    """

    def __init__(self, name: str, binary: Binary) -> None:
        self._name, self._binary = name, binary
        self.conformance: Conformance | None = None
        if binary.schema is not None:
            from wasmbind._conformance import Conformance  # noqa: PLC0415 - slow to import, for binaries with a schema

            self.conformance = Conformance(binary, binary.schema)
        self.bound: dict[type, ClassBinding] = {}
        self.accessors: dict[tuple[type, str], Accessor] = {}
        self.missing: dict[str, Mismatch] = {}
        self._by_id: dict[int, list[ClassBinding]] = {}

    def copy(self) -> ClassTable:
        """A table to add classes to. Other threads read this one meanwhile, and see all of the new one or nothing."""
        made = copy.copy(self)
        made.bound, made.accessors, made.missing = dict(self.bound), dict(self.accessors), dict(self.missing)
        made._by_id = {rt_id: list(known) for rt_id, known in self._by_id.items()}  # noqa: SLF001 - it is a copy
        return made

    def __contains__(self, cls: type[Any]) -> bool:
        return cls in self.bound

    # --- binding --------------------------------------------------------------------------------------------

    def add(self, classes: Iterable[type], enums: Iterable[Any]) -> tuple[list[Function], list[Mismatch]]:
        """Bind new classes, whose bases come first.

        Returns:
            The declared functions that the binary exports, and every mismatch. With a mismatch the table is of no
            more use.
        """
        mismatches: list[Mismatch] = []
        functions: list[Function] = []
        for cls in classes:
            bound = self.bound[cls] = self._bind(cls)
            if bound.rt_id is not None and bound.is_class:
                self._by_id.setdefault(bound.rt_id, []).append(bound)
            if bound.exported or exports_members(self._binary):
                functions += bound.declaration.functions
        for cls in classes:
            mismatches += self._verify(self.bound[cls])
        for enum in enums:
            schema = self.conformance
            mismatches += verify_enum(enum, self._binary) if schema is None else schema.verify_enum(enum)
        return functions, mismatches

    def _bind(self, cls: type[Any]) -> ClassBinding:
        if self.conformance is not None:
            return self.conformance.bind(cls, self.bound)
        return ClassBinding.make(cls, self._binary, self.bound)

    def _verify(self, bound: ClassBinding) -> Iterator[Mismatch]:
        binary = self._binary
        if self.conformance is not None:
            yield from self.conformance.verify_class(bound)
            self.missing.update(self.conformance.unavailable)
            return
        if bound.layout is None and bound.is_class:
            for field in bound.declaration.fields:
                if bound.exported:
                    yield from verify_accessors(field, binary)
                else:
                    yield unplaced(field, binary)
        shape = bound.constructor_shape if bound.is_class and not bound.declares_constructor else None
        if bound.exported or exports_members(binary):
            for function in bound.declaration.functions:
                yield from verify_function(function, binary)
            if shape is not None:
                yield from verify_constructor(bound.cls, bound.constructor, shape, binary)
            return
        # Nobody may ever call them: what is missing is told when they are.
        for function in bound.declaration.functions:
            self.missing[shape_of(function).link] = unavailable(function, binary)
        if shape is not None:
            self.missing[shape.link_to(bound.constructor)] = unavailable_constructor(bound.cls, binary)

    def verify_bases(self, rtti: Rtti) -> Iterator[Mismatch]:
        """Compare the declared bases with the type table, where that tells bases."""
        for bound in self.bound.values():
            above = self.bound[bound.base] if bound.base is not None else None
            if above is None or bound.rt_id is None or above.rt_id is None or not rtti.bases:
                continue
            if not rtti.descends(bound.rt_id, above.rt_id):
                name = above.cls.__name__
                found = f"a class that does not derive from it (run-time ids {bound.rt_id} and {above.rt_id})"
                fix = "derive it from the class that AssemblyScript derives it from, or from AscClass"
                yield Mismatch(bound.cls.__name__, f"a subclass of {name}", found, fix, locate(bound.cls, ""))

    def has_setter(self, field: Field) -> bool:
        """Whether the binary exports a setter of a field."""
        setter = accessor_shapes(field)[1]
        return self._binary.function(self.target(setter, setter.export).export) is not None

    @property
    def targets(self) -> dict[str, Target]:
        """By link, the exports of members that have other names than their declarations make up."""
        return self.conformance.targets if self.conformance is not None else {}

    def target(self, shape: CallShape, member: str) -> Target:
        """The export of a member that is called so, where its declaration makes up the name `member`."""
        return self.targets.get(shape.link_to(member), Target(member))

    # --- lifting --------------------------------------------------------------------------------------------

    def resolve(self, cls: type[Any], rt_id: int, rt_size: int, rtti: Rtti) -> tuple[type, int]:
        """The Python class for an object, where `cls` is declared, and the least size that objects of it have.

        Args:
            cls: a bound class.
            rt_id: the object's run-time id.
            rt_size: its size in bytes.
            rtti: the binary's type table.

        Raises:
            LiftError: the object is not of the declared class.
            BindError: the object is too small for the declared fields.
        """
        actual = self._actual(cls, rt_id, rtti)
        layout = self.bound[actual].layout
        if layout is not None and rt_size < layout.size:
            fields = ", ".join(f"{name} at {offset}" for name, offset in layout.offsets.items())
            fix = "declare exactly the fields of the AssemblyScript class, in order, private ones too"
            found = f"an object of {rt_size} bytes (run-time id {rt_id})"
            mismatch = Mismatch(actual.__name__, f"{layout.size} bytes ({fields})", found, fix)
            raise BindError(self._name, self._binary.name, [mismatch])
        return actual, layout.size if layout is not None else 0

    def _actual(self, cls: type[Any], rt_id: int, rtti: Rtti) -> type:
        wanted = self.bound[self.bound[cls].target]
        if self.conformance is not None:
            found = self.conformance.objects.nearest(wanted, rt_id, self.bound)
            if found is None:
                shown = self.conformance.objects.show_id(rt_id) or f"an object of run-time id {rt_id}"
                raise self._unexpected(cls, shown)
            return found if issubclass(found, cls) else cls
        known = self._by_id.get(rt_id)
        if known is not None:
            # Several Python classes may stand for one AssemblyScript class.
            fitting = [bound.cls for bound in known if issubclass(bound.cls, wanted.cls)]
            if not fitting:
                raise self._unexpected(cls, known[0].cls.__name__)
            return next((found for found in fitting if issubclass(found, cls)), cls)
        is_object = rtti.flags_of(rt_id) is not None and not rtti.kind_of(rt_id)
        if not is_object or rt_id in (rtti.buffer_id, rtti.string_id):
            raise self._unexpected(cls, f"an object of run-time id {rt_id}")
        if wanted.rt_id is None or not rtti.bases:
            return cls
        # A class that nobody declared: it becomes the most derived declared class that it derives from.
        nearest = [
            bound.cls
            for known_id, known in self._by_id.items()
            for bound in known
            if issubclass(bound.cls, wanted.cls) and rtti.descends(rt_id, known_id)
        ]
        if not nearest:
            raise self._unexpected(cls, f"an object of run-time id {rt_id}")
        best = max(nearest, key=lambda found: len(found.__mro__))
        return best if issubclass(best, cls) else cls

    def _unexpected(self, cls: type[Any], found: str) -> LiftError:
        return LiftError(f"{self._name}: {cls.__name__} expected, found {found}")
