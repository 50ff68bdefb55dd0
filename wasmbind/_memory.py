"""Views of linear memory.

The base of a memory never moves (see `_engine`), and it only grows, so a view can end too early and can never
point elsewhere. Every read and write goes through a `memoryview`, which checks bounds; an access past the end
refreshes the views once and is an error after that.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, NoReturn

from wasmbind._layout import VIEWS

if TYPE_CHECKING:
    from wasmbind.errors import InstanceError

__all__ = ["BYTE_FORMAT", "Ended", "map_memory"]

BYTE_FORMAT = "B"


class Ended:
    """Stands in for everything of an instance that is closed or poisoned, and says so when used."""

    def __init__(self, error: InstanceError) -> None:
        self._error = error

    def refuse(self, *_: object, **__: object) -> NoReturn:
        """Raise a fresh copy of the error."""
        raise type(self._error)(self._error.reason, str(self._error))

    __getitem__ = __setitem__ = __len__ = __call__ = __iter__ = refuse


def map_memory(address: int, size: int, keeper: object) -> dict[str, memoryview[Any]]:
    """The views of `size` bytes at `address`, by name, see `_layout.VIEWS`.

    Args:
        keeper: what owns the memory; every view, slice and NumPy array made from the result keeps it alive.
    """
    pages_type = type("Pages", (ctypes.c_uint8 * size,), {})
    pages = pages_type.from_address(address)
    pages.keeper = keeper
    whole = memoryview(pages).cast(BYTE_FORMAT)
    return {name: whole if code == BYTE_FORMAT else whole.cast(code) for name, (code, _) in VIEWS.items()}
