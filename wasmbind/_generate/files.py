"""Generated text in files: reading binaries, and replacing a generated block in a file that holds more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._generate.document import BEGIN, END
from wasmbind._schema.binary import BinaryFormatError, read_binary
from wasmbind._schema.nodes import SchemaError
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from pathlib import Path

    from wasmbind._schema.model import Binary

__all__ = ["read_wasm", "replace_block"]

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
        raise DeclarationError(str(path), str(error), fix="compile it again with asc") from None
    except SchemaError as error:
        raise DeclarationError(str(path), str(error), fix=error.fix) from None


def replace_block(existing: str, generated: str, name: str) -> str:
    """A file's text with its generated block replaced, and everything else as it was.

    Args:
        existing: the file's text.
        generated: a whole generated text, of which the block is taken.
        name: the file's name, for errors.

    Raises:
        DeclarationError: there is not exactly one generated block.
    """
    before, _, after = _split(existing, name)
    return before + _split(generated, name)[1] + after


def _split(text: str, name: str) -> tuple[str, str, str]:
    """What stands before the block, the block with its marks, and what stands after it."""
    lines = text.splitlines(keepends=True)
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
    return "".join(lines[:start]), "".join(lines[start:end]), "".join(lines[end:])
