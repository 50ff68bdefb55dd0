"""What a module without declarations does to memory: nothing is taken for an object that is none, all is let go."""

import gc
import itertools
import threading
import weakref
from typing import Any

import pytest

from tests.integration.dynamic_modules import BARE, COUNTED, STOCK, Variant, load, variants
from wasmbind import AscObject, Module, auto_resolve
from wasmbind._proof import proven_id

SOURCE = """
class Node { next: Node | null = null; text: string = "t"; numbers: i32[] = [1, 2, 3]; }
let kept: Node[] = [];
let refs: usize[] = [];
export function fill(count: i32): void {
  for (let i = 0; i < count; i++) {
    let n = new Node();
    n.text = "n" + i.toString();
    if (i % 3 == 0) kept.push(n);
  }
}
export function drop(): void { kept = []; }
export function count(): i32 { return kept.length; }
export function at(i: i32): Node { return kept[i]; }
export function echo(x: usize): usize { return x; }
export function word(i: i32): string { return "word" + i.toString(); }
export function words(): string[] { return ["a", "b" + kept.length.toString()]; }
"""


def filled(variant: Variant, **arguments: Any) -> Module:
    """A module with objects, and holes between them."""
    module = load(variant, SOURCE, **arguments)
    module.fill(60)
    module.collect()
    return module


def reachable(module: Module, some: set[int]) -> set[int]:
    """The objects that the collector knows, by walking its lists from some of them."""
    words = module.runtime.mem_u32
    found: set[int] = set()
    for ptr in some:
        here = ptr
        while here not in found:
            found.add(here)
            here = (words[(here >> 2) - 4] & ~3) + 20
    return found


@variants(["classic", "modern"])
def test_only_objects_are_proven(variant: Variant) -> None:
    """Of all addresses the proof takes those of objects, and none other."""
    module = filled(variant)
    runtime = module.runtime
    proven = {ptr for ptr in range(runtime.size) if proven_id(runtime, ptr) is not None}
    linked = {ptr for ptr in proven if runtime.mem_u32[(ptr >> 2) - 4] & ~3}
    assert linked <= reachable(module, linked)
    for index in range(module.count()):
        assert module.at(index) in linked
    sizes = {ptr: runtime.mem_u32[(ptr >> 2) - 1] for ptr in sorted(proven)}
    ends = [(ptr, ptr + size) for ptr, size in sizes.items()]
    assert all(end <= following - 20 for (_, end), (following, _) in itertools.pairwise(ends))
    for ptr in (0, 1, 15, 16, runtime.size - 16, runtime.size, runtime.size + 16, (1 << 32) - 16):
        assert proven_id(runtime, ptr) is None


@variants(BARE)
def test_glue_and_python_agree(variant: Variant) -> None:
    """What the glue holds is what Python takes for an object, for every address."""
    module = filled(variant)
    runtime = module.runtime
    assert module.echo(5, as_=object) == 5
    assert module.echo(0xFFFFFFF0, as_=object) == -16
    slot, echo = runtime.scratch[0], runtime.link("link_echo_held_guarded_untold")[2]
    step = 16
    addresses = [*range(20_000), *range(20_000 & -step, runtime.size + 64, step), *range((1 << 32) - 64, 1 << 32)]
    for ptr in addresses:
        runtime.mem_u32[slot] = 0
        is_object = proven_id(runtime, ptr) is not None
        assert runtime.invoke_handle(echo, [ptr]) == ptr
        assert runtime.mem_u32[slot] == (ptr if is_object else 0), hex(ptr)


@variants(BARE)
def test_results_are_held(variant: Variant) -> None:
    """A resolved object lives as long as Python has it, and no longer."""
    module = filled(variant, value_handler=auto_resolve)
    nodes = [module.at(index) for index in range(module.count())]
    assert all(type(node) is AscObject for node in nodes)
    pointers = [module.get_pointer(node) for node in nodes]
    module.drop()
    module.fill(30)
    module.collect()
    assert [proven_id(module.runtime, ptr) is not None for ptr in pointers] == [True] * len(pointers)
    assert [module.get_type_of(node).id for node in nodes] == [module.get_type_of(nodes[0]).id] * len(nodes)
    if variant in COUNTED:
        for node in nodes:
            module.release(node)  # what has been counted for a result of which nobody has said that it is one
    before = module.runtime.size
    del nodes
    gc.collect()
    for _ in range(50):
        module.drop()
        module.fill(60)
        module.collect()
    assert module.runtime.size == before


@variants(BARE)
def test_memory_stays_flat(variant: Variant) -> None:
    """Results with hints, resolved ones and arguments leave nothing behind."""
    module = load(variant, SOURCE)
    # Where references are counted, only results of which somebody has said that they are references are let go of.
    types = {"word": str, "words": "list[str]"} if variant in COUNTED else {}
    resolving = load(variant, SOURCE, value_handler=auto_resolve, class_registry=types)

    def work(count: int) -> None:
        for index in range(count):
            assert module.word(index, as_=str).startswith("word")
            assert module.words(as_=list[str])[0] == "a"
            assert resolving.word(index).startswith("word")
            assert resolving.words()[0] == "a"

    work(500)
    module.collect()
    resolving.collect()
    before = module.runtime.size, resolving.runtime.size, len(module.runtime.live), len(resolving.runtime.live)
    work(5_000)
    module.collect()
    resolving.collect()
    gc.collect()
    module.collect()
    resolving.collect()
    assert module.runtime.size <= before[0] + (1 << 16)
    assert resolving.runtime.size <= before[1] + (1 << 16)
    assert len(resolving.runtime.live) <= before[3] + 2


@variants([*STOCK, "schema"])
def test_instances_go_with_their_modules(variant: Variant) -> None:
    """Nothing keeps an instance that nobody has; objects keep theirs."""
    source = "export class A { constructor() {} x: i32 = 3; } export function make(): A { return new A(); }"
    module = load(variant, source)
    runtime = weakref.ref(module.runtime)
    thing = module.make(as_=module.A)
    gc.disable()
    try:
        del module
        assert runtime() is not None
        assert thing.x == 3
        del thing
        assert runtime() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "source",
    [
        "export function all(): Foo[] { return [new Foo()]; }",
        "export function by_name(): Map<string, Foo> { return new Map<string, Foo>(); }",
        "export function each(f: (foo: Foo) => void): void { f(new Foo()); }",
    ],
)
def test_classes_go_with_their_modules(source: str) -> None:
    """The live classes of a module's own classes do not keep them, and with them all that the module has."""
    module = load("schema", "export class Foo { constructor() {} }\n" + source)
    foo = weakref.ref(module.Foo.declared)
    binding = weakref.ref(module.runtime.binding)
    assert foo() is not None
    module.close()
    del module
    gc.collect()
    assert foo() is None
    assert binding() is None


@variants(["0.17", "modern"])
def test_threads(variant: Variant) -> None:
    """Several threads resolve results of one instance."""
    module = load(variant, SOURCE, value_handler=auto_resolve)
    wrong: list[object] = []

    def work() -> None:
        for index in range(300):
            found = module.word(index)
            if found != f"word{index}" or module.words().native() != ["a", "b0"]:
                wrong.append(found)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@variants(["classic", "modern", "schema"])
def test_released_twice(variant: Variant) -> None:
    """An address that nobody has retained cannot be released where slots keep objects alive."""
    module = filled(variant)
    pointer = module.retain(module.at(0))
    assert module.retain(pointer) == pointer
    module.release(pointer)
    module.release(pointer)
    with pytest.raises(RuntimeError, match="has not been retained"):
        module.release(pointer)
    with pytest.raises(ValueError, match="no object lies there"):
        module.retain(3)


@pytest.mark.parametrize("runtime", ["minimal", "stub"])
@variants(["classic", "modern"])
def test_other_runtimes(variant: Variant, runtime: str) -> None:
    """Headers are told where a collector runs only when it is asked to, and where nothing is ever freed."""
    module = load(variant, SOURCE, "--runtime", runtime, value_handler=auto_resolve)
    module.fill(20)
    module.collect()
    assert (module.word(3), module.echo(7)) == ("word3", 7)
    assert module.words() == ["a", "b7"]
    assert [module.at(index).as_(object) for index in range(7)] == [module.at(index) for index in range(7)]
    found = {ptr for ptr in range(0, module.runtime.size, 16) if proven_id(module.runtime, ptr) is not None}
    assert {module.get_pointer(module.at(index)) for index in range(7)} <= found
