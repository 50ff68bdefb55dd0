"""Instances that somebody else has started, in a store of their own."""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, Any, Final

import wasmtime

from wasmbind._bind import Binding
from wasmbind._engine import describe_external, engine
from wasmbind._instances import argument_cells
from wasmbind._natives import native_class
from wasmbind._schema.model import Binary, Export, GlobalType
from wasmbind._tracebacks import Origins
from wasmbind.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wasmbind._interruption import Interruption
    from wasmbind._limits import Limits
    from wasmbind._native import Native

__all__ = ["adopt_instance"]

_NAME: Final = "<wasmtime.Instance>"
#: What may end the calls into stores that others have made.
_known: Final = weakref.WeakKeyDictionary[wasmtime.Store, "Interruption"]()
#: What has been called already, or not, by whoever made the instance.
_STARTS: Final = frozenset({"_start", "__start", "_initialize"})


def adopt_instance(
    cls: Any, instance: wasmtime.Instance, store: wasmtime.Store | None, imports: object, wasi: object, limits: object
) -> None:
    """Let a module class have an instance instead of starting one.

    Args:
        cls: a class that declares nothing.
        instance: the instance.
        store: the store that it is in.
        imports, wasi, limits: what cannot be given any more.

    Raises:
        DeclarationError: there is no store, or wasmbind cannot work in it.
    """
    if not isinstance(store, wasmtime.Store):
        problem = "a wasmtime.Instance does not know its store"
        raise DeclarationError("Module", problem, fix="write Module(instance, store=store)")
    if store.engine is not engine():
        problem = "the store is one of another engine, whose memory may move while Python looks at it"
        fix = "make store, module and instance with wasmbind.engine(), or pass the binary itself"
        raise DeclarationError("Module", problem, fix=fix)
    known = _known.get(store)
    if known is not None and known.in_use:
        problem = "another Module has an instance in this store, and what stops calls can be told by one of them only"
        raise DeclarationError(
            "Module", problem, fix="close() that one first, or give each instance a store of its own"
        )
    given = [name for name, value in (("imports", imports), ("wasi", wasi), ("limits", limits)) if value]
    if given:
        problem = f"{', '.join(given)}= cannot be given to an instance that has been started"
        raise DeclarationError("Module", problem, fix="pass the binary itself")
    cls.__asc_bindings__[id(engine())] = _AdoptedBinding(cls, instance, store)


def _describe(instance: wasmtime.Instance, store: wasmtime.Store) -> Binary:
    """What an instance exports. Constants are read: they are the same in all instances, or nobody else's."""
    exports: dict[str, Export] = {}
    known: Any = instance.exports(store)
    for name, item in known.items():
        kind = describe_external(item.type(store))
        if isinstance(kind, GlobalType) and not kind.mutable and isinstance(item, wasmtime.Global):
            value = item.value(store)
            kind = GlobalType(kind.type, mutable=False, value=value if isinstance(value, (int, float)) else None)
        if kind is not None and name not in _STARTS:
            exports[name] = Export(name, kind)
    return Binary(_NAME, (), exports)


class _AdoptedBinding(Binding):
    """The binding of the one instance."""

    def __init__(self, cls: type[Any], instance: wasmtime.Instance, store: wasmtime.Store) -> None:
        self._instance, self._store = instance, store
        binary = _describe(instance, store)
        # What the instance was made of is not to be had.
        super().__init__(cls, binary, engine(), None, (), Origins(_NAME, lambda: None, 0))

    def _make_native(self, limits: Limits | None) -> Native:
        made: Native = _adopted_class()(self._instance, self._store, self.engine, argument_cells(self.binary), limits)
        return made


@functools.cache
def _adopted_class() -> Any:
    """The class of what stands for a store that somebody else has made."""
    base: Any = native_class()

    class Adopted(base):  # type: ignore[misc]  # one of two classes
        def __init__(self, instance: wasmtime.Instance, store: wasmtime.Store, *arguments: Any) -> None:
            self._found, self._given = instance, store
            super().__init__(*arguments)
            _known[store] = self.interruption

        def _make_store(self, _: wasmtime.Engine) -> wasmtime.Store:
            return self._given

        def instantiate(self, _: object, __: Sequence[Any]) -> None:
            self.instance = self._found

    return Adopted
