"""Binaries that count references, interrupted at every point, or called there: each object is counted exactly.

At a point where Python may run a signal handler or a finaliser, KeyboardInterrupt is raised, or the module is called
and lets go of all that the interrupted code is about. Afterwards every object that is left is counted as often as it
is referred to, and without it the heap is what it was before.
"""

# mypy: disable-error-code="empty-body"

import contextlib
import functools
import gc
import itertools
import os
import sys
from collections import Counter
from collections.abc import Callable, Generator
from typing import Any

import pytest

from tests.compiling import Compiler, compile_asc
from tests.integration.abi_expected import COUNTING
from tests.integration.abi_module import COLLECT, Base, Box, Interfaces, interfaces
from tests.integration.abi_module import Item as Thing
from tests.integration.apart import run_apart
from tests.integration.heap_census import count_of, used_blocks
from tests.integration.test_interrupt_points import Interrupter, interrupt
from tests.integration.test_live_disturbed import Visitor
from wasmbind import AscClass, AscModule, host, i32, string

#: Every how manieth point is tried, but for host functions: neighbours are mostly alike.
STRIDE = 1 if os.environ.get("WASMBIND_MATRIX") else 10
#: How many interrupts one instance takes: each may cost the numbers of some slots, and new slots are new objects.
MOST = 40
_LONG = "bb" * 600

#: In `ask`, `letters` and `total` the module holds nothing while Python runs, so that an interrupt leaves nothing.
HOSTS = """
export class Item { n: i32; constructor(n: i32) { this.n = n; } }
declare function find(n: i32): Item | null;
declare function text(n: i32): string;
declare function items(n: i32): Item[];
let kept: Item | null = null;
export function keep(item: Item | null): void { kept = item; }
export function ask(n: i32): i32 { let found = find(n); return found ? (found as Item).n : -1; }
export function letters(n: i32): i32 { return text(n).length; }
export function total(n: i32): i32 {
  let found = items(n), r = 0; for (let i = 0; i < found.length; i++) r += found[i].n; return r;
}
export function add(a: i32): i32 { return a + 1; }
"""


class Subject:
    """Objects that refer to each other, in every way."""

    def __init__(self, module: Interfaces) -> None:
        self.module, self.box, self.base = module, module[Box](), module[Base]("x")
        self.fill(1)
        self.box.names, self.box.byByte = ["a", _LONG], {1: "one", 2: "two"}

    @staticmethod
    def release(module: Interfaces) -> None:
        """Let go of what the module refers to."""
        module.current = None

    def thing(self, n: int = 3) -> Thing:
        """A new object."""
        return self.module[Thing](n)

    def fill(self, n: int) -> None:
        """Have the fields refer to new objects."""
        thing, box = self.thing, self.box
        box.items, box.byName = [thing(n), thing(2), thing(3)], {"a": thing(n), "b": thing(2)}
        box.byItem = {thing(n): 1}
        self.base.item = self.module.current = thing(n)

    def clear(self) -> None:
        """Have the fields refer to nothing."""
        box = self.box
        for each in (box.items, box.byName, box.byItem, box.names, box.byByte):
            each.clear()
        self.base.item = self.module.current = None

    def disturb(self, point: int) -> None:
        """Let go of everything, and write over it."""
        self.clear() if point % 2 else self.fill(2)
        self.base.name = "y"
        module = self.module
        for _ in range(2):
            module.litter(4)
            assert module.join(["x" * 20, "y" * 30]) == "x" * 20 + "y" * 30
            assert (module.hello("q" * 40), module.adopt(True).kind()) == ("hello " + "q" * 40, "derived")
        if point % 3 == 0:
            module.runtime.collect()

    def miscounted(self) -> list[tuple[int, int]]:
        """How often objects are counted and referred to, where that is not the same."""
        self.module.add(1)
        box = self.box
        found = [*box.items, *box.byName.values(), *box.byItem, self.base.item, self.module.current]
        referred = Counter(each for each in found if each is not None)
        del found
        self.module.add(1)
        pairs = [(count_of(each), count + 1) for each, count in referred.items()]
        return [pair for pair in pairs if pair[0] != pair[1]]

    def refused(self) -> None:
        """Pass a generator that raises in the middle of a list in a list."""

        def generate() -> Generator[str]:
            yield "a"
            yield "b" * (self.thing().n // 0)

        with contextlib.suppress(ZeroDivisionError):
            self.module.lengths([["a"], generate()])  # type: ignore[list-item]  # any iterable will do

    def dropped(self) -> None:
        """Make handles, and drop them."""
        things = [self.thing(n) for n in (1, 2, 3)]
        del things[::2]
        expect(self.module.add(1), 4)


def expect(found: object, *expected: object) -> object:
    """Check what comes out, if it does."""
    assert found in expected, (found, expected)
    return found


def good(thing: Thing | None) -> Thing | None:
    """An object that has not been written over."""
    assert thing is None or thing.n in (1, 2, 3), thing.n
    return thing


WORKS: dict[str, Callable[[Subject], object]] = {
    "string": lambda s: expect(s.module.hello("x"), "hello x"),
    "long string": lambda s: expect(s.module.hello(_LONG), "hello " + _LONG),
    "list of strings": lambda s: expect(s.module.join(["a", "b", "c", "d"]), "abcd"),
    "list of lists": lambda s: expect(s.module.lengths([["a", "b", "c"], [], ["d"]]), [3, 0, 1]),
    "list of objects": lambda s: expect(s.module.total([s.thing(1), s.thing(2)]), 3),
    "dict": lambda s: expect(s.module.textOf({"a": "1", "b": "2"}, "b"), "2"),
    "set": lambda s: expect(s.module.has({"a", "b"}, "b"), True),
    "generator": lambda s: expect(s.module.total(s.thing(n) for n in (1, 2)), 3),  # type: ignore[arg-type]  # the same
    "generator that raises": Subject.refused,
    "list result": lambda s: [good(each) for each in s.module.items(3)[1:]],
    "object result": lambda s: good(s.module.keep(s.thing())),
    "construct": lambda s: expect(s.module[Base](_LONG).name, _LONG),
    "drop": Subject.dropped,
    "global": lambda s: good(s.module.current),
    "set global": lambda s: setattr(s.module, "current", s.thing()),
    "field": lambda s: good(s.base.item),
    "set field": lambda s: setattr(s.base, "item", s.thing()),
    "set text field": lambda s: setattr(s.base, "name", "y"),
    "set list": lambda s: setattr(s.box, "items", [s.thing()]),
    "set map": lambda s: setattr(s.box, "byName", {"c": s.thing()}),
    "item": lambda s: good(s.box.items[1]),
    "set item": lambda s: s.box.items.__setitem__(1, s.thing()),
    "set slice": lambda s: s.box.items.__setitem__(slice(1, 3), [s.thing()] * 3),
    "append": lambda s: s.box.items.append(s.thing()),
    "extend": lambda s: s.box.items.extend(s.thing(n) for n in (1, 2)),
    "pop": lambda s: good(s.box.items.pop()),
    "delete": lambda s: s.box.items.__delitem__(slice(0, 3, 2)),
    "sort": lambda s: s.box.items.sort(key=lambda each: -each.n),
    "iterate": lambda s: [good(each) for each in s.box.items],
    "get": lambda s: good(s.box.byName["a"]),
    "put": lambda s: s.box.byName.__setitem__("a", s.thing()),
    "put object": lambda s: s.box.byItem.__setitem__(s.thing(), 2),
    "update": lambda s: s.box.byName.update({"b": s.thing(), "c": s.thing()}),
    "pop pair": lambda s: good(s.box.byName.popitem()[1]),
    "pop text": lambda s: expect(s.box.byByte.pop(2), "two"),
    "items": lambda s: [good(each) for _, each in s.box.byName.items()],
    "clear": Subject.clear,
}


class Item(AscClass):
    n: i32

    def __init__(self, n: i32) -> None: ...


class Hosts(AscModule):
    def keep(self, item: Item | None) -> None: ...
    def ask(self, n: i32) -> i32: ...
    def letters(self, n: i32) -> i32: ...
    def total(self, n: i32) -> i32: ...
    def add(self, a: i32) -> i32: ...

    @host("inline")
    def find(self, n: i32) -> Item | None:
        found = self[Item](n)
        self.keep(found)
        self.keep(None)
        return found if self.letters(n) == n else None

    @host("inline")
    def text(self, n: i32) -> string:
        return "x" * n

    @host("inline")
    def items(self, n: i32) -> list[Item]:
        return [self[Item](each) for each in range(n)]


class HostSubject:
    """What leads to host functions."""

    def __init__(self, module: Hosts) -> None:
        self.module = module

    @staticmethod
    def release(module: Hosts) -> None:
        """Let go of what the module refers to."""
        module.keep(None)

    def miscounted(self) -> list[tuple[int, int]]:
        """Nothing: no object is left to be counted."""
        return []


HOST_WORKS: dict[str, Callable[[HostSubject], object]] = {
    "object": lambda s: expect(s.module.ask(3), 3),
    "text": lambda s: expect(s.module.letters(900), 900),
    "list": lambda s: expect(s.module.total(3), 3),
}


class Bench:
    """Instances to work in, one after the other.

    Attributes:
        module: the present one.
        before: the objects that it has when nobody works.
    """

    module: Any
    before: Counter[int]

    def __init__(self, compiler: Compiler, *, hosts: bool) -> None:
        self._class: Any = interfaces(compiler)
        self._thing: Any = Thing
        self.new: Any = Subject
        self.works: Any = WORKS
        if hosts:
            wasm = compile_asc(HOSTS + COLLECT, compiler=compiler)
            self._class = type("Built", (Hosts,), {"__module__": __name__}, wasm=wasm)
            self._thing, self.new, self.works = Item, HostSubject, HOST_WORKS
        gc.disable()  # what it ends must not take the interrupt
        self.renew(next(iter(self.works)))
        self.module.close()
        del self.module
        gc.collect()
        gc.freeze()  # what is there by now stays

    def renew(self, name: str) -> None:
        """Take another instance, which has done some work, and has more root slots than it will need."""
        module = self.module = self._class()
        self.works[name](self.new(module))
        things = [module[self._thing](n) for n in range(300)]
        things.clear()
        self.before = self.blocks()

    def blocks(self) -> Counter[int]:
        """The objects that are left when Python and the module have let go of what they can."""
        gc.collect()
        module = self.module
        self.new.release(module)
        module.runtime.clear_scratch()  # what an interrupted call left there stays until the next one like it
        for _ in range(2):
            module.add(1)
            module.runtime.collect()
        return used_blocks(module.runtime)


def interrupt_everywhere(compiler: Compiler, *, hosts: bool) -> None:
    """Raise KeyboardInterrupt in the middle of all works, or of those of host functions."""
    bench, problems = Bench(compiler, hosts=hosts), list[str]()
    stride = 1 if hosts else STRIDE
    for at, (name, work) in enumerate(bench.works.items()):
        for count, point in enumerate(itertools.count(at % stride, stride)):
            if count % MOST == 0:
                bench.renew(name)
            subject, interrupter = bench.new(bench.module), Interrupter(point)
            outcome, where = interrupt(functools.partial(work, subject), interrupter), interrupter.where
            interrupter._opcodes.clear()
            if where is None:
                break
            wrong = subject.miscounted()
            del subject, interrupter
            found = bench.blocks()
            if outcome != "KeyboardInterrupt" or wrong or found != bench.before:
                problems.append(f"{name}, point {point}, {where}: {outcome}, {wrong}, {found - bench.before} left")
                bench.renew(name)
    if problems:
        sys.exit("\n".join(problems))


def disturb_everywhere(compiler: Compiler) -> None:
    """Call the module in the middle of all works."""
    bench, problems = Bench(compiler, hosts=False), list[str]()
    for at, (name, work) in enumerate(bench.works.items()):
        bench.renew(name)
        for point in itertools.count(at % STRIDE, STRIDE):
            subject = bench.new(bench.module)
            visitor = Visitor(point, bench.module, functools.partial(subject.disturb, point))
            outcome, came = disturbed(functools.partial(work, subject), visitor), visitor.came
            visitor._opcodes.clear()
            if not came:
                break
            wrong = subject.miscounted()
            del subject, visitor
            found = bench.blocks()
            if outcome or wrong or found != bench.before:
                problems.append(f"{name}, point {point}: {outcome}, {wrong}, {found - bench.before} left")
                bench.renew(name)
    if problems:
        sys.exit("\n".join(problems))


def disturbed(work: Callable[[], object], visitor: Visitor) -> str:
    """What goes wrong in some work, but for what may: there is nothing left where it looks."""
    sys.settrace(visitor)
    try:
        work()
    except (IndexError, KeyError):
        pass
    except Exception as error:  # noqa: BLE001 - to be shown
        if "changed size" not in str(error) and "modified" not in str(error):
            return repr(error)
    finally:
        sys.settrace(None)
    return ""


@pytest.mark.parametrize("compiler", COUNTING)
@pytest.mark.parametrize("hosts", [False, True])
def test_interrupted(hosts: bool, compiler: Compiler) -> None:
    """KeyboardInterrupt comes out, and leaves no object too many or too few, each counted as often as referred to."""
    call = f"interrupt_everywhere({compiler!r}, hosts={hosts})"
    run_apart("test_counted_interrupted", call, silent=False, watched=False)


@pytest.mark.parametrize("compiler", COUNTING)
def test_disturbed(compiler: Compiler) -> None:
    """Whatever lets go of an object while Python is about to hold it, Python gets it whole."""
    run_apart("test_counted_interrupted", f"disturb_everywhere({compiler!r})", silent=False, watched=False)
