"""Frames as wasmtime reports them: which belong to a call, and what its messages say of them."""

import pytest

from wasmbind._backtraces import WasmFrame, frames_of_text, own_frames
from wasmbind._glue import MODULE_NAME

#: The most frames that wasmtime 50 keeps.
MOST = 20


def frames(text: str) -> list[WasmFrame]:
    """One frame for each letter; capitals are frames of glue that calls Python."""
    return [WasmFrame(MODULE_NAME if letter.isupper() else None, None, 0, ord(letter), 0) for letter in text]


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        ("a", ""),
        ("ab", "Hcd"),
        ("Hcd", "Hcd"),
        ("Hcd", "HcdHcd"),
        ("a", "Hcd" * 10),
        ("abc", "Hcd" * 10),
        ("Hcd", "Hcd" * 10),
        ("abbbb", "Hbbbb"),
        ("Hbbbb", "Hbbbb"),
        ("a" * 30, "Hcd"),
        ("a" * 19, "Hcd"),
        ("a" * 20, "Haaa"),
        ("b" * 18, "Hbbbbbbb"),
        ("", "Hcd"),
    ],
)
@pytest.mark.parametrize("most", [MOST, 1_000])
def test_own_frames(inner: str, outer: str, most: int) -> None:
    """The frames of the calls around are cut off, however many of all of them wasmtime has kept."""
    found, standing = frames(inner + outer)[:most], frames("!" + outer)[1:most]
    assert list(own_frames(found, standing)) == frames(inner)[:most]


def test_frames_of_a_message() -> None:
    """The offset, the function's name or its index, and the module's name are read, and nothing after the cause."""
    message = (
        "error while executing at wasm backtrace:\n"
        "    0:   0x16b6 - <unknown>!assembly/index/File#addLine\n"
        "    1:     0x40 - wasmbind!<wasm function 12>\n"
        "   10: 0xffffffff - odd!a!b\n"
        "    3: 0x123456789 - <unknown>!too/far\n"
        "\nCaused by:\n    0:   0x1 - <unknown>!of/a/lie\n"
    )
    assert frames_of_text(message) == (
        WasmFrame(None, "assembly/index/File#addLine", None, 0x16B6, None),
        WasmFrame("wasmbind", None, 12, 0x40, None),
        WasmFrame("odd", "a!b", None, 0xFFFFFFFF, None),
    )
    assert frames_of_text("") == ()


def test_shifted_frames() -> None:
    """Offset and start move together; what is not known stays unknown."""
    assert WasmFrame(None, "f", 1, 20, 10).shifted(-4) == WasmFrame(None, "f", 1, 16, 6)
    assert WasmFrame(None, "f", 1, 20, None).shifted(3) == WasmFrame(None, "f", 1, 23, None)
