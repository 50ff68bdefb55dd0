"""What objects become that nobody has declared: their headers and the type table of the binary tell it.

A number is taken for an object only if its header proves that it is one, see `_proof`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from wasmbind import _descriptors as d
from wasmbind._annotation_texts import DICTS, SETS
from wasmbind._codecs.scalars import lift_enum
from wasmbind._conversion import codec_for
from wasmbind._dynamic.hints import COPIED, parts_of
from wasmbind._dynamic.making import lower_unambiguous
from wasmbind._dynamic.objects import AscObject, Shown, WrappedNumber
from wasmbind._dynamic.retyping import Retyping
from wasmbind._dynamic.shapes import KEY_SHIFT, kind_of, type_by_flags
from wasmbind._live.maps import Map
from wasmbind._live.sets import Set
from wasmbind._live.views import watch
from wasmbind._ownership import Suspension, owned
from wasmbind._proof import proven_id
from wasmbind._schema import rtti as flags
from wasmbind.errors import LiftError
from wasmbind.types import string

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wasmbind._codecs.base import Codec
    from wasmbind._dynamic.hints import Hints
    from wasmbind._runtime import Runtime

__all__ = ["ObjectTypes", "as_signed", "as_word"]

_WORD = 0xFFFFFFFF
#: Bytes of a Map or Set.
_KEYED_SIZE = 24


def as_signed(number: int) -> int:
    """An i32 as AssemblyScript shows it, given either way."""
    number &= _WORD
    return number - (1 << 32) if number >> 31 else number


def as_word(name: str, value: Any) -> int:
    """An address, or another number of 32 bits, from somebody who may have it signed.

    Args:
        name: the module, for errors.
        value: what was given.

    Raises:
        LiftError: it is no number of 32 bits.
        TypeError: it is no number.
    """
    if isinstance(value, bool) or not hasattr(type(value), "__index__"):
        raise TypeError(f"{name}: an address or an object of the module expected, got {type(value).__name__}")
    number = int(value.__index__())
    if not -(1 << 31) <= number <= _WORD:
        raise LiftError(f"{name}: an address expected, but {number} has more than 32 bits")
    return number & _WORD


class ObjectTypes:
    """The types of one binary by run-time ids.

    Attributes:
        hints: reads types.
        retyping: the calls with `as_=`.
    """

    def __init__(
        self,
        hints: Hints,
        find_classes: Callable[[Runtime], Mapping[int, type[Any]]],
        describe: Callable[[int, Literal["itself", "library"]], object] | None = None,
    ) -> None:
        """Know no classes yet.

        Args:
            hints: reads types.
            find_classes: gives the Python classes by run-time ids, when they are first needed.
            describe: the annotation for a run-time id, where a schema tells it, None for one that has none; of
                the class itself, or of the collection of AssemblyScript's library that it is or derives from.
        """
        self.hints = hints
        self.retyping = Retyping(hints)
        self._find_classes = find_classes
        self._classes: Mapping[int, type[Any]] | None = None
        self._describe = describe
        self._codecs: dict[tuple[int, Any], Codec] = {}
        self._collections: dict[str, Mapping[int, d.Collection]] = {}

    def classes_in(self, runtime: Runtime) -> Mapping[int, type[Any]]:
        """The Python class for each run-time id that is one of a class of the module."""
        if self._classes is None:
            self._classes = self._find_classes(runtime)
        return self._classes

    def collections_in(self, runtime: Runtime, kind: str) -> Mapping[int, d.Collection]:
        """The types of the library's own collections of one kind, by run-time ids, without classes that derive from it.

        Args:
            runtime: the instance.
            kind: such as `Array`.
        """
        found = self._collections.get(kind)
        if found is None:
            rtti = runtime.rtti
            assert rtti is not None
            ids = [rt_id for rt_id in range(len(rtti.flags)) if kind_of(rtti, rt_id) == kind]
            types = {rt_id: self.type_of(runtime, 0, rt_id, Shown.OBJECT) for rt_id in ids}
            found = {rt_id: type_ for rt_id, type_ in types.items() if isinstance(type_, d.Collection)}
            self._collections[kind] = found
        return found

    # --- lift -----------------------------------------------------------------------------------------------

    def lift(self, runtime: Runtime, raw: int, hint: Any) -> Any:
        """The value of a result, or of what an object refers to. The caller owns the instance and holds the object.

        Args:
            runtime: the instance.
            raw: the number.
            hint: how it is shown, or the type that it is expected to be of.

        Raises:
            LiftError: it is something else.
        """
        ptr = raw & _WORD
        rt_id = proven_id(runtime, ptr) if ptr else None
        if rt_id is None:
            return self._lift_number(runtime, ptr, hint)
        if hint in (Shown.WRAPPED, Shown.HANDLE):
            return self._handle(runtime, ptr)
        codec = self._codec(runtime, ptr, rt_id, hint)
        return self._handle(runtime, ptr) if codec is None else codec.lift(runtime, ptr)

    def _lift_number(self, runtime: Runtime, number: int, hint: Any) -> Any:
        if hint is Shown.WRAPPED:
            return WrappedNumber(runtime, as_signed(number))
        if hint is Shown.RESULT:
            return as_signed(number)
        if not number and isinstance(hint, Shown):
            return None
        shown = "an object" if isinstance(hint, Shown) else self.hints.show(hint)
        what = "null" if not number else "the number is no object's address"
        raise LiftError(f"{runtime.name}: {shown} expected, but {what}", number or None)

    def _handle(self, runtime: Runtime, ptr: int) -> AscObject:
        """A handle, which holds the object besides all other Python objects that stand for it."""
        slot = runtime.reserve()
        try:
            runtime.mem_u32[slot] = ptr
            made: AscObject = object.__new__(AscObject)
            made._asc_runtime, made._asc_ptr = runtime, ptr
            watch(runtime, made, slot)
        except BaseException:
            runtime.bury([slot])
            raise
        return made

    def _codec(self, runtime: Runtime, ptr: int, rt_id: int, hint: Any) -> Codec | None:
        """What lifts an object; None for one that nothing tells the type of."""
        found = self._codecs.get((rt_id, hint))
        if found is None:
            type_ = self.type_of(runtime, ptr, rt_id, hint)
            if type_ is None:
                return None
            known = (rt_id, type_ if self._is_guess(runtime, rt_id) else hint)
            found = self._codecs.get(known) or self._codecs.setdefault(known, codec_for(type_))
        return found

    def type_of(self, runtime: Runtime, ptr: int, rt_id: int, hint: Any) -> d.Descriptor | None:
        """The type of an object, None where nothing tells it.

        Raises:
            LiftError: it is not of the expected type.
        """
        rtti = runtime.rtti
        assert rtti is not None
        is_shown = isinstance(hint, Shown)
        cls = self.classes_in(runtime).get(rt_id)
        if is_shown and cls is not None:
            return d.ObjectOf(cls)
        if self._describe is not None:
            annotation = self._describe(rt_id, "itself") if is_shown else hint
            if annotation is None:
                return None
            return self._exact(self.hints.descriptor(annotation, "i32", runtime.name), rt_id, hint)
        shown = Shown.OBJECT if hint is Shown.RESULT else hint
        found = type_by_flags(rtti, rt_id, self._keyed(runtime, ptr, rt_id, shown), self.hints, runtime.name)
        if found is None and not is_shown:
            raise LiftError(f"{runtime.name}: {self.hints.show(hint)} expected, found {self.show(runtime, ptr)}", ptr)
        return found

    def _exact(self, found: d.Descriptor, rt_id: int, hint: Any) -> d.Descriptor:
        """The type of the copy that a loose type asks for, where the schema knows that of the object."""
        if not isinstance(found, d.Untyped):
            return found
        assert self._describe is not None
        origin, _ = parts_of(hint)
        annotation = self._describe(rt_id, "library") or self._describe(rt_id, "itself")
        live = self.hints.descriptor(annotation, "i32", "")
        if isinstance(live, d.Collection) and origin in COPIED:
            parts = live.arguments or (d.element_of(live),)
            self._check_parts(parts, hint)
            if live.kind == "Map":
                return d.DictOf(*parts)
            if live.kind == "Set":
                return d.SetOf(*parts)
            return d.TupleOf(parts[0], None) if origin is tuple else d.ListOf(parts[0])
        raise LiftError(f"{self.hints.show(hint)} expected, found {d.describe(live)}")

    def _check_parts(self, parts: tuple[d.Descriptor, ...], hint: Any) -> None:
        """Compare the Python types of numbers in a loose type with what is there.

        Raises:
            LiftError: it is something else.
        """
        for part, wanted in zip(parts, parts_of(hint)[1], strict=False):
            kind = {int: d.Integer, float: d.Float}.get(wanted)
            if kind is not None and not isinstance(part, kind):
                raise LiftError(f"{self.hints.show(hint)} expected, found elements of type {d.describe(part)}")

    @staticmethod
    def _is_guess(runtime: Runtime, rt_id: int) -> bool:
        """Whether the type of an object depends on what is in it."""
        word = runtime.rtti.flags[rt_id] if runtime.rtti is not None else 0
        shift = KEY_SHIFT if word & flags.MAP else 0
        return bool(word & (flags.MAP | flags.SET)) and bool((word >> shift) & flags.MANAGED)

    def _keyed(self, runtime: Runtime, ptr: int, rt_id: int, hint: Any) -> Any:
        """The hint for a Map or Set that is keyed by objects: strings are told by the first of them.

        AssemblyScript compares strings by their text and other objects by their address, and so has to do whoever
        looks one up. There is none to be found where it is empty.
        """
        if not self._is_guess(runtime, rt_id):
            return hint
        origin, arguments = (None, ()) if isinstance(hint, Shown) else parts_of(hint)
        if arguments or (origin is not None and origin not in (*DICTS, *SETS)):
            return hint
        first = 0
        if ptr:
            runtime.check(ptr, _KEYED_SIZE, "a Map or Set")
            entries, end = runtime.mem_u32[(ptr >> 2) + 2], runtime.mem_u32[(ptr >> 2) + 4]
            if end and entries:
                runtime.check(entries, 4, "the first entry of a Map or Set")
                first = runtime.mem_u32[entries >> 2]
        rtti = runtime.rtti
        assert rtti is not None
        is_text = not first or proven_id(runtime, first) == rtti.string_id
        key: Any = string if is_text else Any
        keyed: Any = origin or (Map if kind_of(rtti, rt_id) == "Map" else Set)
        return keyed[key, Any] if kind_of(rtti, rt_id) == "Map" else keyed[key]

    # --- for everybody --------------------------------------------------------------------------------------

    def read(self, runtime: Runtime, number: int, hint: Any) -> Any:
        """A value of a type, given its address or number.

        Raises:
            LiftError: it is none.
            DeclarationError: there is no such type.
            TypeError: what was given is no number.
        """
        type_ = self.hints.descriptor(hint, "i32", runtime.name)
        ptr = as_word(runtime.name, number)
        match type_:
            case d.Integer(bits=bits, signed=signed):
                ptr &= (limit := 1 << min(bits, 32)) - 1
                return ptr - limit if signed and ptr >= limit >> 1 else ptr
            case d.Dynamic():
                return as_signed(ptr)
            case d.Boolean():
                return bool(ptr)
            case d.Enumeration(cls=cls):
                return lift_enum(cls, as_signed(ptr))
            case d.OpaqueOf():
                return runtime.opaque.resolve(ptr, "OpaqueValue")
            case d.Nullable() if not ptr:
                return None
            case d.Untyped(hint=shown):
                return self.hold(runtime, ptr, lambda: self.lift(runtime, ptr, shown))
            case _ if d.is_reference(type_):
                if proven_id(runtime, ptr) is None:
                    return self._lift_number(runtime, ptr, hint)
                codec = codec_for(type_)
                return self.hold(runtime, ptr, lambda: codec.lift(runtime, ptr))
            case _:
                raise LiftError(f"{runtime.name}: {d.describe(type_)} expected, found a number of 32 bits")

    def native(self, runtime: Runtime, ptr: int) -> Any:
        """What an object's header says that it is."""
        return self.read(runtime, ptr, Shown.OBJECT)

    @staticmethod
    def hold(runtime: Runtime, ptr: int, work: Callable[[], Any]) -> Any:
        """Do some work with an object that is held meanwhile, if it is one."""

        def held(suspension: Suspension) -> Any:
            suspension.slots.append(runtime.reserve())
            if proven_id(runtime, ptr) is not None:
                runtime.mem_u32[suspension.slots[0]] = ptr
            return work()

        return owned(runtime, held)

    def load(self, runtime: Runtime, address: int, hint: Any) -> Any:
        """The value of a reference in memory.

        Raises:
            LiftError: the address lies outside memory, or there is something else.
        """

        def work(suspension: Suspension) -> Any:
            suspension.slots.append(runtime.reserve())
            runtime.check(address, 4, "a reference")
            raw = runtime.mem_u32[address >> 2]
            if raw and proven_id(runtime, raw) is not None:
                runtime.mem_u32[suspension.slots[0]] = raw
            return self.lift(runtime, raw, hint)

        return owned(runtime, work)

    def show(self, runtime: Runtime, ptr: int) -> str:
        """What an object is, for messages."""
        rt_id = proven_id(runtime, ptr)
        rtti = runtime.rtti
        if rt_id is None or rtti is None:
            return "no object"
        cls = self.classes_in(runtime).get(rt_id)
        if cls is not None:
            return cls.__name__
        kind = kind_of(rtti, rt_id)
        return f"{'an' if kind[0] in 'AI' else 'a'} {kind}" if kind else f"an object of run-time id {rt_id}"

    # --- lower ----------------------------------------------------------------------------------------------

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> int:
        """The address of the new object that a list, dict or set becomes. The caller owns the instance.

        Raises:
            LowerTypeError: it is none, or several classes of the module fit it, or none.
        """
        return lower_unambiguous(runtime, value, slot, path, self)
