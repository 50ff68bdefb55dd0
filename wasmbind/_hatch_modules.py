"""What a package's pyproject.toml says about its modules, for the build hook and `wasmbind new`."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from wasmbind.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TABLE", "PackagedModule", "read_modules"]

TABLE = "tool.hatch.build.hooks.wasmbind"
ARRAY = f"{TABLE}.modules"
EXAMPLE = f'[[{ARRAY}]]\nsource = "assembly/index.ts"\nwasm = "src/demo/demo.wasm"'

_TEXTS = ("source", "wasm", "declarations", "class", "rename")
_LISTS = ("options", "skip")
_NEEDED = ("source", "wasm")


@dataclass(frozen=True, slots=True)
class PackagedModule:
    """One module of a package: what it is built from, and what is shipped. Paths are absolute.

    Attributes:
        source: the AssemblyScript file that exports.
        wasm: the binary.
        declarations: the Python file with the generated declarations, or None if they are written by hand.
        class_name: the name of the module's class in there, or None for one like the binary's.
        rename: ``"snake"`` for snake_case names in the declarations.
        options: more options of asc.
        skip: members that are left out.
    """

    source: Path
    wasm: Path
    declarations: Path | None = None
    class_name: str | None = None
    rename: Literal["snake"] | None = None
    options: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()

    @property
    def source_map(self) -> Path:
        """The source map beside the binary."""
        return self.wasm.with_name(f"{self.wasm.name}.map")


def read_modules(config: Mapping[str, Any], root: Path) -> list[PackagedModule]:
    """The modules in the configuration of the build hook.

    Args:
        config: the table of the hook.
        root: the folder of pyproject.toml, which paths are relative to.

    Raises:
        BuildError: something in the configuration means nothing.
    """
    tables = config.get("modules")
    if not isinstance(tables, list) or not tables:
        problem = "names no modules" if tables in (None, []) else "modules are not an array of tables"
        raise BuildError(f"pyproject.toml, {TABLE}: {problem}", fix=f"write\n{EXAMPLE}")
    modules = [_read_module(table, f"{ARRAY}[{index}]", root) for index, table in enumerate(tables)]
    written: set[Path] = set()
    for index, module in enumerate(modules):
        for output in filter(None, (module.wasm, module.declarations)):
            if output in written:
                shown = output.relative_to(root).as_posix()
                fix = "give each module files of its own"
                raise BuildError(f"pyproject.toml, {ARRAY}[{index}]: {shown} is written by two modules", fix=fix)
            written.add(output)
    return modules


def _read_module(table: Any, where: str, root: Path) -> PackagedModule:
    if not isinstance(table, dict):
        raise _mistake(where, f"is {table!r}, no table", f"write\n{EXAMPLE}")
    for key in table:
        if key not in _TEXTS + _LISTS:
            near = difflib.get_close_matches(str(key), _TEXTS + _LISTS, 1)
            fix = f"write {near[0]}" if near else f"what can be said: {', '.join(sorted(_TEXTS + _LISTS))}"
            raise _mistake(where, f"{key} means nothing", fix)
    texts = {key: _text(table, key, where) for key in _TEXTS}
    for key in _NEEDED:
        if texts[key] is None:
            raise _mistake(where, f"{key} is missing", f"write\n{EXAMPLE}")
    if texts["rename"] not in (None, "snake"):
        raise _mistake(where, f"rename is {texts['rename']!r}", 'write rename = "snake", or leave it out')
    rename: Literal["snake"] | None = "snake" if texts["rename"] else None
    name = texts["class"]
    if name is not None and not name.isidentifier():
        raise _mistake(where, f"class is {name!r}, which is no name", "give the name of a Python class")
    source, wasm = (
        _path(texts[key], key, suffix, where, root) for key, suffix in (("source", ".ts"), ("wasm", ".wasm"))
    )
    declarations = _path(texts["declarations"], "declarations", ".py", where, root)
    assert source is not None
    assert wasm is not None
    options, skip = (_list(table, key, where) for key in _LISTS)
    return PackagedModule(source, wasm, declarations, name, rename, options, skip)


def _mistake(where: str, problem: str, fix: str) -> BuildError:
    return BuildError(f"pyproject.toml, {where}: {problem}", fix=fix)


def _text(table: Mapping[str, Any], key: str, where: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise _mistake(where, f"{key} is {value!r}, no string", f'write {key} = "..."')
    return value


def _list(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _mistake(where, f"{key} is {value!r}, no array of strings", f'write {key} = ["..."]')
    return tuple(value)


def _path(text: str | None, key: str, suffix: str, where: str, root: Path) -> Path | None:
    if text is None:
        return None
    path = Path(os.path.normpath(root / text))
    if path.suffix != suffix:
        raise _mistake(where, f"{key} is {text}", f"name a file that ends in {suffix}")
    if not path.is_relative_to(root):
        raise _mistake(where, f"{key} is {text}, outside of the project", "name a file below pyproject.toml's folder")
    return path
