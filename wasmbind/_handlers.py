"""Handlers: what runs when a module calls a Python function.

A handler takes the arguments out of the cells of the host glue, calls the function, and leaves the result in the first
cell (see `_host_entry`, `_host_glue`). Handlers are generated, one factory for each signature; `HandlerPlan` says how.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from wasmbind import _descriptors as d
from wasmbind._codecs.strings import lift_string, lower_string
from wasmbind._context import active_runtime
from wasmbind._host_glue import ARGUMENTS, CELL_SIZE
from wasmbind._layout import VIEWS
from wasmbind._ownership import owned
from wasmbind._source import SourceWriter, compile_function
from wasmbind.errors import HandleError, LiftError, LowerTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wasmbind._calls import Value
    from wasmbind._codecs.base import Codec
    from wasmbind._ownership import Suspension
    from wasmbind._runtime import Runtime
    from wasmbind._schema.model import FunctionType

__all__ = ["Handler", "HandlerPlan", "compile_handler", "compile_plain_handler", "handler_source", "plain_source"]

#: Called with the instance and a list for one root slot.
Handler: TypeAlias = "Callable[[Any, list[int]], None]"
#: Called with the Python function and the cells, makes a handler.
Factory: TypeAlias = "Callable[[Callable[..., Any], Mapping[str, memoryview[Any]]], Handler]"


@dataclass(frozen=True)
class HandlerPlan:
    """How a module calls one typed Python function.

    Attributes:
        title: what it is called in errors and tracebacks, such as ``Files.log``.
        method: the function gets the module's object before the arguments.
    """

    title: str
    parameters: tuple[Value, ...]
    result: Codec
    method: bool = False

    @property
    def result_path(self) -> str:
        """What the result is called in errors."""
        return f"{self.title} -> result"


def compile_handler(plan: HandlerPlan) -> Factory:
    """What makes the handlers of a plan, generated."""
    names: dict[str, Any] = {
        "LiftError": LiftError,
        "OverflowError": OverflowError,
        "TypeError": TypeError,
        "ValueError": ValueError,
        "current": active_runtime.get,
        "enter": active_runtime.set,
        "lift_string": lift_string,
        "lower_string": lower_string,
        "lower_result": lower_result,
        "misled": misled,
        "number_of": number_of,
        "plan": plan,
        "result_path": plan.result_path,
    }
    for index, value in enumerate(plan.parameters):
        names[f"lift_{index}"] = value.codec.lift
    factory: Factory = compile_function("make", handler_source(plan), names, f"{plan.title} called from wasm")
    return factory


def handler_source(plan: HandlerPlan) -> str:
    """The source of the function that makes the handlers of a plan."""
    source = SourceWriter()
    views = dict.fromkeys(value.codec.result for value in plan.parameters)
    if plan.result.result:
        views[plan.result.argument] = None
    with source.block("def make(function, cells):"):
        for view in views:
            source.line(f'{view} = cells["{view}"]')
        if views:
            source.line("")
        with source.block("def handle(runtime, kept):"):
            _write_handler(source, plan)
        source.line("")
        source.line("return handle")
    return str(source)


def _write_handler(source: SourceWriter, plan: HandlerPlan) -> None:
    arguments = [f"a{index}" for index in range(len(plan.parameters))]
    lifted = [_lifted(value.codec, index) for index, value in enumerate(plan.parameters)]
    if all(isinstance(value.codec.descriptor, (d.Integer, d.Float, d.Boolean)) for value in plan.parameters):
        arguments = lifted
    else:
        with source.block("try:"):
            for name, value in zip(arguments, lifted, strict=True):
                source.line(f"{name} = {value}")
        with source.block("except LiftError as error:"):
            source.line("raise misled(plan, error) from None")
    given = ", ".join(["runtime.module()"] * plan.method + arguments)
    # Whoever called the module puts back what was current before: that is once, for any number of host calls.
    with source.block("if current() is not runtime:"):
        source.line("enter(runtime)")
    source.line(f"{'' if isinstance(plan.result.descriptor, d.Void) else 'result = '}function({given})")
    _write_result(source, plan.result)


def _lifted(codec: Codec, index: int) -> str:
    """The Python value of an argument."""
    view = codec.result
    cell = f"{view}[{(ARGUMENTS + CELL_SIZE * index) // VIEWS[view][1]}]"
    match codec.descriptor:
        case d.Integer() | d.Float():
            return cell
        case d.Boolean():
            return f"{cell} != 0"
        case d.String():
            return f"lift_string(runtime, {cell}) if {cell} else lift_{index}(runtime, 0)"
        case _:
            return f"lift_{index}(runtime, {cell})"


def _write_result(source: SourceWriter, codec: Codec) -> None:
    descriptor = codec.descriptor
    if isinstance(descriptor, d.Void):
        return
    target = f"{codec.argument}[{ARGUMENTS // VIEWS[codec.argument][1]}]"
    if isinstance(descriptor, d.String):
        # A string refers to nothing, so whoever comes in between may leave the collector in the middle of marking.
        source.line("kept[0] = runtime.reserve()")
        source.line(f"{target} = lower_string(runtime, result, kept[0], result_path)")
        return
    if d.is_reference(descriptor):
        source.line(f"{target} = lower_result(runtime, plan, result, kept)")
        return
    exact = (isinstance(descriptor, d.Integer) and codec.shift > 1) or isinstance(descriptor, d.Float)
    if not exact:
        source.line(f"{target} = number_of(runtime, plan, result)")
        return
    with source.block("try:"):
        source.line(f"{target} = result")
    with source.block("except (TypeError, ValueError, OverflowError):"):
        source.line(f"{target} = number_of(runtime, plan, result)")


def number_of(runtime: Runtime, plan: HandlerPlan, value: Any) -> Any:
    """The result of a Python function as a number.

    Raises:
        LowerError: it is not of the declared type.
    """
    return plan.result.lower(runtime, value, 0, plan.result_path)


def lower_result(runtime: Runtime, plan: HandlerPlan, value: Any, kept: list[int]) -> int:
    """The result of a Python function as a reference; `kept` gets the slot that holds what it refers to.

    Raises:
        LowerError: it is not of the declared type.
    """

    def work(suspension: Suspension) -> int:
        slot = runtime.reserve()
        suspension.slots.append(slot)
        ptr: int = plan.result.lower(runtime, value, slot, plan.result_path)
        runtime.check_alive()
        runtime.mem_u32[slot] = ptr
        # From here on the slot is the entry's to give back. No call in these lines: an interrupt after one would find
        # a slot that nobody gives back.
        kept[0] = slot
        del suspension.slots[-1]
        return ptr

    return owned(runtime, work)


def misled(plan: HandlerPlan, error: LiftError) -> LiftError:
    """The error for an argument that is not what was declared."""
    if isinstance(error, HandleError):
        return HandleError(f"{plan.title}: {error.problem}", error.handle, error.reason)
    return LiftError(f"{plan.title}: {error.problem}", error.ptr)


# --- numbers as they are ------------------------------------------------------------------------------------


@functools.lru_cache(256)
def compile_plain_handler(type_: FunctionType, title: str) -> Factory:
    """What makes handlers of functions that take and give numbers as WebAssembly has them; i32 and i64 are signed."""
    names = {"TypeError": TypeError, "ValueError": ValueError, "wrapped": wrapped, "title": title}
    factory: Factory = compile_function("make", plain_source(type_), names, f"{title} called from wasm")
    return factory


def plain_source(type_: FunctionType) -> str:
    """The source of the function that makes handlers for numbers."""
    source = SourceWriter()
    cells = [f"{view}[{(ARGUMENTS + CELL_SIZE * index) // VIEWS[view][1]}]" for index, view in enumerate(type_.params)]
    with source.block("def make(function, cells):"):
        views = dict.fromkeys(type_.params + type_.results)
        for view in views:
            source.line(f'{view} = cells["{view}"]')
        if views:
            source.line("")
        with source.block("def handle(runtime, kept):"):
            call = f"function({', '.join(cells)})"
            if not type_.results:
                source.line(call)
            else:
                view = type_.results[0]
                target = f"{view}[{ARGUMENTS // VIEWS[view][1]}]"
                source.line(f"result = {call}")
                with source.block("try:"):
                    source.line(f"{target} = result")
                with source.block("except (TypeError, ValueError):"):
                    source.line(f'{target} = wrapped(result, "{view}", title)')
        source.line("")
        source.line("return handle")
    return str(source)


def wrapped(value: Any, view: str, title: str) -> Any:
    """A number that does not fit as it is: an unsigned integer, which has the bits of a signed one.

    Raises:
        LowerTypeError: it is no number, or too large.
    """
    bits = {"i32": 32, "i64": 64}.get(view)
    if bits is None or not isinstance(value, int) or not 0 <= value < 1 << bits:
        raise LowerTypeError(f"{title} -> result", view, value, f"{view} is imported")
    return value - (1 << bits)
