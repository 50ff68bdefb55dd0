"""What a module gets when nobody else provides it: all that asc's own JavaScript bindings and loader supply.

asc 0.20 and later import `env` with dotted names (`std/assembly/bindings/dom.ts` and `node.ts`), earlier ones the
modules `Math` and `Date` (`bindings/Math.ts` and `Date.ts`, supplied by `lib/loader`). The functions are plain Python
functions with AssemblyScript annotations; each family is loaded when the first binary asks for one of it.

`env.abort` and `env.seed` are not here: the host glue has them, in WebAssembly.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find", "is_known", "names"]

#: Where the members of each JavaScript object are, by its name.
_FAMILIES = {
    "Date": "clocks",
    "Math": "mathematics",
    "console": "console",
    "crypto": "system",
    "performance": "clocks",
    "proc_exit": "system",
    "process": "system",
    "trace": "console",
}
#: What stands before a name to make it the name in JavaScript, by the module of the import.
_PREFIXES = {"env": "", "Date": "Date.", "Math": "Math.", "wasi_snapshot_preview1": "", "wasi_unstable": ""}
#: The one import of a WASI module that is not of `env` as well.
_OF_WASI = "proc_exit"


def find(module: str, name: str) -> object | None:
    """The default for an import, or None where there is none.

    Args:
        module: the module that the binary names, such as `env`.
        name: the name in that module, such as `console.log`.

    Returns:
        A function whose annotations are AssemblyScript's types, or a number for a global.
    """
    prefix = _PREFIXES.get(module)
    if prefix is None or (name == _OF_WASI) != module.startswith("wasi_"):
        return None
    full = prefix + name
    family = _FAMILIES.get(full.partition(".")[0])
    return None if family is None else _table(family).get(full)


def is_known(module: str, name: str) -> bool:
    """Whether an import is of a family that has defaults, or of WASI; loads none of them.

    Args:
        module: the module that the binary names, such as `env`.
        name: the name in that module, such as `console.log`.
    """
    prefix = _PREFIXES.get(module)
    return module.startswith("wasi_") or (prefix is not None and (prefix + name).partition(".")[0] in _FAMILIES)


def names() -> Iterator[tuple[str, str]]:
    """Module and name of every default, sorted."""
    known = sorted({full for family in _FAMILIES.values() for full in _table(family)})
    for module, prefix in sorted(_PREFIXES.items()):
        for full in known:
            name = full.removeprefix(prefix)
            if full.startswith(prefix) and find(module, name) is not None:
                yield module, name


def _table(family: str) -> dict[str, object]:
    found: dict[str, object] = importlib.import_module(f"{__name__}.{family}").DEFAULTS
    return found
