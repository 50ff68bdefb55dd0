"""The members of a module whose binary has a schema: what `wasmbind generate` would write of it."""

from __future__ import annotations

import enum
from types import MethodType
from typing import TYPE_CHECKING, Any

from wasmbind._bound import BoundClass
from wasmbind._conversion import codec_for
from wasmbind._declared import declaration_of
from wasmbind._dynamic.bound import ModuleClass, Namespace
from wasmbind._dynamic.declaring import python_name
from wasmbind._dynamic.exports import plain_name
from wasmbind._dynamic.lifting import ObjectTypes
from wasmbind._dynamic.members import Members
from wasmbind._dynamic.objects import AscObject, Shown
from wasmbind._dynamic.retyping import Retyped
from wasmbind._generate import Declarations
from wasmbind._generate.types import UnwritableError
from wasmbind._source import execute_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wasmtime import WasiConfig

    from wasmbind._declarations import Function
    from wasmbind._dynamic.hints import Hints
    from wasmbind._imports import Imports
    from wasmbind._limits import Limits
    from wasmbind._runtime import Runtime
    from wasmbind._schema.model import Binary

__all__ = ["SchemaMembers", "declare_by_schema"]


def declare_by_schema(
    source: Any,
    binary: Binary,
    hints: Hints,
    imports: Imports | None,
    wasi: WasiConfig | None,
    limits: Limits | None,
    reserved: Iterable[str],
) -> SchemaMembers:
    """Start an instance of the declarations that its binary says.

    Args:
        source: where the binary is.
        binary: what it says of itself.
        hints: reads types; it learns the names of the classes.
        imports, wasi, limits: as `AscModule` takes them.
        reserved: names that members must not have.
    """
    declarations = Declarations(binary, binary.name, None, None)
    space: dict[str, Any] = {"__name__": declarations.name}
    execute_module(declarations.text(), space, declarations.name)
    given = {
        name: value
        for name, value in space.items()
        if isinstance(value, type) and value.__module__ == declarations.name and name != declarations.name
    }
    cls: Any = space[declarations.name]
    cls.__asc_wasm__ = source
    hints.learn({**space, **given})
    found = SchemaMembers()
    for each in (cls, *given.values()):
        each.__asc_retype__ = Retyped
    for each in given.values():
        if hasattr(each, "__asc_fields__"):
            _give_views(each)
    inner = cls(imports=imports, wasi=wasi, limits=limits)
    found.start(inner, declarations, given, {*reserved})
    annotator = declarations.annotator
    assert annotator is not None
    schema = binary.schema
    assert schema is not None

    def describe(rt_id: int) -> object:
        known = schema.class_of_id.get(rt_id)
        if known is None:
            return None
        try:
            return annotator.write_class(known)
        except UnwritableError:
            return None

    def by_id(runtime: Runtime) -> dict[int, type[Any]]:
        bound = runtime.binding.table.bound
        pairs = ((bound[cls].rt_id, cls) for cls in given.values() if cls in bound)
        return {rt_id: cls for rt_id, cls in pairs if rt_id is not None}

    inner.runtime.binding.untyped = ObjectTypes(hints, by_id, describe)
    return found


def _give_views(cls: Any) -> None:
    """Let objects of a class be seen as other types, unless its own members have these names."""
    for name in ("as_", "native"):
        if not hasattr(cls, name):
            setattr(cls, name, getattr(AscObject, name))


class SchemaMembers(Members):
    """The members of one instance."""

    def __init__(self) -> None:
        """Wait for the instance."""
        self._made: dict[str, Any] = {}

    def start(self, inner: Any, declarations: Declarations, given: Mapping[str, Any], taken: set[str]) -> None:
        """Take the instance.

        Args:
            inner: the instance.
            declarations: what is declared of its binary.
            given: the classes and enums, by their Python names.
            taken: names that members must not have.
        """
        super().__init__(inner)
        self._given = given
        cls = type(inner)
        self._functions: dict[str, Function] = {}
        self._values: dict[str, str] = {value.export or value.name: value.name for value in declarations.members.values}
        for function in declaration_of(cls).functions:
            if function.kind == "function":
                self._functions[function.export] = function
        self._exports = {getattr(each, "__asc_name__", name): name for name, each in given.items()}
        self._names: dict[str, str] = {}
        nested = {name.partition(".")[0] for name in (*self._functions, *self._values, *self._exports) if "." in name}
        plain = [name for name in (*self._functions, *self._values) if "." not in name]
        for name in dict.fromkeys([*given, *plain, *sorted(nested)]):
            chosen = python_name(name, taken)
            taken.add(chosen)
            self._names[chosen] = name

    def names(self) -> Iterable[str]:
        return self._names

    def get(self, name: str, module: object) -> tuple[Any, bool]:
        found = self._names.get(name)
        if found is None:
            raise self.missing(name, module)
        if found in self._values:
            return getattr(self.inner, self._values[found]), False
        return self._member(found), True

    def set(self, name: str, value: Any, module: object) -> None:
        found = self._names.get(name)
        if found is None:
            raise self.missing(name, module)
        self.write(found, value)

    def write(self, export: str, value: Any) -> None:
        name = self._values.get(export)
        if name is None:
            raise AttributeError(f"{self.runtime.name}: {export} cannot be assigned: it is no global")
        setattr(self.inner, name, value)

    def by_export(self, name: str) -> Any:
        python = self._exports.get(name) or self._exports.get(name.replace(" ", "")) or name
        plain = {plain_name(export): each for export, each in self._exports.items()}
        python = plain.get(name.replace(" ", ""), python)
        prefix, _, member = name.rpartition(".")
        if name in self._values:
            return getattr(self.inner, self._values[name])
        if prefix in self._exports and python not in self._given:
            return getattr(self._member(self._exports[prefix]), member)
        try:
            return self._member(python)
        except AttributeError:
            library = self._library_class(name.replace(" ", ""))
            if library is not None:
                return library
            raise KeyError(f"{self.runtime.name} exports nothing called {name!r}") from None

    def _library_class(self, name: str) -> Any:
        """A class of AssemblyScript's library that the binary has, which makes live collections; None without one."""
        schema = self.runtime.binary.schema
        assert schema is not None
        for rt_id, found in schema.class_of_id.items():
            if plain_name(schema.show_class(found.index)) == name:
                types: ObjectTypes = self.runtime.binding.untyped
                type_ = types.type_of(self.runtime, 0, rt_id, Shown.OBJECT)
                return None if type_ is None else BoundClass(self.runtime, codec_for(type_).cls or object)
        return None

    def _member(self, name: str) -> Any:
        """A function, class, enum or namespace."""
        found = self._made.get(name)
        if found is None:
            found = self._make(name)
            if isinstance(found, MethodType):  # other things refer to this, which must not refer back
                self._made[name] = found
        return found

    def _make(self, name: str) -> Any:
        function = self._functions.get(name)
        if function is not None:
            return MethodType(getattr(type(self.inner), function.name), self.inner)
        value = self._given.get(name)
        if value is not None and issubclass(value, enum.Enum):
            return value
        if value is not None:
            start = f"{value.__asc_name__}."
            fields = {export.removeprefix(start): export for export in self._values if export.startswith(start)}
            return ModuleClass(self.runtime, value, self, fields)
        start = f"{name}."
        inside = {
            export.removeprefix(start).partition(".")[0]
            for export in (*self._functions, *self._values, *self._exports)
            if export.startswith(start)
        }
        if inside:
            return Namespace(self, name, inside)
        raise AttributeError(name)
