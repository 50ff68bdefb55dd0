"""AssemblyScript's own functions, as Python callables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import wasmtime

from wasmbind import _descriptors as d
from wasmbind._calls import CallPlan, Value
from wasmbind._codecs.functions import FunctionCodec
from wasmbind._emit import compile_call
from wasmbind._engine import describe_external
from wasmbind._handlers import HandlerPlan, compile_handler
from wasmbind._layout import ID_WORD
from wasmbind._live.base import Live, same_collection
from wasmbind._live.made import Made
from wasmbind.errors import BindError, LiftError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._codecs.base import Codec, Site
    from wasmbind._runtime import Runtime

__all__ = ["AscFunction", "function_codec"]


class AscFunction(Live):
    """A function of AssemblyScript that a value refers to; call it with the declared arguments.

    Function values are compared by the object that AssemblyScript compares.
    """

    __slots__ = ()
    __asc_kind__ = "Function"
    if TYPE_CHECKING:
        __asc_codec__: ClassVar[Any]

    def __eq__(self, other: object) -> bool:
        return same_collection(self, other)

    def __hash__(self) -> int:
        return hash((id(self._asc_runtime), self._asc_ptr))

    @classmethod
    def asc_verify(cls, runtime: Runtime, ptr: int) -> bool:
        binding, name = runtime.binding, cls.__asc_codec__.name
        if runtime.binary.schema is not None or binding.untyped is None:
            return True  # which tells the run-time ids of functions; or somebody has declared that it is one
        binding.untyped.classes_in(runtime)  # which are bound then
        rt_id = runtime.mem_u32[(ptr >> 2) + ID_WORD]
        of_library = rt_id <= binding.rtti.view_id or binding.rtti.kind_of(rt_id)
        if of_library or rt_id in [bound.rt_id for bound in binding.table.bound.values()]:
            raise LiftError(f"{runtime.name}: {name} expected, found {_shown(binding, rt_id)}", ptr)
        try:
            binding.untyped.retyping.need_functions(runtime, name)
        except BindError as error:
            problem = f"{name} expected, found {error.mismatches[0].found}; {error.mismatches[0].fix}"
            raise LiftError(f"{runtime.name}: {problem}", ptr) from None
        table, store = runtime.native.export("table"), runtime.native.store
        index, codec = runtime.mem_u32[ptr >> 2], cls.__asc_codec__
        function = table.get(store, index) if index < table.size(store) else None
        if not isinstance(function, wasmtime.Func):
            problem = f"{name} expected, found an object that begins with {index}, which is no index of a function"
            raise LiftError(f"{runtime.name}: {problem}", ptr)
        found_type = describe_external(function.type(store))
        if found_type != codec.type:
            raise LiftError(f"{runtime.name}: {name} is {codec.type}, found a function that is {found_type}", ptr)
        return False

    def __repr__(self) -> str:
        return f"<function {type(self).__asc_codec__.name} of {self._asc_runtime.name}>"


def _shown(binding: Any, rt_id: int) -> str:
    """What objects of a run-time id are that no function has."""
    names = [cls.__name__ for cls, bound in binding.table.bound.items() if bound.rt_id == rt_id]
    kind: str = binding.rtti.show_kind(rt_id)
    return names[0] if names else kind


_made: Final = Made[AscFunction]()


def function_codec(
    descriptor: d.FunctionOf, site: Site | None, codec_for: Callable[[d.Descriptor, Site | None], Codec]
) -> FunctionCodec:
    """The codec of a function type.

    Args:
        descriptor: the type.
        site: where it is declared.
        codec_for: gives the codecs of its parameters and its result.
    """
    cls = _function_class(descriptor, codec_for)
    parts = tuple(codec_for(part, None if site is None else (*site, at)) for at, part in enumerate(d.parts(descriptor)))
    return FunctionCodec(descriptor, parts, site, cls, _factory)


def _factory(codec: FunctionCodec) -> Any:
    title = f"a callback {codec.name}"
    parameters = tuple(Value(f"a{at}", each, f"{title}({at})") for at, each in enumerate(codec.params))
    return compile_handler(HandlerPlan(title, parameters, codec.returns))


def _function_class(
    descriptor: d.FunctionOf, codec_for: Callable[[d.Descriptor, Site | None], Codec]
) -> type[AscFunction]:
    """The class of the Python objects for functions of a type; made once."""
    return _made.find(descriptor, lambda: _make(descriptor, codec_for))


def _make(descriptor: d.FunctionOf, codec_for: Callable[[d.Descriptor, Site | None], Codec]) -> type[AscFunction]:
    title = d.describe(descriptor)
    codecs = tuple(codec_for(part, None) for part in d.parts(descriptor))
    parameters = tuple(Value(f"a{at}", each, f"{title}({at})") for at, each in enumerate(codecs[:-1]))
    plan = CallPlan("__call__", title, "call", "object", parameters, codecs[-1], collection=True)
    body: dict[str, Any] = {
        "__slots__": (),
        "__module__": AscFunction.__module__,
        "__doc__": AscFunction.__doc__,
        "__asc_plans__": (plan,),
        "__call__": compile_call(plan),
    }
    made: type[AscFunction] = type(title, (AscFunction,), body)
    codec: Any = FunctionCodec(descriptor, codecs, None, made, _factory)
    made.__asc_codec__ = codec
    return made
