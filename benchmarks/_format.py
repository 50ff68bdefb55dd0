"""Shows results: as a table, and as JSON."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks._results import ALONE, Budget, Line, Measured, Row, Sense, lines_of

_HEAD = ("measured", "ours", "peer", "peer's", "ratio", "must", "aim", "")
_RIGHT = (1, 3, 4, 5, 6)
_UNITS = ((1e7, 1e6, "ms"), (1e4, 1e3, "µs"), (0, 1, "ns"))


def quantity(value: float, unit: str) -> str:
    """A value with its unit, in three digits or so."""
    if unit != "ns":
        return f"{value:,.0f} {unit}"
    divisor, name = next((divisor, name) for least, divisor, name in _UNITS if value >= least)
    number = value / divisor
    digits = 2 if number < 1 else 1 if number < 100 else 0
    return f"{number:,.{digits}f} {name}"


def ratio(value: float) -> str:
    """A ratio, in three digits or so."""
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}x"


def bound(value: float, budget: Budget, unit: str) -> str:
    """A must or an aim."""
    match budget.sense:
        case Sense.FASTER:
            return f"{value:g}x faster"
        case Sense.TIMES:
            return f"{value:g}x"
        case Sense.ABSOLUTE:
            return quantity(value, unit)


def figure(line: Line) -> str:
    """How we compare with a peer: in the terms of the budget, else as whichever is more than one."""
    if line.figure is None or line.peer == ALONE:
        return ""
    if line.budget is not None:
        return ratio(line.figure) + (" faster" if line.budget.sense is Sense.FASTER else "")
    return f"{ratio(line.figure)} faster" if line.figure >= 1 else ratio(1 / line.figure)


def cells(row: Row, measured: Measured) -> list[tuple[str, ...]]:
    """The lines of a row: the first names it, each further one another peer."""
    found: list[tuple[str, ...]] = []
    for index, line in enumerate(lines_of(row, measured)):
        budget, unit = line.budget, measured.unit
        absent = "not available" if line.peer else ""
        found.append(
            (
                row.title if not index else "",
                quantity(measured.ours, unit) if not index else "",
                line.peer,
                absent if line.value is None else quantity(line.value, unit),
                figure(line),
                bound(budget.must, budget, unit) if budget else "",
                bound(budget.aim, budget, unit) if budget else "",
                str(line.verdict or ""),
            )
        )
    if measured.note:
        found.append((f"  {measured.note}", *[""] * (len(_HEAD) - 1)))
    return found


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows of text in columns, under a head."""
    lines = [_HEAD, *rows]
    widths = [max(map(len, column)) for column in zip(*(line for line in lines if any(line[1:])), strict=True)]
    rule = "-" * (sum(widths) + 2 * len(widths) - 2)
    shown = [_justified(line, widths) for line in lines]
    return "\n".join([shown[0], rule, *shown[1:]])


def _justified(line: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(
        text.rjust(width) if index in _RIGHT else text.ljust(width)
        for index, (text, width) in enumerate(zip(line, widths, strict=True))
    ).rstrip()


def as_json(row: Row, measured: Measured) -> dict[str, Any]:
    """A row for machines."""
    return {
        "name": row.name,
        "title": row.title,
        "unit": measured.unit,
        "ours": measured.ours,
        "note": measured.note,
        "comparisons": [
            {
                "peer": line.peer or None,
                "value": line.value,
                "figure": line.figure,
                "sense": line.budget.sense.value if line.budget else None,
                "must": line.budget.must if line.budget else None,
                "aim": line.budget.aim if line.budget else None,
                "verdict": line.verdict,
            }
            for line in lines_of(row, measured)
        ],
    }
