"""`Module`: a WebAssembly module without declarations.

Functions, classes, globals and enums are attributes. What a binary of `wasmbind build` says of itself gives all of
them their types; of another one only WebAssembly's types are known, and results are numbers unless `as_=`, a
`class_registry` or a `value_handler` says more::

    from wasmbind import Module

    module = Module("files.wasm")
    module.helloworld("michael", as_=str)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, overload

from wasmbind._dynamic.objects import AscObject, OpaqueValue, Shown, WrappedNumber, auto_resolve, wrap_opaque
from wasmbind._dynamic.pointers import Pointers, TypeInfo
from wasmbind._dynamic.registry import read_registry
from wasmbind._dynamic.starting import start_members
from wasmbind.errors import WasmbindError

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
#: What the attributes of a `Module` itself begin with.
_PRIVATE = "_Module__"


class Module:
    """An instance of a WebAssembly module, whose exports are attributes.

    A member that has the name of a method of this class is called `close_`; `module["close"]` gives any export by the
    name that AssemblyScript gave it, such as `module["Map<string,i32>"]`.
    """

    # Mangled, and so no names that exports have. The `__dict__` keeps members that stay the same.
    __slots__ = ("__dict__", "__members", "__pointers", "__weakref__")
    __members: Members
    __pointers: Pointers

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
                point to, and takes a number that equals an address for that, so give functions that return numbers
                `int` in the registry; `wrap_opaque` gives objects with `native()` and `as_()`; None leaves them
                numbers. Where the binary has a schema `wrap_opaque` wraps what that would resolve.
            class_registry: the types of results: by the name of a function a type; by the name of a class another
                mapping, from its fields and methods to types, or the `AscClass` that declares it. What a schema
                says otherwise is an error.
            imports: what the module imports, by module and name.
            wasi: what WASI functions may do; nothing where it is left out.
            limits: what the instance may use.

        Raises:
            BindError: the binary cannot be used, or an import is not provided.
            DeclarationError: the class registry is none, names what there is not, or contradicts the schema.
        """
        registry = read_registry(class_registry)
        members = start_members(source, store, value_handler, registry, imports, wasi, limits, dir(type(self)))
        object.__setattr__(self, "_Module__members", members)
        object.__setattr__(self, "_Module__pointers", Pointers(members.runtime))

    # --- the exports ----------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        if name.startswith(_PRIVATE) or (name.startswith("__") and name.endswith("__") and not name.endswith("___")):
            raise AttributeError(name)
        found, is_constant = self.__members.get(name, self)
        if is_constant:
            self.__dict__[name] = found
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(type(self), name) and not hasattr(Module, name):  # of a subclass
            super().__setattr__(name, value)
        else:
            self.__members.set(name, value, self)

    def __getitem__(self, name: str) -> Any:
        """An export by its AssemblyScript name: `module["Map<string,i32>"]`, `module["Color.Red"]`.

        Raises:
            KeyError: there is none.
        """
        if not isinstance(name, str):
            raise KeyError(name)
        return self.__members.by_export(name)

    def __contains__(self, name: object) -> bool:
        """Whether there is an export of an AssemblyScript name."""
        try:
            self.__members.by_export(name if isinstance(name, str) else "")
        except KeyError:
            return False
        except (AttributeError, WasmbindError):
            return True  # and cannot be used
        return True

    #: The members are no sequence, which Python takes everything for that has `__getitem__`.
    __iter__ = None

    def __dir__(self) -> list[str]:
        found = {*super().__dir__(), *self.__members.names()}
        return sorted(name for name in found if not name.startswith(_PRIVATE))

    def __reduce_ex__(self, _: object, /) -> NoReturn:
        raise TypeError(f"{self!r} is a running instance and cannot be copied or pickled; start another one")

    def __repr__(self) -> str:
        runtime = self.__members.runtime
        ended = f" ({runtime.idle.reason})" if runtime.ended else ""
        return f"<Module {runtime.binary.name}{ended}>"

    # --- the instance ---------------------------------------------------------------------------------------

    @property
    def runtime(self) -> Runtime:
        """The running instance: `collect()`, `memory` and what else is below the members."""
        return self.__members.runtime

    def close(self) -> None:
        """End the instance; again is harmless."""
        self.__members.runtime.close()

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
        return self.__pointers.resolve(pointer, as_)

    def get_pointer(self, value: object) -> int:
        """The address of an object of the module, which is kept alive only by the object; addresses stay the same."""
        return self.__pointers.address(value)

    def get_type_of(self, value: object) -> TypeInfo:
        """What the type table says of the class of an object, or of the object at an address.

        Raises:
            LiftError: there is no object.
        """
        return self.__pointers.type_of(value)

    def get_refcount_of(self, value: object) -> int:
        """How many references the runtime counts of an object.

        Raises:
            InstanceError: the runtime collects garbage instead, as from asc 0.18 on.
        """
        return self.__pointers.references(value)

    def retain(self, value: object) -> int:
        """Keep an object alive until it is released as often; gives its address."""
        return self.__pointers.retain(value)

    def release(self, value: object) -> None:
        """Undo one `retain`, or, where references are counted, let go of a result whose type nobody has told.

        Raises:
            InstanceError: the object has not been retained, nor counted for anybody but Python's objects.
        """
        self.__pointers.release(value)

    def collect(self) -> None:
        """Run a full collection."""
        self.__members.runtime.collect()

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
        return self.__pointers.make_array(rt_id, values)

    # --- opaque values --------------------------------------------------------------------------------------

    def register_opaque_value(self, value: Any) -> OpaqueValue:
        """A number that stands for a Python object, to be passed to AssemblyScript.

        `as_=OpaqueValue` turns it back. An object that can be referred to weakly is not kept alive; another one is,
        until `runtime.opaque.release(value)`.

        Raises:
            TypeError: the value is None, which is passed as 0.
        """
        return self.__pointers.register(value)
