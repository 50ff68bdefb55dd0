"""The entries of Maps and Sets: read from memory in bulk, and written by the glue in bulk."""

from __future__ import annotations

from array import array
from itertools import compress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wasmbind import _descriptors as d
from wasmbind._codecs.base import Codec, element_path
from wasmbind._codecs.numbers import pack_numbers
from wasmbind._codecs.strings import is_string
from wasmbind._codecs.texts import are_texts, encode_texts
from wasmbind._layout import VIEWS, compute_entry_layout, storage_of
from wasmbind.errors import LiftError, LowerTypeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wasmbind._layout import EntryLayout
    from wasmbind._runtime import Runtime

__all__ = [
    "COUNT_WORD",
    "ENTRIES_WORD",
    "MISSING",
    "OFFSET_WORD",
    "PATIENCE",
    "Entries",
    "EntryCodec",
    "PresenceCodec",
    "layout_of",
    "lift_entries",
    "locate_entries",
    "stage_column",
    "unsteady",
]

#: What a lookup gives where there is no entry.
MISSING: Final = object()
#: How often entries are read again because somebody changed them meanwhile.
PATIENCE: Final = 64
#: All entries.
_ALL: Final = slice(None)
#: Words of a Map or Set.
ENTRIES_WORD, _CAPACITY_WORD, OFFSET_WORD, COUNT_WORD = 2, 3, 4, 5
#: The second cell of the argument block, as a word.
_FOUND: Final = 4


class Entries(NamedTuple):
    """Entries of a Map or Set, in the order of insertion.

    Attributes:
        columns: the keys and, of a Map, the values.
        home: the address of the buffer that they were read from.
        end: the number of entries, deleted ones included, up to where they were read.
    """

    columns: list[list[Any]]
    home: int
    end: int


def lift_entries(runtime: Runtime, ptr: int, codecs: Sequence[Codec], name: str, places: slice = _ALL) -> Entries:
    """The keys of a Map or Set, and the values of a Map, in the order of insertion.

    Finalisers and signal handlers may change it between two of them; then all are read again.

    Args:
        runtime: the instance, which the caller owns.
        ptr: the address of the object.
        codecs: those of the keys and, of a Map, of the values.
        name: the declared type.
        places: which of the entries to read, deleted ones counted.

    Raises:
        LiftError: memory holds no such entries, or they keep changing.
    """
    slot, memory = runtime.reserve(), runtime.mem_u32
    try:
        for _ in range(PATIENCE):
            seen = runtime.nestings
            columns: list[list[Any]] = []
            raw = _raw_entries(runtime, ptr, codecs, name, places)
            for codec, raws in zip(codecs, raw.columns, strict=True):
                column = _lift_column(runtime, codec, raws, slot, seen)
                if column is None:
                    break
                columns.append(column)
            else:
                return Entries(columns, raw.home, raw.end)
    finally:
        memory[slot] = 0  # first of all, so that an interrupt leaves no object behind
        runtime.give_back(slot)
    raise unsteady(runtime, ptr, name)


def unsteady(runtime: Runtime, ptr: int, name: str) -> LiftError:
    """The error for a Map or Set that changes whenever it is read."""
    return LiftError(f"{runtime.name}: {name} changes while it is read", ptr)


def layout_of(codecs: Sequence[Codec]) -> EntryLayout:
    """Where the parts of an entry lie.

    Args:
        codecs: those of the keys and, of a Map, of the values.
    """
    key, *rest = (storage_of(codec.descriptor) for codec in codecs)
    return compute_entry_layout(key, rest[0] if rest else None)


def locate_entries(runtime: Runtime, ptr: int, layout: EntryLayout, name: str) -> tuple[int, int, int]:
    """The address of the entries of a Map or Set, how many there are, deleted ones included, and how many are live.

    Raises:
        LiftError: no entries can lie there.
    """
    memory, word = runtime.mem_u32, ptr >> 2
    start, capacity = memory[word + ENTRIES_WORD], memory[word + _CAPACITY_WORD]
    offset, count = memory[word + OFFSET_WORD], memory[word + COUNT_WORD]
    if not count <= offset <= capacity or start & 7:
        raise LiftError(f"{runtime.name}: {name} with {count} of {offset} entries at {start:#x} is none", ptr)
    runtime.check(start, offset * layout.stride, f"the entries of {name}")
    return start, offset, count


def _raw_entries(runtime: Runtime, ptr: int, codecs: Sequence[Codec], name: str, places: slice) -> Entries:
    """The live entries as memory has them."""
    layout = layout_of(codecs)
    start, offset, count = locate_entries(runtime, ptr, layout, name)
    at, end, _ = places.indices(offset)

    def column(view: str, place: int) -> list[Any]:
        shift = VIEWS[view][1].bit_length() - 1
        step, first = layout.stride >> shift, (start + place) >> shift
        found: list[Any] = getattr(runtime, f"mem_{view}")[first + at * step : first + end * step : step].tolist()
        return found

    columns = [column(codec.view, place) for codec, place in zip(codecs, (0, layout.value), strict=False)]
    if count != offset:
        alive = [not tag & 1 for tag in column("u32", layout.next)]
        columns = [list(compress(found, alive)) for found in columns]
    return Entries(columns, start, end)


def _lift_column(runtime: Runtime, codec: Codec, raws: list[Any], slot: int, seen: int) -> list[Any] | None:
    """Lift keys or values; None if somebody has called into the instance meanwhile.

    Args:
        slot: a root slot to hold each reference while it is lifted.
        seen: `runtime.nestings` when they were read.
    """
    lift = codec.lift
    if not d.is_reference(codec.descriptor):
        plain = isinstance(codec.descriptor, (d.Integer, d.Float))
        return raws if plain else [lift(runtime, raw) for raw in raws]
    found: list[Any] = []
    for raw in raws:
        if runtime.nestings != seen:
            return None
        # Nothing between the test above and the hold lets anybody in.
        runtime.mem_u32[slot] = raw
        found.append(lift(runtime, raw))
    return found if runtime.nestings == seen else None


def stage_column(
    runtime: Runtime, codec: Codec, items: Sequence[Any], keys: Sequence[Any], slot: int, path: str
) -> tuple[bytes, bytes]:
    """Keys or values as the glue's `fill` takes them: words or numbers, and the text of strings.

    Args:
        runtime: the instance, which the caller owns.
        codec: the codec of the items.
        items: the items; of those that are lowered into new objects other than strings only one.
        keys: the keys that they belong to, for errors.
        slot: a root slot to hold such an object; strings are made later.
        path: what the collection is, for errors.

    Raises:
        LowerError: an item does not fit; the error names the key.
    """
    descriptor = codec.descriptor
    if is_string(descriptor):
        nullable = isinstance(descriptor, d.Nullable)
        if not are_texts(items, nullable=nullable):
            items = [
                _plain_text(item, nullable, element_path(path, key)) for item, key in zip(items, keys, strict=True)
            ]
        return encode_texts(items)
    if not d.is_reference(descriptor):
        return pack_numbers(runtime, codec, items, path, keys).tobytes(), b""
    raws = [codec.lower(runtime, item, slot, element_path(path, key)) for item, key in zip(items, keys, strict=True)]
    return array("I", raws).tobytes(), b""


def _plain_text(item: Any, nullable: bool, path: str) -> str | None:  # noqa: FBT001 - no option, but what the type is
    """A string without what a class derived from `str` may add."""
    if item is None and nullable:
        return None
    if not isinstance(item, str):
        raise LowerTypeError(path, "string", item, "string expects a str")
    return str.__str__(item)


class _ResultCodec(Codec):
    """The result of a glue function, which is no parameter of any."""

    computed = True

    def lower(self, runtime: Runtime, value: Any, slot: int, path: str) -> Any:
        raise NotImplementedError("an entry is no parameter")


class PresenceCodec(_ResultCodec):
    """The result of `find`, or of `remove`: whether there was such an entry."""

    def __init__(self) -> None:
        super().__init__(d.INTEGERS["usize"])

    def lift(self, runtime: Runtime, raw: Any) -> Any:  # noqa: ARG002 - every codec gets it
        return raw != 0


class EntryCodec(_ResultCodec):
    """The two results of `get`, `insert` and `pop`: the value of an entry, or `MISSING`.

    The second, in the second cell of the argument block, says whether there is a value. A nested call between the call
    and the lifting leaves both as they were, and the glue has held a reference.
    """

    def __init__(self, value: Codec) -> None:
        super().__init__(value.descriptor)
        self._lift = value.lift
        self._is_plain = isinstance(value.descriptor, (d.Integer, d.Float))
        self.by_value = value.by_value

    def lift(self, runtime: Runtime, raw: Any) -> Any:
        if not runtime.arg_u32[_FOUND]:
            return MISSING
        return raw if self._is_plain else self._lift(runtime, raw)
