"""Compares declarations with a binary and collects every mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._call_shapes import shape_of, value_type
from wasmbind._names import OPERATORS, closest, enum_name
from wasmbind._places import locate, locate_member
from wasmbind._schema.abis import announces
from wasmbind._schema.model import FunctionType, GlobalType
from wasmbind.errors import Mismatch

if TYPE_CHECKING:
    import enum
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wasmbind._call_shapes import CallShape
    from wasmbind._declarations import Field, Function
    from wasmbind._schema.model import Binary, ValueType

__all__ = [
    "class_is_exported",
    "compare_enum",
    "exports_members",
    "signature",
    "unavailable",
    "unavailable_constructor",
    "unplaced",
    "verify_accessors",
    "verify_constructor",
    "verify_enum",
    "verify_function",
    "verify_global",
    "verify_start",
]


def exports_members(binary: Binary) -> bool:
    """Whether the binary exports members of classes at all; stock asc 0.20 and later does not."""
    return any("#" in name for name in binary.exports)


def class_is_exported(binary: Binary, name: str) -> bool:
    """Whether the binary exports members of the class."""
    return any(export.startswith(f"{name}#") for export in binary.exports)


def signature(function: Function) -> str:
    """The declared signature in AssemblyScript's types."""
    parameters = ", ".join(
        f"{parameter.name}{'?' if parameter.optional else ''}: {d.describe(parameter.type)}"
        for parameter in function.parameters
    )
    return f"({parameters}) -> {d.describe(function.result)}"


def unavailable(function: Function, binary: Binary) -> Mismatch:
    """The mismatch for a class member of a binary that exports none."""
    return Mismatch(
        function.who,
        f"{function.kind} {signature(function)}",
        f"no members of any class in {binary.name}, as in every binary that asc 0.20 or later makes by itself",
        "compile with `wasmbind build`, or export a function from AssemblyScript that does the same",
        function.where,
    )


def verify_function(function: Function, binary: Binary) -> Iterator[Mismatch]:
    """Compare a declared function with the export it names."""
    shape = shape_of(function)
    export, expected = shape.export, shape.type
    found = binary.function(export)
    if found is None:
        absent = _absent(export, binary)
        if function.export in OPERATORS:
            fix = "say which method it is, @export(...), or compile with `wasmbind build`, which tells operators"
            absent = f"nothing that says which method overloads {OPERATORS[function.export]}", fix
        yield Mismatch(function.who, f"{export} {signature(function)}", *absent, function.where)
        return
    if not shape.accepts(found):
        if len(found.params) != len(expected.params):
            this = function.takes_this
            has, wants = len(found.params) - this, len(expected.params) - this
            fix = f"declare {has} parameter{'s' * (has != 1)} instead of {wants}"
        elif found.results != expected.results and not d.carried_by(function.result, (*found.results, None)[0]):
            fix = f"declare a result that is {_kinds(found.results)}"
        else:
            pairs = zip(function.parameters, found.params[function.takes_this :], strict=True)
            carried = {each.name for each, carrier in pairs if d.carried_by(each.type, carrier)}
            wrong = [
                f"`{name}` as {_kinds([actual])}"
                for name, actual, wanted in zip(
                    ["this"] * function.takes_this + [p.name for p in function.parameters],
                    found.params,
                    expected.params,
                    strict=True,
                )
                if actual != wanted and name not in carried
            ]
            fix = f"declare {', '.join(wrong)}"
        yield Mismatch(function.who, f"{signature(function)}, that is {expected}", str(found), fix, function.where)
    if any(p.optional for p in function.parameters) and not announces(binary):
        yield Mismatch(
            function.who,
            "an optional parameter",
            "no function with optional parameters (there is no __setArgumentsLength)",
            "give the parameter a default in AssemblyScript, or remove `= ...`",
            function.where,
        )


def _absent(export: str, binary: Binary) -> tuple[str, str]:
    """Found and fix for an export that is not there."""
    other = binary.exports.get(export)
    if other is not None:
        kind = "global" if isinstance(other.type, GlobalType) else str(other.type)
        return f"a {kind} of that name", "declare it as an annotated attribute of the module"
    near = closest(export, binary.functions())
    if near is not None:
        return f"no export {export!r}", f"did you mean {near!r}? Rename it, or use @export"
    return f"no export {export!r}", "export it from the AssemblyScript entry file, or remove the declaration"


_KINDS = {
    "i32": "an i32, a smaller integer, bool or reference",
    "i64": "i64 or u64",
    "f32": "f32",
    "f64": "f64",
}


def _kinds(types: Iterable[str]) -> str:
    return ", ".join(_KINDS.get(name, name) for name in types) or "None"


def verify_constructor(cls: type[Any], export: str, shape: CallShape, binary: Binary) -> Iterator[Mismatch]:
    """Compare a constructor that a class inherits or, as a record, has synthesised with what the binary exports."""
    found = binary.function(export)
    who = f"{cls.__name__}.__init__"
    if found is None:
        yield Mismatch(who, f"a constructor, {shape.type}", *_absent(export, binary), locate(cls, "__init__"))
    elif not shape.accepts(found):
        fix = "declare __init__ with the parameters of the AssemblyScript constructor"
        yield Mismatch(who, f"a constructor, {shape.type}", str(found), fix, locate(cls, "__init__"))


def unavailable_constructor(cls: type[Any], binary: Binary) -> Mismatch:
    """The mismatch for constructing an object of a binary that exports no class members."""
    return Mismatch(
        f"{cls.__name__}.__init__",
        "a constructor",
        f"no members of any class in {binary.name}, as in every binary that asc 0.20 or later makes by itself",
        "compile with `wasmbind build`, or export a function from AssemblyScript that returns a new object",
        locate(cls, "__init__"),
    )


def unplaced(field: Field, binary: Binary) -> Mismatch:
    """The mismatch for a field whose place nobody tells."""
    return Mismatch(
        field.who,
        d.describe(field.type),
        f"no accessors in {binary.name}, which exports those of its base class, so its offset is unknown",
        "export the class from AssemblyScript",
        locate(field.owner, field.name),
    )


def verify_accessors(field: Field, binary: Binary) -> Iterator[Mismatch]:
    """Compare a declared field with the accessors that the binary exports for its class."""
    prefix: str = field.owner.__asc_name__
    getter = f"{prefix}#get:{field.export}"
    expected = FunctionType(("i32",), (value_type(field.type),))
    found = binary.function(getter)
    if found is None:
        start = f"{prefix}#get:"
        names = [name.removeprefix(start) for name in binary.functions() if name.startswith(start)]
        near = closest(field.export, names)
        fix = f"did you mean {near!r}?" if near else "remove the field, or make it public in AssemblyScript"
        yield Mismatch(
            field.who,
            d.describe(field.type),
            f"no public field {field.export!r} of {prefix}",
            fix,
            locate(field.owner, field.name),
        )
    elif found != expected:
        yield Mismatch(
            field.who,
            f"{d.describe(field.type)}, that is {expected.results[0]}",
            ", ".join(found.results) or "void",
            _opaque_fix(field, found.results) or f"declare it as {_kinds(found.results)}",
            locate(field.owner, field.name),
        )
    elif (setter := binary.function(f"{prefix}#set:{field.export}")) not in (None, _setter_of(expected)):
        fix = "use a binary as asc has written it, that nothing has rewritten"
        place = locate(field.owner, field.name)
        yield Mismatch(field.who, f"a field, whose setter is {_setter_of(expected)}", f"a setter {setter}", fix, place)


def _setter_of(getter: FunctionType) -> FunctionType:
    return FunctionType(("i32", *getter.results), ())


def _opaque_fix(field: Field, found: Sequence[ValueType]) -> str | None:
    """How to declare an opaque field of 64 bits; None for any other."""
    if not d.is_opaque(field.type) or tuple(found) != ("i64",):
        return None
    return f"declare it as Annotated[Opaque[T], u64]{' | None' if isinstance(field.type, d.Nullable) else ''}"


def verify_global(field: Field, binary: Binary, *, mutable: bool) -> Iterator[Mismatch]:
    """Compare a declared global with the export it names.

    Args:
        mutable: whether the declaration allows assignment.
    """
    found = binary.global_(field.export)
    if found is not None and d.carried_by(field.type, found.type) and (found.mutable or not mutable):
        return
    where = locate(field.owner, field.name)
    declared = f"{'mutable' if mutable else 'constant'} {d.describe(field.type)}"
    if found is None:
        names = [name for name, export in binary.exports.items() if isinstance(export.type, GlobalType)]
        near = closest(field.export, names)
        is_function = binary.function(field.export) is not None
        fix = "declare it as a method" if is_function else f"did you mean {near!r}?" if near else "remove it"
        kind = "a function of that name" if is_function else f"no exported global {field.export!r}"
        yield Mismatch(field.who, declared, kind, fix, where)
    elif not d.carried_by(field.type, found.type):
        fix = f"declare it as {_kinds([found.type])}"
        yield Mismatch(field.who, f"{declared}, that is {d.wasm_type(field.type)}", str(found), fix, where)
    else:
        fix = "declare it as a property: `@property` and `def ...(self) -> ...: ...`"
        yield Mismatch(field.who, declared, str(found), fix, where)


def verify_enum(cls: type[enum.IntEnum], binary: Binary) -> Iterator[Mismatch]:
    """Compare a Python enum with the values that the binary exports for it; `const enum`s export none."""
    start = f"{enum_name(cls)}."
    found = {
        name.removeprefix(start): None if export.type.mutable else export.type.value
        for name, export in binary.exports.items()
        # Computed members are set by the start function, and mutable until then.
        if name.startswith(start) and isinstance(export.type, GlobalType)
    }
    if found:
        yield from compare_enum(cls, found)


def compare_enum(cls: type[enum.IntEnum], found: Mapping[str, float | None]) -> Iterator[Mismatch]:
    """Compare a Python enum with AssemblyScript's values by name, None for those that are computed at the start."""
    for name, member in cls.__members__.items():
        who, declared = f"{cls.__name__}.{name}", str(member.value)
        known = name if name in found else name.removesuffix("_")  # `None_` stands for what Python cannot write
        if known not in found:
            near = closest(name, list(found))
            fix = f"did you mean {near!r}?" if near else "remove the member"
            yield Mismatch(who, declared, "no such member", fix, locate_member(cls, name))
        elif found[known] not in (None, member.value):
            fix = f"write `{name} = {found[known]}`"
            yield Mismatch(who, declared, str(found[known]), fix, locate_member(cls, name))


def verify_start(module: str, start: str | None, binary: Binary) -> Iterator[Mismatch]:
    """Check that the declared start function is one."""
    found = binary.function(start) if start is not None else None
    if start is not None and found != FunctionType((), ()):
        near = closest(start, binary.functions())
        fix = f"did you mean {near!r}?" if near else "compile with --exportStart"
        yield Mismatch(module, f"the start function {start!r}", f"no function {start!r} without parameters", fix)
    elif start is None and len(binary.guarded) > 1:
        several = " and ".join(map(repr, binary.guarded))
        fix = f"say what --exportStart was given: class {module}(AscModule, start={binary.guarded[0]!r})"
        yield Mismatch(module, "no start function", f"several exports that look like one: {several}", fix)
