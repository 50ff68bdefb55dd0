"""Fields while other threads are inside the instance: everybody gets a turn."""

# mypy: disable-error-code="empty-body"

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.lazy_binary import LazyBinary
from wasmbind import AscClass, AscModule, i32, string

SOURCE = """
export class Line {
  n: i32 = 0;
  next: Line | null = null;
  constructor(public text: string) {}
}
export function line(text: string): Line { return new Line(text); }
"""
ROUNDS = 1_000
#: Far more than the rounds take, and an end to threads that wait for each other.
PATIENCE = 60.0


class Line(AscClass):
    n: i32
    next: "Line | None"
    text: string

    def __init__(self, text: string) -> None: ...


class Lines(AscModule, wasm=LazyBinary("lines", SOURCE, transform=True)):
    def line(self, text: string) -> Line: ...


USES: dict[str, Callable[[Line], Any]] = {
    "read a string": lambda line: line.text,
    "read an object": lambda line: line.next,
    "write a number": lambda line: setattr(line, "n", 1),
    "write an object": lambda line: setattr(line, "next", line),
    "show": repr,
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_threads_that_wait_for_a_field_go_on(use: Callable[[Line], Any]) -> None:
    """Threads that use a field while others call do not hand their turn around for ever."""
    module = Lines()
    shared = module[Line]("shared")
    finished: list[int] = []

    def work(number: int) -> None:
        for _ in range(ROUNDS):
            use(shared)
            assert module.line("own").text == "own"
        finished.append(number)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(finished) == [0, 1, 2]
