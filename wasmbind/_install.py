"""Puts generated members onto Python classes, which all bindings share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind._accessors import FieldPlan, compile_getter, compile_setter
from wasmbind._call_shapes import site_of
from wasmbind._classes import Accessor
from wasmbind._conversion import codec_for
from wasmbind._declared import writing
from wasmbind._emit import compile_call
from wasmbind._plans import accessor_plans, global_plans, plan_function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wasmbind._calls import CallPlan
    from wasmbind._class_table import ClassTable
    from wasmbind._classes import ClassBinding
    from wasmbind._declarations import ClassDeclaration, Field, Function

__all__ = ["install_classes", "install_module"]


def install_classes(table: ClassTable, classes: Iterable[type]) -> None:
    """Generate the members that bound classes declare, and tell how each field is accessed in the table's binary."""
    for cls in classes:
        bound = table.bound[cls]
        with writing:
            _install_functions(cls, bound.declaration.functions)
            for field in bound.declaration.fields:
                accessor = table.accessors[cls, field.name] = _field_accessor(bound, field, table.has_setter)
                _install_accessor(cls, field.name, accessor)


def _install_functions(cls: type[Any], functions: Iterable[Function]) -> None:
    compiled: dict[tuple[str, str], Any] = cls.__dict__["__asc_compiled__"]
    for function in functions:
        key = (function.name, function.kind)
        if key in compiled:
            continue
        stub = cls.__asc_stubs__[function.name]
        generated = compiled[key] = _compiled(plan_function(function), stub)
        if function.kind == "static":
            cls.__dict__[function.name].function = generated
        elif function.kind in ("getter", "setter"):
            current = cls.__dict__[function.name]
            replace = current.getter if function.kind == "getter" else current.setter
            setattr(cls, function.name, replace(generated))
        else:
            setattr(cls, function.name, generated)


def _compiled(plan: CallPlan, stub: Any) -> Callable[..., Any]:
    function = compile_call(plan)
    function.__doc__ = stub.__doc__
    function.__module__ = getattr(stub, "__module__", function.__module__)
    return function


def _field_accessor(binding: ClassBinding, field: Field, has_setter: Callable[[Field], bool]) -> Accessor:
    offset = binding.offset(field)
    if offset is not None:
        plan = FieldPlan(field.name, field.who, codec_for(field.type, site_of(field)), offset)
        writable = field.name not in binding.readonly
        return Accessor(("memory", offset, writable), compile_getter(plan), compile_setter(plan) if writable else None)
    getter, setter = accessor_plans(field)
    writable = has_setter(field)
    return Accessor(("call", writable), compile_call(getter), compile_call(setter) if writable else None)


def _install_accessor(cls: type[Any], name: str, accessor: Accessor) -> None:
    """Make the field a property; where two modules disagree about it, a property that asks the instance."""
    installed: dict[str, tuple[Any, ...]] = cls.__dict__["__asc_installed__"]
    before = installed.setdefault(name, accessor.key)
    if before == accessor.key and name in cls.__dict__:
        return
    if before == accessor.key:
        setattr(cls, name, property(accessor.getter, accessor.setter))
        return

    def getter(self: Any) -> Any:
        return self._asc_runtime.binding.table.accessors[cls, name].getter(self)

    def setter(self: Any, value: Any) -> None:
        found = self._asc_runtime.binding.table.accessors[cls, name].setter
        if found is None:
            raise AttributeError(f"{cls.__name__}.{name} is readonly")
        found(self, value)

    setattr(cls, name, property(getter, setter))


def install_module(declaration: ClassDeclaration) -> None:
    """Generate the functions and globals that a module class declares."""
    cls = declaration.cls
    with writing:
        _install_functions(cls, declaration.functions)
        installed: dict[str, tuple[Any, ...]] = cls.__dict__["__asc_installed__"]
        for field in declaration.fields:
            if field.name not in installed:
                installed[field.name] = ("global",)
                getter, setter = global_plans(field)
                setattr(cls, field.name, property(compile_call(getter), compile_call(setter)))
