"""A running instance: its memory, its heap, its live handles, and the calls into it."""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import wasmtime

from wasmbind._glue import COMPARTMENT, COMPARTMENTS
from wasmbind._heap import Roots
from wasmbind._layout import VIEWS
from wasmbind._memory import Ended, map_memory
from wasmbind._ownership import Suspension, attend, wait_for_turn
from wasmbind._schema.model import FunctionType
from wasmbind._schema.rtti import Rtti, RttiError, read_rtti
from wasmbind.errors import InstanceError, LiftError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wasmbind import _descriptors as d
    from wasmbind._abi import Native
    from wasmbind._imports import HostImports
    from wasmbind._schema.model import Binary

__all__ = ["HEADER", "UNCONSTRUCTED", "Handle", "HostGlue", "Runtime", "not_constructed"]

T = TypeVar("T")

#: Bytes before an object: memory manager, collector (2 words), rtId, rtSize; the same from asc 0.17 on.
HEADER: Final = 20
_ID_WORD, _SIZE_WORD = -2, -1
#: The address of an object whose constructor has not run: outside any 32-bit memory.
UNCONSTRUCTED: Final = 1 << 40
#: The collector's objects are 16-byte aligned; 8 are needed to read an f64 through a view.
_MISALIGNED = 7


def not_constructed() -> InstanceError:
    """The error for using an object before its constructor has run."""
    return InstanceError("missing", "this object is not constructed yet: call super().__init__(...) first")


class Handle(weakref.ref[T]):
    """The weak reference behind a Python object that stands for an AssemblyScript object.

    Attributes:
        ptr: the address of the object.
        slot: the root slot that keeps it alive, 0 once given back.
    """

    __slots__ = ("ptr", "slot")
    ptr: int
    slot: int


class Constructors(dict[type, Any]):
    """What to call to construct an object of a Python class, found when first needed."""

    def __init__(self, runtime: weakref.ref[Runtime]) -> None:
        super().__init__()
        self._runtime = runtime

    def __missing__(self, cls: type) -> Any:
        runtime = self._runtime()
        assert runtime is not None  # noqa: S101 - it is the runtime that asks
        handle = self[cls] = runtime.binding.constructor(runtime, cls)
        return handle


class HostGlue:
    """The instance of the host glue of one store, see `_glue.host_glue`."""

    def __init__(self, store: wasmtime.Store, module: wasmtime.Module) -> None:
        self._store = store
        self.exports = wasmtime.Instance(store, module, []).exports(store)

    def take_abort(self) -> tuple[int, int, int, int] | None:
        """The arguments of the abort that happened since the last look, or None."""
        store = self._store
        aborted = self.exports["aborted"]
        if not aborted.value(store):  # type: ignore[union-attr]  # a global, by construction
            return None
        aborted.set_value(store, 0)  # type: ignore[union-attr]
        message, file, line, column = (
            self.exports[name].value(store)  # type: ignore[union-attr]
            for name in ("message", "file", "line", "column")
        )
        return message, file, line, column

    def set_seed(self, seed: float) -> None:
        """What `env.seed` returns."""
        self.exports["seed_value"].set_value(self._store, seed)  # type: ignore[union-attr]


class Runtime:
    """Everything that belongs to one instance.

    Generated code uses the slots directly: `owner`, `idle`, `pending` for the right to call (`_ownership`),
    `mem_*` and `arg_*` for memory and the argument block, `link_*` attributes for what to call.

    Attributes:
        name: what to call it in messages.
        rtti: run-time type information, None where the module exports no runtime.
        classes: by declared class, the Python class for each run-time id met so far.
        binding: what resolves links, constructors and run-time ids that are not known yet.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_handles",
        "_memory",
        "_new",
        "_stack_pointer",
        "_write_reference",
        "arg_f32",
        "arg_f64",
        "arg_i16",
        "arg_i32",
        "arg_i64",
        "arg_i8",
        "arg_u16",
        "arg_u32",
        "arg_u64",
        "arg_u8",
        "attending",
        "binary",
        "binding",
        "block",
        "buffer_id",
        "call",
        "classes",
        "constructors",
        "context",
        "free",
        "glues",
        "hosts",
        "idle",
        "idle_stack_pointer",
        "in_host",
        "live",
        "mem_f32",
        "mem_f64",
        "mem_i16",
        "mem_i32",
        "mem_i64",
        "mem_i8",
        "mem_u16",
        "mem_u32",
        "mem_u64",
        "mem_u8",
        "name",
        "native",
        "owner",
        "pending",
        "roots",
        "rtti",
        "scratch",
        "size",
        "staging",
        "string_id",
        "trap",
        "trapped",
    )

    def __init__(self, name: str, native: Native, binary: Binary, hosts: HostImports) -> None:
        self.name, self.native, self.binary, self.hosts = name, native, binary, hosts
        hosts.runtime = weakref.ref(self)
        self.owner: object = None
        self.idle: Any = None
        self.in_host = self.attending = False
        self.pending: deque[Any] = deque()
        self.live: dict[int, Handle[Any]] = {}
        self.classes: dict[type, dict[int, type]] = {}
        self.binding: Any = None
        self.scratch: tuple[int, ...] = ()
        self.free: list[int] = []
        self.constructors = Constructors(weakref.ref(self))
        self.rtti: Rtti | None = None
        self.string_id = self.buffer_id = -1
        self.staging = 0
        self.glues: dict[int, wasmtime.Instance] = {}
        self.call, self.context = native.call, native.context
        self.block, self.trap, self.trapped = native.block, native.trap, native.trapped
        for view, (code, _) in VIEWS.items():
            setattr(self, f"arg_{view}", native.block_bytes.cast(code) if code != "B" else native.block_bytes)
        self._memory = native.export("memory")
        self._stack_pointer = native.export("__stack_pointer")
        self.idle_stack_pointer = self.read_stack_pointer()
        self._handles: dict[str, Any] = {}
        self._map()

    # --- memory ---------------------------------------------------------------------------------------------

    def _map(self) -> None:
        if isinstance(self._memory, wasmtime.Memory):
            self.size = self.native.memory_size(self._memory)
            views = map_memory(self.native.memory_address(self._memory), self.size, self.native)
        else:
            self.size, views = 0, {view: memoryview(b"").cast(code) for view, (code, _) in VIEWS.items()}
        for view, memory in views.items():
            setattr(self, f"mem_{view}", memory)

    def refresh(self) -> bool:
        """Look whether memory has grown, and if so make new views of it.

        Raises:
            InstanceError: the instance is closed or poisoned.
        """
        if isinstance(self.idle, Ended):
            self.idle.refuse()
        if not isinstance(self._memory, wasmtime.Memory):
            return False
        if self.native.memory_size(self._memory) == self.size:
            return False
        self._map()
        return True

    def check(self, ptr: int, size: int, what: str) -> None:
        """Make sure that `size` bytes at `ptr` lie inside memory.

        Raises:
            LiftError: they do not.
        """
        if ptr + size > self.size and not (self.refresh() and ptr + size <= self.size):
            if ptr >= UNCONSTRUCTED:
                raise not_constructed()
            raise LiftError(f"{self.name}: {what} of {size} bytes ends outside memory ({self.size} bytes)", ptr)

    def header(self, ptr: int, what: str) -> tuple[int, int]:
        """The run-time id and size of the object at `ptr`, after checking that it lies inside memory.

        Raises:
            LiftError: no object can lie there.
        """
        if ptr < HEADER or ptr & _MISALIGNED:
            raise LiftError(f"{self.name}: {what} expected, but the pointer is no object's address", ptr)
        self.check(ptr, 0, f"the header of {what}")
        word = ptr >> 2
        rt_id, rt_size = self.mem_u32[word + _ID_WORD], self.mem_u32[word + _SIZE_WORD]
        self.check(ptr, rt_size, what)
        return rt_id, rt_size

    def read_text(self, ptr: int) -> str:
        """The string at `ptr`.

        Raises:
            LiftError: there is no string.
        """
        rt_id, size = self.header(ptr, "a string")
        if self.rtti is not None and rt_id != self.rtti.string_id:
            raise LiftError(f"{self.name}: a string expected, found an object of run-time id {rt_id}", ptr)
        if size & 1:
            raise LiftError(f"{self.name}: a string of an odd number of bytes ({size})", ptr)
        return str(self.mem_u8[ptr : ptr + size], "utf-16-le", "surrogatepass")

    def write_words(self, ptr: int, words: Iterable[int]) -> None:
        """Store u32 words from `ptr` on."""
        for index, word in enumerate(words, ptr >> 2):
            self.mem_u32[index] = word

    def fill(self, ptr: int, size: int) -> None:
        """Store zeros."""
        self.check(ptr, size, "a new object")
        self.mem_u8[ptr : ptr + size] = bytes(size)

    # --- calls ----------------------------------------------------------------------------------------------

    def link(self, name: str) -> Any:
        """Resolve a `link_*` attribute to what `call` takes. It is an attribute from then on.

        There is no `__getattr__` for this: a class that has one makes every attribute of its objects slow.
        """
        if isinstance(self.idle, Ended):
            self.idle.refuse()
        handle = self.__dict__[name] = self.binding.link(self, name)
        return handle

    def invoke(self, export: str, *arguments: int) -> int:
        """Call a function of the module's runtime, all of whose values are i32. The caller owns the instance."""
        handle = self._handles.get(export)
        if handle is None:
            type_ = self.binary.function(export)
            assert type_ is not None  # noqa: S101 - verified when the module was bound
            handle = self._handles[export] = self.native.handle(self.native.export(export), type_)
        return self._invoke(handle, arguments)

    def write_reference(self, ptr: int, offset: int, child: int) -> None:
        """Store a reference into a field, with the write barrier. The caller owns the instance."""
        self._invoke(self._write_reference, (ptr, ptr + offset, child))

    def _invoke(self, handle: Any, arguments: Sequence[int]) -> int:
        cells = self.arg_u32
        for index, argument in enumerate(arguments):
            cells[4 * index] = argument
        status = self.call(self.context, handle, self.block, max(len(arguments), 1), self.trap)
        if status or self.trapped[0]:
            self._fail(status)
        return cells[0]

    def _fail(self, status: int) -> NoReturn:
        from wasmbind._traps import failure  # noqa: PLC0415 - it is the layer above

        raise failure(self, status, self.read_stack_pointer() if self.in_host else None)

    def new(self, size: int, rt_id: int, slot: int) -> int:
        """Allocate an object and hold it in a root slot. The caller owns the instance.

        Args:
            size: payload bytes.
            rt_id: the run-time id of its class.
            slot: the root slot that keeps it alive from birth.

        Returns:
            The address of the object, which may hold garbage under the minimal runtime.
        """
        cells = self.arg_u32
        cells[0], cells[4], cells[8] = slot, size, rt_id
        status = self.call(self.context, self._new, self.block, 3, self.trap)
        if status or self.trapped[0]:
            self._fail(status)
        ptr = cells[0]
        if ptr + size > self.size:
            self.check(ptr, size, "a new object")
        return ptr

    def use_heap_glue(self, glue: wasmtime.Instance) -> None:
        """Take the allocating functions from the glue that has them."""
        native = self.native
        i32 = ("i32",)
        self._new = native.handle(native.export_of(glue, "new"), FunctionType(i32 * 3, i32))
        barrier = native.export_of(glue, "write_reference")
        self._write_reference = native.handle(barrier, FunctionType(i32 * 3, ()))

    def collect_quietly(self) -> None:
        """Run a full collection if the module exports one; a failure poisons and is not raised."""
        if self.binary.function("__collect") is not None:
            try:
                self.invoke("__collect")
            except Exception:  # noqa: BLE001, S110 - it poisoned the instance, the next use says so
                pass

    def collect(self) -> None:
        """Run a full collection.

        Raises:
            InstanceError: the instance is closed or poisoned, or the module exports no collector.
        """
        if self.binary.function("__collect") is None:
            raise InstanceError("missing", f"{self.name} exports no __collect: compile with --exportRuntime")
        attend(self)
        suspension = Suspension(self)
        try:
            suspension.enter()
            self.invoke("__collect")
        finally:
            suspension.leave()

    def read_stack_pointer(self) -> int | None:
        """The shadow stack pointer, None where the module does not export it."""
        pointer = self._stack_pointer
        return pointer.value(self.native.store) if pointer is not None else None

    def write_stack_pointer(self, value: int | None) -> bool:
        """Put the shadow stack pointer back; False where the module does not export it."""
        if self._stack_pointer is None or value is None:
            return False
        self._stack_pointer.set_value(self.native.store, value)
        return True

    # --- the heap -------------------------------------------------------------------------------------------

    def read_types(self) -> None:
        """Read run-time type information and make the first root slots.

        Raises:
            RttiError: the module's table is unknown.
        """
        base = self.native.export("__rtti_base")
        address = base.value(self.native.store)
        if not HEADER <= address < self.size or address & 3:
            raise RttiError(f"__rtti_base is {address:#x}, outside memory")
        self.rtti = read_rtti(self.mem_u32[address >> 2 :])
        self.string_id, self.buffer_id = self.rtti.string_id, self.rtti.buffer_id
        self.roots = Roots(self.rtti)
        self.free = self.roots.free
        self.staging = self.roots.pinned(self, COMPARTMENT * COMPARTMENTS, self.buffer_id)

    def array_ids(self, element: d.Descriptor) -> list[int]:
        """The run-time ids of arrays of such elements."""
        return self.rtti.array_ids(element) if self.rtti is not None else []

    def reserve(self) -> int:
        """A free root slot. The caller owns the instance and has nothing in the argument block."""
        while True:
            try:
                return self.free.pop()
            except IndexError:
                attend(self)
                if not self.free:
                    self.roots.grow(self)

    def reserve_alone(self) -> int:
        """A free root slot, for a caller that does not own the instance."""
        while True:
            try:
                return self.free.pop()
            except IndexError:
                attend(self)
                if not self.free:
                    suspension = Suspension(self)
                    try:
                        suspension.enter()
                        self.roots.grow(self)
                    finally:
                        suspension.leave()

    def release(self, handle: Handle[Any]) -> None:
        """Give back a dead handle's root slot. Doing it twice does nothing more, nor does it after the end."""
        if self.ended:
            return
        slot = handle.slot
        if self.live.get(handle.ptr) is handle:
            del self.live[handle.ptr]
        if slot:
            # Nothing in these lines lets another thread or a signal handler in before the last call.
            handle.slot = 0
            self.mem_u32[slot] = 0
            self.free.append(slot)

    def clear_scratch(self) -> None:
        """Let go of arguments and results that a failed call left in the scratch slots."""
        for slot in self.scratch:
            self.mem_u32[slot] = 0

    def adopt(self, obj: Any, ptr: int, slot: int) -> None:
        """Make `obj` the Python object for the AssemblyScript object at `ptr`, which `slot` keeps alive."""
        handle = Handle(obj, self.pending.append)
        handle.ptr, handle.slot = ptr, slot
        obj._asc_runtime, obj._asc_ptr = self, ptr  # noqa: SLF001 - the slots of AscClass
        self.live[ptr] = handle

    def lift(self, ptr: int, slot: int, cls: type[T]) -> T:
        """The Python object for the AssemblyScript object at `ptr`: the one that is alive, or a new one.

        Args:
            ptr: not null; already stored in `slot`.
            slot: the root slot that keeps the object alive; given back when it is not needed.
            cls: the declared class.

        Raises:
            LiftError: the pointer is no object's, or the object is not of the class.
        """
        known = self.live.get(ptr)
        obj = known() if known is not None else None
        if obj is None or not isinstance(obj, cls):
            try:
                actual = self.classes[cls][self.mem_u32[(ptr >> 2) + _ID_WORD]]
                if ptr < HEADER or ptr & _MISALIGNED:
                    raise IndexError  # noqa: TRY301 - told in the branch below
            except (KeyError, IndexError):
                try:
                    actual = self.binding.resolve_class(self, cls, *self.header(ptr, f"an object of {cls.__name__}"))
                except BaseException:
                    self.give_back(slot)
                    raise
            obj = object.__new__(actual)
            self.adopt(obj, ptr, slot)
            return obj
        self.give_back(slot)
        return obj

    def give_back(self, slot: int) -> None:
        """Let go of what a slot holds and make it free; nothing happens once the instance has ended."""
        if isinstance(self.idle, Ended):
            return
        self.mem_u32[slot] = 0
        self.free.append(slot)

    @property
    def memory(self) -> memoryview[Any]:
        """Linear memory as bytes, live and writable. It keeps the memory from being freed, and does not grow.

        Raises:
            InstanceError: the instance is closed or poisoned.
        """
        return self.mem_u8[:]

    @property
    def ended(self) -> bool:
        """Whether the instance is closed or poisoned."""
        return isinstance(self.idle, Ended)

    # --- the end --------------------------------------------------------------------------------------------

    def wait(self) -> bool:
        """Wait until no other thread is inside the instance; whether the calling thread is."""
        return wait_for_turn(self)

    def poison(self, error: InstanceError) -> None:
        """Refuse every later use of the instance."""
        self.idle = Ended(error)
        for view in VIEWS:
            setattr(self, f"mem_{view}", self.idle)

    def close(self) -> None:
        """End the instance; again is harmless.

        Memory is freed when the last view of it is gone.

        Raises:
            InstanceError: called from inside a call of this very instance.
        """
        if isinstance(self.owner, Ended):
            self._drop()
            return
        suspension = Suspension(self)
        try:
            suspension.enter()
            if suspension.nested:
                raise InstanceError("busy", f"{self.name}: cannot be closed from inside one of its own calls")
            self.poison(InstanceError("closed", f"{self.name}: already closed"))
        finally:
            suspension.leave()
        self._drop()

    def _drop(self) -> None:
        """Forget everything that keeps the store alive."""
        ended = self.idle
        self.live.clear()
        self.pending.clear()
        self.__dict__.clear()
        self.glues.clear()
        self._handles.clear()
        self.native = self._memory = self._new = self._write_reference = self._stack_pointer = ended
        self.call = self.context = self.block = self.trap = self.trapped = self.scratch = ended
        self.free = []
        for view in VIEWS:
            setattr(self, f"arg_{view}", ended)

