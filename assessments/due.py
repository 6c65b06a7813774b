"""When each person is to be assessed next, and what else is to be asked (PR-29, PR-32, REQ-117)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max

from assessments.models import Administration, Instrument, ProgramInstrument, Response
from clients.models import KeyEvent

# What changes a life so much that needs are looked at again soon (PR-32).
SIGNIFICANT = (
    KeyEvent.Kind.HOSPITAL_MH,
    KeyEvent.Kind.HOSPITAL,
    KeyEvent.Kind.CRISIS,
    KeyEvent.Kind.ARREST,
    KeyEvent.Kind.JAIL,
    KeyEvent.Kind.HOMELESS,
    KeyEvent.Kind.MOVE,
    KeyEvent.Kind.VIOLENCE,
)


def assessment_due(enrollments, at=None):
    """The day of the next assessment of each enrollment (fetched with its program), by its key. Two queries.

    The first is due some days after enrolling (or coming from another system), later ones after the last that was
    signed, as the program says; sooner when something significant happened since.
    """
    signed = Administration.objects.filter(enrollment__in=[e.pk for e in enrollments]).signed()
    if at is not None:
        signed = signed.filter(held_on__lte=at)
    last = dict(signed.order_by().values_list("enrollment").annotate(on=Max("held_on")))
    shaken = significant_events(enrollments, at)
    due = {}
    for e in enrollments:
        if e.pk not in last:
            due[e.pk] = e.counted_from + timedelta(days=e.program.assess_within_days)
            continue
        due[e.pk] = last[e.pk] + timedelta(days=e.program.reassess_every_days)
        event = shaken.get(e.client_id)
        if event is not None and event > last[e.pk]:
            due[e.pk] = min(due[e.pk], event + timedelta(days=e.program.reassess_after_event_days))
    return due


def significant_events(enrollments, at=None):
    """The day of the last event of each person that calls for a new assessment, by the person's key. One query."""
    events = KeyEvent.objects.filter(client__in={e.client_id for e in enrollments}, kind__in=SIGNIFICANT)
    if at is not None:
        events = events.filter(started_on__lte=at)
    return dict(events.order_by().values_list("client").annotate(on=Max("started_on")))


@dataclass(frozen=True)
class ToAsk:
    """A questionnaire that somebody is to be asked by one day."""

    instrument: Instrument
    due_on: date


def questionnaires_due(enrollments, at=None):
    """What each open enrollment (fetched with its program) is to be asked, the earliest first, by its key. Two queries.

    The first time some days after enrolling, then some days after it was last answered, as the program's list says.
    """
    uses = {}
    programs = {e.program_id for e in enrollments}
    offered = Instrument.objects.filter(uses__program__in=programs).offered(at)
    rows = ProgramInstrument.objects.filter(program__in=programs, instrument__in=offered).offered(at)
    for use in rows.select_related("instrument"):
        uses.setdefault(use.program_id, []).append(use)
    answered = Response.objects.filter(enrollment__in=[e.pk for e in enrollments]).complete()
    rows = answered.order_by().values_list("enrollment", "instrument_version__instrument")
    last = {(enrollment, kind): on for enrollment, kind, on in rows.annotate(on=Max("held_on"))}
    due = {}
    for e in enrollments:
        asks = []
        for use in uses.get(e.program_id, ()):
            before = last.get((e.pk, use.instrument_id))
            begin, days = (e.counted_from, use.within_days) if before is None else (before, use.every_days)
            if days is not None:
                asks.append(ToAsk(use.instrument, begin + timedelta(days=days)))
        due[e.pk] = sorted(asks, key=lambda ask: ask.due_on)
    return due
