"""The Python callables that one instance has as function values, and their places in its function table."""

from __future__ import annotations

import struct
import types
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import wasmtime

from wasmbind import _descriptors as d
from wasmbind._function_glue import FINALIZED_FUNCTIONS, FUNCTION_SIZE, add_finalized, reports_dead_objects
from wasmbind._glue import Glue
from wasmbind._host_glue import ARGUMENTS, CELL_SIZE, slots_glue
from wasmbind._native import headroom
from wasmbind._schema.model import FunctionType
from wasmbind._units import instantiate_glue
from wasmbind.errors import InstanceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._codecs.functions import FunctionCodec
    from wasmbind._runtime import Runtime

__all__ = ["FunctionTable"]

#: How many places of one type are made at first, and at most; each time twice as many as before.
_FEWEST: Final = 4
_MOST: Final = 256
#: Function objects that are made between two looks at the list of dead ones.
_PATIENCE: Final = 64
_HEADROOM: Final = 12
#: What `table.grow` gives where the table cannot grow.
_FULL: Final = 0xFFFFFFFF
_WORD: Final = 0xFFFFFFFF
#: Bytes of an entry in the list of dead objects: its address, its run-time id, its index in the function table.
_ITEM: Final = 12


#: What functions in the table differ in: their type and, where references are counted, whether the result is one.
_Kind: TypeAlias = "tuple[FunctionType, bool | None]"


class _Entry:
    """A callable in the table.

    Attributes:
        key: what tells it from others of the type.
        place: the index in the table, and that of the handler.
        objects: how many function objects refer to it and are not known to be dead.
        pinned: the only one, where nobody tells which are dead; else 0.
    """

    __slots__ = ("callable", "codec", "key", "objects", "pinned", "place")

    def __init__(
        self,
        key: object,
        codec: FunctionCodec,
        function: Callable[..., Any],
        place: tuple[int, int],
    ) -> None:
        self.key = key
        self.codec, self.callable, self.place = codec, function, place
        self.objects = self.pinned = 0


class FunctionTable:
    """Puts Python callables into the function table, each once, and reuses the places of dead ones.

    A place may be used again when every function object for it is known to be dead, which only binaries compiled with
    the transform tell; elsewhere a place lives as long as the instance.
    """

    def __init__(self, runtime: Runtime) -> None:
        """Prepare an instance. The caller owns it."""
        # The call that leads here has not looked whether there is room on the stack for host functions.
        headroom(_HEADROOM)
        runtime.enable_hosts()
        self._by_index: dict[int, _Entry] = {}
        #: By variant and identity of the callable.
        self._entries: dict[object, dict[object, _Entry]] = {}
        #: The entries of a codec, and the run-time id of its function objects.
        self._codecs: dict[FunctionCodec, tuple[dict[object, _Entry], int | None]] = {}
        self._free: dict[_Kind, list[tuple[int, int]]] = {}
        self._next: dict[_Kind, int] = {}
        #: Functions that did not get into the table, by type and number: what fills them in, and their first handler.
        self._spare: dict[tuple[_Kind, int], tuple[Any, int]] = {}
        self._watched = 0
        self._made = 0
        #: How many dead objects have been counted so far, and callables that seemed to have none left then.
        self._counted = 0
        self._dead: list[_Entry] = []
        self._is_draining = False
        self._finalized = self._watch(runtime) if reports_dead_objects(runtime.binary) else None

    def __len__(self) -> int:
        """The number of callables in the table."""
        return len(self._by_index)

    def _watch(self, runtime: Runtime) -> dict[str, Any]:
        """Let the module list function objects that die; returns what reads the list."""
        assert runtime.rtti is not None
        self._watched = runtime.roots.pinned(runtime, len(runtime.rtti.flags), runtime.buffer_id)
        runtime.invoke("__watch", self._watched)
        glue = Glue(runtime.binary)
        add_finalized(glue)
        module = runtime.binding.glue.compile("finalized", lambda: str(glue))
        instance = instantiate_glue(runtime, glue, module)
        native = runtime.native
        return {
            name: native.handle(native.export_of(instance, name), each) for name, each in FINALIZED_FUNCTIONS.items()
        }

    # --- lower ----------------------------------------------------------------------------------------------

    def lower(self, runtime: Runtime, codec: FunctionCodec, function: Callable[..., Any], slot: int) -> int:
        """A new function object for a callable, held by a root slot. The caller owns the instance.

        Raises:
            InstanceError: the function table is full.
        """
        if self._made >= _PATIENCE:
            self.drain(runtime)
        entries, rt_id = self._codecs.get(codec) or self._codec(runtime, codec)
        key = _identity(function)
        entry = entries.get(key)
        if entry is None:
            entry = self._add(runtime, entries, key, codec, function)
        if rt_id is None:
            return entry.pinned or self._pin(runtime, entry)
        self._made += 1
        entry.objects += 1
        try:
            return runtime.invoke_glue("new_function", slot, entry.place[0], rt_id)
        except BaseException:
            # No call in these lines; what has been made is in the slot, and will be reported when it dies.
            if runtime.idle is None and not runtime.mem_u32[slot]:
                entry.objects -= 1
                if entry.objects <= 0:
                    self._dead += [entry]
            raise

    def _pin(self, runtime: Runtime, entry: _Entry) -> int:
        """The function object of a callable for as long as the instance lives.

        Nobody would tell that it dies, and the collector takes it for dead although a global holds it: asc's own
        function objects are static. A buffer has no references either, and every binary has its run-time id.
        """
        ptr = runtime.roots.pinned(runtime, FUNCTION_SIZE, runtime.buffer_id)
        runtime.mem_u32[ptr >> 2] = entry.place[0]
        entry.pinned = ptr
        return ptr

    def _codec(self, runtime: Runtime, codec: FunctionCodec) -> tuple[dict[object, _Entry], int | None]:
        assert runtime.rtti is not None
        rt_id: int | None = runtime.binding.function_id(codec) if self._finalized is not None else None
        if rt_id is not None and rt_id >= len(runtime.rtti.flags):
            rt_id = None  # the schema lies
        if rt_id is not None:
            runtime.mem_u8[self._watched + rt_id] = 1
        found = self._codecs[codec] = self._entries.setdefault(codec.variant, {}), rt_id
        return found

    def _add(
        self,
        runtime: Runtime,
        entries: dict[object, _Entry],
        key: object,
        codec: FunctionCodec,
        function: Callable[..., Any],
    ) -> _Entry:
        kind = _kind_of(runtime, codec)
        if not self._free.get(kind):
            self.drain(runtime)
        if not self._free.get(kind):
            self._grow(runtime, kind)
        entry = _Entry(key, codec, function, self._free[kind].pop())
        hosting = runtime.native.hosting
        hosting.handlers[entry.place[1]] = codec.factory(function, hosting.cells)
        self._by_index[entry.place[0]] = entries[key] = entry
        return entry

    def _grow(self, runtime: Runtime, kind: _Kind) -> None:
        """Make new places at the end of the table."""
        count = self._next.get(kind, _FEWEST)
        start, first = self._fill(runtime, kind, count)
        if start == _FULL:
            count = 1
            start, first = self._fill(runtime, kind, count)
        if start == _FULL:
            problem = f"{runtime.name}: the function table is full, with {len(self)} Python functions in it"
            raise InstanceError("failed", f"{problem}; pass the same functions again instead of new ones")
        self._next[kind] = min(2 * count, _MOST)
        self._free.setdefault(kind, []).extend((start + at, first + at) for at in reversed(range(count)))

    def _fill(self, runtime: Runtime, kind: _Kind, count: int) -> tuple[int, int]:
        """Put so many functions at the end of the table; the first index, or `_FULL`, and the first handler."""
        fill, first = self._spare.get((kind, count)) or self._new_functions(runtime, kind, count)
        self._spare[kind, count] = fill, first
        start = runtime.invoke_handle(fill)
        if start != _FULL:
            del self._spare[kind, count]
        return start, first

    def _new_functions(self, runtime: Runtime, kind: _Kind, count: int) -> tuple[Any, int]:
        native, hosting = runtime.native, runtime.native.hosting
        type_, counted = kind
        module = runtime.binding.glue.compile((kind, count), lambda: slots_glue(type_, count, counted=counted))
        host = runtime.hosts.glue
        names = ["cells", "refs", "ref", *["after"] * runtime.counts]
        externs = [native.export_of(host, name) for name in names]
        instance = wasmtime.Instance(native.store, module, [native.host_entry(), *externs, native.export("table")])
        first = len(hosting.handlers)
        hosting.handlers.extend([_gone] * count)
        hosting.used = max(hosting.used, ARGUMENTS + CELL_SIZE * max(1, len(type_.params)))
        native.export_of(instance, "first").set_value(native.store, first)
        return native.handle(native.export_of(instance, "fill"), FunctionType((), ("i32",))), first

    # --- lift -----------------------------------------------------------------------------------------------

    def find(self, index: int, codec: FunctionCodec) -> Callable[..., Any] | None:
        """The Python callable at an index of the table, if there is one of the type."""
        entry = self._by_index.get(index)
        return entry.callable if entry is not None and entry.codec.descriptor == codec.descriptor else None

    # --- death ----------------------------------------------------------------------------------------------

    def drain(self, runtime: Runtime) -> None:
        """Let go of callables all of whose function objects are dead. The caller owns the instance."""
        if self._finalized is None or self._is_draining:
            return
        self._is_draining, self._made = True, 0
        try:
            self._count(runtime)
            dead = self._dead
            while dead:
                if dead[-1].objects <= 0:
                    self._remove(runtime, dead[-1])
                dead.pop()
        finally:
            self._is_draining = False

    def _count(self, runtime: Runtime) -> None:
        """Take note of every dead object, once, at whatever point an interrupt may come."""
        assert self._finalized is not None
        data, removed = self._read(runtime)
        known = (self._counted - removed) & _WORD  # an interrupt came before they were removed
        for _, _, index in struct.iter_unpack("<3I", data[_ITEM * known :]):
            entry = self._by_index.get(index)
            # No call in these lines: nothing comes between counting an object and noting that it is counted.
            if entry is not None and not entry.pinned:
                entry.objects -= 1
                if entry.objects <= 0:
                    self._dead += [entry]
            self._counted += 1
        if data:
            runtime.invoke_handle(self._finalized["forget"], (len(data) // _ITEM,))

    def _read(self, runtime: Runtime) -> tuple[bytes, int]:
        """The list of dead objects, read in one go, and how many have been removed from its start so far."""
        assert self._finalized is not None
        while True:
            nestings = runtime.nestings
            start = runtime.invoke_handle(self._finalized["finalized"], (0, 0, 0))
            size, removed = _ITEM * runtime.arg_u32[4], runtime.arg_u32[8]
            runtime.check(start, size, "the list of dead objects")
            data = bytes(runtime.mem_u8[start : start + size])
            if runtime.nestings == nestings:
                return data, removed

    def _remove(self, runtime: Runtime, entry: _Entry) -> None:
        """Make the place of a callable free, unless that has been done before."""
        handlers, free = runtime.native.hosting.handlers, self._free[_kind_of(runtime, entry.codec)]
        index, handler = entry.place
        if self._by_index.get(index) is entry:
            # No call in these lines, so all of them are done or none.
            handlers[handler] = _gone
            del self._by_index[index], self._codecs[entry.codec][0][entry.key]
            free += [entry.place]


def _kind_of(runtime: Runtime, codec: FunctionCodec) -> _Kind:
    return codec.type, d.is_reference(codec.descriptor.result) if runtime.counts else None


def _identity(function: Callable[..., Any]) -> object:
    """What tells callables apart; a bound method is a new object each time. Hashing it runs no Python code."""
    if isinstance(function, types.MethodType):
        return id(function.__self__), id(function.__func__)
    if isinstance(function, types.BuiltinMethodType):
        return function  # which is compared by the object that it is a method of, and by the C function
    return id(function)


def _gone(runtime: Any, kept: list[int]) -> None:  # noqa: ARG001 - what a handler takes
    raise InstanceError("missing", f"{runtime.name}: AssemblyScript calls a function value that has died")
