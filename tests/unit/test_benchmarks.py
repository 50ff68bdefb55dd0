"""The arithmetic and the layout of the benchmark table; nothing here takes a time."""

import json
from collections.abc import Iterator

import pytest

from benchmarks._format import as_json, bound, cells, figure, quantity, ratio, table
from benchmarks._results import ALONE, Budget, Line, Measured, Row, Sense, Verdict, lines_of
from benchmarks._rows import ROWS
from benchmarks._timing import Contender, Effort, enough, turns

FASTER = Budget(Sense.FASTER, 25, 40)
TIMES = Budget(Sense.TIMES, 2.0, 1.4)
ALONE_BELOW = Budget(Sense.ABSOLUTE, 1000, 500)


def _never(_: Effort) -> Measured:
    raise NotImplementedError


def _contender(name: str, taken: Iterator[float], units: int = 1) -> Contender:
    return Contender(name, lambda count: next(taken) * count, units)


def test_rows_have_names_of_their_own() -> None:
    """A row is found by its name, and told apart by its title."""
    for names in ([row.name for row in ROWS], [row.title for row in ROWS]):
        assert len(names) == len(set(names))


def test_every_aim_is_beyond_its_must() -> None:
    """Whoever reaches the aim has reached the must."""
    budgets = [budget for row in ROWS for budget in row.budgets.values()]
    assert [budget for budget in budgets if budget.verdict(budget.aim) is not Verdict.AIM] == []
    assert [budget for budget in budgets if not budget.verdict(budget.must).meets_must] == []


@pytest.mark.parametrize(
    ("budget", "ours", "peer", "wanted", "verdict"),
    [
        (FASTER, 10.0, 400.0, 40.0, Verdict.AIM),
        (FASTER, 10.0, 399.0, 39.9, Verdict.PASS),
        (FASTER, 10.0, 250.0, 25.0, Verdict.PASS),
        (FASTER, 10.0, 225.0, 22.5, Verdict.NEAR),
        (FASTER, 10.0, 224.0, 22.4, Verdict.FAIL),
        (TIMES, 1.4, 1.0, 1.4, Verdict.AIM),
        (TIMES, 2.0, 1.0, 2.0, Verdict.PASS),
        (TIMES, 2.1, 1.0, 2.1, Verdict.NEAR),
        (TIMES, 2.3, 1.0, 2.3, Verdict.FAIL),
        (ALONE_BELOW, 500.0, None, 500.0, Verdict.AIM),
        (ALONE_BELOW, 1200.0, None, 1200.0, Verdict.FAIL),
        (Budget(Sense.ABSOLUTE, 0, 0), 0.0, None, 0.0, Verdict.AIM),
        (Budget(Sense.ABSOLUTE, 0, 0), 1.0, None, 1.0, Verdict.FAIL),
    ],
)
def test_verdict(budget: Budget, ours: float, peer: float | None, wanted: float, verdict: Verdict) -> None:
    """A figure is compared in the sense of its budget."""
    found = budget.figure(ours, peer)
    assert found is not None
    assert found == pytest.approx(wanted)
    assert budget.verdict(found) is verdict


@pytest.mark.parametrize("budget", [FASTER, TIMES])
def test_absent_peer_has_no_verdict(budget: Budget) -> None:
    """Nothing is said about a comparison with a peer that is not there."""
    row = Row("add", "call add", _never, {"peer": budget})
    assert lines_of(row, Measured(10.0, {"peer": None})) == [Line("peer", None, None, budget)]


def test_budgeted_comparisons_come_first() -> None:
    """What a budget speaks of stands on top; a budget without a peer before everything."""
    measured = Measured(10.0, {"other": 20.0, "peer": 400.0})
    assert [line.peer for line in lines_of(Row("a", "a", _never, {"peer": FASTER}), measured)] == ["peer", "other"]
    assert [line.peer for line in lines_of(Row("a", "a", _never, {ALONE: ALONE_BELOW}), measured)] == [
        ALONE,
        "other",
        "peer",
    ]
    assert [line.peer for line in lines_of(Row("a", "a", _never), Measured(10.0))] == [ALONE]


def test_median_of_rounds() -> None:
    """The result is the median over rounds, for one unit of one operation."""
    # The first turn finds out the count.
    times = {"ours": [1e9, 3.0, 100.0, 5.0], "peer": [1e9, 80.0, 20.0, 40.0]}
    contenders = [_contender("ours", iter(times["ours"])), _contender("peer", iter(times["peer"]), units=10)]
    assert Effort(rounds=3, seconds=1.0, repetitions=1).compare(contenders) == {"ours": 5.0, "peer": 4.0}


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_turns_are_fair(number: int) -> None:
    """Each round has all contenders, and over some rounds each stands in each place equally often."""
    rounds = [turns(number, round_) for round_ in range(2 * number)]
    assert [sorted(order) for order in rounds] == [list(range(number))] * (2 * number)
    assert [sorted(places) for places in zip(*rounds, strict=True)] == [sorted([*range(number)] * 2)] * number


@pytest.mark.parametrize(("each", "wanted"), [(10.0, 5_000_000), (1e6, 50), (1e9, 1)])
def test_enough_operations_fill_a_turn(each: float, wanted: int) -> None:
    """The count of operations makes a turn about as long as asked, and is at least one."""
    assert enough(lambda count: each * count, 0.05) == wanted


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.25, "ns", "0.25 ns"),
        (62.94, "ns", "62.9 ns"),
        (1717.2, "ns", "1,717 ns"),
        (18_400.0, "ns", "18.4 µs"),
        (2_000_000.0, "ns", "2,000 µs"),
        (29_800_000.0, "ns", "29.8 ms"),
        (16.0, "pages", "16 pages"),
    ],
)
def test_quantity(value: float, unit: str, shown: str) -> None:
    """A time is shown in the unit that keeps it short."""
    assert quantity(value, unit) == shown


def test_ratios_are_shown_in_the_terms_of_the_budget() -> None:
    """Without a budget, a ratio is shown as whichever is more than one."""
    assert [ratio(value) for value in (1.234, 12.34, 123.4)] == ["1.23x", "12.3x", "123x"]
    assert figure(Line("peer", 1.0, 25.0, FASTER)) == "25.0x faster"
    assert figure(Line("peer", 1.0, 2.0, TIMES)) == "2.00x"
    assert figure(Line("peer", 1.0, 4.0)) == "4.00x faster"
    assert figure(Line("peer", 1.0, 0.25)) == "4.00x"
    assert figure(Line(ALONE, None, 25.0, ALONE_BELOW)) == ""
    assert [bound(budget.must, budget, "ns") for budget in (FASTER, TIMES, ALONE_BELOW)] == [
        "25x faster",
        "2x",
        "1,000 ns",
    ]


def test_table() -> None:
    """A row is named once, each peer has a line, and a note does not widen a column."""
    row = Row("add", "call add", _never, {"wasmtime-py": FASTER})
    lines = cells(row, Measured(479.0, {"wasmtime-py": 18_400.0, "wasmer": None}, note="a note " * 20))
    head, rule, first, second, note = table(lines).splitlines()
    assert head.split() == ["measured", "ours", "peer", "peer's", "ratio", "must", "aim"]
    assert set(rule) == {"-"}
    assert " ".join(first.split()) == "call add 479 ns wasmtime-py 18.4 µs 38.4x faster 25x faster 40x faster pass"
    assert second.split() == ["wasmer", "not", "available"]
    assert note.strip() == ("a note " * 20).strip()
    assert len(first) <= len(rule)


def test_json() -> None:
    """All numbers of a row survive JSON."""
    row = Row("add", "call add", _never, {"wasmtime-py": FASTER})
    found = json.loads(json.dumps(as_json(row, Measured(10.0, {"wasmtime-py": 400.0, "wasmer": None}))))
    assert found["name"] == "add"
    assert found["ours"] == 10.0
    first, second = found["comparisons"]
    assert (first["value"], first["figure"], first["must"], first["verdict"]) == (400.0, 40.0, 25, "aim")
    assert (second["peer"], second["value"], second["figure"]) == ("wasmer", None, None)
