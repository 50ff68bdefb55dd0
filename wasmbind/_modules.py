"""`AscModule`: a class whose objects are instances of a WebAssembly module."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, cast

from wasmbind._annotations import is_declared_class, is_live_type, is_template
from wasmbind._bound import BoundClass
from wasmbind._context import active_runtime
from wasmbind._declarative import ClassMeta, DeclaredMeta
from wasmbind._generics import calling_template
from wasmbind._limits import Limits
from wasmbind._stubs import is_field, own_annotations
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from contextvars import Token

    from wasmtime import WasiConfig

    from wasmbind._imports import Imports
    from wasmbind._runtime import Runtime
    from wasmbind._sources import MapSource, WasmSource

__all__ = ["AscModule", "checked_limits"]

C = TypeVar("C")


class _ModuleMeta(DeclaredMeta):
    """The metaclass of `AscModule`."""

    def __new__(
        mcs,
        cls_name: str,
        bases: tuple[type, ...],
        body: dict[str, Any],
        /,
        *,
        wasm: WasmSource | None = None,
        classes: Sequence[type] = (),
        start: str | None = None,
        source_map: MapSource | None = None,
        limits: Limits | None = None,
        **options: Any,
    ) -> Any:
        cls = super().__new__(mcs, cls_name, bases, body, **options)
        if "__init__" in cls.__asc_stubs__:
            fix = "remove it: calling the class starts an instance"
            raise DeclarationError(f"{cls_name}.__init__", "a module has no constructor in AssemblyScript", fix=fix)
        cls.__asc_name__, cls.__asc_default__ = "", None
        cls.__asc_defaults__ = {
            name: cls.__dict__[name]
            for name, annotation in own_annotations(cls).items()
            if is_field(name, annotation) and name in cls.__dict__
        }
        cls.__asc_bindings__ = {}
        if limits is not None:
            cls.__asc_limits__ = checked_limits(limits, cls_name)
        for each in classes:
            if not is_declared_class(each):
                fix = "list classes derived from AscClass; enums and types are found where they are mentioned"
                raise DeclarationError(cls_name, f"classes= lists {each!r:.60}, which is no declared class", fix=fix)
        # What belongs to one binary is inherited by a class that names the first, and not by one that names another.
        names_another = wasm is not None and hasattr(cls, "__asc_wasm__")
        if wasm is not None:
            cls.__asc_wasm__ = wasm
        options_of_binary = {
            "__asc_classes__": tuple(classes),
            "__asc_start__": start,
            "__asc_source_map__": source_map,
        }
        for attribute, value in options_of_binary.items():
            if value or names_another or not hasattr(cls, attribute):
                setattr(cls, attribute, value)
        return cls


def checked_limits(limits: object, who: str) -> Limits:
    """The limits that were given, if they are.

    Raises:
        TypeError: they are something else.
    """
    if not isinstance(limits, Limits):
        raise TypeError(f"{who}: limits= takes a Limits, such as Limits(timeout=1.0), got {type(limits).__name__}")
    return limits


_default_lock = threading.RLock()


class AscModule(metaclass=_ModuleMeta):
    """A WebAssembly module compiled from AssemblyScript; each object of the class is an instance of it.

    Class options:
        wasm: the binary: a path relative to the file of the class, bytes, anything with `read_bytes`, or a
            `wasmtime.Module`.
        classes: classes that belong to the module although no annotation leads to them.
        start: the name given to asc's ``--exportStart``, where the binary leaves open which function that is. Globals
            are garbage until it has run.
        source_map: the source map that tracebacks show AssemblyScript's lines by: a path relative to the file of the
            class, bytes, or anything with `read_bytes`. Where none is given, ``<binary>.map`` beside the binary.
        limits: what an instance may use where it is started without `limits=`.
        rename: ``"camel"`` binds ``snake_case`` names to ``camelCase`` ones.
        namespace: names for annotations that the module's globals do not have.
    """

    if TYPE_CHECKING:
        _asc_runtime: Any
        __asc_default__: ClassVar[Any]
        __asc_limits__: ClassVar[Limits | None]

        def __init_subclass__(
            cls,
            *,
            wasm: WasmSource | None = None,
            classes: Sequence[type] = (),
            start: str | None = None,
            source_map: MapSource | None = None,
            limits: Limits | None = None,
            rename: str | None = None,
            namespace: Mapping[str, Any] | None = None,
        ) -> None: ...

    __slots__ = ("__weakref__", "_asc_runtime", "_asc_tokens")

    def __init__(
        self, *, imports: Imports | None = None, wasi: WasiConfig | None = None, limits: Limits | None = None
    ) -> None:
        """Start an instance.

        Args:
            imports: what the module imports, by module and name; wins over `@host` methods and defaults. A function
                whose annotations are AssemblyScript's types gets and gives values of these; one that replaces a `@host`
                method, of that method's types; any other numbers as WebAssembly has them. A global is given as a
                number, a memory by how many bytes it has at first, or as a `wasmtime.SharedMemory`.
            wasi: what WASI functions may do; nothing where it is left out.
            limits: what the instance may use; where it is left out, what the class says, which is no limit by default.

        Raises:
            DeclarationError: the declaration cannot mean anything.
            BindError: the declaration does not fit the binary.
            LimitError: the instance, or its start function, goes beyond a limit.
        """
        # All that runs modules is loaded with the first instance; declaring them takes little of it.
        from wasmbind._sources import binding_of  # noqa: PLC0415 - see above

        self._asc_tokens: list[Token[Any]] = []
        limits = type(self).__asc_limits__ if limits is None else checked_limits(limits, type(self).__name__)
        binding_of(type(self), limits).start(self, imports or {}, wasi, limits)

    @property
    def runtime(self) -> Runtime:
        """The running instance: `collect()`, `memory` and what else is below the declarations."""
        return cast("Runtime", self._asc_runtime)

    def __getitem__(self, cls: type[C]) -> type[C]:
        """`cls` bound to this instance: call it, call its statics, use it with `isinstance`.

        Args:
            cls: a declared class, or a live type such as `Array[i32]`, which makes a collection of Python values.

        Raises:
            BindError: the class does not fit the binary.
            DeclarationError: it is neither.
        """
        declared: Any = cls
        if is_live_type(declared):
            self._asc_runtime.check_alive()
            made = self._asc_runtime.binding.live_class(self._asc_runtime, declared)
            return cast("type[C]", BoundClass(self._asc_runtime, made))
        if not isinstance(declared, ClassMeta):
            raise DeclarationError(
                f"{type(self).__name__}[{getattr(declared, '__name__', declared)!s}]",
                "is not a declared class",
                fix="derive it from AscClass, or give a live type such as Array[i32]",
            )
        if is_template(declared):
            raise calling_template(declared)
        self._asc_runtime.check_alive()
        self._asc_runtime.binding.ensure(self._asc_runtime, cls)
        return cast("type[C]", BoundClass(self._asc_runtime, cls))

    def __enter__(self) -> Self:
        self._asc_tokens.append(active_runtime.set(self._asc_runtime))
        return self

    def __exit__(self, *_: object) -> None:
        try:
            active_runtime.reset(self._asc_tokens.pop())
        finally:
            self.close()

    @contextmanager
    def active(self) -> Generator[Self]:
        """Make this the instance that bare `Cls(...)` means, for a `with` block, without closing it."""
        token = active_runtime.set(self._asc_runtime)
        try:
            yield self
        finally:
            active_runtime.reset(token)

    @classmethod
    def default(cls) -> Self:
        """The instance that bare `Cls(...)` means outside any `with` block; made when first asked for."""
        with _default_lock:
            found = cls.__asc_default__
            if found is None or found.runtime.ended:
                found = cls.__asc_default__ = cls()
                found.runtime.binding.make_default(found.runtime)
        return cast("Self", found)

    def close(self) -> None:
        """End the instance; again is harmless. Memory is freed when the last view of it is gone."""
        self._asc_runtime.close()

    def __repr__(self) -> str:
        runtime = self._asc_runtime
        return f"<{type(self).__name__} {runtime.binary.name}{f' ({runtime.idle.reason})' if runtime.ended else ''}>"


_root: Any = AscModule
_root.__asc_limits__ = None
# The root is no module itself.
del _root.__asc_scope__, _root.__asc_name__
