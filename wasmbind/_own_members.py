"""What a module class declares by itself, beside its classes: functions, globals and host functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._call_shapes import as_global
from wasmbind._verify import verify_function, verify_global

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wasmbind._conformance import Conformance
    from wasmbind._declarations import ClassDeclaration, Field, Function
    from wasmbind._schema.model import Binary
    from wasmbind.errors import Mismatch

__all__ = ["first_function_value", "first_reference", "verify_own_members"]


def verify_own_members(
    declarations: Sequence[ClassDeclaration], binary: Binary, schema: Conformance | None
) -> Iterator[Mismatch]:
    """Everything about the functions and globals that the binary does not have as declared.

    Args:
        declarations: those of the module class and its bases, bases first.
        binary: the binary.
        schema: its schema, None without one.
    """
    for field in _fields(declarations):
        yield from _verify_global(field, binary, schema, mutable=True)
    for function in _functions(declarations):
        if function.is_global:
            yield from _verify_global(as_global(function), binary, schema, mutable=function.kind == "setter")
        elif schema is not None:
            yield from schema.verify_function(function)
        else:
            yield from verify_function(function, binary)


def _verify_global(field: Field, binary: Binary, schema: Conformance | None, *, mutable: bool) -> Iterator[Mismatch]:
    if schema is not None:
        return schema.verify_global(field, mutable=mutable)
    return verify_global(field, binary, mutable=mutable)


def first_reference(declarations: Sequence[ClassDeclaration], reached: Sequence[type[Any]]) -> str | None:
    """A declared thing that needs the heap, or None.

    Args:
        declarations: those of the module class and its bases.
        reached: the classes that belong to the module.
    """
    if reached:
        return reached[0].__name__
    for field in _fields(declarations):
        if d.may_refer(field.type):
            return field.who
    hosts = (host.function for declaration in declarations for host in declaration.hosts)
    for function in (*_functions(declarations), *hosts):
        if any(map(d.may_refer, (function.result, *(p.type for p in function.parameters)))):
            return function.who
    return None


def _fields(declarations: Sequence[ClassDeclaration]) -> Iterator[Field]:
    for declaration in declarations:
        yield from declaration.fields


def _functions(declarations: Sequence[ClassDeclaration]) -> Iterator[Function]:
    for declaration in declarations:
        yield from declaration.functions


def first_function_value(declarations: Iterable[ClassDeclaration]) -> str | None:
    """A declared class that mentions a function value, or None."""
    for declaration in declarations:
        if any(map(d.has_function, declaration.types())):
            return declaration.cls.__name__
    return None
