"""Views: the elements of a live collection as a `memoryview`, without a copy.

A view shows the buffer that the elements lie in when it is taken. Behind it stands an object of its own, which keeps
the store alive, and whose death queues the release of the root slot that holds the buffer, see `Handle`. So for as
long as anything made from a view lives, a slice, a cast or an ndarray, its buffer is not collected: an array that
grows moves on to another buffer, and the view goes on showing the old one.
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from wasmbind import _descriptors as d
from wasmbind._layout import VIEWS, Span, span_of
from wasmbind._live.base import Live
from wasmbind._live.renewal import frees_moved_buffers
from wasmbind._memory import HEADER, ID_WORD, MISALIGNED, SIZE_WORD
from wasmbind._ownership import owned
from wasmbind._roots import Handle
from wasmbind.errors import LiftError

if TYPE_CHECKING:
    from wasmbind._codecs.base import Codec
    from wasmbind._ownership import Suspension
    from wasmbind._runtime import Runtime

__all__ = ["Viewed", "Window", "window_of"]


@dataclass(frozen=True, slots=True)
class Window:
    """How a view shows the elements of a concrete class.

    Attributes:
        span: where its objects have them.
        shift: 2 ** shift bytes are one element.
        mask: the bits of an address that are 0 where an element lies.
        format: the format of an element for a memoryview.
    """

    span: Span
    shift: int
    mask: int
    format: str


def window_of(kind: str, element: Codec) -> Window | None:
    """The window of a live class; None if its elements are references or handles, which nobody may write himself.

    Args:
        kind: the AssemblyScript class.
        element: the codec of its elements.
    """
    if d.is_reference(element.descriptor) or d.is_opaque(element.descriptor):
        return None
    return Window(
        span=span_of(kind),
        shift=element.shift,
        mask=(1 << element.shift) - 1,
        format="?" if isinstance(element.descriptor, d.Boolean) else VIEWS[element.view][0],
    )


class Viewed(Live):
    """A live collection whose elements lie one after the other.

    Attributes:
        __asc_window__: of a concrete class, where they lie; None if they are references.
    """

    __slots__ = ()
    __asc_window__: ClassVar[Window | None] = None

    def view(self) -> memoryview[Any]:
        """The elements as a writable memoryview, without a copy.

        It shows the buffer that the elements lie in now. An array that grows may get another one: the view goes on
        showing the old one then, and so does an array that NumPy made of it. Take a new view after such a change.
        The buffer stays for as long as the view or anything made from it is there, after `close()` too.

        Raises:
            TypeError: the elements are references.
            BufferError: the module's runtime frees the elements of an array that grows.
            LiftError: the elements do not lie in a buffer.
            InstanceError: the instance is closed or poisoned.
        """
        window, runtime = self._window(), self._asc_runtime
        if self.__asc_kind__ == "Array" and frees_moved_buffers(runtime):
            raise BufferError(
                f"{self.__asc_codec__.name} has no view in {runtime.name}, which was compiled with `--runtime minimal`:"
                " there an array that grows frees its elements at once; copy it with tolist(), or use a StaticArray or"
                " a typed array"
            )
        slot = runtime.reserve_alone()
        left = [slot]
        try:
            memory, start, size = hold_elements(self, window, slot)
            pages: Any = memory.obj
            shown = type(pages).from_address(ctypes.addressof(pages))
            shown.keeper = pages
            watch(runtime, shown, slot)
            left = []
            whole: memoryview[Any] = memoryview(shown).cast("B")
            if window.format != "B":
                whole = whole.cast(window.format)  # type: ignore[call-overload]  # a format that a variable names
            return whole[start >> window.shift : (start + size) >> window.shift]
        except BaseException:
            runtime.bury(left)
            watching = runtime.live.get(-slot)
            if watching is not None:  # else it would last as long as the traceback
                runtime.release(watching)
            raise

    def __bytes__(self) -> bytes:
        """The bytes of the elements, copied."""
        window, runtime = self._window(), self._asc_runtime

        def work(suspension: Suspension) -> bytes:
            suspension.slots.append(runtime.reserve())
            memory, start, size = hold_elements(self, window, suspension.slots[0])
            return bytes(memory[start : start + size])

        return owned(runtime, work)

    def _window(self) -> Window:
        if self.__asc_window__ is None:
            raise TypeError(f"{self._content()}, which no buffer can show: copy them with tolist()")
        return self.__asc_window__

    def _content(self) -> str:
        codec = self.__asc_codec__
        return f"{codec.name} holds {'handles' if d.is_opaque(codec.element.descriptor) else 'references'}"

    if not TYPE_CHECKING or sys.version_info >= (3, 12):  # before, `memoryview(...)` does not ask for it

        def __buffer__(self, flags: int, /) -> memoryview[Any]:
            return self.view()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:  # noqa: FBT001 - NumPy's protocol
        """The elements as an ndarray, without a copy where that is possible; references are always copied."""
        import numpy as np  # noqa: PLC0415 - whoever asks has it

        if self.__asc_window__ is None:
            if copy is False:
                raise ValueError(f"{self._content()}, so there is no array of it without a copy")
            return np.array(self.tolist(), dtype=dtype)  # type: ignore[attr-defined]  # only sequences have such elements
        found = np.asarray(self.view())
        if dtype is None or found.dtype == dtype:
            return found.copy() if copy else found
        if copy is False:
            raise ValueError(f"an array of {found.dtype} becomes one of {np.dtype(dtype)} only as a copy")
        return found.astype(dtype)


def watch(runtime: Runtime, shown: Any, slot: int) -> None:
    """Have a root slot given back once an object that shows what it holds is gone.

    The handle stands among those of objects, under a number that is no address: without an entry somewhere, nobody
    would be told of an object that goes as part of a cycle.
    """
    handle = Handle(shown, runtime.bury)
    handle.ptr, handle.slot = -slot, 0
    runtime.live[-slot] = handle
    # Last: after an interrupt before this, the caller gives the slot back.
    handle.slot = slot


def hold_elements(live: Viewed, window: Window, slot: int) -> tuple[memoryview[int], int, int]:
    """Hold the buffer of a collection's elements in a root slot.

    Args:
        live: the collection.
        window: that of its class.
        slot: the root slot.

    Returns:
        Memory, and the address and size of the elements in it.

    Raises:
        LiftError: the elements do not lie in a buffer.
        InstanceError: the instance is closed or poisoned.
    """
    while True:
        found = try_hold(live, window, slot)
        if found is not None:
            return found
        runtime = live._asc_runtime
        if not runtime.refresh():
            name = live.__asc_codec__.name
            raise LiftError(f"{runtime.name}: the elements of {name} do not lie in an ArrayBuffer", live._asc_ptr)


def try_hold(live: Viewed, window: Window, slot: int) -> tuple[memoryview[int], int, int] | None:
    """What `hold_elements` does, within memory as the views show it; None if that is not enough."""
    runtime, ptr = live._asc_runtime, live._asc_ptr
    if runtime.owner is not None and not runtime.is_inside():
        return runtime.in_turn(try_hold, live, window, slot)
    # Nothing from the test above to the write lets another thread in, which could reallocate the elements; so
    # `Span.find` may not be called.
    try:
        memory, word, span = runtime.mem_u32, ptr >> 2, window.span
        size = memory[word + span.count] << (window.shift if span.counted else 0)
        if span.inline:
            if ptr + size <= runtime.size:
                memory[slot] = ptr
                return runtime.mem_u8, ptr, size
            return None
        # What is no buffer may not come into a root slot: the collector would write to it.
        buffer, start = memory[word], memory[word + span.start]
        end = buffer + memory[(buffer >> 2) + SIZE_WORD]
        if (
            memory[(buffer >> 2) + ID_WORD] == runtime.buffer_id
            and buffer >= HEADER
            and not buffer & MISALIGNED
            and not start & window.mask
            and start >= buffer
            and start + size <= end
            and end <= runtime.size
        ):
            memory[slot] = buffer
            return runtime.mem_u8, start, size
    except IndexError:
        pass
    return None
