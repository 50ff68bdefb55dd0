"""`ArrayBuffer`, and what refers to a part of one."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from wasmbind._codecs.buffers import buffer_of, new_room
from wasmbind._codecs.objects import load_object
from wasmbind._live.sequences import FixedSequence
from wasmbind._live.slices import load_numbers
from wasmbind._live.views import Viewed
from wasmbind.errors import LowerTypeError, LowerValueError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self, overload

    from _typeshed import ReadableBuffer

    from wasmbind._runtime import Runtime

__all__ = ["ArrayBuffer", "BufferPart", "ZeroedSequence"]

T = TypeVar("T")


class ZeroedSequence(FixedSequence[T]):
    """A sequence that is made of values, or of a number, which is that of its elements, all of them 0."""

    __slots__ = ()

    @classmethod
    def _make(cls, runtime: Runtime, args: Sequence[Any], slot: int) -> int:
        given: Any = args[0] if args else 0
        kind = type(given)
        if isinstance(given, ArrayBuffer) and cls.__asc_kind__ != "ArrayBuffer":
            name = cls.__asc_codec__.name
            problem = "a typed array over an ArrayBuffer is made in AssemblyScript, by wrap(); pass values, or a view"
            raise LowerTypeError(f"{name}(values)", name, given, problem)
        # An ndarray has __index__ too.
        if kind is bool or not hasattr(kind, "__index__") or hasattr(kind, "__len__"):
            return super()._make(runtime, args, slot)
        codec, length = cls.__asc_codec__, operator.index(cast("Any", given))
        path = f"{codec.name}(length)"
        if length < 0:
            raise LowerValueError(path, codec.name, given, "a length is not negative")
        size = 1 << codec.element.shift
        codec.maker.count_bytes(length, size, path)
        return new_room(runtime, runtime.allocation(codec, path), length, size, slot, zeroed=True)[0]


class ArrayBuffer(ZeroedSequence[int]):
    """A live AssemblyScript `ArrayBuffer`: a sequence of bytes of fixed length, whose slices are `bytes`.

    Where one is declared for a parameter or a field, `bytes` and other bytes-like objects are taken too, and copied
    into a new buffer. `module[ArrayBuffer](data)` makes one, `module[ArrayBuffer](length)` one full of zeros.

    Raises:
        IndexError: an index is out of range.
        LowerError: a value is no byte, or the length would have to change.
        InstanceError: the instance is closed or poisoned.
    """

    __slots__ = ()
    __asc_kind__ = "ArrayBuffer"
    __hash__ = None  # type: ignore[assignment]  # its bytes may change

    if TYPE_CHECKING:

        def __init__(self, data: int | ArrayBuffer | ReadableBuffer = 0, /) -> None: ...
        def __get__(self, obj: object, owner: object, /) -> Self: ...
        def __set__(self, obj: Any, value: Self | ReadableBuffer) -> None: ...
        @overload  # type: ignore[override]  # slices are bytes, and no list
        def __getitem__(self, index: int, /) -> int: ...
        @overload
        def __getitem__(self, index: slice, /) -> bytes: ...
        def __getitem__(self, index: int | slice, /) -> int | bytes: ...  # pyright: ignore[reportIncompatibleMethodOverride]  # the same
        @overload
        def __setitem__(self, index: int, value: int, /) -> None: ...
        @overload
        def __setitem__(self, index: slice, value: Iterable[int] | ReadableBuffer, /) -> None: ...
        def __setitem__(self, index: int | slice, value: Any, /) -> None: ...

    @property
    def byteLength(self) -> int:
        """The number of bytes."""
        return len(self)

    def tolist(self) -> list[int]:
        """All bytes as a list of numbers."""
        return list(bytes(self))

    def copy(self) -> bytes:  # type: ignore[override]  # not a list
        """All bytes, copied. A new buffer is made by `module[ArrayBuffer](data)`."""
        return bytes(self)

    __copy__ = copy  # type: ignore[assignment]  # the same

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (bytes, bytearray, memoryview)):
            return bytes(self) == other
        return super().__eq__(other)

    def _shown(self) -> str:
        return repr(bytes(self))

    def _load_slice(self, index: slice) -> bytes:  # type: ignore[override]  # not a list
        return load_numbers(self, index).tobytes()

    def _collected(self, values: Any) -> Any:
        return list(values) if buffer_of(values) is None else super()._collected(values)


class BufferPart(Viewed):
    """What refers to a part of an ArrayBuffer, whose place never changes.

    Attributes:
        __asc_buffer__: the concrete class of ArrayBuffer.
    """

    __slots__ = ()
    __asc_buffer__: ClassVar[type[ArrayBuffer]]

    @property
    def buffer(self) -> ArrayBuffer:
        """The ArrayBuffer that it refers to."""
        found: ArrayBuffer = load_object(self._asc_runtime, self.__asc_buffer__, self._asc_ptr, 0, nullable=False)
        return found

    @property
    def byteOffset(self) -> int:
        """Where it begins in the ArrayBuffer, in bytes."""
        memory, word = self._asc_runtime.mem_u32, self._asc_ptr >> 2
        return memory[word + 1] - memory[word]

    @property
    def byteLength(self) -> int:
        """How long it is, in bytes."""
        return self._asc_runtime.mem_u32[(self._asc_ptr >> 2) + 2]
