"""Function values of modules whose binary does not tell which objects are functions."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.dynamic_modules import Variant, load, variants
from wasmbind import LiftError, Module, auto_resolve, i32

SOURCE = """
export class Point { x: i32 = 1; y: i32 = 2; constructor() {} }
class Hidden { x: i32 = 0; y: f64 = 2; }
export function point(): Point { return new Point(); }
export function hidden(x: i32): Hidden { let found = new Hidden(); found.x = x; return found; }
export function list(): i32[] { return [1, 2, 3]; }
export function map(): Map<i32, i32> { return new Map<i32, i32>(); }
export function text(): string { return "text"; }
export function buffer(): ArrayBuffer { return new ArrayBuffer(20); }
export function plus(): (x: i32) => i32 { return (x: i32) => x + 1; }
export function other(): (x: f64) => i32 { return (x: f64) => 7; }
export function call(f: (x: i32) => i32): i32 { return f(4); }
"""
OP = Callable[[i32], i32]


@variants(["0.17", "classic", "modern"])
def test_functions(variant: Variant) -> None:
    """What is one is called, and passed back."""
    module = load(variant, SOURCE, "--exportTable")
    for function in (module.plus(as_=OP), module.resolve(module.plus(), as_=OP)):
        assert function(5) == 6
        assert module.call(function) == 5


@variants(["0.17", "classic", "modern"])
@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("list", "an Array"),
        ("map", "a Map"),
        ("text", "a string"),
        ("buffer", "an ArrayBuffer"),
        ("other", "a function that is (f64) -> i32"),
    ],
)
def test_what_is_no_function(variant: Variant, name: str, found: str) -> None:
    """Any other object is refused before it could be called, however it is asked for."""
    module = load(variant, SOURCE, "--exportTable")
    resolving = load(variant, SOURCE, "--exportTable", value_handler=auto_resolve, class_registry={name: OP})
    ways: list[Callable[[], Any]] = [
        lambda: getattr(module, name)(as_=OP),
        lambda: module.resolve(getattr(module, name)(), as_=OP),
        getattr(resolving, name),
    ]
    for way in ways:
        for _ in range(2):
            with pytest.raises(LiftError) as caught:
                way()
            assert found in str(caught.value)


@variants(["0.17", "classic", "modern"])
def test_objects_that_no_export_names(variant: Variant) -> None:
    """Each one is looked at: what does not begin with the index of a function is none."""
    module = load(variant, SOURCE, "--exportTable")
    if variant != "modern":  # which exports no classes
        with pytest.raises(LiftError, match="expected, found Point"):
            module.point(as_=OP)
    plus = module.plus(as_=OP)
    index = module.runtime.mem_u32[module.get_pointer(plus) >> 2]
    assert module.hidden(index, as_=OP)(1) == 2, "nothing tells that this is none"
    for wrong in (12345, -1):
        with pytest.raises(LiftError, match="no index of a function"):
            module.hidden(wrong, as_=OP)


@variants(["0.10", "0.17", "modern"])
def test_without_what_functions_need(variant: Variant) -> None:
    """The error says what a binary lacks."""
    module: Module = load(variant, SOURCE)
    with pytest.raises(LiftError, match="no object's address" if variant == "0.10" else "compile with --exportTable"):
        module.plus(as_=OP)
