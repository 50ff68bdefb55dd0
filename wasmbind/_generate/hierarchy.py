"""Which classes and enums of a schema are declared, under which names, and what they derive from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._generate.names import RESERVED, class_identifier, identifier
from wasmbind._matching import classes_named, enums_named, kind_of
from wasmbind._schema.schema import OBJECT, STRING, ClassType, EnumType, FunctionType, NamedType, simple_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wasmbind._schema.schema import Schema, SchemaClass, SchemaEnum

__all__ = ["Hierarchy", "own_ancestors"]

_LIBRARY: Final = "~lib/"
#: Classes of the library that no declaration stands for.
_NOT_DECLARED: Final = frozenset({OBJECT, STRING, "~lib/arraybuffer/ArrayBufferView"})


class Hierarchy:
    """The classes and enums that one file declares.

    Attributes:
        classes: the Python names of the classes, by their index; bases come first.
        enums: those of the enums, by their index.
        bases: the Python base classes of each class, by their index.
        refused_enums: why an enum is not declared, by its index.
    """

    def __init__(self, schema: Schema, taken: Iterable[str] = ()) -> None:
        """Choose.

        Args:
            schema: what the binary says.
            taken: names that mean something else in the file.
        """
        self._schema = schema
        self._taken = {*RESERVED, *taken}
        self.refused_enums: dict[int, str] = {}
        chosen = sorted(self._choose())
        # What is exported has the first choice among names.
        ranked = sorted(chosen, key=lambda index: (schema.classes[index].export is None, index))
        names = {index: self._name_class(schema.classes[index]) for index in ranked}
        self.enums = {
            index: self._name_enum(found) for index, found in enumerate(schema.enums) if self._is_declared(index, found)
        }
        self.bases: dict[int, list[int]] = {}
        self.classes: dict[int, str] = {}
        for index in chosen:
            self._place(index, names)

    # --- what is declared -----------------------------------------------------------------------------------

    def _choose(self) -> set[int]:
        """The classes to declare: the user's, and those of the library that they lead to."""
        classes = self._schema.classes
        found = {each.index for each in classes if self._is_own(each)}
        pending = sorted(found)
        while pending:
            for index in self._mentions(classes[pending.pop()]):
                if index not in found and self._may_declare(classes[index]):
                    found.add(index)
                    pending.append(index)
        functions = [*self._schema.functions.values()]
        functions += [wanted.function for wanted in self._schema.imports if wanted.function is not None]
        types = [type_ for each in functions for type_ in (each.returns, *(p.type for p in each.params))]
        types += [known.type for known in self._schema.globals.values()]
        for type_ in types:
            for index in self._classes_in(type_):
                if index not in found and self._may_declare(classes[index]):
                    found.add(index)
                    found.update(base for base in self._mentions(classes[index]) if self._may_declare(classes[base]))
        return found

    def _is_own(self, found: SchemaClass) -> bool:
        if not self._may_declare(found) or found.internal.startswith(_LIBRARY):
            return False
        members = (found.fields, found.methods, found.properties, found.statics, found.constructor)
        return bool(found.export or found.generic_export or any(members))

    def _may_declare(self, found: SchemaClass) -> bool:
        if found.internal in _NOT_DECLARED or found.unmanaged or kind_of(found) is not None:
            return False
        return not found.internal.startswith("~lib/function/")

    def _mentions(self, found: SchemaClass) -> Iterator[int]:
        """The classes that a class leads to."""
        if found.base is not None:
            yield found.base
        yield from found.implements
        types: list[int | None] = [field.type for field in found.fields.values()]
        types += [accessor.type for accessor in found.properties.values()]
        types += [static.type for static in found.statics.values()]
        made = [] if found.constructor is None else [found.constructor]
        for method in (*found.methods.values(), *made):
            if method.access == "public":
                types += [method.returns, *(parameter.type for parameter in method.params)]
        for type_ in types:
            yield from self._classes_in(type_)

    def _classes_in(self, type_: int | None) -> Iterator[int]:
        pending, seen = [type_], set[int]()
        while pending:
            each = pending.pop()
            if each is None or each in seen:
                continue
            seen.add(each)
            match self._schema.types[each]:
                case ClassType(index=index):
                    yield index
                    pending += self._schema.classes[index].arguments
                case FunctionType(params=params, returns=returns):
                    pending += [*params, returns]
                case _:
                    pass

    # --- names ----------------------------------------------------------------------------------------------

    def _name_class(self, found: SchemaClass) -> str:
        full = found.export or found.generic_export or simple_name(found.internal)
        suffix = "".join(map(self._word, found.arguments)) if found.generic else ""
        return self._free(full, suffix)

    def _name_enum(self, found: SchemaEnum) -> str:
        return self._free(found.name, "")

    def _free(self, full: str, suffix: str) -> str:
        plain = class_identifier(full.rpartition(".")[2] + suffix)
        spaces = "".join(class_identifier(part) for part in full.split(".")) + suffix
        number = 2
        for candidate in (plain, identifier(spaces)):
            if candidate not in self._taken:
                plain = candidate
                break
        else:
            plain += "_"
        while plain in self._taken:
            plain = f"{plain.rstrip('0123456789').rstrip('_')}_{number}"
            number += 1
        self._taken.add(plain)
        return plain

    def _word(self, type_: int) -> str:
        """A type as a part of a name: `I32`, `ArrayString`."""
        found = self._schema.types[type_]
        match found:
            case NamedType(name=name):
                return name[:1].upper() + name[1:]
            case EnumType(index=index):
                return self._schema.enums[index].name.rpartition(".")[2]
            case ClassType(index=index):
                inner = self._schema.classes[index]
                name = (inner.export or inner.generic_export or simple_name(inner.internal)).rpartition(".")[2]
                arguments = inner.arguments if inner.generic else ()
                shown = name + "".join(map(self._word, arguments))
            case _:
                shown = "Function"
        return f"{shown}OrNone" if found.nullable else shown

    def class_option(self, index: int) -> str | None:
        """What `name=` has to say for a class; None where its Python name is enough."""
        found, python = self._schema.classes[index], self.classes[index]
        if classes_named(self._schema, python) == [found]:
            return None
        shown = self._schema.show_class(index)
        for name in (found.export, shown):
            if name is not None and classes_named(self._schema, name) == [found]:
                return name
        return found.internal

    def enum_option(self, index: int) -> str | None:
        """What `__asc_name__` has to say for an enum; None where its Python name is enough."""
        found, python = self._schema.enums[index], self.enums[index]
        if enums_named(self._schema, python) == [found]:
            return None
        return found.name if enums_named(self._schema, found.name) == [found] else found.internal

    def _is_declared(self, index: int, found: SchemaEnum) -> bool:
        computed = [name for name, value in found.values.items() if value is None]
        if computed:
            self.refused_enums[index] = f"{', '.join(computed)} computed when the module starts; its values are i32"
        elif not found.values:
            self.refused_enums[index] = "it has no members; its values are i32"
        return index not in self.refused_enums

    # --- bases ----------------------------------------------------------------------------------------------

    def _place(self, index: int, names: dict[int, str]) -> None:
        """Put a class behind those that it derives from."""
        if index in self.classes:
            return
        found = self._schema.classes[index]
        above = [base for base in (found.base, *found.implements) if base in names and base != index]
        # A base that an earlier one derives from stands there already, and Python wants the derived one first.
        above = [
            base
            for base in dict.fromkeys(above)
            if not any(other != base and self._schema.descends(other, base) for other in above)
        ]
        for base in above:
            self._place(base, names)
        self.bases[index] = [base for base in above if base in self.classes]
        while not self._linearises(index):
            self.bases[index].pop()
        self.classes[index] = names[index]

    def _linearises(self, index: int) -> bool:
        """Whether Python finds an order among the bases."""
        made: dict[int, type] = {}

        def make(each: int) -> type:
            if each not in made:
                made[each] = type("Class", tuple(map(make, self.bases[each])) or (object,), {})
            return made[each]

        try:
            make(index)
        except TypeError:
            return False
        return True


def own_ancestors(schema: Schema, hierarchy: Hierarchy, index: int) -> list[SchemaClass]:
    """The class, and the bases of it that are not declared, whose members are declared on it."""
    found = [schema.classes[index]]
    declared = set(hierarchy.bases[index])
    for ancestor in schema.ancestry(index)[1:]:
        if ancestor.index in hierarchy.classes or ancestor.internal == OBJECT:
            continue
        # What a declared base has is inherited from there.
        if not any(schema.descends(base, ancestor.index) for base in declared):
            found.append(ancestor)
    return found
