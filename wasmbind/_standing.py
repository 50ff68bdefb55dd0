"""Whether WebAssembly code stands still, at an arbitrary place, under a finaliser that the garbage collector runs.

Up to CPython 3.11 the collector runs wherever C code allocates, and so also between the epoch callback and the
generator that tells whether Python code runs in it (`_store_abi`). On the stack of Python frames such a finaliser
comes right after a call into WebAssembly, where otherwise there is at least the host entry. A signal handler may come
there too, but when the call is over.
"""

from __future__ import annotations

import gc
import opcode
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import types

__all__ = ["is_under_call"]

_CALL, _STORE = opcode.opmap.get("CALL"), opcode.opmap["STORE_FAST"]
#: Bytes of a call with its inline caches, in CPython 3.11.
_SIZE: Final = 10
#: What all code that calls into WebAssembly stores the result in.
_STATUS: Final = frozenset({"status", "$status"})
_PACKAGE: Final = str(Path(__file__).parent)
_GENERATED: Final = "<wasmbind "
#: Functions that stand between a call and wasmtime, and the one that runs host functions.
_BETWEEN: Final = frozenset({"call_with_hosts", "limited", "timed", "_call"})
_SERVING: Final = "_serve"


def is_under_call(frame: types.FrameType | None) -> bool:
    """Whether the innermost call into WebAssembly has led to a frame by nothing but C code.

    Args:
        frame: one of the code that wants to know.
    """
    if sys.version_info >= (3, 12):
        return False
    inner = ""
    while frame is not None:
        code = frame.f_code
        name = code.co_name
        if code.co_filename.startswith((_GENERATED, _PACKAGE)):
            if name == _SERVING:
                return False
            if inner not in _BETWEEN and _is_calling(code, frame.f_lasti):
                return _is_collecting()
        inner, frame = name, frame.f_back
    return False


def _is_collecting() -> bool:
    """Whether the collector is at work: then it does not begin again, and finds nothing."""
    cycle: list[object] = []
    cycle.append(cycle)
    del cycle
    return gc.collect(0) == 0


def _is_calling(code: types.CodeType, at: int) -> bool:
    """Whether a function is in the middle of a call into WebAssembly."""
    written = code.co_code
    store = at + _SIZE
    if at < 0 or written[at] != _CALL or store >= len(written) or written[store] != _STORE:
        return False
    return code.co_varnames[written[store + 1]] in _STATUS
