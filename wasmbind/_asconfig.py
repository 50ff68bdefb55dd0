"""What the options of asc and the project's asconfig.json say about the output, read as asc reads them.

asc itself reads both again; this is for what has to be known before: where the binary goes, whether a source map is
asked for, which files make up the project.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["OUT_FILE", "Settings", "option_value", "read_settings"]

OUT_FILE = ("--outFile", "-o")


@dataclass(frozen=True, slots=True)
class Settings:
    """What options and asconfig.json decide.

    Attributes:
        base: the folder that asc takes relative paths from.
        out_file: the binary that they name, or None.
        map_is_settled: whether they say something about a source map.
        configs: the configuration files that are there, the nearest first.
        entries: the source files that they name besides the main one.
    """

    base: Path
    out_file: Path | None
    map_is_settled: bool
    configs: tuple[Path, ...]
    entries: tuple[Path, ...]


def option_value(options: Sequence[str], *names: str) -> str | None:
    """The value of an option as asc parses it: the last one counts, "" if it has no value, None if it is not there."""
    value = None
    own = options[: options.index("--")] if "--" in options else options  # what follows is for Node.js
    for position, option in enumerate(own):
        name, has_value, text = option.partition("=")
        if name in names:
            following = own[position + 1 : position + 2]
            value = text if has_value else "".join(following) if not "".join(following).startswith("-") else ""
    return value


def read_settings(options: Sequence[str], folder: Path) -> Settings:
    """Read options of asc, and the asconfig.json that they lead to from a working directory."""
    base = folder / (option_value(options, "--baseDir") or ".")
    target = option_value(options, "--target") or "release"
    named = option_value(options, *OUT_FILE)
    out_file = None if named is None else base / named
    map_is_settled = option_value(options, "--sourceMap") is not None
    # The transforms of a project are among them, which does no harm to those who watch them.
    entries = [base / option for option in options if option.endswith(".ts") and not option.startswith("-")]
    configs: list[Path] = []
    for file, config in _read_configs(base / (option_value(options, "--config") or "asconfig.json")):
        configs.append(file)
        for section in (_table(_table(config, "targets"), target), _table(config, "options")):
            named = section.get("outFile")
            if out_file is None and isinstance(named, str):
                out_file = file.parent / named
            map_is_settled = map_is_settled or section.get("sourceMap") is not None
        listed = config.get("entries")
        entries.extend(file.parent / str(entry) for entry in (listed if isinstance(listed, list) else ()))
    return Settings(base, out_file, map_is_settled, tuple(configs), tuple(entries))


def _read_configs(file: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield a configuration file, then those that it extends; asc complains about what cannot be read."""
    seen: set[Path] = set()
    while (file := Path(os.path.normpath(file))) not in seen:
        seen.add(file)
        try:
            config: Any = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if not isinstance(config, dict):
            return
        yield file, config
        extended = config.get("extends")
        if not isinstance(extended, str):
            return
        file = _extended(extended, file.parent)


def _extended(name: str, folder: Path) -> Path:
    """Return the file that `extends` means: one of a package unless it starts with a dot."""
    if not name.startswith("."):
        for parent in (folder, *folder.parents):
            file = parent / "node_modules" / name
            if file.is_file():
                return file
    return folder / name


def _table(config: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return an object inside a configuration, empty if there is none."""
    value = config.get(key)
    return value if isinstance(value, dict) else {}
