"""A crisis begins and ends: what it writes on every floor, in one transaction (REQ-91)."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Notice, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models import Alert, Crisis, Enrollment, KeyEvent, SafetyPlan
from mentoring.models import Pairing
from serviceplans.models import Goal

KIND = "crisis"  # of the notices


@transaction.atomic
def begin_crisis(enrollment, *, by, note="", pause=()):
    """Mark a crisis: an event, a line in the banner, goals that rest, and a word to whoever stands behind the worker.

    Returns (crisis, True), or (the one that somebody else has marked, False). Raises Refused after the end of service
    and for a goal of somebody else.
    """
    # The second of two phones waits here and then finds the first one's.
    locked = Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
    going_on = Crisis.objects.filter(enrollment=locked).now().select_related("by").first()
    if going_on is not None:
        return going_on, False
    if not locked.is_open:
        raise Refused(_("Service has ended."))
    today = timezone.localdate()
    event = KeyEvent.objects.create(
        client=locked.client, enrollment=locked, kind=KeyEvent.Kind.CRISIS, started_on=today
    )
    crisis = Crisis.objects.create(
        enrollment=locked, note=note.strip(), by=by, event=event, alert=_alert(locked, today)
    )
    rest_goals(crisis, pause, by=by)
    _tell(crisis, locked, by)
    return crisis, True


@transaction.atomic
def rest_goals(crisis, goals, *, by):
    """Let these goals rest while the crisis goes on. Raises Refused for a goal of somebody else."""
    today = timezone.localdate()
    since = date_format(timezone.localtime(crisis.started_at).date(), "j M Y")
    # As they stand now: what a colleague writes of a goal at this moment is not lost.
    for goal in Goal.objects.select_for_update(of=("self",)).filter(pk__in=[g.pk for g in goals]):
        if goal.plan.enrollment_id != crisis.enrollment_id:
            raise Refused(worded(_("A goal does not belong to this {enrollment}’s {plan}.")))
        if goal.ended_on is not None:
            continue
        goal.pause(why=_("Crisis since %(day)s") % {"day": since}, by=by, on=today)


def may_undo(crisis, staff):
    """Who marked it by mistake takes it back, as long as nobody can have built upon it."""
    ago = timezone.now() - crisis.started_at
    return crisis.by_id == staff.pk and ago <= timedelta(minutes=settings.CRISIS_UNDO_MINUTES)


@transaction.atomic
def undo_crisis(crisis, *, by):
    """It was none: the event goes, the line in the banner goes, goals are worked on, and who was told is told so.

    Raises Refused after a while, and for everybody but who marked it: then it is ended like any other.
    """
    locked = Crisis.objects.select_for_update(of=("self",)).get(pk=crisis.pk)
    if locked.ended_at is not None:
        raise Refused(_("Somebody has said already that it is over."))
    if not may_undo(locked, by):
        raise Refused(_("It is too late to take it back: say that it is over, and how it ended."))
    event, locked.event = locked.event, None
    locked.ended_at, locked.ended_by, locked.outcome = timezone.now(), by, _("Marked by mistake.")
    locked.save()
    if event is not None:
        try:
            event.delete()
        except ProtectedError:  # somebody wrote about it meanwhile
            event.ended_on = timezone.localdate()
            event.save()
    if locked.alert is not None:
        locked.alert.ended_on = timezone.localdate()
        locked.alert.save()
    for goal in Goal.objects.filter(plan__enrollment=locked.enrollment_id).resting():
        if goal.paused_on >= timezone.localtime(locked.started_at).date():
            goal.resume(by=by)
    for notice in Notice.objects.filter(agency_id=locked.agency_id, kind=KIND, subject=str(locked.pk)):
        notice.text, notice.read_at = str(_("The crisis was marked by mistake.")), None
        notice.save()
    return locked


def _alert(enrollment, today):
    """The line in the banner; none for a sealed program, because everybody reads it (PR-40)."""
    if enrollment.program.is_part_2:
        return None
    return Alert.objects.create(
        client=enrollment.client,
        kind=Alert.Kind.HEALTH,
        text=_("In crisis since %(day)s") % {"day": date_format(today, "j M Y")},
        review_on=today + timedelta(days=settings.CONCERN_REVIEW_DAYS),
    )


def _tell(crisis, enrollment, by):
    """A line to the worker, when somebody else marked it, to their supervisors, and to whoever mentors them."""
    worker = enrollment.worker() or by
    supervisors = StaffMember.objects.answerable_for(
        enrollment.agency_id, {worker.pk, by.pk}, lambda staff: _record(enrollment, staff)
    )
    for person in {worker, *supervisors} - {by}:
        _notice(crisis, person, worded(_("A {client} is in crisis.")), _record(enrollment, person))
    pairs = Pairing.objects.running().filter(mentee__in={worker.pk, by.pk})
    for pair in pairs.exclude(mentor=by).select_related("mentor"):
        url = _record(enrollment, pair.mentor) or reverse("mentoring:pairing-detail", kwargs={"pk": pair.pk})
        words = worded(_("Your {mentee} is with somebody in crisis: be within reach, and offer to talk."))
        _notice(crisis, pair.mentor, words, url)


def _record(enrollment, staff):
    """The address of the record for whoever may open it, else nothing."""
    if not Enrollment.objects.visible_to(staff).filter(pk=enrollment.pk).exists():
        return ""
    url = reverse("workspace:client", kwargs={"pk": enrollment.client_id})
    return f"{url}?enrollment={enrollment.pk}"


def _notice(crisis, staff, text, url):
    Notice.objects.get_or_create(
        agency_id=crisis.agency_id,
        staff=staff,
        kind=KIND,
        subject=str(crisis.pk),
        defaults={"text": str(text), "url": url},
    )


@transaction.atomic
def end_crisis(crisis, *, by, outcome, resume=()):
    """Say that it is over and how it ended: the line in the banner goes, and these goals are worked on again.

    The safety plan is to be looked at now (PR-47). Raises Refused when somebody has said so already, or without words.
    """
    locked = Crisis.objects.select_for_update(of=("self",)).get(pk=crisis.pk)
    if locked.ended_at is not None:
        raise Refused(_("Somebody has said already that it is over."))
    if not outcome.strip():
        raise Refused(_("Say how it ended."))
    today = timezone.localdate()
    locked.ended_at, locked.ended_by, locked.outcome = timezone.now(), by, outcome.strip()
    locked.save()
    for row in (locked.event, locked.alert):
        if row is not None and row.ended_on is None:
            row.ended_on = today
            row.save()
    enrollment = locked.enrollment
    for goal in Goal.objects.filter(pk__in=[g.pk for g in resume], plan__enrollment=enrollment).resting():
        goal.resume(by=by)
    for plan in SafetyPlan.objects.filter(client=enrollment.client_id).current():
        if plan.review_on is None or plan.review_on > today:
            plan.review_on = today
            plan.save()
    return locked
