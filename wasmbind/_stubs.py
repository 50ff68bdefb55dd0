"""Tells declarations from Python code in a class body: stubs, fields, and the decorators that say otherwise."""

from __future__ import annotations

import ast
import dis
import inspect
import re
import sys
import textwrap
import types
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar, get_origin

from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "check_binds",
    "export",
    "function_annotations",
    "has_no_body",
    "host",
    "is_field",
    "is_stub",
    "own_annotations",
    "python",
    "returns_nothing",
    "runs_in_pieces",
    "stubs_of",
]

F = TypeVar("F", bound="Callable[..., Any]")


def export(name: str) -> Callable[[F], F]:
    """Bind a function or accessor to the AssemblyScript member `name`. Stands below ``@property``."""

    def mark(function: F) -> F:
        if isinstance(function, (property, staticmethod, classmethod)):
            kind = type(function).__name__
            fix = f"write @{kind} first, and @export below it"
            raise DeclarationError(f"@export({name!r})", f"stands above @{kind}", fix=fix)
        function.__asc_export__ = name  # type: ignore[attr-defined]  # functions take attributes
        return function

    return mark


def host(module: str, name: str | None = None) -> Callable[[F], F]:
    """Let a method of an `AscModule` be what the module imports: it is called from AssemblyScript, with typed values.

    A method whose body says nothing only declares the types; `imports=` has to give the function then.

    Args:
        module: the import's module; asc names it after the file, or `env` for the entry file's directory of old.
        name: the import's name, where it is not the method's.
    """

    def mark(function: F) -> F:
        kind = type(function).__name__
        if kind != types.FunctionType.__name__:
            fix = "write it as a method, `def log(self, message: string) -> None:`"
            raise DeclarationError(f"@host({module!r})", f"stands above a {kind}", fix=fix)
        key = module, name or function.__name__
        function.__asc_host__ = key  # type: ignore[attr-defined]  # functions take attributes
        return function

    return mark


def python(function: F) -> F:
    """Keep a method whose body is trivial (`...`, `pass`, a docstring) in Python instead of binding it."""
    function.__asc_python__ = True  # type: ignore[attr-defined]  # functions take attributes
    return function


#: The only instructions of a body that says nothing, and of one that says that it is not implemented.
_FRAME = frozenset({"RESUME", "NOP", "CACHE", "COPY_FREE_VARS"})
#: The last two turn a StopIteration that leaves a coroutine into an error, from Python 3.12 on.
_COROUTINE = frozenset({"RETURN_GENERATOR", "POP_TOP", "CALL_INTRINSIC_1", "RERAISE"})
_NOTHING = frozenset({"LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"})
_REFUSAL = frozenset({"LOAD_GLOBAL", "LOAD_CONST", "PUSH_NULL", "PRECALL", "CALL", "RAISE_VARARGS"})
_IN_PIECES = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
#: No trivial body has more bytes of code than this, with inline caches.
_LONGEST_STUB = 80


def is_stub(function: object) -> bool:
    """Whether a function's body says nothing, which makes it a declaration.

    Such a body is `...`, a docstring, `raise NotImplementedError`, or what compiles to the same, as `pass` does.
    """
    if not isinstance(function, types.FunctionType) or hasattr(function, "__asc_python__"):
        return False
    if hasattr(function, "__asc_host__"):
        return False  # the module calls it
    return has_no_body(function)


def has_no_body(function: types.FunctionType) -> bool:
    """Whether a function's body says nothing."""
    return not runs_in_pieces(function) and _says_nothing(function.__code__)


def runs_in_pieces(function: object) -> bool:
    """Whether calling a function or method only makes a coroutine or generator, and runs nothing of its body."""
    code = getattr(function, "__code__", None)
    return isinstance(code, types.CodeType) and code.co_flags & _IN_PIECES != 0


def returns_nothing(function: types.FunctionType) -> bool:
    """Whether a function whose body compiles to nothing was written as one that returns, as `return None` is.

    Its source tells, where it is to be had: the compiler makes the same of `...` and of `return None`.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return False
    return any(isinstance(node, ast.Return) for node in ast.walk(tree))


def check_binds(who: str, value: object) -> None:
    """Refuse what looks like a declaration and would never be bound.

    Raises:
        DeclarationError: it is asynchronous, or a decorator has wrapped it.
    """
    if hasattr(value, "__asc_python__"):
        return
    method = value.fget if isinstance(value, property) else getattr(value, "__func__", None)
    if hasattr(method, "__asc_host__"):
        fix = "write it as a method, `def log(self, message: string) -> None:`"
        raise DeclarationError(who, f"is a @host function below @{type(value).__name__}", fix=fix)
    if inspect.iscoroutinefunction(value) and _says_nothing(value.__code__):
        raise DeclarationError(who, "is asynchronous, and AssemblyScript's functions are not", fix="write `def`")
    inner = getattr(value, "__wrapped__", None)
    if not isinstance(value, (property, staticmethod, classmethod)) and is_stub(inner):
        fix = "remove the decorator, or put @wasmbind.python below it if the body is meant to be empty"
        raise DeclarationError(who, "is a declaration that a decorator has wrapped, so nothing would bind it", fix=fix)


def _says_nothing(code: types.CodeType) -> bool:
    if len(code.co_code) > _LONGEST_STUB:
        return False
    body = [step for step in dis.get_instructions(code) if step.opname not in _FRAME | _COROUTINE]
    names = {step.opname for step in body}
    if names <= _NOTHING:
        return all(step.argval is None for step in body)
    return names <= _REFUSAL and code.co_names == ("NotImplementedError",) and body[-1].opname == "RAISE_VARARGS"


_NO_FIELD = re.compile(r"""['"\s]*(?:\w+\.)*(?:ClassVar|Final)\b""")


def is_field(name: str, annotation: Any) -> bool:
    """Whether an annotated name in a class body is a field, and not a `ClassVar` or `Final`."""
    if name.startswith(("__", "_asc_")):
        return False
    if isinstance(annotation, str):
        return _NO_FIELD.match(annotation) is None
    return annotation not in (ClassVar, Final) and get_origin(annotation) not in (ClassVar, Final)


def stubs_of(value: object) -> list[types.FunctionType]:
    """The functions inside a class attribute that are declarations."""
    match value:
        case types.FunctionType():
            candidates: list[object] = [value]
        case staticmethod() | classmethod():
            candidates = [value.__func__]
        case property():
            candidates = [value.fget, value.fset]
        case _:
            candidates = []
    return [stub for stub in candidates if isinstance(stub, types.FunctionType) and is_stub(stub)]


def own_annotations(cls: type[Any]) -> dict[str, Any]:
    """The unevaluated annotations of `cls` itself."""
    if sys.version_info >= (3, 14):
        import annotationlib  # noqa: PLC0415 - new in 3.14

        return annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF)
    return inspect.get_annotations(cls)


def function_annotations(function: types.FunctionType) -> dict[str, Any]:
    """The unevaluated annotations of a function."""
    if sys.version_info >= (3, 14):
        import annotationlib  # noqa: PLC0415 - new in 3.14

        return annotationlib.get_annotations(function, format=annotationlib.Format.FORWARDREF)
    return function.__annotations__
