"""What a codec is.

A *codec* lifts, lowers, loads and stores the values of one descriptor. *Lift* is wasm to Python, *lower*
Python to wasm, *load* and *store* the same at an address. The code that `_emit` generates does the same with
the steps written out; each codec here is its twin and the path of nested calls.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from wasmbind import _descriptors as d
from wasmbind._layout import VIEWS, view_of
from wasmbind._ownership import Suspension, owned
from wasmbind.errors import LiftError, LowerTypeError

if TYPE_CHECKING:
    from wasmbind._runtime import Runtime

__all__ = ["Allocation", "Codec", "Raw", "ReferenceCodec", "Site", "element_path", "null_found"]

#: A value as WebAssembly has it: an integer, a float, or an address.
Raw: TypeAlias = Any
#: A declared place in one binding: the declaring class, the member, the parameter or "", and an index for each level
#: of nesting. What AssemblyScript makes of a list depends on it: an `Array`, a `StaticArray`, a typed array.
Site: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Allocation:
    """The AssemblyScript class that a Python value becomes in one place.

    Attributes:
        kind: the class: `Array`, `StaticArray`, `Map`, `Set`, `ArrayBuffer`, or the name of a typed array.
        rt_id: its run-time id.
        size: bytes of the object to allocate; it may be larger than the class, which may be a class derived from it.
            0 where the payload is the elements themselves.
    """

    kind: str
    rt_id: int
    size: int


def element_path(path: str, index: object) -> str:
    """The path of an element: `Files.sum(values)` and 3 give `Files.sum(values[3])`."""
    return f"{path[:-1]}[{index!r}])" if path.endswith(")") else f"{path}[{index!r}]"


def null_found(runtime: Runtime, name: str) -> LiftError:
    """The error for a null where a type is declared that has none.

    Args:
        runtime: the instance.
        name: the declared type.
    """
    fix = f"declare `{name} | None`"
    if runtime.binary.schema is not None:
        # The declaration has been compared: it is the module that does not keep to its own types.
        fix = "AssemblyScript says that it never is; `new Array<T>(n)` leaves such elements, and so do unset fields"
    return LiftError(f"{runtime.name}: null found where `{name}` is declared; {fix}")


class Codec(ABC):
    """Conversion of one type.

    Attributes:
        descriptor: the type.
        view: the view of memory through which it is loaded and stored, see `_layout.VIEWS`.
        result: the view of the argument block through which a result is read.
        argument: the view of the argument block through which an argument is written.
        by_value: its values are copies, and share nothing with the module once they are lifted.
        allocates: lowering a value may make a new object, which needs a root slot.
        computed: values have to be lifted and lowered by the codec although they are numbers to WebAssembly.
        cls: the Python class of what is lifted, where objects or enum members are.
        site: where it is declared, None where that does not matter or is not known.
    """

    by_value = False
    allocates = False
    computed = False
    cls: type[Any] | None = None

    def __init__(self, descriptor: d.Descriptor, site: Site | None = None) -> None:
        self.site = site
        self.descriptor = descriptor
        self.name = d.describe(descriptor)
        self.view = view_of(descriptor)
        self.shift = VIEWS[self.view][1].bit_length() - 1
        self.result = self.view
        self.argument = self.view if self.shift > 1 else "i32"

    @abstractmethod
    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        """The value for a call.

        Args:
            runtime: the instance, owned by the caller.
            value: any Python object.
            slot: a root slot that may be used to keep a new object alive.
            path: what the value is, for errors.

        Raises:
            LowerError: the value does not fit the type.
        """

    @abstractmethod
    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        """The Python value of a result. The caller owns the instance and keeps a referenced object alive.

        Raises:
            LiftError: the raw value is not of the type.
        """

    def load(self, runtime: Runtime, ptr: int, offset: int) -> Any:
        """The Python value of the field at `ptr + offset`.

        Raises:
            LiftError: the address lies outside memory, or the raw value is not of the type.
        """
        runtime.check(ptr + offset, 1 << self.shift, f"a field of type {self.name}")
        return self.lift(runtime, getattr(runtime, f"mem_{self.view}")[(ptr + offset) >> self.shift])

    def store(self, runtime: Runtime, ptr: int, offset: int, value: Any, path: str) -> None:
        """Set the field at `ptr + offset`.

        Raises:
            LowerError: the value does not fit the type.
            LiftError: the address lies outside memory.
        """
        raw = self.lower(runtime, value, 0, path)
        runtime.check(ptr + offset, 1 << self.shift, f"a field of type {self.name}")
        view = getattr(runtime, f"mem_{self.view}")
        if runtime.owner is not None and not runtime.is_inside():
            runtime.in_turn(view.__setitem__, (ptr + offset) >> self.shift, raw)
            return
        view[(ptr + offset) >> self.shift] = raw


class ReferenceCodec(Codec):
    """Conversion of a type whose values are pointers to managed objects."""

    def store(self, runtime: Runtime, ptr: int, offset: int, value: Any, path: str) -> None:
        def work(suspension: Suspension) -> None:
            runtime.check(ptr + offset, 4, f"a field of type {self.name}")
            suspension.slots.append(runtime.reserve())
            child = self.lower(runtime, value, suspension.slots[0], path)
            runtime.check_alive()
            if runtime.binary.schema is None:
                self._check_kind(runtime, runtime.mem_u32[(ptr + offset) >> 2], child, path)
            runtime.write_reference(ptr, offset, child)

        owned(runtime, work)

    def _check_kind(self, runtime: Runtime, before: int, after: int, path: str) -> None:
        """Refuse to put a collection of another kind where no schema says which AssemblyScript declares.

        Args:
            runtime: the instance.
            before: the address of what is there now.
            after: the address of what shall be there.
            path: what it is, for errors.
        """
        rtti = runtime.rtti
        if not before or not after or rtti is None:
            return
        try:
            old, new = (runtime.header(ptr, self.name)[0] for ptr in (before, after))
        except LiftError:
            return  # what is there is no object, and goes
        if rtti.kind_of(old) != rtti.kind_of(new):
            problem = f"AssemblyScript has {rtti.show_kind(old)} there, {self.name} becomes {rtti.show_kind(new)}"
            raise LowerTypeError(path, self.name, LowerTypeError.NO_VALUE, f"{problem}; declare it as that live type")
