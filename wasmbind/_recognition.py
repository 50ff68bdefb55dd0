"""Finds out which interface a binary follows, for the first instance that needs objects, and prepares its heap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._allocations import Allocations
from wasmbind._declared import declaration_of
from wasmbind._engine import binary_of
from wasmbind._glue import Glue
from wasmbind._heap_glue import add_heap
from wasmbind._memory import HEADER
from wasmbind._own_members import first_function_value
from wasmbind._schema.abis import find_abi, with_functions
from wasmbind._schema.rtti import RttiError, read_rtti, static_string_id
from wasmbind._units import instantiate_glue
from wasmbind._verify import verify_function_values
from wasmbind.errors import BindError, Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wasmbind._bind import Binding
    from wasmbind._runtime import Runtime
    from wasmbind._schema.abis import Abi
    from wasmbind._schema.model import Binary
    from wasmbind._schema.rtti import Rtti

__all__ = ["open_heap"]

#: How many bytes of static data are searched for strings at most.
_STATIC_DATA: Final = 1 << 22


def open_heap(binding: Binding, runtime: Runtime, binary: Binary) -> None:
    """Read the type table of an instance and make what allocates. The caller owns the instance.

    Args:
        binding: what is told about the interface.
        runtime: the instance.
        binary: what it was instantiated from, as it was read.

    Raises:
        BindError: the binary contradicts itself or the declarations; nothing has been written to memory then.
    """
    try:
        rtti = _read_types(runtime)
        abi = _interface(binding, binary, rtti)
        reached = [*binding.declarations, *map(declaration_of, binding.table.bound)]
        _refuse(binding, verify_function_values(abi, first_function_value(reached)))
        _refuse(binding, binding.table.verify_bases(rtti))
        runtime.use_types(rtti)
        binding.rtti, binding.abi = rtti, abi
        binding.allocations = Allocations(binding.name, rtti, binding.table.conformance)
        glue = Glue(binding.binary)
        add_heap(glue, runtime.buffer_id)
        compiled = binding.glue.compile("heap", lambda: str(glue))
        runtime.use_heap_glue(instantiate_glue(runtime, glue, compiled))
        runtime.extend_scratch(1)
    except RttiError as error:
        fix = "use a binary as asc has written it, that nothing has rewritten"
        mismatch = Mismatch(binding.name, "references", str(error), fix)
        raise BindError(binding.name, binding.binary.name, [mismatch]) from None


def _read_types(runtime: Runtime) -> Rtti:
    """The type table of an instance.

    Raises:
        RttiError: it is unknown, or that of another binary.
    """
    base = runtime.native.export("__rtti_base")
    address = base.value(runtime.native.store)
    if not HEADER <= address < runtime.size or address & 3:
        raise RttiError(f"__rtti_base is {address:#x}, outside memory")
    rtti = read_rtti(runtime.mem_u32[address >> 2 :])
    # The table is the last that the compiler puts into memory.
    found = static_string_id(bytes(runtime.mem_u8[: min(address, _STATIC_DATA)]))
    if found not in (None, rtti.string_id):
        problem = f"strings are objects of run-time id {rtti.string_id} by the type table, and of {found} in memory"
        raise RttiError(problem)
    return rtti


def _interface(binding: Binding, binary: Binary, rtti: Rtti) -> Abi:
    """The interface of the binary.

    Raises:
        RttiError: what it exports and its type table belong to different ones.
    """
    found = find_abi(binary, rtti)
    if found.problem is not None:
        raise RttiError(found.problem)
    return with_functions(found.abi, binary_of(binding.module))


def _refuse(binding: Binding, mismatches: Iterable[Mismatch]) -> None:
    found = list(mismatches)
    if found:
        raise BindError(binding.name, binding.binary.name, found)
