"""Turns generated source into functions: the only place of the package that executes text.

Every generated function is registered with `linecache`, so tracebacks show its lines, debuggers step through
it and `inspect.getsource` returns it.
"""

from __future__ import annotations

import linecache
import re
import sys
import types
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Collection, Generator, Mapping

__all__ = [
    "GENERATED",
    "SourceWriter",
    "compile_definitions",
    "compile_function",
    "compile_place",
    "execute_module",
    "free_prefix",
]


#: What the file names of generated functions start with.
GENERATED: Final = "<wasmbind "


class SourceWriter:
    """Collects lines of Python source at the current indentation."""

    __slots__ = ("_indent", "_lines")

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._indent = ""

    def line(self, text: str) -> None:
        """Append one line."""
        self._lines.append((self._indent + text).rstrip())

    @contextmanager
    def block(self, header: str) -> Generator[None]:
        """Append `header` and indent what is written inside the `with` body."""
        self.line(header)
        outer, self._indent = self._indent, self._indent + "    "
        try:
            yield
        finally:
            self._indent = outer

    def __str__(self) -> str:
        """The source, ending in a newline."""
        return "\n".join(self._lines) + "\n"


def free_prefix(taken: Collection[str], text: str) -> str:
    """What to put in place of each `$` in generated text, which marks the generator's own names.

    Mostly nothing; as many underscores as it takes for none of them to be one of the `taken` names.
    """
    own = set(re.findall(r"\$(\w+)", text))
    prefix = ""
    while any(prefix + name in taken for name in own):
        prefix += "_"
    return prefix


def compile_function(name: str, source: str, namespace: Mapping[str, Any], title: str) -> Callable[..., Any]:
    """Execute `source`, which defines the function `name`, and return that function.

    Args:
        name: the function's name in `source`.
        source: complete Python source.
        namespace: the globals that the source refers to.
        title: what the code is for, such as ``Files.add``; it appears in tracebacks.

    Raises:
        SyntaxError: the source is not valid Python, which is a defect of the generator.
    """
    filename = f"{GENERATED}{title} {zlib.crc32(source.encode()):08x}>"
    scope: dict[str, Any] = dict(namespace)
    exec(compile(source, filename, "exec"), scope)  # noqa: S102 - generated here, from checked names only
    # No modification time: linecache never looks for such a file on disk.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    function: Callable[..., Any] = scope[name]
    return function


def execute_module(source: str, namespace: dict[str, Any], title: str) -> None:
    """Execute generated declarations.

    Args:
        source: complete Python source.
        namespace: the globals of the module, which its definitions are added to.
        title: what it declares, such as ``files``; it appears as the file's name where errors tell places.

    Raises:
        SyntaxError: the source is not valid Python, which is a defect of the generator.
    """
    filename = f"{GENERATED}{title} {zlib.crc32(source.encode()):08x}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec", dont_inherit=True), namespace)  # noqa: S102 - generated here, from identifiers and literals


def compile_place(start: int, end: int) -> types.CodeType:
    """The code of a generator function that does nothing, in the first line of no file.

    `CodeType.replace` makes it the code of a place in another language, for tracebacks.

    Args:
        start, end: the bytes of the line that its instruction takes; -1 and -1 for none.
    """
    import ast  # noqa: PLC0415 - only for the first traceback

    place: Any = {"lineno": 1, "end_lineno": 1, "col_offset": start, "end_col_offset": end}
    parameters = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    body: list[ast.stmt] = [ast.Expr(ast.Yield(None, **place), **place)]
    function = ast.FunctionDef("place", parameters, body, [], **place)
    if sys.version_info >= (3, 12):
        function.type_params = []
    module = compile(ast.Module([function], []), "<place>", "exec")
    return next(constant for constant in module.co_consts if isinstance(constant, types.CodeType))


def compile_definitions(tree: ast.Module, filename: str) -> dict[tuple[str, int], types.CodeType]:
    """The code of every function that a source defines, by its name and first line. Nothing of it is executed.

    Args:
        tree: the source, which may be anybody's.
        filename: its file.

    Raises:
        SyntaxError: it is not valid Python, in a way that only its compiler finds.
        ValueError: the same.
        RecursionError: it is nested too deeply.
    """
    found: dict[tuple[str, int], types.CodeType] = {}
    waiting = [compile(tree, filename, "exec", dont_inherit=True)]
    while waiting:
        for constant in waiting.pop().co_consts:
            if isinstance(constant, types.CodeType):
                found[constant.co_name, constant.co_firstlineno] = constant
                waiting.append(constant)
    return found
