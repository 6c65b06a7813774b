"""What is missing in an objective, or unlikely as it is written: said in plain words while somebody types. No database.

Only what would leave it unmeasurable or undated keeps a plan from being signed (REQ-119, 120); the rest is advice.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.agencies.words import worded

FAR = timedelta(days=366)  # an objective a year ahead and more is seldom one step
SHORT = 3  # fewer words than this say nothing that could be checked

# Words that sound like an aim and cannot be counted, in the languages that the product speaks: (pattern, sentence).
VAGUE = (
    (
        re.compile(
            r"\b(better|improve[sd]?|improving|more|less|fewer|increase[sd]?|decrease[sd]?|reduce[sd]?|stable|"
            r"appropriate(ly)?|successful(ly)?|enough|well)\b",
            re.IGNORECASE,
        ),
        gettext_lazy("“%(word)s” cannot be counted: how many, or how often?"),
    ),
)


@dataclass(frozen=True)
class Draft:
    """An objective as far as it has been written; None and "" are what nobody has said yet."""

    text: str = ""
    measure: str = ""
    unit: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None
    target_on: date | None = None
    maintains: bool = False  # holding what was reached is the aim (REQ-182)
    every_days: int | None = None  # how often it is measured
    responsible: tuple = ()  # who does each of its actions
    due: tuple = ()  # by when


@dataclass(frozen=True)
class Remark:
    """One thing to mend: the field it stands beside, the sentence, and whether the plan waits for it."""

    field: str
    text: str
    blocks: bool = False


@dataclass(frozen=True)
class Frame:
    """What the objective has to fit into: today, and the planned or real end of the period of service."""

    today: date
    starts_on: date | None = None
    ends_on: date | None = None
    least: Decimal = Decimal(0)

    def usual_day(self, days):
        """A day so far ahead, or the end where that comes before."""
        day = self.today + timedelta(days=days)
        return min(day, self.ends_on) if self.ends_on and self.ends_on > self.today else day


def check(draft, frame):
    """Every Remark about an objective, what blocks first, in the order of its fields."""
    found = [
        *_unmeasurable(draft),
        *_wording(draft),
        *_numbers(draft, frame),
        *_dates(draft, frame),
        *_steps(draft, frame),
    ]
    return sorted(found, key=lambda remark: not remark.blocks)


def _unmeasurable(draft):
    if not draft.text.strip():
        yield Remark("text", _("Say what will be different."), blocks=True)
    if not draft.measure.strip():
        yield Remark("measure", _("Say what is counted."), blocks=True)
    if draft.baseline is None:
        yield Remark("baseline", _("Say how it is now; 0 is an answer."), blocks=True)
    if draft.target is None:
        yield Remark("target", _("Say how it should be."), blocks=True)
    if draft.target_on is None:
        yield Remark("target_on", _("Say by which day."), blocks=True)
    if None not in (draft.baseline, draft.target) and draft.baseline == draft.target and not draft.maintains:
        yield Remark(
            "target",
            _("It is so already. If it is to stay so, choose “Keep”."),
            blocks=True,
        )


def _wording(draft):
    words = draft.text.split()
    if words and len(words) < SHORT:
        yield Remark("text", _("Say it in a whole sentence, so that somebody else could check it."))
    if draft.measure.strip() and not any(char.isdigit() for char in draft.text):
        for pattern, sentence in VAGUE:
            vague = pattern.search(draft.text)
            if vague and (draft.baseline is None or draft.target is None):
                yield Remark("text", sentence % {"word": vague[0]})


def _numbers(draft, frame):
    for name in ("baseline", "target"):
        value = getattr(draft, name)
        if value is not None and value < frame.least:
            yield Remark(name, _("Less than %(least)s cannot be.") % {"least": frame.least})
    if None in (draft.baseline, draft.target):
        return
    if draft.maintains and draft.baseline != draft.target:
        yield Remark("target", _("“Keep” holds what is there: the target differs from now."))
    most = _most(draft)
    if most is not None and max(draft.baseline, draft.target) > most:
        yield Remark("target", _("There are only %(most)s of them.") % {"most": most})


# What the words of a measure allow at most: days of a week, nights of a month.
PER = (
    (re.compile(r"\b(days?|nights?)\b.*\b(per|a|each) week\b", re.IGNORECASE), Decimal(7)),
    (re.compile(r"\b(days?|nights?)\b.*\b(per|a|each) month\b", re.IGNORECASE), Decimal(31)),
    (re.compile(r"\b(percent|per cent|%)", re.IGNORECASE), Decimal(100)),
)


def _most(draft):
    said = f"{draft.measure} {draft.unit}"
    return next((most for pattern, most in PER if pattern.search(said)), None)


def _dates(draft, frame):
    by = draft.target_on
    if by is None:
        return
    if by <= frame.today:
        yield Remark("target_on", _("This day is not ahead of us."))
    elif frame.starts_on is not None and by < frame.starts_on:
        yield Remark("target_on", worded(_("This is before the {plan} begins.")))
    elif frame.ends_on is not None and by > frame.ends_on:
        yield Remark("target_on", worded(_("This is after the {enrollment} ends.")))
    elif by - frame.today > FAR:
        yield Remark("target_on", _("More than a year ahead: is there a step on the way?"))
    if draft.every_days and by > frame.today and frame.today + timedelta(days=draft.every_days) > by:
        yield Remark("every_days", _("It would not be measured once before the day."))


def _steps(draft, frame):
    if not draft.responsible:
        yield Remark("actions", _("There is no next step."))
    elif not all(who.strip() for who in draft.responsible):
        yield Remark("actions", _("Nobody is named for one of the steps."))
    late = [
        day for day in draft.due if day is not None and draft.target_on is not None and day > draft.target_on
    ]
    if late:
        yield Remark("actions", _("A step comes after the day of the objective."))
