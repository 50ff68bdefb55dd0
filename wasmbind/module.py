"""`Module`: a WebAssembly module without declarations.

Functions, classes, globals and enums are attributes. What a binary of `wasmbind build` says of itself gives all of
them their types; of another one only WebAssembly's types are known, and results are numbers unless `as_=`, a
`class_registry` or a `value_handler` says more::

    from wasmbind import Module

    module = Module("files.wasm")
    module.helloworld("michael", as_=str)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from wasmbind._dynamic.objects import AscObject, OpaqueValue, Shown, WrappedNumber, auto_resolve, wrap_opaque
from wasmbind._dynamic.pointers import Pointers, TypeInfo
from wasmbind._dynamic.starting import start_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    import wasmtime
    from wasmtime import WasiConfig

    from wasmbind._dynamic.members import Members
    from wasmbind._imports import Imports
    from wasmbind._limits import Limits
    from wasmbind._runtime import Runtime
    from wasmbind._sources import WasmSource

__all__ = ["AscObject", "Module", "OpaqueValue", "TypeInfo", "WrappedNumber", "auto_resolve", "wrap_opaque"]

T = TypeVar("T")
#: The attributes of a `Module` that are its own.
_OWN = frozenset({"_members", "_pointers"})


class Module:
    """An instance of a WebAssembly module, whose exports are attributes.

    A member that has the name of a method of this class is called `close_`; `module["close"]` gives any export by the
    name that AssemblyScript gave it, such as `module["Map<string,i32>"]`.
    """

    _members: Members
    _pointers: Pointers

    def __init__(
        self,
        source: WasmSource | wasmtime.Instance,
        *,
        store: wasmtime.Store | None = None,
        value_handler: Shown | None = None,
        class_registry: Mapping[str, Any] | None = None,
        imports: Imports | None = None,
        wasi: WasiConfig | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Start an instance.

        Args:
            source: the binary: a path, bytes, anything with `read_bytes`, a `wasmtime.Module`; or a
                `wasmtime.Instance`, which has been started already.
            store: the store of a `wasmtime.Instance`, made with `wasmbind.engine()`.
            value_handler: what becomes of results that nothing tells the type of: `auto_resolve` looks at what they
                point to, `wrap_opaque` gives objects with `native()` and `as_()`, None leaves them numbers. Where the
                binary has a schema nothing is left to it.
            class_registry: the types of results: by the name of a function a type; by the name of a class another
                mapping, from its fields and methods to types, or the `AscClass` that declares it.
            imports: what the module imports, by module and name.
            wasi: what WASI functions may do; nothing where it is left out.
            limits: what the instance may use.

        Raises:
            BindError: the binary cannot be used, or an import is not provided.
            DeclarationError: the class registry names what there is not.
        """
        members = start_members(
            source, store, value_handler, class_registry or {}, imports, wasi, limits, dir(type(self))
        )
        self.__dict__.update(_members=members, _pointers=Pointers(members.runtime))

    # --- the exports ----------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        if name in _OWN or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(name)
        found, is_constant = self._members.get(name, self)
        if is_constant:
            self.__dict__[name] = found
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        self._members.set(name, value, self)

    def __getitem__(self, name: str) -> Any:
        """An export by its AssemblyScript name: `module["Map<string,i32>"]`, `module["Color.Red"]`.

        Raises:
            KeyError: there is none.
        """
        return self._members.by_export(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._members.names()} - _OWN)

    def __repr__(self) -> str:
        runtime = self._members.runtime
        ended = f" ({runtime.idle.reason})" if runtime.ended else ""
        return f"<Module {runtime.binary.name}{ended}>"

    # --- the instance ---------------------------------------------------------------------------------------

    @property
    def runtime(self) -> Runtime:
        """The running instance: `collect()`, `memory` and what else is below the members."""
        return self._members.runtime

    def close(self) -> None:
        """End the instance; again is harmless."""
        self._members.runtime.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # --- addresses ------------------------------------------------------------------------------------------

    @overload
    def resolve(self, pointer: object) -> Any: ...
    @overload
    def resolve(self, pointer: object, as_: type[OpaqueValue]) -> Any: ...
    @overload
    def resolve(self, pointer: object, as_: type[T]) -> T: ...
    @overload
    def resolve(self, pointer: object, as_: Any) -> Any: ...
    def resolve(self, pointer: object, as_: Any = None) -> Any:
        """The Python value for an address.

        Args:
            pointer: an address, or an object of the module.
            as_: its type: `str`, `bytes`, a class of the module, `list`, `list[T]`, or any annotation that
                declarations know; where it is left out, what the object's header says.

        Raises:
            LiftError: there is no object, or it is of another type.
        """
        return self._pointers.resolve(pointer, as_)

    def get_pointer(self, value: object) -> int:
        """The address of an object of the module, which is kept alive only by the object; addresses stay the same."""
        return self._pointers.address(value)

    def get_type_of(self, value: object) -> TypeInfo:
        """What the type table says of the class of an object, or of the object at an address.

        Raises:
            LiftError: there is no object.
        """
        return self._pointers.type_of(value)

    def get_refcount_of(self, value: object) -> int:
        """How many references the runtime counts of an object.

        Raises:
            InstanceError: the runtime collects garbage instead, as from asc 0.18 on.
        """
        return self._pointers.references(value)

    def retain(self, value: object) -> int:
        """Keep an object alive until it is released as often; gives its address."""
        return self._pointers.retain(value)

    def release(self, value: object) -> None:
        """Undo one `retain`, or, where references are counted, let go of a result whose type nobody has told.

        Raises:
            InstanceError: the object has not been retained, nor counted for anybody but Python's objects.
        """
        self._pointers.release(value)

    def collect(self) -> None:
        """Run a full collection."""
        self._members.runtime.collect()

    def alloc_array(self, rt_id: int | TypeInfo | None, values: Iterable[Any]) -> Any:
        """Make an array of Python values.

        Args:
            rt_id: the run-time id of the array's class, such as `export const Ids = idof<i32[]>()` gives; None for the
                only class of the module that fits the values.
            values: numbers, or strs and objects of the module.

        Returns:
            The live array. Its elements that are references are handles with `as_()` and `native()`, unless the type
            is known.

        Raises:
            TypeError: the id is of another class than an array.
        """
        return self._pointers.make_array(rt_id, values)

    # --- opaque values --------------------------------------------------------------------------------------

    def register_opaque_value(self, value: Any) -> OpaqueValue:
        """A number that stands for a Python object, to be passed to AssemblyScript.

        `as_=OpaqueValue` turns it back. An object that can be referred to weakly is not kept alive; another one is,
        until `runtime.opaque.release(value)`.

        Raises:
            TypeError: the value is None, which is passed as 0.
        """
        return self._pointers.register(value)
