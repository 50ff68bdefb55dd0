"""Python values for whatever is declared, to use everything that a module declares."""

import enum
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from wasmbind import _descriptors as d
from wasmbind._declarations import OMITTED, Function
from wasmbind._declared import declaration_of, nearest_init

#: What to pass for types that have no parts.
PLAIN: dict[type, Any] = {
    d.Integer: 1,
    d.Float: 0.5,
    d.Boolean: True,
    d.String: "text",
    d.Bytes: b"\1\2",
    d.Date: datetime(2026, 1, 2, tzinfo=UTC),
    d.Void: None,
    d.Nullable: None,
}


def value_of(module: Any, descriptor: d.Descriptor) -> Any:
    """A Python value of a declared type.

    Raises:
        LookupError: there is none to be had.
    """
    match descriptor:
        case d.Enumeration(cls=cls):
            return first_member(cls)
        case d.ObjectOf(cls=cls):
            return construct(module, cls)
        case d.DictOf() | d.Collection(kind="Map"):
            key, value = d.parts(descriptor)
            return {value_of(module, key): value_of(module, value)}
        case d.SetOf(element=element) | d.Collection(kind="Set", arguments=(element,)):
            return {value_of(module, element)}
        case d.FunctionOf(result=result):
            answer: Callable[..., Any] = lambda *_: value_of(module, result)  # noqa: E731 - a callable is what is wanted
            return answer
        case _ if type(descriptor) in PLAIN:
            return PLAIN[type(descriptor)]
        case d.Collection(kind="ArrayBuffer"):
            return b"\1\2"
        case _:
            return [value_of(module, d.element_of(descriptor))]


def first_member(cls: type[enum.IntEnum]) -> enum.IntEnum:
    """Any member of an enum."""
    return next(iter(cls))


def construct(module: Any, cls: Any) -> Any:
    """An object of a declared class, or of one that derives from it.

    Raises:
        LookupError: none can be constructed.
    """
    for each in (cls, *cls.__subclasses__()):
        init = nearest_init(each)
        if init is not None:
            return module[each](*arguments(module, init))
    raise LookupError(cls.__name__)


def arguments(module: Any, function: Function) -> list[Any]:
    """Arguments for a declared function: those that it needs."""
    needed = [each for each in function.parameters if not each.optional and each.default is OMITTED]
    return [value_of(module, each.type) for each in needed]


def use_everything(module: Any, classes: list[Any]) -> int:
    """Call every function, read and set every field; return how much was used."""
    used = 0
    cls = type(module)
    for function in declaration_of(cls).functions:
        if function.kind == "function":
            getattr(module, function.name)(*arguments(module, function))
        else:
            getattr(module, function.name)
        used += 1
    for variable in declaration_of(cls).fields:
        setattr(module, variable.name, getattr(module, variable.name))
        used += 1
    for each in classes:
        if nearest_init(each) is None:
            continue
        obj = construct(module, each)
        for base in each.__mro__:
            if "__asc_scope__" in base.__dict__:
                used += use_object(module, obj, base)
    return used


def use_object(module: Any, obj: Any, cls: Any) -> int:
    """Use everything that one class declares on an object."""
    declaration = declaration_of(cls)
    for known in declaration.fields:
        setattr(obj, known.name, getattr(obj, known.name))
    for function in declaration.functions:
        if function.kind == "getter":
            getattr(obj, function.name)
        elif function.kind == "setter":
            setattr(obj, function.name, value_of(module, function.parameters[0].type))
        elif function.kind == "static":
            getattr(module[cls], function.name)(*arguments(module, function))
        elif function.kind == "method" and function.name not in ("__eq__", "__ne__"):
            getattr(obj, function.name)(*arguments(module, function))
    return len(declaration.fields) + len(declaration.functions)
