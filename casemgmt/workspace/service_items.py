"""What Today asks about services: to confirm, to tell of, to ask for more of. Derived, in a fixed number of queries."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from serviceplans.models import Authorization, PlannedService, ServiceInterruption, ServiceReferral

ALARM = "exclamation-triangle"


def service_items(staff, enrollments, horizon, at):
    """(kind, what, client, address, day, symbol, row) for these enrollments, due until the horizon. Four queries."""
    people = {row.pk: row.client for row in enrollments}
    yield from _referrals(staff, people, horizon, at)
    yield from _interruptions(staff, people)
    yield from _gone_planned(staff, people, at)


def _referrals(staff, people, horizon, at):
    """Whose receipt nobody has confirmed, by the day to ask (REQ-32, 111), and what the directory dropped."""
    asked = ServiceReferral.objects.visible_to(staff).open().filter(enrollment__in=people)
    asked = asked.filter(
        Q(status__in=ServiceReferral.UNCONFIRMED) | Q(next_on__lte=horizon) | Q(resource__closed_on__lte=at)
    )
    told = ServiceInterruption.objects.visible_to(staff).filter(enrollment__in=people, referral__isnull=False)
    told = set(told.values_list("referral", flat=True))
    for row in asked.select_related("enrollment__program", "resource"):
        client = people[row.enrollment_id]
        url = reverse("serviceplans:referral-detail", kwargs={"pk": row.pk})
        closed = row.resource is not None and not row.resource.is_open
        if closed and row.pk not in told:
            what = _("No longer in the directory: %(service)s. Does it stop?") % {"service": row}
            yield (
                "gone",
                what,
                client,
                _stops_url(row.enrollment_id, referral=row.pk),
                row.resource.closed_on,
                ALARM,
                f"referral-{row.pk}",
            )
        elif row.status in ServiceReferral.UNCONFIRMED or row.next_on is not None:
            what = _("Ask how it stands: %(service)s") % {"service": row}
            yield "service", what, client, url, row.ask_on(), "arrow-right", row.pk


def _interruptions(staff, people):
    """What stops: to tell them by the program's day, and to see how it goes on (REQ-134)."""
    open_now = ServiceInterruption.objects.visible_to(staff).open().filter(enrollment__in=people)
    for row in open_now.select_related("enrollment__program"):
        client = people[row.enrollment_id]
        url = reverse("serviceplans:interruption-edit", kwargs={"pk": row.pk})
        if row.notified_on is None:
            what = _("Tell them that it stops: %(service)s") % {"service": row.service}
            yield "interruption", what, client, url, row.tell_by(), ALARM, f"{row.pk}-tell"
        else:
            what = _("How does it go on: %(service)s") % {"service": row.service}
            yield (
                "interruption",
                what,
                client,
                url,
                max(row.stops_on, row.notified_on),
                "arrow-repeat",
                row.pk,
            )


def _gone_planned(staff, people, at):
    """Services of plans in force that the directory no longer has, and nobody said whether they stop."""
    gone = PlannedService.objects.visible_to(staff).running()
    gone = gone.filter(
        resource__closed_on__lte=at,
        referral=None,
        interruptions=None,
        objective__goal__plan__enrollment__in=people,
        objective__goal__plan__ended_on=None,
    ).exclude(objective__goal__plan__signed_at=None)
    for row in gone.select_related("resource", "objective__goal__plan"):
        enrollment = row.objective.goal.plan.enrollment_id
        what = _("No longer in the directory: %(service)s. Does it stop?") % {"service": row}
        yield (
            "gone",
            what,
            people[enrollment],
            _stops_url(enrollment, planned=row.pk),
            row.resource.closed_on,
            ALARM,
            row.pk,
        )


def _stops_url(enrollment, **what):
    return reverse("serviceplans:interruption-create", kwargs={"pk": enrollment}, query=what)


def approval_items(staff, enrollments, at):
    """The same for approvals that are nearly used, or over within a month (PR-21). One query."""
    people = {row.pk: row.client for row in enrollments}
    rows = Authorization.objects.visible_to(staff).in_force(at).filter(enrollment__in=people).with_used()
    ahead = timedelta(days=settings.AUTHORIZATION_WARN_DAYS)
    for row in rows:
        if row.runs_low(at):
            client = people[row.enrollment_id]
            url = reverse("serviceplans:authorization-list", kwargs={"pk": row.enrollment_id})
            what = _("Authorization runs low: %(what)s") % {"what": row}
            soon = row.ends_on if row.ends_on <= at + ahead else at
            yield "authorization", what, client, url, soon, "file-earmark-text", row.pk
