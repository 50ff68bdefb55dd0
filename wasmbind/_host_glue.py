"""The glue that gives a module its imports.

Every imported function that Python provides is one here. It leaves its arguments and the index of a handler in cells
of the glue's own memory, which Python sees at a fixed address, and calls `host`, the one callback of the store; then
it takes its result from the first cell. `env.abort` and `env.seed` need no Python: an abort leaves its four arguments
in cells and traps, so no exception has to pass through a callback.

Where a module counts references, what Python has written into root slots is counted when a function returns, and a
reference that it returns is counted for the module: by the two functions of `_adaptor_glue` in the table `after`.

Function values that Python makes work the same way; their functions come in batches, see `slots_glue`. An `externref`
is in a table, and what the cell has is described in `_opaque_glue`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._glue import MODULE_NAME
from wasmbind._opaque_glue import FIRST_PLACE, PUSH, REFS_IMPORTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wasmbind._schema.model import FunctionType

__all__ = ["ABORT", "ABORTED", "ARGUMENTS", "CELL_SIZE", "PAGE", "SEED", "host_glue", "slots_glue"]

#: Bytes of the glue's memory.
PAGE: Final = 1 << 16
#: Bytes from the start of that memory to the four arguments of an abort, to the word that tells of one, to the value
#: of `seed`, and to the arguments of a host function, which take one cell each.
ABORT, ABORTED, SEED, ARGUMENTS = 8, 24, 32, 64
CELL_SIZE: Final = 8

_ABORT = f"""\
  (func (export "abort") (param i32 i32 i32 i32)
    (i32.store (i32.const {ABORT}) (local.get 0))
    (i32.store (i32.const {ABORT + 4}) (local.get 1))
    (i32.store (i32.const {ABORT + 8}) (local.get 2))
    (i32.store (i32.const {ABORT + 12}) (local.get 3))
    (i32.store (i32.const {ABORTED}) (i32.const 1))
    unreachable)"""
_SEED = f'  (func (export "seed") (result f64) (f64.load (i32.const {SEED})))'


_AFTER = "(table $after {}2 2 funcref)"


def host_glue(functions: Mapping[int, FunctionType], counted: Mapping[int, bool] | None = None) -> str:
    """The text of the glue for the imports of one module.

    Args:
        functions: the imported functions that Python provides, by the index of their handler; exported as `f0`, `f1`…
        counted: for a module that counts references, by the same index, whether the result is one.
    """
    lines = [f"(module ${MODULE_NAME}"]
    lines += ['  (import "python" "host" (func $host))'] * bool(functions)
    lines.append('  (memory (export "cells") 1 1)')
    lines += [
        f'  (table $refs (export "refs") {FIRST_PLACE} externref)',
        '  (global $ref (export "ref") (mut i32) (i32.const 0))',
        *PUSH,
        _ABORT,
        _SEED,
    ]
    if counted is not None:
        lines.append("  " + _AFTER.format('(export "after") '))
    for index, type_ in functions.items():
        is_reference = counted[index] if counted is not None else None
        lines += _function(f'(export "f{index}")', type_, f"(i32.const {index})", is_reference)
    return "\n".join([*lines, ")"]) + "\n"


def slots_glue(type_: FunctionType, count: int, *, counted: bool | None = None) -> str:
    """The text of a module with so many functions of one type for the function table, each with a handler of its own.

    Args:
        type_: the type.
        count: how many.
        counted: for a module that counts references, whether the result is one.

    It exports `fill`, which puts them all at the end of the table and returns the index of the first, or -1. Their
    handlers follow each other from the global `first` on.
    """
    names = " ".join(f"$s{index}" for index in range(count))
    lines = [
        f"(module ${MODULE_NAME}",
        '  (import "python" "host" (func $host))',
        '  (import "host" "cells" (memory 1 1))',
        *REFS_IMPORTS,
        *[f'  (import "host" "after" {_AFTER.format("")})'] * (counted is not None),
        '  (import "module" "table" (table $table 0 funcref))',
        '  (global $first (export "first") (mut i32) (i32.const 0))',
        f"  (elem $slots func {names})",
    ]
    for index in range(count):
        lines += _function(f"$s{index}", type_, f"(i32.add (global.get $first) (i32.const {index}))", counted)
    lines += [
        '  (func (export "fill") (result i32)',
        "    (local $start i32)",
        f"    (local.set $start (table.grow $table (ref.null func) (i32.const {count})))",
        "    (if (i32.ne (local.get $start) (i32.const -1))",
        f"      (then (table.init $table $slots (local.get $start) (i32.const 0) (i32.const {count}))))",
        "    (local.get $start)))",
    ]
    return "\n".join(lines) + "\n"


#: While the module is being instantiated there is no adaptor yet, and nobody can reach an object either.
_COUNT = [
    "    (if (i32.eqz (ref.is_null (table.get $after (i32.const 0)))) (then",
    "      {result}(call_indirect $after (i32.const 0))))",
]
_COUNT_RESULT = (
    f"(drop (call_indirect $after (param i32) (result i32) (i32.load (i32.const {ARGUMENTS})) (i32.const 1)))"
)


def _function(name: str, type_: FunctionType, handler: str, counted: bool | None) -> Sequence[str]:  # noqa: FBT001 - of two callers
    params = "".join(f" (param {value})" for value in type_.params)
    results = "".join(f" (result {value})" for value in type_.results)
    lines = [f"  (func {name}{params}{results}"]
    for index, value in enumerate(type_.params):
        place = f"(i32.const {ARGUMENTS + CELL_SIZE * index})"
        if value == "externref":
            lines.append(f"    (i32.store {place} (call $push (local.get {index})))")
        else:
            lines.append(f"    ({value}.store {place} (local.get {index}))")
    lines += [f"    (i32.store (i32.const 0) {handler})", "    (call $host)"]
    if counted is not None:
        lines += [line.format(result=f"{_COUNT_RESULT} " if counted else "") for line in _COUNT]
    for value in type_.results:
        load = "table.get $refs (i32.load" if value == "externref" else f"{value}.load"
        end = "))" if value == "externref" else ")"
        lines.append(f"    ({load} (i32.const {ARGUMENTS}){end}")
    lines[-1] += ")"
    return lines
