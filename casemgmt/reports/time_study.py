"""What each worker's minutes of a day went into, for a payer who wants the time behind the units (PR-14)."""

import csv
from collections import defaultdict
from io import StringIO

from django.db.models import Q, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.words import capital, worded
from casemgmt.core.cells import safe
from clients.models import Visit, VisitParticipant
from mentoring.models import MentoringActivity
from serviceplans.models import BillingLine, WorkedDay

WITH_THEM = (Visit.With.CLIENT, Visit.With.BOTH)
DIRECT, AROUND, TRAVEL, NOTES, LEARNING, WORKED, BILLED = range(7)


def time_study(staff, period):
    """{(worker's name, key, day): seven numbers}: minutes by kind, what was certified (None: nobody did), units billed.

    Of whoever this person leads, and of records that they may open. A joint visit counts once for who led it, as what
    it was, and for the other as learning; mentoring that was no visit counts for both.
    """
    people = StaffMember.objects.visible_to(staff)
    if not staff.sees_all():
        people = people.filter(Q(pk=staff.pk) | Q(pk__in=people.supervised_by(staff)))
    names = dict(people.values_list("pk", "name"))
    found = defaultdict(lambda: [0, 0, 0, 0, 0, None, 0])

    def row(worker, day):
        return found[names[worker], worker, day]

    took_part = (
        VisitParticipant.objects.visible_to(staff)
        .filter(period.moments("visit__started_at"), staff__in=names, visit__source="")
        .annotate(day=TruncDate("visit__started_at"))
        .order_by()
    )
    led = took_part.filter(role=VisitParticipant.Role.LEAD).values_list("staff", "day")
    with_them = Q(visit__held_with__in=WITH_THEM)
    for worker, day, *minutes in led.annotate(
        with_them=Sum("visit__direct_minutes", filter=with_them, default=0),
        around=Sum("visit__direct_minutes", filter=~with_them, default=0),
        travel=Sum("visit__travel_minutes"),
        notes=Sum("visit__documentation_minutes"),
    ):
        for kind, number in enumerate(minutes):
            row(worker, day)[kind] += number
    others = took_part.exclude(role=VisitParticipant.Role.LEAD).values_list("staff", "day")
    for worker, day, minutes in others.annotate(Sum("minutes")):
        row(worker, day)[LEARNING] += minutes
    talks = MentoringActivity.objects.visible_to(staff).filter(period.days("held_on"), visit=None)
    for mentor, mentee, day, minutes in talks.values_list(
        "pairing__mentor", "pairing__mentee", "held_on", "minutes"
    ):
        for worker in {mentor, mentee} & names.keys():
            row(worker, day)[LEARNING] += minutes
    worked = WorkedDay.objects.visible_to(staff).filter(period.days("on"), staff__in=names)
    for worker, day, minutes in worked.values_list("staff", "on", "minutes"):
        row(worker, day)[WORKED] = minutes
    billed = BillingLine.objects.visible_to(staff).live().filter(period.days("on"), staff__in=names)
    for worker, day, units in billed.order_by().values_list("staff", "on").annotate(Sum("units")):
        row(worker, day)[BILLED] += units
    return dict(found)


def as_file(study):
    """The days of each worker, their sum under them, and no name of anybody served."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            capital("worker"),
            _("Day"),
            worded(_("With {clients}")),
            _("About them"),
            _("Travel"),
            _("Notes"),
            _("Learning together"),
            _("Written down"),
            _("Worked"),
            _("Other work"),
            _("Units billed"),
        ]
    )
    sums = defaultdict(list)
    for (name, worker, day), row in sorted(study.items()):
        writer.writerow([safe(name), day.isoformat(), *_said(row)])
        sums[name, worker].append(row)
    for (name, _worker), rows in sums.items():
        whole = [sum(row[kind] or 0 for row in rows) for kind in range(len(rows[0]))]
        if any(row[WORKED] is None for row in rows):
            whole[WORKED] = None
        writer.writerow([safe(name), _("All"), *_said(whole)])
    return out.getvalue()


def _said(row):
    written = sum(row[:WORKED])
    worked = row[WORKED]
    other = "" if worked is None else worked - written
    return [*row[:WORKED], written, "" if worked is None else worked, other, row[BILLED]]
