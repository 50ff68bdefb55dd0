"""The codecs of what no declaration tells the type of: arguments that say it themselves, objects whose header does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.base import Codec, Raw, ReferenceCodec
from wasmbind._codecs.objects import lower_object
from wasmbind._codecs.scalars import IntegerCodec, plain_number
from wasmbind._codecs.strings import lower_string
from wasmbind._layout import OBJECT_MAXSIZE
from wasmbind.errors import LowerRangeError, LowerTypeError, LowerValueError

if TYPE_CHECKING:
    from wasmbind._runtime import Runtime

__all__ = ["DynamicCodec", "UntypedCodec", "lower_dynamic_reference"]


class DynamicCodec(Codec):
    """An argument that decides by itself what it becomes.

    Integers, bools and members of enums are the number; an i32 takes both signed and unsigned ones. Where the module
    exports its runtime, a str becomes a string, bytes an ArrayBuffer, objects of the module are passed as they are,
    None is null, and lists, dicts and sets become the only class of the module that fits them.
    """

    descriptor: d.Dynamic

    def __init__(self, descriptor: d.Dynamic) -> None:
        super().__init__(descriptor)
        self.allocates = descriptor.refers
        self._bits = 64 if descriptor.carrier == "i64" else 32
        self._integer = IntegerCodec(d.INTEGERS[descriptor.carrier])

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        number = value if type(value) is int else _number(plain_number(runtime, value, path, self.name))
        if number is not None:
            if not -(1 << (self._bits - 1)) <= number < 1 << self._bits:
                low, high = -(1 << (self._bits - 1)), (1 << self._bits) - 1
                problem = f"{self.name} holds {low} to {high}, signed and unsigned ones together"
                raise LowerRangeError(path, self.name, value, problem)
            return number & ((1 << self._bits) - 1)
        if self.descriptor.carrier == "i64" or isinstance(value, float):
            return self._integer.lower(runtime, value, 0, path)
        if not self.descriptor.refers:
            return self._refuse(runtime, value, path)
        return lower_dynamic_reference(runtime, value, slot, path)

    def _refuse(self, runtime: Runtime, value: Any, path: str) -> Raw:
        """0 for None, which needs nothing of the module."""
        if value is None:
            return 0
        problem = f"{runtime.name} exports no runtime, so that it takes numbers only: compile with --exportRuntime"
        raise LowerTypeError(path, self.name, value, problem)

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        return raw


def _number(value: Any) -> int | None:
    """The number that a value is, None for one that is none."""
    kind = type(value)
    if not hasattr(kind, "__index__"):
        return None
    try:
        return int(value.__index__())
    except TypeError:
        if hasattr(kind, "__len__"):  # an array of NumPy, which is a number if it has no dimensions
            return None
        raise


def lower_dynamic_reference(runtime: Runtime, value: Any, slot: int, path: str) -> int:
    """The address of an object, or of a new one that a Python value becomes. The caller owns the instance.

    Args:
        runtime: the instance.
        value: any Python object.
        slot: the root slot that keeps a new object alive.
        path: what the value is, for errors.

    Raises:
        LowerTypeError: it is nothing that the module could take.
    """
    if isinstance(value, str):
        return lower_string(runtime, value, slot, path)
    if hasattr(value, "_asc_ptr") and hasattr(value, "_asc_runtime"):
        return lower_object(runtime, type(value), value, path)
    if value is None:
        return 0
    if isinstance(value, (bytes, bytearray, memoryview)):
        data = bytes(value)
        if len(data) > OBJECT_MAXSIZE:
            raise LowerValueError(path, "ArrayBuffer", len(data), f"{len(data)} bytes are more than AssemblyScript has")
        ptr = runtime.new(len(data), runtime.buffer_id, slot)
        runtime.mem_u8[ptr : ptr + len(data)] = data
        return ptr
    found: int = runtime.binding.untyped.lower(runtime, value, slot, path)
    return found


class UntypedCodec(ReferenceCodec):
    """An object that its header tells the type of.

    What it becomes is for `binding.untyped` to say, which bindings of modules without declarations have.
    """

    descriptor: d.Untyped
    # Whatever it becomes has a slot of its own, or is a copy: the one for results can let go of it.
    by_value = allocates = True
    computed = True

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        if isinstance(value, (int, float)):
            problem = "expected a str, bytes, None or an object of the module"
            raise LowerTypeError(path, self.name, value, problem)
        return lower_dynamic_reference(runtime, value, slot, path)

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        return runtime.binding.untyped.lift(runtime, raw, self.descriptor.hint)

    def load(self, runtime: Runtime, ptr: int, offset: int) -> Any:
        return runtime.binding.untyped.load(runtime, ptr + offset, self.descriptor.hint)
