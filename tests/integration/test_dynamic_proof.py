"""Which numbers of a module without declarations are taken for objects: those of objects, and no others."""

import gc
import random
import struct
from typing import Any

import pytest

from tests.integration.dynamic_modules import BARE, STOCK, Variant, load, variants
from wasmbind import Array, LiftError, Module, auto_resolve, i32
from wasmbind._proof import proven_id

GROWING = """
let ages = new Map<string, i32>();
export function text(n: i32): string { return "x".repeat(n); }
export function list(n: i32): i32[] { return new Array<i32>(n); }
export function map(n: i32): Map<string, i32> {
  for (let i = 0; i < n; i++) ages.set(i.toString(), i);
  return ages;
}
export function echo(x: usize): usize { return x; }
"""

WORDS = """
let data = new StaticArray<u32>(64);
export function base(): usize { return changetype<usize>(data); }
export function put(i: i32, v: u32): void { data[i] = v; }
export function word(i: i32): u32 { return data[i]; }
export function echo(x: usize): usize { return x; }
export function text(): string { return "abc" + data.length.toString(); }
export function broken(): Map<string, i32> {
  let m = new Map<string, i32>();
  m.set("a", 1);
  store<u32>(changetype<usize>(m), 0xFFFFFFF0, 8);
  return m;
}
"""

DYING = """
export class Point { constructor(public x: i32) {} }
export function echo(x: usize): usize { return x; }
export function list(): i32[] { return [1, 2, 3]; }
export let held: Point | null = null;
export let pointer: usize = 0;
export function keep(x: usize): void { pointer = x; }
"""


def _held(module: Module, name: str) -> Any:
    """The glue of a function that has been called, which holds what is an object."""
    links = module.runtime.__dict__.items()
    return next(found for link, found in links if link.startswith(f"link_{name}_held_guarded"))[2]


@variants(BARE)
@pytest.mark.parametrize(("name", "count"), [("text", 200_000), ("list", 100_000), ("map", 5_000)])
def test_objects_where_memory_has_grown(variant: Variant, name: str, count: int) -> None:
    """An object, the end of its block or its neighbours may lie where no view of memory reaches yet."""
    resolving = load(variant, GROWING, value_handler=auto_resolve)
    size = resolving.runtime.size
    assert len(getattr(resolving, name)(count)) == count
    assert size < resolving.runtime.size
    module = load(variant, GROWING)
    assert len(module.resolve(getattr(module, name)(count))) == count


@variants(BARE)
def test_a_block_across_the_old_end_is_held(variant: Variant) -> None:
    """Glue and Python agree on an object that begins below where the views of memory end, and ends above."""
    module = load(variant, GROWING)
    runtime = module.runtime
    pointer = module.text(200_000)
    assert pointer < runtime.size < pointer + 400_000, "the views are those of before"
    assert proven_id(runtime, pointer) == runtime.string_id
    slot = runtime.scratch[0]
    assert module.echo(0, as_=object) == 0
    runtime.mem_u32[slot] = 0
    if runtime.counts:
        runtime.invoke("__retain", pointer)
    assert runtime.invoke_handle(_held(module, "echo"), [pointer]) == pointer
    assert runtime.mem_u32[slot] == pointer


@variants(["classic", "modern"])
def test_words_like_a_static_object(variant: Variant) -> None:
    """Words that a program has written on the heap are no object, whatever header they look like."""
    module = load(variant, WORDS, value_handler=auto_resolve)
    header = [28, 0, 0, module.runtime.string_id, 8]
    base = module.get_pointer(module.base())
    for at, word in enumerate(header):
        module.put(16 - len(header) + at, word)
    assert module.echo(base + 64) == base + 64
    with pytest.raises(LiftError, match="no object"):
        module.echo(base + 64, as_=str)
    for _ in range(3):
        module.collect()
        assert module.text() == "abc64"
    assert [module.word(16 - len(header) + at) for at in range(len(header))] == header


@variants(["classic", "modern"])
def test_static_objects(variant: Variant) -> None:
    """Static data are objects wherever a header stands, so that small numbers may be addresses: as is documented."""
    module = load(
        variant,
        """
        export function add(a: i32, b: i32): i32 { return a + b; }
        export function where(): usize { return changetype<usize>("hello"); }
        export function give(): string { return "hello"; }
        """,
        value_handler=auto_resolve,
        class_registry={"where": int},
    )
    at = module.where()
    assert at < module.runtime.unlisted
    assert module.add(at - 16, 16) == module.give() == "hello"
    assert module.add(at - 16, 16, as_=int) == at


@variants(["classic", "modern"])
def test_objects_that_are_never_freed(variant: Variant) -> None:
    """Without a collector no object is in a list, and all of them are taken for objects still."""
    module = load(variant, GROWING, "--runtime", "stub", value_handler=auto_resolve)
    assert module.text(5) == "xxxxx"
    assert len(module.text(200_000, as_=str)) == 200_000
    assert module.list(3) == [0, 0, 0]
    assert module.list(3, as_=Array[i32]) == [0, 0, 0]
    assert dict(module.map(3)) == {"0": 0, "1": 1, "2": 2}


def _dead(module: Module) -> int:
    """The address of an array that has been freed."""
    found: int = module.list()
    if module.runtime.counts:
        module.release(found)
        module.echo(0)
    module.collect()
    return found


@variants(BARE)
@pytest.mark.parametrize("hint", [list[int], Array[i32], list, tuple, list[int] | None], ids=str)
def test_a_dead_object_with_a_type(variant: Variant, hint: Any) -> None:
    """The header of a freed object may still say what it was; it is no object all the same."""
    module = load(variant, DYING)
    dead = _dead(module)
    for _ in range(2):
        with pytest.raises(LiftError, match="no object's address"):
            module.echo(dead, as_=hint)
    assert module.list(as_=hint) == ((1, 2, 3) if hint is tuple else [1, 2, 3])


@variants(STOCK)
def test_a_dead_object_of_a_class(variant: Variant) -> None:
    """A root slot never gets the address of one, nor does one from a nested call."""
    module = load(variant, DYING)
    point = module.Point(3)
    dead = module.get_pointer(point)
    del point
    gc.collect()
    other = module.Point(4)  # the result of the last constructor is held until the next
    module.collect()

    class Nesting:
        def __index__(self) -> int:
            with pytest.raises(LiftError, match="Point expected, but the number is no object's address"):
                module.echo(dead, as_=module.Point)
            return 5

    assert module.echo(Nesting()) == 5
    with pytest.raises(LiftError, match="Point expected, but the number is no object's address"):
        module.echo(dead, as_=module.Point)
    points = [module.Point(each) for each in range(50)]
    module.collect()
    assert [each.x for each in points] == [*range(50)]
    assert module.echo(points[7], as_=module.Point) is points[7]
    assert other.x == 4


@variants(STOCK)
def test_a_dead_object_in_a_global(variant: Variant) -> None:
    """A global of a type that a registry gives is looked at as a result is, whatever the last result was."""
    module = load(variant, DYING, class_registry={"held": "Point", "pointer": "Point"})
    module.held = module.Point(5)
    point = module.Point(3)
    dead = module.get_pointer(point)
    del point
    gc.collect()
    if not module.runtime.counts:
        assert module.held.x == 5  # is the last result then, which is held
    module.echo(0)
    module.collect()
    module.keep(dead)
    for _ in range(2):
        with pytest.raises(LiftError, match="Point expected, but the number is no object's address"):
            _ = module.pointer
    with pytest.raises(LiftError, match="Point expected, but the number is no object's address"):
        module.echo(dead, as_=module.Point)
    assert module.held.x == 5


@variants(BARE)
def test_a_map_that_is_none(variant: Variant) -> None:
    """Entries outside memory are an error that says so."""
    module = load(variant, WORDS)
    with pytest.raises(LiftError, match="entry of a Map or Set of 4 bytes ends outside memory"):
        module.resolve(module.broken())


@variants(["classic", "modern"])
def test_glue_and_python_agree_on_any_header(variant: Variant) -> None:
    """Whatever words stand before an address, in the middle of memory and at its end."""
    module = load(variant, "export function room(): ArrayBuffer { return new ArrayBuffer(512); }" + DYING)
    runtime, chance = module.runtime, random.Random(5)  # noqa: S311 - the same each time
    room = module.retain(module.room())
    assert module.echo(5, as_=object) == 5
    words, end, echo = runtime.mem_u32, runtime.size, _held(module, "echo")
    places = [*range((room + 63) & -16, room + 448, 16), end - 16, end]
    found = 0
    for _ in range(4_000):
        ptr, other = chance.choice(places), chance.choice(places)
        mine = ptr - 20
        numbers = [
            0,
            1,
            3,
            12,
            16,
            28,
            29,
            30,
            44,
            end - 20,
            end - 12,
            end - 4,
            end,
            0xFFFFFFFF,
            mine,
            mine | 1,
            other - 20,
        ]
        header = [chance.choice(numbers) for _ in range(5)]
        if chance.random() < 0.7:
            header[:1], header[3:] = [28], [runtime.string_id, chance.choice([0, 8, 12, 16])]
        if ptr != end:
            words[(ptr >> 2) - 5 : ptr >> 2] = memoryview(struct.pack("<5I", *header)).cast("I")
        for at, offset in ((header[1] & ~3, 2), (header[2] & ~3, 1)):
            if room + 48 <= at <= room + 480:
                words[(at >> 2) + offset] = chance.choice([mine, mine | 1, mine | 3])
        words[runtime.scratch[0]] = 0
        is_object = proven_id(runtime, ptr) is not None
        assert runtime.invoke_handle(echo, [ptr]) == ptr
        assert words[runtime.scratch[0]] == (ptr if is_object else 0), (hex(ptr), header)
        words[runtime.scratch[0]] = 0
        found += is_object
    assert found
