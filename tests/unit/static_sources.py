"""Writes source files and loads what they declare, for the tests of the static loader."""

import textwrap
from pathlib import Path

from wasmbind import _descriptors as d
from wasmbind._declared import declaration_of
from wasmbind._static import StaticLoader, StaticModule
from wasmbind._static.finding import SourceFinder

IMPORTS = """
import enum
from typing import Annotated, ClassVar, Generic, Optional, TypeAlias, TypeVar, TYPE_CHECKING
from wasmbind import *
"""


def load_files(folder: Path, files: dict[str, str], name: str = "app") -> StaticModule:
    """Write files, by their names below a folder, and load the module `name`."""
    for file, text in files.items():
        place = folder / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(textwrap.dedent(text), encoding="utf-8")
    finder = SourceFinder([folder])
    path = finder(name)
    assert path is not None
    return StaticLoader(finder).load(path, name)


def load(folder: Path, text: str) -> StaticModule:
    """Load one file, which has all names of wasmbind."""
    module = load_files(folder, {"app.py": IMPORTS + textwrap.dedent(text)})
    assert module.unreadable is None
    return module


def value(folder: Path, expression: str) -> object:
    """What an expression stands for in such a file; raises what the loader raises where nobody knows."""
    return load(folder, f"value = {expression}\n").member("value")


def field_types(cls: type) -> dict[str, d.Descriptor]:
    """The types of the fields that a class declares."""
    return {field.name: field.type for field in declaration_of(cls).fields}


def named(module: StaticModule, name: str) -> type:
    """The class that a module declares by its qualified name."""
    return next(cls for cls in (*module.classes, *module.modules) if cls.__qualname__ == name)
