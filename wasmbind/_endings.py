"""Something to be done when the last reference to an object is gone, and never earlier.

CPython's collector calls what waits for weak references to a cycle, and the `__del__` of each of its objects, before it
takes the cycle apart. One of those methods may be a user's, and use what another has freed already. What the collector
does not track ends with the last reference to it; of the types that can be referred to weakly, code objects are such.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Ending"]


class Ending:
    """An attribute of an object that does something when it is gone with it.

    Attributes:
        cancel: lets nothing be done at the end; for what has been done already.
    """

    __slots__ = ("_token", "cancel")

    def __init__(self, action: Callable[..., object], *arguments: object) -> None:
        """Take what is to be done.

        Args:
            action: what is called; not when the interpreter ends.
            arguments: what it is called with. None of this may refer to what the ending belongs to.
        """
        self._token = (lambda: None).__code__.replace()  # one of its own
        finalizer = weakref.finalize(self._token, action, *arguments)
        finalizer.atexit = False
        self.cancel: Callable[[], object] = finalizer.detach
