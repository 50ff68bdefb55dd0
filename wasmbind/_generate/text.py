"""Python text in the shape that formatters leave alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wasmbind._generate.docs import WIDTH, docstring_lines
from wasmbind._generate.names import wide

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ClassText", "Item", "comment", "field_item", "function_item", "left_out"]

#: Keeps a formatter from breaking what has no good place to break.
_SKIP: Final = "  # fmt: skip"
_INDENT: Final = "    "


@dataclass(frozen=True, slots=True)
class Item:
    """One member of a class, or one definition of a module, without indentation.

    Attributes:
        spaced: it stands between empty lines.
        is_field: it is no function.
    """

    lines: tuple[str, ...]
    spaced: bool = False
    is_field: bool = False


@dataclass(slots=True)
class ClassText:
    """A class statement in the making.

    Attributes:
        head: what stands before the parenthesis, `class File`.
        arguments: bases and options.
        omitted: comments on what is left out.
    """

    head: str
    arguments: list[str]
    doc: str | None = None
    items: list[Item] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)

    def lines(self, *, is_stub: bool = False) -> list[str]:
        """The statement, as it stands in a Python file or in a stub file."""
        doc = docstring_lines(self.doc, len(_INDENT)) if self.doc else []
        body = [*doc]
        members = body_lines(self.items)
        if doc and members:
            body.append("")
        body += members
        if not body and is_stub and not self.omitted:
            *first, last = _class_head(self.head, self.arguments)
            return [*first, f"{last} ..."]
        if not body:
            body.append("..." if is_stub else "pass")
        if self.omitted:
            body += ["", *self.omitted]
        return [*_class_head(self.head, self.arguments), *indented(body)]


def body_lines(items: Sequence[Item]) -> list[str]:
    """Members one after the other, with empty lines where they are needed."""
    lines: list[str] = []
    before: Item | None = None
    for item in items:
        if before is not None and (before.spaced or item.spaced or before.is_field != item.is_field):
            lines.append("")
        lines += item.lines
        before = item
    return lines


def indented(lines: Sequence[str]) -> list[str]:
    """The lines one level deeper."""
    return [f"{_INDENT}{line}" if line else "" for line in lines]


def _class_head(head: str, arguments: Sequence[str]) -> list[str]:
    plain = f"{head}({', '.join(arguments)}):"
    if wide(plain) <= WIDTH:
        return [plain]
    lines = [f"{head}("]
    for argument in arguments:
        if wide(argument) + len(_INDENT) + 1 <= WIDTH or not argument.endswith("]"):
            lines.append(f"{_INDENT}{argument},")
            continue
        name, _, inner = argument.partition("[")
        names = inner.removesuffix("]").split(", ")
        lines += [f"{_INDENT}{name}[", *(f"{_INDENT * 2}{each}," for each in names), f"{_INDENT}],"]
    return [*lines, "):"]


def comment(text: str, width: int = WIDTH - len(_INDENT)) -> list[str]:
    """Comment lines, whatever characters the text has."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    lines: list[str] = []
    for word in plain.split():
        if lines and wide(lines[-1]) + 1 + wide(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"#   {word}" if lines else f"# {word}")
    return lines


def left_out(name: str, type_: str, why: str) -> list[str]:
    """The comment on something that has no declaration."""
    return comment(f"left out: {name}, {type_}: {why}" if type_ else f"left out: {name}: {why}")


def field_item(name: str, annotation: str, doc: str | None, note: str = "") -> Item:
    """An annotated attribute, with its docstring below.

    Args:
        name: its Python name.
        annotation: its type.
        doc: the doc comment.
        note: a comment.
    """
    line = f"{name}: {annotation}"
    if wide(line) + len(_INDENT) > WIDTH:
        line += _SKIP
    above = (f"# {note}",) if note and wide(f"{line}  # {note}") + len(_INDENT) > WIDTH else ()
    if note and not above:
        line += f"  # {note}"
    said = docstring_lines(doc, len(_INDENT)) if doc else []
    return Item((*above, line, *said), spaced=bool(said), is_field=True)


def function_item(
    name: str,
    parameters: Sequence[str],
    result: str,
    *,
    decorators: Sequence[str] = (),
    doc: Sequence[str] = (),
    indent: int = len(_INDENT),
    notes: Sequence[str] = (),
) -> Item:
    """A declared function.

    Args:
        name: its Python name.
        parameters: `a: i32 = 5`, and `self`.
        result: the annotation of its result.
        decorators: with their `@`.
        doc: the lines of its docstring.
        indent: how many columns stand before it.
        notes: a comment, or nothing, for each parameter and then for the result.
    """
    ending = ":" if doc else ": ..."
    noted = [*notes, *[""] * (len(parameters) + 1 - len(notes))]
    plain = f"def {name}({', '.join(parameters)}) -> {result}{ending}"
    last = f"  # {noted[-1]}" if noted[-1] else ""
    decorators = [line if wide(line) + indent <= WIDTH else line + _SKIP for line in decorators]
    if wide(plain + last) + indent <= WIDTH and not any(noted[:-1]):
        return Item((*decorators, plain + last, *_body(doc)), spaced=bool(doc))
    tail = f") -> {result}{ending}"
    lines = [
        f"{_INDENT}{parameter},{f'  # {note}' if note else ''}"
        for parameter, note in zip(parameters, noted, strict=False)
    ]
    if not parameters or any(wide(line) + indent > WIDTH for line in (*lines, tail + last)):
        return Item((*decorators, plain + _SKIP, *_body(doc)), spaced=True)
    return Item((*decorators, f"def {name}(", *lines, tail + last, *_body(doc)), spaced=True)


def _body(doc: Sequence[str]) -> list[str]:
    return indented([*doc, "..."]) if doc else []
