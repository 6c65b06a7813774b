"""Writing a visit down: one function in one transaction, for the page, for what a phone sends later, for imports."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.workspace.log.moments import day_of, minutes_between, share_out, shares
from casemgmt.workspace.log.parts import COLUMNS
from clients.models import PlannedVisit, Visit, VisitActivity, VisitParticipant, VisitValue
from clients.pipeline import Stage
from mentoring.models import MentoringActivity
from serviceplans.models import GoalProgress

TEXTS = (*COLUMNS, "own_note", "attendees", "decisions")
LONGEST = 60_000  # characters in one text; some thirty pages
SLACK = timedelta(minutes=5)  # clocks of phones differ
# Of a visit of several people, what the records of the others say as well; names and decisions are typed into each.
SHARED = (
    "started_at",
    "mode",
    "place",
    "held_with",
    "outcome",
    "not_reached_why",
    "service_type",
    "materials",
    "next_on",
    *COLUMNS,
)
SPLIT = ("travel_minutes", "documentation_minutes", "distance_m")


class Mistaken(Refused):
    """What was said cannot be so; `beside` gives the sentence for each field that it is about."""

    def __init__(self, beside):
        self.beside = {name: str(sentence) for name, sentence in beside.items()}
        super().__init__(*self.beside.values())


@dataclass
class Other:
    """Somebody else whom the visit was with: what is about them alone, and their share of the minutes (None: even)."""

    enrollment: object
    own_note: str = ""
    minutes: int | None = None


@dataclass
class VisitDraft:
    """What somebody says about a visit: its fields, how goals moved, who came along, who else it was with."""

    fields: dict
    progress: list = field(default_factory=list)  # of {"goal", "step", "objective", "value"}
    answers: list = field(default_factory=list)  # to own questions: (question, number or None, words)
    partner: object = None
    lead_role_of_partner: str = ""
    partner_minutes: int | None = None  # None: all of the direct ones
    activities: list = field(default_factory=list)  # of (kind of work, minutes)
    others: list = field(default_factory=list)  # of Other
    own_minutes: int | None = None  # the first one's share, where there are others; None: even
    tell_others: bool = False  # the shared text also goes into the others' drafts
    planned: object = None
    key: uuid.UUID | None = None


@transaction.atomic
def log_visit(enrollment, *, by, draft, visit=None, sign=False):
    """Write a visit with its people, the progress on goals and the mentoring minutes; sign it when asked.

    `visit` is a draft to be changed. What was sent under the same key before is given back as it stands. A first kept
    visit on a signed plan starts the monitoring, and a visit agreed upon for that day is fulfilled. Raises Mistaken
    for what cannot be so, Refused for somebody else's draft or a note too thin to sign.
    """
    # One after the other for each colleague, so that two phones cannot fill the same hour. The weaker lock lets
    # through whatever else only points at the colleague.
    StaffMember.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    if visit is None and draft.key is not None:
        sent = Visit.objects.filter(agency=by.agency_id, uid=draft.key).first()
        if sent is not None and sent.enrollment_id == enrollment.pk:
            return sent
        if sent is not None:
            raise Refused(_("This was sent for somebody else already."))
    rows = _rows(enrollment, by, draft, visit)
    _must_be_so(rows, by, draft, sign)
    first = rows[0]
    is_new = first.pk is None
    for row in rows:
        row.save()
    partner_parts = share_out(_partner_minutes(draft, rows), [row.direct_minutes for row in rows])
    for n, row in enumerate(rows):
        _take_part(row, by, draft, partner_parts[n])
        _record_activities(row, [(kind, share_out(m, _weights(rows))[n]) for kind, m in draft.activities])
    GoalProgress.record(first, draft.progress, by=by)
    _answer(first, draft.answers, is_new)
    _mentor(first, by)
    for row in rows:
        _begin_monitoring(row, by)
    if is_new:
        _fulfil(first, by, draft.planned)
    elif draft.tell_others:
        _tell_others(first, by)
    for row in rows:
        if sign:
            row.sign(by=by)
    return first


def _rows(enrollment, by, draft, visit):
    """The visit, and one for each of the others, with all that was said and their shares; unsaved."""
    if visit is None:
        visit = Visit(enrollment=enrollment, uid=draft.key)
    else:
        visit.require_draft()
        if not visit.participants.filter(staff=by, role=VisitParticipant.Role.LEAD).exists():
            raise Refused(worded(_("Only who led the {visit} changes its draft.")))
    for name, value in draft.fields.items():
        setattr(visit, name, value)
    if not draft.others:
        return [visit]
    parts = shares(visit.direct_minutes, [draft.own_minutes, *(other.minutes for other in draft.others)])
    if parts is None:
        raise Mistaken({"own_minutes": _("The minutes of each do not add up to the minutes of all.")})
    visit.together = uuid.uuid4()
    rows = [visit]
    for other in draft.others:
        uid = uuid.uuid5(draft.key, str(other.enrollment.pk)) if draft.key else None
        row = Visit(
            enrollment=other.enrollment, together=visit.together, own_note=other.own_note.strip(), uid=uid
        )
        for name in SHARED:
            setattr(row, name, getattr(visit, name))
        rows.append(row)
    for name in SPLIT:
        whole = getattr(visit, name)
        if whole is not None:
            for row, part in zip(rows, share_out(whole, [1] * len(rows)), strict=True):
                setattr(row, name, part)
    for row, part in zip(rows, parts, strict=True):
        row.direct_minutes = part
    return rows


def _weights(rows):
    """What other work is shared out by: each one's direct minutes."""
    return [row.direct_minutes for row in rows]


def _partner_minutes(draft, rows):
    return sum(_weights(rows)) if draft.partner_minutes is None else draft.partner_minutes


# --- What cannot be so ------------------------------------------------------------------------------------------------


def _must_be_so(rows, by, draft, sign):
    """Raises Mistaken with a sentence beside each field that is wrong."""
    first = rows[0]
    wrong = _wrong_day(first) | _wrong_texts(rows) | _wrong_parts(rows, draft)
    for row in rows[1:]:
        elsewhere = _wrong_day(row)
        if elsewhere:
            wrong[f"with_{row.enrollment_id}"] = next(iter(elsewhere.values()))
    if "day" not in wrong:
        wrong |= _wrong_among_others(rows, by)
    if sign:
        wrong |= _missing_to_sign(rows)
    if wrong:
        raise Mistaken(wrong)


def _wrong_day(visit):
    enrollment, now = visit.enrollment, timezone.now()
    day = timezone.localtime(visit.started_at).date()
    if visit.started_at > now:
        return {"day": worded(_("A {visit} is written down once it has begun, not before."))}
    if day < enrollment.enrolled_on:
        said = _("This {enrollment} began only on %(day)s.")
        return {"day": worded(said % {"day": date_format(enrollment.enrolled_on, "j M Y")})}
    if enrollment.ended_on and day > enrollment.ended_on:
        return {"day": worded(_("This {enrollment} had ended by then."))}
    return {}


def _wrong_texts(rows):
    wrong = {}
    for row in rows:
        for name in TEXTS:
            length = len(getattr(row, name))
            if length > LONGEST:
                place = f"with_note_{row.enrollment_id}" if row is not rows[0] else name
                wrong[place] = _(
                    "This is %(length)d characters long; %(most)d fit. All of it is still here: shorten it."
                ) % {"length": length, "most": LONGEST}
    return wrong


def _wrong_parts(rows, draft):
    wrong, whole = {}, sum(_weights(rows))
    if sum(minutes for _kind, minutes in draft.activities) > whole:
        wrong["other_minutes_1"] = _("Other work took longer than the whole.")
    if draft.partner is not None and (draft.partner_minutes or 0) > whole:
        wrong["partner_minutes"] = _("That is longer than the whole.")
    return wrong


def _wrong_among_others(rows, by):
    """More than a day has, or at two places at once. One query, about this colleague's other visits around that day."""
    first, whole = rows[0], sum(_weights(rows))
    start, end = day_of(first.started_at)
    ends_at = first.started_at + timedelta(minutes=whole)
    if ends_at > timezone.now() + SLACK:
        return {"direct_minutes": _("It cannot have ended yet: look at the time and the minutes.")}
    worked, held = 0, {}
    for other in _led_around(first, by, start, ends_at):
        if start <= other["visit__started_at"] < end:
            worked += other["worked"]
        key = other["visit__together"] or other["visit"]
        since, minutes = held.get(key, (other["visit__started_at"], 0))
        held[key] = (min(since, other["visit__started_at"]), minutes + other["minutes"])
    worked += sum(row.direct_minutes + row.travel_minutes + row.documentation_minutes for row in rows)
    wrong = {}
    if worked > minutes_between(start, end):
        wrong["direct_minutes"] = _(
            "With this you would have worked %(hours)d hours and %(minutes)d minutes that day."
        ) % {"hours": worked // 60, "minutes": worked % 60}
    for since, minutes in held.values():
        until = since + timedelta(minutes=minutes)
        if whole and minutes and since < ends_at and first.started_at < until:
            wrong["time"] = worded(_("You have another {visit} from %(start)s to %(end)s.")) % {
                "start": time_format(timezone.localtime(since)),
                "end": time_format(timezone.localtime(until)),
            }
            break
    return wrong


def _led_around(visit, by, start, end):
    """This colleague's part in other visits that may touch the day or the time of this one."""
    rows = VisitParticipant.objects.filter(
        agency=by.agency_id,
        staff=by,
        visit__source="",
        visit__started_at__gte=min(start, visit.started_at - timedelta(days=1)),
        visit__started_at__lt=max(start + timedelta(hours=25), end),
    )
    if visit.pk:
        rows = rows.exclude(visit=visit.pk)
    names = ("started_at", "together", "direct_minutes", "travel_minutes", "documentation_minutes")
    for row in rows.values("visit", "role", "minutes", *(f"visit__{name}" for name in names)):
        is_own = row["role"] == VisitParticipant.Role.LEAD
        if is_own:
            row["minutes"] = row["visit__direct_minutes"]
            row["worked"] = sum(row[f"visit__{name}"] for name in names[2:])
        else:
            row["worked"] = row["minutes"]
        if visit.together and row["visit__together"] == visit.together:
            row["minutes"] = 0
        yield row


def _missing_to_sign(rows):
    first = rows[0]
    if first.outcome != Visit.Outcome.KEPT:
        return {}
    wrong = {}
    if not first.note.strip() and not all(row.own_note.strip() for row in rows):
        wrong["note"] = _("Write a few words before signing: what happened, and what comes next.")
    if first.mode == Visit.Mode.IN_PERSON and not first.place:
        wrong["place"] = _("Say where it was.")
    client = first.enrollment.client
    with_them = first.held_with in (Visit.With.CLIENT, Visit.With.BOTH)
    if client.needs_interpreter and with_them and not first.interpreter:
        wrong["interpreter"] = _("Say who interpreted.")
    if client.needs_interpreter and first.interpreter == Visit.Interpreter.NONE and not first.interpreter_why:
        wrong["interpreter_why"] = _("An interpreter is needed: say why there was none.")
    return wrong


# --- What goes with it ------------------------------------------------------------------------------------------------


def _take_part(visit, by, draft, partner_minutes):
    people = {p.staff_id: p for p in visit.participants.all()}
    lead = people.pop(by.pk, None) or VisitParticipant(visit=visit, staff=by)
    _set(lead, role=VisitParticipant.Role.LEAD, minutes=visit.direct_minutes)
    if draft.partner is not None:
        partner = people.pop(draft.partner.pk, None) or VisitParticipant(visit=visit, staff=draft.partner)
        _set(partner, role=draft.lead_role_of_partner, minutes=partner_minutes)
    for gone in people.values():
        gone.delete()


def _record_activities(visit, said):
    wanted = {kind.pk: (kind, minutes) for kind, minutes in said if minutes}
    for old in visit.activities.all():
        kind, minutes = wanted.pop(old.service_type_id, (None, 0))
        if kind is None:
            old.delete()
        else:
            _set(old, minutes=minutes)
    for kind, minutes in wanted.values():
        VisitActivity.objects.create(visit=visit, service_type=kind, minutes=minutes)


def _answer(visit, answers, is_new):
    """What was said to the agency's own questions, about the first person alone; one that was emptied goes."""
    before = {} if is_new or not answers else {row.indicator_id: row for row in visit.values.all()}
    for indicator, number, words in answers:
        row = before.get(indicator.pk)
        if number is not None or words:
            _set(row or VisitValue(visit=visit, indicator=indicator), number=number, words=words)
        elif row is not None:
            row.delete()


def _set(row, **fields):
    changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
    if changed or row.pk is None:
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()


def _mentor(visit, by):
    """Two colleagues at a visit of several people went along once: the first record stands for all of it."""
    if visit.together is None:
        MentoringActivity.from_joint_visit(visit, by=by)
        return
    rows = list(Visit.objects.filter(agency=visit.agency_id, together=visit.together).order_by("pk"))
    minutes = sum(row.direct_minutes for row in rows)
    MentoringActivity.from_joint_visit(rows[0], by=by, minutes=minutes)


def _begin_monitoring(visit, by):
    enrollment = visit.enrollment
    begun = visit.outcome == Visit.Outcome.KEPT and enrollment.stage == Stage.PLANNED
    if begun and enrollment.worker() is not None:
        enrollment.move_to(Stage.ACTIVE, by=by)


def _fulfil(visit, by, planned):
    """What was agreed upon for that day came to this; where several were, only the one that was named."""
    ahead = PlannedVisit.objects.filter(agency=visit.agency_id, enrollment=visit.enrollment_id).ahead()
    if planned is not None:
        found = ahead.filter(pk=planned.pk).first()
    else:
        that_day = list(ahead.filter(staff=by).between(*day_of(visit.started_at))[:2])
        found = that_day[0] if len(that_day) == 1 else None
        # A call in vain in the morning is not the visit of the afternoon.
        if found and visit.outcome == Visit.Outcome.NOT_REACHED and found.mode != visit.mode:
            found = None
    if found is not None:
        found.visit = visit
        found.save()


def _tell_others(visit, by):
    """The shared text, as it is now, in the other records of this visit that this colleague has not signed yet."""
    led = VisitParticipant.objects.filter(staff=by, role=VisitParticipant.Role.LEAD)
    # Not into the record of somebody whom a colleague serves by now.
    rows = Visit.objects.visible_to(by).of_care(by)
    rows = rows.filter(together=visit.together, pk__in=led.values("visit"))
    for row in rows.drafts().exclude(pk=visit.pk).select_for_update(of=("self",)):
        _set(row, **{name: getattr(visit, name) for name in COLUMNS})
