"""The parts of a WebAssembly binary that binding looks at, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from wasmbind._schema.schema import Schema

#: What is neither a function nor a global. wasmbind uses plain 32-bit memories only.
OtherKind: TypeAlias = Literal["memory", "64-bit memory", "shared memory", "table", "tag"]

__all__ = ["Binary", "Export", "FunctionType", "GlobalType", "Import", "OtherKind", "Size", "ValueType"]

ValueType: TypeAlias = Literal["i32", "i64", "f32", "f64", "v128", "funcref", "externref", "other"]


@dataclass(frozen=True, slots=True)
class FunctionType:
    """The WebAssembly signature of a function."""

    params: tuple[ValueType, ...]
    results: tuple[ValueType, ...]

    def __str__(self) -> str:
        """`(i32, f64) -> i32`."""
        results = ", ".join(self.results)
        return f"({', '.join(self.params)}) -> {results or 'void'}"


@dataclass(frozen=True, slots=True)
class GlobalType:
    """The type of a global.

    Attributes:
        value: the constant it is initialised with, where that is a plain number.
    """

    type: ValueType
    mutable: bool
    value: int | float | None = None

    def __str__(self) -> str:
        """`mutable i32` or `constant f64`."""
        return f"{'mutable' if self.mutable else 'constant'} {self.type}"


@dataclass(frozen=True, slots=True)
class Size:
    """How large a memory or a table is.

    Attributes:
        least: pages of 64 KiB of a memory, elements of a table.
        most: the same, None without a maximum.
        element: what a table has in it.
    """

    least: int
    most: int | None
    element: ValueType | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """Something the module wants from its host.

    Attributes:
        size: that of a memory or a table.
    """

    module: str
    name: str
    type: FunctionType | GlobalType | OtherKind
    size: Size | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Export:
    """Something the module gives to its host.

    Attributes:
        size: that of a memory.
    """

    name: str
    type: FunctionType | GlobalType | OtherKind
    size: Size | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """A parsed WebAssembly module.

    Attributes:
        name: what to call it in messages: a file name, or ``<bytes>``.
        sections: custom sections by name.
        starts: whether it has a start section.
        schema: what wasmbind's transform wrote, None for binaries that were compiled without it.
        shift: how many bytes later its code lies than in the file, see `exposing.expose`.
        is_deferred: whether its start function is the export `exposing.START` now.
        guarded: exports that may be its start function, see `starts.find_guarded`.
    """

    name: str
    imports: tuple[Import, ...]
    exports: dict[str, Export]
    sections: dict[str, bytes] = field(default_factory=dict)
    starts: bool = False
    schema: Schema | None = None
    shift: int = 0
    is_deferred: bool = False
    guarded: tuple[str, ...] = ()

    def function(self, name: str) -> FunctionType | None:
        """The type of an exported function, or None."""
        export = self.exports.get(name)
        return export.type if export is not None and isinstance(export.type, FunctionType) else None

    def global_(self, name: str) -> GlobalType | None:
        """The type of an exported global, or None."""
        export = self.exports.get(name)
        return export.type if export is not None and isinstance(export.type, GlobalType) else None

    def functions(self) -> list[str]:
        """The names of all exported functions."""
        return [name for name, export in self.exports.items() if isinstance(export.type, FunctionType)]
