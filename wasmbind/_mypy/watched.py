"""The files that findings depend on and mypy does not know of: binaries, and sources that declarations were read from.

mypy keeps what it found in a cache, and asks plugins for each module whether that may still be used. It does so before
it reads the module, so the names of these files are kept in the cache folder, in a small file for each module that has
any. A daemon keeps everything in memory and asks only whether the plugin itself has changed: a changed binary is told
as such a change, upon which it starts anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy.options import Options

__all__ = ["Inputs", "KeptInputs", "changed_binaries", "digest_of", "watch"]

Inputs: TypeAlias = dict[str, str]
"""Paths, each with what the file held, as `digest_of` says it."""

#: What the binaries held that the findings of this process depend on.
_binaries: Final[dict[str, str]] = {}


def digest_of(path: str) -> str:
    """What a file holds, in short; a file that is not there holds nothing."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]
    except (OSError, ValueError):  # the latter for a name that no file can have
        return ""


def watch(inputs: Inputs) -> None:
    """Remember what the binaries among some files held when they were read."""
    _binaries.update({path: digest for path, digest in inputs.items() if not path.endswith((".py", ".pyi"))})


def changed_binaries() -> bool:
    """Whether a binary holds something else than when it was read."""
    return any(digest_of(path) != digest for path, digest in _binaries.items())


class KeptInputs:
    """The names of the files that each module's findings depend on, from one run of mypy to the next."""

    def __init__(self, options: Options) -> None:
        usable = options.incremental and options.cache_dir != os.devnull and not options.bazel
        self._folder = Path(options.cache_dir, "wasmbind").absolute() if usable else None
        self._names: set[str] | None = None

    def state_of(self, source: str) -> str | None:
        """What the files hold now that the findings in a source file depended on; None if there are none."""
        inputs = {path: digest_of(path) for path in self._read(source)}
        watch(inputs)
        return self._state(inputs)

    def keep(self, source: str, inputs: Inputs) -> str | None:
        """Keep the names for a source file whose findings mypy is about to keep; the result is as above."""
        name = _name_of(source)
        if self._folder is None or (not inputs and name not in self._listed()):
            return None
        place = self._folder / name
        if not inputs:
            place.unlink(missing_ok=True)
            self._listed().discard(name)
            return None
        self._folder.mkdir(parents=True, exist_ok=True)
        new = place.with_suffix(f".{os.getpid()}")
        new.write_text(json.dumps({"source": source, "inputs": sorted(inputs)}), encoding="utf-8")
        new.replace(place)
        self._listed().add(name)
        return self._state(inputs)

    def _read(self, source: str) -> Sequence[str]:
        if self._folder is None or not self._listed():
            return ()  # as for most programs
        name = _name_of(source)
        if name not in self._listed():
            return ()
        try:
            kept = json.loads((self._folder / name).read_text(encoding="utf-8"))
            return tuple(map(str, kept["inputs"]))
        except (OSError, ValueError, LookupError, TypeError):
            return ()  # somebody has changed it: what mypy has kept does not fit then, and it looks again

    def _listed(self) -> set[str]:
        if self._names is None:
            folder = self._folder
            self._names = set(os.listdir(folder)) if folder is not None and folder.is_dir() else set()  # noqa: PTH208 - the names alone
        return self._names

    @staticmethod
    def _state(inputs: Inputs) -> str | None:
        if not inputs:
            return None
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]


def _name_of(source: str) -> str:
    return f"{hashlib.sha256(os.path.abspath(source).encode()).hexdigest()[:16]}.json"  # noqa: PTH100 - for each module
