"""Rows about modules without declarations, and about binaries that count references, beside what they stand for."""

# mypy: disable-error-code="empty-body"

import functools

from benchmarks._modules import Source
from benchmarks._results import Measured, Row
from benchmarks._timing import Effort, statement
from tests.compiling import Compiler
from wasmbind import AscModule, Module, auto_resolve, i32, string

__all__ = ["ROWS"]

_SOURCE = """
export function add(a: i32, b: i32): i32 { return a + b; }
export function hello(name: string): string { return "hello " + name; }
export class Box { constructor(public n: i32) {} }
"""
_CLASSIC: Compiler = "classic"
#: Objects that Python holds meanwhile.
_HELD = 1000


def _declared(compiler: Compiler) -> type["_Calls"]:
    class Calls(_Calls, wasm=Source(_SOURCE, compiler=compiler)):
        pass

    return Calls


class _Calls(AscModule):
    def add(self, a: i32, b: i32) -> i32: ...
    def hello(self, name: string) -> string: ...


@functools.cache
def _modules() -> dict[str, object]:
    """A module of each kind, of the last asc that exports all by itself, and the same of one that counts references."""
    data = Source(_SOURCE, compiler=_CLASSIC).read_bytes()
    without, holding = (Module(Source(_SOURCE, compiler="0.17").read_bytes()) for _ in range(2))
    return {
        "declared": _declared(_CLASSIC)(),
        "module": Module(data),
        "resolving": Module(data, value_handler=auto_resolve),
        "typed": Module(data, class_registry={"hello": str}),
        "counted": _declared("0.17")(),
        "without": without,
        "holding": holding,
        "held": [holding.Box(number) for number in range(_HELD)],
    }


def _compare(effort: Effort, ours: str, **peers: str) -> Measured:
    modules = _modules()
    times = effort.compare([statement(name, code, modules) for name, code in {"ours": ours, **peers}.items()])
    return Measured(times.pop("ours"), times)


def _numbers(effort: Effort) -> Measured:
    return _compare(effort, "module.add(2, 3)", declared="declared.add(2, 3)", auto_resolve="resolving.add(2, 3)")


def _text(effort: Effort) -> Measured:
    return _compare(
        effort,
        "module.hello('you', as_=str)",
        declared="declared.hello('you')",
        registry="typed.hello('you')",
        auto_resolve="resolving.hello('you')",
    )


def _start(effort: Effort) -> Measured:
    names = {"Module": Module, "data": Source(_SOURCE, compiler=_CLASSIC).read_bytes(), "Calls": _declared(_CLASSIC)}
    times = effort.compare([statement("ours", "Module(data)", names), statement("declared", "Calls()", names)])
    return Measured(times.pop("ours"), times)


def _counted_numbers(effort: Effort) -> Measured:
    return _compare(effort, "counted.add(2, 3)", collected="declared.add(2, 3)")


def _counted_holding(effort: Effort) -> Measured:
    return _compare(effort, "holding.add(2, 3)", without="without.add(2, 3)")


def _counted_text(effort: Effort) -> Measured:
    return _compare(effort, "counted.hello('you')", collected="declared.hello('you')")


ROWS = (
    Row("dynamic numbers", "call add(i32, i32) of a Module, beside a declared module", _numbers),
    Row("dynamic text", "call hello(string) -> string of a Module with as_=str, beside others", _text),
    Row("dynamic start", "start a Module, beside a second declared instance", _start),
    Row("counted numbers", "call add(i32, i32) of asc 0.17, beside 0.19", _counted_numbers),
    Row(
        "counted holding",
        f"call add(i32, i32) of asc 0.17 while Python holds {_HELD} objects, beside none",
        _counted_holding,
    ),
    Row("counted text", "call hello(string) -> string of asc 0.17, beside 0.19", _counted_text),
)
