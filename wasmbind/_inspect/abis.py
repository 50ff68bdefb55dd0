"""Which of AssemblyScript's binary interfaces a binary follows, told by what it exports.

A new one is a new line of `ABIS`: the first line that fits is the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wasmbind._schema.model import Binary
    from wasmbind._schema.rtti import Rtti

__all__ = ["ABIS", "Abi", "Found", "find_abi"]


@dataclass(frozen=True, slots=True)
class Abi:
    """A binary interface.

    Attributes:
        name: how memory is managed.
        asc: the versions of the compiler that make it.
        exports: functions that are all exported.
        first_id: the run-time id of `ArrayBuffer`, where that tells versions apart.
        members: whether members of classes are exported without wasmbind's transform, where that does.
        usable: whether wasmbind can use objects of such a binary.
    """

    name: str
    asc: str
    exports: tuple[str, ...]
    first_id: int | None = None
    members: bool | None = None
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """The interface of one binary; `why` says what it was told by."""

    abi: Abi
    why: tuple[str, ...]


_COLLECTED: Final = ("__new", "__pin", "__unpin", "__collect")
ABIS: Final = (
    Abi("collected", "0.23 or later", _COLLECTED, first_id=1),
    Abi("collected, with members", "0.18 or 0.19", _COLLECTED, first_id=0, members=True),
    Abi("collected", "0.18 to 0.22", _COLLECTED, first_id=0),
    Abi("collected", "0.18 or later", _COLLECTED),
    Abi("counted, with __new", "0.17", ("__new", "__renew", "__retain", "__release"), usable=False),
    Abi("counted, with __alloc", "0.7 to 0.16", ("__alloc", "__retain", "__release"), usable=False),
)
#: Where nothing of a runtime is exported: numbers can be used, whatever the module does inside.
NO_RUNTIME: Final = Abi("no runtime", "any, or another compiler", (), usable=False)


def find_abi(binary: Binary, types: Rtti | str) -> Found:
    """The interface that a binary seems to follow.

    Args:
        binary: the binary.
        types: its type table, or why there is none.
    """
    first = types if isinstance(types, str) else types.buffer_id
    members = None if binary.schema is not None else any("#" in name for name in binary.functions())
    for abi in ABIS:
        if all(binary.function(name) is not None for name in abi.exports):
            why = [f"exports {', '.join(abi.exports)}"]
            if abi.first_id is not None:
                if first != abi.first_id:
                    continue
                why.append(f"the type table starts with {'Object' if first else 'ArrayBuffer'}")
            if abi.members is not None:
                if members != abi.members:
                    continue
                why.append("exports members of classes, and has no schema")
            elif isinstance(types, str):
                why.append(types)
            return Found(abi, tuple(why))
    runtime = [name for name in ("__new", "__alloc", "__retain", "__rtti_base") if name in binary.exports]
    return Found(NO_RUNTIME, (f"of the runtime it exports {', '.join(runtime) or 'nothing'}",))
