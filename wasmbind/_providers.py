"""Who provides each import of a binary: the user, the module's class, wasmbind's defaults, or wasmtime."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from wasmbind import _descriptors as d
from wasmbind._call_shapes import RESULT, site_of
from wasmbind._calls import Value
from wasmbind._codecs.opaque import OpaqueCodec
from wasmbind._conversion import codec_for
from wasmbind._declarations import Host, read_host
from wasmbind._handlers import HandlerPlan, compile_handler, compile_plain_handler
from wasmbind._imports import Provided
from wasmbind._schema.model import FunctionType, GlobalType
from wasmbind._scopes import Scope
from wasmbind._storage import plan_storage
from wasmbind._stubs import function_annotations, runs_in_pieces
from wasmbind._verify_imports import (
    NUMBERS,
    STORAGE,
    misspelt_gifts,
    unprovided,
    verify_import,
)
from wasmbind.errors import Mismatch

if TYPE_CHECKING:
    from collections.abc import Callable

    import wasmtime

    from wasmbind._codecs.base import Codec, Site
    from wasmbind._handlers import Factory
    from wasmbind._host_table import HostTable
    from wasmbind._imports import Imports
    from wasmbind._schema.model import Binary, Import

__all__ = ["Providers"]

#: Imports that the host glue provides without Python, and their types.
_GLUED: Final = {
    ("env", "abort"): ("abort", FunctionType(("i32",) * 4, ())),
    ("env", "seed"): ("seed", FunctionType((), ("f64",))),
}
_WASI: Final = "wasi_"
#: The types of globals that have defaults, which are all numbers of `Math`.
_FLOATS: Final = frozenset({"f32", "f64"})
#: Annotations of functions that take and give numbers as WebAssembly has them.
_PLAIN: Final = frozenset({int, float, None, type(None), Any, "int", "float", "None", "Any", "typing.Any"})


class Providers:
    """Provides the imports of one binary, for every instance of it.

    The user's `imports=` win over the class's `@host` methods, which win over the defaults. A `@host` method gives its
    types to the function that replaces it.
    """

    def __init__(self, cls: type[Any], binary: Binary, declared: HostTable) -> None:
        self._cls, self._binary, self._declared = cls, binary, declared
        self._factories: dict[Host, Factory] = {}

    def resolve(
        self, given: Imports, store: wasmtime.Store, wasi: wasmtime.WasiConfig | None
    ) -> tuple[list[Provided], list[Mismatch]]:
        """What provides the imports of a new instance, and those that nothing does.

        Args:
            given: what the user gives.
            store: where the instance will be.
            wasi: what WASI functions may do, None for nothing.

        Raises:
            DeclarationError: the annotations of a given function cannot mean anything.
            TypeError: what is given is no mapping of mappings.
        """
        _check_shape(given)
        externs: Mapping[tuple[str, str], wasmtime.Func] = {}
        if wasi is not None or any(wanted.module.startswith(_WASI) for wanted in self._binary.imports):
            from wasmbind._wasi import wasi_externs  # noqa: PLC0415 - few binaries need it

            externs = wasi_externs(store, wasi, self._binary.imports)
        found = [self._resolve(wanted, given, externs) for wanted in self._binary.imports]
        provided = [each for each in found if isinstance(each, Provided)]
        mismatches = [each for each in found if isinstance(each, Mismatch)]
        return provided, [*mismatches, *misspelt_gifts(given, self._binary.imports)]

    def _resolve(
        self, wanted: Import, given: Imports, externs: Mapping[tuple[str, str], wasmtime.Func]
    ) -> Provided | Mismatch:
        impossible = verify_import(wanted, self._cls.__name__)
        if impossible is not None:
            return impossible
        key = wanted.module, wanted.name
        who = f"imports[{wanted.module!r}][{wanted.name!r}]"
        if key in self._declared.unfit:  # what would provide it cannot be made
            return Provided(who)
        value: Any = given.get(wanted.module, {}).get(wanted.name)
        if wanted.type in STORAGE:
            planned = plan_storage(wanted, value, self._cls.__name__)
            return planned if isinstance(planned, Mismatch) else Provided(who, storage=planned)
        if isinstance(wanted.type, GlobalType):
            if value is None and wanted.type.type in _FLOATS and isinstance(default := _default(key), float):
                value = default
            return unprovided(wanted, self._cls.__name__) if value is None else Provided(who, value=value)
        assert isinstance(wanted.type, FunctionType)  # verify_import has seen to it
        if value is not None:
            return self._given(wanted, wanted.type, value, who)
        host = self._declared.hosts.get(key)
        if host is not None:
            if host.has_body or _is_overridden(self._cls, host):
                function = _method(self._cls, host.function.name)
                factory = self._factory(host, host.function.who, wanted.type)
                returns = d.is_reference(host.function.result)
                return Provided(
                    host.function.who, factory=factory, function=function, is_method=True, returns_reference=returns
                )
            return unprovided(wanted, self._cls.__name__, host)
        if key in _GLUED and _GLUED[key][1] == wanted.type:
            return Provided(who, glue=_GLUED[key][0])
        extern = externs.get(key)
        if extern is not None:
            return Provided(who, extern=extern)
        default = _default(key)
        found = None if default is None else self._given(wanted, wanted.type, default, f"{wanted.module}.{wanted.name}")
        # What does not fit is no default: the name belongs to the module's author, who means something else by it.
        return found if isinstance(found, Provided) else unprovided(wanted, self._cls.__name__)

    def _given(self, wanted: Import, type_: FunctionType, value: Any, who: str) -> Provided | Mismatch:
        """A function that somebody gives: typed by the class, else by its own annotations, else with numbers."""
        if not callable(value):
            fix = "give a function, which takes and returns what the import does"
            return Mismatch(who, f"{type(value).__name__} {value!r:.40}", f"an import of a function {type_}", fix)
        if runs_in_pieces(value):
            fix = "give one that returns its result; AssemblyScript cannot wait"
            return Mismatch(who, "an asynchronous function or a generator", f"an import of a function {type_}", fix)
        host = self._declared.hosts.get((wanted.module, wanted.name))
        if host is None and _is_typed(value):
            host = _read(self._cls, value, who, (wanted.module, wanted.name))
            mismatch = next(self._declared.compare(host, wanted), None)
            if mismatch is not None:
                return mismatch
        elif host is not None:
            host = Host(host.function, host.module, host.name, is_method=False)
        if host is not None:
            returns = d.is_reference(host.function.result)
            return Provided(who, factory=self._factory(host, who, type_), function=value, returns_reference=returns)
        if not NUMBERS.issuperset(type_.params + type_.results):
            fix = "annotate the function, such as `value: Opaque[T]`"
            return Mismatch(who, "a function of numbers", f"an import of a function {type_}", fix)
        return Provided(who, factory=compile_plain_handler(type_, who), function=value, early=True)

    def _factory(self, host: Host, title: str, type_: FunctionType) -> Factory:
        if host not in self._factories:
            self._factories[host] = compile_handler(_plan(host, title, type_))
        return self._factories[host]


def _check_shape(given: Any) -> None:
    for each in (given, *given.values()) if isinstance(given, Mapping) else (given,):
        if not isinstance(each, Mapping):
            example = '{"env": {"log": print}}'
            raise TypeError(f"imports= takes functions by module and name, such as {example}, got {each!r:.60}")


def _method(cls: type[Any], name: str) -> Callable[..., Any]:
    """A method without the context that calling it from Python would set; the handler sets that itself."""
    found: Callable[..., Any] = getattr(cls, name)
    plain: Callable[..., Any] = getattr(found, "__asc_plain__", found)
    # Decorators copy attributes: what one has been put around later is not that method any more.
    return plain if getattr(found, "__wrapped__", found) is plain else found


def _is_overridden(cls: type[Any], host: Host) -> bool:
    """Whether a class below the one with the declaration has a method of the name."""
    name = host.function.name
    return getattr(cls, name) is not host.function.owner.__dict__.get(name)


def _plan(host: Host, title: str, type_: FunctionType) -> HandlerPlan:
    function = host.function
    parameters = tuple(
        Value(
            parameter.name,
            _codec(parameter.type, site_of(function, parameter.name), carrier),
            f"{title}({parameter.name})",
        )
        for parameter, carrier in zip(function.parameters, type_.params, strict=True)
    )
    result = _codec(function.result, site_of(function, RESULT), *type_.results)
    return HandlerPlan(title, parameters, result, host.is_method)


def _codec(descriptor: d.Descriptor, site: Site, carrier: str = "") -> Codec:
    """The codec of a value, which crosses without a glue that would convert it."""
    codec = codec_for(descriptor, site)
    return codec.carried(carrier) if isinstance(codec, OpaqueCodec) else codec


def _is_typed(function: Any) -> bool:
    """Whether a function has annotations that say more than that it takes numbers."""
    inner = getattr(function, "__func__", function)
    if not isinstance(inner, types.FunctionType):
        return False
    return not _PLAIN.issuperset(map(_hashable, function_annotations(inner).values()))


def _hashable(annotation: object) -> object:
    try:
        hash(annotation)
    except TypeError:
        return annotation.__class__
    return annotation


def _read(cls: type[Any], function: Any, who: str, key: tuple[str, str]) -> Host:
    """What a given function declares by its annotations."""
    is_bound = hasattr(function, "__func__")
    inner: types.FunctionType = function.__func__ if is_bound else function
    host = read_host(cls, inner, Scope(inner.__globals__), who, key, is_method=is_bound)
    return Host(host.function, *key, is_method=False)


def _default(key: tuple[str, str]) -> object | None:
    """What asc's own bindings would give."""
    from wasmbind._defaults import find  # noqa: PLC0415 - many binaries need none

    found: object | None = find(*key)
    return found
