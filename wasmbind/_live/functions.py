"""AssemblyScript's own functions, as Python callables."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from wasmbind import _descriptors as d
from wasmbind._calls import CallPlan, Value
from wasmbind._codecs.functions import FunctionCodec
from wasmbind._emit import compile_call
from wasmbind._handlers import HandlerPlan, compile_handler
from wasmbind._live.base import Live, same_collection

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._codecs.base import Codec, Site

__all__ = ["AscFunction", "function_codec"]


class AscFunction(Live):
    """A function of AssemblyScript that a value refers to; call it with the declared arguments.

    Function values are compared by the object that AssemblyScript compares.
    """

    __slots__ = ()
    __asc_kind__ = "Function"

    def __eq__(self, other: object) -> bool:
        return same_collection(self, other)

    def __hash__(self) -> int:
        return hash((id(self._asc_runtime), self._asc_ptr))

    def __repr__(self) -> str:
        return f"<function {type(self).__asc_codec__.name} of {self._asc_runtime.name}>"


_made: WeakValueDictionary[d.FunctionOf, type[AscFunction]] = WeakValueDictionary()
_lock = threading.RLock()


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
    with _lock:
        found = _made.get(descriptor)
        if found is None:
            found = _made[descriptor] = _make(descriptor, codec_for)
    return found


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
