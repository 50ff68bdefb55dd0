"""Linear memory, as views that check bounds.

The base of a memory never moves (see `_engine`), and it only grows, so a view can end too early and can never
point elsewhere. Every read and write goes through a `memoryview`, which checks bounds; an access past the end
refreshes the views once and is an error after that.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Final, NoReturn

import wasmtime

from wasmbind._layout import ID_WORD, SIZE_WORD, UNCONSTRUCTED, VIEWS
from wasmbind._native import cast_views
from wasmbind.errors import InstanceError, LiftError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._native import Native
    from wasmbind._schema.rtti import Rtti

__all__ = ["HEADER", "ID_WORD", "MISALIGNED", "SIZE_WORD", "Ended", "Memory", "not_constructed"]

#: Bytes before an object: memory manager, collector (2 words), rtId, rtSize; the same from asc 0.17 on.
HEADER: Final = 20
#: The collector's objects are 16-byte aligned; 8 are needed to read an f64 through a view.
MISALIGNED: Final = 7
_LARGEST: Final = 1 << 32


class Ended:
    """Stands in for everything of an instance that is closed or poisoned, and says so when used."""

    def __init__(self, error: InstanceError) -> None:
        self._error = error

    @property
    def reason(self) -> str:
        """``"closed"`` or ``"poisoned"``."""
        return self._error.reason

    def refuse(self, *_: object, **__: object) -> NoReturn:
        """Raise a fresh copy of the error."""
        raise type(self._error)(self._error.reason, str(self._error))

    __getitem__ = __setitem__ = __len__ = __call__ = __iter__ = refuse


def not_constructed() -> InstanceError:
    """The error for using an object before its constructor has run."""
    return InstanceError("missing", "this object is not constructed yet: call super().__init__(...) first")


def _map(address: int, size: int, keeper: object) -> memoryview[int]:
    """`size` bytes at `address`; every view, slice and NumPy array made from the result keeps `keeper` alive."""
    pages_type: Any = type("Pages", (ctypes.c_uint8 * size,), {})
    pages = pages_type.from_address(address)
    pages.keeper = keeper
    return memoryview(pages).cast("B")


class Memory:
    """The memory of one instance.

    Attributes:
        name: what to call the instance in messages.
        size: the bytes that the views cover.
        rtti: run-time type information, None where the module exports no runtime.
        unlisted: objects below this address may be in no list of the collector: static ones, or, where nothing is ever
            freed, all.
        idle: None, or an `Ended` once the instance is closed or poisoned.
    """

    __slots__ = (
        "_exported",
        "buffer_id",
        "idle",
        *(f"mem_{view}" for view in VIEWS),
        "name",
        "native",
        "rtti",
        "size",
        "string_id",
        "unlisted",
    )
    mem_f32: memoryview[float]
    mem_f64: memoryview[float]
    mem_i16: memoryview[int]
    mem_i32: memoryview[int]
    mem_i64: memoryview[int]
    mem_i8: memoryview[int]
    mem_u16: memoryview[int]
    mem_u32: memoryview[int]
    mem_u64: memoryview[int]
    mem_u8: memoryview[int]

    def __init__(self, name: str, native: Native) -> None:
        self.name, self.native = name, native
        self.idle: Any = None
        self.rtti: Rtti | None = None
        self.string_id = self.buffer_id = -1
        self.unlisted = 0
        self._exported = native.export("memory")
        self._make_views()

    def _make_views(self) -> None:
        size, whole = 0, memoryview(bytearray())
        if isinstance(self._exported, wasmtime.Memory | wasmtime.SharedMemory):
            size = self.native.memory_size(self._exported)
            whole = _map(self.native.memory_address(self._exported), size, self.native)
        for view, memory in cast_views(whole).items():
            setattr(self, f"mem_{view}", memory)
        # Last, because it is what refresh() looks at: an interrupt before leaves the views to be made again.
        self.size = size

    @property
    def room(self) -> int:
        """Bytes that the memory can grow by, as its type and the limits of the instance say."""
        memory, limits = self._exported, self.native.interruption.limits
        if isinstance(memory, wasmtime.SharedMemory):
            most = memory.type().limits.max
        else:
            most = memory.type(self.native.store).limits.max if isinstance(memory, wasmtime.Memory) else 0
        most = _LARGEST if most is None else most << 16
        return min(most, limits.memory if limits is not None and limits.memory is not None else most) - self.size

    def check_alive(self) -> None:
        """Raise InstanceError if the instance is closed or poisoned."""
        if isinstance(self.idle, Ended):
            self.idle.refuse()

    def refresh(self) -> bool:
        """Look whether memory has grown, and if so make new views of it.

        Raises:
            InstanceError: the instance is closed or poisoned.
        """
        self.check_alive()
        if not isinstance(self._exported, wasmtime.Memory | wasmtime.SharedMemory):
            return False
        if self.native.memory_size(self._exported) == self.size:
            return False
        self._make_views()
        return True

    def check(self, ptr: int, size: int, what: str) -> None:
        """Make sure that `size` bytes at `ptr` lie inside memory.

        Raises:
            LiftError: they do not.
        """
        if ptr + size > self.size and not (self.refresh() and ptr + size <= self.size):
            if ptr >= UNCONSTRUCTED:
                raise not_constructed()
            raise LiftError(f"{self.name}: {what} of {size} bytes ends outside memory ({self.size} bytes)", ptr)

    def header(self, ptr: int, what: str) -> tuple[int, int]:
        """The run-time id and size of the object at `ptr`, after checking that it lies inside memory.

        Raises:
            LiftError: no object can lie there.
        """
        if ptr < HEADER or ptr & MISALIGNED:
            raise LiftError(f"{self.name}: {what} expected, but the pointer is no object's address", ptr)
        self.check(ptr, 0, f"the header of {what}")
        word = ptr >> 2
        rt_id, rt_size = self.mem_u32[word + ID_WORD], self.mem_u32[word + SIZE_WORD]
        self.check(ptr, rt_size, what)
        return rt_id, rt_size

    def read_text(self, ptr: int) -> str:
        """The string at `ptr`.

        Raises:
            LiftError: there is no string.
        """
        rt_id, size = self.header(ptr, "a string")
        if self.rtti is not None and rt_id != self.rtti.string_id:
            raise LiftError(f"{self.name}: a string expected, found an object of run-time id {rt_id}", ptr)
        if size & 1:
            raise LiftError(f"{self.name}: a string of an odd number of bytes ({size})", ptr)
        return str(self.mem_u8[ptr : ptr + size], "utf-16-le", "surrogatepass")

    def write_words(self, ptr: int, words: Iterable[int]) -> None:
        """Store u32 words from `ptr` on."""
        for index, word in enumerate(words, ptr >> 2):
            self.mem_u32[index] = word

    def fill(self, ptr: int, size: int) -> None:
        """Store zeros."""
        self.check(ptr, size, "a new object")
        self.mem_u8[ptr : ptr + size] = bytes(size)

    @property
    def memory(self) -> memoryview[Any]:
        """Linear memory as bytes, live and writable. It keeps the memory from being freed, and does not grow.

        Raises:
            InstanceError: the instance is closed or poisoned.
        """
        return self.mem_u8[:]

    @property
    def ended(self) -> bool:
        """Whether the instance is closed or poisoned."""
        return isinstance(self.idle, Ended)
