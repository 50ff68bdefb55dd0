"""Live arrays that somebody changes in the middle of everything.

At each point where Python may run a signal handler or a finaliser, the module is called, reallocates the elements,
collects, and writes over what it has freed.
"""

# mypy: disable-error-code="empty-body"

import contextlib
import dis
import functools
import itertools
import sys
import types
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from tests.compiling import compile_asc
from wasmbind import Array, AscClass, AscModule, StaticArray, f64, i32, string

SOURCE = """
export class Line { s: string; constructor(s: string) { this.s = s; } }
export function line(s: string): Line { return new Line(s); }
export function lines(n: i32): Line[] {
  const made = new Array<Line>();
  for (let i = 0; i < n; i++) made.push(new Line("line " + i.toString()));
  return made;
}
export function fixed(n: i32): StaticArray<Line> {
  const made = new StaticArray<Line>(n);
  for (let i = 0; i < n; i++) made[i] = new Line("line " + i.toString());
  return made;
}
export function numbers(n: i32): f64[] {
  const made = new Array<f64>();
  for (let i = 0; i < n; i++) made.push(i);
  return made;
}
export function join(a: Line[]): string { return a.map<string>((each) => each.s).join(","); }
export function joinFixed(a: StaticArray<Line>): string {
  let text = "";
  for (let i = 0; i < a.length; i++) text += (i ? "," : "") + a[i].s;
  return text;
}
export function joinNumbers(a: f64[]): string { return a.join(","); }
// Moves the elements, and puts something else where they lay.
export function grow(a: Line[]): void { for (let i = 0; i < 40; i++) a.push(new Line("grown")); }
export function growNumbers(a: f64[]): void { for (let i = 0; i < 40; i++) a.push(0.5); }
export function fill(): void {
  for (let i = 0; i < 60; i++) {
    const made = new StaticArray<u32>(8 + (i & 31));
    for (let j = 0; j < made.length; j++) made[j] = 0x12345678;
  }
}
"""


class Line(AscClass):
    s: string


class Disturbed(AscModule):
    def line(self, s: string) -> Line: ...
    def lines(self, n: i32) -> Array[Line]: ...
    def fixed(self, n: i32) -> StaticArray[Line]: ...
    def numbers(self, n: i32) -> Array[f64]: ...
    def join(self, a: Array[Line]) -> string: ...
    def joinFixed(self, a: StaticArray[Line]) -> string: ...
    def joinNumbers(self, a: Array[f64]) -> string: ...
    def grow(self, a: Array[Line]) -> None: ...
    def growNumbers(self, a: Array[f64]) -> None: ...
    def fill(self) -> None: ...


@pytest.fixture(scope="module", params=["stock", "schema"])
def found(request: pytest.FixtureRequest) -> Iterator[Disturbed]:
    """An instance of each build, shared by all tests."""
    wasm = compile_asc(SOURCE, transform=request.param == "schema")
    cls: type[Disturbed] = types.new_class("Built", (Disturbed,), {"wasm": wasm})
    with cls() as module:
        yield module


class Visitor:
    """A trace function that calls something once, at one point of what it traces; see test_interrupt_points.

    It stays away from where the running code stands still for signals: when that happens is the clock's choice, and the
    instance refuses to be called there.
    """

    def __init__(self, point: int, module: AscModule, visit: Callable[[], None]) -> None:
        self.left, self.visit, self.came = point, visit, False
        self._interruption = module.runtime.native.interruption
        self._opcodes: dict[FrameType, str] = {}

    def __call__(self, frame: FrameType, event: str, _argument: object) -> Any:
        if event == "call":
            if frame.f_back is not None:
                self._opcodes[frame.f_back] = ""
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            self._pass()
        elif event == "opcode":
            before = self._opcodes.get(frame, "")
            self._opcodes[frame] = dis.opname[frame.f_code.co_code[frame.f_lasti]]
            if before.startswith(("CALL", "JUMP_BACKWARD")):
                self._pass()
        elif event == "return":
            self._opcodes.pop(frame, None)
        return self

    def _pass(self) -> None:
        if self._interruption.answering:
            return
        if self.left == 0 and not self.came:
            self.came = True
            self.visit()
        self.left -= 1


def visited_everywhere(
    module: AscModule,
    make: Callable[[], Any],
    work: Callable[[Any], object],
    disturb: Callable[[Any], None],
    check: Callable[[Any], None],
) -> int:
    """Do some work again and again, disturbed at its first point, its second, and so on; the number of points."""
    for point in itertools.count():
        subject = make()
        visitor = Visitor(point, module, functools.partial(disturb, subject))
        sys.settrace(visitor)
        try:
            with contextlib.suppress(ValueError):  # modified during sort
                work(subject)
        finally:
            sys.settrace(None)
        if not visitor.came:
            return point
        check(subject)
    raise AssertionError


def text_of(element: Any) -> Any:
    """What an element is sorted by."""
    return getattr(element, "s", element)


def iterate(elements: Any) -> None:
    """Look at the first elements."""
    for _ in itertools.islice(elements, 3):
        pass


WORKS: dict[str, Callable[[Any, Any], object]] = {
    "get": lambda a, _: a[1],
    "get from the end": lambda a, _: a[-1],
    "set": lambda a, x: a.__setitem__(1, x),
    "set from the end": lambda a, x: a.__setitem__(-1, x),
    "slice": lambda a, _: a[1:3],
    "stepped slice": lambda a, _: a[::-2],
    "set slice": lambda a, x: a.__setitem__(slice(1, 3), [x, x, x]),
    "set stepped slice": lambda a, x: a.__setitem__(slice(0, 4, 2), [x, x]),
    "append": lambda a, x: a.append(x),
    "insert": lambda a, x: a.insert(1, x),
    "extend": lambda a, x: a.extend([x] * 9),
    "pop": lambda a, _: a.pop(),
    "pop first": lambda a, _: a.pop(0),
    "delete": lambda a, _: a.__delitem__(1),
    "delete slice": lambda a, _: a.__delitem__(slice(1, 3)),
    "delete stepped slice": lambda a, _: a.__delitem__(slice(0, 4, 2)),
    "reverse": lambda a, _: a.reverse(),
    "sort": lambda a, _: a.sort(key=text_of),
    "list": lambda a, _: a.tolist(),
    "iterate": lambda a, _: iterate(a),
}
FIXED = ["get", "get from the end", "set", "set from the end", "slice", "set stepped slice", "reverse", "sort", "list"]


@pytest.mark.parametrize("name", WORKS)
def test_objects(name: str, found: Disturbed) -> None:
    """Both sides see the same living objects afterwards, whatever happened meanwhile."""
    extra = found.line("extra")

    def disturb(lines: Any) -> None:
        lines[0] = found.line("fresh")
        found.grow(lines)
        found.runtime.collect()
        found.fill()

    def check(lines: Any) -> None:
        found.runtime.collect()
        found.fill()
        texts = [each.s for each in lines]
        assert found.join(lines) == ",".join(texts)
        assert {text.split()[0] for text in texts} <= {"line", "fresh", "grown", "extra"}

    points = visited_everywhere(found, lambda: found.lines(5), lambda lines: WORKS[name](lines, extra), disturb, check)
    assert points > 5


@pytest.mark.parametrize("name", WORKS)
def test_numbers(name: str, found: Disturbed) -> None:
    """Both sides see the same numbers afterwards."""

    def disturb(numbers: Any) -> None:
        found.growNumbers(numbers)
        found.runtime.collect()
        found.fill()

    def check(numbers: Any) -> None:
        assert found.joinNumbers(numbers) == ",".join(map(str, numbers))
        assert set(numbers) <= {0.0, 1.0, 2.0, 3.0, 4.0, 0.5, 9.0}

    points = visited_everywhere(
        found, lambda: found.numbers(5), lambda numbers: WORKS[name](numbers, 9.0), disturb, check
    )
    assert points > 0


@pytest.mark.parametrize("name", FIXED)
def test_fixed_objects(name: str, found: Disturbed) -> None:
    """A StaticArray stays where it is; what it refers to may go."""
    extra = found.line("extra")

    def disturb(lines: Any) -> None:
        lines[0] = found.line("fresh")
        found.runtime.collect()
        found.fill()

    def check(lines: Any) -> None:
        found.runtime.collect()
        found.fill()
        texts = [each.s for each in lines]
        assert found.joinFixed(lines) == ",".join(texts)
        assert {text.split()[0] for text in texts} <= {"line", "fresh", "extra"}

    points = visited_everywhere(found, lambda: found.fixed(5), lambda lines: WORKS[name](lines, extra), disturb, check)
    assert points > 5
