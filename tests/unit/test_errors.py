"""The exceptions: what they derive from, what they carry, how they read, and that they travel."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasmbind import errors
from wasmbind.errors import (
    AbortError,
    BindError,
    BuildError,
    DeclarationError,
    ExitError,
    Frame,
    HandleError,
    InstanceError,
    LiftError,
    LimitError,
    LowerError,
    LowerRangeError,
    LowerTypeError,
    LowerValueError,
    Mismatch,
    TrapError,
    WasmbindError,
)

FRAMES = (Frame("File#addLine", 0x1A2), Frame(None, 7))
MISMATCHES = (
    Mismatch("Line.s", "string", "i32", "annotate `s: i32`", "app.py:12"),
    Mismatch("Files.add", "(a: i32) -> i32", "no export 'add'", "remove it"),
)

# One of each, every fact given.
EXAMPLES: list[WasmbindError] = [
    WasmbindError("plain"),
    DeclarationError("Files.sum(values)", "int has no width", fix="write i32", where="app.py:3"),
    BindError("Files", "files.wasm", MISMATCHES),
    LowerError("Files.add(a)", "i32", "x", "i32 expects an int"),
    LowerTypeError("Files.add(a)", "i32", "x", "i32 expects an int"),
    LowerRangeError("Files.add(a)", "i32", 1 << 40, "i32 holds less"),
    LowerValueError("Files.paint(c)", "Color", 9, "Color has the values [0, 5]"),
    LiftError("no string", 0x40),
    HandleError("Files.take -> result: handle 3 was released", 3, "released"),
    LimitError("Files", "timeout", 0.5, FRAMES),
    AbortError("message", "index.ts", 3, 4, FRAMES, "  a note"),
    TrapError("unreachable", "wasm `unreachable` executed", FRAMES, poisoned=True),
    ExitError(3, "process.exit"),
    InstanceError("closed", "Files: already closed"),
    BuildError(
        "asc failed", looked=["here"], fix="mend it", status=1, diagnostics="ERROR TS1005", command=["node", "asc.js"]
    ),
]
IDS = [type(error).__name__ for error in EXAMPLES]


def test_every_error_has_an_example() -> None:
    """The examples that the tests below run on are all the exceptions there are."""
    known = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, BaseException)}
    assert {type(error) for error in EXAMPLES} == known
    exported = {getattr(errors, name) for name in errors.__all__}
    assert known <= exported


@pytest.mark.parametrize(
    ("cls", "bases"),
    [
        (WasmbindError, (Exception,)),
        (DeclarationError, (WasmbindError, TypeError)),
        (BindError, (WasmbindError, TypeError)),
        (LowerError, (WasmbindError,)),
        (LowerTypeError, (LowerError, TypeError)),
        (LowerRangeError, (LowerError, OverflowError)),
        (LowerValueError, (LowerError, ValueError)),
        (LiftError, (WasmbindError, ValueError)),
        (HandleError, (LiftError,)),
        (LimitError, (WasmbindError, RuntimeError)),
        (AbortError, (WasmbindError, RuntimeError)),
        (TrapError, (WasmbindError, RuntimeError)),
        (ExitError, (WasmbindError, RuntimeError)),
        (InstanceError, (WasmbindError, RuntimeError)),
        (BuildError, (WasmbindError, RuntimeError)),
    ],
)
def test_hierarchy(cls: type[BaseException], bases: tuple[type, ...]) -> None:
    """Each error derives from its place in the tree and from the built-in that fits it."""
    assert cls.__bases__ == bases
    assert (errors.__doc__ or "").count(f" {cls.__name__}") == 1


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("error", EXAMPLES, ids=IDS)
def test_pickle_round_trip(error: WasmbindError, protocol: int) -> None:
    """A pickled error comes back with its type, message, args and every fact."""
    found = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 - made in this line
    assert type(found) is type(error)
    assert str(found) == str(error)
    assert found.args == error.args
    assert vars(found) == vars(error)
    assert isinstance(found, WasmbindError)


@pytest.mark.parametrize("error", EXAMPLES, ids=IDS)
def test_copy(error: WasmbindError) -> None:
    """Copies, shallow and deep, keep the type, message and facts."""
    for found in (copy.copy(error), copy.deepcopy(error)):
        assert type(found) is type(error)
        assert (str(found), vars(found)) == (str(error), vars(error))


@pytest.mark.parametrize("error", EXAMPLES, ids=IDS)
def test_notes_travel(error: WasmbindError) -> None:
    """A note that a user added is pickled with the error."""
    noted = copy.copy(error)
    noted.add_note("while reading the file")
    found = pickle.loads(pickle.dumps(noted))  # noqa: S301 - made in this line
    assert found.__notes__ == ["while reading the file"]


def test_declaration_error_layout() -> None:
    """A headline, then where and fix, each on its own indented line."""
    error = DeclarationError("Files.sum(values)", "int has no width", fix="write i32", where="app.py:3")
    assert str(error) == ("Files.sum(values): int has no width\n  declared at  app.py:3\n  fix          write i32")
    facts = (error.who, error.problem, error.fix, error.where)
    assert facts == ("Files.sum(values)", "int has no width", "write i32", "app.py:3")


def test_declaration_error_leaves_out_what_is_unknown() -> None:
    """Without where and fix the message is one line."""
    error = DeclarationError("Files", "names no binary")
    assert str(error) == "Files: names no binary"
    assert (error.fix, error.where) == (None, None)


def test_mismatch_layout() -> None:
    """A mismatch says who, declared, found, where, fix."""
    assert str(MISMATCHES[0]) == (
        "Line.s: declared string, found i32\n  declared at  app.py:12\n  fix          annotate `s: i32`"
    )
    assert str(MISMATCHES[1]) == (
        "Files.add: declared (a: i32) -> i32, found no export 'add'\n  fix          remove it"
    )


def test_mismatch_indents_a_fix_of_several_lines() -> None:
    """Every line of a longer fix stands below the first."""
    text = str(Mismatch("A.b", "i32", "f64", "one\ntwo", None))
    assert text == "A.b: declared i32, found f64\n  fix          one\n               two"


def test_bind_error_lists_every_mismatch() -> None:
    """The message counts the mismatches and shows each in order; the facts hold them."""
    error = BindError("Files", "files.wasm", list(MISMATCHES))
    assert str(error) == (
        "Files does not fit files.wasm: 2 mismatches\n"
        "Line.s: declared string, found i32\n"
        "  declared at  app.py:12\n"
        "  fix          annotate `s: i32`\n"
        "Files.add: declared (a: i32) -> i32, found no export 'add'\n"
        "  fix          remove it"
    )
    assert (error.module, error.binary, error.mismatches) == ("Files", "files.wasm", MISMATCHES)


def test_bind_error_counts_one() -> None:
    """A single mismatch is not plural."""
    error = BindError("Files", "f.wasm", MISMATCHES[:1])
    assert str(error).startswith("Files does not fit f.wasm: 1 mismatch\n")


def test_lower_error_names_path_type_and_value() -> None:
    """A bad argument is told with where it stands, what is wrong, its repr and its type."""
    error = LowerRangeError("Files.sum(values[3])", "u8", 256, "u8 holds 0 to 255")
    assert str(error) == "Files.sum(values[3]): u8 holds 0 to 255, got 256 (int)"
    assert (error.path, error.declared, error.value) == ("Files.sum(values[3])", "u8", "256")


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError


def test_lower_error_survives_a_broken_repr() -> None:
    """A value whose repr raises is named instead."""
    error = LowerTypeError("A.b(c)", "i32", Broken(), "i32 expects an int")
    assert error.value == "<Broken whose repr raised RuntimeError>"


def test_lower_error_shortens_long_values() -> None:
    """A long repr is cut, and the cut shows."""
    error = LowerTypeError("A.b(c)", "i32", "x" * 1000, "i32 expects an int")
    assert len(error.value) == 60
    assert error.value.endswith("…")


@given(st.text(max_size=200), st.integers(min_value=1, max_value=80))
def test_shorten_never_exceeds_its_limit(value: str, limit: int) -> None:
    """What is short enough stays whole; nothing is longer than the limit."""
    text = errors.shorten(value, limit)
    assert len(text) <= limit
    assert text == repr(value) or (text.endswith("…") and repr(value).startswith(text[:-1]))


def test_lift_error_shows_the_address() -> None:
    """The address stands in the message where there is one."""
    assert str(LiftError("no string", 0x40)) == "no string (at address 0x40)"
    assert str(LiftError("no string", 0)) == "no string (at address 0x0)"
    assert str(LiftError("no string")) == "no string"
    assert (LiftError("no string", 64).problem, LiftError("no string", 64).ptr) == ("no string", 64)


def test_abort_error_shows_its_place() -> None:
    """The AssemblyScript message comes first, then its place and the note; frames are for the traceback."""
    error = AbortError("Index out of range", "index.ts", 3, 4, FRAMES, "  a note")
    assert str(error) == "Index out of range (index.ts:3:4)\n  a note"
    facts = (error.message, error.file, error.line, error.column, error.frames)
    assert facts == ("Index out of range", "index.ts", 3, 4, FRAMES)


@pytest.mark.parametrize(
    ("message", "file", "line", "text"),
    [
        (None, None, 0, "abort"),
        (None, "index.ts", 1, "abort (index.ts:1:2)"),
        ("", None, 0, ""),
        ("no", None, 5, "no (<unknown>:5:2)"),
    ],
)
def test_abort_error_without_message_or_place(message: str | None, file: str | None, line: int, text: str) -> None:
    """A missing message reads `abort`; a missing place is left out."""
    error = AbortError(message, file, line, 2)
    assert str(error) == text
    assert error.message == message
    assert error.frames == ()


def test_trap_error_names_the_code() -> None:
    """A trap shows code and reason; a poisoned instance says what to do."""
    error = TrapError("integer_division_by_zero", "integer divide by zero", [], poisoned=False)
    assert str(error) == "wasm trap: integer_division_by_zero: integer divide by zero"
    assert (error.code, error.reason, error.frames, error.poisoned) == (
        "integer_division_by_zero",
        "integer divide by zero",
        (),
        False,
    )
    assert str(TrapError(None, "odd", FRAMES[:1], poisoned=True)) == (
        "wasm trap: odd\n  the heap of this instance may be torn: start a fresh instance of the module"
    )


def test_instance_error_holds_its_reason() -> None:
    """The reason is a word that code can test."""
    error = InstanceError("closed", "Files: already closed")
    assert (error.reason, str(error)) == ("closed", "Files: already closed")


def test_facts_are_immutable_data() -> None:
    """Mismatches and frames compare by value and can be keys."""
    assert Frame("f", 1) == Frame("f", 1)
    assert [str(frame) for frame in (*FRAMES, Frame("f", 1, "a.ts", 2, 3))] == [
        "File#addLine at 0x1a2",
        "<unnamed> at 0x7",
        "f at a.ts:2:3",
    ]
    assert {MISMATCHES[0]: 1}[Mismatch("Line.s", "string", "i32", "annotate `s: i32`", "app.py:12")] == 1
    with pytest.raises(AttributeError):
        FRAMES[0].function = "g"  # type: ignore[misc]  # what the test shows
