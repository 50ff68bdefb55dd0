"""Puts the adaptor of a module that counts references into its place, see `_adaptor_glue`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import wasmtime

from wasmbind._adaptor_glue import VIRTUAL, adaptor, adaptor_imports

if TYPE_CHECKING:
    from wasmbind._native import Native
    from wasmbind._schema.model import Binary
    from wasmbind._units import GlueModules

__all__ = ["adapt"]


def adapt(native: Native, binary: Binary, glue: GlueModules, host: wasmtime.Instance) -> None:
    """Link an adaptor to an instance, before anything but its start section has run.

    Args:
        native: the store with the instance.
        binary: what it was instantiated from, as it was read.
        glue: compiles the adaptor.
        host: the host glue, which the adaptor gives its functions.
    """
    module = glue.compile("adaptor", lambda: adaptor(binary))
    externs = [native.export(name) for name in adaptor_imports(binary)]
    instance = wasmtime.Instance(native.store, module, [*externs, native.export_of(host, "after")])
    native.adapted = {name: native.export_of(instance, name) for name in VIRTUAL}
