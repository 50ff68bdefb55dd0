"""Declared classes: what they lead to, and what each is in a binary without a schema."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._call_shapes import constructor_shape, shape_of
from wasmbind._declared import declaration_of, declared_bases, is_view, nearest_init
from wasmbind._layout import EMPTY, Layout, compute_layout
from wasmbind._verify import class_is_exported
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wasmbind._call_shapes import CallShape
    from wasmbind._declarations import ClassDeclaration, Field
    from wasmbind._schema.model import Binary, GlobalType
    from wasmbind._schema.schema import SchemaClass

__all__ = ["Accessor", "ClassBinding", "Target", "check_single_base", "reach"]


def _declares_fields(cls: type[Any]) -> bool:
    return any(declaration_of(base).fields for base in declared_bases(cls))


def check_single_base(cls: type[Any], bases: Iterable[type[Any]]) -> None:
    """Refuse a class with several bases that are AssemblyScript classes.

    Args:
        cls: the class.
        bases: its declared bases without interfaces, in the order of its MRO.

    Raises:
        DeclarationError: one of them does not derive from the next.
    """
    for nearer, farther in itertools.pairwise(bases):
        if not issubclass(nearer, farther):
            problem = f"derives from two classes of the module, {nearer.__name__} and {farther.__name__}"
            fix = "derive it from one; AssemblyScript classes have one base"
            raise DeclarationError(cls.__name__, problem, fix=fix)


def reach(types: Iterable[d.Descriptor], classes: Iterable[type]) -> tuple[list[type], list[Any]]:
    """Every class and enum that types and classes lead to, bases included and before their subclasses."""
    found: dict[type, None] = {}
    enums: dict[Any, None] = {}
    pending = [_Pending(descriptor) for descriptor in types] + [_Pending(d.ObjectOf(cls)) for cls in classes]
    while pending:
        descriptor = pending.pop(0).descriptor
        match descriptor:
            case d.Enumeration(cls=cls):
                enums[cls] = None
            case d.ObjectOf(cls=cls):
                for base in reversed(declared_bases(cls)):
                    if base not in found:
                        found[base] = None
                        pending += [_Pending(mentioned) for mentioned in declaration_of(base).types()]
            case _:
                pending[:0] = map(_Pending, d.parts(descriptor))
    return list(found), list(enums)


@dataclass(frozen=True, slots=True)
class _Pending:
    descriptor: d.Descriptor


@dataclass(frozen=True, slots=True)
class Target:
    """The export that a declared member is in one binary.

    Attributes:
        drops: it returns its own object, which the declaration leaves out.
    """

    export: str
    drops: bool = False


@dataclass(frozen=True, slots=True)
class Accessor:
    """A field or global as functions, and the key that tells two ways of access apart."""

    key: tuple[Any, ...]
    getter: Callable[[Any], Any]
    setter: Callable[[Any, Any], None] | None


@dataclass(slots=True)
class ClassBinding:
    """What a declared class is in one binary.

    Attributes:
        target: the class that names the AssemblyScript class: `cls` itself, or the base that it is a view of.
        exported: the binary exports members of the AssemblyScript class.
        layout: offsets of all fields where the declaration decides them, else None: the binary exports accessors, or
            the class derives from one whose fields it exports accessors of, and nobody knows where its own lie.
        rt_id: the proven run-time id, or None.
        base: the nearest declared base, or None.
        schema: the class in the binary's schema, or None.
        readonly: fields that AssemblyScript does not let anybody set, by their Python names.
    """

    cls: type[Any]
    declaration: ClassDeclaration
    target: type[Any]
    exported: bool
    layout: Layout | None
    rt_id: int | None
    base: type[Any] | None = None
    schema: SchemaClass | None = None
    readonly: frozenset[str] = frozenset()

    @classmethod
    def make(cls, declared: type[Any], binary: Binary, known: dict[type, ClassBinding]) -> ClassBinding:
        """Bind a class whose bases are bound already."""
        declaration = declaration_of(declared)
        bases = declared_bases(declared)[1:]
        # A class without fields may be an interface; where there is a schema, that is known.
        placed = [each for each in bases if not is_view(each) and _declares_fields(each)]
        check_single_base(declared, placed)
        bases = [*placed, *(each for each in bases if each not in placed)]
        base = known[bases[0]] if bases else None
        name = declaration.export
        exported = class_is_exported(binary, name)
        id_global = binary.global_(name)
        named = exported or id_global is not None or declared.__dict__["__asc_named__"]
        if base is not None and not (named or declaration.fields or declaration.functions):
            return cls(declared, declaration, base.target, base.exported, base.layout, base.rt_id, bases[0])
        layout = None
        above = EMPTY if base is None else base.layout
        if not exported and above is not None:
            layout = compute_layout(((field.name, field.type) for field in declaration.fields), above)
        rt_id = _constant(id_global)
        return cls(declared, declaration, declared, exported, layout, rt_id, bases[0] if bases else None)

    @property
    def is_class(self) -> bool:
        """Whether it names an AssemblyScript class, and is not a view of another declared class."""
        return self.target is self.cls

    @property
    def constructor_shape(self) -> CallShape | None:
        """The shape of the nearest `__init__`, which constructs objects of the class; None where Python cannot."""
        init = nearest_init(self.cls)
        if init is not None:
            return shape_of(init)
        return constructor_shape(self.constructor) if hasattr(self.cls, "__asc_record__") else None

    @property
    def declares_constructor(self) -> bool:
        """Whether `__init__` is declared by the class itself."""
        return any(function.kind == "constructor" for function in self.declaration.functions)

    def offset(self, field: Field) -> int | None:
        """Where a field lies, in bytes from the object's address; None where only accessors know."""
        return None if self.layout is None else self.layout.offsets.get(field.name)

    @property
    def constructor(self) -> str:
        """The export of the constructor."""
        return f"{self.target.__asc_name__}#constructor"


def _constant(found: GlobalType | None) -> int | None:
    """The run-time id in the global that asc up to 0.19 exports for a class."""
    is_id = found is not None and found.type == "i32" and not found.mutable and isinstance(found.value, int)
    return int(found.value) if found is not None and is_id and found.value is not None else None
