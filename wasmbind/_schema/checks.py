"""Checks that what the parts of a schema say of each other holds."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from wasmbind._schema.nodes import SchemaError
from wasmbind._schema.schema import ClassType, EnumType, FunctionType, NamedType, Schema, SchemaClass

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_schema"]

#: No object is larger (`OBJECT_MAXSIZE`, std/assembly/rt/common.ts), and no module has so many classes.
_LARGEST = 1 << 30
#: Nobody writes types that are nested deeper, or spelled with more others.
_DEEPEST, _LONGEST = 64, 1000
#: Nobody derives from more classes; a longer chain for each of many classes would keep us busy.
_MOST_BASES = 256
_SIZES = {"i8": 1, "u8": 1, "bool": 1, "i16": 2, "u16": 2, "i64": 8, "u64": 8, "f64": 8, "v128": 16}


def check_schema(schema: Schema) -> None:
    """Refuse indices that lead nowhere, types made of themselves, and fields outside their class.

    Raises:
        SchemaError: there is such a thing.
    """
    for number in _type_references(schema):
        if number is not None and number >= len(schema.types):
            raise SchemaError(f"the schema refers to type {number} of {len(schema.types)}")
    for number in _class_references(schema):
        if number is not None and number >= len(schema.classes):
            raise SchemaError(f"the schema refers to class {number} of {len(schema.classes)}")
    for type_ in schema.types:
        if isinstance(type_, EnumType) and type_.index >= len(schema.enums):
            raise SchemaError(f"the schema refers to enum {type_.index} of {len(schema.enums)}")
    _check_nesting(schema)
    _check_names(schema)
    for found in schema.classes:
        _check_class(schema, found)


def _check_class(schema: Schema, found: SchemaClass) -> None:
    """Refuse a class that cannot be, and fields that do not lie inside of it."""
    if found.id is not None and found.id > _LARGEST:
        raise SchemaError(f"the run-time id of {found.internal} is {found.id}")
    if found.generic is not None and not found.arguments:
        raise SchemaError(f"{found.internal} has no type arguments")
    if found.size > _LARGEST:
        raise SchemaError(f"{found.internal} is {found.size} bytes large")
    base = next(iter(list(schema.bases(found.index))[1:]), None)
    if base is not None and not found.is_interface and found.size < base.size:
        raise SchemaError(f"{found.internal} is smaller than {base.internal}, which it derives from")
    for field in found.fields.values():
        entry = schema.types[field.type]
        size = _SIZES.get(entry.name, 4) if isinstance(entry, NamedType) else 4
        if field.offset + size > found.size or field.offset % size:
            raise SchemaError(f"{found.internal}.{field.name} does not lie at a place for it, byte {field.offset}")


def _check_names(schema: Schema) -> None:
    """Refuse two classes that nothing tells apart, and those that derive from themselves."""
    for found in schema.classes:
        chain = list(itertools.islice(schema.bases(found.index), _MOST_BASES))
        if len(chain) == _MOST_BASES:
            raise SchemaError(f"{found.internal} derives from {_MOST_BASES} classes or more")
        if chain[-1].base is not None:
            raise SchemaError(f"{found.internal} derives from itself")
    for what in ("internal", "prefix", "id"):
        taken: set[object] = set()
        for found in schema.classes:
            value = getattr(found, what)
            if value is not None and value in taken:
                raise SchemaError(f"two classes of the schema have the {what} {value}")
            taken.add(value)


def _check_nesting(schema: Schema) -> None:
    """Refuse types that are made of themselves, or of more others than any source spells out."""
    weights: dict[int, int] = {}

    def weigh(index: int, depth: int) -> int:
        """How many types a type is spelled with."""
        if depth > _DEEPEST:
            raise SchemaError(f"type {index} of the schema is made of itself, or nested more than {_DEEPEST} deep")
        if index not in weights:
            found = schema.types[index]
            parts: list[int | None] = []
            if isinstance(found, ClassType):
                parts = list(schema.classes[found.index].arguments)
            elif isinstance(found, FunctionType):
                parts = [*found.params, found.returns, found.this]
            weights[index] = 1 + sum(weigh(part, depth + 1) for part in parts if part is not None)
            if weights[index] > _LONGEST:
                raise SchemaError(f"type {index} of the schema is spelled with {weights[index]} types")
        return weights[index]

    for found in schema.classes:
        for argument in found.arguments:
            weigh(argument, 0)
    for index in range(len(schema.types)):
        weigh(index, 0)


def _type_references(schema: Schema) -> Iterator[int | None]:
    for type_ in schema.types:
        if isinstance(type_, FunctionType):
            yield from (*type_.params, type_.returns, type_.this)
    functions = [*schema.functions.values(), *(item.function for item in schema.imports if item.function is not None)]
    for found in schema.classes:
        yield from found.arguments
        yield from (member.type for member in found.fields.values())
        yield from (member.type for member in found.properties.values())
        yield from (member.type for member in found.statics.values())
        functions += [*found.methods.values(), *([found.constructor] if found.constructor is not None else [])]
    for function in functions:
        yield function.returns
        yield from (parameter.type for parameter in function.params)
    yield from (found.type for found in schema.globals.values())
    yield from (item.type for item in schema.imports)


def _class_references(schema: Schema) -> Iterator[int | None]:
    for type_ in schema.types:
        if isinstance(type_, (ClassType, FunctionType)):
            yield type_.index
    for found in schema.classes:
        yield found.base
        yield from found.implements
