"""Finds what declarations name in a schema: classes by name, types by what they are."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from wasmbind import _descriptors as d
from wasmbind._classes import declared_bases, is_view
from wasmbind._generics import arguments_of
from wasmbind._names import enum_name
from wasmbind._schema.schema import ARRAY, STRING, ClassType, EnumType, NamedType, simple_name

if TYPE_CHECKING:
    import enum

    from wasmbind._schema.schema import Schema, SchemaClass, SchemaEnum

__all__ = ["Matcher", "Use"]

#: Which way values of a type go: into the module, out of it, or both.
Use: TypeAlias = Literal["in", "out", "both"]

_STATIC_ARRAY = "~lib/staticarray/StaticArray"
_TYPED_ARRAYS = {
    f"~lib/typedarray/{name}": element
    for name, element in [
        ("Int8Array", "i8"),
        ("Int16Array", "i16"),
        ("Int32Array", "i32"),
        ("Int64Array", "i64"),
        ("Uint8Array", "u8"),
        ("Uint8ClampedArray", "u8"),
        ("Uint16Array", "u16"),
        ("Uint32Array", "u32"),
        ("Uint64Array", "u64"),
        ("Float32Array", "f32"),
        ("Float64Array", "f64"),
    ]
}


class Matcher:
    """Matches Python classes and descriptors with one schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._classes: weakref.WeakKeyDictionary[type[Any], SchemaClass | None] = weakref.WeakKeyDictionary()
        self._arrays: dict[d.Descriptor, int | None] = {}

    # --- classes --------------------------------------------------------------------------------------------

    def candidates(self, cls: type[Any]) -> list[SchemaClass]:
        """The AssemblyScript classes that the name of a declared class may mean."""
        template = cls.__dict__.get("__asc_template__")
        if template is not None:
            arguments = arguments_of(cls)
            if not all(map(self._is_known, arguments)):
                return []
            return [
                found
                for found in self.schema.named(template.__asc_name__)
                if len(found.arguments) == len(arguments)
                and all(self.fits(*pair, "both") for pair in zip(arguments, found.arguments, strict=True))
            ]
        name: str = cls.__dict__["__asc_name__"]
        plain = name.replace(" ", "")
        found = self.schema.named(name) or [
            item for item in self.schema.classes if self.schema.show_class(item.index).replace(" ", "") == plain
        ]
        # A user's class hides one of the library, as it does in AssemblyScript.
        own = [item for item in found if not item.internal.startswith("~lib/")]
        return own or found

    def _is_known(self, descriptor: d.Descriptor) -> bool:
        """Whether all classes that a type mentions are classes of the schema."""
        match descriptor:
            case d.Nullable(inner=inner) | d.ListOf(element=inner):
                return self._is_known(inner)
            case d.ObjectOf(cls=cls):
                return self.class_of(cls) is not None
            case _:
                return True

    def class_of(self, cls: type[Any]) -> SchemaClass | None:
        """The AssemblyScript class that a declared class stands for; None where there is not exactly one."""
        if cls not in self._classes:
            self._classes[cls] = None  # ends the recursion of a class whose type argument is the class itself
            self._classes[cls] = self._find(cls)
        return self._classes[cls]

    def _find(self, cls: type[Any]) -> SchemaClass | None:
        found = self.candidates(cls)
        if not found and self.is_view(cls):
            above = [self.class_of(base) for base in declared_bases(cls)[1:]]
            # It is a view of its base class; interfaces only promise something of that.
            return next((base for base in above if base is not None and not base.is_interface), above[0])
        return found[0] if len(found) == 1 else None

    def is_view(self, cls: type[Any]) -> bool:
        """Whether a class is a Python view of its base: it declares nothing and names no AssemblyScript class."""
        return is_view(cls) and not self.candidates(cls)

    def enum_of(self, cls: type[enum.IntEnum]) -> SchemaEnum | None:
        """The AssemblyScript enum that a Python enum stands for; None where there is not exactly one."""
        name = enum_name(cls)
        named = [found for found in self.schema.enums if name in {found.name, found.internal}]
        if not named:
            named = [found for found in self.schema.enums if simple_name(found.internal).rpartition(".")[2] == name]
        return named[0] if len(named) == 1 else None

    # --- types ----------------------------------------------------------------------------------------------

    def fits(self, declared: d.Descriptor, type_: int | None, use: Use, owner: SchemaClass | None = None) -> bool:
        """Whether values of an AssemblyScript type may be declared so.

        Classes may be declared more generally where values come out, and more narrowly where they go in; all
        else has to be the same.

        Args:
            declared: what the declaration says.
            type_: index of the AssemblyScript type, None for void.
            use: which way the values go.
            owner: the class of the object whose method it is, for results of type `this`.
        """
        if type_ is None:
            return isinstance(declared, d.Void)
        found = self.schema.types[type_]
        nullable = getattr(found, "nullable", False)
        if isinstance(declared, d.Nullable) != nullable:
            return False
        inner = declared.inner if isinstance(declared, d.Nullable) else declared
        match found:
            case NamedType(name="this"):
                is_void = isinstance(inner, d.Void)  # an object that returns itself tells nothing new
                return is_void or (owner is not None and self._fits_class(inner, owner, use))
            case NamedType(name=name):
                return _fits_name(inner, name)
            case EnumType(index=index):
                if isinstance(inner, d.Enumeration):
                    return self.enum_of(inner.cls) is self.schema.enums[index]
                return inner == d.INTEGERS["i32"]
            case ClassType(index=index):
                return self._fits_class(inner, self.schema.classes[index], use)
            case _:
                return False

    def _fits_class(self, declared: d.Descriptor, found: SchemaClass, use: Use) -> bool:
        match declared:
            case d.String():
                return found.internal == STRING
            case d.ObjectOf(cls=cls):
                wanted = self.class_of(cls)
                if wanted is None:
                    # The class itself is reported; its uses would only repeat that.
                    return True
                general = use == "out" and self.schema.descends(found.index, wanted.index)
                narrow = use == "in" and self.schema.descends(wanted.index, found.index)
                return wanted is found or general or narrow
            case d.ListOf(element=element):
                return self._fits_list(element, found, use)
            case _:
                return False

    def _fits_list(self, element: d.Descriptor, found: SchemaClass, use: Use) -> bool:
        if use != "out":
            return found.generic == ARRAY and self.fits(element, found.arguments[0], "both")
        for base in self.schema.bases(found.index):
            if base.generic in (ARRAY, _STATIC_ARRAY) and base.arguments:
                return self.fits(element, base.arguments[0], "out")
            if base.internal in _TYPED_ARRAYS:
                return _fits_name(element, _TYPED_ARRAYS[base.internal])
        return False

    def array_id(self, descriptor: d.ListOf) -> int | None:
        """The run-time id of the `Array` class whose elements are of exactly the declared type."""
        if descriptor not in self._arrays:
            self._arrays[descriptor] = next(
                (found.id for found in self.schema.classes if self._fits_list(descriptor.element, found, "both")), None
            )
        return self._arrays[descriptor]

    def annotation(self, type_: int | None, use: Use) -> str | None:
        """The annotation to write for an AssemblyScript type, None where there is none yet."""
        if type_ is None:
            return "None"
        found = self.schema.types[type_]
        match found:
            case NamedType(name=name):
                plain = name in d.INTEGERS or name in ("f32", "f64", "bool")
                return {"void": "None", "this": "None"}.get(name, name if plain else None)
            case EnumType(index=index):
                return simple_name(self.schema.enums[index].internal).rpartition(".")[2]
            case ClassType(index=index):
                shown = self._class_annotation(self.schema.classes[index], use)
            case _:
                shown = None
        return f"{shown} | None" if shown and found.nullable else shown

    def _class_annotation(self, found: SchemaClass, use: Use) -> str | None:
        if found.internal == STRING:
            return "string"
        if found.internal in _TYPED_ARRAYS:
            return f"list[{_TYPED_ARRAYS[found.internal]}]" if use == "out" else None
        arguments = [self.annotation(argument, use) for argument in found.arguments]
        if None in arguments:
            return None
        if found.generic == ARRAY or (found.generic == _STATIC_ARRAY and use == "out"):
            return f"list[{arguments[0]}]"
        if found.internal.startswith("~lib/"):
            return None
        declared = next((cls for cls, known in self._classes.items() if known is found), None)
        if declared is not None:
            return declared.__name__
        name = (found.export or simple_name(found.internal)).rpartition(".")[2]
        return f"{name}[{', '.join(map(str, arguments))}]" if arguments else name


def _fits_name(declared: d.Descriptor, name: str) -> bool:
    match declared:
        case d.Void():
            return name == "void"
        case d.Boolean():
            return name == "bool"
        case d.Float():
            return name == declared.name
        case d.Integer():
            found = d.INTEGERS.get(name)
            return found is not None and (found.bits, found.signed) == (declared.bits, declared.signed)
        case d.Enumeration():
            return name == "i32"
        case _:
            return False
