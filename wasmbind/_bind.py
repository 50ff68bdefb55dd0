"""Matches the declarations of a module class with its binary, and starts instances of it."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

from wasmbind._adaptor import adapt
from wasmbind._adaptor_glue import adapted, is_adapted
from wasmbind._annotations import resolve_annotation, show_annotation
from wasmbind._calls import call_slowly
from wasmbind._classes import reach
from wasmbind._collection_glue import SCRATCH, collection_glue
from wasmbind._conversion import codec_for
from wasmbind._declared import declaration_of
from wasmbind._functions import FunctionTable
from wasmbind._imports import HostImports
from wasmbind._install import install_classes, install_module
from wasmbind._instances import argument_cells, instantiate, observers, run_start
from wasmbind._linking import Links
from wasmbind._live.base import Live
from wasmbind._natives import native_class
from wasmbind._own_members import first_function_value
from wasmbind._ownership import owned
from wasmbind._plans import constructor_plan
from wasmbind._providers import Providers
from wasmbind._recognition import check_setter, know_function_values, know_hash, open_heap
from wasmbind._runtime import Runtime
from wasmbind._scopes import Scope
from wasmbind._storage import unlimited
from wasmbind._units import GlueModules, Units
from wasmbind._verification import Verification
from wasmbind._verify import verify_constructor
from wasmbind._verify_runtime import verify_runtime, verify_table
from wasmbind.errors import BindError, Mismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import wasmtime

    from wasmbind._allocations import Allocations
    from wasmbind._calls import CallPlan
    from wasmbind._class_table import ClassTable
    from wasmbind._codecs.base import Allocation, Codec
    from wasmbind._codecs.functions import FunctionCodec
    from wasmbind._declarations import Function
    from wasmbind._imports import Imports
    from wasmbind._limits import Limits
    from wasmbind._native import Native
    from wasmbind._schema.abis import Abi
    from wasmbind._schema.model import Binary
    from wasmbind._schema.rtti import Rtti
    from wasmbind._tracebacks import Origins

__all__ = ["Binding"]


class Binding:
    """The match of one module class with its binary; shared by all its instances.

    Attributes:
        declarations: those of the module class and its bases, bases first.
        table: the bound classes.
        glue: the compiled glue of all instances, besides that of the units.
        binary: what it is bound to; one that counts references has what the adaptor exports besides.
        rtti: the binary's type table, once an instance has read it.
        abi: its interface, from then on.
        untyped: what objects become that nothing declares, in modules without declarations, see `_dynamic.lifting`.
        origins: where the instructions of the binary come from.
    """

    def __init__(
        self,
        cls: type[Any],
        binary: Binary,
        engine: wasmtime.Engine,
        module: wasmtime.Module | None,
        classes: Iterable[type],
        origins: Origins,
    ) -> None:
        self.name, self.origins = cls.__name__, origins
        self._original, self.engine, self.module = binary, engine, module
        self.binary = binary = adapted(binary)
        found = Verification(cls, binary, classes)
        self._start, self.declarations = found.start, found.declarations
        self.table, self._reached, self._functions = found.table, found.reached, found.functions
        self.rtti: Rtti | None = None
        self.abi: Abi | None = None
        self.allocations: Allocations | None = None
        self.untyped: Any = None
        self.units, self.glue = Units(engine), GlueModules(engine)
        self._instances: weakref.WeakSet[Runtime] = weakref.WeakSet()
        self._lock = threading.RLock()
        self._providers = Providers(cls, binary, found.hosts)
        self._mismatches = [*found.mismatches, *check_setter(self)]
        self._has_heap, self._is_linked = found.needs_heap, False
        if not self._mismatches:
            for declaration in self.declarations:
                install_module(declaration)
            install_classes(self.table, self._reached)

    def _raise(self, mismatches: Iterable[Mismatch]) -> None:
        found = list(mismatches)
        if found:
            raise BindError(self.name, self.binary.name, found)

    # --- instances ------------------------------------------------------------------------------------------

    def start(
        self, module: Any, imports: Imports, wasi: wasmtime.WasiConfig | None, limits: Limits | None = None
    ) -> Runtime:
        """A new instance.

        Args:
            module: the object of the module's class that stands for it.
            imports: Python functions by module and name; they win over the class's own and the defaults.
            wasi: what WASI functions may do, None for nothing.
            limits: what it may use; they need the engine of this binding.

        Raises:
            BindError: declarations and binary disagree, or an import is not provided.
            AbortError, TrapError, LimitError: a start function failed.
        """
        native = self._make_native(limits)
        provided, unprovided = self._providers.resolve(imports, native.store, wasi)
        self._raise([*self._mismatches, *unprovided, *unlimited(self.name, self.binary, limits)])
        hosts = HostImports(self.binary, provided, native, self.glue)
        instantiate(self.name, native, self.module, hosts)
        if is_adapted(self.binary):
            adapt(native, self._original, self.glue, hosts.glue)
        runtime = Runtime(module, native, self.binary, hosts)
        runtime.binding = self
        run_start(runtime, self._start)
        if self._has_heap and runtime.rtti is None:
            open_heap(self, runtime, self._original)
        self._link_declared(runtime)
        with self._lock:
            self._instances.add(runtime)
        for observe in observers:
            observe(runtime)
        return runtime

    def _make_native(self, limits: Limits | None) -> Native:
        """A store for an instance."""
        return native_class()(self.engine, argument_cells(self.binary), limits)

    def instances(self) -> list[Runtime]:
        """All instances that somebody has."""
        with self._lock:
            return list(self._instances)

    def _link_declared(self, runtime: Runtime) -> None:
        """Compile the glue of what is declared: for the first instance, or earlier, for calls back from start code."""
        if self._is_linked:
            return
        if self._has_heap:
            self.need_heap(runtime, self.name)
        with self._lock:
            if not self._is_linked:
                self.units.add(self._links(self.table, self._functions, self._reached, whole_module=True))
                self._is_linked = True

    def ensure(self, runtime: Runtime, cls: type[Any]) -> None:
        """Bind a class that the module's declarations do not lead to, when it is first asked for.

        Raises:
            BindError: it does not fit the binary.
        """
        self.ensure_all(runtime, [cls])

    def ensure_all(self, runtime: Runtime, classes: Sequence[type[Any]]) -> None:
        """The same for several classes.

        Raises:
            BindError: one of them does not fit the binary.
        """
        if runtime.rtti is not None and all(cls in self.table for cls in classes):
            return
        self.need_heap(runtime, classes[0].__name__)
        with self._lock:
            reached, enums = reach((), classes)
            new = [found for found in reached if found not in self.table]
            if not new:
                return
            table = self.table.copy()
            functions, mismatches = table.add(new, enums)
            function = first_function_value(map(declaration_of, new))
            self._raise([*mismatches, *verify_table(self.binary, function)])
            if self.rtti is not None:
                know_function_values(self, runtime, self.rtti, function)
                self._raise(table.verify_bases(self.rtti))
            install_classes(table, new)
            self.units.add(self._links(table, functions, new, whole_module=False))
            self.table = table
            # What a run-time id becomes may be one of the new classes now.
            for instance in self._instances:
                instance.classes.clear()

    def need_heap(self, runtime: Runtime, name: str) -> None:
        """Read the type table for the first thing that needs it."""
        runtime.check_alive()
        self._raise(verify_runtime(self.binary, references=name))
        if runtime.rtti is None:
            owned(runtime, lambda _: open_heap(self, runtime, self._original))

    def _links(
        self, table: ClassTable, functions: Iterable[Function], classes: Iterable[type], *, whole_module: bool
    ) -> Links:
        links = Links(self.binary, self.rtti, table.targets)
        for function in functions:
            links.add_function(function)
        for cls in classes:
            links.add_class(table.bound[cls])
        if whole_module:
            for declaration in self.declarations:
                links.add_module(declaration)
        return links

    def link(self, runtime: Runtime, name: str) -> Any:
        """What `native.call` takes for a `link_*` name.

        Raises:
            BindError: the binary does not export it.
            LookupError: nothing of that name was declared.
        """
        if name in self.table.missing:
            self._raise([self.table.missing[name]])
        self._link_declared(runtime)
        return self.units.link(runtime, name)

    def member(self, runtime: Runtime, cls: type[Any], plan: CallPlan | str) -> Any:
        """What `native.call` takes for a constructor, or for a member of a live class.

        Args:
            runtime: the instance.
            cls: a bound class, or a concrete live class.
            plan: how it is called, or the name of a function of the live class's glue.

        Raises:
            BindError: the binary does not export the constructor, or with another type.
        """
        if not isinstance(plan, str) and plan.this == "new":
            return self._constructor(runtime, cls, plan)
        with self._lock:
            if not self.units.has_collection(cls):
                schema = self.table.conformance
                compiled = schema.objects.compiled_members(cls.__asc_codec__.descriptor) if schema is not None else {}
                assert self.rtti is not None
                made = collection_glue(self.binary, self.rtti, cls, compiled, know_hash(self, cls))
                self.units.add_collection(cls, *made, SCRATCH)
        return self.units.member(runtime, cls, plan if isinstance(plan, str) else plan.link)

    def _constructor(self, runtime: Runtime, cls: type[Any], plan: CallPlan) -> Any:
        bound = self.table.bound[cls]
        link = plan.shape.link_to(bound.constructor)
        try:
            return self.link(runtime, link)
        except LookupError:
            # An __init__ that is not the class's own, called by name.
            target = self.table.target(plan.shape, bound.constructor)
            self._raise(verify_constructor(cls, target.export, plan.shape, self.binary))
            with self._lock:
                links = Links(self.binary, self.rtti, self.table.targets)
                links.add(plan, bound.constructor)
                self.units.add(links)
            return self.link(runtime, link)

    def add_links(self, runtime: Runtime, add: Callable[[Links], None]) -> None:
        """Link functions and globals that are called in ways that nothing has declared; `add` says which."""
        self._link_declared(runtime)
        with self._lock:
            links = Links(self.binary, self.rtti, self.table.targets)
            add(links)
            self.units.add(links)

    def construct_record(self, obj: Any) -> None:
        """Run the exported constructor, without arguments, for a record."""
        plan = constructor_plan(self.table.bound[type(obj)])
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

    def live_class(self, runtime: Runtime, alias: Any) -> type[Live]:
        """The concrete class of a live type.

        Args:
            runtime: an instance that will use it.
            alias: the type as annotations write it, such as `Array[i32]` or `Float64Array`.

        Raises:
            DeclarationError: it is no live type.
            BindError: the binary exports no runtime.
        """
        self.need_heap(runtime, show_annotation(alias))
        resolved = resolve_annotation(alias, Scope({}), f"{self.name}[{show_annotation(alias)}]").type
        codec: Any = codec_for(resolved)
        cls: type[Live] = codec.cls
        return cls

    def allocation(self, codec: Codec, path: str) -> Allocation:
        """The AssemblyScript class that a Python collection becomes.

        Raises:
            LowerError: the binary has no such class.
        """
        assert self.allocations is not None
        return self.allocations.find(codec, path)

    def resolve_class(self, runtime: Runtime, cls: type[Any], ptr: int, rt_id: int, rt_size: int) -> type:
        """The Python class for an object of a run-time id, where `cls` is declared; found once per instance.

        Raises:
            LiftError: the object is not of the declared class.
            BindError: the object is too small for the declared fields.
        """
        if issubclass(cls, Live):
            assert self.allocations is not None
            found = self.allocations.resolve(cls, rt_id, rt_size)
            if not cls.asc_verify(runtime, ptr):
                return found[0]
        else:
            self.ensure(runtime, cls)
            assert self.rtti is not None
            found = self.table.resolve(cls, rt_id, rt_size, self.rtti)
        runtime.classes.setdefault(cls, {})[rt_id] = found
        return found[0]

    def function_id(self, codec: FunctionCodec) -> int | None:
        """The run-time id of the function objects of a type; None where the binary does not tell."""
        schema = self.table.conformance
        return None if schema is None else schema.objects.function_id(codec.descriptor)

    def function_table(self, runtime: Runtime) -> FunctionTable:
        """The Python callables that an instance will have as function values. The caller owns it."""
        return FunctionTable(runtime)
