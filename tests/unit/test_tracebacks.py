"""AssemblyScript frames in Python tracebacks, made of maps and frames that are written by hand."""

import functools
import gc
import json
import linecache
import os
import pickle
import traceback
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.test_sourcemap import segments
from wasmbind._backtraces import WasmFrame
from wasmbind._glue import MODULE_NAME
from wasmbind._tracebacks import Origins, demangle
from wasmbind.errors import AbortError

TEXT = "function f(): void {\n  if (x) throw y;\n}\n"


def a_map(*texts: tuple[str, str | None], places: tuple[tuple[int, ...], ...] = ((10, 0, 1, 9),)) -> bytes:
    """A map of sources with their texts."""
    names, contents = zip(*texts, strict=True)
    return json.dumps(
        {"version": 3, "sources": names, "sourcesContent": contents, "mappings": segments(*places)}
    ).encode()


def frame(offset: int = 10, function: str | None = "a/f", start: int = 0) -> WasmFrame:
    """A frame of a module."""
    return WasmFrame(None, function, 7, offset, start)


def raised(*origins: Origins, frames: tuple[WasmFrame, ...] = (frame(),)) -> list[str]:
    """What a traceback shows below the line that raises, after errors of some binaries; each is chained to the next."""
    error: BaseException | None = None
    for origin in origins:
        made = ValueError()
        origin.trail(frames).lead_to(made)
        try:
            raise made from error
        except ValueError as caught:
            error = caught
    assert error is not None
    lines = "".join(traceback.format_exception(error)).splitlines()
    return [line for line in lines if not line.startswith(("Traceback", "ValueError"))]


def test_frames_stand_below_the_line_that_raises() -> None:
    """Outermost first as in Python, with the source line, and marks under the word that the map points at."""
    error = ValueError("v")
    origins = Origins("f.wasm", lambda: a_map(("a.ts", TEXT), places=((10, 0, 1, 9), (20, 0, 0, 9))))
    trail = origins.trail([frame(10, "a/g"), WasmFrame(MODULE_NAME, "glue", 0, 20, 0), frame(20, "a/f")])
    trail.lead_to(error)
    try:
        raise error
    except ValueError as caught:
        entries = traceback.extract_tb(caught.__traceback__)
    assert [entry.name for entry in entries] == ["test_frames_stand_below_the_line_that_raises", "f", "g"]
    assert traceback.format_list(entries[1:]) == [
        '  File "a.ts", line 1, in f\n    function f(): void {\n             ^\n',
        '  File "a.ts", line 2, in g\n    if (x) throw y;\n           ^^^^^\n',
    ]
    assert [(one.function, one.file, one.line, one.column, one.source) for one in trail.frames] == [
        ("g", "a.ts", 2, 10, "if (x) throw y;"),
        ("f", "a.ts", 1, 10, "function f(): void {"),
    ]


def test_columns_are_utf_16() -> None:
    """asc counts UTF-16 code units, Python bytes: the mark stands under the word all the same."""  # noqa: D403 - asc
    text = '\t/* ä𝄞 */ wörd "'
    column = len(text[: text.index("w")].encode("utf-16-le")) // 2
    origins = Origins("f.wasm", lambda: a_map(("columns.ts", text), places=((10, 0, 0, column),)))
    *_, line, marks = raised(origins)
    assert marks.count("^") == len("wörd")
    # An astral character may take two cells; the traceback module of 3.13 counts them, earlier ones do not.
    assert len(marks.rstrip("^")) - line.index("w") in {0, 1}


@pytest.mark.parametrize("column", [3, 4, 400, 2**24 - 1])
def test_columns_outside_of_the_line(column: int) -> None:
    """A map may point behind the end of a line; the line is shown without marks."""
    origins = Origins("f.wasm", lambda: a_map(("outside.ts", "abc"), places=((10, 0, 0, column),)))
    assert raised(origins)[-2:] == ['  File "outside.ts", line 1, in f', "    abc"]


def test_lines_outside_of_the_source() -> None:
    """A map may point behind the end of a source; the line is empty then."""
    origins = Origins("f.wasm", lambda: a_map(("short.ts", "abc"), places=((10, 0, 2**24 - 1, 0),)))
    assert raised(origins)[-1] == '  File "short.ts", line 16777216, in f'
    assert origins.trail([frame()]).frames[0].source is None


@pytest.mark.parametrize(
    ("mangled", "name"),
    [
        ("assembly/index/File#addLine", "File#addLine"),
        ("assembly/index/add", "add"),
        ("~lib/array/Array<i32>#map<i32>", "Array<i32>#map<i32>"),
        ("~lib/array/Array<assembly/index/Line>#push", "Array<Line>#push"),
        ("~lib/map/Map<~lib/string/String,a/b/Box<a/c/Line|null>>#get:size", "Map<String,Box<Line|null>>#get:size"),
        ("assembly/index/each~anonymous|0", "each~anonymous|0"),
        ("assembly/index/opt@varargs", "opt@varargs"),
        ("export:assembly/index/parse", "parse"),
        ("start:assembly/index", "start:assembly/index"),
        ("~start", "~start"),
        ("", ""),
        ("odd/", "odd/"),
        ("\x1b[31m/red\n", "red\ufffd"),
        ("x" * 1_000, "x" * 199 + "…"),
    ],
)
def test_demangled_names(mangled: str, name: str) -> None:
    """Paths go, wherever they stand in a name; nothing is left that a terminal obeys."""
    assert demangle(mangled) == name


def test_names_of_any_size_are_demangled_in_no_time() -> None:
    """A name may be as long as the binary."""
    assert len(demangle("a<" * 500_000)) == 200
    assert len(demangle("a" * 1_000_000)) == 200


def test_without_a_map() -> None:
    """The binary with the offset stands for the file; nothing is known of lines."""
    trail = Origins("f.wasm", lambda: None).trail([frame(), frame(0x1A, None)])
    error = ValueError()
    trail.lead_to(error)
    assert traceback.format_tb(error.__traceback__) == [
        '  File "<f.wasm+0x1a>", line 0, in wasm-function[7]\n',
        '  File "<f.wasm+0xa>", line 0, in f\n',
    ]
    assert [(one.file, one.line, one.column, one.source) for one in trail.frames] == [(None, 0, 0, None)] * 2


def test_frames_without_a_place_are_left_out_of_tracebacks() -> None:
    """Where others have one, they are the compiler's own; `frames` has them all the same."""
    origins = Origins("f.wasm", lambda: a_map(("left.ts", TEXT), places=((10, 0, 1, 9), (20,))))
    frames = (frame(10), frame(25, "export:a/f", 21))
    assert [line for line in raised(origins, frames=frames) if "File" in line][1:] == [
        '  File "left.ts", line 2, in f',
    ]
    assert [one.function for one in origins.trail(frames).frames] == ["f", "f"]
    assert '  File "<f.wasm+0x19>", line 0, in f' in raised(origins, frames=frames[1:])


def test_the_map_is_read_once_and_late() -> None:
    """Not before the first failure, and not for the second."""
    asked = []

    def read() -> bytes:
        asked.append(1)
        return a_map(("late.ts", TEXT))

    origins = Origins("f.wasm", read)
    assert asked == []
    raised(origins)
    raised(origins)
    assert asked == [1]


def test_shifted_code() -> None:
    """What runs may have its code elsewhere than the file; frames are about the file."""
    origins = Origins("f.wasm", lambda: a_map(("shift.ts", TEXT)), -3)
    (only,) = origins.trail([frame(7, start=1)]).frames
    assert (only.module_offset, only.line) == (10, 2)


def test_where_an_abort_says_it_is() -> None:
    """The innermost frame has the place that the abort gives, if the map knows such a line."""
    origins = Origins("f.wasm", lambda: a_map(("a.ts", TEXT), ("b.ts", "\n\n  throw\n")))

    def innermost(file: str | None, line: int, column: int) -> tuple[str | None, int, int, str | None]:
        frames = origins.trail([frame(), frame()], (file, line, column)).frames
        assert (frames[1].file, frames[1].line) == ("a.ts", 2)
        return frames[0].file, frames[0].line, frames[0].column, frames[0].source

    assert innermost("b.ts", 3, 3) == ("b.ts", 3, 3, "throw")
    mapped = ("a.ts", 2, 10, "if (x) throw y;")
    for lie in ((None, 3, 3), ("c.ts", 3, 3), ("b.ts", 0, 0), ("b.ts", -1, 3), ("b.ts", 2**31 - 1, 3)):
        assert innermost(*lie) == mapped
    for column in (-(2**31), 2**31 - 1, 0):
        error = AbortError("x", "b.ts", 3, column)
        origins.trail([frame()], ("b.ts", 3, column)).lead_to(error)
        assert "throw" in "".join(traceback.format_exception(error))


def test_sources_of_the_same_name() -> None:
    """Each traceback shows its own text, at the same time; a name that is taken gets the binary's in front."""
    first = Origins("one.wasm", lambda: a_map(("same.ts", TEXT)))
    second = Origins("two.wasm", lambda: a_map(("same.ts", TEXT.replace("throw", "crash"))))
    third = Origins("two.wasm", lambda: a_map(("same.ts", TEXT.replace("throw", "burst"))))
    equal = Origins("three.wasm", lambda: a_map(("same.ts", TEXT)))
    lines = raised(first, second, third, equal)
    shown = [line.strip() for line in lines if "line 2" in line or "if (x)" in line]
    assert shown == [
        'File "same.ts", line 2, in f',
        "if (x) throw y;",
        'File "two.wasm:same.ts", line 2, in f',
        "if (x) crash y;",
        'File "two.wasm(2):same.ts", line 2, in f',
        "if (x) burst y;",
        'File "same.ts", line 2, in f',
        "if (x) throw y;",
    ]


def test_sources_of_the_same_name_in_one_map() -> None:
    """A map may use one name twice."""
    texts = ("twice.ts", TEXT), ("twice.ts", TEXT.replace("throw", "crash"))
    origins = Origins("f.wasm", lambda: a_map(*texts, places=((10, 0, 1, 9), (20, 1, 1, 9))))
    shown = "\n".join(raised(origins, frames=(frame(10), frame(20))))
    assert "if (x) throw y;" in shown
    assert "if (x) crash y;" in shown


def test_files_are_not_shown_in_place_of_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file of the name in the current folder, nor one that a map names; not before and not afterwards."""
    monkeypatch.chdir(tmp_path)
    Path("decoy.ts").write_text("of the file 1\nof the file 2\nof the file 3\n", encoding="utf-8")
    absolute = tmp_path / "absolute.ts"
    absolute.write_text("of the file 1\nof the file 2\n", encoding="utf-8")
    names = ["decoy.ts", "./decoy.ts", str(absolute), os.devnull, "", "decoy.ts\0", "x" * 10_000 + ".ts"]
    for name in names:
        with_text, without = a_map((name, TEXT)), a_map((name, None))
        assert "of the file" not in "\n".join(raised(Origins("f.wasm", functools.partial(bytes, with_text))))
        nothing = raised(Origins("f.wasm", functools.partial(bytes, without)))
        assert "of the file" not in "\n".join(nothing)
        assert "line 2, in f" in nothing[-1]
    gc.collect()
    assert linecache.getline("decoy.ts", 2) == "of the file 2\n"
    shown = raised(Origins("f.wasm", lambda: a_map(("decoy.ts", TEXT))))
    assert "if (x) throw y;" in "\n".join(shown)
    assert linecache.getline("decoy.ts", 2) == "of the file 2\n"


@pytest.mark.parametrize("name", ["app.py", "/etc/passwd", "https://example.com/a", "C:\\x.ts", "<stdin>", "a\nb.ts"])
def test_what_is_no_name_of_a_source_is_bracketed(name: str) -> None:
    """A name in brackets is never looked for on disk, by nobody."""
    shown = [line for line in raised(Origins("f.wasm", lambda: a_map((name, TEXT)))) if "line 2" in line]
    assert shown[0].startswith('  File "<')
    assert '>", line 2' in shown[0]


def test_texts_live_as_long_as_somebody_shows_them() -> None:
    """`linecache` keeps a text while the binary or a traceback needs it, also after it has been cleared."""
    used = Origins("f.wasm", lambda: a_map(("alive.ts", TEXT)))
    error = ValueError()
    used.trail([frame()]).lead_to(error)
    assert "if (x) throw y;" in "".join(traceback.format_exception(error))
    linecache.clearcache()
    assert "if (x) throw y;" in "".join(traceback.format_exception(error))
    linecache.checkcache()
    assert "if (x) throw y;" in "".join(traceback.format_exception(error))
    del used
    gc.collect()
    assert "if (x) throw y;" in "".join(traceback.format_exception(error))
    del error
    gc.collect()
    assert "alive.ts" not in linecache.cache


def test_tracebacks_can_be_walked() -> None:
    """Debuggers ask frames for their variables, clear them, and look at the frames around."""
    error = ValueError()
    Origins("f.wasm", lambda: a_map(("walk.ts", TEXT))).trail([frame()]).lead_to(error)
    trace = error.__traceback__
    assert trace is not None
    found = trace.tb_frame
    assert (found.f_locals, found.f_back, found.f_code.co_qualname, trace.tb_lineno) == ({}, None, "f", 2)
    assert found.f_globals["__name__"] == "walk.ts"
    traceback.clear_frames(trace)
    assert "if (x) throw y;" in "".join(traceback.format_exception(error))


def test_names_without_a_text_are_nobody_elses() -> None:
    """What stands in brackets for one source, or for a place in a binary, shows no text of another."""
    first = Origins("f.wasm", lambda: a_map(("odd", TEXT)))
    second = Origins("f.wasm", lambda: a_map(("odd", None)))
    third = Origins("f.wasm", lambda: a_map(("f.wasm+0xa", TEXT)))
    fourth = Origins("f.wasm", lambda: None)
    shown = raised(first, second, third, fourth)
    assert [line for line in shown if line.startswith(('  File "<', "    if"))] == [
        '  File "<odd>", line 2, in f',
        "    if (x) throw y;",
        '  File "<f.wasm:odd>", line 2, in f',
        '  File "<f.wasm+0xa>", line 2, in f',
        "    if (x) throw y;",
        '  File "<f.wasm:f.wasm+0xa>", line 0, in f',
    ]


def test_errors_of_any_class() -> None:
    """Even of those that let nobody assign to them."""

    @dataclass(frozen=True)
    class FrozenError(Exception):
        code: int

    error = FrozenError(1)
    Origins("f.wasm", lambda: a_map(("frozen.ts", TEXT))).trail([frame()]).lead_to(error)
    assert "if (x) throw y;" in "".join(traceback.format_exception(error))


def test_frames_can_be_pickled() -> None:
    """They are plain data."""
    frames = Origins("f.wasm", lambda: a_map(("a.ts", TEXT))).trail([frame()]).frames
    assert pickle.loads(pickle.dumps(frames)) == frames  # noqa: S301 - made one line up
