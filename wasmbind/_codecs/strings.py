"""The codec of `string`: UTF-16, copied; lone surrogates survive both ways."""

from __future__ import annotations

# The codec functions themselves: `str.encode` looks them up by name on every call, at thrice their cost.
from codecs import utf_16_le_decode, utf_16_le_encode
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.base import Raw, ReferenceCodec, null_found
from wasmbind._layout import COMPARTMENT, OBJECT_MAXSIZE
from wasmbind.errors import LowerTypeError, LowerValueError

if TYPE_CHECKING:
    from wasmbind._runtime import Runtime

__all__ = [
    "StringCodec",
    "is_string",
    "lift_string",
    "load_string",
    "lower_string",
    "null_string",
    "stage_string",
]


def lower_string(runtime: Runtime, value: Any, slot: int, path: str) -> int:
    """Copy a str into a new AssemblyScript string that `slot` keeps alive. The caller owns the instance.

    Raises:
        LowerTypeError: not a str.
        LowerValueError: longer than AssemblyScript allows.
    """
    if not isinstance(value, str):
        raise LowerTypeError(path, "string", value, "string expects a str")
    data = utf_16_le_encode(value, "surrogatepass")[0]
    size = len(data)
    if size > OBJECT_MAXSIZE:
        raise LowerValueError(path, "string", value[:20], f"a string of {size // 2} UTF-16 units is too long")
    ptr = runtime.new(size, runtime.string_id, slot)
    runtime.mem_u8[ptr : ptr + size] = data
    return ptr


def is_string(descriptor: d.Descriptor) -> bool:
    """Whether the type is `string` or `string | null`."""
    return isinstance(descriptor.inner if isinstance(descriptor, d.Nullable) else descriptor, d.String)


def stage_string(runtime: Runtime, value: Any, place: int, slot: int, path: str) -> int:
    """Leave a short str where the glue makes a string of it; lower a longer one.

    Args:
        place: the compartment of the staging area.
        slot: the scratch slot for a longer one.

    Returns:
        The odd number that tells the glue, or an address.

    Raises:
        LowerTypeError: not a str.
    """
    if value.__class__ is str:
        data = utf_16_le_encode(value, "surrogatepass")[0]
        size = len(data)
        if size <= COMPARTMENT:
            start = runtime.staging + COMPARTMENT * place
            runtime.mem_u8[start : start + size] = data
            return size + 1
    return lower_string(runtime, value, slot, path)


def lift_string(runtime: Runtime, ptr: int) -> str:
    """Copy the string at `ptr`.

    Raises:
        LiftError: there is none.
    """
    memory = runtime.mem_u32
    word = ptr >> 2
    try:
        size = memory[word - 1]
        end = ptr + size
        if memory[word - 2] == runtime.string_id and end <= runtime.size and not (ptr & 7 or size & 1):
            return utf_16_le_decode(runtime.mem_u8[ptr:end], "surrogatepass", True)[0]  # noqa: FBT003 - final: all is there
    except IndexError:
        pass
    return runtime.read_text(ptr)


def load_string(runtime: Runtime, ptr: int, offset: int, *, nullable: bool = False) -> str | None:
    """The string that the field at `ptr + offset` refers to.

    Raises:
        LiftError: the field holds no string.
    """
    if runtime.owner is not None and not runtime.is_inside():
        return runtime.in_turn(load_string, runtime, ptr, offset, nullable=nullable)
    # From here to the decoding nothing lets another thread in.
    memory = runtime.mem_u32
    try:
        found = memory[(ptr + offset) >> 2]
        word = found >> 2
        size = memory[word - 1]
        end = found + size
        if found and memory[word - 2] == runtime.string_id and end <= runtime.size and not (found & 7 or size & 1):
            return utf_16_le_decode(runtime.mem_u8[found:end], "surrogatepass", True)[0]  # noqa: FBT003 - the same
    except IndexError:
        runtime.check(ptr + offset, 4, "a field of type string")
    found = runtime.mem_u32[(ptr + offset) >> 2]
    if found:
        return runtime.read_text(found)
    null_string(runtime, nullable=nullable)
    return None


def null_string(runtime: Runtime, *, nullable: bool) -> None:
    """None for a null where null is allowed.

    Raises:
        LiftError: null is not allowed.
    """
    if not nullable:
        raise null_found(runtime, "string")


class StringCodec(ReferenceCodec):
    """AssemblyScript `string`."""

    by_value = allocates = True

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Raw:
        return lower_string(runtime, value, slot, path)

    def lift(self, runtime: Runtime, raw: Raw) -> Any:
        if not raw:
            null_string(runtime, nullable=False)
        return lift_string(runtime, raw)

    def load(self, runtime: Runtime, ptr: int, offset: int) -> Any:
        return load_string(runtime, ptr, offset)
