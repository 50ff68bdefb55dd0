"""Lets CPython 3.11 and 3.12 print uncaught exceptions with lines of AssemblyScript.

Before 3.13 the interpreter prints what nobody catches without `linecache`: it opens the files that code objects name,
relative to the current folder and along `sys.path`. Lines of sources that exist only in a source map are not shown
then, and a file of the same name would be shown in their place. So the first exception that gets a frame with such
lines puts printing by the `traceback` module in place of the interpreter's own, for exceptions with such frames
only. Hooks that somebody else has set stay.
"""

from __future__ import annotations

import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

__all__ = ["MARK", "print_with_sources"]

#: Among the globals of the frames that this is about.
MARK: Final = "__wasmbind_source__"
#: Since this version CPython does so itself.
_NEEDS_NO_HELP: Final = (3, 13)


def print_with_sources() -> None:
    """Print uncaught exceptions with lines of AssemblyScript from now on, where CPython does not."""
    if sys.version_info >= _NEEDS_NO_HELP:
        return
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _print_uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _print_in_thread


def _print_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not _has_sources(error, trace) or not _print(error, trace):
        sys.__excepthook__(kind, error, trace)


def _print_in_thread(arguments: Any) -> None:
    error, trace = arguments.exc_value, arguments.exc_traceback
    if arguments.exc_type is SystemExit or error is None or not _has_sources(error, trace):
        threading.__excepthook__(arguments)
        return
    name = arguments.thread.name if arguments.thread is not None else threading.get_ident()
    if not _print(error, trace, f"Exception in thread {name}:\n"):
        threading.__excepthook__(arguments)


def _print(error: BaseException, trace: TracebackType | None, headline: str = "") -> bool:
    """Print to standard error; whether that was possible."""
    try:
        text = headline + "".join(traceback.format_exception(type(error), error, trace))
        sys.stderr.write(text)
        sys.stderr.flush()
    except Exception:  # noqa: BLE001 - no standard error, no memory: the interpreter's own way copes with all of it
        return False
    return True


def _has_sources(error: BaseException, trace: TracebackType | None) -> bool:
    seen: set[int] = set()
    todo: list[tuple[BaseException, TracebackType | None]] = [(error, trace)]
    while todo:
        current, entries = todo.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if any(MARK in entry.tb_frame.f_globals for entry in _entries(entries)):
            return True
        below = [current.__cause__, current.__context__, *getattr(current, "exceptions", ())]
        todo += [(other, other.__traceback__) for other in below if isinstance(other, BaseException)]
    return False


def _entries(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next
