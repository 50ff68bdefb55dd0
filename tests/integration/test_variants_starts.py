"""Start functions, however asc makes them: they run once, before anything else, and may do all that calls may."""

# mypy: disable-error-code="empty-body"

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
import wasmtime

import wasmbind
from tests.compiling import Compiler, compile_asc
from wasmbind import (
    AbortError,
    Array,
    AscClass,
    AscModule,
    BindError,
    InstanceError,
    LimitError,
    Limits,
    TrapError,
    host,
    i32,
    string,
)

SOURCE = """
@external("host", "told") declare function told(what: string, count: i32): void;
@external("host", "asked") declare function asked(line: Line): Line;
@external("host", "named") declare function named(texts: string[]): string;
export class Line { s: string = ""; n: i32 = 0; }
let started: i32 = 0;
export function starts(): i32 { return started; }
export function upper(text: string): string { return text.toUpperCase(); }
export function make(text: string): Line { const line = new Line(); line.s = text; line.n = text.length; return line; }
export function fail(why: string): void { throw new Error(why); }
export function trap(): void { unreachable(); }
export function spin(): void { while (true) started++; }
started++;
new ArrayBuffer(0); __collect(); // sets up the runtime before the host is called
told("the start", 5);
export let first: Line = asked(make("made by the start"));
export let answer: string = named(["a", "b", "c"]);
"""
MODES: list[tuple[Compiler, tuple[str, ...]]] = [
    ("modern", ()),
    ("modern", ("-O3",)),
    ("modern", ("--importMemory", "--noExportMemory")),
    ("modern", ("--sharedMemory", "--maximumMemory", "100", "--enable", "threads", "--importMemory")),
    ("modern", ("--runtime", "minimal")),
    ("modern", ("--runtime", "stub")),
    ("modern", ("--exportStart", "_start")),
    ("modern", ("--exportStart", "_initialize")),
    ("modern", ("--exportStart", "begin")),
    ("modern", ("--exportStart", "begin", "-O3", "--runtime", "stub")),
    ("oldest", ()),
    ("oldest", ("--exportStart", "begin", "-Oz")),
    ("oldest", ("--importMemory", "--exportStart", "__start")),
    ("classic", ()),
    ("classic", ("--explicitStart",)),
]
each_mode = pytest.mark.parametrize("mode", MODES, ids=lambda mode: " ".join((mode[0], *mode[1])))
Mode = tuple[Compiler, tuple[str, ...]]


class Line(AscClass):
    s: string
    n: i32


class Script:
    """What host functions do, and what they have seen."""

    def __init__(self, act: Callable[[Any, str], None] | None = None) -> None:
        self.seen: list[Any] = []
        self.act = act or self.rest

    def rest(self, _module: object, _where: str) -> None:
        """Do nothing."""


class Starting(AscModule):
    first: Line
    answer: string
    script: ClassVar[Script]

    def starts(self) -> i32: ...
    def upper(self, text: string) -> string: ...
    def make(self, text: string) -> Line: ...
    def fail(self, why: string) -> None: ...
    def trap(self) -> None: ...
    def spin(self) -> None: ...

    @host("host", "told")
    def told(self, what: string, count: i32) -> None:
        self.script.seen.append((what, count))
        self.script.act(self, "told")

    @host("host", "asked")
    def asked(self, line: Line) -> Line:
        self.script.seen.append((line.s, line.n))
        self.script.act(self, "asked")
        made = self.make(self.upper(f"{line.s}, and by the host"))
        self.runtime.collect()
        return made

    @host("host", "named")
    def named(self, texts: Array[string]) -> string:
        self.script.seen.append(list(texts))
        texts.append("d")
        self.script.act(self, "named")
        return "-".join(texts)


def starting(mode: Mode, act: Callable[[Any, str], None] | None = None, **options: Any) -> tuple[type[Any], list[Any]]:
    """A module class, and what its host functions see."""
    compiler, more = mode
    script = Script(act)
    body = {"__module__": __name__, "script": script}
    return type("Begun", (Starting,), body, wasm=compile_asc(SOURCE, *more, compiler=compiler), **options), script.seen


@each_mode
def test_imports_with_strings_and_objects(mode: Mode) -> None:
    """Host functions get and give strings, objects and live arrays, and call back, while nothing else has run."""
    cls, seen = starting(mode)
    for turn in range(3):
        module = cls()
        assert seen == [("the start", 5), ("made by the start", 17), ["a", "b", "c"]] * (turn + 1)
        assert (module.first.s, module.first.n) == ("MADE BY THE START, AND BY THE HOST", 34)
        assert module.answer == "a-b-c-d"
        assert module.starts() == 1
        module.runtime.collect()
        assert module.first.s == "MADE BY THE START, AND BY THE HOST"


@each_mode
@pytest.mark.parametrize("where", ["told", "asked", "named"])
def test_exceptions(mode: Mode, where: str) -> None:
    """What a host function raises is what making the instance raises; the next instance is fine."""
    failing = [True]

    def act(_module: Starting, here: str) -> None:
        if here == where and failing[0]:
            raise LookupError(where)

    cls, _ = starting(mode, act)
    with pytest.raises(LookupError, match=where):
        cls()
    failing[0] = False
    assert cls().starts() == 1


@each_mode
def test_aborts_and_traps(mode: Mode) -> None:
    """A `throw` in what the host calls back is an AbortError with its text, a trap is a TrapError."""

    def abort(module: Starting, _: str) -> None:
        module.fail("not today")

    with pytest.raises(AbortError, match="not today") as caught:
        starting(mode, abort)[0]()
    assert caught.value.message == "not today"

    def trap(module: Starting, _: str) -> None:
        module.trap()

    with pytest.raises(TrapError, match="unreachable"):
        starting(mode, trap)[0]()


@each_mode
def test_an_abort_that_the_host_catches(mode: Mode) -> None:
    """The start function goes on."""

    def act(module: Starting, _: str) -> None:
        with pytest.raises(AbortError, match="caught"):
            module.fail("caught")

    module = starting(mode, act)[0]()
    assert module.answer == "a-b-c-d"


@pytest.mark.parametrize("options", [(), ("--exportStart", "begin"), ("--importMemory", "--noExportMemory")])
def test_limits_and_interrupts(options: tuple[str, ...]) -> None:
    """A start function that never ends is ended like any call: by time, by fuel, by a signal."""

    def spin(module: Starting, _: str) -> None:
        module.spin()

    mode: Mode = ("modern", options)
    for limits, limit in ((Limits(timeout=0.2), "timeout"), (Limits(fuel=5_000_000), "fuel")):
        with pytest.raises(LimitError) as caught:
            starting(mode, spin)[0](limits=limits)
        assert caught.value.limit == limit
    if hasattr(signal, "setitimer"):

        def ring(*_: object) -> None:
            raise TimeoutError("enough")

        before = signal.signal(signal.SIGALRM, ring)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(TimeoutError, match="enough"):
                starting(mode, spin)[0]()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


EARLY = """
@external("host", "told") declare function told(what: string): void;
@external("host", "asked") declare function asked(line: Line): void;
export class Line { s: string = ""; }
%s
export let early: i32 = 0;
told("so far");
asked(make("made"));
export function make(text: string): Line { const line = new Line(); line.s = text; return line; }
"""
SET_UP = "new ArrayBuffer(0); __collect();"


class Made(AscClass, name="Line"):
    s: string


@pytest.mark.parametrize(
    "options",
    [(), ("--runtime", "minimal"), ("--runtime", "minimal", "--noAssert"), ("--runtime", "stub")],
    ids=" ".join,
)
@pytest.mark.parametrize("compiler", ["modern", "oldest", "classic"])
@pytest.mark.parametrize("where", ["told", "asked"])
def test_hosts_that_are_called_before_the_runtime_is_set_up(
    compiler: Compiler, options: tuple[str, ...], where: str
) -> None:
    """They may read strings. What would be lost is refused with what to do; and then nothing is lost."""

    class Early(AscModule, wasm=compile_asc(EARLY % "", *options, compiler=compiler)):
        def make(self, text: string) -> Made: ...

        @host("host", "told")
        def told(self, what: string) -> None:
            texts.append(what)
            if where == "told":
                held.append(self.make(what))

        @host("host", "asked")
        def asked(self, line: Made) -> None:
            held.append(line)

    class Later(Early, wasm=compile_asc(EARLY % SET_UP, *options, compiler=compiler)): ...

    texts: list[str] = []
    held: list[Made] = []
    if where == "told" or "minimal" in options:  # else making `Line`s has set it up before `asked` is called
        with pytest.raises(InstanceError, match="before the start function had set up the runtime; write `new"):
            Early()
    else:
        Early()
    assert texts == ["so far"]
    held.clear()
    later = Later()
    made = [later.make(str(number)) for number in range(100)]
    for _ in range(5):
        later.runtime.collect()
        for number in range(100):
            later.make(f"other {number}")
    assert [line.s for line in held] == ["so far", "made"][where == "asked" :]
    assert [line.s for line in made] == [str(number) for number in range(100)]


def test_start_functions_that_the_class_names() -> None:
    """`start=` wins over what is found; a name that is none is refused."""
    mode: Mode = ("modern", ("--exportStart", "begin"))
    assert starting(mode, start="begin")[0]().starts() == 1
    with pytest.raises(BindError, match="no function 'begun' without parameters"):
        starting(mode, start="begun")[0]()


GUARDED = """
let done = false;
export let value: i32 = 1;
export let text: string = "abc".toUpperCase();
export function setUp(): void { if (done) return; done = true; value = 2; }
"""


def test_a_function_of_the_program_that_looks_like_one() -> None:
    """It is never called in silence: beside the real one the class has to say which; without one there is nothing."""

    class Both(AscModule, wasm=compile_asc(GUARDED, "--exportStart", "begin")):
        value: i32
        text: string

    with pytest.raises(BindError) as caught:
        Both()
    (found,) = caught.value.mismatches
    assert found.found == "several exports that look like one: 'setUp' and 'begin'"
    assert found.fix.startswith("say what --exportStart was given: class Both(AscModule, start=")

    class Said(Both, start="begin"):
        def setUp(self) -> None: ...

    said = Said()
    assert (said.value, said.text) == (1, "ABC")
    said.setUp()
    assert said.value == 2

    class Usual(AscModule, wasm=compile_asc(GUARDED)):
        value: i32
        text: string

    assert (Usual().value, Usual().text) == (1, "ABC")


def test_a_compiled_module_starts_before_its_memory_can_be_reached() -> None:
    """Without bytes the start section stays one: an import that needs memory says what to do about it."""
    cls, seen = starting(("modern", ()))
    cls.__asc_wasm__ = wasmtime.Module(wasmbind.engine(), compile_asc(SOURCE).read_bytes())
    with pytest.raises(InstanceError, match="give the bytes of the binary as wasm=, or compile with --exportStart"):
        cls()
    assert seen == []
    exported = compile_asc(SOURCE, "--exportStart", "_start").read_bytes()
    cls.__asc_wasm__ = wasmtime.Module(wasmbind.engine(), exported)
    cls.__asc_bindings__.clear()
    assert cls().answer == "a-b-c-d"


def test_numbers_only(tmp_path: Path) -> None:
    """A start function of a module without a runtime runs as well."""
    text = """(module (import "host" "next" (func $next (result i32))) (global $g (export "g") (mut i32) (i32.const 0))
      (func $s (global.set $g (i32.add (global.get $g) (call $next)))) {})"""
    for how in ("(start $s)", '(export "_start" (func $s))', '(export "_initialize" (func $s))'):
        path = tmp_path / "numbers.wasm"
        path.write_bytes(bytes(wasmtime.wat2wasm(text.format(how))))

        class Numbers(AscModule, wasm=path):
            g: i32

        assert Numbers(imports={"host": {"next": lambda: 41}}).g == 41
