"""AssemblyScript frames in the tracebacks of real binaries, in order between the Python frames.

After a change that is meant, run this file with `WASMBIND_UPDATE_GOLDEN=1` in the environment, which writes the golden
file anew; read the difference before you commit it.
"""

import concurrent.futures
import gc
import logging
import os
import pickle
import traceback
from pathlib import Path

import pytest

from tests.compiling import CompileAsc
from tests.integration.test_interrupts import use_native
from tests.integration.tracebacks_module import BUILDS, built, failure_of, script_names, start
from wasmbind import (
    AbortError,
    AscModule,
    InstanceError,
    TrapError,
    WasmbindError,
    _abi,
    _natives,
)

GOLDEN = Path(__file__).parent / "golden" / "tracebacks.txt"
PACKAGE = Path(_natives.__file__).parent


@pytest.fixture(autouse=True, params=["fast", "public"])
def _native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test both ways into wasmtime."""
    monkeypatch.setattr(_natives, "_native_class", None)
    use_native(request.param)


class OwnError(Exception):
    """Neither wasmbind's nor Python's."""


# --- what fails, for the golden file -----------------------------------------------------------------------


def throws(build: str) -> None:
    """A throw, some calls deep."""
    start(built(build)).read("")


def divides(build: str) -> None:
    """A trap of user code, in a recursion."""
    start(built(build)).dig(2)


def crashes(build: str) -> None:
    """A trap that poisons."""
    start(built(build)).crash()


def asks(build: str) -> None:
    """A host function raises."""

    def answer(_: int) -> int:
        raise OwnError("no answer")

    start(built(build), answer).consult(1)


def asks_deeper(build: str) -> None:
    """A host function raises, two calls from Python further in, with a cause."""

    def answer(depth: int) -> int:
        if depth == 0:
            raise OwnError("no answer") from KeyError("cause")
        return faults.each(depth - 1) if depth % 2 else faults.consult(depth - 1)

    faults = start(built(build), answer)
    faults.consult(2)


def traps_deeper(build: str) -> None:
    """A trap inside a call from a host function."""

    def answer(depth: int) -> int:
        return faults.dig(1) if depth == 0 else faults.each(depth - 1)

    faults = start(built(build), answer)
    faults.consult(1)


def translates(build: str) -> None:
    """A host function catches what AssemblyScript throws, and raises something else."""

    def answer(_: int) -> int:
        try:
            return faults.read("")
        except AbortError as error:
            raise OwnError("cannot read") from error

    faults = start(built(build), answer)
    faults.each(0)


CASES = [throws, divides, crashes, asks, asks_deeper, traps_deeper, translates]


def shown(error: BaseException) -> str:
    """The chain of an error as text: AssemblyScript frames as Python prints them, Python frames by their names.

    What Python marks in Python lines differs from version to version; wasmbind's own frames are left out.
    """
    lines = []
    if error.__cause__ is not None:
        lines += [shown(error.__cause__), "caused", ""]
    for entry in traceback.extract_tb(error.__traceback__):
        if entry.filename == __file__:
            lines.append(f"  in Python: {entry.name}: {entry.line}")
        elif entry.filename.startswith("<wasmbind "):
            lines.append(f"  generated: {entry.name}")
        elif not entry.filename.startswith(str(PACKAGE)) and entry.name != "failure_of":
            lines += traceback.format_list([entry])[0].rstrip().splitlines()
    return "\n".join([*lines, *traceback.format_exception_only(error)])


def golden_text() -> str:
    """All cases in all builds."""
    parts = []
    for build in BUILDS:
        for case in CASES:
            text = shown(failure_of(case, build))
            parts.append(f"=== {build}: {case.__name__}\n{text}")
    return "\n".join(parts)


def test_tracebacks_are_the_golden_ones() -> None:
    """Every frame of every build, to the last character, is what somebody has read and kept."""
    text = golden_text()
    if os.environ.get("WASMBIND_UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


# --- order and number --------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [0, 1, 2, 5, 12, 30])
@pytest.mark.parametrize("ending", ["raise", "trap", "abort"])
def test_each_level_has_its_frames_once(depth: int, ending: str) -> None:
    """However deep host functions call back, also beyond the number of frames that wasmtime keeps."""

    def answer(depth: int) -> int:
        if depth:
            return faults.consult(depth - 1)
        if ending == "raise":
            raise OwnError
        return faults.dig(1) if ending == "trap" else faults.read("")

    faults = start(built("debug"), answer)
    last = {"raise": [], "trap": ["dig", "dig", "divide"], "abort": ["read", "File#addLine", "Line#constructor"]}
    for _ in range(3):
        error = failure_of(faults.consult, depth)
        assert script_names(error) == ["consult", "relay", "answer"] * (depth + 1) + last[ending]
        if isinstance(error, (AbortError, TrapError)):
            assert [frame.function for frame in error.frames if frame.file] == last[ending][::-1]
    assert faults.divide(6, 3) == 2


def test_frames_out_of_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where wasmtime-py has changed too much, messages tell the frames of calls that a host function has ended."""

    def changed(_: object) -> None:
        raise AttributeError

    def answer(depth: int) -> int:
        if depth:
            return faults.consult(depth - 1)
        raise OwnError

    use_native("public")
    monkeypatch.setattr(_abi, "_frames_of_error", changed)
    faults = start(built("debug"), answer)
    assert script_names(failure_of(faults.consult, 2)) == ["consult", "relay", "answer"] * 3


def test_frames_of_instances_do_not_mix() -> None:
    """Two instances may call each other; each level shows the frames of its own."""

    def answer(depth: int) -> int:
        if not depth:
            raise OwnError
        return (first if depth % 2 else second).consult(depth - 1)

    first, second = start(built("debug"), answer), start(built("release"), answer)
    error = failure_of(first.consult, 3)
    names = script_names(error)
    assert names.count("answer") == 4
    debug = [name for name in names if name in {"consult", "relay"}]
    assert debug == ["consult", "relay"] * (len(debug) // 2)
    assert len(debug) == 6
    assert len([name for name in names if name.startswith("wasm-function")]) == 1


def test_caught_and_raised_again() -> None:
    """What a host function catches and raises again has each frame once, as in Python."""

    def answer(_: int) -> int:
        try:
            return faults.dig(0)
        except TrapError as error:
            kept.append(error)
            raise

    kept: list[TrapError] = []
    faults = start(built("debug"), answer)
    error = failure_of(faults.consult, 0)
    assert error is kept[0]
    assert script_names(error) == ["consult", "relay", "answer", "dig", "divide"]


def test_implicit_chains_stay() -> None:
    """The exception that a host function was handling is still the context of the one that it raised."""

    def answer(_: int) -> int:
        try:
            return int({"": 1}["first"])
        except KeyError:
            return faults.read("")

    faults = start(built("debug"), answer)
    error = failure_of(faults.consult, 0)
    assert isinstance(error, AbortError)
    assert isinstance(error.__context__, KeyError)
    assert error.__cause__ is None


def test_deep_recursion_through_python() -> None:
    """Running out of stack, Python's or WebAssembly's, is an error that says so, however little is left for frames."""

    def answer(depth: int) -> int:
        return faults.consult(depth + 1)

    gc.collect()  # what wasmtime-py's own calls have left cannot be freed where there is no stack
    for _ in range(3):
        faults = start(built("debug"), answer)
        error = failure_of(faults.consult, 0)
        assert isinstance(error, RecursionError) or (isinstance(error, TrapError) and error.code == "stack_overflow")


def test_very_deep_assemblyscript() -> None:
    """Of thousands of frames the innermost are shown; nothing takes long or fails."""
    error = failure_of(start(built("debug")).dig, 5_000)
    assert isinstance(error, TrapError)
    assert error.frames[0].function == "divide"
    assert script_names(error)[-2:] == ["dig", "divide"]
    assert len(error.frames) >= 10


def test_threads_at_once() -> None:
    """Failures in several threads at the same time, the first ones among them, do not get into each other's way."""

    class Built(built("debug")): ...  # type: ignore[misc]  # a binding of its own: the map is not read yet

    def fail(number: int) -> list[str]:
        def answer(depth: int) -> int:
            return faults.dig(depth)

        faults = start(Built, answer)
        found = []
        for _ in range(10):
            for call in (faults.read, faults.consult):
                error = failure_of(call, "" if call == faults.read else number)
                text = "".join(traceback.format_exception(error))
                assert ("new Line(text)" in text) == isinstance(error, AbortError)
                found.append("/".join(script_names(error)))
        return found

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(fail, [0, 1, 2, 3] * 4))
    for number, found in zip([0, 1, 2, 3] * 4, results, strict=True):
        deep = "consult/relay/answer/" + "dig/" * (number + 1) + "divide"
        assert found == ["read/File#addLine/Line#constructor", deep] * 10


# --- what tools do with them -------------------------------------------------------------------------------


def test_logging_and_pickling(caplog: pytest.LogCaptureFixture) -> None:
    """Log records show the frames; a pickled error keeps them as data."""
    error = failure_of(start(built("debug")).read, "")
    logging.getLogger(__name__).error("failed", exc_info=error)
    assert 'tracebacks.ts", line 8, in Line#constructor\n    throw new Error(' in caplog.text
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert (type(copy), str(copy), copy.frames) == (AbortError, str(error), error.frames)  # type: ignore[attr-defined]  # a copy
    assert str(error) == "a line must not be empty (tracebacks.ts:8:7)"


def test_frames_as_data() -> None:
    """Innermost first, each with place, source line and the offset in the binary."""
    error = failure_of(start(built("debug")).read, "")
    assert isinstance(error, AbortError)
    frames = [(one.function, one.file, one.line, one.column, one.source) for one in error.frames if one.file]
    assert frames == [
        ("Line#constructor", "tracebacks.ts", 8, 7, 'throw new Error("a line must not be empty");'),
        ("File#addLine", "tracebacks.ts", 17, 33, "/* “ä𝄞” */ this.lines.push(new Line(text));"),
        ("read", "tracebacks.ts", 24, 10, "return file.addLine(text);"),
    ]
    assert all(one.module_offset > 0 for one in error.frames)


@pytest.mark.parametrize("section", ["section", "export"])
def test_start_functions(section: str, asc: CompileAsc) -> None:
    """What fails at the start has message and frames as any other call."""
    source = """
let answer = compute(0);
function compute(value: i32): i32 {
  if (!value) throw new Error("not " + "yet");
  return value;
}
export function get(): i32 { return answer; }
"""
    options = ["--exportStart", "_start"] if section == "export" else []

    class Starting(AscModule, wasm=asc(source, *BUILDS["debug"], *options)): ...

    error = failure_of(Starting)
    assert isinstance(error, AbortError)
    assert str(error) == "not yet (inline.ts:4:15)"
    assert [(frame.function, frame.line) for frame in error.frames if frame.file] == [
        ("compute", 4),
        ("start:inline", 2),
    ]
    assert 'File "inline.ts", line 2, in start:inline\n    let answer = compute(0);' in "".join(
        traceback.format_exception(error)
    )


# --- what becomes of the instance --------------------------------------------------------------------------


def test_poisoned_by_which_trap() -> None:
    """The refusal names the trap and its place; a fresh instance works."""
    faults = start(built("debug"))
    assert isinstance(failure_of(faults.crash), TrapError)
    error = failure_of(faults.divide, 4, 2)
    assert isinstance(error, InstanceError)
    assert str(error) == (
        "Built: poisoned by an earlier trap (unreachable in crash at tracebacks.ts:50:3); its heap may be torn: start a"
        " fresh instance of the module"
    )
    assert start(built("debug")).divide(4, 2) == 2


def test_recovery_after_aborts() -> None:
    """After many throws the instance works, and later errors say the same as the first."""
    faults = start(built("debug"))
    texts = {str(failure_of(faults.read, "")) for _ in range(200)}
    assert texts == {"a line must not be empty (tracebacks.ts:8:7)"}
    assert faults.read("x") == 1
    assert issubclass(AbortError, WasmbindError)
