"""Which exported functions have optional parameters, as their code tells: nothing else in a binary without schema does.

asc puts a stub before such a function, which reads the number of given arguments from a global and fills in what is
missing (`ensureVarargsStub`, src/compiler.ts). The exported setter of that global tells which one it is. A function
that does not read it takes all of its arguments: what is missing would be 0, and that an address.
"""

from __future__ import annotations

from wasmbind._schema import instructions as i
from wasmbind._schema.abis import ARGUMENT_GLOBAL, SETTERS
from wasmbind._schema.bodies import Bodies
from wasmbind._schema.evidence import announced_global
from wasmbind._schema.format import BinaryFormatError, leb
from wasmbind._schema.instructions import instructions

__all__ = ["required_arguments"]


def required_arguments(data: bytes) -> dict[str, int]:
    """How many arguments the exported functions need at least that have optional ones.

    Args:
        data: a binary.

    Returns:
        The least number by export, without `this`; where the code does not tell it, 0.
    """
    try:
        bodies = Bodies(data)
        setter = next((bodies.exported[name] for name in SETTERS if name in bodies.exported), None)
        known = bodies.globals.get(ARGUMENT_GLOBAL)
        announced = known if setter is None else announced_global(bodies.code(setter))
        if announced is None:
            return {}
        stubs = _Stubs(bodies, announced)
        found = {index: stubs.least(index) for index in set(bodies.exported.values())}
    except BinaryFormatError:
        return {}
    return {name: least for name, index in bodies.exported.items() if (least := found[index]) is not None}


class _Stubs:
    """Tells functions that look how many arguments there are from others."""

    def __init__(self, bodies: Bodies, announced: int) -> None:
        """Take what they look at.

        Args:
            bodies: the functions.
            announced: the global with the number of arguments.
        """
        self._bodies, self._announced = bodies, announced
        # What is called from many places is read once: a binary decides how many and how long they are.
        self._known: dict[int, int | None] = {}

    def least(self, index: int) -> int | None:
        """How many arguments an exported function needs, None if it takes all.

        Where arguments are references, what is exported may be a function that keeps them alive and calls the stub.
        Other functions that call one set the number of arguments first.
        """
        for found in instructions(self._bodies.code(index)):
            if found == (i.GLOBAL_SET, self._announced):
                return None
            if found == (i.GLOBAL_GET, self._announced):
                return self._own(index)
            least = self._own(found.value) if found.opcode == i.CALL else None
            if least is not None:
                return least
        return None

    def _own(self, index: int) -> int | None:
        """The same by the function's own code."""
        if index not in self._known:
            self._known[index] = self._read(self._bodies.code(index))
        return self._known[index]

    def _read(self, code: bytes) -> int | None:
        # What does not read the global, which hardly anything does, need not be looked at instruction by instruction.
        if bytes([i.GLOBAL_GET]) + leb(self._announced) not in code:
            return None
        found = instructions(code)
        for each in found:
            if each == (i.GLOBAL_SET, self._announced):
                return None
            if each == (i.GLOBAL_GET, self._announced):
                least, minus = next(found, each), next(found, each)
                return least.value if least.opcode == i.I32_CONST and minus.opcode == i.I32_SUB else 0
        return None
