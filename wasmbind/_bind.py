"""Matches the declarations of a module class with its binary, and starts instances of it."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import wasmtime

from wasmbind import _descriptors as d
from wasmbind._calls import call_slowly
from wasmbind._class_table import ClassTable
from wasmbind._classes import declaration_of, declared_bases, reach
from wasmbind._engine import compile_module
from wasmbind._glue import Glue, to_binary
from wasmbind._imports import HostImports
from wasmbind._install import install_module
from wasmbind._instances import argument_cells, instantiate, run_start
from wasmbind._linking import Links
from wasmbind._natives import native_class
from wasmbind._ownership import owned
from wasmbind._plans import as_global
from wasmbind._runtime import Runtime
from wasmbind._schema.rtti import Rtti, RttiError
from wasmbind._verify import (
    verify_constructor,
    verify_function,
    verify_global,
    verify_imports,
    verify_runtime,
    verify_start,
)
from wasmbind.errors import BindError, Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wasmbind._calls import CallPlan
    from wasmbind._declarations import Field, Function
    from wasmbind._imports import Imports
    from wasmbind._schema.model import Binary

__all__ = ["Binding"]


@dataclass(slots=True)
class _Unit:
    """Declarations that were bound together, with the glue they share."""

    links: Links
    glue: Glue | None
    module: wasmtime.Module | None


class Binding:
    """The match of one module class with its binary; shared by all its instances.

    Attributes:
        table: the bound classes.
        rtti: the binary's type table, once an instance has read it.
    """

    def __init__(
        self,
        cls: type[Any],
        binary: Binary,
        engine: wasmtime.Engine,
        module: wasmtime.Module,
        classes: Iterable[type],
    ) -> None:
        self.name = cls.__name__
        self._start: str | None = getattr(cls, "__asc_start__", None)
        self.binary, self.engine, self.module = binary, engine, module
        self._declarations = [declaration_of(base) for base in reversed(declared_bases(cls))]
        self.table = ClassTable(self.name, binary)
        self.rtti: Rtti | None = None
        self._units: list[_Unit] = []
        self._instances: weakref.WeakSet[Runtime] = weakref.WeakSet()
        self._heap_glue: tuple[Glue, wasmtime.Module] | None = None
        self._lock = threading.RLock()
        types = [type_ for declaration in self._declarations for type_ in declaration.types()]
        reached, enums = reach(types, classes)
        self._reached = reached
        functions, mismatches = self.table.add(reached, enums)
        references = self._first_reference()
        self._mismatches = [
            *verify_start(cls.__name__, self._start, binary),
            *self._verify_module(),
            *mismatches,
            *verify_runtime(binary, references=references),
        ]
        self._has_heap = references is not None
        self._functions = functions
        if not self._mismatches:
            for declaration in self._declarations:
                install_module(declaration)
            self.table.install(reached)

    # --- verification ---------------------------------------------------------------------------------------

    def _verify_module(self) -> Iterator[Mismatch]:
        for field in self._fields():
            yield from self._verify_global(field, mutable=True)
        schema = self.table.conformance
        for function in self._own_functions():
            if function.is_global:
                yield from self._verify_global(as_global(function), mutable=function.kind == "setter")
            elif schema is not None:
                yield from schema.verify_function(function)
            else:
                yield from verify_function(function, self.binary)

    def _verify_global(self, field: Field, *, mutable: bool) -> Iterator[Mismatch]:
        schema = self.table.conformance
        if schema is not None:
            return schema.verify_global(field, mutable=mutable)
        return verify_global(field, self.binary, mutable=mutable)

    def _fields(self) -> Iterator[Field]:
        """The declared globals, those of base classes first."""
        for declaration in self._declarations:
            yield from declaration.fields

    def _own_functions(self) -> Iterator[Function]:
        """The declared functions of the module itself, those of base classes first."""
        for declaration in self._declarations:
            yield from declaration.functions

    def _first_reference(self) -> str | None:
        """A declared thing that needs the heap, or None."""
        if self._reached:
            return self._reached[0].__name__
        for field in self._fields():
            if d.is_reference(field.type):
                return field.who
        for function in self._own_functions():
            if any(map(d.is_reference, (function.result, *(p.type for p in function.parameters)))):
                return function.who
        return None

    def _raise(self, mismatches: Iterable[Mismatch]) -> None:
        found = list(mismatches)
        if found:
            raise BindError(self.name, self.binary.name, found)

    # --- instances ------------------------------------------------------------------------------------------

    def start(self, imports: Imports) -> Runtime:
        """A new instance.

        Args:
            imports: Python functions by module and name; they win over the defaults.

        Raises:
            BindError: declarations and binary disagree, or an import is not provided.
            AbortError, TrapError: a start function failed.
        """
        provided = HostImports.provided(imports)
        self._raise([*self._mismatches, *verify_imports(self.binary, provided, self.name)])
        native = native_class()(self.engine, argument_cells(self.binary))
        hosts = HostImports(self.binary, imports, native)
        instantiate(self.name, native, self.module, hosts)
        runtime = Runtime(self.name, native, self.binary, hosts)
        runtime.binding = self
        run_start(runtime, self._start)
        if self._has_heap:
            self._read_types(runtime)
        with self._lock:
            if not self._units:
                self._units.append(self._unit(self.table, self._functions, self._reached, whole_module=True))
            self._instances.add(runtime)
        return runtime

    def _read_types(self, runtime: Runtime) -> None:
        try:
            runtime.read_types()
        except RttiError as error:
            fix = "use a binary of asc 0.18 or later that nothing has rewritten"
            self._raise([Mismatch(self.name, "references", str(error), fix)])
        assert runtime.rtti is not None  # read_types has set it
        self._raise(self.table.verify_bases(runtime.rtti))
        self.rtti = runtime.rtti
        if self._heap_glue is None:
            glue = Glue(self.binary)
            glue.add_heap(runtime.buffer_id)
            self._heap_glue = glue, compile_module(to_binary(str(glue)), self.engine)
        runtime.use_heap_glue(self._instantiate_glue(runtime, *self._heap_glue))
        runtime.extend_scratch(1)

    def ensure(self, runtime: Runtime, cls: type[Any]) -> None:
        """Bind a class that the module's declarations do not lead to, when it is first asked for.

        Raises:
            BindError: it does not fit the binary.
        """
        if cls in self.table and runtime.rtti is not None:
            return
        runtime.check_alive()
        self._raise(verify_runtime(self.binary, references=cls.__name__))
        if runtime.rtti is None:
            owned(runtime, lambda _: self._read_types(runtime))
        with self._lock:
            reached, enums = reach((), [cls])
            new = [found for found in reached if found not in self.table]
            if not new:
                return
            table = self.table.copy()
            functions, mismatches = table.add(new, enums)
            self._raise(mismatches)
            if self.rtti is not None:
                self._raise(table.verify_bases(self.rtti))
            table.install(new)
            self._units.append(self._unit(table, functions, new, whole_module=False))
            self.table = table
            # What a run-time id becomes may be one of the new classes now.
            for instance in self._instances:
                instance.classes.clear()

    def _unit(
        self, table: ClassTable, functions: Iterable[Function], classes: Iterable[type], *, whole_module: bool
    ) -> _Unit:
        links = Links(self.binary, self.rtti, table.targets)
        for function in functions:
            links.add_function(function)
        for cls in classes:
            links.add_class(table.bound[cls])
        if whole_module:
            for declaration in self._declarations:
                links.add_module(declaration)
        return self._compile(links)

    def _compile(self, links: Links) -> _Unit:
        glue = links.glue()
        module = compile_module(to_binary(str(glue)), self.engine) if glue is not None else None
        return _Unit(links, glue, module)

    def link(self, runtime: Runtime, name: str) -> Any:
        """What `native.call` takes for a `link_*` name.

        Raises:
            BindError: the binary does not export it.
            LookupError: nothing of that name was declared.
        """
        if name in self.table.missing:
            self._raise([self.table.missing[name]])
        for index, unit in enumerate(self._units):
            type_ = unit.links.types.get(name)
            if type_ is None:
                continue
            runtime.extend_scratch(unit.links.scratch)
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
            assert unit.glue is not None
            assert unit.module is not None
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

    def constructor(self, runtime: Runtime, cls: type[Any], plan: CallPlan) -> Any:
        """What `native.call` takes for the constructor of a class, called as a plan says.

        Raises:
            BindError: the binary does not export it, or with another type.
        """
        bound = self.table.bound[cls]
        link = plan.link_to(bound.constructor)
        try:
            return self.link(runtime, link)
        except LookupError:
            # An __init__ that is not the class's own, called by name.
            target = self.table.target(plan, bound.constructor)
            self._raise(verify_constructor(cls, target.export, plan.type, self.binary))
            with self._lock:
                links = Links(self.binary, self.rtti, self.table.targets)
                links.add(plan, bound.constructor)
                self._units.append(self._compile(links))
            return self.link(runtime, link)

    def construct_record(self, obj: Any) -> None:
        """Run the exported constructor, without arguments, for a record."""
        plan = self.table.bound[type(obj)].constructor_plan
        assert plan is not None
        call_slowly(plan, obj, ())

    def unconstructible(self, cls: type[Any]) -> str | None:
        """What keeps AssemblyScript from constructing objects of a bound class; None where nothing is known to."""
        schema = self.table.bound[cls].schema
        if schema is None or not (schema.is_interface or schema.abstract):
            return None
        return "an interface" if schema.is_interface else "an abstract class"

    def make_default(self, runtime: Runtime) -> None:
        """Let bare uses of the bound classes mean an instance where nothing else is active."""
        cls: type[Any]
        for cls in self.table.bound:
            alive = [known for known in cls.__asc_defaults_of__ if (found := known()) is not None and not found.ended]
            cls.__asc_defaults_of__[:] = [*alive, weakref.ref(runtime)]

    def array_ids(self, descriptor: d.ListOf, flags: int) -> list[int]:
        """The run-time ids of the arrays that a list may become, the best first.

        Args:
            descriptor: the type of the list.
            flags: the `element_flags` of its elements, which are all that tells where there is no schema.
        """
        fitting = self.rtti.arrays.get(flags, []) if self.rtti is not None else []
        if self.table.conformance is None:
            return fitting
        # What the schema says must also be what the collector knows.
        named = self.table.conformance.array_id(descriptor)
        return [named] if named in fitting else []

    def resolve_class(self, runtime: Runtime, cls: type[Any], rt_id: int, rt_size: int) -> type:
        """The Python class for an object of a run-time id, where `cls` is declared; found once per instance.

        Raises:
            LiftError: the object is not of the declared class.
            BindError: the object is too small for the declared fields.
        """
        self.ensure(runtime, cls)
        assert self.rtti is not None
        found = self.table.resolve(cls, rt_id, rt_size, self.rtti)
        runtime.classes.setdefault(cls, {})[rt_id] = found
        return found[0]
