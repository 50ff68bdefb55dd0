"""What binaries without a schema tell: exports and their WebAssembly types."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wasmbind._generate.module import ModuleFunction, ModuleMembers, ModuleValue, is_provided
from wasmbind._generate.names import RESERVED, MemberNames, class_identifier, member_identifier, quote
from wasmbind._generate.text import ClassText, Item, comment, field_item, function_item, left_out
from wasmbind._schema.model import FunctionType, GlobalType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wasmbind._schema.model import Binary

__all__ = ["INTERNAL", "Stock", "read_stock"]

#: What an annotation stands for that the binary does not tell from others.
_NOTES: Final = {"i32": "i32, or a bool, smaller integer or reference", "i64": "i64 or u64"}
_NUMBERS: Final = frozenset({"i32", "i64", "f32", "f64"})
#: Exports that are the runtime's and the linker's.
INTERNAL: Final = frozenset(
    {
        "__alloc",
        "__allocArray",
        "__argumentsLength",
        "__collect",
        "__data_end",
        "__finalize",
        "__free",
        "__heap_base",
        "__link",
        "__memory_base",
        "__new",
        "__pin",
        "__realloc",
        "__release",
        "__renew",
        "__reset",
        "__retain",
        "__rtti_base",
        "__setArgumentsLength",
        "__setargc",
        "__stack_pointer",
        "__start",
        "__table_base",
        "__unpin",
        "_initialize",
        "_start",
        "memory",
        "table",
        "~argumentsLength",
        "~setArgumentsLength",
    }
)
_REMARK: Final = (
    "The binary tells WebAssembly's types only. Where a comment says that an `i32` may be something else, write what"
    " AssemblyScript declares: a bool, a smaller integer, a string, a class. Binaries of `wasmbind build` tell it."
)
_OPTIONAL: Final = (
    "Some functions have optional parameters: declare these with `= ...`, or calling the functions may trap."
)


@dataclass(slots=True)
class Stock:
    """What is declared of a binary without a schema.

    Attributes:
        listed: the classes that `classes=` has to name.
        taken: the names of classes and enums.
    """

    members: ModuleMembers = field(default_factory=ModuleMembers)
    classes: list[ClassText] = field(default_factory=list)
    enums: list[list[str]] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)


def read_stock(binary: Binary, rename: str | None, module: str, taken: Iterable[str] = ()) -> Stock:
    """Read a binary that has no schema.

    Args:
        binary: the binary.
        rename: ``"snake"`` for snake_case names.
        module: what the module's class is called, unless a class has that name.
        taken: names that no class may have.
    """
    return _Reader(binary, rename, taken).read(module)


class _Reader:
    def __init__(self, binary: Binary, rename: str | None, taken: Iterable[str]) -> None:
        self._binary, self._rename = binary, rename
        self._found = Stock(remarks=[_REMARK], taken=set(taken))
        # A class is what has members with a `#`: up to 0.19 asc exported them.
        self._owners = list(dict.fromkeys(name.partition("#")[0] for name in binary.exports if "#" in name))

    def read(self, module: str) -> Stock:
        found = self._found
        if any(name in self._binary.exports for name in ("__setArgumentsLength", "__setargc")):
            found.remarks.append(_OPTIONAL)
        enums = self._read_enums()
        for owner in self._owners:
            self._read_class(owner)
        hidden = {module, *found.taken}
        names = MemberNames(hidden, self._rename, {})
        for name, export in self._binary.exports.items():
            prefix = name.rpartition(".")[0]
            is_member = "#" in name or prefix in self._owners or prefix in enums
            if name in INTERNAL or is_member or name in self._owners:
                continue
            if isinstance(export.type, FunctionType):
                self._read_function(name, export.type, names)
            elif isinstance(export.type, GlobalType):
                self._read_global(name, export.type, names)
        for owner in self._owners:
            self._read_statics(owner, names)
        for wanted in self._binary.imports:
            if not is_provided(wanted.module, wanted.name):
                self._read_import(wanted.module, wanted.name, wanted.type, names)
        return found

    # --- types ----------------------------------------------------------------------------------------------

    def _annotation(self, type_: str) -> str | None:
        if type_ in _NUMBERS:
            self._found.used.add(type_)
            return type_
        if type_ == "externref":
            self._found.used |= {"Opaque", "Any"}
            return "Opaque[Any] | None"
        return None

    def _signature(self, type_: FunctionType) -> tuple[list[str], str, list[str]] | None:
        """Parameters, result and comments; None where a type has no annotation."""
        if len(type_.results) > 1:
            return None
        annotations = [self._annotation(each) for each in (*type_.params, *type_.results)]
        if None in annotations:
            return None
        parameters = [f"arg{at}: {annotation}" for at, annotation in enumerate(annotations[: len(type_.params)])]
        notes = [_NOTES.get(each, "") for each in type_.params]
        result = type_.results[0] if type_.results else ""
        return parameters, str(annotations[-1]) if result else "None", [*notes, _NOTES.get(result, "")]

    # --- enums ----------------------------------------------------------------------------------------------

    def _read_enums(self) -> set[str]:
        """Groups of constants under one name, which are enums more often than anything else."""
        groups: dict[str, dict[str, int]] = {}
        others: set[str] = set()
        for name, export in self._binary.exports.items():
            prefix, _, member = name.rpartition(".")
            if not prefix:
                continue
            type_ = export.type
            value = type_.value if isinstance(type_, GlobalType) and not type_.mutable else None
            plain = member_identifier(member)
            if isinstance(type_, GlobalType) and type_.type == "i32" and isinstance(value, int) and plain:
                groups.setdefault(prefix, {})[plain] = value
            else:
                others.add(prefix)
        enums = {prefix: values for prefix, values in groups.items() if prefix not in {*others, *self._owners}}
        for prefix, values in enums.items():
            python = self._name(prefix)
            text = ClassText(f"class {python}", ["enum.IntEnum"])
            if python != prefix:
                text.items.append(Item((f"__asc_name__ = {quote(prefix)}",), spaced=True, is_field=True))
            text.items += [Item((f"{name} = {value}",), is_field=True) for name, value in values.items()]
            text.omitted = comment("constants of an enum, or of a namespace")
            self._found.enums.append(text.lines())
            self._found.used.add("enum")
        return set(enums)

    def _name(self, prefix: str) -> str:
        plain = class_identifier(prefix.rpartition(".")[2])
        while plain in self._found.taken or plain in RESERVED:
            plain += "_"
        self._found.taken.add(plain)
        return plain

    # --- classes --------------------------------------------------------------------------------------------

    def _read_class(self, owner: str) -> None:
        python = self._name(owner)
        arguments = ["AscClass", *([f"name={quote(owner)}"] if python != owner else [])]
        if self._rename:
            arguments.append('rename="camel"')
        self._found.used.add("AscClass")
        text = ClassText(f"class {python}", arguments)
        names = MemberNames(self._found.taken, self._rename, {})
        methods: list[Item] = []
        for export in self._binary.functions():
            prefix, _, name = export.partition("#")
            type_ = self._binary.function(export)
            if prefix != owner or not name or type_ is None:
                continue
            this = FunctionType(type_.params[1:], type_.results)
            kind, _, value = name.rpartition(":")
            if kind == "get":
                self._read_value(owner, value, this, names, text, methods)
            elif kind == "set":
                if self._binary.function(f"{owner}#get:{value}") is None:
                    self._read_method(f"set_{value}", name, this, names, text, methods)
            elif name == "constructor":
                self._read_method("__init__", name, FunctionType(this.params, ()), names, text, methods)
            else:
                self._read_method(name, name, this, names, text, methods)
        for export in self._binary.functions():
            prefix, _, name = export.rpartition(".")
            type_ = self._binary.function(export)
            if prefix == owner and type_ is not None:
                kind, _, value = name.rpartition(":")
                shown = f"set_{value}" if kind == "set" else value
                self._read_method(shown, name, type_, names, text, methods, is_static=True)
        text.items += methods
        self._found.classes.append(text)
        self._found.listed.append(python)

    def _read_value(
        self, owner: str, name: str, getter: FunctionType, names: MemberNames, text: ClassText, methods: list[Item]
    ) -> None:
        """A field, or an accessor: both have a getter, and what can be assigned a setter."""
        signature = self._signature(getter)
        if signature is None:
            text.omitted += left_out(name, ", ".join(getter.results), "there is no annotation for it")
            return
        _, annotation, notes = signature
        python = names.choose(name, name)
        plain = names.says(python, name)
        if self._binary.function(f"{owner}#set:{name}") is not None:
            if not plain:
                self._found.used |= {"Annotated", "Name"}
                annotation = f"Annotated[{annotation}, Name({quote(name)})]"
            text.items.append(field_item(python, annotation, None, notes[-1]))
            return
        decorators = ["@property", *self._export(name, plain=plain)]
        methods.append(function_item(python, ["self"], annotation, decorators=decorators, notes=["", *notes]))

    def _read_method(
        self,
        shown: str,
        name: str,
        type_: FunctionType,
        names: MemberNames,
        text: ClassText,
        methods: list[Item],
        *,
        is_static: bool = False,
    ) -> None:
        signature = self._signature(type_)
        if signature is None:
            text.omitted += left_out(name, str(type_), "there is no annotation for it")
            return
        parameters, result, notes = signature
        is_constructor = shown == "__init__"
        python = shown if is_constructor else names.choose((name, is_static), shown)
        decorators = ["@staticmethod"] if is_static else []
        decorators += [] if is_constructor else self._export(name, plain=names.says(python, name))
        first = [] if is_static else ["self"]
        noted = [*([""] if first else []), *notes]
        methods.append(function_item(python, [*first, *parameters], result, decorators=decorators, notes=noted))

    def _export(self, name: str, *, plain: bool) -> list[str]:
        if plain:
            return []
        self._found.used.add("export")
        return [f"@export({quote(name)})"]

    # --- the module -----------------------------------------------------------------------------------------

    def _read_function(self, export: str, type_: FunctionType, names: MemberNames) -> None:
        members = self._found.members
        signature = self._signature(type_)
        if signature is None:
            members.omitted += left_out(export, str(type_), "there is no annotation for it")
            return
        parameters, result, notes = signature
        python = names.choose(("function", export), export.replace(".", "_"))
        decorators = [] if names.says(python, export) else [f"@export({quote(export)})"]
        members.functions.append(ModuleFunction(python, parameters, result, None, decorators, {}, _some(notes)))

    def _read_global(self, export: str, type_: GlobalType, names: MemberNames, python: str | None = None) -> None:
        members, annotation = self._found.members, self._annotation(type_.type)
        if annotation is None:
            members.omitted += left_out(export, str(type_), "there is no annotation for it")
            return
        name = names.choose(("global", export), python or export.replace(".", "_"))
        said = None if names.says(name, export) else export
        note = _NOTES.get(type_.type, "")
        members.values.append(ModuleValue(name, annotation, None, said, type_.mutable, note=note))

    def _read_statics(self, owner: str, names: MemberNames) -> None:
        for export in self._binary.exports:
            prefix, _, name = export.rpartition(".")
            type_ = self._binary.global_(export)
            if prefix == owner and type_ is not None:
                self._read_global(export, type_, names, f"{owner.rpartition('.')[2]}_{name}")

    def _read_import(self, module: str, name: str, type_: object, names: MemberNames) -> None:
        members = self._found.members
        signature = self._signature(type_) if isinstance(type_, FunctionType) else None
        if signature is None:
            why = f"pass imports={{{module!r}: {{{name!r}: ...}}}}"
            members.omitted += left_out(f"the import {module}.{name}", str(type_), why)
            return
        parameters, result, notes = signature
        python = names.choose(("import", module, name), name.replace(".", "_"))
        decorators = [f"@host({quote(module)}, {quote(name)})"]
        members.functions.append(
            ModuleFunction(python, parameters, result, None, decorators, {}, _some(notes), is_host=True)
        )


def _some(notes: Sequence[str]) -> Sequence[str]:
    """Comments, if there is one."""
    return notes if any(notes) else ()
