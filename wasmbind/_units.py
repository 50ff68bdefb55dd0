"""The glue of one binding: a module for each set of declarations that was bound together, linked to each instance."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import wasmtime

from wasmbind._engine import compile_module
from wasmbind._opaque_glue import REFS
from wasmbind._wat import to_binary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wasmbind._codecs.base import Site
    from wasmbind._glue import Glue
    from wasmbind._linking import Links
    from wasmbind._live.base import Live
    from wasmbind._runtime import Runtime
    from wasmbind._schema.model import FunctionType, ValueType

__all__ = ["GlueModules", "Unit", "Units", "instantiate_glue"]


class GlueModules:
    """Modules of glue, each compiled once for all instances of a binding."""

    def __init__(self, engine: wasmtime.Engine) -> None:
        self._engine = engine
        self._made: dict[object, tuple[str, wasmtime.Module]] = {}
        self._lock = threading.Lock()

    def compile(self, key: object, text: Callable[[], str]) -> wasmtime.Module:
        """The compiled module.

        Args:
            key: what tells it from others.
            text: gives its text.
        """
        with self._lock:
            if key not in self._made:
                made = text()
                self._made[key] = made, compile_module(to_binary(made), self._engine)
            return self._made[key][1]

    def text(self, key: object) -> str:
        """The text of a module that has been compiled."""
        return self._made[key][0]


@dataclass(frozen=True, slots=True)
class Unit:
    """What was bound together.

    Attributes:
        types: the WebAssembly type of what each link calls.
        direct: links that call the module's export itself.
        scratch: the number of scratch slots that its calls need.
        glue: the text of the glue, None where nothing needs any.
        module: the glue, compiled.
    """

    types: Mapping[str, FunctionType]
    direct: Mapping[str, str]
    scratch: int
    glue: Glue | None
    module: wasmtime.Module | None


class Units:
    """All units of one binding; it only ever grows."""

    def __init__(self, engine: wasmtime.Engine) -> None:
        self._engine = engine
        self._units: list[Unit] = []
        self._collections: dict[type[Live], int] = {}
        self._links: dict[str, int] = {}
        #: The WebAssembly type of opaque values that the glue converts, by where they are declared.
        self.carriers: dict[Site | None, ValueType] = {}

    def __bool__(self) -> bool:
        return bool(self._units)

    def add(self, links: Links) -> None:
        """Compile the glue of declarations that were bound together."""
        self.carriers |= links.carriers
        for name in links.types:
            self._links.setdefault(name, len(self._units))
        self._add(links.types, links.direct, links.scratch, links.glue())

    def add_collection(self, cls: type[Live], glue: Glue, types: Mapping[str, FunctionType], scratch: int) -> None:
        """Compile the glue of a live class."""
        self._collections[cls] = len(self._units)
        self._add(types, {}, scratch, glue)

    def _add(
        self, types: Mapping[str, FunctionType], direct: Mapping[str, str], scratch: int, glue: Glue | None
    ) -> None:
        module = compile_module(to_binary(str(glue)), self._engine) if glue is not None else None
        self._units.append(Unit(types, direct, scratch, glue, module))

    def has_collection(self, cls: type[Live]) -> bool:
        """Whether the glue of a live class has been compiled."""
        return cls in self._collections

    def source(self, index: int = 0) -> str:
        """The text of a unit's glue, "" where it needs none."""
        glue = self._units[index].glue
        return "" if glue is None else str(glue)

    def link(self, runtime: Runtime, name: str) -> Any:
        """What `native.call` takes for a `link_*` name.

        Raises:
            LookupError: nothing of that name was declared.
        """
        return self._handle(runtime, self._links[name], name)

    def member(self, runtime: Runtime, cls: type[Live], name: str) -> Any:
        """What `native.call` takes for a member of a live class."""
        return self._handle(runtime, self._collections[cls], name)

    def _handle(self, runtime: Runtime, index: int, name: str) -> Any:
        unit = self._units[index]
        runtime.extend_scratch(unit.scratch)
        export = unit.direct.get(name)
        if export is not None:
            extern = runtime.native.export(export)
        else:
            extern = runtime.native.export_of(self.glue(runtime, index), name)
        return runtime.native.handle(extern, unit.types[name])

    def glue(self, runtime: Runtime, index: int = 0) -> wasmtime.Instance:
        """The glue of a unit in one instance."""
        found = runtime.glues.get(index)
        if found is None:
            unit = self._units[index]
            assert unit.glue is not None
            assert unit.module is not None
            found = runtime.glues[index] = instantiate_glue(runtime, unit.glue, unit.module)
        return found


def instantiate_glue(runtime: Runtime, glue: Glue, module: wasmtime.Module) -> wasmtime.Instance:
    """Link a glue module to an instance, and tell it the scratch slots that it uses."""
    native = runtime.native
    externs = [native.export(name) for name in glue.imports]
    if glue.uses_refs:
        externs += [native.export_of(runtime.hosts.glue, name) for name in REFS]
    found = wasmtime.Instance(native.store, module, externs)
    for slot in glue.slots:
        native.export_of(found, f"slot_{slot}").set_value(native.store, runtime.scratch[slot])
    if glue.stages:
        native.export_of(found, "staging").set_value(native.store, runtime.staging)
    return found
