"""Today: the visits that are agreed upon, whom else to see, and what is to be done."""

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Notice
from casemgmt.core.views import page, show
from casemgmt.workspace.day.kinds import may_wait
from casemgmt.workspace.day.rows import alerts_of, planned_today, whereabouts
from casemgmt.workspace.worklists import SOON, items_of, own_enrollments
from clients.models import Snooze, Visit
from mentoring.models import waiting_count

READ = ("GET", "HEAD")


@page("today.view", records=True, methods=READ)
def today(request):
    """Visits of the day by time, whom the rhythm says to see, what is late and what is due."""
    staff, at = request.staff, timezone.localdate()
    enrollments = list(own_enrollments(staff).open())
    items = items_of(staff, at, enrollments=enrollments)
    visits, following = planned_today(staff, at)
    to_see = _to_see(enrollments, items, at, visits, following)
    rests = list(Snooze.objects.visible_to(staff).of(staff).resting(at).select_related("client"))
    alerts = alerts_of(staff, {row.enrollment.client_id for row in visits} | {e.client_id for e in to_see})
    for row in visits:
        client = row.enrollment.client
        row.alerts = alerts.get(client.pk, [])
        row.where = whereabouts(staff, client, row.place, goes=row.mode == Visit.Mode.IN_PERSON)
        row.is_next = False
    if upcoming := next((row for row in visits if row.visit_id is None), None):
        upcoming.is_next = True
    for row in to_see:
        row.alerts = alerts.get(row.client_id, [])
        row.where = whereabouts(staff, row.client)
    for item in items:
        item.when, item.may_wait = item.said(at), may_wait(item)
    todo = [item for item in items if item.kind != "contact"]
    show(request, {item.client for item in items if item.client})
    show(request, {row.enrollment.client_id for row in visits} | {row.client_id for row in to_see})
    show(request, {row.client_id for row in rests})
    context = {
        "groups": _groups(todo, at),
        "count": len(todo),
        "visits": visits,
        "to_see": [row for row in to_see if row.contact_due_on() <= at and not row.planned_next],
        "to_see_later": [row for row in to_see if row.contact_due_on() > at or row.planned_next],
        "at": at,
        "rests": rests,
        "waiting": waiting_count(staff),
        "notices": list(Notice.objects.visible_to(staff).unread()[:20]),
    }
    return render(request, "workspace/today.html", context)


def _groups(todo, at):
    return [
        {"title": _("Late"), "key": "late", "items": [i for i in todo if i.is_late(at)]},
        {
            "title": _("Today"),
            "key": "today",
            "items": [i for i in todo if i.due_on == at and not i.is_late(at)],
        },
        {
            "title": _("Within a week"),
            "key": "soon",
            "items": [i for i in todo if at < i.due_on <= at + SOON],
        },
        {"title": _("After that"), "key": "later", "items": [i for i in todo if i.due_on > at + SOON]},
    ]


def _to_see(enrollments, items, at, visits, following):
    """Whom the rhythm of their care says to see within a week, without whom one sees today or has put off."""
    due = {int(item.subject): item for item in items if item.kind == "contact"}
    agreed = {row.enrollment_id for row in visits}
    rows = []
    for row in enrollments:
        item = due.get(row.pk)
        if item is None or row.pk in agreed or item.due_on > at + SOON:
            continue
        row.when, row.is_late, row.item = item.said(at), item.due_on < at, item
        row.planned_next = following.get(row.pk)
        rows.append(row)
    return sorted(rows, key=lambda row: row.contact_due_on())
