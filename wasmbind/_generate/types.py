"""The annotation for each AssemblyScript type, by which way its values go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from wasmbind import _descriptors as d
from wasmbind._matching import EXTERNREFS, kind_of
from wasmbind._schema.schema import STRING, ClassType, EnumType, FunctionType, NamedType

if TYPE_CHECKING:
    from wasmbind._schema.schema import Schema, SchemaClass

__all__ = ["Annotator", "UnwritableError", "Way"]

#: `"in"`: Python code passes it, so what Python has will do. `"out"` and `"both"`: it comes from the module, or is
#: shared with it. `"element"`: it lies in something that Python code passes.
Way: TypeAlias = Literal["in", "out", "both", "element"]

#: Names that have been used, and classes that have been mentioned.
Mark: TypeAlias = tuple[frozenset[str], frozenset[int]]

_NAMES: Final = re.compile(r"\w+")
_PLAIN: Final = frozenset({*d.INTEGERS, "f32", "f64", "bool"})


class UnwritableError(Exception):
    """There is no annotation for a type; the message says why."""


class Annotator:
    """Writes the annotations of one file.

    Attributes:
        classes: the Python names of the classes that are declared, by their index.
        enums: those of enums.
        used: the names that annotations have needed.
        mentioned: the classes that they have.
        undefined: the names of classes that are defined further down. Annotations with them have to be quoted, since
            generated text cannot count on a `__future__` import: that stands at the top of a file only.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.undefined: set[str] = set()
        self.classes: dict[int, str] = {}
        self.enums: dict[int, str] = {}
        self.used: set[str] = set()
        self.mentioned: set[int] = set()

    def use(self, name: str) -> str:
        """A name that has to be imported."""
        self.used.add(name)
        return name

    def write(self, type_: int | None, way: Way) -> str:
        """The annotation for a type.

        Args:
            type_: its index, None for void.
            way: which way its values go.

        Raises:
            UnwritableError: there is none.
        """
        if type_ is None:
            return "None"
        found = self._schema.types[type_]
        if isinstance(found, NamedType) and found.name in EXTERNREFS:
            return f"{self.use('Opaque')}[{self.use('Any')}] | None"
        return self._write(type_, way)

    def write_class(self, found: SchemaClass) -> str:
        """The annotation for objects of a class that come from the module.

        Raises:
            UnwritableError: there is none.
        """
        return self._write_class(found, "out")

    def quoted(self, annotation: str) -> str:
        """An annotation as it is written where it stands."""
        return f'"{annotation}"' if self.undefined.intersection(_NAMES.findall(annotation)) else annotation

    def writable(self, type_: int | None, way: Way) -> bool:
        """Whether there is an annotation for a type."""
        before = self.mark()
        try:
            self.write(type_, way)
        except UnwritableError:
            return False
        finally:
            self.rewind(before)
        return True

    def mark(self) -> Mark:
        """What has been used up to now, for `rewind`."""
        return frozenset(self.used), frozenset(self.mentioned)

    def rewind(self, mark: Mark) -> None:
        """Forget what has been used since: it was for something that is left out."""
        used, mentioned = mark
        self.used, self.mentioned = set(used), set(mentioned)

    def _write(self, type_: int | None, way: Way) -> str:
        if type_ is None:
            return "None"
        found = self._schema.types[type_]
        match found:
            case NamedType(name="void"):
                return "None"
            case NamedType(name="this"):
                return self.use("Self")
            case NamedType(name=name) if name in _PLAIN:
                return self.use(name)
            case NamedType(name=name):
                raise UnwritableError(f"there is no annotation for {name}")
            case EnumType(index=index):
                return self.enums.get(index) or self.use("i32")
            case ClassType(index=index):
                shown = self._write_class(self._schema.classes[index], way)
            case _:
                shown = self._write_function(found, way)
        return f"{shown} | None" if found.nullable else shown

    def _write_function(self, found: FunctionType, way: Way) -> str:
        if found.this is not None:
            raise UnwritableError("there is no annotation for functions with a `this`")
        if way == "element":
            way = "both"
        into: Way = {"in": "out", "out": "in", "both": "both"}[way]  # type: ignore[assignment]  # these are Ways
        params = ", ".join(self._write(each, into) for each in found.params)
        return f"{self.use('Callable')}[[{params}], {self._write(found.returns, way)}]"

    def _write_class(self, found: SchemaClass, way: Way) -> str:
        if found.internal == STRING:
            return self.use("string")
        kind = kind_of(found)
        if kind == "Date":
            return self.use(kind)
        if kind is not None:
            copied = way in ("in", "element")
            return self._write_copied(kind, found) if copied else self._write_live(kind, found)
        if found.index in self.classes:
            self.mentioned.add(found.index)
            return self.classes[found.index]
        if found.unmanaged:
            raise UnwritableError(
                f"{self._schema.show_class(found.index)} is unmanaged, and nothing tells its lifetime"
            )
        raise UnwritableError(f"there is no annotation for {self._schema.show_class(found.index)}")

    def _write_live(self, kind: str, found: SchemaClass) -> str:
        self._check_key(kind, found)
        arguments = ", ".join(self._write(each, "both") for each in found.arguments)
        return f"{self.use(kind)}[{arguments}]" if arguments else self.use(kind)

    def _write_copied(self, kind: str, found: SchemaClass) -> str:
        """What Python code passes for a collection."""
        self._check_key(kind, found)
        if kind in ("ArrayBuffer", "Uint8Array"):
            return "bytes"
        if kind in d.TYPED_ARRAYS:
            return f"{self.use('Sequence')}[{self.use(d.TYPED_ARRAYS[kind].name)}]"
        if kind == "DataView":
            return self.use(kind)
        name = self.use({"Map": "Mapping", "Set": "AbstractSet"}.get(kind, "Sequence"))
        return f"{name}[{', '.join(self._write(each, 'element') for each in found.arguments)}]"

    def _check_key(self, kind: str, found: SchemaClass) -> None:
        """Refuse keys that Python could not compare as AssemblyScript does."""
        if kind not in ("Map", "Set"):
            return
        key = self._schema.types[found.arguments[0]]
        is_collection = isinstance(key, ClassType) and kind_of(self._schema.classes[key.index]) is not None
        if isinstance(key, FunctionType) or is_collection:
            raise UnwritableError(f"keys of type {self._schema.show(found.arguments[0])} are compared by address")
