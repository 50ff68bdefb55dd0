"""The eleven typed arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wasmbind._live.buffers import BufferPart, ZeroedSequence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

__all__ = [
    "Float32Array",
    "Float64Array",
    "Int8Array",
    "Int16Array",
    "Int32Array",
    "Int64Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "Uint16Array",
    "Uint32Array",
    "Uint64Array",
]


class _IntegerArray(BufferPart, ZeroedSequence[int]):
    __slots__ = ()

    if TYPE_CHECKING:

        def __init__(self, values: int | Iterable[int] = (), /) -> None: ...
        def __get__(self, obj: object, owner: object, /) -> Self: ...
        def __set__(self, obj: Any, value: Self | Iterable[int]) -> None: ...


class _FloatArray(BufferPart, ZeroedSequence[float]):
    __slots__ = ()

    if TYPE_CHECKING:

        def __init__(self, values: int | Iterable[float] = (), /) -> None: ...
        def __get__(self, obj: object, owner: object, /) -> Self: ...
        def __set__(self, obj: Any, value: Self | Iterable[float]) -> None: ...


class Int8Array(_IntegerArray):
    """A live AssemblyScript `Int8Array`, of `i8`."""

    __slots__ = ()
    __asc_kind__ = "Int8Array"


class Uint8Array(_IntegerArray):
    """A live AssemblyScript `Uint8Array`, of `u8`."""

    __slots__ = ()
    __asc_kind__ = "Uint8Array"


class Uint8ClampedArray(_IntegerArray):
    """A live AssemblyScript `Uint8ClampedArray`, of `u8`.

    AssemblyScript clamps what it stores; Python raises for what does not fit, as everywhere.
    """

    __slots__ = ()
    __asc_kind__ = "Uint8ClampedArray"


class Int16Array(_IntegerArray):
    """A live AssemblyScript `Int16Array`, of `i16`."""

    __slots__ = ()
    __asc_kind__ = "Int16Array"


class Uint16Array(_IntegerArray):
    """A live AssemblyScript `Uint16Array`, of `u16`."""

    __slots__ = ()
    __asc_kind__ = "Uint16Array"


class Int32Array(_IntegerArray):
    """A live AssemblyScript `Int32Array`, of `i32`."""

    __slots__ = ()
    __asc_kind__ = "Int32Array"


class Uint32Array(_IntegerArray):
    """A live AssemblyScript `Uint32Array`, of `u32`."""

    __slots__ = ()
    __asc_kind__ = "Uint32Array"


class Int64Array(_IntegerArray):
    """A live AssemblyScript `Int64Array`, of `i64`."""

    __slots__ = ()
    __asc_kind__ = "Int64Array"


class Uint64Array(_IntegerArray):
    """A live AssemblyScript `Uint64Array`, of `u64`."""

    __slots__ = ()
    __asc_kind__ = "Uint64Array"


class Float32Array(_FloatArray):
    """A live AssemblyScript `Float32Array`, of `f32`."""

    __slots__ = ()
    __asc_kind__ = "Float32Array"


class Float64Array(_FloatArray):
    """A live AssemblyScript `Float64Array`, of `f64`."""

    __slots__ = ()
    __asc_kind__ = "Float64Array"
