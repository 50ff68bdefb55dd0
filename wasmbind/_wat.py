"""How WebAssembly text writes types and names, and what it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import wasmtime

if TYPE_CHECKING:
    from wasmbind._schema.model import Binary, FunctionType

__all__ = ["memory_limits", "quoted", "signature", "symbol", "to_binary"]


def signature(type_: FunctionType) -> str:
    """The parameters and results of a function."""
    params = f" (param {' '.join(type_.params)})" if type_.params else ""
    return params + (f" (result {' '.join(type_.results)})" if type_.results else "")


def memory_limits(binary: Binary) -> str:
    """The limits of a memory such that the memory of a binary can be imported for it."""
    memory = binary.exports.get("memory")
    return "0 65536 shared" if memory is not None and memory.type == "shared memory" else "0"


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.#:/~")


def symbol(name: str) -> str:
    """A WebAssembly text identifier for an export name, none that the glue uses itself."""
    return "module." + "".join(char if char in _PLAIN else f"${ord(char):x}$" for char in name)


def quoted(name: str) -> str:
    """An export name as a WebAssembly text string."""
    return "".join(
        char if char.isprintable() and char.isascii() and char not in '"\\' else f"\\u{{{ord(char):x}}}"
        for char in name
    )


def to_binary(source: str) -> bytes:
    """Assemble WebAssembly text."""
    return bytes(wasmtime.wat2wasm(source))
