"""Stand-ins for the live types, whose own modules load wasmtime: they have what annotations tell them by."""

from __future__ import annotations

import types
from typing import Any, Final

__all__ = ["LIVE_TYPES"]

#: By the modules that define them, which messages may show.
_NAMES: Final = {
    "arrays": ("Array", "StaticArray"),
    "buffers": ("ArrayBuffer",),
    "dataviews": ("DataView",),
    "maps": ("Map",),
    "sets": ("Set",),
    "typed_arrays": (
        "Float32Array",
        "Float64Array",
        "Int16Array",
        "Int32Array",
        "Int64Array",
        "Int8Array",
        "Uint16Array",
        "Uint32Array",
        "Uint64Array",
        "Uint8Array",
        "Uint8ClampedArray",
    ),
}


def _stand_in(name: str, module: str) -> type[Any]:
    body = {
        "__asc_kind__": name,
        "__class_getitem__": classmethod(types.GenericAlias),
        "__doc__": f"Stands for `wasmbind.{name}`.",
        "__module__": f"wasmbind._live.{module}",
    }
    return type(name, (), body)


#: By their names in `wasmbind`.
LIVE_TYPES: Final = {name: _stand_in(name, module) for module, names in _NAMES.items() for name in names}
