"""A running instance: its heap, what generated code calls, and its end."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

from wasmbind._heap import Heap
from wasmbind._layout import VIEWS
from wasmbind._memory import Ended
from wasmbind._opaque import OpaqueRegistry
from wasmbind._ownership import owned
from wasmbind.errors import InstanceError

if TYPE_CHECKING:
    import wasmtime

    from wasmbind._calls import CallPlan
    from wasmbind._codecs.base import Allocation, Codec
    from wasmbind._functions import FunctionTable
    from wasmbind._imports import HostImports
    from wasmbind._native import Native
    from wasmbind._ownership import Suspension
    from wasmbind._schema.model import Binary

__all__ = ["Runtime"]

_CLOSED: Final = "closed"


class Runtime(Heap):
    """Everything that belongs to one instance.

    Generated code uses the slots directly: `owner`, `idle`, `pending` for the right to call (`_ownership`),
    `mem_*` and `arg_*` for memory and the argument block, `link_*` attributes for what to call.

    Attributes:
        members: what to call for constructors and members of collections, by class and by the link of the plan for it.
        glues: the glue of each unit of declarations that has been used.
        hosts: the imports.
        functions: the Python callables that the module has as function values, None before the first.
        opaque: the Python objects that the module has handles of.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_module",
        "_module_state",
        "functions",
        "glues",
        "hosts",
        "members",
        "opaque",
    )

    functions: FunctionTable | None

    def __init__(self, module: Any, native: Native, binary: Binary, hosts: HostImports) -> None:
        """Take over what has just been instantiated.

        Args:
            module: the object of an `AscModule` that stands for the instance.
            native: the store.
            binary: what it was instantiated from.
            hosts: its imports.
        """
        super().__init__(type(module).__name__, native, binary)
        self._module: weakref.ref[Any] = weakref.ref(module)
        # Objects of the instance that the class keeps there make it a cycle, so it is kept only where it may be needed.
        self._module_state = type(module), getattr(module, "__dict__", None) if hosts.have_methods else None
        module._asc_runtime = self
        self.hosts, self.functions = hosts, None
        self.opaque = OpaqueRegistry(self.name)
        hosts.attach(self)
        native.interruption.attach(self)
        self.members: dict[tuple[type, str], tuple[Any, ...]] = {}
        self.glues: dict[int, wasmtime.Instance] = {}

    def module(self) -> Any:
        """The object of an `AscModule` that stands for the instance, for its host functions.

        The instance does not keep it alive, for that would be a cycle, but objects of the instance may outlive it. What
        the class has stored in it is kept, and goes into a new object then.
        """
        found = self._module()
        if found is None:
            cls, state = self._module_state
            found = object.__new__(cls)
            found._asc_runtime, found._asc_tokens = self, []
            if state is not None:
                found.__dict__ = state
            self._module = weakref.ref(found)
        return found

    def function_table(self) -> FunctionTable:
        """The Python callables in the function table. The caller owns the instance."""
        functions = self.functions
        if functions is None:
            functions = self.functions = self.binding.function_table(self)
        return functions

    def collect(self) -> None:
        refs = self.opaque.refs
        if refs is not None:
            owned(self, lambda suspension: refs.collect(nested=suspension.nested))
            if self.binary.function("__collect") is None:
                return  # all that there is to collect
        super().collect()
        if self.functions is not None:
            functions = self.functions
            owned(self, lambda _: functions.drain(self))

    def enable_hosts(self) -> None:
        """Prepare for calls of Python by functions that have been found without that; the caller owns the instance."""
        self.native.host_entry()
        self.call = self.native.limited_call
        self.members.clear()
        self.__dict__.clear()

    def take_abort(self) -> tuple[int, int, int, int] | None:
        return self.hosts.take_abort()

    def find_member(self, cls: type[Any], plan: CallPlan) -> tuple[Any, ...]:
        """Resolve an entry of `members`."""
        self.check_alive()
        found = self.members[cls, plan.link] = self._bundle(self.binding.member(self, cls, plan))
        return found

    def run_member(self, cls: type[Any], name: str, *arguments: int) -> int:
        """Call a function of a live class's glue, all of whose values are i32. The caller owns the instance."""
        found = self.members.get((cls, name))
        if found is None:
            found = self.members[cls, name] = self._bundle(self.binding.member(self, cls, name))
        return self.invoke_handle(found[2], arguments)

    def allocation(self, codec: Codec, path: str) -> Allocation:
        """The AssemblyScript class that a Python collection becomes.

        Args:
            codec: the codec of the collection.
            path: what the value is, for errors.

        Raises:
            LowerError: the binary has no such class.
        """
        key = codec.site or codec.descriptor
        found = self.allocations.get(key)
        if found is None:
            found = self.allocations[key] = self.binding.allocation(codec, path)
        return found

    def link(self, name: str) -> tuple[Any, ...]:
        """Resolve a `link_*` attribute to what calling it takes. It is an attribute from then on.

        There is no `__getattr__` for this: a class that has one makes every attribute of its objects slow.
        """
        self.check_alive()
        found = self.__dict__[name] = self._bundle(self.binding.link(self, name))
        return found

    def _bundle(self, handle: Any) -> tuple[Any, ...]:
        """All that a call needs, as one tuple: unpacking it is cheaper than as many attributes."""
        return self.call, self.context, handle, self.block, self.trap, self.trapped

    def interrupt(self) -> bool:
        """End the call that is running in this instance, from another thread, a signal handler or a host function.

        That call raises `InstanceError` with the reason "interrupted" as soon as WebAssembly code runs again, and the
        instance is poisoned. A call that ends by itself meanwhile is not harmed, nor is the next one.

        Returns:
            Whether there was a call.
        """
        owner, native = self.owner, self.native
        if owner is None or isinstance(owner, Ended) or isinstance(native, Ended):
            return False
        return bool(native.interruption.request(getattr(owner, "thread", owner)))

    def resume(self) -> None:
        """Use a poisoned instance again, at your own risk.

        A trap, a limit or an interrupt has ended a call somewhere in its middle. What the call was changing is left
        half changed, AssemblyScript's heap included: later calls may trap, never end, or give wrong results. They
        cannot harm anything outside the instance.

        Raises:
            InstanceError: the instance is closed, or a call is still running.
        """
        ended, me = self.idle, threading.get_ident()
        if ended is None:
            return
        if ended.reason != "poisoned":
            ended.refuse()
        if self.owner is not ended:
            raise InstanceError("busy", f"{self.name}: a call is still running; resume when it has ended")
        self.owner = me
        try:
            self._make_views()
            self.native.interruption.arm(self.native.store)
            for slot in self.free:
                self.mem_u32[slot] = 0  # let go of while nobody could write
            self.idle = None
            self.clear_scratch()
            self.write_stack_pointer(self.idle_stack_pointer)
            self.take_abort()
            if self.rtti is not None:
                self.pending.extend(self.roots.left)  # releasing one twice does nothing more
                self.roots.left.clear()
        except BaseException:
            self.poison(InstanceError("poisoned", f"{self.name}: could not be resumed"))
            raise
        finally:
            self.owner = self.idle

    def close(self) -> None:
        """End the instance; again is harmless.

        Memory is freed when the last view of it is gone.

        Raises:
            InstanceError: called from inside a call of this very instance.
        """
        if isinstance(self.owner, Ended):
            if self.owner.reason != _CLOSED:
                self._say_closed()
                self.owner = self.idle
        else:
            owned(self, self._end)
        self._drop()

    def _end(self, suspension: Suspension) -> None:
        if suspension.nested:
            raise InstanceError("busy", f"{self.name}: cannot be closed from inside one of its own calls")
        self._say_closed()

    def _say_closed(self) -> None:
        self.poison(InstanceError(_CLOSED, f"{self.name}: already closed"))

    def _drop(self) -> None:
        """Forget everything that keeps the store alive."""
        ended = self.idle
        self.live.clear()
        self.opaque.end(ended)
        self.pending.clear()
        self.__dict__.clear()
        self.glues.clear()
        self.members.clear()
        self._functions.clear()
        self.hosts = self.native = self._exported = self._new = self._heap_glue = self._stack_pointer = ended
        self.call = self.context = self.block = self.trap = self.trapped = self.scratch = ended
        self.free, self.functions = [], None
        for view in VIEWS:
            setattr(self, f"arg_{view}", ended)
