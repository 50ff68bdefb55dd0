"""Ctrl-C at every single point of a call where Python may run a signal handler, one after the other."""

import dis
import itertools
import sys
from types import FrameType
from typing import Any

import pytest

from tests.integration.apart import run_apart
from tests.integration.lines_module import Line, Lines
from tests.integration.test_interrupts import Work, check, nesting_lines, use_native, works
from wasmbind import AbortError


class Interrupter:
    """A trace function that raises KeyboardInterrupt at one point of what it traces.

    CPython looks for signals when a Python function starts, after a call of something that is not one, and at the
    end of each round of a loop (`CHECK_EVAL_BREAKER` in `Python/ceval.c`).
    """

    def __init__(self, point: int) -> None:
        self.left = point
        self.where: str | None = None
        self._opcodes: dict[FrameType, str] = {}

    def __call__(self, frame: FrameType, event: str, _argument: object) -> Any:
        if event == "call":
            if frame.f_back is not None:
                self._opcodes[frame.f_back] = ""  # what comes back is no point: the caller calls Python
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            self._pass(frame)
        elif event == "opcode":
            before = self._opcodes.get(frame, "")
            self._opcodes[frame] = dis.opname[frame.f_code.co_code[frame.f_lasti]]
            if before.startswith(("CALL", "JUMP_BACKWARD")):
                self._pass(frame)
        elif event == "return":
            self._opcodes.pop(frame, None)
        return self

    def _pass(self, frame: FrameType) -> None:
        if self.left == 0 and self.where is None:
            self.where = f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"
            raise KeyboardInterrupt
        self.left -= 1


def new_subject() -> tuple[Lines, Line]:
    """An instance and an object of it."""
    lines = nesting_lines()
    line = lines[Line]("text")
    line.next = line
    return lines, line


def interrupt_everywhere(native: str, name: str) -> None:
    """Interrupt some work at its first point, its second, and so on, until it gets through."""
    use_native(native)
    problems: list[str] = []
    lines, line = new_subject()
    for point in itertools.count():
        if point % 50 == 49:  # aborts use up the shadow stack
            lines, line = new_subject()
        with lines.active():
            work = works(lines, line)[name]
            work()
            interrupter = Interrupter(point)
            outcome = interrupt(work, interrupter)
            if interrupter.where is None:
                break
            try:
                assert outcome == "KeyboardInterrupt" or native == "public", outcome
                with pytest.raises(AbortError):
                    lines.fail()
                if point % 10 == 0:
                    check(lines, line)
                assert lines.echo("x") == "x!"
            except BaseException as error:  # noqa: BLE001 - collected
                problems.append(f"point {point}, {interrupter.where}: {error!r}")
                lines, line = new_subject()
    if problems:
        sys.exit("\n".join(problems))


def interrupt(work: Work, interrupter: Interrupter) -> str:
    """What becomes of a call."""
    sys.settrace(interrupter)
    try:
        work()
    except KeyboardInterrupt:
        return "KeyboardInterrupt"
    except BaseException as error:  # noqa: BLE001 - to be shown
        return repr(error)
    finally:
        sys.settrace(None)
    return "the interrupt got lost"


@pytest.mark.parametrize("name", works(*new_subject()))
def test_every_point(name: str) -> None:
    """KeyboardInterrupt comes out from wherever it is raised; the instance stays whole and usable."""
    run_apart("test_interrupt_points", f"interrupt_everywhere('fast', {name!r})", watched=False)


def test_every_point_of_the_public_api() -> None:
    """The same where wasmtime-py's own code is interrupted: it may lose the exception, and must not crash."""
    run_apart("test_interrupt_points", "interrupt_everywhere('public', 'host')", silent=False, watched=False)


def interrupt_growth() -> None:
    """Interrupt a call that grows memory at every point; what lies beyond the old end must be read whole."""
    use_native("fast")
    long = "long" * 30_000
    for point in itertools.count():
        lines, line = new_subject()
        lines.echo("x" * 3_000)
        interrupter = Interrupter(point)
        interrupt(lambda: lines.echo(long), interrupter)  # noqa: B023 - called at once
        if interrupter.where is None:
            break
        try:
            for _ in range(4):
                assert lines.echo(long) == long + "!"
            line.s = long
            assert line.s == long
        except BaseException as error:
            error.add_note(f"point {point}, {interrupter.where}")
            raise


def test_every_point_of_growth() -> None:
    """An interrupt while memory grows or views of it are renewed leaves no view that ends too early."""
    run_apart("test_interrupt_points", "interrupt_growth()", watched=False)
