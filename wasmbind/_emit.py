"""Writes a call plan out as a Python function, for the common case that nobody else is inside the instance."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._calls import call_slowly, construct, prove_result, reject, skipped
from wasmbind._codecs.objects import lower_object
from wasmbind._codecs.scalars import lift_enum, lower_bool, lower_enum
from wasmbind._codecs.strings import lift_string, lower_string, null_string, stage_string
from wasmbind._declarations import OMITTED
from wasmbind._ownership import attend
from wasmbind._source import SourceWriter, compile_function, free_prefix
from wasmbind._traps import abandon, failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from wasmbind._calls import CallPlan, Value

__all__ = ["call_source", "compile_call"]


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
        "result_type": plan.result.cls,
        "retype": plan.retype,
    }
    for value in plan.parameters:
        names[f"codec_of_{value.name}"] = value.codec
        names[f"default_{value.name}"] = value.default
        names[f"type_of_{value.name}"] = value.codec.cls
    prefix = _prefix(plan, _text(plan))
    return {prefix + name: value for name, value in names.items()}


def _prefix(plan: CallPlan, text: str) -> str:
    return free_prefix({plan.name, *(value.name for value in plan.parameters)}, text)


def _text(plan: CallPlan) -> str:
    """The source with `$` before the generator's own names; `self` is one only where a parameter has that name."""
    text = str(_CallWriter(plan).source)
    has_self = any(value.name == "self" for value in plan.parameters)
    return text if has_self else text.replace("$self", "self")


def _members_of(descriptor: d.Descriptor) -> dict[int, Any]:
    return {member.value: member for member in descriptor.cls} if isinstance(descriptor, d.Enumeration) else {}


def call_source(plan: CallPlan) -> str:
    """The source of the function for a plan."""
    text = _text(plan)
    return text.replace("$", _prefix(plan, text))


_BUNDLE = "$call, $context, $handle, $block, $trap, $trapped"


class _CallWriter:
    """Writes a call out. In its texts `$` marks the generator's own names, see `_prefix`."""

    def __init__(self, plan: CallPlan) -> None:
        self.plan = plan
        self.source = SourceWriter()
        self.line = self.source.line
        retyped = ["*", "as_=None"] if plan.retype is not None else []
        with self.source.block(
            f"def {plan.name}({', '.join(['$self', *map(self._parameter, plan.parameters), *retyped])}):"
        ):
            self._write()

    @staticmethod
    def _parameter(value: Value) -> str:
        if value.optional:
            return f"{value.name}=$OMITTED"
        return value.name if value.default is OMITTED else f"{value.name}=$default_{value.name}"

    def _write(self) -> None:
        plan, line = self.plan, self.line
        if plan.retype is not None:
            with self.source.block("if as_ is not None:"):
                line(f"return $retype($self, as_, {self._given()})")
        if plan.compares:
            name = plan.parameters[0].name
            other = f"not $isinstance({name}, $type_of_{name}) or {name}._asc_runtime is not $self._asc_runtime"
            with self.source.block(f"if {other}:"):
                line("return $NotImplemented")
        line("$me = $get_ident()")
        line("$runtime = $self._asc_runtime")
        with self.source.block("if $runtime.owner is not None:"):
            line(f"return $call_slowly($plan, $self, {self._given()})")
        line("$runtime.owner = $me")
        with self.source.block("try:"):
            self._find()
            if plan.copied or plan.result.by_value:
                line("$scratch = $runtime.scratch")
            self._lower()
            self._call()
            self._lift()
        if plan.copied:
            with self.source.block("except $BaseException:"):
                line("$runtime.clear_scratch()")
                line("raise")
        with self.source.block("finally:"):
            line("$runtime.owner = $runtime.idle")
            with self.source.block("if $runtime.pending:"):
                line("$attend($runtime)")

    def _given(self) -> str:
        """All arguments as a tuple."""
        names = [value.name for value in self.plan.parameters]
        return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"

    def _find(self) -> None:
        """What to call; finding it the first time may call into wasm."""
        link, line = self.plan.link, self.line
        if self.plan.by_class:
            with self.source.block("try:"):
                line(f"{_BUNDLE} = $runtime.members[$self.__class__, {link!r}]")
            with self.source.block("except $KeyError:"):
                line(f"{_BUNDLE} = $runtime.find_member($self.__class__, $plan)")
            return
        with self.source.block("try:"):
            line(f"{_BUNDLE} = $runtime.{link}")
        with self.source.block("except $AttributeError:"):
            line(f"{_BUNDLE} = $runtime.link({link!r})")

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
            if d.goes_first(value.codec.descriptor):
                self._lower_reference(value)
        if plan.may_enable_hosts:
            line("$call = $runtime.call")
        for view in self._views():
            line(f"$arg_{view} = $runtime.arg_{view}")
        cell = 0
        if plan.counted:
            line("$arg_u32[0] = $count")
            cell = 1
        if plan.this == "new":
            line(f"$arg_u32[{4 * cell}] = 0")
            cell += 1
        certain = plan.this != "object" and all(value.codec.allocates for value in plan.parameters)
        if certain:
            self._store_all(cell)
            return
        with self.source.block("try:"):
            self._store_all(cell)
        with self.source.block("except ($TypeError, $ValueError, $OverflowError):"):
            line(f"raise $reject($plan, $self, {self._given()}) from None")

    def _store_all(self, cell: int) -> None:
        if self.plan.this == "object":
            self.line(f"$arg_u32[{4 * cell}] = $self._asc_ptr")
            cell += 1
        for index, value in enumerate(self.plan.parameters, cell):
            self._store(value, index)

    def _lower_reference(self, value: Value) -> None:
        name, path, line = value.name, value.path, self.line
        descriptor = value.codec.descriptor
        absent = [f"{name} is None"] if isinstance(descriptor, d.Nullable) else []
        absent += [f"{name} is $OMITTED"] if value.optional else []
        branches = []
        if value.codec.cls is not None:
            ours = f"$isinstance({name}, $type_of_{name}) and {name}._asc_runtime is $runtime"
            branches.append((ours, f"{name}._asc_ptr"))
        passed = f"($runtime, {name}, {self._slot(value)}, {path!r})"
        lowered = f"$codec_of_{name}.lower{passed}"
        inner = descriptor.inner if isinstance(descriptor, d.Nullable) else descriptor
        if isinstance(inner, d.Dynamic):
            branches.append((f"{name}.__class__ is $int and 0 <= {name} <= {0x7FFFFFFF}", name))
            branches += [(f"{name}.__class__ is $str", f"$lower_string{passed}")] * value.codec.allocates
        elif isinstance(inner, d.ObjectOf):
            lowered = f"$lower_object($runtime, $type_of_{name}, {name}, {path!r})"
        elif value in self.plan.staged:
            place = self.plan.staged.index(value)
            lowered = f"$stage_string($runtime, {name}, {place}, {self._slot(value)}, {path!r})"
        elif isinstance(inner, d.String):
            lowered = f"$lower_string{passed}"
        if absent:
            branches.insert(0, (" or ".join(absent), "0"))
        for keyword, (condition, pointer) in zip(("if", *["elif"] * len(branches)), branches, strict=False):
            with self.source.block(f"{keyword} {condition}:"):
                line(f"${name}_ptr = {pointer}")
        if branches:
            with self.source.block("else:"):
                line(f"${name}_ptr = {lowered}")
        else:
            line(f"${name}_ptr = {lowered}")

    def _slot(self, value: Value) -> str:
        return f"$scratch[{self.plan.copied.index(value) + 1}]" if value in self.plan.copied else "0"

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
        if d.goes_first(codec.descriptor):
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
        name, path, line = value.name, value.path, self.line
        match value.codec.descriptor:
            case d.Boolean():
                with self.source.block(f"if {name} is not True and {name} is not False:"):
                    line(f"{name} = $lower_bool({name}, {path!r})")
            case d.Enumeration():
                with self.source.block(f"if {name}.__class__ is not $type_of_{name}:"):
                    line(f"{name} = $lower_enum($type_of_{name}, {name}, {path!r})")
            case d.Integer() as integer if (is_narrow := value.codec.shift < 2) or self.plan.takes_opaque:  # noqa: PLR2004 - 4 bytes
                with self.source.block(f"if {name}.__class__ is not $int:"):
                    line(f"{name} = $codec_of_{name}.lower($runtime, {name}, 0, {path!r})")
                if is_narrow:  # than the cell, which tells what it does not hold
                    with self.source.block(f"if not {integer.low} <= {name} <= {integer.high}:"):
                        line("raise $OverflowError")
            case descriptor if d.is_opaque(descriptor):
                # The name stays the object's, which is looked at again if another argument is no good.
                line(f"{target} = $codec_of_{name}.lower($runtime, {name}, 0, {path!r})")
                return
            case _:
                pass
        line(f"{target} = {name}")

    def _call(self) -> None:
        plan, line = self.plan, self.line
        with self.source.block("if $runtime.idle is not None:"):
            line("$runtime.check_alive()")
        with self.source.block("try:"):
            line(f"$status = $call($context, $handle, $block, {plan.cells}, $trap)")
        with self.source.block("except $BaseException:"):
            line("$abandon($runtime)")
            line("raise")
        with self.source.block("if $status or $trapped[0]:"):
            line("raise $failure($runtime, $status)")

    def _lift(self) -> None:
        plan, line = self.plan, self.line
        result = plan.result
        copied = [
            (f"$scratch[{index}]", f"${value.name}_ptr" if value in plan.staged else "")
            for index, value in enumerate(plan.copied, 1)
        ]
        if plan.this == "new":
            line("$construct($runtime, $self, $arg_u32[0])")
            self._let_go(copied)
            return
        descriptor = result.descriptor
        if plan.proves:
            # What the glue has left there is an object, unless references are counted: nothing holds the last result.
            with self.source.block("if $arg_u32[0] != $runtime.mem_u32[$runtime.scratch[0]] or $runtime.counts:"):
                line("$prove_result($plan, $runtime, $arg_u32[0])")
        cell = f"$arg_{result.result}[0]"
        match descriptor:
            case _ if result.computed:
                value = f"$lift_result($runtime, {cell})"
            case d.Void():
                self._let_go(copied)
                return
            case d.Integer() | d.Float():
                value = cell
            case d.Boolean():
                value = f"{cell} != 0"
            case d.Enumeration():
                line(f"$number = {cell}")
                value = "$members[$number] if $number in $members else $lift_enum($result_type, $number)"
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


#: What generated functions call.
_CALLED: Final = (
    *(AttributeError, BaseException, KeyError, OverflowError, TypeError, ValueError, int, isinstance, str),
    *(abandon, attend, call_slowly, construct, failure, threading.get_ident, lift_enum, lift_string, lower_bool),
    *(lower_enum, lower_object, lower_string, null_string, prove_result, reject, skipped, stage_string),
)
_HELPERS: Final[dict[str, Any]] = {
    "NotImplemented": NotImplemented,
    "OMITTED": OMITTED,
    **{each.__name__: each for each in _CALLED},
}
