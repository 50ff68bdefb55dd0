"""Finds out which interface a binary follows, for the first instance that needs objects, and prepares its heap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._allocations import Allocations
from wasmbind._declared import declaration_of
from wasmbind._engine import binary_of
from wasmbind._glue import Glue
from wasmbind._heap_glue import add_heap
from wasmbind._layout import NEXT_WORD
from wasmbind._memory import HEADER
from wasmbind._own_members import first_function_value
from wasmbind._schema.abis import family, find_abi, with_functions, with_hash
from wasmbind._schema.evidence import static_objects
from wasmbind._schema.rtti import RttiError, read_rtti, static_string_id
from wasmbind._units import instantiate_glue
from wasmbind._verify_runtime import verify_function_values, verify_setter
from wasmbind.errors import BindError, Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wasmbind._bind import Binding
    from wasmbind._live.base import Live
    from wasmbind._runtime import Runtime
    from wasmbind._schema.abis import Abi
    from wasmbind._schema.evidence import Hash, StaticObject
    from wasmbind._schema.model import Binary
    from wasmbind._schema.rtti import Rtti

__all__ = ["check_setter", "know_function_values", "know_hash", "open_heap"]

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
        if binding.abi is None:
            binding.abi = _interface(runtime, binary, rtti)
        reached = [*binding.declarations, *map(declaration_of, binding.table.bound)]
        know_function_values(binding, runtime, rtti, first_function_value(reached))
        _refuse(binding, binding.table.verify_bases(rtti))
        runtime.use_types(rtti)
        runtime.unlisted = _end_of_unlisted(runtime)
        binding.rtti = rtti
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


def _end_of_unlisted(runtime: Runtime) -> int:
    """Below which address objects may be in no list of a collector, once there is an object."""
    if not runtime.mem_u32[(runtime.staging >> 2) + NEXT_WORD]:
        return 1 << 32  # nothing is ever freed
    # The table is the last that the compiler puts into memory.
    found: int = runtime.native.export("__rtti_base").value(runtime.native.store)
    return found


def _interface(runtime: Runtime, binary: Binary, rtti: Rtti) -> Abi:
    """The interface of the binary.

    Raises:
        RttiError: what it exports, its type table and its static data belong to different ones.
    """
    found = find_abi(binary, rtti, _static_objects(runtime, family(binary)))
    if found.problem is not None:
        raise RttiError(found.problem)
    return found.abi


def _static_objects(runtime: Runtime, abi: Abi) -> list[StaticObject]:
    """The objects that the compiler has put into memory."""
    address = runtime.native.export("__rtti_base").value(runtime.native.store)
    return list(static_objects(runtime.mem_u32[: min(address, _STATIC_DATA) >> 2], abi.header))


def check_setter(binding: Binding) -> Iterator[Mismatch]:
    """Check the function that is told the number of arguments, if there is one."""
    return verify_setter(binding.name, binding.binary, binary_of(binding.module))


def know_function_values(binding: Binding, runtime: Runtime, rtti: Rtti, user: str | None) -> None:
    """Find out what function values are, for somebody who uses them, where that is not known yet.

    Args:
        binding: what is told.
        runtime: an instance.
        rtti: its type table.
        user: a declared class that mentions function values, or None.

    Raises:
        BindError: they are no objects, or nothing tells.
    """
    if user is None:
        return
    abi = binding.abi
    assert abi is not None
    if abi.functions is None:
        objects = _static_objects(runtime, abi)
        abi = binding.abi = with_functions(abi, binary_of(binding.module), runtime.mem_u32, objects, rtti)
    _refuse(binding, verify_function_values(abi, user))


def know_hash(binding: Binding, cls: type[Live]) -> Hash:
    """Find out how Map and Set hash, for one of them; for another class it does not matter.

    Args:
        binding: what is told.
        cls: a concrete live class.

    Raises:
        BindError: nothing tells.
    """
    if cls.__asc_kind__ not in ("Map", "Set"):
        return "xxhash"
    assert binding.abi is not None
    abi = binding.abi = with_hash(binding.abi, binding.binary, binary_of(binding.module))
    if abi.hash is None:
        found = "the hashes of asc 0.18.0 to 0.18.5 and of later versions both, and nothing that tells which is its own"
        fix = "compile with `wasmbind build` or with asc 0.23 or later, or move what hashes with FNV-1a elsewhere"
        if not binary_of(binding.module):
            found = "no code to read: asc 0.18.0 to 0.18.5 hash otherwise than later versions, and the code tells"
            fix = (
                "give the binary itself, as a path or bytes, or compile with `wasmbind build` or with asc 0.23 or later"
            )
        _refuse(binding, [Mismatch(cls.__asc_codec__.name, "a Map or Set, whose keys are hashed", found, fix)])
    assert abi.hash is not None
    return abi.hash


def _refuse(binding: Binding, mismatches: Iterable[Mismatch]) -> None:
    found = list(mismatches)
    if found:
        raise BindError(binding.name, binding.binary.name, found)
