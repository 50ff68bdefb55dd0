"""The glue of function values: how the host calls them, and how it learns which have died.

A function value is a pointer to an object of eight bytes, the index of a function in the module's table and an
environment that is always null (`std/assembly/function.ts`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._schema.model import FunctionType

if TYPE_CHECKING:
    from wasmbind._glue import Glue
    from wasmbind._schema.model import Binary

__all__ = ["FINALIZED_FUNCTIONS", "FUNCTION_SIZE", "add_finalized", "add_function_call", "reports_dead_objects"]

#: Bytes of a function object.
FUNCTION_SIZE: Final = 8
#: What `add_finalized` exports, with its types.
FINALIZED_FUNCTIONS: Final = {
    "finalized": FunctionType(("i32",) * 3, ("i32",) * 3),
    "forget": FunctionType(("i32",), ()),
}


def add_function_call(glue: Glue, type_: FunctionType) -> None:
    """Add `call`, which takes a function object and its arguments.

    Args:
        glue: the glue.
        type_: the type of `call`: that of the function, with the object first.
    """
    params = "".join(f" (param {value})" for value in type_.params)
    results = "".join(f" (result {value})" for value in type_.results)
    taken = "".join(f" (param {value})" for value in type_.params[1:])
    arguments = "".join(f" (local.get {index})" for index in range(1, len(type_.params)))
    glue.define_function(
        "call",
        type_,
        f"  (func $call{params}{results}",
        f"    (call_indirect {glue.table()}{taken}{results}{arguments} (i32.load (local.get 0))))",
    )


def reports_dead_objects(binary: Binary) -> bool:
    """Whether a binary lists the objects that die, as those compiled with the transform do."""
    if binary.schema is None or "finalize" not in binary.schema.flags:
        return False
    lists = [binary.global_("__finalized"), binary.global_("__finalized_count")]
    are_lists = all(found is not None and found.type == "i32" and found.mutable for found in lists)
    return are_lists and binary.function("__watch") == FunctionType(("i32",), ())


def add_finalized(glue: Glue) -> None:
    """Add what reads the list of dead objects, and what removes its first entries: `FINALIZED_FUNCTIONS`."""
    start, count = glue.global_("__finalized"), glue.global_("__finalized_count")
    glue.define(
        "  ;; How many entries have been removed so far.",
        "  (global $removed (mut i32) (i32.const 0))",
        "  ;; The address of the list, the number of its entries, and how many have been removed; the parameters only",
        "  ;; make room for the results.",
        '  (func (export "finalized") (param i32 i32 i32) (result i32 i32 i32)',
        f"    (global.get {start}) (global.get {count}) (global.get $removed))",
        "  ;; Removes the first entries.",
        '  (func (export "forget") (param $gone i32)',
        "    (global.set $removed (i32.add (global.get $removed) (local.get $gone)))",
        f"    (global.set {count} (i32.sub (global.get {count}) (local.get $gone)))",
        f"    (memory.copy (global.get {start})",
        f"      (i32.add (global.get {start}) (i32.mul (local.get $gone) (i32.const 12)))",
        f"      (i32.mul (global.get {count}) (i32.const 12))))",
    )
