"""Four threads that call, throw, run out of time, make garbage and call back, in own instances and in a shared one."""

# mypy: disable-error-code="empty-body"

import gc
import random
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest

from tests.compiling import compile_asc
from wasmbind import AbortError, AscClass, AscModule, InstanceError, LimitError, Limits, TrapError, host, i32, string

SOURCE = """
@external("env", "owner") declare function owner(): i32;
@external("env", "double") declare function double(text: string): string;
export class Box {
  next: Box | null = null;
  constructor(public text: string) {}
}
let kept: Box | null = null;
let calls: i32 = 0;
export function count(): i32 { return ++calls; }
export function echo(text: string): string { return text + "!"; }
export function twice(text: string): string { return double(text) + owner().toString(); }
export function keep(text: string): Box { const box = new Box(text); box.next = kept; kept = box; return box; }
export function drop(): i32 {
  let length = 0;
  let box: Box | null = kept;
  while (box) { box = box.next; length++; }
  kept = null;
  return length;
}
export function waste(times: i32): i32 {
  let total = 0;
  for (let i = 0; i < times; i++) total += new Array<string>(16).fill(i.toString()).join("").length;
  return total;
}
export function visit(times: i32, f: (value: i32) => i32): i32 {
  let total = 0;
  for (let i = 0; i < times; i++) total += f(i);
  return total;
}
export function fail(text: string): void { throw new Error(text); }
export function spin(): void { while (true) {} }
"""
THREADS = 4
ROUNDS = 300


class Box(AscClass):
    next: "Box | None"
    text: string

    def __init__(self, text: string) -> None: ...


class Busy(AscModule, wasm=compile_asc(SOURCE, "-O", transform=True), limits=Limits(timeout=0.5, memory=32 << 20)):
    def __init__(self, owner: int) -> None:
        self.number = owner
        super().__init__()

    def count(self) -> i32: ...
    def echo(self, text: string) -> string: ...
    def twice(self, text: string) -> string: ...
    def keep(self, text: string) -> Box: ...
    def drop(self) -> i32: ...
    def waste(self, times: i32) -> i32: ...
    def visit(self, times: i32, f: Callable[[i32], i32]) -> i32: ...
    def fail(self, text: string) -> None: ...
    def spin(self) -> None: ...

    @host("env", "owner")
    def owner(self) -> i32:
        return self.number

    @host("env", "double")
    def double(self, text: string) -> string:
        if text.startswith("refuse"):
            raise LookupError(text)
        return self.echo(text) + text


class Worker:
    """What one thread does, and what it expects.

    Attributes:
        done: how often each thing was done.
    """

    def __init__(self, number: int, shared: "Busy", rounds: int) -> None:
        self.number, self.shared, self.rounds = number, shared, rounds
        self.chance = random.Random(number)  # noqa: S311 - to be repeatable
        self.module = Busy(number)
        self.boxes: list[Box] = []
        self.expected = 0
        self.done: dict[str, int] = {}
        self.errors: list[BaseException] = []

    def run(self) -> None:
        """Do everything; an unexpected exception ends it and is kept."""
        try:
            for _ in range(self.rounds):
                (work,) = self.chance.choices(list(WORKS), list(WORKS.values()))
                self.done[work.__name__] = self.done.get(work.__name__, 0) + 1
                work(self)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            self.errors.append(error)

    def text(self) -> str:
        """Something that no other thread has."""
        return f"{self.number}:{self.chance.random()}" * self.chance.choice((1, 1, 100))

    def calls(self) -> None:
        """Numbers and strings, alone and in the shared instance."""
        text = self.text()
        assert self.module.echo(text) == f"{text}!"
        assert self.shared.echo(text) == f"{text}!"
        before = self.shared.count()
        assert self.shared.count() > before

    def hosts(self) -> None:
        """A host function that calls back in, and belongs to the instance that calls it."""
        text = self.text()
        assert self.module.twice(text) == f"{text}!{text}{self.number}"
        assert self.shared.twice(text) == f"{text}!{text}{-1}"

    def objects(self) -> None:
        """Objects on both sides."""
        text = self.text()
        box = self.module.keep(text)
        self.expected += 1
        assert box.text == text
        if box.next is not None:
            self.boxes.append(box.next)
        if len(self.boxes) > 20:
            assert all(each.text.startswith(f"{self.number}:") for each in self.boxes)
            self.boxes.clear()
            assert self.module.drop() == self.expected
            self.expected = 0

    def garbage(self) -> None:
        """Garbage here and there, and a collection now and then."""
        assert self.module.waste(20) == self.shared.waste(20)
        if self.chance.random() < 0.1:
            self.module.runtime.collect()
            gc.collect(0)

    def callbacks(self) -> None:
        """A new callable each time, which may raise."""
        step = self.chance.randrange(9)
        assert self.module.visit(10, lambda value: value * step) == 45 * step

        def refuse(value: int) -> int:
            if value == 5:
                raise LookupError(step)
            return value

        for module in (self.module, self.shared):
            with pytest.raises(LookupError):
                module.visit(10, refuse)

    def aborts(self) -> None:
        """Throws of AssemblyScript, and of the host."""
        text = self.text()
        for module in (self.module, self.shared):
            with pytest.raises(AbortError) as caught:
                module.fail(text)
            assert caught.value.message == text
            with pytest.raises(LookupError, match="refuse"):
                module.twice(f"refuse {text}")

    def timeouts(self) -> None:
        """A call that takes too long ends this instance, and no other."""
        with pytest.raises(LimitError) as caught:
            self.module.spin()
        assert caught.value.limit == "timeout"
        with pytest.raises(InstanceError):
            self.module.count()
        self.boxes.clear()
        self.expected = 0
        self.module = Busy(self.number)


#: What there is to do, and how often; a call that runs out of time takes all of it.
WORKS = {
    Worker.calls: 20,
    Worker.hosts: 20,
    Worker.objects: 20,
    Worker.garbage: 20,
    Worker.callbacks: 20,
    Worker.aborts: 20,
    Worker.timeouts: 2,
}


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    """A worker for each thread, with one instance for all of them."""
    shared = Busy(-1)
    yield [Worker(number, shared, ROUNDS) for number in range(THREADS)]
    shared.close()


def test_stress(workers: list[Worker]) -> None:
    """Nothing crashes, hangs, leaks or gets to the wrong thread."""
    threads = [threading.Thread(target=worker.run, daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert not any(thread.is_alive() for thread in threads)
    for worker in workers:
        if worker.errors:
            raise worker.errors[0]
        assert len(worker.done) == len(WORKS)
    shared = workers[0].shared
    shared.runtime.collect()
    shared.runtime.collect()
    assert len(shared.runtime.memory) <= 1 << 20
    functions = shared.runtime.functions
    assert functions is not None
    assert len(functions) <= THREADS
    runtimes = [weakref.ref(worker.module.runtime) for worker in workers]
    for worker in workers:
        worker.boxes.clear()
        del worker.module
    assert [runtime() for runtime in runtimes] == [None] * THREADS


def test_a_trap_elsewhere_changes_nothing(workers: list[Worker]) -> None:
    """While one thread's instances trap again and again, another's go on."""
    stop = threading.Event()
    trapped = []

    def trap() -> None:
        while not stop.is_set():
            with pytest.raises(TrapError), Busy(9) as module:
                module.runtime.in_turn(module.runtime.invoke, "__pin", 0xFFFF_FFF0)
            trapped.append(True)

    thread = threading.Thread(target=trap, daemon=True)
    thread.start()
    try:
        for _ in range(50):
            workers[0].calls()
            workers[0].hosts()
            workers[0].objects()
    finally:
        stop.set()
        thread.join(60)
    assert trapped
