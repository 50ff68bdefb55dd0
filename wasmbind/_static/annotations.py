"""What annotations mean, wherever the text in them stands: inside of types, aliases, or type arguments of classes."""

from __future__ import annotations

import ast
import collections.abc
import functools
import operator
import types
import typing
import warnings
from typing import TYPE_CHECKING, Any, Final

from wasmbind._scopes import UnresolvedError
from wasmbind._static.expressions import DEEPEST, Expressions
from wasmbind._static.values import AnnotationText, weight_within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wasmbind._static.expressions import Modules
    from wasmbind._static.names import Names

__all__ = ["AnnotationScope", "annotation_text"]

#: How much text may be in one annotation, and how often text may lead to other text.
_MOST_TEXTS: Final = 200
_DEEPEST_TEXT: Final = 20
_MOST_CHARACTERS: Final = 2000


def annotation_text(node: ast.expr) -> AnnotationText:
    """The text that Python keeps of an annotation that it does not evaluate.

    Raises:
        UnresolvedError: it is nested too deeply to be one.
    """
    quick = _quick_text(node)
    if quick is not None:
        return AnnotationText(quick, node)
    waiting: list[tuple[ast.AST, int]] = [(node, 0)]
    while waiting:
        inner, depth = waiting.pop()
        if depth > 2 * DEEPEST:
            raise UnresolvedError("it is nested too deeply")
        waiting.extend((child, depth + 1) for child in ast.iter_child_nodes(inner))
    return AnnotationText(ast.unparse(node), node)


def _quick_text(node: ast.expr, depth: int = 3) -> str | None:
    """What `ast.unparse` makes of the annotations that most are, in a tenth of its time; None for others."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=None):
            return "None"
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=argument)):
            return f"{name}[{argument}]"
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)) if depth:
            text = _quick_text(left, depth - 1)
            return text and f"{text} | None"
        case _:
            return None


class AnnotationScope:
    """Finds what the annotations of one class mean."""

    __slots__ = ("_modules", "_names", "_namespace")

    def __init__(self, names: Names, namespace: Mapping[str, Any] | None, modules: Modules) -> None:
        """Take names from the body of a class.

        Args:
            names: those of the body.
            namespace: those that `namespace=` gives, which win; None where it is not known what they are.
            modules: what other modules and classes have.
        """
        self._names, self._namespace, self._modules = names, namespace, modules

    def __call__(self, annotation: object) -> object:
        """What an annotation means.

        Raises:
            NameError: a name in it is not defined.
            UnresolvedError: it cannot be known without running code.
        """
        if isinstance(annotation, AnnotationText) and annotation.found:
            return annotation.found[0]
        found = _Reading(self).whole(annotation)
        if isinstance(annotation, AnnotationText):
            annotation.found.append(found)
        return found

    def find(self, name: str) -> Any:
        """What a name means in annotations of the class."""
        if self._namespace is not None and name in self._namespace:
            return self._namespace[name]
        try:
            return self._names.find(name, as_annotation=True)
        except NameError:
            if self._namespace is None:
                raise UnresolvedError("namespace= cannot be known without running it") from None
            raise

    def value(self, node: ast.expr) -> Any:
        """The value of an expression, in which text stays text."""
        return Expressions(self.find, self._modules).value(node)


class _Reading:
    """The evaluation of one annotation, which ends whatever the text in it leads to."""

    def __init__(self, scope: AnnotationScope) -> None:
        self._scope, self._left, self._depth = scope, _MOST_TEXTS, 0

    def whole(self, annotation: Any) -> Any:
        """The annotation with what text in it means."""
        if annotation is None:
            return types.NoneType
        if isinstance(annotation, typing.ForwardRef):
            annotation = annotation.__forward_arg__
        if isinstance(annotation, str):
            return self._text(annotation)
        if not weight_within(annotation):
            raise UnresolvedError("it is too long")
        return self._inside(annotation)

    def _text(self, text: str) -> Any:
        self._left -= 1
        if self._left < 0 or self._depth >= _DEEPEST_TEXT or len(text) > _MOST_CHARACTERS:
            raise UnresolvedError("it is too long")
        self._depth += 1
        node = text.node if isinstance(text, AnnotationText) else _parsed(text)
        found = self.whole(self._scope.value(node))
        if isinstance(found, tuple):
            raise TypeError(f"Forward references must evaluate to types. Got {found!r:.100}.")  # in `typing`'s words
        self._depth -= 1
        return found

    def _inside(self, annotation: Any) -> Any:
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if isinstance(annotation, type) or origin in (None, typing.Literal):
            return annotation
        if origin is typing.Annotated:
            found = self.whole(arguments[0])
            return annotation if found is arguments[0] else typing.Annotated[(found, *annotation.__metadata__)]
        made = tuple(self._argument(argument) for argument in arguments)
        if all(map(operator.is_, made, arguments)):
            return annotation
        if origin is types.UnionType:
            return functools.reduce(operator.or_, made)
        if origin is typing.Union:
            return typing.Union[made]  # noqa: UP007 - made of any number
        if origin is collections.abc.Callable and isinstance(made[0], list):
            made_callable: Any = collections.abc.Callable
            return made_callable[made]
        return origin[made]

    def _argument(self, argument: Any) -> Any:
        if isinstance(argument, list):
            made = [self._argument(each) for each in argument]
            return argument if all(map(operator.is_, made, argument)) else made
        return argument if argument in (None, ...) else self.whole(argument)


def _parsed(text: str) -> ast.expr:
    """The tree of an annotation that is written as text.

    Raises:
        SyntaxError: it is none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(f"({text})" if "\n" in text else text.strip(), mode="eval").body
        except SyntaxError:
            # As `typing` says it when the class is bound.
            raise SyntaxError(f"Forward reference must be an expression -- got {text!r}") from None
