"""What people do across floors: each verb is one function in one transaction, for pages, sync and imports alike."""

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import Need
from casemgmt.agencies.models import PickItem
from casemgmt.agencies.models.program import PickList
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models import Discharge, Enrollment, Lifeline, Milestone, Visit
from clients.pipeline import Stage
from serviceplans.models import Goal


def _set(row, **fields):
    changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
    if changed or row.pk is None:
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()


def discharge_summary(enrollment):
    """The summary as the record tells it, for the worker to mend (PR-66): dates, contacts, goals, needs."""
    kept = Visit.objects.filter(enrollment=enrollment).kept()
    count = kept.count()
    minutes = kept.aggregate(total=Sum("direct_minutes"))["total"] or 0
    lines = [
        _("Enrolled in %(program)s on %(day)s.")
        % {"program": enrollment.program, "day": date_format(enrollment.enrolled_on, "j F Y")},
        ngettext("%(n)d contact, %(hours)s hours.", "%(n)d contacts, %(hours)s hours.", count)
        % {"n": count, "hours": round(minutes / 60, 1)},
    ]
    goals = Goal.objects.filter(plan__enrollment=enrollment, plan__ended_on=None).exclude(
        plan__signed_at=None
    )
    for goal in goals:
        result = goal.get_result_display() or _("still open")
        lines.append(_("Goal “%(goal)s”: %(result)s.") % {"goal": goal.title, "result": result})
    return "\n".join(lines)


def unmet_needs(enrollment):
    """The needs that remain, in words."""
    return ", ".join(str(need) for need in Need.objects.filter(enrollment=enrollment).open())


@transaction.atomic
def discharge(enrollment, *, by, fields, lifelines, row=None, sign=False):
    """Write the discharge with its lifelines, and sign it when asked: the enrollment ends and aftercare begins.

    `lifelines` are dicts of name, phone, purpose, confirmed_on; they replace what the draft held. Raises Refused with
    what is missing, or when the enrollment has ended.
    """
    Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
    row = row or Discharge.objects.filter(enrollment=enrollment).first() or Discharge(enrollment=enrollment)
    row.require_draft()
    if not enrollment.is_open:
        raise Refused(worded(_("This {enrollment} has ended already.")))
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    kept = list(row.lifelines.all())
    for old, said in zip(kept, lifelines, strict=False):
        _set(old, **said)
    for said in lifelines[len(kept) :]:
        Lifeline.objects.create(discharge=row, **said)
    for gone in kept[len(lifelines) :]:
        gone.delete()
    if sign:
        row.sign(by=by)
    return row


@transaction.atomic
def transfer(enrollment, *, by, program, reason, worker=None):
    """Go on in another program of ours, without a new intake: one period ends, the next begins that day (REQ-141).

    The record, its needs and its history stay where they are, and the new period points back. Raises Refused for a
    period that has ended, the same program, one that the person is in already, or without a reason.
    """
    Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
    problems = []
    if not enrollment.is_open:
        problems.append(worded(_("This {enrollment} has ended already.")))
    if program.pk == enrollment.program_id:
        problems.append(_("Choose another program."))
    elif Enrollment.objects.filter(client=enrollment.client_id, program=program).open().exists():
        problems.append(worded(_("This {client} already has an open {enrollment} in that program.")))
    if not reason.strip():
        problems.append(_("Say why they move."))
    if problems:
        raise Refused(*problems)
    today = timezone.localdate()
    words = _("Goes on in %(program)s.") % {"program": program}
    transferred = PickItem.objects.filter(agency=enrollment.agency_id, code="TRANSFERRED")
    row = Discharge.objects.filter(enrollment=enrollment).first() or Discharge(enrollment=enrollment)
    row.require_draft()
    row.discharged_on, row.disposition = today, transferred.of(PickList.DISPOSITION).first()
    row.reason, row.summary = reason, f"{words}\n{discharge_summary(enrollment)}"
    row.unmet_needs, row.no_lifeline_reason = unmet_needs(enrollment), words
    row.save()
    row.sign(by=by, follow_up=False)
    enrollment.move_to(Stage.CLOSED, by=by, on=today)
    following = Enrollment.objects.create(
        client=enrollment.client, program=program, household=enrollment.household, continues=enrollment
    )
    Milestone.lay_out(following)
    if worker is not None:
        following.assign(worker, by=by)
    return following
