"""The heap of one instance: calls into AssemblyScript's runtime, and the objects that Python holds."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

from wasmbind._adaptor_glue import is_adapted
from wasmbind._heap_glue import HEAP_FUNCTIONS
from wasmbind._layout import COMPARTMENT, COMPARTMENTS, VIEWS
from wasmbind._memory import HEADER, ID_WORD, MISALIGNED, SIZE_WORD, Ended, Memory
from wasmbind._native import cast_views
from wasmbind._ownership import attend, is_inside, owned
from wasmbind._roots import Handle, Roots
from wasmbind._traps import abandon, failure
from wasmbind.errors import InstanceError, WasmbindError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import wasmtime

    from wasmbind._codecs.base import Allocation
    from wasmbind._native import Native
    from wasmbind._schema.model import Binary
    from wasmbind._schema.rtti import Rtti

__all__ = ["Heap"]

T = TypeVar("T")


class Heap(Memory):
    """Allocation, root slots and handles.

    Attributes:
        owner: who is inside the instance, see `_ownership`.
        at_rest: whether nothing is half made inside, and nested calls may leave the collector in the middle of marking.
        nestings: how many calls have interrupted another one so far.
        pending: for `attend`: dead handles, waiting threads, and what interrupted calls left, pins and lists of slots.
        bury: queues one of them. No interrupt can come before a call of it, for it is not written in Python.
        live: the handle of every object that Python holds, by address, and of every view, see `_live.views`.
        allocations: what Python collections become, by where they are declared or by their type.
        calls: how many calls into wasm the owner of a nested suspension may have made so far.
        classes: by declared class and run-time id met so far, the Python class and the least size of its objects.
        roots: where root slots come from, once `use_types` has run.
        scratch: root slots for a result and for copied arguments.
        staging: the address of the staging area, see `_glue`.
        starting: a start function is running, and may not have set up the runtime yet.
        frees_moved: whether an array that grows frees its elements, see `_live.renewal`; None until that matters.
        binding: what resolves links, constructors and run-time ids.
        counts: the module counts references, see `_adaptor_glue`.
    """

    __slots__ = (
        "_functions",
        "_heap_glue",
        "_new",
        "_stack_pointer",
        "allocations",
        *(f"arg_{view}" for view in VIEWS),
        "at_rest",
        "attending",
        "binary",
        "binding",
        "block",
        "bury",
        "call",
        "calls",
        "classes",
        "context",
        "counts",
        "free",
        "frees_moved",
        "idle_stack_pointer",
        "live",
        "nestings",
        "owner",
        "pending",
        "roots",
        "scratch",
        "staging",
        "starting",
        "trap",
        "trapped",
    )
    arg_f32: memoryview[float]
    arg_f64: memoryview[float]
    arg_i16: memoryview[int]
    arg_i32: memoryview[int]
    arg_i64: memoryview[int]
    arg_i8: memoryview[int]
    arg_u16: memoryview[int]
    arg_u32: memoryview[int]
    arg_u64: memoryview[int]
    arg_u8: memoryview[int]
    frees_moved: bool | None

    def __init__(self, name: str, native: Native, binary: Binary) -> None:
        super().__init__(name, native)
        self.binary = binary
        self.counts = is_adapted(binary)
        self.owner: Any = None
        self.at_rest = self.attending = False
        self.nestings = self.calls = 0
        self.pending: deque[Any] = deque()
        self.live: dict[int, Handle[Any]] = {}
        self.bury = self.pending.append
        self.classes: dict[type, dict[int, tuple[type, int]]] = {}
        self.allocations: dict[Any, Allocation] = {}
        self.binding: Any = None
        self.scratch: tuple[int, ...] = ()
        self.staging, self.starting, self.frees_moved = 0, False, None
        self.free: list[int] = []
        self.call, self.context = native.limited_call, native.context
        self.block, self.trap, self.trapped = native.block, native.trap, native.trapped
        for view, cells in cast_views(native.block_bytes).items():
            setattr(self, f"arg_{view}", cells)
        self._functions: dict[str, Any] = {}
        pointer = binary.global_("__stack_pointer")
        usable = pointer is not None and pointer.type == "i32" and pointer.mutable
        self._stack_pointer = native.export("__stack_pointer") if usable else None
        self.idle_stack_pointer = self.read_stack_pointer()

    def invoke(self, export: str, *arguments: int) -> int:
        """Call a function of the module's runtime, all of whose values are i32. The caller owns the instance."""
        handle = self._functions.get(export)
        if handle is None:
            type_ = self.binary.function(export)
            assert type_ is not None
            handle = self._functions[export] = self.native.handle(self.native.export(export), type_)
        return self.invoke_handle(handle, arguments)

    def write_reference(self, ptr: int, offset: int, child: int) -> None:
        """Store a reference into a field, with the write barrier. The caller owns the instance."""
        self.invoke_glue("write_reference", ptr, ptr + offset, child)

    def invoke_glue(self, function: str, *arguments: int) -> int:
        """Call one of `HEAP_FUNCTIONS`. The caller owns the instance."""
        return self.invoke_handle(self._heap_glue[function], arguments)

    def invoke_handle(self, handle: Any, arguments: Sequence[int] = ()) -> int:
        """Call a function by its handle, all of whose values are i32. The caller owns the instance."""
        self.calls += 1
        cells = self.arg_u32
        for index, argument in enumerate(arguments):
            cells[4 * index] = argument
        try:
            status = self.call(self.context, handle, self.block, max(len(arguments), 1), self.trap)
        except BaseException:
            abandon(self)
            raise
        if status or self.trapped[0]:
            raise failure(self, status)
        return cells[0]

    def new(self, size: int, rt_id: int, slot: int) -> int:
        """Allocate an object and hold it in a root slot. The caller owns the instance.

        Args:
            size: payload bytes.
            rt_id: the run-time id of its class.
            slot: the root slot that keeps it alive from birth.

        Returns:
            The address of the object, which may hold garbage under the minimal runtime.
        """
        self.calls += 1
        cells = self.arg_u32
        cells[0], cells[4], cells[8] = slot, size, rt_id
        try:
            status = self.call(self.context, self._new, self.block, 3, self.trap)
        except BaseException:
            abandon(self)
            raise
        if status or self.trapped[0]:
            raise failure(self, status)
        ptr = cells[0]
        if ptr + size > self.size:
            self.check(ptr, size, "a new object")
        return ptr

    def use_heap_glue(self, glue: wasmtime.Instance) -> None:
        """Take the allocating functions from the glue that has them."""
        native = self.native
        self._heap_glue = {
            name: native.handle(native.export_of(glue, name), type_) for name, type_ in HEAP_FUNCTIONS.items()
        }
        self._new = self._heap_glue["new"]

    def collect_quietly(self) -> None:
        """Run a full collection if the module exports one, and marks; a failure poisons and is not raised."""
        if self.binary.function("__collect") is not None and not self.counts:
            with contextlib.suppress(WasmbindError):  # the next use says so
                self.invoke("__collect")

    def collect(self) -> None:
        """Run a full collection. Where references are counted rings stay if the module exports no `__collect`.

        Raises:
            InstanceError: the instance is closed or poisoned, or the module exports no collector.
        """
        if self.binary.function("__collect") is None:
            raise InstanceError("missing", f"{self.name} exports no __collect: compile with --exportRuntime")
        attend(self)
        owned(self, lambda _: self.invoke("__collect"))

    def take_abort(self) -> tuple[int, int, int, int] | None:
        """The arguments of the `abort` that ended the last call: message, file, line, column; None without one."""
        return None

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

    # --- root slots and handles -----------------------------------------------------------------------------

    def use_types(self, rtti: Rtti) -> None:
        """Take the type table, and make the first root slots; RttiError if they are not as it makes one expect."""
        self.string_id, self.buffer_id = rtti.string_id, rtti.buffer_id
        self.roots = Roots(rtti)
        self.free, size = self.roots.free, COMPARTMENT * COMPARTMENTS
        self.staging = self.roots.pinned(self, size + 4 * self.counts, self.buffer_id)
        if self.counts:  # a result is owed until the next call, by when whoever wants it has a slot for it
            self.scratch = (self.roots.introduce(self, self.staging + size),)
        self.rtti = rtti

    def reserve(self) -> int:
        """A free root slot. The caller owns the instance and has nothing in the argument block."""
        while True:
            try:
                return self.free.pop()
            except IndexError:
                attend(self)
                if self.rtti is None:
                    # A host function returns the first object, while the module starts or in one of numbers only.
                    self.binding.need_heap(self, self.name)
                elif not self.free:
                    self.roots.grow(self)

    def reserve_alone(self) -> int:
        """A free root slot, for a caller that does not own the instance."""
        while True:
            try:
                return self.free.pop()
            except IndexError:
                self.free.append(owned(self, lambda _: self.reserve()))

    def release(self, handle: Handle[Any]) -> None:
        """Give back a dead handle's root slot. Doing it twice does nothing more, nor does it after the end."""
        if self.live.get(handle.ptr) is handle:
            del self.live[handle.ptr]
        slot = handle.slot
        if slot:
            # Nothing in these lines lets another thread or a signal handler in before the last call.
            handle.slot = 0
            if self.idle is None:
                self.mem_u32[slot] = 0
            self.free.append(slot)

    def give_back(self, slot: int) -> None:
        """Let go of what a slot holds and make it free; nothing happens once the instance has ended.

        An interrupt at the very start leaves that undone; `bury([slot])` has no such start.
        """
        if self.idle is None:
            self.mem_u32[slot] = 0
            self.free.append(slot)

    def extend_scratch(self, count: int) -> None:
        """Have at least `count` scratch slots. The caller owns the instance."""
        while self.rtti is not None and len(self.scratch) < count:
            self.scratch = (*self.scratch, self.reserve())

    def clear_scratch(self) -> None:
        """Let go of arguments and results that a failed call left in the scratch slots."""
        if self.idle is None:
            for slot in self.scratch:
                self.mem_u32[slot] = 0

    def adopt(self, obj: Any, ptr: int, slot: int) -> None:
        """Make `obj` the Python object for the AssemblyScript object at `ptr`, which `slot` keeps alive."""
        handle = Handle(obj, self.bury)
        handle.ptr, handle.slot = ptr, slot
        obj._asc_runtime, obj._asc_ptr = self, ptr
        self.live[ptr] = handle

    def find(self, ptr: int, cls: type[T]) -> T | None:
        """The living Python object for the AssemblyScript object at `ptr`, if there is one of the class."""
        handle = self.live.get(ptr)
        obj = handle() if handle is not None else None
        return obj if isinstance(obj, cls) else None

    def lift(self, ptr: int, slot: int, cls: type[T]) -> T:
        """A new Python object for the AssemblyScript object at `ptr`.

        Args:
            ptr: not null; already stored in `slot`.
            slot: the root slot that keeps the object alive, still the caller's in case of an error.
            cls: the declared class.

        Raises:
            LiftError: the pointer is no object's, or the object is not of the class.
        """
        obj: T = object.__new__(self.prove(ptr, cls))
        self.adopt(obj, ptr, slot)
        return obj

    def prove(self, ptr: int, cls: type[T]) -> type[T]:
        """The Python class of the object at `ptr`, where `cls` is declared.

        Raises:
            LiftError: the pointer is no object's, or the object is not of the class.
        """
        memory, word = self.mem_u32, ptr >> 2
        actual: type[T]
        if ptr >= HEADER and not ptr & MISALIGNED:
            try:
                actual, least = self.classes[cls][memory[word + ID_WORD]]
                size = memory[word + SIZE_WORD]
                if size >= least and ptr + size <= self.size:
                    return actual
            except (KeyError, IndexError):
                pass
        actual = self.binding.resolve_class(self, cls, ptr, *self.header(ptr, f"an object of {cls.__name__}"))
        return actual

    def is_inside(self) -> bool:
        """Whether the calling thread is inside the instance, which somebody is."""
        return is_inside(self)

    def in_turn(self, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """Call a function once no other thread is inside the instance."""
        return owned(self, lambda _: function(*arguments, **options))

    def poison(self, error: InstanceError) -> None:
        """Refuse every later use of the instance."""
        self.idle = Ended(error)
        for view in VIEWS:
            setattr(self, f"mem_{view}", self.idle)
