"""Which source map the tracebacks of a binary are made with, and how long its sources are kept."""

import gc
import linecache
import traceback
import zipfile
from pathlib import Path

import pytest
import wasmtime

from tests.compiling import CompileAsc, Compiler
from tests.integration.tracebacks_module import Faults, bound, built, copied, failure_of, script_names, start
from wasmbind import AbortError, DeclarationError, TrapError, engine


def lines_of(cls: type[Faults]) -> list[int]:
    """The lines of the frames of a throw; zeros without a map."""
    error = failure_of(start(cls).read, "")
    assert isinstance(error, AbortError)
    # The fourth is what asc puts around an exported function.
    return [frame.line for frame in error.frames][:3]


FOUND, MISSED = [8, 17, 24], [0, 0, 0]


def test_the_map_beside_the_binary(tmp_path: Path) -> None:
    """`<binary>.map` is read, when something has failed and not before."""
    wasm = copied(tmp_path)
    cls = bound(wasm)
    aside = wasm.with_name("aside")
    wasm.with_name(f"{wasm.name}.map").rename(aside)
    faults = start(cls)
    assert faults.divide(4, 2) == 2
    aside.rename(wasm.with_name(f"{wasm.name}.map"))
    error = failure_of(faults.dig, 0)
    assert isinstance(error, TrapError)
    assert [frame.line for frame in error.frames[:2]] == [28, 32]
    assert lines_of(cls) == FOUND


def test_a_map_that_is_given(tmp_path: Path) -> None:
    """As a path, as bytes, as a resource; for a binary that is a file, or bytes."""
    wasm = copied(tmp_path)
    file = wasm.with_name(f"{wasm.name}.map").rename(tmp_path / "other.json")
    assert lines_of(bound(wasm)) == MISSED
    assert lines_of(bound(wasm, source_map=file)) == FOUND
    assert lines_of(bound(wasm, source_map=str(file))) == FOUND
    assert lines_of(bound(wasm.read_bytes())) == MISSED
    assert lines_of(bound(wasm.read_bytes(), source_map=file.read_bytes())) == FOUND
    assert lines_of(bound(wasm.read_bytes(), source_map=file)) == FOUND


def test_maps_in_archives(tmp_path: Path) -> None:
    """A package may lie in an archive, the map beside the binary there."""
    wasm = copied(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(wasm, "pkg/with.wasm")
        archive.write(f"{wasm}.map", "pkg/with.wasm.map")
        archive.write(wasm, "pkg/without.wasm")
    root = zipfile.Path(tmp_path / "a.zip")
    assert lines_of(bound(root / "pkg" / "with.wasm")) == FOUND
    assert lines_of(bound(root / "pkg" / "without.wasm")) == MISSED
    assert lines_of(bound(root / "pkg" / "without.wasm", source_map=root / "pkg" / "with.wasm.map")) == FOUND


def test_maps_that_are_none(tmp_path: Path) -> None:
    """What cannot be read, or is no map, is as good as none: the error is what it would be without."""
    wasm = copied(tmp_path)
    file = wasm.with_name(f"{wasm.name}.map")
    for content in (b"", b"{", b'{"version": 3}', b"\0" * (17 << 20)):
        file.write_bytes(content)
        assert lines_of(bound(wasm)) == MISSED
    file.unlink()
    file.mkdir()
    assert lines_of(bound(wasm)) == MISSED


def test_a_map_that_cannot_be() -> None:
    """A map that is given and is not there, or no map at all, is an error of the declaration."""
    wasm = copied_wasm()
    with pytest.raises(DeclarationError, match=r"cannot read the source map .*missing\.map"):
        start(bound(wasm, source_map="missing.map"))
    with pytest.raises(DeclarationError, match="source_map=int is no source map"):
        start(bound(wasm, source_map=3))


def copied_wasm() -> bytes:
    """The debug build."""
    return Path(built("debug").__asc_wasm__).read_bytes()  # type: ignore[attr-defined]  # as above


def test_compiled_modules() -> None:
    """A module that somebody has compiled has no file; its map is given."""
    wasm = copied_wasm()
    module = wasmtime.Module(engine(), wasm)
    assert lines_of(bound(module)) == MISSED
    assert lines_of(bound(module, source_map=Path(f"{built('debug').__asc_wasm__}.map"))) == FOUND  # type: ignore[attr-defined]  # as above


@pytest.mark.parametrize("compiler", ["oldest", "classic"])
def test_older_compilers(compiler: Compiler, asc: CompileAsc) -> None:
    """The first release with collected memory, and the last with class members, write maps that are read."""
    cls = bound(asc(Path("tracebacks.ts"), "-O0", "--debug", "--sourceMap", compiler=compiler))
    error = failure_of(start(cls).dig, 1)
    assert script_names(error) == ["dig", "dig", "divide"]
    assert isinstance(error, TrapError)
    assert [frame.line for frame in error.frames[:3]] == [28, 32, 32]


def test_sources_are_let_go(tmp_path: Path) -> None:
    """A binary that is gone, with all its errors, leaves no text behind."""

    def fail() -> None:
        wasm = copied(tmp_path)
        file = wasm.with_name(f"{wasm.name}.map")
        file.write_text(file.read_text(encoding="utf-8").replace("a line must", "this line must"), encoding="utf-8")
        assert "this line must not" in "".join(traceback.format_exception(failure_of(start(bound(wasm)).read, "")))
        assert len(texts()) > len(before)

    def texts() -> set[str]:
        return {name for name in linecache.cache if name.endswith(("tracebacks.ts", "tracebacks.ts>"))}

    start(built("debug"))
    gc.collect()
    before = texts()
    fail()
    gc.collect()
    assert texts() == before
