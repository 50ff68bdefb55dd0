"""Matches the declarations of a module class with its binary, and starts instances of it."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import wasmtime

from wasmbind import _descriptors as d
from wasmbind._abi import native_class
from wasmbind._calls import call_slowly
from wasmbind._classes import Accessor, ClassBinding, declaration_of, install_class, install_module, reach
from wasmbind._engine import compile_module
from wasmbind._glue import Glue, to_binary
from wasmbind._imports import HostImports
from wasmbind._linking import Links
from wasmbind._names import link_name
from wasmbind._plans import as_global, export_of
from wasmbind._runtime import Runtime
from wasmbind._schema.model import FunctionType
from wasmbind._schema.rtti import Rtti, RttiError
from wasmbind._verify import (
    exports_members,
    unavailable,
    unavailable_constructor,
    verify_accessors,
    verify_constructor,
    verify_enum,
    verify_function,
    verify_global,
    verify_imports,
    verify_runtime,
)
from wasmbind.errors import AbortError, BindError, LiftError, Mismatch, TrapError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wasmbind._abi import Native
    from wasmbind._declarations import ClassDeclaration, Function
    from wasmbind._schema.model import Binary

__all__ = ["Binding"]

#: Root slots for the result and for copied arguments that every instance has from the start.
_SCRATCH = 9
_SPARE_CELLS = 8


@dataclass(slots=True)
class _Unit:
    """Declarations that were bound together, with the glue they share."""

    links: Links
    glue: Glue | None
    module: wasmtime.Module | None


class Binding:
    """The match of one module class with its binary; shared by all its instances.

    Attributes:
        classes: every bound class.
        accessors: how each field is accessed in this binary.
    """

    def __init__(
        self,
        cls: type,
        binary: Binary,
        engine: wasmtime.Engine,
        module: wasmtime.Module,
        classes: Iterable[type],
    ) -> None:
        self.name = cls.__name__
        self.binary, self.engine, self.module = binary, engine, module
        self.declaration: ClassDeclaration = declaration_of(cls)
        self.classes: dict[type, ClassBinding] = {}
        self.accessors: dict[tuple[type, str], Accessor] = {}
        self.rtti: Rtti | None = None
        self._missing: dict[str, Mismatch] = {}
        self._by_id: dict[int, ClassBinding] = {}
        self._units: list[_Unit] = []
        self._heap_glue: tuple[Glue, wasmtime.Module] | None = None
        self._lock = threading.RLock()
        reached, enums = reach(self.declaration.types(), classes)
        functions, mismatches = self._verify(reached, enums)
        mismatches = [*self._verify_module(), *mismatches]
        references = self._first_reference()
        mismatches += verify_runtime(binary, references=references)
        self._mismatches = mismatches
        self._has_heap = references is not None
        self._first = (functions, self.declaration.fields)
        if not mismatches:
            install_module(cls, self.declaration)
            self._install(reached)

    # --- verification ---------------------------------------------------------------------------------------

    def _verify_module(self) -> Iterator[Mismatch]:
        for field in self.declaration.fields:
            yield from verify_global(field, self.binary, mutable=True)
        for function in self.declaration.functions:
            if function.is_global:
                yield from verify_global(as_global(function), self.binary, mutable=function.kind == "setter")
            else:
                yield from verify_function(function, self.binary)

    def _verify(self, reached: Iterable[type], enums: Iterable[Any]) -> tuple[list[Function], list[Mismatch]]:
        """Bind classes; the functions that can be called, and every mismatch."""
        mismatches: list[Mismatch] = []
        callable_: list[Function] = []
        for cls in reached:
            if cls in self.classes:
                continue
            bound = ClassBinding.make(cls, self.binary, self.classes)
            self.classes[cls] = bound
            if bound.rt_id is not None and bound.target is cls:
                self._by_id[bound.rt_id] = bound
            if bound.layout is None and bound.target is cls:
                for field in bound.declaration.fields:
                    mismatches += verify_accessors(field, self.binary)
            for function in bound.declaration.functions:
                if bound.exported or exports_members(self.binary):
                    mismatches += verify_function(function, self.binary)
                    callable_.append(function)
                else:
                    self._missing[link_name(export_of(function))] = unavailable(function, self.binary)
            mismatches += self._verify_constructor(bound)
        for enum in enums:
            mismatches += verify_enum(enum, self.binary)
        return callable_, mismatches

    def _verify_constructor(self, bound: ClassBinding) -> Iterator[Mismatch]:
        """Check the constructor that a class inherits, or that a record's is synthesised from."""
        if bound.target is not bound.cls:
            return
        wanted = bound.constructor_type
        if wanted is None:
            return
        if bound.exported or exports_members(self.binary):
            yield from verify_constructor(bound.cls, bound.constructor, wanted, self.binary)
        else:
            found = unavailable_constructor(bound.cls, self.binary)
            self._missing.setdefault(link_name(bound.constructor), found)

    def _first_reference(self) -> str | None:
        """A declared thing that needs the heap, or None."""
        if self.classes:
            return f"{next(iter(self.classes)).__name__}"
        for field in self.declaration.fields:
            if d.is_reference(field.type):
                return field.who
        for function in self.declaration.functions:
            if any(map(d.is_reference, (function.result, *(p.type for p in function.parameters)))):
                return function.who
        return None

    def _raise(self, mismatches: Iterable[Mismatch]) -> None:
        found = list(mismatches)
        if found:
            raise BindError(self.name, self.binary.name, found)

    def _install(self, reached: Iterable[type]) -> None:
        for cls in reached:
            self.accessors.update(install_class(self.classes[cls], self.binary))

    # --- instances ------------------------------------------------------------------------------------------

    def start(self, imports: Mapping[str, Mapping[str, Callable[..., Any]]]) -> Runtime:
        """A new instance.

        Args:
            imports: Python functions by module and name; they win over the defaults.

        Raises:
            BindError: declarations and binary disagree, or an import is not provided.
            AbortError, TrapError: a start function failed.
        """
        provided = HostImports.provided(imports)
        self._raise([*self._mismatches, *verify_imports(self.binary, provided, self.name)])
        native = native_class()(self.engine, self._cells())
        hosts = HostImports(self.binary, imports, native)
        self._instantiate(native, hosts)
        runtime = Runtime(self.name, native, self.binary, hosts)
        runtime.binding = self
        self._run_start(runtime)
        if self._has_heap:
            self._read_types(runtime)
        with self._lock:
            if not self._units:
                self._units.append(self._unit(*self._first, self.classes))
        return runtime

    def _cells(self) -> int:
        """The most argument cells that any exported function needs, with what the glue adds."""
        widths = [
            max(len(export.type.params), len(export.type.results))
            for export in self.binary.exports.values()
            if isinstance(export.type, FunctionType)
        ]
        return max(widths, default=0) + _SPARE_CELLS

    def _instantiate(self, native: Native, hosts: HostImports) -> None:
        try:
            native.instantiate(self.module, hosts.externs)
        except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
            escaped = native.take_escaped()
            if escaped is not None:
                raise escaped from None
            aborted = hosts.glue.take_abort() if hosts.glue is not None else None
            if aborted is not None:
                note = "  in the module's start function, whose memory is gone: the message cannot be read"
                raise AbortError(None, None, aborted[2], aborted[3], (), note) from None
            code = error.trap_code.name.lower() if isinstance(error, wasmtime.Trap) and error.trap_code else None
            raise TrapError(code, f"{self.name} failed to start: {error}", (), poisoned=True) from None

    def _run_start(self, runtime: Runtime) -> None:
        for name in ("_initialize", "__start", "_start"):
            if self.binary.function(name) == FunctionType((), ()):
                runtime.invoke(name)
                return

    def _read_types(self, runtime: Runtime) -> None:
        try:
            runtime.read_types()
        except RttiError as error:
            fix = "use a binary of asc 0.18 or later that nothing has rewritten"
            self._raise([Mismatch(self.name, "references", str(error), fix)])
        self.rtti = runtime.rtti
        if self._heap_glue is None:
            glue = Glue(self.binary)
            glue.add_heap(runtime.buffer_id)
            self._heap_glue = glue, compile_module(to_binary(str(glue)), self.engine)
        runtime.use_heap_glue(self._instantiate_glue(runtime, *self._heap_glue))
        runtime.scratch = tuple(runtime.reserve() for _ in range(_SCRATCH))

    def ensure(self, runtime: Runtime, cls: type) -> None:
        """Bind a class that the module's declarations do not lead to, when it is first asked for.

        Raises:
            BindError: it does not fit the binary.
        """
        if cls in self.classes:
            return
        with self._lock:
            if cls in self.classes:
                return
            before = dict(self.classes)
            reached, enums = reach((), [cls])
            new = [reached_class for reached_class in reached if reached_class not in before]
            functions, mismatches = self._verify(new, enums)
            mismatches += verify_runtime(self.binary, references=cls.__name__)
            if mismatches:
                self.classes = before
                self._raise(mismatches)
            if runtime.rtti is None:
                self._read_types(runtime)
            self._install(new)
            self._units.append(self._unit(functions, (), {c: self.classes[c] for c in new}))

    def _unit(
        self, functions: Iterable[Function], globals_: Iterable[Any], classes: Mapping[type, ClassBinding]
    ) -> _Unit:
        links = Links(self.binary, self.rtti)
        for function in functions:
            links.add_function(function)
        for function in self.declaration.functions if not self._units else ():
            if function.is_global:
                links.add_global(as_global(function), writable=function.kind == "setter")
            else:
                links.add_function(function)
        for field in globals_:
            links.add_global(field, writable=True)
        for bound in classes.values():
            if bound.target is bound.cls and bound.constructor_type is not None:
                links.add_constructor(bound.constructor, bound.constructor_type)
            if bound.layout is None and bound.target is bound.cls:
                for field in bound.declaration.fields:
                    links.add_accessors(field)
        glue = links.glue()
        module = compile_module(to_binary(str(glue)), self.engine) if glue is not None else None
        return _Unit(links, glue, module)

    def link(self, runtime: Runtime, name: str) -> Any:
        """What `native.call` takes for a `link_*` name.

        Raises:
            BindError: the binary does not export it.
            LookupError: nothing of that name was declared.
        """
        if name in self._missing:
            self._raise([self._missing[name]])
        for index, unit in enumerate(self._units):
            type_ = unit.links.types.get(name)
            if type_ is None:
                continue
            export = unit.links.direct.get(name)
            if export is not None:
                extern = runtime.native.export(export)
            else:
                extern = runtime.native.export_of(self.glue(runtime, index), name)
            return runtime.native.handle(extern, type_)
        raise LookupError(name)

    def glue(self, runtime: Runtime, index: int = 0) -> wasmtime.Instance:
        """The glue of a unit in one instance."""
        found = runtime.glues.get(index)
        if found is None:
            unit = self._units[index]
            assert unit.glue is not None  # noqa: S101 - only asked for where there is something in it
            assert unit.module is not None  # noqa: S101
            found = runtime.glues[index] = self._instantiate_glue(runtime, unit.glue, unit.module)
        return found

    @staticmethod
    def _instantiate_glue(runtime: Runtime, glue: Glue, module: wasmtime.Module) -> wasmtime.Instance:
        native = runtime.native
        found = wasmtime.Instance(native.store, module, [native.export(name) for name in glue.imports])
        for slot in glue.slots:
            native.export_of(found, f"slot_{slot}").set_value(native.store, runtime.scratch[slot])
        if glue.stages:
            native.export_of(found, "staging").set_value(native.store, runtime.staging)
        return found

    def constructor(self, runtime: Runtime, cls: type) -> Any:
        """What `native.call` takes for the constructor of a class."""
        return self.link(runtime, link_name(self.classes[cls].constructor))

    def construct_record(self, obj: Any) -> None:
        """Run the exported constructor, without arguments, for a record."""
        call_slowly(self.classes[type(obj)].record_plan, obj, ())

    def make_default(self, runtime: Runtime) -> None:
        """Let bare uses of the bound classes mean an instance where nothing else is active."""
        for cls in self.classes:
            cls.__asc_defaults_of__.append(weakref.ref(runtime))  # type: ignore[attr-defined]  # the metaclass's

    # --- lifting --------------------------------------------------------------------------------------------

    def resolve_class(self, runtime: Runtime, cls: type, rt_id: int, rt_size: int) -> type:
        """The Python class for an object of a run-time id, where `cls` is declared; found once per pair.

        Raises:
            LiftError: the object is not of the declared class.
            BindError: the object is too small for the declared fields.
        """
        self.ensure(runtime, cls)
        actual = self._actual_class(cls, rt_id)
        layout = self.classes[actual].layout
        if layout is not None and rt_size < layout.size:
            fields = ", ".join(f"{name} at {offset}" for name, offset in layout.offsets.items())
            fix = "declare exactly the fields of the AssemblyScript class, in order, private ones too"
            found = f"an object of {rt_size} bytes (run-time id {rt_id})"
            self._raise([Mismatch(actual.__name__, f"{layout.size} bytes ({fields})", found, fix)])
        runtime.classes.setdefault(cls, {})[rt_id] = actual
        return actual

    def _actual_class(self, cls: type, rt_id: int) -> type:
        rtti = self.rtti
        assert rtti is not None  # noqa: S101 - there is an object, so there is a heap
        wanted = self.classes[self.classes[cls].target]
        known = self._by_id.get(rt_id)
        if known is not None:
            if known is wanted:
                return cls
            if issubclass(known.cls, wanted.cls):
                return known.cls if issubclass(known.cls, cls) else cls
            raise LiftError(f"{self.name}: {cls.__name__} expected, found {known.cls.__name__}")
        if rtti.flags_of(rt_id) is None or rtti.kind_of(rt_id) or rt_id in (rtti.buffer_id, rtti.string_id):
            raise LiftError(f"{self.name}: {cls.__name__} expected, found an object of run-time id {rt_id}")
        if wanted.rt_id is None or not rtti.bases:
            return cls
        nearest = [
            bound
            for bound in self._by_id.values()
            if bound.rt_id is not None and rtti.descends(rt_id, bound.rt_id) and issubclass(bound.cls, wanted.cls)
        ]
        if not nearest:
            raise LiftError(f"{self.name}: {cls.__name__} expected, found an object of run-time id {rt_id}")
        best = max(nearest, key=lambda bound: len(bound.cls.__mro__)).cls
        return best if issubclass(best, cls) else cls
