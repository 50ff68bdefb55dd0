"""WebAssembly frames as wasmtime reports them, and which of them belong to the call that failed.

wasmtime keeps the innermost frames only, 20 in version 50, and they go on through the calls of the same store that
are still running further out: a call from inside a host function sees the frames of the call that led there, too.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import wasmtime

from wasmbind._glue import MODULE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["PROBE", "WasmFrame", "frames_of_text", "own_frames", "probe_module", "read_frames", "without_probe"]

#: The function of `probe_module`.
PROBE: Final = "standing"
#: The offset that wasmtime gives for the function that has used up the stack.
_UNKNOWN: Final = (1 << 64) - 1
#: `   3:   0x174e - <unknown>!assembly/index/parse`, in messages of wasmtime.
_LINE: Final = re.compile(r"^ *\d+: +0x([0-9a-f]{1,8}) - ([^!\n]*)!(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class WasmFrame:
    """One frame, of the module or of our glue.

    Attributes:
        module: the module's name for itself, if any.
        function: the name from the binary's name section, or None.
        index: the index of the function, None where it is not known.
        offset: of the instruction, in bytes from the start of the binary; 0 where it is not known.
        start: the same of its function, None where it is not known.
    """

    module: str | None
    function: str | None
    index: int | None
    offset: int
    start: int | None

    def shifted(self, count: int) -> WasmFrame:
        """The same frame so many bytes later in the binary."""
        return (
            self
            if not count or not self.offset
            else replace(self, offset=self.offset + count, start=self.start and self.start + count)
        )

    @property
    def is_glue(self) -> bool:
        """Whether it is a frame of what wasmbind generates."""
        return self.module == MODULE_NAME


def read_frames(frames: Iterable[wasmtime.Frame]) -> tuple[WasmFrame, ...]:
    """The same frames as our own data, innermost first."""
    return tuple(
        WasmFrame(
            frame.module_name,
            frame.func_name,
            frame.func_index,
            frame.module_offset if frame.module_offset != _UNKNOWN else 0,
            frame.module_offset - frame.func_offset if frame.module_offset != _UNKNOWN else None,
        )
        for frame in frames
    )


def frames_of_text(message: str) -> tuple[WasmFrame, ...]:
    """The frames in an error message of wasmtime, whose public API gives those of some errors in no other way."""
    text = message.partition("Caused by:")[0]
    return tuple(
        WasmFrame(
            None if module == "<unknown>" else module,
            None if name.startswith("<wasm function ") else name,
            int(name[15:-1]) if re.fullmatch(r"<wasm function \d{1,9}>", name) else None,
            int(offset, 16),
            None,
        )
        for offset, module, name in _LINE.findall(text)
    )


@functools.lru_cache(maxsize=8)
def probe_module(engine: wasmtime.Engine) -> wasmtime.Module:
    """A module whose function traps: wasmtime tells which frames stand on the stack with traps only."""
    return wasmtime.Module(engine, f'(module ${MODULE_NAME} (func ${PROBE} (export "{PROBE}") unreachable))')


def without_probe(frames: tuple[WasmFrame, ...]) -> tuple[WasmFrame, ...]:
    """The frames around the function of `probe_module`."""
    return frames[1:] if frames and frames[0].is_glue and frames[0].function == PROBE else frames


def own_frames(frames: Sequence[WasmFrame], standing: Sequence[WasmFrame]) -> Sequence[WasmFrame]:
    """The frames of a failed call alone.

    Args:
        frames: as wasmtime reports them for the call, with those of the calls around it as far as they fit in.
        standing: the frames of the calls around it.
    """
    places = [(frame.module, frame.offset) for frame in frames]
    around = [(frame.module, frame.offset) for frame in standing]
    # The first that fits: the innermost frame of the calls around is one that calls Python, and no frame of this call
    # except its innermost can be that.
    for count in range(len(places)):
        if places[count:] == around[: len(places) - count]:
            return frames[:count]
    return frames
