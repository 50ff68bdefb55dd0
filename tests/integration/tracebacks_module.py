"""The declarations of `tests/assembly/tracebacks.ts`, and its builds."""

# mypy: disable-error-code="empty-body"

import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.compiling import CACHE, compile_asc
from wasmbind import AscModule, i32, string

SOURCE = Path("tracebacks.ts")
BUILDS = {
    "debug": ("-O0", "--debug", "--sourceMap"),
    "release": ("-O3", "--sourceMap"),
    "without a map": ("-O0", "--debug"),
    "without names": ("-O3",),
}


class Faults(AscModule):
    """The module, without a binary: subclasses have one."""

    def read(self, text: string) -> i32: ...
    def divide(self, a: i32, b: i32) -> i32: ...
    def dig(self, depth: i32) -> i32: ...
    def each(self, depth: i32) -> i32: ...
    def consult(self, depth: i32) -> i32: ...
    def crash(self) -> None: ...


@functools.cache
def built(build: str) -> type[Faults]:
    """The class of one of `BUILDS`."""
    return bound(compile_asc(SOURCE, *BUILDS[build]))


def bound(wasm: Any, **options: Any) -> type[Faults]:
    """A class of its own for a binary."""

    class Built(Faults, wasm=wasm, **options): ...

    return Built


def start(cls: type[Faults], ask: Callable[[int], int] = lambda depth: depth) -> Faults:
    """An instance, and what its import does."""
    return cls(imports={"host": {"ask": ask}})


def copied(folder: Path, *, with_map: bool = True) -> Path:
    """The debug build as a file of a test's own, with or without its map."""
    wasm = compile_asc(SOURCE, *BUILDS["debug"])
    assert wasm.is_relative_to(CACHE)
    shutil.copy(wasm, folder / wasm.name)
    if with_map:
        shutil.copy(f"{wasm}.map", folder / f"{wasm.name}.map")
    return folder / wasm.name


def failure_of(function: Callable[..., object], *arguments: object) -> BaseException:
    """What a function raises."""
    try:
        function(*arguments)
    except BaseException as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("it did not fail")


def entries(error: BaseException) -> Iterator[TracebackType]:
    """The entries of a traceback, outermost first."""
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next


def script_names(error: BaseException) -> list[str]:
    """The functions of `tracebacks.ts` in a traceback, and `answer` for each host function between them."""
    names = []
    for entry in entries(error):
        code = entry.tb_frame.f_code
        if code.co_filename.endswith("tracebacks.ts") or code.co_name == "answer":
            names.append(code.co_name)
    return names
