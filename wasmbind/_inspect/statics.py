"""AssemblyScript's type table, read from the data segments: what memory holds before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._schema import rtti as flags
from wasmbind._schema.abis import family
from wasmbind._schema.evidence import static_objects
from wasmbind._schema.rtti import Rtti, RttiError, read_rtti

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._inspect.structure import Segment
    from wasmbind._schema.evidence import StaticObject
    from wasmbind._schema.model import Binary

__all__ = ["describe_type", "read_static_objects", "read_static_types", "static_words"]

#: No module has so many classes; a larger count is not a table. A class takes two words at most.
_MOST_CLASSES: Final = 1 << 16
#: What `read_rtti` looks at before it knows the count.
_LEAST_WORDS: Final = 5
_WORD: Final = 4
#: How many bytes of static data are looked at most.
_STATIC_DATA: Final = 1 << 22


def read_static_types(binary: Binary, segments: Iterable[Segment]) -> Rtti | str:
    """The type table, or why it is not known."""
    base = binary.global_("__rtti_base")
    if base is None:
        return "__rtti_base is not exported"
    if not isinstance(base.value, int):
        return "__rtti_base is no constant"
    address = base.value & 0xFFFF_FFFF
    known = [each for each in segments if each.address is not None]
    (count,) = static_words(known, address, 1)
    if count >= _MOST_CLASSES:
        return f"the type table claims {count} classes"
    try:
        # Zeros at the end may be left out of the file.
        return read_rtti(static_words(known, address, _LEAST_WORDS + 2 * count))
    except RttiError as error:
        return str(error)


def read_static_objects(binary: Binary, segments: Iterable[Segment]) -> list[StaticObject]:
    """The objects that stand in memory from the start."""
    base = binary.global_("__rtti_base")
    if base is None or not isinstance(base.value, int) or not 0 <= base.value <= _STATIC_DATA:
        return []
    known = [each for each in segments if each.address is not None]
    return list(static_objects(static_words(known, 0, base.value // _WORD), family(binary).header))


def static_words(segments: Iterable[Segment], address: int, count: int) -> list[int]:
    """Words of memory as they are at the start; what no segment holds is zero."""
    size = _WORD * count
    found = bytearray(size)
    for segment in segments:
        assert segment.address is not None  # the caller has left out the others
        begin = max(address, segment.address)
        end = min(address + size, segment.address + len(segment.content))
        if begin < end:
            found[begin - address : end - address] = segment.content[begin - segment.address : end - segment.address]
    return [int.from_bytes(found[at : at + _WORD], "little") for at in range(0, size, _WORD)]


def describe_type(types: Rtti, rt_id: int) -> str:
    """What the table says about a class: `Array of references`, `Map of 4-byte integers to references`."""
    known = {types.buffer_id: "ArrayBuffer", types.string_id: "String", types.view_id: "ArrayBufferView"}
    if rt_id in known:
        return known[rt_id]
    word = types.flags[rt_id]
    if word & flags.MAP:
        return f"Map of {_element(word >> flags.KEY_SHIFT)} to {_element(word)}"
    for bit, name in ((flags.STATIC_ARRAY, "StaticArray"), (flags.ARRAY, "Array"), (flags.SET, "Set")):
        if word & bit:
            return f"{name} of {_element(word)}"
    if word & flags.VIEW:
        return f"typed array of {_element(word)}"
    return "object without references" if word & flags.POINTER_FREE and not types.counted else "object"


def _element(word: int) -> str:
    """What the value bits of a flag word say."""
    if word & flags.MANAGED:
        return "references"
    size = (word >> flags.ALIGN_SHIFT) & flags.SIZE_BITS
    if not size:
        return "unknown values"
    kind = "floats" if word & flags.FLOAT else "integers" if word & flags.SIGNED else "unsigned integers"
    return f"{size}-byte {kind}"
