"""Finds what declarations name in a schema: classes by name, types by what they are."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from wasmbind import _descriptors as d
from wasmbind._declared import declared_bases, is_view
from wasmbind._generics import arguments_of
from wasmbind._names import enum_name
from wasmbind._schema.schema import STRING, ClassType, EnumType, FunctionType, NamedType, simple_name

if TYPE_CHECKING:
    import enum

    from wasmbind._codecs.base import Site
    from wasmbind._schema.schema import Schema, SchemaClass, SchemaEnum

__all__ = ["EXTERNREFS", "Matcher", "Use", "classes_named", "enums_named", "kind_of"]

#: Which way values of a type go: into the module, out of it, or both; or that nothing says which class a new value is
#: to be, so that it has to be the one that the type names.
Use: TypeAlias = Literal["in", "out", "both", "exact"]

#: The classes of AssemblyScript's library that are collections, and `Date`, by their internal names.
_KINDS = {
    "~lib/array/Array": "Array",
    "~lib/staticarray/StaticArray": "StaticArray",
    "~lib/map/Map": "Map",
    "~lib/set/Set": "Set",
    "~lib/arraybuffer/ArrayBuffer": "ArrayBuffer",
    "~lib/dataview/DataView": "DataView",
    "~lib/date/Date": "Date",
    **{f"~lib/typedarray/{name}": name for name in d.TYPED_ARRAYS},
}
#: The types of references to what the host has.
EXTERNREFS = {"externref", "ref_extern"}
_OF_BYTES = {"ArrayBuffer", "Uint8Array", "Uint8ClampedArray"}


class Matcher:
    """Matches Python classes and descriptors with one schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._classes: weakref.WeakKeyDictionary[type[Any], SchemaClass | None] = weakref.WeakKeyDictionary()
        self._collections: dict[d.Descriptor, SchemaClass | None] = {}
        self._functions: dict[d.FunctionOf, int | None] = {}
        #: The class that a Python value becomes, by where it is declared.
        self.sites: dict[Site, SchemaClass] = {}
        #: The integer type of an opaque value, by the same.
        self.widths: dict[Site, d.Integer] = {}

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
                and all(self.fits(*pair, "exact") for pair in zip(arguments, found.arguments, strict=True))
            ]
        return classes_named(self.schema, cls.__dict__["__asc_name__"])

    def _is_known(self, descriptor: d.Descriptor) -> bool:
        """Whether all classes that a type mentions are classes of the schema."""
        if isinstance(descriptor, d.ObjectOf):
            return self.class_of(descriptor.cls) is not None
        return all(map(self._is_known, d.parts(descriptor)))

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
        named = enums_named(self.schema, enum_name(cls))
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
        if d.is_opaque(declared):
            return _carries(declared, self._width_of(found))
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
            case FunctionType():
                return isinstance(inner, d.FunctionOf) and self._fits_function(inner, found, use)

    def travels(self, declared: d.Descriptor, type_: int) -> bool:
        """Whether opaque values may be declared so that do not lie in memory: any integer or `externref` carries them.

        Args:
            declared: what the declaration says.
            type_: index of the AssemblyScript type.
        """
        found = self.schema.types[type_]
        unsettled = d.is_opaque(declared) and d.carried_by(declared, "externref")
        is_ref = isinstance(found, NamedType) and found.name in EXTERNREFS
        return unsettled and (is_ref or self._width_of(found) is not None)

    @staticmethod
    def _width_of(found: object) -> d.Integer | None:
        return d.INTEGERS.get(found.name) if isinstance(found, NamedType) else None

    def _fits_function(self, declared: d.FunctionOf, found: FunctionType, use: Use) -> bool:
        """Whether function values may be declared so; what goes into a function that comes out goes in."""
        if found.this is not None or len(declared.params) != len(found.params):
            return False
        into: Use = "in" if use == "out" else "out" if use == "in" else use
        params = zip(declared.params, found.params, strict=True)
        return all(self.fits(*pair, into) for pair in params) and self.fits(declared.result, found.returns, use)

    def function_id(self, descriptor: d.FunctionOf) -> int | None:
        """The run-time id of the objects of a function type, None where the schema has none."""
        if descriptor not in self._functions:
            ids = {
                self._id_of(found) for found in self._function_types() if self._fits_function(descriptor, found, "in")
            }
            self._functions[descriptor] = next(iter(ids), None) if len(ids) == 1 else None
        return self._functions[descriptor]

    def is_function(self, rt_id: int, descriptor: d.FunctionOf) -> bool:
        """Whether objects of a run-time id are functions of a type."""
        return any(
            self._id_of(found) == rt_id and self._fits_function(descriptor, found, "out")
            for found in self._function_types()
        )

    def _function_types(self) -> list[FunctionType]:
        return [found for found in self.schema.types if isinstance(found, FunctionType)]

    def _id_of(self, found: FunctionType) -> int | None:
        return None if found.index is None else self.schema.classes[found.index].id

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
            case _:
                return self._fits_collection(declared, found, use)

    def _fits_collection(self, declared: d.Descriptor, found: SchemaClass, use: Use) -> bool:
        """Whether values of a class of the library, or of one derived from it, may be declared as a collection."""
        for base in self.schema.bases(found.index) if use == "out" else (found,):
            kind = kind_of(base)
            if kind is not None:
                return self._fits_kind(declared, kind, base, use)
        return False

    def _fits_kind(self, declared: d.Descriptor, kind: str, found: SchemaClass, use: Use) -> bool:
        match declared:
            case d.ListOf() | d.TupleOf():
                if kind in d.TYPED_ARRAYS:
                    return use != "exact" and _fits_name(declared.element, d.TYPED_ARRAYS[kind].name)
                fitting = kind == "Array" or (kind == "StaticArray" and use != "exact")
            case d.Bytes():
                if kind in ("Array", "StaticArray"):
                    return use != "exact" and self.fits(d.INTEGERS["u8"], found.arguments[0], use)
                return kind == "ArrayBuffer" or (kind in _OF_BYTES and use != "exact")
            case d.Date():
                return kind == "Date"
            case d.DictOf():
                fitting = kind == "Map"
            case d.SetOf():
                fitting = kind == "Set"
            case d.Collection():
                fitting, use = kind == declared.kind, "exact"
            case _:
                return False
        if use == "in":
            use = "both"
        pairs = zip(d.parts(declared), found.arguments, strict=False)
        return fitting and all(self._fits_element(part, argument, use) for part, argument in pairs)

    def _fits_element(self, declared: d.Descriptor, type_: int, use: Use) -> bool:
        """The same as `fits`, for what lies in a collection, whose class tells signed integers from others."""
        unsettled = d.is_opaque(declared) and d.carried_by(declared, "externref")
        return self.fits(d.INTEGERS["i32"] if unsettled else declared, type_, use)

    def settle(self, site: Site, declared: d.Descriptor, type_: int | None) -> bool:
        """Remember what Python values declared in one place become.

        Args:
            site: the place.
            declared: the type that is declared there.
            type_: index of the AssemblyScript type, which fits.

        Returns:
            Whether they become the same in all that is known of the place.
        """
        found = None if type_ is None else self.schema.types[type_]
        inner = declared.inner if isinstance(declared, d.Nullable) else declared
        width = self._width_of(found)
        if width is not None and d.is_opaque(inner):
            self.widths[site] = width
        if isinstance(found, FunctionType) and isinstance(inner, d.FunctionOf):
            same = True
            for at, pair in enumerate(zip(d.parts(inner), (*found.params, found.returns), strict=True)):
                same &= self.settle((*site, at), *pair)
            return same
        if not isinstance(found, ClassType) or isinstance(inner, (d.String, d.ObjectOf, d.Collection)):
            return True
        made = self.schema.classes[found.index]
        same = self.sites.setdefault(site, made) is made
        for at, (part, argument) in enumerate(zip(d.parts(inner), made.arguments, strict=False)):
            same &= self.settle((*site, at), part, argument)
        return same

    def collection(self, descriptor: d.Descriptor) -> SchemaClass | None:
        """The class of the library that a collection is where nothing says more: `Array`, `ArrayBuffer`, `Map`."""
        if descriptor not in self._collections:
            fitting = [found for found in self.schema.classes if self._fits_collection(descriptor, found, "exact")]
            # `isize` and `i32` are the same to Python; of two classes it is the one that is written so.
            name = d.describe(descriptor)
            fitting.sort(key=lambda found: self.schema.show_class(found.index).replace(" ", "") != name)
            self._collections[descriptor] = fitting[0] if fitting else None
        return self._collections[descriptor]

    def is_collection(self, found: SchemaClass, descriptor: d.Collection | d.Date) -> bool:
        """Whether objects of a class are of a live type, or dates."""
        return any(self._fits_collection(descriptor, base, "exact") for base in self.schema.bases(found.index))

    def declared_for(self, found: SchemaClass) -> type[Any] | None:
        """A declared class that has been found to stand for an AssemblyScript class."""
        return next((cls for cls, known in self._classes.items() if known is found), None)


def classes_named(schema: Schema, name: str) -> list[SchemaClass]:
    """The AssemblyScript classes that the name of a declared class may mean."""
    plain = name.replace(" ", "")
    found = schema.named(name) or [
        item for item in schema.classes if schema.show_class(item.index).replace(" ", "") == plain
    ]
    # A user's class hides one of the library, as it does in AssemblyScript.
    own = [item for item in found if not item.internal.startswith("~lib/")]
    return own or found


def enums_named(schema: Schema, name: str) -> list[SchemaEnum]:
    """The AssemblyScript enums that the name of a Python enum may mean."""
    named = [found for found in schema.enums if name in {found.name, found.internal}]
    return named or [found for found in schema.enums if simple_name(found.internal).rpartition(".")[2] == name]


def kind_of(found: SchemaClass) -> str | None:
    """Which collection of AssemblyScript's library a class is, without those derived from one."""
    return _KINDS.get(found.generic or found.internal)


def _carries(declared: d.Descriptor, found: d.Integer | None) -> bool:
    """Whether opaque values in memory may be of an integer type."""
    inner = declared.inner if isinstance(declared, d.Nullable) else declared
    assert isinstance(inner, d.OpaqueOf)
    if found is None or inner.width is None:
        return found is not None and found.bits == d.INTEGERS["i32"].bits
    return (found.bits, found.signed) == (inner.width.bits, inner.width.signed)


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
