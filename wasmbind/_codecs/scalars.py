"""Codecs of values that are numbers to WebAssembly: integers, floats, bool, enums, and void."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.base import Codec, Raw
from wasmbind.errors import LiftError, LowerRangeError, LowerTypeError, LowerValueError

if TYPE_CHECKING:
    import enum

    from wasmbind._runtime import Runtime

__all__ = [
    "BooleanCodec",
    "EnumerationCodec",
    "FloatCodec",
    "IntegerCodec",
    "VoidCodec",
    "lift_enum",
    "lower_bool",
    "lower_enum",
]


def plain_number(runtime: Runtime, value: Any, path: str, name: str) -> Any:
    """The number of an `OpaqueValue`; anything else is what it is.

    Raises:
        LowerTypeError: the value belongs to another instance.
    """
    owner = getattr(value, "_asc_owner", None)
    if owner is None:
        return value
    if owner is not runtime:
        raise LowerTypeError(path, name, value, "the opaque value belongs to another instance")
    return value.id


class IntegerCodec(Codec):
    """Integers: range-checked, never wrapped; anything with `__index__` is taken, floats are not."""

    descriptor: d.Integer

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        value = plain_number(runtime, value, path, self.name)
        if not hasattr(type(value), "__index__"):
            raise LowerTypeError(path, self.name, value, f"{self.name} expects an int")
        try:
            number = operator.index(value)
        except TypeError as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
                raise  # by the value's own Python code
            raise LowerTypeError(path, self.name, value, f"{self.name} expects an int") from None
        low, high = self.descriptor.low, self.descriptor.high
        if not low <= number <= high:
            raise LowerRangeError(path, self.name, value, f"{self.name} holds {low} to {high}")
        return number

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        return raw


class FloatCodec(Codec):
    """Floats: anything with `__float__` or `__index__`; an f32 is rounded as AssemblyScript rounds."""

    descriptor: d.Float

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        # As storing into a view does: with __float__ or __index__, and never by parsing text.
        kind = type(value)
        if isinstance(value, str) or not (hasattr(kind, "__float__") or hasattr(kind, "__index__")):
            raise LowerTypeError(path, self.name, value, f"{self.name} expects a float")
        try:
            return float(value)
        except OverflowError:
            raise LowerRangeError(path, self.name, value, f"{self.name} cannot hold so large an int") from None
        except (TypeError, ValueError) as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
                raise  # by the value's own Python code
            raise LowerTypeError(path, self.name, value, f"{self.name} expects a float") from None

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        return raw


def lower_bool(value: Any, path: str) -> bool:
    """A bool, or NumPy's.

    Raises:
        LowerTypeError: anything else, numbers included.
    """
    if isinstance(value, bool):
        return value
    if type(value).__name__ in ("bool", "bool_") and type(value).__module__ == "numpy":
        return bool(value)
    raise LowerTypeError(path, "bool", value, "bool expects True or False")


class BooleanCodec(Codec):
    """AssemblyScript `bool`."""

    def __init__(self, descriptor: d.Descriptor = d.BOOL) -> None:
        super().__init__(descriptor)
        self.result = "i32"

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        return lower_bool(value, path)

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        return raw != 0


def lower_enum(cls: type[enum.IntEnum], value: Any, path: str) -> int:
    """The number of a member, given the member or its number.

    Raises:
        LowerTypeError: not an int, or a member of another enum.
        LowerValueError: not the number of a member.
    """
    if isinstance(value, cls):
        return int(value)
    known = [member.value for member in cls]
    if isinstance(value, int) and not isinstance(value, bool) and type(value) is int:
        if value in known:
            return value
        raise LowerValueError(path, cls.__name__, value, f"{cls.__name__} has the values {known}")
    raise LowerTypeError(path, cls.__name__, value, f"{cls.__name__} expects one of its members")


def lift_enum(cls: type[enum.IntEnum], raw: Raw) -> enum.IntEnum:
    """The member with a number.

    Raises:
        LiftError: there is none.
    """
    try:
        return cls(raw)
    except ValueError:
        known = ", ".join(f"{member.name} = {member.value}" for member in cls)
        raise LiftError(f"{raw} is no value of {cls.__name__} ({known})") from None


class EnumerationCodec(Codec):
    """An `IntEnum`."""

    descriptor: d.Enumeration

    def __init__(self, descriptor: d.Enumeration) -> None:
        super().__init__(descriptor)
        self.cls = descriptor.cls

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        return lower_enum(self.descriptor.cls, value, path)

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        return lift_enum(self.descriptor.cls, raw)


class VoidCodec(Codec):
    """No result."""

    def __init__(self, descriptor: d.Descriptor = d.VOID) -> None:
        self.descriptor, self.site = descriptor, None
        self.name, self.view, self.shift, self.result, self.argument = "void", "", 0, "", ""

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        raise NotImplementedError("void is no parameter type")

    def lift(self, runtime: Runtime, raw: Raw) -> None:
        pass
