"""The names that a new package has: the project's, the package's, and the class's."""

from __future__ import annotations

import keyword
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wasmbind._generate.names import module_name
from wasmbind.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Names", "project_names"]

LONGEST = 28  # no line of the template gets too long
EXAMPLE = "wasmbind new word-tally"

_PROJECT = re.compile(r"[A-Za-z](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")  # what Python's package indexes take
_SEPARATORS = re.compile(r"[-_.]+")
_IMPORTED = frozenset(
    {"wasmbind", "wasmtime", "pytest", "tests", "assembly", "src"}
)  # by the package, or folders in it


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one package.

    Attributes:
        project: what it is installed by, such as ``word-tally``.
        package: what it is imported by, such as ``word_tally``.
        class_name: the class of its module, such as ``WordTally``.
    """

    project: str
    package: str
    class_name: str


def project_names(name: str, taken: Collection[str]) -> Names:
    """The names that follow from a project's.

    Args:
        name: the project's.
        taken: what classes in it have as names already.

    Raises:
        BuildError: a Python package cannot be called that.
    """
    if not name.isascii() or not _PROJECT.fullmatch(name) or len(name) > LONGEST:
        raise BuildError(
            f"a package cannot be called {name!r}",
            fix=f"up to {LONGEST} letters, digits and hyphens, a letter first: {EXAMPLE}",
        )
    package = _SEPARATORS.sub("_", name).lower()
    class_name = module_name(package)
    for clash, what in (
        (keyword.iskeyword(package), "is a word of Python's grammar"),
        (package in sys.stdlib_module_names, "is a module of Python's own"),
        (package in _IMPORTED, "is what the package itself needs"),
        (class_name in taken, f"makes a class {class_name}, and there is another"),
    ):
        if clash:
            raise BuildError(
                f"a package cannot be called {name!r}: {package} {what}", fix=f"call it otherwise: {EXAMPLE}"
            )
    return Names(name, package, class_name)
