"""The codec of function values: Python callables for AssemblyScript, and AssemblyScript's functions for Python."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.base import Raw, ReferenceCodec, null_found
from wasmbind._codecs.objects import lift_object, load_object, lower_object
from wasmbind._schema.model import FunctionType
from wasmbind._stubs import runs_in_pieces
from wasmbind.errors import LowerTypeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._codecs.base import Codec, Site
    from wasmbind._runtime import Runtime
    from wasmbind._schema.model import ValueType

__all__ = ["FunctionCodec"]


class FunctionCodec(ReferenceCodec):
    """`(a: A) => R`: a callable. One that came from Python comes back as itself.

    Attributes:
        type: the WebAssembly type of the function.
        function_class: the class of the Python objects for AssemblyScript's own functions.
    """

    allocates = True
    descriptor: d.FunctionOf

    def __init__(
        self,
        descriptor: d.FunctionOf,
        parts: tuple[Codec, ...],
        site: Site | None,
        function_class: type[Any],
        make_factory: Callable[[FunctionCodec], Any],
    ) -> None:
        """Take the codecs of the parts.

        Args:
            descriptor: the type.
            parts: the codecs of the parameters, and of the result.
            site: where it is declared.
            function_class: the class of the Python objects for AssemblyScript's own functions.
            make_factory: gives what makes the handlers of callables.
        """
        super().__init__(descriptor, site)
        self.params, self.returns = parts[:-1], parts[-1]
        self.function_class, self._make_factory = function_class, make_factory
        params: tuple[ValueType, ...] = tuple([d.wasm_type(each) or "i32" for each in descriptor.params])
        result = d.wasm_type(descriptor.result)
        self.type = FunctionType(params, () if result is None else (result,))

    @cached_property
    def variant(self) -> object:
        """What callables are told apart by, besides themselves: their type, and the place if that matters."""
        return self.descriptor, self.site if any(map(_is_copied, d.parts(self.descriptor))) else None

    @cached_property
    def factory(self) -> Any:
        """What makes the handlers of callables."""
        return self._make_factory(self)

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        if isinstance(value, self.function_class):
            return lower_object(runtime, self.function_class, value, path)
        if not callable(value):
            raise LowerTypeError(path, self.name, value, f"{self.name} expects a callable")
        if runs_in_pieces(value):
            raise LowerTypeError(path, self.name, value, "AssemblyScript cannot wait for asynchronous functions")
        if hasattr(type(value), "__asc_codec__"):
            raise LowerTypeError(path, self.name, value, f"expected {self.name}, this function is of another type")
        return runtime.function_table().lower(runtime, self, value, slot)

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        if not raw:
            raise null_found(runtime, self.name)
        known = self._own(runtime, raw)
        return known if known is not None else lift_object(runtime, self.function_class, raw)

    def load(self, runtime: Runtime, ptr: int, offset: int) -> Any:
        runtime.check(ptr + offset, 4, f"a field of type {self.name}")
        known = self._own(runtime, runtime.mem_u32[(ptr + offset) >> 2])
        if known is not None:
            return known
        return load_object(runtime, self.function_class, ptr, offset, nullable=False)

    def _own(self, runtime: Runtime, ptr: int) -> Callable[..., Any] | None:
        """The Python callable that a function object stands for, None for one of AssemblyScript's."""
        if runtime.functions is None or not ptr:
            return None
        runtime.header(ptr, f"a function {self.name}")
        runtime.check(ptr, 4, f"a function {self.name}")
        found: Callable[..., Any] | None = runtime.functions.find(runtime.mem_u32[ptr >> 2], self)
        return found


def _is_copied(descriptor: d.Descriptor) -> bool:
    """Whether a type has by-value collections in it, of which the place tells what AssemblyScript has there."""
    if isinstance(descriptor, (d.ListOf, d.TupleOf, d.Bytes, d.DictOf, d.SetOf)):
        return True
    return any(map(_is_copied, d.parts(descriptor)))
