"""Reads declarations from source text: the classes that a file would declare, of which nothing has been executed."""

from __future__ import annotations

from wasmbind._static.loader import Find, StaticLoader, StaticModule
from wasmbind._static.paths import binary_of

__all__ = ["Find", "StaticLoader", "StaticModule", "binary_of"]
