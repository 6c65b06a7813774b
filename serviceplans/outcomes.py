"""What came of the goals: shares and mean changes, with n. Plain arithmetic, no database (REQ-122)."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Results:
    """How many ended goals turned out how."""

    met: int = 0
    partly: int = 0
    not_met: int = 0
    dropped: int = 0

    @property
    def n(self):
        """Goals that were pursued to the end; what the person no longer wanted is told apart."""
        return self.met + self.partly + self.not_met

    @property
    def share_met(self):
        """Met of all pursued, 0 to 1; None when there are none."""
        return self.met / self.n if self.n else None


@dataclass(frozen=True)
class Change:
    """How a measure changed on average, over n people."""

    measure: str
    unit: str
    n: int
    baseline: Decimal
    last: Decimal

    @property
    def mean(self):
        return self.last - self.baseline


def results(outcomes):
    """`Results` from one result per goal, such as ["met", "met", "partly"]; unknown words are refused."""
    return Results(**Counter(outcomes))


def mean_changes(observations):
    """`Change`s per measure and unit, by name, from (person, measure, unit, baseline, value) in the order of time.

    A person counts once per measure: from the first baseline to the last value, also across plans. Measures that
    differ only in case or spaces are one.
    """
    first, last, names = {}, {}, {}
    for person, measure, unit, baseline, value in observations:
        if baseline is None or value is None:
            continue
        key = (_folded(measure), _folded(unit))
        names.setdefault(key, (measure.strip(), unit.strip()))
        first.setdefault((key, person), baseline)
        last[key, person] = value
    pairs = defaultdict(list)
    for (key, person), value in last.items():
        pairs[key].append((first[key, person], value))
    return [
        Change(*names[key], len(found), _mean(b for b, _v in found), _mean(v for _b, v in found))
        for key, found in sorted(pairs.items())
    ]


def _folded(text):
    return " ".join(text.split()).casefold()


def _mean(values):
    values = [Decimal(v) for v in values]
    return sum(values, Decimal(0)) / len(values)
