"""Objects that are pinned while they are filled.

Pinned objects are scanned when marking starts and once more before the sweep, so that writing to them needs no
barrier. AssemblyScript refuses to unpin twice, and an interrupt may come between unpinning and taking note of it:
what is still pinned is told by the object itself, which a root slot holds until the end. The adaptor of binaries that
count references does not mind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._adaptor_glue import MOST_PINS
from wasmbind._memory import HEADER

if TYPE_CHECKING:
    from wasmbind._heap import Heap

__all__ = ["Pin"]

#: Where the collector keeps the colour of an object, in words from its address, and the colour of pinned ones.
_COLOUR_WORD: Final = -4
_PINNED: Final = 3


class Pin:
    """A root slot whose object is pinned.

    Who makes one releases it at the end, and if anything fails before that, buries it and does nothing else:
    `runtime.bury(pin)` is no Python function, so that no interrupt can come first. `attend` releases it then.

    Attributes:
        slot: the root slot, 0 once given back.
        spare: another one, for what the object is filled with; given back together with it.
    """

    __slots__ = ("slot", "spare")

    def __init__(self, slot: int, spare: int) -> None:
        self.slot, self.spare = slot, spare

    def put(self, runtime: Heap, ptr: int) -> None:
        """Pin a new object, which nobody else has pinned. The caller owns the instance.

        Raises:
            RecursionError: too many are pinned.
        """
        runtime.mem_u32[self.slot] = ptr
        self.confirm(runtime, runtime.invoke("__pin", ptr))

    @staticmethod
    def confirm(runtime: Heap, ptr: int) -> None:
        """Look at what pinning an object gave.

        Raises:
            RecursionError: the adaptor of a binary that counts references cannot pin more.
        """
        if not ptr:
            problem = f"cannot fill more than {MOST_PINS} lists, maps and sets inside of each other"
            raise RecursionError(f"{runtime.name}: {problem}")

    def release(self, runtime: Heap) -> None:
        """Unpin the object, and give the slots back; again does nothing more. The caller owns the instance."""
        slot = self.slot
        if not slot or runtime.idle is not None:
            return
        ptr = runtime.mem_u32[slot]
        inside = HEADER <= ptr < runtime.size
        if runtime.counts or (inside and runtime.mem_u32[(ptr >> 2) + _COLOUR_WORD] & _PINNED == _PINNED):
            runtime.invoke("__unpin", ptr)
        # Up to the last line nothing can come in between.
        self.slot = 0
        runtime.mem_u32[slot] = runtime.mem_u32[self.spare] = 0
        runtime.free += slot, self.spare
