"""Writes the declarations that fit a binary, from its schema or, without one, from its exports.

Nothing here runs a module. What a binary says may be anybody's text: it becomes identifiers, quoted strings, comments
and docstrings, never code.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Final, Literal

from wasmbind._generate.classes import ClassWriter
from wasmbind._generate.document import Document, enum_lines, one_line
from wasmbind._generate.hierarchy import Hierarchy
from wasmbind._generate.module import read_members
from wasmbind._generate.names import module_name, name_problem, quote
from wasmbind._generate.stock import read_stock
from wasmbind._generate.text import ClassText, body_lines, left_out
from wasmbind._generate.types import Annotator
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Collection

    from wasmbind._schema.model import Binary

__all__ = ["Declarations", "generate", "generate_stub", "module_class_name"]

_SUMMARY: Final = "Typed declarations for {wasm}."


def generate(binary: Binary, *, wasm: str, name: str | None = None, rename: Literal["snake"] | None = None) -> str:
    """The text of a Python file that declares everything that can be declared of a binary.

    Args:
        binary: the binary.
        wasm: its path, from the folder of the file that is written.
        name: the name of the module's class; by default that of the binary.
        rename: ``"snake"`` for snake_case names of functions, fields and parameters.
    """
    return Declarations(binary, wasm, name, rename).text()


def generate_stub(binary: Binary, *, wasm: str, name: str | None = None) -> str:
    """The text of a stub file (`.pyi`) for a binary that is imported by `wasmbind.importer`.

    Args:
        binary: the binary.
        wasm: what the binary is called.
        name: the name of the module's class; by default that of the binary.
    """
    return Declarations(binary, wasm, name, None, is_stub=True).text()


def module_class_name(wasm: str, taken: set[str] | None = None) -> str:
    """The name of a module's class: `TextFiles` for `text-files.wasm`."""
    return module_name(PurePath(wasm).stem, taken or set())


class Declarations:
    """Everything that is declared of one binary.

    Attributes:
        name: the name of the module's class.
        members: its functions and globals.
        annotator: what has written the annotations, where there is a schema.
    """

    def __init__(
        self,
        binary: Binary,
        wasm: str,
        name: str | None,
        rename: Literal["snake"] | None,
        *,
        is_stub: bool = False,
    ) -> None:
        """Read what the binary says.

        Args:
            binary: the binary.
            wasm: its path, or what it is called.
            name: the name of the module's class; by default that of the binary.
            rename: ``"snake"`` for snake_case names.
            is_stub: a stub file is written, in which functions and globals are those of one instance.

        Raises:
            DeclarationError: the name is none that a class can have.
        """
        problem = None if name is None else name_problem(name)
        if problem is not None:
            raise DeclarationError(f"the class {name!r}", problem, fix="give it another name")
        self._wasm, self._rename, self._is_stub = wasm, rename, is_stub
        self._enums: list[list[str]] = []
        self._classes: list[ClassText] = []
        self._listed: list[str] = []
        self._used: set[str] = set()
        self.annotator: Annotator | None = None
        self._remarks: list[str] = []
        self._omitted: list[str] = []
        if binary.schema is None:
            stock = read_stock(binary, rename, name or module_class_name(wasm), [name] if name else [])
            self.members, self._classes, self._enums = stock.members, stock.classes, stock.enums
            self._listed, self._remarks, self._used = stock.listed, stock.remarks, stock.used
            self.name = name or module_class_name(wasm, stock.taken)
        else:
            self._read_schema(binary, name)

    def _read_schema(self, binary: Binary, name: str | None) -> None:
        schema = binary.schema
        assert schema is not None
        hierarchy = Hierarchy(schema, [name] if name else [])
        self.name = name or module_class_name(self._wasm, {*hierarchy.classes.values(), *hierarchy.enums.values()})
        annotator = self.annotator = Annotator(schema)
        annotator.classes, annotator.enums = hierarchy.classes, hierarchy.enums
        self._enums = [enum_lines(schema, hierarchy, index) for index in hierarchy.enums]
        # The order of definitions is nothing to stub files.
        annotator.undefined = set() if self._is_stub else set(hierarchy.classes.values())
        writer = ClassWriter(binary, schema, hierarchy, annotator, self._rename)
        self._classes = [writer.write(index) for index in hierarchy.classes]
        annotator.mentioned = set()
        self.members = read_members(binary, schema, hierarchy, annotator, self._rename, self.name)
        reached: set[int] = set()
        pending = sorted(annotator.mentioned)
        while pending:
            index = pending.pop()
            if index not in reached:
                reached.add(index)
                pending += [*writer.mentions[index], *hierarchy.bases[index]]
        self._listed = [python for index, python in hierarchy.classes.items() if index not in reached]
        for index, reason in hierarchy.refused_enums.items():
            self._omitted += left_out(f"the enum {schema.enums[index].name}", "", reason)
        self._used = annotator.used | ({"enum"} if self._enums else set())

    def text(self, given: Collection[str] = ()) -> str:
        """The Python file, or the stub file.

        Args:
            given: the Python names of classes that are there already.
        """
        document = Document(self._wasm, _SUMMARY.format(wasm=one_line(PurePath(self._wasm).name)), self._remarks)
        document.used = {*self._used, "AscModule", *self.members.needs()}
        own = [text for text in self._classes if text.head.removeprefix("class ") not in given]
        classes = [*own, self._module_class()]
        document.blocks = [*self._enums, *(text.lines(is_stub=self._is_stub) for text in classes)]
        if self._is_stub:
            self._add_instance(document)
        return document.text(is_stub=self._is_stub)

    def _module_class(self) -> ClassText:
        """The class of the module, with all that it declares itself."""
        arguments = ["AscModule", f"wasm={quote(self._wasm)}"]
        if self._listed:
            arguments.append(f"classes=[{', '.join(self._listed)}]")
        if self._rename:
            arguments.append('rename="camel"')
        text = ClassText(f"class {self.name}", arguments)
        text.items = [value.item() for value in self.members.values]
        text.items += [function.item() for function in self.members.functions]
        text.omitted = [*self._omitted, *self.members.omitted]
        return text

    def _add_instance(self, document: Document) -> None:
        """What a stub file has besides: the functions and globals of one instance."""
        document.used |= {*self.members.needs(in_class=False)}
        values = [value.item(in_class=False) for value in self.members.values]
        functions = [each.item(in_class=False) for each in self.members.functions if not each.is_host]
        if values:
            document.blocks.append(body_lines(values))
        if functions:
            document.blocks.append(body_lines(functions))
