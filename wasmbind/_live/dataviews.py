"""`DataView`."""

from __future__ import annotations

import operator
import struct
from array import array
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._codecs.buffers import CopyCodec
from wasmbind._codecs.scalars import FloatCodec, IntegerCodec
from wasmbind._layout import VIEWS
from wasmbind._live.base import shown
from wasmbind._live.buffers import BufferPart
from wasmbind._memory import SIZE_WORD
from wasmbind._roots import VIEW_SIZE
from wasmbind.errors import LiftError, LowerError, LowerValueError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal, Self, TypeAlias, overload

    from _typeshed import ReadableBuffer

    from wasmbind._codecs.base import Allocation, Codec, Raw
    from wasmbind._live.buffers import ArrayBuffer
    from wasmbind._runtime import Runtime

    _Integers: TypeAlias = Literal["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64"]

__all__ = ["DataView", "DataViewCodec"]

#: The codec of each type of number, by the view of memory that holds such numbers.
_CODECS: Final[dict[str, Codec]] = {
    view: FloatCodec(d.F32 if view == "f32" else d.F64) if view[0] == "f" else IntegerCodec(d.INTEGERS[view])
    for view in VIEWS
}


class DataView(BufferPart):
    """A live AssemblyScript `DataView`: numbers of any type at any place of an ArrayBuffer.

    They are big-endian, where `littleEndian` does not say otherwise.

    `module[DataView](buffer, byteOffset, byteLength)` makes one; bytes-like objects are copied into a new buffer.

    Raises:
        IndexError: the bytes of a number do not lie inside it.
        LowerError: a value does not fit the type that the method is named for.
        InstanceError: the instance is closed or poisoned.
    """

    __slots__ = ()
    __asc_kind__ = "DataView"

    if TYPE_CHECKING:

        def __init__(
            self, buffer: ArrayBuffer | ReadableBuffer, byteOffset: int = 0, byteLength: int | None = None
        ) -> None: ...
        def __get__(self, obj: object, owner: object, /) -> Self: ...
        def __set__(self, obj: Any, value: Self | ReadableBuffer) -> None: ...

    else:

        def __new__(cls, *arguments: Any, **named: Any) -> Any:
            """Make the view in the current instance."""
            return super().__new__(cls, *_in_order(*arguments, **named))

    @classmethod
    def asc_construct(cls, runtime: Runtime, args: Sequence[Any], kwargs: Any) -> Any:
        return super().asc_construct(runtime, _in_order(*args, **kwargs), {})

    @classmethod
    def _most_arguments(cls) -> int:
        return 3

    @classmethod
    def _make(cls, runtime: Runtime, args: Sequence[Any], slot: int) -> int:
        codec = cls.__asc_codec__
        maker: Any = codec.maker
        allocation = runtime.allocation(codec, codec.name)
        made: int = maker.make_part(runtime, args, slot, codec.name, allocation)
        return made

    @classmethod
    def asc_verify(cls, runtime: Runtime, ptr: int) -> bool:
        memory, word = runtime.mem_u32, ptr >> 2
        buffer, start, size = memory[word], memory[word + 1], memory[word + 2]
        rt_id, capacity = runtime.header(buffer, "the buffer of a DataView")
        if rt_id != runtime.buffer_id or not buffer <= start or start + size > buffer + capacity:
            raise LiftError(f"{runtime.name}: DataView expected, found an object that refers to no ArrayBuffer", ptr)
        return False

    def __repr__(self) -> str:
        return shown(self, lambda: repr(bytes(self)))

    def getInt8(self, byteOffset: int) -> int:
        """The `i8` at a place."""
        return self._load("i8", byteOffset)

    def getUint8(self, byteOffset: int) -> int:
        """The `u8` at a place."""
        return self._load("u8", byteOffset)

    def getInt16(self, byteOffset: int, littleEndian: bool = False) -> int:
        """The `i16` at a place."""
        return self._load("i16", byteOffset, littleEndian)

    def getUint16(self, byteOffset: int, littleEndian: bool = False) -> int:
        """The `u16` at a place."""
        return self._load("u16", byteOffset, littleEndian)

    def getInt32(self, byteOffset: int, littleEndian: bool = False) -> int:
        """The `i32` at a place."""
        return self._load("i32", byteOffset, littleEndian)

    def getUint32(self, byteOffset: int, littleEndian: bool = False) -> int:
        """The `u32` at a place."""
        return self._load("u32", byteOffset, littleEndian)

    def getInt64(self, byteOffset: int, littleEndian: bool = False) -> int:
        """The `i64` at a place."""
        return self._load("i64", byteOffset, littleEndian)

    def getUint64(self, byteOffset: int, littleEndian: bool = False) -> int:
        """The `u64` at a place."""
        return self._load("u64", byteOffset, littleEndian)

    def getFloat32(self, byteOffset: int, littleEndian: bool = False) -> float:
        """The `f32` at a place."""
        return self._load("f32", byteOffset, littleEndian)

    def getFloat64(self, byteOffset: int, littleEndian: bool = False) -> float:
        """The `f64` at a place."""
        return self._load("f64", byteOffset, littleEndian)

    def setInt8(self, byteOffset: int, value: int) -> None:
        """Set the `i8` at a place."""
        self._store("i8", "setInt8", byteOffset, value)

    def setUint8(self, byteOffset: int, value: int) -> None:
        """Set the `u8` at a place."""
        self._store("u8", "setUint8", byteOffset, value)

    def setInt16(self, byteOffset: int, value: int, littleEndian: bool = False) -> None:
        """Set the `i16` at a place."""
        self._store("i16", "setInt16", byteOffset, value, littleEndian)

    def setUint16(self, byteOffset: int, value: int, littleEndian: bool = False) -> None:
        """Set the `u16` at a place."""
        self._store("u16", "setUint16", byteOffset, value, littleEndian)

    def setInt32(self, byteOffset: int, value: int, littleEndian: bool = False) -> None:
        """Set the `i32` at a place."""
        self._store("i32", "setInt32", byteOffset, value, littleEndian)

    def setUint32(self, byteOffset: int, value: int, littleEndian: bool = False) -> None:
        """Set the `u32` at a place."""
        self._store("u32", "setUint32", byteOffset, value, littleEndian)

    def setInt64(self, byteOffset: int, value: int, littleEndian: bool = False) -> None:
        """Set the `i64` at a place."""
        self._store("i64", "setInt64", byteOffset, value, littleEndian)

    def setUint64(self, byteOffset: int, value: int, littleEndian: bool = False) -> None:
        """Set the `u64` at a place."""
        self._store("u64", "setUint64", byteOffset, value, littleEndian)

    def setFloat32(self, byteOffset: int, value: float, littleEndian: bool = False) -> None:
        """Set the `f32` at a place."""
        self._store("f32", "setFloat32", byteOffset, value, littleEndian)

    def setFloat64(self, byteOffset: int, value: float, littleEndian: bool = False) -> None:
        """Set the `f64` at a place."""
        self._store("f64", "setFloat64", byteOffset, value, littleEndian)

    def _place(self, offset: Any, size: int) -> int:
        """The address of a number.

        Raises:
            IndexError: it does not lie inside the view.
        """
        runtime, offset = self._asc_runtime, operator.index(offset)
        memory, word = runtime.mem_u32, self._asc_ptr >> 2
        length = memory[word + 2]
        if not 0 <= offset <= length - size:
            raise IndexError(f"DataView offset out of range: {offset}, for {size} bytes, length {length}")
        place: int = memory[word + 1] + offset
        runtime.check(place, size, "a number in a DataView")
        return place

    if TYPE_CHECKING:

        @overload
        def _load(self, view: Literal["f32", "f64"], offset: int, little: bool = ...) -> float: ...
        @overload
        def _load(self, view: _Integers, offset: int, little: bool = ...) -> int: ...

    def _load(self, view: str, offset: int, little: bool = False) -> Any:
        code, size = VIEWS[view]
        place = self._place(offset, size)
        return struct.unpack_from(f"{'<' if little else '>'}{code}", self._asc_runtime.mem_u8, place)[0]

    def _store(self, view: str, method: str, offset: Any, value: Any, little: bool = False) -> None:
        runtime = self._asc_runtime
        code, size = VIEWS[view]
        # Unlike struct, array rounds to f32 as AssemblyScript does, to infinity if need be.
        number = array(code, [_CODECS[view].lower(runtime, value, 0, f"DataView.{method}(value)")])
        if not little:
            number.byteswap()

        def write() -> None:
            place = self._place(offset, size)
            runtime.mem_u8[place : place + size] = number.tobytes()

        if runtime.owner is not None and not runtime.is_inside():
            runtime.in_turn(write)
        else:
            write()


def _in_order(buffer: Any, byteOffset: int = 0, byteLength: int | None = None) -> tuple[Any, int, int | None]:
    """The arguments of DataView's constructor."""
    return buffer, byteOffset, byteLength


class DataViewCodec(CopyCodec):
    """Makes a DataView of an ArrayBuffer, or of bytes, which are copied into a new one."""

    def __init__(self, descriptor: d.Descriptor, buffer: Codec) -> None:
        super().__init__(descriptor)
        self._buffer = buffer

    def make(self, runtime: Runtime, values: Any, slot: int, path: str, allocation: Allocation) -> int:
        return self.make_part(runtime, (values, 0, None), slot, path, allocation)

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        raise NotImplementedError("a DataView is a reference")

    def make_part(
        self, runtime: Runtime, arguments: Sequence[Any], slot: int, path: str, allocation: Allocation
    ) -> int:
        """Make one of the constructor's arguments. The caller owns the instance; see `make` for the rest."""
        values, offset, length = arguments
        offset = operator.index(offset)
        held = runtime.reserve()
        try:
            buffer = self._buffer.lower(runtime, values, held, path)
            size = runtime.mem_u32[(buffer >> 2) + SIZE_WORD]
            length = size - offset if length is None else operator.index(length)
            if not 0 <= offset <= offset + length <= size:
                problem = f"byteOffset {offset} and byteLength {length} do not fit a buffer of {size} bytes"
                raise LowerValueError(path, self.name, LowerError.NO_VALUE, problem)
            # Nothing has visited the new object, so writing to it needs no barrier.
            ptr = runtime.new(VIEW_SIZE, allocation.rt_id, slot)
            runtime.write_words(ptr, (buffer, buffer + offset, length))
            return ptr
        finally:
            runtime.bury([held])
