"""Calls: what a declared function does when Python calls it.

A `CallPlan` says how. `call_source` writes it out as a Python function for the common case, that nobody else is
inside the instance; `call_slowly` does the same step by step and is taken by nested and contended calls.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wasmbind import _descriptors as d
from wasmbind._codecs.objects import lower_object
from wasmbind._codecs.scalars import lift_enum, lower_bool, lower_enum
from wasmbind._codecs.strings import is_string, lift_string, lower_string, null_string, stage_string
from wasmbind._declarations import OMITTED
from wasmbind._glue import COMPARTMENTS
from wasmbind._ownership import Suspension, attend
from wasmbind._runtime import UNCONSTRUCTED, not_constructed
from wasmbind._source import SourceWriter, compile_function
from wasmbind._traps import failure
from wasmbind.errors import LowerTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wasmbind._codecs import Codec
    from wasmbind._runtime import Runtime

__all__ = ["CallPlan", "Value", "call_slowly", "call_source", "compile_call"]


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


@dataclass(frozen=True, slots=True)
class CallPlan:
    """How to call one function.

    Attributes:
        name: the Python name.
        title: what it is called in errors and tracebacks, such as ``File.addLine``.
        link: the attribute of the runtime that holds what to call.
        this: ``"object"`` passes the object's address first, ``"new"`` passes 0 and makes `self` the object that
            comes back, None passes nothing.
        counted: the number of given arguments comes before everything else.
        stages: the glue makes strings of staged text.
    """

    name: str
    title: str
    link: str
    this: str | None
    parameters: tuple[Value, ...]
    result: Codec
    counted: bool = False
    stages: bool = True

    @property
    def copied(self) -> list[Value]:
        """The parameters that are lowered into new objects; the n-th uses scratch slot n + 1."""
        return [value for value in self.parameters if value.codec.by_value]

    @property
    def staged(self) -> list[Value]:
        """The parameters that are strings; the n-th may use compartment n of the staging area."""
        return [value for value in self.parameters if self.stages and is_string(value.codec.descriptor)]

    @property
    def cells(self) -> int:
        """The number of argument cells, at least one for the result."""
        return max(1, self.counted + (self.this is not None) + len(self.parameters))


# --- the generated path -------------------------------------------------------------------------------------


def compile_call(plan: CallPlan) -> Callable[..., Any]:
    """The function for a plan, generated."""
    function = compile_function(plan.name, call_source(plan), call_namespace(plan), plan.title)
    function.__qualname__ = plan.title
    return function


def call_namespace(plan: CallPlan) -> dict[str, Any]:
    """The globals of the generated function."""
    names: dict[str, Any] = {
        **_HELPERS,
        "lift_result": plan.result.lift,
        "members": _members_of(plan.result.descriptor),
        "plan": plan,
        "type_of_result": _class_of(plan.result.descriptor),
    }
    for value in plan.parameters:
        names[f"codec_of_{value.name}"] = value.codec
        names[f"default_{value.name}"] = value.default
        names[f"type_of_{value.name}"] = _class_of(value.codec.descriptor)
    prefix = _prefix(plan, str(_CallWriter(plan).source))
    return {prefix + name: value for name, value in names.items()}


def _prefix(plan: CallPlan, text: str) -> str:
    """What to put before the generator's own names, so that none is a name of the user's: mostly nothing."""
    own = {*re.findall(r"\$(\w+)", text), *_HELPERS}
    taken = {plan.name, *(value.name for value in plan.parameters)}
    prefix = ""
    while not taken.isdisjoint(prefix + name for name in own):
        prefix += "_"
    return prefix


def _class_of(descriptor: d.Descriptor) -> type | None:
    match descriptor:
        case d.ObjectOf(cls=cls) | d.Enumeration(cls=cls):
            return cls
        case d.Nullable(inner=d.ObjectOf(cls=cls)):
            return cls
    return None


def _members_of(descriptor: d.Descriptor) -> dict[int, Any]:
    return {member.value: member for member in descriptor.cls} if isinstance(descriptor, d.Enumeration) else {}


def call_source(plan: CallPlan) -> str:
    """The source of the function for a plan."""
    text = str(_CallWriter(plan).source)
    return text.replace("$", _prefix(plan, text))


class _CallWriter:
    """Writes a call out. In its texts `$` marks the generator's own names, see `_prefix`."""

    def __init__(self, plan: CallPlan) -> None:
        self.plan = plan
        self.source = SourceWriter()
        self.line = self.source.line
        with self.source.block(f"def {plan.name}({', '.join(['self', *map(self._parameter, plan.parameters)])}):"):
            self._write()

    @staticmethod
    def _parameter(value: Value) -> str:
        if value.optional:
            return f"{value.name}=$OMITTED"
        return value.name if value.default is OMITTED else f"{value.name}=$default_{value.name}"

    def _write(self) -> None:
        plan, line = self.plan, self.line
        names = "".join(f"{value.name}, " for value in plan.parameters)
        line("$me = $get_ident()")
        line("$runtime = self._asc_runtime")
        with self.source.block("if $runtime.owner is not None:"):
            line(f"return $call_slowly($plan, self, ({names}))")
        line("$runtime.owner = $me")
        with self.source.block("try:"):
            if plan.copied or plan.result.by_value:
                line("$scratch = $runtime.scratch")
            self._find()
            self._lower()
            self._call()
            self._lift()
        if plan.copied:
            with self.source.block("except BaseException:"):
                line("$runtime.clear_scratch()")
                line("raise")
        with self.source.block("finally:"):
            line("$runtime.owner = $runtime.idle")
            with self.source.block("if $runtime.pending:"):
                line("$attend($runtime)")

    def _find(self) -> None:
        """What to call; finding it the first time may call into wasm."""
        link, line = self.plan.link, self.line
        if self.plan.this == "new":
            line("$handle = $runtime.constructors[self.__class__]")
            return
        with self.source.block("try:"):
            line(f"$handle = $runtime.{link}")
        with self.source.block("except AttributeError:"):
            line(f"$handle = $runtime.link({link!r})")

    def _lower(self) -> None:
        """References first: allocating uses the argument block. Then everything into the block."""
        plan, line = self.plan, self.line
        optional = [value for value in plan.parameters if value.optional]
        if optional:
            required = len(plan.parameters) - len(optional)
            counts = " ".join(
                f"{required + index} if {value.name} is $OMITTED else" for index, value in enumerate(optional)
            )
            line(f"$count = {counts} {len(plan.parameters)}")
            for index, value in enumerate(optional[1:], required + 2):
                with self.source.block(f"if $count < {index} and {value.name} is not $OMITTED:"):
                    line("raise $skipped($plan, $count)")
        for value in plan.parameters:
            if d.is_reference(value.codec.descriptor):
                self._lower_reference(value)
        for view in self._views():
            line(f"$arg_{view} = $runtime.arg_{view}")
        cell = 0
        if plan.counted:
            line("$arg_u32[0] = $count")
            cell = 1
        if plan.this == "new":
            line(f"$arg_u32[{4 * cell}] = 0")
            cell += 1
        if plan.this != "object" and not plan.parameters:
            return
        with self.source.block("try:"):
            if plan.this == "object":
                line(f"$arg_u32[{4 * cell}] = self._asc_ptr")
                cell += 1
            for index, value in enumerate(plan.parameters, cell):
                self._store(value, index)
        given = "".join(f"{value.name}, " for value in plan.parameters)
        with self.source.block("except (TypeError, ValueError, OverflowError):"):
            line(f"raise $reject($plan, self, ({given})) from None")

    def _lower_reference(self, value: Value) -> None:
        name, path = value.name, value.path
        descriptor = value.codec.descriptor
        inner = descriptor.inner if isinstance(descriptor, d.Nullable) else descriptor
        match inner:
            case d.ObjectOf():
                lowered = (
                    f"{name}._asc_ptr if isinstance({name}, $type_of_{name}) and {name}._asc_runtime is $runtime "
                    f"else $lower_object($runtime, $type_of_{name}, {name}, {path!r})"
                )
            case d.String():
                place = self.plan.staged.index(value) if value in self.plan.staged else COMPARTMENTS
                lowered = (
                    f"$stage_string($runtime, {name}, {place}, {self._slot(value)}, {path!r})"
                    if place < COMPARTMENTS
                    else f"$lower_string($runtime, {name}, {self._slot(value)}, {path!r})"
                )
            case _:
                lowered = f"$codec_of_{name}.lower($runtime, {name}, {self._slot(value)}, {path!r})"
        if isinstance(descriptor, d.Nullable):
            lowered = f"0 if {name} is None else {lowered}"
        if value.optional:
            lowered = f"0 if {name} is $OMITTED else {lowered}"
        self.line(f"${name}_ptr = {lowered}")

    def _slot(self, value: Value) -> str:
        return f"$scratch[{self.plan.copied.index(value) + 1}]"

    def _views(self) -> list[str]:
        """The views of the block that this function uses, in the order of first use."""
        plan = self.plan
        views = ["u32"] if plan.counted or plan.this is not None else []
        views += [value.codec.argument for value in plan.parameters]
        views.append("u32" if plan.this == "new" else plan.result.result)
        return [view for view in dict.fromkeys(views) if view]

    def _store(self, value: Value, index: int) -> None:
        name, codec = value.name, value.codec
        cell = index * 16 >> {"i32": 2, "u32": 2, "f32": 2, "i64": 3, "u64": 3, "f64": 3}[codec.argument]
        target = f"$arg_{codec.argument}[{cell}]"
        if d.is_reference(codec.descriptor):
            self.line(f"{target} = ${name}_ptr")
            return
        if value.optional:
            with self.source.block(f"if {name} is $OMITTED:"):
                self.line(f"{target} = 0")
            with self.source.block("else:"):
                self._store_number(value, target)
        else:
            self._store_number(value, target)

    def _store_number(self, value: Value, target: str) -> None:
        name, line = value.name, self.line
        match value.codec.descriptor:
            case d.Boolean():
                line(f"{target} = {name} if {name} is True or {name} is False else $lower_bool({name}, {value.path!r})")
            case d.Enumeration():
                line(
                    f"{target} = {name} if {name}.__class__ is $type_of_{name} "
                    f"else $lower_enum($type_of_{name}, {name}, {value.path!r})"
                )
            case d.Integer(bits=bits) as integer if bits < 32:
                with self.source.block(f"if not {integer.low} <= {name} <= {integer.high}:"):
                    line("raise OverflowError")
                line(f"{target} = {name}")
            case _:
                line(f"{target} = {name}")

    def _call(self) -> None:
        plan, line = self.plan, self.line
        line(f"$status = $runtime.call($runtime.context, $handle, $runtime.block, {plan.cells}, $runtime.trap)")
        with self.source.block("if $status or $runtime.trapped[0]:"):
            line("raise $failure($runtime, $status)")

    def _lift(self) -> None:
        plan, line = self.plan, self.line
        result = plan.result
        copied = [
            (f"$scratch[{index}]", f"${value.name}_ptr" if value in plan.staged[:COMPARTMENTS] else "")
            for index, value in enumerate(plan.copied, 1)
        ]
        if plan.this == "new":
            line("$construct($runtime, self, $arg_u32[0])")
            self._let_go(copied)
            return
        descriptor = result.descriptor
        cell = f"$arg_{result.result}[0]"
        match descriptor:
            case d.Void():
                self._let_go(copied)
                return
            case d.Integer() | d.Float():
                value = cell
            case d.Boolean():
                value = f"{cell} != 0"
            case d.Enumeration():
                line(f"$number = {cell}")
                value = "$members[$number] if $number in $members else $lift_enum($type_of_result, $number)"
            case d.String():
                line(f"$ptr = {cell}")
                value = "$lift_string($runtime, $ptr) if $ptr else $null_string($runtime, nullable=False)"
            case _:
                value = f"$lift_result($runtime, {cell})"
        if not copied and not result.by_value:
            line(f"return {value}")
            return
        line(f"$result = {value}")
        self._let_go([("$scratch[0]", ""), *copied] if result.by_value else copied)
        line("return $result")

    def _let_go(self, slots: list[tuple[str, str]]) -> None:
        """Clear scratch slots; where an argument is named, the glue has done so for an odd one."""
        for slot, argument in slots:
            if not argument:
                self.line(f"$runtime.mem_u32[{slot}] = 0")
                continue
            with self.source.block(f"if not {argument} & 1:"):
                self.line(f"$runtime.mem_u32[{slot}] = 0")


# --- the twin -----------------------------------------------------------------------------------------------


def call_slowly(plan: CallPlan, self: Any, arguments: Sequence[Any]) -> Any:
    """Do what the generated function does, when somebody else is or may be inside the instance.

    Args:
        plan: the function.
        self: what the function is called on; it knows the runtime.
        arguments: one value per parameter, `OMITTED` for those left out.
    """
    runtime: Runtime = self._asc_runtime
    suspension = Suspension(runtime)
    slots: list[int] = []
    try:
        suspension.enter()
        slots.extend(runtime.reserve() for _ in plan.copied)
        free = iter(slots)
        handle = _handle(plan, runtime, self)
        count = _count(plan, arguments)
        raws = [
            (
                value.codec.argument,
                0
                if argument is OMITTED
                else value.codec.lower(runtime, argument, next(free) if value.codec.by_value else 0, value.path),
            )
            for value, argument in zip(plan.parameters, arguments, strict=True)
        ]
        if plan.this is not None:
            raws.insert(0, ("u32", lower_object(runtime, type(self), self, "self") if plan.this == "object" else 0))
        if plan.counted:
            raws.insert(0, ("u32", count))
        for index, (view, raw) in enumerate(raws):
            cells = getattr(runtime, f"arg_{view}")
            cells[index * 16 // cells.itemsize] = raw
        status = runtime.call(runtime.context, handle, runtime.block, plan.cells, runtime.trap)
        if status or runtime.trapped[0]:
            raise failure(runtime, status, suspension.stack_pointer)
        if plan.this == "new":
            construct(runtime, self, runtime.arg_u32[0])
            return None
        if isinstance(plan.result.descriptor, d.Void):
            return None
        return plan.result.lift(runtime, getattr(runtime, f"arg_{plan.result.result}")[0])
    finally:
        for slot in slots:
            runtime.give_back(slot)
        suspension.leave()


def _handle(plan: CallPlan, runtime: Runtime, self: Any) -> Any:
    if plan.this == "new":
        return runtime.constructors[type(self)]
    found = runtime.__dict__.get(plan.link)
    return runtime.link(plan.link) if found is None else found


def _count(plan: CallPlan, arguments: Sequence[Any]) -> int:
    given = [argument is not OMITTED for argument in arguments]
    count = given.index(False) if False in given else len(given)
    if any(given[count:]):
        raise skipped(plan, count)
    return count


# --- shared by both -----------------------------------------------------------------------------------------


def construct(runtime: Runtime, obj: Any, ptr: int) -> None:
    """Make `obj` stand for the object that its constructor returned.

    Raises:
        LiftError: the constructor returned no object.
        InstanceError: the object has been constructed before.
    """
    slot = runtime.reserve()
    runtime.mem_u32[slot] = ptr
    try:
        cls = type(obj)
        if runtime.mem_u32[(ptr >> 2) - 2] not in runtime.classes[cls]:
            runtime.binding.resolve_class(runtime, cls, *runtime.header(ptr, f"an object of {cls.__name__}"))
    except (KeyError, IndexError):
        runtime.binding.resolve_class(runtime, cls, *runtime.header(ptr, f"an object of {cls.__name__}"))
    runtime.adopt(obj, ptr, slot)


def reject(plan: CallPlan, obj: Any, arguments: Sequence[Any]) -> Exception:
    """The error for the first argument that is no number of its type."""
    runtime = obj._asc_runtime  # noqa: SLF001 - the slots of AscClass
    if plan.this == "object" and obj._asc_ptr == UNCONSTRUCTED:  # noqa: SLF001
        return not_constructed()
    for value, argument in zip(plan.parameters, arguments, strict=True):
        if not d.is_reference(value.codec.descriptor) and argument is not OMITTED:
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
        OMITTED,
        "AssemblyScript's optional arguments can only be left out from the end; give this one too",
    )


#: What generated functions call.
_HELPERS: dict[str, Any] = {
    "OMITTED": OMITTED,
    "attend": attend,
    "call_slowly": call_slowly,
    "construct": construct,
    "failure": failure,
    "get_ident": threading.get_ident,
    "lift_enum": lift_enum,
    "lift_string": lift_string,
    "lower_bool": lower_bool,
    "lower_enum": lower_enum,
    "lower_object": lower_object,
    "lower_string": lower_string,
    "null_string": null_string,
    "reject": reject,
    "skipped": skipped,
    "stage_string": stage_string,
}
