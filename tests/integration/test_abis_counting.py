"""Binaries that count references: each object is counted as often as it is held, and freed when it is let go of."""

import gc
from collections import Counter
from collections.abc import Generator

import pytest

from tests.compiling import Compiler, compile_asc
from tests.integration.abi_expected import COUNTING
from tests.integration.abi_module import Base, Box, Interfaces, Item, binary_of, interfaces, noted
from tests.integration.heap_census import count_at, count_of, used_blocks
from wasmbind import AscClass, AscModule, BindError, LimitError, Limits, Map, i32, string
from wasmbind._adaptor_glue import MOST_PINS

each_counting = pytest.mark.parametrize("compiler", COUNTING)


def live_blocks(module: Interfaces) -> Counter[int]:
    """The objects that are alive once Python and the module have let go of what they can."""
    gc.collect()
    for _ in range(2):
        module.add(1)  # what is owed is paid
        module.runtime.collect()
    return used_blocks(module.runtime)


def session(module: Interfaces) -> None:
    """Use everything once, and let go of it."""
    box, base = module[Box](), module[Base]("x")
    box.items.extend([module[Item](n) for n in range(20)])
    box.items[3:5] = [module[Item](1)] * 4
    del box.items[::2]
    assert box.items.pop().n >= 0
    box.byName = {"a": module[Item](1), "b": module[Item](2)}
    module.put(box, "c", 3)
    assert box.byName.pop("a").n == 1
    box.byName["b"] = module[Item](4)
    box.byName.clear()
    box.byByte = {n: str(n) for n in range(60)}
    for n in range(50):
        del box.byByte[n]
    box.words = {"a", "b"}
    box.words.add("c" * 40)
    box.words.discard("a")
    box.names = ["a", "b"]
    base.item = module[Item](1)
    base.item = None
    base.name = "y"
    noted.clear()
    assert module.tell(3) == 3
    assert (module.ask("abc"), module.loud("a"), module.loud("nested")) == (3, "AB", "hello nestedB")
    module.current = module[Item](1)
    module.current = None
    assert (module.join(["a", "b"]), module.textOf({"a": "b"}, "a")) == ("ab", "b")
    assert (module.lengths([["a"], []]), module.total([module[Item](1)])) == ([1, 0], 1)
    with pytest.raises(TypeError):
        module.join(["a", 1])  # type: ignore[list-item]  # the mistake that is tested
    with pytest.raises(TypeError):
        module.lengths([["a"], 1])  # type: ignore[list-item]  # the same
    noted.clear()


@each_counting
def test_counts(compiler: Compiler) -> None:
    """An object is counted once for Python, however many times it has crossed, and once for each that refers to it."""
    with interfaces(compiler)() as module:
        item = module[Item](1)
        module.add(1)
        assert count_of(item) == 1
        for _ in range(5):
            module.keep(item)
        module.add(1)
        assert count_of(item) == 2
        box = module[Box]()
        box.items.append(item)
        box.items.append(item)
        box.byName["a"] = box.byName["b"] = item
        module.add(1)
        assert count_of(item) == 6
        box.items[0] = module[Item](2)
        del box.byName["a"]
        module.current = None
        module.add(1)
        assert count_of(item) == 3
        box.items.clear()
        box.byName.clear()
        module.total([item, item])
        module.ask("current")
        module.add(1)
        assert count_of(item) == 1


@each_counting
def test_results_of_long_ago(compiler: Compiler) -> None:
    """A call inside of another one does not count what was freed since it was the last result."""
    counts: list[int] = []

    def find(name: string) -> Item | None:
        counts.append(count_at(module.runtime, freed))
        module.add(1)
        counts.append(count_at(module.runtime, freed))
        return None if name else current

    with interfaces(compiler)(imports={"inline": {"find": find}}) as module:
        current = module[Item](1)
        freed = module.adopt(derived=True)._asc_ptr
        module.add(1)
        assert module.ask("") == 1
        assert counts[0] == counts[1]


@each_counting
def test_nothing_leaks(compiler: Compiler) -> None:
    """After everything has been let go of, memory holds as many objects as before, of each class."""
    with interfaces(compiler)() as module:
        session(module)
        before = live_blocks(module)
        kept = [module[Item](n) for n in range(7)]
        assert sum((live_blocks(module) - before).values()) == 7
        del kept
        for _ in range(5):
            session(module)
        assert live_blocks(module) == before


@pytest.mark.parametrize("compiler", [*COUNTING, "modern"])
def test_resumed_while_filling(compiler: Compiler) -> None:
    """What was being filled when the instance was poisoned is let go of once it has been resumed, as is all else."""
    with interfaces(compiler)(limits=Limits(fuel=5_000_000)) as module:

        def rows() -> Generator[str]:
            yield "a"
            module.litter(2_000_000_000)

        session(module)
        before, free = live_blocks(module), len(module.runtime.free)
        with pytest.raises(LimitError):
            module.lengths([["a"], rows()])  # type: ignore[list-item]  # any iterable will do
        module.runtime.resume()
        for n in range(1000):
            module[Item](n)
        # The loop that has been ended holds the last objects that it made.
        assert sum((live_blocks(module) - before).values()) <= 2
        assert len(module.runtime.free) >= free


@each_counting
def test_memory_stays_flat(compiler: Compiler) -> None:
    """100 000 objects with strings are made and dropped in the memory of a few."""
    with interfaces(compiler, collects=False)() as module:
        for n in range(1000):
            assert module[Base]("x" * 50).half == 7
            assert module[Item](n).n == n
        size = module.runtime.size
        for n in range(100_000):
            module[Base]("x" * 50)
            module[Item](n)
        module.runtime.refresh()
        assert module.runtime.size == size


@each_counting
def test_rings_are_collected(compiler: Compiler) -> None:
    """Objects that refer to each other are freed by a collection: nobody has to ask for one."""
    with interfaces(compiler)() as module:
        module.ring()
        before = live_blocks(module)
        ring = module.ring()
        assert ring.next is not None
        assert ring.next.next is ring
        del ring
        assert live_blocks(module) == before
        for _ in range(100_000):
            module.ring()
        module.runtime.refresh()
        assert module.runtime.size < 4_000_000  # of 9 600 000 bytes that have been allocated


@each_counting
@pytest.mark.parametrize("limits", [None, Limits(memory=1 << 19)])
def test_many_possible_rings(compiler: Compiler, limits: Limits | None) -> None:
    """Objects that may be in rings, for whoever looks for these: the runtime does not free them twice."""
    with interfaces(compiler, collects=False)(limits=limits) as module:
        kept = [module.items(17) for _ in range(30)]
        for _ in range(300):
            kept = [*kept[1:], module.items(17)]
        assert all([item.n for item in items] == [*range(17)] for items in kept)
        if limits is None:
            module.items(20_000)  # more than there is room for
            kept += [module.items(17) for _ in range(2000)]
            assert all([item.n for item in items] == [*range(17)] for items in kept)


class Node(AscClass):
    """An object that refers to itself."""

    next: "Node | None"


@pytest.mark.parametrize("compiler", [each for each in COUNTING if each != "0.9"])  # which has no such option
@pytest.mark.parametrize("pages", [1, 2, 40])
def test_little_memory(compiler: Compiler, pages: int) -> None:
    """The room for possible rings is a small part of a memory that cannot grow as far as others."""
    source = """
    export class Node { next: Node | null = null; }
    export function ring(): Node { let n = new Node(); n.next = n; return n; }
    """

    class Rings(AscModule, wasm=compile_asc(source, "--maximumMemory", str(pages), compiler=compiler)):
        def ring(self) -> Node: ...  # type: ignore[empty-body]  # a declaration

    with Rings() as module:
        for _ in range(200):
            node = module.ring()
            assert node.next is node


@each_counting
def test_too_deep(compiler: Compiler) -> None:
    """Filling more collections inside of each other than can be is an error, after which all is as before."""
    with interfaces(compiler)() as module:
        item = module[Item](1)
        for _ in range(MOST_PINS):
            module.runtime.invoke("__pin", item._asc_ptr)
        with pytest.raises(RecursionError, match="cannot fill more than 1024 lists, maps and sets"):
            module.join(["a", "b"])
        with pytest.raises(RecursionError, match="cannot fill more than 1024"):
            module.textOf({"a": "b"}, "a")
        for _ in range(MOST_PINS):
            module.runtime.invoke("__unpin", item._asc_ptr)
        assert (module.join(["a", "b"]), module.textOf({"a": "b"}, "a")) == ("ab", "b")
        module.add(1)
        assert count_of(item) == 1


class Numbers(AscClass):
    """A map that is filled until there is no memory left."""

    all: Map[i32, i32]


@each_counting
def test_maps_without_memory(compiler: Compiler) -> None:
    """A map that could not grow has what it had before, however much is made afterwards."""
    source = """
    class Numbers { all: Map<i32, i32> = new Map<i32, i32>(); }
    export function numbers(): Numbers { return new Numbers(); }
    """

    class Holder(AscModule, wasm=compile_asc(source, compiler=compiler)):
        def numbers(self) -> Numbers: ...  # type: ignore[empty-body]  # a declaration

    with Holder(limits=Limits(memory=1 << 19)) as module:
        numbers = module.numbers()

        def fill() -> None:
            for n in range(100_000):
                numbers.all[n] = n

        with pytest.raises(LimitError):
            fill()
        module.runtime.resume()
        count = len(numbers.all)
        with pytest.raises(LimitError):
            _ = [module.numbers() for _ in range(100_000)]
        module.runtime.resume()
        assert numbers.all == {n: n for n in range(count)}


class Note(AscClass):
    """Its fields are written without a call into the module."""

    text: string
    item: Item | None


@each_counting
def test_writing_stays_flat(compiler: Compiler) -> None:
    """What Python only ever writes into is let go of meanwhile."""
    source = """
    class Item { n: i32 = 0; next: Item | null = null; }
    class Note { text: string = ""; item: Item | null = null; }
    export let title: string = "";
    export let current: Item | null = null;
    export function note(): Note { return new Note(); }
    export function item(): Item { return new Item(); }
    """

    class Notes(AscModule, wasm=compile_asc(source, compiler=compiler)):
        title: string
        current: Item | None

        def note(self) -> Note: ...  # type: ignore[empty-body]  # a declaration
        def item(self) -> Item: ...  # type: ignore[empty-body]  # the same

    with Notes() as module:
        note, item = module.note(), module.item()
        size = module.runtime.size
        for _ in range(2000):
            note.text = module.title = "x" * 500
            note.item = module.current = item
        module.runtime.refresh()
        assert module.runtime.size <= 2 * size
        note.item = module.current = None
        module.item()
        assert count_of(item) == 1


@each_counting
@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ((0x20, 0x20, 0), "the type table is that of asc 0.18 or 0.19 or 0.18 to 0.22"),
        ((0x10, 0x10, 0), "the first classes of the type table are not"),
        ((0, 0, 0), "the first classes of the type table are not"),
    ],
)
def test_contradictions_are_refused(compiler: Compiler, table: tuple[int, ...], problem: str) -> None:
    """A type table that is not the one that goes with the exports is refused."""
    first = 0x10 if compiler == "0.9" else 0x20
    data, words = binary_of(compiler).read_bytes(), _entries(first, first, first)
    assert data.count(words) == 1

    class Doctored(AscModule, wasm=data.replace(words, _entries(*table)), classes=[Item]):
        def litter(self, count: i32) -> i32: ...  # type: ignore[empty-body]  # a declaration

    hosts = {"inline": {"find": _nothing, "note": _nothing, "shout": _nothing}}
    with pytest.raises(BindError, match=problem):
        Doctored(imports=hosts)


def _nothing(_: int) -> int:
    return 0


def _entries(*flags: int) -> bytes:
    """Entries of the type table: flags, and a base class, which there is none of."""
    return b"".join(each.to_bytes(4, "little") + bytes(4) for each in flags)
