"""The types of a binary that wasmbind's transform compiled, as plain data: what the section `wasmbind` says.

`docs/schema.md` documents the format field by field. Types, classes and enums refer to each other by index.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ARRAY",
    "OBJECT",
    "STRING",
    "Access",
    "AscType",
    "ClassType",
    "EnumType",
    "FunctionType",
    "NamedType",
    "Schema",
    "SchemaClass",
    "SchemaEnum",
    "SchemaField",
    "SchemaFunction",
    "SchemaGlobal",
    "SchemaImport",
    "SchemaParameter",
    "SchemaProperty",
    "simple_name",
]

Access: TypeAlias = Literal["public", "protected", "private"]

#: Internal names of classes that descriptors stand for.
OBJECT, STRING, ARRAY = "~lib/object/Object", "~lib/string/String", "~lib/array/Array"
#: Classes that AssemblyScript writes under another name.
_ALIASES = {STRING: "string"}


@dataclass(frozen=True, slots=True)
class NamedType:
    """A type that is no class, enum or function: `i32`, `void`, `externref`, and `this`."""

    name: str


@dataclass(frozen=True, slots=True)
class ClassType:
    """A reference to an object of a class or interface."""

    index: int
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class EnumType:
    """A value of an enum, an i32."""

    index: int


@dataclass(frozen=True, slots=True)
class FunctionType:
    """A function value.

    Attributes:
        params: indices of the parameters' types.
        returns: index of the result's type, None for void.
        this: index of the type of its `this`, None without one.
        index: the class of the function objects, None where the schema does not tell.
    """

    params: tuple[int, ...]
    returns: int | None
    this: int | None = None
    index: int | None = None
    nullable: bool = False


AscType: TypeAlias = NamedType | ClassType | EnumType | FunctionType


@dataclass(frozen=True, slots=True)
class SchemaParameter:
    """A parameter.

    Attributes:
        type: index of its type.
        optional: the caller may leave it out.
        default: the source text of its initialiser, None without one.
    """

    name: str
    type: int
    optional: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class SchemaFunction:
    """A function, method or constructor; `returns` is None for void."""

    name: str
    params: tuple[SchemaParameter, ...]
    returns: int | None
    static: bool = False
    access: Access = "public"
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class SchemaField:
    """A field; `offset` counts bytes from the object's address."""

    name: str
    type: int
    offset: int
    readonly: bool = False
    access: Access = "public"
    default: str | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class SchemaProperty:
    """An accessor, with a getter, a setter or both."""

    name: str
    type: int
    get: bool
    set: bool
    static: bool = False
    access: Access = "public"
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class SchemaGlobal:
    """A global or a static field; `value` is a constant's, None where it is not known."""

    name: str
    type: int
    const: bool = False
    value: int | float | str | bool | None = None
    access: Access = "public"
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class SchemaEnum:
    """An enum; a value is None where the start function computes it."""

    internal: str
    values: dict[str, int | None]
    export: str | None = None
    const: bool = False
    doc: str | None = None

    @property
    def name(self) -> str:
        """What declarations call it."""
        return self.export or simple_name(self.internal)


@dataclass(frozen=True, slots=True)
class SchemaImport:
    """An import: a function with parameters and result, or a global with a type."""

    module: str
    name: str
    function: SchemaFunction | None
    type: int | None


@dataclass(frozen=True, slots=True)
class SchemaClass:
    """A class or interface; members are its own, without those it inherits.

    Attributes:
        id: the run-time id, None for unmanaged classes.
        size: bytes of an object.
        generic: the internal name of the generic class that it is an instance of.
        generic_export: the name by which that is exported.
    """

    index: int
    internal: str
    size: int
    id: int | None = None
    export: str | None = None
    aliases: tuple[str, ...] = ()
    base: int | None = None
    implements: tuple[int, ...] = ()
    is_interface: bool = False
    abstract: bool = False
    unmanaged: bool = False
    generic: str | None = None
    generic_export: str | None = None
    arguments: tuple[int, ...] = ()
    fields: dict[str, SchemaField] = field(default_factory=dict)
    constructor: SchemaFunction | None = None
    methods: dict[tuple[str, bool], SchemaFunction] = field(default_factory=dict)
    properties: dict[tuple[str, bool], SchemaProperty] = field(default_factory=dict)
    statics: dict[str, SchemaGlobal] = field(default_factory=dict)
    operators: dict[str, str] = field(default_factory=dict)
    doc: str | None = None

    @property
    def prefix(self) -> str:
        """What the export names of its members start with."""
        return self.export or self.internal


def simple_name(internal: str) -> str:
    """`geo.Point` for `assembly/index/geo.Point`, and `Box` for `assembly/index/Box<assembly/index/Line>`."""
    return internal.partition("<")[0].rpartition("/")[2]


@dataclass(frozen=True)
class Schema:
    """Everything that the section says.

    Attributes:
        version: major and minor version of the format.
        asc: the compiler's version.
        runtime: `incremental`, `minimal`, `stub` or `custom`.
        skipped: why a member is not exported, by the export name it would have.
    """

    version: tuple[int, int]
    asc: str
    runtime: str
    features: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    types: tuple[AscType, ...] = ()
    classes: tuple[SchemaClass, ...] = ()
    functions: dict[str, SchemaFunction] = field(default_factory=dict)
    globals: dict[str, SchemaGlobal] = field(default_factory=dict)
    enums: tuple[SchemaEnum, ...] = ()
    imports: tuple[SchemaImport, ...] = ()
    skipped: dict[str, str] = field(default_factory=dict)

    @cached_property
    def class_of_id(self) -> dict[int, SchemaClass]:
        """The managed classes by run-time id."""
        return {found.id: found for found in self.classes if found.id is not None}

    @cached_property
    def _shared_names(self) -> set[str]:
        """The names that stand for classes of several files."""
        origins: dict[str, set[str]] = {}
        for found in self.classes:
            internal = found.generic or found.internal
            for name in {simple_name(internal), found.export or found.generic_export or simple_name(internal)}:
                origins.setdefault(name, set()).add(internal)
        return {name for name, sources in origins.items() if len(sources) > 1}

    def bases(self, index: int) -> Iterator[SchemaClass]:
        """The class and its base classes, most derived first."""
        seen: set[int] = set()
        following: int | None = index
        while following is not None and following not in seen:
            seen.add(following)
            yield self.classes[following]
            following = self.classes[following].base

    def ancestry(self, index: int) -> list[SchemaClass]:
        """The class, its base classes, then every interface that they implement, nearest first."""
        found = {ancestor.index: ancestor for ancestor in self.bases(index)}
        pending = [implemented for ancestor in found.values() for implemented in ancestor.implements]
        while pending:
            interface = self.classes[pending.pop(0)]
            if interface.index not in found:
                found[interface.index] = interface
                pending += [*interface.implements, *([] if interface.base is None else [interface.base])]
        return list(found.values())

    def descends(self, index: int, ancestor: int) -> bool:
        """Whether a class is another one, derives from it or implements it."""
        return index == ancestor or any(found.index == ancestor for found in self.ancestry(index))

    def named(self, name: str) -> list[SchemaClass]:
        """The classes that a name may mean, where generic classes go by the name without type arguments.

        A name by which a class is exported means that class alone, and so does an internal one.
        """
        for exact in (
            [found for found in self.classes if name in (found.export, found.generic_export) or name in found.aliases],
            [found for found in self.classes if name in (found.internal, found.generic)],
        ):
            if exact:
                return exact
        return [found for found in self.classes if simple_name(found.internal) == name]

    # --- types as text --------------------------------------------------------------------------------------

    def show(self, type_: int | None) -> str:
        """A type as AssemblyScript writes it, with simple names; None is void."""
        if type_ is None:
            return "void"
        found = self.types[type_]
        if isinstance(found, EnumType):
            return self.enums[found.index].name
        if isinstance(found, NamedType):
            return found.name
        if isinstance(found, ClassType):
            shown = self.show_class(found.index)
        else:
            shown = f"(({', '.join(map(self.show, found.params))}) => {self.show(found.returns)})"
        return f"{shown} | null" if found.nullable else shown

    def show_class(self, index: int) -> str:
        """A class as AssemblyScript writes it: `Map<string, Line>`."""
        found = self.classes[index]
        exported = found.export or found.generic_export
        name = _ALIASES.get(found.internal) or exported or simple_name(found.internal)
        if not exported and name in self._shared_names:
            name = found.internal.partition("<")[0]
        arguments = ", ".join(map(self.show, found.arguments))
        return f"{name}<{arguments}>" if found.generic and arguments else name

    def show_function(self, function: SchemaFunction) -> str:
        """A signature: `(s: string, times: i32 = 1) -> i32`."""
        shown = []
        for parameter in function.params:
            mark = "?" if parameter.optional and parameter.default is None else ""
            default = f" = {parameter.default}" if parameter.default is not None else ""
            shown.append(f"{parameter.name}{mark}: {self.show(parameter.type)}{default}")
        return f"({', '.join(shown)}) -> {self.show(function.returns)}"
