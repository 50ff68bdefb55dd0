"""The glue of a live class: the members that its generated methods call, and those that its own code runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind import _descriptors as d
from wasmbind._function_glue import add_function_call
from wasmbind._glue import Glue, GlueFunction
from wasmbind._layout import storage_of
from wasmbind._schema.abis import announces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wasmbind._live.base import Live
    from wasmbind._schema.evidence import Hash
    from wasmbind._schema.model import Binary, FunctionType
    from wasmbind._schema.rtti import Rtti

__all__ = ["SCRATCH", "collection_glue"]

#: Scratch slots that members use for objects that they make; those before are for a result, a key and a value.
_TEMPORARIES: Final = (3, 4)
#: The number of scratch slots that the members of live classes need.
SCRATCH: Final = 5


def collection_glue(
    binary: Binary, rtti: Rtti, cls: type[Live], compiled: Mapping[str, str], hashed: Hash
) -> tuple[Glue, dict[str, FunctionType]]:
    """The glue of a live class, and the types of what it exports.

    Args:
        binary: the binary.
        rtti: its type table.
        cls: a concrete class.
        compiled: the exports of members that AssemblyScript compiled, by name.
        hashed: how the module's Map and Set hash.
    """
    glue = Glue(binary)
    codec = cls.__asc_codec__
    kind = cls.__asc_kind__
    if kind in ("Map", "Set"):
        from wasmbind._map_glue import add_map  # noqa: PLC0415 - slow to import, for modules with maps

        key, *values = map(storage_of, (part.descriptor for part in codec.arguments))
        value = values[0] if values else None
        ids = {"buffer_id": rtti.buffer_id, "string_id": rtti.string_id}
        add_map(glue, key, value, **ids, temporaries=_TEMPORARIES, compiled=compiled, hashed=hashed)
    elif kind == "Array":
        from wasmbind._array_glue import add_array  # noqa: PLC0415 - the same for arrays

        element = storage_of(d.element_of(codec.descriptor))
        add_array(glue, element, buffer_id=rtti.buffer_id, temporaries=_TEMPORARIES, compiled=compiled)
    elif kind == "StaticArray" and storage_of(d.element_of(codec.descriptor)).is_managed:
        from wasmbind._array_glue import add_static_array  # noqa: PLC0415 - the same

        add_static_array(glue, buffer_id=rtti.buffer_id)
    elif kind == "Function":
        add_function_call(glue, cls.__asc_plans__[0].shape.type)
    types: dict[str, FunctionType] = {}
    for name, type_ in glue.defined.items():
        glue.define(f'  (export "{name}" (func ${name}))')
        types[name] = type_
    for plan in cls.__asc_plans__:
        if plan.link in types:
            continue
        texts = tuple((1 + plan.parameters.index(text), plan.copied.index(text) + 1) for text in plan.staged)
        type_ = glue.defined[plan.export]
        # What takes optional arguments looks at their number even if all are given.
        count = len(plan.parameters) if kind == "Function" and announces(binary) else None
        holds, borrowed = plan.shape.holds, kind != "Function"
        function = GlueFunction(plan.export, plan.link, type_, holds, count=count, staged=texts, borrowed=borrowed)
        glue.add_function(function, rtti.string_id)
        types[plan.link] = type_
    return glue, types
