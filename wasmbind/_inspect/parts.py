"""What people read about a binary, as titled facts and tables, whatever they are printed with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wasmbind._inspect.inspection import class_names, import_signatures, signatures
from wasmbind._inspect.pictures import bytes_of_row, is_library, picture
from wasmbind._inspect.provided import provider_of
from wasmbind._inspect.statics import describe_type
from wasmbind._schema.model import FunctionType, GlobalType
from wasmbind._schema.nodes import SECTION
from wasmbind._schema.starts import STARTS
from wasmbind._sourcemap import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wasmbind._inspect.inspection import Inspection
    from wasmbind._inspect.pictures import Row
    from wasmbind._inspect.structure import Limits
    from wasmbind._schema.model import OtherKind
    from wasmbind._schema.schema import Schema, SchemaClass

__all__ = ["Part", "describe"]

_PAGE: Final = 65_536
_WORD, _VECTOR = 8, 16
_PROVIDED: Final = {"default": "wasmbind", "wasi": "wasmbind (WASI)", None: "you"}


@dataclass(slots=True)
class Part:
    """A table with a title; one without a header is a list of facts.

    Attributes:
        header: the titles of the columns, empty for facts.
        numbers: the columns that are numbers, which are aligned to the right.
    """

    title: str
    header: tuple[str, ...] = ()
    numbers: frozenset[int] = frozenset()
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: object) -> None:
        """Add a row; what a terminal could take for commands is replaced."""
        self.rows.append(tuple("" if cell is None else printable(str(cell)) for cell in cells))


def describe(found: Inspection) -> Iterator[Part]:
    """Everything about a binary, part by part; parts and columns that would be empty are left out."""
    return (_without_empty_columns(part) for part in _parts(found) if part.rows)


def _without_empty_columns(part: Part) -> Part:
    kept = [place for place in range(len(part.header)) if any(row[place] for row in part.rows)]
    if len(kept) == len(part.header):
        return part
    return Part(
        part.title,
        tuple(part.header[place] for place in kept),
        frozenset(new for new, place in enumerate(kept) if place in part.numbers),
        [tuple(row[place] for place in kept) for row in part.rows],
    )


def _parts(found: Inspection) -> Iterator[Part]:
    yield _overview(found)
    yield _sections(found)
    yield _imports(found)
    yield from _exports(found)
    yield from _types(found)
    schema = found.binary.schema
    if schema is not None:
        for cls in schema.classes:
            if cls.size and not is_library(cls):
                yield _picture(schema, cls)
        enums = Part("Enums", ("name", "values"))
        for enum in schema.enums:
            # Values that the start function computes are not known before it runs.
            values = (f"{name} = {'?' if value is None else value}" for name, value in enum.values.items())
            enums.add(enum.name, ", ".join(values))
        yield enums
        left_out = Part("Members left out", ("member", "why"))
        for name, reason in schema.skipped.items():
            left_out.add(name, reason)
        yield left_out


def _overview(found: Inspection) -> Part:
    part = Part(printable(found.path.name))
    schema, structure, abi = found.binary.schema, found.structure, found.abi.abi
    part.add("size", f"{found.size:,} bytes")
    if schema is None:
        part.add("schema", f"cannot be used: {found.schema_problem}" if found.schema_problem else "none")
    else:
        part.add("compiler", f"asc {schema.asc}, runtime {schema.runtime}")
        part.add("features", ", ".join(schema.features) or "none")
        version, size = ".".join(map(str, schema.version)), len(found.binary.sections[SECTION])
        part.add("schema", f"version {version}, {size:,} bytes")
        part.add("flags", ", ".join(sorted(schema.flags)) or "none")
    part.add("ABI", f"{abi.name}, asc {abi.asc}: {'; '.join(found.abi.why)}")
    part.add("objects", "can be used" if abi.usable else "cannot be used, only numbers can")
    for memory in structure.memories:
        bound = "without a maximum" if memory.most is None else f"at most {memory.most:,}"
        pages = f"{memory.least:,} page{'s' * (memory.least != 1)} ({memory.least * _PAGE:,} bytes)"
        part.add("memory", f"{_kind(memory)}{pages}, {bound}{_ends(memory)}")
    for table in structure.tables:
        bound = "without a maximum" if table.most is None else f"at most {table.most:,}"
        part.add("table", f"{table.least:,} of {table.kind}, {bound}{_ends(table)}")
    part.add("start", _start(found))
    part.add("source map", "none beside it" if found.source_map is None else f"beside it, {found.source_map:,} bytes")
    return part


def _kind(memory: Limits) -> str:
    return "" if memory.kind == "32-bit" else f"{memory.kind}, "


def _ends(limits: Limits) -> str:
    """Where a memory or a table comes from, and by which names it goes."""
    imported = "" if limits.imported is None else f", imported as {'.'.join(limits.imported)}"
    return f"{imported}, exported as {', '.join(limits.exports)}" if limits.exports else imported


def _start(found: Inspection) -> str:
    said: list[str] = []
    index = found.structure.start
    if index is not None:
        names = found.structure.exported_functions.get(index, [])
        said.append(f"section: function {index}{f', exported as {names[0]}' if names else ''}")
    said += [f"export {name}" for name in STARTS if found.binary.function(name) == FunctionType((), ())]
    said += [f"export {name}, which begins like one" for name in found.binary.guarded]
    return "; ".join(said) or "none"


def _sections(found: Inspection) -> Part:
    part = Part("Sections", ("section", "items", "bytes"), frozenset({1, 2}))
    for each in found.structure.sections:
        items = None if each.items is None else f"{each.items:,}"
        part.add(f"custom: {each.name}" if each.custom else each.name, items, f"{each.size:,}")
    return part


def _imports(found: Inspection) -> Part:
    binary, schema = found.binary, found.binary.schema
    typed = {} if schema is None else import_signatures(schema)
    part = Part("Imports", ("module", "name", "type", "AssemblyScript", "given by"))
    for wanted in binary.imports:
        key = wanted.module, wanted.name
        part.add(*key, _show(wanted.type), typed.get(key), _PROVIDED[provider_of(wanted)])
    return part


def _exports(found: Inspection) -> Iterator[Part]:
    schema = found.binary.schema
    typed = {} if schema is None else signatures(schema)
    prefixes = set() if schema is None else {cls.prefix for cls in schema.classes}
    header = ("name", "type", "AssemblyScript")
    own, members = Part("Exports", header), Part("Exported members of classes", header)
    for each in found.binary.exports.values():
        owner, mark, _ = each.name.partition("#")
        part = members if (owner if mark else each.name.rpartition(".")[0]) in prefixes else own
        part.add(each.name, _show(each.type), typed.get(each.name))
    yield from (own, members)


def _show(type_: FunctionType | GlobalType | OtherKind) -> str:
    if isinstance(type_, GlobalType) and type_.value is not None:
        return f"{type_} = {type_.value!r}"
    return str(type_)


def _types(found: Inspection) -> Iterator[Part]:
    types, schema = found.types, found.binary.schema
    if isinstance(types, str) and schema is None:
        return  # the overview says why
    by_id: dict[int, SchemaClass] = {} if schema is None else schema.class_of_id
    names = class_names(found)
    count = 0 if isinstance(types, str) else len(types.flags)
    header = ("id", "class", "bytes", "derives from", "type table")
    part = Part("Classes", header, frozenset({0, 2}))
    for rt_id in sorted({*range(count), *by_id}):
        cls = by_id.get(rt_id)
        name, size, base = names.get(rt_id), None, None
        if cls is not None and schema is not None:
            name = f"{name}{_traits(cls)}"
            size = None if cls.is_interface else f"{cls.size:,}"
            base = None if cls.base is None else schema.show_class(cls.base)
        elif not isinstance(types, str) and (above := types.base_of(rt_id)) is not None:  # where a schema does not tell
            base = names.get(above, f"id {above}")
        told = describe_type(types, rt_id) if not isinstance(types, str) and rt_id < count else None
        part.add(rt_id, name, size, base, told)
    yield part


def _traits(cls: SchemaClass) -> str:
    traits = [word for word, holds in (("interface", cls.is_interface), ("abstract", cls.abstract)) if holds]
    return f" ({', '.join(traits)})" if traits else ""


def _picture(schema: Schema, cls: SchemaClass) -> Part:
    about = "unmanaged" if cls.id is None else f"class {cls.id}"
    rows = picture(schema, cls)
    width = _VECTOR if any(row.size == _VECTOR and row.kind == "field" for row in rows) else _WORD
    title = printable(f"{schema.show_class(cls.index)}: {about}, {cls.size:,} bytes")
    part = Part(title, ("offset", "bytes", "in memory", "type", "field"), frozenset({0, 1}))
    for row in rows:
        part.add(row.offset, row.size, bytes_of_row(row, width), row.type, _label(row))
    return part


def _label(row: Row) -> str:
    if row.kind != "field":
        return "(padding)" if row.kind == "padding" else f"(of {row.name})"
    remarks: Sequence[str] = [
        *([f"from {row.owner}"] if row.owner is not None else []),
        *([row.access] if row.access != "public" else []),
        *(["readonly"] if row.readonly else []),
        *(["overlaps what is before it"] if row.overlaps else []),
    ]
    return f"{row.name} ({', '.join(remarks)})" if remarks else row.name
