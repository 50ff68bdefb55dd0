"""What the mypy plugin remembers of files that mypy does not know of, from one run to the next."""

import os
from pathlib import Path

import pytest
from mypy.options import Options

from wasmbind._mypy import watched
from wasmbind._mypy.watched import KeptInputs, changed_binaries, digest_of, watch


@pytest.fixture(autouse=True)
def _nothing_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test watches its own binaries."""
    monkeypatch.setattr(watched, "_binaries", {})


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """The options of a mypy that keeps its cache below the test's folder."""
    made = Options()
    made.cache_dir = str(tmp_path / "cache")
    return made


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    """A file that findings depend on."""
    made = tmp_path / "files.wasm"
    made.write_bytes(b"one")
    return made


def inputs_of(path: Path) -> dict[str, str]:
    """A file with what it holds, as the plugin notes it."""
    return {str(path): digest_of(str(path))}


def test_a_digest_tells_content(binary: Path) -> None:
    """It is that of what the file holds, and empty where there is none."""
    first = digest_of(str(binary))
    binary.write_bytes(b"two")
    second = digest_of(str(binary))
    binary.write_bytes(b"one")
    assert first != second
    assert digest_of(str(binary)) == first
    binary.unlink()
    assert digest_of(str(binary)) == ""


def test_what_was_kept_is_what_is_found(options: Options, binary: Path) -> None:
    """The next run finds the state that the last one has kept, until a file changes."""
    kept = KeptInputs(options).keep("files.py", inputs_of(binary))
    assert kept is not None
    assert KeptInputs(options).state_of("files.py") == kept
    assert KeptInputs(options).state_of("others.py") is None
    binary.write_bytes(b"two")
    assert KeptInputs(options).state_of("files.py") not in (None, kept)
    binary.unlink()
    assert KeptInputs(options).state_of("files.py") not in (None, kept)


def test_a_module_without_declarations_has_no_state(options: Options, binary: Path) -> None:
    """Nothing is written for it, and what was written while it had some is removed."""
    kept = KeptInputs(options)
    assert kept.keep("files.py", {}) is None
    assert not Path(options.cache_dir).exists()
    kept.keep("files.py", inputs_of(binary))
    assert kept.keep("files.py", {}) is None
    assert kept.state_of("files.py") is None
    assert KeptInputs(options).state_of("files.py") is None


def test_a_spoilt_note_is_none(options: Options, binary: Path) -> None:
    """A note that cannot be read counts as none, so that mypy checks the module again."""
    KeptInputs(options).keep("files.py", inputs_of(binary))
    (note,) = Path(options.cache_dir, "wasmbind").iterdir()
    for text in ("", "[]", "{}", '{"inputs": 1}'):
        note.write_text(text, encoding="utf-8")
        assert KeptInputs(options).state_of("files.py") is None


@pytest.mark.parametrize("change", [{"incremental": False}, {"cache_dir": os.devnull}, {"bazel": True}])
def test_nothing_is_kept_where_mypy_keeps_nothing(options: Options, binary: Path, change: dict[str, object]) -> None:
    """Without a cache, or with one that somebody else manages, no file is written."""
    before = sorted(binary.parent.iterdir())
    for name, value in change.items():
        setattr(options, name, value)
    kept = KeptInputs(options)
    assert kept.keep("files.py", inputs_of(binary)) is None
    assert kept.state_of("files.py") is None
    assert sorted(binary.parent.iterdir()) == before


def test_changed_binaries_are_told(options: Options, binary: Path, tmp_path: Path) -> None:
    """A binary counts as changed while it holds something else than when it was read; sources never do."""
    source = tmp_path / "parts.py"
    source.write_text("x = 1\n", encoding="utf-8")
    watch({**inputs_of(binary), **inputs_of(source)})
    source.write_text("x = 2\n", encoding="utf-8")
    assert not changed_binaries()
    binary.write_bytes(b"two")
    assert changed_binaries()
    binary.write_bytes(b"one")
    assert not changed_binaries()
    KeptInputs(options).keep("files.py", inputs_of(binary))
    binary.write_bytes(b"two")
    KeptInputs(options).state_of("files.py")  # read anew: what it holds now is what is known
    assert not changed_binaries()


def test_a_name_that_no_file_can_have_holds_nothing() -> None:
    """Such a `wasm=` must not keep the rest of its file from being checked."""
    assert digest_of("a\0b.wasm") == ""
