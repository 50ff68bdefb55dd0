"""Generated text in files: reading binaries, and writing files, of which some hold more than a generated block."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Final

from wasmbind._generate.document import BEGIN, END
from wasmbind._schema.binary import read_binary
from wasmbind._schema.format import BinaryFormatError
from wasmbind._schema.nodes import SchemaError
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from wasmbind._schema.model import Binary

__all__ = ["is_outdated", "read_text", "read_wasm", "replace_block", "write_text"]

_START: Final = BEGIN.partition("{")[0]


def read_wasm(path: Path) -> Binary:
    """Read a binary.

    Raises:
        DeclarationError: the file cannot be read, or is no binary that declarations can be written for.
    """
    try:
        return read_binary(path.read_bytes(), path.name)
    except OSError as error:
        fix = "build it with `wasmbind build`, or correct the path"
        raise DeclarationError(str(path), f"cannot be read: {error.strerror}", fix=fix) from None
    except BinaryFormatError as error:
        raise DeclarationError(str(path), str(error), fix=error.fix(str(path))) from None
    except SchemaError as error:
        raise DeclarationError(str(path), str(error), fix=error.fix) from None


def replace_block(existing: str, generated: str, name: str) -> str:
    """A file's text with its generated block replaced, and everything else as it was.

    The block gets the line ending of the line that begins it.

    Args:
        existing: the file's text, with its own line endings.
        generated: a whole generated text, of which the block is taken.
        name: the file's name, for errors.

    Raises:
        DeclarationError: there is not exactly one generated block.
    """
    before, old, after = _split(existing, name)
    block = _split(generated, name)[1]
    return "".join([*before, *(line.removesuffix("\n") + _ending(old[0]) for line in block), *after])


def is_outdated(path: Path, text: str) -> bool:
    """Whether a file does not have a text.

    Raises:
        DeclarationError: it cannot be read.
    """
    return read_text(path) != text


def write_text(path: Path, text: str) -> None:
    """Write a file, and its folder, if that changes it: tools that watch it need not look again.

    Raises:
        DeclarationError: it cannot be written.
    """
    if not is_outdated(path, text):
        return
    with _refusing(path, "written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


def read_text(path: Path) -> str | None:
    """The text of a file with its own line endings, None if there is no such file.

    Raises:
        DeclarationError: it cannot be read.
    """
    with _refusing(path, "read"):
        try:
            return path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            problem, fix = f"is not UTF-8: {error.reason} at byte {error.start}", "save it as UTF-8, or give another -o"
            raise DeclarationError(str(path), problem, fix=fix) from None


@contextlib.contextmanager
def _refusing(path: Path, done: str) -> Generator[None]:
    """Make an error of the operating system one that says which file was to be read or written."""
    try:
        yield
    except OSError as error:
        # That of a folder above names it.
        where = "" if error.filename in (None, str(path)) else f", {error.filename}"
        problem, fix = f"cannot be {done}: {error.strerror}{where}", "give another -o: a file that can be written"
        raise DeclarationError(str(path), problem, fix=fix) from None


def _ending(line: str) -> str:
    """The characters that end a line."""
    return line[len(line.rstrip("\r\n")) :]


def _split(text: str, name: str) -> tuple[list[str], list[str], list[str]]:
    """The lines before the block, those of the block with its marks, and those after it."""
    lines = list(io.StringIO(text, newline=""))  # which ends lines where editors do, and keeps what ends them
    begins = [at for at, line in enumerate(lines) if line.startswith(_START)]
    ends = [at for at, line in enumerate(lines) if line.rstrip() == END]
    if len(begins) != 1 or len(ends) != 1 or ends[0] < begins[0]:
        if not begins and not ends:
            problem, fix = "has no generated block, and is not overwritten", "give another -o, or remove the file first"
        else:
            problem = f"has {len(begins)} lines that begin a generated block, and {len(ends)} that end one"
            fix = "keep one of each, the beginning first, or remove the file to have it written anew"
        raise DeclarationError(name, problem, fix=fix)
    start, end = begins[0], ends[0] + 1
    return lines[:start], lines[start:end], lines[end:]
