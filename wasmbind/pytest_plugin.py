"""The pytest plugin: AssemblyScript in tests, and tests that leave nothing behind.

pytest finds it by itself. The fixture `asc` compiles AssemblyScript; the marker `no_leaks` and the fixture of that name
fail a test that leaves AssemblyScript objects alive. All that they need is loaded when a test uses them: until then the
plugin is this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar, overload

import pytest

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Generator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from wasmtime import WasiConfig

    from wasmbind._imports import Imports
    from wasmbind._limits import Limits
    from wasmbind._modules import AscModule

__all__ = ["CompileAsc", "NoLeaks"]

MARKER = "no_leaks"
FOLDER, ASC, OPTIONS = "wasmbind_folder", "wasmbind_asc", "wasmbind_options"

M = TypeVar("M", bound="AscModule")


class CompileAsc(Protocol):
    """What the fixture `asc` is: a function that compiles AssemblyScript, each source once."""

    @overload
    def __call__(
        self,
        source: str | os.PathLike[str],
        /,
        *options: str,
        skip: Sequence[str] = (),
        asc: str | os.PathLike[str] | None = None,
    ) -> Path: ...

    @overload
    def __call__(
        self,
        source: str | os.PathLike[str],
        declared: type[M],
        /,
        *options: str,
        skip: Sequence[str] = (),
        asc: str | os.PathLike[str] | None = None,
        imports: Imports | None = None,
        wasi: WasiConfig | None = None,
        limits: Limits | None = None,
    ) -> M: ...

    def __call__(
        self,
        source: str | os.PathLike[str],
        declared: type[M] | str | None = None,
        /,
        *options: str,
        **instance: object,
    ) -> Path | M:
        """Compile AssemblyScript as `wasmbind build` does.

        Args:
            source: the text itself, which is compiled as `inline.ts`, or the path of a file.
            declared: an `AscModule` class; left out, nothing is started.
            options: more options of asc, such as ``"-O3"``, after those of the ini option `wasmbind_options`.
            **instance: `skip` are members to leave out, such as ``"File#broken"``; `asc` is the compiler, if it is not
                to be searched for; `imports`, `wasi` and `limits` are what calling the class takes.

        Returns:
            A new instance of the class, or the path of the `.wasm`, beside which its source map lies.

        Raises:
            BuildError: asc refused the source, or something that is needed is missing.
            BindError: the class does not fit the binary.
        """
        ...


class NoLeaks(Protocol):
    """What the fixture `no_leaks` is: it makes a context manager that fails the test for what its block leaves."""

    def __call__(self) -> AbstractContextManager[None]:
        """Watch a `with` block, as the marker watches a whole test."""
        ...


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the ini options, which is the first that pytest asks of a plugin."""
    # pytest rewrites the assertions of each module of a distribution that has a plugin. Nobody gains by that here, it
    # makes wasmbind slow to import, and what tests run would not be the bytecode that everybody else runs.
    marked: set[str] | None = getattr(pluginmanager.rewrite_hook, "_must_rewrite", None)
    if marked is not None:
        marked.discard("wasmbind")
    parser.addini(FOLDER, "wasmbind: what inline AssemblyScript imports from, relative to the root folder", default=".")
    parser.addini(ASC, "wasmbind: the AssemblyScript compiler, relative to the root folder", default="")
    parser.addini(OPTIONS, "wasmbind: options of asc for the fixture `asc`", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", f"{MARKER}: fail a test that leaves AssemblyScript objects alive (wasmbind)")


@pytest.fixture(scope="session")
def asc(request: pytest.FixtureRequest) -> CompileAsc:
    """Compile AssemblyScript: `asc(SOURCE, Declared)` is an instance of `Declared`, `asc(SOURCE)` a path."""
    from wasmbind._pytest_asc import Compiler  # noqa: PLC0415 - for tests that compile

    config = request.config
    named: str = config.getini(ASC)
    kept: Path
    if config.pluginmanager.hasplugin("cacheprovider"):
        kept = config.cache.mkdir("wasmbind")
    else:  # without pytest's cache each run compiles anew
        kept = request.getfixturevalue("tmp_path_factory").mktemp("wasmbind")
    return Compiler(
        folder=config.rootpath / config.getini(FOLDER),
        kept=kept,
        asc=config.rootpath / named if named else None,
        options=config.getini(OPTIONS),
    )


@pytest.fixture(name=MARKER)
def _no_leaks() -> NoLeaks:
    """`with no_leaks():` fails the test if its block leaves AssemblyScript objects alive."""
    from wasmbind._pytest_leaks import no_leaks  # noqa: PLC0415 - for tests that watch

    watched: Callable[[], AbstractContextManager[None]] = no_leaks
    return watched


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Watch a marked test, from the end of its fixtures' setup to the end of its function."""
    if item.get_closest_marker(MARKER) is None:
        yield
        return
    from wasmbind._pytest_leaks import no_leaks  # noqa: PLC0415 - for tests that watch

    with no_leaks(item.name):
        yield
