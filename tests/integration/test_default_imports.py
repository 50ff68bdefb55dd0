"""Modules that import what asc's own bindings supply run without being given anything."""

# mypy: disable-error-code="empty-body"

import logging
import math
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import wasmtime

from tests.compiling import Compiler, compile_asc, find_node
from tests.integration.test_interrupts import use_native
from wasmbind import AscModule, BindError, ExitError, LowerValueError, _natives, f32, f64, i32, i64, string, u64

SOURCE = """
export function say(text: string): void {
  console.log(text); console.debug(text); console.info(text); console.warn(text); console.error(text);
  console.assert(text.length > 0, "text is empty");
}
export function clock(label: string): void { console.time(label); console.timeLog(label); console.timeEnd(label); }
export function end(label: string): void { console.timeEnd(label); }
export function begin(label: string): void { console.time(label); }
export function traced(text: string, count: i32): void { trace(text, count, 1, -0.5, NaN, 1e21, 123456.75); }
export function today(): i64 { return Date.now(); }
export function hrtime(): u64 { return process.hrtime(); }
export function now(): f64 { return performance.now(); }
export function exit(status: i32): void { process.exit(status); }
export function variables(): i32 { return process.env.size; }
export function filled(size: i32): i32 {
  const values = new Uint8Array(size);
  crypto.getRandomValues(values);
  let ones = 0;
  for (let i = 0; i < size; i++) ones += popcnt<i32>(values[i]);
  return ones;
}
export function chance(): f64 { return Math.random(); }
export function add(a: i32, b: i32): i32 { return a + b; }
let told = "";
export function tell(): string { return told; }
console.log("started");
told = "told";
"""
JS_MATH = """
export function sine(x: f64): f64 { return Math.sin(x); }
export function power(x: f64, y: f64): f64 { return Math.pow(x, y); }
export function rounded(x: f64): f64 { return Math.round(x); }
export function single(x: f64): f32 { return Math.fround(x); }
export function zeros(x: f64): f64 { return Math.clz32(x); }
export function chance(): f64 { return Math.random(); }
"""


class Everything(AscModule, wasm=compile_asc(SOURCE)):
    def say(self, text: string) -> None: ...
    def clock(self, label: string) -> None: ...
    def begin(self, label: string) -> None: ...
    def end(self, label: string) -> None: ...
    def traced(self, text: string, count: i32) -> None: ...
    def today(self) -> i64: ...
    def hrtime(self) -> u64: ...
    def now(self) -> f64: ...
    def exit(self, status: i32) -> None: ...
    def variables(self) -> i32: ...
    def filled(self, size: i32) -> i32: ...
    def chance(self) -> f64: ...
    def add(self, a: i32, b: i32) -> i32: ...
    def tell(self) -> string: ...


class Typed(Everything, wasm=compile_asc(SOURCE, transform=True)):
    """The same with a schema."""


@pytest.fixture(autouse=True, params=["fast", "public"])
def _native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test both ways into wasmtime."""
    monkeypatch.setattr(_natives, "_native_class", None)
    use_native(request.param)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged, from DEBUG on."""
    caplog.set_level(logging.DEBUG, "wasmbind.console")
    return caplog


@pytest.fixture(params=[Everything, Typed])
def module(request: pytest.FixtureRequest, log: pytest.LogCaptureFixture) -> Everything:
    """A module without and one with a schema; both log something when they start."""
    made: Everything = request.param()
    assert lines(log) == [("INFO", "started")]
    return made


def lines(log: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Level and text of what was logged, once."""
    found = [(record.levelname, record.getMessage()) for record in log.records if record.name == "wasmbind.console"]
    log.clear()
    return found


def test_console(module: Everything, log: pytest.LogCaptureFixture) -> None:
    """What AssemblyScript writes to the console arrives on the logger, with level and instance."""
    text = "h\u00e9llo \U0001f600 %s"
    module.say(text)
    assert {record.asc_module for record in log.records} == {type(module).__name__}  # type: ignore[attr-defined]  # extra
    assert lines(log) == [(level, text) for level in ("INFO", "DEBUG", "INFO", "WARNING", "ERROR")]
    module.say("")
    assert lines(log)[-1] == ("ERROR", "Assertion failed: text is empty")
    assert module.tell() == "told"


def test_timers_are_the_instances(module: Everything, log: pytest.LogCaptureFixture) -> None:
    """Two instances of one module may use the same labels."""
    module.clock("load")
    assert [(level, text.partition(":")[0]) for level, text in lines(log)] == [("INFO", "load")] * 2
    other = type(module)()
    log.clear()
    module.begin("load")
    other.begin("load")
    assert lines(log) == []
    other.end("load")
    other.end("load")
    module.end("load")
    assert [level for level, _ in lines(log)] == ["INFO", "WARNING", "INFO"]


def test_trace_is_written_as_by_the_bindings(module: Everything, log: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """A trace has the text that asc's JavaScript bindings write for it."""
    source = 'export function traced(count: i32): void { trace("t", count, 1, -0.5, NaN, 1e21, 123456.75); }'
    wasm = compile_asc(source, "--bindings", "esm")
    script = tmp_path / "run.mjs"
    calls = "for (let count = 0; count < 6; count++) traced(count);"
    script.write_text(f'import {{ traced }} from "{wasm.with_suffix(".js").as_uri()}"; {calls}', encoding="utf-8")
    result = subprocess.run([find_node(), script], capture_output=True, encoding="utf-8", check=True)
    for count in range(6):
        module.traced("t", count)
    assert lines(log) == [("DEBUG", text) for text in result.stdout.splitlines()]
    assert "1e+21 123456.75" in result.stdout


def test_clocks(module: Everything) -> None:
    """`Date.now`, `performance.now` and `process.hrtime` are those of the host."""
    before = time.time_ns() // 1_000_000
    assert before <= module.today() <= time.time_ns() // 1_000_000
    marks = [module.now() for _ in range(100)]
    assert marks == sorted(marks)
    assert module.hrtime() >= int(marks[-1] * 1_000_000)


def test_exit_ends_the_call(module: Everything) -> None:
    """`process.exit` is a typed error with the status, and the instance goes on."""
    for status in (0, 3, -1, 2**31 - 1) * 50:
        with pytest.raises(ExitError) as caught:
            module.exit(status)
        assert caught.value.status == status
    assert module.add(2, 3) == 5
    assert module.variables() == 0


def test_random_bytes(module: Everything) -> None:
    """`crypto.getRandomValues` fills the array, and refuses to make more than JavaScript would."""
    assert module.filled(0) == 0
    ones = module.filled(65_536)
    assert abs(ones - 4 * 65_536) < 4_000
    assert len({module.filled(65_536) for _ in range(9)}) > 1
    with pytest.raises(LowerValueError, match="at most 65536 bytes at once"):
        module.filled(65_537)
    for _ in range(200):  # as garbage, 13 MB
        assert module.filled(65_536) > 250_000
    assert 0 <= module.chance() < 1


@pytest.mark.parametrize("compiler", ["modern", "oldest", "classic"])
def test_javascripts_math(compiler: Compiler) -> None:
    """A module compiled to use the host's `Math` gets Python's, whatever module its compiler imports it from."""

    class Mathematics(AscModule, wasm=compile_asc(JS_MATH, "--use", "Math=JSMath", compiler=compiler)):
        def sine(self, x: f64) -> f64: ...
        def power(self, x: f64, y: f64) -> f64: ...
        def rounded(self, x: f64) -> f64: ...
        def single(self, x: f64) -> f32: ...
        def zeros(self, x: f64) -> f64: ...
        def chance(self) -> f64: ...

    mathematics = Mathematics()
    assert mathematics.sine(1.0) == math.sin(1.0)
    assert math.isnan(mathematics.sine(math.inf))
    assert math.isnan(mathematics.power(1.0, math.inf))
    assert mathematics.power(2.0, 10_000.0) == math.inf
    assert math.copysign(1.0, mathematics.rounded(-0.5)) == -1.0
    assert mathematics.rounded(2.5) == 3.0
    assert mathematics.single(0.1) == 0.10000000149011612
    assert mathematics.single(1e300) == math.inf
    assert mathematics.zeros(1.0) == 31.0
    assert 0 <= mathematics.chance() < 1


@pytest.mark.parametrize("compiler", ["modern", "oldest"])
def test_bindings_of_the_dom(compiler: Compiler) -> None:
    """Constants and functions that are named through `bindings/dom` are there; the page is not."""
    source = """
import { Math as Host } from "bindings/dom";
export function area(radius: f64): f64 { return Host.PI * Host.pow(radius, 2) + Host.E * 0; }
"""

    class Circles(AscModule, wasm=compile_asc(source, compiler=compiler)):
        def area(self, radius: f64) -> f64: ...

    assert Circles().area(2.0) == 4 * math.pi
    page = 'import { document } from "bindings/dom"; export function f(): void { document.hasFocus(); }\n'

    class Page(AscModule, wasm=compile_asc(page, compiler=compiler)):
        def f(self) -> None: ...

    with pytest.raises(BindError, match=r"Page import env\.document\.hasFocus"):
        Page()


def test_defaults_can_be_replaced(log: pytest.LogCaptureFixture) -> None:
    """What the user gives wins over the default of the same name, and the others stay."""
    seen: list[object] = []

    def log_(text: string) -> None:
        seen.append(text)

    def exit_(code: i32) -> None:
        seen.append(code)

    given: dict[str, Callable[..., object]] = {
        "console.log": log_,
        "process.exit": exit_,
        "Date.now": lambda: 86.4e6,
    }
    module = Everything(imports={"env": given})
    module.say("x")
    module.exit(4)
    assert seen == ["started", "x", 4]
    assert module.today() == 86_400_000
    assert lines(log) == [("DEBUG", "x"), ("INFO", "x"), ("WARNING", "x"), ("ERROR", "x")]


def test_an_import_of_another_type_is_no_default() -> None:
    """Who imports a name of the bindings with a type of their own is told, and can give a function for it."""
    source = """
@external("env", "console.log") declare function log(value: f64, more: f64): void;
export function f(): void { log(1, 2); }
"""

    class Own(AscModule, wasm=compile_asc(source)):
        def f(self) -> None: ...

    with pytest.raises(BindError, match=r"pass imports=\{'env': \{'console\.log': \.\.\.\}\} to Own\(\)"):
        Own()
    seen: list[tuple[float, float]] = []
    Own(imports={"env": {"console.log": lambda *values: seen.append(values)}}).f()
    assert seen == [(1.0, 2.0)]


def test_hostile_texts_are_errors_of_the_call(log: pytest.LogCaptureFixture) -> None:
    """A module that logs no string at all gets an error out of its call, and nothing is logged."""
    source = """
@external("env", "console.log") declare function log(text: usize): void;
export function f(text: usize): void { log(text); }
export function text(): string { return "sound"; }
"""

    class Hostile(AscModule, wasm=compile_asc(source)):
        def f(self, text: i32) -> None: ...
        def text(self) -> string: ...

    hostile = Hostile()
    for ptr in (0, 1, 8, 65_535, -1, -16, 2**31 - 1):
        with pytest.raises(ValueError, match=r"console\.log"):
            hostile.f(ptr)
    assert lines(log) == []
    assert hostile.text() == "sound"


@pytest.mark.parametrize(
    "wanted",
    [
        '(import "env" "Math.PI" (global i32))',
        '(import "env" "Math.PI" (func (result f64)))',
        '(import "env" "Math.sin" (global f64))',
        '(import "env" "Math.sin" (func (param f32) (result f64)))',
        '(import "env" "Date.now" (func (result i64)))',
        '(import "env" "trace" (func (param i32)))',
        '(import "wasi_snapshot_preview1" "proc_exit" (func (param i64)))',
        '(import "wasi_snapshot_preview1" "fd_write" (func (param i32) (result i32)))',
        '(import "wasi_snapshot_preview1" "fd_nothing" (func (param i32) (result i32)))',
        '(import "wasi_unstable" "fd_write" (func (param i32 i32 i32 i32) (result i32)))',
        '(import "env" "process.argv" (global i32))',
    ],
)
def test_what_fits_no_default_is_unprovided(wanted: str) -> None:
    """An import that has the name of a default and not its type is named as one that nobody provides."""
    binary = wasmtime.wat2wasm(f'(module {wanted} (memory (export "memory") 1))')

    class Odd(AscModule, wasm=bytes(binary)):
        pass

    _, module, _, name, *_ = wanted.split('"')
    with pytest.raises(BindError, match=rf"Odd import {module}\.{re.escape(name)}: declared nothing that provides it"):
        Odd()


@pytest.mark.parametrize("type_", ["f64", "f32"])
def test_constants(type_: str) -> None:
    """A constant of `Math` is a global of either width."""
    source = f"""(module (import "Math" "LN2" (global $g {type_})) (memory (export "memory") 1)
      (func (export "ln2") (result {type_}) global.get $g))"""

    class Single(AscModule, wasm=bytes(wasmtime.wat2wasm(source))):
        if type_ == "f32":

            def ln2(self) -> f32: ...
        else:

            def ln2(self) -> f64: ...

    assert Single().ln2() == (math.log(2) if type_ == "f64" else 0.6931471824645996)


@pytest.mark.parametrize("compiler", ["modern", "oldest"])
@pytest.mark.parametrize("transform", [False, True])
def test_references_for_modules_of_numbers(compiler: Compiler, *, transform: bool) -> None:
    """A default may return an object to a module that declares numbers only, and to code that starts one."""
    source = """
const salt = new Uint8Array(32);
crypto.getRandomValues(salt);
export function byte(index: i32): i32 { return salt[index]; }
export function fresh(): i32 {
  crypto.getRandomValues(salt);
  let ones = 0;
  for (let i = 0; i < 32; i++) ones += popcnt<i32>(salt[i]);
  return ones;
}
"""

    class Salt(AscModule, wasm=compile_asc(source, compiler=compiler, transform=transform)):
        def byte(self, index: i32) -> i32: ...
        def fresh(self) -> i32: ...

    salts = [[salt.byte(index) for index in range(32)] for salt in (Salt(), Salt())]
    assert salts[0] != salts[1]
    assert all(len(set(each)) > 10 for each in salts)
    salt = Salt()
    assert len({salt.fresh() for _ in range(2000)}) > 20
