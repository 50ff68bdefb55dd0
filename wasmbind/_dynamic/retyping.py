"""Calls with `as_=`: the same function, with a result of the type that the caller gives.

For each function and type there is a plan of its own, which is made once: calls cost what those of declared functions
do, and finding the plan. Where the binary has a schema the result has a type already, which the one given has to fit.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._conversion import codec_for
from wasmbind._dynamic.fitting import conversion_of, fits, narrowed
from wasmbind._emit import compile_call
from wasmbind._ownership import owned
from wasmbind._plans import plan_function
from wasmbind._recognition import know_function_values
from wasmbind._verify import verify_function
from wasmbind._verify_runtime import verify_table
from wasmbind.errors import BindError, DeclarationError, LiftError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._calls import CallPlan
    from wasmbind._declarations import Function
    from wasmbind._dynamic.hints import Hints
    from wasmbind._dynamic.lifting import ObjectTypes
    from wasmbind._linking import Links
    from wasmbind._runtime import Runtime

__all__ = ["Retyped", "Retyping", "verified"]


class Retyped:
    """A function of one module, called with types of results that callers give.

    It must not refer to an instance, which would last as long as the class that the function belongs to.
    """

    __slots__ = ("_function", "_made")

    def __init__(self, function: Function) -> None:
        """Wait for the first call.

        Args:
            function: the function.
        """
        self._function = function
        self._made: dict[Any, Callable[..., Any]] = {}

    def __call__(self, holder: Any, as_: Any, arguments: tuple[Any, ...]) -> Any:
        """Call the function.

        Args:
            holder: what it is called on; it knows the instance.
            as_: the type of the result.
            arguments: one value per parameter.

        Raises:
            DeclarationError: the type is none.
            BindError: WebAssembly has something else there.
        """
        try:
            found = self._made.get(as_)
        except TypeError:
            fix = "give a type: str, list[str], a class of the module"
            raise DeclarationError(self._function.who, f"as_={as_!r:.60} is no type", fix=fix) from None
        return (found or self._find(holder._asc_runtime, as_))(holder, *arguments)

    def _find(self, runtime: Runtime, as_: Any) -> Callable[..., Any]:
        """The call for a type that is not known as it is written: a new one, or one with a class of the instance."""
        types: ObjectTypes = runtime.binding.untyped
        plain = types.hints.unbound(as_, self._function.who)
        if plain not in self._made:
            self._made[plain] = types.retyping.make(runtime, self._function, plain)
        return self._made[plain]


def verified(runtime: Runtime, function: Function) -> Function:
    """A function that the binary has as it is declared now, in an instance that has what it needs.

    Raises:
        BindError: it has not.
    """
    mismatches = list(verify_function(function, runtime.binary))
    if mismatches:
        raise BindError(runtime.name, runtime.binary.name, mismatches)
    if d.is_reference(function.result):
        runtime.binding.need_heap(runtime, function.who)
    return function


class Retyping:
    """What makes calls with `as_=`, of one binary."""

    def __init__(self, hints: Hints) -> None:
        """Know how to read types.

        Args:
            hints: reads them.
        """
        self._hints = hints

    @staticmethod
    def need_functions(runtime: Runtime, name: str) -> None:
        """Make sure that the objects of the binary can be function values.

        Args:
            runtime: an instance.
            name: the type that is asked for.

        Raises:
            BindError: they are no objects there, or the function table is not exported.
        """
        binding = runtime.binding
        know_function_values(binding, runtime, binding.rtti, name)
        missing = list(verify_table(runtime.binary, name))
        if missing:
            raise BindError(binding.name, runtime.binary.name, missing)

    def make(self, runtime: Runtime, function: Function, as_: Any) -> Callable[..., Any]:
        """What calls a function with a type of result.

        Raises:
            DeclarationError: the type is none.
            BindError: WebAssembly has something else there.
        """
        if runtime.binary.schema is None:
            return self._make(runtime, function, as_)
        return self._make_fitting(function, as_)

    def _make(self, runtime: Runtime, function: Function, as_: Any) -> Callable[..., Any]:
        _ = runtime.binding.untyped.classes_in(runtime)  # which the type may name
        type_ = runtime.binary.function(plan_function(function).export)
        carrier = type_.results[0] if type_ is not None and type_.results else "void"
        result = self._hints.descriptor(as_, carrier, function.who)
        changed = dataclasses.replace(function, result=result, guarded=d.is_reference(result))
        try:
            plan = dataclasses.replace(plan_function(verified(runtime, changed)), retype=None)
        except BindError as error:
            given, fix = f"as_={self._hints.show(as_)}", "give as_= a type that WebAssembly can have there"
            wrong = [dataclasses.replace(each, declared=given, fix=fix, where=None) for each in error.mismatches]
            raise BindError(error.module, error.binary, wrong) from None
        owner = function.owner if function.kind == "method" else None

        def add(links: Links) -> None:
            links.add_call(plan, owner)

        owned(runtime, lambda _: runtime.binding.add_links(runtime, add))
        return compile_call(plan)

    def _make_fitting(self, function: Function, as_: Any) -> Callable[..., Any]:
        hint = self._hints.evaluate(as_, function.who)
        plan = dataclasses.replace(plan_function(function), retype=None)
        if d.is_reference(function.result):
            result: Any = narrowed(function.result, hint, self._hints, function.who)
            if isinstance(function.result, d.Nullable) and not isinstance(result, (d.Nullable, d.Untyped)):
                return self._never_null(dataclasses.replace(plan, result=codec_for(d.Nullable(result))), hint)
            return compile_call(dataclasses.replace(plan, result=codec_for(result)))
        plain, convert = compile_call(plan), conversion_of(function.result, hint, self._hints, function.who)
        if convert is None:
            return plain

        def call(holder: Any, *arguments: Any) -> Any:
            return convert(holder._asc_runtime, plain(holder, *arguments))

        return call

    def _never_null(self, plan: CallPlan, hint: Any) -> Callable[..., Any]:
        call = compile_call(plan)

        def checked(holder: Any, *arguments: Any) -> Any:
            value = call(holder, *arguments)
            if value is None:
                raise LiftError(f"{plan.title}: {self._hints.show(hint)} expected, but null found")
            return value

        return checked

    def copied(self, value: Any, as_: Any, who: str) -> Any:
        """A value that has been copied from the module, if it is of a type.

        Raises:
            LiftError: it is of another.
            DeclarationError: the type is none.
        """
        if as_ is None or fits(value, self._hints.descriptor(as_, "i32", who)):
            return value
        raise LiftError(f"{who}: {self._hints.show(as_)} expected, found a {type(value).__name__}")
