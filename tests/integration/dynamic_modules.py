"""Modules without declarations, for the tests of the dynamic API: compiled by every kind of compiler."""

from collections.abc import Callable
from typing import Any, Literal

import pytest

from tests.compiling import Compiler, compile_asc
from wasmbind import Module

Variant = Literal["0.10", "0.17", "classic", "modern", "schema"]
"""A compiler, or the newest one with wasmbind's transform."""

CLASSES: list[Variant] = ["0.10", "0.17", "classic", "schema"]
"""Those whose binaries export members of classes."""
STOCK: list[Variant] = ["0.10", "0.17", "classic"]
"""Those of them without a schema, so that results are numbers."""
COUNTED: list[Variant] = ["0.10", "0.17"]
"""Those of them that count references."""
BARE: list[Variant] = [*STOCK, "modern"]
"""All without a schema."""
ALL: list[Variant] = [*BARE, "schema"]

Load = Callable[..., Module]


def load(variant: Variant, source: str, *options: str, **arguments: Any) -> Module:
    """Compile a source and start it."""
    compiler: Compiler = "modern" if variant == "schema" else variant
    return Module(compile_asc(source, *options, compiler=compiler, transform=variant == "schema"), **arguments)


def variants(which: list[Variant]) -> pytest.MarkDecorator:
    """Run a test with each of some compilers."""
    return pytest.mark.parametrize("variant", which)
