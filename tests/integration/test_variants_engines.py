"""What rests on the engine, with plain and with shared memories: traps, limits, and that a memory never moves."""

# mypy: disable-error-code="empty-body"

from typing import Any

import pytest

from tests.compiling import compile_asc
from wasmbind import AscModule, LimitError, Limits, TrapError, i32, u32

SHARED = ("--sharedMemory", "--maximumMemory", "200", "--enable", "threads")
PAGE = 1 << 16
FAILING = """
export function divide(a: i32, b: i32): i32 { return a / b; }
export function deep(n: i32): i32 { return n ? 1 + deep(n - 1) : 0; }
export function never(n: i32): i32 { if (n > 1) unreachable(); return n; }
export function load_(address: u32): i32 { return load<i32>(address); }
export function grow(by: i32): i32 { return memory.grow(by); }
export function spin(): void { while (true) load<i32>(0); }
"""
ENGINES = [
    ("--maximumMemory", "200"),
    ("--maximumMemory", "200", "--importMemory"),
    SHARED,
    (*SHARED, "--importMemory"),
]
each_engine = pytest.mark.parametrize("options", ENGINES, ids=" ".join)


class Failing(AscModule):
    def divide(self, a: i32, b: i32) -> i32: ...
    def deep(self, n: i32) -> i32: ...
    def never(self, n: i32) -> i32: ...
    def load_(self, address: u32) -> i32: ...
    def grow(self, by: i32) -> i32: ...
    def spin(self) -> None: ...


def failing(options: tuple[str, ...]) -> type[Any]:
    """The module with one of the memories."""
    wasm = compile_asc(FAILING, *options, "--sourceMap")
    cls: type[Any] = type("Failed", (Failing,), {"__module__": __name__}, wasm=wasm)
    return cls


@each_engine
def test_traps(options: tuple[str, ...]) -> None:
    """They have the same codes and lines, whether the processor finds them out or code does."""
    cls = failing(options)
    calls: list[tuple[str, int, str, tuple[int, ...]]] = [
        ("integer_division_by_zero", 2, "divide", (1, 0)),
        ("integer_overflow", 2, "divide", (-(1 << 31), -1)),
        ("stack_overflow", 0, "deep", (1 << 30,)),  # where a function begins, before its first line
        ("unreachable", 4, "never", (2,)),
        ("memory_out_of_bounds", 5, "load_", (0xFFFF_FFF0,)),
    ]
    for code, line, function, arguments in calls:
        with pytest.raises(TrapError) as caught:
            getattr(cls(), function)(*arguments)
        assert caught.value.code == code
        assert caught.value.frames[0].line == line


@each_engine
def test_a_memory_never_moves(options: tuple[str, ...]) -> None:
    """Views stay where they are while it grows to its maximum; the limit of the instance comes before that."""
    module = failing(options)()
    native = module.runtime.native
    address, view = native.memory_address(native.export("memory")), module.runtime.memory
    view[100] = 77
    while module.grow(7) >= 0:
        assert native.memory_address(native.export("memory")) == address
    assert native.memory_size(native.export("memory")) > 190 * PAGE
    assert view[100] == 77
    if options != SHARED:
        limited = failing(options)(limits=Limits(memory=50 * PAGE))
        assert limited.grow(48) >= 0
        assert limited.grow(5) == -1


@each_engine
def test_time_and_fuel(options: tuple[str, ...]) -> None:
    """They end what never ends."""
    for limits in (Limits(timeout=0.2), Limits(fuel=1_000_000)):
        with pytest.raises(LimitError):
            failing(options)(limits=limits).spin()
