"""Docstrings from the doc comments of AssemblyScript."""

from __future__ import annotations

import re
import textwrap
from typing import Final

__all__ = ["docstring_lines"]

WIDTH: Final = 88  # what formatters allow by default

_QUOTES: Final = '"""'
_TAG = re.compile(r"@(\w+)\s*(.*)")
_NAMED = re.compile(r"(?:\{[^}]*\}\s*)?([\w.$]+)\s*(?:-\s+)?(.*)")
_LINK = re.compile(r"\{@link(?:code|plain)?\s+([^}|\s]+)(?:\s*[|\s]\s*([^}]*))?\}")
#: Tags that say something of a parameter or the result, and the heading that they come under.
_HEADINGS: Final = {"param": "Args", "returns": "Returns", "return": "Returns", "throws": "Raises"}
#: Tags for the compiler and its transform.
_SILENT: Final = frozenset({"wasmbindSkip"})


def docstring_lines(text: str, indent: int, names: dict[str, str] | None = None) -> list[str]:
    """The lines of a docstring, without their common indentation; none where the comment says nothing.

    Args:
        text: the doc comment, without its stars.
        indent: how many columns stand before each line.
        names: Python names of parameters by AssemblyScript's.
    """
    paragraphs = _readable(text, names or {})
    while paragraphs and not paragraphs[0].strip():
        paragraphs.pop(0)
    while paragraphs and not paragraphs[-1].strip():
        paragraphs.pop()
    if not paragraphs:
        return []
    # The first line stands behind the opening quotes; alone it has the closing ones behind it.
    quotes = len(_QUOTES) * (2 if len(paragraphs) == 1 else 1)
    lines = _wrapped(paragraphs[0].strip(), WIDTH - indent - quotes)
    lines += [part for line in paragraphs[1:] for part in _wrapped(line, WIDTH - indent)]
    rest = textwrap.dedent("\n".join(lines[1:])).split("\n") if lines[1:] else []
    lines = [_escaped(line) for line in (lines[0], *rest)]
    lines[0] = _QUOTES + " " * lines[0].startswith('"') + lines[0]
    if len(lines) > 1:
        return [*lines, _QUOTES]
    before = lines[0].removesuffix('"')
    is_quote = lines[0] != before and (len(before) - len(before.rstrip("\\"))) % 2 == 0  # and has no backslash
    return [f"{lines[0]}{' ' * is_quote}{_QUOTES}"]


def _readable(text: str, names: dict[str, str]) -> list[str]:
    """The comment's lines, with what its tags say under headings."""
    text = re.sub(r"\r\n?", "\n", text)
    text = "".join(char if char == "\n" or char.isprintable() else " " for char in text)
    text = _LINK.sub(lambda found: (found[2] or found[1]).strip(), text)
    plain: list[str] = []
    sections: dict[str, list[str]] = {}
    current = plain
    for line in textwrap.dedent(text).split("\n"):
        tag = _TAG.match(line.strip())
        if tag is None:
            current.append(f"  {line.strip()}".rstrip() if current is not plain else line.rstrip())
            continue
        kind, said = tag[1], tag[2].rstrip()
        if kind in _SILENT:
            current = []
        elif kind in _HEADINGS:
            current = sections.setdefault(_HEADINGS[kind], [])
            named = _NAMED.match(said) if kind == "param" else None
            if named is not None:
                said = f"{names.get(named[1], named[1])}: {named[2]}".rstrip().rstrip(":")
            current.append(re.sub(r"^\{[^}]*\}\s*", "", said))
        else:
            current = plain
            current.append(line.rstrip())
    plain = [re.sub(r"\s*@wasmbindSkip\b", "", line) for line in plain]
    return _with_sections(plain, sections)


def _with_sections(plain: list[str], sections: dict[str, list[str]]) -> list[str]:
    """The text, and below it what the tags say."""
    said = {name: [line for line in sections.get(name, []) if line.strip()] for name in ("Args", "Returns", "Raises")}
    if not any(line.strip() for line in plain):
        # A docstring cannot begin with a heading.
        shown = [*said["Args"]]
        for name in ("Returns", "Raises"):
            shown += [f"{name}: {said[name][0]}", *said[name][1:]] if said[name] else []
        return shown
    for name, lines in said.items():
        if lines:
            while not plain[-1].strip():
                plain.pop()
            plain += ["", f"{name}:", *(f"    {line}" for line in lines)]
    return plain


def _wrapped(line: str, width: int) -> list[str]:
    """A line, broken at spaces where it is too long."""
    if len(line) <= width:
        return [line]
    body = line.lstrip()
    margin = line[: len(line) - len(body)]
    hanging = margin + ("  " if margin else "")
    return textwrap.wrap(
        body,
        width,
        initial_indent=margin,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').rstrip()
