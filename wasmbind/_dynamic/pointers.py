"""What a dynamic module does with addresses: resolves them, keeps objects alive, makes arrays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wasmbind._adaptor_glue import KEEP, OWE, SYNC
from wasmbind._dynamic.lifting import as_word
from wasmbind._dynamic.making import ARRAYS, fitting_collections, make_collection, settle
from wasmbind._dynamic.objects import OpaqueValue, Shown
from wasmbind._dynamic.shapes import kind_of, type_by_flags
from wasmbind._handles import WIDE
from wasmbind._ownership import Suspension, owned
from wasmbind._proof import count_of, proven_id
from wasmbind.errors import InstanceError, LiftError, LowerTypeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._dynamic.lifting import ObjectTypes
    from wasmbind._runtime import Runtime
    from wasmbind._schema.rtti import Rtti

__all__ = ["Pointers", "TypeInfo"]


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """What the type table of a binary says of one class.

    Attributes:
        id: its run-time id.
        base_id: that of its base class, None where it has none or the binary does not tell it: the type table does so
            up to asc 0.22, a schema always.
        flags: the word of the table.
        name: what it is, such as `Array`, `string` or the class of the module; "" where nothing tells.
    """

    id: int
    base_id: int | None
    flags: int
    name: str


def _id_of(given: Any) -> int | None:
    """The run-time id that somebody means; None for the one that fits.

    Raises:
        TypeError: it is none.
    """
    if given is None or isinstance(given, TypeInfo):
        return None if given is None else given.id
    if isinstance(given, bool) or not hasattr(type(given), "__index__"):
        problem = "a run-time id, such as `export const Ids = idof<i32[]>()` gives, a TypeInfo or None expected"
        raise TypeError(f"alloc_array(rt_id): {problem}, got {type(given).__name__}")
    return int(given.__index__())


class Pointers:
    """The addresses of one instance."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._kept: dict[int, list[int]] = {}
        self._retained: Counter[int] = Counter()

    @property
    def _types(self) -> ObjectTypes:
        found: ObjectTypes = self._runtime.binding.untyped
        return found

    def address(self, value: Any) -> int:
        """The address of an object, or a number that is one.

        Raises:
            InstanceError: the object belongs to another instance.
            LiftError: the number has more than 32 bits.
            TypeError: it is neither.
        """
        runtime = self._runtime
        runtime.check_alive()
        if hasattr(value, "_asc_ptr"):
            if value._asc_runtime is not runtime:
                raise InstanceError("foreign", f"this {type(value).__name__} belongs to another instance")
            ptr: int = value._asc_ptr
            return ptr
        if isinstance(value, OpaqueValue):
            raise TypeError(f"{runtime.name}: an address or an object of the module expected, got an OpaqueValue")
        return as_word(runtime.name, value)

    def _proven(self, value: Any) -> tuple[int, int]:
        """An address and the run-time id of the object there.

        Raises:
            LiftError: there is no object.
        """
        ptr = self.address(value)
        rt_id = owned(self._runtime, lambda _: self._prove(ptr))
        if rt_id is None:
            raise LiftError(f"{self._runtime.name}: no object lies there", ptr)
        return ptr, rt_id

    def _prove(self, ptr: int) -> int | None:
        self._need_types()
        return proven_id(self._runtime, ptr)

    def _need_types(self) -> Rtti:
        runtime = self._runtime
        if runtime.rtti is None:
            runtime.binding.need_heap(runtime, "an object")
        assert runtime.rtti is not None
        return runtime.rtti

    def resolve(self, value: Any, as_: Any) -> Any:
        """The Python value for an address; None for 0 where no type is given.

        Raises:
            LiftError: there is no object, or it is of another type.
        """
        if getattr(value, "_asc_owner", self._runtime) is not self._runtime:
            raise InstanceError("foreign", "this opaque value belongs to another instance")
        if as_ is OpaqueValue:
            self._runtime.check_alive()
            number = value.id if isinstance(value, OpaqueValue) else as_word(self._runtime.name, value)
            return self._runtime.opaque.resolve(number, "OpaqueValue")
        if isinstance(value, (str, bytes, list, tuple, dict, set)):
            return self._types.retyping.copied(value, as_, f"{self._runtime.name}.resolve")
        ptr = 0 if value is None else self.address(value)
        if as_ is None and not ptr:
            return None
        self._need_types()
        if as_ is None and self._prove(ptr) is None:
            raise LiftError(f"{self._runtime.name}: no object lies there", ptr)
        return self._types.read(self._runtime, ptr, Shown.OBJECT if as_ is None else as_)

    def type_of(self, value: Any) -> TypeInfo:
        """What the type table says of an object's class."""
        return self.type_info(self._proven(value)[1])

    def type_info(self, rt_id: int) -> TypeInfo:
        """What the type table says of a run-time id."""
        rtti = self._need_types()
        schema = self._runtime.binary.schema
        base = rtti.base_of(rt_id)
        name = kind_of(rtti, rt_id) or ""
        cls = self._types.classes_in(self._runtime).get(rt_id)
        name = cls.__name__ if cls is not None else name
        if schema is not None and rt_id in schema.class_of_id:
            found = schema.class_of_id[rt_id]
            base = None if found.base is None else schema.classes[found.base].id
            name = schema.show_class(found.index)
        return TypeInfo(rt_id, base, rtti.flags[rt_id], name)

    @property
    def _counts(self) -> bool:
        """Whether the runtime counts references."""
        return self._need_types().counted

    # --- lifetimes ------------------------------------------------------------------------------------------

    def retain(self, value: Any) -> int:
        """Keep an object alive; gives its address."""
        ptr, _ = self._proven(value)
        if self._counts:
            owned(self._runtime, lambda _: self._runtime.invoke(KEEP, ptr))
            self._retained[ptr] += 1
            return ptr

        def work(_: Suspension) -> None:
            slot = self._runtime.reserve()
            self._runtime.mem_u32[slot] = ptr
            self._kept.setdefault(ptr, []).append(slot)

        owned(self._runtime, work)
        return ptr

    def release(self, value: Any) -> None:
        """Undo one `retain`, or, where references are counted, let go of a result that is a number.

        Raises:
            InstanceError: there was none.
        """
        if self._counts:
            ptr, _ = self._proven(value)
            owned(self._runtime, lambda _: self._release(ptr))
            return
        ptr = self.address(value)
        slots = self._kept.get(ptr)
        if not slots:
            raise self._not_retained(ptr)
        self._runtime.give_back(slots.pop())
        if not slots:
            del self._kept[ptr]

    def _release(self, ptr: int) -> None:
        runtime = self._runtime
        if ptr in self._retained:
            self._retained[ptr] -= 1
            if not self._retained[ptr]:
                del self._retained[ptr]
        elif count_of(runtime, ptr) <= runtime.roots.counted(runtime, ptr):
            raise self._not_retained(ptr)
        runtime.invoke(OWE, ptr)
        runtime.invoke(SYNC)

    def _not_retained(self, ptr: int) -> InstanceError:
        return InstanceError("missing", f"{self._runtime.name}: the object at {ptr:#x} has not been retained")

    def references(self, value: Any) -> int:
        """The count of references of an object.

        Raises:
            InstanceError: the runtime counts none.
        """
        ptr, _ = self._proven(value)
        runtime = self._runtime
        if not self._counts:
            problem = "has a collector, which counts no references: from asc 0.18 on an object lives as long as it is"
            raise InstanceError("missing", f"{runtime.name} {problem} reachable")
        owned(runtime, lambda _: runtime.invoke(SYNC))  # without what is to be released
        return count_of(runtime, ptr)

    # --- new values -----------------------------------------------------------------------------------------

    def make_array(self, given: int | TypeInfo | None, values: Iterable[Any]) -> Any:
        """A new array, as the live collection that it is.

        Raises:
            LowerError: the id is not that of an array, or the values do not fit.
            TypeError: the id is none.
        """
        runtime, types, path = self._runtime, self._types, "alloc_array(values)"
        runtime.check_alive()
        rtti = self._need_types()
        items = values if hasattr(values, "__len__") else list(values)
        rt_id = _id_of(given)
        if rt_id is None:
            items = settle(items)
            found = fitting_collections(runtime, items, "Array", types)
            if len(found) != 1:
                ids = f" (run-time ids {', '.join(map(str, found))})" if found else ""
                problem = f"{len(found)} arrays of the module fit the values{ids}; give the run-time id"
                raise LowerTypeError(path, "Array", LowerTypeError.NO_VALUE, problem)
            ((rt_id, _),) = found.items()
        if rtti.flags_of(rt_id) is None or kind_of(rtti, rt_id) not in ARRAYS:
            shown = self.type_info(rt_id).name if rtti.flags_of(rt_id) is not None else "no class of the module"
            problem = (
                f"the run-time id {rt_id} is {shown or 'another class'}, and not that of an array; export one,"
                " `export const Ids = idof<i32[]>()`"
            )
            raise LowerTypeError(path, "an array", LowerTypeError.NO_VALUE, problem)
        type_ = types.type_of(runtime, 0, rt_id, Shown.HANDLE)
        type_ = type_ or type_by_flags(rtti, rt_id, Shown.HANDLE, types.hints, runtime.name)
        assert type_ is not None

        def work(_: Suspension) -> Any:
            slot = runtime.reserve()
            try:
                ptr, cls = make_collection(runtime, rt_id, items, slot, path, type_)
                return runtime.lift(ptr, slot, cls)
            except BaseException:
                runtime.bury([slot])
                raise

        return owned(runtime, work)

    def register(self, value: Any) -> OpaqueValue:
        """A number that stands for a Python object.

        Raises:
            TypeError: the value is None.
        """
        if value is None:
            raise TypeError("None needs no number: pass None, which is 0")
        runtime = self._runtime
        runtime.check_alive()
        weak = type(value).__weakrefoffset__ != 0  # below 0 from Python 3.12 on, where Python keeps the place itself
        entry = runtime.opaque.enter(value, WIDE, "register_opaque_value(value)", "OpaqueValue", weak=weak)
        return OpaqueValue(runtime, entry.number)
