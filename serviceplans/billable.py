"""Which minutes of a visit a payer pays for, and why not the rest, in words: sentences without a database."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models.program import Component
from clients.models import Visit, VisitParticipant
from serviceplans.units import UnitRule

OTHERS = (Visit.With.COLLATERAL, Visit.With.PROVIDER)
WRITTEN = (Visit.Mode.MESSAGE, Visit.Mode.LETTER)
WITHOUT_MINUTES = (UnitRule.ENCOUNTER, UnitRule.MONTHLY)


@dataclass(frozen=True)
class Kind:
    """A kind of work, and which part of targeted case management it is."""

    pk: int
    name: str
    component: str


@dataclass
class Facts:
    """A visit as it counts for a payer, the newest correction applied."""

    on: date
    outcome: str
    mode: str
    held_with: str
    minutes: int
    kind: Kind | None
    pk: int | None = None
    enrollment: int | None = None
    started_at: datetime | None = None
    other_work: list = field(default_factory=list)  # (kind, minutes)
    is_signed: bool = False
    is_waiting: bool = False  # for the second signature
    is_void: bool = False
    staff: int | None = None  # who led it
    joined: list = field(default_factory=list)  # (colleague, role, minutes)
    together: object = None
    most_staff: int = 1

    def parts(self):
        """The minutes by kind of work: the main kind has what the others leave."""
        left, found = self.minutes, []
        for kind, minutes in self.other_work:
            found.append((kind, min(minutes, left)))
            left -= found[-1][1]
        return [(self.kind, left), *found]


@dataclass(frozen=True)
class Judged:
    """The minutes that are paid, and why others are not; nothing at all is paid where `minutes` is None."""

    minutes: int | None
    why: list


def judge(facts, source, covered, *, before_signing=False):
    """What a funding source pays of a visit; `covered` are the keys of the kinds in its list, empty: no list."""
    why = _not_ready(facts) if not before_signing else []
    why = why or _not_reached(facts) or _void(facts)
    if why:
        return Judged(None, why)
    paid, unpaid = 0, []
    parts = facts.parts()
    for kind, minutes in parts:
        refusal = why_not_kind(kind, source, covered)
        if refusal is None:
            paid += minutes
        elif minutes or kind == facts.kind:
            unpaid.append((refusal, minutes))
    every = len(unpaid) == len(parts) or not (paid or source.unit_rule in WITHOUT_MINUTES)
    if unpaid and every:
        return Judged(None, list(dict.fromkeys(refusal for refusal, _minutes in unpaid)))
    why = _how(facts, source)
    if why:
        return Judged(None, why)
    if not paid and source.unit_rule not in WITHOUT_MINUTES:
        return Judged(None, [_("no minutes are noted")])
    return Judged(
        paid,
        [_("%(n)s min: %(why)s") % {"n": minutes, "why": refusal} for refusal, minutes in unpaid if minutes],
    )


def _not_ready(facts):
    if not facts.is_signed:
        return [_("the note is not signed")]
    return [_("it waits for the second signature")] if facts.is_waiting else []


def _not_reached(facts):
    words = {
        Visit.Outcome.NOT_REACHED: _("nobody was reached"),
        Visit.Outcome.NO_SHOW: _("they did not come"),
        Visit.Outcome.CANCELLED: _("it was cancelled"),
    }
    return [words[facts.outcome]] if facts.outcome in words else []


def _void(facts):
    return [_("it was put right: nothing of it is billed")] if facts.is_void else []


def why_not_kind(kind, source, covered):
    """Why a kind of work is not paid; None: it is."""
    if kind is None:
        wants_kind = source.components_only or covered
        return _("the kind of work is missing") if wants_kind else None
    if source.components_only and kind.component == Component.NONE:
        return _("%(kind)s is not a TCM component") % {"kind": low(kind.name)}
    if covered and kind.pk not in covered:
        return _("%(kind)s is not in the list of this payer") % {"kind": low(kind.name)}
    return None


def _how(facts, source):
    if facts.mode in WRITTEN and not source.pays_for_messages:
        return [_("messages and letters do not count")]
    if facts.held_with in OTHERS and not source.pays_for_collateral:
        return [_("talks with others about the person do not count")]
    return []


def stints(facts, minutes):
    """(colleague, minutes) of who bills a visit: its lead, and as many who did it with them as the program allows.

    The time of the others is team or mentoring time (PR-17, REQ-21).
    """
    billing = [(facts.staff, minutes)]
    for staff, role, theirs in facts.joined:
        if role == VisitParticipant.Role.CO_LEAD and len(billing) < facts.most_staff:
            billing.append((staff, min(theirs, minutes)))
    return billing


def low(words):
    """Words inside a sentence; names such as ACT stay."""
    text = str(words)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def documented(participants, zone):
    """(colleague, day): minutes of visits that were written down; the lead's with the way and the note."""
    found = {}
    for row in participants:
        visit = row.visit
        key = row.staff_id, timezone.localtime(visit.started_at, zone).date()
        is_lead = row.role == VisitParticipant.Role.LEAD
        minutes = (
            visit.direct_minutes + visit.travel_minutes + visit.documentation_minutes
            if is_lead
            else row.minutes
        )
        found[key] = found.get(key, 0) + minutes
    return found
