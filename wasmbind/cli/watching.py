"""Which files a module is made of, and building again when one of them changes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import watchfiles

from wasmbind._asconfig import read_settings

__all__ = ["Listen", "is_source", "keep_building", "listen_to", "watched_folders"]

Listen = Callable[[Sequence[Path]], Iterator[set[Path]]]
"""Listen to folders. The first set comes as soon as it listens; then come the paths that change together, as they do.

A set may be empty. The end of the sets ends the watching.
"""

READY_WITHIN = 100  # ms until the first set; no other wait depends on it
CONFIG = "asconfig.json"

_IMPORT = re.compile(r"""\b(?:from|import)\s*["'](\.[^"']+)["']""")


def keep_building(
    run: Callable[[], object],
    folders: Callable[[], Sequence[Path]],
    is_watched: Callable[[Path], bool],
    listen: Listen,
) -> None:
    """Build now, and again after each change; folders that appear are listened to from the next build on.

    Each build starts when its listener is there: what is saved while asc runs is built again, and nothing is lost.
    """
    listened = folders()
    while True:
        changes = listen(listened)
        next(changes, None)
        run()
        for changed in changes:
            current = folders()
            if any(map(is_watched, changed)) or current != listened:
                listened = current
                break
        else:
            return


def listen_to(folders: Sequence[Path]) -> Iterator[set[Path]]:
    """Listen with watchfiles, which groups what changes within a few hundredths of a second."""
    # Not recursive: below a project's root lie node_modules and the like, and each folder costs the system a watch.
    batches = watchfiles.watch(
        *folders, watch_filter=None, recursive=False, rust_timeout=READY_WITHIN, yield_on_timeout=True
    )
    for batch in batches:
        yield {Path(path) for _, path in batch}


def is_source(path: Path, output: Path, configs: Sequence[Path]) -> bool:
    """Whether a change of this file changes the module.

    asc's own bindings for JavaScript are an output although they end in `.d.ts`; hidden files are an editor's.
    """
    if path.suffix == ".ts":
        return not path.name.startswith(".") and path.name != f"{output.stem}.d.ts"
    return path.name == CONFIG or path.name in {config.name for config in configs}


def watched_folders(source: Path, options: Sequence[str]) -> list[Path]:
    """The folders that a module's files are in: below each entry file, of each import, and of each configuration."""
    settings = read_settings(options, Path.cwd())
    folders = {settings.base, *(config.parent for config in settings.configs)}
    for entry in (source, *settings.entries):
        folders.update(_tree(entry.absolute().parent))
        folders.update(file.parent for file in _imported(entry.absolute()))
    return sorted(folder for folder in {Path(os.path.normpath(folder)) for folder in folders} if folder.is_dir())


def _tree(root: Path) -> Iterator[Path]:
    """Yield a folder and those below it, without packages, hidden folders and virtual environments."""
    for folder, inner, files in os.walk(root):
        if "pyvenv.cfg" in files:
            inner.clear()
            continue
        inner[:] = [name for name in inner if name != "node_modules" and not name.startswith(".")]
        yield Path(folder)


def _imported(entry: Path) -> set[Path]:
    """Return the files that a file reaches by relative imports, itself among them."""
    reached: set[Path] = set()
    waiting = [entry]
    while waiting:
        file = waiting.pop()
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # not there, or not now: editors save by replacing
        reached.add(file)
        for name in _IMPORT.findall(text):
            target = Path(os.path.normpath(file.parent / name))
            waiting.extend({target.with_name(f"{target.name}.ts"), target / "index.ts"} - reached)
    return reached
