"""What a dynamic module gives where a Python value would say too much: handles of objects, numbers, opaque values."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, overload

if TYPE_CHECKING:
    from wasmbind._runtime import Runtime

__all__ = ["AscObject", "OpaqueValue", "Shown", "WrappedNumber", "auto_resolve", "wrap_opaque"]

T = TypeVar("T")


class Shown(enum.Enum):
    """How objects are shown whose type nobody has declared.

    `RESULT` resolves a result, or leaves it the number that it is; `WRAPPED` wraps one. `OBJECT` resolves what an
    object refers to, `HANDLE` gives a handle of it.

    Nothing tells a number from an address that is equal to it, and static strings lie at small addresses: give
    functions that return numbers `as_=int`, or name them in a class registry, `{"add": int}`.
    """

    RESULT = "resolved"
    WRAPPED = "wrapped"
    OBJECT = "object"
    HANDLE = "handle"


#: Every result that is the address of an object becomes what its header says.
auto_resolve = Shown.RESULT
#: Every result becomes something with `native()` and `as_()`.
wrap_opaque = Shown.WRAPPED


class AscObject:
    """An AssemblyScript object of a type that nobody has told. It keeps the object alive."""

    __slots__ = ("__weakref__", "_asc_ptr", "_asc_runtime")
    _asc_runtime: Runtime
    _asc_ptr: int

    def __init__(self) -> None:
        raise TypeError("AscObject: these are made of what a module returns; see Module.resolve()")

    @overload
    def as_(self, as_: type[T], /) -> T: ...
    @overload
    def as_(self, as_: Any, /) -> Any: ...
    def as_(self, as_: Any, /) -> Any:
        """The object as a type: `str`, `list[T]`, a class of the module, or any annotation that declarations know.

        Raises:
            LiftError: the object is of another type.
        """
        return self._asc_runtime.binding.untyped.read(self._asc_runtime, self._asc_ptr, as_)

    def native(self) -> Any:
        """What the object's header says that it is: a str, bytes, a live collection, an object of a class."""
        return self._asc_runtime.binding.untyped.native(self._asc_runtime, self._asc_ptr)

    def __eq__(self, other: object) -> bool:
        if getattr(other, "_asc_runtime", None) is not self._asc_runtime:
            return NotImplemented
        return bool(self._asc_ptr == getattr(other, "_asc_ptr", 0))

    def __hash__(self) -> int:
        return hash((id(self._asc_runtime), self._asc_ptr))

    def __repr__(self) -> str:
        runtime = self._asc_runtime
        if runtime.ended:
            return f"<AscObject of a {runtime.idle.reason} instance>"
        return f"<AscObject {runtime.binding.untyped.show(runtime, self._asc_ptr)} at {self._asc_ptr:#x}>"

    def __reduce_ex__(self, _: object, /) -> NoReturn:
        raise TypeError("AscObject is a reference into a module and cannot be copied or pickled")


class WrappedNumber:
    """A result that is the address of no object, as `wrap_opaque` gives it. It is passed as the number."""

    __slots__ = ("_number", "_runtime")

    def __init__(self, runtime: Runtime, number: int) -> None:
        self._runtime, self._number = runtime, number

    @overload
    def as_(self, as_: type[T], /) -> T: ...
    @overload
    def as_(self, as_: Any, /) -> Any: ...
    def as_(self, as_: Any, /) -> Any:
        """The number as a type: `int`, `bool`, `u32`, an enum, `OpaqueValue`.

        Raises:
            LiftError: only an object is of that type.
        """
        return self._runtime.binding.untyped.read(self._runtime, self._number, as_)

    def native(self) -> int:
        """The number."""
        return self._number

    def __index__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self._number == (other.native() if isinstance(other, WrappedNumber) else other)

    def __hash__(self) -> int:
        return hash(self._number)

    def __bool__(self) -> bool:
        return self._number != 0

    def __reduce_ex__(self, _: object, /) -> NoReturn:
        raise TypeError("WrappedNumber is a result of one instance and cannot be copied or pickled; native() can")

    def __repr__(self) -> str:
        return f"WrappedNumber({self._number})"


class OpaqueValue:
    """The handle of a Python object that AssemblyScript carries around as a number, from `register_opaque_value`.

    As `as_=OpaqueValue` it turns such a number back into the object.

    Attributes:
        id: the number, from 1 on.
    """

    __slots__ = ("_asc_owner", "id")

    def __init__(self, owner: Runtime, number: int) -> None:
        self._asc_owner, self.id = owner, number

    # No __index__: what writes numbers into memory would take that of another instance for one of its own.

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OpaqueValue) and (self.id, self._asc_owner) == (other.id, other._asc_owner)

    def __hash__(self) -> int:
        return hash((self.id, id(self._asc_owner)))

    def __reduce_ex__(self, _: object, /) -> NoReturn:
        raise TypeError("OpaqueValue stands for an object in one instance and cannot be copied or pickled")

    def __repr__(self) -> str:
        return f"OpaqueValue({self.id})"
