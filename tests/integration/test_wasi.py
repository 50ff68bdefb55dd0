"""WASI preview 1: what a module gets when nothing is granted, and when something is."""

# mypy: disable-error-code="empty-body"

import gc
import itertools
import os
import subprocess
import sys
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from tests.compiling import Compiler, compile_asc
from tests.integration.test_interrupts import use_native
from wasmbind import (
    AscModule,
    BindError,
    ExitError,
    LowerTypeError,
    LowerValueError,
    TrapError,
    WasmbindError,
    _natives,
    engine,
    i32,
    i64,
    string,
)
from wasmbind._schema.model import FunctionType, GlobalType, Import
from wasmbind._wasi import WASI_MODULE, wasi_externs

#: `import "wasi"` exists up to asc 0.20: it makes `abort` and `trace` WASI's as well.
PROGRAM = """
import "wasi";
export function say(text: string): void { console.log(text); }
export function complain(text: string): void { process.stderr.write(text); }
export function read(): i32 { return process.stdin.read(new ArrayBuffer(16)); }
export function argument(index: i32): string { return process.argv[index]; }
export function count(): i32 { return process.argv.length; }
export function variable(name: string): string { return process.env.has(name) ? process.env.get(name) : "<none>"; }
export function variables(): i32 { return process.env.size; }
export function exit(status: i32): void { process.exit(status); }
export function fail(text: string): void { throw new Error(text); }
export function hrtime(): i64 { return process.hrtime(); }
export function random(size: i32): i32 {
  const values = new Uint8Array(size);
  crypto.getRandomValues(values);
  let ones = 0;
  for (let i = 0; i < size; i++) ones += popcnt<i32>(values[i]);
  return ones;
}
"""
ERRNO_BADF, ERRNO_NOTCAPABLE, ERRNO_NOTSUP = 8, 76, 58
SECOND = 1_000_000_000


class Program(AscModule, wasm=compile_asc(PROGRAM, compiler="classic")):
    def say(self, text: string) -> None: ...
    def complain(self, text: string) -> None: ...
    def read(self) -> i32: ...
    def argument(self, index: i32) -> string: ...
    def count(self) -> i32: ...
    def variable(self, name: string) -> string: ...
    def variables(self) -> i32: ...
    def exit(self, status: i32) -> None: ...
    def fail(self, text: string) -> None: ...
    def hrtime(self) -> i64: ...
    def random(self, size: i32) -> i32: ...


class Oldest(Program, wasm=compile_asc(PROGRAM, compiler="oldest")):
    """The same of asc 0.20, the last that has WASI in its library."""


CALLS = f"""(module
  (import "{WASI_MODULE}" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "{WASI_MODULE}" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "{WASI_MODULE}" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "{WASI_MODULE}" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "{WASI_MODULE}" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "/etc/passwd")
  (func (export "write") (param i32 i32 i32 i32) (result i32)
    (call $write (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "prestat") (param i32) (result i32) (call $prestat (local.get 0) (i32.const 0)))
  (func (export "open") (param i32) (result i32)
    (call $open (local.get 0) (i32.const 0) (i32.const 64) (i32.const 11) (i32.const 0) (i64.const 2) (i64.const 2)
      (i32.const 0) (i32.const 0)))
  (func (export "random") (param i32 i32) (result i32) (call $random (local.get 0) (local.get 1)))
  (func (export "wait") (param i64) (result i32)
    (i64.store (i32.const 256) (i64.const 7))
    (i32.store (i32.const 272) (i32.const 1))
    (i64.store (i32.const 280) (local.get 0))
    (call $poll (i32.const 256) (i32.const 512) (i32.const 1) (i32.const 8))))"""


class Calls(AscModule, wasm=bytes(wasmtime.wat2wasm(CALLS))):
    """Functions of WASI as they are, which return an error number."""

    def write(self, descriptor: i32, parts: i32, count: i32, written: i32) -> i32: ...
    def prestat(self, descriptor: i32) -> i32: ...
    def open(self, folder: i32) -> i32: ...
    def random(self, ptr: i32, size: i32) -> i32: ...
    def wait(self, nanoseconds: i64) -> i32: ...


@pytest.fixture(autouse=True, params=["fast", "public"])
def _native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test both ways into wasmtime."""
    monkeypatch.setattr(_natives, "_native_class", None)
    use_native(request.param)


@pytest.mark.parametrize("program", [Program, Oldest])
def test_nothing_is_granted(program: type[Program], capfd: pytest.CaptureFixture[str]) -> None:
    """A module finds no arguments, no environment, no input, and writes into nothing."""
    made = program()
    assert (made.count(), made.variables(), made.read()) == (0, 0, 0)
    assert made.variable("PATH") == "<none>"
    made.say("to standard output")
    made.complain("to standard error")
    assert capfd.readouterr() == ("", "")


def test_no_files_and_no_waiting() -> None:
    """No folder is open, so no file can be opened, and a wait returns at once, so that nobody hangs in it."""
    calls = Calls()
    assert [calls.prestat(descriptor) for descriptor in range(3, 8)] == [ERRNO_BADF] * 5
    assert {calls.open(descriptor) for descriptor in range(8)} <= {ERRNO_BADF, ERRNO_NOTCAPABLE, 54}
    before = time.monotonic()
    assert calls.wait(60 * SECOND) == ERRNO_NOTSUP
    assert time.monotonic() - before < 30


def test_a_configuration_may_wait() -> None:
    """Who grants something grants waiting as well."""
    calls = Calls(wasi=wasmtime.WasiConfig())
    before = time.monotonic_ns()
    assert calls.wait(SECOND // 100) == 0
    assert time.monotonic_ns() - before >= SECOND // 100


@pytest.mark.parametrize("program", [Program, Oldest])
def test_what_is_granted(program: type[Program], tmp_path: Path) -> None:
    """Arguments, environment and streams of the configuration are what the module sees."""
    config = wasmtime.WasiConfig()
    config.argv = ["program", "--fast"]
    config.env = [["HOME", "/nowhere"]]
    config.stdout_file = str(tmp_path / "out")
    config.stderr_file = str(tmp_path / "err")
    (tmp_path / "in").write_bytes(b"twelve bytes")
    config.stdin_file = tmp_path / "in"
    made = program(wasi=config)
    assert made.count() == 2
    assert made.argument(1).startswith("--fast")
    assert (made.variables(), made.variable("HOME")[:8]) == (1, "/nowhere")
    assert (made.read(), made.read()) == (12, 0)
    made.say("h\u00e9llo")
    made.complain("oh")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "h\u00e9llo\n"
    assert (tmp_path / "err").read_text(encoding="utf-8") == "oh"


def test_streams_of_the_process() -> None:
    """Standard streams can be inherited."""
    source = f"""
import wasmtime
from tests.integration.test_wasi import Program
config = wasmtime.WasiConfig()
config.inherit_stdout()
config.inherit_stdin()
made = Program(wasi=config)
made.say(str(made.read()))
made.complain("lost")
assert {os.getpid()} != 0
"""
    run = subprocess.run([sys.executable, "-c", source], input="abc", capture_output=True, encoding="utf-8", check=True)
    assert (run.stdout, run.stderr) == ("3\n", "")


def test_clocks_and_random_bytes_need_no_grant() -> None:
    """Time and chance are there for everybody."""
    program = Program()
    first, second = program.hrtime(), program.hrtime()
    assert 0 < first <= second
    assert abs(program.random(10_000) - 40_000) < 2_000


@pytest.mark.parametrize("program", [Program, Oldest])
@pytest.mark.parametrize("status", [0, 1, 3, 125, 126, 255, 70_000])
def test_exit_ends_the_call(program: type[Program], status: int) -> None:
    """`proc_exit` is a typed error with any status, wasmtime takes few, and the instance goes on."""
    made = program()
    for _ in range(20):
        with pytest.raises(ExitError, match=rf"proc_exit\({status}\)") as caught:
            made.exit(status)
        assert (caught.value.status, caught.value.function) == (status, "proc_exit")
    assert made.variables() == 0


@pytest.mark.parametrize("program", [Program, Oldest])
def test_an_abort_exits(program: type[Program], tmp_path: Path) -> None:
    """With `import "wasi"` an abort writes to standard error and exits with 255, which the instance survives."""
    config = wasmtime.WasiConfig()
    config.stderr_file = str(tmp_path / "err")
    made = program(wasi=config)
    with pytest.raises(ExitError) as caught:
        made.fail("too bad")
    assert caught.value.status == 255
    assert (tmp_path / "err").read_text(encoding="utf-8").startswith("abort: too bad in inline.ts(")
    assert made.variables() == 0


def test_exit_while_starting() -> None:
    """A module that exits when it is started raises out of its constructor, and leaves nothing behind."""
    source = f"""(module (import "{WASI_MODULE}" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1) (func $start (call $exit (i32.const 7))) {{start}})"""

    class Section(AscModule, wasm=bytes(wasmtime.wat2wasm(source.format(start="(start $start)")))):
        pass

    class Exported(AscModule, wasm=bytes(wasmtime.wat2wasm(source.format(start='(export "_start" (func $start))')))):
        pass

    for module in (Section, Exported):
        with pytest.raises(ExitError) as caught:
            module()
        assert caught.value.status == 7


def test_a_configuration_serves_one_instance() -> None:
    """Wasmtime uses a configuration up; that it cannot be used again is said, not wasmtime's 'already closed'."""
    config = wasmtime.WasiConfig()
    Calls(wasi=config)
    with pytest.raises(LowerValueError, match="serves one instance: make another"):
        Calls(wasi=config)


@pytest.mark.parametrize("wrong", [wasmtime.WasiConfig, {"env": []}, True, "inherit"])
def test_no_configuration(wrong: Any) -> None:
    """What is no configuration is refused, with what is."""
    with pytest.raises(LowerTypeError, match=r"a wasmtime\.WasiConfig says what is granted"):
        Calls(wasi=wrong)


def test_functions_can_be_replaced() -> None:
    """What the user gives for a function of WASI wins; the others stay wasmtime's."""
    seen: list[tuple[int, ...]] = []

    def write(*values: int) -> int:
        seen.append(values)
        return 0

    calls = Calls(imports={WASI_MODULE: {"fd_write": write}})
    assert calls.write(1, 16, 0, 8) == 0
    assert seen == [(1, 16, 0, 8)]
    assert calls.random(0, 8) == 0


@pytest.mark.parametrize(
    "name", ["fd_writes", "", "memory", "proc_exits", "wasi_snapshot_preview1", "sock_connect", "\U0001f600"]
)
def test_unknown_functions_are_named(name: str) -> None:
    """An import that WASI does not have is in the `BindError`, with all that are provided left out."""
    binary = wasmtime.wat2wasm(f"""(module
      (import "{WASI_MODULE}" "{name}" (func (param i32) (result i32)))
      (import "{WASI_MODULE}" "fd_close" (func (param i32) (result i32))) (memory (export "memory") 1))""")

    class Unknown(AscModule, wasm=bytes(binary)):
        pass

    with pytest.raises(BindError) as caught:
        Unknown()
    assert [mismatch.who for mismatch in caught.value.mismatches] == [f"Unknown import {WASI_MODULE}.{name}"]


def test_nonsense_addresses() -> None:
    """A module that hands WASI addresses outside of its memory gets an error number or a trap; Python goes on."""
    outcomes: set[bool | str] = set()
    for parts, count, written in itertools.product((0, 65_532, 65_536, -1, -8), (0, 1, -1), (0, 65_533, -4)):
        calls = Calls()
        try:
            outcomes.add(calls.write(1, parts, count, written) >= 0)
            outcomes.add(calls.random(parts, count) >= 0)
        except (TrapError, WasmbindError) as error:
            outcomes.add(type(error).__name__)
    assert True in outcomes
    assert outcomes <= {True, "TrapError"}
    assert Calls().random(0, 16) == 0


def test_without_a_memory() -> None:
    """A module that exports no memory, which WASI needs, gets a trap out of its call."""
    binary = wasmtime.wat2wasm(f"""(module
      (import "{WASI_MODULE}" "random_get" (func $random (param i32 i32) (result i32)))
      (func (export "random") (result i32) (call $random (i32.const 0) (i32.const 8))))""")

    class Bare(AscModule, wasm=bytes(binary)):
        def random(self) -> i32: ...

    with pytest.raises(WasmbindError):
        Bare().random()


def test_stores_are_freed() -> None:
    """An instance with WASI is gone when nobody uses it; nothing of it stays with the engine."""
    calls = [Calls() for _ in range(5)] + [Calls(wasi=wasmtime.WasiConfig()) for _ in range(5)]
    runtimes: list[weakref.ref[Any]] = [weakref.ref(each.runtime) for each in calls]
    stores: list[weakref.ref[Any]] = [weakref.ref(each.runtime.native.store) for each in calls]
    assert all(each.random(0, 8) == 0 for each in calls)
    calls.clear()
    gc.collect()
    assert [known() for known in runtimes + stores] == [None] * 20


@pytest.mark.parametrize("compiler", ["modern", "classic"])
def test_declared_functions(compiler: Compiler) -> None:
    """A module of any compiler may declare functions of WASI, as shims for asc 0.21 and later do."""
    source = f"""
@external("{WASI_MODULE}", "args_sizes_get") declare function args(count: usize, size: usize): i32;
@external("{WASI_MODULE}", "proc_exit") declare function exit(status: u32): void;
const cells = memory.data(8);
export function count(): i32 {{ return args(cells, cells + 4) ? -1 : load<i32>(cells); }}
export function leave(): void {{ exit(-1); }}
"""

    class Shimmed(AscModule, wasm=compile_asc(source, compiler=compiler)):
        def count(self) -> i32: ...
        def leave(self) -> None: ...

    assert Shimmed().count() == 0
    config = wasmtime.WasiConfig()
    config.argv = ["a", "b", "c"]
    shimmed = Shimmed(wasi=config)
    assert shimmed.count() == 3
    with pytest.raises(ExitError) as caught:
        shimmed.leave()
    assert caught.value.status == 0xFFFF_FFFF


def test_only_what_is_wanted() -> None:
    """Functions are given by name and type; what is none of WASI's is left to others, and no context is made then."""
    i32_ = ("i32",)
    good = Import(WASI_MODULE, "fd_close", FunctionType(i32_, i32_))  # type: ignore[arg-type]  # i32 is one
    others = [
        Import(WASI_MODULE, "fd_close", FunctionType((), ())),
        Import(WASI_MODULE, "fd_close", GlobalType("i32", mutable=False)),
        Import(WASI_MODULE, "proc_exit", FunctionType(i32_, ())),  # type: ignore[arg-type]  # i32 is one
        Import("wasi_unstable", "fd_close", good.type),
        Import("env", "fd_close", good.type),
    ]
    store, config = wasmtime.Store(engine()), wasmtime.WasiConfig()
    assert wasi_externs(store, config, others) == {}
    found = wasi_externs(store, config, [*others, good])
    assert list(found) == [(WASI_MODULE, "fd_close")]
    type_ = found[WASI_MODULE, "fd_close"].type(store)
    assert (list(map(str, type_.params)), list(map(str, type_.results))) == (["i32"], ["i32"])
    with pytest.raises(LowerValueError):
        wasi_externs(wasmtime.Store(engine()), config, [good])


def test_instances_of_several_threads() -> None:
    """Threads that start and use instances at once share what belongs to the engine, and nothing else."""

    def work(_: int) -> set[int]:
        return {call for _ in range(50) for calls in [Calls()] for call in (calls.random(0, 64), calls.prestat(3))}

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [{0, ERRNO_BADF}] * 4
