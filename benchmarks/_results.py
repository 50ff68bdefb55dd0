"""What was measured, against what was promised."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks._timing import Effort

#: A result this close to its must is near it, rather than far off.
_NEAR = 0.10


class Sense(enum.Enum):
    """What a budget bounds."""

    FASTER = "faster"  # the peer's time divided by ours, from below
    TIMES = "times"  # our time divided by the peer's, from above
    ABSOLUTE = "absolute"  # our value itself, from above


class Verdict(enum.StrEnum):
    """How a result stands to its budget."""

    AIM = "aim"
    PASS = "pass"  # noqa: S105 - no password
    NEAR = "near"
    FAIL = "fail"

    @property
    def meets_must(self) -> bool:
        """Whether the promise is kept."""
        return self in (Verdict.AIM, Verdict.PASS)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a row must reach and what it aims at."""

    sense: Sense
    must: float
    aim: float

    def figure(self, ours: float, peer: float | None) -> float | None:
        """The number that the budget bounds, None where the peer was not there."""
        if self.sense is Sense.ABSOLUTE:
            return ours
        if peer is None:
            return None
        return peer / ours if self.sense is Sense.FASTER else ours / peer

    def verdict(self, figure: float) -> Verdict:
        """How a figure stands to it."""
        sign = -1 if self.sense is Sense.FASTER else 1
        if sign * figure <= sign * self.aim:
            return Verdict.AIM
        if sign * figure <= sign * self.must:
            return Verdict.PASS
        missed = figure - self.must if sign > 0 else self.must - figure
        return Verdict.NEAR if missed <= _NEAR * self.must else Verdict.FAIL


@dataclass(frozen=True, slots=True)
class Measured:
    """The values of one row: nanoseconds, or pages of memory.

    Attributes:
        peers: the same for each peer, None for one that is not available.
        note: what else there is to say.
    """

    ours: float
    peers: Mapping[str, float | None] = field(default_factory=dict)
    unit: str = "ns"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        title: what is measured.
        measure: measures it.
        budgets: by the name of the peer that each compares with, `ALONE` for one that bounds our own value.
    """

    name: str
    title: str
    measure: Callable[[Effort], Measured]
    budgets: Mapping[str, Budget] = field(default_factory=dict)


#: The key of a budget that compares with no peer.
ALONE = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison of a row: with a peer, or with a budget alone."""

    peer: str
    value: float | None
    figure: float | None = None
    budget: Budget | None = None
    verdict: Verdict | None = None


def lines_of(row: Row, measured: Measured) -> list[Line]:
    """The comparisons of a row, those with a budget first."""
    peers = sorted(measured.peers, key=lambda name: name not in row.budgets)
    names = [ALONE, *peers] if ALONE in row.budgets or not peers else peers
    return [_line(name, measured, row.budgets.get(name)) for name in names]


def _line(name: str, measured: Measured, budget: Budget | None) -> Line:
    value = measured.peers.get(name)
    if budget is None:
        return Line(name, value, None if value is None or not measured.ours else value / measured.ours)
    figure = budget.figure(measured.ours, value)
    return Line(name, value, figure, budget, None if figure is None else budget.verdict(figure))
