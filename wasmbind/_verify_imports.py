"""Compares what a binary imports with what there is for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind import _descriptors as d
from wasmbind._names import closest
from wasmbind._schema.model import FunctionType, GlobalType
from wasmbind._verify import signature
from wasmbind.errors import Mismatch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from wasmbind._declarations import Host
    from wasmbind._imports import Imports
    from wasmbind._schema.model import Import

__all__ = [
    "NUMBERS",
    "STORAGE",
    "misspelt_gifts",
    "misspelt_import",
    "second_host",
    "unprovided",
    "verify_host",
    "verify_import",
]

#: The WebAssembly types that are Python numbers.
NUMBERS: Final = frozenset({"i32", "i64", "f32", "f64"})
#: What wasmbind makes for whoever imports it, see `_storage`.
STORAGE: Final = frozenset({"memory", "shared memory", "table"})
#: What tables have in them that can be made; memories have nothing.
_ELEMENTS: Final = frozenset({None, "funcref", "externref"})
_VALUES: Final = NUMBERS | {"externref"}


def verify_import(wanted: Import, module: str) -> Mismatch | None:
    """The mismatch for an import that nobody could provide.

    Args:
        wanted: the import.
        module: the name of the module's class.
    """
    who, type_ = f"{module} import {wanted.module}.{wanted.name}", wanted.type
    if isinstance(type_, FunctionType):
        if _VALUES.issuperset(type_.params + type_.results) and len(type_.results) <= 1:
            return None
        return Mismatch(who, "functions of numbers with one result", str(type_), "import another function")
    if isinstance(type_, GlobalType) and type_.type in NUMBERS:
        return None
    if type_ in STORAGE and (wanted.size is None or wanted.size.element in _ELEMENTS):
        return None
    if type_ == "64-bit memory":
        return Mismatch(who, "a 32-bit memory", "an import of a 64-bit memory", "compile for 32-bit memory")
    kind = f"global ({type_})" if isinstance(type_, GlobalType) else type_
    return Mismatch(who, "nothing that provides it", f"an import of a {kind}", "let the module define it itself")


def unprovided(wanted: Import, module: str, host: Host | None = None) -> Mismatch:
    """The mismatch for an import that nobody provides.

    Args:
        wanted: the import.
        module: the name of the module's class.
        host: the method that declares its types and does nothing.
    """
    who = f"{module} import {wanted.module}.{wanted.name}"
    value = "0" if isinstance(wanted.type, GlobalType) else "..."
    kind = f"global ({wanted.type})" if isinstance(wanted.type, GlobalType) else f"function {wanted.type}"
    fix = f"pass imports={{{wanted.module!r}: {{{wanted.name!r}: {value}}}}} to {module}()"
    if host is not None and not hasattr(host.function.owner, "__asc_retype__"):  # else nobody has written it
        where = host.function.where
        fix = f"give {host.function.who} a body (with @python below @host one that does nothing), or {fix}"
        return Mismatch(who, f"{host.function.who}, which has no body", f"an import of a {kind}", fix, where)
    return Mismatch(who, "nothing that provides it", f"an import of a {kind}", fix)


def misspelt_import(host: Host, unclaimed: Collection[tuple[str, str]]) -> Iterator[Mismatch]:
    """The mismatch for a host function that is not imported, where something much like it is.

    Args:
        host: the function.
        unclaimed: module and name of the imports that no host function is for.
    """
    near = closest(host.name, [name for module, name in unclaimed if module == host.module])
    key = (host.module, near) if near is not None else None
    key = key or next((each for each in unclaimed if each[1] == host.name), None)
    if key is not None:
        function, fix = host.function, f"did you mean @host({key[0]!r}, {key[1]!r})?"
        yield Mismatch(function.who, f"the import {host.module}.{host.name}", "no such import", fix, function.where)


def misspelt_gifts(given: Imports, imports: Iterable[Import]) -> Iterator[Mismatch]:
    """The mismatches for what `imports=` gives under a name much like that of an import for which it gives nothing.

    What is given under other names is ignored: one mapping may serve several modules.
    """
    wanted = [(found.module, found.name) for found in imports]
    open_ = [key for key in wanted if key[1] not in given.get(key[0], {})]
    for module, functions in given.items():
        for name in functions:
            if (module, name) in wanted:
                continue
            near = closest(name, [other for its, other in open_ if its == module])
            key = (module, near) if near is not None else None
            if key is None and not any(its == module for its, _ in wanted):
                key = next((each for each in open_ if each[1] == name), None)
            if key is not None:
                who, fix = f"imports[{module!r}][{name!r}]", f"did you mean imports[{key[0]!r}][{key[1]!r}]?"
                yield Mismatch(who, "an import of that name", "no such import", fix)


def second_host(before: Host, after: Host) -> Mismatch:
    """The mismatch for two methods that are for the same import."""
    function, other = after.function, before.function
    fix = "remove one, or give both the same name if one overrides the other"
    what = f"the import {after.module}.{after.name}"
    return Mismatch(function.who, what, f"{other.who}, which is for that too", fix, function.where)


def verify_host(host: Host, wanted: Import) -> Iterator[Mismatch]:
    """Compare the WebAssembly types of a host function with those of the import."""
    function, type_ = host.function, wanted.type
    if not isinstance(type_, FunctionType):
        kind = f"a global ({type_})" if isinstance(type_, GlobalType) else f"a {type_}"
        fix = "remove it, and pass the value in imports="
        yield Mismatch(function.who, signature(function), f"an import of {kind}", fix, function.where)
        return
    declared = [parameter.type for parameter in function.parameters]
    if len(declared) != len(type_.params):
        count = len(type_.params)
        fix = f"declare {count} parameter{'s' * (count != 1)} instead of {len(declared)}"
        yield Mismatch(function.who, signature(function), f"an import {type_}", fix, function.where)
        return
    for parameter, carrier in zip(function.parameters, type_.params, strict=True):
        if not d.carried_by(parameter.type, carrier):
            who, fix = f"{function.who}({parameter.name})", f"declare a type that is {carrier}"
            yield Mismatch(who, d.describe(parameter.type), carrier, fix, function.where)
    result = type_.results[0] if type_.results else None
    if not d.carried_by(function.result, result):
        fix = f"declare a result that is {result}" if result else "declare `-> None`"
        yield Mismatch(f"{function.who} -> result", d.describe(function.result), result or "void", fix, function.where)
