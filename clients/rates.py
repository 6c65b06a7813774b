"""Hospital, arrests and the like in the 12 months before somebody was enrolled and since: plain arithmetic (REQ-44).

A stay that spans the day of enrolment is split there; one without an end goes on and counts up to today.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from clients.models import KeyEvent

YEAR = timedelta(days=365)
SHORTEST = 30  # days; of less nobody makes a rate for a year

K = KeyEvent.Kind
# name, words, kinds, and whether it lasts
HEADINGS = [
    ("hospital", _("Hospital stays"), (K.HOSPITAL_MH, K.HOSPITAL), True),
    ("emergency", _("Emergency room, not admitted"), (K.EMERGENCY,), False),
    ("arrest", _("Arrests"), (K.ARREST,), False),
    ("jail", _("Jail or prison"), (K.JAIL,), True),
    ("homeless", _("Without a home"), (K.HOMELESS,), True),
]


@dataclass(frozen=True)
class Span:
    """How often within a span of time, on how many days, and how many days the span has."""

    count: int
    days: int
    exposure: int

    def a_year(self, number):
        """As a number for 12 months; None where the span is too short to say."""
        return round(number * YEAR.days / self.exposure, 1) if self.exposure >= SHORTEST else None


def before_and_since(stays, begun, today):
    """Two spans for stays (from, until or None) of one heading: the year before that day, and up to a year since."""
    until = min(begun + YEAR, today)
    return _within(stays, begun - YEAR, begun, today), _within(stays, begun, until, today, last=True)


def _within(stays, start, end, today, *, last=False):
    """What begins from one day up to another, and the days of what lies between them; the last day counts today."""
    count = sum(start <= first < end or (last and first == end) for first, _until in stays)
    taken = set()
    for first, until in stays:
        over = today if until is None else until
        # A stay of a single day is a day.
        days = max((over - first).days, 1)
        begin = max((start - first).days, 0)
        stop = min(days, (end - first).days)
        taken.update(first + timedelta(days=n) for n in range(begin, stop))
    return Span(count, len(taken), max((end - start).days, 0))


def stays_of(events, kinds):
    """(from, until) of these kinds, of (kind, from, until)."""
    return [(first, until) for kind, first, until in events if kind in kinds]
