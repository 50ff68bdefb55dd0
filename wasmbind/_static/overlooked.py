"""Finds declarations in statements that are not read, because nobody knows whether or how often they run."""

from __future__ import annotations

import ast
import contextlib
import itertools
import typing
from typing import TYPE_CHECKING, Any, Final

from wasmbind._static.libraries import library_names
from wasmbind._static.values import LeftOutError, Unknown
from wasmbind._stubs import is_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wasmbind._static.bodies import Body

__all__ = ["is_declared", "looks_declared", "members", "overlooked"]

_ROOTS: Final = frozenset({"AscClass", "AscModule", "AscRecord"})
#: Options that the classes of nobody else have.
_OPTIONS: Final = frozenset({"classes", "wasm"})
#: How much of the bases and annotations of a class is looked at.
_MOST_NAMES: Final = 100
_PARTS: Final = ("body", "handlers", "cases", "orelse", "finalbody")


def is_declared(base: Any) -> bool:
    """Whether a class is one of wasmbind's, or derives from one."""
    return hasattr(typing.get_origin(base) or base, "__asc_stubs__")


def looks_declared(node: ast.ClassDef, head: Body) -> bool:
    """Whether a class that is not known is likely to declare something of a binary.

    Args:
        node: its statement.
        head: the body that the statement stands in.
    """
    if any(keyword.arg in _OPTIONS for keyword in node.keywords):
        return True
    if any(_mentions_declared(each, head) for each in _names_in(node.bases)):
        return True
    return not all(_is_known(base, head) for base in node.bases) and _has_types(node, head)


def _names_in(nodes: Iterable[ast.AST]) -> Iterator[ast.Name | ast.Attribute]:
    parts = itertools.islice(itertools.chain.from_iterable(map(ast.walk, nodes)), _MOST_NAMES)
    return (each for each in parts if isinstance(each, (ast.Name, ast.Attribute)))


def _mentions_declared(node: ast.Name | ast.Attribute, head: Body) -> bool:
    try:
        return is_declared(head.value(node))
    except LeftOutError:
        return True
    except Exception:  # noqa: BLE001 - whatever it is, only its name is known
        return (node.id if isinstance(node, ast.Name) else node.attr) in _ROOTS


def _is_known(node: ast.expr, head: Body) -> bool:
    with contextlib.suppress(Exception):
        head.value(node)
        return True
    return False


def _has_types(node: ast.ClassDef, head: Body) -> bool:
    """Whether annotations in a class name types of wasmbind."""
    ours = frozenset(library_names("wasmbind.types") or ())
    for each in _names_in(_annotations(node)):
        name = each.id if isinstance(each, ast.Name) else each.attr
        # A name that nobody knows, such as that of another module's type, tells nothing.
        if name in ours and _is_known(each, head):
            return True
    return False


def _annotations(node: ast.ClassDef) -> Iterator[ast.AST]:
    for each in node.body:
        if isinstance(each, ast.AnnAssign):
            yield each.annotation
        elif isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (argument.annotation for argument in each.args.args if argument.annotation is not None)
            yield from ([each.returns] if each.returns is not None else [])


def overlooked(statements: Sequence[ast.stmt], around: Body, qualname: str) -> Iterator[tuple[ast.ClassDef, str]]:
    """The classes in some statements that are likely to declare something, with their qualified names.

    Args:
        statements: what is not read.
        around: the body that they stand in, whose names they see.
        qualname: what the qualified names begin with.
    """
    head = around.inner()
    waiting: list[tuple[str, ast.AST]] = [(qualname, each) for each in reversed(statements)]
    while waiting:
        prefix, node = waiting.pop()
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Assign(value=ast.Name() | ast.Attribute()):
                head.read([node])
                continue
            case ast.ClassDef(name=name):
                if looks_declared(node, head):
                    yield node, f"{prefix}{name}"
                    head.bind(name, Unknown(f"{name} is not known", declares=True))
                    continue
                prefix += f"{name}."
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                prefix += f"{name}.<locals>."
            case _:
                pass
        inner = itertools.chain.from_iterable(getattr(node, part, ()) for part in _PARTS)
        waiting.extend((prefix, each) for each in reversed(list(inner)) if not isinstance(each, ast.expr))


def members(statements: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    """The fields and functions that statements in the body of a declared class declare, with their names."""
    waiting: list[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop(0)
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                if is_field(name, ast.unparse(annotation)):
                    yield node, name
            case ast.FunctionDef(name=name, body=body):
                if all(isinstance(each, ast.Pass | ast.Expr) for each in body):
                    yield node, name
            case ast.ClassDef() | ast.AsyncFunctionDef():
                pass
            case _:
                inner = itertools.chain.from_iterable(getattr(node, part, ()) for part in _PARTS)
                waiting.extend(each for each in inner if not isinstance(each, ast.expr))
