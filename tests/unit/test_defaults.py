"""The default imports by themselves; what modules make of them is tested in integration."""

import gc
import inspect
import logging
import math
import pickle
import re
import subprocess
import sys
import time
import weakref
from collections.abc import Iterator
from typing import Any, get_type_hints

import pytest

from tests.compiling import ROOT
from wasmbind import ExitError, LowerValueError, WasmbindError, _defaults
from wasmbind._annotations import is_live_type
from wasmbind._context import active_runtime
from wasmbind._defaults.number_text import number_text


class Instance:
    """Stands for the runtime of an instance, of which the console only wants the name."""

    def __init__(self, name: str) -> None:
        self.name = name


@pytest.fixture
def instance() -> Iterator[Instance]:
    """An instance that is the current one."""
    made = Instance("Files")
    token = active_runtime.set(made)  # type: ignore[arg-type]  # it stands for a runtime
    yield made
    active_runtime.reset(token)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged, from DEBUG on."""
    caplog.set_level(logging.DEBUG, "wasmbind.console")
    return caplog


def call(name: str, *arguments: object) -> Any:
    """Call a default of `env`."""
    function: Any = _defaults.find("env", name)
    return function(*arguments)


def lines(log: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Level and text of what was logged, once."""
    found = [(record.levelname, record.getMessage()) for record in log.records]
    log.clear()
    return found


def test_every_default_is_typed() -> None:
    """Each default is a number, or a function whose parameters and result all have AssemblyScript types."""
    found = {name: _defaults.find(*name) for name in _defaults.names()}
    assert len(found) > 80
    for name, value in found.items():
        if isinstance(value, float):
            continue
        assert inspect.isfunction(value), name
        hints = get_type_hints(value, include_extras=True)
        assert list(hints) == [*inspect.signature(value).parameters, "return"], name
        for hint in hints.values():
            known = hint in {bool, type(None)} or hasattr(hint, "__metadata__") or is_live_type(hint)
            assert known, (name, hint)


def test_names_of_each_module() -> None:
    """`env` has the dotted names of asc 0.20 and later, `Math` and `Date` those before, WASI nothing but its exit."""
    names = list(_defaults.names())
    assert names == sorted(set(names))
    modules = {module: [name for other, name in names if other == module] for module, _ in names}
    assert {module: len(found) for module, found in modules.items() if module != "env"} == {
        "Date": 2,
        "Math": 43,
        "wasi_snapshot_preview1": 1,
        "wasi_unstable": 1,
    }
    assert {f"Math.{name}" for name in modules["Math"]} < set(modules["env"])
    assert [name for name in modules["env"] if not name.startswith(("Math.", "console."))] == [
        "Date.UTC",
        "Date.now",
        "crypto.getRandomValuesN",
        "performance.now",
        "process.exit",
        "trace",
    ]


def test_the_page_names_them() -> None:
    """The documentation's table has every default, those of `Math` in one."""
    page = (ROOT / "docs" / "imports.md").read_text(encoding="utf-8")
    table = "".join(line for line in page.splitlines(keepends=True) if line.startswith("|"))
    names = {name for module, name in _defaults.names() if module == "env" and not name.startswith("Math.")}
    assert {name for name in names if f"{name.removesuffix('N')}`" not in table} == set()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("env", "sin"),
        ("env", "Math"),
        ("env", "Math."),
        ("env", ""),
        ("env", "proc_exit"),
        ("env", "abort"),
        ("env", "document.title"),
        ("Math", "Math.sin"),
        ("Math", "now"),
        ("Date", "sin"),
        ("console", "log"),
        ("wasi_snapshot_preview1", "trace"),
        ("wasi_snapshot_preview1", "fd_write"),
        ("index", "Math.sin"),
        ("", ""),
    ],
)
def test_what_has_no_default(module: str, name: str) -> None:
    """Names that only resemble those of asc's bindings have no default."""
    assert _defaults.find(module, name) is None


def test_nothing_is_loaded_before_it_is_needed() -> None:
    """Looking for one default loads its family alone, and what is no default loads nothing."""
    program = """
import sys
from wasmbind import _defaults
loaded = lambda: sorted(name for name in sys.modules if name.startswith("wasmbind._defaults."))
assert _defaults.find("host", "log") is _defaults.find("env", "log") is None
print(loaded(), "logging" in sys.modules)
_defaults.find("Math", "sin")
print(loaded())
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert result.stdout == "[] False\n['wasmbind._defaults.mathematics']\n"


@pytest.mark.usefixtures("instance")
def test_console_levels(log: pytest.LogCaptureFixture) -> None:
    """Each method of the console logs at the level that its name says, as it is, on one logger."""
    for name in ("debug", "log", "info", "warn", "error"):
        call(f"console.{name}", f"{name} %s %d {{}}")
    assert {(record.name, record.asc_module) for record in log.records} == {("wasmbind.console", "Files")}  # type: ignore[attr-defined]  # extra
    assert lines(log) == [
        ("DEBUG", "debug %s %d {}"),
        ("INFO", "log %s %d {}"),
        ("INFO", "info %s %d {}"),
        ("WARNING", "warn %s %d {}"),
        ("ERROR", "error %s %d {}"),
    ]
    call("console.assert", True, "fine")
    call("console.assert", False, "x > 0")
    call("console.assert", False, "")
    assert lines(log) == [("ERROR", "Assertion failed: x > 0"), ("ERROR", "Assertion failed")]


def test_console_is_silent_where_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    """A level that is switched off makes no record; a trace does not even write its numbers."""
    caplog.set_level(logging.ERROR, "wasmbind.console")
    call("console.warn", "x")
    call("trace", "x", 5, *"abcde")
    call("console.error", "y")
    assert [record.getMessage() for record in caplog.records] == ["y"]


def test_lone_surrogates_can_be_printed(log: pytest.LogCaptureFixture) -> None:
    """Half a surrogate pair becomes U+FFFD; whole ones, and everything else, stay."""
    call("console.log", "a\ud83d b \ude00 c \U0001f600 \u00e9 \x00")
    (text,) = [text for _, text in lines(log)]
    assert text == "a\ufffd b \ufffd c \U0001f600 \u00e9 \x00"


@pytest.mark.usefixtures("instance")
def test_timers(log: pytest.LogCaptureFixture) -> None:
    """A timer is started once, shown any number of times, and ended once; a wrong label is a warning."""
    call("console.time", "load")
    call("console.time", "load")
    assert lines(log) == [("WARNING", "Label 'load' already exists for console.time()")]
    before = time.perf_counter()
    call("console.timeLog", "load")
    call("console.timeEnd", "load")
    most = (time.perf_counter() - before) * 1000
    shown = lines(log)
    assert [level for level, _ in shown] == ["INFO", "INFO"]
    times = [float(re.fullmatch(r"load: (\d+\.\d{3})ms", text)[1]) for _, text in shown]  # type: ignore[index]  # it matches
    assert times == sorted(times)
    assert times[1] - times[0] <= most + 0.001
    call("console.timeEnd", "load")
    call("console.timeLog", "other")
    assert lines(log) == [
        ("WARNING", "No such label 'load' for console.timeEnd()"),
        ("WARNING", "No such label 'other' for console.timeLog()"),
    ]


def test_timers_belong_to_an_instance(log: pytest.LogCaptureFixture) -> None:
    """Two instances, and calls of none, have timers of their own, which go with the instance."""

    def in_instance(current: Instance | None, name: str) -> list[str]:
        token = active_runtime.set(current)  # type: ignore[arg-type]  # it stands for a runtime
        call(name, "t")
        active_runtime.reset(token)
        return [level for level, _ in lines(log)]

    first, second = Instance("a"), Instance("b")
    for current in (first, second, None):
        assert in_instance(current, "console.time") == []
    del current
    assert in_instance(first, "console.timeEnd") == ["INFO"]
    assert in_instance(first, "console.timeEnd") == ["WARNING"]
    assert in_instance(second, "console.timeEnd") == in_instance(None, "console.timeEnd") == ["INFO"]
    in_instance(first, "console.time")
    died = weakref.ref(first)
    del first
    gc.collect()
    assert died() is None


@pytest.mark.usefixtures("instance")
def test_timers_are_limited(log: pytest.LogCaptureFixture) -> None:
    """A module cannot fill Python's memory with timers, and is told; those it has still work."""
    for index in range(1002):
        call("console.time", f"{index} {'x' * 5000}")
    assert lines(log) == [("WARNING", "More than 1000 timers for console.time()")] * 2
    call("console.timeEnd", f"0 {'x' * 5000}")
    ((level, text),) = lines(log)
    assert level == "INFO"
    assert len(text) < 1100
    call("console.time", "again")
    assert lines(log) == []


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "t"), (2, "t 1 -0.5"), (5, "t 1 -0.5 NaN 1e+21 -0"), (9, "t 1 -0.5 NaN 1e+21 -0"), (-2, "t 1 -0.5 NaN")],
)
def test_trace(log: pytest.LogCaptureFixture, count: int, text: str) -> None:
    """As many numbers as the count says follow the text; a nonsensical count means what it does in JavaScript."""
    call("trace", "t", count, 1.0, -0.5, math.nan, 1e21, -0.0)
    assert lines(log) == [("DEBUG", text)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (100.0, "100"),
        (123456789012345680000.0, "123456789012345680000"),
        (1.5e300, "1.5e+300"),
        (0.000001, "0.000001"),
        (0.0000012, "0.0000012"),
        (1e-7, "1e-7"),
        (-1.25e-7, "-1.25e-7"),
        (-math.inf, "-Infinity"),
    ],
)
def test_number_texts(value: float, text: str) -> None:
    """Numbers look as in JavaScript; all others are compared with Node.js."""
    assert number_text(value) == text


def test_clocks() -> None:
    """`Date.now` has whole milliseconds since 1970; `performance.now` goes on without end, in fractions."""
    before = math.floor(time.time() * 1000)
    now = call("Date.now")
    assert now.is_integer()
    assert before <= now <= time.time() * 1000
    marks = [call("performance.now") for _ in range(1000)]
    assert marks == sorted(marks)
    assert marks[0] >= 0
    assert any(not mark.is_integer() for mark in marks)
    started = time.perf_counter()
    first, _, last = call("performance.now"), sum(range(100_000)), call("performance.now")
    assert 0 < last - first <= (time.perf_counter() - started) * 1000


def test_random() -> None:
    """Random numbers lie in [0, 1), are of 53 bits and do not repeat; bytes are as many as asked for."""
    numbers = [call("Math.random") for _ in range(2000)]
    assert all(0 <= number < 1 and (number * 2**53).is_integer() for number in numbers)
    assert len(set(numbers)) == 2000
    assert 0.4 < sum(numbers) / 2000 < 0.6
    assert any((number * 2**53) % 2 for number in numbers)
    assert [len(call("crypto.getRandomValuesN", count)) for count in (0, 1, 65_536)] == [0, 1, 65_536]
    assert call("crypto.getRandomValuesN", 16) != call("crypto.getRandomValuesN", 16)


@pytest.mark.parametrize("count", [65_537, 0xFFFF_FFFF])
def test_too_many_random_bytes(count: int) -> None:
    """More random bytes than JavaScript gives are refused before any are made."""
    with pytest.raises(LowerValueError, match="at most 65536 bytes at once"):
        call("crypto.getRandomValuesN", count)


@pytest.mark.parametrize("status", [0, 3, -1, 255])
def test_exit(status: int) -> None:
    """Ending the process is an error of the call, with the status, that is not Python's SystemExit."""
    with pytest.raises(ExitError, match=rf"process\.exit\({status}\)") as caught:
        call("process.exit", status)
    assert (caught.value.status, caught.value.function) == (status, "process.exit")
    assert isinstance(caught.value, (WasmbindError, RuntimeError))
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert (type(copy), str(copy), copy.status) == (ExitError, str(caught.value), status)
