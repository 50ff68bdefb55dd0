"""Compile AssemblyScript for tests: what the fixture `asc` does.

Results are kept under pytest's cache, each in a folder named by a hash of all that it was made from: the source with
what it imports, the compiler, the transform, the options. So a kept result is never stale.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wasmbind._asc import find_asc
from wasmbind._build import SKIP, TRANSFORM, build_and_report
from wasmbind._modules import AscModule
from wasmbind._pytest_sources import gather
from wasmbind.errors import BuildError

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from wasmbind._asc_package import Asc
    from wasmbind._pytest_sources import Sources

__all__ = ["Compiler"]

#: Days after which a result that nothing has used is removed.
KEPT_FOR = 30
_DAY = 24 * 60 * 60
#: How asc warns of what it passes over.
_UNKNOWN = re.compile(r"WARNING (?:\x1b\[\d*m)*Unknown option '(.*?)'$", re.MULTILINE)
#: The attribute of a module class that has its subclasses by binary.
_BINARIES = "__asc_test_binaries__"


class Compiler:
    """Compiles each source once, for all test processes, and binds classes to the results."""

    def __init__(self, folder: Path, kept: Path, asc: Path | None, options: Sequence[str]) -> None:
        """Prepare for compiling.

        Args:
            folder: what texts import from, and relative paths start from.
            kept: where results are kept.
            asc: the compiler, None to search for it.
            options: options of asc for all sources.
        """
        self._folder, self._kept, self._asc, self._options = folder, kept, asc, tuple(options)

    def __call__(
        self,
        source: str | os.PathLike[str],
        declared: object = None,
        /,
        *options: str,
        skip: Sequence[str] = (),
        asc: str | os.PathLike[str] | None = None,
        **instance: Any,
    ) -> Any:
        """Compile, and start an instance of a declared class; see `CompileAsc`."""
        __tracebackhide__ = True
        if isinstance(declared, str):
            options, declared = (declared, *options), None
        if declared is None and instance:
            raise TypeError(f"asc() takes {', '.join(sorted(instance))} with an AscModule class to start")
        if declared is not None and not (isinstance(declared, type) and issubclass(declared, AscModule)):
            raise TypeError(f"asc() takes an AscModule class, and options of asc as strings, got {declared!r}")
        if not isinstance(source, str | os.PathLike):
            raise TypeError(f"asc() takes the text of a source, or the Path of a file, got {source!r}")
        if not all(isinstance(option, str) for option in options):
            raise TypeError(f"asc() takes options of asc as strings, got {options!r}")
        if isinstance(skip, str):
            raise TypeError(f"asc() takes skip as a list of strings, got {skip!r}")
        wasm = self._compile(source, (*self._options, *options), tuple(skip), asc or self._asc)
        return wasm if declared is None else _bind(declared, wasm)(**instance)

    def _compile(
        self,
        source: str | os.PathLike[str],
        options: tuple[str, ...],
        skip: tuple[str, ...],
        named: str | os.PathLike[str] | None,
    ) -> Path:
        """The path of the binary, which is compiled if it is not kept."""
        __tracebackhide__ = True
        sources = gather(source, self._folder)
        compiler = _find_asc(sources.base, None if named is None else os.fspath(named))
        options, texts = _absolute(options, sources.base)
        asked = [compiler.version, _transform(), options, texts, skip, os.environ.get(SKIP), sources.identity()]
        key = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:24]
        kept, name = self._kept / key, f"{Path(sources.entry).stem}.wasm"
        if not (kept / name).is_file():
            with _alone(self._kept / f"{key}.lock"):
                if not (kept / name).is_file():  # another process may have made it meanwhile
                    self._forget_old()
                    self._make(kept, name, sources, (compiler, options, skip))
        with contextlib.suppress(OSError):  # somebody else's cache, which is as good
            os.utime(kept)
        return kept / name

    def _make(self, kept: Path, name: str, sources: Sources, how: tuple[Asc, tuple[str, ...], tuple[str, ...]]) -> None:
        """Compile, and put the binary and its source map into a folder that is there when they are whole."""
        __tracebackhide__ = True
        compiler, options, skip = how
        with tempfile.TemporaryDirectory(dir=self._kept, prefix="new-", ignore_cleanup_errors=True) as scratch:
            made = Path(scratch, "made")
            made.mkdir()
            base = sources.copy_to(Path(scratch, "source"))
            printed: list[str] = []
            paths = [part for place in sources.searched for part in ("--path", str(place))]
            try:
                build_and_report(
                    base / sources.entry,
                    made / name,
                    ["--baseDir", str(base), *paths, *options],
                    skip,
                    compiler.package,
                    report=printed.append,
                )
            except BuildError as error:
                if error.status is None:
                    raise
                # The copy of the source is gone; what asc printed names the source itself.
                raise BuildError(
                    f"asc refused {sources.entry}",
                    status=error.status,
                    diagnostics=error.diagnostics,
                    command=error.command,
                ) from None
            warnings = "".join(printed)
            _refuse_unknown(_UNKNOWN.findall(warnings))
            if not (made / name).is_file():
                raise BuildError(
                    f"asc wrote no binary of {sources.entry}",
                    fix="leave out the option with which it does something else than compile, such as --noEmit",
                )
            sys.stderr.write(warnings)
            try:
                made.rename(kept)
            except OSError:  # made by a process that this one could not be kept apart from
                if not (kept / name).is_file():
                    raise

    def _forget_old(self) -> None:
        """Remove what no test has used for long: each change of a source leaves a result behind."""
        oldest = time.time() - KEPT_FOR * _DAY
        for path in self._kept.iterdir():
            with contextlib.suppress(OSError):  # another process does the same
                if path.stat().st_mtime < oldest:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _refuse_unknown(options: list[str]) -> None:
    """Refuse options that asc has passed over: the test would not be about what it says."""
    __tracebackhide__ = True
    if options:
        raise BuildError(
            f"asc does not know {', '.join(options)}",
            fix="correct what asc() is called with, or the ini option wasmbind_options; `asc --help` lists its options",
        )


def _bind(declared: type[Any], wasm: Path) -> type[Any]:
    """A subclass of a module class that stands for the same with another binary; made once.

    The class itself keeps it, so that a class in a function goes when nobody has it any more.
    """
    metaclass: Any = type(declared)
    made: dict[Path, type[Any]] | None = declared.__dict__.get(_BINARIES)
    if made is None:
        made = {}
        setattr(declared, _BINARIES, made)
    if wasm not in made:
        body = {"__module__": declared.__module__, "__qualname__": declared.__qualname__, "__doc__": declared.__doc__}
        made[wasm] = metaclass(
            declared.__name__,
            (declared,),
            body,
            wasm=wasm,
            classes=declared.__asc_classes__,
            start=declared.__asc_start__,
        )
    return made[wasm]


@functools.cache
def _find_asc(base: Path, named: str | None) -> Asc:
    """Find the compiler, once for each place."""
    return find_asc(base / "source.ts", named)


@functools.cache
def _transform() -> str:
    """What identifies the transform."""
    return hashlib.sha256(TRANSFORM.read_bytes()).hexdigest()


def _absolute(options: tuple[str, ...], base: Path) -> tuple[tuple[str, ...], list[str]]:
    """Options in which files have absolute paths, for asc starts elsewhere; and the texts of these files."""
    texts: list[str] = []
    spelled: list[str] = []
    for option in options:
        name, equals, value = option.rpartition("=") if option.startswith("--") else ("", "", option)
        file = base / value
        if value and file.is_file():
            texts.append(hashlib.sha256(file.read_bytes()).hexdigest())
            option = f"{name}{equals}{file}"  # noqa: PLW2901 - the option as asc gets it
        spelled.append(option)
    return tuple(spelled), texts


@contextlib.contextmanager
def _alone(path: Path) -> Generator[None]:
    """Keep other processes from compiling the same."""
    if sys.platform == "win32":
        yield  # they do it twice then
        return
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
