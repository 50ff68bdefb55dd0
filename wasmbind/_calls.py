"""Calls: what a declared function does when Python calls it.

A `CallPlan` says how. `_emit` writes it out as a Python function for the common case; `call_slowly` here does the
same step by step, and is what nested and contended calls take.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._call_shapes import CallShape
from wasmbind._codecs.objects import lower_object
from wasmbind._declarations import OMITTED
from wasmbind._layout import UNCONSTRUCTED
from wasmbind._memory import not_constructed
from wasmbind._ownership import owned
from wasmbind._proof import proven_id
from wasmbind._traps import abandon, failure
from wasmbind.errors import InstanceError, LiftError, LowerTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wasmbind._call_shapes import This
    from wasmbind._codecs.base import Codec
    from wasmbind._ownership import Suspension
    from wasmbind._runtime import Runtime

__all__ = ["CallPlan", "Value", "call_slowly", "construct", "prove_result", "reject", "skipped"]


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter of a plan.

    Attributes:
        path: what it is called in errors.
        optional: AssemblyScript has a default for it.
        default: a Python default, else `OMITTED`.
    """

    name: str
    codec: Codec
    path: str
    optional: bool = False
    default: object = OMITTED


@dataclass(frozen=True)
class CallPlan:
    """How to call one function.

    Attributes:
        name: the Python name.
        title: what it is called in errors and tracebacks, such as ``File.addLine``.
        export: the module's export, for a global `get name` or `set name`.
        this: ``"object"`` passes the object's address first, ``"new"`` passes 0 and makes `self` the object that
            comes back, None passes nothing.
        counted: the number of given arguments comes before everything else.
        stages: the glue makes strings of staged text.
        static: it is a static method, which a function of the module may share the export's name with.
        collection: it is a member of a live collection: what is called is in the glue of the class of `self`.
        guarded: nobody has declared the result, so the glue holds it only if it is an object.
        retype: what calls the function where `as_=` says which type the result is, with the object, that type and the
            arguments; None where there is no `as_=`.
        dynamic: it is a member of a `Module`.
        compares: it is `__eq__` or `__ne__`, which leave objects of other classes and instances to Python.
    """

    name: str
    title: str
    export: str
    this: This
    parameters: tuple[Value, ...]
    result: Codec
    counted: bool = False
    stages: bool = True
    compares: bool = False
    static: bool = False
    collection: bool = False
    guarded: bool = False
    retype: Callable[[Any, Any, tuple[Any, ...]], Any] | None = None
    dynamic: bool = False

    @property
    def takes_opaque(self) -> bool:
        """Whether an integer may be given as an opaque value: by members of a `Module`, and of any live collection."""
        return self.dynamic or self.collection

    @cached_property
    def shape(self) -> CallShape:
        """The function as WebAssembly sees it."""
        params = tuple(value.codec.descriptor for value in self.parameters)
        result = self.result.descriptor
        return CallShape(self.export, self.this, params, result, self.counted, self.stages, self.static, self.guarded)

    @property
    def link(self) -> str:
        """The attribute of the runtime that holds what to call."""
        return self.shape.link

    @cached_property
    def by_class(self) -> bool:
        """Whether what is called depends on the Python class of the object."""
        return self.collection or self.this == "new"

    @cached_property
    def copied(self) -> list[Value]:
        """The parameters that are lowered into new objects; the n-th uses scratch slot n + 1."""
        return [value for value in self.parameters if value.codec.allocates]

    @cached_property
    def staged(self) -> list[Value]:
        """The parameters whose text may be staged; the n-th in compartment n."""
        return [self.parameters[at] for at in self.shape.staged]

    @cached_property
    def may_enable_hosts(self) -> bool:
        """Whether lowering may put the first Python callable into the instance, which is called in another way then."""
        return any(d.has_function(value.codec.descriptor) for value in self.parameters)

    @cached_property
    def lowering_order(self) -> list[int]:
        """The parameters in the order in which they are lowered: references first, as in generated code."""
        return sorted(
            range(len(self.parameters)), key=lambda at: not d.goes_first(self.parameters[at].codec.descriptor)
        )

    @cached_property
    def proves(self) -> bool:
        """Whether the result has to be proven to be an object, which its codec does not do."""
        return self.guarded and not self.result.computed and d.is_reference(self.result.descriptor)

    @cached_property
    def cells(self) -> int:
        """The number of argument cells, at least one for the result."""
        return max(1, self.counted + (self.this is not None) + len(self.parameters))


def call_slowly(plan: CallPlan, self: Any, arguments: Sequence[Any]) -> Any:
    """Do what the generated function does, when somebody else is or may be inside the instance.

    Args:
        plan: the function.
        self: what the function is called on; it knows the runtime.
        arguments: one value per parameter, `OMITTED` for those left out.
    """
    runtime: Runtime = self._asc_runtime
    if plan.compares and not comparable(plan, self, arguments[0]):
        return NotImplemented
    return owned(runtime, functools.partial(_call, plan, runtime, self, arguments))


def _call(plan: CallPlan, runtime: Runtime, self: Any, arguments: Sequence[Any], suspension: Suspension) -> Any:
    call, context, handle, block, trap, trapped = _bundle(plan, runtime, self)
    count = _count(plan, arguments)
    raws: list[tuple[str, Any]] = [("", 0)] * len(arguments)
    for index in plan.lowering_order:
        codec, argument = plan.parameters[index].codec, arguments[index]
        lowered = 0
        if argument is not OMITTED:
            if codec.allocates:
                suspension.slots.append(runtime.reserve())
            slot = suspension.slots[-1] if codec.allocates else 0
            lowered = codec.lower(runtime, argument, slot, plan.parameters[index].path)
        raws[index] = codec.argument, lowered
    if plan.this is not None:
        this = lower_object(runtime, type(self), self, "self") if plan.this == "object" else 0
        raws.insert(0, ("u32", this))
    if plan.counted:
        raws.insert(0, ("u32", count))
    for index, (view, raw) in enumerate(raws):
        cells = getattr(runtime, f"arg_{view}")
        cells[index * 16 // cells.itemsize] = raw
    if plan.may_enable_hosts:
        call = runtime.call
    runtime.check_alive()
    runtime.calls += 1
    try:
        status = call(context, handle, block, plan.cells, trap)
    except BaseException:
        abandon(runtime)
        raise
    if status or trapped[0]:
        raise failure(runtime, status)
    if plan.this == "new":
        construct(runtime, self, runtime.arg_u32[0])
        return None
    if isinstance(plan.result.descriptor, d.Void):
        return None
    if plan.proves:
        prove_result(plan, runtime, runtime.arg_u32[0])
    return plan.result.lift(runtime, getattr(runtime, f"arg_{plan.result.result}")[0])


def prove_result(plan: CallPlan, runtime: Runtime, ptr: int) -> None:
    """Make sure that a result is an object or null, where nobody has declared that it is: the glue has not held it.

    Raises:
        LiftError: it is another number, such as the address of an object that is no more.
    """
    if ptr and proven_id(runtime, ptr) is None:
        problem = f"{plan.result.name} expected, but the number is no object's address"
        raise LiftError(f"{runtime.name}: {problem}", ptr)


def comparable(plan: CallPlan, self: Any, other: Any) -> bool:
    """Whether AssemblyScript can compare two objects."""
    descriptor: Any = plan.parameters[0].codec.descriptor
    return isinstance(other, descriptor.cls) and other._asc_runtime is self._asc_runtime


def _bundle(plan: CallPlan, runtime: Runtime, self: Any) -> tuple[Any, ...]:
    if plan.by_class:
        return runtime.members.get((type(self), plan.link)) or runtime.find_member(type(self), plan)
    return runtime.__dict__.get(plan.link) or runtime.link(plan.link)


def _count(plan: CallPlan, arguments: Sequence[Any]) -> int:
    given = [argument is not OMITTED for argument in arguments]
    count = given.index(False) if False in given else len(given)
    if any(given[count:]):
        raise skipped(plan, count)
    return count


def construct(runtime: Runtime, obj: Any, ptr: int) -> None:
    """Make `obj` stand for the object that its constructor returned.

    Raises:
        LiftError: the constructor returned no object.
        InstanceError: the object has been constructed before.
    """
    if obj._asc_ptr != UNCONSTRUCTED:
        raise InstanceError("busy", f"this {type(obj).__name__} is constructed already: make another one")
    slot = runtime.reserve()
    try:
        runtime.mem_u32[slot] = ptr
        if not _is_of_base(runtime, ptr, type(obj)):
            runtime.prove(ptr, type(obj))
        runtime.adopt(obj, ptr, slot)
    except BaseException:
        runtime.bury([slot])
        raise


def _is_of_base(runtime: Runtime, ptr: int, cls: type[Any]) -> bool:
    """Whether a constructor has made an object of a base class, as those that asc up to 0.17 makes itself do."""
    rtti, bound = runtime.rtti, runtime.binding.table.bound.get(cls)
    if rtti is None or not rtti.counted or bound is None or bound.rt_id is None:
        return False
    rt_id, _ = runtime.header(ptr, f"an object of {cls.__name__}")
    return rt_id != bound.rt_id and rtti.descends(bound.rt_id, rt_id)


def reject(plan: CallPlan, obj: Any, arguments: Sequence[Any]) -> Exception:
    """The error for the first argument that is no number of its type, or an object not constructed yet."""
    runtime = obj._asc_runtime
    if plan.this == "object" and obj._asc_ptr == UNCONSTRUCTED:
        return not_constructed()
    for value, argument in zip(plan.parameters, arguments, strict=True):
        if not value.codec.allocates and argument is not OMITTED:
            try:
                value.codec.lower(runtime, argument, 0, value.path)
            except Exception as error:  # noqa: BLE001 - whatever the value itself raises is the error
                return error
    last = arguments[-1]
    return LowerTypeError(plan.title, plan.title, last, "an argument changed while it was converted")


def skipped(plan: CallPlan, count: int) -> Exception:
    """The error for an optional argument that is given after one that is not."""
    names = [value.name for value in plan.parameters]
    return LowerTypeError(
        f"{plan.title}({names[count]})",
        plan.parameters[count].codec.name,
        LowerTypeError.NO_VALUE,
        "AssemblyScript's optional arguments can only be left out from the end; give this one too",
    )
