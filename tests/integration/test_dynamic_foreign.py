"""Opaque values of one instance never become numbers of another one, wherever they are put."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.dynamic_modules import ALL, CLASSES, Variant, load, variants
from wasmbind import LowerTypeError, Module, OpaqueValue

VALUES = """
export class Box {
  constructor(public n: i32 = 0, public narrow: u8 = 0, public wide: i64 = 0, public real: f64 = 0) {}
  get more(): i32 { return this.n; }
  set more(value: i32) { this.n = value; }
  put(value: i32): i32 { return value; }
  static same(value: i32): i32 { return value; }
}
export let level: i32 = 0;
export let small: u8 = 0;
export function take(value: i32): i32 { return value; }
export function takeWide(value: i64): i64 { return value; }
export function takeReal(value: f64): f64 { return value; }
export function numbers(): i32[] { return [1, 2, 3]; }
export function sum(values: i32[]): i32 { return values.reduce((x, y) => x + y, 0); }
export function pairs(): Map<i32, i32> { let made = new Map<i32, i32>(); made.set(1, 2); return made; }
"""


def _set(holder: Any, name: str, value: object) -> None:
    setattr(holder, name, value)


def _assign(holder: Any, key: object, value: object) -> None:
    holder[key] = value


FUNCTIONS: dict[str, Callable[[Any, Any], object]] = {
    "argument": lambda module, value: module.take(value),
    "wide argument": lambda module, value: module.takeWide(value),
    "real argument": lambda module, value: module.takeReal(value),
    "global": lambda module, value: _set(module, "level", value),
    "narrow global": lambda module, value: _set(module, "small", value),
    "list": lambda module, value: module.sum([value]),
    "element": lambda module, value: _assign(module.resolve(module.numbers()), 0, value),
    "slice": lambda module, value: _assign(module.resolve(module.numbers()), slice(0, 1), [value]),
    "append": lambda module, value: module.resolve(module.numbers()).append(value),
    "pop": lambda module, value: module.resolve(module.numbers()).pop(value),
    "new array": lambda module, value: module.alloc_array(module.get_type_of(module.numbers()), [value]),
    "key": lambda module, value: _assign(module.resolve(module.pairs()), value, 1),
    "value": lambda module, value: _assign(module.resolve(module.pairs()), 1, value),
}
MEMBERS: dict[str, Callable[[Any, Any], object]] = {
    "constructor": lambda module, value: module.Box(value),
    "narrow in constructor": lambda module, value: module.Box(0, value),
    "wide in constructor": lambda module, value: module.Box(0, 0, value),
    "real in constructor": lambda module, value: module.Box(0, 0, 0, value),
    "field": lambda module, value: _set(module.Box(1, 2, 3, 4.0), "n", value),
    "narrow field": lambda module, value: _set(module.Box(1, 2, 3, 4.0), "narrow", value),
    "real field": lambda module, value: _set(module.Box(1, 2, 3, 4.0), "real", value),
    "setter": lambda module, value: _set(module.Box(1, 2, 3, 4.0), "more", value),
    "method": lambda module, value: module.Box(1, 2, 3, 4.0).put(value),
    "static": lambda module, value: module.Box.same(value),
}


def _others(variant: Variant) -> tuple[Module, OpaqueValue]:
    other = load(variant, VALUES)
    return load(variant, VALUES), other.register_opaque_value([1])


def _refuses(variant: Variant, work: Callable[[Any, Any], object]) -> None:
    """Put a number somewhere, and then what must not become one."""
    module, foreign = _others(variant)
    work(module, 0)
    with pytest.raises((LowerTypeError, TypeError)):
        work(module, foreign)
    assert module.level == module.small == 0


@pytest.mark.parametrize("place", FUNCTIONS)
@variants(ALL)
def test_functions_and_collections(variant: Variant, place: str) -> None:
    """Arguments, globals, and elements of collections and of what becomes one."""
    _refuses(variant, FUNCTIONS[place])


@pytest.mark.parametrize("place", MEMBERS)
@variants(CLASSES)
def test_members_of_classes(variant: Variant, place: str) -> None:
    """Constructors, fields, setters and methods."""
    _refuses(variant, MEMBERS[place])


@variants(CLASSES)
def test_own_ones(variant: Variant) -> None:
    """Its own ones go wherever AssemblyScript has an integer that holds them."""
    module, _ = _others(variant)
    own = module.register_opaque_value([1])
    assert module.take(own) == module.takeWide(own) == module.Box.same(own) == own.id == 1
    box = module.Box(own, own, own, 0.0)
    assert (box.put(own), module.sum([own, own])) == (1, 2)
    module.level = module.small = own
    assert module.level == module.small == 1
    with pytest.raises((LowerTypeError, TypeError)):
        module.takeReal(own)
