"""Members of a binary with a schema whose results somebody wants as other types: by a class registry, or wrapped."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._conversion import codec_for
from wasmbind._declared import declaration_of, declared_bases
from wasmbind._dynamic.exports import plain_name, split_name
from wasmbind._dynamic.fitting import conversion_of, narrowed
from wasmbind._dynamic.objects import Shown
from wasmbind._emit import compile_call
from wasmbind._ownership import owned
from wasmbind._plans import accessor_plans, global_plans, plan_function
from wasmbind._statics import StaticFunction

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._calls import CallPlan
    from wasmbind._declarations import Field, Function
    from wasmbind._dynamic.hints import Hints
    from wasmbind._linking import Links
    from wasmbind._runtime import Runtime

__all__ = ["Registered"]


class Registered:
    """Makes the members of one instance whose results have other types than the schema says.

    A class of the module belongs to one instance, so what it has may be replaced.
    """

    def __init__(self, runtime: Runtime, hints: Hints, shown: Shown | None, registry: Mapping[str, Any]) -> None:
        """Know the types.

        Args:
            runtime: the instance.
            hints: reads types.
            shown: how results are shown, None for what they are; the schema resolves them anyway.
            registry: the types of results that somebody has given.
        """
        self._runtime, self._hints, self._registry = runtime, hints, registry
        self._shown = shown if shown is Shown.WRAPPED else None
        self._fields: dict[tuple[type[Any], str], Any] = {}  # as they were before

    def function(self, function: Function) -> Callable[..., Any] | None:
        """A function of the module; None where nothing changes.

        Raises:
            DeclarationError: its result is of another type.
        """
        hint = self._registry.get(function.export, self._shown)
        return None if hint is None else self._call(plan_function(function), function.result, hint, function.who)

    def value(self, field: Field) -> Callable[[Any], Any] | None:
        """What reads a global of the module, given the module; None where nothing changes.

        Raises:
            DeclarationError: it is of another type.
        """
        prefix, _, member = split_name(field.export)
        types: object = self._registry.get(prefix, self._registry.get(plain_name(prefix)))
        own = types.get(member) if isinstance(types, Mapping) else None
        hint = self._registry.get(field.export, self._shown) if own is None else own
        return None if hint is None else self._call(global_plans(field)[0], field.type, hint, field.who)

    def replace(self, cls: type[Any], names: tuple[str, ...]) -> None:
        """Replace what a class has, its bases' members among it.

        Args:
            cls: the class.
            names: what the registry may call it.

        Raises:
            DeclarationError: a result is of another type.
        """
        types: object = next((self._registry[name] for name in names if name in self._registry), {})
        hints = types if isinstance(types, Mapping) else {}
        if not hints and self._shown is None:
            return
        for base in declared_bases(cls) if hints else [cls]:
            declaration = declaration_of(base)
            for function in declaration.functions:
                hint = hints.get(function.export, self._shown)
                if hint is not None and function.kind in ("method", "static", "getter"):
                    self._replace_function(cls, base, function, hint)
            for field in declaration.fields:
                hint = hints.get(field.export, self._shown)
                if hint is not None:
                    self._replace_field(cls, field, hint)

    def _replace_function(self, cls: type[Any], base: type[Any], function: Function, hint: Any) -> None:
        made = self._call(plan_function(function), function.result, hint, function.who)
        if function.kind == "static":
            setattr(cls, function.name, StaticFunction(made, base))
        elif function.kind == "getter":
            setattr(cls, function.name, property(made, getattr(base.__dict__[function.name], "__set__", None)))
        else:
            setattr(cls, function.name, made)

    def _replace_field(self, cls: type[Any], field: Field, hint: Any) -> None:
        key = field.owner, field.name
        before = self._fields.setdefault(key, field.owner.__dict__[field.name])

        def read(obj: Any) -> Any:
            return before.__get__(obj, type(obj))

        getter = accessor_plans(field)[0]
        if not d.is_reference(field.type):
            made = self._converted(read, field.type, hint, field.who)
        elif self._runtime.binary.function(getter.export) is not None:
            made = self._call(getter, field.type, hint, field.who, is_new=True)
        else:
            return  # which the transform has been told to leave out
        setattr(cls, field.name, property(made, before.__set__))

    def _call(
        self, plan: CallPlan, found: d.Descriptor, hint: Any, who: str, *, is_new: bool = False
    ) -> Callable[..., Any]:
        hint = self._hints.evaluate(hint, who)
        if not d.is_reference(found):
            return self._converted(compile_call(plan), found, hint, who)
        plan = dataclasses.replace(plan, result=codec_for(narrowed(found, hint, self._hints, who)))
        if is_new:

            def add(links: Links) -> None:
                links.add_call(plan, None)

            owned(self._runtime, lambda _: self._runtime.binding.add_links(self._runtime, add))
        return compile_call(plan)

    def _converted(self, plain: Callable[..., Any], found: d.Descriptor, hint: Any, who: str) -> Callable[..., Any]:
        convert = conversion_of(found, self._hints.evaluate(hint, who), self._hints, who)
        if convert is None or isinstance(found, d.Void):
            return plain

        @functools.wraps(plain)
        def converted(holder: Any, *arguments: Any, as_: Any = None, **named: Any) -> Any:
            if as_ is not None:
                return plain(holder, *arguments, as_=as_, **named)
            return convert(holder._asc_runtime, plain(holder, *arguments, **named))

        return converted
