"""Where AssemblyScript code was when it failed."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Frame"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One WebAssembly frame of a trap, innermost first in `TrapError.frames`.

    Attributes:
        function: the name as AssemblyScript has it, such as ``"File#addLine"``, from the binary's name section;
            ``"wasm-function[12]"`` where it has none.
        module_offset: the program counter, in bytes from the start of the binary; 0 where wasmtime does not know it.
        file: the source, None where no source map knows it.
        line: 1-based line, 0 where unknown.
        column: 1-based column, 0 where unknown.
        source: the text of that line, without indentation; None where the source map does not have it.
    """

    function: str | None
    module_offset: int
    file: str | None = None
    line: int = 0
    column: int = 0
    source: str | None = None

    def __str__(self) -> str:
        """The frame in one line."""
        place = f"{self.module_offset:#x}" if self.file is None else f"{self.file}:{self.line}:{self.column}"
        return f"{self.function or '<unnamed>'} at {place}"
