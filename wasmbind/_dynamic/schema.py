"""The members of a module whose binary has a schema: what `wasmbind generate` would write of it."""

from __future__ import annotations

import enum
from types import MethodType
from typing import TYPE_CHECKING, Any, Literal

from wasmbind._bound import BoundClass
from wasmbind._call_shapes import as_global
from wasmbind._conversion import codec_for
from wasmbind._declared import declaration_of, declared_bases
from wasmbind._dynamic.bound import ModuleClass
from wasmbind._dynamic.exports import plain_name, split_name
from wasmbind._dynamic.lifting import ObjectTypes
from wasmbind._dynamic.members import Members
from wasmbind._dynamic.objects import AscObject, Shown
from wasmbind._dynamic.registered import Registered
from wasmbind._dynamic.registry import check_names, is_declared
from wasmbind._dynamic.retyping import Retyped
from wasmbind._generate import Declarations
from wasmbind._generate.names import member_identifier
from wasmbind._generate.types import UnwritableError
from wasmbind._matching import kind_of
from wasmbind._source import execute_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wasmtime import WasiConfig

    from wasmbind._declarations import Function
    from wasmbind._dynamic.hints import Hints
    from wasmbind._generate.types import Annotator
    from wasmbind._imports import Imports
    from wasmbind._limits import Limits
    from wasmbind._runtime import Runtime
    from wasmbind._schema.model import Binary
    from wasmbind._schema.schema import Schema

__all__ = ["declare_by_schema"]


def declare_by_schema(
    source: Any,
    binary: Binary,
    hints: Hints,
    shown: Shown | None,
    registry: Mapping[str, Any],
    imports: Imports | None,
    wasi: WasiConfig | None,
    limits: Limits | None,
    reserved: Iterable[str],
) -> Members:
    """Start an instance of the declarations that its binary says.

    Args:
        source: where the binary is.
        binary: what it says of itself.
        hints: reads types; it learns the names of the classes.
        shown: how results are shown, None for what they are.
        registry: the types of results that somebody has given.
        imports, wasi, limits: as `AscModule` takes them.
        reserved: names that members must not have.
    """
    declarations = Declarations(binary, binary.name, None, None)
    schema, annotator = binary.schema, declarations.annotator
    assert schema is not None
    assert annotator is not None
    names = _names(schema, annotator, {*schema.functions, *schema.globals})
    _check_registry(schema, annotator, names, registry)
    given = {names[name]: hint for name, hint in registry.items() if name in names and is_declared(hint)}
    space: dict[str, Any] = {"__name__": declarations.name, **given}
    execute_module(declarations.text(given), space, declarations.name)
    cls: Any = space[declarations.name]
    cls.__asc_wasm__ = source
    cls.__asc_retype__ = Retyped
    types: dict[str, type[Any]] = {name: space[python] for name, python in names.items()}
    made = [each for name, each in types.items() if names[name] not in given and not issubclass(each, enum.Enum)]
    for name, each in types.items():
        if getattr(each, "__asc_name__", "") == name and "<" not in name:
            # What it is called in the file need not be what AssemblyScript calls it.
            each.__name__ = each.__qualname__ = split_name(name)[2] if issubclass(each, enum.Enum) else name
    for each in made:
        each.__asc_retype__ = Retyped
        _give_views(each)
    inner = cls(imports=imports, wasi=wasi, limits=limits)
    runtime: Runtime = inner.runtime
    described = hints.among(space)
    hints.learn(types)
    hints.belong_to(runtime)
    runtime.binding.untyped = ObjectTypes(hints, _by_id(types), _describe(schema, annotator, described))
    registered = Registered(runtime, hints, shown, registry)
    for name, each in types.items():
        if each in made:
            registered.replace(each, (name, plain_name(name)))
    values = {value.export or value.name: value.name for value in declarations.members.values}
    return _SchemaMembers(inner, values, types, _statics(schema, annotator, names, values), registered, reserved)


def _names(schema: Schema, annotator: Annotator, others: set[str]) -> dict[str, str]:
    """The Python names of the classes and enums by AssemblyScript name; several for those that are exported so."""
    found: dict[str, str] = {}
    for index, python in annotator.classes.items():
        cls = schema.classes[index]
        found |= {each: python for each in (cls.export, *cls.aliases) if each is not None}
    found |= {exported: python for index, python in annotator.enums.items() if (exported := schema.enums[index].export)}
    known = {*found.values()}
    unexported = {python: schema.show_class(index) for index, python in annotator.classes.items()}
    unexported |= {python: schema.enums[index].name for index, python in annotator.enums.items()}
    for python, shown in unexported.items():
        if python not in known:
            found[python if shown in found or shown in others else shown.replace(" ", "")] = python
    return found


def _statics(
    schema: Schema, annotator: Annotator, names: Mapping[str, str], values: Iterable[str]
) -> dict[str, dict[str, str]]:
    """The exports of the static fields of each class, by their names."""
    inside: dict[str, dict[str, str]] = {}
    for export in values:
        prefix, _, member = split_name(export)
        inside.setdefault(prefix, {})[member] = export
    prefixes = {python: schema.classes[index].prefix for index, python in annotator.classes.items()}
    return {name: inside.get(prefixes[python], {}) for name, python in names.items() if python in prefixes}


def _check_registry(
    schema: Schema, annotator: Annotator, names: Mapping[str, str], registry: Mapping[str, Any]
) -> None:
    classes: dict[str, set[str]] = {}
    by_name = {python: index for index, python in annotator.classes.items()}
    for name, python in names.items():
        if python in by_name:
            results: set[str] = set()
            for base in schema.bases(by_name[python]):
                results |= {*base.fields, *base.statics, *(key[0] for key in (*base.methods, *base.properties))}
            classes[name] = results
    others = {name: "an enum" for name in names if name not in classes}
    dotted = [split_name(name)[0] for name in (*names, *schema.functions, *schema.globals)]
    others |= {name: "a namespace" for name in dotted if name and name not in names}
    check_names(registry, {*schema.functions, *schema.globals}, classes, others)


def _give_views(cls: Any) -> None:
    """Let objects of a class be seen as other types, unless its own members have these names."""
    fields = {field.name for base in declared_bases(cls) for field in declaration_of(base).fields}
    for name in ("as_", "native"):
        if name not in fields and not hasattr(cls, name):
            setattr(cls, name, getattr(AscObject, name))


def _by_id(types: Mapping[str, type[Any]]) -> Callable[[Runtime], dict[int, type[Any]]]:
    def by_id(runtime: Runtime) -> dict[int, type[Any]]:
        bound = runtime.binding.table.bound
        pairs = ((bound[cls].rt_id, cls) for cls in types.values() if cls in bound)
        return {rt_id: cls for rt_id, cls in pairs if rt_id is not None}

    return by_id


def _describe(
    schema: Schema, annotator: Annotator, hints: Hints
) -> Callable[[int, Literal["itself", "library"]], object]:
    def describe(rt_id: int, which: Literal["itself", "library"]) -> object:
        known = schema.class_of_id.get(rt_id)
        if known is not None and which == "library":
            known = next((base for base in schema.bases(known.index) if kind_of(base) is not None), None)
        if known is None:
            return None
        try:
            return hints.evaluate(annotator.write_class(known), schema.show_class(known.index))
        except UnwritableError:
            return None

    return describe


class _SchemaMembers(Members):
    """The members of one instance."""

    def __init__(
        self,
        inner: Any,
        values: Mapping[str, str],
        types: Mapping[str, type[Any]],
        statics: Mapping[str, Mapping[str, str]],
        registered: Registered,
        reserved: Iterable[str],
    ) -> None:
        """Take the instance.

        Args:
            inner: the instance.
            values: the Python names of globals and static fields, by their exports.
            types: the classes and enums, by AssemblyScript name.
            statics: the exports of static fields, by the classes and their names.
            registered: makes what has another type than the schema says.
            reserved: names that members must not have.
        """
        declaration = declaration_of(type(inner))
        self._functions: dict[str, Function] = {
            function.export: function for function in declaration.functions if function.kind == "function"
        }
        self._values, self._types, self._statics = values, types, statics
        within = {export for fields in statics.values() for export in fields.values()}
        plain = [name for name in values if name not in within]
        words = {name: split_name(name)[2] for name in (*types, *self._functions, *plain)}
        exports = {
            name: word if word.isidentifier() or name not in types else types[name].__name__
            for name, word in words.items()
        }
        super().__init__(inner, exports, reserved)
        self._plain = {plain_name(name): name for name in types}
        self._made: dict[str, Any] = {}
        fields = {field.name: field for field in declaration.fields}
        fields |= {each.name: as_global(each) for each in declaration.functions if each.kind == "getter"}
        readers = {export: registered.value(fields[name]) for export, name in values.items() if name in fields}
        self._readers = {export: reader for export, reader in readers.items() if reader is not None}
        for export, function in self._functions.items():
            made = registered.function(function)
            if made is not None:
                self._made[export] = MethodType(made, inner)

    def is_value(self, export: str) -> bool:
        return export in self._values

    def by_export(self, name: str) -> Any:
        found = self._made.get(name)
        if found is not None:
            return found
        function = self._functions.get(name)
        if function is not None:
            # Other things refer to this, which must not refer back.
            found = self._made[name] = MethodType(getattr(type(self.inner), function.name), self.inner)
            return found
        if name in self._values:
            return self._read(name)
        known = name if name in self._types else self._plain.get(name.replace(" ", ""))
        if known is not None:
            return self._type(known)
        prefix, _, member = split_name(name)
        owner = self._type(prefix) if prefix in self._types else None
        if isinstance(owner, ModuleClass):
            try:
                return owner.member(member)
            except AttributeError:
                pass
        elif owner is not None and member_identifier(member) in owner.__members__:
            return owner[member_identifier(member)]
        return self._library_class(name.replace(" ", "")) or self.namespace(name)

    def _read(self, export: str) -> Any:
        reader = self._readers.get(export)
        return getattr(self.inner, self._values[export]) if reader is None else reader(self.inner)

    def write(self, export: str, value: Any) -> None:
        name = self._values.get(export)
        if name is None:
            raise AttributeError(f"{self.runtime.name}: {export} cannot be assigned: it is no global")
        setattr(self.inner, name, value)

    def _type(self, name: str) -> Any:
        """A class or an enum."""
        found = self._types[name]
        if issubclass(found, enum.Enum):
            return found
        return ModuleClass(self.runtime, found, self, self._statics[name])

    def _library_class(self, name: str) -> BoundClass | None:
        """A class of AssemblyScript's library that the binary has, which makes live collections; None without one."""
        schema = self.runtime.binary.schema
        assert schema is not None
        for rt_id, found in schema.class_of_id.items():
            if plain_name(schema.show_class(found.index)) == name:
                types: ObjectTypes = self.runtime.binding.untyped
                type_ = types.type_of(self.runtime, 0, rt_id, Shown.OBJECT)
                return None if type_ is None else BoundClass(self.runtime, codec_for(type_).cls or object)
        return None
