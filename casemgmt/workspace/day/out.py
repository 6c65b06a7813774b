"""A colleague who is out alone: the bar on every page, and who is told when they do not come back (PR-51)."""

from datetime import timedelta

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from clients.models import CheckIn, Enrollment


def out(request):
    """Context for every page: since when and until when somebody is checked in themselves; nothing for the others."""
    staff = getattr(request, "staff", None)
    if staff is None or not staff.may("visit.log"):
        return {}
    return {"out": SimpleLazyObject(lambda: own_check_in(staff))}


def own_check_in(staff):
    """One query, only where a page shows it."""
    row = CheckIn.objects.visible_to(staff).filter(staff=staff).running().first()
    return row and {"row": row, "is_late": row.expected_at <= timezone.now()}


def overdue(staff, at=None):
    """Who of one's people should have been back, grace included, with the person only for who may see the record.

    Derived, so that nobody waits for the job. Two queries.
    """
    now = at or timezone.now()
    rows = CheckIn.objects.visible_to(staff).overdue(now).exclude(staff=staff)
    rows = [
        row
        for row in rows.select_related("staff", "enrollment__program").order_by("expected_at")
        if row.alarm_at() <= now
    ]
    seen = {}
    if rows:
        theirs = Enrollment.objects.visible_to(staff).filter(pk__in=[row.enrollment_id for row in rows])
        seen = {row.pk: row.client for row in theirs.select_related("client")}
    for row in rows:
        row.client = seen.get(row.enrollment_id)
        row.late_by = (now - row.expected_at) // timedelta(minutes=1)
    return rows
