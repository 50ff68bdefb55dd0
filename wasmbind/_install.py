"""Puts generated members onto Python classes, which all bindings share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wasmbind._accessors import FieldPlan, compile_getter, compile_setter
from wasmbind._classes import writing
from wasmbind._codecs import codec_for
from wasmbind._context import current_runtime
from wasmbind._emit import compile_call
from wasmbind._plans import accessor_plans, global_plans, plan_function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wasmbind._calls import CallPlan
    from wasmbind._classes import ClassBinding
    from wasmbind._declarations import ClassDeclaration, Field, Function
    from wasmbind._runtime import Runtime

__all__ = ["Accessor", "StaticFunction", "install_class", "install_module"]


@dataclass(frozen=True, slots=True)
class Accessor:
    """A field or global as functions, and the key that tells two ways of access apart."""

    key: tuple[Any, ...]
    getter: Callable[[Any], Any]
    setter: Callable[[Any, Any], None] | None


class StaticFunction:
    """An AssemblyScript static: on a bare class it belongs to the current instance."""

    def __init__(self, function: Callable[..., Any] | None, owner: type[Any]) -> None:
        self.function, self.owner = function, owner

    def __get__(self, obj: Any, cls: type[Any]) -> Any:
        return self.bound_to(obj if obj is not None else _Current(cls))

    def bound_to(self, holder: Any) -> Any:
        """The function, on whatever knows the runtime."""

        def static(*args: Any, **kwargs: Any) -> Any:
            runtime = holder._asc_runtime
            runtime.binding.ensure(runtime, self.owner)
            assert self.function is not None
            return self.function(holder, *args, **kwargs)

        return static


class _Current:
    def __init__(self, cls: type[Any]) -> None:
        self._cls = cls

    @property
    def _asc_runtime(self) -> Runtime:
        return current_runtime(self._cls)


def install_class(binding: ClassBinding, has_setter: Callable[[Field], bool]) -> dict[tuple[type, str], Accessor]:
    """Generate the members that a class declares, and tell how each field is accessed in this binary.

    Args:
        binding: the class.
        has_setter: whether the binary exports a setter of a field.
    """
    cls = binding.cls
    accessors: dict[tuple[type, str], Accessor] = {}
    with writing:
        _install_functions(cls, binding.declaration.functions)
        for field in binding.declaration.fields:
            accessor = accessors[cls, field.name] = _field_accessor(binding, field, has_setter)
            _install_accessor(cls, field.name, accessor)
    return accessors


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
        plan = FieldPlan(field.name, field.who, codec_for(field.type), offset)
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
