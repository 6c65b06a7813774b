"""What Today asks of a worker's own day: agreed visits without a word, plans without a signature, own licences."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Credential
from casemgmt.agencies.words import worded
from clients.models import PlannedVisit
from serviceplans.models import ServicePlan

LOOK_BACK = timedelta(days=30)


def day_of(at):
    """The moments between which a day lies in the agency's time zone; 23 or 25 hours where the clocks change."""
    begin = timezone.make_aware(datetime.combine(at, time.min))
    return begin, timezone.make_aware(datetime.combine(at + timedelta(days=1), time.min))


def own_items(staff, at):
    """(kind, what, person, address, day, symbol, row) of what nobody wrote down, and of own licences. Two queries."""
    begin, _end = day_of(at)
    rows = PlannedVisit.objects.visible_to(staff).ahead().filter(staff=staff)
    for row in rows.between(begin - LOOK_BACK, begin).select_related("enrollment__client"):
        url = reverse("workspace:visit-log", kwargs={"pk": row.enrollment_id}, query={"planned": row.pk})
        what = worded(_("Agreed {visit}: log it or call it off"))
        day = timezone.localtime(row.starts_at).date()
        yield "planned", what, row.enrollment.client, url, day, "calendar-event", row.pk
    until = at + timedelta(days=settings.CREDENTIAL_NOTICE_DAYS)
    held = {}
    for row in Credential.objects.visible_to(staff).filter(staff=staff).order_by("pk"):
        held.setdefault(row.kind, []).append(row)
    for rows in held.values():
        # A renewed licence is a second row.
        if any(row.expires_on is None for row in rows):
            continue
        row = max(rows, key=lambda one: one.expires_on)
        if row.expires_on <= until:
            url = reverse("workspace:reminders") + "#licences"
            yield (
                "credential",
                _("Runs out: %(what)s") % {"what": row},
                None,
                url,
                row.expires_on,
                "flag",
                row.pk,
            )


def draft_plans(staff, enrollments, at):
    """By enrollment, the plan that is written or waits for signatures, as a row of a work list. One query."""
    people = {row.pk: row for row in enrollments}
    drafts = {}
    for plan in ServicePlan.objects.visible_to(staff).drafts().filter(enrollment__in=people):
        row = people[plan.enrollment_id]
        url = reverse("serviceplans:plan-detail", kwargs={"pk": plan.pk})
        since = plan.presented_at and timezone.localtime(plan.presented_at).date()
        what = worded(_("{Plan} to be signed") if since else _("{Plan} to finish"))
        ahead = timedelta(days=settings.PLAN_SIGN_DAYS)
        due_on = since + ahead if since else max(plan.starts_on, row.counted_from) + ahead
        if due_on <= at + ahead:
            drafts[row.pk] = ("unsigned", what, row.client, url, due_on, "bullseye", plan.pk)
    return drafts
