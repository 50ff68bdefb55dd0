"""Which exported functions have optional parameters, as their code tells: nothing else in a binary without schema does.

asc puts a stub before such a function, which reads the number of given arguments from a global and fills in what is
missing (`ensureVarargsStub`, src/compiler.ts). The exported setter of that global tells which one it is. A function
that does not read it takes all of its arguments: what is missing would be 0, and that an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wasmbind._schema.abis import SETTERS
from wasmbind._schema.binary import BinaryFormatError, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["required_arguments"]

_IMPORTS, _EXPORTS, _CODE = 2, 7, 10
_CALL, _GLOBAL_GET, _GLOBAL_SET, _I32_CONST, _I32_SUB, _END = 0x10, 0x23, 0x24, 0x41, 0x6B, 0x0B
_SEVEN_BITS: Final = 0x7F
_LOCAL_GET: Final = bytes([0x20, 0])


def required_arguments(data: bytes) -> dict[str, int]:
    """How many arguments the exported functions need at least that have optional ones.

    Args:
        data: a binary.

    Returns:
        The least number by export, without `this`; where the code does not tell it, 0.
    """
    try:
        sections = dict(_sections(data))
        bodies = _Bodies(data, sections)
        named = bodies.exported()
        setter = next((named[name] for name in SETTERS if name in named), None)
        announced = None if setter is None else _announced(bodies.code(setter))
        if announced is None:
            return {}
        found = {name: _least_of(bodies, index, announced) for name, index in named.items()}
    except (BinaryFormatError, IndexError, KeyError):
        return {}
    return {name: least for name, least in found.items() if least is not None}


def _sections(data: bytes) -> Iterator[tuple[int, tuple[int, int]]]:
    """Where the sections are, by their ids."""
    reader = Reader(data, 8)
    while reader.at < len(data):
        kind, size = reader.byte(), reader.unsigned()
        yield kind, (reader.at, reader.at + size)
        reader.at += size


class _Bodies:
    """The functions of a binary by their indices."""

    def __init__(self, data: bytes, sections: dict[int, tuple[int, int]]) -> None:
        self._data, self._sections = data, sections
        self._imported = sum(self._imported_functions())
        self._places: list[tuple[int, int]] = []
        reader = Reader(data, *sections[_CODE])
        for _ in reader.vector():
            size = reader.unsigned()
            self._places.append((reader.at, reader.at + size))
            reader.at += size

    @property
    def count(self) -> int:
        """The number of functions, imported ones too."""
        return self._imported + len(self._places)

    def _imported_functions(self) -> Iterator[int]:
        """1 for each import that is a function, 0 for another one."""
        if _IMPORTS not in self._sections:
            return
        reader = Reader(self._data, *self._sections[_IMPORTS])
        for _ in reader.vector():
            reader.name()
            reader.name()
            yield int(isinstance(reader.external(), int))

    def exported(self) -> dict[str, int]:
        """The index of each exported function."""
        found: dict[str, int] = {}
        reader = Reader(self._data, *self._sections[_EXPORTS])
        for _ in reader.vector():
            name, kind, index = reader.name(), reader.byte(), reader.unsigned()
            if kind == 0:
                found[name] = index
        return found

    def code(self, index: int) -> bytes:
        """The body of a function; nothing for an imported one."""
        if index < self._imported:
            return b""
        start, end = self._places[index - self._imported]
        return self._data[start:end]


def _announced(code: bytes) -> int | None:
    """The global that a setter of the number of arguments sets, None if it does anything else."""
    head = bytes([0]) + _LOCAL_GET + bytes([_GLOBAL_SET])
    if not code.startswith(head):
        return None
    reader = Reader(code, len(head))
    index = reader.unsigned()
    return index if code[reader.at :] == bytes([_END]) else None


def _least_of(bodies: _Bodies, index: int, announced: int) -> int | None:
    """How many arguments an exported function needs, None if it takes all.

    Where arguments are references, what is exported may be a function that keeps them alive and calls the stub. Other
    functions that call one set the number of arguments first.
    """
    code = bodies.code(index)
    found = _least(code, announced)
    if found is not None or bytes([_GLOBAL_SET, *_leb(announced)]) in code:
        return found
    for callee in _called(code):
        found = _least(bodies.code(callee), announced) if callee < bodies.count else None
        if found is not None:
            return found
    return None


def _called(code: bytes) -> Iterator[int]:
    """The functions that a body may call."""
    for at, byte in enumerate(code):
        if byte == _CALL:
            try:
                yield Reader(code, at + 1).unsigned()
            except BinaryFormatError:
                return


def _least(code: bytes, announced: int) -> int | None:
    """How many arguments a function needs, None if it does not look how many there are."""
    read = bytes([_GLOBAL_GET, *_leb(announced)])
    at = code.find(read)
    if at < 0:
        return None
    reader = Reader(code, at + len(read))
    if reader.byte() != _I32_CONST:
        return 0
    least = reader.signed(32)
    return least if reader.byte() == _I32_SUB and least >= 0 else 0


def _leb(value: int) -> Iterator[int]:
    while value > _SEVEN_BITS:
        yield value & _SEVEN_BITS | 0x80
        value >>= 7
    yield value
