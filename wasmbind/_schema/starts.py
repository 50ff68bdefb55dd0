"""Which function of a binary is to be called before everything else.

asc puts what a program does at its top level, the setting up of its runtime included, into a start function. It runs
by itself, or with ``--exportStart NAME`` (``--explicitStart`` up to asc 0.19) when the host calls it, and all reads are
silently wrong until then. Names that everybody uses are known; others are told by what asc puts at the beginning of
such a function, so that it does nothing the second time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wasmbind._schema.bodies import Bodies
from wasmbind._schema.format import BinaryFormatError, Reader
from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from wasmbind._schema.model import Binary

__all__ = ["STARTS", "exported_start", "find_guarded"]

#: The names under which start functions are exported by convention.
STARTS: Final = ("_initialize", "__start", "_start")

_PLAIN: Final = FunctionType((), ())
#: global.get started, if, return, end, i32.const 1, global.set started. The same at every level of optimisation.
_GUARD: Final = re.compile(
    rb"\x23(?P<started>[\x80-\xff]*[\x00-\x7f])\x04\x40\x0f\x0b\x41\x01\x24(?P=started)", re.DOTALL
)


def exported_start(binary: Binary) -> str | None:
    """The function that the host has to call first; None where there is none, or it cannot be told."""
    named = next((name for name in STARTS if binary.function(name) == _PLAIN), None)
    return named or (binary.guarded[0] if len(binary.guarded) == 1 else None)


def find_guarded(data: bytes, binary: Binary) -> tuple[str, ...]:
    """The exported functions that begin as exported start functions do.

    A program may have functions of its own that begin like that, so they tell something only where there must be a
    start function: where the runtime is exported, which asc always has something to set up for, and nothing runs by
    itself.

    Args:
        data: the bytes.
        binary: what is in them.
    """
    plain = [name for name in binary.functions() if binary.function(name) == _PLAIN]
    if binary.starts or binary.function("__new") is None or not set(STARTS).isdisjoint(plain):
        return ()
    try:
        bodies = Bodies(data)
        return tuple(
            name for name in plain if name in bodies.exported and _is_guarded(bodies.code(bodies.exported[name]))
        )
    except BinaryFormatError:
        return ()


def _is_guarded(code: bytes) -> bool:
    return bool(code) and _GUARD.match(code, _after_locals(code)) is not None


def _after_locals(code: bytes) -> int:
    """Where the instructions of a function begin."""
    reader = Reader(code)
    for _ in reader.vector():
        reader.unsigned()
        reader.value_type()
    return reader.at
