"""An inspection as JSON: what `wasmbind inspect --json` prints. `docs/inspecting.md` documents it key by key.

Keys are added, never renamed or removed, without another `format`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wasmbind._inspect.inspection import class_names, import_signatures, signatures
from wasmbind._inspect.pictures import is_library, picture
from wasmbind._inspect.provided import provider_of
from wasmbind._inspect.statics import describe_type
from wasmbind._schema.model import FunctionType, GlobalType
from wasmbind._schema.nodes import SECTION

if TYPE_CHECKING:
    from wasmbind._inspect.inspection import Inspection
    from wasmbind._inspect.structure import Limits
    from wasmbind._schema.model import OtherKind
    from wasmbind._schema.schema import Schema, SchemaClass

__all__ = ["FORMAT", "document"]

FORMAT: Final = 1


def document(found: Inspection) -> dict[str, Any]:
    """Everything about a binary, as what JSON is made of."""
    binary, structure, schema = found.binary, found.structure, found.binary.schema
    typed = {} if schema is None else signatures(schema)
    wanted = {} if schema is None else import_signatures(schema)
    return {
        "format": FORMAT,
        "file": {"name": found.path.name, "bytes": found.size, "sha256": found.digest, "sourceMap": found.source_map},
        "schema": _schema(found),
        "abi": {
            "name": found.abi.abi.name,
            "asc": found.abi.abi.asc,
            "objects": found.abi.abi.usable,
            "why": list(found.abi.why),
        },
        "sections": [
            {"name": each.name, "custom": each.custom, "bytes": each.size, "items": each.items}
            for each in structure.sections
        ],
        "start": None
        if structure.start is None
        else {"function": structure.start, "exports": structure.exported_functions.get(structure.start, [])},
        "memories": [_limits(each) for each in structure.memories],
        "tables": [_limits(each) for each in structure.tables],
        "imports": [
            {
                "module": each.module,
                "name": each.name,
                **_type(each.type),
                "asc": wanted.get((each.module, each.name)),
                "providedBy": provider_of(each),
            }
            for each in binary.imports
        ],
        "exports": [
            {"name": each.name, **_type(each.type), "asc": typed.get(each.name)} for each in binary.exports.values()
        ],
        "types": _types(found),
        "classes": [] if schema is None else [_class(schema, each) for each in schema.classes],
        "enums": []
        if schema is None
        else [{"name": each.name, "internal": each.internal, "values": dict(each.values)} for each in schema.enums],
    }


def _schema(found: Inspection) -> dict[str, Any] | None:
    schema = found.binary.schema
    if found.schema_problem is not None:
        return {"problem": found.schema_problem}
    if schema is None:
        return None
    return {
        "version": ".".join(map(str, schema.version)),
        "bytes": len(found.binary.sections[SECTION]),
        "asc": schema.asc,
        "runtime": schema.runtime,
        "features": list(schema.features),
        "flags": sorted(schema.flags),
        "skipped": dict(schema.skipped),
    }


def _limits(found: Limits) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "least": found.least,
        "most": found.most,
        "import": None if found.imported is None else list(found.imported),
        "exports": list(found.exports),
    }


def _type(type_: FunctionType | GlobalType | OtherKind) -> dict[str, Any]:
    match type_:
        case FunctionType():
            return {"kind": "function", "params": list(type_.params), "results": list(type_.results)}
        case GlobalType():
            # JSON has no NaN and no infinity.
            value = type_.value if type_.value is None or abs(type_.value) < float("inf") else str(type_.value)
            return {"kind": "global", "type": type_.type, "mutable": type_.mutable, "value": value}
        case _:
            return {"kind": type_}


def _types(found: Inspection) -> dict[str, Any]:
    types = found.types
    if isinstance(types, str):
        return {"problem": types}
    named = class_names(found)
    return {
        "classes": [
            {
                "id": rt_id,
                "flags": flags,
                "kind": describe_type(types, rt_id),
                "base": types.base_of(rt_id),
                "name": named.get(rt_id),
            }
            for rt_id, flags in enumerate(types.flags)
        ]
    }


def _class(schema: Schema, cls: SchemaClass) -> dict[str, Any]:
    return {
        "name": schema.show_class(cls.index),
        "internal": cls.internal,
        "export": cls.export,
        "id": cls.id,
        "bytes": cls.size,
        "base": None if cls.base is None else schema.show_class(cls.base),
        "interface": cls.is_interface,
        "abstract": cls.abstract,
        "unmanaged": cls.unmanaged,
        "library": is_library(cls),
        "layout": [
            {
                "kind": row.kind,
                "offset": row.offset,
                "bytes": row.size,
                **({"name": row.name} if row.kind != "padding" else {}),
                **(
                    {
                        "type": row.type,
                        "from": row.owner,
                        "access": row.access,
                        "readonly": row.readonly,
                        "overlaps": row.overlaps,
                    }
                    if row.kind == "field"
                    else {}
                ),
            }
            for row in picture(schema, cls)
        ],
    }
