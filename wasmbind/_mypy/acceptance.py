"""What Python values a declared parameter or a live field takes besides its type.

A parameter that is declared as a live collection takes its Python equivalent too. What that is, the live class says
itself: it is what its `__set__` lets be assigned to a field. There the types of elements are exact, as far as mypy can
say it without the plugin; here they too may be their equivalents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.nodes import FuncDef
from mypy.types import CallableType, Instance, TypeVarType, UnionType, get_proper_type

from wasmbind._mypy.integers import integer_type, typed_array_element
from wasmbind._mypy.names import LIVE

if TYPE_CHECKING:
    from mypy.plugin import MethodSigContext
    from mypy.types import FunctionLike, Type

__all__ = ["accept_nested", "accept_python_values"]

#: Generic types whose last type argument may be a wider one in a parameter, because nothing is written through them.
_READ: Final = frozenset(
    f"typing.{name}"
    for name in ("AbstractSet", "Collection", "Iterable", "Iterator", "Mapping", "Reversible", "Sequence")
)


def accept_python_values(declared: Type) -> Type:
    """The type of a parameter, with the Python equivalents of the live types in it.

    Doing so again changes nothing.
    """
    proper = get_proper_type(declared)
    if isinstance(proper, Instance):
        found = [proper, *_equivalents(proper)]
        if len(found) > 1:
            return UnionType(found, proper.line, proper.column)
        if proper.type.fullname in _READ:
            wider = accept_python_values(proper.args[-1])
            return proper.copy_modified(args=[*proper.args[:-1], wider])
    if isinstance(proper, UnionType):
        items: list[Type] = []
        for item in proper.items:
            wider = get_proper_type(accept_python_values(item))
            parts = wider.items if isinstance(wider, UnionType) else [wider]
            items += [part for part in parts if part not in items]
        if items != proper.items:
            return UnionType(items, proper.line, proper.column)
    return declared


def accept_nested(ctx: MethodSigContext) -> FunctionLike:
    """The `__set__` of a live type, which takes Python's equivalents of live elements too: lists in lists."""
    signature = ctx.default_signature
    *others, value = signature.arg_types
    return signature.copy_modified(arg_types=[*others, accept_python_values(value)])


def _equivalents(live: Instance) -> list[Type]:
    """What may be assigned to a field of a live type, besides objects of that type."""
    if not live.type.fullname.startswith(LIVE):
        return []
    setter = live.type.get_method("__set__")
    if not isinstance(setter, FuncDef) or not isinstance(setter.type, CallableType) or len(setter.type.arg_types) != 3:  # noqa: PLR2004 - self, obj, value
        return []
    taken = get_proper_type(setter.type.arg_types[2])
    if not isinstance(taken, UnionType):
        return []
    base = map_instance_to_supertype(live, setter.info)
    others = [item for item in taken.items if not isinstance(get_proper_type(item), TypeVarType)]
    return [_exact(expand_type_by_instance(other, base), live) for other in others]


def _exact(equivalent: Type, live: Instance) -> Type:
    """The same with the typed array's own integers as elements, and with what these may be in turn."""
    proper = get_proper_type(equivalent)
    element = typed_array_element(live)
    if element is not None and isinstance(proper, Instance) and len(proper.args) == 1:
        plain = get_proper_type(proper.args[0])
        if isinstance(plain, Instance) and plain.type.fullname == "builtins.int":
            return proper.copy_modified(args=[integer_type(plain, element.name, live)])
    return accept_python_values(equivalent)
