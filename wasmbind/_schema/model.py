"""The parts of a WebAssembly binary that binding looks at, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from wasmbind._schema.schema import Schema

#: What is neither a function nor a global. wasmbind uses plain 32-bit memories only.
OtherKind: TypeAlias = Literal["memory", "64-bit memory", "shared memory", "table", "tag"]

__all__ = ["Binary", "Export", "FunctionType", "GlobalType", "Import", "OtherKind", "ValueType"]

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
class Import:
    """Something the module wants from its host."""

    module: str
    name: str
    type: FunctionType | GlobalType | OtherKind


@dataclass(frozen=True, slots=True)
class Export:
    """Something the module gives to its host."""

    name: str
    type: FunctionType | GlobalType | OtherKind


@dataclass(frozen=True, slots=True)
class Binary:
    """A parsed WebAssembly module.

    Attributes:
        name: what to call it in messages: a file name, or ``<bytes>``.
        sections: custom sections by name.
        starts: whether it has a start section.
        schema: what wasmbind's transform wrote, None for binaries that were compiled without it.
        shift: how many bytes later its code lies than in the file, see `starts.defer_start`.
        is_deferred: whether its start function is the export `starts.START` now.
    """

    name: str
    imports: tuple[Import, ...]
    exports: dict[str, Export]
    sections: dict[str, bytes] = field(default_factory=dict)
    starts: bool = False
    schema: Schema | None = None
    shift: int = 0
    is_deferred: bool = False

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
