"""Generated source as bytecode: it compiles, and taking ownership of an instance cannot be interrupted.

CPython switches threads, and runs signal handlers, only where the interpreter looks at its eval breaker: when a
function starts or resumes, after calls, and at backward jumps. Between reading `runtime.owner` and acting on it
there must be no such place, and nothing that could run Python code.
"""

import dis
import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.codegen.declared import CALLERS, LIVE, Fields, call_plans, dynamic_plans, field_plans
from wasmbind._accessors import compile_getter, compile_setter
from wasmbind._annotations import resolve_annotation
from wasmbind._codecs.objects import load_object
from wasmbind._conversion import codec_for
from wasmbind._declarations import read_declaration
from wasmbind._emit import compile_call
from wasmbind._functions import FunctionTable
from wasmbind._host_entry import _serve
from wasmbind._ownership import Suspension, _unpin, attend
from wasmbind._plans import accessor_plans
from wasmbind._runtime import Runtime
from wasmbind._scopes import Scope

PLANS = [
    *(plan for cls in CALLERS for plan in call_plans(cls)),
    *(plan for field in read_declaration(Fields).fields for plan in accessor_plans(field)),
    *dynamic_plans(),
]
IDS = [f"{plan.title}-{len(plan.parameters)}" for plan in PLANS]

# Opcodes that look at no eval breaker and run no Python code, given that the attributes are slots.
QUIET = {
    "CACHE",
    "COPY_FREE_VARS",
    "EXTENDED_ARG",
    "IS_OP",
    "LOAD_ATTR",
    "LOAD_CONST",
    "LOAD_DEREF",
    "LOAD_FAST",
    "LOAD_FAST_BORROW",
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW",
    "LOAD_FAST_CHECK",
    "LOAD_FAST_LOAD_FAST",
    "LOAD_GLOBAL",
    "NOP",
    "NOT_TAKEN",
    "POP_JUMP_FORWARD_IF_FALSE",
    "POP_JUMP_FORWARD_IF_NONE",
    "POP_JUMP_FORWARD_IF_NOT_NONE",
    "POP_JUMP_FORWARD_IF_TRUE",
    "POP_JUMP_IF_FALSE",
    "POP_JUMP_IF_NONE",
    "POP_JUMP_IF_NOT_NONE",
    "POP_JUMP_IF_TRUE",
    "STORE_ATTR",
    "STORE_FAST",
    "STORE_FAST_LOAD_FAST",
    "STORE_FAST_STORE_FAST",
}
# Reading and writing views of memory, which are memoryviews indexed by ints.
INDEXING = {"BINARY_OP", "BINARY_SUBSCR", "LOAD_SMALL_INT", "STORE_SUBSCR"}
# Comparing ints, and the bookkeeping of `0 <= index < length` and of `try`.
COMPARING = {"COMPARE_OP", "COPY", "JUMP_FORWARD", "POP_TOP", "SWAP", "BUILD_TUPLE", "UNPACK_SEQUENCE"}
JUMPS = set(dis.hasjrel) | set(dis.hasjabs)
LEAVES = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"}


class Flow:
    """The ways through a function, by index of its instructions."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.code = list(dis.get_instructions(function))
        self.index = {instruction.offset: index for index, instruction in enumerate(self.code)}

    def find(self, opname: str, argument: str | None = None) -> list[int]:
        """Where an instruction with a name and argument stands."""
        return [
            index
            for index, instruction in enumerate(self.code)
            if instruction.opname == opname and argument in (None, instruction.argval)
        ]

    def after(self, index: int) -> Iterator[int]:
        """What may run next, where no exception is raised."""
        instruction = self.code[index]
        if instruction.opcode in JUMPS:
            yield self.index[instruction.argval]
        plain_jump = instruction.opname.startswith(("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_ABSOLUTE"))
        if instruction.opname not in LEAVES and not plain_jump and index + 1 < len(self.code):
            yield index + 1

    def reached(self, starts: set[int], end: int) -> set[int]:
        """What may run from `starts` on, not looking beyond `end`."""
        found: set[int] = set()
        pending = list(starts)
        while pending:
            index = pending.pop()
            if index not in found:
                found.add(index)
                if index != end:
                    pending.extend(self.after(index))
        return found

    def when_none(self, load: int) -> tuple[int, set[str]]:
        """Where it goes on after the attribute that was loaded proved to be None, and what runs until there."""
        for index in range(load + 1, len(self.code)):
            name = self.code[index].opname
            before = {instruction.opname for instruction in self.code[load + 1 : index]}
            if name.endswith("_IF_NOT_NONE"):  # not taken: a jump that is not taken is quiet in every direction
                return index + 1, before
            if name.endswith("_IF_NONE"):
                return self.index[self.code[index].argval], {*before, name}
        pytest.fail("nothing tests the loaded attribute")

    def between(self, load: int, end: int) -> set[str]:
        """The opcodes on every way from a load of the owner, which is None, to `end`; neither is counted."""
        start, opcodes = self.when_none(load)
        forward = self.reached({start}, end)
        assert end in forward
        on_the_way = {index for index in forward if end in self.reached({index}, end)}
        return opcodes | {self.code[index].opname for index in on_the_way - {end}}


@pytest.mark.parametrize("plan", PLANS, ids=IDS)
def test_ownership_is_taken_in_one_go(plan: Any) -> None:
    """From the load of `runtime.owner` to the store of `me` no thread switches and no signal handler runs."""
    flow = Flow(compile_call(plan))
    loads, stores = flow.find("LOAD_ATTR", "owner"), flow.find("STORE_ATTR", "owner")
    assert len(loads) == 1
    first = stores[0]
    stored = [flow.code[first - 2].argval, flow.code[first - 1].argval]
    # `runtime.owner = me`: the value and the object, in one instruction or two.
    names = [part for item in stored for part in (item if isinstance(item, tuple) else (item,))][-2:]
    assert [name.lstrip("_") for name in names] == ["me", "runtime"]
    opcodes = flow.between(loads[0], first)
    assert opcodes <= QUIET, opcodes - QUIET


@pytest.mark.parametrize("plan", PLANS, ids=IDS)
def test_nothing_comes_between_owning_and_the_try(plan: Any) -> None:
    """The block whose `finally` gives ownership back begins with the next instruction that could raise."""
    function = compile_call(plan)
    flow = Flow(function)
    after = flow.code[flow.find("STORE_ATTR", "owner")[0] + 1 :]
    start = next(instruction.offset for instruction in after if instruction.opname not in {"NOP", "CACHE"})
    table = dis.Bytecode(function).exception_entries  # type: ignore[attr-defined]  # undocumented, since 3.11
    assert any(entry.start <= start < entry.end for entry in table)


@pytest.mark.parametrize("name", ["owner", "idle", "pending", "mem_u32", "arg_u32", "scratch"])
def test_what_generated_code_reads_are_slots(name: str) -> None:
    """Loading and storing them runs no Python code."""
    assert isinstance(getattr(Runtime, name), types.MemberDescriptorType)
    assert "__getattr__" not in {key for base in Runtime.__mro__ for key in vars(base)}
    assert Runtime.__setattr__ is object.__setattr__
    assert Runtime.__getattribute__ is object.__getattribute__


def test_slow_ownership_is_taken_in_one_go() -> None:
    """`Suspension.enter` takes an idle instance the same way."""
    flow = Flow(Suspension.enter)
    load, store = flow.find("LOAD_ATTR", "owner")[0], flow.find("STORE_ATTR", "owner")[0]
    opcodes = flow.between(load, store)
    assert opcodes <= QUIET, opcodes - QUIET


def test_ownership_to_unpin_is_taken_in_one_go() -> None:
    """So is that of `attend`, which unpins what an interrupted call left; its `try` begins at once."""
    flow = Flow(_unpin)
    load, store = flow.find("LOAD_ATTR", "owner")[0], flow.find("STORE_ATTR", "owner")[0]
    opcodes = flow.between(load, store)
    assert opcodes <= QUIET, opcodes - QUIET
    assert flow.code[store + 1].opname == "NOP"


def test_one_thread_attends() -> None:
    """`attend` tells others that it deals with the queue right after it has looked whether somebody does."""
    flow = Flow(attend)
    load, store = flow.find("LOAD_ATTR", "attending")[0], flow.find("STORE_ATTR", "attending")[0]
    assert len(flow.find("LOAD_ATTR", "attending")) == 1
    on_the_way = flow.reached({load + 1}, store)
    opcodes = {flow.code[index].opname for index in on_the_way if store in flow.reached({index}, store)}
    # Of a bool, in 3.13.
    assert opcodes - {"STORE_ATTR", "TO_BOOL"} <= QUIET, opcodes - QUIET


def test_a_loaded_object_is_held_in_one_go() -> None:
    """`load_object` reads a reference and holds it before anyone else can enter and collect it."""
    flow = Flow(load_object)
    held = flow.find("STORE_SUBSCR")[0]
    for load in flow.find("LOAD_ATTR", "owner"):
        opcodes = flow.between(load, held)
        assert opcodes <= QUIET | INDEXING, opcodes - QUIET - INDEXING


def lines_of(function: Callable[..., Any], text: str) -> set[int]:
    """The numbers of the lines of a function that hold some text."""
    source, first = inspect.getsourcelines(function)
    return {first + at for at, line in enumerate(source) if text in line}


def at_lines(flow: Flow, lines: set[int]) -> list[int]:
    """The instructions that come from some lines."""
    return [
        index
        for index, instruction in enumerate(flow.code)
        if instruction.positions is not None and instruction.positions.lineno in lines
    ]


# What the host entry does besides: lists, numbers of a dict, and the handling of an exception of a built-in class.
SERVING = {
    "BINARY_OP",
    "BINARY_SUBSCR",
    "CHECK_EXC_MATCH",
    "COPY",
    "DELETE_FAST",
    "DELETE_SUBSCR",
    "JUMP_FORWARD",
    "LOAD_SMALL_INT",
    "POP_EXCEPT",
    "POP_TOP",
    "PUSH_EXC_INFO",
    "RERAISE",
    "STORE_SUBSCR",
    "SWAP",
    "TO_BOOL",
}


def test_a_host_entry_waits_before_anything_can_come_in_between() -> None:
    """From the moment that the generator is in the pool to the moment that it waits nothing runs, and resumes it."""
    flow = Flow(_serve)
    yields = flow.find("YIELD_VALUE")
    start = at_lines(flow, lines_of(_serve, "pool += me"))[0]
    end = min(index for index in yields if index > start)
    opcodes = {flow.code[index].opname for index in flow.reached({start}, end) - {end}}
    assert "BINARY_OP" in opcodes
    assert opcodes <= QUIET | SERVING, opcodes - QUIET - SERVING
    # The next one after that is inside the `try`.
    resumed = flow.code[end + 1]
    table = dis.Bytecode(_serve).exception_entries  # type: ignore[attr-defined]  # undocumented, since 3.11
    assert any(entry.start <= resumed.offset < entry.end for entry in table)


def test_a_host_entry_ends_before_anything_can_come_in_between() -> None:
    """From the `except` to the trap that is yielded nothing runs: an exception there would leave the callback."""
    flow = Flow(_serve)
    table = dis.Bytecode(_serve).exception_entries  # type: ignore[attr-defined]  # undocumented, since 3.11
    pool_line = at_lines(flow, lines_of(_serve, "pool += me"))[0]
    handler = next(entry.target for entry in table if entry.start <= flow.code[pool_line].offset < entry.end)
    end = at_lines(flow, lines_of(_serve, "yield trap"))
    last = next(index for index in end if flow.code[index].opname == "YIELD_VALUE")
    reached = flow.reached({flow.index[handler]}, last)
    assert last in reached
    opcodes = {flow.code[index].opname for index in reached - {last}} - LEAVES
    assert {"PUSH_EXC_INFO", "DELETE_SUBSCR"} <= opcodes
    assert opcodes <= QUIET | SERVING, opcodes - QUIET - SERVING


def test_callables_are_counted_and_let_go_of_in_one_go() -> None:
    """A dead function object is counted once, and a place is free or in use, whenever an interrupt comes."""
    for function, first, final in (
        (FunctionTable._count, "entry.objects -= 1", "self._counted += 1"),
        (FunctionTable._remove, "handlers[handler] = _gone", "free += [entry.place]"),
    ):
        flow = Flow(function)
        start = at_lines(flow, lines_of(function, first))[0]
        end = [at for at in at_lines(flow, lines_of(function, final)) if flow.code[at].opname.startswith("STORE_")][-1]
        opcodes = {flow.code[index].opname for index in flow.reached({start}, end)}
        allowed = QUIET | SERVING | {"BUILD_LIST", "COMPARE_OP", "BUILD_TUPLE", "UNPACK_SEQUENCE"}
        assert opcodes <= allowed, opcodes - allowed


def live_class(name: str) -> Any:
    """The concrete class of a live type."""
    return codec_for(resolve_annotation(LIVE[name], Scope({}), name).type).cls


@pytest.mark.parametrize("method", ["__getitem__", "__setitem__", "__iter__"])
@pytest.mark.parametrize("name", [name for name in LIVE if "array" in name])
def test_a_live_element_is_reached_in_one_go(name: str, method: str) -> None:
    """From the test of the owner to the read or write of the element, nobody can enter and move the elements."""
    function = vars(live_class(name)).get(method)
    if function is None:
        assert name in ("live_array_line", "live_static_array_color")  # there it is done as the owner
        assert method != "__getitem__"
        return
    flow = Flow(function)
    load = flow.find("LOAD_ATTR", "owner")[0]
    if name == "live_array_line":
        opcodes = flow.between(load, flow.find("STORE_ATTR", "owner")[0])
    else:
        element = flow.find("STORE_SUBSCR") if method == "__setitem__" else flow.find("BINARY_SUBSCR")
        opcodes = flow.between(load, element[-1])
    allowed = QUIET | INDEXING | COMPARING
    assert opcodes <= allowed, opcodes - allowed


@pytest.mark.parametrize("plan", field_plans(), ids=lambda plan: plan.name)
def test_accessors_compile(plan: Any) -> None:
    """The source of every field accessor is Python."""
    assert compile_getter(plan).__code__.co_varnames[:1] == ("self",)
    assert compile_setter(plan).__code__.co_varnames[:2] == ("self", "value")


@pytest.mark.parametrize("plan", PLANS, ids=IDS)
def test_calls_compile(plan: Any) -> None:
    """Every generated function has the declared parameters, by name and in order, and its qualified name."""
    function = compile_call(plan)
    names = ["self", *(value.name for value in plan.parameters)]
    assert list(function.__code__.co_varnames[: function.__code__.co_argcount]) == names
    assert function.__qualname__ == plan.title


@pytest.mark.parametrize("plan", PLANS, ids=IDS)
def test_every_global_is_there(plan: Any) -> None:
    """No generated function refers to a name that its namespace or the built-ins lack."""
    function = compile_call(plan)
    loaded = {item.argval for item in dis.get_instructions(function) if item.opname == "LOAD_GLOBAL"}
    known = {*function.__globals__, *dir(__import__("builtins"))}
    assert loaded <= known, loaded - known


def test_the_check_would_notice_a_call() -> None:
    """A function that calls something between the test and the store fails the check above."""

    def careless(self: Any, me: int) -> None:
        runtime = self._asc_runtime
        if runtime.owner is not None:
            return
        print(runtime)  # noqa: T201 - never run
        runtime.owner = me

    flow = Flow(careless)
    opcodes = flow.between(flow.find("LOAD_ATTR", "owner")[0], flow.find("STORE_ATTR", "owner")[0])
    assert any("CALL" in name for name in opcodes)
    assert not opcodes <= QUIET
