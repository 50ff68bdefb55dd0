"""How opaque values cross: Python's side has an i32 in their place, whatever the module has.

What Python gives is a handle; what it gets is a handle, or the number of an `externref` with the highest bit set. An
`externref` lies in the table `refs` of the host glue:

* index 0 is null;
* those that the module gives come next, in turns: the n-th stands at index 1 + n mod `TURNS` until it is some other
  one's turn, and what Python gets is n. `ref` counts them, so Python can tell if it comes too late;
* from `FIRST_PLACE` on are those that Python gives, and what it gives is the index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._handles import NO_HANDLE

if TYPE_CHECKING:
    from wasmbind._schema.model import ValueType

__all__ = ["FIRST_PLACE", "NARROW", "PUSH", "REFS", "REFS_IMPORTS", "TAG", "TURNS", "given_as", "got_as"]

#: How many `externref`s from the module stay in the table.
TURNS: Final = 64
#: The index of the first `externref` from Python.
FIRST_PLACE: Final = TURNS + 1
#: The bit that tells the number of an `externref` from a handle.
TAG: Final = 1 << 31
#: The names of what `REFS_IMPORTS` imports from the host glue.
REFS: Final = ("refs", "ref")

REFS_IMPORTS: Final = (
    f'  (import "host" "refs" (table $refs {FIRST_PLACE} externref))',
    '  (import "host" "ref" (global $ref (mut i32)))',
)
#: Puts an `externref` into the table and returns its number; 0 for null.
PUSH: Final = (
    "  (func $push (param $value externref) (result i32)",
    "    (if (ref.is_null (local.get $value)) (then (return (i32.const 0))))",
    "    (global.set $ref (i32.add (global.get $ref) (i32.const 1)))",
    f"    (table.set $refs (i32.add (i32.and (global.get $ref) (i32.const {TURNS - 1})) (i32.const 1))",
    "      (local.get $value))",
    f"    (i32.or (global.get $ref) (i32.const {-TAG})))",
)
#: Makes a handle of 32 bits of one of 64; larger numbers are none.
NARROW: Final = (
    "  (func $narrow (param $value i64) (result i32)",
    f"    (if (i64.gt_u (local.get $value) (i64.const {NO_HANDLE}))",
    f"      (then (return (i32.const {NO_HANDLE}))))",
    "    (i32.wrap_i64 (local.get $value)))",
)


def given_as(value: str, given: ValueType, taken: ValueType) -> str:
    """The text of a value that Python gives, as the module takes it.

    Args:
        value: its text.
        given: the type that Python's side has.
        taken: the type that the module has; another one only for opaque values.
    """
    if given == taken:
        return value
    return f"(i64.extend_i32_u {value})" if taken == "i64" else f"(table.get $refs {value})"


def got_as(value: str, given: ValueType, taken: ValueType) -> str:
    """The text of a value that the module gives, as Python takes it.

    Args:
        value: its text.
        given: the type that the module has.
        taken: the type that Python's side has; another one only for opaque values.
    """
    if given == taken:
        return value
    return f"(call ${'narrow' if given == 'i64' else 'push'} {value})"
