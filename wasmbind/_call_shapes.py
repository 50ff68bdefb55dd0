"""What declared functions look like to WebAssembly: exports, signatures, and the links that calls go through.

Nothing here knows how values are converted, so that declarations can be verified where nothing will be called.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wasmbind import _descriptors as d
from wasmbind._declarations import Field
from wasmbind._layout import COMPARTMENTS
from wasmbind._names import link_name
from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from wasmbind._codecs.base import Site
    from wasmbind._declarations import Function
    from wasmbind._schema.model import ValueType

__all__ = [
    "RESULT",
    "CallShape",
    "This",
    "accessor_shapes",
    "as_global",
    "constructor_shape",
    "export_of",
    "shape_of",
    "site_of",
    "value_type",
]

#: What stands for the parameter's name in the place of a result.
RESULT: Final = "->"
#: What a call passes first: an object's address, 0 for the object that comes back, or nothing.
This: TypeAlias = Literal["object", "new"] | None

#: What the binary decides the WebAssembly type of.
_UNSETTLED = frozenset(
    found for weak in (False, True) for found in (d.OpaqueOf(None, weak), d.Nullable(d.OpaqueOf(None, weak)))
)


@dataclass(frozen=True)
class CallShape:
    """A declared function as WebAssembly sees it.

    Attributes:
        export: the module's export, for a global `get name` or `set name`.
        this: ``"object"`` passes the object's address first, ``"new"`` passes 0 and makes `self` the object that
            comes back, None passes nothing.
        params, result: the types, without `this`.
        counted: the number of given arguments comes before everything else.
        stages: the glue makes strings of staged text.
        static: it is a static method, which a function of the module may share the export's name with.
        guarded: nobody has declared the result, so it is stored into the result slot only if it is an object.
    """

    export: str
    this: This
    params: tuple[d.Descriptor, ...]
    result: d.Descriptor
    counted: bool = False
    stages: bool = True
    static: bool = False
    guarded: bool = False

    @cached_property
    def staged(self) -> list[int]:
        """The parameters whose text may be staged, by their place; the n-th in compartment n."""
        strings = [at for at, each in enumerate(self.params) if self.stages and _is_string(each)]
        return strings[:COMPARTMENTS]

    @cached_property
    def holds(self) -> bool:
        """Whether the result is a reference, which the glue stores into the result slot."""
        return self.this == "new" or d.is_reference(self.result)

    @property
    def borrows(self) -> bool:
        """Whether the result is an object by its looks alone, so that nobody knows whether it has been counted."""
        return self.guarded and not d.is_told(self.result)

    @cached_property
    def link(self) -> str:
        """The attribute of the runtime that holds what to call."""
        return self.link_to(self.export)

    def link_to(self, export: str) -> str:
        """The same for another export that is called in the same way.

        One export may be declared in several ways, with other arguments for the glue; each gets a link of its own.
        """
        texts = "".join(f"_{at}" for at in self.staged)
        opaque = "".join(f"_{at}" for at, part in enumerate((*self.params, self.result)) if part in _UNSETTLED)
        variant = "_static" * self.static + "_held" * self.holds + "_guarded" * self.guarded
        variant += "_untold" * self.borrows
        variant += "_counted" * self.counted + (texts and "_text" + texts)
        return link_name(export) + variant + (opaque and "_opaque" + opaque)

    @cached_property
    def type(self) -> FunctionType:
        """The WebAssembly signature that the declaration asks the export to have."""
        params: list[ValueType] = ["i32"] if self.this is not None else []
        params.extend(d.wasm_type(each) or "i32" for each in self.params)
        result = "i32" if self.this == "new" else d.wasm_type(self.result)
        return FunctionType(tuple(params), () if result is None else (result,))

    def accepts(self, found: FunctionType, *, drops: bool = False) -> bool:
        """Whether a function may be called so: it has the signature, but for what carries opaque values.

        Args:
            found: the type of the function.
            drops: it returns its own object, which the declaration leaves out.
        """
        wanted, first = self.type, self.this is not None
        if len(found.params) != len(wanted.params) or found.params[:first] != wanted.params[:first]:
            return False
        if not all(map(d.carried_by, self.params, found.params[first:])):
            return False
        if drops or len(found.results) != 1 or self.this == "new":
            return found.results == (("i32",) if drops else wanted.results)
        return d.carried_by(self.result, found.results[0])


def _is_string(descriptor: d.Descriptor) -> bool:
    return isinstance(descriptor.inner if isinstance(descriptor, d.Nullable) else descriptor, d.String)


def shape_of(function: Function) -> CallShape:
    """The shape of a declared function."""
    this: This = "new" if function.kind == "constructor" else "object" if function.takes_this else None
    return CallShape(
        export_of(function),
        this,
        tuple(parameter.type for parameter in function.parameters),
        function.result,
        counted=any(parameter.optional for parameter in function.parameters),
        stages=not function.is_global,
        static=function.kind == "static",
        guarded=function.guarded,
    )


def constructor_shape(export: str) -> CallShape:
    """The shape of a constructor without parameters."""
    return CallShape(export, "new", (), d.VOID)


def accessor_shapes(field: Field) -> tuple[CallShape, CallShape]:
    """The shapes of the exported getter and setter of a field."""
    prefix: str = field.owner.__asc_name__
    getter, setter = f"{prefix}#get:{field.export}", f"{prefix}#set:{field.export}"
    return CallShape(getter, "object", (), field.type), CallShape(setter, "object", (field.type,), d.VOID)


def export_of(function: Function) -> str:
    """The classic export name: `File#addLine`, `File#get:size`, `File.parse`, or the plain name."""
    prefix: str = getattr(function.owner, "__asc_name__", "")
    match function.kind:
        case "function":
            return function.export
        case "static":
            return f"{prefix}.{function.export}"
        case "constructor":
            return f"{prefix}#constructor"
        case "getter" if function.is_global:
            return f"get {function.export}"
        case "setter" if function.is_global:
            return f"set {function.export}"
        case "getter":
            return f"{prefix}#get:{function.export}"
        case "setter":
            return f"{prefix}#set:{function.export}"
        case _:
            return f"{prefix}#{function.export}"


def site_of(member: Function | Field, parameter: str = "") -> Site:
    """The place of a parameter, of a result (`RESULT`), or of a field or global."""
    return member.owner, member.name, parameter


def as_global(function: Function) -> Field:
    """The global that a property of a module class stands for."""
    type_ = function.result if function.kind == "getter" else function.parameters[0].type
    return Field(function.owner, function.name, function.export, type_, is_property=True)


def value_type(descriptor: d.Descriptor) -> ValueType:
    """The WebAssembly type of a parameter, field or global."""
    found = d.wasm_type(descriptor)
    assert found is not None
    return found
