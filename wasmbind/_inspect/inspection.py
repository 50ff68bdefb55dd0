"""Everything that `wasmbind inspect` knows about one binary."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wasmbind._inspect.statics import read_static_objects, read_static_types
from wasmbind._inspect.structure import read_structure, without_section
from wasmbind._schema.abis import find_abi
from wasmbind._schema.binary import read_binary
from wasmbind._schema.format import BinaryFormatError
from wasmbind._schema.nodes import SECTION, SchemaError
from wasmbind._schema.schema import NamedType
from wasmbind._schema.starts import find_guarded

if TYPE_CHECKING:
    from pathlib import Path

    from wasmbind._inspect.structure import Structure
    from wasmbind._schema.abis import Found
    from wasmbind._schema.model import Binary
    from wasmbind._schema.rtti import Rtti
    from wasmbind._schema.schema import Schema, SchemaClass, SchemaGlobal

__all__ = ["Inspection", "UnreadableError", "class_names", "import_signatures", "inspect_file", "signatures"]


#: Characters of the name of a class, with its file's, or of an enum.
_LONGEST_NAME: Final = 1000


class UnreadableError(ValueError):
    """A file that is not there, or no binary; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """A binary, read.

    Attributes:
        size: bytes of the file.
        digest: its SHA-256.
        schema_problem: why its schema cannot be used, None if it can or there is none.
        types: its type table, or why that is not known.
        source_map: bytes of the source map beside it, None if there is none.
    """

    path: Path
    size: int
    digest: str
    binary: Binary
    schema_problem: str | None
    structure: Structure
    types: Rtti | str
    abi: Found
    source_map: int | None


def inspect_file(path: Path) -> Inspection:
    """Read a binary.

    Raises:
        UnreadableError: it cannot be read, or is no module.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}\n  looked at  {path.absolute()}") from None
    problem = None
    try:
        try:
            binary = read_binary(data, path.name)
            if binary.schema is not None:
                _check_names(binary.schema)
        except SchemaError as error:
            problem = f"{error}; {error.fix}"
            binary = read_binary(without_section(data, SECTION), path.name)
        binary = dataclasses.replace(binary, guarded=find_guarded(data, binary))
        structure = read_structure(data)
    except BinaryFormatError as error:
        raise UnreadableError(f"{path} is no WebAssembly module: {error}\n  fix  {error.fix(str(path))}") from None
    types = read_static_types(binary, structure.segments)
    beside = path.with_name(f"{path.name}.map")
    return Inspection(
        path=path,
        size=len(data),
        digest=hashlib.sha256(data).hexdigest(),
        binary=binary,
        schema_problem=problem,
        structure=structure,
        types=types,
        abi=find_abi(binary, types, read_static_objects(binary, structure.segments)),
        source_map=beside.stat().st_size if beside.is_file() else None,
    )


def _check_names(schema: Schema) -> None:
    """Refuse names that no source has: a type is spelled with many, and a signature with many types.

    Raises:
        SchemaError: there is one.
    """
    names = [type_.name for type_ in schema.types if isinstance(type_, NamedType)]
    names += [enum.name for enum in schema.enums]
    for cls in schema.classes:
        names += [cls.internal.partition("<")[0], cls.export or "", cls.generic_export or ""]
    longest = max(map(len, names), default=0)
    if longest > _LONGEST_NAME:
        raise SchemaError(f"the schema has a name of {longest:,} characters")


def class_names(found: Inspection) -> dict[int, str]:
    """The names of classes by run-time id, as far as the binary tells them."""
    binary = found.binary
    if binary.schema is not None:
        return {rt_id: binary.schema.show_class(cls.index) for rt_id, cls in binary.schema.class_of_id.items()}
    if not found.abi.abi.members:
        return {}
    # A class is a global with its id there, and its members start with its name.
    classes = {name.partition("#")[0] for name in binary.functions() if "#" in name}
    ids = {name: type_.value for name in classes if (type_ := binary.global_(name)) is not None}
    return {value: name for name, value in sorted(ids.items()) if isinstance(value, int)}


def import_signatures(schema: Schema) -> dict[tuple[str, str], str]:
    """What AssemblyScript calls each import, by module and name: its signature, or the type of a global."""
    return {
        (each.module, each.name): schema.show(each.type)
        if each.function is None
        else schema.show_function(each.function)
        for each in schema.imports
    }


def signatures(schema: Schema) -> dict[str, str]:
    """What AssemblyScript calls each export: its signature, or the type of a global."""
    found = {name: schema.show_function(function) for name, function in schema.functions.items()}
    found.update({name: _of_global(schema, each) for name, each in schema.globals.items()})
    for enum in schema.enums:
        found.update({f"{enum.name}.{name}": enum.name for name in enum.values})
    for cls in schema.classes:
        found.update(_of_members(schema, cls))
    return found


def _of_members(schema: Schema, cls: SchemaClass) -> dict[str, str]:
    found: dict[str, str] = {}
    if cls.constructor is not None:
        parameters = schema.show_function(cls.constructor).rpartition(" -> ")[0]
        found[f"{cls.prefix}#constructor"] = f"{parameters} -> {schema.show_class(cls.index)}"
    for (name, static), method in cls.methods.items():
        found[f"{cls.prefix}{'.' if static else '#'}{name}"] = schema.show_function(method)
    accessors = [(each.name, each.static, each.type) for each in cls.properties.values()]
    for name, static, type_ in [*accessors, *((each.name, False, each.type) for each in cls.fields.values())]:
        mark, shown = "." if static else "#", schema.show(type_)
        found[f"{cls.prefix}{mark}get:{name}"] = f"() -> {shown}"
        found[f"{cls.prefix}{mark}set:{name}"] = f"({name}: {shown}) -> void"
    found.update({f"{cls.prefix}.{name}": _of_global(schema, each) for name, each in cls.statics.items()})
    return found


def _of_global(schema: Schema, found: SchemaGlobal) -> str:
    value = "" if found.value is None else f" = {found.value!r:.60}"
    return f"{schema.show(found.type)}{value}"
