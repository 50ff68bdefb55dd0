"""What the exports of a binary without a schema are: functions, globals, enums, classes and namespaces, by their names.

Up to 0.19 asc exports members of classes as `File#addLine`, `File#get:size`, `File#constructor`, `File.parse`, and the
run-time id of the class as a constant of its name; all exports `Color.Red` are members of an enum or a namespace.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wasmbind._adaptor_glue import VIRTUAL
from wasmbind._generate.names import member_identifier
from wasmbind._generate.stock import INTERNAL
from wasmbind._schema.exposing import START
from wasmbind._schema.model import FunctionType, GlobalType

if TYPE_CHECKING:
    from wasmbind._schema.model import Binary

__all__ = ["ClassExports", "Exports", "plain_name", "read_exports", "split_name"]

_LIBRARY: Final = re.compile(r"(?:[~\w.-]+/)+")
#: Names of AssemblyScript's library that people write otherwise.
_SHORT: Final = {"String": "string"}
_WORD: Final = re.compile(r"\w+")


@dataclass(slots=True)
class ClassExports:
    """The exported members of one class.

    Attributes:
        name: the class as the exports name it, `Map<~lib/string/String,i32>`.
        rt_id: its run-time id, None where no constant tells it.
        members: what takes an object first: methods, `get:size`, `set:size`, `constructor`.
        statics: static functions, and static accessors, `get:count`.
        values: static fields.
    """

    name: str
    rt_id: int | None
    members: dict[str, FunctionType] = field(default_factory=dict)
    statics: dict[str, FunctionType] = field(default_factory=dict)
    values: dict[str, GlobalType] = field(default_factory=dict)

    def results(self) -> set[str]:
        """The names of what has a result: fields, accessors, methods, statics."""
        found = {*self.statics, *self.values}
        for name in self.members:
            word, colon, value = name.partition(":")
            if name != "constructor" and not (colon and word == "set"):
                found.add(value if colon and word == "get" else name)
        return found


@dataclass(slots=True)
class Exports:
    """The exports of a binary, by their AssemblyScript names.

    Attributes:
        namespaces: the members of each dotted prefix that is no class and no enum.
    """

    functions: dict[str, FunctionType] = field(default_factory=dict)
    globals: dict[str, GlobalType] = field(default_factory=dict)
    classes: dict[str, ClassExports] = field(default_factory=dict)
    enums: dict[str, dict[str, int]] = field(default_factory=dict)
    namespaces: dict[str, list[str]] = field(default_factory=dict)


def plain_name(name: str) -> str:
    """A class as people write it: `Map<string,i32>` for `Map<~lib/string/String,i32>`."""
    short = _LIBRARY.sub("", name).replace(" ", "")
    return _WORD.sub(lambda found: _SHORT.get(found[0], found[0]), short)


def read_exports(binary: Binary) -> Exports:
    """Sort the exports of a binary."""
    found = Exports()
    for name in binary.exports:
        owner, sign, _ = name.partition("#")
        if name == START or name in VIRTUAL:
            continue
        if sign and owner not in found.classes:
            found.classes[owner] = ClassExports(owner, _rt_id(binary, owner))
    found.enums = _read_enums(binary, found.classes)
    for name, export in binary.exports.items():
        if name != START and name not in VIRTUAL:
            _sort(found, name, export.type)
    return found


def _rt_id(binary: Binary, name: str) -> int | None:
    known = binary.global_(name)
    if known is None or known.type != "i32" or known.mutable or not isinstance(known.value, int):
        return None
    return known.value


def _sort(found: Exports, name: str, type_: object) -> None:
    owner, sign, member = name.partition("#")
    if sign:
        if isinstance(type_, FunctionType):
            found.classes[owner].members[member] = type_
        return
    prefix, dot, member = split_name(name)
    if name in INTERNAL or prefix in found.enums or name in found.classes:
        return
    if dot and prefix in found.classes:
        if isinstance(type_, FunctionType):
            found.classes[prefix].statics[member] = type_
        elif isinstance(type_, GlobalType):
            found.classes[prefix].values[member] = type_
        return
    if isinstance(type_, FunctionType):
        found.functions[name] = type_
    elif isinstance(type_, GlobalType):
        found.globals[name] = type_
    if dot:
        found.namespaces.setdefault(prefix, []).append(member)


def split_name(name: str) -> tuple[str, str, str]:
    """A dotted name before and after its last dot; dots between `<` and `>` are part of a type."""
    return ("", "", name) if name.endswith(">") else name.rpartition(".")


def _read_enums(binary: Binary, classes: dict[str, ClassExports]) -> dict[str, dict[str, int]]:
    """Groups of constants under one name, which are enums more often than anything else."""
    groups: dict[str, dict[str, int]] = {}
    others: set[str] = set()
    for name, export in binary.exports.items():
        prefix, dot, member = split_name(name)
        if not dot or "#" in name:
            continue
        if name in classes:
            others.add(prefix)  # the id of a class in a namespace
            continue
        plain, type_ = member_identifier(member), export.type
        value = type_.value if isinstance(type_, GlobalType) and type_.type == "i32" and not type_.mutable else None
        if isinstance(value, int) and plain is not None:
            groups.setdefault(prefix, {})[plain] = value
        else:
            others.add(prefix)
    return {prefix: values for prefix, values in groups.items() if prefix not in others and prefix not in classes}
