"""The codecs of `dict[K, V]` and `set[T]`: AssemblyScript's Map and Set, copied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from wasmbind._codecs.base import null_found
from wasmbind._codecs.buffers import CopyCodec
from wasmbind._codecs.strings import is_string
from wasmbind._layout import compute_entry_layout, storage_of
from wasmbind._live.entries import lift_entries, stage_column
from wasmbind._ownership import at_rest, let_go
from wasmbind._pins import Pin
from wasmbind._schema import rtti as flags
from wasmbind.errors import LiftError, LowerTypeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wasmbind import _descriptors as d
    from wasmbind._codecs.base import Allocation, Codec, Raw, Site
    from wasmbind._live.base import Live
    from wasmbind._runtime import Runtime

__all__ = ["DictCodec", "SetCodec"]

#: Bytes of a Map or Set object.
_SIZE: Final = 24
#: How many entries cross at once at most.
_MOST: Final = 4096
#: How many characters cross at once at most, if there are several strings.
_MOST_CHARACTERS: Final = 1 << 20


class _EntriesCodec(CopyCodec):
    """What both have in common: columns of keys, and of values."""

    def __init__(self, descriptor: d.Descriptor, parts: Sequence[Codec], site: Site | None, cls: type[Live]) -> None:
        super().__init__(descriptor, site)
        self.parts = tuple(parts)
        key, *rest = (storage_of(part.descriptor) for part in parts)
        self._stride = compute_entry_layout(key, rest[0] if rest else None).stride
        self._live = cls
        # Other new objects are made one by one, because a root slot has to hold each.
        self._at_once = _MOST if all(not each.allocates or is_string(each.descriptor) for each in parts) else 1

    def collected(self, values: Any, path: str) -> list[list[Any]]:
        """Keys, and values, as lists: the caller's code runs here, before the first allocation.

        Raises:
            LowerTypeError: the value is no such collection.
        """
        raise NotImplementedError

    def make(self, runtime: Runtime, values: Any, slot: int, path: str, allocation: Allocation) -> int:
        columns = at_rest(runtime, self.collected, values, path)
        count = len(columns[0])
        # AssemblyScript grows them by halves and more.
        self.count_bytes(count, 2 * self._stride, path)
        pin = Pin(runtime.reserve(), runtime.reserve())
        try:
            ids = allocation.rt_id, allocation.size
            runtime.mem_u32[slot] = ptr = runtime.run_member(self._live, "make", pin.slot, pin.spare, *ids, count)
            pin.confirm(runtime, ptr)
            at, most = 0, self._at_once
            while at < count:
                chunk = [column[at : at + most] for column in columns]
                if most > 1 and _characters(chunk) > _MOST_CHARACTERS:
                    most = max(most // 4, 1)
                    continue
                self._fill(runtime, ptr, chunk, pin.spare, path)
                at, most = at + most, min(2 * most, self._at_once)
            pin.release(runtime)
        except BaseException:
            runtime.bury(pin)
            raise
        return ptr

    def _fill(self, runtime: Runtime, ptr: int, columns: list[list[Any]], area_slot: int, path: str) -> None:
        """Add entries to a new map. Until the glue takes them, they lie in a buffer that a root slot holds."""
        held = [runtime.reserve() if part.allocates and not is_string(part.descriptor) else 0 for part in self.parts]
        left = [slot for slot in held if slot]
        try:
            staged = [
                stage_column(runtime, part, column, columns[0], slot, path)
                for part, column, slot in zip(self.parts, columns, held, strict=True)
            ]
            blocks = [block for pair in staged for block in pair]
            offsets, size = [], 0
            for block in blocks:
                offsets.append(size)
                size += -(-len(block) // 8) * 8
            area = runtime.new(size, runtime.buffer_id, area_slot)
            for block, offset in zip(blocks, offsets, strict=True):
                runtime.mem_u8[area + offset : area + offset + len(block)] = block
            addresses = [area + offset for offset in offsets]
            runtime.run_member(self._live, "fill", ptr, len(columns[0]), *addresses)
            let_go(runtime, left)
        except BaseException:
            runtime.bury(left)
            raise

    def entries(self, runtime: Runtime, raw: Raw) -> list[list[Any]]:
        """The keys, and values, of the Map or Set at an address.

        Raises:
            LiftError: there is none.
        """
        if not raw:
            raise null_found(runtime, self.name)
        rt_id, rt_size = runtime.header(raw, self.name)
        rtti = runtime.rtti
        assert rtti is not None
        *keys, last = (flags.element_flags(part.descriptor) for part in self.parts)
        kind = flags.MAP if keys else flags.SET
        fitting = rtti.kind_of(rt_id) == kind and rtti.holds(rt_id, last) and rt_size >= _SIZE
        if not fitting or (keys and not rtti.has_keys(rt_id, keys[0])):
            raise LiftError(f"{runtime.name}: {self.name} expected, found an object of run-time id {rt_id}", raw)
        return lift_entries(runtime, raw, self.parts, self.name).columns


def _characters(columns: list[list[Any]]) -> int:
    """The number of characters in strings."""
    return sum([len(item) for column in columns for item in column if isinstance(item, str)])


class DictCodec(_EntriesCodec):
    """A Python dict."""

    descriptor: d.DictOf

    def collected(self, values: Any, path: str) -> list[list[Any]]:
        if type(values) is dict:
            return [list(values), list(values.values())]
        if isinstance(values, Mapping):
            pairs = list(values.items())
            return [[key for key, _ in pairs], [found for _, found in pairs]]
        raise LowerTypeError(path, self.name, values, f"{self.name} expects a dict or another mapping")

    def lift(self, runtime: Runtime, raw: Raw) -> dict[Any, Any]:
        keys, values = self.entries(runtime, raw)
        return dict(zip(keys, values, strict=True))


class SetCodec(_EntriesCodec):
    """A Python set."""

    descriptor: d.SetOf

    def collected(self, values: Any, path: str) -> list[list[Any]]:
        if not isinstance(values, Iterable) or isinstance(values, (str, bytes, Mapping)):
            raise LowerTypeError(path, self.name, values, f"{self.name} expects a set or another iterable")
        return [list(values)]

    def lift(self, runtime: Runtime, raw: Raw) -> set[Any]:
        return set(self.entries(runtime, raw)[0])
