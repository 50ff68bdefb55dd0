"""What the binaries of each compiler have to be recognised as."""

import os
from typing import NamedTuple

from tests.compiling import Compiler

__all__ = ["COMPILERS", "COUNTING", "EXPECTED", "Interface"]


class Interface(NamedTuple):
    """A binary interface.

    Attributes:
        name: how memory is managed.
        asc: the versions that cannot be told apart.
        header: bytes before an object.
        functions: what a function value is; None where it cannot be told.
    """

    name: str
    asc: str
    header: int
    functions: str | None


_ALLOC = "counted, with __alloc"
_WITH_MEMBERS = Interface("collected, with members", "0.18 or 0.19", 20, "object")
_OLDER = Interface("collected", "0.18 to 0.22", 20, "object")
_NEWER = Interface("collected", "0.23 or later", 20, "object")
EXPECTED: dict[Compiler, Interface] = {
    "0.9": Interface(_ALLOC, "0.7 to 0.9", 16, "index"),
    "0.10": Interface(_ALLOC, "0.10 to 0.16", 16, None),
    "0.14": Interface(_ALLOC, "0.14 to 0.16", 16, "object"),
    "0.16": Interface(_ALLOC, "0.14 to 0.16", 16, "object"),
    "0.17": Interface("counted, with __new", "0.17", 20, "object"),
    "0.18.2": _WITH_MEMBERS,
    "0.18": _WITH_MEMBERS,
    "0.19": _WITH_MEMBERS,
    "0.20": _OLDER,
    "0.22": _OLDER,
    "0.25": _NEWER,
    "0.27": _NEWER,
    "0.28": _NEWER,
    "modern": _NEWER,
}
COMPILERS: tuple[Compiler, ...] = (
    tuple(each for each in EXPECTED if each != "modern")
    if os.environ.get("WASMBIND_MATRIX")
    else ("0.10", "0.17", "0.19", "modern")
)
"""The compilers of the tests; `WASMBIND_MATRIX=1` makes them all."""
COUNTING: tuple[Compiler, ...] = tuple(each for each in COMPILERS if EXPECTED[each].name.startswith("counted"))
"""Those among them whose runtime counts references."""
