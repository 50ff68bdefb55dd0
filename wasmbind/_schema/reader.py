"""Reads the section `wasmbind`: from JSON that anybody may have written to a `Schema` that holds together.

Whatever is read afterwards can rely on it: every index leads to something, every field lies inside its class
and is aligned.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from wasmbind._schema.checks import check_schema
from wasmbind._schema.nodes import Node, SchemaError
from wasmbind._schema.schema import (
    AscType,
    ClassType,
    EnumType,
    FunctionType,
    NamedType,
    Schema,
    SchemaClass,
    SchemaEnum,
    SchemaField,
    SchemaFunction,
    SchemaGlobal,
    SchemaImport,
    SchemaParameter,
    SchemaProperty,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SUPPORTED", "SchemaError", "read_schema"]

#: The major version of the format that this reader knows.
SUPPORTED = 1
N = TypeVar("N", SchemaFunction, SchemaGlobal, SchemaField)


def read_schema(section: bytes) -> Schema:
    """Read the content of the section.

    Raises:
        SchemaError: it is of a newer major version, or does not hold together.
    """
    try:
        data = json.loads(section)
    except (ValueError, RecursionError):
        raise SchemaError("the section `wasmbind` is no JSON") from None
    root = Node(data, "schema")
    version = _version(root)
    schema = Schema(
        version=version,
        asc=root.text("asc"),
        runtime=root.text("runtime"),
        features=tuple(item.as_text() for item in root.items("features")),
        flags=frozenset(name for name, _ in root.entries("flags") if root.at("flags").flag(name)),
        types=tuple(_type(item) for item in root.items("types")),
        classes=tuple(_class(item, index) for index, item in enumerate(root.items("classes"))),
        functions=_by_name(_function(item, item.text("name")) for item in root.items("functions")),
        globals=_by_name(_global(item) for item in root.items("globals")),
        enums=tuple(_enum(item) for item in root.items("enums")),
        imports=tuple(_import(item) for item in root.items("imports")),
        skipped={name: reason.as_text() for name, reason in root.entries("skipped")},
    )
    check_schema(schema)
    return schema


def _version(root: Node) -> tuple[int, int]:
    text = root.text("version")
    major, _, minor = text.partition(".")
    if not (major.isdecimal() and minor.isdecimal() and len(text) < 16):
        raise SchemaError(f"the version of the schema is {text!r}")
    if int(major) > SUPPORTED:
        problem = f"the schema is of version {text}, and this wasmbind reads {SUPPORTED}.x"
        raise SchemaError(problem, "upgrade wasmbind, or compile with the wasmbind that is installed here")
    if int(major) < SUPPORTED:
        raise SchemaError(f"the schema is of version {text}, and this wasmbind reads {SUPPORTED}.x")
    return int(major), int(minor)


def _by_name(items: Iterable[N]) -> dict[str, N]:
    return {item.name: item for item in items}


def _type(node: Node) -> AscType:
    if isinstance(node.value, str):
        return NamedType(node.value)
    nullable = node.flag("nullable")
    if (index := node.get("class")) is not None and node.get("function") is None:
        return ClassType(index.as_number(), nullable)
    if (index := node.get("enum")) is not None:
        return EnumType(index.as_number())
    if (function := node.get("function")) is not None:
        params = tuple(item.as_number() for item in function.items("params"))
        returns, this = function.optional_number("returns"), function.optional_number("this")
        return FunctionType(params, returns, this, node.optional_number("class"), nullable)
    raise SchemaError(f"{node.path} is no type")


def _function(node: Node, name: str) -> SchemaFunction:
    return SchemaFunction(
        name=name,
        params=tuple(_parameter(item) for item in node.items("params")),
        returns=node.optional_number("returns"),
        static=node.flag("static"),
        access=node.access(),
        doc=node.optional_text("doc"),
    )


def _parameter(node: Node) -> SchemaParameter:
    items = node.as_items()
    if len(items) < 2:
        raise SchemaError(f"{node.path} is no parameter")
    default = items[2] if len(items) > 2 else None
    text = default.as_text() if default is not None and default.value is not None else None
    return SchemaParameter(items[0].as_text(), items[1].as_number(), default is not None, text)


def _global(node: Node) -> SchemaGlobal:
    value = node.get("value")
    if value is not None and not isinstance(value.value, (int, float, str)):
        raise SchemaError(f"{value.path} is no value")
    return SchemaGlobal(
        name=node.text("name"),
        type=node.number("type"),
        const=node.flag("const"),
        value=None if value is None else value.value,
        access=node.access(),
        doc=node.optional_text("doc"),
    )


def _enum(node: Node) -> SchemaEnum:
    values: dict[str, int | None] = {}
    for name, value in node.entries("values"):
        if value.value is not None and type(value.value) is not int:
            raise SchemaError(f"{value.path} is no value of an enum")
        values[name] = value.value
    return SchemaEnum(
        internal=node.text("internal"),
        values=values,
        export=node.optional_text("export"),
        const=node.flag("const"),
        doc=node.optional_text("doc"),
    )


def _import(node: Node) -> SchemaImport:
    type_ = node.optional_number("type")
    function = _function(node, node.text("name")) if type_ is None else None
    return SchemaImport(node.text("module"), node.text("name"), function, type_)


def _class(node: Node, index: int) -> SchemaClass:
    constructor = node.get("constructor")
    methods = [_function(item, item.text("name")) for item in node.items("methods")]
    properties = [_property(item) for item in node.items("properties")]
    return SchemaClass(
        index=index,
        internal=node.text("internal"),
        size=node.optional_number("size") or 0,
        id=node.optional_number("id"),
        export=node.optional_text("export"),
        aliases=tuple(item.as_text() for item in node.items("aliases")),
        base=node.optional_number("base"),
        implements=tuple(item.as_number() for item in node.items("implements")),
        is_interface=node.optional_text("kind") == "interface",
        abstract=node.flag("abstract"),
        unmanaged=node.flag("unmanaged"),
        generic=node.optional_text("generic"),
        generic_export=node.optional_text("genericExport"),
        arguments=tuple(item.as_number() for item in node.items("arguments")),
        fields=_by_name(_field(item) for item in node.items("fields")),
        constructor=None if constructor is None else _function(constructor, "constructor"),
        methods={(method.name, method.static): method for method in methods},
        properties={(property_.name, property_.static): property_ for property_ in properties},
        statics=_by_name(_global(item) for item in node.items("statics")),
        operators={operator: name.as_text() for operator, name in node.entries("operators")},
        doc=node.optional_text("doc"),
    )


def _field(node: Node) -> SchemaField:
    return SchemaField(
        name=node.text("name"),
        type=node.number("type"),
        offset=node.number("offset"),
        readonly=node.flag("readonly"),
        access=node.access(),
        default=node.optional_text("default"),
        doc=node.optional_text("doc"),
    )


def _property(node: Node) -> SchemaProperty:
    return SchemaProperty(
        name=node.text("name"),
        type=node.number("type"),
        get=node.flag("get"),
        set=node.flag("set"),
        static=node.flag("static"),
        access=node.access(),
        doc=node.optional_text("doc"),
    )
