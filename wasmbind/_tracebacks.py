"""AssemblyScript frames in Python tracebacks.

An entry of a Python traceback is a frame object and a line. For each WebAssembly frame there is a frame of a generator
that never runs, whose code carries the AssemblyScript file, function, line and columns; source lines are found through
`linecache`. Template engines do the same.
"""

from __future__ import annotations

import functools
import linecache
import re
import threading
import types
import weakref
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from wasmbind._source import compile_place
from wasmbind._sourcemap import printable, read_source_map
from wasmbind._uncaught import MARK, print_with_sources
from wasmbind.errors import Frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wasmbind._backtraces import WasmFrame
    from wasmbind._sourcemap import SourceMap

__all__ = ["Origins", "Trail", "demangle"]

#: Names that asc gives to sources. Anything else is shown in brackets, as what names no file.
_SOURCE_NAME: Final = re.compile(r"[^<>:*?\"|\x00-\x1f\ufffd]+\.(?:ts|as)")
_DELIMITERS: Final = re.compile(r"([<>,|:()])")
_LONGEST_NAME: Final = 200
#: Modules whose frames a host function's traceback begins with; they say nothing to a reader.
_MACHINERY: Final = frozenset(
    f"wasmbind.{name}" for name in ("_abi", "_host_entry", "_imports", "_interruption", "_natives", "_store_abi")
)


class SourceText:
    """The text of one source, under the name that tracebacks show; `linecache` has it for as long as this is alive.

    Attributes:
        shown: the name, which no other text has.
        lines: the lines with their ends, empty where no map has the text.
    """

    def __init__(self, shown: str, lines: list[str]) -> None:
        self.shown, self.lines = shown, lines
        self._entry = (sum(map(len, lines)), None, lines, shown)  # without a time: linecache looks for no such file
        self.register()
        weakref.finalize(self, _forget, shown, lines).atexit = False

    def register(self) -> None:
        """Tell `linecache`, which somebody may have cleared."""
        linecache.cache.setdefault(self.shown, self._entry)

    def get_source(self, _name: str) -> str:
        """The text, for tools that ask the loader of a module."""
        return "".join(self.lines)


def _forget(shown: str, lines: list[str]) -> None:
    entry = linecache.cache.get(shown)
    if entry is not None and entry[1:3] == (None, lines):
        linecache.cache.pop(shown, None)


_texts: weakref.WeakValueDictionary[str, SourceText] = weakref.WeakValueDictionary()
_texts_lock = threading.RLock()


def _source_text(name: str, lines: list[str] | None, binary: str) -> SourceText:
    """The text of a source under a name of its own: that in the map, unless another text or file is known by it."""
    plain = lines is not None and _SOURCE_NAME.fullmatch(name) is not None
    with _texts_lock:
        for shown in _names(name, binary):
            candidate = shown if plain else f"<{shown}>"
            known = _texts.get(candidate)
            if known is None and candidate not in linecache.cache:
                known = _texts[candidate] = SourceText(candidate, lines or [])
            if known is not None and known.lines == (lines or []):
                return known
    raise AssertionError("the names do not end")


def _names(name: str, binary: str) -> Iterator[str]:
    yield name
    yield f"{binary}:{name}"
    for number in count(2):
        yield f"{binary}({number}):{name}"


@dataclass(frozen=True, slots=True)
class Trail:
    """The frames of one failed call.

    Attributes:
        frames: innermost first.
        shown: those that a traceback shows, in the same order, with their sources.
    """

    frames: tuple[Frame, ...]
    shown: tuple[tuple[Frame, SourceText], ...]

    def lead_to(self, error: BaseException) -> None:
        """Put the frames into the traceback of an error, in front of those that are there.

        What raises the error afterwards puts its own frame in front of them.
        """
        trace = _below_machinery(error.__traceback__)
        for frame, text in self.shown:
            trace = _entry(frame, text, trace)
        # Not by assignment: the class may forbid it, as frozen dataclasses do.
        BaseException.with_traceback(error, trace)
        if any(text.lines for _, text in self.shown):
            print_with_sources()


def _below_machinery(trace: types.TracebackType | None) -> types.TracebackType | None:
    """A traceback without what leads from WebAssembly to a host function."""
    while trace is not None and trace.tb_next is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module not in _MACHINERY and not module.startswith("wasmtime."):
            break
        trace = trace.tb_next
    return trace


def _entry(frame: Frame, text: SourceText, below: types.TracebackType | None) -> types.TracebackType:
    start, end = _columns(text, frame)
    template, instruction = _template(start, end)
    name = frame.function or "?"
    code = template.replace(co_filename=text.shown, co_firstlineno=frame.line, co_name=name, co_qualname=name)
    text.register()
    namespace = {"__name__": text.shown, "__loader__": text, MARK: text}
    place = types.FunctionType(code, namespace)().gi_frame
    return types.TracebackType(below, place, instruction, frame.line)


def _columns(text: SourceText, frame: Frame) -> tuple[int, int]:
    """The bytes of the line that the first word at a frame's column takes, -1 where there is none."""
    if frame.column <= 0 or frame.line > len(text.lines):
        return -1, -1
    line = text.lines[frame.line - 1]
    before = line.encode("utf-16-le")[: 2 * (frame.column - 1)].decode("utf-16-le", "ignore")
    word = re.match(r"\w+|\S", line[len(before) :])
    if word is None:
        return -1, -1
    start = len(before.encode())
    return start, start + len(word[0].encode())


@functools.lru_cache(maxsize=256)
def _template(start: int, end: int) -> tuple[types.CodeType, int]:
    """Code whose instructions stand at these columns, and the offset of one of them."""
    code = compile_place(start, end)
    wanted = (None, None) if start < 0 else (start, end)
    found = (2 * at for at, place in enumerate(code.co_positions()) if place[0] is not None and place[2:] == wanted)
    *_, last = found
    return code, last


class Origins:
    """Where the instructions of one binary come from."""

    def __init__(self, binary: str, read_map: Callable[[], bytes | None], shift: int = 0) -> None:
        """Remember how the map is read; it is read for the first failure.

        Args:
            binary: the name of the binary.
            read_map: gives the source map, None where there is none.
            shift: how many bytes later the code lies in what runs than in the file.
        """
        self._shift = shift
        self._binary = printable(binary)[:_LONGEST_NAME].strip("<>")
        self._read_map: Callable[[], bytes | None] | None = read_map
        self._map: SourceMap | None = None
        self._texts: dict[int, SourceText] = {}
        self._lock = threading.RLock()

    def trail(self, found: Sequence[WasmFrame], aborted: tuple[str | None, int, int] | None = None) -> Trail:
        """The frames of a failed call with their places.

        Args:
            found: innermost first.
            aborted: file, line and column that AssemblyScript's abort has given, which is where the innermost of
                them stands.
        """
        with self._lock:
            if self._read_map is not None:
                data = self._read_map()
                self._map = None if data is None else read_source_map(data)
                self._read_map = None
            located: list[tuple[Frame, SourceText | None]] = []
            for one in found:
                if not one.is_glue:
                    located.append(self._locate(one.shifted(-self._shift), None if located else aborted))
        if any(text is not None for _, text in located):
            # What has no place here was made by the compiler, to call a function that has one.
            shown = [(frame, text) for frame, text in located if text is not None]
        else:
            shown = [(frame, self._nowhere(frame)) for frame, _ in located]
        return Trail(tuple(frame for frame, _ in located), tuple(shown))

    def _locate(self, found: WasmFrame, aborted: tuple[str | None, int, int] | None) -> tuple[Frame, SourceText | None]:
        number = "?" if found.index is None else found.index
        name = f"wasm-function[{number}]" if found.function is None else demangle(found.function)
        places = self._map
        if places is None or not found.offset:
            return Frame(name, found.offset), None
        if aborted is not None and aborted[0] in places.names:
            source, (line, column) = places.names.index(aborted[0]), aborted[1:]
            text = self._text(places, source)
            if 0 < line <= len(text.lines):
                return Frame(name, found.offset, aborted[0], line, column, text.lines[line - 1].strip()), text
        place = places.find(found.offset, found.start)
        if place is None:
            return Frame(name, found.offset), None
        text = self._text(places, place.source)
        content = text.lines[place.line - 1].strip() if place.line <= len(text.lines) else None
        column = 0 if place.column is None else place.column + 1
        return Frame(name, found.offset, places.names[place.source], place.line, column, content), text

    def _text(self, places: SourceMap, source: int) -> SourceText:
        text = self._texts.get(source)
        if text is None:
            text = self._texts[source] = _source_text(places.names[source], places.lines(source), self._binary)
        return text

    def _nowhere(self, frame: Frame) -> SourceText:
        place = f"+{frame.module_offset:#x}" if frame.module_offset else ""
        return _source_text(f"{self._binary}{place}", None, self._binary)


def demangle(name: str) -> str:
    """The name of a function as its source has it: `assembly/index/File#addLine` as `File#addLine`.

    `export:` before it names what asc puts around an exported function, or makes of the two in the end. The start of a
    source keeps its path, which is all there is to its name: `start:assembly/index`.
    """
    if not name.startswith("start:"):
        name = name.removeprefix("export:")
        name = "".join(part.rpartition("/")[2] or part for part in _DELIMITERS.split(name))
    return printable(name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…")
