"""The classes of a module whose binary has no schema, made of its exports when the first of them is used."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any, Final

from wasmbind._dynamic.exports import plain_name
from wasmbind._dynamic.registry import is_declared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wasmbind._dynamic.declaring import Declarer
    from wasmbind._dynamic.exports import ClassExports, Exports
    from wasmbind._dynamic.hints import Hints
    from wasmbind._runtime import Runtime
    from wasmbind._schema.rtti import Rtti

__all__ = ["StockClasses"]

#: Generic classes of AssemblyScript's library, which some binaries export.
_LIBRARY: Final = re.compile(r"(Map|Set|Array|StaticArray)<")


class StockClasses:
    """The classes of one binary. Nothing here keeps an instance alive."""

    def __init__(
        self,
        exports: Exports,
        declarer: Declarer,
        hints: Hints,
        registry: Mapping[str, Any],
        names: Mapping[str, str],
    ) -> None:
        """Wait for the first use.

        Args:
            exports: what the binary exports.
            declarer: makes declarations of that.
            hints: reads types; it learns the names of the classes.
            registry: the types of results that somebody has given.
            names: the Python names of classes.
        """
        self._exports, self._declarer, self._hints = exports, declarer, hints
        self._registry, self._names = registry, names
        self._made: dict[str, type[Any]] | None = None
        self._lock = threading.RLock()

    def find(self, runtime: Runtime) -> dict[str, type[Any]]:
        """The Python classes, by AssemblyScript name, bound."""
        with self._lock:
            if self._made is None:
                self._made = self._make(runtime)
            return self._made

    def by_id(self, runtime: Runtime) -> dict[int, type[Any]]:
        """The classes whose run-time id is known; those of AssemblyScript's library are live collections instead."""
        made = self.find(runtime)
        bound = runtime.binding.table.bound
        found = ((bound[cls].rt_id, cls) for name, cls in made.items() if cls in bound and not _LIBRARY.match(name))
        return {rt_id: cls for rt_id, cls in found if rt_id is not None}

    def _make(self, runtime: Runtime) -> dict[str, type[Any]]:
        exported = self._exports.classes
        declared = {
            name: hint for name, hint in self._registry.items() if is_declared(hint) and hint.__asc_name__ == name
        }
        by_id = {found.rt_id: name for name, found in exported.items() if found.rt_id is not None}
        rtti, title = runtime.rtti, runtime.name  # so that nothing below refers to the instance
        made: dict[str, type[Any]] = {}
        pending: list[Callable[[], None]] = []

        def make(name: str) -> type[Any]:
            if name in made:
                return made[name]
            found = exported[name]
            given = declared.get(name, declared.get(plain_name(name)))
            if given is None:
                above = _base(found, by_id, rtti)
                base = None if above is None else make(above)
                hints = self._registry.get(name, self._registry.get(plain_name(name), {}))
                given, declare = self._declarer.declare_class(found, self._names[name], base, hints, title)
                pending.append(declare)
            made[name] = given
            return given

        for name in exported:
            make(name)
        made |= {name: cls for name, cls in declared.items() if name not in made}
        self._hints.learn({**{plain_name(name): cls for name, cls in made.items()}, **made})
        for declare in pending:
            declare()
        if made:
            runtime.binding.ensure_all(runtime, list(made.values()))
        return made


def _base(found: ClassExports, by_id: Mapping[int, str], rtti: Rtti | None) -> str | None:
    """The nearest exported class that a class derives from, as far as the type table tells."""
    if rtti is None or found.rt_id is None or not rtti.bases:
        return None
    above = [each for each in rtti.ancestry(found.rt_id) if each != found.rt_id]
    return next((by_id[each] for each in above if each in by_id), None)
