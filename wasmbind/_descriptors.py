"""What wasmbind knows about a type: immutable data, no behaviour.

A *descriptor* is what an annotation resolves to. Layout, codecs and generated code are functions of it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from wasmbind._number_types import BOOL, F32, F64, INTEGERS, TYPED_ARRAYS, Boolean, Float, Integer

__all__ = [
    "BOOL",
    "F32",
    "F64",
    "INTEGERS",
    "STRING",
    "TYPED_ARRAYS",
    "VOID",
    "Boolean",
    "Bytes",
    "Collection",
    "Date",
    "Descriptor",
    "DictOf",
    "Dynamic",
    "Enumeration",
    "Float",
    "FunctionOf",
    "Integer",
    "ListOf",
    "Nullable",
    "ObjectOf",
    "OpaqueOf",
    "SetOf",
    "String",
    "TupleOf",
    "Untyped",
    "Void",
    "carried_by",
    "describe",
    "element_of",
    "goes_first",
    "has_function",
    "is_opaque",
    "is_reference",
    "may_refer",
    "parts",
    "wasm_type",
]


@dataclass(frozen=True, slots=True)
class Void:
    """No value: the result of a function that returns nothing."""


@dataclass(frozen=True, slots=True)
class String:
    """AssemblyScript `string`: a reference to immutable UTF-16."""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """An AssemblyScript enum, declared as an `enum.IntEnum`: an i32."""

    cls: type[enum.IntEnum]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """A reference to an instance of a declared class."""

    cls: type[Any]


@dataclass(frozen=True, slots=True)
class ListOf:
    """An AssemblyScript array copied to and from a Python list."""

    element: Descriptor


@dataclass(frozen=True, slots=True)
class TupleOf:
    """An AssemblyScript array copied to and from a Python tuple, of a fixed length if one is declared."""

    element: Descriptor
    length: int | None


@dataclass(frozen=True, slots=True)
class Bytes:
    """An AssemblyScript `ArrayBuffer` or `Uint8Array` copied to and from `bytes`."""


@dataclass(frozen=True, slots=True)
class Date:
    """An AssemblyScript `Date` copied to and from `datetime`."""


@dataclass(frozen=True, slots=True)
class DictOf:
    """An AssemblyScript `Map` copied to and from a Python dict."""

    key: Descriptor
    value: Descriptor


@dataclass(frozen=True, slots=True)
class SetOf:
    """An AssemblyScript `Set` copied to and from a Python set."""

    element: Descriptor


@dataclass(frozen=True, slots=True)
class Collection:
    """A live reference to a collection of AssemblyScript's library.

    Attributes:
        kind: the AssemblyScript class: `Array`, `StaticArray`, `Map`, `Set`, `ArrayBuffer`, `DataView`, or a key of
            `TYPED_ARRAYS`.
        arguments: its type arguments; a typed array has none.
    """

    kind: str
    arguments: tuple[Descriptor, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionOf:
    """A function value."""

    params: tuple[Descriptor, ...]
    result: Descriptor


@dataclass(frozen=True, slots=True)
class OpaqueOf:
    """A handle of a Python object: an integer, or an `externref`.

    Attributes:
        width: the integer type; None where the binary decides, and for i32 in memory.
        weak: the handle does not keep the object alive.
    """

    width: Integer | None = None
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A parameter of a type that nothing tells: what is passed decides what it becomes.

    Attributes:
        carrier: the WebAssembly type, `i32` or `i64`.
        refers: it may be a reference, which takes an exported runtime.
    """

    carrier: Literal["i32", "i64"]
    refers: bool = False


@dataclass(frozen=True, slots=True)
class Untyped:
    """A reference to an object whose header tells what it is, or a number that is none.

    Attributes:
        hint: what is known of it: an annotation, or nothing but how to show it, a member of an enum, see
            `_dynamic.lifting`.
    """

    hint: Any


@dataclass(frozen=True, slots=True)
class Nullable:
    """A reference that may be null, or a handle that may be 0."""

    inner: Reference | OpaqueOf


Reference: TypeAlias = (
    String | ObjectOf | ListOf | TupleOf | Bytes | Date | DictOf | SetOf | Collection | FunctionOf | Untyped
)
Descriptor: TypeAlias = Integer | Float | Boolean | Void | Enumeration | OpaqueOf | Reference | Nullable | Dynamic

STRING = String()
VOID = Void()


def is_reference(descriptor: Descriptor) -> bool:
    """Whether a value of the type is a pointer to a managed object."""
    if isinstance(descriptor, Nullable):
        descriptor = descriptor.inner
    return not isinstance(descriptor, (Integer, Float, Boolean, Void, Enumeration, OpaqueOf, Dynamic))


def is_told(descriptor: Descriptor) -> bool:
    """Whether somebody has said that a value is a reference, so that it is none by its looks alone."""
    return not (isinstance(descriptor, Untyped) and isinstance(descriptor.hint, enum.Enum))


def may_refer(descriptor: Descriptor) -> bool:
    """Whether a value of the type is, or may be, a pointer to a managed object."""
    return descriptor.refers if isinstance(descriptor, Dynamic) else is_reference(descriptor)


def goes_first(descriptor: Descriptor) -> bool:
    """Whether an argument of the type is lowered before others are stored: allocating uses the argument block."""
    return isinstance(descriptor, Dynamic) or is_reference(descriptor)


def is_opaque(descriptor: Descriptor) -> bool:
    """Whether a value of the type is a handle of a Python object, or none."""
    return isinstance(descriptor.inner if isinstance(descriptor, Nullable) else descriptor, OpaqueOf)


def has_function(descriptor: Descriptor) -> bool:
    """Whether values of the type are, or hold, function values."""
    return isinstance(descriptor, FunctionOf) or any(map(has_function, parts(descriptor)))


def parts(descriptor: Descriptor) -> tuple[Descriptor, ...]:
    """The types that a type is made of: what may be null, elements, keys and values, parameters and result."""
    match descriptor:
        case Nullable(inner=inner):
            return (inner,)
        case ListOf(element=element) | TupleOf(element=element) | SetOf(element=element):
            return (element,)
        case DictOf(key=key, value=value):
            return key, value
        case Collection(arguments=arguments):
            return arguments
        case FunctionOf(params=params, result=result):
            return *params, result
        case _:
            return ()


def element_of(descriptor: Descriptor) -> Descriptor:
    """The type of the elements of a list, a tuple, a set, an array, a typed array or a buffer.

    Raises:
        ValueError: it has none.
    """
    match descriptor:
        case ListOf(element=element) | TupleOf(element=element) | SetOf(element=element):
            return element
        case Collection(arguments=(element,)):
            return element
        case Bytes() | Collection(kind="ArrayBuffer" | "DataView"):
            return INTEGERS["u8"]
        case Collection(kind=kind) if kind in TYPED_ARRAYS:
            return TYPED_ARRAYS[kind]
        case _:
            raise ValueError(f"{describe(descriptor)} has no elements")


def wasm_type(descriptor: Descriptor) -> Literal["i32", "i64", "f32", "f64"] | None:
    """The WebAssembly value type that carries the type in calls: `i32`, `i64`, `f32`, `f64`, None for void."""
    match descriptor:
        case Void():
            return None
        case Integer(bits=64) | Dynamic(carrier="i64"):
            return "i64"
        case OpaqueOf(width=Integer() as width) | Nullable(inner=OpaqueOf(width=Integer() as width)):
            return wasm_type(width)
        case Float(bits=bits):
            return "f64" if bits == F64.bits else "f32"
        case _:
            return "i32"


def carried_by(descriptor: Descriptor, carrier: str | None) -> bool:
    """Whether values of the type may travel as a WebAssembly value type, None for no value."""
    inner = descriptor.inner if isinstance(descriptor, Nullable) else descriptor
    if isinstance(inner, OpaqueOf) and inner.width is None:
        return carrier in ("i32", "i64", "externref")
    return wasm_type(descriptor) == carrier


def describe(descriptor: Descriptor) -> str:
    """The type as AssemblyScript writes it."""
    match descriptor:
        case Integer(name=name) | Float(name=name):
            return name
        case Boolean():
            return "bool"
        case Void():
            return "void"
        case String():
            return "string"
        case Enumeration(cls=cls) | ObjectOf(cls=cls):
            return cls.__name__
        case OpaqueOf(width=width, weak=weak):
            shown = f"<{width.name}>" if width is not None else ""
            return f"{'WeakOpaque' if weak else 'Opaque'}{shown}"
        case Dynamic(carrier=carrier):
            return carrier
        case Nullable(inner=FunctionOf() as inner):
            return f"({describe(inner)}) | null"
        case Nullable(inner=inner):
            return f"{describe(inner)} | null"
        case _:
            return _describe_collection(descriptor)


def _describe_collection(descriptor: Descriptor) -> str:
    """The same for collections and function values."""
    match descriptor:
        case ListOf(element=element) | TupleOf(element=element):
            return f"Array<{describe(element)}>"
        case Bytes():
            return "ArrayBuffer"
        case Date():
            return "Date"
        case DictOf(key=key, value=value):
            return f"Map<{describe(key)},{describe(value)}>"
        case SetOf(element=element):
            return f"Set<{describe(element)}>"
        case Collection(kind=kind, arguments=arguments):
            return f"{kind}<{','.join(map(describe, arguments))}>" if arguments else kind
        case FunctionOf(params=params, result=result):
            return f"({', '.join(map(describe, params))}) => {describe(result)}"
        case Untyped(hint=hint):
            return "object" if isinstance(hint, enum.Enum) else getattr(hint, "__name__", None) or str(hint)
        case _:
            raise TypeError(f"{descriptor!r} is no descriptor")
