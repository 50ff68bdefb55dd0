"""A running instance: its heap, what generated code calls, and its end."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from wasmbind._heap import Heap
from wasmbind._layout import VIEWS
from wasmbind._memory import Ended
from wasmbind._ownership import owned
from wasmbind.errors import InstanceError

if TYPE_CHECKING:
    import wasmtime

    from wasmbind._calls import CallPlan
    from wasmbind._codecs.base import Allocation, Codec
    from wasmbind._imports import HostImports
    from wasmbind._native import Native
    from wasmbind._ownership import Suspension
    from wasmbind._schema.model import Binary

__all__ = ["Runtime"]


class Runtime(Heap):
    """Everything that belongs to one instance.

    Generated code uses the slots directly: `owner`, `idle`, `pending` for the right to call (`_ownership`),
    `mem_*` and `arg_*` for memory and the argument block, `link_*` attributes for what to call.

    Attributes:
        members: what to call for constructors and members of collections, by class and by the link of the plan for it.
        glues: the glue of each unit of declarations that has been used.
        hosts: the imports.
    """

    __slots__ = ("__dict__", "__weakref__", "glues", "hosts", "members")

    def __init__(self, name: str, native: Native, binary: Binary, hosts: HostImports) -> None:
        super().__init__(name, native, binary)
        self.hosts = hosts
        hosts.runtime = weakref.ref(self)
        self.members: dict[tuple[type, str], tuple[Any, ...]] = {}
        self.glues: dict[int, wasmtime.Instance] = {}

    def take_abort(self) -> tuple[int, int, int, int] | None:
        return self.hosts.glue.take_abort() if self.hosts.glue is not None else None

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
        return self._invoke(found[2], arguments)

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

    def close(self) -> None:
        """End the instance; again is harmless.

        Memory is freed when the last view of it is gone.

        Raises:
            InstanceError: called from inside a call of this very instance.
        """
        if isinstance(self.owner, Ended):
            self._drop()
            return
        owned(self, self._end)
        self._drop()

    def _end(self, suspension: Suspension) -> None:
        if suspension.nested:
            raise InstanceError("busy", f"{self.name}: cannot be closed from inside one of its own calls")
        self.poison(InstanceError("closed", f"{self.name}: already closed"))

    def _drop(self) -> None:
        """Forget everything that keeps the store alive."""
        ended = self.idle
        self.live.clear()
        self.pending.clear()
        self.__dict__.clear()
        self.glues.clear()
        self.members.clear()
        self._functions.clear()
        self.hosts = self.native = self._exported = self._new = self._heap_glue = self._stack_pointer = ended
        self.call = self.context = self.block = self.trap = self.trapped = self.scratch = ended
        self.free = []
        for view in VIEWS:
            setattr(self, f"arg_{view}", ended)
