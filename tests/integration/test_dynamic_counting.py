"""Modules without declarations whose runtime counts references: nothing is released that has not been counted."""

import gc

import pytest

from tests.integration.dynamic_modules import COUNTED, Variant, load, variants
from tests.integration.heap_census import used_blocks
from wasmbind import InstanceError, Module, auto_resolve, wrap_opaque
from wasmbind._dynamic.objects import Shown

SOURCE = """
export class Item { n: i32; constructor(n: i32) { this.n = n; } }
let store: Item | null = null;
export let current: Item | null = null;
export let pointer: usize = 0;
export function add(a: i32): i32 { return a; }
export function fill(n: i32): void { current = new Item(n); }
export function make(n: i32): Item { return new Item(n); }
export function keep(n: i32): void { store = new Item(n); }
export function address(): usize { return changetype<usize>(store); }
export function stored(): f64 { return store!.n; }
export function collect(): void { __collect(); }
"""


def overwrite(module: Module) -> None:
    """Have the module use again whatever has been freed."""
    kept = [module.Item(70 + n) for n in range(10)]
    module.add(1)
    del kept


def blocks(module: Module) -> int:
    """How many objects are alive."""
    gc.collect()
    for _ in range(2):
        module.add(1)
    return sum(used_blocks(module.runtime).values())


@pytest.mark.parametrize("handler", [auto_resolve, wrap_opaque])
@variants(COUNTED)
def test_numbers_are_not_released(variant: Variant, handler: Shown) -> None:
    """A number that equals the address of an object has not been counted for the caller, and is not released."""
    module = load(variant, SOURCE, value_handler=handler)
    module.keep(5)
    for _ in range(4):
        module.address()
    overwrite(module)
    assert module.stored() == 5
    for _ in range(2):
        module.pointer = module.get_pointer(module.address())
        module.pointer = 0
    overwrite(module)
    assert module.stored() == 5


@variants(COUNTED)
def test_types_take_over(variant: Variant) -> None:
    """What has been counted for a result is let go of where somebody has said what it is, and by `release`."""
    module = load(variant, SOURCE, value_handler=auto_resolve, class_registry={"make": "Item"})
    module.make(1)
    before = blocks(module)
    for n in range(10):
        assert module.make(n).n == n
    assert blocks(module) == before
    module = load(variant, SOURCE)
    module.make(1, as_=module.Item)
    before = blocks(module)
    for n in range(10):
        assert module.make(n, as_=module.Item).n == n
        number = module.make(n)
        assert module.resolve(number, as_=module.Item).n == n
        module.release(number)
        module.release(module.make(n))
    assert blocks(module) == before
    with pytest.raises(InstanceError, match="has not been retained"):
        module.release(module.Item(3))


@variants(COUNTED)
def test_released_by_nobody_else(variant: Variant) -> None:
    """What Python objects hold, as often as they do, is theirs to release."""
    module = load(variant, SOURCE)
    item = module.Item(1)
    for _ in range(2):
        with pytest.raises(InstanceError, match="has not been retained"):
            module.release(item)
        module.add(1)
    again = module.resolve(module.get_pointer(item))
    module.retain(item)
    module.release(item)
    with pytest.raises(InstanceError, match="has not been retained"):
        module.release(again)
    overwrite(module)
    assert (item.n, module.get_refcount_of(item)) == (1, 1)


@variants(COUNTED)
def test_assigned_globals(variant: Variant) -> None:
    """An object that Python has resolved survives that a global lets go of it, and what is assigned leaves nothing."""
    module = load(variant, SOURCE)
    module.fill(5)
    item = module.resolve(module.current, as_=module.Item)
    module.current = None
    overwrite(module)
    assert item.n == 5
    module.fill(6)
    item = module.resolve(module.current, as_=module.Item)
    module.current = module.Item(3)
    overwrite(module)
    assert item.n == 6
    assert module.resolve(module.current, as_=module.Item).n == 3
    before = blocks(module)
    for n in range(20):
        module.current = module.Item(n)
    module.current = None
    assert blocks(module) == before - 1
    number = module.make(5)
    item = module.resolve(number, as_=module.Item)
    module.release(number)
    overwrite(module)
    assert item.n == 5
