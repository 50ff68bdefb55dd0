"""AssemblyScript's binary interfaces: what each version of the compiler makes, as data, and which one a binary follows.

Nothing is configured: the exports, their types and the type table tell. Exactly one line of `ABIS` has to fit, and
what contradicts it is said before anything is written into the memory of an instance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from wasmbind._schema.evidence import called_values, corroborates, has_function_object, hash_in, misfit
from wasmbind._schema.model import FunctionType, GlobalType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wasmbind._schema.evidence import FunctionValue, Hash, StaticObject
    from wasmbind._schema.model import Binary, ValueType
    from wasmbind._schema.rtti import Rtti

__all__ = [
    "ABIS",
    "ARGUMENT_GLOBAL",
    "SETTERS",
    "Abi",
    "Found",
    "announces",
    "family",
    "find_abi",
    "runtime_of",
    "setter_of",
    "with_functions",
    "with_hash",
    "wrong_types",
]

#: How memory is managed: by a collector, by counting references, or by nobody whom the host could ask.
RuntimeKind = Literal["collected", "counted", "none"]

#: How a module is told the number of arguments, newest first, by a function; in asc 0.9.0 by a global.
SETTERS: Final = ("__setArgumentsLength", "__setargc")
ARGUMENT_GLOBAL: Final = "__argumentsLength"


@dataclass(frozen=True, slots=True)
class Abi:
    """A binary interface.

    Attributes:
        name: how memory is managed.
        asc: the versions of the compiler that make it.
        runtime: the same, for code.
        exports: functions that are all exported.
        header: bytes before an object that are the runtime's: its last two words are the run-time id and the size.
        allocate: the export that makes an object.
        stride: bytes of an entry of the type table; None where it does not matter.
        first_id: the run-time id of `ArrayBuffer`; None where that is not known.
        lowered: whether the flags of the type table stand one bit lower, see `Rtti`.
        members: whether members of classes are exported without wasmbind's transform, where that tells versions apart.
        functions: what a function value is; None where versions differ in it that the exports and the type table do
            not tell apart, see `with_functions`.
        hash: how Map and Set hash their keys; None for the same reason, see `with_hash`.
        usable: whether wasmbind can use objects of such a binary.
    """

    name: str
    asc: str
    runtime: RuntimeKind
    exports: tuple[str, ...] = ()
    header: int = 20
    allocate: str = "__new"
    stride: int | None = None
    first_id: int | None = None
    lowered: bool = False
    members: bool | None = None
    functions: FunctionValue | None = "object"
    hash: Hash | None = "xxhash"
    usable: bool = True

    @property
    def count_word(self) -> int:
        """Where references are counted, in words from an object: right after the memory manager's own word."""
        return 1 - self.header // 4


@dataclass(frozen=True, slots=True)
class Found:
    """The interface of one binary.

    Attributes:
        abi: the interface; one that is not `usable` where something contradicts.
        why: what it was told by.
        problem: what contradicts, None if nothing does.
    """

    abi: Abi
    why: tuple[str, ...]
    problem: str | None = None


_COLLECTED: Final = ("__new", "__pin", "__unpin")
_COUNTED: Final = ("__retain", "__release")
_STRIDE = 8

_COLLECTED_ANY: Final = Abi("collected", "0.18 or later", "collected", _COLLECTED)
_OLDER: Final = replace(_COLLECTED_ANY, asc="0.18 to 0.22", stride=8, first_id=0, members=False, hash=None)
_NEW: Final = Abi(
    "counted, with __new", "0.17", "counted", ("__new", *_COUNTED), stride=_STRIDE, first_id=0, hash="fnv"
)
_ALLOC: Final = replace(
    _NEW,
    name="counted, with __alloc",
    asc="0.10 to 0.16",
    exports=("__alloc", *_COUNTED),
    header=16,
    allocate="__alloc",
    functions=None,
)
_ALLOC_ANY: Final = replace(_ALLOC, asc="0.7 to 0.16", stride=None, first_id=None)
ABIS: Final = (
    replace(_COLLECTED_ANY, asc="0.23 or later", stride=4, first_id=1),
    replace(_OLDER, name="collected, with members", asc="0.18 or 0.19", members=True),
    _OLDER,
    _NEW,
    _ALLOC,
    replace(_ALLOC, name="counted, with __alloc", asc="0.7 to 0.9", lowered=True, functions="index"),
)
#: Where nothing of a runtime is exported: numbers can be used, whatever the module does inside.
NO_RUNTIME: Final = Abi("no runtime", "any, or another compiler", "none", usable=False)
#: Where what a binary exports belongs to different versions.
CONTRADICTORY: Final = Abi("contradictory", "none", "none", usable=False)


def _function(params: int, results: int) -> FunctionType:
    values: tuple[ValueType, ...] = ("i32",)
    return FunctionType(values * params, values * results)


_SHARED: Final[dict[str, object]] = {
    "__setArgumentsLength": _function(1, 0),
    "__setargc": _function(1, 0),
    "__rtti_base": GlobalType("i32", mutable=False),
    "__collect": _function(0, 0),
    "memory": "memory",
}
#: The exports of AssemblyScript's runtimes that wasmbind uses where they are (`std/assembly/rt/index.d.ts`).
_TYPES: Final[dict[RuntimeKind, dict[str, object]]] = {
    "none": {},
    "collected": {
        "__new": _function(2, 1),
        "__pin": _function(1, 1),
        "__unpin": _function(1, 0),
        "__link": _function(3, 0),
        **_SHARED,
    },
    "counted": {
        "__new": _function(2, 1),
        "__alloc": _function(2, 1),
        "__retain": _function(1, 1),
        "__release": _function(1, 0),
        **_SHARED,
    },
}


def announces(binary: Binary) -> bool:
    """Whether a binary can be told the number of arguments."""
    found = binary.global_(ARGUMENT_GLOBAL)
    return setter_of(binary) is not None or (found is not None and found.mutable and found.type == "i32")


def setter_of(binary: Binary) -> str | None:
    """The export that is told the number of arguments, None where there is no such function."""
    return next((name for name in SETTERS if binary.function(name) == _function(1, 0)), None)


def runtime_of(binary: Binary) -> RuntimeKind:
    """How memory is managed, as far as exports tell."""
    if any(binary.function(name) is not None for name in _COUNTED):
        return "counted"
    return "collected" if any(name in binary.exports for name in _COLLECTED) else "none"


def family(binary: Binary) -> Abi:
    """What exports alone tell of the interface: the part that all versions which export the same have in common."""
    both = {name for name in (*_COUNTED, "__pin", "__unpin") if binary.function(name) is not None}
    if both & set(_COUNTED) and both - set(_COUNTED):
        return CONTRADICTORY
    for abi in (_COLLECTED_ANY, _NEW, _ALLOC_ANY):
        if all(binary.function(name) is not None for name in abi.exports):
            return abi
    return NO_RUNTIME


def with_functions(abi: Abi, data: bytes, words: Sequence[int], objects: Sequence[StaticObject], types: Rtti) -> Abi:
    """An interface with what function values are, where its versions differ in that and something tells.

    Args:
        abi: the interface.
        data: the binary; empty if nobody has it.
        words: memory as u32, from its beginning.
        objects: the static objects there.
        types: the type table.
    """
    if abi.functions is not None:
        return abi
    found = "object" if has_function_object(objects, words, types) else called_values(data)
    if found == "object":
        return replace(abi, asc="0.14 to 0.16", functions="object")
    return replace(abi, asc="0.10 to 0.13", functions="index") if found == "index" else abi


def with_hash(abi: Abi, binary: Binary, data: bytes) -> Abi:
    """An interface with how Map and Set hash, where its versions differ in that and something tells.

    Args:
        abi: the interface.
        binary: the binary, as it was read; one with a schema was compiled by asc 0.20 or later.
        data: the same, its bytes; empty if nobody has them.
    """
    if abi.hash is not None:
        return abi
    return replace(abi, hash="xxhash" if binary.schema is not None else hash_in(data))


def wrong_types(binary: Binary) -> dict[str, tuple[str, str]]:
    """The exports that the runtime is expected to have and that are of another type: expected and found, by name."""
    found: dict[str, tuple[str, str]] = {}
    for name, expected in _TYPES[runtime_of(binary)].items():
        export = binary.exports.get(name)
        if export is not None and export.type != expected and not _serves(name, export.type):
            found[name] = str(expected), str(export.type)
    return found


def _serves(name: str, type_: object) -> bool:
    """Whether it is the address of the type table, or a memory that several instances share."""
    if name == "memory":
        return type_ == "shared memory"
    return name == "__rtti_base" and isinstance(type_, GlobalType) and type_.type == "i32" and not type_.mutable


def find_abi(binary: Binary, types: Rtti | str, objects: Sequence[StaticObject]) -> Found:
    """The interface that a binary follows.

    Args:
        binary: the binary.
        types: its type table, or why there is none.
        objects: the static objects in its memory.
    """
    known = family(binary)
    if known is CONTRADICTORY:
        problem = "it exports __pin or __unpin, of a collector, and __retain or __release, which count references"
        return Found(CONTRADICTORY, (problem,), problem)
    if known is NO_RUNTIME:
        runtime = [name for name in ("__new", "__alloc", "__retain", "__rtti_base") if name in binary.exports]
        return Found(NO_RUNTIME, (f"of the runtime it exports {', '.join(runtime) or 'nothing'}",))
    collect = ["__collect"] * (binary.function("__collect") is not None)
    why = [f"exports {', '.join([*known.exports, *collect])}"]
    for name, (expected, other) in wrong_types(binary).items():
        problem = f"{name} is {other}, not {expected}"
        return Found(CONTRADICTORY, (*why, problem), problem)
    if isinstance(types, str):
        return Found(known, (*why, types))
    members = binary.schema is None and any("#" in name for name in binary.functions())
    for abi in ABIS:
        if abi.exports == known.exports and _fits(abi, types) and abi.members in (None, members):
            # The headers of older static objects are too much like any other data to contradict anything.
            unfit = misfit(objects, types) if abi.runtime == "collected" else None
            if unfit is not None:
                return Found(CONTRADICTORY, (*why, unfit), unfit)
            alone = [] if corroborates(objects, types) else ["no static object corroborates the type table"]
            return Found(abi, (*why, *_told_by(abi, types), *alone))
    problem = (
        f"the type table is that of {_shown(types)}, and the exports ({', '.join(known.exports)}) are those of"
        f" asc {known.asc}"
    )
    return Found(CONTRADICTORY, (*why, problem), problem)


def _fits(abi: Abi, types: Rtti) -> bool:
    """Whether an interface has such type tables."""
    return (
        abi.stride == (8 if types.bases else 4)
        and abi.first_id == types.buffer_id
        and (abi.runtime == "counted") == types.counted
        and abi.lowered == types.lowered
    )


def _told_by(abi: Abi, types: Rtti) -> list[str]:
    """What the type table and the members have told."""
    why = [f"the type table starts with {'Object' if types.buffer_id else 'ArrayBuffer'}"]
    if abi.runtime == "counted":
        why.append(f"its flags are those of {'asc 0.9 or older' if abi.lowered else 'asc 0.10 or later'}")
    if abi.members:
        why.append("exports members of classes, and has no schema")
    return why


def _shown(types: Rtti) -> str:
    """Which versions have such type tables."""
    found = [abi.asc for abi in ABIS if _fits(abi, types)]
    return f"asc {' or '.join(dict.fromkeys(found))}" if found else "no version"
