"""Takes times: rounds in which every contender has its turn, so that a drift of the machine hits all."""

import statistics
import timeit
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contender:
    """Something whose time is taken.

    Attributes:
        measure: does that many operations and returns the nanoseconds they took.
        units: what one operation does several of, such as elements copied; the result is for one of them.
    """

    name: str
    measure: Callable[[int], float]
    units: int = 1


def statement(name: str, code: str, names: Mapping[str, object], units: int = 1) -> Contender:
    """A contender that runs a Python statement, as `timeit` does: inlined in a loop, whose cost is included."""
    timer = timeit.Timer(code, globals=dict(names))
    return Contender(name, lambda count: timer.timeit(count) * 1e9, units)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure.

    Attributes:
        rounds: how often each contender has its turn.
        seconds: about how long a turn takes.
        repetitions: how many operations the rows about memory do.
    """

    rounds: int
    seconds: float
    repetitions: int

    def compare(self, contenders: Sequence[Contender]) -> dict[str, float]:
        """The nanoseconds of one unit of each contender: the median over all rounds."""
        counts = [enough(contender.measure, self.seconds) for contender in contenders]
        times: dict[str, list[float]] = {contender.name: [] for contender in contenders}
        for round_ in range(self.rounds):
            for index in turns(len(contenders), round_):
                contender, count = contenders[index], counts[index]
                times[contender.name].append(contender.measure(count) / count / contender.units)
        return {name: statistics.median(taken) for name, taken in times.items()}


def turns(number: int, round_: int) -> list[int]:
    """The order of a round: every second one is the one before backwards, then another contender starts."""
    order = [(index + round_ // 2) % number for index in range(number)]
    return order[::-1] if round_ % 2 else order


def enough(measure: Callable[[int], float], seconds: float) -> int:
    """How many operations take about that long. Finding out warms the contender up."""
    count = 1
    while True:
        taken = measure(count)
        if taken >= seconds * 0.2e9:
            return max(1, round(count * seconds * 1e9 / taken))
        count *= 2 if taken * 10 > seconds * 1e9 else 5
